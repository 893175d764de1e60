"""Who may read the hits, by the name that ``answerer`` has in a question or in the settings.

extractive   the best hits read by the trunk's cross-encoder: the default
quick        the selector alone, whole sentences; needs no torch
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from models.errors import ModelUnavailable as NoSuchModel
from models.selector import Selector
from models.selector.network import FOLDER as SELECTOR
from rag.answering import Thresholds
from rag.errors import InvalidValue, ModelUnavailable
from rag.reading import Reader, SentenceReader

if TYPE_CHECKING:
    from rag.cross_encoder import CrossEncoder


@dataclass(frozen=True, slots=True)
class Answerer:
    """A reader, and what its log-odds must reach for an answer to be shown."""

    reader: Reader
    thresholds: Thresholds


class Answerers:
    """The answerers by name, each loaded when it is first asked for. Safe to use from any thread."""

    def __init__(self, loaders: Mapping[str, Callable[[], Answerer]]) -> None:
        self._loaders, self._loaded = loaders, dict[str, Answerer]()
        self._loading = threading.Lock()

    @classmethod
    def of(cls, selector: Callable[[], Selector], cross_encoder: Callable[[], CrossEncoder]) -> Answerers:
        """Those of the table above."""
        return cls({"extractive": lambda: _extractive(cross_encoder), "quick": lambda: _quick(selector)})

    def named(self, name: str) -> Answerer:
        """Raises InvalidValue for a name not in the table, ModelUnavailable for one that cannot be loaded."""
        if name not in self._loaders:
            raise InvalidValue("answerer", name, " or ".join(self._loaders))
        with self._loading:
            if name not in self._loaded:
                try:
                    self._loaded[name] = self._loaders[name]()
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


def _quick(selector: Callable[[], Selector]) -> Answerer:
    return Answerer(SentenceReader(selector()), Thresholds.load(SELECTOR))
