"""Whether a text is a page whose articles need telling apart and putting in order: by cheap signs first."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import groupby, pairwise

from models.language.words import language
from models.pages.lines import BEGINNINGS, ENDINGS, Look, look, short_line
from rag.pages.paragraphs import Lines
from rag.records import Part, Source

FEWEST, MOST = 4, 400
"""Blocks that a page has; more is a book, or a table."""
PROSE = 0.5
"""The share of the characters that must stand in blocks of prose: lists, tables, code and verse are no pages.
Of blocks it would be another on wide columns than on narrow ones, which leave few sentences whole."""
PROSE_LENGTH = 22
"""Characters from which a block with a comma or a stop in it is prose; lines of verse have fewer."""
WHOLE = 0.1
"""The share of blocks that must end a sentence: even columns of three short lines do, entries of a list do
not."""
WHOLE_LENGTH = 8
CUT_LENGTH = 40
"""Characters from which a block without any mark at its end is no headline but cut."""
PAUSED_LENGTH = 12
"""The same for one that ends in a comma."""
SIGNS = 2
SAMPLE = 4000
DOUBT_LENGTH = 12
"""Characters from which one wonders whether a block without any mark at its end is cut."""
LONG = 20
"""Characters that two paragraphs must begin or end with alike to be the same, perhaps."""
Torn = Callable[[Sequence[str]], Sequence[bool]]
_ITEM = re.compile(r"[（(]?(?:\d{1,3}|[a-zA-Z]|[一二三四五六七八九十]{1,3}|[ivxIVX]{1,4})[)）、.．]")
_ITEM_ENDS = "；;：:"


def is_page(source: Source, part: Part, blocks: Sequence[Lines], torn: Torn) -> bool:
    """Whether this part shows the signs of a flattened page.

    Only plain text in Chinese that declares nothing is asked. Signs are datelines, bylines and end marks
    beyond the first, blocks that end or begin within a sentence, and long paragraphs that recur.

    Args:
        torn: whether texts begin or end within a sentence, by a model; asked only where looks leave doubt.
    """
    if source.media_type != "text/plain" or part.title is not None or not FEWEST <= len(blocks) <= MOST:
        return False
    if language(source.text[part.start : part.start + SAMPLE]) != "zh":
        return False
    texts = ["".join(source.text[start:end] for start, end in lines) for lines in blocks]
    looks = [look(text) for text in texts]
    if not _is_prose(looks):
        return False
    long = [text for text in texts if len(text) >= LONG]
    recurring = len(long) - min(len({text[:LONG] for text in long}), len({text[-LONG:] for text in long}))
    plain = sum(map(_torn, texts, looks))
    if _beginnings(looks) + _endings(looks) + recurring + plain >= SIGNS:
        return True
    return any(map(_doubtful, looks)) and sum(torn(_unfurnished(texts, looks))) >= SIGNS


def _unfurnished(texts: Sequence[str], looks: Sequence[Look]) -> list[str]:
    return [
        text
        for text, each in zip(texts, looks, strict=True)
        if each.furniture is None and (each.pauses or not short_line(each)) and not _ITEM.match(text)
    ]


def _doubtful(found: Look) -> bool:
    open_end = _ending(found) in ("digit", "latin", "han")
    return found.furniture is None and found.length > DOUBT_LENGTH and open_end


def _is_prose(looks: Sequence[Look]) -> bool:
    """Whether most of what is said is said in sentences, some of which end."""
    whole = sum(_ending(each) in ("terminal", "closed") and each.length >= WHOLE_LENGTH for each in looks)
    prose = sum(each.length for each in looks if each.length >= PROSE_LENGTH and each.pauses)
    return whole >= max(2, WHOLE * len(looks)) and prose >= PROSE * sum(each.length for each in looks)


def _beginnings(looks: Sequence[Look]) -> int:
    """Signs that articles begin: the first dateline or byline says nothing, nor does one beside another."""
    dated = sum(each.dated or each.furniture == "dateline" for each in looks)
    groups = [list(group) for signed, group in groupby(looks, _signed) if signed]
    headed = sum(
        _signed(after) and not _signed(before) and (short_line(before) or before.furniture == "subtitle")
        for before, after in pairwise(looks)
    )
    return 2 * max(0, dated - 1) + max(0, len(groups) - 1) + max(0, headed - 1)


def _signed(found: Look) -> bool:
    return found.dated or found.furniture in ("byline", "dateline")


def _endings(looks: Sequence[Look]) -> int:
    """End marks that text follows; editor and source under one article are several, with nothing after."""
    ended = [i for i, each in enumerate(looks) if each.furniture == "end"]
    return sum(i + 1 < len(looks) and looks[i + 1].furniture != "end" for i in ended)


def _torn(text: str, found: Look) -> bool:
    """Whether a block ends or begins within a sentence, so plainly that no model is needed to say so.

    An item of an enumeration may end in a semicolon, and its number may close a bracket; a novel's paragraph
    may begin with an ellipsis.
    """
    if found.furniture is not None:
        return False
    if text[-1] not in _ITEM_ENDS and found.length > _least(found):
        return True
    if _ITEM.match(text):
        return False
    return bool(found.unopened) or (BEGINNINGS[found.beginning] == "mark" and text[0] != "…")


def _least(found: Look) -> float:
    """More characters than this with such an end are cut."""
    ending = _ending(found)
    if ending == "pause":
        return PAUSED_LENGTH
    return CUT_LENGTH if ending in ("digit", "latin", "han") else float("inf")


def _ending(found: Look) -> str:
    return ENDINGS[found.ending]
