"""Articles of our own to make pages of."""

from __future__ import annotations

from random import Random

from eval.pages.articles import Story
from eval.pages.printing import Article, Paragraph

_NAMES = (
    "孙秀兰 周明远 高建国 林海燕 何雨桐 罗志强 彭晓东 袁思远 曹丽娟 邓国庆 许文博 傅静"
)
_THINGS = """
果园 苹果 滴灌 图书馆 藏书 修缮 地铁 车站 盾构 码头 吊机 茶园 春茶 采摘 医院 床位
学校 操场 气象站 雷达 渔船 渔获 菜市场 摊位 机床 订单 花圃 牡丹 早晨 傍晚 老人 孩子
工人 老师 司机 山路 河水 屋顶 院子 灯光 种子 机器 粮食 木材 带来 修好 送到 打开
换成 看见 等待 准备 学会 记下 搬到 交给 剩下 添了 减少 增加 唱着 画出 烧开 洗净
慢慢 一起 从前 后来 当年 如今 终于 依然 明年 每天 新的 旧的 远处 近处 南边 北边
高高 安静 热闹 清楚
"""
WHO, WORDS = _NAMES.split(), _THINGS.split()


def story(number: int, published: str | None = "2024-05-06") -> Story:
    """Eight paragraphs in words drawn anew for every number: no two stories say the same."""
    rng = Random(number)

    def sentence() -> str:
        clauses = (
            "".join(rng.sample(WORDS, rng.randint(3, 6)))
            for _ in range(rng.randint(2, 4))
        )
        return "，".join(clauses) + "。"

    paragraphs: list[str] = []
    for _ in range(7):
        sentences = [sentence() for _ in range(rng.randint(1, 3))]
        paragraphs.append("".join(sentences))
    paragraphs.insert(2, f"“{sentence()}”{WHO[number]}告诉记者，{sentence()}")
    return Story(f"toy:{number}", tuple(paragraphs), None, published)


STORIES = [story(number) for number in range(len(WHO))]


def article(id_: str, *texts: str, headline: str | None = None) -> Article:
    heading = [Paragraph("headline", headline)] if headline else []
    return Article(id_, (*heading, *(Paragraph("body", text) for text in texts)))


ENGLISH = [
    article(
        "bridge",
        "The stone bridge over the Elm River was finished in 1887 by the engineer Martha Holloway.",
        "It is 214 metres long and carries about 9,000 cars a day. Dr. Reed, its keeper, counts them.",
        "“We shall close it for a week in May,” she said, “and not a day longer.”",
        headline="The old bridge",
    ),
    article(
        "market",
        "The market in Rowan Street opens at six on weekdays and at seven on Sundays.",
        "Its forty stalls sell fruit, fish and bread; the council lets them for $30 a month.",
        headline="Forty stalls and a clock",
    ),
]
