"""A toy corpus, and sources made of a text."""

from __future__ import annotations

from rag import sources
from rag.records import Source

TOY = {
    "图书馆.txt": (
        "小镇图书馆重新开放\n\n"
        "经过一年的修缮，小镇图书馆于3月5日重新开放，馆长周明远说，新馆共有四层，藏书12万册。\n\n"
        "图书馆每天早上九点开门，晚上八点关门，读者凭身份证可以免费借阅。\n\n"
        "为了方便老人，馆内还增设了放大镜和轮椅。\n"
    ),
    "苹果.md": (
        "# 果园的收成\n\n今年，河湾果园收获苹果320吨，比去年增加40吨。\n\n"
        "果园主人孙秀兰介绍，增产的原因是引进了滴灌技术。\n"
    ),
    "bridge.txt": (
        "The old bridge\n\n"
        "The stone bridge over the Elm River was finished in 1887 by the engineer Martha Holloway.\n\n"
        "It is 214 metres long and carries about 9,000 cars a day.\n"
    ),
}


def toy_source(name: str, text: str) -> Source:
    return sources.read_bytes(text.encode(), name)
