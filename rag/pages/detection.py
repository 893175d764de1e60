"""Whether a text is a page whose articles need telling apart and putting in order.

Cheap signs only make a text a candidate; its blocks must then be seen to stand out of order
(``models.pages.disorder``). What reads in order is never a page, however many articles it holds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import groupby, pairwise

from models.language.words import language
from models.pages.lines import BEGINNINGS, ENDINGS, Look, look, short_line
from rag.pages.paragraphs import lines_of, text_of
from rag.records import Part, Source

FEWEST, MOST = 4, 400
"""Blocks that a page has; more is a book, or a table."""
MOST_CHARACTERS = 100_000
"""No newspaper page holds a third of this."""
PROSE = 0.5
"""The share of the characters that must stand in blocks of prose: lists, tables, code and verse are no pages.
Of blocks it would be another on wide columns than on narrow ones, which leave few sentences whole."""
PROSE_LENGTH = 22
"""Characters from which a block with a comma or a stop in it is prose; lines of verse have fewer."""
WHOLE = 0.1
"""The share of blocks that must end a sentence: even columns of three short lines do, entries of a list do
not."""
WHOLE_LENGTH = 8
CUT_LENGTH = 12
"""Characters from which a block without a stop at its end may be cut; a shorter one is a heading."""
LONG = 20
"""Characters that two paragraphs must begin or end with alike to be the same, perhaps."""
Judge = Callable[[Sequence[str]], float]
_ITEM = re.compile(
    r"[（(]?(?:\d{1,3}|[a-zA-Z]|[一二三四五六七八九十]{1,3}|[ivxIVX]{1,4})[)）、.．]"
)
_ITEM_ENDS = "；;：:"
_OPEN_ENDS = ("pause", "digit", "latin", "han")


def is_page(source: Source, part: Part, judge: Judge) -> bool:
    """Whether this part is a flattened page.

    Only plain text in Chinese that declares nothing is asked.

    Args:
        judge: log-odds that texts stand out of order, by a model; asked only of a candidate.
    """
    is_declared = bool(part.blocks) or part.title is not None
    if is_declared or source.media_type != "text/plain":
        return False
    if part.end - part.start > MOST_CHARACTERS:
        return False
    if language(source.text[part.start : part.end]) != "zh":
        return False
    lines = lines_of(source.text, part)
    if not FEWEST <= len(lines) <= MOST:
        return False
    texts = [text_of(source.text, each) for each in lines]
    return is_candidate(texts) and judge(texts) > 0


def is_candidate(texts: Sequence[str]) -> bool:
    """Whether blocks of text are prose with any sign of a page, each of which many other texts have too.

    Signs are datelines, bylines and end marks beyond the first, blocks that end or begin within a sentence,
    and long paragraphs that recur.
    """
    looks = [look(text) for text in texts]
    if not _is_prose(looks):
        return False
    if _datelines(looks) or _end_marks(looks) or _recur(texts):
        return True
    return any(map(_may_be_torn, texts, looks))


def _is_prose(looks: Sequence[Look]) -> bool:
    """Whether most of what is said is said in sentences, some of which end."""
    whole = characters = in_prose = 0
    for found in looks:
        characters += found.length
        if found.length >= PROSE_LENGTH and found.pauses:
            in_prose += found.length
        if found.length >= WHOLE_LENGTH and _ending(found) in ("terminal", "closed"):
            whole += 1
    # Of 30 blocks 3 must end a sentence, of 10 two.
    return whole >= max(2, WHOLE * len(looks)) and in_prose >= PROSE * characters


def _datelines(looks: Sequence[Look]) -> int:
    """Signs that articles begin: the first dateline or byline says nothing, nor does one beside another."""
    dated = sum(each.dated or each.furniture == "dateline" for each in looks)
    groups = sum(signed for signed, _ in groupby(looks, _signed))
    headed = 0
    for before, after in pairwise(looks):
        if not _signed(after) or _signed(before):
            continue
        # A headline over a byline.
        if short_line(before) or before.furniture == "subtitle":
            headed += 1
    return 2 * max(0, dated - 1) + max(0, groups - 1) + max(0, headed - 1)


def _signed(found: Look) -> bool:
    return found.dated or found.furniture in ("byline", "dateline")


def _end_marks(looks: Sequence[Look]) -> int:
    """End marks that text follows; editor and source under one article are several, with nothing after."""
    followed = 0
    for found, after in pairwise(looks):
        if found.furniture == "end" and after.furniture != "end":
            followed += 1
    return followed


def _recur(texts: Sequence[str]) -> bool:
    """Whether two long blocks begin alike, or end alike."""
    long = [text for text in texts if len(text) >= LONG]
    beginnings = {text[:LONG] for text in long}
    ends = {text[-LONG:] for text in long}
    return min(len(beginnings), len(ends)) < len(long)


def _may_be_torn(text: str, found: Look) -> bool:
    """Whether a block ends or begins as if within a sentence.

    An item of an enumeration may end in a semicolon, and its number may close a bracket; a novel's paragraph
    may begin with an ellipsis.
    """
    if found.furniture is not None:
        return False
    is_open = text[-1] not in _ITEM_ENDS and _ending(found) in _OPEN_ENDS
    if is_open and found.length > CUT_LENGTH:
        return True
    if _ITEM.match(text):
        return False
    begins_with_mark = BEGINNINGS[found.beginning] == "mark" and text[0] != "…"
    return bool(found.unopened) or begins_with_mark


def _ending(found: Look) -> str:
    return ENDINGS[found.ending]
