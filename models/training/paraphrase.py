"""The same question as others would put it: with synonyms, with filler, or in words put into English."""

from __future__ import annotations

import gzip
import random
import re
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path

from models.language.questions import Asked, read
from models.language.words import has_han
from models.translation import Translator

Synonyms = Mapping[str, Sequence[str]]

MOST_WITH_ONE_GLOSS = 5
"""A gloss that explains more words than this is too wide to make them synonyms."""
_ENTRY = re.compile(r"\S+ (\S+) \[.*?\] /(.*)/")
_ASIDE = re.compile(r"\(.*?\)|\[.*?\]")
_NO_MEANING = re.compile(
    r"CL:|variant of|see |surname |abbr\. |old |used in|\(Tw\)|\(bound"
)
_FILLERS = (
    "请问",
    "想问一下，",
    "到底",
    "究竟",
    "文章里说的",
    "报道里提到的",
    "据报道，",
    "那篇稿子里，",
)
_ENGLISH: Mapping[Asked, tuple[str, ...]] = {
    "number": ("How many", "How much", "What number of"),
    "date": ("When", "What date", "In what year"),
    "duration": ("How long",),
    "person": ("Who", "Which person"),
    "place": ("Where", "Which place", "In which city"),
    "organisation": ("Which organisation", "What company", "Which department"),
    "name": ("What is the name of", "What is it called"),
    "reason": ("Why", "What is the reason"),
    "manner": ("How", "In what way"),
    "list": ("What are", "Which"),
    "definition": ("What is a",),
    "yes_no": ("Is", "Does"),
    "other": ("What",),
}


def synonyms_of(data: Path) -> Synonyms:
    """Words that CC-CEDICT explains with the very same gloss."""
    by_gloss: dict[str, set[str]] = defaultdict(set)
    with gzip.open(
        data / "lexicon" / "cc_cedict.txt.gz", "rt", encoding="utf8"
    ) as lines:
        for line in lines:
            if (match := _ENTRY.match(line)) is None or len(match[1]) < 2:
                continue
            for gloss in match[2].split("/"):
                if not _NO_MEANING.search(gloss) and (
                    clean := _ASIDE.sub("", gloss).strip().lower()
                ):
                    by_gloss[clean].add(match[1])
    found: dict[str, set[str]] = defaultdict(set)
    for group in by_gloss.values():
        if 2 <= len(group) <= MOST_WITH_ONE_GLOSS:
            for word in group:
                found[word] |= group - {word}
    return {word: sorted(others) for word, others in found.items()}


def reword(question: str, synonyms: Synonyms, rng: random.Random) -> str:
    """One or two words for their synonyms, now and then filler before, now and then a word left out."""
    asking = read(question)
    if asking.language != "zh":
        return question
    replaceable = [
        w
        for w in asking.content
        if w.text in synonyms and w.tag[:2] not in ("nr", "ns", "nt")
    ]
    chosen = rng.sample(replaceable, min(len(replaceable), rng.choice((1, 1, 2))))
    changes = [(w.start, w.end, rng.choice(synonyms[w.text])) for w in chosen]
    optional = [
        w
        for w in asking.content
        if w.tag[:1] in ("a", "b", "d", "v") and w not in chosen
    ]
    if len(asking.content) > 4 and optional and rng.random() < 0.3:
        left_out = rng.choice(optional)
        changes.append((left_out.start, left_out.end, ""))
    for start, end, text in sorted(changes, reverse=True):
        question = question[:start] + text + question[end:]
    return rng.choice(_FILLERS) + question if rng.random() < 0.25 else question


def in_english(
    question: str, translator: Translator, pinyin: Mapping[str, str], rng: random.Random
) -> str | None:
    """The question's words in English after an English question word; None when too few are known.

    No sentence that anyone would say, but what is left of one once it is looked up word by word.
    """
    asking = read(question)
    said: list[str] = []
    lost = 0
    for word in asking.content:
        known = [(text, p) for text, p in translator.to_english(word.text) if p > 0.02]
        if not has_han(word.text):
            said.append(word.text)
        elif word.tag[:2] == "nr" or (
            word.tag[:1] == "n" and word.tag[1:2] in "sz" and not known
        ):
            said.append(
                "".join(pinyin.get(char, "") for char in word.text).capitalize()
            )
        elif known:
            said.append(
                rng.choices([text for text, _ in known], [p for _, p in known])[0]
            )
        else:
            lost += 1
    if len(said) < 2 or lost > len(said):
        return None
    return f"{rng.choice(_ENGLISH[asking.asked])} {' '.join(said)}?"
