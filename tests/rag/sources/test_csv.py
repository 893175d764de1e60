"""CSV: delimiters, encodings, quoting, files without heads, and rows of any length."""

from __future__ import annotations

import pytest

from rag.sources import csv, read_bytes
from rag.sources.base import Limits, ReadingError, TooLargeError
from tests.hostile import LIMITS, by_heads, check, damaged, only, seen, survives

REGISTER = "编号,名称,日期\nE-1,示波器,2021-03-12\nE-2,频谱仪,2019-11-05\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16", "big5hkscs"]
)
def test_encodings(encoding: str) -> None:
    text = REGISTER if encoding != "big5hkscs" else "編號,名稱\nE-1,頻譜儀\n"
    reading = csv.read(text.encode(encoding), LIMITS)
    assert next(iter(by_heads(only(reading))[0].values())) == "E-1"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|", "，"])
def test_delimiters(delimiter: str) -> None:
    article = only(csv.read(REGISTER.replace(",", delimiter).encode(), LIMITS))
    assert by_heads(article)[1] == {
        "编号": "E-2",
        "名称": "频谱仪",
        "日期": "2019-11-05",
    }


def test_a_decimal_comma_is_no_delimiter() -> None:
    article = only(csv.read(b"name;price\nbolt;1,50\nnut;0,75\n", LIMITS))
    assert by_heads(article) == [
        {"name": "bolt", "price": "1,50"},
        {"name": "nut", "price": "0,75"},
    ]


def test_a_delimiter_that_the_file_names() -> None:
    assert by_heads(only(csv.read(b"sep=|\na|b\n1,2|x\n", LIMITS))) == [
        {"a": "1,2", "b": "x"}
    ]


def test_quoting() -> None:
    article = only(csv.read('名称,说明\n甲,"一,二\n三 ""四"""\n'.encode(), LIMITS))
    assert by_heads(article) == [{"名称": "甲", "说明": '一,二 三 "四"'}]


def test_a_quote_that_is_never_closed_swallows_nothing() -> None:
    article = only(csv.read(b'size,name\n3,"bolt\n4,nut\n5,pin\n', LIMITS))
    assert [row["size"] for row in by_heads(article)] == ["3", "4", "5"]


def test_a_file_without_heads() -> None:
    article = only(csv.read(b"1,2\n3,4\n", LIMITS))
    assert seen(article) == [("table_row", "1 | 2"), ("table_row", "3 | 4")]


def test_tsv() -> None:
    source = read_bytes("型号\t重量\n甲\t2 kg\n".encode(), "x.tsv")
    (part,) = source.parts
    head, row = part.blocks
    assert source.text[row.start : row.end] == "甲 | 2 kg"
    assert [cell.head for cell in row.cells] == ["型号", "重量"]
    assert head.role == "table_head"


def test_a_giant_cell() -> None:
    check(csv.read(b"a,b\n" + b"x" * 3_000_000 + b",1\n", LIMITS))
    with pytest.raises(
        ReadingError, match=r"no table of values \(field larger than field limit"
    ):
        csv.read(b"a,b\n" + b"x" * 300_000 + b",1\n", Limits(max_characters=200_000))


def test_a_table_that_is_too_long_is_refused_before_it_is_built() -> None:
    with pytest.raises(TooLargeError, match="longer than 1,000 characters"):
        csv.read(b"a,b\n" + b"1,2\n" * 200, Limits(max_characters=1_000))


def test_quotation_marks_and_commas_without_end() -> None:
    survives(csv.read, b'"' * 1_000_000)
    survives(csv.read, b"," * 1_000_000)


def test_binary_data_is_no_table() -> None:
    with pytest.raises(ReadingError):
        csv.read(bytes(range(32)) * 8, LIMITS)


def test_damage() -> None:
    for data in damaged(REGISTER.encode("gb18030")):
        survives(csv.read, data)
