"""CC-CEDICT read for training: cleaned English glosses of simplified headwords, and their pinyin.

An entry is one line, ``traditional simplified [pin1 yin1] /gloss; gloss/gloss/``.
"""

from __future__ import annotations

import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

_LINE = re.compile(r"^(\S+) (\S+) \[([^\]]*)\] /(.*)/\s*$")
_POINTER = re.compile(
    r"^(?:\w+ )?variant of|^surname |^CL:|^also (?:written|called|pr)|^(?:Taiwan|Beijing|Hong Kong) pr\."
    r"|^used in |^abbr\. |^pr\. |^classifier |^(?:euphemistic|erhua|archaic|old) "
    r"|^one of |^(?:particle|suffix|prefix|interjection|onom)\b"
)
_SEE = re.compile(
    r"^(?:see|same as|equivalent to|short for) (?:also )?(?:[^\s|\[]+\|)?([\u4e00-\u9fff]+)"
)
_ACRONYM = re.compile(r"\(([A-Z]{2,6})\)")
_BRACKETS = re.compile(r"\s*(?:\([^()]*\)|\[[^\]]*\])")
_HANZI = re.compile(r"[\u2e80-\u9fff]+(?:\|[\u2e80-\u9fff]+)?")
_LEADING = re.compile(r"^(?:(?:be|a|an|the|PRC|lit\.|fig\.|i\.e\.|abbr\.|esp\.)\s+)+")
_FILLER = re.compile(r"\b(?:sb's|sth's|sb|sth|etc|one's|oneself|\.\.\.)(?!\w)")
_PLACE = re.compile(
    r"^((?:[A-Z][\w'’-]*\s)+?)"
    r"(?i:(?:(?:prefecture|county|subprovincial|sub-provincial|provincial)[- ]?(?:level)?\s)?"
    r"(?:autonomous\s)?"
    r"(?:city|province|municipality|prefecture|county|district|township|town|region)\b)"
)
_DIVISION = re.compile(r"[省市县区镇乡州]$")
_SYLLABLE = re.compile(r"[a-z]*[aeiouv][a-z]*(?<!xx)")
_UNUSUAL = re.compile(r"\((?:archaic|old|dialect|literary|classical|slang|coll)")
_MAX_WORDS = 8

Gloss = tuple[str, float]


@dataclass(frozen=True, slots=True)
class Entry:
    """A simplified headword, its toneless pinyin syllables in order, and its glosses as written."""

    word: str
    traditional: str
    pinyin: tuple[str, ...]
    proper: bool
    glosses: tuple[str, ...]


def read(path: Path) -> Iterator[Entry]:
    with gzip.open(path, "rt", encoding="utf8") as lines:
        yield from parse(lines)


def parse(lines: Iterable[str]) -> Iterator[Entry]:
    """Entries of a CC-CEDICT file; comments and lines of another shape are passed over."""
    for line in lines:
        match = _LINE.match(line)
        if match is None:
            continue
        traditional, word, pinyin, glosses = match.groups()
        yield Entry(
            word=word,
            traditional=traditional,
            pinyin=tuple(_toneless(syllable) for syllable in pinyin.split()),
            proper=pinyin[:1].isupper(),
            glosses=tuple(glosses.split("/")),
        )


def _toneless(syllable: str) -> str:
    """``lu:4`` -> ``lv``, as it is typed."""
    return re.sub(r"\d", "", syllable).lower().replace("u:", "v")


def lexicon(entries: Iterable[Entry]) -> dict[str, list[Gloss]]:
    """Headword -> cleaned English with weights; verbs keep their ``to``.

    Earlier senses weigh more. What only points elsewhere ("variant of", "surname …", "CL:") is left out;
    "see X" takes the glosses of X. A town whose name is known as 绍兴市 is given as 绍兴 too.
    """
    found: dict[str, dict[str, float]] = defaultdict(dict)
    see: list[tuple[str, str]] = []
    for entry in entries:
        for rank, sense in enumerate(entry.glosses):
            if pointer := _SEE.match(sense):
                see.append((entry.word, pointer.group(1)))
                continue
            for gloss, quiet in _clean(sense, entry.proper):
                # The third sense of a word has half the weight of its first.
                weight = quiet / (1 + 0.5 * rank)
                _raise(found[entry.word], gloss, weight)
                # 绍兴市 is Shaoxing, and so is 绍兴; but 上海市 as "Shanghai municipality" is not.
                if _is_division(entry) and " " not in gloss:
                    _raise(found[entry.word[:-1]], gloss, weight)
    for word, target in see:
        for gloss, weight in list(found.get(target, {}).items()):
            found[word].setdefault(gloss, weight * 0.7)
    ranked: dict[str, list[Gloss]] = {}
    for word, weights in found.items():
        if weights:
            ranked[word] = sorted(weights.items(), key=lambda gloss: -gloss[1])
    return ranked


def _raise(weights: dict[str, float], gloss: str, weight: float) -> None:
    """Give a gloss this weight unless it has more."""
    weights[gloss] = max(weights.get(gloss, 0.0), weight)


def _is_division(entry: Entry) -> bool:
    """Whether a name ends in what kind of place it is, with two characters before: 绍兴市, not 沙市."""
    if not entry.proper or len(entry.word) <= 2:
        return False
    return _DIVISION.search(entry.word) is not None


def _clean(sense: str, proper: bool) -> Iterator[Gloss]:
    """The phrases of one sense. ``Peking University (PKU), in Beijing`` gives the name and the acronym."""
    if _POINTER.match(sense):
        return
    # What is no longer said, or only somewhere, is seldom meant: (archaic) counts a third.
    quiet = 0.3 if _UNUSUAL.match(sense) else 1.0
    if proper:
        for acronym in _ACRONYM.findall(sense):
            yield acronym, 0.8
    # Twice, for brackets within brackets: the inner ones go first.
    bare = _BRACKETS.sub("", _BRACKETS.sub("", sense))
    bare = _HANZI.sub("", bare)
    for part in bare.split(";"):
        if _POINTER.match(part.strip()):
            continue
        if place := _PLACE.match(part.strip()):
            yield place.group(1).strip(), quiet
        head, _, rest = part.partition(",")
        # "Nanjing, subprovincial city, capital of Jiangsu" is Nanjing; "large, big" stays whole.
        cut = bool(rest) and (proper or len(part.split()) > 4)
        gloss = head if cut else part
        gloss = _LEADING.sub("", gloss.strip().removeprefix("to be "))
        gloss = _FILLER.sub(" ", gloss)
        gloss = re.sub(r"\s+", " ", gloss.replace(",", " ")).strip(" .!?:-")
        if gloss and len(gloss.split()) <= _MAX_WORDS and re.search("[A-Za-z]", gloss):
            yield gloss, quiet


def syllables(entries: Iterable[Entry], least: float = 0.03) -> dict[str, str]:
    """Toneless syllable -> the characters that are read so, simplified and traditional.

    A reading is kept when it makes up at least ``least`` of a character's uses, or is a surname's.
    """
    uses: dict[str, Counter[str]] = defaultdict(Counter)
    surnames: set[tuple[str, str]] = set()
    for entry in entries:
        surname = any(gloss.startswith("surname ") for gloss in entry.glosses)
        for written in {entry.word, entry.traditional}:
            if len(written) != len(entry.pinyin):
                continue
            for character, syllable in zip(written, entry.pinyin, strict=True):
                # "xx5" marks a reading that is not known, and letters in names read themselves.
                if not "\u4e00" <= character <= "\u9fff":
                    continue
                if not _SYLLABLE.fullmatch(syllable):
                    continue
                uses[character][syllable] += 1
                if surname:
                    surnames.add((character, syllable))
    table: dict[str, list[str]] = defaultdict(list)
    for character, readings in uses.items():
        # Of 200 uses, 6 make a reading; 单 as Shan, a surname, needs none.
        enough = least * readings.total()
        for syllable, count in readings.items():
            if count >= enough or (character, syllable) in surnames:
                table[syllable].append(character)
    return {syllable: "".join(sorted(table[syllable])) for syllable in sorted(table)}
