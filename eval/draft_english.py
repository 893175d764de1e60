"""English sentences -> ``(pattern, question, answer)``: the verb stays as it is, or its base is plain."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

_SUBJECT = r"((?:The|A|An|[A-Z][\w’'-]*)(?: (?!was\b|were\b|is\b|are\b|has\b|have\b|had\b)[\w’'&-]+){0,9})"
_NUMBER = (
    r"((?:about |over |more than |nearly |some |almost |around |at least )?"
    r"\d[\d,.]*(?: (?:hundred|thousand|million|billion))?)"
)
_MONTH = "(?:January|February|March|April|May|June|July|August|September|October|November|December)"
_DATE = rf"((?:\d{{1,2}} )?{_MONTH}(?: \d{{1,2}})?(?:,? \d{{4}})?|\d{{4}})"
_IS = "(is|was|are|were)"
_NOT_JOINED = r"(?!and\b|or\b|of\b|in\b|on\b|at\b|for\b|with\b)"
_PATTERNS: Final[tuple[tuple[str, str, str, int], ...]] = (
    (
        "date",
        rf"^{_SUBJECT} (was|were) (\w+(?:ed|en|ilt|un|ut|aid|old|eld|et)) "
        rf"(?:([^.,;]*?) )?(?:in|on) {_DATE}\b",
        "When {2} {1} {3}{4}?",
        5,
    ),
    (
        "place",
        rf"^{_SUBJECT} {_IS} (?:located |situated |based )?(?:in|at|near|on) "
        r"((?:the )?[A-Z][\w’'-]*(?:,? (?:of |the )*[A-Z][\w’'-]*)*)",
        "Where {2} {1}?",
        3,
    ),
    (
        "number",
        rf"^{_SUBJECT} (?:has|had|have) {_NUMBER} ([a-z][\w-]*(?: {_NOT_JOINED}[a-z][\w-]*)?)\b",
        "How many {3} does {1} have?",
        2,
    ),
    (
        "number",
        rf"^{_SUBJECT} {_IS} {_NUMBER} (?:\w+) (long|high|tall|wide|deep|old|thick)\b",
        "How {4} {2} {1}?",
        3,
    ),
    (
        "number",
        rf"^{_SUBJECT} (\w+[^s\W])s {_NUMBER} ([a-z]+(?: [a-z]+)?) (a|per|each|every) (\w+)",
        "How many {4} does {1} {2} {5} {6}?",
        3,
    ),
    (
        "number",
        rf"^There (are|were) {_NUMBER} ([a-z][^.,;]*?)(?=[.,;])",
        "How many {3} {1} there?",
        2,
    ),
    (
        "person",
        r"\b((?:[A-Z][\w.’'-]+ )+[A-Z][\w’'-]+), (?:the |its |their )?"
        r"([a-z][\w ]*? (?:of|at|for) [^,]{3,40}),",
        "Who is the {2}?",
        1,
    ),
    (
        "reason",
        rf"^{_SUBJECT} {_IS} ([^.,;]*?),? because ([^.;]+?)[.;]",
        "Why {2} {1} {3}?",
        4,
    ),
    (
        "name",
        rf"^{_SUBJECT} {_IS} (?:called|named) (?:the )?[“\"‘']?([A-Z][^.,;”\"’]*)",
        "What {2} {1} called?",
        3,
    ),
)
"""Pattern, expression, the question as a form over its groups, and the group that is the answer."""


def made(sentence: str) -> Iterator[tuple[str, str, str]]:
    """Questions that a sentence answers."""
    for pattern, expression, form, answer in _PATTERNS:
        for match in re.finditer(expression, sentence):
            parts = [match[0], *(group or "" for group in match.groups())]
            parts[1] = _lowered(parts[1])
            if form.startswith("How many {4}"):
                parts[2] = re.sub(r"ie$", "y", parts[2])
            question = re.sub(r"\s+", " ", form.format(*parts)).replace(" ?", "?")
            yield pattern, question, match[answer].strip()


def _lowered(subject: str) -> str:
    """``The old bridge`` → ``the old bridge`` within a question; a name keeps its capital."""
    first, _, rest = subject.partition(" ")
    return f"{first.lower()} {rest}" if first in ("The", "A", "An") else subject
