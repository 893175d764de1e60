"""Exact match and F1 over characters, the way CMRC 2018's own script scores."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.language.words import fold

_DROPPED = re.compile(r"[\W_]+")


def plain(text: str) -> list[str]:
    """Han characters one by one, runs of other letters and digits whole; marks dropped."""
    return re.findall(r"[\u3400-\u9fff]|[^\u3400-\u9fff]+", _DROPPED.sub("", fold(text)))


def exact_match(said: str, answers: Sequence[str]) -> float:
    return max(float(plain(said) == plain(answer)) for answer in answers)


def f1(said: str, answers: Sequence[str]) -> float:
    """By the longest common substring, as the script of CMRC 2018 does."""
    return max(_one(plain(said), plain(answer)) for answer in answers)


def _one(said: list[str], answer: list[str]) -> float:
    common = longest = 0
    before = [0] * (len(answer) + 1)
    for a in said:
        row = [0] * (len(answer) + 1)
        for j, b in enumerate(answer, start=1):
            if a == b:
                row[j] = before[j - 1] + 1
                longest = max(longest, row[j])
        before = row
    common = longest
    if not common:
        return 0.0
    precision, recall = common / len(said), common / len(answer)
    return 2 * precision * recall / (precision + recall)
