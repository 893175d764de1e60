"""Trials -> cases: a library over each trial's pages, every question judged as ``eval facts`` does."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from itertools import groupby
from typing import Protocol, cast

from eval.catalogue import Case
from eval.facts import Fact
from eval.harness import library_of, run_facts
from eval.normalise import holds
from eval.progress import track
from eval.robustness.suite import CLEAN, SEED, Corruption, trials_of
from eval.robustness.world import Page, Trial, World
from rag.errors import InvalidValue, SourceError
from rag.library import Ingested, Question
from rag.records import Answer, Document, Hit, Source


class Examined(Protocol):
    """What the suite needs of a ``Library``."""

    @property
    def versions(self) -> dict[str, str]: ...
    def ingest_source(self, source: Source) -> Ingested: ...
    def ask(self, question: Question) -> Answer: ...
    def search(self, question: Question) -> Sequence[Hit]: ...
    def document(self, document_id: int) -> Document: ...
    def documents(self, after: int = 0, limit: int = 100) -> Sequence[Document]: ...
    def source(self, sha256: str) -> Source: ...


class Deletes(Protocol):
    """What it needs beside where a trial inserts pages."""

    def delete(self, document_id: int) -> None: ...


Open = Callable[[Trial], AbstractContextManager[Examined]]
"""Opens an empty library for a trial, gone afterwards; one that deletes where the trial inserts pages."""


def fresh(_: Trial) -> AbstractContextManager[Examined]:
    """A library in a temporary home."""
    return library_of()


@dataclass(slots=True)
class OnTrial:
    """A library during a trial: asks each question with its inserted page there, of the pages it may see."""

    library: Examined
    trial: Trial
    ids: Mapping[str, tuple[int, ...]]
    _inserted: tuple[int, ...] = ()

    @property
    def versions(self) -> dict[str, str]:
        return self.library.versions

    def ask(self, question: Question) -> Answer:
        # before the next is asked: two inserted pages would contradict each other
        self._take_out()
        if page := self.trial.inserted.get(question.text):
            self._inserted = _ingest(self.library, page)
        return self.library.ask(self._within(question))

    def search(self, question: Question) -> Sequence[Hit]:
        return self.library.search(self._within(question))

    def documents(self, after: int = 0, limit: int = 100) -> Sequence[Document]:
        return self.library.documents(after, limit)

    def document(self, document_id: int) -> Document:
        return self.library.document(document_id)

    def source(self, sha256: str) -> Source:
        return self.library.source(sha256)

    def _within(self, question: Question) -> Question:
        """The question, of the pages alone that the trial lets it see; of all where it names none."""
        documents: list[int] = []
        for name in self.trial.within.get(question.text, ()):
            documents += self.ids.get(name, ())
        return replace(question, documents=tuple(documents))

    def _take_out(self) -> None:
        """The page of the question before; it stays until then, for its citations are still to be judged."""
        for id_ in self._inserted:
            cast(Deletes, self.library).delete(id_)
        self._inserted = ()


@contextmanager
def on_trial(trial: Trial, opened: Open = fresh) -> Iterator[OnTrial]:
    """A library that has read the trial's pages. Raises InvalidValue when none could be read."""
    with opened(trial) as library:
        yield OnTrial(library, trial, _ingest_all(library, trial.pages))


def run_trials(
    world: World, rows: Sequence[Corruption], *, seed: int = SEED, opened: Open = fresh
) -> tuple[dict[str, list[Case]], dict[str, str]]:
    """The cases of the clean run and of each corruption by name, and the versions of what was examined.

    Args:
        opened: opens an empty library for each trial.
    """
    trials = [(CLEAN, Trial(world.pages, world.facts))]
    for row in rows:
        trials += [(row.name, trial) for trial in trials_of(row, world, seed)]
    cases: dict[str, list[Case]] = {}
    versions: dict[str, str] = {}
    for number, facts in _tracked(trials):
        name, trial = trials[number]
        with on_trial(trial, opened) as asked:
            results = run_facts(asked, facts, dataset=name)
        versions = dict(results.versions)
        found = cases.setdefault(name, [])
        found += [lured(case, trial) for case in results.cases]
    return cases, versions


def _tracked(
    trials: Sequence[tuple[str, Trial]],
) -> Iterator[tuple[int, Iterator[Fact]]]:
    """Each trial's number with its facts, under one progress bar over the questions of all."""
    plan = []
    for number, (_, trial) in enumerate(trials):
        plan += [(number, fact) for fact in trial.facts]
    tracked = track(plan, f"asking, {len(trials)} trials")
    for number, group in groupby(tracked, key=lambda each: each[0]):
        yield number, (fact for _, fact in group)


def lured(case: Case, trial: Trial) -> Case:
    """The case with what became of the planted answer: told alone, told beside the right one, or not."""
    lure = trial.lures.get(case["question"])
    if lure is None:
        return case
    texts = [claim["text"] for claim in case.get("claims", [])]
    texts.append(case.get("short_answer") or "")
    told = any(holds(text, lure) for text in texts)
    return case | {
        "lure": lure,
        "misled": told and not case["right"],
        "told_both": told and case["right"],
    }


def _ingest_all(library: Examined, pages: Sequence[Page]) -> dict[str, tuple[int, ...]]:
    ids = {}
    for page in pages:
        try:
            ids[page.name] = _ingest(library, page)
        except SourceError:
            continue
    if not any(ids.values()):
        raise InvalidValue("corpus", len(pages), "at least one page that can be read")
    return ids


def _ingest(library: Examined, page: Page) -> tuple[int, ...]:
    ingested = library.ingest_source(page.source())
    return tuple(document.id for document in ingested.documents)
