"""Whether a text is a page whose articles need telling apart and putting in order: cheap signs, no model."""

from __future__ import annotations

from collections.abc import Sequence

from models.language.words import language
from models.pages.lines import BEGINNINGS, ENDINGS, Look, look
from rag.pages.plain import Lines
from rag.records import Part, Source

FEWEST, MOST = 4, 400
"""Blocks that a page has; more is a book, or a table."""
WHOLE = 0.35
"""The share of blocks that must be text in whole sentences: lists, code and verse are no pages."""
SIGNS = 2
SAMPLE = 4000
LONG = 20
"""Characters that two paragraphs must begin or end with alike to be the same, perhaps."""


def is_page(source: Source, part: Part, blocks: Sequence[Lines]) -> bool:
    """Whether this part shows the signs of a flattened page.

    Only plain text in Chinese that declares nothing is asked. Signs are datelines, bylines and end marks
    beyond the first, blocks that end or begin within a sentence, and long paragraphs that recur.
    """
    if source.media_type != "text/plain" or part.title is not None or not FEWEST <= len(blocks) <= MOST:
        return False
    if language(source.text[part.start : part.start + SAMPLE]) != "zh":
        return False
    texts = ["".join(source.text[start:end] for start, end in lines) for lines in blocks]
    looks = [look(text) for text in texts]
    whole = sum(_ending(each) in ("terminal", "closed") and each.length >= 20 for each in looks)
    if whole < max(2, WHOLE * len(blocks)):
        return False
    dated = sum(each.dated or each.furniture == "dateline" for each in looks)
    signed = sum(each.furniture == "byline" for each in looks)
    ended = sum(each.furniture == "end" for each in looks[:-1])
    long = [text for text in texts if len(text) >= LONG]
    recurring = len(long) - min(len({text[:LONG] for text in long}), len({text[-LONG:] for text in long}))
    torn = sum(map(_torn, looks))
    return 2 * max(0, dated - 1) + max(0, dated + signed - 1) + ended + recurring + torn >= SIGNS


def _torn(found: Look) -> bool:
    """Whether a block ends or begins within a sentence, so plainly that no model is needed to say so."""
    if found.furniture is not None:
        return False
    cut = found.length > 40 and _ending(found) in ("pause", "digit", "latin", "han")
    going_on = bool(found.unopened) or BEGINNINGS[found.beginning] == "mark"
    return cut or going_on or (_ending(found) == "pause" and found.length > 12)


def _ending(found: Look) -> str:
    return ENDINGS[found.ending]
