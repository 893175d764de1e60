"""The reranker without torch: ``Reranker.load().score(question, found)``."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from safetensors.numpy import load_file

from models.errors import ModelUnavailable
from models.folders import WEIGHTS
from models.reranker.tokens import (
    MOST_PASSAGE,
    MOST_QUESTION,
    Floats,
    Ids,
    TokenEvidence,
    token_evidence,
    token_ids,
)
from models.reranker.words import NAMES, Found, evidence
from models.selector.lexicon import Lexicon
from models.selector.matching import prepare
from models.static import StaticTable, static_table
from models.translation import Translator

FOLDER = WEIGHTS / "chuchu-reranker"
KEPT = 4096
"""Passages whose tokens are kept; some 600 bytes each."""


class Reranker:
    """Scores passages against a question. Methods may be called from any thread."""

    def __init__(
        self,
        weights: dict[str, Floats],
        vectors: Floats,
        table: StaticTable,
        lexicon: Lexicon,
        translator: Translator,
    ) -> None:
        """``vectors`` are the columns of the table that the weights were trained on."""
        self._weights, self._vectors, self._table = weights, vectors, table
        self._lexicon, self._translator = lexicon, translator
        self._kept: dict[str, Ids] = {}

    @classmethod
    def load(cls, lexicon: Lexicon, translator: Translator, folder: Path = FOLDER) -> Self:
        """Open the weights in ``folder``; ``lexicon`` has the selector's words.

        Raises:
            ModelUnavailable: the folder is not a reranker of this evidence, or its encoder is not there.
        """
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            weights = load_file(folder / "model.safetensors")
            table = static_table(folder / config["encoder"])
        except OSError as error:
            raise ModelUnavailable(f"reranker: cannot read {folder.name}: {error.strerror}") from error
        if tuple(config["evidence"]) != NAMES:
            raise ModelUnavailable(f"reranker: {folder.name} was trained on other evidence; train it again")
        weights = {name: value.astype(np.float32) for name, value in weights.items()}
        return cls(weights, table.vectors[:, : config["dimension"]], table, lexicon, translator)

    def score(self, question: str, found: Sequence[Found]) -> Floats:
        """``(len(found),)``: log-odds of each passage against "none of these answers"; more is better."""
        if not found:
            return np.zeros(0, np.float32)
        words = evidence(prepare(question, self._lexicon, self._translator), found, self._translator)
        return forward(self._weights, self.tokens(question, found), words)

    def tokens(self, question: str, found: Sequence[Found]) -> TokenEvidence:
        """The half of the evidence that comes from vectors."""
        asked = token_ids(self._table, [question], MOST_QUESTION)[0]
        return token_evidence(self._vectors, asked, self._ids([each.text for each in found]))

    def forget(self) -> None:
        """Drop what is kept of texts."""
        self._kept.clear()

    def _ids(self, texts: Sequence[str]) -> list[Ids]:
        """Tokens of each text; those not kept are read in one go, on as many threads as the tokenizer has."""
        new = [text for text in dict.fromkeys(texts) if text not in self._kept]
        known = self._kept | dict(zip(new, token_ids(self._table, new, MOST_PASSAGE), strict=True))
        if len(known) > KEPT:
            self._kept = {}
        self._kept |= {text: known[text] for text in texts}
        return [known[text] for text in texts]


def forward(weights: dict[str, Floats], tokens: TokenEvidence, words: Floats) -> Floats:
    """``(passages,)`` scores.

    Each token of the question, with how it is met, goes through the same small network; what comes out is
    summed by the token's weight, and its greatest taken (Zaheer et al. 2017, "Deep Sets"), and joined to what
    is known of the whole passage.
    """
    n, m = tokens.each.shape[:2]
    pooled = np.zeros((n, 2 * weights["token_second.weight"].shape[0]), np.float32)
    if m:
        kind = tokens.question @ weights["direction.weight"].T
        each = np.concatenate([tokens.each, np.broadcast_to(kind, (n, *kind.shape))], axis=2)
        for layer in ("token_first", "token_second"):
            each = np.maximum(each @ weights[f"{layer}.weight"].T + weights[f"{layer}.bias"], 0)
        share = tokens.each[:, :, -1:]
        pooled = np.concatenate([(each * share).sum(axis=1), each.max(axis=1)], axis=1)
    whole = np.concatenate([words, tokens.whole], axis=1)
    x = np.concatenate([(whole - weights["mean"]) / weights["std"], pooled], axis=1)
    for layer in ("first", "second"):
        x = np.maximum(x @ weights[f"{layer}.weight"].T + weights[f"{layer}.bias"], 0)
    return np.asarray((x @ weights["last.weight"].T + weights["last.bias"])[:, 0], np.float32)
