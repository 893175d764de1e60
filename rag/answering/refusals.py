"""What a refusal says: that there is nothing, that what there is does not say, or that it may be here.

refusal(attempt, lacking, language)      the words of one; ``rag.asking`` shows the nearest passages below
"""

from __future__ import annotations

from collections.abc import Sequence

from rag.answering.attempt import Attempt
from rag.answering.phrases import (
    DOES_NOT_SAY,
    EMPTY,
    MISSING,
    NEAREST,
    NOTHING,
    UNSURE,
    listed,
)
from rag.answering.reading import Choice
from rag.records import Candidate, Language

MOST_WORDS_SHOWN = 80
"""Characters of the likeliest stretch in the refusal's own words; the passage below it has the rest."""


def refusal(
    attempt: Attempt, lacking: Sequence[str], language: Language, *, empty: bool
) -> str:
    """The sentences of a refusal, each of them true.

    Args:
        lacking: names of the question that no document mentions.
        empty: whether there are no documents at all.
    """
    if empty:
        return EMPTY[language]
    said = (
        [MISSING[language].format(names=_named(lacking, language))] if lacking else []
    )
    maybe = attempt.decision.maybe
    if maybe is not None and not lacking:
        return UNSURE[language].format(
            title=_title(maybe, language), words=_words(maybe)
        )
    if attempt.decision.status == "insufficient" and attempt.best is not None:
        if not lacking:
            said.append(
                DOES_NOT_SAY[language].format(title=_title(attempt.best, language))
            )
    elif not lacking:
        said.append(NOTHING[language])
    if attempt.hits:
        said.append(NEAREST[language])
    return (" " if language == "en" else "").join(said)


def maybe_of(attempt: Attempt) -> Candidate | None:
    """The likeliest stretch of a refusal that is not sure, as a place in its document."""
    choice = attempt.decision.maybe
    if choice is None:
        return None
    span = choice.short or choice.span
    text = choice.hit.document.text[slice(*span)]
    return Candidate(choice.hit.document.id, *span, text, choice.score)


def _title(choice: Choice, language: Language) -> str:
    title = choice.hit.document.title or choice.hit.document.source_name
    return title.strip("《》") if language == "zh" else title


def _words(choice: Choice) -> str:
    start, end = choice.short or choice.span
    text = choice.hit.document.text[start:end]
    return text if len(text) <= MOST_WORDS_SHOWN else f"{text[:MOST_WORDS_SHOWN]}…"


def _named(names: Sequence[str], language: Language) -> str:
    quoted = [name if name[0].isdigit() else listed([name], "en") for name in names]
    return ("、" if language == "zh" else " or ").join(quoted)
