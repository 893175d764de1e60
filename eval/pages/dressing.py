"""What a newspaper puts around an article: templates, filled with what its own text says and invented names.

Chinese only; a story in another language keeps to its title and paragraphs.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from random import Random

from eval.pages.articles import Story
from eval.pages.printing import Article, Paragraph
from models.language.sentences import sentences
from models.language.words import has_han

_SURNAMES = (
    "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕"
)
_GIVEN = (
    *(
        "伟",
        "芳",
        "娜",
        "敏",
        "静",
        "磊",
        "强",
        "洋",
        "艳",
        "勇",
        "杰",
        "涛",
        "明",
        "超",
        "霞",
        "平",
        "刚",
        "桂英",
    ),
    *("建华", "志强", "晓东", "雨桐", "思远", "文博", "海燕", "丽娟", "国庆", "子涵"),
)
_CITIES = (
    *(
        "北京",
        "上海",
        "天津",
        "重庆",
        "广州",
        "深圳",
        "杭州",
        "南京",
        "武汉",
        "成都",
        "西安",
        "长沙",
        "郑州",
        "济南",
    ),
    *(
        "青岛",
        "沈阳",
        "大连",
        "长春",
        "哈尔滨",
        "合肥",
        "福州",
        "厦门",
        "南昌",
        "昆明",
        "贵阳",
        "南宁",
        "海口",
    ),
    *(
        "兰州",
        "西宁",
        "银川",
        "乌鲁木齐",
        "拉萨",
        "呼和浩特",
        "太原",
        "石家庄",
        "苏州",
        "宁波",
        "东京",
        "纽约",
    ),
    *("伦敦", "巴黎", "莫斯科"),
)
_CLAUSE = re.compile(r"[^，。；：！？…—\n]+")
_WEAK = re.compile(
    r"^(?:近日|日前|昨日|今天|当天|据|记者|对此|同时|此外|其中|但|而|不过|因此|另外|并|也|还|他|她|它|这|那|在|从|对|由|"
    r"至|造成|根据|因|如|若|为|以|使|让|却|则|就|又|已|有|其|[0-9]+ ?[年月日])"
)
_ODD = set("“”‘’（）()《》【】")


@dataclass(frozen=True, slots=True)
class PartRates:
    """How often an article of a page has each part beside its text, each 0 to 1."""

    headline: float = 0.8
    kicker: float = 0.1
    subtitle: float = 0.2
    byline: float = 0.3
    dateline: float = 0.4
    subheads: float = 0.3
    end: float = 0.2
    picture: float = 0.25


def dress(story: Story, rng: Random, rates: PartRates) -> Article:
    """The story with headline, byline, dateline and so on, each now and then, and the fields they state."""
    if not has_han(story.text):
        return story.bare()
    absent = ("kicker", "subtitle", "byline", "agency", "dateline", "place")
    fields: dict[str, tuple[str | None, ...]] = dict.fromkeys(absent, (None,))
    fields["published"] = (None, story.published) if story.published else (None,)
    body, origin = _body(story, rng, rates, fields)
    heading = _heading(story, rng, rates, fields)
    if fields["byline"] == (None,) and rng.random() < rates.byline:
        heading.append(_byline(rng, fields))
    ending = _ending(story, rng, rates, fields)
    return Article(
        story.id,
        (*heading, *body, *ending),
        pictures=_pictures(story, rng, rates),
        fields=fields,
        published_from=origin,
    )


def as_picture(story: Story, rng: Random) -> Article:
    """A picture's words that are an article by themselves: one or two paragraphs and a credit."""
    first = story.paragraphs[0]
    said = [first[start:end] for start, end in sentences(first)]
    opening = said[0]
    fields = {}
    words = []
    for each in said[1:2]:
        if rng.random() < 0.4:
            words.append(Paragraph("caption", each))
    if story.published:
        opening = f"{_day(story.published)}，{opening}"
        fields = {"published": (None, story.published)}
    words.insert(0, Paragraph("caption", opening))
    return Article(story.id, (*words, _credit(rng)), fields=fields)


def headline_of(text: str) -> str | None:
    """The first clause of the first sentence that could stand over it, its neighbour added if it is short."""
    clauses = _clauses(text, 6, 26)
    if not clauses:
        return None
    first, *others = clauses
    if len(first) < 10 and others and len(others[0]) <= 16:
        return f"{first} {others[0]}"
    return first


def _heading(
    story: Story,
    rng: Random,
    rates: PartRates,
    fields: dict[str, tuple[str | None, ...]],
) -> list[Paragraph]:
    title = story.title or headline_of(story.paragraphs[0])
    if title is None or rng.random() >= rates.headline:
        return []
    heading = [Paragraph("headline", title)]
    fields["title"] = (title,)
    later = [each for each in _clauses(story.paragraphs[1], 6, 18) if each not in title]
    if later and rng.random() < rates.kicker:
        heading.insert(0, Paragraph("kicker", later[-1]))
        fields["kicker"] = (later[-1],)
    elif later and rng.random() < rates.subtitle:
        heading.append(Paragraph("subtitle", f"——{later[0]}"))
        fields["subtitle"] = (later[0],)
    return heading


def _body(
    story: Story,
    rng: Random,
    rates: PartRates,
    fields: dict[str, tuple[str | None, ...]],
) -> tuple[list[Paragraph], str | None]:
    """The paragraphs, the first under a dateline and some under subheads; what the date is inferred from."""
    texts = list(story.paragraphs)
    origin = None
    if story.published and rng.random() < rates.dateline:
        place = _place(texts[0], rng)
        names = _names(rng)
        dateline = f"新华社{place}{_day(story.published)}电"
        signed = f"{dateline}（记者 {names}）"
        texts[0] = signed + texts[0]
        # with or without who signed it: both are called a dateline
        fields["dateline"] = (dateline, signed)
        fields["place"] = (place,)
        fields["byline"] = (names,)
        fields["agency"] = ("新华社",)
        fields["published"] = (story.published,)
        origin = "its dateline"
    body = [Paragraph("body", each) for each in texts]
    if len(body) >= 6 and rng.random() < rates.subheads:
        places = rng.sample(range(2, len(body) - 1), 2)
        # from the end, so that what is put in moves no place still to come
        for at in sorted(places, reverse=True):
            clauses = _clauses(body[at].text, 6, 16)
            if clauses:
                body.insert(at, Paragraph("subhead", clauses[0]))
    return body, origin


def _byline(rng: Random, fields: dict[str, tuple[str | None, ...]]) -> Paragraph:
    names = _names(rng)
    ways: list[tuple[tuple[str | None, ...], str]] = [
        (("新华社",), f"新华社记者 {names}"),
        # 本报, "this paper", need not be taken for an agency
        ((None, "本报"), f"本报记者 {names}"),
        ((None,), f"□ 记者 {names}"),
        ((None,), f"记者 {names}"),
    ]
    agencies, text = rng.choice(ways)
    fields["byline"] = (names,)
    fields["agency"] = agencies
    return Paragraph("byline", text)


def _ending(
    story: Story,
    rng: Random,
    rates: PartRates,
    fields: dict[str, tuple[str | None, ...]],
) -> list[Paragraph]:
    if rng.random() >= rates.end:
        return []
    if story.published and fields["dateline"] == (None,) and rng.random() < 0.5:
        place = _place(story.paragraphs[0], rng)
        dateline = f"新华社{place}{_day(story.published)}电"
        fields |= {"dateline": (dateline,), "place": (place,), "agency": ("新华社",)}
        fields["published"] = (story.published,)
        return [Paragraph("end", f"（{dateline}）")]
    return [Paragraph("end", "（完）")]


def _pictures(
    story: Story, rng: Random, rates: PartRates
) -> tuple[tuple[Paragraph, ...], ...]:
    if rng.random() >= rates.picture:
        return ()
    clauses = _clauses(rng.choice(story.paragraphs[1:]), 8, 30)
    if not clauses:
        return ()
    template = rng.choice(["图为{}。", "图为{}现场。", "{}（资料图片）。"])
    words = template.format(rng.choice(clauses))
    if story.published and rng.random() < 0.3:
        words = f"{_day(story.published)}，{rng.choice(clauses)}。"
    credit = _credit(rng)
    if rng.random() < 0.3:
        return ((Paragraph("caption", f"{words} {credit.text}"),),)
    return ((Paragraph("caption", words), credit),)


def _credit(rng: Random) -> Paragraph:
    name = _name(rng)
    return Paragraph(
        "credit",
        rng.choice(
            [
                f"新华社记者 {name}摄",
                f"新华社发（{name}摄）",
                f"新华社发 {name}作",
                f"本报记者 {name}摄",
                f"{name} 摄",
            ]
        ),
    )


def _clauses(text: str, least: int, most: int) -> list[str]:
    """Clauses of these lengths without quotes or brackets, those that lean on another left out."""
    clauses = []
    for match in _CLAUSE.finditer(text):
        clause = match.group().strip()
        if not least <= len(clause) <= most or _WEAK.match(clause):
            continue
        if _ODD.isdisjoint(clause):
            clauses.append(clause)
    return clauses


def _place(text: str, rng: Random) -> str:
    """The first city of our list that the text names, else any."""
    for city in _CITIES:
        if city in text:
            return city
    return rng.choice(_CITIES)


def _day(published: str) -> str:
    _, month, day = published.split("-")
    return f"{int(month)}月{int(day)}日"


def _names(rng: Random) -> str:
    return " ".join(_name(rng) for _ in range(rng.choice([1, 1, 2])))


def _name(rng: Random) -> str:
    return rng.choice(_SURNAMES) + rng.choice(_GIVEN)
