"""Examples from the documents that were written for the reader: passages with contexts, and near misses."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from models.language.words import has_han
from models.training.data import rows
from models.training.reader_tokens import Example, Kind, unanswered

OWN_DOCUMENTS = Path(__file__).parent / "written"
PASSAGE_CHARS = 320
SEPARATOR = " › "
SHARE_TOGETHER = 0.6
"""Of the written passages that are read among their neighbours."""
SHARE_ELSEWHERE = 0.3
"""Of the written questions that are also asked of another document of their genre."""


def written_documents(data: Path) -> Iterator[dict[str, Any]]:
    """Documents of passages with their contexts, and questions, a good part of them not answered.

    Contexts come without the title, whether or not they were written with it.
    """
    for path in sorted((data / "written").glob("*.jsonl.xz")):
        yield from (_untitled(row) for row in rows(path) if "passages" in row)
    for path in sorted(OWN_DOCUMENTS.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            yield _untitled(json.loads(line))


def _untitled(document: dict[str, Any]) -> dict[str, Any]:
    """The document, the title taken off the front of each context: it is put there again where it is read."""
    title = document["title"]
    passages: list[dict[str, str]] = []
    for passage in document["passages"]:
        context = passage.get("context") or ""
        if context == title or context.startswith(title + SEPARATOR):
            context = context[len(title) :].removeprefix(SEPARATOR)
        passages.append({**passage, "context": context})
    return {**document, "passages": passages}


def written_examples(document: dict[str, Any], rng: random.Random) -> Iterator[Example]:
    """Each question over the passage that answers it, twice with other neighbours, and over look-alikes."""
    passages = document["passages"]
    for question in document["questions"]:
        text = question["q"]
        language = question["lang"]
        if question.get("answer") is None:
            # The first two passages that tempt to answer, each twice, among other neighbours.
            near = question.get("near") or [0]
            for at in near[:2] * 2:
                context, passage, _ = _together(document, at, rng)
                yield unanswered(text, context, passage, Kind.NEAR_MISS, language)
            continue
        at = question["passage"]
        answer = question["answer"]
        right = passages[at]["text"]
        # Where its sentence says it: "2019" may stand in the passage three times.
        place = right.find(answer, max(right.find(question["sentence"]), 0))
        for _ in range(2):
            context, passage, shift = _together(document, at, rng)
            start = shift + place
            end = start + len(answer)
            yield Example(text, context, passage, start, end, Kind.WRITTEN, language)
        others: list[int] = []
        for number, other in enumerate(passages):
            if number != at and answer not in other["text"]:
                others.append(number)
        for number in rng.sample(others, min(2, len(others))):
            context, passage, _ = _together(document, number, rng)
            # Its neighbours may have brought the answer in.
            if right not in passage and answer not in passage:
                yield unanswered(text, context, passage, Kind.OTHER_PASSAGE, language)


def elsewhere(
    documents: Sequence[dict[str, Any]], rng: random.Random
) -> Iterator[Example]:
    """Some questions over a passage of another document of their genre, as a store of many holds them."""
    by_genre: dict[str, list[dict[str, Any]]] = {}
    for document in documents:
        by_genre.setdefault(document.get("genre", ""), []).append(document)
    for document in documents:
        for question in document["questions"]:
            other = rng.choice(by_genre[document.get("genre", "")])
            if other is document or rng.random() > SHARE_ELSEWHERE:
                continue
            at = rng.randrange(len(other["passages"]))
            context, passage, _ = _together(other, at, rng)
            answer = question.get("answer")
            if not answer or answer not in passage:
                asked, language = question["q"], question["lang"]
                yield unanswered(asked, context, passage, Kind.OTHER_PASSAGE, language)


def _together(
    document: dict[str, Any], at: int, rng: random.Random
) -> tuple[str, str, int]:
    """Context, passage, and where passage ``at`` begins in it: most times among its neighbours.

    Chuchu puts short neighbours of one section together, up to 200 characters (Latin: 500) or, under the stem
    of their list, 320. Among six neighbours a sentence was read 4 log-odds lower than alone by a reader that
    had seldom seen it so.
    """
    passages = document["passages"]
    heading = passages[at].get("context") or ""
    titled = rng.random() < 0.75
    above = (document["title"] if titled else "", heading)
    context = SEPARATOR.join(filter(None, above))
    text = passages[at]["text"]
    if rng.random() > SHARE_TOGETHER:
        return context, text, 0
    most = rng.choice((200, 200, PASSAGE_CHARS)) * (1.0 if has_han(text) else 2.5)
    first, last = at, at + 1
    order = ["before", "after"] * 4
    rng.shuffle(order)
    for side in order:
        neighbour = first - 1 if side == "before" else last
        if not 0 <= neighbour < len(passages):
            continue
        if (passages[neighbour].get("context") or "") != heading:
            continue
        more = passages[neighbour]["text"]
        if len(text) + len(more) > most:
            continue
        text = f"{more}\n{text}" if side == "before" else f"{text}\n{more}"
        first = min(first, neighbour)
        last = max(last, neighbour + 1)
    # The passages before it, each with its line break.
    shift = sum(len(passage["text"]) + 1 for passage in passages[first:at])
    return context, text, shift
