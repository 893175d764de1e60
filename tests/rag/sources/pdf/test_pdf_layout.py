"""The steps between a page's characters and its blocks, one at a time, on made-up pieces."""

from __future__ import annotations

import pytest

from rag.sources.pdf import marks
from rag.sources.pdf.captions import captioned
from rag.sources.pdf.characters import Glyph
from rag.sources.pdf.clock import Clock
from rag.sources.pdf.columns import reading_order
from rag.sources.pdf.frames import Frame
from rag.sources.pdf.furniture import without_furniture
from rag.sources.pdf.paragraphs import Paragraph, goes_on, hyphenated_words
from rag.sources.pdf.pieces import pieces_of
from rag.sources.pdf.roles import Body, body_of, levels_of, role_of
from rag.sources.pdf.ruled import ruled_tables, rules_along
from rag.sources.pdf.scanning import _named
from rag.sources.pdf.sheets import (
    Box,
    Grid,
    Line,
    Piece,
    Sheet,
    joined,
    rows_of,
)
from rag.text.widths import width_of

PAGE = Box(0, 0, 600, 800)
SIZE = 10.0


def glyphs(text: str, left: float = 0, top: float = 0) -> list[Glyph]:
    """Characters side by side, each half an em wide; a space is none, it marks the next."""
    found: list[Glyph] = []
    for number, character in enumerate(text):
        x = left + 5 * number
        if character != " ":
            spaced = number > 0 and text[number - 1] == " "
            box = Box(x, top, x + 5, top + SIZE)
            found.append(
                Glyph(character, box, SIZE, bold=False, hidden=False, spaced=spaced)
            )
    return found


def piece(text: str, left: float, top: float, size: float = SIZE) -> Piece:
    """A piece whose characters are half an em wide."""
    return Piece(
        text, Box(left, top, left + width_of(text) * size / 2, top + size), size
    )


def line(
    text: str, top: float = 0, left: float = 0, right: float = 300, **other: object
) -> Line:
    """A line of a column that is 300 points wide."""
    given: dict[str, object] = {"size": SIZE, "bold": False, "page": 1} | other
    box, column = Box(left, top, right, top + SIZE), Box(0, 0, 300, 700)
    return Line(text, box, column=column, **given)  # type: ignore[arg-type]


# Pieces: what stands side by side.


def test_words_are_one_piece_and_cells_are_several() -> None:
    near, far = glyphs("two words"), glyphs("a cell", left=100)
    assert [p.text for p in pieces_of([*near, *far], [])] == ["two words", "a cell"]


def test_a_rule_parts_characters_that_stand_close() -> None:
    rule = Box(20, -5, 20, 30)
    assert [p.text for p in pieces_of(glyphs("0.921.02"), [rule])] == ["0.92", "1.02"]


def test_characters_drawn_out_of_order_are_put_side_by_side() -> None:
    drawn = [*glyphs("world", left=30), *glyphs("hello")]
    assert [p.text for p in pieces_of(drawn, [])] == ["hello world"]


def test_bold_by_drawing_twice_is_read_once() -> None:
    twice = [shadow for g in glyphs("bold") for shadow in (g, g)]
    assert [p.text for p in pieces_of(twice, [])] == ["bold"]


def test_the_characters_of_a_ligature_share_its_box() -> None:
    box = Box(0, 0, 9, SIZE)
    fl = [Glyph(c, box, SIZE, bold=False, hidden=False, spaced=False) for c in "fl"]
    assert [p.text for p in pieces_of([*fl, *glyphs("ow", left=9)], [])] == ["flow"]


def test_rows_go_from_top_to_bottom_and_from_left_to_right() -> None:
    page = [piece("d", 50, 22), piece("a", 0, 0), piece("c", 0, 20), piece("b", 50, 1)]
    first, second = rows_of(page)
    assert [p.text for p in first] == ["a", "b"]
    assert [p.text for p in second] == ["c", "d"]


@pytest.mark.parametrize(
    ("first", "second", "glued", "whole"),
    [
        ("two", "words", False, "two words"),
        ("汉字", "相连", False, "汉字相连"),
        ("电话86", "02-7715", True, "电话8602-7715"),
        ("in 1999", "2000 came", False, "in 1999 2000 came"),
        ("", "alone", False, "alone"),
    ],
)
def test_joining(first: str, second: str, glued: bool, whole: str) -> None:
    assert joined(first, second, glued) == whole


def test_a_text_that_runs_upwards_is_turned_to_run_to_the_right() -> None:
    upwards = Frame(0, 0, 600, 800, turns=3)
    low, high = upwards.box(100, 50, 110, 60), upwards.box(100, 400, 110, 410)
    assert low.left < high.left
    assert low.top == high.top
    assert (upwards.whole.width, upwards.whole.height) == (800, 600)


# Columns: in which order.

PROSE = [
    "what a column of prose says in a line",
    "goes on in the next one and so fills it",
] * 3


def column(name: str, left: float, top: float = 100) -> list[Piece]:
    """Six lines of prose."""
    return [
        piece(f"{name} {text}", left, top + 14 * number)
        for number, text in enumerate(PROSE)
    ]


def order(pieces: list[Piece]) -> list[str]:
    """The first words of the columns in the order in which they are read."""
    found: list[str] = []
    for items in reading_order(pieces):
        texts = [item.text for item in items if isinstance(item, Piece)]
        found.append(texts[0].split()[0])
    return found


def test_three_columns() -> None:
    page = [*column("third", 480), *column("first", 0), *column("second", 230)]
    assert order(page) == ["first", "second", "third"]


def test_what_reaches_over_the_gutter_parts_the_page() -> None:
    wide = piece("wide " + "title that reaches over both columns of it " * 2, 0, 220)
    page = [
        *column("one", 0),
        *column("two", 230),
        wide,
        *column("three", 0, 260),
        *column("four", 230, 260),
    ]
    assert order(page) == ["one", "two", "wide", "three", "four"]


def test_short_cells_side_by_side_are_no_columns() -> None:
    cells = [
        piece(text, left, 100 + 14 * n)
        for n in range(6)
        for left, text in ((0, "Alpha"), (200, "2 kg"))
    ]
    assert len(reading_order(cells)) == 1


# Paragraphs: where they end, and where they go on.


@pytest.mark.parametrize(
    ("last", "first", "expected"),
    [
        (
            line("which was agreed upon in the", right=298),
            line("spring of that year"),
            True,
        ),
        (line("which was agreed upon.", right=298), line("Then it was dropped"), False),
        (line("ends early", right=60), line("because this is another"), False),
        (line("the munici-", right=120), line("pality has no plan"), True),
        (
            line("which was agreed upon in the", right=298),
            line("1.2 Next steps", size=14.0),
            False,
        ),
        (
            line("which was agreed upon in the", right=298),
            line("(2) a second item"),
            False,
        ),
    ],
)
def test_a_paragraph_goes_on_in_the_next_column(
    last: Line, first: Line, expected: bool
) -> None:
    assert goes_on(Paragraph([last]), Paragraph([first])) is expected


def test_hyphens_are_kept_where_the_word_has_one_elsewhere() -> None:
    known = hyphenated_words(["a long-term plan"])
    kept = Paragraph(
        [line("for the long-"), line("term and the munici-"), line("pality")]
    )
    assert kept.text(known) == "for the long-term and the municipality"


# Marks and roles.


@pytest.mark.parametrize(
    "text", ["Table 2 Rainfall", "表7.5 停车区", "图1：流程", "Fig. 3. Tanks", "续表 2"]
)
def test_captions(text: str) -> None:
    assert marks.is_caption(text)


@pytest.mark.parametrize(
    "text",
    ["Table 2 shows that", "表1所示的", "Tables are dear", "表示同意", "Figures rose"],
)
def test_sentences_about_tables_are_no_captions(text: str) -> None:
    assert not marks.is_caption(text)


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("第二章 总则", 1),
        ("第一节 定义", 2),
        ("3. Methods", 1),
        ("3.1 Sites", 2),
        ("3.1.2 Soil", 3),
        ("一、目的", 1),
        ("（二）范围", 2),
        ("Chapter 4", 1),
        ("3.5% of all", None),
        ("Methods", None),
    ],
)
def test_how_deep_a_number_stands(text: str, depth: int | None) -> None:
    assert marks.outline_depth(text) == depth


@pytest.mark.parametrize(
    "text",
    [
        "• one",
        "(1) one",
        "1. one",
        "a) one",
        "① one",
        "（一）其一",
        "一、其一",
        "- one",
    ],
)
def test_items(text: str) -> None:
    assert marks.is_item(text)


@pytest.mark.parametrize("text", ["1999 was wet", "-5 degrees", "one", "第一条 为了"])
def test_no_items(text: str) -> None:
    assert not marks.is_item(text)


BODY = Body(SIZE, bold=False)


@pytest.mark.parametrize(
    ("given", "role"),
    [
        (line("Findings", size=14.0), "heading"),
        (line("Findings", bold=True), "heading"),
        (line("3.1 Sites", right=60), "heading"),
        (line("Large print that ends as a sentence does。", size=14.0), "paragraph"),
        (line("1 Counted in June.", size=7.0), "footnote"),
        (line("单位：万元"), "caption"),
        (line("(1) an item"), "list_item"),
        (line("Plain prose"), "paragraph"),
        (line("12", size=14.0), "paragraph"),
    ],
)
def test_roles(given: Line, role: str) -> None:
    assert role_of(Paragraph([given]), given.text, BODY) == role


def test_the_body_is_what_most_characters_look_like() -> None:
    assert (
        body_of(
            [line("A title", size=20.0), line("prose " * 20), line("more prose " * 20)]
        )
        == BODY
    )


def test_levels_follow_size_and_then_numbers() -> None:
    looks = [
        ("Handbook", 20.0),
        ("1. Scope", 14.0),
        ("1.1. Who", 10.0),
        ("2. Duties", 14.0),
    ]
    headings = [(Paragraph([line(text, size=size)]), text) for text, size in looks]
    assert levels_of(headings) == [1, 2, 3, 2]


# Furniture, tables, captions.


def test_running_lines_recur_whatever_their_number() -> None:
    sheets = [
        Sheet(
            page,
            PAGE,
            (
                piece(f"{page} Report", 50, 20),
                piece(f"Page {page} differs", 50, 300),
                piece(f"{page}", 300, 770),
            ),
        )
        for page in (1, 2, 3)
    ]
    first = without_furniture(sheets)[0]
    assert (first.heads, first.feet) == (("1 Report",), ("1",))
    assert [p.text for p in first.sheet.pieces] == ["Page 1 differs"]


def test_a_lone_line_over_a_long_rule_is_a_running_head() -> None:
    rule = Box(50, 34, 550, 34)
    sheet = Sheet(
        1, PAGE, (piece("A standard", 250, 20), piece("The text", 50, 120)), (rule,)
    )
    assert without_furniture([sheet])[0].heads == ("A standard",)


def box_rules(left: float, top: float, right: float, bottom: float) -> list[Box]:
    """The four sides of a cell."""
    across = [Box(left, y, right, y) for y in (top, bottom)]
    return [*across, *(Box(x, top, x, bottom) for x in (left, right))]


def test_rules_in_parts_are_one() -> None:
    parts = [Box(0, 10, 50, 10), Box(51, 10.5, 100, 10.5), Box(0, 40, 100, 40)]
    assert [
        (rule.left, rule.right) for rule in rules_along(parts, horizontal=True)
    ] == [(0, 100), (0, 100)]


def test_cells_with_frames_of_their_own_make_a_table() -> None:
    texts = [["Name", "Age"], ["Ann", "41"]]
    rules: list[Box] = []
    pieces = [piece("outside", 300, 300)]
    for row, cells in enumerate(texts):
        for number, text in enumerate(cells):
            left, top = 100 * number, 20 * row
            rules += box_rules(left, top, left + 100, top + 20)
            pieces.append(piece(text, left + 5, top + 5))
    tables, rest = ruled_tables(Sheet(1, PAGE, tuple(pieces), tuple(rules)))
    assert [(table.rows, table.heads) for table in tables] == [
        ((("Name", "Age"), ("Ann", "41")), 1)
    ]
    assert [p.text for p in rest] == ["outside"]


def test_a_table_takes_the_caption_above_it_and_nothing_else() -> None:
    table = Grid((("a", "b"),), 0, Box(50, 100, 550, 140), (50, 300, 550), page=1)
    page = [
        piece("Prose that ends here.", 50, 40),
        piece("Table 3 Rain", 50, 74),
        piece("Unit: mm", 400, 74),
        piece("by year", 50, 86),
    ]
    ((captioned_one,), rest) = captioned([table], page)
    assert captioned_one.captions == ("Table 3 Rain by year", "Unit: mm")
    assert [p.text for p in rest] == ["Prose that ends here."]


# Words of warnings.


@pytest.mark.parametrize(
    ("pages", "named"),
    [
        ([3], "page 3 is"),
        ([1, 2, 3, 7], "pages 1-3 and 7 are"),
        ([1, 2], "pages 1-2 are"),
    ],
)
def test_pages_are_named_as_ranges(pages: list[int], named: str) -> None:
    assert _named(pages) == named


def test_the_clock_stops_before_the_last_second() -> None:
    assert not Clock(100).is_late()
    assert Clock(0).is_late()
