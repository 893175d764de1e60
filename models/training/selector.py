"""Trains the selector: which sentence answers a question, or none.

    python -m models.training.selector --data ../shared/data --out models/weights/chuchu-selector

Each reading question becomes groups of sentences, one softmax a group with "none" at a fixed 0:
its passage among four that BM25 confuses with it; the same without the sentences that answer
(relevant, but does not say); without the passage (nothing there); and the question with a name, a
number or a noun changed to one that the passage does not have (a near miss). Nothing of dev/ is used
to train; CMRC dev chooses.
"""

from __future__ import annotations

import argparse
import json
import lzma
import random
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import bm25s
import numpy as np
import torch
from safetensors.numpy import save_file

from models.language.questions import read
from models.language.sentences import sentences
from models.language.words import fold, has_han, words
from models.selector.candidates import Candidate
from models.selector.features import NAMES, Evidence, features
from models.selector.lexicon import Lexicon
from models.selector.matching import prepare
from models.selector.network import PLAIN, forward
from models.training.paraphrase import Synonyms, in_english, reword, synonyms_of
from models.translation import Translator

CHINESE = ("zh", "zh-Hant")
ENGLISH = ("en",)
PASSAGE_CHARS = 320
AROUND_CHARS = 160
DISTRACTORS = 2
GROUPS = ("answerable", "unsaid", "absent", "near_miss")
HIDDEN = (64, 32)
UNIT_VECTOR = 12
UNIT_HIDDEN = (48, 24)


@dataclass(frozen=True)
class Reading:
    """A question, its passage, where answers stand in it, and passages that are like it."""

    question: str
    title: str
    context: str
    answers: tuple[tuple[str, int], ...]
    others: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Group:
    """Sentences to choose from; ``gold`` are those that answer, none for "none"."""

    kind: str
    language: str
    asked: str
    foreign: bool
    evidence: Evidence
    gold: np.ndarray


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../shared/data"))
    parser.add_argument("--out", type=Path, default=Path("models/weights/chuchu-selector"))
    parser.add_argument("--limit", type=int, default=0, help="questions a set, 0 for all")
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--cache", type=Path, help="keep the features here between runs")
    options = parser.parse_args()

    train, dev = cached(options)
    print({kind: sum(g.kind == kind for g in train) for kind in GROUPS}, flush=True)
    weights = fit(train, dev, options.epochs)
    save_file(weights, options.out / "model.safetensors")
    report = {
        name: evaluate(weights, [g for g in dev if (g.language, g.foreign) == kind])
        for name, kind in (("zh", ("zh", False)), ("en", ("en", False)), ("en to zh", ("en", True)))
    }
    config = {"features": list(NAMES), "hidden": list(HIDDEN), "measured": report}
    (options.out / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    print(json.dumps(report, indent=1))


def cached(options: argparse.Namespace) -> tuple[list[Group], list[Group]]:
    if options.cache and options.cache.exists():
        data = torch.load(options.cache, weights_only=False)
        return data["train"], data["dev"]
    zh = reading(options.data, CHINESE, options.limit)
    en = reading(options.data, ENGLISH, options.limit)
    held = cmrc_dev(options.data)[: options.limit or 1600]
    zh = [row for row in zh if not for_tuning(row)]
    train = build(with_others(zh) + with_others(en[: len(en) * 9 // 10]), options)
    dev = build(with_others(held) + with_others(en[len(en) * 9 // 10 :]), options)
    if options.cache:
        torch.save({"train": train, "dev": dev}, options.cache)
    return train, dev


def reading(data: Path, languages: Sequence[str], limit: int = 0) -> list[Reading]:
    """The questions of every reading set in these languages, at most ``limit`` a set."""
    rows: list[Reading] = []
    for path in sorted((data / "reading").glob("*.jsonl.xz")):
        with lzma.open(path, "rt", encoding="utf8") as lines:
            found = [row for line in lines if (row := json.loads(line))["lang"] in languages]
        rows += [
            Reading(
                row["question"],
                row["title"],
                row["context"],
                tuple((answer["text"], answer["start"]) for answer in row["answers"]),
            )
            for row in found[: limit or None]
        ]
    return rows


def cmrc_dev(data: Path) -> list[Reading]:
    rows: list[Reading] = []
    for article in json.loads((data / "dev" / "cmrc2018_dev.json").read_text(encoding="utf-8"))["data"]:
        for paragraph in article["paragraphs"]:
            for qa in paragraph["qas"]:
                answers = tuple((a["text"], a["answer_start"]) for a in qa["answers"])
                rows.append(Reading(qa["question"], article.get("title", ""), paragraph["context"], answers))
    return rows


def with_others(rows: list[Reading]) -> list[Reading]:
    """Give each question the passages that BM25 takes for its own."""
    contexts = list(dict.fromkeys((r.title, r.context) for r in rows))
    if len(contexts) < 2:
        return rows
    index = bm25s.BM25()
    index.index([[w.text for w in words(c)] for _, c in contexts], show_progress=False)
    queries = [[w.text for w in read(r.question).content] or ["。"] for r in rows]
    found, _ = index.retrieve(queries, k=min(DISTRACTORS * 2, len(contexts)), show_progress=False)
    result: list[Reading] = []
    for row, ids in zip(rows, found, strict=True):
        others = [contexts[i] for i in ids if contexts[i][1] != row.context]
        free = [o for o in others if not any(a in o[1] for a, _ in row.answers)]
        result.append(Reading(row.question, row.title, row.context, row.answers, tuple(free[:DISTRACTORS])))
    return result


def build(rows: list[Reading], options: argparse.Namespace) -> list[Group]:
    chunks = [rows[i : i + 200] for i in range(0, len(rows), 200)]
    groups: list[Group] = []
    where = [options.data] * len(chunks), [options.out] * len(chunks)
    with ProcessPoolExecutor(options.workers) as pool:
        for done, chunk in enumerate(pool.map(build_chunk, chunks, range(len(chunks)), *where)):
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
        pinyin = {char: min(read_as) for char in han if (read_as := translator.romanisations(char))}
        return cls(Lexicon(folder), translator, synonyms_of(data), pinyin)


def build_chunk(rows: Sequence[Reading], seed: int, data: Path, folder: Path) -> list[Group]:
    """Groups for some questions; runs in a worker process."""
    global _tools
    if _tools is None:
        _tools = Tools.load(data, folder)
    rng = random.Random(seed)
    swaps = swappable(rows)
    return [group for row in rows for group in groups_of(row, swaps, rng)]


_tools: Tools | None = None


def groups_of(row: Reading, swaps: dict[str, list[str]], rng: random.Random) -> Iterator[Group]:
    """The question as it was asked, and often once more as others would ask it."""
    assert _tools is not None
    if not any(holds(span, row) for span, _ in candidates(row.title, row.context)):
        return
    yield from _groups(row, row.question, swaps, rng, lambda text: text)
    if has_han(row.question) and rng.random() < 0.8:
        reword_with = _tools.synonyms
        yield from _groups(row, row.question, swaps, rng, lambda text: reword(text, reword_with, rng))
    if has_han(row.question) and rng.random() < 0.4:
        translator, pinyin = _tools.translator, _tools.pinyin
        yield from _groups(
            row, row.question, swaps, rng, lambda text: in_english(text, translator, pinyin, rng)
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
    yield group("answerable", asked, [c for _, c in own] + others, gold)
    cut = "".join(row.context[a:b] for (a, b), _ in own if not holds((a, b), row))
    if rng.random() < 0.4 and cut:
        left = [c for _, c in candidates(row.title, cut) if not any(a in c.text for a, _ in row.answers)]
        yield group("unsaid", asked, left + others, None)
    if rng.random() < 0.2 and others:
        yield group("absent", asked, others, None)
    if rng.random() < 0.7 and (missed := near_miss(row, swaps, rng)) and (changed := put(missed)):
        yield group("near_miss", changed, [c for _, c in own] + others, None)
    if rng.random() < 0.25 and (missed := narrowed(row, swaps, rng)) and (changed := put(missed)):
        yield group("near_miss", changed, [c for _, c in own] + others, None)


def group(kind: str, question: str, found: Sequence[Candidate], gold: np.ndarray | None) -> Group:
    assert _tools is not None
    lexicon, translator = _tools.lexicon, _tools.translator
    query = prepare(question, lexicon, translator)
    found_of = features(query, found, lexicon, translator)
    kept = [part.astype(np.float16) for part in (found_of.whole, found_of.units, found_of.met)]
    evidence = Evidence(kept[0], kept[1], kept[2])  # type: ignore[arg-type]
    labels = np.zeros(len(found), bool)
    if gold is not None:
        labels[: len(gold)] = gold
    foreign = query.asking.language == "en" and any(has_han(c.text) for c in found[:3])
    return Group(kind, query.asking.language, query.asking.asked, foreign, evidence, labels)


def candidates(title: str, context: str) -> list[tuple[tuple[int, int], Candidate]]:
    """Sentences with those before them in a passage of PASSAGE_CHARS, and what is around, as when reading."""
    passages: list[list[tuple[int, int]]] = []
    for start, end in sentences(context):
        if not passages or end - passages[-1][0][0] > PASSAGE_CHARS:
            passages.append([])
        passages[-1].append((start, end))
    found: list[tuple[tuple[int, int], Candidate]] = []
    for spans in passages:
        written = tuple(context[start:end] for start, end in spans)
        low, high = spans[0][0], spans[-1][1]
        outside = title, context[max(0, low - AROUND_CHARS) : low], context[high : high + AROUND_CHARS]
        found += [
            (span, Candidate(written[i], written[:i], (*outside, *written[i + 1 :])))
            for i, span in enumerate(spans)
        ]
    return found


def holds(span: tuple[int, int], row: Reading) -> bool:
    return any(span[0] <= at < span[1] for _, at in row.answers)


def for_tuning(row: Reading) -> bool:
    """Whether the word vectors are tuned on this question; the selector then trains on the others."""
    return zlib.crc32(row.question.encode()) % 10 < 4


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


def narrowed(row: Reading, swaps: dict[str, list[str]], rng: random.Random) -> str | None:
    """The question with a place or a year put before it of which the passage says nothing."""
    text = fold(row.context + row.title)
    place = rng.choice(swaps.get("ns") or [""])
    limit = rng.choice((f"{place}的", f"在{place}，", f"{rng.randint(1950, 2024)}年，"))
    if not has_han(row.question) or limit.strip("在的，年") in text or limit in ("的", "在，"):
        return None
    return limit + row.question


def _swap_key(kind: str, tag: str) -> str:
    return kind if kind != "han" else tag[:2] if tag[:2] in ("nr", "ns", "nt", "nz") else tag[:1]


def near_miss(row: Reading, swaps: dict[str, list[str]], rng: random.Random) -> str | None:
    """The question with one telling word changed for one that neither passage nor title has."""
    assert _tools is not None
    lexicon = _tools.lexicon
    text = fold(row.context + row.title)
    asking = read(row.question)
    named = [w for w in asking.content if w.text in text and _swap_key(w.kind, w.tag) != "v"]
    named = [w for w in named if w.kind != "han" or (w.tag[:1] in ("n", "j", "t", "m") and len(w.text) > 1)]
    if not named:
        return None
    focused = [
        w for i, w in enumerate(asking.content) if i in asking.focus and w in named and w.tag[:1] == "n"
    ]
    word = rng.choice(focused if focused and rng.random() < 0.4 else named)
    for _ in range(20):
        other = rng.choice(
            swaps["focus" if word in focused and swaps["focus"] else _swap_key(word.kind, word.tag)]
        )
        if word.kind == "number":
            other = str(int(word.text) + rng.choice((-2, -1, 1, 2, 5))) if word.text.isdigit() else other
        near = float(lexicon.vector(word.text) @ lexicon.vector(other))
        named_thing = word.kind != "han" or word.tag[:2] in ("nr", "ns", "nt", "nz")
        if other not in text and other != word.text and (named_thing or near < 0.45):
            return row.question[: word.start] + other + row.question[word.end :]
    return None


class Net(torch.nn.Module):
    """What ``models.selector.network.forward`` computes, to be trained."""

    def __init__(self, whole: int, dimension: int) -> None:
        super().__init__()
        self.unit_vector = torch.nn.Linear(dimension, UNIT_VECTOR, bias=False)
        self.unit_first = torch.nn.Linear(PLAIN + UNIT_VECTOR + 6, UNIT_HIDDEN[0])
        self.unit_second = torch.nn.Linear(*UNIT_HIDDEN)
        self.first = torch.nn.Linear(whole + 2 * UNIT_HIDDEN[1], HIDDEN[0])
        self.second = torch.nn.Linear(*HIDDEN)
        self.last = torch.nn.Linear(HIDDEN[1], 1)
        self.dropout = torch.nn.Dropout(0.15)

    def forward(self, batch: Batch) -> torch.Tensor:
        """``(candidates,)`` logits of all groups of the batch, one after another."""
        like = torch.cat([batch.units[..., :PLAIN], self.unit_vector(batch.units[..., PLAIN:])], dim=-1)
        each = torch.cat([like[batch.group], batch.met], dim=-1)
        each = torch.relu(self.unit_second(torch.relu(self.unit_first(each))))
        each = each * batch.there[batch.group][..., None]
        pooled = torch.cat([each.sum(dim=1) / 4, each.max(dim=1).values], dim=1)
        x = torch.cat([batch.whole, pooled], dim=1)
        x = torch.relu(self.first(self.dropout(x)))
        return self.last(torch.relu(self.second(self.dropout(x)))).squeeze(1)  # type: ignore[no-any-return]


@dataclass(frozen=True)
class Batch:
    """Groups stacked: candidates in a row, their units padded to the most that a question has."""

    whole: torch.Tensor
    met: torch.Tensor
    units: torch.Tensor
    there: torch.Tensor
    group: torch.Tensor

    @classmethod
    def of(cls, groups: Sequence[Group], mean: np.ndarray, std: np.ndarray) -> Batch:
        most = max(1, *(g.evidence.met.shape[1] for g in groups))
        dimension = groups[0].evidence.units.shape[1]
        units = np.zeros((len(groups), most, dimension), np.float32)
        there = np.zeros((len(groups), most), np.float32)
        met = np.zeros((sum(len(g.gold) for g in groups), most, 6), np.float32)
        at = 0
        for i, g in enumerate(groups):
            n, m = g.evidence.met.shape[:2]
            units[i, :m], there[i, :m], met[at : at + n, :m] = g.evidence.units, 1, g.evidence.met
            at += n
        whole = np.concatenate([g.evidence.whole for g in groups]).astype(np.float32)
        of = np.repeat(np.arange(len(groups)), [len(g.gold) for g in groups])
        return cls(*map(torch.from_numpy, ((whole - mean) / std, met, units, there, of)))


def fit(train: list[Group], dev: list[Group], epochs: int) -> dict[str, np.ndarray]:
    """Adam on the softmax of each group; keeps the epoch with the best dev loss."""
    torch.manual_seed(0)
    rng = random.Random(0)
    some = train[:: max(1, len(train) // 4000)]
    sample = np.concatenate([g.evidence.whole for g in some]).astype(np.float32)
    mean, std = sample.mean(0), np.maximum(sample.std(0), 0.1)
    net = Net(len(NAMES), train[0].evidence.units.shape[1] - PLAIN)
    optimiser = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimiser, epochs)
    best, kept = float("inf"), {}
    for epoch in range(epochs):
        net.train()
        order = rng.sample(range(len(train)), len(train))
        for begin in range(0, len(order), 64):
            optimiser.zero_grad()
            loss = batch_loss(net, [train[i] for i in order[begin : begin + 64]], mean, std)
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        schedule.step()
        net.eval()
        with torch.no_grad():
            losses = [float(batch_loss(net, dev[i : i + 64], mean, std)) for i in range(0, len(dev), 64)]
        weights = export(net, mean, std)
        value = float(np.mean(losses))
        print(f"epoch {epoch + 1}: dev loss {value:.4f} {evaluate(weights, dev)}", flush=True)
        if value < best:
            best, kept = value, weights
    return kept


def batch_loss(net: Net, groups: Sequence[Group], mean: np.ndarray, std: np.ndarray) -> torch.Tensor:
    """Minus the log of the probability that the softmax gives to the gold sentences, or to none."""
    logits = net(Batch.of(groups, mean, std))
    losses, at = [], 0
    for g in groups:
        own = torch.cat([torch.zeros(1), logits[at : at + len(g.gold)]])
        gold = torch.from_numpy(np.concatenate([[not g.gold.any()], g.gold]))
        losses.append(torch.logsumexp(own, 0) - torch.logsumexp(own[gold], 0))
        at += len(g.gold)
    return torch.stack(losses).mean()


def export(net: Net, mean: np.ndarray, std: np.ndarray) -> dict[str, np.ndarray]:
    state: dict[str, Any] = {"mean": mean, "std": std}
    state |= {key: value.detach().numpy().copy() for key, value in net.named_parameters()}
    return {key: np.ascontiguousarray(value, np.float32) for key, value in state.items()}


def score(weights: dict[str, np.ndarray], g: Group) -> np.ndarray:
    parts = (g.evidence.whole, g.evidence.units, g.evidence.met)
    return forward(weights, Evidence(*(part.astype(np.float32) for part in parts)))


def evaluate(weights: dict[str, np.ndarray], groups: Sequence[Group]) -> dict[str, float]:
    """Share of answerable groups whose best sentence is gold; AUROC of the best logit, by kind of none."""
    best: dict[str, list[float]] = {kind: [] for kind in GROUPS}
    right = []
    for g in groups:
        logits = score(weights, g)
        best[g.kind].append(float(logits.max(initial=-20)))
        if g.kind == "answerable":
            right.append(bool(g.gold[int(logits.argmax())]))
    measured = {"sentence_accuracy": round(float(np.mean(right)), 4), "n": len(right)}
    for kind in GROUPS[1:]:
        measured[f"auroc_{kind}"] = round(auroc(best["answerable"], best[kind]), 4)
    return measured


def auroc(positive: Sequence[float], negative: Sequence[float]) -> float:
    """Mann-Whitney: how often a positive scores above a negative, ties half."""
    if not positive or not negative:
        return float("nan")
    both = np.concatenate([positive, negative])
    order = both.argsort().argsort() + 1.0
    n, m = len(positive), len(negative)
    return float((order[:n].sum() - n * (n + 1) / 2) / (n * m))


if __name__ == "__main__":
    main()
