"""CRUD-RAG's question answering (Lyu et al. 2024): ``questanswer_1doc``, ``_2docs`` and ``_3docs``.

One JSON file (``merged.json``, ``split_merged.json``) of ``{"questanswer_1doc": [{"ID", "questions",
"answers", "news1", "news2", "news3"}, …], …}``. Each split becomes two sets: facts, and retrieval of the news
that the question was made from.

The answers are free sentences of a language model, which CRUD-RAG scores with BLEU, ROUGE-L and a model that
asks questions back. Whether an answer holds them word for word says little: of the facts read refusals,
citations and ``f1``, of the retrieval everything.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from eval.adapters.rows import Row, find, read_json
from eval.adapters.sets import FactSet, RetrievalSet
from eval.corpora import Text
from eval.facts import Fact

SPLITS = {"questanswer_1doc": 1, "questanswer_2docs": 2, "questanswer_3docs": 3}
"""How many news a question of the split was made from."""


def convert(folder: Path) -> Iterator[FactSet | RetrievalSet]:
    """Two sets a split, of the first file that has any."""
    for path in find(
        folder, ["split_merged.json", "merged.json", "*.json"], "CRUD-RAG"
    ):
        data = read_json(path)
        splits = [split for split in SPLITS if split in data]
        if splits:
            for split in splits:
                yield from _sets(split, data.rows(split))
            return
    raise data.bad(next(iter(SPLITS)), f"one of the splits {', '.join(SPLITS)}")


def _sets(split: str, rows: list[Row]) -> Iterator[FactSet | RetrievalSet]:
    facts: list[Fact] = []
    documents: dict[str, Text] = {}
    queries: dict[str, str] = {}
    relevant: dict[str, list[str]] = {}
    for number, row in enumerate(rows):
        id_ = f"{split}-{row.text('ID') if 'ID' in row else number}"
        news = [row.text(f"news{n}") for n in range(1, SPLITS[split] + 1)]
        for text in news:  # one news may serve many questions
            documents.setdefault(text, Text(f"news-{len(documents)}", "", text))
        for at, (question, answer) in enumerate(_asked(row)):
            asked = f"{id_}-{at}" if at else id_
            facts.append(Fact(asked, question, (answer,), "zh", "fact"))
            queries[asked] = question
            relevant[asked] = [documents[text].id for text in news]
    name = f"crud-{split.replace('_', '-')}"
    corpus = list(documents.values())
    yield FactSet(name, facts, corpus)
    yield RetrievalSet(f"{name}-retrieval", corpus, queries, relevant)


def _asked(row: Row) -> list[tuple[str, str]]:
    """Questions with their answers; some releases have one of each, some a list."""
    if isinstance(row.value.get("questions"), str):
        return [(row.text("questions"), row.text("answers"))]
    questions, answers = row.texts("questions"), row.value.get("answers")
    told = row.texts("answers") if isinstance(answers, list) else (row.text("answers"),)
    if len(questions) != len(told):
        raise row.bad("answers", f"as many as questions ({len(questions)})")
    return list(zip(questions, told, strict=True))
