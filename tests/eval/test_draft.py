"""Drafts of facts: what questions sentences make, what the file holds, and a person going through them."""

from __future__ import annotations

import codecs
import json
import os
import pty
import select
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from typer.testing import CliRunner

from eval.cli import app
from eval.draft import accepted, draft
from eval.draft_file import DraftRow, LibraryAnswer, read_rows, write_rows
from eval.draft_questions import proposals, varied
from eval.draft_review import Tally, review
from eval.facts import Fact, read_facts
from rag.errors import InvalidValue
from rag.library import Library
from tests.conftest import ROOT

# questions


@pytest.mark.parametrize(
    ("sentence", "question", "answer", "kind"),
    [
        (
            "小镇图书馆于3月5日重新开放。",
            "小镇图书馆是什么时候重新开放的？",
            "3月5日",
            "fact",
        ),
        (
            "2019年，河湾果园引进滴灌技术。",
            "河湾果园引进滴灌技术是什么时候？",
            "2019年",
            "fact",
        ),
        ("新馆共有四层，读者可以免费借阅。", "新馆共有多少层？", "四层", "fact"),
        (
            "小镇图书馆馆长周明远说，新馆很大。",
            "小镇图书馆馆长是谁？",
            "周明远",
            "fact",
        ),
        ("河湾果园位于小镇东南角。", "河湾果园位于哪里？", "小镇东南角", "fact"),
        ("新馆由县建筑设计院设计。", "新馆由谁设计？", "县建筑设计院", "fact"),
        (
            "镇政府印发《小镇阅读三年行动方案》。",
            "镇政府印发的是什么？",
            "小镇阅读三年行动方案",
            "fact",
        ),
        (
            "果园主人介绍，增产的原因是引进了滴灌技术。",
            "增产的原因是什么？",
            "引进了滴灌技术",
            "why",
        ),
        (
            "为了方便老人，图书馆增设了轮椅。",
            "图书馆增设了轮椅是为了什么？",
            "为了方便老人",
            "why",
        ),
        (
            "图书馆的服务包括借阅、复印和讲座等。",
            "图书馆的服务包括哪些？",
            "借阅、复印和讲座",
            "list",
        ),
        (
            "The Elm Museum was founded in 1921.",
            "When was the Elm Museum founded?",
            "1921",
            "fact",
        ),
        (
            "The stone bridge over the Elm River was finished in 1887 by the engineer Martha Holloway.",
            "Who finished the stone bridge over the Elm River?",
            "Martha Holloway",
            "fact",
        ),
        (
            "The museum has 12 galleries and a tea room.",
            "How many galleries does the museum have?",
            "12",
            "fact",
        ),
        (
            "The bridge carries about 9,000 cars a day.",
            "How many cars does the bridge carry a day?",
            "about 9,000",
            "fact",
        ),
        (
            "The ferry was cancelled because the river was frozen.",
            "Why was the ferry cancelled?",
            "the river was frozen",
            "why",
        ),
        (
            "Susan Wright, the director of the Elm Museum, spoke.",
            "Who is the director of the Elm Museum?",
            "Susan Wright",
            "fact",
        ),
    ],
)
def test_a_sentence_makes_its_question(
    sentence: str, question: str, answer: str, kind: str
) -> None:
    found = {each.question: each for each in proposals(f"标题\n{sentence}\n")}
    assert question in found, list(found)
    assert (found[question].answer, found[question].kind) == (answer, kind)


@pytest.mark.parametrize(
    "sentence",
    [
        "他于3月5日离开。",
        "It has 12 galleries.",
        "近日，图书馆重新开放。",
        "记者从沧州泊头市前八尺高村了解到情况。",
        "镇政府印发《三年行动方案》。".replace("镇政府印发", "这份"),
    ],
)
def test_what_cannot_be_asked_by_itself_is_not(sentence: str) -> None:
    assert proposals(sentence) == []


def test_proposals_are_verbatim_and_none_is_asked_twice() -> None:
    text = (ROOT / "seeds").glob("*.txt").__next__().read_text(encoding="utf-8")
    found = proposals(text)
    assert len(found) > 20
    assert len({each.question for each in found}) == len(found)
    for each in found:
        assert text[each.start : each.end] == each.evidence
        assert each.answer in each.evidence and each.answer not in each.question


def test_a_choice_is_of_every_pattern_and_from_all_over() -> None:
    lines = [
        f"展厅{name}共有{n + 20}件展品。"
        for n, name in enumerate("甲乙丙丁戊己庚辛壬癸子丑寅卯辰巳午未申酉")
    ]
    lines.append("小镇图书馆于3月5日重新开放。")
    chosen = varied(proposals("\n".join(lines)), 5)
    assert len(chosen) == 5
    assert {each.pattern for each in chosen} == {"number", "date"}
    numbers = [each.start for each in chosen if each.pattern == "number"]
    assert max(numbers) - min(numbers) > len("\n".join(lines)) / 3


# drafts


def test_drafts_of_a_library_hold_what_it_answers_itself(library: Library) -> None:
    rows = draft(library, limit=20)
    by_question = {row.fact.question: row for row in rows}
    when = by_question["小镇图书馆是什么时候重新开放的？"]
    assert when.draft and when.document == "小镇图书馆重新开放"
    assert when.fact.answers == ("3月5日",)
    assert when.library and when.library.agrees and "3月5日" in when.library.says
    assert all(row.fact.evidence for row in rows if row.fact.answers)
    none = [row for row in rows if not row.fact.answers]
    assert 1 <= len(none) <= 4
    assert all(row.fact.kind == "none" and row.fact.evidence == () for row in none)
    texts = "\n".join(document.text for document in library.documents())
    assert all(evidence in texts for row in rows for evidence in row.fact.evidence)


def test_what_is_known_is_not_proposed_again(library: Library) -> None:
    first = draft(library, limit=50)
    again = draft(library, limit=50, known=[row.fact.question for row in first])
    assert not {row.fact.question for row in first} & {
        row.fact.question for row in again
    }


def test_a_hedged_number_is_accepted_bare_as_well() -> None:
    assert accepted("超过280种") == ("超过280种", "280种")
    assert accepted("about 9,000") == ("about 9,000", "9,000")
    assert accepted("约翰") == ("约翰",)


# the file

FACT = Fact("a", "新馆有几层？", ("四层",), "zh", "fact", ("新馆共有四层。",))
DRAFT = DraftRow(FACT, True, "小镇图书馆", LibraryAnswer("三层", False))


def rows_of(n: int) -> list[DraftRow]:
    return [
        DraftRow(
            Fact(f"id{k}", f"第{k}问？", (f"答{k}",), "zh", "fact", (f"答{k}。",)), True
        )
        for k in range(n)
    ]


def test_rows_come_back_and_the_harness_refuses_a_draft(tmp_path: Path) -> None:
    path = tmp_path / "facts.jsonl"
    write_rows(
        path, [DraftRow(FACT), DraftRow(Fact("b", "q?", (), "en", "none"), True)]
    )
    assert read_rows(path) == [
        DraftRow(FACT),
        DraftRow(Fact("b", "q?", (), "en", "none"), True),
    ]
    with pytest.raises(InvalidValue, match=r"line 2: draft.*chuchu eval review"):
        read_facts(path)
    write_rows(path, [DRAFT.kept()])
    assert read_facts(path) == [FACT]
    assert json.loads(path.read_text(encoding="utf-8")).keys() == {
        "id", "question", "answers", "lang", "kind", "evidence",
    }  # fmt: skip


def test_a_row_keeps_items_and_leaves_out_what_it_has_not(tmp_path: Path) -> None:
    path = tmp_path / "facts.jsonl"
    listed = replace(FACT, kind="list", items=(("一层",), ("四层", "4层")))
    write_rows(path, [DraftRow(listed)])
    assert read_facts(path) == [listed]
    assert "wrong" not in json.loads(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize(
    "line", ["{", "[]", '{"draft": true}', '{"id": "a", "nonsense": 1}']
)
def test_a_bad_line_is_named(tmp_path: Path, line: str) -> None:
    path = tmp_path / "facts.jsonl"
    write_rows(path, [DRAFT])
    path.write_text(path.read_text(encoding="utf-8") + line, encoding="utf-8")
    with pytest.raises(InvalidValue, match="line 2"):
        read_rows(path)


# the review


class Scripted:
    """A person whose keys and words are written here."""

    def __init__(self, keys: str, words: Sequence[str] = ()) -> None:
        self.keys: Iterator[str] = iter(keys)
        self.words = iter(words)
        self.shown: list[str] = []
        self.told: list[str] = []

    def show(self, row: DraftRow, at: int, tally: Tally) -> None:
        self.shown.append(row.fact.question)

    def key(self) -> str:
        return next(self.keys)

    def edit(self, what: str, value: str) -> str:
        return next(self.words)

    def tell(self, sentence: str) -> None:
        self.told.append(sentence)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "facts.jsonl"
    write_rows(path, [DraftRow(FACT), *rows_of(4)])
    return path


def test_keep_drop_skip_and_quit(file: Path) -> None:
    tally = review(file, Scripted("kdsq"))
    assert (tally.drafts, tally.kept, tally.dropped, tally.skipped) == (4, 1, 1, 1)
    assert [(row.fact.id, row.draft) for row in read_rows(file)] == [
        ("a", False),
        ("id0", False),
        ("id2", True),
        ("id3", True),
    ]


def test_a_review_goes_on_where_it_was_left(file: Path) -> None:
    review(file, Scripted("kkq"))
    person = Scripted("kk")
    review(file, person)
    assert person.shown == ["第2问？", "第3问？"]
    assert len(read_facts(file)) == 5


def test_every_word_is_kept_even_when_the_next_never_comes(file: Path) -> None:
    with pytest.raises(StopIteration):
        review(file, Scripted("kd"))
    assert [row.fact.id for row in read_rows(file)] == ["a", "id0", "id2", "id3"]


def test_undo_takes_back_the_last_decisions(file: Path) -> None:
    person = Scripted("ukduuq")
    tally = review(file, person)
    assert person.told == ["There is nothing to undo."]
    assert person.shown == [
        "第0问？",
        "第0问？",
        "第1问？",
        "第2问？",
        "第1问？",
        "第0问？",
    ]
    assert (tally.kept, tally.dropped) == (0, 0)
    assert read_rows(file) == [DraftRow(FACT), *rows_of(4)]


def test_question_and_answers_can_be_edited(file: Path) -> None:
    asked: list[Fact] = []

    def ask(fact: Fact) -> LibraryAnswer:
        asked.append(fact)
        return LibraryAnswer("答0", True)

    person = Scripted("eaksssq", ["How  many?", "答0 / 别的"])
    review(file, person, ask)
    fact = read_rows(file)[1].fact
    assert (fact.question, fact.lang, fact.answers) == (
        "How many?",
        "en",
        ("答0", "别的"),
    )
    assert person.told == ["Not in the evidence: 别的"]
    assert [each.answers for each in asked] == [("答0",), ("答0", "别的")]


def test_a_fact_without_answers_asks_for_a_refusal_and_back(file: Path) -> None:
    review(file, Scripted("aksssq", [" / "]))
    fact = read_rows(file)[1].fact
    assert (fact.kind, fact.answers, fact.evidence) == ("none", (), ())
    write_rows(file, [DraftRow(fact, True)])
    review(file, Scripted("ak", ["四层"]))
    assert read_facts(file)[0].kind == "fact"


def test_an_edit_that_says_nothing_changes_nothing(file: Path) -> None:
    before = file.read_text(encoding="utf-8")
    review(file, Scripted("eaq", ["  ", "答0"]))
    assert file.read_text(encoding="utf-8") == before


# the commands


@pytest.fixture
def corpus(tmp_path: Path) -> Path:
    folder = tmp_path / "documents"
    folder.mkdir()
    text = "小镇图书馆重新开放\n\n小镇图书馆于3月5日重新开放，馆长周明远说，新馆共有四层，藏书12万册。\n"
    (folder / "图书馆.txt").write_text(text, encoding="utf-8")
    return folder


def run(*arguments: str | Path) -> tuple[int, str]:
    ran = CliRunner().invoke(app, [str(each) for each in arguments])
    return ran.exit_code, ran.output


def test_without_a_terminal_drafts_are_written_as_such(
    corpus: Path, tmp_path: Path
) -> None:
    out = tmp_path / "facts.jsonl"
    code, told = run("draft", corpus, "--out", out)
    assert code == 0
    assert "chuchu eval review" in told
    rows = read_rows(out)
    assert rows and all(row.draft for row in rows)
    code, told = run("facts", out, "--corpus", corpus)
    assert code == 2
    assert "chuchu eval review" in " ".join(told.split())
    code, told = run("review", out)
    assert code == 2
    assert "--yes" in told
    assert run("review", out, "--yes")[0] == 0
    assert len(read_facts(out)) == len(rows)
    code, told = run("draft", corpus, "--out", out)
    assert code == 2, "there is nothing else to ask"
    assert len(read_facts(out)) == len(rows)


def test_drafts_can_be_kept_unseen_and_measured(corpus: Path, tmp_path: Path) -> None:
    out, folder = tmp_path / "facts.jsonl", tmp_path / "out"
    assert run("draft", corpus, "--out", out, "--yes", "--limit", "2")[0] == 0
    assert len(read_facts(out)) == 2
    gates = tmp_path / "gates.toml"
    gates.write_text("", encoding="utf-8")
    code, told = run(
        "facts",
        out,
        "--corpus",
        corpus,
        "--out",
        folder,
        "--gates",
        gates,
        "--no-cache",
    )
    assert code == 0, told
    assert (folder / "report.html").is_file()


@pytest.mark.slow
def test_on_a_terminal_the_review_takes_one_key_a_draft(tmp_path: Path) -> None:
    """A real terminal: keys one by one, the edited line prefilled."""
    file = tmp_path / "facts.jsonl"
    write_rows(file, [DRAFT, *rows_of(2)])
    main, side = pty.openpty()
    code = "import sys; from eval.cli import app; app(['review', sys.argv[1]])"
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(file)], cwd=ROOT, stdin=side, stdout=side, stderr=side,
        env=os.environ | {"TERM": "xterm", "COLUMNS": "100", "LINES": "40"},
    )  # fmt: skip
    os.close(side)
    seen = ""
    decoder = codecs.getincrementaldecoder("utf-8")(
        "replace"
    )  # a read may end within a character

    def wait_for(text: str) -> None:
        nonlocal seen
        end = time.monotonic() + 60
        while text not in seen and time.monotonic() < end:
            if select.select([main], [], [], 1)[0]:
                seen += decoder.decode(os.read(main, 4096))
        assert text in seen
        seen = seen.split(text, 1)[1]

    try:
        wait_for("新馆有几层？")
        wait_for("the library says 三层")
        wait_for("q quit")
        os.write(main, b"a")
        wait_for("四层")
        os.write(main, " / 4层\r".encode())
        wait_for("q quit")
        os.write(main, b"k")
        wait_for("第0问？")
        wait_for("q quit")
        os.write(main, b"d")
        wait_for("第1问？")
        wait_for("q quit")
        os.write(main, b"q")
        wait_for("kept 1, dropped 1, 1 left")
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        os.close(main)
    kept = read_rows(file)
    assert [(row.fact.answers, row.draft) for row in kept] == [
        (("四层", "4层"), False),
        (("答1",), True),
    ]
