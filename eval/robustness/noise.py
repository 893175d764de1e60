"""Documents that have nothing to say on the questions: made up here, read from a folder, or other documents.

The made-up ones are short news items about places, people and figures that don't exist. They speak the
language of the corpus and have its kinds of numbers, but answer none of its questions.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from random import Random

from eval.robustness.world import Page
from models.language.words import has_han
from rag.errors import InvalidValue

_ZH = {
    "place": "河湾市,云岭县,青石镇,南浔口,白鹭区,松涛市,望江县,临溪镇,龙潭沟,柳堤区,北屏市,沙棠县",
    "who": "周明远,孙秀兰,何启东,陆佳宁,方国安,沈若溪,罗建新,温子涵,顾长林,柏雨晴",
    "body": "农技推广站,商务局,文化馆,交通运输局,气象台,园林处,住建局,体育中心,图书馆,供水公司",
    "thing": "苹果,茶叶,竹编,蜂蜜,银杏,菌菇,瓷器,柑橘,花卉,莲藕",
    "road": "滨河路,学府街,长宁大道,梧桐巷,环山公路,老码头,东风桥,新民路",
    "verb": "介绍,表示,告诉记者,说",
}
_ZH_TEMPLATES = (
    "{place}{body}近日发布消息，今年{thing}产量预计达{n}吨，比去年增加{m}吨。",
    "“我们从{month}月开始准备，{thing}卖得比往年都好。”{place}种植户{who}说。",
    "{place}{road}改造工程{month}月{day}日完工，全长{m}公里，新增停车位{n}个。",
    "据{place}{body}统计，{year}年当地共接待游客{n}万人次，带动就业{m}人。",
    "{place}{body}负责人{who}{verb}，下一步将新建{m}处服务点，方便居民就近办理。",
    "{month}月{day}日，第{m}届{place}{thing}节开幕，来自{m}个乡镇的{n}名代表参加。",
    "受降温影响，{place}最低气温降至零下{day}度，{body}启用了{m}台设备。",
    "{place}投资{n}万元修缮{road}沿线的老房子，{who}一家搬进了新居。",
    "为什么要种{thing}？{who}{verb}，这里的土壤和水质适合，成本也低。",
    "{place}小学的{n}名学生参观了{thing}加工厂，看到从采摘到装箱的全过程。",
)
_EN = {
    "place": "Elmford,Carrow,Brinehaven,Oakmere,Tollbridge,Westhollow,Marrick,Dunley",
    "who": "Martha Holloway,Ivan Petrel,Joan Arkwright,Samuel Brandt,Lena Ostrow",
    "body": "town council,harbour board,library,water company,sports centre",
    "thing": "apples,honey,pottery,roses,mushrooms,barley",
    "road": "Mill Lane,Harbour Road,Station Street,the old bridge",
    "verb": "said,explained,added",
}
_EN_TEMPLATES = (
    "The {place} {body} expects {n} tonnes of {thing} this year, {m} tonnes more than last year.",
    "Work on {road} in {place} was finished on {day} May; it is {m} miles long and has {n} parking places.",
    "“We began in the spring, and {thing} sell better than ever,” {verb} {who} of {place}.",
    "In {year} about {n} visitors came to {place}, and {m} people found work there.",
    "{who} of the {place} {body} {verb} that {m} new offices will open next year.",
)
LANGUAGES: Mapping[str, tuple[Mapping[str, str], Sequence[str]]] = {
    "zh": (_ZH, _ZH_TEMPLATES),
    "en": (_EN, _EN_TEMPLATES),
}
SENTENCES = (3, 9)
"""A made-up document has so many sentences."""


def noise_needed(characters: int, ratio: float) -> int:
    """Characters of noise beside ``characters`` of corpus for noise to be ``ratio`` of all."""
    # 1,000 characters at .8: 4,000 of noise, 4,000 of 5,000
    return round(characters * ratio / (1 - ratio))


def made_up(characters: int, language: str, rng: Random) -> tuple[Page, ...]:
    """Made-up news, at least ``characters`` of it, in the language ``zh`` or ``en``."""
    pages: list[Page] = []
    while characters > 0:
        told = [sentence(language, rng) for _ in range(rng.randint(*SENTENCES))]
        # two blocks a page, as a short item of news has
        half = -(-len(told) // 2)
        page = Page(
            f"noise-{len(pages)}.txt",
            tuple("".join(part).strip() for part in (told[:half], told[half:])),
        )
        characters -= len(page.text)
        pages.append(page)
    return tuple(pages)


def taken_from(pages: Sequence[Page], characters: int, rng: Random) -> tuple[Page, ...]:
    """Pages of a folder, drawn until there are ``characters``.

    Raises:
        InvalidValue: the folder has fewer.
    """
    there = sum(len(page.text) for page in pages)
    if there < characters:
        raise InvalidValue(
            "--noise",
            f"{there} characters",
            f"at least {characters} for the highest ratio",
        )
    order = list(pages)
    rng.shuffle(order)
    taken: list[Page] = []
    while characters > 0:
        page = order[len(taken)]
        taken.append(Page(f"noise-{len(taken)}.txt", page.blocks))
        characters -= len(page.text)
    return tuple(taken)


def language_of(pages: Sequence[Page]) -> str:
    """``zh`` when the first page with letters has Han characters, else ``en``."""
    return "zh" if any(has_han(page.text) for page in pages[:20]) else "en"


def sentence(language: str, rng: Random) -> str:
    """A made-up sentence in ``zh`` or ``en``."""
    words, templates = LANGUAGES[language]
    text = rng.choice(templates).format(
        **{key: rng.choice(values.split(",")) for key, values in words.items()},
        n=rng.randint(100, 9800),
        m=rng.randint(11, 99),
        month=rng.randint(1, 12),
        day=rng.randint(2, 28),
        year=rng.randint(2003, 2012),
    )
    return text if text[-1] in "。” " else text + " "
