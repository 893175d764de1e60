"""The check itself: exact parts first, the rest scored by a small network, both together the verdict."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Self

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load_file

from models.errors import ModelUnavailable
from models.kept import kept
from models.language.facts import facts
from models.language.words import fold, words
from models.selector.lexicon import FloatArray, Lexicon
from models.selector.matching import KEPT_OF_TEXTS
from models.selector.network import FOLDER as SELECTOR
from models.support import text
from models.support.alignment import align
from models.support.exact import check_amounts, check_dates, check_names
from models.support.features import NAMES, features
from models.support.records import Checked, Part, Verdict
from models.support.text import Read
from models.support.turns import check_turns
from models.translation import Translator

FOLDER = Path(__file__).resolve().parent.parent / "weights" / "chuchu-support"
MOSTLY = 0.55
"""A claim of whose words, by weight, a smaller share stands in its quotes is mostly not said."""
_EXACT = NAMES.index("exact")


class Support:
    """Does this quote support this claim?

        support = Support.load()
        checked = support.verdict("全国有75家保护中心。", ["全国保护中心达74家。"])
        checked.verdict          # "unsupported"
        checked.reasons          # (Part("number", "75家", "contradicted", "74家"),)

    Chinese or English on either side. Amounts, dates, names, units and what turns a sentence are compared
    exactly; the rest is scored. A claim that stands sentence by sentence in its quotes is supported.
    """

    def __init__(
        self,
        lexicon: Lexicon,
        translator: Translator,
        weights: dict[str, FloatArray],
        supported: dict[str, float],
        unsupported: dict[str, float],
    ) -> None:
        self._lexicon, self._translator, self._weights = lexicon, translator, weights
        self._supported, self._unsupported = supported, unsupported
        self._read = kept(megabytes=8, entries=512)(self._read_of)

    @classmethod
    def load(
        cls,
        folder: Path = FOLDER,
        *,
        lexicon: Lexicon | None = None,
        translator: Translator | None = None,
    ) -> Self:
        """Open the weights; ``lexicon`` and ``translator`` may be shared with a selector's.

        Raises:
            ModelUnavailable: the folder is missing, or was trained on other features.
        """
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            weights = load_file(folder / "model.safetensors")
            if tuple(config["features"]) != NAMES:
                raise ModelUnavailable(
                    f"support: {folder.name} was trained on other features; train it again"
                )
            thresholds = config["supported"], config["unsupported"]
            lexicon = lexicon or Lexicon(SELECTOR)
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise ModelUnavailable(f"support: cannot read {folder.name} ({error})") from error
        return cls(lexicon, translator or Translator.load(), weights, *thresholds)

    def verdict(self, claim: str, quotes: Sequence[str]) -> Checked:
        """Whether the quotes, read together, say the claim."""
        said = [quote for quote in quotes if quote.strip()]
        if not said or not any(map(str.isalnum, claim)):
            return Checked("unsupported", 0.0, (Part("words", claim, "unsaid"),))
        if verbatim(claim, said):
            return Checked("supported", 1.0, ())
        parts, values = self.evidence(claim, said)
        probability = self.probabilities(values[None])[0]
        return Checked(
            self.judge(self.kind(claim, said), parts, values, float(probability)), float(probability), parts
        )

    def evidence(self, claim: str, quotes: Sequence[str]) -> tuple[tuple[Part, ...], FloatArray]:
        """The parts of a claim and the features, ``(len(NAMES),)``, by which the rest is scored."""
        read, quote = self._read(claim), self._read("\n".join(quotes))
        aligned = align(read, quote, self._translator)
        parts = [
            *check_amounts(read, quote, aligned),
            *check_dates(read, quote),
            *check_names(read, quote, aligned),
            *check_turns(read, quote, aligned),
        ]
        named = " ".join(part.text for part in parts if part.kind == "name")
        parts += [
            Part("words", read.text[t.start : t.end], "unsaid")
            for t, met in zip(read.terms, aligned.met, strict=True)
            if met < 0.5 and read.text[t.start : t.end] not in named
        ]
        return tuple(parts), features(read, quote, aligned, parts)

    def probabilities(self, values: FloatArray) -> FloatArray:
        """``(n, features)`` -> ``(n,)``: how probably each claim is supported, exact parts aside."""
        return forward(self._weights, values)

    def forget(self) -> None:
        """Drop all that is kept of texts read before."""
        self._read.cache_clear()
        for each in (fold, words, facts, *KEPT_OF_TEXTS):
            each.cache_clear()
        self._lexicon.forget()

    def judge(self, kind: str, parts: Sequence[Part], values: FloatArray, probability: float) -> Verdict:
        """The verdict of evidence; ``kind`` as of :meth:`kind`."""
        exact = [part for part in parts if part.kind != "words"]
        if any(part.state == "contradicted" for part in exact):
            return "unsupported"
        if probability >= self._supported[kind]:
            return "partly" if any(part.state == "unsaid" for part in exact) else "supported"
        little = values[_EXACT] < MOSTLY
        return "unsupported" if little and probability < self._unsupported[kind] else "partly"

    def kind(self, claim: str, quotes: Sequence[str]) -> str:
        """Which thresholds hold: those of ``zh``, ``en`` or, where the languages differ, ``cross``."""
        languages = {self._read(claim).language, self._read("\n".join(quotes)).language}
        return languages.pop() if len(languages) == 1 else "cross"

    def _read_of(self, passage: str) -> Read:
        return text.read(passage, self._lexicon, self._translator)


def verbatim(claim: str, quotes: Sequence[str]) -> bool:
    """Whether the claim stands in a quote, or the quotes in a row, as whole sentences."""
    said = _plain(claim)
    return any(_stands(said, _plain(whole)) for whole in ("".join(quotes), *quotes))


_ENDS = "。！？!?.\n"
_CLOSERS = "”’」』）)】\"'"


def _stands(said: str, quote: str) -> bool:
    at = quote.find(said)
    while at >= 0:
        before = quote[:at].rstrip(_CLOSERS)
        after = quote[at + len(said) :].lstrip(_CLOSERS)
        ended = not after or said.rstrip(_CLOSERS)[-1:] in _ENDS or after[0] in _ENDS
        if ended and (not before or before[-1] in _ENDS):
            return True
        at = quote.find(said, at + 1)
    return False


def _plain(passage: str) -> str:
    return "".join(fold(passage).split())


def forward(weights: dict[str, FloatArray], values: FloatArray) -> FloatArray:
    """``(n, features)`` -> ``(n,)`` probabilities that the claim is supported: one hidden layer, tanh."""
    x = (values - weights["mean"]) / weights["std"]
    x = np.tanh(x @ weights["first.weight"].T + weights["first.bias"])
    logits = (x @ weights["second.weight"].T + weights["second.bias"])[:, 0]
    return np.asarray(1 / (1 + np.exp(-logits)), np.float32)
