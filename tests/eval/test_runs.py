"""Retrieval in the BEIR layout and reading in SQuAD's, on a scripted examinee."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from eval.beir import read_beir
from eval.corpora import Text, source_of
from eval.reading import read_squad, run_reading
from eval.retrieval import run_retrieval
from rag.errors import InvalidValue
from tests.scripted_library import (
    SENTENCES,
    TEXT,
    Scripted,
    refuses,
    says,
)


def beir(folder: Path, qrels: str = "q1\td2\t1\nq2\td1\t1\n") -> Path:
    rows = [
        ("d1", "绍兴", "绍兴市开展建设。"),
        ("d2", "", "雪龙号穿越西风带。"),
        ("d3", "", "又是西风带。"),
    ]
    lines = [
        json.dumps({"_id": key, "title": title, "text": text})
        for key, title, text in rows
    ]
    (folder / "qrels").mkdir()
    (folder / "corpus.jsonl").write_text("\n".join(lines), encoding="utf-8")
    queries = [
        {"_id": "q1", "text": "西风带"},
        {"_id": "q2", "text": "粽子"},
        {"_id": "q3", "text": "无判断"},
    ]
    (folder / "queries.jsonl").write_text(
        "\n".join(map(json.dumps, queries)), encoding="utf-8"
    )
    (folder / "qrels" / "test.tsv").write_text(
        f"query-id\tcorpus-id\tscore\n{qrels}", encoding="utf-8"
    )
    return folder


def test_retrieval_is_scored_over_documents(tmp_path: Path) -> None:
    read = read_beir(beir(tmp_path))
    assert read.unjudged == 1
    results = run_retrieval(Scripted(), read)
    assert [case["ranked"] for case in results.cases] == [["d2", "d3"], []]
    assert results.metrics["mrr@10"].value == 1 / 2, (
        "a query that finds nothing scores zero"
    )
    assert results.metrics["ndcg@10"].n == 2


def test_qrels_of_unknown_ids_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"test\.tsv line 2"):
        read_beir(beir(tmp_path, "q1\td9\t1\n"))


def test_every_part_of_a_corpus_source_is_its_text() -> None:
    texts = [
        Text("a", "题", "正文\0。"),
        Text("b", "", "second\u202e"),
        Text("c", "", "\ud800"),
    ]
    source = source_of("c", texts)
    assert [source.text[part.start : part.end] for part in source.parts] == [
        "题\n正文\ufffd。",
        "second",
        "\ufffd",
    ]


def squad(path: Path) -> Path:
    qas = [
        {
            "id": "1",
            "question": "几家？",
            "answers": [{"text": "74家"}, {"text": "74家"}],
        },
        {"id": "2", "question": "哪天？", "answers": [{"text": "19日"}]},
        {"id": "3", "question": "几度？", "answers": []},
    ]
    other = {"context": "另一段。", "qas": []}
    data = {"data": [{"paragraphs": [{"context": TEXT, "qas": qas}, other]}]}
    path.write_text(json.dumps(data), encoding="utf-8")
    return path


def test_reading_asks_each_question_of_its_own_passage(tmp_path: Path) -> None:
    passages, asked = read_squad(squad(tmp_path / "toy.json"))
    library = Scripted(
        {
            "几家？": says(SENTENCES[0], "74家"),
            "哪天？": says(SENTENCES[2]),
            "几度？": refuses,
        }
    )
    results = run_reading(library, passages, asked, dataset="toy")
    assert {question.documents for question in library.asked} == {(1,)}
    assert results.metrics["exact_match"].value == pytest.approx(2 / 3)
    # 雪龙号19日穿越西风带 has ten units, 19日 two, both shared: 2 * 2 / (10 + 2)
    assert results.metrics["f1"].value == pytest.approx((1 + 4 / 12 + 1) / 3)


def test_a_squad_file_is_told_where_it_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "toy.json"
    path.write_text(
        '{"data": [{"paragraphs": [{"context": "a", "qas": [{"id": "1", "answers": []}]}]}]}'
    )
    with pytest.raises(
        InvalidValue, match=r"data\[0\]\.paragraphs\[0\]\.qas\[0\]\.question"
    ):
        read_squad(path)
