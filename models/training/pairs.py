"""Turns every text into token ids once, so that training only gathers rows.

    python -m models.training.pairs DATA WORK

writes one ``.npz`` a kind of pair. ``cloze.npz`` holds passages with the sentence that each token
stands in; the others hold queries and passages side by side. ``gloss.npz`` holds for each Chinese
token the token ids of its English glosses, for mixing the languages within a question.
"""

from __future__ import annotations

import argparse
import time
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
from tokenizers import Tokenizer

from models.arrays import Int32s, Ints
from models.training import data
from models.training.data import Pair

Arrays = dict[str, npt.NDArray[Any]]
Ragged = tuple[Int32s, Ints]
"""``(flat ids, offsets)``: row ``i`` is ``ids[offsets[i] : offsets[i + 1]]``."""

LEAST_TOKENS = 12
"""A shorter news passage is no passage."""

CHINESE_READING = ("cmrc2018_train", "cmrc2018_trial", "drcd_dev", "webqa")


def encode(tokenizer: Tokenizer, texts: Iterable[str], batch: int = 4096) -> Ragged:
    """Token ids of each text, without those unknown."""
    unknown = tokenizer.token_to_id("[UNK]")
    flat: list[Int32s] = []
    lengths: list[int] = []
    rest = iter(texts)
    while chunk := list(islice(rest, batch)):
        for encoding in tokenizer.encode_batch_fast(chunk, add_special_tokens=False):
            ids = np.asarray(encoding.ids, np.int32)
            ids = ids[ids != unknown]
            flat.append(ids)
            lengths.append(len(ids))
    return np.concatenate([*flat, np.zeros(0, np.int32)]), _offsets(lengths)


def cloze(tokenizer: Tokenizer, folder: Path) -> Arrays:
    """News passages of two sentences or more: tokens, and which sentence each stands in."""
    passages = _passages_in_sentences(folder)
    ids: list[Int32s] = []
    segments: list[npt.NDArray[np.uint8]] = []
    lengths: list[int] = []
    while chunk := list(islice(passages, 4096)):
        tokens, offsets = encode(tokenizer, chain.from_iterable(chunk))
        first = 0
        for parts in chunk:
            bounds = offsets[first : first + len(parts) + 1]
            first += len(parts)
            row = tokens[bounds[0] : bounds[-1]]
            if len(row) < LEAST_TOKENS:
                continue
            # Sentences of 3 and 2 tokens: 0 0 0 1 1.
            numbers = np.arange(len(parts), dtype=np.uint8)
            ids.append(row)
            segments.append(np.repeat(numbers, np.diff(bounds)))
            lengths.append(len(row))
    return {
        "ids": np.concatenate([*ids, np.zeros(0, np.int32)]),
        "segments": np.concatenate([*segments, np.zeros(0, np.uint8)]),
        "offsets": _offsets(lengths),
    }


def _passages_in_sentences(folder: Path) -> Iterator[list[str]]:
    """The sentences of each news passage that has two or more: one must be left when one is taken out."""
    for text in data.news(folder):
        for passage in data.split_passages(text):
            parts = data.sentences(passage)
            if len(parts) > 1:
                yield parts


def paired(tokenizer: Tokenizer, rows: Sequence[Pair]) -> Arrays:
    """Queries, passages, and a number for each passage that equal passages share."""
    # Passages A, B, A get 0, 1, 0.
    number_of: dict[str, int] = {}
    same = [number_of.setdefault(row.passage, len(number_of)) for row in rows]
    queries, query_offsets = encode(tokenizer, (row.query for row in rows))
    passages, passage_offsets = encode(tokenizer, (row.passage for row in rows))
    return {
        "queries": queries,
        "query_offsets": query_offsets,
        "passages": passages,
        "passage_offsets": passage_offsets,
        "same": np.array(same, np.int64),
    }


def glosses(tokenizer: Tokenizer, folder: Path, most: int = 4) -> Arrays:
    """For each token that is a headword of the lexicon, up to ``most`` short glosses as token ids."""
    vocabulary = tokenizer.get_vocab()
    found: dict[int, list[str]] = {}
    for entry in data.lexicon(folder):
        token = vocabulary.get(entry.simplified.lower())
        if token is None:
            continue
        # A gloss of five words explains the word; it does not stand for it in a question.
        short = [gloss for gloss in entry.glosses if len(gloss.split()) <= 4]
        plain = (gloss.removeprefix("to ") for gloss in short[:most])
        found.setdefault(token, []).extend(plain)
    tokens: list[int] = []
    texts: list[str] = []
    for token, own in found.items():
        # Two entries of one headword (行 háng, 行 xíng) have their glosses side by side.
        for gloss in dict.fromkeys(own[: 2 * most]):
            tokens.append(token)
            texts.append(gloss)
    ids, offsets = encode(tokenizer, texts)
    return {
        "tokens": np.array(tokens, np.int32),
        "ids": ids,
        "offsets": offsets,
    }


def document_frequency(size: int, parts: Iterable[Ragged]) -> Ints:
    """In how many rows each of ``size`` tokens occurs."""
    frequency = Counter[int]()
    for ids, offsets in parts:
        row = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))
        # Row 2 and token 7 of 100 are 207: however often it stands there, it counts once.
        distinct = np.unique(row * np.int64(size) + ids) % size
        counts = np.bincount(distinct, minlength=size).tolist()
        frequency.update(dict(enumerate(counts)))
    return np.array([frequency[token] for token in range(size)], np.int64)


def kinds(folder: Path) -> Iterator[tuple[str, list[Pair]]]:
    """Every supervised kind of pair, by name."""
    chinese: list[Pair] = []
    for name in CHINESE_READING:
        chinese += data.reading(folder, name)
    everything = list(data.reading(folder))
    yield "reading", everything
    yield "reading_zh", chinese or everything
    yield "answer_sentence", list(data.answer_sentences(folder))
    yield "pairs", list(data.pairs(folder))
    yield "titles", list(data.titles(folder))
    chinese_translations: list[Pair] = []
    other: list[Pair] = []
    for language, rows in data.translations(folder):
        # zh and zh-Hant
        kind = chinese_translations if language.startswith("zh") else other
        kind += rows
    yield "translations_zh", chinese_translations
    yield "translations", other
    lexicon: list[Pair] = []
    for entry in data.lexicon(folder):
        # The senses after the third are seldom what a word means.
        lexicon += (Pair(gloss, entry.simplified) for gloss in entry.glosses[:3])
    yield "lexicon", lexicon


def _save(path: Path, arrays: Arrays) -> None:
    np.savez(path, **arrays)  # type: ignore[arg-type]


def _offsets(lengths: Sequence[int]) -> Ints:
    """Of rows of 3 and 2 tokens 0, 3, 5."""
    ends = np.cumsum(np.asarray(lengths, np.int64))
    return np.concatenate([np.zeros(1, np.int64), ends])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    arguments = parser.parse_args()
    start = time.perf_counter()
    tokenizer = Tokenizer.from_file(str(arguments.work / "tokenizer.json"))

    news = cloze(tokenizer, arguments.data)
    _save(arguments.work / "cloze.npz", news)
    print(f"cloze: {len(news['offsets']) - 1:,} passages, {len(news['ids']):,} tokens")
    counted: list[Ragged] = [(news["ids"], news["offsets"])]
    for name, rows in kinds(arguments.data):
        if not rows:
            continue
        arrays = paired(tokenizer, rows)
        _save(arguments.work / f"pairs_{name}.npz", arrays)
        counted.append((arrays["passages"], arrays["passage_offsets"]))
        counted.append((arrays["queries"], arrays["query_offsets"]))
        print(f"{name}: {len(rows):,} pairs")
    gloss = glosses(tokenizer, arguments.data)
    _save(arguments.work / "gloss.npz", gloss)
    print(f"gloss: {len(gloss['tokens']):,} glosses")
    frequency = document_frequency(tokenizer.get_vocab_size(), counted)
    np.save(arguments.work / "frequency.npy", frequency)
    print(f"texts encoded in {time.perf_counter() - start:.0f} s")


if __name__ == "__main__":
    main()
