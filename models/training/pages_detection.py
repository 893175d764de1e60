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

from models.arrays import Bools, Doubles
from models.folders import WEIGHTS
from models.pages.disorder import NEVER, SIGNS, WIDEST, is_torn, signs_of
from models.pages.reading import PageReader
from models.training.data import rows
from models.training.pages_articles import NETWORKS, articles
from models.training.pages_generator import page
from models.training.pages_style import style

RIDGE = 3e-3
LEAST = 4
"""Blocks that a text must have to be asked about."""
WRITTEN = ("law", "product", "report", "news", "handbook", "tables", "cross")
WHOLE_PARAGRAPHS = (0.0, 0.0, 0.0, 0.0, 1.0)
"""Chances of the ``CUTS``: a column ends with a paragraph, always."""
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
        how.order = "in order"
        how.drop = how.apart = how.caption = 0.0
        if number % 4:
            # Between paragraphs; a quarter are broken as lines are, wherever they are full.
            how.cuts = WHOLE_PARAGRAPHS
        most = chance.choice((1, 1, 2, 3, 5, 8))
        chosen = chance.sample(list(texts), min(len(texts), most))
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


def fit(signs: Doubles, torn: Bools) -> tuple[Doubles, Doubles, Doubles, float]:
    """Mean, deviation and weight of each sign, and the bias: logistic regression by Newton's method.

    Both kinds weigh alike, however many there are of each.
    """
    mean = signs.mean(axis=0)
    std = np.maximum(signs.std(axis=0), 1e-3)
    standard = ((signs - mean) / std).clip(-WIDEST, WIDEST)
    # The bias is the weight of a column of ones.
    x = np.concatenate([standard, np.ones((len(signs), 1))], axis=1)
    # Of 900 in order and 100 torn the former weigh .56 each, the latter 5.
    share = np.where(torn, 0.5 / torn.mean(), 0.5 / (1 - torn.mean()))
    weights = np.zeros(x.shape[1])
    ridge = RIDGE * np.eye(x.shape[1]) * len(x)
    ridge[-1, -1] = 0  # the bias may be as large as it likes
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


def gathered(examples: Sequence[Sequence[str]], reader: PageReader) -> Doubles:
    """``(len(examples), len(SIGNS))``."""
    signs = [signs_of(blocks, reader) for blocks in examples]
    # Reshaped, since no examples at all make an array of no columns.
    return np.array(signs, np.float64).reshape(-1, len(SIGNS))


def with_tears(signs: Doubles) -> Doubles:
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
    drawn = pages(texts, args.pages, seed=9)
    torn = [blocks for blocks in drawn if len(blocks) >= LEAST]
    half = len(torn) // 2
    found = {
        "kept back": (gathered(held[True], reader), gathered(torn[half:], reader)),
        "trained on": (gathered(held[False], reader), gathered(torn[:half], reader)),
    }
    whole, jumbled = map(with_tears, found["trained on"])
    truth = np.repeat([False, True], [len(whole), len(jumbled)])
    mean, std, weights, bias = fit(np.concatenate([whole, jumbled]), truth)

    def log_odds(rows: Doubles) -> Doubles:
        """That each text is a torn page; NEVER without a tear."""
        torn_rows = [is_torn(row) for row in rows]
        standard = ((rows - mean) / std).clip(-WIDEST, WIDEST)
        return np.where(torn_rows, standard @ weights + bias, NEVER)

    measured = {}
    for part, (in_order_signs, torn_signs) in found.items():
        in_order_odds = log_odds(in_order_signs)
        torn_odds = log_odds(torn_signs)
        measured[part] = {
            "ordinary": len(in_order_odds),
            "touched": int((in_order_odds > 0).sum()),
            "pages": len(torn_odds),
            "known": int((torn_odds > 0).sum()),
        }
        # The ordinary texts nearest to being touched, and the pages nearest to being missed.
        nearest = np.sort(in_order_odds)[-8:].round(1)
        missed = np.sort(torn_odds)[:12].round(1)
        print(part, measured[part], nearest, missed)
    signs: dict[str, dict[str, float]] = {}
    for at, name in enumerate(SIGNS):
        signs[name] = {
            "mean": round(float(mean[at]), 4),
            "std": round(float(std[at]), 4),
            "weight": round(float(weights[at]), 4),
        }
        print(f"{name:18}{signs[name]}")
    described = {"signs": signs, "bias": round(bias, 4), "measured": measured}
    (args.out / "detection.json").write_text(
        json.dumps(described, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
