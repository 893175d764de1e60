"""Does a claim's citation bear it out? Asked of what a language model wrote; a quote is its own proof.

supports = support_checker(cross_encoder)
supports.check([Statement("全国有75家保护中心。", "全国保护中心达74家。")])[0].verdict      # "unsupported"
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from models.errors import ModelUnavailable as NoSuchModel
from models.support import Checked, Statement
from models.support.checker import ClaimChecker
from rag.errors import ModelUnavailable

if TYPE_CHECKING:
    from rag.answering.cross_encoder import CrossEncoder

__all__ = ["Checked", "Statement", "Supports", "support_checker"]


class Supports(Protocol):
    """Says of each statement whether its quote bears its claim out."""

    def check(self, statements: Sequence[Statement]) -> list[Checked]: ...


def support_checker(cross_encoder: CrossEncoder) -> ClaimChecker:
    """The check that ships, by the reader that is loaded anyway. Raises ModelUnavailable."""
    from models.reader import load_support_threshold  # noqa: PLC0415 - torch takes seconds to import

    try:
        return ClaimChecker(cross_encoder.judge, load_support_threshold())
    except NoSuchModel as error:
        raise ModelUnavailable(str(error)) from error
