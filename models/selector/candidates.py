"""What the selector chooses from."""

from __future__ import annotations

from dataclasses import dataclass

from models.language.sentences import Span, sentences

AROUND_CHARS = 60
"""Characters before and after a passage that count; no more, as on a page they may be another article's."""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence, those before it in its passage, and what is around: heading, later sentences, neighbours.

    The same string in several candidates is looked at once, so pass sentences on as they are.
    """

    text: str
    before: tuple[str, ...] = ()
    around: tuple[str, ...] = ()


def candidates_of(
    title: str, text: str, start: int, end: int
) -> list[tuple[Span, Candidate]]:
    """The sentences of the passage ``text[start:end]``, each with those before it and with what is around.

    Training and reading both make them here, so that the network sees the same in both.
    """
    spans = sentences(text, start, end)
    written = tuple(text[low:high] for low, high in spans)
    outside = (
        title,
        text[max(0, start - AROUND_CHARS) : start],
        text[end : end + AROUND_CHARS],
    )
    return [
        (span, Candidate(written[i], written[:i], (*outside, *written[i + 1 :])))
        for i, span in enumerate(spans)
    ]
