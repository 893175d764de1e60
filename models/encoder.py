"""Texts to vectors: ``Encoder.load(name)`` opens any sentence-transformer, ours or another.

    encoder = Encoder.load("chuchu-static")
    encoder.encode_documents(["…"]) @ encoder.encode_queries(["…"]).T

Queries and documents are encoded apart, since many models want a prompt before each. The package
sentence-transformers is imported only for models that need it: it takes seconds.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

from models.arrays import Floats
from models.errors import ModelError, ModelUnavailable
from models.folders import find_model, fingerprint_of
from models.prompts import Prompts, prompts_for
from models.static import StaticTable, Token, is_static, normalised, static_table

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

Progress = Callable[[int, int], None]
"""Called with ``(texts done, texts in all)``."""
Role = Literal["query", "document"]

DTYPES = ("auto", "float32", "bfloat16")
BATCH = 32
TRUNK_ENCODER = "chuchu-encoder"
"""The ``model_type`` of encoders over the shared trunk."""
MOST_CHARACTERS = 10_000
"""Of a text: more than any passage has, and more than models read."""

__all__ = ["Encoder", "Floats", "Progress", "Token"]


class Backend(Protocol):
    """What turns texts into vectors of length 1, a batch at a time."""

    @property
    def dimension(self) -> int: ...

    def encode(self, texts: Sequence[str], role: Role) -> Iterator[Floats]: ...


class Encoder:
    """An encoder of sentences and passages. Made by ``load``; safe to use from one thread at a time.

    Attributes:
        name: the name it was loaded by.
        dimension: numbers in a vector.
        fingerprint: changes whenever vectors would: weights, configuration, prompts, dtype, length.
    """

    def __init__(self, name: str, backend: Backend, fingerprint: str) -> None:
        self.name = name
        self.dimension = backend.dimension
        self.fingerprint = fingerprint
        self._backend = backend

    @classmethod
    def load(
        cls, name: str, *, device: str = "cpu", dtype: str = "auto", max_length: int = 0
    ) -> Encoder:
        """Open a model.

        Args:
            name: a folder under ``models/weights``, a local folder, or a Hugging Face name, which is
                downloaded unless it is cached or ``HF_HUB_OFFLINE`` is set.
            device: as torch names it, ``cpu`` or ``cuda:0``.
            dtype: ``float32`` or ``bfloat16``, in which the model computes; vectors are float32. ``auto`` is
                float32, for ours on the trunk bfloat16 where the processor multiplies it natively.
            max_length: tokens that a text may have; 0, or more than the model can, leaves its own limit.

        Raises:
            ModelUnavailable: no such model or device, no network, no safetensors, damaged weights, or code
                of its own that would have to be run.
            ModelError: ``dtype`` cannot be used.
        """
        if dtype not in DTYPES:
            raise ModelError(
                f"encoder_dtype: got {dtype!r}, expected {' or '.join(DTYPES)}"
            )
        folder = find_model(name)
        on_trunk = _is_trunk_encoder(folder)
        if dtype == "auto" and not on_trunk:
            dtype = "float32"
        prompts = prompts_for(name, folder)
        fingerprint = fingerprint_of(
            folder, dtype, str(max_length), prompts.query, prompts.document
        )
        backend: Backend
        # What reads the table without torch knows no device, no bfloat16 and no prompts.
        plain = device == "cpu" and dtype == "float32" and not any(prompts)
        try:
            if plain and is_static(folder):
                backend = _Static(static_table(folder, max_length))
            elif on_trunk:
                backend = _trunk(folder, device, dtype, max_length)
            else:
                backend = _Transformer(folder, prompts, device, dtype, max_length)
        except Exception as error:
            # what damaged weights, or a device that is not there, raise is no documented set
            reason = (str(error).strip() or type(error).__name__).splitlines()[0]
            raise ModelUnavailable(
                f"encoder {name!r} cannot be opened: {reason}"
            ) from error
        return cls(name, backend, fingerprint)

    @property
    def is_static(self) -> bool:
        """Whether a token has one vector wherever it stands: thousands of passages a second."""
        return isinstance(self._backend, _Static)

    def encode_queries(self, texts: Sequence[str]) -> Floats:
        """Vectors of questions: ``(texts, dimension)``, float32, each of length 1 (0 for an empty text)."""
        return self._encode(texts, "query", None)

    def encode_documents(
        self, texts: Sequence[str], on_progress: Progress | None = None
    ) -> Floats:
        """Vectors of passages: ``(texts, dimension)``, float32, each of length 1 (0 for an empty text)."""
        return self._encode(texts, "document", on_progress)

    def token_vectors(self, text: str) -> tuple[tuple[Token, ...], Floats]:
        """Tokens with their character offsets, and their vectors ``(tokens, dimension)``, not normalised.

        Raises:
            ModelError: the encoder is not a static one: its token vectors depend on the text around.
        """
        if not isinstance(self._backend, _Static):
            raise ModelError(
                f"encoder {self.name!r} is not static: a token has no vector of its own"
            )
        return self._backend.table.token_vectors(text)

    def _encode(
        self, texts: Sequence[str], role: Role, on_progress: Progress | None
    ) -> Floats:
        vectors = np.zeros((len(texts), self.dimension), np.float32)
        done = 0
        cut = [text[:MOST_CHARACTERS] for text in texts]
        for batch in self._backend.encode(cut, role):
            vectors[done : done + len(batch)] = batch
            done += len(batch)
            if on_progress:
                on_progress(done, len(texts))
        return vectors


def _is_trunk_encoder(folder: Path) -> bool:
    """Whether ``models.trunk_encoder`` opens the folder; asked without importing torch for others."""
    config = folder / "config.json"
    if not config.is_file():
        return False
    return f'"{TRUNK_ENCODER}"' in config.read_text(encoding="utf-8")


def _trunk(folder: Path, device: str, dtype: str, max_length: int) -> Backend:
    import torch  # noqa: PLC0415 - seconds, and the static model does without

    from models.trunk_encoder import TrunkEncoder  # noqa: PLC0415

    chosen = None if dtype == "auto" else getattr(torch, dtype)
    return TrunkEncoder.load(folder, device=device, dtype=chosen, max_length=max_length)


class _Static:
    """One vector a token, read without torch. Without prompts, queries and documents are alike."""

    def __init__(self, table: StaticTable) -> None:
        self.table = table

    @property
    def dimension(self) -> int:
        return self.table.dimension

    def encode(self, texts: Sequence[str], role: Role) -> Iterator[Floats]:  # noqa: ARG002
        return self.table.encode(texts)


class _Transformer:
    """Any other model, through sentence-transformers."""

    def __init__(
        self, folder: Path, prompts: Prompts, device: str, dtype: str, max_length: int
    ) -> None:
        self.model = _open(folder, device)
        self.model.to(dtype=getattr(importlib.import_module("torch"), dtype))
        if prompts.query or prompts.document:
            self.model.prompts = {
                **self.model.prompts,
                "query": prompts.query,
                "document": prompts.document,
            }
        if max_length:
            self._shorten(max_length)

    @property
    def dimension(self) -> int:
        return int(self.model.get_embedding_dimension() or 0)

    def encode(self, texts: Sequence[str], role: Role) -> Iterator[Floats]:
        encode = (
            self.model.encode_query if role == "query" else self.model.encode_document
        )
        for start in range(0, len(texts), BATCH):
            batch = list(texts[start : start + BATCH])
            tensor = encode(
                batch, batch_size=BATCH, convert_to_tensor=True, show_progress_bar=False
            )
            yield normalised(tensor.float().cpu().numpy())

    def _shorten(self, max_length: int) -> None:
        own = self.model.max_seq_length
        if own is not None and max_length >= own:
            return
        # StaticEmbedding has no limit to set: its tokenizer cuts.
        if hasattr(self.model[0], "embedding"):
            self.model.tokenizer.enable_truncation(max_length)
        else:
            self.model.max_seq_length = max_length


def _open(folder: Path, device: str) -> SentenceTransformer:
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    from sentence_transformers import SentenceTransformer  # noqa: PLC0415 - seconds, and not always needed
    from transformers.utils import logging  # noqa: PLC0415

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    return SentenceTransformer(
        str(folder),
        device=device,
        trust_remote_code=False,
        local_files_only=True,
        model_kwargs={"use_safetensors": True},
    )
