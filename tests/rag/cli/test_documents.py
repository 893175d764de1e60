"""``chuchu documents`` as a person and a machine use it, over a jumbled page."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len

from tests.rag.cli.test_main import Shell
from tests.toy_pages import PIECES, TEXT, page, page_home


@pytest.fixture(scope="module")
def chuchu(tmp_path_factory: pytest.TempPathFactory) -> Shell:
    return Shell(page_home(tmp_path_factory.mktemp("page") / "home"))


def test_a_document_is_shown_with_what_is_known_of_it(chuchu: Shell) -> None:
    lines = chuchu("documents", "show", "2").stdout.splitlines()
    assert lines[:2] == ["文化", "图书馆夜里也开门"]
    fields = {
        line[2:12].strip(): line[12:].strip() for line in lines[2 : lines.index("", 2)]
    }
    assert fields["published"].startswith("2024-11-20 (11月20日")
    assert (fields["byline"], fields["agency"], fields["place"]) == (
        "苗青",
        "本报",
        "青石",
    )
    shown = "\n".join(lines)
    assert "a copy: “二十一” for “二十二” in “晚开放到二十二点。📚新”" in shown
    assert "a copy: without “（记者 苗青）” in “20日电（记者 苗青）青石镇图”" in shown
    assert "常有读者带着” breaks off" in shown
    assert PIECES["library 1"] in lines


def test_a_page_is_shown_plain_where_there_is_no_terminal(chuchu: Shell) -> None:
    shown = chuchu("documents", "show", "1", "--page").stdout
    assert "\x1b" not in shown
    assert max(map(cell_len, shown.splitlines())) <= 80
    assert shown.startswith("青石日报.txt: 16 blocks, 2 documents, 1 block in none\n")
    assert "→ joined to 10 (0.97)" in shown
    order = [
        shown.index(PIECES[name])
        for name in ("bridge 2a", "library 2", "bridge 3b", "bridge 2b")
    ]
    assert order == sorted(order)


def test_a_page_as_json_says_the_same(chuchu: Shell) -> None:
    shown = chuchu.json("documents", "show", "1", "--page")
    assert (shown["document"], shown["source"]["sha256"]) == (1, page().sha256)
    assert [(each["id"], each["title"]) for each in shown["documents"]] == [
        (1, PIECES["bridge headline"]),
        (2, PIECES["library headline"]),
    ]
    assert [each["text"] for each in shown["blocks"]] == list(PIECES.values())
    assert [TEXT[slice(*each["span"])] for each in shown["blocks"]] == list(
        PIECES.values()
    )
    assert shown["blocks"][4]["goes_on"] == {
        "block": 10,
        "join": {"at": 66, "confidence": 0.97, "lossy": False},
    }


def test_an_answer_says_which_day_is_meant(chuchu: Shell) -> None:
    assert "昨日 is 2024-11-19" in chuchu("ask", "图书馆每晚开放到几点？").stdout


def test_the_page_of_no_document_is_bad_use(chuchu: Shell) -> None:
    done = chuchu("documents", "show", "99", "--page")
    assert (done.returncode, "no document 99" in done.stderr) == (2, True)


def test_a_plain_file_is_its_own_page(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("好标题\n\n今天天气好。\n", encoding="utf-8")
    chuchu = Shell(tmp_path / "home")
    assert chuchu("ingest", str(tmp_path / "a.txt")).returncode == 0
    shown = chuchu("documents", "show", "1", "--page").stdout
    assert shown.startswith("a.txt: 2 blocks, 1 document\n")
    assert "→" not in shown and "✂" not in shown
