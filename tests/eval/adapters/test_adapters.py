"""Adapters of public benchmarks, each on a few rows of our own making in the benchmark's format."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from eval.adapters import alce, rgb
from eval.adapters.rows import Row
from eval.adapters.running import run_set, score_outputs
from eval.adapters.sets import FactSet, ReadingSet, RetrievalSet, Set, write
from eval.adapters.table import ADAPTERS, Options, adapter
from eval.beir import read_beir
from eval.cli import app
from eval.corpora import Text
from eval.facts import Fact, read_facts
from eval.reading import read_squad
from eval.robustness.world import Trial, read_pages
from rag.errors import InvalidValue
from rag.library import Library
from rag.settings import Settings

Rows = list[dict[str, Any]]


def jsonl(path: Path, rows: Rows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(
        "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows),
        encoding="utf-8",
    )


def made(name: str, folder: Path, **options: Any) -> dict[str, Set]:
    return {
        each.name: each for each in adapter(name).convert(folder, Options(**options))
    }


def texts(facts: FactSet, id_: str) -> list[str]:
    by_id = {each.id: each.text for each in facts.documents}
    return [by_id[each] for each in facts.within[id_]]


# RGB


@pytest.fixture
def rgb_folder(tmp_path: Path) -> Path:
    true, false = [f"正{n}" for n in range(5)], [f"负{n}" for n in range(9)]
    jsonl(
        tmp_path / "data" / "zh.json",
        [
            {
                "id": 0,
                "query": "几家？",
                "answer": ["74家"],
                "positive": true,
                "negative": false,
            },
            {
                "id": 1,
                "query": "谁？",
                "answer": [["李超", "Li Chao"]],
                "positive": ["正"],
                "negative": false,
            },
        ],
    )
    jsonl(
        tmp_path / "data" / "zh_int.json",
        [
            {
                "id": 0,
                "query": "各几家？",
                "answer": ["7家", "8家"],
                "positive": [["甲一", "甲二"], ["乙一"]],
                "negative": false,
            }
        ],
    )
    jsonl(
        tmp_path / "data" / "zh_fact.json",
        [
            {
                "id": 0,
                "query": "多少个？",
                "answer": "70",
                "fakeanswer": "170",
                "positive_wrong": ["共170个。", "说法一样。"],
                "positive": ["共70个。", "说法一样。"],
                "negative": false,
            }
        ],
    )
    return tmp_path


def test_rgb_has_its_four_abilities(rgb_folder: Path) -> None:
    assert sorted(made("rgb", rgb_folder)) == [
        "rgb-zh-noise-0",
        "rgb-zh-noise-0.2",
        "rgb-zh-noise-0.4",
        "rgb-zh-noise-0.6",
        "rgb-zh-noise-0.8",
        "rgb-zh-rejection",
        "rgb-zh_fact-counterfactual",
        "rgb-zh_int-integration",
    ]


@pytest.mark.parametrize(
    ("rate", "noise"), [("0", 0), ("0.2", 1), ("0.4", 2), ("0.6", 3), ("0.8", 4)]
)
def test_rgb_noise_is_its_share_of_five_passages(
    rgb_folder: Path, rate: str, noise: int
) -> None:
    facts = made("rgb", rgb_folder)[f"rgb-zh-noise-{rate}"]
    assert isinstance(facts, FactSet)
    own = texts(facts, "zh-0")
    assert (
        len(own) == rgb.PASSAGES and sum(text.startswith("负") for text in own) == noise
    )


def test_rgb_fills_up_with_negatives_where_positives_are_few(rgb_folder: Path) -> None:
    facts = made("rgb", rgb_folder)["rgb-zh-noise-0"]
    assert isinstance(facts, FactSet) and texts(facts, "zh-1") == [
        "正",
        "负0",
        "负1",
        "负2",
        "负3",
    ]
    assert facts.facts[1].answers == ("李超", "Li Chao"), "spellings of one part"


def test_rgb_rejection_wants_a_refusal_to_negatives_alone(rgb_folder: Path) -> None:
    facts = made("rgb", rgb_folder)["rgb-zh-rejection"]
    assert isinstance(facts, FactSet) and not any(
        fact.answerable for fact in facts.facts
    )
    assert all(text.startswith("负") for text in texts(facts, "zh-0"))


def test_rgb_integration_asks_for_each_part_of_the_answer(rgb_folder: Path) -> None:
    facts = made("rgb", rgb_folder)["rgb-zh_int-integration"]
    assert isinstance(facts, FactSet)
    assert [(fact.id, fact.answers) for fact in facts.facts] == [
        ("zh_int-0#1", ("7家",)),
        ("zh_int-0#2", ("8家",)),
    ]
    assert texts(facts, "zh_int-0#2") == ["甲一", "乙一", "甲二", "负0", "负1"]


def test_rgb_counterfactual_has_a_true_document_beside_the_false(
    rgb_folder: Path,
) -> None:
    facts = made("rgb", rgb_folder)["rgb-zh_fact-counterfactual"]
    assert isinstance(facts, FactSet) and facts.lures == {"zh_fact-0": "170"}
    assert texts(facts, "zh_fact-0")[:3] == ["共70个。", "共170个。", "说法一样。"]
    assert len(texts(facts, "zh_fact-0")) == 5


# CRUD-RAG


def test_crud_asks_of_the_news_it_was_made_from(tmp_path: Path) -> None:
    one = {
        "ID": "a",
        "event": "",
        "questions": "何时？",
        "answers": "五月。",
        "news1": "新闻一。",
    }
    two = {
        "ID": "b",
        "questions": ["谁？"],
        "answers": ["他。"],
        "news1": "新闻二。",
        "news2": "新闻一。",
    }
    data = {"event_summary": [], "questanswer_1doc": [one], "questanswer_2docs": [two]}
    (tmp_path / "split_merged.json").write_text(json.dumps(data), encoding="utf-8")
    sets = made("crud-rag", tmp_path)
    facts, retrieval = (
        sets["crud-questanswer-2docs"],
        sets["crud-questanswer-2docs-retrieval"],
    )
    assert isinstance(facts, FactSet) and isinstance(retrieval, RetrievalSet)
    assert [(fact.question, fact.answers) for fact in facts.facts] == [
        ("谁？", ("他。",))
    ]
    by_id = {each.id: each.text for each in retrieval.corpus}
    (relevant,) = retrieval.relevant.values()
    assert [by_id[each] for each in relevant] == ["新闻二。", "新闻一。"]
    assert set(sets) == {
        f"crud-questanswer-{n}{end}"
        for n in ("1doc", "2docs")
        for end in ("", "-retrieval")
    }


# DuReader-retrieval


@pytest.fixture
def dureader_folder(tmp_path: Path) -> Path:
    collection = tmp_path / "passage-collection"
    collection.mkdir()
    (collection / "part-00").write_text(
        "-\t-\t第一段\t0\n-\t-\t第二段\t0\n", encoding="utf-8"
    )
    (collection / "part-01").write_text("-\t-\t第三段\t0\n", encoding="utf-8")
    (collection / "passage2id.map.json").write_text(
        '{"0": "p0", "1": "p1", "2": "p2"}', encoding="utf-8"
    )
    jsonl(
        tmp_path / "dev" / "dev.json",
        [
            {
                "question_id": "q",
                "question": "第几段",
                "answer_paragraphs": [
                    {"paragraph_id": "p2", "paragraph_text": "第三段"}
                ],
            }
        ],
    )
    return tmp_path


def test_dureader_becomes_beir(dureader_folder: Path, tmp_path: Path) -> None:
    (retrieval,) = made("dureader-retrieval", dureader_folder).values()
    written = write(retrieval, tmp_path / "out")
    beir = read_beir(written.path)
    assert [(each.id, each.text) for each in beir.corpus] == [
        ("p0", "第一段"),
        ("p1", "第二段"),
        ("p2", "第三段"),
    ]
    assert dict(beir.queries) == {"q": "第几段"} and written.questions == 1
    assert (
        (written.path / "qrels" / "test.tsv")
        .read_text(encoding="utf-8")
        .endswith("q\tp2\t1\n")
    )


def test_a_sample_of_dureader_keeps_what_is_relevant(dureader_folder: Path) -> None:
    (retrieval,) = made("dureader-retrieval", dureader_folder, sample=0.0).values()
    assert isinstance(retrieval, RetrievalSet) and [
        each.id for each in retrieval.corpus
    ] == ["p2"]


def test_a_relevant_passage_that_is_missing_is_told(
    dureader_folder: Path, tmp_path: Path
) -> None:
    (dureader_folder / "passage-collection" / "part-01").write_text(
        "-\t-\t \t0\n", encoding="utf-8"
    )
    (retrieval,) = made("dureader-retrieval", dureader_folder).values()
    with pytest.raises(InvalidValue, match="p2"):
        write(retrieval, tmp_path / "out")


# XQuAD


def xquad(path: Path, context: str, question: str, answer: str, start: int) -> None:
    qa = {
        "id": "1",
        "question": question,
        "answers": [{"text": answer, "answer_start": start}],
    }
    data = {
        "version": "1.1",
        "data": [{"title": "t", "paragraphs": [{"context": context, "qas": [qa]}]}],
    }
    path.write_text(json.dumps(data), encoding="utf-8")


def test_xquad_is_read_in_each_language_and_asked_in_english(tmp_path: Path) -> None:
    xquad(tmp_path / "xquad.zh.json", "全国达74家。", "几家？", "74家", 3)
    xquad(tmp_path / "xquad.en.json", "There are 74.", "How many?", "74", 10)
    sets = made("xquad", tmp_path)
    assert set(sets) == {"xquad-zh", "xquad-en", "xquad-en-zh"}
    written = write(sets["xquad-en-zh"], tmp_path / "out")
    passages, asked = read_squad(written.path)
    assert (passages[0].text, asked[0].question, asked[0].references) == (
        "全国达74家。",
        "How many?",
        ("74家",),
    )
    assert isinstance(sets["xquad-zh"], ReadingSet) and sets["xquad-zh"].questions == 1


# ALCE


def test_alce_asks_each_reading_of_its_first_documents(tmp_path: Path) -> None:
    docs = [{"title": f"T{n}", "text": f"Text {n}."} for n in range(7)]
    asqa = [
        {
            "question": "q",
            "docs": docs,
            "qa_pairs": [{"question": "Which?", "short_answers": ["A", "B"]}],
        }
    ]
    qampari = [{"question": "All?", "docs": docs[:1], "answers": [["A"], ["B", "b"]]}]
    (tmp_path / "asqa_eval.json").write_text(json.dumps(asqa))
    (tmp_path / "qampari_eval.json").write_text(json.dumps(qampari))
    sets = made("alce", tmp_path)
    first, second = sets["alce-asqa_eval"], sets["alce-qampari_eval"]
    assert isinstance(first, FactSet) and isinstance(second, FactSet)
    assert [(f.question, f.answers) for f in first.facts] == [("Which?", ("A", "B"))]
    assert texts(first, first.facts[0].id) == [f"Text {n}." for n in range(5)]
    assert [f.answers for f in second.facts] == [("A",), ("B", "b")]


DOCS = [
    {"title": "Bridge", "text": "The stone bridge was finished in 1887."},
    {"title": "Cars", "text": "About 9,000 cars a day cross it."},
    {"title": "Weather", "text": "It rained all week."},
]


@pytest.mark.parametrize(
    ("output", "expected"),
    [
        # one sentence, supported by its one citation
        ("The stone bridge was finished in 1887 [1].", (1, 1, 1, 1)),
        # after the full stop is as good
        ("The stone bridge was finished in 1887.[1]", (1, 1, 1, 1)),
        # the second document is of no use: the first supports the sentence alone and without it
        ("The stone bridge was finished in 1887 [1][3].", (1, 1, 2, 1)),
        # the wrong document: not supported, the citation not needed
        ("The stone bridge was finished in 1887 [2].", (1, 0, 1, 0)),
        # nothing cited: not supported, no citation
        ("The stone bridge was finished in 1887.", (1, 0, 0, 0)),
        # a document that is not there
        ("The stone bridge was finished in 1887 [9].", (1, 0, 0, 0)),
        # two sentences, one of them cited rightly; the second line does not count
        (
            "The stone bridge was finished in 1887 [1]. It is old.\nIgnored [2].",
            (2, 1, 1, 1),
        ),
        # another number is another claim
        ("The stone bridge was finished in 1888 [1].", (1, 0, 1, 0)),
        ("", (0, 0, 0, 0)),
    ],
)
def test_alce_counts_sentences_and_citations(
    output: str, expected: tuple[int, int, int, int]
) -> None:
    row = Row("toy data[0]", {"question": "q", "output": output or " ", "docs": DOCS})
    if not output:
        with pytest.raises(InvalidValue, match="output"):
            alce.citation_scores(row)
        return
    score = alce.citation_scores(row)
    assert (score.sentences, score.supported, score.citations, score.needed) == expected


def test_alce_a_citation_that_only_helps_with_others_is_needed() -> None:
    def both(documents: Any, claim: str) -> bool:
        return len(documents) == 2

    row = Row("toy", {"question": "q", "output": "Old and busy [1][2].", "docs": DOCS})
    score = alce.citation_scores(row, both)
    assert (score.supported, score.citations, score.needed) == (1, 2, 2)


def test_alce_averages_over_outputs_as_it_does() -> None:
    outputs = [
        "The stone bridge was finished in 1887 [1]. It is old.",
        "It rained all week [3][2].",
    ]
    rows = [
        Row(f"toy[{n}]", {"question": "q", "output": o, "docs": DOCS})
        for n, o in enumerate(outputs)
    ]
    results = score_outputs(rows, dataset="toy")
    assert results.metrics["citation_recall"].value == pytest.approx((1 / 2 + 1) / 2)
    assert results.metrics["citation_precision"].value == pytest.approx((1 + 1 / 2) / 2)
    assert [case["right"] for case in results.cases] == [False, True]


# errors: file, line, key, what was expected


@pytest.mark.parametrize(
    ("name", "file", "content", "told"),
    [
        (
            "rgb",
            "zh.json",
            '{"id": 0, "query": "q"',
            r"zh\.json line 1 column \d+.*JSON",
        ),
        (
            "rgb",
            "zh.json",
            '{"id": 0, "answer": "a"}',
            r"zh\.json line 1: query.*not empty",
        ),
        (
            "rgb",
            "zh.json",
            '{"id": 0, "query": "q", "answer": "a", "positive": "x"}',
            r"line 1: positive.*list",
        ),
        (
            "rgb",
            "en_int.json",
            '{"id": 0, "query": "q", "answer": ["a"], "positive": ["x"]}',
            "positive.*list of lists",
        ),
        (
            "rgb",
            "zh.json",
            '{"id": 0, "query": "q", "answer": 5, "positive": [], "negative": []}',
            "line 1: answer",
        ),
        ("crud-rag", "split_merged.json", "[]", r"split_merged\.json.*a JSON object"),
        (
            "crud-rag",
            "split_merged.json",
            "{}",
            r"split_merged\.json: questanswer_1doc",
        ),
        (
            "crud-rag",
            "merged.json",
            '{"questanswer_1doc": [{"questions": "q"}]}',
            r"questanswer_1doc\[0\]: news1",
        ),
        (
            "xquad",
            "xquad.zh.json",
            '{"data": [{"paragraphs": [{"context": "c"}]}]}',
            r"data\[0\]\.paragraphs\[0\]: qas",
        ),
        ("alce", "asqa_x.json", "{}", r"asqa_x\.json.*JSON list"),
        (
            "alce",
            "qampari_x.json",
            '[{"question": "q", "docs": []}]',
            r"qampari_x\.json\[0\]: answers",
        ),
    ],
)
def test_what_is_wrong_is_told_with_its_place(
    tmp_path: Path, name: str, file: str, content: str, told: str
) -> None:
    (tmp_path / file).write_text(content, encoding="utf-8")
    with pytest.raises(InvalidValue, match=told):
        made(name, tmp_path)


def test_dureader_tells_the_line_of_a_bad_row(dureader_folder: Path) -> None:
    part = dureader_folder / "passage-collection" / "part-00"
    part.write_text("-\t-\t第一段\t0\n第二段\n", encoding="utf-8")
    (retrieval,) = made("dureader-retrieval", dureader_folder).values()
    assert isinstance(retrieval, RetrievalSet)
    with pytest.raises(InvalidValue, match=r"part-00 line 2.*4 columns"):
        list(retrieval.corpus)


def test_an_xquad_answer_that_is_not_where_it_says_is_told(tmp_path: Path) -> None:
    xquad(tmp_path / "xquad.zh.json", "全国达74家。", "几家？", "74家", 2)
    with pytest.raises(InvalidValue, match=r"answers\[0\]: answer_start"):
        made("xquad", tmp_path)


@pytest.mark.parametrize("name", sorted(ADAPTERS))
def test_a_folder_without_the_benchmark_names_the_files_it_wants(
    tmp_path: Path, name: str
) -> None:
    with pytest.raises(InvalidValue, match=r"\.json"):
        made(name, tmp_path)
    with pytest.raises(InvalidValue, match="FOLDER"):
        made(name, tmp_path / "none")


def test_an_unknown_adapter_is_answered_with_their_names() -> None:
    with pytest.raises(
        InvalidValue, match="rgb, crud-rag, dureader-retrieval, xquad, alce"
    ):
        adapter("squad")


# written and run


def test_what_is_written_is_read_again_by_eval(
    rgb_folder: Path, tmp_path: Path
) -> None:
    facts = made("rgb", rgb_folder)["rgb-zh-noise-0.2"]
    written = write(facts, tmp_path / "out")
    assert [fact.id for fact in read_facts(written.path)] == ["zh-0", "zh-1"]
    assert len(read_pages(written.path.parent / "corpus")) == 10
    within = json.loads(
        (written.path.parent / "within.json").read_text(encoding="utf-8")
    )
    assert len(within["zh-0"]) == 5 and str(written.path) in written.command


def test_a_fact_is_asked_of_its_own_documents_alone(tmp_path: Path) -> None:
    """A real library: the answer to the second question stands only in a document that is not its own."""
    documents = [
        Text("a", "", "全国国家级知识产权保护中心达74家，其中浙江省7家。"),
        Text("b", "", "河湾果园今年收获苹果320吨，比去年增加40吨。"),
    ]
    question = "全国有多少家国家级知识产权保护中心？"
    other = "全国有几家国家级知识产权保护中心？"
    facts = [
        Fact("1#1", question, ("74家",), "zh", "fact"),
        Fact("2", other, (), "zh", "none"),
    ]
    made = FactSet(
        "toy", facts, documents, {"1#1": ("a",), "2": ("b",)}, {"1#1": "7家"}
    )

    @contextmanager
    def opened(_: Trial) -> Iterator[Library]:
        with Library.open(Settings(home=tmp_path / "home", encoder="quick")) as library:
            yield library

    results = run_set(made, opened=opened)
    assert [case["right"] for case in results.cases] == [True, True]
    assert (
        results.metrics["all_parts_right"].value == 1.0
        and results.metrics["all_parts_right"].n == 1
    )
    assert results.metrics["misled"].value == 0.0


def test_the_command_writes_each_set_and_says_how_to_measure_it(
    rgb_folder: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    ran = CliRunner().invoke(app, ["adapt", "rgb", str(rgb_folder), "--out", str(out)])
    assert ran.exit_code == 0, ran.output
    assert (out / "rgb-zh-noise-0.8" / "rgb-zh-noise-0.8.jsonl").is_file()
    assert "chuchu eval facts" in ran.output
    assert CliRunner().invoke(app, ["adapt", "squad", str(rgb_folder)]).exit_code == 2


def test_the_citations_command_scores_an_output_file(tmp_path: Path) -> None:
    file = tmp_path / "run.json"
    file.write_text(
        json.dumps(
            {
                "data": [
                    {"question": "q", "output": "It rained all week [3].", "docs": DOCS}
                ]
            }
        )
    )
    ran = CliRunner().invoke(
        app, ["citations", str(file), "--out", str(tmp_path / "out"), "--json"]
    )
    assert ran.exit_code == 0, ran.output
    assert json.loads(ran.stdout)["metrics"]["citation_recall"]["value"] == 1.0
