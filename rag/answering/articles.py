"""A question for an article by its number: 第十二条是什么 is answered with the article, and with no other.

asked_article("条例第十二条的内容是什么？")        "第十二条"
asked_article("第十二条规定的罚款是多少？")        None: it asks for something in it
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from rag.answering.reading import Choice
from rag.records import Document, Hit, Passage

ARTICLE = re.compile(
    r"第[0-9零〇一二三四五六七八九十百]{1,5}[条章节款]"
    r"|\b(?:Article|Section|Chapter|Clause) \d+(?:\.\d+)*",
    re.IGNORECASE,
)
MOST_PASSAGES = 3
"""Of a long article; the panel shows the rest."""
# In a question whose article is put as @: it and words for the whole of it, and nothing else.
_FOR_ALL_OF_IT = re.compile(
    r"^(?:请问|请|帮我)?(?:说说|看看|列出|给出|查一?下)?.{0,16}?@的?(?:具体|全部|主要)?"
    r"(?:(?:内容|条文|原文|规定)(?:是什么|是|有哪些|呢)?"
    r"|(?:是|规定|讲|说|写)[了的]?是?(?:什么|啥|哪些内容)(?:内容)?)?[？?。]?$"
    r"|^(?:what (?:is|does)(?: in)?|show me|quote|give me) (?:the text of )?@(?: of .{1,40})?"
    r"(?: say| provide| about)?\??$",
    re.IGNORECASE,
)


def article_in(question: str) -> str | None:
    """The article that a question names."""
    match = ARTICLE.search(question)
    return match.group() if match else None


def asked_article(question: str) -> str | None:
    """The article that a question asks for whole."""
    label = article_in(question)
    if label is None:
        return None
    return (
        label
        if _FOR_ALL_OF_IT.search(question.strip().replace(label, "@", 1))
        else None
    )


def article(
    document: Document, passages: Sequence[Passage], label: str
) -> tuple[Choice, ...]:
    """The passages of the article, whole, in their order; none where the document has no such article."""
    found: list[Choice] = []
    for passage in passages:
        if not _belongs(passage, label):
            continue
        found.append(
            Choice(Hit(passage, document, 1.0), (passage.start, passage.end), 0.0, 1.0)
        )
    return tuple(found[:MOST_PASSAGES])


def _belongs(passage: Passage, label: str) -> bool:
    """Whether the passage begins with the label or stands under it; 第十二条之一 is another article."""
    begins = re.compile(re.escape(label) + r"(?![\w.]*\d|之)", re.IGNORECASE)
    return any(
        begins.match(text.lstrip())
        for text in (passage.text, *passage.context.headings)
    )
