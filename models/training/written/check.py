"""Checks hand-written reading data: ``python models/training/written/check.py FILE…``.

One document a line::

    {"id", "genre", "lang", "title",
     "passages": [{"context", "text"}, …],
     "questions": [{"q", "lang", "type", "passage", "answer", "sentence"},           answered
                   {"q", "lang", "type": "none", "answer": null, "near": [0], "why"}, not answered
                   …]}

``yesno`` may carry ``"polarity": "yes" | "no"``; ``list`` carries ``"items"``: each item, verbatim, in order.
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

TYPES = frozenset(
    "fact who number date where list yesno why how define condition compare none".split()  # noqa: SIM905
)
LANGUAGES = frozenset({"zh", "en"})


def faults_of(document: dict[str, Any]) -> Iterator[str]:
    """What is wrong with a document, one sentence a fault."""
    missing = {
        "id",
        "genre",
        "lang",
        "title",
        "passages",
        "questions",
    } - document.keys()
    if missing:
        yield f"lacks {sorted(missing)}"
        return
    passages = document["passages"]
    for number, question in enumerate(document["questions"]):
        for fault in _faults_of_question(question, passages):
            yield f"question {number} ({question.get('q')}): {fault}"


def _faults_of_question(
    question: dict[str, Any], passages: list[dict[str, str]]
) -> Iterator[str]:
    known_kind = question.get("lang") in LANGUAGES and question.get("type") in TYPES
    if not question.get("q") or not known_kind:
        yield "needs q, lang (zh, en) and a known type"
        return
    if question["type"] == "none":
        near = question.get("near") or []
        has_both = question.get("answer") is None and bool(near)
        if not has_both or not all(0 <= index < len(passages) for index in near):
            yield 'type none needs "answer": null and "near": [indices of passages that tempt]'
        return
    index = question.get("passage")
    if not isinstance(index, int) or not 0 <= index < len(passages):
        yield "passage is not an index"
        return
    text = passages[index]["text"]
    answer = question.get("answer")
    sentence = question.get("sentence")
    if not answer or not sentence or sentence not in text:
        yield "sentence is not verbatim in its passage"
    elif answer not in sentence:
        yield "answer is not verbatim in its sentence"
    for item in question.get("items", ()):
        if item not in text:
            yield f"item {item!r} is not verbatim in its passage"


def main(paths: list[str]) -> int:
    faults = documents = 0
    kinds = Counter[str]()
    for path in paths:
        lines = Path(path).read_text(encoding="utf-8").splitlines()
        for number, line in enumerate(lines, start=1):
            try:
                document = json.loads(line)
            except ValueError as error:
                print(f"{path}:{number}: not JSON: {error}")
                faults += 1
                continue
            documents += 1
            for fault in faults_of(document):
                print(f"{path}:{number}: {fault}")
                faults += 1
            kinds.update(
                question.get("type", "?") for question in document.get("questions", ())
            )
    total = sum(kinds.values())
    none = kinds["none"] / total if total else 0
    print(
        f"{documents} documents, {total} questions, {none:.0%} not answered, {faults} faults; {dict(kinds)}"
    )
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
