"""Questions and passages as the reader's arrays, kept in one file so that training starts at once.

python -m models.training.reader_data --data ../shared/data --out READINGS.pt [--cloze CLOZE.jsonl]
"""

from __future__ import annotations

import argparse
import json
import random
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch

from models.language.questions import ASKED
from models.language.questions import read as read_question
from models.language.words import fold, has_han
from models.reader.units import FIRST_CHARACTER, UnitReader, Units, matches
from models.selector.lexicon import RAREST, Lexicon
from models.selector.matching import prepare
from models.selector.network import FOLDER as SELECTOR
from models.static import StaticTable
from models.training.paraphrase import in_english
from models.training.readings import cmrc_dev, for_choosing, own_questions, reading, with_others
from models.translation import Translator

LONGEST = 1200
"""Units of a passage; what is longer is cut around the answer."""


class Asked(NamedTuple):
    """One row before it is made into arrays: ``start`` is -1 when the passage does not say."""

    set: str
    question: str
    passage: str
    start: int
    end: int
    answers: tuple[str, ...] = ()


class Words:
    """Rows of one table for every word met."""

    def __init__(self) -> None:
        self.rows: dict[str, int] = {"": 0}

    def of(self, units: Units) -> np.ndarray:
        own = np.array([self.rows.setdefault(w, len(self.rows)) for w in units.words], np.int32)
        return own[units.word_of]

    def keys(self, units: Units) -> np.ndarray:
        return np.array([self.rows.setdefault(k, len(self.rows)) for k in units.keys], np.int32)


class Builder:
    """Makes rows of arrays; texts that come again are made once."""

    def __init__(self, characters: dict[str, int], models: Path) -> None:
        lexicon, static = Lexicon(models / "chuchu-selector"), StaticTable(models / "chuchu-static")
        self.units = UnitReader(characters, lexicon, static)
        self.translator = Translator.load()
        self.words = Words()
        self.texts: dict[str, dict[str, np.ndarray]] = {}

    def side(self, text: str) -> dict[str, np.ndarray]:
        if text not in self.texts:
            units = self.units.read(text)
            self.texts[text] = {
                "characters": units.characters.astype(np.int16),
                "pieces": units.pieces.astype(np.int32),
                "tags": units.tags.astype(np.uint8),
                "words": self.words.of(units),
                "alone": self.words.keys(units),
                "plain": units.plain.astype(np.float16),
                "spans": units.spans.astype(np.int32),
            }
        return self.texts[text]

    def row(self, asked: Asked) -> dict[str, Any] | None:
        question, passage = self.units.read(asked.question), self.units.read(asked.passage)
        if not len(question) or not len(passage):
            return None
        query = prepare(asked.question, self.units.lexicon, self.translator)
        targets = [
            (form, weight * unit.weight / RAREST) for unit in query.units for form, weight in unit.targets
        ]
        start, end = unit_span(passage, asked.start, asked.end)
        return {
            "set": asked.set,
            "question": asked.question,
            "passage": asked.passage,
            "question_matches": matches(question, passage).astype(np.float16),
            "passage_matches": matches(passage, question, targets, fold(asked.passage)).astype(np.float16),
            "asked": ASKED.index(read_question(asked.question).asked),
            "start": start,
            "end": end,
            "answers": asked.answers,
        }


def unit_span(units: Units, start: int, end: int) -> tuple[int, int]:
    """First and last unit of the characters ``[start, end)``; -1, -1 for none."""
    if start < 0:
        return -1, -1
    first = int(np.searchsorted(units.spans[:, 1], start, side="right"))
    last = int(np.searchsorted(units.spans[:, 0], end, side="left")) - 1
    return (first, last) if first <= last else (-1, -1)


def training_rows(data: Path, rng: random.Random) -> Iterator[Asked]:
    """The reading sets in Chinese and English and our own questions; some with passages that do not say."""
    for name, languages in (("zh", ("zh", "zh-Hant")), ("en", ("en",))):
        rows = reading(data, languages)
        for row in with_others(rows):
            text, start = row.answers[0]
            yield Asked(name, row.question, row.context, start, start + len(text), (text,))
            if row.others and rng.random() < 0.25:
                yield Asked(name, row.question, rng.choice(row.others)[1], -1, -1)
    for own in own_questions(data):
        if not for_choosing(own):
            yield from _own(own.question, own.context, own.answers, "own")


def in_english_too(rows: Sequence[Asked], rng: random.Random, share: float) -> Iterator[Asked]:
    """A share of the Chinese questions again, their words put into English: see :func:`in_english`."""
    translator = Translator.load()
    han = (chr(code) for code in range(0x4E00, 0x9FA6))
    pinyin = {char: min(read_as) for char in han if (read_as := translator.romanisations(char))}
    for row in rows:
        if row.set in ("zh", "own") and rng.random() < share and has_han(row.question):
            question = in_english(row.question, translator, pinyin, rng)
            if question is not None:
                yield row._replace(set="cross", question=question)


def _own(question: str, context: str, answers: Any, name: str) -> Iterator[Asked]:
    if not answers:
        yield Asked(name, question, context, -1, -1)
        return
    text, sentence = answers[0]
    start = context.find(text, sentence)
    if 0 <= start < sentence + 400:
        yield Asked(name, question, context, start, start + len(text), (text,))


def choosing_rows(data: Path) -> Iterator[Asked]:
    """CMRC dev, and our own questions that are kept from training."""
    for row in cmrc_dev(data):
        text, start = row.answers[0]
        texts = tuple(answer for answer, _ in row.answers)
        yield Asked("dev", row.question, row.context, start, start + len(text), texts)
    for own in own_questions(data):
        if for_choosing(own):
            yield from _own(own.question, own.context, own.answers, "own_dev")


def characters_of(rows: list[Asked], most: int = 6000) -> dict[str, int]:
    """The characters met most, and at least three times."""
    counts: Counter[str] = Counter()
    for text in {r.passage for r in rows} | {r.question for r in rows}:
        counts.update(fold(text))
    common = [c for c, n in counts.most_common(most) if n >= 3 and not c.isspace() and not c.isdigit()]
    return {c: FIRST_CHARACTER + i for i, c in enumerate(common)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--cloze", type=Path)
    parser.add_argument("--models", type=Path, default=SELECTOR.parent, help="where encoder and selector are")
    parser.add_argument(
        "--english", type=float, default=0.12, help="share of Chinese questions asked in English too"
    )
    args = parser.parse_args()
    rng = random.Random(1)
    rows = list(training_rows(args.data, rng))
    dev = list(choosing_rows(args.data))
    characters = characters_of(rows)
    rows += in_english_too(rows, rng, args.english)
    builder = Builder(characters, args.models)
    clozes = []
    if args.cloze:
        clozes = [Asked("cloze", **json.loads(line)) for line in args.cloze.open(encoding="utf-8")]
    made: dict[str, list[dict[str, Any]]] = {}
    for name, group in (("train", rows), ("dev", dev), ("cloze", clozes)):
        made[name] = []
        for i, asked in enumerate(group):
            row = builder.row(asked)
            if row is not None:
                builder.side(asked.question)
                builder.side(asked.passage)
                made[name].append(row)
            if i % 5000 == 0:
                print(f"{name} {i}/{len(group)}", flush=True)
    lexicon = builder.units.lexicon
    vectors = np.stack([lexicon.vector(word) for word in builder.words.rows]).astype(np.float16)
    torch.save(
        {"rows": made, "texts": builder.texts, "words": vectors, "characters": characters},
        args.out,
        pickle_protocol=4,
    )
    print({name: len(group) for name, group in made.items()}, len(builder.words.rows), "words")


if __name__ == "__main__":
    main()
