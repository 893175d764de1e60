"""The files that paths name, and what in their folders is passed over, each with the reason."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

from rag.records import Warning
from rag.sources.files import FORMATS


def look_through(paths: Iterable[Path]) -> Iterator[Path | Warning]:
    """The files at ``paths``, folders recursively and in order of name, and what of them is not read.

    A file that is named directly is always yielded. Inside a folder a file of a kind that is not read and a
    README (it tells of the folder) come as warnings, named from the folder on: ``trips/photo.heic``. Hidden
    files and folders belong to programs and are passed over without a word. A path that does not exist and
    a folder that cannot be listed are warnings of kind ``failed``. Links to folders are not followed.
    """
    for path in map(Path, paths):
        if path.is_dir():
            yield from _in_folder(path)
        elif os.path.lexists(path):
            yield path
        else:
            yield Warning(str(path), "failed", "there is no such file or folder")


def _in_folder(top: Path) -> Iterator[Path | Warning]:
    unlisted: list[OSError] = []
    for folder, folders, files in os.walk(top, onerror=unlisted.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(files):
            if not name.startswith("."):
                yield _file(top, Path(folder, name))
    for error in unlisted:
        yield Warning(str(error.filename), "failed", f"the folder cannot be listed ({error.strerror})")


def _file(top: Path, path: Path) -> Path | Warning:
    name = str(path.relative_to(top))
    suffix = path.suffix.lower()
    if suffix not in FORMATS:
        kind = f"a {suffix} file" if suffix else "a file without a suffix"
        return Warning(name, "unsupported", f"{kind}; read are {' '.join(sorted(FORMATS))}")
    if path.stem.upper() == "README":
        return Warning(name, "left_out", "it tells of its folder; name the file itself to take it in")
    return path
