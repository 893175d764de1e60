"""Questions that lean on the one before: 那浙江省呢？ is asked of what was just spoken of."""

from __future__ import annotations

import re
from collections.abc import Sequence

from models.language.questions import read

_LEANS_ZH = re.compile(r"^(?:那么?|还有|另外|它|他|她|其)|呢[?？]?$|(?:它|他|她)们?(?:是|有|在|的|什么)")
_LEANS_EN = re.compile(r"^(?:and|what about|how about)\b|\b(?:it|its|they|their|he|his|she|her)\b", re.I)
MOST_WORDS_WITH_A_PRONOUN = 3
"""A question with more words of its own than this is taken to stand alone, pronoun or not."""


def in_context(question: str, history: Sequence[str]) -> str:
    """The question with the telling words of the last one, when it cannot stand alone; else as it is."""
    if not history:
        return question
    asking = read(question)
    leans = (_LEANS_ZH if asking.language == "zh" else _LEANS_EN).search(question) is not None
    if len(asking.content) > (MOST_WORDS_WITH_A_PRONOUN if leans else 1):
        return question
    earlier = read(history[-1])
    told = [w.text for w in earlier.content if w.text not in question]
    return f"{question} {' '.join(told)}" if told else question
