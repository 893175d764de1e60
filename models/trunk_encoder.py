"""The deep encoder: multilingual-e5-small over the shared pieces, a text as the mean of its last layer.

    encoder = TrunkEncoder.load(WEIGHTS / "chuchu-encoder")
    (vectors,) = encoder.encode(["质保多久？"], "query")

Wang et al. 2024, "Multilingual E5 Text Embeddings": a question begins with ``query: ``, a passage with
``passage: ``. What a vector tells of its text's language is taken out of it (``Languages``): without that
every passage in the question's own language stands before all others. The folder holds the layers; tokenizer
and word embeddings are the trunk's. As a folder that ``SentenceTransformer`` opens it is written by
``python -m models.training.encoder --export``.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, Self

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor, nn
from transformers import BertModel

from models.arrays import Floats
from models.errors import ModelUnavailable
from models.static import normalised
from models.trunk import (
    HIDDEN,
    PADDING,
    START,
    STOP,
    batches_of,
    best_dtype,
    load_embeddings,
    load_quantised,
    load_tokenizer,
    padded,
    read_json,
    trunk_config,
)

PROMPTS: Final = {"query": "query: ", "document": "passage: "}
WORDS: Final = "embeddings.word_embeddings.weight"
CENTRE: Final = "languages.centre"
DIRECTIONS: Final = "languages.directions"
MOST_TOKENS: Final = 512
"""Positions that the trunk knows; a longer text is cut."""
CHUNK: Final = 256
"""Texts sorted by length at a time; vectors come in the order of the texts."""

Role = Literal["query", "document"]


@dataclass(frozen=True, slots=True)
class Languages:
    """How languages differ, which says nothing of what a text means.

    The mean vectors of the same sentences in many languages span a few directions; a vector without its part
    in them is nearer to its translation (as Yang et al. 2021, "A Simple and Effective Method To Eliminate the
    Self Language Bias in Multilingual Representations", do language by language).

    Attributes:
        centre: the mean over the languages, ``(384,)``.
        directions: orthonormal rows, ``(languages - 1, 384)``.
    """

    centre: Floats
    directions: Floats

    def removed(self, vectors: Floats) -> Floats:
        """Vectors of length 1 without their language, again of length 1; ``(texts, 384)``."""
        centred = vectors - self.centre
        told = (centred @ self.directions.T) @ self.directions
        return normalised(np.asarray(centred - told, np.float32))


NO_LANGUAGES: Final = Languages(
    np.zeros(HIDDEN, np.float32), np.zeros((0, HIDDEN), np.float32)
)
"""Takes nothing out."""


class TrunkEncoder:
    """The network and its tokenizer. Safe from one thread at a time."""

    dimension = HIDDEN

    def __init__(
        self,
        network: nn.Module,
        tokenizer: Tokenizer,
        languages: Languages,
        max_length: int = 0,
    ) -> None:
        """``max_length``: tokens that a text may have; 0, or more than the trunk can, leaves its limit."""
        self._network = network.eval()
        self._device = next(network.parameters()).device
        self._tokenizer, self._languages = tokenizer, languages
        self._most = (
            min(max_length or MOST_TOKENS, MOST_TOKENS) - 2
        )  # <s> and </s> stand around it

    @classmethod
    def load(
        cls,
        folder: Path,
        *,
        device: str = "cpu",
        dtype: torch.dtype | None = None,
        max_length: int = 0,
    ) -> Self:
        """Raises ModelUnavailable."""
        network, languages = load_network(folder)
        in_place: nn.Module = network
        in_place.to(device=device, dtype=dtype or best_dtype(device))
        return cls(network, load_tokenizer(), languages, max_length)

    def encode(self, texts: Sequence[str], role: Role) -> Iterator[Floats]:
        """Vectors of length 1, a chunk at a time, in the order of the texts."""
        for start in range(0, len(texts), CHUNK):
            prompted = [PROMPTS[role] + text for text in texts[start : start + CHUNK]]
            encoded = self._tokenizer.encode_batch_fast(
                prompted, add_special_tokens=False
            )
            ids = [[START, *each.ids[: self._most], STOP] for each in encoded]
            vectors = np.zeros((len(ids), HIDDEN), np.float32)
            for batch in batches_of([len(row) for row in ids]):
                vectors[batch] = self._means(padded([ids[number] for number in batch]))
            yield self._languages.removed(normalised(vectors))

    def _means(self, ids: Tensor) -> Floats:
        """The mean of the last layer over the tokens of each text, float32, ``(texts, 384)``."""
        ids = ids.to(self._device)
        attended = ids != PADDING
        with torch.inference_mode():
            states = self._network(
                input_ids=ids, attention_mask=attended
            ).last_hidden_state.float()
            summed = (states * attended[..., None]).sum(1)
            means: Tensor = summed / attended.sum(1, keepdim=True)
        return means.cpu().numpy()


def load_network(folder: Path) -> tuple[BertModel, Languages]:
    """The network in float32, with the trunk's embeddings, and its languages. Raises ModelUnavailable."""
    layers = read_json(folder / "config.json").get("num_hidden_layers")
    if not isinstance(layers, int):
        raise ModelUnavailable(
            f"config.json in {folder}: num_hidden_layers is {layers!r}, expected a number"
        )
    words = load_embeddings()
    state = {WORDS: words, **load_quantised(folder / "model.safetensors")}
    languages = NO_LANGUAGES
    if CENTRE in state and DIRECTIONS in state:
        languages = Languages(state.pop(CENTRE).numpy(), state.pop(DIRECTIONS).numpy())
    with torch.device("meta"):  # nothing is drawn at random only to be written over
        network = BertModel(trunk_config(len(words), layers), add_pooling_layer=False)
    missing, unknown = network.load_state_dict(state, strict=False, assign=True)
    if missing or unknown:
        raise ModelUnavailable(
            f"the weights in {folder} do not fit the network: {[*missing, *unknown][:3]}"
        )
    _place_buffers(network)
    return network, languages


def _place_buffers(network: BertModel) -> None:
    """Positions and types are counted, not kept: put them where the weights are."""
    embeddings = network.embeddings
    positions = torch.arange(MOST_TOKENS).expand((1, -1))
    embeddings.register_buffer("position_ids", positions, persistent=False)
    embeddings.register_buffer(
        "token_type_ids", torch.zeros_like(positions), persistent=False
    )
