"""Pieces: captions find their tables, questions their role."""

from __future__ import annotations

from rag.sources.pieces import Piece, article_of, is_open_line
from rag.sources.tables import Table, TableCell, TableRow
from tests.outlines import blocks_of, texts_of


def table() -> Table:
    head = [TableCell(text) for text in "甲乙丙"]
    figures = [TableCell(text) for text in "123"]
    return Table([TableRow(head), TableRow(figures)])


def paragraph(text: str) -> Piece:
    return Piece("paragraph", text)


def test_title_and_unit_over_a_table_are_its_captions() -> None:
    article = article_of(
        [
            Piece("heading", "营收", 1),
            paragraph("表2 各季度营收"),
            paragraph("单位：万元"),
            table(),
        ]
    )
    assert texts_of(article, "caption") == ["表2 各季度营收", "单位：万元"]
    assert [block.table for block in article.blocks] == [None, 1, 1, 1, 1]
    assert article.text == "营收\n\n表2 各季度营收\n单位：万元\n甲 | 乙 | 丙\n1 | 2 | 3"


def test_a_short_line_over_a_table_is_its_title_but_a_sentence_is_not() -> None:
    titled = article_of([paragraph("概况。"), paragraph("各科室联系方式"), table()])
    assert texts_of(titled, "caption") == ["各科室联系方式"]
    told = article_of(
        [paragraph("概况。"), paragraph("下表为各科室的联系方式。"), table()]
    )
    assert texts_of(told, "caption") == []


def test_the_first_line_is_the_documents() -> None:
    assert blocks_of(article_of([paragraph("联系方式"), table()]))[0] == (
        "paragraph",
        "联系方式",
    )


def test_what_stands_under_a_table_is_its_note() -> None:
    article = article_of(
        [
            table(),
            paragraph("注：快报数。"),
            paragraph("资料来源：统计局"),
            paragraph("正文。"),
        ]
    )
    assert texts_of(article, "footnote") == ["注：快报数。", "资料来源：统计局"]
    assert article.blocks[-1].table is None


def test_a_caption_goes_to_one_table_only() -> None:
    article = article_of([paragraph("前文。"), table(), paragraph("表2 乙"), table()])
    (caption,) = [block for block in article.blocks if block.role == "caption"]
    assert caption.table == 2


def test_a_question_is_one_when_it_is_answered() -> None:
    article = article_of(
        [
            paragraph("Q：保修多久？"),
            paragraph("A：一年。"),
            paragraph("Q：还有吗？"),
            paragraph("再见。"),
        ]
    )
    assert [role for role, _ in blocks_of(article)] == [
        "question",
        "paragraph",
        "paragraph",
        "paragraph",
    ]


def test_blank_pieces_go() -> None:
    assert article_of([paragraph(" \n"), paragraph("甲")]).text == "甲"


def test_an_open_line() -> None:
    assert is_open_line("3.1 验收", 40)
    assert is_open_line("About Foo Inc.", 40)
    assert not is_open_line("样品应当在两小时内登记。", 40)
    assert not is_open_line("", 40)
    assert not is_open_line("长" * 41, 40)
