"""Examples for the reader as the arrays that its training reads: token ids, and spans in tokens."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from itertools import groupby

import numpy as np

from models.arrays import Int32s
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
        asked = [example.question for example in some]
        whole = [f"{example.context}\n{example.passage}" for example in some]
        encoded = zip(
            some,
            tokenizer.encode_batch(asked, add_special_tokens=False),
            tokenizer.encode_batch(whole, add_special_tokens=False),
            strict=True,
        )
        for example, question, text in encoded:
            offsets = np.asarray(text.offsets).reshape(-1, 2)
            begins, start, end = _in_tokens(example, offsets)
            most = min(len(text.ids), MOST_TEXT)
            if start >= 0 and not start <= end < most:
                lost += 1
                continue
            questions.append(question.ids[:MOST_QUESTION])
            texts.append(text.ids[:MOST_TEXT])
            places.append((start, end, min(begins, MOST_TEXT), int(example.kind)))
    print(
        f"{len(texts):,} examples, {lost:,} left out: their answer is cut", flush=True
    )
    table = np.array(places, np.int32)
    question_ids, question_lengths = _end_to_end(questions)
    text_ids, text_lengths = _end_to_end(texts)
    return {
        "questions": question_ids,
        "question_lengths": question_lengths,
        "texts": text_ids,
        "text_lengths": text_lengths,
        "starts": table[:, 0].copy(),
        "ends": table[:, 1].copy(),
        "begins": table[:, 2].copy(),
        "kinds": table[:, 3].copy(),
    }


def _end_to_end(rows: Sequence[Sequence[int]]) -> tuple[Int32s, Int32s]:
    """All ids in one array, and how many are each row's."""
    ids = np.concatenate([np.array(row, np.int32) for row in rows])
    lengths = np.array([len(row) for row in rows], np.int32)
    return ids, lengths


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
