"""JSON: tables, documents, trees of headings; depth and digits without end."""

from __future__ import annotations

import json as stdlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sources import json
from rag.sources.base import Article, ReadingError
from tests.hostile import LIMITS, by_heads, check, damaged, only, seen, survives


def read(value: Any) -> Article:
    return only(json.read(stdlib.dumps(value, ensure_ascii=False).encode(), LIMITS))


def test_a_list_of_like_objects_is_a_table() -> None:
    value = [
        {"型号": "甲", "尺寸": {"长": 1, "宽": 2}, "颜色": ["红", "白"]},
        {"型号": "乙", "尺寸": {"长": 3, "宽": 4}, "颜色": None},
    ]
    assert by_heads(read(value)) == [
        {"型号": "甲", "尺寸 / 长": "1", "尺寸 / 宽": "2", "颜色": "红, 白"},
        {"型号": "乙", "尺寸 / 长": "3", "尺寸 / 宽": "4"},
    ]


def test_an_object_with_a_text_is_a_document() -> None:
    reading = json.read(
        '{"title": "通知", "text": "停电。", "date": "2024-05-01"}'.encode(), LIMITS
    )
    assert reading.articles == (Article("停电。", "通知", "2024-05-01"),)
    rows = json.read(
        '[{"id": 1, "body": "甲"}, {"id": 2, "body": "乙"}]'.encode(), LIMITS
    )
    assert [article.text for article in rows.articles] == ["甲", "乙"]


def test_a_tree_is_headings_and_pairs() -> None:
    article = read(
        {
            "server": {"host": "a", "tls": {"on": True}},
            "name": "svc",
            "ports": [80, 443],
        }
    )
    assert seen(article) == [
        ("table_row", "name: svc"),  # plain values first: they are not the server's
        ("table_row", "ports: 80, 443"),
        ("heading", "server"),
        ("table_row", "host: a"),
        ("heading", "tls"),
        ("table_row", "on: true"),
    ]
    assert [block.level for block in article.blocks if block.role == "heading"] == [
        1,
        2,
    ]
    assert by_heads(article)[0] == {"name": "svc"}
    assert article.title == "svc"


def test_unlike_objects_are_named_by_what_they_call_themselves() -> None:
    article = read([{"name": "甲", "steps": [{"do": ["x", {"y": 1}]}]}, {"b": 2}, 3])
    assert [text for role, text in seen(article) if role == "heading"][:2] == [
        "甲",
        "steps",
    ]
    assert seen(article)[-1] == ("list_item", "3")


def test_numbers_are_kept_as_they_are_written() -> None:
    assert seen(
        only(
            json.read(b'{"price": 2.50, "id": 007e1}'.replace(b"007e1", b"1e3"), LIMITS)
        )
    ) == [
        ("table_row", "price: 2.50"),
        ("table_row", "id: 1e3"),
    ]
    check(json.read(b'{"n": ' + b"9" * 100_000 + b"}", LIMITS))


def test_values_a_line_each_are_json_lines() -> None:
    assert [
        a.text for a in json.read(b'{"text": "a"}\n{"text": "b"}\n', LIMITS).articles
    ] == ["a", "b"]


@pytest.mark.parametrize("data", [b"{", b'{"a": }', b"hello", b"[1,]"])
def test_what_is_no_json(data: bytes) -> None:
    with pytest.raises(ReadingError, match=r"it is not JSON \(.* at line 1, column"):
        json.read(data, LIMITS)


@pytest.mark.parametrize("depth", [60, 500, 100_000])
def test_depth_without_end(depth: int) -> None:
    for opening, closing in ("[[", "]]"), ('{"a":[', "]}"):
        with pytest.raises(ReadingError, match="nested"):
            json.read((opening * depth + "1" + closing * depth).encode(), LIMITS)


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.text(max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(VALUES)
def test_any_value(value: Any) -> None:
    survives(json.read, stdlib.dumps(value).encode())


def test_damage() -> None:
    for broken in damaged(stdlib.dumps([{"a": 1, "b": {"c": [1, 2]}}] * 5).encode()):
        survives(json.read, broken)
