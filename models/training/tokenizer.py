"""A unigram tokenizer whose Chinese pieces are words.

A static model lives from word-level tokens, so Chinese pieces are not learnt from raw characters:
they are the commonest words of the corpus as a dictionary segmenter (rjieba) finds them, with their
log frequencies, and all single characters. The most probable segmentation under these (Kudo 2018,
"Subword Regularization", section 3.1) then needs no segmenter at run time. Other scripts get pieces
from the usual unigram training; numbers are counted like words.

    python -m models.training.tokenizer DATA WORK [--size 64000]
"""

from __future__ import annotations

import argparse
import json
import math
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import regex
import rjieba
from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers
from tokenizers.models import Unigram
from tokenizers.trainers import UnigramTrainer

from models.training import data
from models.training.charmap import precompile, traditional_to_simplified

RUNS = (
    r"\p{Han}+|\p{Nd}+|[\p{Hiragana}\p{Katakana}ー]+"
    r"|[[\p{L}\p{M}]&&[^\p{Han}\p{Hiragana}\p{Katakana}]]+|[%‰°$€£¥]"
)
"""What may become a token: a run of one script, a number, a unit sign. Punctuation falls away."""

UNKNOWN = "[UNK]"
MOST_NUMBERS = 1500
SHARE_OF_OTHER_SCRIPTS = 0.32
SHARE_OF_WHOLE_WORDS = 0.55
PIECE_COST = 4.0
"""Taken from the score of each piece that is not a whole word, lest ``74`` become ``7 4`` and ``library``
``librar y``: a piece learnt alone does not know that it cannot follow every other."""


def build(folder: Path, size: int) -> Tokenizer:
    """Count words in every text under ``folder`` and return a tokenizer of at most ``size`` pieces."""
    tokenizer = empty_tokenizer()
    words, numbers, characters, other = count(folder, tokenizer)
    print(
        f"{len(words):,} Chinese words, {len(numbers):,} numbers, {len(other):,} words of other scripts"
    )
    others = other_pieces(other, int(size * SHARE_OF_OTHER_SCRIPTS))
    digits = number_pieces(numbers)
    han = han_pieces(words, characters, size - 1 - len(others) - len(digits))
    print(
        f"pieces: {len(han):,} Chinese, {len(digits):,} numbers, {len(others):,} others"
    )
    pieces = [(UNKNOWN, -30.0), *han.items(), *digits.items(), *others.items()]
    tokenizer.model = Unigram(pieces, unk_id=0)
    return tokenizer


def empty_tokenizer() -> Tokenizer:
    """Normaliser and pre-tokenizer, without pieces."""
    tokenizer = Tokenizer(Unigram())
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.NFKC(),
            normalizers.Lowercase(),
            normalizers.Precompiled(precompile(traditional_to_simplified())),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Split(
        Regex(RUNS), behavior="removed", invert=True
    )
    return tokenizer


def count(
    folder: Path, tokenizer: Tokenizer
) -> tuple[Counter[str], Counter[str], Counter[str], Counter[str]]:
    """How often each Chinese word, number, Chinese character and other word occurs."""
    words = Counter[str]()
    numbers = Counter[str]()
    characters = Counter[str]()
    other = Counter[str]()
    find_runs = regex.compile(RUNS, flags=regex.VERSION1).findall
    for text, weight in data.texts(folder):
        normal = tokenizer.normalizer.normalize_str(text)
        han: list[str] = []
        for run in find_runs(normal):
            # A run is of one script: its first character tells which.
            if "\u3400" <= run[0] <= "\u9fff" or run[0] >= "\U00020000":
                han.append(run)
            elif run[0].isdecimal():
                numbers[run] += weight
            else:
                other[run] += weight
        line = " ".join(han)
        for word in rjieba.cut(line):
            if word != " ":
                words[word] += weight
        for character in line.replace(" ", ""):
            characters[character] += weight
    return words, numbers, characters, other


def han_pieces(
    words: Counter[str], characters: Counter[str], size: int
) -> dict[str, float]:
    """Every character seen twice, then the commonest words, with log probabilities."""
    total = words.total() or 1
    pieces: dict[str, float] = {}
    for character, times in characters.most_common(size):
        # A character that is never a word by itself counts as half of one.
        if times > 1:
            pieces[character] = math.log(max(words[character], 0.5) / total)
    for word, times in words.most_common():
        if len(pieces) >= size or times < 2:
            break
        if len(word) > 1:
            pieces[word] = math.log(times / total)
    return pieces


def number_pieces(numbers: Counter[str]) -> dict[str, float]:
    """Digits, and the commonest numbers: years, round figures."""
    total = numbers.total() or 1
    pieces: dict[str, float] = {}
    for digit in "0123456789":
        pieces[digit] = math.log(max(numbers[digit], 0.5) / total) - PIECE_COST
    most = len(pieces) + MOST_NUMBERS
    for number, times in numbers.most_common():
        if len(pieces) == most:
            break
        # ２０２３ in wide digits was made 2023 by the normaliser; ٢٠٢٣ is spelled by characters.
        if number.isascii() and len(number) > 1:
            pieces[number] = math.log(times / total)
    return pieces


def other_pieces(words: Counter[str], size: int) -> dict[str, float]:
    """The commonest words of every other script, and pieces of the rest by unigram training."""
    total = words.total() or 1
    common = words.most_common(int(size * SHARE_OF_WHOLE_WORDS))
    whole: dict[str, float] = {}
    for word, times in common:
        if times > 1:
            whole[word] = math.log(times / total)
    tokenizer = Tokenizer(Unigram())
    tokenizer.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    trainer = UnigramTrainer(
        vocab_size=size - len(whole),
        special_tokens=[UNKNOWN],
        unk_token=UNKNOWN,
        show_progress=False,
    )
    rest = Counter[str]()
    for word, times in words.items():
        if word not in whole:
            rest[word] = times
    tokenizer.train_from_iterator(_repeated(rest), trainer)
    pieces: dict[str, float] = {}
    for piece, score in json.loads(tokenizer.to_str())["model"]["vocab"]:
        if piece != UNKNOWN:
            pieces[piece] = score - PIECE_COST
    return pieces | whole


def _repeated(words: Counter[str]) -> Iterator[str]:
    """Lines of words for the trainer, fifty of one to a line; one met oftener than 1,000 times is cut off."""
    for word, times in words.items():
        for _ in range(min(times, 1000) // 50):
            yield " ".join([word] * 50)
        yield " ".join([word] * (times % 50))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--size", type=int, default=64_000)
    arguments = parser.parse_args()
    start = time.perf_counter()
    tokenizer = build(arguments.data, arguments.size)
    arguments.work.mkdir(parents=True, exist_ok=True)
    tokenizer.save(str(arguments.work / "tokenizer.json"), pretty=False)
    print(
        f"tokenizer of {tokenizer.get_vocab_size():,} pieces in {time.perf_counter() - start:.0f} s"
    )
    for sample in (
        "全国有多少家国家级知识产权保护中心？",
        "臺灣的國會議員",
        "How many people visited the 74 libraries in Shanghai in 2023?",
    ):
        print(tokenizer.encode(sample).tokens)


if __name__ == "__main__":
    main()
