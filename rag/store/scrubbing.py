"""A file for SQLite that never writes leftovers of rows to the disk.

``PRAGMA secure_delete`` overwrites the row that is deleted, but not the copies of it that balancing leaves
behind: when rows move to a neighbouring page, their old bytes stay in the page's unallocated space. That
means nothing to SQLite (file format, "B-tree Pages": it lies between the cell pointers and the cell content
area), so it is written as zeros here.

In WAL mode a page reaches the database by a checkpoint, which goes through here. The log is not touched:
after a deletion it is emptied, and the writer forgets its pages so that leftovers in them do not come back.
"""

from __future__ import annotations

from typing import Final

import apsw

VFS_NAME: Final = "chuchu-scrubbing"

_FILE_HEADER: Final = 100
_PAGE_HEADERS: Final = {2: 12, 5: 12, 10: 8, 13: 8}
"""Length of the header of a b-tree page by the page's first byte. Other pages begin with the four bytes of a
page number, whose first is at most 1 in a database below 2**25 pages (275 GB)."""


def scrubbed(page: bytes, offset: int) -> bytes:
    """A page that is to be written at ``offset`` of the database, its unallocated space zeroed."""
    at = _FILE_HEADER if offset == 0 else 0
    header = _PAGE_HEADERS.get(page[at])
    if header is None:
        return page
    begin = at + header + 2 * int.from_bytes(page[at + 3 : at + 5], "big")
    end = int.from_bytes(page[at + 5 : at + 7], "big") or 65536
    if not begin <= end <= len(page):
        return page
    return page[:begin] + bytes(end - begin) + page[end:]


class _ScrubbingFile(apsw.VFSFile):
    def xWrite(self, data: bytes, offset: int) -> None:  # noqa: N802
        super().xWrite(scrubbed(data, offset), offset)


class _ScrubbingVFS(apsw.VFS):
    def __init__(self) -> None:
        super().__init__(VFS_NAME, "")

    def xOpen(  # noqa: N802
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> apsw.VFSFile:
        if flags[0] & apsw.SQLITE_OPEN_MAIN_DB:
            return _ScrubbingFile("", name, flags)
        return super().xOpen(name, flags)


_registered = _ScrubbingVFS()  # for as long as the process lives
