"""What deletions write and whether memory is level: ``python -m bench.storage deletions|memory``.

deletions   30 documents leave a store of some 20,000 passages: bytes written, and how long each took
memory      many different questions, one after the other: resident memory at every thousandth

Both run over made-up texts.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from rag import sources
from rag.library import Library, Question
from rag.settings import Settings
from rag.store.rows import Listed

PLACES = [
    "绍兴",
    "长沙",
    "昆明",
    "沈阳",
    "兰州",
    "烟台",
    "保定",
    "温州",
    "赣州",
    "柳州",
    "大连",
    "西宁",
    "海口",
    "银川",
    "泉州",
    "无锡",
    "芜湖",
    "宜昌",
]
BODIES = [
    "水务局",
    "图书馆",
    "造船厂",
    "研究院",
    "气象站",
    "博物馆",
    "农科所",
    "纺织厂",
    "码头公司",
    "供电所",
    "地铁集团",
    "林场",
]
DEEDS = [
    "修复了",
    "采购了",
    "试验了",
    "登记了",
    "运出了",
    "检查了",
    "捐赠了",
    "培训了",
    "安装了",
    "改造了",
]
THINGS = [
    "水泵",
    "古籍",
    "渡轮",
    "样本",
    "雷达",
    "陶器",
    "稻种",
    "织机",
    "集装箱",
    "变压器",
    "信号灯",
    "树苗",
    "公里管道",
    "名技师",
]
PASSAGES_A_DOCUMENT = 10
SENTENCES_A_PASSAGE = 6
DELETED = 30


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("what", choices=("deletions", "memory"))
    parser.add_argument("--passages", type=int, default=20_000)
    parser.add_argument("--questions", type=int, default=20_000)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        if options.what == "deletions":
            figures = deletions(home, options.passages)
        else:
            figures = memory(home, min(options.passages, 2_000), options.questions)
    print(json.dumps(figures, indent=1))


def opened(home: Path) -> Library:
    return Library.open(Settings(home=home, rerank=False))


def sentence(dice: random.Random) -> str:
    """A sentence that hardly any other repeats."""
    year, count = dice.randint(1950, 2025), dice.randint(2, 99_999)
    return (
        f"{year}年{dice.randint(1, 12)}月，{dice.choice(PLACES)}第{dice.randint(1, 999)}"
        f"{dice.choice(BODIES)}{dice.choice(DEEDS)}{count}{dice.choice('台套件批')}{dice.choice(THINGS)}。"
    )


def article(dice: random.Random, passages: int = PASSAGES_A_DOCUMENT) -> str:
    """Paragraphs, each as long as a passage may be."""
    paragraphs = []
    for _ in range(passages):
        paragraphs.append(
            "".join(sentence(dice) for _ in range(SENTENCES_A_PASSAGE + 3))
        )
    return "\n\n".join(paragraphs)


def question(dice: random.Random) -> str:
    return (
        f"{dice.randint(1950, 2025)}年{dice.choice(PLACES)}第{dice.randint(1, 999)}{dice.choice(BODIES)}"
        f"{dice.choice(DEEDS)}多少{dice.choice(THINGS)}？"
    )


def fill(library: Library, passages: int, dice: random.Random) -> None:
    number = 0
    while library.counts()["passages"] < passages:
        number += 1
        library.ingest_source(sources.from_text(f"made up {number}", article(dice)))


def deletions(home: Path, passages: int) -> dict[str, float]:
    dice = random.Random(7)  # noqa: S311 - the same texts each time
    with opened(home) as library:
        fill(library, passages, dice)
    with opened(home) as library:
        there = library.counts()["passages"]
        ids = [each.id for each in _all(library)]
        before, begun = written(), time.perf_counter()
        slowest = 0.0
        for document_id in dice.sample(ids, DELETED):
            started = time.perf_counter()
            library.delete(document_id)
            slowest = max(slowest, time.perf_counter() - started)
        seconds = time.perf_counter() - begun
        time.sleep(3)  # what is written after the answer counts too
    size = sum(file.stat().st_size for file in home.rglob("*") if file.is_file())
    after = written()
    begun = time.perf_counter()
    opened(home).close()
    return {
        "passages": there,
        "on disk, MB": size / 1e6,
        "deletions": DELETED,
        "written by calls, MB": (after[0] - before[0]) / 1e6,
        "written to disk, MB": (after[1] - before[1]) / 1e6,
        "seconds a deletion": seconds / DELETED,
        "slowest": slowest,
        "opening after it, seconds": time.perf_counter() - begun,
    }


def memory(home: Path, passages: int, questions: int) -> dict[str, float]:
    dice = random.Random(7)  # noqa: S311 - the same texts each time
    figures: dict[str, float] = {}
    with opened(home) as library:
        fill(library, passages, dice)
        for number in range(1, questions + 1):
            library.ask(Question(question(dice)))
            if number % 1_000 == 0:
                figures[f"MB after {number:,}"] = round(resident() / 1e6, 1)
                print(f"  {number:,}: {resident() / 1e6:.0f} MB", flush=True)
    return figures


def _all(library: Library) -> Iterator[Listed]:
    after = 0
    while page := library.listing(after, 500):
        yield from page
        after = page[-1].id


def written() -> tuple[int, int]:
    """Bytes that this process handed to ``write`` and bytes that went to the disk, so far."""
    os.sync()
    lines = Path("/proc/self/io").read_text(encoding="ascii").splitlines()
    figures = dict(line.split(": ") for line in lines)
    return int(figures["wchar"]), int(figures["write_bytes"])


def resident() -> int:
    """Bytes of memory that this process holds."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


if __name__ == "__main__":
    main()
