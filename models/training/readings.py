"""Questions with their passages, for the selector: the reading sets, ours, and CMRC dev to choose by."""

from __future__ import annotations

import json
import lzma
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import bm25s

from models.language.questions import read
from models.language.sentences import sentences
from models.language.words import words
from models.selector.candidates import Candidate, candidates_of

CHINESE = ("zh", "zh-Hant")
ENGLISH = ("en",)
OWN = Path(__file__).parent / "questions"
"""Questions that we wrote about articles of the news, many of them near misses; see its README."""
PASSAGE_CHARS = 320
DISTRACTORS = 2


@dataclass(frozen=True)
class Reading:
    """A question, its passage, where answers stand in it, and passages that are like it."""

    question: str
    title: str
    context: str
    answers: tuple[tuple[str, int], ...]
    others: tuple[tuple[str, str], ...] = ()


def reading(data: Path, languages: Sequence[str], limit: int = 0) -> list[Reading]:
    """The questions of every reading set in these languages, at most ``limit`` a set."""
    rows: list[Reading] = []
    for path in sorted((data / "reading").glob("*.jsonl.xz")):
        with lzma.open(path, "rt", encoding="utf8") as lines:
            found = [
                row for line in lines if (row := json.loads(line))["lang"] in languages
            ]
        rows += [
            Reading(
                row["question"],
                row["title"],
                row["context"],
                tuple((answer["text"], answer["start"]) for answer in row["answers"]),
            )
            for row in found[: limit or None]
        ]
    return rows


def own_questions(data: Path, folder: Path = OWN) -> list[Reading]:
    """Our questions. Their files hold no text of the news: the articles are looked up by id.

    An unanswerable question has no answers.
    """
    asked = [
        json.loads(line)
        for path in sorted(folder.glob("*.jsonl"))
        for line in path.read_text(encoding="utf-8").splitlines()
    ]
    wanted = {row["article"] for row in asked}
    texts: dict[str, str] = {}
    with lzma.open(data / "text" / "news_zh.jsonl.xz", "rt", encoding="utf8") as lines:
        for line in lines:
            if (article := json.loads(line))["id"] in wanted:
                texts[article["id"]] = article["text"]
    rows: list[Reading] = []
    for row in asked:
        if (text := texts.get(row["article"])) is not None:
            spans = sentences(text)
            answers = tuple(
                (row["answer"], spans[number][0]) for number in row["sentences"]
            )
            rows.append(Reading(row["question"], "", text, answers))
    return rows


def cmrc_dev(data: Path) -> list[Reading]:
    rows: list[Reading] = []
    for article in json.loads(
        (data / "dev" / "cmrc2018_dev.json").read_text(encoding="utf-8")
    )["data"]:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                answers = tuple((a["text"], a["answer_start"]) for a in qa["answers"])
                rows.append(
                    Reading(
                        qa["question"],
                        article.get("title", ""),
                        paragraph["context"],
                        answers,
                    )
                )
    return rows


def with_others(rows: list[Reading]) -> list[Reading]:
    """Give each question the passages that BM25 takes for its own."""
    contexts = list(dict.fromkeys((r.title, r.context) for r in rows))
    if len(contexts) < 2:
        return rows
    index = bm25s.BM25()
    index.index([[w.text for w in words(c)] for _, c in contexts], show_progress=False)
    queries = [[w.text for w in read(r.question).content] or ["。"] for r in rows]
    found, _ = index.retrieve(
        queries, k=min(DISTRACTORS * 2, len(contexts)), show_progress=False
    )
    result: list[Reading] = []
    for row, ids in zip(rows, found, strict=True):
        others = [contexts[i] for i in ids if contexts[i][1] != row.context]
        free = [o for o in others if not any(a in o[1] for a, _ in row.answers)]
        result.append(
            Reading(
                row.question,
                row.title,
                row.context,
                row.answers,
                tuple(free[:DISTRACTORS]),
            )
        )
    return result


def candidates(title: str, context: str) -> list[tuple[tuple[int, int], Candidate]]:
    """Sentences with those before them in a passage of PASSAGE_CHARS, and what is around, as when reading."""
    passages: list[list[tuple[int, int]]] = []
    for start, end in sentences(context):
        if not passages or end - passages[-1][0][0] > PASSAGE_CHARS:
            passages.append([])
        passages[-1].append((start, end))
    whole = ((spans[0][0], spans[-1][1]) for spans in passages)
    return [
        found
        for start, end in whole
        for found in candidates_of(title, context, start, end)
    ]


def holds(span: tuple[int, int], row: Reading) -> bool:
    return any(span[0] <= at < span[1] for _, at in row.answers)


def for_tuning(row: Reading) -> bool:
    """Whether the word vectors are tuned on this question; the selector then trains on the others."""
    return zlib.crc32(row.question.encode()) % 10 < 4


def for_choosing(row: Reading) -> bool:
    """Whether our questions on this article are kept from training, to choose by."""
    return zlib.crc32(row.context.encode()) % 6 == 0
