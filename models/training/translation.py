"""Train the translation model, measure it on held-out sentences, and write its weights.

    python -m models.training.translation --data ../shared/data --out models/weights/chuchu-translation
    python -m models.training.translation --smoke --out /tmp/translation

The story: sentence pairs and CC-CEDICT entries are cut into words and aligned (``alignment``); phrase
pairs are counted and smoothed with the dictionary (``phrase_table``); the table is pruned, packed and
measured (``translation_eval``). About a minute on two cores. What was tried is in
``LOG-translation.md``.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import rjieba

from models.training import cedict
from models.training.phrase_table import (
    Recipe,
    backward_table,
    forward_table,
    gather,
    lexicon_table,
)
from models.training.translation_corpus import (
    SentencePair,
    news_counts,
    read_parallel,
    sentence_pair,
    word_counts,
)
from models.training.translation_eval import evaluate, evaluate_backward
from models.translation import Translator

TERM_WEIGHT = 2.0
NEWS_TERMS = Path(__file__).with_name("news_terms.tsv")

SMOKE_LEXICON = """\
# enough of a dictionary to see every step work in a second
知識產權 知识产权 [zhi1 shi5 chan3 quan2] /intellectual property rights (law)/
歐盟 欧盟 [Ou1 meng2] /European Union/EU/
電廠 电厂 [dian4 chang3] /power plant; electric power plant/
南京市 南京市 [Nan2 jing1 Shi4] /Nanjing, subprovincial city, capital of Jiangsu/
書 书 [shu1] /book/CL:本[ben3]/
綠 绿 [lu:4] /green/
""".splitlines()
SMOKE_PAIRS = (
    ("I read a book.", "我读书。"),
    ("She reads the green book.", "她读绿书。"),
    ("He sees a green power plant.", "他看见绿电厂。"),
    ("This is a power plant.", "这是电厂。"),
    ("The European Union protects intellectual property.", "欧盟保护知识产权。"),
    ("They protect intellectual property in Nanjing.", "他们在南京保护知识产权。"),
)


def train(
    pairs: Sequence[SentencePair],
    entries: Sequence[cedict.Entry],
    usage: Mapping[str, int],
    recipe: Recipe | None = None,
    terms: Iterable[tuple[str, str]] = (),
) -> Translator:
    """Learn a translator from sentence pairs and a dictionary.

    Args:
        usage: how often Chinese words occur in text like that to be searched.
        terms: further ``(English, Chinese)`` dictionary entries.
    """
    recipe = recipe or Recipe()
    useful = (e for e in entries if e.proper or _in_use(e.word, usage))
    lexicon = cedict.lexicon(useful)
    usage = Counter(usage)
    for english, chinese in terms:
        lexicon[chinese] = [(english, TERM_WEIGHT), *lexicon.get(chinese, ())]
        usage[chinese] = max(usage[chinese], 1)
    evidence = gather(pairs, lexicon, recipe)
    prior, backward_prior, spellings = lexicon_table(lexicon, usage, recipe.usage)
    forward = forward_table(evidence, prior, recipe)
    backward = backward_table(evidence, backward_prior, forward, recipe)
    for form, written in evidence.spellings.items():
        spellings[form] = written.most_common(1)[0][0]
    return Translator(forward, backward, spellings, cedict.syllables(entries))


def _in_use(word: str, usage: Mapping[str, int]) -> bool:
    """Whether the news or the segmenter knows it; other headwords only take space."""
    return usage.get(word, 0) > 0 or len(word) == 1 or bool(rjieba.has_word(word))


def read_terms(path: Path = NEWS_TERMS) -> list[tuple[str, str]]:
    """``English<tab>Chinese`` lines; ``#`` begins a comment."""
    terms: list[tuple[str, str]] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        bare, _, _comment = line.partition("#")
        english, _, chinese = bare.strip().partition("\t")
        if chinese:
            terms.append((english, chinese))
    return terms


def smoke() -> Translator:
    """Train on a handful of built-in sentences."""
    entries = list(cedict.parse(SMOKE_LEXICON))
    pairs = [sentence_pair(english, chinese) for english, chinese in SMOKE_PAIRS]
    usage = word_counts((pair.chinese_text for pair in pairs), ())
    return train(pairs, entries, usage)


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument(
        "--data", type=Path, help="the folder with parallel/, lexicon/ and text/"
    )
    parser.add_argument("--out", type=Path, required=True, help="where the weights go")
    parser.add_argument(
        "--smoke", action="store_true", help="train on a few built-in sentences instead"
    )
    options = parser.parse_args(arguments)
    if options.smoke:
        smoke().save(options.out)
        return
    if options.data is None:
        parser.error("--data is needed without --smoke")
    began = time.monotonic()
    entries = list(cedict.read(options.data / "lexicon" / "cc_cedict.txt.gz"))
    terms = read_terms()
    headwords = {entry.word for entry in entries} | {chinese for _, chinese in terms}
    usage = news_counts(options.data, headwords)
    pairs = list(read_parallel(options.data, held_out=False))
    print(
        f"{len(pairs)} sentence pairs, {len(entries)} entries, {usage.total()} words of news"
    )
    translator = train(pairs, entries, usage, terms=terms)
    translator.save(options.out)
    print(f"trained in {time.monotonic() - began:.0f} s")
    held_out = list(read_parallel(options.data, held_out=True))
    # Variants were compared on the first half, so it can no longer measure.
    tried = held_out[::2]
    unseen = held_out[1::2]
    figures = evaluate(translator, unseen, others=tried)
    figures["backward"] = evaluate_backward(translator, unseen)
    told: dict[str, float] = {"pairs": len(unseen)}
    for name, value in figures.items():
        told[name] = round(value, 4)
    print(json.dumps(told))


if __name__ == "__main__":
    main()
