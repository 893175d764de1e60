"""Headlines made of an article's own clauses, invented names and credits: what pages put around it."""

from __future__ import annotations

import random
import re

import rjieba

SURNAMES = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高梁郑谢宋唐许韩冯邓曹彭曾肖田董袁潘蔡蒋余"
    "于杜叶程魏苏吕丁任卢姚沈钟姜崔谭陆范汪廖石金贾夏韦方白邹孟熊秦邱江尹薛"
)
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚辉鹏飞宇浩然子涵欣怡思远志国文"
    "博雅琪梦瑶晨曦嘉俊建华春晓东海立新成云天雨佳宁"
)
_PLACES = (
    "北京 上海 广州 深圳 杭州 南京 成都 武汉 西安 沈阳 长春 哈尔滨 "
    "济南 郑州 合肥 福州 南昌 长沙 昆明 贵阳 兰州 太原 石家庄 海口 "
    "南宁 拉萨 银川 西宁 乌鲁木齐 呼和浩特 天津 重庆 东京 伦敦 巴黎 莫斯科 "
    "纽约 华盛顿 日内瓦 "
)
PLACES = _PLACES.split()
AGENCIES = (
    "新华社",
    "新华社",
    "新华社",
    "本报",
    "中新社",
    "人民网",
    "光明日报",
    "中国青年报",
)
DATELINE = re.compile(
    r"^[^，。]{1,20}?\d+\s*月\s*\d+\s*日\s*(?:电|讯|消息)\s*(?:[（(][^）)]*[）)])?[，：,]?\s*"
)


_CLAUSE_ENDS = re.compile(r"[，。；！？,;!?：:]")
_OPENERS = re.compile(
    r"^(?:记者|据|近日|日前|今天|昨日|目前|此外|同时|其中|但|而|据悉|\d+日)+"
)
"""What a headline leaves out at the front of a clause."""


def headline(text: str, chance: random.Random) -> str | None:
    """A line made of a clause of the text, as a headline might say it; None where none will do."""
    text = DATELINE.sub("", text)
    text = re.sub(r"（[^）]*）|\([^)]*\)", "", text)
    clauses: list[str] = []
    for clause in _CLAUSE_ENDS.split(text[:220]):
        bare = _OPENERS.sub("", clause.strip(" “”\"'·"))
        if 6 <= len(bare) <= 24:
            clauses.append(bare)
    if not clauses:
        return None
    # The first clause in 63 of 100 cases, the second in 23: newspapers tell the news first.
    line = clauses[min(int(chance.expovariate(1.0)), len(clauses) - 1)]
    turn = chance.random()
    if turn < 0.2 and len(clauses) > 1:
        line = f"{line} {chance.choice(clauses)}"
    elif turn < 0.35:
        # 市政府将在三月开放新图书馆 -> 市政府三月开放新图书馆
        told = [word for word in rjieba.cut(line) if word not in "的了在是和与将已被对"]
        line = "".join(told) or line
    elif turn < 0.45:
        words = rjieba.cut(line)
        line = "".join(words[: max(3, len(words) * 2 // 3)])
    elif turn < 0.6 and len(clauses) > 1:
        words = [word for word in rjieba.cut(clauses[-1]) if len(word) > 1]
        first = "".join(words[: chance.randint(1, 2)]) or clauses[-1][:4]
        line = chance.choice((f"{first}：{line}", f"{line}：{clauses[-1]}"))
    elif turn < 0.68 and len(clauses) > 2:
        line = " ".join(each[:7] for each in clauses[:3])
    elif turn < 0.75:
        line = chance.choice(("{}！", "{}？", "“{}”")).format(line)
    return line if len(line) >= 5 else None


def credit(chance: random.Random) -> str:
    forms = (
        "新华社记者 {}摄",
        "新华社发 {}摄",
        "{} 摄",
        "本报记者 {}摄",
        "新华社发（{} 摄）",
        "新华社发 {}作",
    )
    return chance.choice(forms).format(name_of(chance))


def name_of(chance: random.Random) -> str:
    """A surname and one given name of one character or, twice as often, two."""
    name = chance.choice(SURNAMES)
    for _ in range(chance.choice((1, 2, 2))):
        name += chance.choice(GIVEN)
    return name
