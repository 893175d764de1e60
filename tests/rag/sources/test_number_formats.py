"""Numbers and dates as a sheet shows them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.sources.number_formats import shown

ACCOUNTING = '_ * #,##0.00_ ;_ * -#,##0.00_ ;_ * "-"??_ ;_ @_ '


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (12.0, "General", "12"),
        (0.1 + 0.2, "General", "0.3"),
        (0.0000001, "General", "0.0000001"),
        (1234.5, "#,##0.00", "1,234.50"),
        (0.125, "0.0%", "12.5%"),
        (0.5, "0%", "50%"),
        (7, "000", "007"),
        (1.5, "0.0#", "1.5"),
        (1.25, "0.0#", "1.25"),
        (1234567, '#,##0,"千"', "1,235千"),
        (44, "[$¥-804]#,##0.00", "¥44.00"),
        (88, '0"元"', "88元"),
        (-5, "¥#,##0;(¥#,##0)", "(¥5)"),
        (-5, "¥#,##0", "-¥5"),
        (-3.5, "0.0;[Red]-0.0", "-3.5"),
        (-3.5, ACCOUNTING, "-3.50"),
        (0, ACCOUNTING, "-"),
        (0.000123, "0.00E+00", "1.23E-04"),
        (0.5, "# ?/?", "0.5"),  # a fraction is left as it is stored
        (5, "[>3]0.00;0", "5"),  # and so is what depends on the value
        (True, "General", "TRUE"),
        ("文字", "0.00", "文字"),
        (None, "General", ""),
    ],
)
def test_numbers(value: object, number_format: str, text: str) -> None:
    assert shown(value, number_format) == text


@pytest.mark.parametrize(
    ("value", "number_format", "text"),
    [
        (date(2024, 5, 3), "mm-dd-yy", "2024-05-03"),
        (date(2024, 5, 3), "General", "2024-05-03"),
        (date(2024, 5, 3), 'yyyy"年"m"月"d"日"', "2024年5月3日"),
        (date(2024, 5, 3), "[$-409]d-mmm-yy;@", "3-May-24"),
        (date(2024, 5, 3), "yyyy/mm/dd aaaa", "2024/05/03 星期五"),
        (date(2024, 5, 3), "dddd, mmmm d", "Friday, May 3"),
        (datetime(2024, 5, 3, 14, 7), "yyyy-mm-dd hh:mm", "2024-05-03 14:07"),
        (datetime(2024, 5, 3, 14, 7), "h:mm AM/PM", "2:07 PM"),
        (datetime(2024, 5, 3, 14, 7, 9), "mm:ss", "07:09"),
        (datetime(2024, 5, 3, 14, 7), "General", "2024-05-03 14:07"),
        (time(8, 30), "h:mm", "8:30"),
        (time(8, 30), "yyyy h:mm", "8:30"),
        (timedelta(hours=26, minutes=5), "[h]:mm", "26:05:00"),
    ],
)
def test_dates(value: object, number_format: str, text: str) -> None:
    assert shown(value, number_format) == text


FORMATS = st.text(st.sampled_from('#0?,.%;E+-"\\_*[]$年ymdhs/@AMP '), max_size=20)


@given(
    st.one_of(st.integers(), st.floats(), st.datetimes(), st.times(), st.booleans()),
    FORMATS,
)
def test_any_format_shows_something_or_nothing(
    value: object, number_format: str
) -> None:
    assert isinstance(shown(value, number_format), str)
