"""``chuchu sync``: what was taken in from a folder follows the folder.

for change in sync(library, Path("notes")):
    ...                                    added, updated, unchanged, removed, failed or left out
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from rag import sources
from rag.errors import InvalidValue
from rag.home.own_files import is_own_file
from rag.library import Failed, Ingested, Library
from rag.records import Warning
from rag.store.places import Place

Became = Literal["added", "updated", "unchanged", "removed", "failed", "left_out"]

Stamps = dict[Path, tuple[int, int]]
"""``(mtime in nanoseconds, bytes)`` of files that are known to be as they were taken in."""


@dataclass(frozen=True, slots=True)
class FileChange:
    """What became of one file; ``name`` is its path from the folder on.

    ``documents`` are the ids that are there now, ``removed`` those that are gone. ``warnings`` say what was
    left out of it, or why all of it was.
    """

    name: str
    became: Became
    documents: tuple[int, ...] = ()
    removed: tuple[int, ...] = ()
    warnings: tuple[Warning, ...] = ()


def sync(
    library: Library, folder: Path, stamps: Stamps | None = None
) -> Iterator[FileChange]:
    """Take in what is new or changed in a folder, and remove what was taken in from it and is gone.

    Only what came from this folder is ever removed, and a file that is there but cannot be read, or whose
    new content cannot, keeps its older self.

    Args:
        stamps: files that still have their stamp are not opened; new stamps are noted in it.

    Raises:
        InvalidValue: it is not a folder. A drive that is not there must not empty the store.
    """
    if not folder.is_dir():
        raise InvalidValue("folder", str(folder), "a folder that exists")
    return _changes(library, folder, {} if stamps is None else stamps)


def _changes(library: Library, folder: Path, stamps: Stamps) -> Iterator[FileChange]:
    home = library.settings.home
    for found in sources.look_through([folder]):
        if isinstance(found, Warning):
            became: Became = "failed" if found.kind == "failed" else "left_out"
            yield FileChange(found.name, became, warnings=(found,))
        elif is_own_file(home, found):
            continue
        elif (stamp := stamp_of(found)) is None or stamps.get(found) != stamp:
            change = _changed(library, folder, found)
            # One that failed is tried again the next time: it may have been half written.
            if change.became != "failed" and stamp is not None:
                stamps[found] = stamp
            yield change
        else:
            yield FileChange(str(found.relative_to(folder)), "unchanged")
    # Taken in from here before, and no more to be seen: deleted, renamed, or moved elsewhere.
    for path in map(Path, library.store.paths_in(folder)):
        if _is_gone(path):
            removed = library.leave(Place("path", str(path)))
            stamps.pop(folder / path.relative_to(folder.resolve()), None)
            yield FileChange(
                str(path.relative_to(folder.resolve())), "removed", removed=removed
            )


def _changed(library: Library, folder: Path, path: Path) -> FileChange:
    name = str(path.relative_to(folder))
    had_one = bool(library.store.shas_at(Place.of_path(path)))
    done: list[Ingested] = []
    for each in library.ingest([path]):
        if isinstance(each, Failed):
            return FileChange(
                name, "failed", warnings=(replace(each.warning, name=name),)
            )
        done.append(each)
    documents = [document.id for each in done for document in each.documents]
    removed = [id_ for each in done for id_ in each.replaced]
    warnings = [
        replace(each, name=name) for one in done for each in one.source.warnings
    ]
    became: Became = "unchanged"
    if not (had_one or removed):
        became = "added"  # also where the same bytes are here from elsewhere
    elif removed or any(each.new for each in done):
        became = "updated"
    return FileChange(name, became, tuple(documents), tuple(removed), tuple(warnings))


def stamp_of(path: Path) -> tuple[int, int] | None:
    """When a file was last written, and its size; None when it cannot be looked at."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size


def _is_gone(path: Path) -> bool:
    """Whether a path is not there; one that may not be looked at is."""
    try:
        path.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return True
    except OSError:
        return False
    return False


def watch(
    folder: Path,
    changed: Callable[[], None],
    *,
    home: Path,
    every: float,
    wait: Callable[[float], object] = time.sleep,
) -> None:
    """Call ``changed`` at once and then whenever a file of a folder came, went or was written; never returns.

    A change is told of once the folder has stayed as it is for one turn, so that a file is not read while it
    is being written.

    Args:
        home: the data folder; its own files change whenever it is used, so they are not looked at.
        every: seconds between two looks.
        wait: how to wait; what it raises ends the watch.
    """
    told: Stamps | None = None
    before = _stamps(folder, home)
    while True:
        if before != told:
            told = before
            changed()
        wait(every)
        now = _stamps(folder, home)
        # Somebody is writing: it is told of once two looks in a row see the same.
        while now != before:
            before = now
            wait(every)
            now = _stamps(folder, home)


def _stamps(folder: Path, home: Path) -> Stamps:
    stamps: Stamps = {}
    for found in sources.look_through([folder]):
        if isinstance(found, Warning) or is_own_file(home, found):
            continue
        stamp = stamp_of(found)
        if stamp is not None:
            stamps[found] = stamp
    return stamps
