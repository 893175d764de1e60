"""Who may read the hits, by the name that ``answerer`` has in a question or in the settings.

extractive     the best hits read by the trunk's cross-encoder: the default
openai         read as extractive, worded by a language model behind an OpenAI-compatible server
transformers   the same with a language model on this machine
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from models.errors import ModelUnavailable as NoSuchModel
from rag.answering import Decision, Thresholds
from rag.answering.overview import asks_for_overview
from rag.answering.reading import Reader, ReaderResult
from rag.answering.supporting import support_checker
from rag.errors import InvalidValue, ModelUnavailable
from rag.generating.checking import OnTheQuestion, about_the_document
from rag.generating.models import LanguageModel
from rag.generating.writing import OnClaim, SourceText, Writer, WritingTask, Written
from rag.records import Hit, Language
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.answering.cross_encoder import CrossEncoder


WORDED = frozenset({"openai", "transformers"})
"""Those that a language model words: they take seconds, and wait for a network or another processor."""


@dataclass(frozen=True, slots=True)
class Wording:
    """What a language model is to word: the question as it was understood, and what was read and decided."""

    asked: str
    language: Language
    reading: ReaderResult
    decision: Decision
    found: tuple[Hit, ...]


@dataclass(frozen=True, slots=True)
class Answerer:
    """A reader, what its log-odds must reach for an answer to be shown, and who words it, if anyone does."""

    reader: Reader
    thresholds: Thresholds
    writer: Writer | None = None
    name: str = ""

    def write(
        self, wording: Wording, source_text: SourceText, on_claim: OnClaim
    ) -> Written | None:
        """What the language model makes of the passages; None where nothing is to be worded.

        Where the sources disagree each is quoted: a model would settle what is not its to settle.
        """
        if (
            self.writer is None
            or not wording.found
            or wording.decision.status == "conflicting"
        ):
            return None
        return self.writer.write(self._task(wording), source_text, on_claim)

    def _task(self, wording: Wording) -> WritingTask:
        asked, language, decision = wording.asked, wording.language, wording.decision
        if asks_for_overview(asked) and decision.status == "answered":
            passages = tuple(stretch.choice.hit for stretch in decision.stretches)
            return WritingTask(
                asked, language, passages, about_the_document, "overview"
            )
        bearing = OnTheQuestion(
            self.reader, wording.reading, self.thresholds.answer[language]
        )
        return WritingTask(asked, language, wording.found, bearing)

    def versions(self, written: Written | None) -> dict[str, str]:
        """Who answered: a language model by name, or who stood in for it."""
        if self.writer is None:
            return {"answerer": self.name}
        if written is None or written.failed:
            return {"answerer": "extractive"}
        return {"answerer": self.name, "llm": self.writer.model.name}


class Answerers:
    """The answerers by name, each loaded when it is first asked for. Safe to use from any thread."""

    def __init__(self, loaders: Mapping[str, Callable[[], Answerer]]) -> None:
        self._loaders, self._loaded = loaders, dict[str, Answerer]()
        self._loading = threading.Lock()

    @classmethod
    def of(
        cls, settings: Settings, cross_encoder: Callable[[], CrossEncoder]
    ) -> Answerers:
        """Those of the table above."""
        return cls(
            {
                "extractive": lambda: _extractive(cross_encoder),
                "openai": lambda: _worded(settings, cross_encoder, _served_model),
                "transformers": lambda: _worded(settings, cross_encoder, _local_model),
            }
        )

    def named(self, name: str) -> Answerer:
        """Raises InvalidValue for a name not in the table, ModelUnavailable for one that cannot be loaded."""
        if name not in self._loaders:
            raise InvalidValue("answerer", name, " or ".join(self._loaders))
        with self._loading:
            if name not in self._loaded:
                try:
                    self._loaded[name] = replace(self._loaders[name](), name=name)
                except NoSuchModel as error:
                    raise ModelUnavailable(str(error)) from error
            return self._loaded[name]

    def forget(self) -> None:
        """Drop what is kept of texts, after a document was deleted."""
        with self._loading:
            for answerer in self._loaded.values():
                answerer.reader.forget()


def _extractive(cross_encoder: Callable[[], CrossEncoder]) -> Answerer:
    from models.reader import READER  # noqa: PLC0415 - torch takes seconds to import

    return Answerer(cross_encoder(), Thresholds.load(READER))


def _worded(
    settings: Settings,
    cross_encoder: Callable[[], CrossEncoder],
    model: Callable[[Settings], LanguageModel],
) -> Answerer:
    """Reads as the extractive one, so that it can fall back on it."""
    written_by = model(settings)
    reads = _extractive(cross_encoder)
    checks = support_checker(cross_encoder())
    return replace(reads, writer=Writer(written_by, checks, settings.llm_timeout))


def _served_model(settings: Settings) -> LanguageModel:
    from rag.generating.endpoint import OpenAIModel  # noqa: PLC0415 - its client is an extra

    return OpenAIModel.of(settings)


def _local_model(settings: Settings) -> LanguageModel:
    from rag.generating.local import LocalModel  # noqa: PLC0415 - torch takes seconds to import

    return LocalModel.of(settings)
