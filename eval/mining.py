"""What retrieval finds for the training questions: what the encoder takes for answers that are none.

    python -m eval.mining DATA WORK [--encoder chuchu-static] [--limit 3000] [--news 0]

A library takes in the news and the passages of the reading sets, and is asked every training question, some
of them reworded or put into English word by word. ``WORK/mined`` gets ``passages.jsonl`` and
``groups.jsonl``, read by ``models.training.mined``; so whatever trains on them (``models.training.extend``)
sees the passages that it will see when it serves.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import shutil
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TextIO

from eval.corpora import Text, ingest_texts
from eval.progress import track
from models.language.words import fold, has_han
from models.selector.network import FOLDER as SELECTOR
from models.training import data as sets
from models.training.groups import Tools
from models.training.mined import FOLDER, Group
from models.training.paraphrase import in_english, reword
from models.training.readings import (
    CHINESE,
    ENGLISH,
    Reading,
    for_choosing,
    own_questions,
    reading,
)
from rag.library import Library, Question
from rag.records import Document, Hit
from rag.settings import Settings

SEED = 11
REWORDED, IN_ENGLISH = 0.3, 0.35
"""Shares of the Chinese questions that are asked reworded instead, and in English too."""
DEPTH = 50


@dataclass(slots=True)
class Mine:
    """A library, and the files that its findings go to."""

    library: Library
    groups: TextIO
    passages: TextIO
    rows: dict[int, int] = field(default_factory=dict)

    def take_in(self, name: str, texts: Sequence[Text]) -> dict[str, list[int]]:
        return ingest_texts(self.library, name, texts)[1]

    def ask(self, row: Reading, question: str, documents: Sequence[int]) -> None:
        """Write down what is found for ``question``, which the passage of ``row`` answers."""
        hits = self.library.search(Question(question, top_k=DEPTH))
        own = [self._answers(row, hit, documents) for hit in hits]
        group = Group(question, [self._row(hit) for hit in hits], own)
        _write(self.groups, dataclasses.asdict(group))

    def _row(self, hit: Hit) -> int:
        known = self.rows.get(hit.passage.id)
        if known is None:
            known = self.rows[hit.passage.id] = len(self.rows)
            _write(self.passages, [hit.document.title, hit.passage.text])
        return known

    def _answers(self, row: Reading, hit: Hit, documents: Sequence[int]) -> int:
        """1: holds the answer where it was marked; 0: does not; -1: holds the same words elsewhere."""
        text = hit.passage.text
        if hit.document.id in documents:
            places = [
                _place(hit.document, row.context, start, answer)
                for answer, start in row.answers
            ]
            if any(hit.passage.start <= at < hit.passage.end for at in places):
                return 1
        folded = fold(text)
        return (
            -1
            if any(fold(answer.strip()) in folded for answer, _ in row.answers)
            else 0
        )


def _write(file: TextIO, row: object) -> None:
    file.write(json.dumps(row, ensure_ascii=False) + "\n")


def _place(document: Document, context: str, start: int, answer: str) -> int:
    """Where an answer stands in the document that its context became; -1 if it cannot be told."""
    for reach in (12, 4, 0):
        low = max(0, start - reach)
        around = context[low : start + len(answer) + reach]
        if (at := document.text.find(around)) >= 0:
            return at + start - low
    return -1


def mine(data: Path, work: Path, encoder: str, news: int, limit: int) -> None:
    """Fill ``work / FOLDER``; the library is thrown away."""
    folder = work / FOLDER
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rng = random.Random(SEED)  # noqa: S311 - a sample, not a secret
    tools = Tools.load(data, SELECTOR)
    with (
        Library.open(
            Settings(home=folder / "library", encoder=encoder, rerank=False),
            deep="at once",
        ) as library,
        (folder / "groups.jsonl").open("w", encoding="utf-8") as groups,
        (folder / "passages.jsonl").open("w", encoding="utf-8") as passages,
    ):
        mine = Mine(library, groups, passages)
        articles = _news(data, news)
        there = {article.text for article in articles}
        own = [
            row for row in own_questions(data) if row.answers and row.context in there
        ]
        documents = mine.take_in("news", articles)
        read = [*reading(data, CHINESE, limit), *reading(data, ENGLISH, limit)]
        asked = [*(row for row in own[: limit or None] if not for_choosing(row)), *read]
        contexts = _contexts(read)
        documents |= mine.take_in("reading", contexts)
        by_text = {
            text.text: documents.get(text.id, []) for text in [*articles, *contexts]
        }
        rng.shuffle(asked)
        for row in track(asked, "asking"):
            for question in _put(row.question, tools, rng):
                mine.ask(row, question, by_text[row.context])
    shutil.rmtree(folder / "library")


def _put(question: str, tools: Tools, rng: random.Random) -> Iterator[str]:
    """The question as asked or reworded, and some in English too."""
    if not has_han(question):
        yield question
        return
    yield reword(question, tools.synonyms, rng) if rng.random() < REWORDED else question
    if rng.random() < IN_ENGLISH and (
        english := in_english(question, tools.translator, tools.pinyin, rng)
    ):
        yield english


def _news(data: Path, count: int) -> list[Text]:
    """The articles, each once; the first ``count`` unless that is 0."""
    texts = list(dict.fromkeys(sets.news(data)))[: count or None]
    return [Text(f"news:{number}", "", text) for number, text in enumerate(texts)]


def _contexts(rows: Sequence[Reading]) -> list[Text]:
    found = dict.fromkeys((row.title, row.context) for row in rows)
    named = {context: title for title, context in found}
    return [
        Text(
            f"context:{zlib.crc32(context.encode())}",
            "" if title in context[:80] else title,
            context,
        )
        for context, title in named.items()
    ]


def main() -> None:
    """Mine candidates."""
    parser = argparse.ArgumentParser(
        description="Write down what retrieval finds for training questions."
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--encoder", default="chuchu-static")
    parser.add_argument(
        "--news", type=int, default=0, help="articles to search among, 0 for all"
    )
    parser.add_argument(
        "--limit", type=int, default=0, help="questions a set, 0 for all"
    )
    arguments = parser.parse_args()
    mine(
        arguments.data,
        arguments.work,
        arguments.encoder,
        arguments.news,
        arguments.limit,
    )


if __name__ == "__main__":
    main()
