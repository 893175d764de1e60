"""Does a claim's citation bear it out? One function, whoever wrote the claim.

    checked = verdict("全国有75家保护中心。", ["全国保护中心达74家。"])
    checked.verdict, checked.reasons        # "unsupported", (75家 against 74家)

A claim in its source's own words needs no weights; they are opened when the first other one is checked.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache

from models.errors import ModelUnavailable as NoSuchModel
from models.support import Checked, Support
from models.support.checker import verbatim
from rag.errors import ModelUnavailable


def verdict(claim: str, quotes: Sequence[str]) -> Checked:
    """The verdict on a claim against its quotes, with the parts that are not borne out.

    Raises:
        ModelUnavailable: the weights are needed, and missing.
    """
    if claim.strip() and verbatim(claim, quotes):
        return Checked("supported", 1.0, ())
    try:
        return _support().verdict(claim, quotes)
    except NoSuchModel as error:
        raise ModelUnavailable(str(error)) from error


def forget() -> None:
    """Drop what is kept of texts, after a document was deleted."""
    if _support.cache_info().currsize:
        _support().forget()


@cache
def _support() -> Support:
    return Support.load()
