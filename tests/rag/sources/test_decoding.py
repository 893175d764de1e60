"""Bytes to characters, from four characters up."""

from __future__ import annotations

import pytest

from rag.sources.base import ReadingError
from rag.sources.decoding import decode

SIMPLIFIED = (
    "知识产权",
    "北京市供暖",
    "全国有多少家国家级知识产权保护中心？",
    "他说：“一切都好。”\n第二行。",
)
TRADITIONAL = (
    "臺灣大學",
    "資料科學家",
    "國立故宮博物院位於臺北市士林區。",
    "他說：「一切都好。」\n第二行。",
)


@pytest.mark.parametrize(
    "text",
    [
        *SIMPLIFIED,
        *TRADITIONAL,
        "plain ASCII",
        "naïve café",
        "日本語とかな",
        "😀👩‍👩‍👧‍👦",
    ],
)
@pytest.mark.parametrize(
    ("codec", "name"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16-le"),  # Python writes the mark of this machine's order
        ("utf-32", "utf-32-le"),
    ],
)
def test_unicode_encodings_are_known_by_mark_or_form(
    text: str, codec: str, name: str
) -> None:
    assert decode(text.encode(codec)) == (text, name)


def test_big_endian_marks() -> None:
    assert decode(b"\xfe\xff" + "知识".encode("utf-16-be")) == ("知识", "utf-16-be")
    assert decode(b"\0\0\xfe\xff" + "知识".encode("utf-32-be")) == ("知识", "utf-32-be")


@pytest.mark.parametrize("text", SIMPLIFIED)
def test_short_gb18030(text: str) -> None:
    assert decode(text.encode("gb18030")) == (text, "gb18030")


@pytest.mark.parametrize("text", TRADITIONAL)
def test_short_big5(text: str) -> None:
    assert decode(text.encode("big5")) == (text, "big5hkscs")


@pytest.mark.parametrize("text", TRADITIONAL)
def test_traditional_characters_in_gb18030(text: str) -> None:
    assert decode(text.encode("gb18030")) == (text, "gb18030")


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize(
    "text",
    ["plain ASCII\r\n", "Title: 知识产权保护中心", *SIMPLIFIED[1:], *TRADITIONAL[1:]],
)
def test_utf16_without_a_mark(text: str, codec: str) -> None:
    assert decode(text.encode(codec)) == (text, codec)


@pytest.mark.parametrize(
    "text",
    [
        "It’s “fine”.",
        "Crème brûlée, s’il vous plaît",
        "the delbrück experiment",
        "£5 – €7",
    ],
)
def test_western_text_is_not_taken_for_chinese(text: str) -> None:
    assert decode(text.encode("cp1252")) == (text, "cp1252")


@pytest.mark.parametrize(
    ("text", "codec"),
    [
        ("吾輩は猫である。名前はまだ無い。", "cp932"),
        ("吾輩は猫である。名前はまだ無い。", "euc_jp"),
        ("모든 인간은 태어날 때부터 자유로우며 존엄하다.", "cp949"),
    ],
)
def test_japanese_and_korean_sentences(text: str, codec: str) -> None:
    assert decode(text.encode(codec)) == (text, codec)


def test_a_declaration_is_believed_only_if_the_bytes_bear_it_out() -> None:
    rare = "靐龘"  # nothing here is ordinary in any encoding
    assert decode(rare.encode("gb18030"), declared="gb2312") == (rare, "gb18030")
    assert decode("知识产权".encode(), declared="gb2312") == ("知识产权", "utf-8")
    assert decode("Привет, мир".encode("cp1251"), declared="windows-1251") == (
        "Привет, мир",
        "cp1251",
    )
    for nonsense in ("rot13", "no-such", "", "utf-7", "\ud800"):
        assert decode("知识产权".encode("gb18030"), declared=nonsense)[0] == "知识产权"


def test_a_damaged_byte_in_a_long_file_costs_at_most_its_line() -> None:
    text = "新华社记者报道，今年的供暖工作已经开始。\n" * 100
    for codec in ("utf-8", "gb18030"):
        damaged = bytearray(text.encode(codec))
        damaged[900] = 0xFF
        read, name = decode(bytes(damaged))
        assert name == codec
        assert "\ufffd" in read
        lines = [
            (a, b)
            for a, b in zip(read.split("\n"), text.split("\n"), strict=True)
            if a != b
        ]
        assert len(lines) == 1


def test_a_file_cut_inside_its_last_character() -> None:
    text = "新华社记者报道。" * 200
    assert decode(text.encode()[:-1]) == (text[:-1] + "\ufffd", "utf-8")


def test_what_tells_may_come_late() -> None:
    text = "a" * 300_001 + " it’s “late”"
    assert decode(text.encode("cp1252")) == (text, "cp1252")


@pytest.mark.parametrize(
    "data",
    [
        b"\x7fELF\x02\x01\x01" + bytes(200) + b"\x03\0>\0",
        bytes(range(32)) * 4,
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\1\0\0\0\1\0\x08\6\0\0\0\x5c\x72\xa8\x66",
        b"\xff\xfe\x00\xd8" * 3,
        b"\xff\xff\xff\xff",
        "Все люди рождаются свободными".encode("koi8-r"),
    ],
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(ReadingError):
        decode(data)
