"""A bare keyword is no question: the sentences that speak of it are listed, document by document.

is_keyword(read("年休假"))           True
mentions(asking, hits)               one choice a passage, those of one document together
"""

from __future__ import annotations

from collections.abc import Sequence

from models.language.questions import Asking
from models.language.sentences import sentences
from models.language.words import fold
from rag.answering.reading import Choice
from rag.records import Hit, Span

MOST_CHARS, MOST_WORDS = 16, 3
"""Of a keyword; Latin ones may be three times as long."""
MOST_MENTIONS = 5
_TELLING = (
    "介绍",
    "说明",
    "解释",
    "列出",
    "描述",
    "比较",
    "分析",
    "查",
    "讲",
    "说",
    "explain",
    "describe",
    "list",
)
_SPOKEN = ("吗", "呢", "么", "?", "？")


def is_keyword(asking: Asking) -> bool:
    """Whether nothing is asked: a name or a term alone, without any question word or verb of asking."""
    text = asking.text.strip()
    longest = MOST_CHARS * (1 if asking.language == "zh" else 3)
    if asking.asked != "other" or text.endswith(_SPOKEN) or len(text) > longest:
        return False
    content = asking.content
    if not 1 <= len(content) <= MOST_WORDS:
        return False
    # 年休假 is all content; 我想了解年休假 holds more than its terms.
    said = sum(len(word.text) for word in content)
    # 介绍年休假 says what is to be done; jieba's tags do not tell it from 门禁改造项目.
    return not text.startswith(_TELLING) and said >= len("".join(text.split())) - 1


def mentions(asking: Asking, hits: Sequence[Hit]) -> tuple[Choice, ...]:
    """The first sentence of each passage that holds every word of the keyword, grouped by document."""
    wanted = [word.text for word in asking.content]
    by_document: dict[int, list[Choice]] = {}
    for hit in hits:
        span = _sentence_with(wanted, hit)
        if span is not None:
            by_document.setdefault(hit.document.id, []).append(
                Choice(hit, span, 0.0, 1.0)
            )
    grouped = [choice for choices in by_document.values() for choice in choices]
    return tuple(grouped[:MOST_MENTIONS])


def _sentence_with(wanted: Sequence[str], hit: Hit) -> Span | None:
    passage = hit.passage
    if passage.context.cells:
        there = fold(passage.text)
        return (
            (passage.start, passage.end)
            if all(word in there for word in wanted)
            else None
        )
    for start, end in sentences(hit.document.text, passage.start, passage.end):
        sentence = fold(hit.document.text[start:end])
        # A line that is the keyword and nothing else says nothing of it.
        if (
            all(word in sentence for word in wanted)
            and len(sentence) > sum(map(len, wanted)) + 2
        ):
            return start, end
    return None
