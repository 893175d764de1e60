"""What one cell or line of a table is by its text alone: a value, a label, a unit, a note."""

from __future__ import annotations

import re

MAX_LABEL = 40
"""Characters of a head that nothing but its looks declares to be one."""
_MAX_VALUE = 40

# "¥1,200.5", "(300)", "12.5%", "2021-03-12", "2 kg": begins with a digit and goes on with little else.
_VALUE = re.compile(
    r"[-+−±≤≥<>~≈(（]?\s*[¥￥$€£]?\s*\d[\d\s,，.:/-]*"
    r"(?:[%％‰℃°]|[^\W\d_]{0,6}(?:/[^\W\d_]{1,4})?)[)）]?"
)
# "2023年", "2023年3月", "3月", "Q2", "2022-23": what heads a column as readily as it fills one.
_PERIOD = re.compile(
    r"(?:19|20)\d{2}\s*年?度?(?:\s*[-—–~至/]\s*(?:19|20)?\d{2}\s*年?度?)?"
    r"(?:\s*\d{1,2}\s*月份?)?"
    r"|\d{1,2}\s*月份?|第?\s*\d\s*季度|(?:FY\s?\d{2,4}|[QH]\s?\d)(?!\d)",
    re.IGNORECASE,
)
_IN_BRACKETS = re.compile(r"[（(][^（）()]*[）)]")
_BARE_NUMBER = re.compile(r"[\d\s,，.:/%％-]*")
_DIGIT = re.compile(r"\d")
_DIGITS = re.compile(r"\d+")
_FIGURE = re.compile(r"[\d\s.,，+-]+")
_UNIT = re.compile(
    r"[（(]?(?:[-—/]|[%‰℃Ω]|[十百千万亿]*(?:元|美元|个|家|人|户|台|件|吨|次|天|所|只|亩|公顷|公里|平方米|平方公里|立方米|千克|克|米"
    r"|小时|分钟)|°[CF]|[kKmcnMGµμ]?(?:m|g|s|h|V|A|W|Hz|Pa|N|J|L|l|B|b|t|Ω|min|bar|pcs|USD|EUR|CNY|RMB|mol|wt%)"
    r"(?:\s?[/·*]\s?[a-zA-Zµμ]{1,4})?\s?[²³23]?)[）)]?"
)
_UNIT_LINE = re.compile(
    r"[(（\[【]?\s*(?:计量单位|货币单位|金额单位|单位|units?)\s*[:：]", re.IGNORECASE
)
_NOTE = re.compile(
    r"[(（\[【*※]?\s*(?:注|备注|说明|附注|(?:数据|资料)?来源|notes?|sources?)"
    r"\s*\d{0,2}\s*[:：.)）]",
    re.IGNORECASE,
)


def is_value(text: str) -> bool:
    """Whether a cell holds a figure with little beside it: ``1,240``, ``12.5%``, ``2 kg``, ``2021-03-12``."""
    return len(text) <= _MAX_VALUE and _VALUE.fullmatch(text) is not None


def is_bare_number(text: str) -> bool:
    """A figure with nothing that says of what: ``12.5``, not ``0-5岁``."""
    return _BARE_NUMBER.fullmatch(text) is not None


def is_period(text: str) -> bool:
    """A year, a quarter or a month: ``2023年``, ``Q2``."""
    return _PERIOD.fullmatch(text) is not None


def has_figures(text: str) -> bool:
    """Whether any digit stands in it."""
    return _DIGIT.search(text) is not None


def is_label(text: str) -> bool:
    """Short, and without figures other than periods and what stands in brackets: ``占比（2024）``."""
    if len(text) > MAX_LABEL:
        return False
    return not has_figures(_PERIOD.sub("", _IN_BRACKETS.sub("", text)))


def shape_of(text: str) -> str:
    """Of a value its text with every figure as 9, else ``text``: ``0-5岁`` and ``6-10岁`` are ``9-9岁``."""
    return _DIGITS.sub("9", text) if is_value(text) else "text"


def unit_of(text: str) -> str:
    """What is left of a value without its figures: ``kg`` of ``2.5 kg``."""
    return _FIGURE.sub("", text)


def is_unit(text: str) -> bool:
    """A unit alone, or a dash where a column has none: ``N/mm2``, ``（万元）``, ``-``."""
    return _UNIT.fullmatch(text) is not None


def is_unit_line(text: str) -> bool:
    """``单位：万元``, which holds for the whole table."""
    return _UNIT_LINE.match(text) is not None


def is_note(text: str) -> bool:
    """``注：``, ``Source:``: said of the table above."""
    return _NOTE.match(text) is not None
