from __future__ import annotations

import threading
from pathlib import Path

import numpy as np
import pytest

from rag.errors import InvalidValue, NotFound
from rag.indexes.dense import DenseIndex
from rag.store.store import Store
from tests.toy_store import DIMENSION, dense_of, generation_of, put


@pytest.fixture
def store(tmp_path: Path):
    with Store.open(tmp_path) as store:
        generation_of(store)
        yield store


@pytest.fixture
def axes(store: Store) -> DenseIndex:
    """Passages 1 to 8 on the eight axes."""
    index = dense_of(store)
    index.add(range(1, DIMENSION + 1), np.eye(DIMENSION, dtype=np.float32))
    return index


def query(*values: float) -> np.ndarray:
    vector = np.zeros(DIMENSION, np.float32)
    vector[: len(values)] = values
    return vector


def test_the_best_come_first(axes: DenseIndex) -> None:
    ids, scores = axes.search(query(0.2, 0.9, 0.4), 3)
    assert ids.tolist() == [2, 3, 1]
    assert scores.tolist() == pytest.approx([0.9, 0.4, 0.2])


def test_only_what_is_allowed_is_found(axes: DenseIndex) -> None:
    ids, _ = axes.search(query(0.2, 0.9, 0.4), 3, allowed=np.array([3, 1, 77]))
    assert ids.tolist() == [3, 1]
    assert axes.search(query(1), 3, allowed=np.array([], np.int64))[0].tolist() == []


def test_there_may_be_fewer_than_asked_for(axes: DenseIndex) -> None:
    assert len(axes.search(query(1), 100)[0]) == DIMENSION


def test_several_queries_at_once_are_padded(axes: DenseIndex) -> None:
    axes.remove([1, 2, 3, 4, 5])
    ids, scores = axes.search(
        np.stack([query(0, 0, 0, 0, 0, 1), query(0, 0, 0, 0, 0, 0, 0, 1)]), 4
    )
    assert ids.shape == scores.shape == (2, 4)
    assert ids[:, 0].tolist() == [6, 8]
    assert ids[:, 3].tolist() == [-1, -1]


def test_what_is_removed_is_not_found(axes: DenseIndex) -> None:
    axes.remove([2, 99])
    axes.remove([])
    assert len(axes) == DIMENSION - 1
    assert axes.search(query(0.2, 0.9, 0.4), 2)[0].tolist() == [3, 1]


def test_it_says_which_passages_it_holds(axes: DenseIndex) -> None:
    axes.remove([2])
    assert axes.holds(np.array([1, 2, 99, 8])).tolist() == [True, False, False, True]


def test_an_empty_index_finds_nothing(store: Store) -> None:
    index = dense_of(store)
    index.save()
    ids, scores = dense_of(store).search(query(1), 5)
    assert (len(ids), len(scores)) == (0, 0)


def test_it_agrees_with_the_inner_product(store: Store) -> None:
    random = np.random.default_rng(0)
    matrix = random.standard_normal((500, DIMENSION)).astype(np.float32)
    index = dense_of(store)
    index.add(np.arange(1000, 1500), matrix)
    for vector in random.standard_normal((20, DIMENSION)).astype(np.float32):
        ids, scores = index.search(vector, 10)
        wanted = matrix @ vector
        assert (ids - 1000).tolist() == np.argsort(-wanted)[:10].tolist()
        np.testing.assert_allclose(scores, np.sort(wanted)[::-1][:10], rtol=1e-5)


@pytest.mark.parametrize(
    "shape", [(DIMENSION + 1,), (2, DIMENSION - 1), (1, 1, DIMENSION), ()]
)
def test_a_wrong_shape_is_named(axes: DenseIndex, shape: tuple[int, ...]) -> None:
    with pytest.raises(InvalidValue, match=f"\\({DIMENSION},\\)"):
        axes.search(np.zeros(shape, np.float32), 3)
    with pytest.raises(InvalidValue, match="vectors"):
        axes.add([1, 2], np.zeros((1, DIMENSION), np.float32))


def test_a_generation_must_exist(store: Store, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="generation 99"):
        DenseIndex(store, tmp_path, 99)


def test_searches_go_on_while_it_changes(store: Store) -> None:
    index = dense_of(store)
    put(store, "始。")
    index.catch_up()
    stop, failures, searches = threading.Event(), [], [0]

    def look() -> None:
        while not stop.is_set():
            ids, scores = index.search(query(1), 5)
            searches[0] += 1
            if 1 not in index.search(query(1), 10_000)[0] or len(ids) != len(
                set(ids.tolist())
            ):
                failures.append((ids, scores))

    threads = [threading.Thread(target=look) for _ in range(2)]
    for thread in threads:
        thread.start()
    for number in range(30):
        added = put(store, f"来{number}。去{number}。")
        index.catch_up()
        if number % 2:
            store.delete_document(added.documents[0].id)
            index.catch_up()
        index.save()
    stop.set()
    for thread in threads:
        thread.join()
    assert failures == []
    assert searches[0] > 0
    assert len(index) == 31
