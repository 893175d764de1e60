"""What is kept of texts is bounded by bytes, not by entries."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.kept import ENTRY_BYTES, kept, size_of


def test_a_result_is_computed_once() -> None:
    asked: list[str] = []

    @kept(megabytes=1)
    def length(text: str) -> int:
        asked.append(text)
        return len(text)

    assert [length("ab"), length("ab"), length("c")] == [2, 2, 1]
    assert asked == ["ab", "c"]


def test_long_texts_do_not_gather() -> None:
    @kept(megabytes=1)
    def same(text: str) -> str:
        return text + "!"

    for number in range(100):
        same(f"{number}" * 10_000)  # each some 40 kB, with its result
        assert same.cache_info().currsize * (ENTRY_BYTES + 20_000) <= 1_000_000


def test_short_ones_are_kept_up_to_their_number() -> None:
    @kept(megabytes=8, entries=50)
    def same(text: str) -> str:
        return text

    for number in range(200):
        same(str(number))
    assert same.cache_info().currsize == 50


def test_sizes_are_those_of_what_is_inside() -> None:
    @dataclass(frozen=True, slots=True)
    class Word:
        text: str

    assert size_of(np.zeros(1000, np.float32)) >= 4000
    assert size_of((Word("长" * 1000),)) > 2000 > size_of((Word("长"),))
    assert size_of({"a": "长" * 1000}) > 2000
