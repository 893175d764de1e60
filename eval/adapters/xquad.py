"""XQuAD (Artetxe et al. 2020): the same questions and passages in several languages, ``xquad.<lang>.json``.

Each file is SQuAD-style JSON and becomes a reading set, its answers checked against the passage. Where
English is there too, its questions are also put to each other language's passages (``xquad-en-zh``): the
ids agree.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from eval.adapters.rows import Row, find, read_json
from eval.adapters.sets import ReadingSet

ASKED_IN = "en"


def convert(folder: Path) -> Iterator[ReadingSet]:
    """A set a language, then those asked in English."""
    data = {}
    questions = {}
    for path in find(folder, ["xquad.*.json"], "XQuAD"):
        lang = path.stem.split(".")[1]
        data[lang] = read_json(path)
        questions[lang] = _checked(data[lang])
    for lang, row in data.items():
        yield ReadingSet(f"xquad-{lang}", dict(row.value), len(questions[lang]))
    for lang, row in data.items():
        if ASKED_IN in data and lang != ASKED_IN:
            yield _crossed(lang, row, questions[ASKED_IN])


def _checked(data: Row) -> dict[str, str]:
    """Question by id. Every answer must stand in its passage where it is said to."""
    found = {}
    for article in data.rows("data"):
        for paragraph in article.rows("paragraphs"):
            context = paragraph.text("context")
            for qa in paragraph.rows("qas"):
                found[qa.text("id")] = qa.text("question")
                for answer in qa.rows("answers"):
                    text, start = answer.text("text"), answer.value.get("answer_start")
                    if not isinstance(start, int) or not context.startswith(
                        text, start
                    ):
                        raise answer.bad(
                            "answer_start", f"where {text!r} begins in the context"
                        )
    return found


def _crossed(lang: str, data: Row, asked: dict[str, str]) -> ReadingSet:
    """The passages and answers of one language, the questions of another; what it has not is left out."""
    count = 0
    articles: list[dict[str, Any]] = []
    for article in data.rows("data"):
        paragraphs = []
        for paragraph in article.rows("paragraphs"):
            qas = []
            for qa in paragraph.rows("qas"):
                question = asked.get(qa.text("id"))
                if question:
                    qas.append({**qa.value, "question": question})
            count += len(qas)
            paragraphs.append({**paragraph.value, "qas": qas})
        articles.append({**article.value, "paragraphs": paragraphs})
    crossed = {**data.value, "data": articles}
    return ReadingSet(f"xquad-{ASKED_IN}-{lang}", crossed, count)
