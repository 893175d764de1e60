"""Learns how much each sign says that a text is a flattened page (``models/pages/disorder.py``).

    python -m models.training.pages_detection ../shared/data models/weights/chuchu-pages \\
        --ordinary tests/data/ordinary.jsonl

Pages are the training's own; ordinary are the texts of a file, those written for this project (``written`` in
the data), and news in order, one article or several. Half of the ordinary texts, by ``crc32(id) % 2``, are
kept back and measured alone. What has no tear is in order whatever else is to be said of it, so that only
texts with one are learned from.
"""

from __future__ import annotations

import argparse
import json
import random
import zlib
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from models.folders import WEIGHTS
from models.pages.disorder import NEVER, SIGNS, WIDEST, is_torn, signs_of
from models.pages.reading import PageReader
from models.training.data import rows
from models.training.pages_articles import NETWORKS, articles
from models.training.pages_generator import page
from models.training.pages_style import style

Floats = NDArray[np.float64]

RIDGE = 3e-3
LEAST = 4
"""Blocks that a text must have to be asked about."""
WRITTEN = ("law", "product", "report", "news", "handbook", "tables", "cross")
PAGE_BREAK = 600
"""Characters of a page, where a text is broken as a print of it is."""


def ordinary_file(path: Path) -> Iterator[tuple[str, str]]:
    """Id and text of each of a file of ordinary texts."""
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            yield row["id"], row["text"]


def written(folder: Path) -> Iterator[tuple[str, str]]:
    """The documents that were written for this project, as somebody would type them."""
    for kind in WRITTEN:
        for row in rows(folder / "written" / f"{kind}.jsonl.xz"):
            lines = [row["title"]]
            for passage in row["passages"]:
                heading = (passage.get("context") or "").split(" › ")[-1]
                if heading and heading not in lines:
                    lines.append(heading)
                lines.append(passage["text"])
            yield row["id"], "\n".join(lines)


def in_order(
    texts: Sequence[str], count: int, seed: int
) -> Iterator[tuple[str, list[str]]]:
    """News as it is: one article, or several one after another, some with all that a newspaper adds."""
    chance = random.Random(seed)
    for number in range(count):
        how = style(chance, copies=False)
        how.order, how.drop, how.apart, how.caption = "in order", 0.0, 0.0, 0.0
        if number % 4:
            how.cuts = (
                0.0,
                0.0,
                0.0,
                0.0,
                1.0,
            )  # a quarter are broken as lines are, wherever they are full
        chosen = chance.sample(
            list(texts), min(len(texts), chance.choice((1, 1, 2, 3, 5, 8)))
        )
        blocks = [piece.text for piece in page(chosen, chance, how)]
        yield f"news-{number}", recurring(blocks, chance) if number % 4 == 1 else blocks


def recurring(blocks: list[str], chance: random.Random) -> list[str]:
    """The blocks with some of them said again and again, as press releases say who sent them."""
    again = chance.sample(blocks, min(len(blocks), chance.choice((1, 1, 2, 3))))
    section = chance.randint(3, 8)
    found: list[str] = []
    for number, block in enumerate(blocks, 1):
        found.append(block)
        if number % section == 0:
            found += again
    return found


def broken(text: str) -> str:
    """A text as copied from a print of it: where a page is full stands its number, be it in a sentence."""
    pages = [text[at : at + PAGE_BREAK] for at in range(0, len(text), PAGE_BREAK)]
    return "".join(f"{body}\n第 {number} 页\n" for number, body in enumerate(pages, 1))


def blocks_of(text: str) -> list[str]:
    """The lines of a text."""
    return [line.strip() for line in text.splitlines() if line.strip()]


def pages(texts: Sequence[str], count: int, seed: int) -> Iterator[list[str]]:
    """The blocks of pages that are out of order."""
    chance = random.Random(seed)
    for _ in range(count):
        how = style(chance)
        while how.order in ("in order", "swapped"):
            how = style(chance)
        chosen = chance.sample(list(texts), min(len(texts), chance.randint(1, 9)))
        yield [piece.text for piece in page(chosen, chance, how)]


def fit(signs: Floats, torn: NDArray[np.bool_]) -> tuple[Floats, Floats, Floats, float]:
    """Mean, deviation and weight of each sign, and the bias: logistic regression by Newton's method.

    Both kinds weigh alike, however many there are of each.
    """
    mean, std = signs.mean(axis=0), np.maximum(signs.std(axis=0), 1e-3)
    x = np.concatenate(
        [((signs - mean) / std).clip(-WIDEST, WIDEST), np.ones((len(signs), 1))], axis=1
    )
    share = np.where(torn, 0.5 / torn.mean(), 0.5 / (1 - torn.mean()))
    weights = np.zeros(x.shape[1])
    ridge = RIDGE * np.eye(x.shape[1]) * len(x)
    ridge[-1, -1] = 0
    for _ in range(30):
        chance = 1 / (1 + np.exp(-x @ weights))
        slope = x.T @ (share * (torn - chance)) - ridge @ weights
        bend = (x * (share * chance * (1 - chance))[:, None]).T @ x + ridge
        weights += np.linalg.solve(bend, slope)
    return mean, std, weights[:-1], float(weights[-1])


def ordinary(
    data: Path, file: Path, texts: Sequence[str], count: int
) -> Iterator[tuple[str, list[str]]]:
    """Ids and blocks of all that is in order; those of one text have its id."""
    for name, text in [*ordinary_file(file), *written(data)]:
        yield name, blocks_of(text)
        yield name, blocks_of(broken(text))
    yield from in_order(texts, count, seed=5)


def gathered(examples: Sequence[Sequence[str]], reader: PageReader) -> Floats:
    """``(len(examples), len(SIGNS))``."""
    return np.array(
        [signs_of(blocks, reader) for blocks in examples], np.float64
    ).reshape(-1, len(SIGNS))


def with_tears(signs: Floats) -> Floats:
    """The rows of texts that have a tear; all where none has, as models of a smoke test see none."""
    torn = [is_torn(row) for row in signs]
    return signs[torn] if any(torn) else signs


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("data", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--ordinary", type=Path, required=True)
    parser.add_argument("--pages", type=int, default=500)
    parser.add_argument("--encoder", type=Path, default=WEIGHTS / "chuchu-static")
    args = parser.parse_args()
    reader = PageReader.load(args.out, args.encoder)
    texts = list(articles(args.data, NETWORKS))
    held: dict[bool, list[list[str]]] = {True: [], False: []}
    for name, blocks in ordinary(args.data, args.ordinary, texts, args.pages):
        if len(blocks) >= LEAST:
            held[bool(zlib.crc32(name.encode()) % 2)].append(blocks)
    torn = [
        blocks for blocks in pages(texts, args.pages, seed=9) if len(blocks) >= LEAST
    ]
    half = len(torn) // 2
    found = {
        "kept back": (gathered(held[True], reader), gathered(torn[half:], reader)),
        "trained on": (gathered(held[False], reader), gathered(torn[:half], reader)),
    }
    whole, jumbled = map(with_tears, found["trained on"])
    truth = np.repeat([False, True], [len(whole), len(jumbled)])
    mean, std, weights, bias = fit(np.concatenate([whole, jumbled]), truth)
    measured = {}
    for part, kinds in found.items():
        odds = [
            np.where(
                [is_torn(row) for row in signs],
                ((signs - mean) / std).clip(-WIDEST, WIDEST) @ weights + bias,
                NEVER,
            )
            for signs in kinds
        ]
        measured[part] = {
            "ordinary": len(odds[0]),
            "touched": int((odds[0] > 0).sum()),
            "pages": len(odds[1]),
            "known": int((odds[1] > 0).sum()),
        }
        print(
            part,
            measured[part],
            np.sort(odds[0])[-8:].round(1),
            np.sort(odds[1])[:12].round(1),
        )
    signs = {
        name: {"mean": round(m, 4), "std": round(s, 4), "weight": round(w, 4)}
        for name, m, s, w in zip(
            SIGNS, mean.tolist(), std.tolist(), weights.tolist(), strict=True
        )
    }
    for name, row in signs.items():
        print(f"{name:18}{row}")
    described = {"signs": signs, "bias": round(bias, 4), "measured": measured}
    (args.out / "detection.json").write_text(
        json.dumps(described, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
