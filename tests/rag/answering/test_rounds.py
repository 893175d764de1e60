"""How much of what was found is read: rag/answering/rounds.py."""

from __future__ import annotations

import pytest

from rag.answering.likeness import SAME_THING, likeness
from rag.answering.rounds import (
    CLEAR,
    CLEAR_OF_SEVERAL,
    ROUNDS,
    is_clear,
    is_twin,
    rounds_of,
)


def test_rounds_take_every_candidate_once_and_in_order() -> None:
    for count in (0, 1, ROUNDS[0], ROUNDS[0] + 1, 24, 100):
        numbers = [number for each in rounds_of(count) for number in each]
        assert numbers == list(range(count))


def test_the_first_rounds_are_small() -> None:
    first, second, *_ = rounds_of(24)
    assert (len(first), len(second)) == ROUNDS[:2]


def test_a_question_for_several_things_needs_a_surer_answer() -> None:
    assert is_clear(CLEAR, "number")
    assert not is_clear(CLEAR - 0.1, "number")
    assert CLEAR < CLEAR_OF_SEVERAL
    assert not is_clear(CLEAR, "list")
    assert is_clear(CLEAR_OF_SEVERAL, "list")


SENTENCE = "图书馆如今藏书12万册。"


@pytest.mark.parametrize(
    ("text", "elsewhere", "twin"),
    [
        ("图书馆如今藏书15万册。", True, True),
        ("小镇的图书馆扩建以后，据馆长说，如今藏书1,200册，明年还要添置。", True, True),
        ("停车场免费开放。", True, False),
        ("", True, False),
        # In its own document only a copy is one.
        (
            "小镇的图书馆扩建以后，据馆长说，如今藏书1,200册，明年还要添置。",
            False,
            False,
        ),
        ("据悉，图书馆如今藏书12万册。", False, True),
        ("据悉，图书馆如今藏书15万册。", False, False),
    ],
)
def test_a_twin_says_the_same_with_any_number(
    text: str, elsewhere: bool, twin: bool
) -> None:
    assert is_twin(SENTENCE, text, elsewhere=elsewhere) == twin


def test_a_shorter_sentence_that_disagrees_is_a_twin() -> None:
    """What ``deciding`` would call the same thing (a likeness of .6) is never left unread."""
    answering = (
        "图书馆全馆藏书150万册，其中古籍善本8万册，报刊合订本3万册，每周开放六天。"
    )
    shorter = "图书馆全馆藏书120万册，每周开放六天。"
    assert likeness(answering, shorter) >= SAME_THING
    assert is_twin(answering, shorter, elsewhere=True)
