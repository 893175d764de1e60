"""Where a source was taken in from, so that a later version of it finds its older self.

A source has a place for each way in which it came: the file on this machine, the name of an upload, the title
under which it was typed. The same bytes from two files are one source at two places, and go when neither file
holds them any more. Two versions kept side by side are two sources at one place.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, Literal, Self

import apsw

PlaceKind = Literal["path", "upload", "typed", "unknown"]

_OF_A_FOLDER: Final = "kind = 'path' AND substr(place, 1, length(?1)) = ?1"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a source came from.

    ``path``     a file on this machine, by its absolute path
    ``upload``   handed in over HTTP, by its name
    ``typed``    a text with a title; it has no older self, whatever its title
    ``unknown``  taken in before places were kept, by its name
    """

    kind: PlaceKind
    name: str

    @classmethod
    def of_path(cls, path: Path) -> Self:
        """A file by its absolute path, links in its folders followed: ``a.txt`` is ``../x/a.txt``."""
        return cls("path", str(path.parent.resolve() / path.name))


def older_versions(
    db: apsw.Connection, place: Place, current: Collection[str]
) -> tuple[int, ...]:
    """The ids of the sources that what comes from ``place`` now stands in for.

    Those at the very place, else one of unknown origin that has the file's name, else, for an upload, the one
    source of that name from anywhere. Two files of that name in two folders are nobody's older self: which of
    them was meant cannot be known.

    Args:
        current: SHA-256 of what is there now; none of these is its own older self.
    """
    if place.kind == "typed":
        return ()
    at = _others(db, "kind = ? AND place = ?", (place.kind, place.name), current)
    if at:
        return at
    name = Path(place.name).name
    unsure = [("kind = 'unknown' AND place = ?", name)]
    if place.kind == "upload":
        unsure.append(("kind = 'path' AND name = ?", name))
    for where, key in unsure:
        if len(found := _others(db, where, (key,), current)) == 1:
            return found
    return ()


def add_place(db: apsw.Connection, source_id: int, place: Place) -> None:
    """Note that a source is found at a place; harmless when it is noted already.

    From then on it is known where it came from, and no other file of its name takes it for its older self.
    """
    db.execute(
        "DELETE FROM places WHERE source_id = ? AND kind = 'unknown'", (source_id,)
    )
    db.execute(
        "INSERT OR IGNORE INTO places (source_id, kind, place) VALUES (?, ?, ?)",
        (source_id, place.kind, place.name),
    )


def remove_from_place(db: apsw.Connection, source_id: int, place: Place | None) -> bool:
    """Take a source from a place; whether it is found nowhere now.

    With None, or where it was taken for an older self by its name alone, it leaves every place.
    """
    if place is None or not _is_at(db, source_id, place):
        db.execute("DELETE FROM places WHERE source_id = ?", (source_id,))
        return True
    db.execute(
        "DELETE FROM places WHERE source_id = ? AND kind = ? AND place = ?",
        (source_id, place.kind, place.name),
    )
    rows: list[Any] = db.execute(
        "SELECT place FROM places WHERE source_id = ?", (source_id,)
    ).fetchall()
    names = sorted({Path(each).name for (each,) in rows})
    if names and Path(place.name).name not in names:
        # a.txt and b.txt hold the same, and a.txt goes: from now on the source is called b.txt.
        db.execute("UPDATE sources SET name = ? WHERE id = ?", (names[0], source_id))
    return not rows


def _is_at(db: apsw.Connection, source_id: int, place: Place) -> bool:
    """Whether a source was taken in from a place."""
    row = db.execute(
        "SELECT 1 FROM places WHERE source_id = ? AND kind = ? AND place = ?",
        (source_id, place.kind, place.name),
    ).fetchone()
    return row is not None


def paths_in_folder(db: apsw.Connection, folder: Path) -> list[str]:
    """The absolute paths below a folder from which something was taken in, in order."""
    prefix = str(folder.resolve()).rstrip("/") + "/"
    rows: Iterable[Any] = db.execute(
        f"SELECT DISTINCT place FROM places WHERE {_OF_A_FOLDER} ORDER BY place",  # noqa: S608
        (prefix,),
    )
    return [path for (path,) in rows]


def sources_at(db: apsw.Connection, place: Place) -> list[tuple[int, str]]:
    """``(source id, SHA-256)`` of what was taken in from a place, oldest first."""
    rows: Iterable[Any] = db.execute(
        "SELECT sources.id, sha256 FROM places JOIN sources ON sources.id = source_id "
        "WHERE kind = ? AND place = ? ORDER BY sources.id",
        (place.kind, place.name),
    )
    return [(source_id, sha256) for source_id, sha256 in rows]


def _others(
    db: apsw.Connection, where: str, bindings: tuple[str, ...], current: Collection[str]
) -> tuple[int, ...]:
    rows: Iterable[Any] = db.execute(
        "SELECT DISTINCT sources.id, sha256 FROM places JOIN sources ON sources.id = source_id "  # noqa: S608
        f"WHERE {where} ORDER BY sources.id",
        bindings,
    )
    return tuple(id_ for id_, sha256 in list(rows) if sha256 not in current)
