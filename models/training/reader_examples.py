"""What the reader is trained on: a question, a passage with its context, and where it answers, if it does.

    python -m models.training.reader_examples --data ../shared/data --out WORK/examples

Writes ``examples.safetensors`` (token ids, spans, kinds) and ``kept.jsonl.xz`` (held-out documents).
Every passage is given as Chuchu gives it: ``title › heading`` on one line, the passage on the next.

What teaches refusal, beside the questions that people wrote to have no answer:

- another passage that shares words with the question (of another text, or of the same one)
- a near miss by exchange: ``2019年的产量是多少`` asked of a passage on 2018
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from opencc import OpenCC
from safetensors.numpy import save_file
from sklearn.feature_extraction.text import TfidfVectorizer

from models.language.sentences import sentences
from models.language.words import has_han
from models.training.data import rows
from models.training.reader_exchanges import exchanged, shared_thing
from models.training.reader_tokens import SOMEWHERE, Example, Kind, encode, unanswered
from models.training.written_examples import (
    PASSAGE_CHARS,
    elsewhere,
    written_documents,
    written_examples,
)

OWN_QUESTIONS = Path(__file__).parent / "questions"
HELD_OUT = 8
"""One document in this many, by the CRC of its id or text, is kept to choose by."""


CROSSED = {"zh-on-en": "cross-en", "en-on-zh": "cross-zh"}
"""Language of a set of translated questions -> of its examples."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A question over a whole text."""

    question: str
    title: str
    text: str
    start: int
    end: int
    language: str

    @property
    def answer(self) -> str:
        return self.text[self.start : self.end] if self.start >= 0 else ""


def held_out(key: str) -> bool:
    """Whether a document is kept out of training."""
    return zlib.crc32(key.encode()) % HELD_OUT == 0


# reading sets: questions over encyclopaedias, searches, papers


def reading_sets(data: Path) -> Iterator[tuple[str, list[Asked]]]:
    """``(name of the set, its questions)``; traditional Chinese comes in simplified characters, too."""
    simplify = OpenCC("t2s").convert
    for path in sorted((data / "reading").glob("*.jsonl.xz")):
        name = path.name.removesuffix(".jsonl.xz")
        asked: list[Asked] = []
        for row in rows(path):
            one = _asked(row)
            asked.append(one)
            # Simplified, a text of another length would have its answer elsewhere.
            if one.language == "zh-Hant" and len(simplify(one.text)) == len(one.text):
                simple = replace(
                    one,
                    question=simplify(one.question),
                    title=simplify(one.title),
                    text=simplify(one.text),
                    language="zh",
                )
                asked.append(simple)
        yield name, asked
    squad: list[Asked] = []
    for row in rows(data / "pairs" / "squad_sentence_en.jsonl.xz"):
        one = Asked(row["query"], "", row["passage"], SOMEWHERE, SOMEWHERE, "en")
        squad.append(one)
    yield "squad", squad


def _asked(row: dict[str, Any]) -> Asked:
    """A row of a reading set, with its first answer."""
    answer = row["answers"][0]
    return Asked(
        question=row["question"],
        title=row.get("title") or "",
        text=row["context"],
        start=answer["start"],
        end=answer["start"] + len(answer["text"]),
        language=CROSSED.get(row["lang"], row["lang"]),
    )


def read_examples(asked: Sequence[Asked], rng: random.Random) -> Iterator[Example]:
    """The answering passage of each question, one or two that do not answer, and near misses."""
    passages, owner = _passages_of(asked)
    nearest = _nearest(asked, passages)
    names = _names_of(asked)
    for one, near in zip(asked, nearest, strict=True):
        positive = _answering(one, rng)
        yield positive
        if one.start >= 0 and rng.random() < 0.22:
            miss = exchanged(one.question, positive.passage, names, rng)
            if miss is not None:
                around, passage = positive.context, positive.passage
                yield unanswered(miss, around, passage, Kind.NEAR_MISS, one.language)
        foreign: list[int] = []
        same: list[int] = []
        for at in near:
            # A passage that happens to hold the answer may well answer.
            if one.answer and one.answer.lower() in passages[at].lower():
                continue
            if owner[at] != one.text:
                foreign.append(at)
            elif one.start >= 0:
                same.append(at)
        # The most like of other texts or not, of its own text or not, and the next of other texts.
        chosen = foreign[: rng.randint(0, 1)]
        chosen += same[: rng.randint(0, 1)]
        chosen += foreign[1:2]
        for at in chosen:
            title = one.title if rng.random() < 0.5 else ""
            yield unanswered(
                one.question, title, passages[at], Kind.OTHER_PASSAGE, one.language
            )


def _answering(one: Asked, rng: random.Random) -> Example:
    """The stretch of the text around the answer, of a length that varies as passages do."""
    context = one.title if one.title and rng.random() < 0.5 else ""
    if one.start < 0:
        passage, low, high = one.text, SOMEWHERE, SOMEWHERE
    else:
        # A Chinese character says about as much as 2.5 letters.
        wide = has_han(one.text)
        most = rng.choice((160, 320, 320, 500, 900) if wide else (400, 800, 1200))
        start, end = _stretch_around(one, most)
        passage = one.text[start:end]
        low = one.start - start
        high = one.end - start
    return Example(
        one.question, context, passage, low, high, Kind.READING, one.language
    )


def _stretch_around(one: Asked, most: int) -> tuple[int, int]:
    """The piece that holds the answer; of an answer over several pieces what stands around it."""
    for start, end in pieces(one.text, most):
        if start <= one.start and one.end <= end:
            return start, end
    half = most // 2
    return max(0, one.start - half), min(len(one.text), one.end + half)


def _passages_of(asked: Sequence[Asked]) -> tuple[list[str], list[str]]:
    passages: list[str] = []
    owner: list[str] = []
    for text in dict.fromkeys(one.text for one in asked):
        for start, end in pieces(text):
            passages.append(text[start:end])
            owner.append(text)
    return passages, owner


def _nearest(
    asked: Sequence[Asked], passages: Sequence[str], count: int = 12
) -> Iterator[list[int]]:
    """The passages that share most with each question, by TF-IDF over words and character bigrams."""
    vectorizer = TfidfVectorizer(analyzer=_terms, sublinear_tf=True)
    matrix = vectorizer.fit_transform(passages).T.tocsr()
    for low in range(0, len(asked), 400):
        # 400 at a time: dense scores of 10,000 questions over 50,000 passages would be 4 GB.
        some = [one.question for one in asked[low : low + 400]]
        scores = (vectorizer.transform(some) @ matrix).toarray()
        for row in scores:
            yield np.argsort(-row)[:count].tolist()


def _terms(text: str) -> list[str]:
    if has_han(text):
        return [text[at : at + 2] for at in range(len(text) - 1)]
    return re.findall(r"\w+", text.lower())


def _names_of(asked: Sequence[Asked]) -> list[str]:
    """What may be asked for instead: the things that questions of the same set are about."""
    things = [shared_thing(one.question, one.text) for one in asked[:4000]]
    return [thing for thing in things if 2 <= len(thing) <= 20]


# what was written for this purpose, beside models.training.written_examples


def unanswered_examples(data: Path, rng: random.Random) -> Iterator[Example]:
    """Questions over contexts of the reading sets that people wrote to have no answer, and some that have."""
    for row in rows(data / "written" / "unanswered.jsonl.xz"):
        if held_out(row["context"]):
            continue
        language, answer = row["lang"], row["answer"]
        if answer is None:
            title = row.get("title") or "" if rng.random() < 0.5 else ""
            yield unanswered(row["q"], title, row["context"], Kind.NEAR_MISS, language)
        else:
            start = row["context"].find(answer)
            end = start + len(answer)
            yield Example(
                row["q"], "", row["context"], start, end, Kind.WRITTEN, language
            )


def news_examples(data: Path, rng: random.Random) -> Iterator[Example]:
    """Our questions about articles of the news: over their passage, over others of the article."""
    articles: dict[str, str] = {}
    for row in rows(data / "text" / "news_zh.jsonl.xz"):
        articles[row["id"]] = row["text"]
    for path in sorted(OWN_QUESTIONS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            row = json.loads(line)
            text = articles.get(row["article"])
            # One article in six is left out.
            if text is not None and zlib.crc32(text.encode()) % 6:
                yield from _news_question(row, text, rng)


def _news_question(
    row: dict[str, Any], text: str, rng: random.Random
) -> Iterator[Example]:
    question = row["question"]
    answer = row["answer"]
    language = "zh" if has_han(question) else "en"
    spans = sentences(text)
    evidence = [spans[at] for at in row["sentences"] if at < len(spans)]
    if answer is None and not row["sentences"]:
        for low, high in pieces(text)[:2]:
            yield unanswered(question, "", text[low:high], Kind.NEAR_MISS, language)
        return
    for low, high in pieces(text, rng.choice((PASSAGE_CHARS, 700))):
        holds = [span for span in evidence if low <= span[0] < high]
        passage = text[low:high]
        if not holds:
            if rng.random() < 0.3 and not (answer and answer in passage):
                yield unanswered(question, "", passage, Kind.OTHER_PASSAGE, language)
            continue
        # An answer in words of its own stands nowhere: that it is there is known, where is not.
        start = end = SOMEWHERE
        at = text.find(answer, holds[0][0], high) if answer else -1
        if at >= 0:
            start = at - low
            end = start + len(answer)
        yield Example(question, "", passage, start, end, Kind.WRITTEN, language)


def pieces(text: str, most: int = PASSAGE_CHARS) -> list[tuple[int, int]]:
    """Whole sentences gathered to at most ``most`` characters."""
    gathered: list[tuple[int, int]] = []
    for start, end in sentences(text):
        if gathered and end - gathered[-1][0] <= most:
            gathered[-1] = gathered[-1][0], end
        else:
            gathered.append((start, end))
    return gathered or [(0, len(text))]


# shares


SHARE = {"zh": 0.8, "en": 1.0, "zh-Hant": 0.5, "cross-en": 1.0, "cross-zh": 1.0}
"""Of the reading sets' examples by language; the others less: what is asked for most is seen most."""
SHARE_OF_OTHERS = 0.12
SHARE_OF_OTHER_PASSAGES = 0.5


def sampled(examples: Iterable[Example], rng: random.Random) -> Iterator[Example]:
    """The examples of reading sets in the shares above; what was written for this purpose whole."""
    for example in examples:
        share = 1.0
        if example.kind in (Kind.READING, Kind.OTHER_PASSAGE):
            share = SHARE.get(example.language, SHARE_OF_OTHERS)
        if example.kind is Kind.OTHER_PASSAGE:
            share *= SHARE_OF_OTHER_PASSAGES
        if rng.random() < share:
            yield example


def all_examples(
    data: Path, rng: random.Random, kept: list[dict[str, Any]]
) -> Iterator[Example]:
    """Every example; documents that are held out go to ``kept``."""
    for name, asked in reading_sets(data):
        print(f"{name}: {len(asked):,} questions", flush=True)
        yield from read_examples(asked, rng) if asked else ()
    trained: list[dict[str, Any]] = []
    for document in written_documents(data):
        if held_out(document["id"]):
            kept.append(document)
        else:
            trained.append(document)
            yield from written_examples(document, rng)
    yield from elsewhere(trained, rng)
    yield from unanswered_examples(data, rng)
    yield from news_examples(data, rng)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seed", type=int, default=7)
    arguments = parser.parse_args()
    rng = random.Random(arguments.seed)
    kept: list[dict[str, Any]] = []
    arrays = encode(sampled(all_examples(arguments.data, rng, kept), rng))
    arguments.out.mkdir(parents=True, exist_ok=True)
    save_file(arrays, arguments.out / "examples.safetensors")
    with lzma.open(arguments.out / "kept.jsonl.xz", "wt", encoding="utf-8") as file:
        for document in kept:
            file.write(json.dumps(document, ensure_ascii=False) + "\n")
    kinds = np.bincount(arrays["kinds"], minlength=len(Kind))
    counts = ", ".join(f"{kind.name.lower()} {kinds[kind]:,}" for kind in Kind)
    print(
        f"{counts}; {len(arrays['texts']):,} tokens of text; {len(kept)} documents kept"
    )


if __name__ == "__main__":
    main()
