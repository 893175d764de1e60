"""The pretrained trunk: multilingual-e5-small with the pieces of its vocabulary that our languages need.

    tokenizer = load_tokenizer(TRUNK)
    embeddings = load_embeddings(TRUNK)          (65,438 pieces, 384), shared by every model on the trunk

The folder ``weights/chuchu-trunk`` holds what the models share: the tokenizer, and the word embeddings, which
no training moved, in the 4 bits that they came in. Each model on the trunk keeps its own layers in int8.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file
from tokenizers import Tokenizer
from torch import Tensor
from transformers import BertConfig

from models.arrays import Floats
from models.errors import ModelUnavailable
from models.folders import WEIGHTS

TRUNK = WEIGHTS / "chuchu-trunk"
HIDDEN = 384
BLOCK = 32
"""Values that share one scale in the embeddings' 4 bits."""
SCALE = ".scale"
"""Beside ``NAME`` in int8 stands ``NAME.scale``: float32, one a row. What no training has moved is in the 4
bits of the base, ``(rows, blocks, 16)``: there the scales are float16, one a block."""
BATCH_TOKENS = 4096
LEAST_QUANTISED = 5000
"""Smaller matrices stay float32: they are few, and a norm or a bias feels every bit."""

START, PADDING, STOP = 0, 1, 2
"""The ids of ``<s>``, ``<pad>`` and ``</s>``."""

Bytes = npt.NDArray[np.uint8]


def trunk_config(pieces: int, layers: int = 12) -> BertConfig:
    """The architecture: that of BERT, 384 wide, 512 positions."""
    return BertConfig(
        vocab_size=pieces,
        hidden_size=HIDDEN,
        num_hidden_layers=layers,
        num_attention_heads=12,
        intermediate_size=1536,
        max_position_embeddings=512,
        type_vocab_size=2,
        layer_norm_eps=1e-12,
        pad_token_id=PADDING,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )


def load_tokenizer(folder: Path = TRUNK) -> Tokenizer:
    """The tokenizer, without padding or truncation. Raises ModelUnavailable."""
    try:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
    except Exception as error:  # the library raises its bare Exception
        raise ModelUnavailable(f"the tokenizer in {folder} cannot be read") from error
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return tokenizer


def load_embeddings(folder: Path = TRUNK) -> Tensor:
    """The word embeddings, float32 of shape ``(pieces, 384)``. Raises ModelUnavailable."""
    packed = _arrays(folder / "embeddings.safetensors")
    blocks = unpack_nibbles(packed["values"], packed["scales"])
    # 384 values are 12 blocks of 32: (pieces, 12, 32) is (pieces, 384).
    return torch.from_numpy(blocks.reshape(-1, HIDDEN))


def unpack_nibbles(values: Bytes, scales: npt.NDArray[np.float16]) -> Floats:
    """4-bit blocks of 32 as floats.

    A block's 16 bytes hold 32 values: the low halves are the first 16, the high halves the rest; each counts
    from -8, times the block's scale. The byte 0x9C is 12 - 8 = 4 and 9 - 8 = 1.

    Args:
        values: shape ``(…, 16)``.
        scales: shape ``(…)``.

    Returns:
        Shape ``(…, 32)``.
    """
    low = (values & 15).astype(np.float32) - 8
    high = (values >> 4).astype(np.float32) - 8
    return np.concatenate([low, high], axis=-1) * scales.astype(np.float32)[..., None]


def quantised(state: Mapping[str, Tensor]) -> dict[str, npt.NDArray[np.generic]]:
    """The weights with large matrices in int8: each row has its own scale, its greatest value is 127."""
    arrays: dict[str, npt.NDArray[np.generic]] = {}
    for name, tensor in state.items():
        values = tensor.detach().float().cpu().numpy()
        if values.ndim == 2 and values.size >= LEAST_QUANTISED:
            # A row whose greatest value is 2.54 counts in steps of .02; of a row of zeros the
            # scale must still divide.
            scale = np.abs(values).max(axis=1, keepdims=True) / 127 + 1e-12
            arrays[name] = np.round(values / scale).astype(np.int8)
            arrays[name + SCALE] = scale.astype(np.float32)
        else:
            arrays[name] = values
    return arrays


def save_quantised(state: Mapping[str, Tensor], path: Path) -> None:
    """Write weights as ``load_quantised`` reads them."""
    save_file(dict(quantised(state)), path)


def load_quantised(path: Path) -> dict[str, Tensor]:
    """Weights in int8 or in the base's 4 bits, float32 again. Raises ModelUnavailable."""
    arrays = _arrays(path)
    state: dict[str, Tensor] = {}
    for name, values in arrays.items():
        if not name.endswith(SCALE):
            state[name] = torch.from_numpy(_floats(values, arrays.get(name + SCALE)))
    return state


def _floats(values: npt.NDArray[Any], scale: npt.NDArray[Any] | None) -> Floats:
    """A matrix as it was before it was packed."""
    if scale is not None and values.dtype == np.uint8:
        return unpack_nibbles(values, scale).reshape(len(values), -1)
    floats = values.astype(np.float32)
    return floats if scale is None else floats * scale


def _arrays(path: Path) -> dict[str, npt.NDArray[Any]]:
    """What a safetensors file holds. Raises ModelUnavailable."""
    try:
        return load_file(path)
    except (OSError, ValueError, SafetensorError) as error:
        raise ModelUnavailable(
            f"the weights {path.name} in {path.parent} cannot be read"
        ) from error


def best_dtype(device: str = "cpu") -> torch.dtype:
    """bfloat16 where the processor multiplies it natively (three times as fast there), else float32."""
    if device != "cpu":
        return torch.bfloat16
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    return torch.bfloat16 if supported() else torch.float32


def batches_of(
    lengths: Sequence[int], most_tokens: int = BATCH_TOKENS
) -> list[list[int]]:
    """Numbers of texts of like length, so that little is padded, at most ``most_tokens`` a batch."""
    batches: list[list[int]] = []
    for number in sorted(range(len(lengths)), key=lambda at: lengths[at]):
        # The shortest come first, so this one is as wide as its batch: 40 texts of 100 tokens
        # make 4,000, and a 41st of 101 would make 4,141 of the 4,096 allowed.
        if batches and lengths[number] * (len(batches[-1]) + 1) <= most_tokens:
            batches[-1].append(number)
        else:
            batches.append([number])
    return batches


def padded(rows: Sequence[Sequence[int]]) -> Tensor:
    """The ids as one tensor ``(rows, longest)``, its width a multiple of 8 as matrix units like it."""
    longest = max(len(row) for row in rows)
    width = -(-longest // 8) * 8  # rounded up: 17 tokens stand in 24 columns
    ids = torch.full((len(rows), width), PADDING, dtype=torch.long)
    for number, row in enumerate(rows):
        ids[number, : len(row)] = torch.tensor(row)
    return ids


def read_json(path: Path) -> dict[str, object]:
    """A JSON object beside the weights. Raises ModelUnavailable."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelUnavailable(
            f"{path.name} in {path.parent} cannot be read"
        ) from error
    if not isinstance(found, dict):
        raise ModelUnavailable(f"{path.name} in {path.parent} is not an object")
    return found
