"""DuReader-retrieval (Qiu et al. 2022): ``passage-collection/part-0*`` and ``dev/dev.json``, made into BEIR.

- ``part-0*``: four columns between tabs, the third the passage, the others without meaning.
- ``passage2id.map.json``: ``{"<line>": "<passage id>"}``, lines counted from 0 through all parts.
- ``dev.json``: an object a line, ``{"question_id", "question", "answer_paragraphs": [{"paragraph_id", …}]}``.

The collection has eight million passages; ``sample`` keeps a share of them, drawn by the hash of their id,
and every relevant one. A search among fewer passages is easier: give the share with the figure.
"""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterator
from pathlib import Path

from eval.adapters.rows import find, read_json, read_jsonl, read_lines
from eval.adapters.sets import RetrievalSet
from eval.corpora import Text
from rag.errors import InvalidValue

COLUMNS = 4
PASSAGE = 2


def convert(folder: Path, sample: float = 1.0) -> Iterator[RetrievalSet]:
    """One set: the development questions over the passages."""
    queries: dict[str, str] = {}
    relevant: dict[str, list[str]] = {}
    kept: set[str] = set()
    (dev, *_) = find(folder, ["dev/dev.json", "dev.json"], "DuReader-retrieval")
    for row in read_jsonl(dev):
        id_ = row.text("question_id")
        queries[id_] = row.text("question")
        passages = [each.text("paragraph_id") for each in row.rows("answer_paragraphs")]
        relevant[id_] = list(dict.fromkeys(passages))
        kept.update(passages)
    (ids, *_) = find(folder, ["passage2id.map.json"], "DuReader-retrieval")
    parts = find(folder, ["part-0*"], "DuReader-retrieval")
    corpus = _passages(parts, ids, kept, sample)
    yield RetrievalSet("dureader-retrieval-dev", corpus, queries, relevant)


def _passages(
    parts: list[Path], ids: Path, kept: Collection[str], sample: float
) -> Iterator[Text]:
    names = read_json(ids)
    line = 0
    for part in parts:
        for number, row in read_lines(part):
            columns = row.split("\t")
            if len(columns) != COLUMNS:
                raise InvalidValue(
                    f"{part.name} line {number}",
                    f"{len(columns)} columns",
                    f"{COLUMNS} columns between tabs",
                )
            id_ = names.text(str(line))
            line += 1
            # by its hash, so that a smaller share is part of a larger one
            if (id_ in kept or _share(id_) < sample) and columns[PASSAGE].strip():
                yield Text(id_, "", columns[PASSAGE])


def _share(id_: str) -> float:
    """A number in 0..1 that is the id's own."""
    return int.from_bytes(hashlib.sha256(id_.encode()).digest()[:6], "big") / 2**48
