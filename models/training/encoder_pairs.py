"""What the sentence encoder is trained on: a question, the passage that answers it, and one beside it that does not.

Passages stand as search has them: title › headings before the text. Questions in the other language, and
sentences with their translations, are a part of every batch, so that a passage in the question's own
language is not nearer for its language alone.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.training.data import rows
from models.training.reader_examples import held_out
from models.training.written_examples import SEPARATOR, written_documents

READING = (
    "cmrc2018_train",
    "drcd_dev",
    "nq_en",
    "tydiqa_en",
    "webqa",
    "jsquad_ja",
    "tydiqa_ko",
    "tydiqa_ru",
    "tydiqa_ar",
)
MOST_OF_A_SET = 3000
PARALLEL = ("alma_en_zh", "tatoeba_en_zh")
MOST_SENTENCES = 2000
TRANSLATED_TIMES = 3
"""How often an epoch sees the questions that were translated by hand: there are 1,800."""
BEFORE, AFTER = 60, 260
"""Characters of a passage around an answer. A third of 320 stands before it at most."""


@dataclass(frozen=True, slots=True)
class Pair:
    """``other`` is a passage of the same document that does not answer; empty where there is none."""

    question: str
    passage: str
    other: str = ""


def pairs(data: Path, rng: random.Random) -> list[Pair]:
    """Every pair of an epoch, in random order."""
    found = list(_written(data, rng))
    for name in READING:
        read = list(_read(data / "reading" / f"{name}.jsonl.xz"))
        found += rng.sample(read, min(MOST_OF_A_SET, len(read)))
    translated = list(_read(data / "reading" / "translated_questions.jsonl.xz"))
    found += translated * TRANSLATED_TIMES
    for name in PARALLEL:
        found += _translations(data / "parallel" / f"{name}.jsonl.xz", rng)
    rng.shuffle(found)
    return found


def passage_text(title: str, context: str, text: str) -> str:
    """A passage as search has it."""
    path = SEPARATOR.join(part for part in (title, context) if part)
    return f"{path}\n{text}" if path else text


def _written(data: Path, rng: random.Random) -> Iterator[Pair]:
    """Questions of the documents written for this project, but for those that are kept to measure."""
    for document in written_documents(data):
        if held_out(document["id"]):
            continue
        passages: list[str] = []
        for each in document["passages"]:
            text = passage_text(document["title"], each["context"], each["text"])
            passages.append(text)
        for question in document["questions"]:
            if question.get("answer") is None:
                continue
            at = question["passage"]
            yield Pair(question["q"], passages[at], _beside(passages, at, rng))


def _beside(passages: Sequence[str], at: int, rng: random.Random) -> str:
    others = [each for number, each in enumerate(passages) if number != at]
    return rng.choice(others) if others else ""


def _read(path: Path) -> Iterator[Pair]:
    """Questions over encyclopedic passages, cut to what stands around the answer."""
    for row in rows(path):
        if not row["answers"] or held_out(row["context"]):
            continue
        # An answer at 500 is read from 440 to 760.
        start = row["answers"][0]["start"]
        low = max(0, start - BEFORE)
        text = row["context"][low : start + AFTER]
        yield Pair(row["question"], passage_text(row.get("title") or "", "", text))


def _translations(path: Path, rng: random.Random) -> list[Pair]:
    """Sentences, now one language asked for, now the other."""
    found: list[Pair] = []
    for row in rows(path):
        english, chinese = row["en"], row["zh"]
        both = [english, chinese]
        rng.shuffle(both)
        found.append(Pair(*both))
    return rng.sample(found, min(MOST_SENTENCES, len(found)))


def kept_documents(data: Path) -> list[dict[str, Any]]:
    """The written documents that nothing is trained on."""
    return [each for each in written_documents(data) if held_out(each["id"])]
