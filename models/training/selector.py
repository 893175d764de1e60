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
from collections.abc import Iterator, Sequence
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
from models.language.words import fold, words
from models.selector.candidates import Candidate
from models.selector.features import NAMES, features
from models.selector.lexicon import Lexicon
from models.selector.matching import prepare
from models.translation import Translator

CHINESE = ("cmrc2018_train", "cmrc2018_trial", "drcd_dev", "webqa")
ENGLISH = ("tydiqa_en", "nq_en")
PASSAGE_CHARS = 320
DISTRACTORS = 4
GROUPS = ("answerable", "unsaid", "absent", "near_miss")
HIDDEN = (64, 32)


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
    x: np.ndarray
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
        language: evaluate(weights, [g for g in dev if g.language == language]) for language in ("zh", "en")
    }
    config = {"features": list(NAMES), "hidden": list(HIDDEN), "measured": report}
    (options.out / "config.json").write_text(json.dumps(config, indent=1), encoding="utf-8")
    print(json.dumps(report, indent=1))


def cached(options: argparse.Namespace) -> tuple[list[Group], list[Group]]:
    if options.cache and options.cache.exists():
        data = torch.load(options.cache, weights_only=False)
        return data["train"], data["dev"]
    zh = [r for name in CHINESE for r in reading(options.data, name, options.limit)]
    en = [r for name in ENGLISH for r in reading(options.data, name, options.limit)]
    held = cmrc_dev(options.data)[: options.limit or 1600]
    train = build(with_others(zh) + with_others(en[: len(en) * 9 // 10]), options)
    dev = build(with_others(held) + with_others(en[len(en) * 9 // 10 :]), options)
    if options.cache:
        torch.save({"train": train, "dev": dev}, options.cache)
    return train, dev


def reading(data: Path, name: str, limit: int) -> list[Reading]:
    rows: list[Reading] = []
    with lzma.open(data / "reading" / f"{name}.jsonl.xz", "rt", encoding="utf8") as lines:
        for line in lines:
            row = json.loads(line)
            answers = tuple((a["text"], a["start"]) for a in row["answers"])
            rows.append(Reading(row["question"], row["title"], row["context"], answers))
    return rows[: limit or None]


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
    with ProcessPoolExecutor(options.workers) as pool:
        for done, chunk in enumerate(pool.map(build_chunk, chunks, range(len(chunks)))):
            groups += chunk
            print(f"features {done + 1}/{len(chunks)}", end="\r", flush=True)
    return groups


def build_chunk(rows: Sequence[Reading], seed: int) -> list[Group]:
    """Groups for some questions; runs in a worker process."""
    global _tools
    if _tools is None:
        _tools = Lexicon(Path("models/weights/chuchu-selector")), Translator.load()
    rng = random.Random(seed)
    swaps = swappable(rows)
    return [group for row in rows for group in groups_of(row, swaps, rng)]


_tools: tuple[Lexicon, Translator] | None = None


def groups_of(row: Reading, swaps: dict[str, list[str]], rng: random.Random) -> Iterator[Group]:
    own = candidates(row.title, row.context)
    gold = np.array([_holds(span, row) for span, _ in own])
    if not gold.any():
        return
    others = [c for title, context in row.others for _, c in candidates(title, context)]
    yield group("answerable", row.question, [c for _, c in own] + others, gold)
    cut = "".join(row.context[a:b] for (a, b), _ in own if not _holds((a, b), row))
    if rng.random() < 0.6 and cut:
        left = [c for _, c in candidates(row.title, cut) if not any(a in c.text for a, _ in row.answers)]
        yield group("unsaid", row.question, left + others, None)
    if rng.random() < 0.3 and others:
        yield group("absent", row.question, others, None)
    if rng.random() < 0.6 and (changed := near_miss(row, swaps, rng)):
        yield group("near_miss", changed, [c for _, c in own] + others, None)


def group(kind: str, question: str, found: Sequence[Candidate], gold: np.ndarray | None) -> Group:
    assert _tools is not None
    lexicon, translator = _tools
    query = prepare(question, lexicon, translator)
    x = features(query, found, lexicon, translator).astype(np.float16)
    labels = np.zeros(len(found), bool)
    if gold is not None:
        labels[: len(gold)] = gold
    return Group(kind, query.asking.language, query.asking.asked, x, labels)


def candidates(title: str, context: str) -> list[tuple[tuple[int, int], Candidate]]:
    """Sentences with what stands before them in a passage of PASSAGE_CHARS, and around it."""
    spans = sentences(context)
    found: list[tuple[tuple[int, int], Candidate]] = []
    begin = 0
    for i, (start, end) in enumerate(spans):
        if i and end - spans[begin][0] > PASSAGE_CHARS:
            begin = i
        low, high = max(0, spans[begin][0] - 160), min(len(context), end + 160)
        around = "\n".join((title, context[low : spans[begin][0]], context[end:high]))
        found.append(((start, end), Candidate(context[start:end], context[spans[begin][0] : start], around)))
    return found


def _holds(span: tuple[int, int], row: Reading) -> bool:
    return any(span[0] <= at < span[1] for _, at in row.answers)


def swappable(rows: Sequence[Reading]) -> dict[str, list[str]]:
    """Words of the questions by part of speech, to change one for another."""
    by_tag: dict[str, list[str]] = {}
    for row in rows:
        for word in read(row.question).content:
            by_tag.setdefault(_swap_key(word.kind, word.tag), []).append(word.text)
    return by_tag


def _swap_key(kind: str, tag: str) -> str:
    return kind if kind != "han" else tag[:2] if tag[:2] in ("nr", "ns", "nt", "nz") else tag[:1]


def near_miss(row: Reading, swaps: dict[str, list[str]], rng: random.Random) -> str | None:
    """The question with one telling word changed for one that neither passage nor title has."""
    assert _tools is not None
    lexicon, _ = _tools
    text = fold(row.context + row.title)
    asking = read(row.question)
    named = [w for w in asking.content if w.text in text and _swap_key(w.kind, w.tag) != "v"]
    named = [w for w in named if w.kind != "han" or (w.tag[:1] in ("n", "j", "t", "m") and len(w.text) > 1)]
    if not named:
        return None
    word = rng.choice(named)
    for _ in range(20):
        other = rng.choice(swaps[_swap_key(word.kind, word.tag)])
        if word.kind == "number":
            other = str(int(word.text) + rng.choice((-2, -1, 1, 2, 5))) if word.text.isdigit() else other
        near = float(lexicon.vector(word.text) @ lexicon.vector(other))
        named_thing = word.kind != "han" or word.tag[:2] in ("nr", "ns", "nt", "nz")
        if other not in text and other != word.text and (named_thing or near < 0.45):
            return row.question[: word.start] + other + row.question[word.end :]
    return None


def fit(train: list[Group], dev: list[Group], epochs: int) -> dict[str, np.ndarray]:
    """Adam on the softmax of each group; keeps the epoch with the best dev loss."""
    torch.manual_seed(0)
    rng = random.Random(0)
    sample = np.concatenate([g.x for g in train[:: max(1, len(train) // 4000)]]).astype(np.float32)
    mean, std = sample.mean(0), np.maximum(sample.std(0), 0.02)
    net = torch.nn.Sequential(
        torch.nn.Linear(len(NAMES), HIDDEN[0]), torch.nn.ReLU(), torch.nn.Dropout(0.1),
        torch.nn.Linear(HIDDEN[0], HIDDEN[1]), torch.nn.ReLU(), torch.nn.Linear(HIDDEN[1], 1),
    )  # fmt: skip
    optimiser = torch.optim.AdamW(net.parameters(), lr=2e-3, weight_decay=1e-3)
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


def batch_loss(
    net: torch.nn.Module, groups: Sequence[Group], mean: np.ndarray, std: np.ndarray
) -> torch.Tensor:
    """Minus the log of the probability that the softmax gives to the gold sentences, or to none."""
    x = np.concatenate([g.x for g in groups]).astype(np.float32)
    logits = net(torch.from_numpy((x - mean) / std)).squeeze(1)
    losses, at = [], 0
    for g in groups:
        own = torch.cat([torch.zeros(1), logits[at : at + len(g.x)]])
        gold = torch.from_numpy(np.concatenate([[not g.gold.any()], g.gold]))
        losses.append(torch.logsumexp(own, 0) - torch.logsumexp(own[gold], 0))
        at += len(g.x)
    return torch.stack(losses).mean()


def export(net: torch.nn.Sequential, mean: np.ndarray, std: np.ndarray) -> dict[str, np.ndarray]:
    state: dict[str, Any] = {"mean": mean, "std": std}
    for name, layer in (("first", net[0]), ("second", net[3]), ("last", net[5])):
        state |= {f"{name}.{key}": value.detach().numpy().copy() for key, value in layer.named_parameters()}
    return {key: np.ascontiguousarray(value, np.float32) for key, value in state.items()}


def evaluate(weights: dict[str, np.ndarray], groups: Sequence[Group]) -> dict[str, float]:
    """Share of answerable groups whose best sentence is gold; AUROC of the best logit, by kind of none."""
    from models.selector.network import forward

    best: dict[str, list[float]] = {kind: [] for kind in GROUPS}
    right = []
    for g in groups:
        logits = forward(weights, g.x.astype(np.float32))
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
