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
        if match := _LINE.match(line):
            traditional, word, pinyin, glosses = match.groups()
            syllables = tuple(
                re.sub(r"\d", "", s).lower().replace("u:", "v") for s in pinyin.split()
            )
            yield Entry(
                word,
                traditional,
                syllables,
                pinyin[:1].isupper(),
                tuple(glosses.split("/")),
            )


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
                weight = quiet / (1 + 0.5 * rank)
                glosses = found[entry.word]
                glosses[gloss] = max(glosses.get(gloss, 0.0), weight)
                if (
                    entry.proper
                    and len(entry.word) > 2
                    and _DIVISION.search(entry.word)
                    and " " not in gloss
                ):
                    base = found[entry.word[:-1]]
                    base[gloss] = max(base.get(gloss, 0.0), weight)
    for word, target in see:
        for gloss, weight in list(found.get(target, {}).items()):
            found[word].setdefault(gloss, weight * 0.7)
    return {
        word: sorted(glosses.items(), key=lambda g: -g[1])
        for word, glosses in found.items()
        if glosses
    }


def _clean(sense: str, proper: bool) -> Iterator[Gloss]:
    """The phrases of one sense. ``Peking University (PKU), in Beijing`` gives the name and the acronym."""
    if _POINTER.match(sense):
        return
    quiet = (
        0.3
        if re.match(r"\((?:archaic|old|dialect|literary|classical|slang|coll)", sense)
        else 1.0
    )
    for acronym in _ACRONYM.findall(sense) if proper else ():
        yield acronym, 0.8
    bare = _HANZI.sub("", _BRACKETS.sub("", _BRACKETS.sub("", sense)))
    for part in bare.split(";"):
        if _POINTER.match(part.strip()):
            continue
        if place := _PLACE.match(part.strip()):
            yield place.group(1).strip(), quiet
        head, _, rest = part.partition(",")
        words = part.split()
        gloss = head if rest and (proper or len(words) > 4) else part
        gloss = _FILLER.sub(" ", _LEADING.sub("", gloss.strip().removeprefix("to be ")))
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
                if "\u4e00" <= character <= "\u9fff" and _SYLLABLE.fullmatch(syllable):
                    uses[character][syllable] += 1
                    if surname:
                        surnames.add((character, syllable))
    table: dict[str, list[str]] = defaultdict(list)
    for character, readings in uses.items():
        for syllable, count in readings.items():
            if count >= least * readings.total() or (character, syllable) in surnames:
                table[syllable].append(character)
    return {syllable: "".join(sorted(table[syllable])) for syllable in sorted(table)}
