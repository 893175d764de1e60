"""models/training/reader_testsets.py: passages that no reader was trained on, for ``chuchu eval reading``."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

from eval.reading import read_squad
from models.training.reader_examples import held_out
from models.training.reader_testsets import kept_rows, squad


def test_only_passages_that_are_held_out_are_asked_and_the_eval_reads_them(
    tmp_path: Path,
) -> None:
    rows = []
    for number in range(200):
        context = f"The bridge {number} is 310 metres long."
        answer = {"text": "310 metres", "start": context.index("310 metres")}
        asked = {"id": f"q{number}", "question": "How long?", "answers": [answer]}
        rows.append({"title": "Bridge", "context": context, **asked})
    with lzma.open(tmp_path / "set.jsonl.xz", "wt", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)
    kept = list(kept_rows(tmp_path / "set.jsonl.xz"))
    assert 0 < len(kept) < 100
    assert all(held_out(row["context"]) for row in kept)
    path = tmp_path / "set.json"
    path.write_text(json.dumps(squad(kept)))
    passages, asked = read_squad(path)
    assert len(passages) == len(asked) == len(kept)
    assert all(each.references == ("310 metres",) for each in asked)


def test_a_question_without_an_answer_is_asked_as_one() -> None:
    row = {"id": "1", "title": "", "context": "甲。", "question": "乙？", "answers": []}
    (paragraph,) = squad([row])["data"][0]["paragraphs"]
    assert paragraph["qas"] == [{"id": "1", "question": "乙？", "answers": []}]
