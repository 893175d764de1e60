"""A passage that is erased from the lexical index's file leaves nothing of its own in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.indexes.erasing import erasing_patches
from rag.indexes.postings import Segment, term_hash

ARRAYS = ("ids", "lengths", "terms", "starts", "rows", "counts")


def same(one: Segment, other: Segment) -> bool:
    return all(
        np.array_equal(getattr(one, name), getattr(other, name)) for name in ARRAYS
    )


def erase(path: Path, ids: list[int]) -> None:
    with path.open("rb+") as file:
        for offset, data in erasing_patches(path, ids):
            file.seek(offset)
            file.write(data)


@given(
    passages=st.lists(st.lists(st.sampled_from("abcdefgh"), max_size=6), max_size=8),
    steps=st.lists(st.sets(st.integers(1, 8)), max_size=3),
)
def test_what_is_left_is_what_would_have_been_written_without_it(
    tmp_path_factory: pytest.TempPathFactory,
    passages: list[list[str]],
    steps: list[set[int]],
) -> None:
    path = tmp_path_factory.mktemp("erasing") / "file"
    whole = Segment.of(range(1, len(passages) + 1), passages)
    whole.write(path)
    assert same(Segment.read(path), whole)
    size = path.stat().st_size
    for gone in steps:
        erase(path, sorted(gone))
        assert erasing_patches(path, sorted(gone)) == [], "once is enough"
    erased = set().union(*steps)
    kept = [id_ for id_ in range(1, len(passages) + 1) if id_ not in erased]
    left = [passages[id_ - 1] for id_ in kept]
    flags = np.array([id_ in kept for id_ in range(1, len(passages) + 1)], bool)
    assert same(Segment.merged([Segment.read(path)], [flags]), Segment.of(kept, left))
    data = path.read_bytes()
    assert len(data) == size
    there = {term for terms in left for term in terms}
    for term in {term for terms in passages for term in terms} - there:
        assert term_hash(term).to_bytes(8, "little") not in data


def test_another_kind_of_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_bytes(b"\xff" * 100)
    with pytest.raises(ValueError, match="no header"):
        erasing_patches(path, [1])
