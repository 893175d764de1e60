"""``sync``: what was taken in from a folder follows the folder, and nothing else does."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from rag.errors import InvalidValue
from rag.library import Library
from rag.settings import Settings
from rag.syncing import FileChange, Stamps, sync, watch
from tests.toys import toy_source


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    (folder / "deep").mkdir(parents=True)
    (folder / "a.txt").write_text("老磨坊有三台水车。", encoding="utf-8")
    (folder / "deep" / "a.txt").write_text("新磨坊有五台水车。", encoding="utf-8")
    return folder


def became(
    library: Library, folder: Path, stamps: Stamps | None = None
) -> dict[str, str]:
    return {change.name: change.became for change in sync(library, folder, stamps)}


def texts(library: Library) -> set[str]:
    return {document.text for document in library.documents()}


def test_a_folder_is_followed(empty_library: Library, folder: Path) -> None:
    library = empty_library
    library.ingest_source(toy_source("elsewhere.txt", "桥长两百米。"))
    assert became(library, folder) == {"a.txt": "added", "deep/a.txt": "added"}
    assert became(library, folder) == {"a.txt": "unchanged", "deep/a.txt": "unchanged"}
    (folder / "a.txt").write_text("老磨坊有七台水车。", encoding="utf-8")
    (folder / "deep" / "a.txt").unlink()
    (folder / "b.txt").write_text("码头有两座。", encoding="utf-8")
    changes = {change.name: change for change in sync(library, folder)}
    assert changes["a.txt"] == FileChange("a.txt", "updated", (4,), (2,))
    assert changes["b.txt"].became == "added"
    assert changes["deep/a.txt"] == FileChange("deep/a.txt", "removed", (), (3,))
    assert texts(library) == {"桥长两百米。", "老磨坊有七台水车。", "码头有两座。"}


def test_a_file_that_was_renamed_is_not_read_again(
    empty_library: Library, folder: Path
) -> None:
    list(sync(empty_library, folder))
    (folder / "a.txt").rename(folder / "z.txt")
    changes = {change.name: change for change in sync(empty_library, folder)}
    assert changes["z.txt"] == FileChange("z.txt", "added", (1,))
    assert changes["a.txt"] == FileChange("a.txt", "removed")
    assert empty_library.document(1).source_name == "z.txt"


def test_a_file_that_cannot_be_read_keeps_its_older_self(
    empty_library: Library, folder: Path
) -> None:
    list(sync(empty_library, folder))
    (folder / "a.txt").write_bytes(b"")
    (change, _) = sync(empty_library, folder)
    assert (change.became, change.warnings[0].kind) == ("failed", "empty")
    assert "老磨坊有三台水车。" in texts(empty_library)


def test_what_is_passed_over_is_named(empty_library: Library, folder: Path) -> None:
    for name in ("photo.heic", "deep/README.md", ".hidden.txt"):
        (folder / name).write_text("x", encoding="utf-8")
    told = {
        change.name: change.warnings[0].kind
        for change in sync(empty_library, folder)
        if change.warnings
    }
    assert told == {"photo.heic": "unsupported", "deep/README.md": "left_out"}


def test_a_folder_that_is_not_there_empties_nothing(
    empty_library: Library, folder: Path
) -> None:
    list(sync(empty_library, folder))
    folder.rename(folder.with_name("unplugged"))
    with pytest.raises(InvalidValue, match="folder"):
        list(sync(empty_library, folder))
    assert empty_library.counts()["documents"] == 2


def test_only_its_own_files_are_missed(
    empty_library: Library, folder: Path, tmp_path: Path
) -> None:
    beside = tmp_path / "notes2"
    beside.mkdir()
    (beside / "c.txt").write_text("邻居的笔记。", encoding="utf-8")
    list(empty_library.ingest([beside]))
    (beside / "c.txt").unlink()
    list(sync(empty_library, folder))
    assert "邻居的笔记。" in texts(empty_library)
    assert became(empty_library, beside) == {"c.txt": "removed"}


def test_a_file_with_the_stamp_it_had_is_not_opened(
    empty_library: Library, folder: Path
) -> None:
    stamps: Stamps = {}
    list(sync(empty_library, folder, stamps))
    path = folder / "a.txt"
    stamp = path.stat()
    path.write_text("老磨坊有九台水车。", encoding="utf-8")
    os.utime(path, ns=(stamp.st_atime_ns, stamp.st_mtime_ns))
    assert became(empty_library, folder, stamps)["a.txt"] == "unchanged"
    os.utime(path)
    assert became(empty_library, folder, stamps)["a.txt"] == "updated"


def test_a_watch_tells_of_a_change_once_the_folder_is_still(folder: Path) -> None:
    told: list[int] = []
    turns = iter(["", "写了一半", "写完了", "", ""])

    def wait(_: float) -> None:
        text = next(turns, None)
        if text is None:
            raise KeyboardInterrupt
        if text:
            (folder / "c.txt").write_text(text, encoding="utf-8")

    def changed() -> None:
        told.append(
            (folder / "c.txt").stat().st_size if (folder / "c.txt").exists() else 0
        )

    with pytest.raises(KeyboardInterrupt):
        watch(folder, changed, home=folder / "home", every=1, wait=wait)
    assert told == [0, len("写完了".encode())]


def test_the_data_folder_is_no_part_of_the_folder_around_it(folder: Path) -> None:
    home = folder / "data"
    with Library.open(Settings(home=home, encoder="quick")) as library:
        assert (home / "lock").is_file()
        (home / "mine.txt").write_text("磨坊旁边有一口井。", encoding="utf-8")
        found = became(library, folder)
        assert found["data/mine.txt"] == "added"
        assert not {"data/lock", "data/indexes/dense.json"} & found.keys()


def test_a_watch_does_not_wake_itself_by_writing_to_its_data_folder(
    folder: Path,
) -> None:
    home = folder / "data"
    told: list[str] = []
    turns = iter(range(3))

    def wait(_: float) -> None:
        if next(turns, None) is None:
            raise KeyboardInterrupt

    def changed() -> None:
        told.append("changed")
        home.mkdir(exist_ok=True)
        (home / "lock").write_text(f"process {len(told)}", encoding="utf-8")

    with pytest.raises(KeyboardInterrupt):
        watch(folder, changed, home=home, every=1, wait=wait)
    assert told == ["changed"]
