from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.language.facts import facts


def of(kind: str, text: str) -> list[str]:
    return [text[fact.start : fact.end] for fact in facts(text) if fact.kind == kind]


@pytest.mark.parametrize(
    ("kind", "text", "expected"),
    [
        ("number", "藏书达12万册", "12万册"),
        ("number", "已累计调水超760亿立方米", "超760亿立方米"),
        ("number", "装机容量31.6亿千瓦", "31.6亿千瓦"),
        ("number", "南纬约40度至60度之间", "约40度至60度"),
        ("number", "占比百分之三十", "百分之三十"),
        ("number", "It carries about 9,000 cars a day.", "9,000 cars"),
        ("date", "截至2024年9月底", "2024年9月底"),
        ("date", "11月18日电", "11月18日"),
        ("date", "finished in 1887 by", "1887"),
        ("duration", "平均可用超过30天", "超过30天"),
        ("person", "馆长周明远说，新馆开了", "周明远"),
        ("person", "公司总裁唐小惠最近很忙", "唐小惠"),
        ("person", "by the engineer Martha Holloway in", "Martha Holloway"),
        ("place", "在浙江乌镇开幕", "浙江乌镇"),
        ("organisation", "清华大学公共管理学院教授说", "清华大学公共管理学院"),
        ("name", "印发《阅览室管理办法》", "阅览室管理办法"),
    ],
)
def test_facts_of_a_kind(kind: str, text: str, expected: str) -> None:
    assert expected in of(kind, text)


def test_a_year_is_no_number_and_no_duration() -> None:
    assert of("number", "2024年很好") == []
    assert of("duration", "2024年很好") == []


def test_han_digits_need_a_unit() -> None:
    assert of("number", "一切都好") == []
    assert of("number", "新馆共有四层") == ["四层"]


def test_facts_of_one_span_stand_in_the_order_of_their_kinds() -> None:
    """Whatever the hash seed of the process is: who takes the first of them takes the same each time."""
    kinds = [fact.kind for fact in facts("Elm River")]
    assert kinds == ["name", "organisation", "person", "place"]


@given(st.text(max_size=120))
def test_facts_lie_within_the_text(text: str) -> None:
    assert all(0 <= fact.start < fact.end <= len(text) for fact in facts(text))
