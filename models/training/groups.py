"""Groups of sentences to choose from: the question as asked, reworded, in English, and missed by a word."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from models.language.questions import read
from models.language.words import fold, has_han
from models.selector.candidates import Candidate
from models.selector.features import Evidence, features
from models.selector.lexicon import Lexicon
from models.selector.matching import prepare
from models.training.paraphrase import Synonyms, in_english, reword, synonyms_of
from models.training.readings import Reading, candidates, holds
from models.translation import Translator

GROUPS = ("answerable", "unsaid", "absent", "near_miss")


@dataclass(frozen=True)
class Group:
    """Sentences to choose from; ``gold`` are those that answer, none for "none"."""

    kind: str
    language: str
    asked: str
    foreign: bool
    evidence: Evidence
    gold: np.ndarray


def build(rows: list[Reading], data: Path, folder: Path, workers: int) -> list[Group]:
    """The groups of all questions, made in worker processes; ``folder`` has the selector's words."""
    chunks = [rows[i : i + 200] for i in range(0, len(rows), 200)]
    groups: list[Group] = []
    where = [data] * len(chunks), [folder] * len(chunks)
    with ProcessPoolExecutor(workers) as pool:
        for done, chunk in enumerate(
            pool.map(build_chunk, chunks, range(len(chunks)), *where)
        ):
            groups += chunk
            print(f"features {done + 1}/{len(chunks)}", end="\r", flush=True)
    return groups


@dataclass(frozen=True)
class Tools:
    """What a worker process needs; loaded once in each."""

    lexicon: Lexicon
    translator: Translator
    synonyms: Synonyms
    pinyin: dict[str, str]

    @classmethod
    def load(cls, data: Path, folder: Path) -> Tools:
        translator = Translator.load()
        han = (chr(code) for code in range(0x4E00, 0x9FA6))
        pinyin = {
            char: min(read_as)
            for char in han
            if (read_as := translator.romanisations(char))
        }
        return cls(Lexicon(folder), translator, synonyms_of(data), pinyin)


def build_chunk(
    rows: Sequence[Reading], seed: int, data: Path, folder: Path
) -> list[Group]:
    """Groups for some questions; runs in a worker process."""
    global _tools
    if _tools is None:
        _tools = Tools.load(data, folder)
    rng = random.Random(seed)
    swaps = swappable(rows)
    return [group for row in rows for group in groups_of(row, swaps, rng)]


_tools: Tools | None = None


def groups_of(
    row: Reading, swaps: dict[str, list[str]], rng: random.Random
) -> Iterator[Group]:
    """The question as it was asked, and often once more as others would ask it."""
    assert _tools is not None
    if row.answers and not any(
        holds(span, row) for span, _ in candidates(row.title, row.context)
    ):
        return
    yield from _groups(row, row.question, swaps, rng, lambda text: text)
    if has_han(row.question) and rng.random() < 0.8:
        reword_with = _tools.synonyms
        yield from _groups(
            row, row.question, swaps, rng, lambda text: reword(text, reword_with, rng)
        )
    if has_han(row.question) and rng.random() < 0.4:
        translator, pinyin = _tools.translator, _tools.pinyin
        yield from _groups(
            row,
            row.question,
            swaps,
            rng,
            lambda text: in_english(text, translator, pinyin, rng),
        )


def _groups(
    row: Reading,
    question: str,
    swaps: dict[str, list[str]],
    rng: random.Random,
    put: Callable[[str], str | None],
) -> Iterator[Group]:
    """With the answer, without its sentences, without its passage, and beside it, the question put anew."""
    if (asked := put(question)) is None:
        return
    own = candidates(row.title, row.context)
    gold = np.array([holds(span, row) for span, _ in own])
    others = [c for title, context in row.others for _, c in candidates(title, context)]
    if not row.answers:
        yield group("near_miss", asked, [c for _, c in own] + others, None)
        return
    yield group("answerable", asked, [c for _, c in own] + others, gold)
    cut = "".join(row.context[a:b] for (a, b), _ in own if not holds((a, b), row))
    if rng.random() < 0.4 and cut:
        left = [
            c
            for _, c in candidates(row.title, cut)
            if not any(a in c.text for a, _ in row.answers)
        ]
        yield group("unsaid", asked, left + others, None)
    if rng.random() < 0.2 and others:
        yield group("absent", asked, others, None)
    if (
        rng.random() < 0.7
        and (missed := near_miss(row, swaps, rng))
        and (changed := put(missed))
    ):
        yield group("near_miss", changed, [c for _, c in own] + others, None)
    if (
        rng.random() < 0.25
        and (missed := narrowed(row, swaps, rng))
        and (changed := put(missed))
    ):
        yield group("near_miss", changed, [c for _, c in own] + others, None)


def group(
    kind: str, question: str, found: Sequence[Candidate], gold: np.ndarray | None
) -> Group:
    assert _tools is not None
    lexicon, translator = _tools.lexicon, _tools.translator
    query = prepare(question, lexicon, translator)
    found_of = features(query, found, lexicon, translator)
    kept = [
        part.astype(np.float16)
        for part in (found_of.whole, found_of.units, found_of.met)
    ]
    evidence = Evidence(kept[0], kept[1], kept[2])  # type: ignore[arg-type]
    labels = np.zeros(len(found), bool)
    if gold is not None:
        labels[: len(gold)] = gold
    foreign = query.asking.language == "en" and any(has_han(c.text) for c in found[:3])
    return Group(
        kind, query.asking.language, query.asking.asked, foreign, evidence, labels
    )


def swappable(rows: Sequence[Reading]) -> dict[str, list[str]]:
    """Words of the questions by part of speech, to change one for another."""
    by_tag: dict[str, list[str]] = {"focus": []}
    for row in rows:
        asking = read(row.question)
        for i, word in enumerate(asking.content):
            by_tag.setdefault(_swap_key(word.kind, word.tag), []).append(word.text)
            if i in asking.focus and word.tag[:1] == "n":
                by_tag["focus"].append(word.text)
    return by_tag


def narrowed(
    row: Reading, swaps: dict[str, list[str]], rng: random.Random
) -> str | None:
    """The question with a place or a year put before it of which the passage says nothing."""
    text = fold(row.context + row.title)
    place = rng.choice(swaps.get("ns") or [""])
    limit = rng.choice((f"{place}的", f"在{place}，", f"{rng.randint(1950, 2024)}年，"))
    if (
        not has_han(row.question)
        or limit.strip("在的，年") in text
        or limit in ("的", "在，")
    ):
        return None
    return limit + row.question


def _swap_key(kind: str, tag: str) -> str:
    return (
        kind
        if kind != "han"
        else tag[:2]
        if tag[:2] in ("nr", "ns", "nt", "nz")
        else tag[:1]
    )


def near_miss(
    row: Reading, swaps: dict[str, list[str]], rng: random.Random
) -> str | None:
    """The question with one telling word changed for one that neither passage nor title has."""
    assert _tools is not None
    lexicon = _tools.lexicon
    text = fold(row.context + row.title)
    asking = read(row.question)
    named = [
        w for w in asking.content if w.text in text and _swap_key(w.kind, w.tag) != "v"
    ]
    named = [
        w
        for w in named
        if w.kind != "han" or (w.tag[:1] in ("n", "j", "t", "m") and len(w.text) > 1)
    ]
    if not named:
        return None
    focused = [
        w
        for i, w in enumerate(asking.content)
        if i in asking.focus and w in named and w.tag[:1] == "n"
    ]
    word = rng.choice(focused if focused and rng.random() < 0.4 else named)
    for _ in range(20):
        other = rng.choice(
            swaps[
                "focus"
                if word in focused and swaps["focus"]
                else _swap_key(word.kind, word.tag)
            ]
        )
        if word.kind == "number":
            other = (
                str(int(word.text) + rng.choice((-2, -1, 1, 2, 5)))
                if word.text.isdigit()
                else other
            )
        near = float(lexicon.vector(word.text) @ lexicon.vector(other))
        named_thing = word.kind != "han" or word.tag[:2] in ("nr", "ns", "nt", "nz")
        if other not in text and other != word.text and (named_thing or near < 0.45):
            return row.question[: word.start] + other + row.question[word.end :]
    return None
