"""Yes or no, where the clause that is quoted decides it: 可以带宠物吗 over 宠物不得入内 is 否.

    statement_of("可以带宠物吗？")           "可以带宠物"
    word_for("zh", True)                    "是"

Whether the quote bears the statement out is judged by the reader's support head (``rag.answering.cross_encoder``).
"""

from __future__ import annotations

import re
from typing import Literal

from models.language.words import has_han

_WORDS = {
    ("zh", True): "是",
    ("zh", False): "否",
    ("en", True): "Yes",
    ("en", False): "No",
}
_ASKING_ENDS = re.compile(r"(?:吗|么|嘛|呢|吧|没有|不)?[？?。]*\s*$")
_POLITE = re.compile(r"^(?:请问|想问一?下|问一下)[，,]?")
# 能不能 -> 能, 是否 -> nothing: the statement that is asked about.
_DOUBLED = re.compile(r"(能|会|是|要|可|需|用|该|有)(?:不|没)\1")
_WHETHER = re.compile(r"是否|有无(?=[^，。]*$)")
_AUXILIARY = re.compile(
    r"^(?P<verb>is|are|was|were|do|does|did|has|have|had|can|could|will|would|should|must|may|need)"
    r"(?P<no>n't)? (?P<rest>.+?)\??$",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"^(?:(?:the|a|an|any|all|my|our|your|this|that|these|those|i|we|you|it|they|he|she|there)\b ?)?"
    r"(?:[\w\-]+(?: of (?:the )?[\w\-]+)?)?",
    re.IGNORECASE,
)


def statement_of(question: str) -> str:
    """What a yes/no question asks to be borne out, as a statement."""
    text = _POLITE.sub("", question.strip())
    if has_han(text):
        text = _ASKING_ENDS.sub("", text)
        text = _WHETHER.sub("", text)
        return _DOUBLED.sub(
            lambda match: {"可": "可以"}.get(match[1], match[1]), text
        ).replace("可以以", "可以")
    match = _AUXILIARY.match(text)
    if match is None:
        return text.rstrip("?")
    subject = _SUBJECT.match(match["rest"])
    at = subject.end() if subject else 0
    verb = match["verb"].lower()
    # do, does and did go: "Does the pump need oil" is "the pump need oil", near enough for the judge.
    spoken = "" if verb in ("do", "does", "did") else f" {verb}"
    negation = " not" if match["no"] else ""
    return f"{match['rest'][:at].strip()}{spoken}{negation} {match['rest'][at:].strip()}".strip()


def word_for(language: Literal["zh", "en"], yes: bool) -> str:
    """是 or 否, Yes or No."""
    return _WORDS[language, yes]
