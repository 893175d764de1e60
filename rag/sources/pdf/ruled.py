"""Tables whose cells are ruled: a grid of lines that meet, each cell what the lines leave open."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Mapping, Sequence
from itertools import chain, pairwise

from rag.sources.pdf.heads import count_heads, spread
from rag.sources.pdf.sheets import Box, Grid, Piece, Sheet, around, joined, rows_of

_NEAR = 3.5
"""Points: rules so close are one, and rules that come so close to each other meet."""
_MAX_LINES = 400
"""Of rules along one axis; a page with more is a plot or a crossword, and holds no table."""
_LAST_FEW = 8
_MAX_CELLS = 10_000
_FILLED = 0.4
"""Of the cells of a table, this share holds text; the boxes of a chart or a form's frame do not."""


def ruled_tables(sheet: Sheet) -> tuple[list[Grid], list[Piece]]:
    """The ruled tables of a sheet, and the pieces that stand in none of them."""
    across = rules_along(sheet.rules, horizontal=True)
    upright = rules_along(sheet.rules, horizontal=False)
    tables: list[Grid] = []
    rest = list(sheet.pieces)
    for group in _meeting(across, upright):
        table = _table(group, rest, sheet)
        if table is not None:
            tables.append(table)
            rest = [piece for piece in rest if not table.box.holds(piece.box)]
    return tables, rest


def rules_along(rules: Sequence[Box], horizontal: bool) -> list[Box]:
    """The rules of one orientation, those that continue each other as one."""
    chosen = [rule for rule in rules if _is_horizontal(rule) == horizontal]
    if horizontal:
        chosen.sort(key=lambda rule: (round(rule.top), rule.left))
    else:
        chosen.sort(key=lambda rule: (round(rule.left), rule.top))
    merged: list[Box] = []
    for rule in chosen:
        index = _continued(merged, rule)
        if index is None:
            merged.append(rule)
        else:
            merged[index] = around((merged[index], rule))
    return merged if len(merged) <= _MAX_LINES else []


def _is_horizontal(rule: Box) -> bool:
    return rule.width >= rule.height


def _continued(merged: Sequence[Box], rule: Box) -> int | None:
    """The number of the rule that this one continues.

    Sorted by place, it is among the last few: at y 80 and 80.4, not at 120.
    """
    for index in range(len(merged) - 1, max(0, len(merged) - _LAST_FEW) - 1, -1):
        if _goes_on(merged[index], rule):
            return index
    return None


def _goes_on(first: Box, second: Box) -> bool:
    apart_x = max(first.left, second.left) - min(first.right, second.right)
    apart_y = max(first.top, second.top) - min(first.bottom, second.bottom)
    return max(apart_x, apart_y) <= _NEAR


def _meeting(across: Sequence[Box], upright: Sequence[Box]) -> list[list[Box]]:
    """Groups of rules that touch, directly or through others."""
    groups: list[list[Box]] = []
    for rule in (*across, *upright):
        touching = [rule]
        apart: list[list[Box]] = []
        for group in groups:
            if any(_goes_on(rule, other) for other in group):
                touching += group
            else:
                apart.append(group)
        groups = [*apart, touching]
    return sorted(groups, key=_top_of)


def _top_of(rules: Sequence[Box]) -> float:
    return min(rule.top for rule in rules)


def _positions(values: Sequence[float]) -> list[float]:
    """Coordinates, those that are the same but for the pen's width as one."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _NEAR:
            found.append(value)
    return found


def _table(rules: list[Box], pieces: Sequence[Piece], sheet: Sheet) -> Grid | None:
    across = [rule for rule in rules if _is_horizontal(rule)]
    upright = [rule for rule in rules if not _is_horizontal(rule)]
    if len(across) < 2 or not upright:
        return None
    # The sides of a table may be open: its rules across say how wide it is.
    ends = [rule.left for rule in upright]
    for rule in across:
        ends += [rule.left, rule.right]
    xs = _positions(ends)
    ys = _positions([rule.top for rule in across])
    if len(xs) < 3 or len(ys) < 2:
        return None
    if (len(xs) - 1) * (len(ys) - 1) > _MAX_CELLS:
        return None
    regions = _regions(xs, ys, across, upright)
    box = Box(xs[0], ys[0], xs[-1], ys[-1])
    texts = _texts(regions, xs, ys, [piece for piece in pieces if box.holds(piece.box)])
    # Of 20 cells eight must hold text.
    filled = sum(map(bool, texts.values()))
    if filled < max(2, _FILLED * len(texts)):
        return None
    return _grid(regions, texts, box, xs, _bold_rows(pieces, ys), sheet)


def _grid(
    regions: Sequence[list[int]],
    texts: Mapping[int, str],
    box: Box,
    xs: Sequence[float],
    bold_rows: Sequence[bool],
    sheet: Sheet,
) -> Grid:
    """The table of the regions' texts, without the rows that a rule drawn twice leaves empty."""
    rows: list[list[str]] = []
    owners: list[list[int]] = []
    bold: list[bool] = []
    for region_row, is_bold in zip(regions, bold_rows, strict=True):
        row = [texts[region] for region in region_row]
        if any(row):
            rows.append(row)
            owners.append(region_row)
            bold.append(is_bold)
    # A first row of one cell is the table's name: ``表3 人员`` over ``姓名 | 年龄``.
    names = 0
    while names < len(rows) - 2 and len(set(owners[names])) == 1:
        names += 1
    heads = count_heads(rows[names:], owners[names:], bold[names:])
    kept = tuple(map(spread, rows[names:], owners[names:]))
    captions = tuple(row[0] for row in rows[:names])
    return Grid(kept, heads, box, tuple(xs), sheet.page, sheet.ocr, captions)


def _regions(
    xs: list[float], ys: list[float], across: list[Box], upright: list[Box]
) -> list[list[int]]:
    """Of every cell of the grid, the number of the region that it is part of: merged cells share one."""
    columns, rows = len(xs) - 1, len(ys) - 1
    region = [list(range(row * columns, (row + 1) * columns)) for row in range(rows)]
    for row in range(rows):
        middle_y = (ys[row] + ys[row + 1]) / 2
        for column in range(columns):
            middle_x = (xs[column] + xs[column + 1]) / 2
            # No rule between two cells: they are one, as ``高速`` that stands beside both ``八`` and ``六``.
            if column and not _crossed(upright, xs[column], middle_y, horizontal=False):
                _merge(region, region[row][column - 1], region[row][column])
            if row and not _crossed(across, ys[row], middle_x, horizontal=True):
                _merge(region, region[row - 1][column], region[row][column])
    return region


def _merge(region: list[list[int]], kept: int, gone: int) -> None:
    for row in region:
        for column, number in enumerate(row):
            if number == gone:
                row[column] = kept


def _crossed(rules: Sequence[Box], at: float, along: float, horizontal: bool) -> bool:
    """Whether a rule runs at ``at`` over the point ``along``."""
    for rule in rules:
        if horizontal:
            place, low, high = rule.top, rule.left, rule.right
        else:
            place, low, high = rule.left, rule.top, rule.bottom
        if abs(place - at) <= _NEAR and low - 1 <= along <= high + 1:
            return True
    return False


def _texts(
    regions: list[list[int]], xs: list[float], ys: list[float], pieces: Sequence[Piece]
) -> dict[int, str]:
    """The text of each region of the grid, empty ones too."""
    held: dict[int, list[Piece]] = {}
    for number in chain.from_iterable(regions):
        held[number] = []
    for piece in pieces:
        x, y = piece.box.centre
        column = max(0, bisect_right(xs[:-1], x) - 1)
        row = max(0, bisect_right(ys[:-1], y) - 1)
        held[regions[row][column]].append(piece)
    return {number: cell_text(inside) for number, inside in held.items()}


def cell_text(pieces: Sequence[Piece]) -> str:
    """The lines of a cell as one."""
    text = ""
    for row in rows_of(pieces):
        for piece in row:
            text = joined(text, piece.text)
    return text


def _bold_rows(pieces: Sequence[Piece], ys: list[float]) -> list[bool]:
    """Of every row of the grid, whether all that begins in it is bold."""
    found: list[bool] = []
    for top, bottom in pairwise(ys):
        inside = [piece for piece in pieces if top <= piece.box.centre[1] <= bottom]
        found.append(bool(inside) and all(piece.bold for piece in inside))
    return found
