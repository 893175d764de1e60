"""Numerals: as Word prints them."""

from __future__ import annotations

import pytest

from rag.sources.numerals import numeral


@pytest.mark.parametrize(
    ("form", "number", "printed"),
    [
        ("decimal", 12, "12"),
        ("decimalZero", 3, "03"),
        ("lowerLetter", 3, "c"),
        ("lowerLetter", 28, "bb"),
        ("upperLetter", 1, "A"),
        ("lowerRoman", 4, "iv"),
        ("upperRoman", 1994, "MCMXCIV"),
        ("ordinal", 1, "1st"),
        ("ordinal", 12, "12th"),
        ("ordinal", 23, "23rd"),
        ("cardinalText", 7, "Seven"),
        ("chineseCounting", 10, "十"),
        ("chineseCountingThousand", 13, "十三"),
        ("chineseCountingThousand", 20, "二十"),
        ("chineseCountingThousand", 105, "一百零五"),
        ("chineseCountingThousand", 1010, "一千零一十"),
        ("chineseLegalSimplified", 25, "贰拾伍"),
        ("ideographDigital", 105, "一〇五"),
        ("ideographTraditional", 12, "乙"),
        ("ideographZodiac", 1, "子"),
        ("decimalFullWidth", 10, "１０"),
        ("decimalEnclosedCircle", 20, "⑳"),
        ("decimalEnclosedCircle", 21, "21"),
        ("decimalEnclosedParen", 2, "⑵"),
    ],
)
def test_numeral(form: str, number: int, printed: str) -> None:
    assert numeral(number, form) == printed


def test_what_a_form_cannot_write_stands_in_figures() -> None:
    assert numeral(0, "lowerLetter") == "0"
    assert numeral(10_000, "upperRoman") == "10000"
    assert numeral(3, "hebrew1") == "3"
