"""Which rows of a table are heads, and what a cell stands under."""

from __future__ import annotations

import re
from collections.abc import Sequence

_NUMBER = re.compile(
    r"[-−–+<>≤≥＜＞~≈±$€£¥￥%‰()（）.,，\d\s/:：×xX]*\d[-−–+<>≤≥＜＞~≈±%‰()（）.,，\d\s/:：×a-zA-Zμ]*"
)
_MAX_HEADS = 4
_LONGEST_HEAD = 40
"""Characters; what is longer says something rather than names a column."""
HEAD_SEPARATOR = " / "


def is_number(text: str) -> bool:
    """A cell that holds a figure: ``1,240``, ``20＜μ≤30``, ``-3.5%``."""
    return _NUMBER.fullmatch(text) is not None


def count_heads(
    rows: Sequence[Sequence[str]], owners: Sequence[Sequence[int]], bold: Sequence[bool]
) -> int:
    """How many rows from the top are heads.

    Args:
        owners: of each cell the number of its region; merged cells share one.
        bold: of each row, whether all its text is.

    A head that is merged downwards makes as many rows heads as it spans; one merged sideways needs the row of
    its parts below it. ``级别`` over two rows beside ``条件`` over two columns: two rows of heads.
    """
    if len(rows) < 2 or not _could_be_heads(rows[0]):
        return 0
    count = 1
    while count < min(len(rows) - 1, _MAX_HEADS) and _could_be_heads(rows[count]):
        if not _goes_on_below(set(owners[count - 1]), set(owners[count])):
            break
        count += 1
    # Without figures below, bold or a name for each column makes heads: ``型号 | 重量``, no ``姓名：``.
    if bold[0] or _all_named(rows[0]):
        return count
    columns = range(len(rows[0]))
    return count if any(_column_tells(rows, each, count) for each in columns) else 0


def _goes_on_below(above: set[int], below: set[int]) -> bool:
    """Whether heads have another row of heads below them, by the regions that each row has."""
    # ``等级`` is merged over both, and ``交通量`` is new in the second.
    if above & below and above - below:
        return True
    # ``条件`` is merged sideways, over two columns of their own names.
    return 1 < len(above) < len(below)


def _could_be_heads(row: Sequence[str]) -> bool:
    named = list(filter(None, row))
    if not named or max(map(len, named)) > _LONGEST_HEAD:
        return False
    # ``2022 | 2023`` beside ``地区`` and ``单位`` would be two of four: no heads.
    figures = sum(map(is_number, named))
    return figures * 2 < len(named)


def _column_tells(rows: Sequence[Sequence[str]], column: int, heads: int) -> bool:
    """Figures below a name: the name is a head."""
    if is_number(rows[0][column]):
        return False
    body = [row[column] for row in rows[heads:] if row[column]]
    return bool(body) and all(map(is_number, body))


def _all_named(row: Sequence[str]) -> bool:
    """A row in which every column has a name, none that asks to be filled in (``姓名：``)."""
    return all(row) and not any(cell.endswith((":", "：")) for cell in row)


def spread(row: Sequence[str], owners: Sequence[int]) -> tuple[str, ...]:
    """A row as its cells; one that reaches over the whole width is alone in it."""
    return (row[0],) if len(set(owners)) == 1 else tuple(row)


def heads_of(rows: Sequence[Sequence[str]], columns: int) -> list[str]:
    """What each column is headed by: ``编制条件 / 路段交通量``, a head merged downwards once."""
    named: list[str] = []
    for column in range(columns):
        steps: list[str] = []
        for row in rows:
            # One that reaches over the whole width is alone in its row.
            step = row[0] if len(row) == 1 else ""
            if column < len(row):
                step = row[column]
            # Merged downwards it stands in each row.
            if step and step not in steps:
                steps.append(step)
        named.append(HEAD_SEPARATOR.join(steps))
    return named
