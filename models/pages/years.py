"""The years that a text names, and how likely news of a day names each.

News speaks mostly of its own month, then of its year, less of each year before, and of years to come after
such words as 预计. How much has been counted by kind of mention (``models.training.pages_years``).
"""

from __future__ import annotations

import json
import re
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal, Self, get_args

from models.errors import ModelUnavailable
from models.folders import WEIGHTS

Kind = Literal[
    "day", "month", "period", "to_come", "named", "compared", "since", "plain"
]
KINDS: tuple[Kind, ...] = get_args(Kind)

FOLDER = WEIGHTS / "chuchu-pages"
FILE = "years.json"

FIRST, LAST = 1900, 2099
"""The years that a text can name."""

_YEAR = re.compile(
    r"(?<![\d./~～－—-])(?P<year>(?:19|20)\d\d)\s*年(?!前|后|来|间|代)"
    r"(?:\s*(?P<month>\d{1,2})\s*月(?!\s*前)(?:\s*(?P<day>\d{1,2})\s*[日号])?)?"
)
_STAMP = re.compile(
    r"(?<!\d)(?P<year>(?:19|20)\d\d)([-./])(?P<month>\d{1,2})\2(?P<day>\d{1,2})(?!\d)"
)
_NAMED = re.compile(
    r"(?<![\d.,，:/~～－—-])(?P<year>(?:19|20)\d\d)\s?(?=[\u4e00-\u9fff])"
    r"(?![年元人多余万亿个名家米公里吨平方台辆次场户亩件本级份条只部套页字位所座项分美欧英日克毫号款至到])"
)
"""2023世界机器人大会: what bears the number of its year is mostly of the year."""
_BEFORE = 9
"""Characters before a year in which its kind is looked for."""
_WORDS = 6
"""Characters after a mention that tell it from another of the same year."""
_MONTH = 30.44
"""Days."""
_EVENT = re.compile(
    r"[^，。；：、\d]{0,14}?(?:大会|论坛|赛|节|展|杯|会议|峰会|博览会|活动|行动|计划|夏令营|训练营|典礼|晚会|榜|奖|选举|招生|报告)"
)
_CHANGED = re.compile(r"[^，。]{0,6}(?:增|提|升|降|减|多|高|低|少|同期)")
_TO_COME = re.compile(
    r"(?:到|至|预计|计划|力争|目标|将|拟|有望|规划|展望|面向|于)[^，。；]{0,6}(?<!截至)$"
)
_WILL = re.compile(r"[^，。；]{0,10}(?:将|力争|预计|有望|计划|目标|之前|底前|建成)")
_PERIOD = re.compile(
    r"\s*(?:[上下]?半年|第?[一二三四]季|前[一二三四五六七八九]|度|至今|以来|伊始|暑)"
)


@dataclass(frozen=True, slots=True)
class Mention:
    """A year that a text names, with the month and the day where it does, and the words after it."""

    kind: Kind
    year: int
    month: int = 0
    day: int = 0
    words: str = ""

    def before(self, year: int, month: int, day: int) -> int:
        """How long before a day this lies: in days or months where it names them, else in years.

        Negative for what is to come.
        """
        years = year - self.year
        if not self.month:
            return years
        months = 12 * years + month - self.month
        if not self.day:
            return months
        return round(_MONTH * months) + day - self.day


@dataclass(frozen=True, slots=True)
class YearModel:
    """How likely news mentions what lies so far before it.

    Attributes:
        tables: of each kind rows ``(from, chance)``, ascending from any time on: how far before the news, in
            the unit of :meth:`Mention.before`, and the probability of each day, month or year from there to
            the next row.
    """

    tables: Mapping[Kind, tuple[tuple[int, float], ...]]

    @classmethod
    def load(cls, folder: Path = FOLDER) -> Self:
        """Raises ModelUnavailable when the file is missing or is none of ours."""
        try:
            said = json.loads((folder / FILE).read_text(encoding="utf-8"))
            tables: dict[Kind, tuple[tuple[int, float], ...]] = {}
            for kind in KINDS:
                tables[kind] = tuple((start, chance) for start, chance in said[kind])
            return cls(tables)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ModelUnavailable(
                f"pages: cannot read {folder.name}/{FILE}: {error}"
            ) from error

    def save(self, folder: Path) -> None:
        """Write ``years.json``, a table a line."""
        folder.mkdir(parents=True, exist_ok=True)
        lines: list[str] = []
        for kind, table in self.tables.items():
            lines.append(f' "{kind}": {json.dumps(table)}')
        text = "{\n" + ",\n".join(lines) + "\n}\n"
        (folder / FILE).write_text(text, encoding="utf-8")

    def chance(self, mention: Mention, year: int, month: int, day: int) -> float:
        """The probability that a mention of its kind, in news of this day, names what it names."""
        table = self.tables[mention.kind]
        before = mention.before(year, month, day)
        at = bisect_right(table, before, key=lambda row: row[0])
        _, chance = table[max(at - 1, 0)]
        return chance


@cache
def year_model() -> YearModel:
    """The tables that ship, opened once."""
    return YearModel.load()


def mentions(text: str) -> Iterator[Mention]:
    """The years that a text names; what it prints again is equal to what it printed."""
    for found in _YEAR.finditer(text):
        yield Mention(
            kind=_kind(text, found),
            year=int(found["year"]),
            month=int(found["month"] or 0),
            day=int(found["day"] or 0),
            words=text[found.end() : found.end() + _WORDS],
        )
    for found in _STAMP.finditer(text):
        yield Mention("day", int(found["year"]), int(found["month"]), int(found["day"]))
    for found in _NAMED.finditer(text):
        words = text[found.end() : found.end() + _WORDS]
        yield Mention("named", int(found["year"]), words=words)


def _kind(text: str, found: re.Match[str]) -> Kind:
    if found["month"]:
        return "day" if found["day"] else "month"
    before = text[max(0, found.start() - _BEFORE) : found.start()]
    end = found.end()
    if _TO_COME.search(before) or _WILL.match(text, end):
        return "to_come"  # 到2030年, 2030年前将建成
    if _PERIOD.match(text, end):
        return "period"  # 2023年上半年
    if before.endswith(("从", "自")):
        return "since"
    if before.endswith(("比", "较", "于")) and _CHANGED.match(text, end):
        return "compared"  # 比2022年增长
    return "named" if _EVENT.match(text, end) else "plain"
