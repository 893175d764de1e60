"""The reading sets' passages that no reader was trained on, as files for ``chuchu eval reading``.

    python -m models.training.reader_testsets --data ../shared/data --out WORK/reading
    chuchu eval reading WORK/reading/tydiqa_en.json

SQuAD-style JSON, a file a set; a passage is kept or not by its text, so its questions stay together.
Questions without an answer (``unanswered``) have an empty list of answers.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from models.training.data import rows
from models.training.reader_examples import held_out

SETS = ("tydiqa_en", "nq_en", "cmrc2018_trial", "drcd_dev")
TRANSLATED = ("zh-on-en", "en-on-zh")


def kept_rows(path: Path) -> Iterator[dict[str, Any]]:
    """Rows of a reading set whose passage is held out."""
    for row in rows(path):
        if held_out(row["context"]):
            yield row


def squad(found: list[dict[str, Any]]) -> dict[str, Any]:
    """Rows of ``{id, title, context, question, answers: [{text, start}]}`` as SQuAD has them."""
    data: list[dict[str, Any]] = []
    for row in found:
        answers = [
            {"text": answer["text"], "answer_start": answer["start"]}
            for answer in row["answers"]
        ]
        asked = {"id": row["id"], "question": row["question"], "answers": answers}
        paragraph = {"context": row["context"], "qas": [asked]}
        data.append({"title": row.get("title") or "", "paragraphs": [paragraph]})
    return {"version": "2.0", "data": data}


def kept_sets(data: Path) -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """The name and the rows of each set."""
    reading = data / "reading"
    for name in SETS:
        yield name, list(kept_rows(reading / f"{name}.jsonl.xz"))
    # One file of questions put into the other language, over passages of both.
    translated = list(kept_rows(reading / "translated_questions.jsonl.xz"))
    for pair in TRANSLATED:
        yield pair, [row for row in translated if row["lang"] == pair]
    yield "unanswered", [_as_asked(row) for row in _unanswered(data)]


def _unanswered(data: Path) -> Iterator[dict[str, Any]]:
    return kept_rows(data / "written" / "unanswered.jsonl.xz")


def _as_asked(row: dict[str, Any]) -> dict[str, Any]:
    """A row of the questions that people wrote to have no answer, or one, as the other sets have theirs."""
    answers: list[dict[str, Any]] = []
    if row["answer"] is not None:
        start = row["context"].find(row["answer"])
        answers.append({"text": row["answer"], "start": start})
    return row | {"question": row["q"], "answers": answers}


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    arguments = parser.parse_args()
    arguments.out.mkdir(parents=True, exist_ok=True)
    for name, found in kept_sets(arguments.data):
        text = json.dumps(squad(found), ensure_ascii=False)
        (arguments.out / f"{name}.json").write_text(text, encoding="utf-8")
        print(f"{name}: {len(found):,} questions")


if __name__ == "__main__":
    main()
