"""The terms that lexical search counts."""

from __future__ import annotations

import rjieba

from models.language.words import HAN_RUN, WORD, fold, stem

TERMS_VERSION = "words-1"
"""Names what :func:`terms` makes; indexes made with another are built anew."""


def terms(text: str) -> list[str]:
    """Words (Latin ones stemmed), Han words of three characters and more, and bigrams of Han characters.

    ``"Libraries 图书馆"`` -> ``["library", "图书馆", "图书", "书馆"]``
    """
    folded = fold(text)
    counted: list[str] = []
    for match in WORD.finditer(HAN_RUN.sub(" ", folded)):
        counted.append(stem(match.group()))
    for run in HAN_RUN.findall(folded):
        counted += _han_terms(run)
    return counted


def _han_terms(run: str) -> list[str]:
    """A word of two characters is counted once, as its bigram; a lone character stands for itself."""
    if len(run) == 1:
        return [run]
    counted = [word for word in rjieba.cut(run) if len(word) > 2]
    for at in range(len(run) - 1):
        counted.append(run[at : at + 2])
    return counted
