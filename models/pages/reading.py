"""Blocks of a page -> its articles, each a list of blocks in reading order, with how sure each step is."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Self

import numpy as np
from safetensors.numpy import load_file

from models.arrays import Floats
from models.errors import ModelUnavailable
from models.folders import WEIGHTS
from models.pages.continuation import Continuation
from models.pages.evidence import Models, edge_odds, gather
from models.pages.features import GLANCED, NAMES, glanced
from models.pages.in_order import as_printed, disordered
from models.pages.lines import Look, look
from models.pages.ngrams import CharacterModel, normalise
from models.pages.openings import Openings
from models.pages.solving import Thread, solve
from models.static import StaticTable, static_table

FOLDER = WEIGHTS / "chuchu-pages"

PHRASE = 0.8
"""Nats a character below which a text is no news."""


@dataclass(frozen=True, slots=True)
class ReadPage:
    """The threads of a page, how its blocks look in their places, and ``(blocks, 2)`` log-odds that one
    begins, ends within a sentence."""

    threads: tuple[Thread, ...]
    looks: tuple[Look, ...]
    edges: Floats


class PageReader:
    """Everything learned about how the blocks of a page hang together."""

    def __init__(
        self,
        models: Models,
        glance: dict[str, Floats],
        weights: dict[str, Floats],
    ) -> None:
        self.models = models
        self.glance = glance
        self.weights = weights

    @classmethod
    def load(
        cls, folder: Path = FOLDER, encoder: Path = WEIGHTS / "chuchu-static"
    ) -> Self:
        """Raises ModelUnavailable when a file is missing or the network was trained on other features."""
        try:
            config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
            held = load_file(folder / "model.safetensors")
            edge_weights = part_of(held, "edges.")
            models = load_models(folder, edge_weights, static_table(encoder))
        except OSError as error:
            raise ModelUnavailable(
                f"pages: cannot read {folder.name}: {error.strerror}"
            ) from error
        if tuple(config["features"]) != NAMES + GLANCED:
            raise ModelUnavailable(
                f"pages: {folder.name} was trained on other features; train it again"
            )
        return cls(models, part_of(held, "glance."), part_of(held, "pairs."))

    def read(
        self,
        texts: Sequence[str],
        begins: Sequence[Sequence[int]] | None = None,
        ends: Sequence[Sequence[int]] | None = None,
        seams: Sequence[tuple[int, int]] = (),
    ) -> ReadPage:
        """The articles of a page in order of where they begin on it.

        Args:
            texts: its blocks as they stand, none empty.
            begins, ends: the places on the page where each begins and ends, more than one where it is printed
                again; once, in this order, unless said otherwise.
            seams: pairs of blocks of which the second is known to go on within the paragraph of the first.

        Raises:
            ValueError: a block of ``seams`` goes on twice, is gone on from twice, or goes on from itself.
        """
        if not texts:
            return ReadPage((), (), np.zeros((0, 2), np.float32))
        own = [(i,) for i in range(len(texts))]
        places = begins or own, ends or own
        evidence = glanced(gather(texts, places, self.models), self.glance)
        threads = solve(evidence, self.weights, seams)
        if not disordered(evidence, threads):
            threads = as_printed(evidence, threads)
        return ReadPage(tuple(threads), evidence.looks, evidence.edges)

    def torn(self, texts: Sequence[str]) -> list[bool]:
        """Whether each block begins or ends within a sentence, judged by itself; quicker all at once."""
        if not texts:
            return []
        normal = [normalise(text) for text in texts]
        looks = [look(text) for text in texts]
        odds = edge_odds(self.models, normal, looks)
        return [bool(torn) for torn in odds.max(axis=1) > 0]

    def is_torn(self, text: str) -> bool:
        """:meth:`torn` of one block."""
        return self.torn([text])[0]

    def is_phrase(self, text: str) -> bool:
        """Whether a text is one that the news is full of, word for word, such as a disclaimer."""
        return self.models.characters.surprise(normalise(text)) < PHRASE


@cache
def page_reader() -> PageReader:
    """The reader that ships, opened once."""
    return PageReader.load()


def part_of(weights: dict[str, Floats], prefix: str) -> dict[str, Floats]:
    """The weights of one of the networks that a file holds."""
    found: dict[str, Floats] = {}
    for name, each in weights.items():
        if name.startswith(prefix):
            found[name.removeprefix(prefix)] = each
    return found


def load_models(
    folder: Path, edge_weights: dict[str, Floats], encoder: StaticTable
) -> Models:
    """The models below the network; ``edge_weights`` may be empty where they are yet to be trained."""
    described = json.loads((folder / "ngrams.json").read_text(encoding="utf-8"))
    held = load_file(folder / "openings.safetensors")
    return Models(
        characters=CharacterModel.load(folder, described),
        continuation=Continuation.load(folder / "continuation.safetensors"),
        openings=Openings(held["weights"], held["bias"]),
        encoder=encoder,
        edges=edge_weights,
    )
