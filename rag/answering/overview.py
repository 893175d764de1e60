"""What a document is about: its headline, its lead, and one sentence of each of its sections, each cited.

    if asks_for_overview("这份文件讲了什么？"):
        choices = overview(document, passages)

Nothing is written anew: an overview is the document's own first sentences, in its order.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.language.sentences import sentences
from rag.answering.articles import article_in
from rag.answering.reading import Choice
from rag.records import Document, Hit, Passage, Span

MOST_SECTIONS = 7
SHORTEST, LONGEST = 8, 200
"""Characters of a sentence that says what a section is about; a label says nothing, a long one too much."""

_FILE = (
    r"(?:文件|文档|文章|材料|资料|规划|报告|手册|通知|方案|制度|规定|条例|办法"
    r"|论文|合同|说明书?|纪要|书|内容)"
)
_NEWS = r"(?:消息|新闻|报道|稿子|稿件|观察|见闻|通讯|评论)"
_SAYS = r"(?:主要)?(?:讲|说|写|介绍|谈)(?:了|的是|的)"
_WHAT = r"(?:些)?(?:什么(?:事|内容)?|哪(?:些|几)(?:个)?方面|啥)[？?。]?$"
_CHINESE = re.compile(
    rf"{_NEWS}{_SAYS}{_WHAT}"
    rf"|{_NEWS}的?(?:主要内容|大意|要点|梗概|主旨)"
    rf"|(?:^|[这该本此份篇个]){_FILE}.{{0,8}}(?:讲|说|写|介绍|谈|涉及|关于|内容是)(?:了|的是|的|到)?(?:什么|哪些|啥)"
    rf"|{_FILE}的?(?:主要内容|大意|要点|概要|摘要|梗概|主旨|中心思想)"
    rf"|^(?:请|帮我|麻烦)?(?:总结|概括|概述|归纳|简述|简要介绍)(?:一下)?"
)
_ENGLISH = re.compile(
    r"\bwhat(?:'s| is| are| does) (?:this|the|that|these)?\s*"
    r"(?:document|file|report|paper|article|text|book|manual|handbook|policy|contract|guide)s?\s*(?:all )?"
    r"(?:about|cover|say)\b|\bwhat topics\b.*\bcovered\b|\b(?:summari[sz]e|sum up|overview of|main points|"
    r"key points|give me (?:a|the) (?:summary|overview))\b",
    re.IGNORECASE,
)


def asks_for_overview(question: str) -> bool:
    """Whether a question is after the whole of a document: 总结一下, what is this about."""
    if article_in(question):
        return False
    return bool(_CHINESE.search(question) or _ENGLISH.search(question))


def overview(document: Document, passages: Sequence[Passage]) -> tuple[Choice, ...]:
    """The headline, where it stands in the text, and the lead of each section, in their order."""
    choices: list[Choice] = []
    seen: set[tuple[str, ...]] = set()
    for passage in passages:
        section = passage.context.headings[:2]
        if section in seen or passage.context.cells or len(choices) >= MOST_SECTIONS:
            continue
        if not choices and passage.text.startswith(document.title):
            headline = passage.start, passage.start + len(document.title)
            choices.append(_shown(document, passage, headline))
        span = _first_sentence(document, passage)
        if span is None:
            continue
        seen.add(section)
        choices.append(_shown(document, passage, span))
    return tuple(choices)


def _shown(document: Document, passage: Passage, span: Span) -> Choice:
    return Choice(Hit(passage, document, 1.0), span, 0.0, 1.0)


def _first_sentence(document: Document, passage: Passage) -> Span | None:
    for start, end in sentences(document.text, passage.start, passage.end):
        text = document.text[start:end]
        tells = text != document.title and not _signs(document, text)
        if tells and SHORTEST <= len(text) <= LONGEST:
            return start, end
    return None


def _signs(document: Document, text: str) -> bool:
    """Whether a sentence only says who reported from where: 新华社北京11月19日电（记者 严旗 陈炜伟）."""
    dateline, byline = document.dateline or "", document.byline or ""
    left = text
    for known in (dateline, byline):
        left = left.replace(known, "") if known else left
    # Two brackets may be left, not what the article begins to tell.
    return left != text and len(left) < SHORTEST
