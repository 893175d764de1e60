"""An answer as the text of a chat message: the claims with their markers, then where each comes from."""

from __future__ import annotations

from api.schemas.answers import Answer
from api.schemas.citations import Citation, Where
from models.language.words import has_han


def text_of(answer: Answer) -> str:
    """The answer, and under it a line for each citation.

    全国达74家。[1]

    出处：
    - [1] 保护中心 (2024-11-20), page.txt, 第三章 › 第十二条, p. 4: “全国达74家。”
    """
    if not answer.citations:
        return answer.answer
    in_chinese = has_han(answer.question)
    lines = [answer.answer, "", "出处：" if in_chinese else "Sources:"]
    for citation in answer.citations:
        lines.append(
            f"- [{citation.marker}] {_source(citation)}: “{_one_line(citation.quote)}”"
        )
    return "\n".join(lines)


def _source(citation: Citation) -> str:
    title = citation.title + (f" ({citation.published})" if citation.published else "")
    name = [] if citation.source.name == citation.title else [citation.source.name]
    return ", ".join([title, *name, *_place(citation.where)])


def _place(where: Where) -> list[str]:
    parts = [" › ".join(where.headings)] if where.headings else []
    if where.page is not None:
        parts.append(f"p. {where.page}")
    return parts


def _one_line(quote: str) -> str:
    """A quote on one line; its whitespace is whole in the field ``chuchu``."""
    return " ".join(quote.split())
