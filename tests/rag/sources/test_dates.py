"""Published dates as people and machines write them."""

from __future__ import annotations

import re

import pytest

from rag.sources.dates import iso_date

DAYS = """2024-05-31|2024-5-31|2024/05/31 08:00|2024.5.31|2024年5月31日|2024 年 5 月 31 日 08:00
20240531|31 May 2024|May 31, 2024|may 31 2024|2024-05-31T23:59:59+08:00|Fri, 31 May 2024 10:00:00 +0800
２０２４年５月３１日|2024-05-3１"""
NO_DAYS = """|2024|2024-05|2024-02-30|2024-13-01|yesterday|5/31/2024|31 Mud 2024|0000-01-01|2024-05-311
May 2024|٢٠٢٤-٠٥-٣١|31 May|Fri, 31 Foo 2024"""


@pytest.mark.parametrize("value", [*re.split(r"[|\n]", DAYS), 20240531])
def test_dates(value: object) -> None:
    assert iso_date(value) == "2024-05-31"


@pytest.mark.parametrize(
    "value", [*re.split(r"[|\n]", NO_DAYS), None, 5, 1.5, [], True]
)
def test_what_names_no_day(value: object) -> None:
    assert iso_date(value) is None
