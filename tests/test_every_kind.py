"""A file of every kind that is read, taken in beside some that are not: each answers, with its place."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bench.made_files import MAKERS, Section
from rag.answering.citing import check, cite
from rag.library import Failed, Ingested, Library, Question
from rag.records import Citation
from rag.settings import Settings
from rag.sources import FORMATS

THINGS = {
    ".txt": "青禾水泵",
    ".md": "白桦风机",
    ".html": "红杉锅炉",
    ".pdf": "云岭钻机",
    ".docx": "海棠车床",
    ".pptx": "金沙磨床",
    ".xlsx": "紫薇阀门",
    ".csv": "丹桂轴承",
    ".json": "玉兰电机",
    ".jsonl": "雪松压机",
    ".epub": "石榴铣床",
    ".eml": "芦苇吊机",
    ".srt": "山茶叉车",
    ".log": "梧桐泵站",
    ".py": "银杏熔炉",
    ".odt": "木棉镗床",
    ".rtf": "橡树刨床",
}
"""What the file of each kind is about, so that no other can answer for it."""
NUMBERS = {suffix: str(1450 + 37 * place) for place, suffix in enumerate(THINGS)}
TABLES = (".xlsx", ".csv", ".json")
WITHOUT_HEADINGS = (*TABLES, ".jsonl", ".srt", ".log", ".py")
ON_PAGES = (".pdf", ".pptx")
SCAN = "The pump in the cellar weighs 382 kg when it is dry."
LEFT_OUT = {
    "empty.txt": ("empty", "it is empty"),
    "torn.docx": ("failed", "it is not a DOCX or is damaged"),
    "torn.png": ("failed", "it is not a PNG or a JPEG"),
    "old.doc": ("unsupported", "save it as .docx"),
    "photo.gif": ("unsupported", "put its text into a .txt or .docx file"),
}
"""What is left out of the folder, with the kind of the warning and some of what it says."""


def made(suffix: str) -> bytes:
    """The file about one thing: how fast it turns, in prose and as a row of a table."""
    thing, number = THINGS[suffix], NUMBERS[suffix]
    prose = f"{thing}的额定转速为每分钟{number}转，由两个人一起安装。"
    rows = (
        ("名称", "额定转速", "颜色"),
        (thing, f"{number}转", "绿色"),
        ("其他设备", "未定", "灰色"),
    )
    return MAKERS[suffix](
        [Section("安装与检修", (prose,), rows if suffix in TABLES else ())]
    )


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("kinds")
    for suffix in THINGS:
        Path(folder, f"made{suffix}").write_bytes(made(suffix))
    Path(folder, "made.png").write_bytes(MAKERS[".png"]([Section("Cellar", (SCAN,))]))
    Path(folder, "empty.txt").write_bytes(b"")
    Path(folder, "torn.docx").write_bytes(made(".docx")[:500])
    Path(folder, "torn.png").write_bytes(b"no picture")
    Path(folder, "old.doc").write_bytes(b"\xd0\xcf\x11\xe0" + bytes(500))
    Path(folder, "photo.gif").write_bytes(b"GIF89a")
    return folder


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    with Library.open(
        Settings(home=tmp_path_factory.mktemp("home"), encoder="quick")
    ) as library:
        yield library


@pytest.fixture(scope="module")
def outcomes(opened: Library, folder: Path) -> list[Ingested | Failed]:
    """What became of each file, and of a path that is not there."""
    named = [folder, *(folder / name for name in LEFT_OUT), folder / "missing.txt"]
    return list(opened.ingest(named))


def cited(library: Library, question: str) -> Citation:
    """The first citation of the answer; the invariants of all hold."""
    answer = library.ask(Question(question))
    assert answer.status == "answered"
    for citation in answer.citations:
        check(
            citation,
            library.document(citation.document_id),
            library.source(citation.source_sha256),
        )
    return answer.citations[0]


def found(library: Library, question: str) -> Citation:
    """The passage that is found first, as it would be cited; its invariants hold."""
    hit = library.search(Question(question))[0]
    citation = cite(1, hit.document, hit.passage, (hit.passage.start, hit.passage.end))
    check(citation, hit.document, library.source(citation.source_sha256))
    return citation


def test_there_is_a_file_for_every_reader() -> None:
    readers = {FORMATS[suffix].read for suffix in MAKERS}
    assert readers == {kind.read for kind in FORMATS.values()}
    assert set(MAKERS) == {*THINGS, ".png"}


def test_all_are_taken_in(outcomes: list[Ingested | Failed]) -> None:
    taken = {done.source.name for done in outcomes if isinstance(done, Ingested)}
    assert taken == {f"made{suffix}" for suffix in MAKERS}
    assert all(
        done.documents and done.passages
        for done in outcomes
        if isinstance(done, Ingested)
    )


@pytest.mark.parametrize("suffix", THINGS)
def test_each_is_found_with_its_place(
    opened: Library, outcomes: list[Ingested | Failed], suffix: str
) -> None:
    citation = found(opened, f"{THINGS[suffix]}的额定转速是多少？")
    assert citation.source_name == f"made{suffix}"
    assert NUMBERS[suffix] in citation.quote
    assert ("安装与检修" in citation.where.headings) == (suffix not in WITHOUT_HEADINGS)
    assert citation.where.page == (1 if suffix in ON_PAGES else None)
    row = dict(citation.where.row)
    assert row.get("额定转速") == (f"{NUMBERS[suffix]}转" if suffix in TABLES else None)
    assert not citation.where.ocr


def test_a_picture_answers_and_says_that_a_machine_read_it(
    opened: Library, outcomes: list[Ingested | Failed]
) -> None:
    citation = cited(opened, "How much does the pump in the cellar weigh?")
    assert citation.source_name == "made.png"
    assert "382" in citation.quote
    assert (citation.where.page, citation.where.ocr) == (1, True)


@pytest.mark.parametrize("name", LEFT_OUT)
def test_what_is_left_out_is_named(
    outcomes: list[Ingested | Failed], name: str
) -> None:
    kind, why = LEFT_OUT[name]
    (failed, *_) = [
        done for done in outcomes if isinstance(done, Failed) and done.name == name
    ]
    assert failed.warning.kind == kind
    assert why in failed.warning.detail
    assert "\n" not in failed.warning.detail


def test_a_missing_path_fails_alone(
    outcomes: list[Ingested | Failed], folder: Path
) -> None:
    (failed,) = [
        done
        for done in outcomes
        if isinstance(done, Failed) and "missing.txt" in done.name
    ]
    assert failed.warning.kind == "failed"
    assert failed.warning.detail == "there is no such file or folder"
