"""What the looks of a block say by themselves: bylines, datelines, credits, end marks, how it begins and
ends.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from models.language.words import fold

Furniture = Literal["byline", "dateline", "credit", "end", "subtitle", "caption"]
"""What a block that is neither text nor headline is for."""

_DAY = r"(?:(?P<year>\d{4})\s*年\s*)?(?P<month>\d{1,2})\s*月\s*(?P<day>\d{1,2})\s*日"
_AGENCY = (
    r"(?:新华社|新华网|中新社|中新网|人民网|央视网|央广网|光明网|中国网|本报|本刊|本网"
    r"|[\u4e00-\u9fff]{2,6}(?:日报|晚报|时报|早报|晨报|商报|新闻网|通讯社)|[A-Za-z]{0,4}[\u4e00-\u9fff]{0,4}之家)"
)
_BY = r"\s*[（(](?P<by>[^（()）。]{2,40})[）)]"
DATELINE = re.compile(
    rf"[（(]?(?:据\s*)?(?P<agency>{_AGENCY})\s*(?:(?P<place>[^，。；：、（）()\n]{{0,14}}?)\s*{_DAY}\s*)?"
    rf"(?P<how>电|讯|消息)(?(day)(?:{_BY})?|(?:{_BY.replace('by', 'by_alone')}))[）)]?\s*"
)
"""Groups: agency, place, year, month, day, how (电, 讯, 消息), by, or ``by_alone`` where there is no day."""

AGENCY = re.compile(_AGENCY)

_SPACED = r"[\u4e00-\u9fff][ \u3000]{1,2}[\u4e00-\u9fff]"
_NAME = rf"(?:[\u4e00-\u9fff]{{2,4}}|[\u4e00-\u9fff]{{1,6}}·[\u4e00-\u9fff]{{1,8}}|{_SPACED})"
_GAP = r"[\s\u3000、，,]"
_NAMES = rf"{_NAME}(?:{_GAP}+{_NAME}){{0,7}}"
_ROLE = r"(?:特约|见习|实习|全媒体|驻[\u4e00-\u9fff]{1,4})?(?:记者|通讯员|评论员|实习生|撰稿人?)"
BYLINE = re.compile(
    rf"(?:□|■|◎|●|—+)?\s*(?:{_AGENCY}\s*{_ROLE}[\s\u3000/：:]*{_NAMES}|{_ROLE}[\s\u3000/：:]+{_NAMES}"
    rf"|(?:文|作者|撰文)[\s/／：:]+{_NAMES})"
)
_SHOT = r"(?:摄影报道|摄影|摄制|摄|供图|制图|绘图|作|绘|编制|图)"
_APART = rf"{_NAME}(?:{_GAP}+{_NAME}){{0,3}}"
CREDIT = re.compile(
    rf"[（(]?(?:(?:{_AGENCY}\s*(?:发|{_ROLE})?|{_ROLE})[\s\u3000/：:（(]*{_NAMES}[\s\u3000/]*{_SHOT}[）)]?"
    rf"|{_APART}[\s\u3000/]*{_SHOT}"
    rf"|(?:图片来源|图片|图|摄影|制图|供图|资料图片?|照片)[\s/／：:]+{_NAMES}|人民视觉|视觉中国|资料图片?"
    rf"|{_AGENCY}发(?:[\s（(]*{_NAMES}[）)]?)?)[）)]?[。.]?"
)
_INLINE_CREDIT = re.compile(
    rf"[。！？”\s（(](?P<credit>{_AGENCY}\s*(?:发|{_ROLE})[\s（(]*{_NAMES}\s*{_SHOT}|{_AGENCY}发)[）)]?[。.]?$"
    rf"|[（(](?P<bracketed>[^（()）]{{2,20}}{_SHOT})[）)][。.]?$"
    rf"|[。！？”）)]\s+(?P<named>{_APART}\s*{_SHOT})$"
)
END = re.compile(
    r"[（(](?:完|全文完|据?新华社[^（）()]{0,30}|据[^（）()]{2,30}|参与[^（）()]{2,60}|来源[^（）()]{2,40}"
    r"|本报[^（）()]{0,20}|责任?编辑?[^（）()]{2,30}|编辑[^（）()]{2,30})[）)]"
    r"|(?:责任编辑|责编|编辑|来源|校对|审核|监制)[:：][^。]{1,30}"
)
_CAPTION = re.compile(
    r"(?:图为|图片?[①-⑳一二三四五\d]?[:：]|图[①-⑳]|[▲△↑↓◀▶]|上图|下图|左图|右图|资料图[:：]|这是[^，。]{0,20}(?:拍摄|航拍))"
)
SUBTITLE = re.compile(r"[—–―-]{2}")

OPENERS, CLOSERS = "“‘「『（《〈【(", "”’」』）》〉】)"
TERMINALS = "。．！？!?…"
PAUSES = "，、；,;"
_BREAKS = {*CLOSERS, *OPENERS, *PAUSES, *TERMINALS, *"：:—"}
"""Marks that part clauses."""
_LEADS_ON = "：:—–"
_NEVER_FIRST = {*CLOSERS, *TERMINALS, *PAUSES, *"：:%％·"}
"""Marks that no text begins with: what begins with one goes on from elsewhere."""
_TRAILING = re.compile(rf"[{re.escape(CLOSERS)}\"']*$")

_TRADITIONAL = "\u3400"
"""Before this, no character is one of Chinese or of full width."""
FURNITURE = 160
"""The most characters of what is neither text nor headline, a caption."""
HEADLINE = 42
"""The most characters of a headline."""
EXCLAIMED = 30
"""The most characters of a headline that ends in ！ or ？."""
ENDINGS = ("terminal", "leads_on", "pause", "closed", "digit", "latin", "han")
BEGINNINGS = ("mark", "quote", "digit", "latin", "furniture", "han")


@dataclass(frozen=True, slots=True)
class Look:
    """How a block of text looks.

    ``unclosed`` are quotes and brackets left open at its end, ``unopened`` those closed that it never
    opened, as the marks that open them.
    """

    furniture: Furniture | None
    ending: int
    beginning: int
    unclosed: str
    unopened: str
    dated: bool
    length: int
    pauses: int
    spaces: int


def look(text: str) -> Look:
    """Judge one block, white space at its ends gone.

    Raises:
        IndexError: ``text`` is empty.
    """
    dateline = dateline_of(text)
    furniture = furniture_of(text)
    unclosed, unopened = _unbalanced(text)
    return Look(
        furniture=furniture,
        ending=ENDINGS.index(_ending(text)),
        beginning=BEGINNINGS.index(
            _beginning(text, dateline is not None or furniture is not None)
        ),
        unclosed=unclosed,
        unopened=unopened,
        dated=dateline is not None and furniture is None,
        length=len(text),
        pauses=sum(text.count(mark) for mark in "，；。"),
        spaces=text.count(" ") + text.count("\u3000"),
    )


def simplified(text: str) -> str:
    """The text in simplified characters and plain digits, character by character, its marks as they are.

    The patterns of this module are made for such text; what they find stands at the same place in the other.
    """
    kept: list[str] = []
    for char, plain in zip(text, fold(text), strict=True):
        is_character = char > _TRADITIONAL and plain.isalnum()
        kept.append(plain if is_character else char)
    return "".join(kept)


def dateline_of(text: str) -> re.Match[str] | None:
    """The dateline that a text opens with, matched in the text as simplified; the places are the same."""
    return DATELINE.match(simplified(text[:FURNITURE]))


def furniture_of(text: str) -> Furniture | None:
    """What a block is that is no sentence, headline or part of one; None for all else."""
    if len(text) > FURNITURE:
        return None
    plain = simplified(text)
    if len(text) <= 80 and END.fullmatch(plain):
        return "end"
    short = _short_furniture(plain) if len(text) <= 40 else None
    if short is not None:
        return short
    dateline = DATELINE.match(plain) if len(text) <= 60 else None
    if dateline is not None and dateline.end() == len(text):
        return "dateline"
    return "caption" if _CAPTION.match(plain) or inline_credit(text) else None


def _short_furniture(text: str) -> Furniture | None:
    if CREDIT.fullmatch(text) and len(text) >= 3:
        return "credit"
    if BYLINE.fullmatch(text):
        return "byline"
    return "subtitle" if SUBTITLE.match(text) else None


def inline_credit(text: str) -> str | None:
    """Whose picture it is, where a caption says so in its last words."""
    tail = text[-40:]
    found = _INLINE_CREDIT.search(simplified(tail))
    return tail[slice(*found.span(str(found.lastgroup)))] if found else None


def short_line(look: Look) -> bool:
    """Whether a block is short and without a stop, but not plainly cut: a headline, by its looks."""
    if look.length > HEADLINE or look.furniture is not None or look.dated:
        return False
    if ENDINGS[look.ending] in ("terminal", "pause", "leads_on"):
        return False
    return not look.unclosed and not look.unopened


def heads(look: Look) -> bool:
    """Whether a block stands over what follows it."""
    if look.furniture in ("byline", "subtitle", "dateline") or short_line(look):
        return True
    # 我们回来了！
    stops = ENDINGS[look.ending] == "terminal"
    return stops and look.length <= EXCLAIMED and not look.pauses


def within_clause(text: str, at: int) -> bool:
    """Whether neither of the characters beside a place in a text parts clauses."""
    return not {text[at - 1], text[at]} & _BREAKS and not text[at].isspace()


def _ending(text: str) -> str:
    bare = _TRAILING.sub("", text)
    last = bare[-1:] or text[-1]
    # a Latin stop ends a sentence where all is Latin: 3. and 图1. are numbers
    if last in TERMINALS or (last == "." and text.isascii()):
        return "terminal"  # ……说完了。”
    if text[-1] in CLOSERS:
        return "closed"
    if last in _LEADS_ON:
        return "leads_on"
    if last in PAUSES:
        return "pause"
    return _script(last)


def _beginning(text: str, furniture: bool) -> str:
    if furniture:
        return "furniture"
    first = text[0]
    if first in OPENERS:
        return "quote"
    if first in _NEVER_FIRST:
        return "mark"
    return _script(first)


def _script(char: str) -> str:
    if char.isdigit():
        return "digit"
    return "latin" if char.isascii() and char.isalpha() else "han"


def _unbalanced(text: str) -> tuple[str, str]:
    """Openers without their closer, outermost first, and closers without their opener."""
    opened: list[str] = []
    unopened: list[str] = []
    for char in text:
        if char in OPENERS:
            opened.append(char)
        elif char in CLOSERS:
            opener = OPENERS[CLOSERS.index(char)]
            if not opened:
                unopened.append(opener)
            elif opened[-1] == opener:
                opened.pop()
    return "".join(opened), "".join(unopened)
