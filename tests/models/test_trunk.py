"""models/trunk.py: 4 bits by hand, int8 within its error, and files that are missing or broken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from safetensors.numpy import save_file

from models.errors import ModelUnavailable
from models.trunk import (
    HIDDEN,
    LEAST_QUANTISED,
    PADDING,
    SCALE,
    START,
    STOP,
    TRUNK,
    best_dtype,
    load_embeddings,
    load_quantised,
    load_tokenizer,
    quantised,
    read_json,
    save_quantised,
    trunk_config,
    unpack_nibbles,
)

# 4 bits


def test_a_byte_holds_two_values_the_low_half_first() -> None:
    values = np.full((1, 16), 0x88, np.uint8)  # 8 - 8 = 0 everywhere
    values[0, 0] = 0x9C
    found = unpack_nibbles(values, np.array([0.5], np.float16))
    assert found.shape == (1, 32)
    assert found[0, 0] == (0xC - 8) * 0.5  # 2.0
    assert found[0, 16] == (0x9 - 8) * 0.5  # 0.5
    assert np.count_nonzero(found) == 2


def test_the_least_and_the_greatest_value() -> None:
    values = np.zeros((2, 16), np.uint8)
    values[1] = 0xFF
    found = unpack_nibbles(values, np.array([1.0, 2.0], np.float16))
    assert set(found[0].tolist()) == {-8.0}
    assert set(found[1].tolist()) == {14.0}


@given(arrays.arrays(np.int8, (2, 3, 32), elements=st.integers(-8, 7)))
def test_what_was_packed_is_unpacked(wanted: np.ndarray) -> None:
    low, high = wanted[..., :16] + 8, wanted[..., 16:] + 8
    packed = (low | (high << 4)).astype(np.uint8)
    found = unpack_nibbles(packed, np.ones((2, 3), np.float16))
    np.testing.assert_array_equal(found, wanted.astype(np.float32))


# int8

WIDE = 80
"""A matrix of 80 rows and 80 columns is large enough to be kept in int8."""


def test_rows_have_scales_of_their_own() -> None:
    matrix = torch.zeros(WIDE, WIDE)
    matrix[0, :2] = torch.tensor([1.0, -0.5])
    matrix[1, 0] = 1000.0
    arrays_of = quantised({"weight": matrix})
    assert arrays_of["weight"].dtype == np.int8
    assert arrays_of["weight"][0, :2].tolist() == [
        127,
        -64,
    ]  # -0.5 of 1 is -63.5 of 127
    assert arrays_of["weight"][1, 0] == 127
    assert arrays_of["weight" + SCALE][:2, 0].tolist() == pytest.approx(
        [1 / 127, 1000 / 127]
    )


@given(st.integers(0, 2**32 - 1), st.floats(1e-3, 1e3))
def test_no_value_moves_by_more_than_half_a_step_of_its_row(
    seed: int, size: float
) -> None:
    matrix = size * torch.randn(
        WIDE, WIDE, generator=torch.Generator().manual_seed(seed)
    )
    arrays_of = quantised({"weight": matrix})
    again = arrays_of["weight"].astype(np.float32) * arrays_of["weight" + SCALE]
    step = np.abs(matrix.numpy()).max(axis=1, keepdims=True) / 127
    assert (np.abs(again - matrix.numpy()) <= 0.501 * step).all()


def test_weights_come_back_from_their_file(tmp_path: Path) -> None:
    generator = torch.Generator().manual_seed(1)
    state = {
        "large": torch.randn(WIDE, WIDE, generator=generator),
        "nothing": torch.zeros(WIDE, WIDE),
        "small": torch.randn(4, 4, generator=generator),
        "bias": torch.randn(LEAST_QUANTISED, generator=generator),
    }
    save_quantised(state, tmp_path / "model.safetensors")
    found = load_quantised(tmp_path / "model.safetensors")
    assert found.keys() == state.keys()
    assert all(tensor.dtype == torch.float32 for tensor in found.values())
    torch.testing.assert_close(found["small"], state["small"], rtol=0, atol=0)
    torch.testing.assert_close(found["bias"], state["bias"], rtol=0, atol=0)
    assert not found["nothing"].any()
    assert (found["large"] - state["large"]).abs().max() <= 0.51 * state[
        "large"
    ].abs().max() / 127


def test_weights_kept_once_are_kept_the_same_twice(tmp_path: Path) -> None:
    matrix = {
        "weight": torch.randn(WIDE, WIDE, generator=torch.Generator().manual_seed(2))
    }
    save_quantised(matrix, tmp_path / "once")
    once = load_quantised(tmp_path / "once")
    save_quantised(once, tmp_path / "twice")
    torch.testing.assert_close(
        load_quantised(tmp_path / "twice")["weight"], once["weight"]
    )


def test_weights_may_stay_in_the_four_bits_of_the_base(tmp_path: Path) -> None:
    values = np.full((2, 2, 16), 0x88, np.uint8)  # 8 - 8 = 0 everywhere
    values[1, 0, 0] = 0x8A  # 10 - 8 = 2 in the low half
    scales = np.array([[1, 1], [0.5, 1]], np.float16)
    save_file(
        {"weight": values, "weight" + SCALE: scales}, tmp_path / "model.safetensors"
    )
    found = load_quantised(tmp_path / "model.safetensors")["weight"]
    assert found.shape == (2, 64)
    assert found[1, 0] == 1.0  # 2 times its block's 0.5
    assert found.count_nonzero() == 1


# what ships


def test_tokenizer_and_embeddings_have_the_same_pieces() -> None:
    tokenizer = load_tokenizer()
    embeddings = load_embeddings()
    assert embeddings.shape == (tokenizer.get_vocab_size(), HIDDEN)
    assert embeddings.dtype == torch.float32 and torch.isfinite(embeddings).all()
    assert [tokenizer.token_to_id(piece) for piece in ("<s>", "<pad>", "</s>")] == [
        START,
        PADDING,
        STOP,
    ]


def test_the_tokenizer_neither_cuts_nor_pads() -> None:
    tokenizer = load_tokenizer()
    short, long = tokenizer.encode_batch(
        ["字", "字句 " * 2000], add_special_tokens=False
    )
    assert len(short.ids) <= 2 and len(long.ids) >= 2000


@pytest.mark.parametrize(
    "text", ["出处", "where it comes from", "２０２４年", "台灣", "😀é"]
)
def test_tokens_know_where_they_stand(text: str) -> None:
    found = load_tokenizer().encode(text, add_special_tokens=False)
    assert max(end for _, end in found.offsets) == len(text)
    assert all(0 <= start <= end <= len(text) for start, end in found.offsets)


def test_the_architecture_is_that_of_the_small_e5() -> None:
    config = trunk_config(100, layers=2)
    assert (config.hidden_size, config.num_hidden_layers, config.vocab_size) == (
        384,
        2,
        100,
    )
    assert (config.num_attention_heads, config.max_position_embeddings) == (12, 512)
    assert (config.pad_token_id, config.hidden_dropout_prob) == (PADDING, 0.0)


def test_a_graphics_card_computes_in_half_the_bits() -> None:
    assert best_dtype("cuda") is torch.bfloat16
    assert best_dtype() in (torch.bfloat16, torch.float32)


# what is missing


@pytest.mark.parametrize(
    ("load", "name"),
    [
        (load_tokenizer, "tokenizer.json"),
        (load_embeddings, "embeddings.safetensors"),
        (
            lambda folder: load_quantised(folder / "model.safetensors"),
            "model.safetensors",
        ),
        (lambda folder: read_json(folder / "config.json"), "config.json"),
    ],
    ids=["tokenizer", "embeddings", "weights", "config"],
)
@pytest.mark.parametrize(
    "content", [None, b"", b"half a fi"], ids=["missing", "empty", "broken"]
)
def test_files_that_cannot_be_read_are_named(
    load: Callable[[Path], object], name: str, content: bytes | None, tmp_path: Path
) -> None:
    if content is not None:
        (tmp_path / name).write_bytes(content)
    with pytest.raises(ModelUnavailable, match=tmp_path.name):
        load(tmp_path)


def test_a_configuration_is_an_object(tmp_path: Path) -> None:
    (tmp_path / "config.json").write_text("[1]", encoding="utf-8")
    with pytest.raises(ModelUnavailable, match="not an object"):
        read_json(tmp_path / "config.json")


def test_the_shared_folder_holds_no_layers() -> None:
    assert {path.suffix for path in TRUNK.iterdir()} <= {".json", ".safetensors", ".md"}
    assert not (TRUNK / "model.safetensors").exists()
