"""Near misses by exchange: the question asked of another year, or of something else than the passage is about."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence

from models.language.words import has_han

_YEAR = re.compile(r"(?:1[89]|20)\d\d")
_NAME = re.compile(r"\b[A-Z][a-z]+(?: [A-Z][a-z]+)*")
_ASKING = re.compile(r"什么|哪|谁|多少|几|怎|如何|为何|是|的|有|在|吗|呢")


def exchanged(
    question: str, passage: str, names: Sequence[str], rng: random.Random
) -> str | None:
    """The question asked of another year, or of something else than what it shares with the passage.

    ``2018年的产量`` of a passage on 2018 becomes ``2019年的产量``; ``绍兴的人口`` becomes ``台州的人口``. None
    where there is nothing to exchange, or where the passage names what would be asked for, too.
    """
    year = _YEAR.search(question)
    if year and year.group() in passage and rng.random() < 0.8:
        other = str(int(year.group()) + rng.choice((-3, -2, -1, 1, 2, 3)))
        if other in passage:
            return None
        return question.replace(year.group(), other)
    thing = shared_thing(question, passage)
    if len(thing) < 2 or not names:
        return None
    other = rng.choice(names)
    # 绍兴 may become 台州, not 中国科学技术大学: that it is of another kind would tell.
    alike = abs(len(other) - len(thing)) < 5 or not has_han(thing)
    if not alike or other in passage + question:
        return None
    return question.replace(thing, other)


def shared_thing(question: str, passage: str) -> str:
    """What question and passage both name: the longest run they share, or a capitalised name."""
    if not has_han(question):
        return _shared_name(question, passage)
    # 绍兴的人口 of 绍兴的面积 shares 绍兴的; what only asks is taken out, and 绍兴 is left.
    return max(_ASKING.split(_longest_shared(question, passage)), key=len)


def _shared_name(question: str, passage: str) -> str:
    """The longest capitalised name that is in both; the question's first word is a capital anyhow."""
    shared: list[str] = []
    for match in _NAME.finditer(question):
        if match.start() > 0 and match.group() in passage:
            shared.append(match.group())
    return max(shared, key=len, default="")


def _longest_shared(question: str, passage: str) -> str:
    """The longest run of the question's characters that is in the passage, of equal ones the first."""
    longest = ""
    for start in range(len(question)):
        # A longer run than the longest so far is all that matters.
        end = start + len(longest) + 1
        while end <= len(question) and question[start:end] in passage:
            longest = question[start:end]
            end += 1
    return longest
