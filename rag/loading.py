"""The models of a library, each of the large ones loaded once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Final, Self

from models.batching import BatchingEncoder
from models.encoder import Encoder
from models.errors import ModelUnavailable as NoSuchModel
from models.selector import Selector
from models.translation import Translator
from rag.answerers import Answerers
from rag.errors import ModelUnavailable
from rag.retrieval import Ranker
from rag.settings import Settings

if TYPE_CHECKING:
    from rag.cross_encoder import CrossEncoder

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
            selector = cache(lambda: Selector.load(translator=translator))
            ranks = settings.rerank and settings.answerer != "quick"
            ranker = cross_encoder() if ranks else None
        except NoSuchModel as error:
            raise ModelUnavailable(str(error)) from error
        answerers = Answerers.of(selector, cross_encoder)
        batching = None if deep is None else BatchingEncoder(deep)
        return cls(BatchingEncoder(quick), batching, translator, ranker, answerers)

    @property
    def encoder(self) -> BatchingEncoder:
        """The one that is set."""
        return self.deep or self.quick

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
    from rag.cross_encoder import CrossEncoder  # noqa: PLC0415

    return CrossEncoder(PassageReader.load())
