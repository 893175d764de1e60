# ruff: noqa: E501
"""Claims made from sentences: what a sentence still supports, and what it does not, by what was done to it.

Every function takes a sentence and a source of randomness and returns a claim, or None where the sentence
has nothing of the kind to change. ``KEEPING`` keep what is said, ``CHANGING`` change it.
"""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise

from models.language.facts import facts
from models.language.words import Word, fold, has_han, words
from models.support.amounts import Amount, amounts
from models.support.dates import moments
from models.support.markers import OPPOSITES, markers_of
from models.support.names import names_of
from models.training.paraphrase import Synonyms, reword

Change = Callable[[str, random.Random], str | None]

_CLAUSE = re.compile(r"[^，；,;]+[，；,;]?")
_DIGITS = re.compile(r"\d+(?:\.\d+)?")
_SCALES = {"万": "亿", "亿": "万", "公里": "米", "million": "billion", "billion": "million", "平方米": "平方公里",
           "小时": "分钟", "分钟": "小时", "年": "个月", "天": "小时", "吨": "公斤", "美元": "元", "thousand": "million",
           "kilometers": "meters", "miles": "feet", "hours": "minutes", "years": "months", "days": "weeks"}  # fmt: skip
_HAN = "零一二三四五六七八九"
_NO = {"zh": ("没有", "未", "并未", "不"), "en": ("not ", "never ")}
_EN_AUXILIARY = re.compile(
    r"\b(?:is|are|was|were|will|has|have|had|can|could|would|should|may|must)\b(?! not)"
)


def parts(text: str) -> list[str]:
    """The clauses of a sentence, without the marks that end it."""
    return [m.group().strip() for m in _CLAUSE.finditer(text.rstrip("。！？.!?"))]


# what keeps the meaning


def one_clause(text: str, rng: random.Random) -> str | None:
    found = [p.rstrip("，；,;") for p in parts(text) if len(p) >= (9 if has_han(p) else 30)]
    return _ended(rng.choice(found)) if len(found) > 1 else None


def fewer_clauses(text: str, rng: random.Random) -> str | None:
    found = parts(text)
    if len(found) < 3:
        return None
    left_out = rng.randrange(1, len(found))
    return _ended("".join(_spaced(p) for i, p in enumerate(found) if i != left_out))


def joined(one: str, other: str, rng: random.Random) -> str | None:
    """A clause of each of two sentences."""
    found = [one_clause(text, rng) for text in (one, other)]
    return f"{found[0][:-1]}，{found[1]}" if found[0] and found[1] else None


def fewer_words(text: str, rng: random.Random) -> str | None:
    """Without some adjectives, adverbs and particles."""
    free = [w for w in words(text) if w.tag in ("a", "b", "ad", "d", "z", "u", "uj", "m") and w.kind == "han"]
    marked = {m.start for m in markers_of(text, fold(text))}
    taken = [(a.start, a.end) for a in amounts(fold(text))]
    free = [
        w
        for w in free
        if w.start not in marked and not any(a <= w.start < b for a, b in taken) and w.text not in OPPOSITES
    ]
    return _without(text, rng.sample(free, min(len(free), rng.choice((1, 2, 3))))) if free else None


def other_order(text: str, rng: random.Random) -> str | None:
    found = [p.rstrip("，；,;") for p in parts(text)]
    if not has_han(text) or not 2 <= len(found) <= 4:
        return None
    rng.shuffle(found)
    return "，".join(found) + "。"


def other_number_form(text: str, rng: random.Random) -> str | None:
    """3万 as 30000, 74 as 七十四, 5% as 百分之五."""
    options = [a for a in _plain_amounts(text) if has_han(text)]
    if not options:
        return None
    amount = rng.choice(options)
    match = _DIGITS.search(text, amount.start, amount.end)
    if match is None:
        return None
    value, after = float(match.group()), text[match.end() : match.end() + 1]
    if after in ("万", "亿"):
        whole = value * {"万": 10**4, "亿": 10**8}[after]
        return f"{text[: match.start()]}{whole:.0f}{text[match.end() + 1 :]}" if whole < 1e12 else None
    if after == "%" and value < 100 and value == int(value) and value > 0:
        return f"{text[: match.start()]}百分之{_in_han(int(value))}{text[match.end() + 1 :]}"
    if value == int(value) and 1 < value < 100 and "." not in match.group():
        return text[: match.start()] + _in_han(int(value)) + text[match.end() :]
    return None


def year_added(text: str, rng: random.Random) -> str | None:
    found = [m for m in moments(fold(text)) if m.month and m.day and not m.year and has_han(text)]
    if not found or any(m.year for m in moments(fold(text))):
        return None
    return f"{text[: found[0].start]}{rng.randrange(2019, 2025)}年{text[found[0].start :]}"


# what changes it


def number_changed(text: str, rng: random.Random) -> str | None:
    options = [m for a in _plain_amounts(text) if (m := _DIGITS.search(text, a.start, a.end))]
    if not options:
        return None
    match = rng.choice(options)
    digits = list(match.group())
    at = rng.choice([i for i, c in enumerate(digits) if c.isdigit()])
    digits[at] = rng.choice([c for c in "123456789" if c != digits[at]])
    return text[: match.start()] + "".join(digits) + text[match.end() :]


def unit_changed(text: str, rng: random.Random) -> str | None:
    options = [
        (at, unit, other)
        for a in _plain_amounts(text)
        for unit, other in _SCALES.items()
        if (at := text.find(unit, a.start, a.end + 1)) >= 0
        and (has_han(unit) or not text[at + len(unit) :][:1].isalpha())
    ]
    if not options:
        return None
    at, unit, other = rng.choice(options)
    return text[:at] + other + text[at + len(unit) :]


def numbers_swapped(text: str, rng: random.Random) -> str | None:
    """Two amounts of a sentence in each other's place."""
    found = [a for a in _plain_amounts(text) if a.dimension and a.low > 1]
    pairs = [
        (a, b)
        for a in found
        for b in found
        if a.end < b.start and a.dimension == b.dimension and a.base != b.base
    ]
    if not pairs:
        return None
    first, second = rng.choice(pairs)
    return _swapped(text, (first.start, first.end), (second.start, second.end))


def date_changed(text: str, rng: random.Random) -> str | None:
    found = [m for m in moments(fold(text)) if m.year or m.month or m.day]
    digits = [d for m in found for d in _DIGITS.finditer(text, m.start, m.end)]
    if not digits:
        return None
    match = rng.choice(digits)
    most = (
        3000
        if len(match.group()) == 4
        else 12
        if text[match.end() : match.end() + 2].strip()[:1] == "月"
        else 28
    )
    value = int(float(match.group()))
    other = rng.choice(
        [v for v in (value - 3, value - 2, value - 1, value + 1, value + 2, value + 4) if 1 <= v <= most]
        or [value + 1]
    )
    return f"{text[: match.start()]}{other}{text[match.end() :]}"


def name_changed(text: str, rng: random.Random, pool: Mapping[str, Sequence[str]]) -> str | None:
    """A name for another of its kind."""
    found = [n for n in names_of(text, has_han(text)) if pool.get(n.kind) and n.end - n.start > 1]
    if not found:
        return None
    name = rng.choice(found)
    other = rng.choice(pool[name.kind])
    return (
        text[: name.start] + other + text[name.end :]
        if other not in text and text[name.start : name.end] not in other
        else None
    )


def denied(text: str, rng: random.Random) -> str | None:
    """A denial put in."""
    if not has_han(text):
        found = list(_EN_AUXILIARY.finditer(text))
        if not found:
            return None
        at = rng.choice(found).end()
        return f"{text[:at]} {rng.choice(_NO['en']).strip()}{text[at:]}"
    verbs = [
        w for w in words(text) if w.tag in ("v", "vn") and len(w.text) > 1 and w.text[0] not in "没未不无"
    ]
    verbs = [
        w for w in verbs if w.tag == "v" and not text[: w.start].endswith(("不", "没", "未", "没有", "的"))
    ]
    if not verbs:
        return None
    at = rng.choice(verbs).start
    return text[:at] + rng.choice(_NO["zh"]) + text[at:]


def denial_dropped(text: str, rng: random.Random) -> str | None:
    found = [m for m in markers_of(text, fold(text)) if m.kind == "denied" and m.end < len(text) - 2]
    if not found:
        return None
    marker = rng.choice(found)
    if has_han(text):
        return text[: marker.start] + text[marker.end :]
    return (
        text[: marker.start] + text[marker.end :].lstrip()
        if text[marker.start : marker.end].lower() in ("not", "never")
        else None
    )


def told_as_done(text: str, rng: random.Random) -> str | None:
    found = [m for m in markers_of(text, fold(text)) if m.kind == "planned"]
    if not found or not has_han(text):
        return None
    marker = rng.choice(found)
    return text[: marker.start] + rng.choice(("已", "已经", "")) + text[marker.end :]


def opposite(text: str, rng: random.Random) -> str | None:
    found = [
        (w, o)
        for w in words(text)
        if w.kind == "han" and len(w.text) > 1
        for o in sorted(OPPOSITES.get(w.text, ()))
    ]
    if not found:
        return None
    word, other = rng.choice(found)
    return text[: word.start] + other + text[word.end :]


def roles_swapped(text: str, rng: random.Random) -> str | None:
    """Two names with a verb between them in each other's place, within a clause."""
    found = names_of(text, has_han(text))
    pairs = [
        (a, b)
        for a, b in pairwise(found)
        if a.kind == b.kind
        and not re.search(r"[，,；。、和与及/]| and ", text[a.end : b.start])
        and (not has_han(text) or any(w.tag == "v" for w in words(text[a.end : b.start])))
        and b.start - a.end > 1
        and text[a.start : a.end] != text[b.start : b.end]
    ]
    if not pairs:
        return None
    first, second = rng.choice(pairs)
    return _swapped(text, (first.start, first.end), (second.start, second.end))


def word_changed(text: str, rng: random.Random, nouns: Sequence[str]) -> str | None:
    """A noun for another noun."""
    found = [w for w in words(text) if w.tag == "n" and len(w.text) > 1]
    if not found or not nouns:
        return None
    word = rng.choice(found)
    return text[: word.start] + rng.choice(nouns) + text[word.end :]


def synonymous(text: str, rng: random.Random, synonyms: Synonyms) -> str | None:
    said = reword(text, synonyms, rng)
    return said if said != text else None


KEEPING: Mapping[str, Change] = {
    "one clause": one_clause,
    "fewer clauses": fewer_clauses,
    "fewer words": fewer_words,
    "other order": other_order,
    "number form": other_number_form,
    "year added": year_added,
}
CHANGING: Mapping[str, Change] = {
    "number": number_changed,
    "unit": unit_changed,
    "numbers swapped": numbers_swapped,
    "date": date_changed,
    "denied": denied,
    "denial dropped": denial_dropped,
    "told as done": told_as_done,
    "opposite": opposite,
    "roles swapped": roles_swapped,
}


def _plain_amounts(text: str) -> list[Amount]:
    folded = fold(text)
    return list(amounts(folded, tuple((m.start, m.end) for m in moments(folded))))


def _in_han(value: int) -> str:
    tens, ones = divmod(value, 10)
    return ("" if not tens else "十" if tens == 1 else _HAN[tens] + "十") + (_HAN[ones] if ones else "")


def _without(text: str, left_out: Sequence[Word]) -> str:
    for word in sorted(left_out, key=lambda w: -w.start):
        text = text[: word.start] + text[word.end :]
    return text


def _swapped(text: str, first: tuple[int, int], second: tuple[int, int]) -> str:
    (a, b), (c, d) = first, second
    return text[:a] + text[c:d] + text[b:c] + text[a:b] + text[d:]


def _ended(text: str) -> str:
    text = text.rstrip("，；,; ")
    return text + ("。" if has_han(text) else ".")


def _spaced(part: str) -> str:
    return part if has_han(part) else part + " "


def same_kind(text: str, kind: str, but: str) -> list[str]:
    """Other facts of a kind in a text."""
    return [text[f.start : f.end] for f in facts(text) if f.kind == kind and text[f.start : f.end] not in but]
