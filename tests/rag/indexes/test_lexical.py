from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.indexes.lexical import K1, B, LexicalIndex
from rag.indexes.postings import Segment, term_hash
from rag.store.store import Store


@pytest.fixture
def index(tmp_path: Path):
    with Store.open(tmp_path) as store:
        yield words(store, tmp_path)


@pytest.fixture(scope="module")
def empty(tmp_path_factory: pytest.TempPathFactory):
    with Store.open(tmp_path_factory.mktemp("home")) as store:
        yield store


def words(store: Store, folder: Path) -> LexicalIndex:
    return LexicalIndex(store, folder / "indexes", str.split, made_with="words")


def found(
    index: LexicalIndex, terms: dict[str, float], k: int = 100
) -> dict[int, float]:
    ids, scores = index.search(terms, k)
    return dict(zip(ids.tolist(), scores.tolist(), strict=True))


def bm25(passages: dict[int, list[str]], query: dict[str, float]) -> dict[int, float]:
    """The formula, passage by passage."""
    scores: dict[int, float] = {}
    mean = sum(map(len, passages.values())) / max(len(passages), 1)
    for id_, terms in passages.items():
        for term, weight in query.items():
            tf = Counter(terms)[term]
            n = sum(term in other for other in passages.values())
            idf = math.log(1 + (len(passages) - n + 0.5) / (n + 0.5))
            if tf:
                norm = K1 * (1 - B + B * len(terms) / mean)
                scores[id_] = scores.get(id_, 0.0) + weight * idf * tf * (K1 + 1) / (
                    tf + norm
                )
    return scores


def test_scores_can_be_redone_by_hand(index: LexicalIndex) -> None:
    index.add([1, 2, 3], ["a a b", "b c", "c"])
    # 3 passages of mean length 2; "a" stands in one: idf = ln(1 + 2.5 / 1.5) = 0.980829
    # in passage 1, twice among 3: 2 * 2.2 / (2 + 1.2 * (0.25 + 0.75 * 3 / 2)) = 1.205479
    assert found(index, {"a": 1.0}) == pytest.approx({1: 0.980829 * 1.205479}, rel=1e-5)
    # "b" stands in two: idf = ln(1 + 1.5 / 2.5) = 0.470004; in passage 2 once among 2: 2.2 / 2.2 = 1
    assert found(index, {"b": 1.0})[2] == pytest.approx(0.470004, rel=1e-5)


def test_a_weight_scales_what_its_term_is_worth(index: LexicalIndex) -> None:
    index.add([1, 2], ["a", "b"])
    whole, half = found(index, {"a": 1.0}), found(index, {"a": 0.5, "b": 1.0})
    assert half[1] == pytest.approx(whole[1] / 2)
    assert list(half) == [2, 1]


def test_only_passages_with_a_term_are_found(index: LexicalIndex) -> None:
    index.add([1, 2], ["a", "b"])
    assert list(found(index, {"a": 1.0, "z": 1.0})) == [1]
    assert found(index, {"z": 1.0}) == {}
    assert found(index, {}) == {}


def test_an_empty_index_finds_nothing(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        words(store, tmp_path).save()
        assert found(words(store, tmp_path), {"a": 1.0}) == {}


def test_a_passage_without_terms_counts_and_is_never_found(index: LexicalIndex) -> None:
    index.add([1, 2], ["", "a"])
    assert len(index) == 2
    assert list(found(index, {"a": 1.0})) == [2]


def test_equals_are_ordered_by_id_and_cut(index: LexicalIndex) -> None:
    index.add(list(range(1, 21)), ["a"] * 20)
    index.add(list(range(21, 41)), ["a"] * 20)
    ids, scores = index.search({"a": 1.0}, 25)
    assert ids.tolist() == list(range(1, 26))
    assert len(set(scores.tolist())) == 1


def test_only_what_is_allowed_is_found(index: LexicalIndex) -> None:
    index.add([1, 2], ["a", "a"])
    index.add([3, 4], ["a", "b"])
    assert index.search({"a": 1.0}, 9, allowed=np.array([2, 3, 4, 77]))[0].tolist() == [
        2,
        3,
    ]
    assert index.search({"a": 1.0}, 9, allowed=np.array([], np.int64))[0].tolist() == []


def test_counts_stop_at_what_a_byte_holds(index: LexicalIndex) -> None:
    index.add([1, 2], ["a " * 300, "a " * 255 + "b " * 45])
    scores = found(index, {"a": 1.0})
    assert scores[1] == pytest.approx(scores[2])


@given(
    blocks=st.lists(
        st.lists(
            st.lists(st.sampled_from("abcdef"), max_size=6), min_size=1, max_size=4
        ),
        max_size=14,
    ),
    gone=st.sets(st.integers(1, 56)),
    query=st.dictionaries(
        st.sampled_from("abcdefg"), st.sampled_from([0.25, 1.0, 2.0]), max_size=4
    ),
    saved=st.booleans(),
)
@settings(max_examples=100, deadline=None)
def test_however_it_grew_it_scores_by_the_formula(
    empty: Store,
    blocks: list[list[list[str]]],
    gone: set[int],
    query: dict[str, float],
    saved: bool,
) -> None:
    passages: dict[int, list[str]] = {}
    index = words(empty, empty.home)
    for number, block in enumerate(blocks):
        ids = list(range(len(passages) + 1, len(passages) + 1 + len(block)))
        passages |= dict(zip(ids, block, strict=True))
        index.add(ids, [" ".join(terms) for terms in block])
        if number == len(blocks) // 2:
            index.remove(sorted(gone))
    index.remove(sorted(gone))
    if saved:
        index._dump(empty.home / "dump")
        index._load(empty.home / "dump")
    left = {id_: terms for id_, terms in passages.items() if id_ not in gone}
    assert len(index) == len(left)
    assert found(index, query) == pytest.approx(bm25(left, query), rel=1e-4)


def test_many_small_additions_are_merged(index: LexicalIndex) -> None:
    index.add(list(range(1, 1001)), ["a b"] * 1000)
    for id_ in range(1001, 1101):
        index.add([id_], ["a c"])
        assert len(index._contents.parts) <= 8
    assert len(index._contents.parts[0].alive) == 1000  # the large one was left alone
    assert len(found(index, {"c": 1.0})) == 100


def test_a_term_has_the_same_hash_in_every_process() -> None:
    assert term_hash("供暖") == 0x658A38D1EC1C2B74


def test_a_segment_is_read_as_it_was_written(tmp_path: Path) -> None:
    segment = Segment.of([3, 5], [["a", "b", "a"], ["b"]])
    segment.write(tmp_path / "file")
    again = Segment.read(tmp_path / "file")
    for name in ("ids", "lengths", "terms", "starts", "rows", "counts"):
        np.testing.assert_array_equal(getattr(again, name), getattr(segment, name))
    rows, counts = again.list_of(term_hash("a"))
    assert (rows.tolist(), counts.tolist()) == ([0], [2])
