"""rag/indexes/generations.py, dense_search.py: found at once by quick vectors, better once deep ones are made.

The encoders are toys: a text's quick vector tells of its first letter, its deep one of its last.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest

from models.encoder import Encoder, Floats, Role
from models.errors import ModelError
from rag.indexes import generations
from rag.indexes.dense import DenseIndex
from rag.indexes.dense_search import DenseSearch, blended
from rag.indexes.generations import DEEP_BATCH, When
from rag.store.store import Store
from tests.toy_store import documents_of, source_of

LETTERS = "甲乙丙丁戊己庚辛壬癸"


class Toy:
    """A backend that knows a letter of each text; it notes what it was given, and fails when told to."""

    dimension = len(LETTERS)

    def __init__(self, at: int) -> None:
        self.at = at
        self.given: list[str] = []
        self.broken = False

    def encode(self, texts: Sequence[str], role: Role) -> Iterator[Floats]:
        if self.broken:
            raise ModelError("told to fail")
        if role == "document":
            self.given += texts
        rows = np.full((len(texts), len(LETTERS)), 0.01, np.float32)
        for row, text in zip(rows, texts, strict=True):
            known = [letter for letter in text if letter in LETTERS]
            row[LETTERS.index(known[self.at])] = 1.0
        yield rows / np.linalg.norm(rows, axis=1, keepdims=True)


class Opened:
    """A store with its search, as a library wires them."""

    def __init__(
        self, home: Path, when: When = "later", deep: Toy | None = None
    ) -> None:
        self.store = Store.open(home)
        self.quick, self.deep = Toy(0), deep or Toy(-1)
        self.writing = threading.Lock()
        self.crashed = False
        quick, deep_encoder = (
            Encoder("quick", self.quick, "quick"),
            Encoder("deep", self.deep, "deep"),
        )
        self.search = DenseSearch.open(
            self.store, home / "indexes", quick, deep_encoder, self.writing, when=when
        )

    def put(self, text: str) -> tuple[int, ...]:
        """A document for each line; the ids of its passages."""
        documents = documents_of(text)
        vectors = self.search.encode(
            [passage.text for _, passages in documents for passage in passages]
        )
        with self.writing:
            added = self.store.add(
                source_of(text), documents, vectors, self.search.generation
            )
            self.search.catch_up()
        self.search.settle()
        return tuple(passage.id for passage in added.passages)

    def scores(self, query: str) -> dict[int, float]:
        return {
            id_: round(score, 2)
            for id_, score in self.search.search(query, 10, None).items()
        }

    def best(self, query: str) -> int:
        scores = self.scores(query)
        return max(scores, key=lambda id_: scores[id_])

    def close(self) -> None:
        self.search.close()
        with self.writing:
            if not self.crashed:
                self.search.save_if_due()
            self.crash()

    def crash(self) -> None:
        """End without saving the indexes."""
        self.crashed = True
        self.store.close()


@pytest.fixture
def open_at(tmp_path: Path) -> Iterator[Callable[..., Opened]]:
    opened: list[Opened] = []

    def start(when: When = "later", deep: Toy | None = None) -> Opened:
        opened.append(Opened(tmp_path, when, deep))
        return opened[-1]

    yield start
    for each in opened:
        each.close()


def test_what_is_in_is_found_at_once_and_better_once_deep(
    open_at: Callable[..., Opened],
) -> None:
    opened = open_at()
    opened.put("甲乙。\n乙甲。")
    assert opened.search.waiting == 2
    assert opened.scores("甲。") == {
        1: 1.0,
        2: 0.02,
    }  # by quick vectors alone, which know first letters
    opened.search.finish()
    assert opened.search.waiting == 0
    assert opened.scores("甲。") == {
        1: 0.5,
        2: 0.5,
    }  # each is the best in one of the two searches
    assert opened.deep.given == [
        "甲乙。\n甲乙。",
        "乙甲。\n乙甲。",
    ]  # each under its title


def test_progress_is_told_batch_by_batch(open_at: Callable[..., Opened]) -> None:
    opened = open_at()
    opened.put("\n".join("甲乙。" for _ in range(DEEP_BATCH + 3)))
    told: list[tuple[int, int]] = []
    opened.search.finish(lambda done, total: told.append((done, total)))
    assert told == [(DEEP_BATCH, DEEP_BATCH + 3), (DEEP_BATCH + 3, DEEP_BATCH + 3)]


def test_what_comes_later_is_found_among_what_is_deep(
    open_at: Callable[..., Opened],
) -> None:
    opened = open_at()
    opened.put("甲乙。\n乙丙。")
    opened.search.finish()
    (late,) = opened.put("丁戊。")
    assert opened.search.waiting == 1
    assert opened.scores("丁乙。") == {
        1: 0.5,
        2: 0.0,
        late: 1.0,
    }  # 乙 is deep; 丁 is quick, and all of it
    opened.search.finish()
    assert opened.scores("丁乙。") == {1: 0.5, 2: 0.0, late: 0.5}


def test_at_once_leaves_nothing_waiting(open_at: Callable[..., Opened]) -> None:
    opened = open_at("at once")
    opened.put("甲乙。\n乙甲。")
    assert (opened.search.waiting, opened.scores("甲。")) == (0, {1: 0.5, 2: 0.5})


def test_a_killed_process_goes_on_where_it_stopped(
    open_at: Callable[..., Opened],
) -> None:
    opened = open_at()
    opened.put("\n".join("甲乙。" for _ in range(2 * DEEP_BATCH)))

    def stop(done: int, total: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        opened.search.finish(stop)
    opened.crash()
    again = open_at()
    assert again.search.waiting == DEEP_BATCH
    again.search.finish()
    assert len(again.deep.given) == DEEP_BATCH
    again.close()
    assert open_at().search.waiting == 0


def test_the_background_makes_what_the_last_process_left(
    open_at: Callable[..., Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(generations, "QUIET_SECONDS", 0.0)
    opened = open_at()
    opened.put("甲乙。\n乙甲。")
    opened.close()
    again = open_at("background")
    again.search.finish()  # waits for the thread, or does its work
    assert (again.search.waiting, again.scores("甲。")) == (0, {1: 0.5, 2: 0.5})


def test_what_was_deleted_meanwhile_gets_no_vector(
    open_at: Callable[..., Opened],
) -> None:
    opened = open_at()
    opened.put("甲乙。\n乙甲。")
    with opened.writing:
        opened.store.delete_document(1)
        opened.search.catch_up()
    opened.search.finish()
    assert (opened.search.waiting, opened.best("甲。")) == (0, 2)


def test_a_document_deleted_once_deep_is_in_neither_index(
    open_at: Callable[..., Opened],
) -> None:
    opened = open_at()
    opened.put("甲乙。\n乙甲。")
    opened.search.finish()
    with opened.writing:
        opened.store.delete_document(2)
        opened.search.catch_up()
    assert (opened.search.waiting, set(opened.search.search("甲。", 10, None))) == (
        0,
        {1},
    )


def test_a_deep_encoder_that_fails_leaves_the_quick_one(
    open_at: Callable[..., Opened],
) -> None:
    broken = Toy(-1)
    broken.broken = True
    opened = open_at("background", broken)
    first, _ = opened.put("甲乙。\n乙甲。")
    assert opened.best("甲。") == first
    with pytest.raises(ModelError, match="told to"):
        opened.search.finish()
    broken.broken = False
    opened.search.finish()
    assert opened.search.waiting == 0


def test_another_deep_encoder_begins_anew_and_the_old_one_goes(
    open_at: Callable[..., Opened],
) -> None:
    opened = open_at("at once")
    opened.put("甲乙。\n乙甲。")
    old = {known.fingerprint for known in opened.store.generations()}
    other = opened.store.generation("other", 3)
    opened.store.add_vectors(other, [1, 2], np.ones((2, 3), np.float32))
    opened.put("丙丁。")
    assert (
        {known.fingerprint for known in opened.store.generations()}
        == old
        == {"quick", "deep"}
    )


def test_vectors_made_later_are_in_the_next_snapshot(
    open_at: Callable[..., Opened], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = open_at()
    opened.put("甲乙。\n乙甲。")
    opened.search.save_if_due()
    opened.search.finish()
    opened.close()
    monkeypatch.setattr(DenseIndex, "_build", _refuse)
    assert open_at().search.waiting == 0


def test_no_deep_snapshot_outlives_the_deep_encoder(
    open_at: Callable[..., Opened], tmp_path: Path
) -> None:
    opened = open_at("at once")
    opened.put("甲乙。\n乙甲。")
    opened.close()
    assert list((tmp_path / "indexes").glob("deep*"))
    with Store.open(tmp_path) as store:
        quick = Encoder("quick", Toy(0), "quick")
        search = DenseSearch.open(
            store, tmp_path / "indexes", quick, None, threading.Lock()
        )
        assert (search.waiting, len(search.search("甲。", 10, None))) == (0, 2)
        assert not list((tmp_path / "indexes").glob("deep*"))
        assert len(store.generations()) == 2  # its vectors stay: it may come back


def _refuse(*_: object) -> None:
    raise AssertionError("it was rebuilt")


# two kinds of cosine in one list


def test_a_passage_counts_where_it_stands_in_either_list() -> None:
    quick, deep = {1: 0.6, 2: 0.3, 3: 0.2}, {2: 0.3, 4: 0.5, 5: 0.1}
    found = blended(deep, quick)
    assert found[2] == pytest.approx((0.25 + 0.5) / 2)
    assert (found[1], found[4]) == (
        pytest.approx(0.5),
        pytest.approx(0.5),
    )  # the best of one list only
    assert found[5] == 0.0


def test_what_has_no_deep_vector_counts_by_its_quick_one() -> None:
    found = blended({4: 0.5, 5: 0.1}, {1: 0.6, 2: 0.3, 3: 0.2}, {2})
    assert found[2] == pytest.approx(0.25)


def test_one_list_alone_stays_as_it_is() -> None:
    assert blended({}, {3: 0.3}, {3}) == {3: 0.3}
    assert blended({1: 0.8}, {}) == {1: 0.8}
