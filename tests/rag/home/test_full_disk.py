"""A full disk: what is committed is acknowledged, what is not leaves nothing, and deleting makes room."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from rag.errors import DiskFull
from rag.home.space import LEAST_SPARE, Spare
from rag.store.store import Store
from tests.small_disk import MEGABYTE, SmallDisk, small_disk
from tests.toy_store import dense_of, lexical_of, put


@pytest.fixture
def disk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[SmallDisk]:
    with small_disk(tmp_path / "home", monkeypatch) as disk:
        disk.folder.mkdir()
        yield disk


def filled(store: Store, disk: SmallDisk) -> int:
    """Documents put until one does not fit; how many did."""
    for number in range(100):
        try:
            put(store, f"第{number}篇。" + "长" * 8_000, name=f"{number}.txt")
        except DiskFull:
            return number
    raise AssertionError("it never was full")


def test_what_does_not_fit_is_refused_and_leaves_nothing(disk: SmallDisk) -> None:
    with Store.open(disk.folder) as store:
        held = filled(store, disk)
        assert held > 0
        assert store.full
        assert store.counts()["documents"] == store.counts()["sources"] == held
        assert store.check() == []
    with Store.open(disk.folder) as store:
        assert store.counts()["documents"] == held
        assert [each.title[:2] for each in store.documents()][-1] == f"第{held - 1}"[:2]


def test_with_nothing_left_a_document_can_be_deleted_and_another_put(
    disk: SmallDisk,
) -> None:
    with Store.open(disk.folder) as store:
        filled(store, disk)
        disk.fill()
        assert disk.free == 0 and store.spare.held >= LEAST_SPARE
        with pytest.raises(DiskFull):
            put(store, "另一篇" * 50_000)
        store.delete_document(1)
        store.ensure_gone()
        assert store.spare.held >= LEAST_SPARE, "the room is held back again"
        put(store, "另一篇。")
        assert not store._connections.refused


def test_what_is_committed_can_always_be_carried_over_into_the_database(
    disk: SmallDisk,
) -> None:
    with Store.open(disk.folder) as store:
        held = filled(store, disk)
        disk.fill()
        assert store._connections.empty_log(anyway=True), (
            "the database had room for all of its log"
        )
        assert (disk.folder / "chuchu.db-wal").stat().st_size == 0
        assert store.counts()["documents"] == held


def test_a_committed_write_is_acknowledged_though_the_log_cannot_be_emptied(
    disk: SmallDisk,
) -> None:
    with Store.open(disk.folder) as store:
        writer = store._connections._writer
        assert writer is not None
        outside = apsw.Connection(
            str(disk.folder / "chuchu.db"), flags=apsw.SQLITE_OPEN_READONLY
        )
        writer.set_busy_timeout(10)
        put(store, "先来。")
        outside.execute("BEGIN").execute("SELECT * FROM documents").fetchall()
        store._connections._truncation_due = True
        assert put(store, "后到。").new
        assert not store._connections.empty_log(), "so that it could not be emptied"
        outside.close()
        assert store.document(2).text == "后到。"


def test_an_index_that_does_not_fit_is_done_without(
    disk: SmallDisk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with Store.open(disk.folder) as store:
        put(store, "甲。乙。")
        monkeypatch.setattr("rag.indexes.snapshot_files._write_whole", full)
        dense, lexical = dense_of(store), lexical_of(store)
        assert (len(dense), len(lexical)) == (2, 2)
        dense.save()
        store.delete_document(1)
        lexical.catch_up()
        assert len(lexical) == 0
        assert list((disk.folder / "indexes").iterdir()) == []


def test_the_spare_is_a_share_of_a_small_disk(disk: SmallDisk) -> None:
    spare = Spare(disk.folder)
    spare.fill()
    assert spare.held == 8 * MEGABYTE // 32
    assert not any((disk.folder / "spare").read_bytes())
    assert spare.release() and not spare.release()
    assert spare.held == 0
