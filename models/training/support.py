"""Trains the check of claims: makes claims, reads their evidence, fits a small network and its thresholds.

    python -m models.training.support --data ../shared/data --out models/weights/chuchu-support

News articles are split by ``crc32(id) % 10``: 0 is left for whoever comes after, 1 chooses and calibrates,
the rest train. Parallel sentences come from the blocks that the translation model never saw, half to train
and half to choose. Prints precision and recall by what was done to a sentence, and the calibration.
"""

from __future__ import annotations

import argparse
import json
import random
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file

from models.language.questions import BARE_FACTS, _asked
from models.language.sentences import sentences
from models.language.words import fold, has_han, words
from models.selector.lexicon import FloatArray, Lexicon
from models.support.checker import Support, forward, verbatim
from models.support.features import NAMES
from models.support.names import names_of
from models.support.records import Part
from models.training import claims
from models.training.data import held_out, rows
from models.training.paraphrase import Synonyms, synonyms_of
from models.translation import Translator

CHINESE_SETS = ("cmrc2018_train", "drcd_dev", "webqa", "toy")
HIDDEN = 16
PRECISION = {"zh": 0.96, "en": 0.96, "cross": 0.87}
"""What share of the claims called supported must be, where thresholds are fitted."""
LEFT_OUT, CHOOSES = 0, 1


@dataclass(frozen=True, slots=True)
class Example:
    """``kind`` says what was done; ``supported`` is what comes of it."""

    claim: str
    quotes: tuple[str, ...]
    supported: bool
    kind: str
    chooses: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """An example with its evidence."""

    example: Example
    language: str
    parts: tuple[Part, ...]
    values: FloatArray

    @property
    def contradicted(self) -> bool:
        return any(p.state == "contradicted" and p.kind != "words" for p in self.parts)

    @property
    def unsaid(self) -> bool:
        return any(p.state == "unsaid" and p.kind != "words" for p in self.parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("models/weights/chuchu-support"))
    parser.add_argument("--selector", type=Path, default=Path("models/weights/chuchu-selector"))
    parser.add_argument("--translation", type=Path, default=Path("models/weights/chuchu-translation"))
    parser.add_argument("--articles", type=int, default=4000, help="news articles to take sentences of")
    parser.add_argument("--questions", type=int, default=1200, help="questions of each reading set")
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--report", action="store_true", help="measure the weights in --out, train nothing")
    options = parser.parse_args()
    lexicon, translator = Lexicon(options.selector), Translator.load(options.translation)
    reader = Support(lexicon, translator, {}, {}, {})
    examples = list(made(options.data, options.articles, options.questions))
    seen = list(_seen(reader, examples))
    print(f"{len(seen)} claims, {sum(s.example.supported for s in seen)} of them supported")
    if not options.report:
        weights = fit([s for s in seen if not s.example.chooses], options.epochs)
        chosen = [s for s in seen if s.example.chooses]
        config = {"model_type": "chuchu-support", "features": list(NAMES), **thresholds(weights, chosen)}
        save(options.out, weights, config)
    report(
        Support.load(options.out, lexicon=lexicon, translator=translator),
        [s for s in seen if s.example.chooses],
    )


# making


def made(data: Path, articles: int, questions: int) -> Iterator[Example]:
    rng = random.Random(7)
    synonyms = synonyms_of(data)
    yield from _from_news(data, articles, synonyms, rng)
    for name in CHINESE_SETS:
        yield from _from_questions(data / "reading" / f"{name}.jsonl.xz", questions, rng)
    yield from _from_translations(data, rng)


def _from_news(data: Path, articles: int, synonyms: Synonyms, rng: random.Random) -> Iterator[Example]:
    kept: list[tuple[bool, list[str]]] = []
    for row in rows(data / "text" / "news_zh.jsonl.xz"):
        part = zlib.crc32(row["id"].encode()) % 10
        if part == LEFT_OUT or len(kept) >= articles:
            continue
        if part == CHOOSES or rng.random() < 0.4:
            found = [row["text"][a:b] for a, b in sentences(row["text"])]
            kept.append((part == CHOOSES, [s for s in found if 14 <= len(s) <= 140 and has_han(s)]))
    pool, nouns = _names_and_nouns(kept)
    for chooses, found in kept:
        for at in rng.sample(range(len(found)), min(2, len(found))):
            around = found[max(0, at - 1) : at + 2] if rng.random() < 0.4 else [found[at]]
            quotes = ("".join(around),)
            yield from _of_sentence(found[at], quotes, pool, nouns, synonyms, chooses, rng)
            second = rng.choice(found)
            if second not in around and (joined := claims.joined(found[at], second, rng)):
                two = (quotes[0], second)
                yield Example(joined, two, True, "two quotes", chooses)
                if (said := claims.number_changed(joined, rng) or claims.denied(joined, rng)) is not None:
                    yield Example(said, two, False, "two quotes, changed", chooses)
                yield Example(joined, quotes, False, "clause added", chooses)
            other = [s for s in found if s not in around and _shares(s, found[at])]
            if other:
                yield Example(rng.choice(other), quotes, False, "another sentence", chooses)


def _of_sentence(
    sentence: str,
    quotes: tuple[str, ...],
    pool: dict[str, list[str]],
    nouns: Sequence[str],
    synonyms: Synonyms,
    chooses: bool,
    rng: random.Random,
) -> Iterator[Example]:
    """Up to four claims that keep what a sentence says and four that change it."""
    keeping: dict[str, claims.Change] = {
        **claims.KEEPING,
        "synonyms": partial(claims.synonymous, synonyms=synonyms),
    }
    changing: dict[str, claims.Change] = {
        **claims.CHANGING,
        "name": partial(claims.name_changed, pool=pool),
        "noun": partial(claims.word_changed, nouns=nouns),
    }
    base = sentence
    for name, change in rng.sample(sorted(keeping.items()), len(keeping))[:4]:
        if (said := change(sentence, rng)) is not None and said != sentence:
            yield Example(said, quotes, True, name, chooses)
            base = said if rng.random() < 0.5 else base
    count = 0
    for name, change in rng.sample(sorted(changing.items()), len(changing)):
        if count < 4 and (said := change(base, rng)) is not None and said != base:
            count += 1
            yield Example(said, quotes, False, name, chooses)


def _names_and_nouns(kept: Sequence[tuple[bool, list[str]]]) -> tuple[dict[str, list[str]], list[str]]:
    pool: dict[str, list[str]] = defaultdict(list)
    nouns: list[str] = []
    for _, found in kept[:600]:
        for sentence in found[:4]:
            for name in names_of(sentence, True):
                pool[name.kind].append(sentence[name.start : name.end])
            nouns += [w.text for w in words(sentence) if w.tag == "n" and len(w.text) > 1]
    return pool, nouns


def _shares(one: str, other: str) -> bool:
    """Whether two sentences share two words of two characters."""
    sets = [{w.text for w in words(s) if w.kind == "han" and len(w.text) > 1} for s in (one, other)]
    return len(sets[0] & sets[1]) >= 2 and len(one) < 120


def _from_questions(path: Path, most: int, rng: random.Random) -> Iterator[Example]:
    """A question with its answer put in as a claim; also on another sentence, or with another answer."""
    for number, row in enumerate(rows(path)):
        if number >= most:
            return
        chooses = zlib.crc32(str(row.get("title") or row["context"][:40]).encode()) % 10 == CHOOSES
        answer = row["answers"][0]
        said = told(row["question"], answer["text"])
        spans = sentences(row["context"])
        own = next((i for i, (a, b) in enumerate(spans) if a <= answer["start"] < b), None)
        if said is None or own is None:
            continue
        quote = row["context"][slice(*spans[own])]
        if answer["text"] not in quote or not _shares(said, quote):
            continue
        yield Example(said, (quote,), True, "question", chooses)
        others = [
            row["context"][a:b]
            for i, (a, b) in enumerate(spans)
            if i != own and answer["text"] not in row["context"][a:b]
        ]
        near = [other for other in others if _shares(said, other)]
        if near:
            yield Example(said, (rng.choice(near),), False, "question, another sentence", chooses)
        kind = _asked(fold(row["question"]), "zh")[0]
        wrong = claims.same_kind(row["context"], kind, answer["text"]) if kind in BARE_FACTS else []
        if wrong:
            other_answer = rng.choice(wrong)
            other = told(row["question"], other_answer)
            if other and other_answer not in answer["text"] and answer["text"] not in other_answer:
                yield Example(other, (quote,), False, "question, another answer", chooses)


def told(question: str, answer: str) -> str | None:
    """The answer in the place of the question words, for Chinese questions that ask for a bare fact."""
    asked, (start, end) = _asked(fold(question), "zh")
    if asked not in BARE_FACTS or end == start or len(answer) > 30 or not has_han(question):
        return None
    return question[:start] + answer + question[end:].rstrip("?？ 呢") + "。"


def _from_translations(data: Path, rng: random.Random) -> Iterator[Example]:
    """English claims on Chinese quotes, Chinese on English, and English on English."""
    for number, block in enumerate(held_out(data)):
        chooses = number % 2 == 1
        pool = {"name": [p.query[n.start : n.end] for p in block for n in names_of(p.query, False)]}
        for i, pair in enumerate(block):
            if not 20 < len(pair.query) < 300 or not has_han(pair.passage) or rng.random() < 0.6:
                continue
            english, chinese = pair.query, pair.passage
            yield Example(english, (chinese,), True, "translation", chooses)
            yield Example(chinese, (english,), True, "translation", chooses)
            other = block[i - 1] if i else block[1]
            if rng.random() < 0.5:
                yield Example(other.query, (chinese,), False, "neighbour", chooses)
            else:
                yield Example(other.passage, (english,), False, "neighbour", chooses)
            if clause := claims.one_clause(english, rng):
                yield Example(clause, (english,), True, "one clause", chooses)
                yield Example(clause, (chinese,), True, "one clause", chooses)
            if fewer := claims.fewer_clauses(english, rng):
                yield Example(fewer, (english,), True, "fewer clauses", chooses)
            changing: dict[str, claims.Change] = {
                **claims.CHANGING,
                "name": partial(claims.name_changed, pool=pool),
            }
            for name, change in rng.sample(sorted(changing.items()), len(changing))[:5]:
                if (said := change(english, rng)) is not None and said != english:
                    yield Example(said, (rng.choice((english, chinese)),), False, name, chooses)
                elif (said := change(chinese, rng)) is not None and said != chinese:
                    yield Example(said, (english,), False, name, chooses)


# reading and fitting


def _seen(reader: Support, examples: Sequence[Example]) -> Iterator[Seen]:
    for example in examples:
        if verbatim(example.claim, example.quotes):
            continue
        parts, values = reader.evidence(example.claim, example.quotes)
        yield Seen(example, reader.kind(example.claim, example.quotes), parts, values)


def fit(seen: Sequence[Seen], epochs: int) -> dict[str, FloatArray]:
    """One hidden layer, on what no exact part contradicts: the rest is decided without it."""
    torch.manual_seed(7)
    open_ = [s for s in seen if not s.contradicted] or list(seen)
    values = np.stack([s.values for s in open_])
    mean, std = values.mean(axis=0), values.std(axis=0) + 1e-3
    x = torch.tensor((values - mean) / std)
    y = torch.tensor([float(s.example.supported) for s in open_])
    weight = torch.tensor([_balance(open_)[s.language, s.example.supported] for s in open_])
    first, second = torch.nn.Linear(len(NAMES), HIDDEN), torch.nn.Linear(HIDDEN, 1)
    optimiser = torch.optim.AdamW([*first.parameters(), *second.parameters()], lr=0.01, weight_decay=0.01)
    for _ in range(epochs):
        for batch in torch.split(torch.randperm(len(x)), 256):
            logits = second(torch.tanh(first(x[batch])))[:, 0]
            loss = torch.nn.functional.binary_cross_entropy_with_logits(
                logits, y[batch], weight=weight[batch]
            )
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
    named = {"first": first, "second": second}
    layers = {
        f"{n}.{k}": v.detach().numpy() for n, layer in named.items() for k, v in layer.state_dict().items()
    }
    return {"mean": np.asarray(mean, np.float32), "std": np.asarray(std, np.float32), **layers}


_BALANCES: dict[int, dict[tuple[str, bool], float]] = {}


def _balance(seen: Sequence[Seen]) -> dict[tuple[str, bool], float]:
    """Each language counts alike, supported and not."""
    if id(seen) not in _BALANCES:
        counts: dict[tuple[str, bool], int] = defaultdict(int)
        for s in seen:
            counts[s.language, s.example.supported] += 1
        _BALANCES[id(seen)] = {k: len(seen) / (len(counts) * n) for k, n in counts.items()}
    return _BALANCES[id(seen)]


def thresholds(weights: dict[str, FloatArray], seen: Sequence[Seen]) -> dict[str, dict[str, float]]:
    """By language: from which probability a claim is supported, at its ``PRECISION``; below which it is not
    at all, where no more than a twentieth of the supported claims fall."""
    found: dict[str, dict[str, float]] = {"supported": {}, "unsupported": {}}
    for language in ("zh", "en", "cross"):
        open_ = [s for s in seen if s.language == language and not s.contradicted and not s.unsaid]
        true = np.array([s.example.supported for s in open_], bool)
        p = forward(weights, np.stack([s.values for s in open_])) if open_ else np.zeros(0)
        grid = np.round(np.arange(0.3, 0.995, 0.005), 3)
        good = [t for t in grid if (p >= t).any() and true[p >= t].mean() >= PRECISION[language]]
        found["supported"][language] = float(good[0]) if good else float(grid[-1])
        low = float(np.quantile(p[true], 0.05)) if true.any() else 0.2
        found["unsupported"][language] = round(min(low, found["supported"][language]), 3)
    return found


def save(out: Path, weights: dict[str, FloatArray], config: Mapping[str, object]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    save_file(weights, out / "model.safetensors")
    (out / "model.safetensors").chmod(0o644)
    (out / "config.json").write_text(json.dumps(config, indent=1) + "\n", encoding="utf-8")


# measuring


def report(support: Support, seen: Sequence[Seen]) -> None:
    for language in ("zh", "en", "cross"):
        here = [s for s in seen if s.language == language]
        if not here:
            continue
        probabilities = support.probabilities(np.stack([s.values for s in here]))
        verdicts = [
            support.judge(language, s.parts, s.values, float(p))
            for s, p in zip(here, probabilities, strict=True)
        ]
        said = np.array([v == "supported" for v in verdicts])
        against = np.array([v == "unsupported" for v in verdicts])
        true = np.array([s.example.supported for s in here])
        precision, recall = true[said].mean(), said[true].mean()
        print(f"{language}: precision {precision:.3f} recall {recall:.3f} of supported, n {len(here)}")
        kinds = sorted({(s.example.supported, s.example.kind) for s in here}, reverse=True)
        for supported, kind in kinds:
            mask = np.array([(s.example.supported, s.example.kind) == (supported, kind) for s in here])
            print(
                f"  {'keeps' if supported else 'changes':8}{kind:28} n {mask.sum():5}"
                f" supported {said[mask].mean():.3f} unsupported {against[mask].mean():.3f}"
            )
        open_ = np.array([not s.contradicted for s in here])
        print("  calibration " + " ".join(_bins(probabilities[open_], true[open_])))


def _bins(p: FloatArray, y: FloatArray) -> Iterator[str]:
    """Mean probability : share supported (count), by fifths; then the expected calibration error."""
    error = 0.0
    for low in np.arange(0, 1, 0.2):
        mask = (p >= low) & (p < low + 0.2 + 1e-6)
        if mask.any():
            error += abs(p[mask].mean() - y[mask].mean()) * mask.sum()
            yield f"{p[mask].mean():.2f}:{y[mask].mean():.2f}({mask.sum()})"
    yield f"ece {error / max(len(p), 1):.3f}"


if __name__ == "__main__":
    main()
