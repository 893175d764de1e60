"""Examples for the reader as the arrays that its training reads: token ids, and spans in tokens."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby

import numpy as np

from models.reader import MOST_QUESTION, MOST_TEXT
from models.trunk import load_tokenizer

NO_ANSWER, SOMEWHERE = -1, -2
"""In place of a span: the passage does not answer; it does, but where is not known."""


class Kind(IntEnum):
    """Where an example comes from: what the sampling weighs, and what a report counts by."""

    READING = 0
    OTHER_PASSAGE = 1
    WRITTEN = 2
    NEAR_MISS = 3


@dataclass(frozen=True, slots=True)
class Example:
    """``start`` and ``end`` count in ``passage``; see ``NO_ANSWER`` and ``SOMEWHERE``."""

    question: str
    context: str
    passage: str
    start: int
    end: int
    kind: Kind
    language: str


def encode(examples: Iterable[Example]) -> dict[str, np.ndarray]:
    """Token ids, one after another, with lengths; spans and where the passage begins, in tokens of the text.

    An example whose answer lies beyond ``MOST_TEXT`` tokens is left out.
    """
    tokenizer = load_tokenizer()
    questions: list[list[int]] = []
    texts: list[list[int]] = []
    places: list[tuple[int, int, int, int]] = []
    lost = 0
    for _, batch in groupby(enumerate(examples), key=lambda pair: pair[0] // 4000):
        some = [example for _, example in batch]
        asked = tokenizer.encode_batch(
            [e.question for e in some], add_special_tokens=False
        )
        whole = tokenizer.encode_batch(
            [f"{e.context}\n{e.passage}" for e in some], add_special_tokens=False
        )
        for example, question, text in zip(some, asked, whole, strict=True):
            offsets = np.asarray(text.offsets).reshape(-1, 2)
            begins, start, end = _in_tokens(example, offsets)
            if start >= 0 and not start <= end < min(len(text.ids), MOST_TEXT):
                lost += 1
                continue
            questions.append(question.ids[:MOST_QUESTION])
            texts.append(text.ids[:MOST_TEXT])
            places.append((start, end, min(begins, MOST_TEXT), int(example.kind)))
    print(
        f"{len(texts):,} examples, {lost:,} left out: their answer is cut", flush=True
    )
    table = np.array(places, np.int32)
    return {
        "questions": np.concatenate([np.array(ids, np.int32) for ids in questions]),
        "question_lengths": np.array([len(ids) for ids in questions], np.int32),
        "texts": np.concatenate([np.array(ids, np.int32) for ids in texts]),
        "text_lengths": np.array([len(ids) for ids in texts], np.int32),
        "starts": table[:, 0].copy(),
        "ends": table[:, 1].copy(),
        "begins": table[:, 2].copy(),
        "kinds": table[:, 3].copy(),
    }


def unanswered(
    question: str, context: str, passage: str, kind: Kind, language: str
) -> Example:
    """A question over a passage that does not answer it."""
    return Example(question, context, passage, NO_ANSWER, NO_ANSWER, kind, language)


def _in_tokens(example: Example, offsets: np.ndarray) -> tuple[int, int, int]:
    """Where the passage begins, and the first and last token of the answer; those of no answer as they are.

    ``offsets`` are those of the tokens in ``context`` and ``passage``, a line each: ``(tokens, 2)``.
    """
    shift = len(example.context) + 1
    begins = int(np.searchsorted(offsets[:, 1], shift, side="right"))
    if example.start < 0:
        return begins, example.start, example.end
    # The last token that starts at or before the answer: 2024 in one piece holds the answer 24.
    start = np.searchsorted(offsets[:, 0], example.start + shift, side="right") - 1
    end = np.searchsorted(offsets[:, 1], example.end + shift, side="left")
    # White space at the front of an answer has no token: it starts with the passage.
    return begins, max(int(start), begins), int(end)
