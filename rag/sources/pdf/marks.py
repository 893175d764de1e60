"""What the beginning of a line says: that it numbers a heading, an item, a caption or a note."""

from __future__ import annotations

import re

_CAPTION = re.compile(
    r"(?:续?附?表|图|附图)\s*(?:\d|[一二三四五六七八九十]|[A-Z]\b)[\d.\-–—一二三四五六七八九十]*"
    r"|(?:Table|Tab\.|Figure|Fig\.|Chart|Exhibit)\s+(?:\d[\d.\-]*|[IVX]+|[A-Z]\d*)\b",
)
_ONLY_NUMBER = re.compile(rf"(?:{_CAPTION.pattern})[.:：]?")
_SAYS = re.compile(
    r"\s*(?:is|are|was|shows?|gives?|lists?|presents?|and|of|in|中|所示|列出|给出|和|的|显示)"
)
"""After ``Table 1`` or ``表1``, what makes it a sentence about the table."""
_FOOTNOTE = re.compile(r"[*∗†‡§¶]|[①-⑳]|[⁰¹²³⁴-⁹]+|\[\d{1,3}\]|\d{1,3}\s?(?=\D)")
_ITEM = re.compile(
    r"(?:[•·●○■□▪◆➢✓]|[–—-]\s|[①-⑳]|[(（](?:\d{1,3}|[a-zA-Z]|[ivx]{1,5}|[一二三四五六七八九十百]{1,4})[)）]"
    r"|(?:\d{1,3}|[a-zA-Z])[)）]|\d{1,3}[.．、]\s?(?=\D)|[一二三四五六七八九十百]{1,4}、)"
)
_DECIMAL = re.compile(
    r"(?:§\s*)?(\d{1,3}(?:[.．]\d{1,3})*)[.．]?\s+(?=[^\d\s])|(\d{1,3}(?:[.．]\d{1,3})+)[.．]?(?=[^\d\s.%])"
)
_PARTS = (
    re.compile(r"第[一二三四五六七八九十百零〇\d]+[编篇部]|Part\s+(?:\d+|[IVX]+)\b"),
    re.compile(
        r"第[一二三四五六七八九十百零〇\d]+章|Chapter\s+(?:\d+|[IVX]+)\b|Appendix\s+[A-Z\d]\b|附录\s*[A-Z\d一二三四]?"
    ),
    re.compile(r"第[一二三四五六七八九十百零〇\d]+节|Section\s+\d+\b"),
)
"""Outermost first."""
_ENUMERATED = (
    re.compile(r"[一二三四五六七八九十百]{1,4}、"),
    re.compile(r"[（(][一二三四五六七八九十百]{1,4}[)）]"),
)
SENTENCE_END = tuple("。！？!?…：:；;.”』」")


def is_caption(text: str) -> bool:
    """``Table 2 Rainfall``, ``表7.5 停车区``; not ``Table 2 shows``."""
    match = _CAPTION.match(text)
    return match is not None and _SAYS.match(text, match.end()) is None


def is_bare_caption(text: str) -> bool:
    """``Table 2`` alone, its name on the next line."""
    return _ONLY_NUMBER.fullmatch(text) is not None


def is_footnote(text: str) -> bool:
    """A line that a note's mark begins."""
    return _FOOTNOTE.match(text) is not None


def is_item(text: str) -> bool:
    """An entry of a list: ``• ``, ``(1)``, ``a)``, ``1.``, ``（一）``, ``一、``."""
    return _ITEM.match(text) is not None


def outline_depth(text: str) -> int | None:
    """How deep a numbered heading stands: ``第二章`` 1, ``第一节`` 2, ``3.1`` 2; None: not numbered."""
    for depth, pattern in enumerate(_PARTS):
        if pattern.match(text):
            return max(depth, 1)
    for depth, pattern in enumerate(_ENUMERATED, start=1):
        if pattern.match(text):
            return depth
    match = _DECIMAL.match(text)
    if match is None:
        return None
    return len(re.split(r"[.．]", match.group(1) or match.group(2)))


def is_plain_number(text: str) -> bool:
    """``3 Methods``: nothing but its place tells the number from the start of a formula or an address."""
    match = _DECIMAL.match(text)
    return match is not None and re.match(r"\d+\s+[!-~]", text) is not None


def is_part(text: str) -> bool:
    """A chapter, a section: a heading wherever it stands alone."""
    return any(pattern.match(text) for pattern in _PARTS)
