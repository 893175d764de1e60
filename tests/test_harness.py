"""The harness scores a scripted examinee, whose answers are written here, so every figure can be redone."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval import cli
from eval.corpora import Text, source_of
from eval.facts import Fact
from eval.gates import GATES, missed, read_gates
from eval.harness import library_of, run_facts
from eval.judge import judge, overlaps, supports
from eval.page import render
from eval.reading import read_squad, run_reading
from eval.results import Results, read_results
from eval.retrieval import read_beir, run_retrieval
from rag.citing import cite
from rag.errors import BrokenCitation, InvalidValue
from rag.pages import recover
from rag.pipeline import Ingested, Question
from rag.records import Answer, Citation, Claim, Document, Hit, Passage, Source

TEXT = "全国保护中心达74家，其中浙江省7家。绍兴市开展建设。雪龙号19日穿越西风带。"
SENTENCES = ["全国保护中心达74家，其中浙江省7家。", "绍兴市开展建设。", "雪龙号19日穿越西风带。"]


class Scripted:
    """Answers from a table of question -> what to do; takes sources in as a library does."""

    versions = {"chuchu": "test"}  # noqa: RUF012

    def __init__(self, script: dict[str, Callable[[Scripted], Answer]] | None = None) -> None:
        self.script = script or {}
        self.sources: dict[str, Source] = {}
        self.documents: dict[int, Document] = {}
        self.asked: list[Question] = []

    def ingest_source(self, source: Source) -> Ingested:
        self.sources[source.sha256] = source
        read = tuple(
            replace(document, id=len(self.documents) + at) for at, document in enumerate(recover(source), 1)
        )
        self.documents |= {document.id: document for document in read}
        return Ingested(source, read, len(read), True)

    def document(self, document_id: int) -> Document:
        return self.documents[document_id]

    def source(self, sha256: str) -> Source:
        return self.sources[sha256]

    def ask(self, question: Question) -> Answer:
        self.asked.append(question)
        return self.script[question.text](self)

    def search(self, question: Question) -> Sequence[Hit]:
        """Documents that hold the question, in the order they came, each by two passages."""
        found = [each for each in self.documents.values() if question.text in each.text]
        return [hit for each in found for hit in (hit_of(each, 0.9), hit_of(each, 0.8))]

    def quote(self, sentence: str, marker: int = 1) -> Citation:
        document = self.documents[1]
        start = document.text.index(sentence)
        return cite(marker, document, passage_of(document), (start, start + len(sentence)))


def passage_of(document: Document) -> Passage:
    return Passage(document.id, document.id, 0, len(document.text), document.text)


def hit_of(document: Document, score: float) -> Hit:
    return Hit(passage_of(document), document, score)


def answer_of(
    status: str, short: str | None = None, claims: Sequence[Claim] = (), citations: Sequence[Citation] = ()
) -> Answer:
    text = "".join(claim.text for claim in claims)
    return Answer("1", "", status, text, short, tuple(claims), tuple(citations), (), (), {}, {})  # type: ignore[arg-type]


def says(sentence: str, short: str | None = None) -> Callable[[Scripted], Answer]:
    return lambda library: answer_of("answered", short, [Claim(sentence, (1,))], [library.quote(sentence)])


def refuses(library: Scripted) -> Answer:
    return answer_of("insufficient")


def breaks(library: Scripted) -> Answer:
    raise BrokenCitation("citation 1")


def moved(library: Scripted) -> Answer:
    right = library.quote(SENTENCES[0])
    wrong = replace(right, start=right.start + 1, end=right.end + 1)
    return answer_of("answered", "74家", [Claim(SENTENCES[0], (1,))], [wrong])


def fact(question: str, *answers: str, kind: str = "fact", evidence: tuple[str, ...] = ()) -> Fact:
    return Fact(question, question, answers, "zh", kind, evidence)


@pytest.fixture
def library() -> Scripted:
    scripted = Scripted()
    scripted.ingest_source(source_of("page.txt", [Text("page", "", TEXT)]))
    return scripted


FACTS = [
    fact("几家？", "74家", "74", evidence=(SENTENCES[0],)),
    fact("哪个市？", "绍兴", evidence=(SENTENCES[1],)),
    fact("哪天？", "19日", evidence=(SENTENCES[2],)),
    fact("几度？", kind="none"),
    fact("多高？", kind="none"),
]
SCRIPT: dict[str, Callable[[Scripted], Answer]] = {
    "几家？": says(SENTENCES[0], "74家"),
    "哪个市？": says(SENTENCES[2], "19日"),
    "哪天？": refuses,
    "几度？": refuses,
    "多高？": says(SENTENCES[0], "74家"),
}


@pytest.fixture
def results(library: Scripted) -> Results:
    library.script = SCRIPT
    return run_facts(library, FACTS, dataset="toy")


def test_answers_and_refusals_are_scored_both_ways(results: Results) -> None:
    values = {name: (metric.value, metric.n) for name, metric in results.metrics.items()}
    assert values["answer_right"] == (pytest.approx(1 / 3), 3)
    assert values["right_and_cited"] == (pytest.approx(1 / 3), 3)
    assert values["refused_wrong"] == (pytest.approx(1 / 3), 3)
    assert values["refused_right"] == (1 / 2, 2)
    assert values["citation_precision"] == (1.0, 3)
    assert values["citation_recall"] == (3 / 4, 4), "the wrong refusal counts as a claim without support"
    assert values["broken_citations"] == (0.0, 3)


def test_each_case_says_why_it_is_wrong(results: Results) -> None:
    why = [case["why_not"] for case in results.cases]
    assert why == [
        None,
        "the answer was not found",
        "refused (insufficient), but the documents say",
        None,
        "answered, but the documents do not say",
    ]


def test_a_citation_is_shown_in_its_context(results: Results) -> None:
    cited = results.cases[1]["citations"][0]
    assert cited["quote"] == SENTENCES[2]
    assert cited["before"] == "".join(SENTENCES[:2])
    assert cited["in_evidence"] is False


def test_results_split_by_kind_and_survive_the_file(results: Results, tmp_path: Path) -> None:
    assert results.by["kind"]["none"]["refused_right"].value == 1 / 2
    assert set(results.by["lang"]) == {"zh"}
    results.write(tmp_path / "results.json")
    assert read_results(tmp_path / "results.json").metrics == results.metrics
    raw = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    assert {"kind", "dataset", "versions", "metrics", "cases"} <= raw.keys()
    assert set(raw["metrics"]["answer_right"]) == {"value", "low", "high", "n"}


def test_a_withheld_answer_is_a_broken_citation_and_wrong(library: Scripted) -> None:
    library.script = {"几家？": breaks}
    metrics = run_facts(library, FACTS[:1], dataset="toy").metrics
    assert metrics["broken_citations"].value == 1.0
    assert metrics["answer_right"].value == 0.0


def test_a_citation_that_points_elsewhere_is_found_out(library: Scripted) -> None:
    library.script = {"几家？": moved}
    results = run_facts(library, FACTS[:1], dataset="toy")
    assert results.metrics["broken_citations"].value == 1.0
    assert "is not the quote" in results.cases[0]["citations"][0]["broken"]


def test_a_marker_that_leads_nowhere_is_broken(library: Scripted) -> None:
    answer = answer_of("answered", "74家", [Claim(SENTENCES[0], (1, 2))], [library.quote(SENTENCES[0])])
    judged = judge(FACTS[0], answer, library.document, library.source)
    assert (judged.broken, judged.dangling) == (1, 1)


def test_a_right_claim_without_citation_is_not_right(library: Scripted) -> None:
    judged = judge(
        FACTS[0], answer_of("answered", None, [Claim(SENTENCES[0], ())]), library.document, library.source
    )
    assert judged.why_not == "the claim that holds the answer cites nothing"
    assert judged.supported == (False,)


def test_conflicting_readings_count_as_an_answer(library: Scripted) -> None:
    answer = answer_of("conflicting", None, [Claim(SENTENCES[0], (1,))], [library.quote(SENTENCES[0])])
    assert judge(FACTS[0], answer, library.document, library.source).right


@pytest.mark.parametrize(
    ("quotes", "claim", "supported"),
    [
        (["全国达74家，分布在28个省。"], "全国达74家", True),
        (["全国达74家，分布", "在28个省。"], "全国达74家，分布在28个省", True),
        (["全国保护中心数量达74家。"], "全国保护中心数量达75家。", False),
        (["全国达74家，其中浙江省7家。"], "浙江省74家，全国7家", False),
        (["绍兴市开展国家级知识产权保护中心建设。"], "绍兴市将开展国家级知识产权保护中心建设", True),
        (["绍兴市开展国家级知识产权保护中心建设。"], "嘉兴人喜欢吃粽子", False),
        (["全国达74家。"], "There are 74 centers", False),
        ([], "全国达74家", False),
        (["全国达74家"], "。", False),
    ],
)
def test_when_quotes_support_a_claim(quotes: list[str], claim: str, supported: bool) -> None:
    assert supports(quotes, claim) is supported


def test_a_citation_that_adds_nothing_lowers_precision(library: Scripted) -> None:
    citations = [library.quote(SENTENCES[0], 1), library.quote(SENTENCES[1], 2)]
    answer = answer_of("answered", "74家", [Claim(SENTENCES[0], (1, 2))], citations)
    judged = judge(FACTS[0], answer, library.document, library.source)
    assert (judged.good_pairs, judged.pairs, judged.supported) == (1, 2, (True,))


def test_a_quote_overlaps_its_evidence_by_half_of_the_shorter() -> None:
    assert overlaps("雪龙号19日", ("雪龙号19日穿越西风带。",))
    assert overlaps("前文。雪龙号19日穿越\n西风带。", ("雪龙号19日穿越西风带。",))
    assert not overlaps("绍兴市19日开展建设。", ("雪龙号19日穿越西风带。",))
    assert not overlaps("任何", ())


def test_the_library_asked_is_a_temporary_one(tmp_path: Path) -> None:
    (tmp_path / "page.txt").write_text(TEXT, encoding="utf-8")
    with library_of(tmp_path) as opened:
        home = opened.settings.home
        assert opened.counts()["documents"] == 1
        assert home.is_dir()
        assert tmp_path not in home.parents
    assert not home.exists()


def test_a_corpus_of_nothing_readable_is_bad_use(tmp_path: Path) -> None:
    (tmp_path / "page.xyz").write_text(TEXT, encoding="utf-8")
    for corpus in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(InvalidValue, match="corpus"), library_of(corpus):
            pass


# gates


def test_a_missed_gate_is_told_in_a_sentence(results: Results, tmp_path: Path) -> None:
    path = tmp_path / "gates.toml"
    path.write_text(
        "[facts]\nanswer_right = { min = 0.95 }\nbroken_citations = { max = 0 }\nmrr@10 = { min = 1 }\n"
        "[facts.kind.none]\nrefused_right = { min = 0.9 }\n".replace("mrr@10", '"mrr@10"'),
        encoding="utf-8",
    )
    assert missed(results, read_gates(path, "facts")) == [
        "answer_right is 0.333 (n=3), the gate is at least 0.95.",
        "refused_right of kind none is 0.500 (n=2), the gate is at least 0.9.",
    ]


def test_the_gates_of_the_project_can_be_read() -> None:
    gates = {gate.metric: gate for gate in read_gates(GATES, "facts") if gate.part is None}
    assert gates["answer_right"].minimum >= 0.95
    assert gates["refused_right"].minimum >= 0.95
    assert gates["broken_citations"].maximum == 0


@pytest.mark.parametrize(
    "line", ["answer_rigth = {min = 1}", "f1 = 0.9", "f1 = {min = 95}", "f1 = {least = 1}", "f1"]
)
def test_a_gate_that_could_never_fail_is_refused(tmp_path: Path, line: str) -> None:
    path = tmp_path / "gates.toml"
    path.write_text(f"[facts]\n{line}\n", encoding="utf-8")
    with pytest.raises(InvalidValue):
        read_gates(path, "facts")


# retrieval and reading


def beir(folder: Path, qrels: str = "q1\td2\t1\nq2\td1\t1\n") -> Path:
    rows = [("d1", "绍兴", "绍兴市开展建设。"), ("d2", "", "雪龙号穿越西风带。"), ("d3", "", "又是西风带。")]
    lines = [json.dumps({"_id": key, "title": title, "text": text}) for key, title, text in rows]
    (folder / "qrels").mkdir()
    (folder / "corpus.jsonl").write_text("\n".join(lines), encoding="utf-8")
    queries = [
        {"_id": "q1", "text": "西风带"},
        {"_id": "q2", "text": "粽子"},
        {"_id": "q3", "text": "无判断"},
    ]
    (folder / "queries.jsonl").write_text("\n".join(map(json.dumps, queries)), encoding="utf-8")
    (folder / "qrels" / "test.tsv").write_text(f"query-id\tcorpus-id\tscore\n{qrels}", encoding="utf-8")
    return folder


def test_retrieval_is_scored_over_documents(tmp_path: Path) -> None:
    read = read_beir(beir(tmp_path))
    assert read.unjudged == 1
    results = run_retrieval(Scripted(), read)
    assert [case["ranked"] for case in results.cases] == [["d2", "d3"], []]
    assert results.metrics["mrr@10"].value == 1 / 2, "a query that finds nothing scores zero"
    assert results.metrics["ndcg@10"].n == 2


def test_qrels_of_unknown_ids_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match=r"test\.tsv line 2"):
        read_beir(beir(tmp_path, "q1\td9\t1\n"))


def test_every_part_of_a_corpus_source_is_its_text() -> None:
    texts = [Text("a", "题", "正文\0。"), Text("b", "", "second\u202e"), Text("c", "", "\ud800")]
    source = source_of("c", texts)
    assert [source.text[part.start : part.end] for part in source.parts] == [
        "题\n正文\ufffd。",
        "second",
        "\ufffd",
    ]


def squad(path: Path) -> Path:
    qas = [
        {"id": "1", "question": "几家？", "answers": [{"text": "74家"}, {"text": "74家"}]},
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
        {"几家？": says(SENTENCES[0], "74家"), "哪天？": says(SENTENCES[2]), "几度？": refuses}
    )
    results = run_reading(library, passages, asked, dataset="toy")
    assert {question.documents for question in library.asked} == {(1,)}
    assert results.metrics["exact_match"].value == pytest.approx(2 / 3)
    # 雪龙号19日穿越西风带 has ten units, 19日 two, both shared: 2 * 2 / (10 + 2)
    assert results.metrics["f1"].value == pytest.approx((1 + 4 / 12 + 1) / 3)


def test_a_squad_file_is_told_where_it_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "toy.json"
    path.write_text('{"data": [{"paragraphs": [{"context": "a", "qas": [{"id": "1", "answers": []}]}]}]}')
    with pytest.raises(InvalidValue, match=r"data\[0\]\.paragraphs\[0\]\.qas\[0\]\.question"):
        read_squad(path)


# the report and the command


def test_the_report_shows_misses_first_and_escapes_what_it_shows(library: Scripted) -> None:
    library.script = SCRIPT | {"<img src=x onerror=alert(1)>": refuses}
    bad = fact("<img src=x onerror=alert(1)>", "74家")
    results = run_facts(library, [*FACTS, bad], dataset="<b>toy</b>")
    page = render(results, misses=["answer_right is <low>."])
    assert "<img" not in page and "<b>toy" not in page and "&lt;low&gt;" in page
    assert page.index("哪个市？") < page.index("几家？")
    assert "<mark>雪龙号19日穿越西风带。</mark>" in page
    assert "http" not in page, "it opens offline"


@pytest.fixture
def command(library: Scripted, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., int]:
    library.script = SCRIPT
    file = tmp_path / "toy.jsonl"
    rows = [
        {"id": f.id, "question": f.question, "answers": f.answers, "lang": f.lang, "kind": f.kind}
        for f in FACTS
    ]
    file.write_text("\n".join(map(json.dumps, rows)), encoding="utf-8")

    @contextmanager
    def scripted(corpus: Path | None = None):  # type: ignore[no-untyped-def]
        yield library

    monkeypatch.setattr(cli, "library_of", scripted)

    def run(*arguments: str) -> int:
        where = ["facts", str(file), "--corpus", str(tmp_path), "--out", str(tmp_path / "out")]
        return CliRunner().invoke(cli.app, [*where, *arguments]).exit_code

    return run


def gates_of(folder: Path, text: str) -> str:
    path = folder / "gates.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


def test_the_command_fails_when_a_gate_is_missed(command: Callable[..., int], tmp_path: Path) -> None:
    assert command() == 1
    assert command("--gates", gates_of(tmp_path, "[facts]\nanswer_right = { min = 0.3 }")) == 0
    assert (tmp_path / "out" / "report.html").is_file()


def test_the_command_prints_json_for_machines(
    library: Scripted, command: Callable[..., int], tmp_path: Path
) -> None:
    where = [
        "facts",
        str(tmp_path / "toy.jsonl"),
        "--corpus",
        str(tmp_path),
        "--out",
        str(tmp_path / "out"),
        "--json",
    ]
    printed = CliRunner().invoke(cli.app, where).stdout
    assert json.loads(printed)["dataset"] == "toy"


def test_the_command_fails_on_a_regression_only(
    library: Scripted, command: Callable[..., int], tmp_path: Path
) -> None:
    none = gates_of(tmp_path, "")
    assert command("--gates", none) == 0
    baseline = tmp_path / "baseline.json"
    (tmp_path / "out" / "results.json").rename(baseline)
    library.script = SCRIPT | {"几家？": refuses}
    assert command("--gates", none, "--baseline", str(baseline)) == 0, "one flip of five is noise"


@pytest.mark.parametrize(
    "option", [("--baseline", "nowhere.json"), ("--gates", "nowhere.toml"), ("--bogus", "1")]
)
def test_bad_use_exits_with_two(command: Callable[..., int], option: tuple[str, str]) -> None:
    assert command(*option) == 2


def test_a_facts_file_without_a_corpus_is_bad_use(tmp_path: Path) -> None:
    file = tmp_path / "unheard.jsonl"
    row = {"id": "a", "question": "几家？", "answers": [], "lang": "zh", "kind": "none"}
    file.write_text(json.dumps(row), encoding="utf-8")
    ran = CliRunner().invoke(cli.app, ["facts", str(file)])
    assert ran.exit_code == 2
    assert "--corpus" in ran.stderr
