"""The bare facts that stand in a text: numbers with their units, dates, persons, places, organisations, names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from models.kept import kept
from models.language.words import Word, fold, words

Kind = Literal["number", "date", "duration", "person", "place", "organisation", "name"]


@dataclass(frozen=True, slots=True)
class Fact:
    """A span ``[start, end)`` of its text that could be a bare answer; ``unit`` is a number's."""

    kind: Kind
    start: int
    end: int
    unit: str = ""


_DIGITS = r"\d[\d,]*(?:\.\d+)?"
_HAN_NUMBER = r"[零〇一二三四五六七八九十百千万亿两半]+"
_MEASURE = (
    "立方米|平方公里|平方千米|平方米|公里|千米|厘米|毫米|英里|海里|公斤|千克|公顷|千瓦时|千瓦|兆瓦|吉瓦|摄氏度|百分点|人民币|"
    "美元|欧元|日元|英镑|港元|小时|分钟|个月|人次|车次|架次|余名|余人|周年|年代|世纪|孔|字节|比特|"
    "户|家|个|人|名|位|次|项|种|条|座|艘|辆|台|套|件|份|场|届|期|批|倍|岁|米|吨|度|级|元|亩|枚|所|门|部|集|页|册|"
    "本|篇|首|支|队|组|班|层|栋|间|处|片|块|点|分|秒|天|年|月|日|号|周|代|声|步|克|升|瓦|斤|里|尺|寸|轮|站|类|章|节|款|城|国|省|市|县|村|镇|区|字|大|成|股|桶|只|头|匹|棵|株|张|幅|尊|口|顶|架|列|节|箱|盒|包|袋|瓶|杯|对|双|副|线|路|票|拨|兆|维|代人"
)
_NUMBER = re.compile(
    rf"(?:(?:超过?|逾|近|约|不足|至少|接近|大约|仅|满|第|每[天年月日班])\s*)?"
    rf"(?:百分之{_HAN_NUMBER}|(?:{_DIGITS}|{_HAN_NUMBER})"
    rf"(?:(?:{_MEASURE})?\s?[至到—~-]\s?(?:{_DIGITS}|{_HAN_NUMBER}))?)"
    rf"\s?(?:[多余几]?(?:[万亿]|[千百](?![瓦米克升]))+)?(?:多|余)?"
    rf"\s?(?:(?P<unit>%|％|℃|‰|(?:{_MEASURE}))(?:以上|以下|以内|左右|多)?)?"
)
_DATE = re.compile(
    r"(?:公元前?)?(?:\d{2,4}|[一二三四五六七八九〇零]{4}|今|去|明|前|同|当)年(?:\s?\d{1,2}\s?月(?:\s?\d{1,2}\s?[日号])?|底|初|末|中|上半年|下半年|春|夏|秋|冬)?(?:底|初|末|中旬|上旬|下旬)?"
    r"|\d{1,2}\s?月\s?\d{1,2}\s?[日号](?:至\d{1,2}[日号])?|\d{1,2}月(?:底|初|末|中旬|上旬|下旬|份)?|(?<![\d月])\d{1,2}[日号](?![线楼])|\d{1,2}世纪(?:\d{2}年代)?"
    r"|[一二三四五六七八九十]{1,3}月(?:[一二三四五六七八九十]{1,3}[日号])?|(?:凌晨|早上|上午|中午|下午|傍晚|晚上)?[\d一二三四五六七八九十]{1,3}(?:时|点)(?:\d{1,2}分|半|钟|整)?"
    r"|周[一二三四五六日天]|星期[一二三四五六日天]|今日|昨日|昨天|今天|明天|当日|近日|日前"
    r"|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*\.? \d{1,2}(?:st|nd|rd|th)?(?:,? \d{4})?|\d{1,2} (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*(?: \d{4})?|\b1[0-9]{3}s?\b|\b20[0-9]{2}\b"
)  # fmt: skip
_DURATION = re.compile(
    rf"(?:(?:超过?|近|约|达|不到)\s*)?(?<![\d.])(?:\d{{1,3}}(?:\.\d+)?|{_HAN_NUMBER}|几|数)(?:[多余几])?(?:\s?个多?半?(?:小时|月|星期|工作日|世纪)|多?\s?(?:周年|年(?!代|[初底末])|周|天|小时|分钟|秒))(?:多|以上|左右|半)?"
    rf"|{_DIGITS} (?:years?|months?|weeks?|days?|hours?|minutes?|seconds?)"
)
_ENGLISH_NUMBER = re.compile(
    rf"[$€£]?{_DIGITS}(?: (?:thousand|million|billion|trillion))?(?:\s?%| (?P<unit>[a-z]+))?"
    r"|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|twenty|thirty|forty|fifty|hundred|dozen)\b(?: (?P<unit2>[a-z]+))?"
)
_QUOTED = re.compile(r"《[^《》\n]{1,40}》|“[^“”\n]{1,30}”|「[^「」\n]{1,30}」")
_ORGANISATION_END = (
    "公司|集团|总局|局|部委|委员会|委|大学|学院|学校|医院|法院|检察院|协会|学会|中心|银行|政府|党委|报社|通讯社|研究院|"
    "研究所|联盟|基金会|出版社|工厂|厂|俱乐部|乐队|球队|联合会|组织|人大|政协|国务院|商会|社"
)
_ENDS_ORGANISATION = re.compile(rf"(?:{_ORGANISATION_END})$")
_PLACE_END = re.compile(
    r".+(?:省|市|县|区|镇|乡|村|州|岛|洲|国|河|湖|江|山|海|港|湾|水库|工程|路|街|寺|宫|馆|园|机场|大厅|基地|站|淀|洋|平原|高原|带|地区)$"
)
_SURNAME = (
    "欧阳|司马|上官|诸葛|[王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董潘袁于蒋蔡余杜叶程苏魏吕丁任沈姚卢"
    "姜崔钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤裴严岳齐尤庄霍]"
)
_SURNAMED = re.compile(_SURNAME)
_POST = (
    "教授|记者|主任|站长|总裁|书记|店长|发言人|局长|部长|院长|校长|处长|科长|司长|厅长|市长|省长|县长|镇长|村长|主席|总理|总统|"
    "董事长|总经理|经理|秘书长|会长|所长|队长|船长|馆长|厂长|院士|专家|研究员|工程师|医生|律师|老师|先生|女士|作者|主编|教练|导演|演员|总监"
)
_SAYS = "说|表示|介绍|告诉|认为|指出|强调|坦言|感慨|透露|称|回忆|告诫|建议"
_PERSON = re.compile(
    rf"(?:{_POST})\s?((?:{_SURNAME})[\u4e00-\u9fff]{{1,2}}?)(?=\d*日?(?:{_SAYS}|最近|正|是|在|等|，|。|、|）|$))"
    rf"|(?<![\u4e00-\u9fff])((?:{_SURNAME})[\u4e00-\u9fff]{{1,2}})(?=\d*日?(?:{_SAYS}|摄|作$|摄影))"
    rf"|(?<=记者)\s+([\u4e00-\u9fff]{{2,3}})(?:\s+([\u4e00-\u9fff]{{2,3}}?))?(?=摄|$|[）)\s])|(?<=发\s)([\u4e00-\u9fff]{{2,3}})(?=[作摄])"
)
_CAPITALISED = re.compile(
    r"\b[A-Z](?:\.|[A-Za-z’'-]*[A-Za-z])?(?: (?:of|the|de|van|von|and|for)(?= [A-Z])| [A-Z](?:\.|[A-Za-z’'-]*[A-Za-z])?)*"
)


@kept(megabytes=16, entries=8192)
def facts(text: str) -> tuple[Fact, ...]:
    """Every fact in ``text``, in order; kinds may overlap (2024年 is a date, 10年 a duration too)."""
    folded = fold(text)
    dates = [Fact("date", *match.span()) for match in _DATE.finditer(folded)]
    found = list(dates)
    for match in _DURATION.finditer(folded):
        found.append(Fact("duration", *match.span()))
    for match in _NUMBER.finditer(folded):
        number = _number(folded, match, dates)
        if number is not None:
            found.append(number)
    for match in _ENGLISH_NUMBER.finditer(folded):
        # 12 people. but no 12 of 12万册
        if folded[match.end() : match.end() + 1].isascii() and match.end() < len(
            folded
        ):
            unit = match["unit"] or match["unit2"] or ""
            found.append(Fact("number", *match.span(), unit=unit))
    for match in _QUOTED.finditer(text):
        found.append(Fact("name", match.start() + 1, match.end() - 1))
    named = words(text)
    found += _persons(text, named)
    found += _places_and_names(named)
    found += _capitalised(text)
    found += [Fact("organisation", *span) for span in _organisations(text, named)]
    return tuple(sorted(set(found), key=_order))


def _order(fact: Fact) -> tuple[int, int, Kind, str]:
    return fact.start, fact.end, fact.kind, fact.unit


def _number(folded: str, match: re.Match[str], dates: list[Fact]) -> Fact | None:
    """A number that is no part of a date; Chinese digits count only with a unit (一 in 一切 is none)."""
    start, end = match.span()
    while end > start and folded[end - 1].isspace():
        end -= 1
    unit = match["unit"] or ""
    written = match.group()
    in_characters = re.search(r"\d|百分之", written) is None
    if in_characters and not unit:
        return None
    if in_characters and written[0] == "一" and written[1:2] == unit[:1]:
        return None  # 一家 is any
    for date in dates:
        if date.start <= start and end <= date.end:
            return None
    return Fact("number", start, end, unit)


def _persons(text: str, found: tuple[Word, ...]) -> Iterator[Fact]:
    """By jieba's tags, surname and given name put together; and by what stands beside a name."""
    for i, word in enumerate(found):
        if word.kind != "han" or not word.tag.startswith("nr"):
            continue
        # nr alone is given to other words, too: a surname must open it
        if word.tag == "nr" and not _SURNAMED.match(word.text):
            continue
        yield Fact("person", word.start, _end_of_person(found, i))
    for match in _PERSON.finditer(text):
        for group in range(1, 6):
            if match[group] is not None:
                yield Fact("person", *match.span(group))


def _end_of_person(found: tuple[Word, ...], i: int) -> int:
    word = found[i]
    after = found[i + 1] if i + 1 < len(found) else None
    if after is None or after.start != word.end:
        return word.end
    if len(word.text) == 1:
        return min(after.end, word.start + 3)  # 周 + 明远
    if len(word.text) == 2 and _given_name(after, word.end):
        return after.end  # 周明 + 远
    return word.end


def _places_and_names(found: tuple[Word, ...]) -> Iterator[Fact]:
    for i, word in enumerate(found):
        if word.kind != "han":
            continue
        named = word.tag in ("ns", "nsf")
        if named or (word.tag.startswith("n") and _PLACE_END.match(word.text)):
            yield Fact("place", word.start, _reach(found, i, _PLACE_END))
        if word.tag == "nz":
            yield Fact("name", word.start, word.end)


def _capitalised(text: str) -> Iterator[Fact]:
    """Names in Latin letters, which may be of anything."""
    kinds: tuple[Kind, ...] = ("person", "place", "organisation", "name")
    for match in _CAPITALISED.finditer(text):
        if match.end() - match.start() > 1:
            for kind in kinds:
                yield Fact(kind, *match.span())


def _given_name(word: Word, end: int) -> bool:
    return (
        word.start == end
        and len(word.text) == 1
        and word.tag in ("ng", "x", "nr", "nrt", "zg")
    )


def _reach(found: tuple[Word, ...], i: int, ends: re.Pattern[str]) -> int:
    """The end of a place name that goes on: 浙江 + 乌镇, 沧州 + 泊头市, 京杭 + 大运河."""
    end = found[i].end
    for word in found[i + 1 : i + 3]:
        if word.start != end or not (
            word.tag in ("ns", "nsf") or ends.match(word.text)
        ):
            break
        end = word.end
    return end


def _organisations(text: str, found: tuple[Word, ...]) -> list[tuple[int, int]]:
    """Runs of nouns, verbal nouns and place names that end in a word for an organisation."""
    spans: list[tuple[int, int]] = []
    start, last = -1, -1
    for word in found:
        if not _joins_organisation(word):
            start = -1
            continue
        if start < 0 or word.start != last:
            start = word.start
        last = word.end
        if word.tag == "nt" or _ENDS_ORGANISATION.search(word.text):
            # a shorter one that it goes on from is no other: 清华大学 of 清华大学公共管理学院
            if spans and spans[-1][0] == start:
                spans.pop()
            spans.append((start, word.end))
    return [(a, b) for a, b in spans if b - a > 2 and text[a:b].strip()]


def _joins_organisation(word: Word) -> bool:
    """Whether a word may be part of an organisation's name: nouns but persons', and what goes with nouns."""
    if word.tag == "nr":
        return False
    if word.kind == "han" and word.tag[:1] in ("n", "b", "j", "l"):
        return True
    return word.tag in ("vn", "v", "a", "f", "ns")
