"""A JSONL file of articles -> articles as paragraphs: ``{"id", "text", "title"?, "published"?}`` a line.

Where the text is one run (as web news is often stored) it is split into paragraphs at sentence ends. Rows are
*held out* when ``crc32(id) % 10 == 0``: no model here is trained on those, and pages are made of them.
"""

from __future__ import annotations

import json
import lzma
import re
import zlib
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

from eval.pages.printing import Article, Paragraph
from models.language.sentences import sentences
from rag.errors import InvalidValue
from rag.sources.cleaning import clean
from rag.sources.dates import iso_date

HELD_OUT = 10
SHORTEST, LONGEST = 200, 4000
"""Characters that an article must have at least; what is longer is cut short at a paragraph."""
PARAGRAPH = (30, 200)

_TAIL = re.compile(
    r"(?:广告声明|返回搜狐|责任编辑|新闻线索报料|本文属于原创|更多精彩内容|相关阅读|【编辑|[（(]编辑|[（(]责编|"
    r"《 ?人民日报|海量资讯|特别声明|[（(]完[）)]|[（(]来源|https?:).*$",
    re.DOTALL,
)
_HEAD = re.compile(
    r"^(?:IT ?之家 ?\d+ ?月 ?\d+ ?日消息|\d+ ?月 ?\d+ ?日消息|[^，。]{2,16}讯[（(][^）)]{2,30}[）)]"
    r"|[^，。]{2,20}电 ?\s*[（(][^）)]{2,30}[）)]|[^，。]{2,20}[0-9]日[电讯])[，,\s]*"
)
_JOINERS = re.compile("[\u200b-\u200d\u2060]")
_WIDE = re.compile(r"\s{2,}|\n+")
_SENTENCE_END = re.compile(r"[。！？!?.…][”’」』）)\"]*\Z")
_OPEN, _CLOSED = "“（《「『(", "”）》」』)"


@dataclass(frozen=True, slots=True)
class Story:
    """An article before it is dressed: its paragraphs, and the title and day if they are known."""

    id: str
    paragraphs: tuple[str, ...]
    title: str | None = None
    published: str | None = None

    @property
    def text(self) -> str:
        return "".join(self.paragraphs)

    def bare(self) -> Article:
        """As an article with nothing added: its title as the headline, if it has one."""
        title = [Paragraph("headline", self.title)] if self.title else []
        body = [Paragraph("body", each) for each in self.paragraphs]
        fields = {"title": (self.title,)} if self.title else {}
        return Article(self.id, (*title, *body), fields=fields)


def read_stories(path: Path, *, every: bool = False) -> list[Story]:
    """Read a JSONL file, ``.xz`` or plain; rows that are too short or not clean are passed over.

    Args:
        every: take all rows, not only those held out.

    Raises:
        InvalidValue: it cannot be read, a line is not such an object, or nothing is left.
    """
    stories = list(filter(None, map(story_of, _rows(path, every))))
    if not stories:
        raise InvalidValue(
            "articles",
            str(path),
            f"articles of {SHORTEST} characters and more that are held out",
        )
    return stories


def held_out(id_: str) -> bool:
    return zlib.crc32(id_.encode()) % HELD_OUT == 0


def story_of(row: dict[str, str]) -> Story | None:
    """The paragraphs of a row, what the web put around them taken off; None when too little is left."""
    text = _TAIL.sub("", _JOINERS.sub("", clean(row["text"])))
    text = _HEAD.sub("", text.strip())
    if text.startswith("原标题") or "http" in text or "\ufffd" in text:
        return None
    kept = []
    length = 0
    for stretch in _WIDE.split(text):
        for paragraph in _split(stretch.strip()):
            length += len(paragraph)
            if length <= LONGEST:
                kept.append(paragraph)
    if len("".join(kept)) < SHORTEST or len(kept) < 2 or _says_twice(kept):
        return None
    published = iso_date(row["published"]) if row.get("published") else None
    return Story(row["id"], tuple(kept), row.get("title"), published)


def alike(left: str, right: str, size: int = 6) -> float:
    """Share of the shorter text's character n-grams that the other has."""
    a, b = _grams(left, size), _grams(right, size)
    return len(a & b) / max(1, min(len(a), len(b)))


def _rows(path: Path, every: bool) -> Iterator[dict[str, str]]:
    opened = lzma.open if path.suffix == ".xz" else open
    try:
        with opened(path, "rt", encoding="utf-8") as file:
            for number, line in enumerate(file, 1):
                if not line.strip():
                    continue
                row = _row(path, number, line)
                if every or held_out(row["id"]):
                    yield row
    except (OSError, UnicodeDecodeError, lzma.LZMAError) as error:
        raise InvalidValue(
            "articles", str(path), f"a JSONL file that can be read ({error})"
        ) from error


def _row(path: Path, number: int, line: str) -> dict[str, str]:
    where = f"{path.name} line {number}"
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise InvalidValue(where, line[:60], f"JSON ({error.msg})") from None
    if not isinstance(row, dict):
        row = {}
    if not isinstance(row.get("id"), str) or not isinstance(row.get("text"), str):
        raise InvalidValue(where, line[:60], 'an object with "id" and "text"')
    return row


def _split(text: str) -> Iterable[str]:
    """Sentences put together to paragraphs with closed quotes; one that breaks off at the end is left out."""
    least, most = PARAGRAPH
    spans = sentences(text)
    # web news is often cut off by whoever collected it
    while spans and not _SENTENCE_END.search(text, *spans[-1]):
        spans.pop()
    at = 0
    while at < len(spans):
        begin, end = spans[at]
        # from the text itself: the same paragraphs every time it is split
        wanted = least + (zlib.crc32(text[begin:end].encode()) % (most - least)) // 2
        at += 1
        while at < len(spans) and (
            end - begin < wanted or not _closed(text[begin:end])
        ):
            if spans[at][1] - begin > most and _closed(text[begin:end]):
                break
            end = spans[at][1]
            at += 1
        yield text[begin:end]


def _says_twice(paragraphs: Sequence[str]) -> bool:
    """Whether a paragraph repeats another: on a page, nobody could tell it from a copy."""
    return any(alike(*pair) > 0.5 for pair in combinations(paragraphs, 2))


def _closed(text: str) -> bool:
    """Whether every quotation mark and bracket that opens in the text closes in it."""
    pairs = zip(_OPEN, _CLOSED, strict=True)
    return all(text.count(opening) == text.count(closing) for opening, closing in pairs)


def _grams(text: str, size: int) -> set[str]:
    return {text[i : i + size] for i in range(len(text) - size + 1)}
