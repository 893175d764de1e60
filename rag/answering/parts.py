"""A question after two things at once, asked as two: each is looked for and cited by itself.

    parts_of("甲和乙的价格分别是多少？").asked      ("甲的价格是多少？", "乙的价格是多少？")
    parts_of("甲和乙哪个更重？").asked              ("甲多重？", "乙多重？"), and the heavier one is named

Nothing is reckoned: of two figures that both stand in the documents the greater one is told, when they have
the same unit, and both are quoted.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from models.language.facts import facts
from models.language.words import words

MOST_ITEMS = 4
MOST_ITEM_CHARS = 24
"""A longer "item" is a clause: the question is no plain enumeration."""

_EACH = re.compile(r"(?:分别|各自|各)(?=[是为有叫在多几由要需占达哪谁何]|什么)")
_JOINS = frozenset({"和", "与", "跟", "及", "以及", "同"})
_SHARED_LEAD = re.compile(
    r"^(?:请问)?(?:.{0,12}?[，,])?(?:在?\d{2,4}年(?:\d{1,2}月)?(?:底|末)?)?"
)
_COMPARES = re.compile(
    r"^(?:请问)?(?P<one>.{1,24}?)[和与跟同](?P<other>.{1,24}?)(?:相比)?[，,]?"
    r"(?:哪(?:一?[个款种家台座条项所]|一?方)|谁)(?:的?(?P<what>[\u4e00-\u9fff]{1,6}))??更?"
    r"(?P<adjective>便宜|[重轻贵长短高低大小远近多少])(?:一些|一点|些|点)?(?:呢)?[？?]?$"
)
_ENGLISH_EACH = re.compile(
    r"^(?P<lead>.*\b(?:of|for|do|does|did|are|is|was|were|in|at)) (?P<one>(?:the )?[\w\- ]{1,40}?) and "
    r"(?P<other>(?:the )?[\w\-]+(?: [\w\-]+)?)(?P<tail>(?: [\w\- ]+)?),? (?:respectively|each)\??$",
    re.IGNORECASE,
)
_ENGLISH_COMPARES = re.compile(
    r"^(?:which|who)(?: one)?(?: of the two)?(?: \w+)? (?:is|was|costs?|weighs|has) (?:the )?"
    r"(?P<adjective>\w+er|more expensive|more|less)\b.{0,20}?[,:]? (?P<one>(?:the )?[\w\- ]{1,40}?) or "
    r"(?P<other>(?:the )?[\w\- ]{1,40})\?$",
    re.IGNORECASE,
)
# By adjective: how its measure is asked for, and whether more of it is meant.
_MEASURES: dict[str, tuple[str, bool]] = {
    "重": ("多重", True), "轻": ("多重", False), "贵": ("多少钱", True), "便宜": ("多少钱", False),
    "长": ("多长", True), "短": ("多长", False), "高": ("多高", True), "低": ("多高", False),
    "大": ("多大", True), "小": ("多大", False), "远": ("多远", True), "近": ("多远", False),
    "多": ("有多少", True), "少": ("有多少", False),
}  # fmt: skip
_ENGLISH_MEASURES: dict[str, tuple[str, bool]] = {
    "heavier": ("How heavy is {}?", True), "lighter": ("How heavy is {}?", False),
    "longer": ("How long is {}?", True), "shorter": ("How long is {}?", False),
    "higher": ("How high is {}?", True), "lower": ("How high is {}?", False),
    "taller": ("How tall is {}?", True), "deeper": ("How deep is {}?", True),
    "larger": ("How large is {}?", True), "bigger": ("How large is {}?", True),
    "smaller": ("How large is {}?", False), "older": ("How old is {}?", True),
    "cheaper": ("How much does {} cost?", False), "more expensive": ("How much does {} cost?", True),
}  # fmt: skip
_FIGURE = re.compile(r"\d[\d,]*(?:\.\d+)?")


@dataclass(frozen=True, slots=True)
class Parts:
    """The questions that a question is made of.

    ``items`` are what each asks after. ``more`` is None for questions that want all answers; for a
    comparison it says whether the item with the greater figure is wanted or that with the lesser.
    """

    asked: tuple[str, ...]
    items: tuple[str, ...]
    more: bool | None = None

    def told(self, answers: Sequence[str]) -> str | None:
        """The item that wins a comparison, given the figures found, in the order of ``items``.

        ``47克`` and ``52克`` for 哪个更重 give the second; ``47克`` and ``0.1千克`` nothing, as their units
        differ, and neither do two equal figures.
        """
        if self.more is None or len(answers) != len(self.items):
            return None
        figures = [_figure(answer) for answer in answers]
        values = [value for value, _ in figures if value is not None]
        units = {unit for _, unit in figures}
        if (
            len(values) != len(answers)
            or len(units) != 1
            or len(set(values)) != len(values)
        ):
            return None
        wanted = max(values) if self.more else min(values)
        return self.items[values.index(wanted)]


def parts_of(question: str) -> Parts | None:
    """The parts of a question; None when it asks for one thing."""
    text = question.strip()
    return _compared(text) or _each_of(text) or _english(text)


def _compared(text: str) -> Parts | None:
    match = _COMPARES.match(text)
    if match is None:
        return None
    how, more = _MEASURES[match["adjective"]]
    items = (match["one"].strip(), match["other"].strip())
    # 哪个的重量更大 names its measure itself; 哪个更重 names it by the adjective.
    ending = f"的{match['what']}是多少" if match["what"] else how
    return Parts(tuple(f"{item}{ending}？" for item in items), items, more)


def _each_of(text: str) -> Parts | None:
    match = _EACH.search(text)
    if match is None:
        return None
    head, tail = text[: match.start()], text[match.end() :]
    lead = _SHARED_LEAD.match(head)
    shared = lead.group() if lead else ""
    items = _coordinated(head[len(shared) :])
    if not 2 <= len(items) <= MOST_ITEMS or any(
        not 1 <= len(item) <= MOST_ITEM_CHARS for item in items
    ):
        return None
    items, before, after = _shared_words(items)
    asked = tuple(f"{shared}{before}{item}{after}{tail}" for item in items)
    return Parts(asked, tuple(items))


def _coordinated(text: str) -> list[str]:
    """``甲、乙和丙`` -> its items; only whole words join, so 和平路 stays one."""
    items: list[str] = []
    start = 0
    for word in words(text):
        if word.text in _JOINS:
            items += text[start : word.start].split("、")
            start = word.end
    items += text[start:].split("、")
    return [item.strip() for item in items]


def _shared_words(items: list[str]) -> tuple[list[str], str, str]:
    """What all items share: 甲和乙｜的价格, or 甲的｜优点和缺点."""
    last, others = items[-1], items[:-1]
    if "的" in last and not any("的" in item for item in others):
        name, _, rest = last.partition("的")
        return [*others, name], "", f"的{rest}"
    first, others = items[0], items[1:]
    if "的" in first and not any("的" in item for item in others):
        owner, _, rest = first.rpartition("的")
        return [rest, *others], f"{owner}的", ""
    return items, "", ""


def _english(text: str) -> Parts | None:
    if match := _ENGLISH_EACH.match(text):
        items = (match["one"].strip(), match["other"].strip())
        lead, tail = match["lead"], match["tail"] or ""
        return Parts(tuple(f"{lead} {item}{tail}?" for item in items), items)
    match = _ENGLISH_COMPARES.match(text)
    measure = _ENGLISH_MEASURES.get(match["adjective"].lower()) if match else None
    if match is None or measure is None:
        return None
    items = (match["one"].strip(), match["other"].strip())
    return Parts(tuple(measure[0].format(item) for item in items), items, measure[1])


def _figure(answer: str) -> tuple[float | None, str]:
    """The one number of an answer and its unit: ``1,200元`` -> 1200 and 元. None where there are two."""
    found = _FIGURE.findall(answer)
    if len(found) != 1:
        return None, ""
    number, unit = found[0], ""
    for fact in facts(answer):
        if fact.kind == "number" and number in answer[fact.start : fact.end]:
            unit = answer[fact.start : fact.end].partition(number)[2].strip()
    return float(number.replace(",", "")), unit
