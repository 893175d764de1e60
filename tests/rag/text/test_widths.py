"""rag/text/widths.py: how wide a text is printed, and what a limit in Han characters is for Latin text."""

from __future__ import annotations

import pytest

from rag.text.widths import LATIN_SCALE, limit_in, width_of


@pytest.mark.parametrize(
    ("text", "limit"),
    [
        ("村里修了一条路。", 200),
        ("采用Wi-Fi连接", 200),  # 4 of 9 characters are wide
        ("The road was built last year.", 500),
        ("Zhang Wei (张伟) built the road.", 500),  # 2 of 31
        ("", 200),
    ],
)
def test_a_limit_is_wider_for_latin_text(text: str, limit: float) -> None:
    assert limit_in(text, 200) == limit
    assert LATIN_SCALE == 2.5


def test_a_chinese_character_is_two_cells_wide() -> None:
    assert width_of("ab甲，") == 6
    assert width_of("road") == 4
