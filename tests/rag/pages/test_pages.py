from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from models.language.sentences import GAP
from rag import sources
from rag.answering.citing import check, cite, source_spans
from rag.pages import recover
from rag.passages import MAX_CHARS, paragraphs, split
from rag.records import Document

LINES = st.text(alphabet="甲乙丙丁。，“”a b1\u3000\n\r\t😀é", max_size=200)


def one(text: str) -> Document:
    (document,) = recover(sources.read_bytes(text.encode(), "page.txt"))
    return document


def test_paragraphs_are_kept_in_order_and_white_space_goes() -> None:
    document = one("标题\n\n　　第一段。\n\n\n第二段。  \n")
    assert document.title == "标题"
    assert document.text == "标题\n\n第一段。\n\n第二段。"


def test_what_stands_twice_in_a_document_that_is_in_order_is_kept_twice() -> None:
    repeated = "这是一段足够长的、印了两遍的正文。"
    text = f"{repeated}\n\n别的话。\n\n{repeated}\n\n短\n\n短"
    document = one(text)
    assert document.text == text
    assert document.copies == ()


def test_lines_that_a_margin_broke_are_one_paragraph_and_map_back() -> None:
    # Four lines of 42 cells that end anywhere, and a last one that is shorter: the margin is at 42.
    lines = [
        "市图书馆在三月重新开放以后借书的人比去年多",
        "了三成，馆里因此又添置了六百册新书和二十张",
        "桌子，阅览室的灯也全部换成了不伤眼睛的新灯",
        "，读者说这里比从前亮堂得多，愿意坐得更久一",
        "些。",
    ]
    text = "\n".join(lines)
    document = one(text)
    assert document.text == "".join(lines)
    start = document.text.index("去年")
    found = source_spans(document, start, start + 6)
    assert [text[low:high] for low, high in found] == ["去年多", "了三成"]


def test_lines_that_end_where_their_writer_ended_them_stay_apart() -> None:
    text = "这一行没有完，\n下一行接着说完。\n\nThis line was\nwrapped here."
    assert one(text).text == text


@given(LINES)
@settings(max_examples=300, deadline=None)
def test_any_text_every_citation_is_exact(text: str) -> None:
    source = sources.read_bytes(f"始{text}终".encode(), "any.txt")
    for document in recover(source):
        tiles = document.map
        assert all(a < b for a, b, _ in tiles)
        assert all(
            document.text[a:b] == source.text[at : at + b - a] for a, b, at in tiles
        )
        ours = set(range(len(document.text))) - {
            i for a, b, _ in tiles for i in range(a, b)
        }
        assert all(document.text[i].isspace() or document.text[i] in GAP for i in ours)
        for passage in split(document, max_chars=20):
            assert document.text[passage.start : passage.end] == passage.text
            check(
                cite(1, document, passage, (passage.start, passage.end)),
                document,
                source,
            )


def test_a_long_paragraph_is_split_between_sentences() -> None:
    sentence = "这是一个不长不短的句子，" * 4 + "完了。"
    document = one(sentence * 20)
    passages = split(document)
    assert len(passages) > 1
    assert all(
        passage.text.endswith("。") and len(passage.text) <= MAX_CHARS
        for passage in passages
    )


def test_paragraphs_of_a_text() -> None:
    text = " 甲\n乙 \n \n\n丙"
    assert [text[a:b] for a, b in paragraphs(text)] == ["甲\n乙", "丙"]


def test_a_title_is_the_first_line_when_it_is_short_enough_for_one() -> None:
    assert one("会议由周明远主持。\n\n别的话。").title == "会议由周明远主持。"
    assert (
        one("很长的一段话，" * 20).title == "page"
    )  # the file's name without its suffix
