"""The files that paths name, and what in their folders is passed over, each with the reason."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from rag.errors import SourceError
from rag.records import Warning
from rag.sources.refusals import ADVICE

_JUNK_FOLDERS = frozenset(("__pycache__", "__macosx", "node_modules", "$recycle.bin"))
_JUNK_FILES = frozenset(("thumbs.db", "ehthumbs.db", "desktop.ini"))


def look_through(paths: Iterable[Path]) -> Iterator[Path | Warning]:
    """The files at ``paths``, folders recursively and in order of name, and what of them is not read.

    A file that is named directly is always yielded. Inside a folder a file of a kind that is not read, a link
    that leads out of the folder, and a README beside other files (it tells of them) come as warnings, named
    from the folder on: ``trips/photo.heic``. What nobody means is passed over without a word: hidden files
    and folders, and what systems and programs leave behind (``Thumbs.db``, ``~$report.docx``). A path that
    does not exist and a folder that cannot be listed are warnings of kind ``failed``. Links to folders are
    not followed.
    """
    for path in map(Path, paths):
        if path.is_dir():
            yield from _in_folder(path)
        elif os.path.lexists(path):
            yield path
        else:
            yield Warning(str(path), "failed", "there is no such file or folder")


def walk(paths: Iterable[Path]) -> Iterator[Path]:
    """The files that ``look_through`` finds, for a caller who needs all that he names.

    Raises:
        SourceError: a path does not exist, or a folder cannot be listed.
    """
    for found in look_through(paths):
        if isinstance(found, Path):
            yield found
        elif found.kind == "failed":
            raise SourceError(found.name, found.detail)


def _in_folder(top: Path) -> Iterator[Path | Warning]:
    unlisted: list[OSError] = []
    readmes: list[Path] = []
    others = 0
    for folder, folders, files in os.walk(top, onerror=unlisted.append):
        # Changed in place: what is left out here is not walked into.
        wanted = [name for name in folders if not _is_junk(name, _JUNK_FOLDERS)]
        folders[:] = sorted(wanted)
        for name in sorted(files):
            if _is_junk(name, _JUNK_FILES):
                continue
            path = Path(folder, name)
            if (left_out := _left_out(top, path)) is not None:
                yield left_out
            elif path.stem.upper() == "README":
                readmes.append(path)
                continue
            else:
                yield path
            others += 1
    for path in readmes:
        # Alone it is what the folder holds.
        if not others:
            yield path
            continue
        why = "it tells of its folder; name it to take it in"
        yield Warning(_name(top, path), "left_out", why)
    for error in unlisted:
        why = f"the folder cannot be listed ({error.strerror})"
        yield Warning(str(error.filename), "failed", why)


def _left_out(top: Path, path: Path) -> Warning | None:
    """Why a file in a folder is not read, if it is not."""
    if _leads_out(path, top):
        why = "it is a link that leads out of the folder"
        return Warning(_name(top, path), "left_out", why)
    suffix = path.suffix.lower()
    if suffix in ADVICE:
        why = f"{suffix} files are not read; {ADVICE[suffix]}"
        return Warning(_name(top, path), "unsupported", why)
    return None


def _name(top: Path, path: Path) -> str:
    return path.relative_to(top).as_posix()


def _is_junk(name: str, junk: frozenset[str]) -> bool:
    return name.startswith((".", "~$")) or name.lower() in junk


def _leads_out(path: Path, top: Path) -> bool:
    if not path.is_symlink():
        return False
    return not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(top))
