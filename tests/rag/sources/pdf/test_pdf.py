"""PDF: text in reading order, headings, notes, running lines, and clear refusals. The files are made here."""

from __future__ import annotations

from io import BytesIO
from itertools import pairwise

import pypdf
import pytest
from reportlab.pdfgen.canvas import Canvas

from rag.sources import pdf
from rag.sources.base import Article, Limits, ReadingError, TooLargeError
from rag.sources.pdf import reader
from tests.pdf_makers import HEIGHT, SONG, WIDTH, Draw, encrypted, lines, pdf_of

LIMITS = Limits()

LEFT = [
    "The survey covered one thousand households in the",
    "valley between March and June. Interviews were held",
    "in person, and most of those who were asked were will-",
    "ing to answer every question that the panel had put.",
    "Tanks were found in nearly half of the houses, and a",
]
RIGHT = [
    "third of them were out of order when they were seen.",
    "Maintenance turned out to be the weak point, as only",
    "one owner in four had cleaned the filter of the tank",
    "within the last year, and every sixth tank was leaking",
    "at the time of the visit.",
]


def read(data: bytes) -> Article:
    """The one article of a PDF, its blocks exact and in order."""
    (article,) = pdf.read(data, LIMITS).articles
    for first, second in pairwise(article.blocks):
        assert first.end < second.start
    return article


def blocks(data: bytes, *roles: str) -> list[str]:
    """The texts of the blocks with these roles."""
    article = read(data)
    return [
        article.text[block.start : block.end]
        for block in article.blocks
        if block.role in roles
    ]


def two_columns(by_row: bool) -> Draw:
    """A title over two columns whose lines are drawn row by row, or one column after the other."""

    def draw(canvas: Canvas) -> None:
        lines(
            canvas,
            50,
            40,
            ["Rainwater Tanks in the Ardmore Valley and Beyond Its Northern Rim"],
            15,
        )
        if by_row:
            for number, (left, right) in enumerate(zip(LEFT, RIGHT, strict=True)):
                lines(canvas, 50, 90 + 13 * number, [left])
                lines(canvas, 320, 90 + 13 * number, [right])
        else:
            lines(canvas, 50, 90, LEFT)
            lines(canvas, 320, 90, RIGHT)

    return draw


@pytest.mark.parametrize("by_row", [True, False])
def test_columns_are_read_one_after_the_other_however_they_were_drawn(
    by_row: bool,
) -> None:
    data = pdf_of(two_columns(by_row))
    assert blocks(data, "heading") == [
        "Rainwater Tanks in the Ardmore Valley and Beyond Its Northern Rim"
    ]
    # The paragraph goes on from the foot of the left column to the top of the right one.
    assert blocks(data, "paragraph") == [
        "The survey covered one thousand households in the valley between March and June. Interviews were "
        "held in person, and most of those who were asked were willing to answer every question that the "
        "panel had put. Tanks were found in nearly half of the houses, and a third of them were out of order "
        "when they were seen. Maintenance turned out to be the weak point, as only one owner in four had "
        "cleaned the filter of the tank within the last year, and every sixth tank was leaking at the time "
        "of the visit."
    ]


def test_a_wide_figure_parts_a_page_into_bands() -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, 50, 60, LEFT)
        lines(canvas, 320, 60, RIGHT)
        canvas.rect(150, HEIGHT - 240, 300, 80)
        lines(
            canvas,
            130,
            250,
            [
                "Figure 1. Tanks by valley and by year, as counted by those who live there"
            ],
            9,
        )
        lines(
            canvas,
            50,
            300,
            ["Below the figure the left column begins anew with", *LEFT[1:]],
        )
        lines(
            canvas,
            320,
            300,
            ["at last the right column follows, and it is read as", *RIGHT[1:]],
        )

    text = read(pdf_of(draw)).text
    order = [
        "The survey covered",
        "third of them",
        "Figure 1. Tanks",
        "Below the figure",
        "at last the right",
    ]
    assert [text.index(start) for start in order] == sorted(
        text.index(start) for start in order
    )


def test_a_hyphen_stays_in_a_word_that_has_one_elsewhere() -> None:
    def draw(canvas: Canvas) -> None:
        lines(
            canvas,
            50,
            60,
            [
                "A long-term plan was asked for by all members of the board in spring, and long-",
                "term plans are costly. What was agreed on is a yearly report to the munici-",
                "pality.",
            ],
        )

    (paragraph,) = blocks(pdf_of(draw), "paragraph")
    assert "long-term plans" in paragraph
    assert paragraph.endswith("report to the municipality.")


def test_a_line_that_had_room_for_the_next_word_ends_its_paragraph() -> None:
    def draw(canvas: Canvas) -> None:
        lines(
            canvas,
            50,
            60,
            [
                "The first paragraph fills the line to its end, word by word, until none is left to",
                "fit.",
            ],
        )
        lines(
            canvas,
            50,
            86,
            ["The second follows without a blank line between the two of them."],
        )

    assert len(blocks(pdf_of(draw), "paragraph")) == 2


def test_running_heads_feet_and_page_numbers_are_set_apart() -> None:
    def page(number: int) -> Draw:
        def draw(canvas: Canvas) -> None:
            lines(canvas, 50, 20, [f"{number}    Annual Report of the Waterworks"], 8)
            lines(
                canvas,
                50,
                100,
                [
                    f"Page {number} says what the others leave out, {name}."
                    for name in "ab"
                ],
            )
            lines(canvas, 290, 800, [f"- {number} -"])

        return draw

    data = pdf_of(*(page(number) for number in (7, 8, 9)))
    assert blocks(data, "running") == [
        text
        for number in (7, 8, 9)
        for text in (f"{number} Annual Report of the Waterworks", f"- {number} -")
    ]
    assert not any("Annual" in text for text in blocks(data, "paragraph"))


def test_blocks_know_their_page_and_a_paragraph_goes_on_overleaf() -> None:
    first = [
        "What the council decided in May is that every house",
        "be given a meter, and that whoever has none by the",
    ]
    second = [
        "end of the year pays a flat fee of ninety crowns for",
        "each of the months that follow.",
    ]
    data = pdf_of(
        lambda canvas: lines(canvas, 50, 700, first),
        lambda canvas: lines(canvas, 50, 60, [*second, "", "", "A new paragraph."]),
    )
    article = read(data)
    assert article.text.split("\n\n")[0] == " ".join([*first, *second])
    assert [block.page for block in article.blocks] == [1, 2]


def test_headings_by_size_and_by_number_have_levels() -> None:
    body = [
        "This is prose that runs over the whole width of the page and says something at length,",
        "as prose does.",
    ]

    def draw(canvas: Canvas) -> None:
        lines(canvas, 50, 50, ["Handbook"], 20)
        lines(canvas, 50, 100, ["1. Scope"], 14)
        lines(canvas, 50, 130, body)
        lines(canvas, 50, 180, ["1.1. Who must read it"])
        lines(canvas, 50, 210, body)
        lines(canvas, 50, 260, ["In bold"], font="Helvetica-Bold")
        lines(canvas, 50, 290, body)

    article = read(pdf_of(draw))
    found = [
        (b.level, article.text[b.start : b.end])
        for b in article.blocks
        if b.role == "heading"
    ]
    assert found == [
        (1, "Handbook"),
        (2, "1. Scope"),
        (3, "1.1. Who must read it"),
        (3, "In bold"),
    ]
    assert article.title == "Handbook"


def test_numbered_lines_in_a_row_are_a_list_and_no_headings() -> None:
    def draw(canvas: Canvas) -> None:
        lines(
            canvas,
            50,
            50,
            ["What you need for it, in the order in which it will be asked for:"],
        )
        lines(canvas, 70, 80, ["1. Apples", "2. Pears", "3. Plums"])

    assert blocks(pdf_of(draw), "list_item") == ["1. Apples", "2. Pears", "3. Plums"]
    assert blocks(pdf_of(draw), "heading") == []


def test_a_footnote_is_told_by_its_mark_and_size() -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, 50, 60, [*LEFT, *LEFT])
        lines(canvas, 50, 700, ["1 Counted in June, when most of them stood empty."], 7)

    assert blocks(pdf_of(draw), "footnote") == [
        "1 Counted in June, when most of them stood empty."
    ]


def test_chinese_without_a_map_to_unicode() -> None:
    texts = [
        "经研究，定于十月十八日下午二时在总部三楼会议室召开第三季",
        "度安全生产工作会议。请各单位报名，联系人邱岚，电话是：86",
        "02-7715。",
    ]

    def draw(canvas: Canvas) -> None:
        lines(canvas, 70, 60, ["第一章　总则"], 18, SONG)
        lines(canvas, 70, 100, texts, 13, SONG)

    data = pdf_of(draw)
    assert blocks(data, "heading") == ["第一章 总则"]
    assert blocks(data, "paragraph") == [
        "经研究，定于十月十八日下午二时在总部三楼会议室召开第三季"
        "度安全生产工作会议。请各单位报名，联系人邱岚，电话是：8602-7715。"
    ]


def test_text_up_the_margin_and_across_the_page_is_a_stamp() -> None:
    def draw(canvas: Canvas) -> None:
        lines(canvas, 50, 60, LEFT)
        for angle, text in ((90, "preprint 2041.1"), (45, "DRAFT")):
            canvas.saveState()
            canvas.translate(30 if angle == 90 else WIDTH / 2, 400)
            canvas.rotate(angle)
            canvas.drawString(0, 0, text)
            canvas.restoreState()

    data = pdf_of(draw)
    assert set(blocks(data, "running")) == {"preprint 2041.1", "DRAFT"}
    assert len(blocks(data, "paragraph")) == 1


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-128", "AES-256"])
def test_an_empty_user_password_is_no_password(algorithm: str) -> None:
    plain = pdf_of(two_columns(False))
    assert read(encrypted(plain, algorithm)) == read(plain)


@pytest.mark.parametrize(
    ("title", "kept"),
    [("年度报告", "年度报告"), ("Microsoft Word - a.doc", None), ("Untitled", None)],
)
def test_a_title_of_the_file_is_kept_unless_a_program_made_it(
    title: str, kept: str | None
) -> None:
    assert (
        read(pdf_of(lambda canvas: lines(canvas, 50, 60, LEFT), title=title)).title
        == kept
    )


def test_refusals() -> None:
    plain = pdf_of(two_columns(False))
    blank = BytesIO()
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.write(blank)
    for data, why in [
        (
            encrypted(plain, "AES-256", "secret"),
            "encrypted; save it without a password",
        ),
        (blank.getvalue(), "there is no text in it"),
        (plain[:300], "damaged PDF"),
        (b"%PDF-1.7\n", "damaged PDF"),
        (b"not a pdf", "is not a PDF"),
    ]:
        with pytest.raises(ReadingError, match=why):
            pdf.read(data, LIMITS)


def test_a_damaged_page_is_named_and_the_others_kept() -> None:
    plain = pdf_of(
        *[
            lambda canvas, n=n: lines(canvas, 50, 60, [f"This is page {n}."])
            for n in (1, 2, 3)
        ]
    )
    kids = pypdf.PdfReader(BytesIO(plain)).trailer["/Root"]["/Pages"]["/Kids"]
    second = f"{kids[1].idnum} 0 obj".encode()
    broken = plain.replace(b"\n" + second, b"\n" + b"x" * len(second), 1)
    reading = pdf.read(broken, LIMITS)
    assert reading.warnings == (("failed", "page 2 is damaged and was not read"),)
    assert reading.articles[0].text == "This is page 1.\n\nThis is page 3."


def test_it_stops_at_too_much_text() -> None:
    with pytest.raises(TooLargeError, match="longer than 20 characters"):
        pdf.read(pdf_of(two_columns(False)), Limits(max_characters=20))


def test_pages_past_the_limit_are_named_and_the_others_kept(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(reader, "MAX_PAGES", 2)
    pages = [
        lambda canvas, n=n: lines(canvas, 50, 60, [f"This is page {n}."])
        for n in range(1, 6)
    ]
    reading = pdf.read(pdf_of(*pages), LIMITS)
    assert [kind for kind, _ in reading.warnings] == ["limit"]
    assert reading.warnings[0][1].startswith("pages 3 to 5 were not read")
    assert "This is page 2." in reading.articles[0].text


def test_time_runs_out_between_pages() -> None:
    pages = [lambda canvas: lines(canvas, 50, 60, LEFT)] * 3
    with pytest.raises(ReadingError, match="pages 1 to 3 were not read"):
        pdf.read(pdf_of(*pages), Limits(seconds=0))
