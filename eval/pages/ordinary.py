"""Whether what reads in order is left as it is, and what is torn is not.

    texts = [*read_texts(Path("tests/data/ordinary.jsonl")), *in_a_row(stories, texts=100)]
    cases = ordinary_cases(texts)

Both are asked by one question of what comes out, ``as_it_stands``: is it one document, which has every
character of the file in the order of the file? A text in order should be, a torn page should not.
"""

from __future__ import annotations

import json
import lzma
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from random import Random
from typing import Any

from eval.catalogue import Case
from eval.pages.articles import Story
from eval.pages.gold import GoldPage
from models.language.words import has_han
from rag import sources
from rag.errors import InvalidValue
from rag.pages import recover
from rag.records import Document, Source

Recover = Callable[[Source], Sequence[Document]]
ROWS = (1, 1, 1, 2, 3, 5)
"""How many articles stand one after another in a text of news; half of the texts have one."""


@dataclass(frozen=True, slots=True)
class OrdinaryText:
    """A text that reads in order. ``genre`` is what it is counted by."""

    id: str
    text: str
    genre: str
    lang: str = "zh"


def read_texts(path: Path) -> list[OrdinaryText]:
    """A folder of ``.txt`` files, or JSONL of ``{"id", "text", "genre"?, "lang"?}``, ``.xz`` or plain.

    A row may have a ``title`` and ``passages``, each with its ``context``, in place of the text.

    Raises:
        InvalidValue: it cannot be read, or a row lacks its id or text.
    """
    try:
        if path.is_dir():
            return [_of_file(file, path.name) for file in sorted(path.rglob("*.txt"))]
        data = path.read_bytes()
        if path.suffix == ".xz":
            data = lzma.decompress(data)
        lines = filter(str.strip, data.decode().splitlines())
        return [_of_row(json.loads(line)) for line in lines]
    except (OSError, ValueError, KeyError, lzma.LZMAError) as error:
        expected = f"a folder of .txt files, or JSONL of texts ({error})"
        raise InvalidValue("ordinary", str(path), expected) from error


def in_a_row(
    stories: Sequence[Story], *, texts: int, seed: int = 0
) -> Iterator[OrdinaryText]:
    """News as somebody would save it: an article, or several after one another, with nothing in between."""
    for number in range(texts):
        rng = Random(f"{seed} in a row {number}")  # noqa: S311 - no secret
        chosen = rng.sample(list(stories), min(len(stories), rng.choice(ROWS)))
        between = rng.choice(("\n", "\n\n"))
        paragraphs = chain.from_iterable(story.paragraphs for story in chosen)
        text = between.join(paragraphs)
        yield OrdinaryText(f"news-{seed}-{number:04}", text, "news in a row")


def ordinary_cases(
    texts: Iterable[OrdinaryText], recover: Recover = recover
) -> Iterator[Case]:
    """A case for each text, right where it is left as it stands."""
    for each in texts:
        source = sources.read_bytes(each.text.encode(), "text.txt")
        began = time.perf_counter()
        documents = recover(source)
        spent = time.perf_counter() - began
        left = as_it_stands(source, documents)
        changed = f"{len(documents)} documents, or moved, or folded"
        yield {
            "id": each.id,
            "kind": each.genre,
            "lang": each.lang,
            "question": f"{len(source.text)} characters in order",
            "expected": ["one document, as it stands"],
            "right": left,
            "why_not": None if left else changed,
            "latency_ms": round(1000 * spent, 3),
            "scores": {},
            "counts": {"left_as_it_stands": [float(left), 1.0]},
        }


def as_it_stands(source: Source, documents: Sequence[Document]) -> bool:
    """Whether a text came out as one document, nothing of it moved, folded or lost."""
    if len(documents) != 1:
        return False
    kept = ""
    at = 0
    for start, end, there in documents[0].map:
        if there < at:
            return False
        at = there + end - start
        kept += source.text[there:at]
    return _ink(kept) == _ink(source.text)


def is_torn(page: GoldPage) -> bool:
    """Whether a sentence of a page goes on elsewhere than in the next block.

    Now and then a generated page is cut nowhere, or its columns come to stand as they were: it reads in
    order, but for a paragraph that is printed again.
    """
    return any(join.required and join.second != join.first + 1 for join in page.joins)


def _of_file(file: Path, genre: str) -> OrdinaryText:
    text = file.read_text(encoding="utf-8")
    return OrdinaryText(file.stem, text, genre, "zh" if has_han(text) else "en")


def _of_row(row: dict[str, Any]) -> OrdinaryText:
    text = row["text"] if "text" in row else _typed(row)
    lang = row.get("lang") or ("zh" if has_han(text) else "en")
    return OrdinaryText(row["id"], text, row.get("genre", "text"), lang)


def _typed(row: dict[str, Any]) -> str:
    """A document of passages as somebody would type it, each heading on a line where it first applies."""
    lines = [row["title"]]
    for passage in row["passages"]:
        # "Rules › Clerks › Weigher": the nearest heading
        heading = (passage.get("context") or "").split(" › ")[-1]
        if heading and heading not in lines:
            lines.append(heading)
        lines.append(passage["text"])
    return "\n\n".join(lines)


def _ink(text: str) -> str:
    return "".join(text.split())
