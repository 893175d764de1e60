"""The selector's weights and what they say: one logit a sentence, against a fixed 0 for "none answers"."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from safetensors.numpy import load_file

from models.errors import ModelUnavailable
from models.language.facts import facts
from models.language.questions import Asking
from models.language.words import fold, words
from models.selector.candidates import Candidate
from models.selector.features import NAMES, TAGS, Evidence, features
from models.selector.lexicon import FloatArray, Lexicon
from models.selector.matching import KEPT_OF_TEXTS, Query, prepare
from models.selector.shortening import bare_fact
from models.translation import Translator

FOLDER = Path(__file__).resolve().parent.parent / "weights" / "chuchu-selector"

PLAIN = 8 + len(TAGS)
"""Columns of ``Evidence.units`` before the vector."""
_RELEVANCE = NAMES.index("exact_around")


@dataclass(frozen=True, slots=True)
class Selection:
    """What came of one question.

    ``logits`` has one number a candidate: its log-odds against "none of them answers".
    ``relevance``, 0 to 1: the share of the question that the candidate and its surroundings speak of.
    """

    asking: Asking
    query: Query
    logits: FloatArray
    relevance: FloatArray


class Selector:
    """Word evidence, weighed by a small trained network; see :func:`forward`."""

    def __init__(
        self,
        lexicon: Lexicon,
        translator: Translator | None,
        weights: dict[str, FloatArray],
    ) -> None:
        self.lexicon, self.translator = lexicon, translator
        self._weights = weights

    @classmethod
    def load(cls, folder: Path = FOLDER, translator: Translator | None = None) -> Self:
        """Raises ModelUnavailable when the folder is not a selector of these features."""
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            weights = load_file(folder / "model.safetensors")
            lexicon = Lexicon(folder)
        except OSError as error:
            raise ModelUnavailable(
                f"selector: cannot read {folder.name}: {error.strerror}"
            ) from error
        if tuple(config["features"]) != NAMES:
            raise ModelUnavailable(
                f"selector: {folder.name} was trained on other features; train it again"
            )
        return cls(lexicon, translator or Translator.load(), weights)

    def select(self, question: str, candidates: Sequence[Candidate]) -> Selection:
        """Score each candidate as an answer to ``question``."""
        query = prepare(question, self.lexicon, self.translator)
        if not candidates:
            return Selection(
                query.asking, query, np.zeros(0, np.float32), np.zeros(0, np.float32)
            )
        evidence = features(query, candidates, self.lexicon, self.translator)
        logits = forward(self._weights, evidence)
        return Selection(query.asking, query, logits, evidence.whole[:, _RELEVANCE])

    def forget(self) -> None:
        """Drop all that is kept of texts read before."""
        for each in (fold, words, facts, *KEPT_OF_TEXTS):
            each.cache_clear()
        self.lexicon.forget()

    def shorten(self, query: Query, sentence: str) -> tuple[int, int] | None:
        """The span of a sentence that is the bare fact asked for; None when none is sure enough."""
        return bare_fact(query, sentence, self._weights)


def forward(weights: dict[str, FloatArray], evidence: Evidence) -> FloatArray:
    """``(candidates,)`` logits.

    Each word of the question, with how far the candidate meets it, goes through the same small network;
    what comes out is pooled over the words (Zaheer et al., Deep Sets, 2017) and joined to the whole.
    """
    n, m = evidence.met.shape[:2]
    x = (evidence.whole - weights["mean"]) / weights["std"]
    pooled = np.zeros((n, 2 * weights["unit_second.weight"].shape[0]), np.float32)
    if m:
        like = np.concatenate(
            [
                evidence.units[:, :PLAIN],
                evidence.units[:, PLAIN:] @ weights["unit_vector.weight"].T,
            ],
            axis=1,
        )
        each = np.concatenate(
            [np.broadcast_to(like, (n, *like.shape)), evidence.met], axis=2
        )
        for layer in ("unit_first", "unit_second"):
            each = np.maximum(
                each @ weights[f"{layer}.weight"].T + weights[f"{layer}.bias"], 0
            )
        pooled = np.concatenate([each.sum(axis=1) / 4, each.max(axis=1)], axis=1)
    x = np.concatenate([x, pooled], axis=1)
    for layer in ("first", "second"):
        x = np.maximum(x @ weights[f"{layer}.weight"].T + weights[f"{layer}.bias"], 0)
    return np.asarray(
        (x @ weights["last.weight"].T + weights["last.bias"])[:, 0], np.float32
    )
