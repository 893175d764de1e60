"""The parallel text that the translation model learns from, cut into words, with a held-out slice."""

from __future__ import annotations

import hashlib
import json
import lzma
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path

import opencc
import rjieba

from models.english import ARTICLES, Token, tokens

PARALLEL = ("alma_en_zh", "tico_en_zh", "ntrex_multi", "tatoeba_en_zh")
HELD_OUT_SETS = ("alma_en_zh", "tico_en_zh", "ntrex_multi")
HELD_OUT_SHARE = 0.05
HANZI = re.compile(r"[\u3400-\u9fff]")
_MONTHS = frozenset(map(str, range(1, 13)))
_ENTITY = re.compile(r"&#?\w+;")

_FUNCTION_WORDS = """
    的 了 在 是 和 与 及 或 也 都 就 而 但 但是 并 并且 把 被 让 使 对 对于 从 向 到 由
    于 以 为 因为 所以 因此 如果 这 那 这个 那个 这些 那些 这样 其 其中 他 她 它 我 你 您
    我们 他们 她们 它们 你们 自己 有 没有 不 没 很 非常 更 最 会 能 能够 可 可以 可能 要 将
    已 已经 曾 还 又 再 只 所 等 着 过 地 得 吗 呢 吧 啊 个 一个 一些 一 两 之 上 下 中
    里 后 前 时 来 去 说 称 表示 什么 怎么 如何 哪 哪些 谁 多少 几 每 各 该 此 虽然 不过
    然而 以及 则 却 通过 进行 同时 之后 之前 以后 以前 关于 根据 按照 由于 为了 除了 还是 或者
    就是 不是 这种 那种 人 多 大 一种
"""
STOP_WORDS_ZH = frozenset(_FUNCTION_WORDS.split())

_simplified = opencc.OpenCC("t2s")


@dataclass(frozen=True, slots=True)
class SentencePair:
    """English words (articles left out) and Chinese words of one sentence, and the text of both."""

    english: tuple[Token, ...]
    chinese: tuple[str, ...]
    english_text: str
    chinese_text: str


def sentence_pair(english: str, chinese: str) -> SentencePair:
    """Both sentences cut into words; ``&quot;`` is no word, and Chinese is made simplified."""
    english = _ENTITY.sub(" ", english)
    chinese = _simplified.convert(_ENTITY.sub(" ", chinese))
    # Chinese has no articles: they would be linked to whatever stands near.
    kept = [token for token in tokens(english) if token.form not in ARTICLES]
    words = [word for word in cut(chinese) if word[0].isalnum()]
    return SentencePair(tuple(kept), tuple(words), english, chinese)


def cut(chinese: str) -> list[str]:
    """Words of Chinese text; a month in figures is one word, so that July can be 7月."""
    words: list[str] = []
    for word in rjieba.cut(chinese):
        if word == "月" and words and words[-1] in _MONTHS:
            words[-1] += word
        else:
            words.append(word)
    return words


def read_parallel(data: Path, held_out: bool) -> Iterator[SentencePair]:
    """Sentence pairs of the training part, or of the part held out by a hash of the English text."""
    seen: set[tuple[str, str]] = set()
    for name in PARALLEL:
        # Of the other sets one sentence in twenty is neither learned from nor measured by.
        if held_out and name not in HELD_OUT_SETS:
            continue
        for english, chinese in _sentences(data / "parallel" / f"{name}.jsonl.xz"):
            if is_held_out(english) != held_out:
                continue
            if (english, chinese) in seen:
                continue
            seen.add((english, chinese))
            pair = sentence_pair(english, chinese)
            if pair.english and pair.chinese and _alike(pair):
                yield pair


def _sentences(path: Path) -> Iterator[tuple[str, str]]:
    """English and Chinese of each line of a parallel set."""
    with lzma.open(path, "rt", encoding="utf8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["en"], row["zh"]


def is_held_out(english: str) -> bool:
    digest = hashlib.sha256(" ".join(english.lower().split()).encode()).digest()
    return int.from_bytes(digest[:4], "big") < HELD_OUT_SHARE * 2**32


def _alike(pair: SentencePair) -> bool:
    """Of comparable length: a translation seldom has three times the words of its source."""
    m, n = len(pair.english), len(pair.chinese)
    return max(m, n) <= 120 and m <= 3 * n + 3 and n <= 3 * m + 3


def news_counts(
    data: Path, headwords: Iterable[str], articles: int = 30_000
) -> Counter[str]:
    """How often each word occurs in the news, to prefer the usual word among synonyms."""
    with lzma.open(data / "text" / "news_zh.jsonl.xz", "rt", encoding="utf8") as lines:
        texts = (json.loads(line)["text"] for line in islice(lines, articles))
        return word_counts(texts, headwords)


def word_counts(texts: Iterable[str], headwords: Iterable[str]) -> Counter[str]:
    """Counts of words, and of those headwords that are cut into several words."""
    following: dict[str, set[tuple[str, ...]]] = defaultdict(set)
    for headword in headwords:
        pieces = tuple(rjieba.cut(headword))
        if len(pieces) > 1:
            following[pieces[0]].add(pieces)
    counts: Counter[str] = Counter()
    for text in texts:
        words = rjieba.cut(text)
        counts.update(word for word in words if HANZI.search(word))
        for start, (word, after) in enumerate(pairwise(words)):
            for pieces in following.get(word, ()):
                # 知识产权 is cut into 知识 and 产权: where they follow each other, it stands.
                # Nearly all fall out at the second word, which spares cutting the slice.
                if pieces[1] != after:
                    continue
                if tuple(words[start : start + len(pieces)]) == pieces:
                    counts["".join(pieces)] += 1
    return counts
