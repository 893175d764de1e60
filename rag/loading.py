"""What ``Library.open`` loads: its models, each of the large ones once; and what can be wrong with its folder."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Final, Self

from models.batching import BatchingEncoder
from models.encoder import Encoder
from models.errors import ModelUnavailable as NoSuchModel
from models.translation import Translator
from rag.answerers import Answerers
from rag.errors import ModelUnavailable, StoreError
from rag.retrieval import Ranker
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.answering.cross_encoder import CrossEncoder

QUICK: Final = "chuchu-static"
"""Makes the vectors by which a document is found as soon as it is in."""


@dataclass(frozen=True, slots=True)
class Models:
    """The encoders, and ours for everything else; each of the large ones once.

    ``quick`` gives passages the vectors that they are found by at once, ``deep`` those that are made in the
    background; None where a static encoder is all that is set.
    """

    quick: BatchingEncoder
    deep: BatchingEncoder | None
    translator: Translator
    ranker: Ranker | None
    answerers: Answerers

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Raises ModelUnavailable."""
        try:
            quick, deep = _encoders(settings)
            translator = Translator.load()
            cross_encoder = cache(_cross_encoder)
            ranker = cross_encoder() if settings.rerank else None
        except NoSuchModel as error:
            raise ModelUnavailable(str(error)) from error
        answerers = Answerers.of(settings, cross_encoder)
        batching = None if deep is None else BatchingEncoder(deep)
        return cls(BatchingEncoder(quick), batching, translator, ranker, answerers)

    @property
    def encoder(self) -> BatchingEncoder:
        """The one that is set."""
        return self.deep or self.quick

    def again(self) -> Self:
        """The same models for another library, which ends its encoders' threads when it closes."""
        deep = self.deep.again() if self.deep else None
        return replace(self, quick=self.quick.again(), deep=deep)

    def close(self) -> None:
        """End the encoders' threads."""
        self.quick.close()
        if self.deep:
            self.deep.close()


def _encoders(settings: Settings) -> tuple[Encoder, Encoder | None]:
    """The quick encoder and the deep one; one that is static is quick itself, and needs none beside it."""
    chosen = Encoder.load(
        QUICK if settings.encoder == "quick" else settings.encoder,
        device=settings.device,
        dtype=settings.encoder_dtype,
        max_length=settings.encoder_max_length,
    )
    return (chosen, None) if chosen.is_static else (Encoder.load(QUICK), chosen)


def _cross_encoder() -> CrossEncoder:
    from models.reader import PassageReader  # noqa: PLC0415 - torch takes seconds to import
    from rag.answering.cross_encoder import CrossEncoder  # noqa: PLC0415

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
        raise StoreError(
            f"the data folder {home} cannot be opened: {why}{where}"
        ) from error
