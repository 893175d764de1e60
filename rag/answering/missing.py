"""Names and numbers of a question that stand nowhere in the documents: why a refusal is one.

    names_in("2021年X-900的售价是多少？")                        ("2021年", "X-900")
    missing(names, text_of_what_was_found, mentioned_elsewhere)   those of them that the documents lack

Only what is written one way counts: years, marks of letters and figures, quoted names, and the names of
places. A word for which the documents may have another word says nothing when absent. A year, a mark or a
province that no document has refuses an answer, whatever its sentence says: it is about another one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from models.language.words import fold, has_han, words
from rag.records import Span

MOST_NAMES = 4
_YEAR = re.compile(
    r"(?<![\d.])((?:1[89]|20)\d{2})\s?(?:年(?!前|后|来|间|内)|(?![\d.%\u4e00-\u9fff]))"
)
_MARK = re.compile(
    r"(?<![A-Za-z0-9])(?!\d+(?:st|nd|rd|th)\b)(?=[A-Za-z-]*\d)(?=[\d-]*[A-Za-z])[A-Za-z0-9]+(?:-[A-Za-z0-9]+)*(?![A-Za-z0-9])"
)
_QUOTED = re.compile(r"[《“「『\"]([^《》“”「」『』\"]{2,30})[》”」』\"]")
_LABEL = re.compile(r"第[0-9零一二三四五六七八九十百]{1,5}[条章节款]")
_CAPITALISED = re.compile(r"(?<!^)(?<![.?!] )\b[A-Z][a-z]+(?: (?:[A-Z][a-z]+|\d+))*")
_NAME_TAGS = frozenset({"ns", "nt"})
_DIVISION = re.compile(r"^[\u4e00-\u9fff]{2,6}[省市县]$")
_OF_A_PLACE = re.compile(r"(?<=[\u4e00-\u9fff]{2})[省市县区州]$")
_CHINESE_DIGITS = str.maketrans("0123456789", "〇一二三四五六七八九")


def names_in(question: str) -> tuple[str, ...]:
    """The names and numbers of a question that documents would write as it does, in its order."""
    found: dict[int, str] = {}
    taken: list[Span] = []
    for start, end, name in _names(question):
        if not any(start < last and first < end for first, last in taken):
            taken.append((start, end))
            found[start] = name
    return tuple(name for _, name in sorted(found.items()))[:MOST_NAMES]


def _names(question: str) -> Iterator[tuple[int, int, str]]:
    """``(start, end, name)``, the surest kinds first."""
    for quoted in _QUOTED.finditer(question):
        yield quoted.start(), quoted.end(), quoted[1]
    for pattern in (_YEAR, _LABEL, _MARK):
        for match in pattern.finditer(question):
            yield match.start(), match.end(), match.group().strip()
    if not has_han(question):
        for match in _CAPITALISED.finditer(question):
            yield match.start(), match.end(), match.group()
    for word in words(question):
        if word.tag in _NAME_TAGS and len(word.text) > 1:
            yield word.start, word.end, question[word.start : word.end]


def missing(
    names: Sequence[str], texts: Sequence[str], mentioned: Callable[[str], bool]
) -> tuple[str, ...]:
    """Those of the names that neither the texts found nor any other document mention.

    Args:
        texts: of the passages that were found, with what stands above them.
        mentioned: whether any document holds this way of writing a name; asked only of what the texts lack.
    """
    together = _plain("\n".join(texts))
    lacking: list[str] = []
    for name in names:
        if has_han(name) != has_han(together) and not in_figures(name):
            continue  # the documents may well have it in their own language
        written = ways_of_writing(name)
        if not any(_plain(way) in together or mentioned(way) for way in written):
            lacking.append(name)
    return tuple(lacking)


def ways_of_writing(name: str) -> tuple[str, ...]:
    """``2021年``: 2021 and 二〇二一; ``河南省``: 河南; any other name as it is."""
    year = _YEAR.fullmatch(name)
    return (
        (year[1], year[1].translate(_CHINESE_DIGITS))
        if year
        else (_OF_A_PLACE.sub("", name),)
    )


def in_figures(name: str) -> bool:
    """Whether a name is a year or a mark: every language and every writer has it the same."""
    return bool(_YEAR.fullmatch(name) or _MARK.fullmatch(name))


def refuses(name: str) -> bool:
    """Whether what no document mentions cannot be answered about."""
    return in_figures(name) or _DIVISION.search(name) is not None


def holds(text: str, name: str) -> bool:
    """Whether a text has a name, spaces, case and hyphens aside."""
    return _plain(name) in _plain(text)


def _plain(text: str) -> str:
    return re.sub(r"[\s\-·]", "", fold(text))
