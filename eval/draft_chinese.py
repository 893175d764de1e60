"""Chinese sentences -> ``(pattern, question, answer)``, clause by clause and as a whole."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Final

from models.language.facts import Fact, facts
from models.language.words import words

Made = tuple[str, str]
"""Question and answer, the answer verbatim."""

_CLAUSE = re.compile(r"[^，；：,;。！？!?“”\n（）()]+")
OPENS_ON_ANOTHER = re.compile(
    r"^(?:这|那|该|此|其|他|她|它|我|你|您|本(?!报)|并|而|但|也|还|又|就|都|则|以及|同时|此外|因此|如今|目前|随后|不过"
    r"|另外|对此"
    r"|(?:it|its|they|their|he|she|his|her|this|that|these|those|we|our|you|i|but|and|so|however|there)\b)",
    re.IGNORECASE,
)
"""What a sentence or question begins with that cannot be understood by itself, in Chinese or English."""
_VAGUE_DATE = re.compile(
    r"^(?:今|去|明|前|同|当)[年日天]?$"
    r"|^(?:近日|日前|当日|同日|今日|昨日|今天|昨天|明天|周.|星期.|\d{1,2}[日号])$"
)
_PLACED = re.compile(
    r"^(.{2,24}?)(位于|坐落于|坐落在|地处|落户于?|设在|建在)(.{2,20})$"
)
_HELD = re.compile(
    r"^(.{2,24}?)在(.{2,16}?)(举行|召开|举办|开幕|成立|开工|启动|揭牌|投产|通车|发布)$"
)
_TITLED = re.compile(
    r"([^，；。“”《》\n]{2,16}?)"
    r"(印发|发布|出版|公布|出台|推出|上映|演出|编写|撰写|签署|通过|刊发)了?《([^《》\n]{2,40})》"
)
_CALLED = re.compile(
    r"^(.{2,20}?)(名叫|取名为?|命名为|被称为|称为|俗称|又名)[“《]?([^”》，。]{2,16})[”》]?$"
)
_CAUSE_OF = re.compile(
    r"(?:^|，)([^，。；]{2,24}?)的(?:主要|重要|根本)?原因(?:是|在于)([^。！；]{3,60})"
)
_BECAUSE = re.compile(r"^(?:由于|因为)(.{3,40}?)，(.{4,40}?)[。；！]?$")
_IN_ORDER = re.compile(r"^(为了?[^，]{4,30})，(.{4,40}?)[。；！]?$")
_INCLUDES = re.compile(
    r"^(.{2,24}?)(包括|包含|涵盖|涉及)(.{2,70}、.{1,70}?)(?:等.{0,12})?[。；！]?$"
)
_DONE_BY = re.compile(
    r"^(.{2,24}?)由([^，。]{2,20})(主办|承办|建设|经营|设计|出版|负责|出资|建造|研制|编写|承建)"
)
_QUOTED_WORDS = re.compile(
    r"^“([^“”，。！？]{8,30})[，。！？][^“”]*”?(.{0,30}?)(?:说|表示|介绍|坦言|感慨)[。，]"
)
_STATES = re.compile(r"(?:[达为有共约超近]|达到|增加|减少|增长|设|建成|收[入获])$")
_AFTER_A_DATE = re.compile(
    r"(?:以来|以后|以前|之[后前]|[后前起末底初]|至|间|内|中|的|和|、)"
)


def made(sentence: str) -> Iterator[tuple[str, str, str]]:
    """Questions that a sentence answers."""
    for make, pattern in _WHOLE:
        for question, answer in make(sentence):
            yield pattern, question, answer
    for match in _CLAUSE.finditer(sentence):
        clause = match.group().strip()
        if not _stands_alone(clause):
            continue
        for make, pattern in _CLAUSES:
            for question, answer in make(clause):
                yield pattern, question, answer


def _stands_alone(clause: str) -> bool:
    """Whether a clause begins with what it is about: 图书馆共有四层 does, 共有四层 does not."""
    if not 6 <= len(clause) <= 50 or OPENS_ON_ANOTHER.match(clause):
        return False
    first = next(iter(words(clause)), None)
    if first is None or first.start > 0:
        return False
    # a noun, time, direction, abbreviation or place, or a word of another script
    return first.kind != "han" or first.tag[:1] in ("n", "t", "f", "j", "s")


def _of_kind(clause: str, kind: str) -> list[Fact]:
    return [each for each in facts(clause) if each.kind == kind]


def _within_title(clause: str, at: int) -> bool:
    return clause.count("《", 0, at) > clause.count("》", 0, at)


def _says_something(clause: str) -> bool:
    """Whether a clause has a verb between what it is about and its end."""
    return any(word.tag[:1] == "v" and word.start > 0 for word in words(clause)[1:-1])


# Chinese, clause by clause


def _how_many(clause: str) -> Iterator[Made]:
    numbers = [each for each in _of_kind(clause, "number") if _counts(each, clause)]
    # with two numbers, or an enumeration, "how many" could be asked of either
    if len(numbers) != 1 or "、" in clause:
        return
    number = numbers[0]
    if number.start < 4 or _within_title(clause, number.start):
        return
    before = clause[: number.start]
    answer = clause[number.start : number.end]
    if answer[0] == "一":
        return
    # 达七十四家 states a number; 三种 in running text seldom does
    if not re.search(r"\d", answer) and not _STATES.search(before):
        return
    yield f"{before}多少{number.unit}{clause[number.end :]}？", answer


def _counts(number: Fact, clause: str) -> bool:
    """Whether a number counts things: not the 2024 of a date, nor the 13 of 第13."""
    if not number.unit or number.unit in ("年", "月", "日", "号"):
        return False
    return clause[number.start] not in "第每"


def _how_long(clause: str) -> Iterator[Made]:
    durations = _of_kind(clause, "duration")
    if clause.startswith(("今年是", "明年是", "去年是")) or len(durations) != 1:
        return
    start, end = durations[0].start, durations[0].end
    if start < 4 or _within_title(clause, start):
        return
    for date in _of_kind(clause, "date"):
        if date.start < end and start < date.end:
            return
    yield f"{clause[:start]}多长时间{clause[end:]}？", clause[start:end]


def _when(clause: str) -> Iterator[Made]:
    dates = _of_kind(clause, "date")
    if len(dates) != 1:
        return
    before = clause[: dates[0].start]
    answer = clause[dates[0].start : dates[0].end]
    after = clause[dates[0].end :]
    if _VAGUE_DATE.match(answer) or len(after) < 3:
        return
    if before[-1:] in ("于", "在") and len(before) > 3:
        yield f"{before[:-1]}是什么时候{after.removeprefix('正式')}的？", answer
    elif not before and _tells_what_happened(after):
        yield f"{after}是什么时候？", answer


def _tells_what_happened(after: str) -> bool:
    """Whether a clause after a date is one: not 以来持续增长, whose date is when it began."""
    if _AFTER_A_DATE.match(after):
        return False
    return _stands_alone(after) and _says_something(after)


def _where(clause: str) -> Iterator[Made]:
    if match := _PLACED.match(clause):
        yield f"{match[1]}{match[2]}哪里？", match[3]
    if match := _HELD.match(clause):
        yield f"{match[1]}在哪里{match[3]}？", match[2]


def _by_whom(clause: str) -> Iterator[Made]:
    if match := _DONE_BY.match(clause):
        yield f"{match[1]}由谁{match[3]}？", match[2]


def _called(clause: str) -> Iterator[Made]:
    if match := _CALLED.match(clause):
        yield f"{match[1]}{match[2]}什么？", match[3]


# Chinese, over the whole sentence


def _dated(sentence: str) -> Iterator[Made]:
    """A date and a comma, then what happened."""
    lead, comma, rest = sentence.partition("，")
    if not comma or _VAGUE_DATE.match(lead) or not _is_a_date(lead):
        return
    first = _CLAUSE.search(rest)
    clause = first.group().strip() if first else ""
    if _stands_alone(clause) and _says_something(clause):
        yield f"{clause}是什么时候？", lead


def _is_a_date(text: str) -> bool:
    """The whole of it, that is."""
    whole = (0, len(text))
    return any((each.start, each.end) == whole for each in _of_kind(text, "date"))


def _titled(sentence: str) -> Iterator[Made]:
    for match in _TITLED.finditer(sentence):
        subject = match[1].strip()
        complete = _stands_alone(f"{subject}{match[2]}《》")
        if complete or _of_kind(subject, "organisation"):
            yield f"{subject}{match[2]}的是什么？", match[3]


def _reasons(sentence: str) -> Iterator[Made]:
    if match := _CAUSE_OF.search(sentence):
        yield f"{match[1]}的原因是什么？", match[2]
    if (match := _BECAUSE.match(sentence)) and _stands_alone(match[2]):
        yield f"为什么{match[2]}？", match[1]
    if (match := _IN_ORDER.match(sentence)) and _stands_alone(match[2]):
        yield f"{match[2]}是为了什么？", match[1]


def _lists(sentence: str) -> Iterator[Made]:
    match = _INCLUDES.match(sentence)
    # 什么什么 stands for the items, as a clause must be long enough to stand alone
    if match and _stands_alone(f"{match[1]}{match[2]}什么什么"):
        yield f"{match[1]}{match[2]}哪些？", match[3]


def _who_said(sentence: str) -> Iterator[Made]:
    match = _QUOTED_WORDS.match(sentence)
    if match is None:
        return
    speaker = match[2]
    persons = [speaker[each.start : each.end] for each in _of_kind(speaker, "person")]
    if persons:
        yield f"“{match[1]}”这话是谁说的？", max(persons, key=len)


_Make = Callable[[str], Iterator[Made]]
_CLAUSES: Final[tuple[tuple[_Make, str], ...]] = (
    (_when, "date"),
    (_how_long, "duration"),
    (_where, "place"),
    (_by_whom, "organisation"),
    (_called, "name"),
    (_how_many, "number"),
)
_WHOLE: Final[tuple[tuple[_Make, str], ...]] = (
    (_dated, "date"),
    (_titled, "name"),
    (_reasons, "reason"),
    (_lists, "list"),
    (_who_said, "person"),
)
