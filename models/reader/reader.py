"""Reads a question over passages: where the answer starts and ends in each, and how sure that is."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
import torch
from transformers.utils import logging

from models.errors import ModelUnavailable
from models.language.questions import ASKED
from models.language.words import fold
from models.reader.network import ChuchuReader, Side
from models.reader.spans import LONGEST_ANSWER
from models.reader.units import FIRST_CHARACTER, IntArray, UnitReader, Units, matches
from models.selector.lexicon import RAREST, FloatArray, Lexicon
from models.selector.matching import Query
from models.static import StaticTable

FOLDER = Path(__file__).resolve().parent.parent / "weights" / "chuchu-reader"


@dataclass(frozen=True, slots=True)
class Pointers:
    """What the network says of one passage: log-probabilities of each unit as start and as end of the answer.

    ``spans``: ``(n, 2)`` the units in code points. ``starts``, ``ends``: ``(n,)``. ``nowhere``: the
    log-probability, start and end added, that the passage does not say.
    """

    spans: IntArray
    starts: FloatArray
    ends: FloatArray
    nowhere: float

    def best(self, start: int, end: int) -> tuple[tuple[int, int], float] | None:
        """The best span within the characters ``[start, end)`` and its log-odds against "does not say"."""
        first = int(np.searchsorted(self.spans[:, 0], start, side="left"))
        last = int(np.searchsorted(self.spans[:, 1], end, side="right"))
        if first >= last:
            return None
        scores = self.starts[first:last, None] + self.ends[None, first:last]
        n = last - first
        scores = np.where(
            np.tri(n, n, -1, dtype=bool) | ~np.tri(n, n, LONGEST_ANSWER - 1, dtype=bool), -1e9, scores
        )
        at = int(scores.argmax())
        a, b = first + at // n, first + at % n
        return (int(self.spans[a, 0]), int(self.spans[b, 1])), float(scores.flat[at]) - self.nowhere


class ReaderModel:
    """The network with the tables that it reads by: those of the static encoder and of the selector."""

    def __init__(self, network: ChuchuReader, units: UnitReader) -> None:
        self._network, self._units = network, units
        network.train(mode=False)

    @classmethod
    def load(cls, lexicon: Lexicon, static: StaticTable, folder: Path = FOLDER) -> Self:
        """Raises ModelUnavailable when the folder does not hold a reader."""
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        try:
            network = ChuchuReader.from_pretrained(folder, dtype=torch.float32)
            characters = json.loads((folder / "characters.json").read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise ModelUnavailable(f"reader: cannot read {folder.name}: {error}") from error
        rows = {character: FIRST_CHARACTER + row for row, character in enumerate(characters)}
        return cls(network, UnitReader(rows, lexicon, static))

    def forget(self) -> None:
        """Drop what is kept of texts."""
        self._units.read.cache_clear()

    @torch.inference_mode()
    def read(self, query: Query, passages: Sequence[str]) -> list[Pointers | None]:
        """One a passage; None for a passage, or a question, without a word."""
        asked = self._units.read(query.asking.text)
        units = [self._units.read(passage) for passage in passages]
        filled = [i for i, each in enumerate(units) if len(each) and len(asked)]
        found: list[Pointers | None] = [None] * len(passages)
        if not filled:
            return found
        targets = [
            (form, weight * unit.weight / RAREST) for unit in query.units for form, weight in unit.targets
        ]
        theirs = [matches(asked, units[i]) for i in filled]
        ours = [matches(units[i], asked, targets, fold(passages[i])) for i in filled]
        kind = torch.full((len(filled),), ASKED.index(query.asking.asked))
        with one_thread(), torch.autocast("cpu", torch.bfloat16):
            out = self._network(
                self._side([asked] * len(filled)),
                self._side([units[i] for i in filled]),
                torch.from_numpy(padded(theirs)),
                torch.from_numpy(padded(ours)),
                kind,
            )
        starts = out.start_logits.float().log_softmax(1).numpy()
        ends = out.end_logits.float().log_softmax(1).numpy()
        for row, i in enumerate(filled):
            n = len(units[i])
            nowhere = float(starts[row, -1] + ends[row, -1])
            found[i] = Pointers(units[i].spans, starts[row, :n], ends[row, :n], nowhere)
        return found

    def _side(self, texts: Sequence[Units]) -> Side:
        lengths = torch.tensor([len(units) for units in texts])
        longest = int(lengths.max())
        return Side(
            torch.from_numpy(padded([units.characters for units in texts])),
            torch.from_numpy(padded([units.tags for units in texts])),
            torch.from_numpy(padded([self._units.vectors(units) for units in texts])),
            torch.from_numpy(padded([units.plain for units in texts])),
            torch.arange(longest)[None, :] < lengths[:, None],
        )


@contextmanager
def one_thread() -> Iterator[None]:
    """On a machine that has other work, two threads wait for each other at every step of an LSTM."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def padded(arrays: Sequence[np.ndarray]) -> np.ndarray:
    """Arrays of any lengths as one, ``(arrays, longest, ...)``, zeros behind."""
    longest = max(len(array) for array in arrays)
    out = np.zeros((len(arrays), longest, *arrays[0].shape[1:]), arrays[0].dtype)
    for row, array in enumerate(arrays):
        out[row, : len(array)] = array
    return out
