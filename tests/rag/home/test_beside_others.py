"""The store beside other programs, and in folders that are not as they should be."""

from __future__ import annotations

import os
import shutil
import stat
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import apsw
import pytest

from api.problems import response_to
from rag.errors import NotFound, StoreBusy, StoreError, StoreReadOnly
from rag.library import Library, Question
from rag.loading import Models
from rag.settings import Settings
from rag.store.feedback import Shown
from rag.store.store import Store
from tests.toy_store import bytes_of, dense_of, lexical_of, put
from tests.toys import TOY, toy_source


def opened(home: Path) -> Library:
    return Library.open(Settings(home=home, rerank=False))


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with opened(tmp_path / "home") as library:
        for name, text in TOY.items():
            library.ingest_source(toy_source(name, text))
        library._store._connections._writer.set_busy_timeout(20)  # type: ignore[union-attr]
        yield library


def other_program(library: Library) -> apsw.Connection:
    return apsw.Connection(str(library.settings.home / "chuchu.db"))


def test_an_outside_writer_is_waited_for_and_then_told_of(library: Library) -> None:
    other = other_program(library)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(StoreBusy, match="another program is writing") as caught:
        library.delete(1)
    response = response_to(caught.value, "/v1/documents/1")
    assert (response.status_code, response.headers["Retry-After"]) == (503, "3")
    other.close()
    library.delete(1)


def test_a_deletion_is_not_acknowledged_while_a_reader_keeps_its_text(
    library: Library,
) -> None:
    other = other_program(library)
    other.execute("BEGIN").execute("SELECT * FROM documents").fetchall()
    with pytest.raises(StoreBusy, match="no longer found"):
        library.delete(1)
    assert library.ask(Question("小镇图书馆有多少册藏书？")).status != "answered"
    with pytest.raises(StoreBusy):  # asking again does not make it so
        library.delete(1)
    other.close()
    library.delete(1)
    assert "周明远".encode() not in bytes_of(library.settings.home)
    with pytest.raises(NotFound):
        library.delete(1)


def test_a_newer_file_is_not_acknowledged_while_a_reader_keeps_the_older_one(
    library: Library, tmp_path: Path
) -> None:
    note = tmp_path / "note.txt"
    note.write_text("旧的秘密是十八。", encoding="utf-8")
    list(library.ingest([note]))
    other = other_program(library)
    other.execute("BEGIN").execute("SELECT * FROM documents").fetchall()
    note.write_text("新的一句。", encoding="utf-8")
    with pytest.raises(StoreBusy, match="no longer found"):
        list(library.ingest([note]))
    with pytest.raises(
        StoreBusy
    ):  # not for anything else that is deleted meanwhile, either
        library.delete(1)
    other.close()
    list(library.ingest([note]))
    library.delete(2)
    assert "旧的秘密".encode() not in bytes_of(library.settings.home)


def test_taking_back_a_word_is_not_acknowledged_while_a_reader_keeps_it(
    library: Library,
) -> None:
    told = Shown("a" * 32, "谁？", "not_found", "", None, (), (), {}, listed=(1,))
    library.feedback.put(told, "down", comment="秘密是十八")
    other = other_program(library)
    other.execute("BEGIN").execute("SELECT * FROM feedback").fetchall()
    with pytest.raises(StoreBusy, match="taken back"):
        library.feedback.delete(told.id)
    other.close()
    library.feedback.put(told, "up")
    library.feedback.delete(told.id)
    assert "秘密是十八".encode() not in bytes_of(library.settings.home)


def test_questions_beside_deletions_all_get_an_answer(library: Library) -> None:
    """The bridge stays, so that its question is always answered; the others come and go while they are read."""
    staying = "How long is the bridge?"
    failures: list[BaseException] = []
    statuses: set[str] = set()
    stop = threading.Event()

    def ask() -> None:
        while not stop.is_set():
            for text in ("河湾果园收获苹果多少吨？", "介绍一下图书馆", staying):
                try:
                    status = library.ask(Question(text)).status
                except BaseException as error:
                    failures.append(error)
                    continue
                if text == staying:
                    statuses.add(status)

    threads = [threading.Thread(target=ask) for _ in range(2)]
    for thread in threads:
        thread.start()
    for _ in range(8):
        for name in ("图书馆.txt", "苹果.md"):
            done = library.ingest_source(toy_source(name, TOY[name]))
            library.delete(done.documents[0].id)
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert statuses == {"answered"}


# modes


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_what_is_kept_is_its_owners_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir(0o755)
    with Store.open(home) as store:
        put(store, "甲。")
        dense_of(store).save()
        lexical_of(store).save()
        files = [path for path in home.rglob("*") if path.is_file()]
        assert len(files) >= 7
        assert {path.name: mode(path) for path in files} == {
            path.name: 0o600 for path in files
        }
        assert (mode(home), mode(home / "indexes")) == (0o700, 0o700)
    (home / "chuchu.db").chmod(0o644)
    (home / "indexes" / "dense.json").chmod(0o644)
    Store.open(home).close()
    assert mode(home / "chuchu.db") == mode(home / "indexes" / "dense.json") == 0o600


def test_a_folder_that_everybody_uses_is_left_to_everybody(tmp_path: Path) -> None:
    home = tmp_path / "shared"
    home.mkdir()
    home.chmod(0o1777)
    Store.open(home).close()
    assert mode(home) == 0o1777
    assert mode(home / "chuchu.db") == 0o600


# folders of the wrong kind


def as_folder(path: Path) -> None:
    path.unlink(missing_ok=True)
    path.mkdir()


def as_file(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    path.write_bytes(b"")


WRONG: dict[str, tuple[Callable[[Path], None], str, str]] = {
    "the lock is a folder": (
        as_folder,
        "lock",
        "lock: got Is a directory, expected a file",
    ),
    "the store is a folder": (
        as_folder,
        "chuchu.db",
        "chuchu.db: got a folder, expected the file",
    ),
    "the indexes are a file": (
        as_file,
        "indexes",
        "indexes: got File exists, expected a folder",
    ),
    "the home is a file": (as_file, "", "cannot be made or used"),
}


@pytest.mark.parametrize(("spoil", "name", "said"), WRONG.values(), ids=WRONG)
def test_what_is_of_the_wrong_kind_is_named_in_a_sentence(
    tmp_path: Path, spoil: Callable[[Path], None], name: str, said: str
) -> None:
    home = tmp_path / "home"
    opened(home).close()
    spoil(home / name)
    with pytest.raises(StoreError, match=said):
        opened(home)


def test_a_leftover_or_a_snapshot_that_is_a_folder_is_no_obstacle(
    tmp_path: Path,
) -> None:
    with Store.open(tmp_path) as store:
        put(store, "甲。")
        dense_of(store).save()
        (data,) = (tmp_path / "indexes").glob("dense-*.bin")
        as_folder(data)
        (tmp_path / "indexes" / "dense.json.tmp").mkdir()
        assert len(dense_of(store)) == 1
        as_folder(tmp_path / "indexes" / "dense.json")
        assert len(dense_of(store)) == 1


# folders that can only be read


@pytest.fixture
def frozen(monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The home of a library that nobody may write any more, and we are nobody in particular.

    Models and modules are loaded before: nobody may read a checkout that is its owner's alone.
    """
    above = Path(tempfile.mkdtemp())
    above.chmod(0o755)
    home = above / "home"
    with opened(home) as library:
        for name, text in TOY.items():
            library.ingest_source(toy_source(name, text))
    loaded = Models.of(Settings(rerank=False))
    monkeypatch.setattr(Models, "of", lambda _: loaded.again())
    with opened(home) as library:
        assert library.ask(Question("河湾果园收获苹果多少吨？")).status == "answered"
    somebody = 65534
    root = os.geteuid() == 0
    for path in (*home.rglob("*"), home):
        if root:
            os.chown(path, somebody, somebody)
        path.chmod(0o500 if path.is_dir() else 0o400)
    if root:
        os.seteuid(somebody)
    try:
        yield home
    finally:
        if root:
            os.seteuid(0)
        home.chmod(0o700)
        (home / "indexes").chmod(0o700)
        shutil.rmtree(above)


def test_a_home_that_cannot_be_written_can_be_asked(frozen: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in frozen.rglob("*")}
    with opened(frozen) as library:
        assert library.ask(Question("河湾果园收获苹果多少吨？")).status == "answered"
        assert len(library.documents()) == 3
        assert library.troubles() == ["the data folder can be read and not written"]
        with pytest.raises(StoreReadOnly):
            library.delete(1)
        with pytest.raises(StoreReadOnly):
            library.ingest_source(toy_source("新.txt", "新的一篇。"))
    assert {path: path.stat().st_mtime_ns for path in frozen.rglob("*")} == before


def test_a_home_that_cannot_be_written_and_has_no_store_is_told_of(
    frozen: Path,
) -> None:
    with pytest.raises(StoreError, match="cannot be made"):
        opened(frozen / "deeper")
