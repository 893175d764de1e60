"""What a library opens: its models, each of the large ones loaded once, and its folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Self

from models.batching import BatchingEncoder
from models.encoder import Encoder
from models.errors import ModelUnavailable as NoSuchModel
from models.selector import Selector
from models.translation import Translator
from rag.answerers import Answerers
from rag.errors import ModelUnavailable, StoreError
from rag.retrieval import Ranker
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.cross_encoder import CrossEncoder


@dataclass(frozen=True, slots=True)
class Models:
    """The encoder that is set, and ours for everything else; each of the large ones once."""

    encoder: BatchingEncoder
    translator: Translator
    ranker: Ranker | None
    answerers: Answerers

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Raises ModelUnavailable."""
        try:
            encoder = Encoder.load(
                settings.encoder,
                device=settings.device,
                dtype=settings.encoder_dtype,
                max_length=settings.encoder_max_length,
            )
            translator = Translator.load()
            cross_encoder = cache(_cross_encoder)
            selector = cache(lambda: Selector.load(translator=translator))
            ranks = settings.rerank and settings.answerer != "quick"
            ranker = cross_encoder() if ranks else None
        except NoSuchModel as error:
            raise ModelUnavailable(str(error)) from error
        return cls(
            BatchingEncoder(encoder), translator, ranker, Answerers.of(settings, selector, cross_encoder)
        )


def _cross_encoder() -> CrossEncoder:
    from models.reader import PassageReader  # noqa: PLC0415 - torch takes seconds to import
    from rag.cross_encoder import CrossEncoder  # noqa: PLC0415

    return CrossEncoder(PassageReader.load())


@contextmanager
def folder_of(home: Path) -> Iterator[None]:
    """Say in one sentence what is wrong with a data folder: read-only, or a file where a folder should be.

    Raises StoreError.
    """
    try:
        yield
    except OSError as error:
        where = f" at {error.filename}" if error.filename else ""
        why = error.strerror or str(error)
        raise StoreError(f"the data folder {home} cannot be opened: {why}{where}") from error
