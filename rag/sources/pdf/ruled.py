"""Tables whose cells are ruled: a grid of lines that meet, each cell what the lines leave open."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from rag.sources.pdf.heads import count_heads, spread
from rag.sources.pdf.sheets import Box, Grid, Piece, Sheet, around, joined, rows_of

_NEAR = 3.5
"""Points: rules so close are one, and rules that come so close to each other meet."""
_MAX_LINES = 400
"""Of rules along one axis; a page with more is a plot or a crossword, and holds no table."""
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
    chosen = [rule for rule in rules if (rule.width >= rule.height) == horizontal]
    chosen.sort(
        key=lambda r: (round(r.top), r.left) if horizontal else (round(r.left), r.top)
    )
    merged: list[Box] = []
    for rule in chosen:
        # Sorted by place, what continues a rule is among the last few: at y 80 and 80.4, not at 120.
        near = [
            index
            for index in range(max(0, len(merged) - 8), len(merged))
            if _goes_on(merged[index], rule)
        ]
        if near:
            merged[near[-1]] = around((merged[near[-1]], rule))
        else:
            merged.append(rule)
    return merged if len(merged) <= _MAX_LINES else []


def _goes_on(first: Box, second: Box) -> bool:
    apart_x = max(first.left, second.left) - min(first.right, second.right)
    apart_y = max(first.top, second.top) - min(first.bottom, second.bottom)
    return max(apart_x, apart_y) <= _NEAR


def _meeting(across: Sequence[Box], upright: Sequence[Box]) -> list[list[Box]]:
    """Groups of rules that touch, directly or through others."""
    groups: list[list[Box]] = []
    for rule in (*across, *upright):
        joined_group = [rule]
        apart: list[list[Box]] = []
        for group in groups:
            if any(_goes_on(rule, other) for other in group):
                joined_group += group
            else:
                apart.append(group)
        groups = [*apart, joined_group]
    return sorted(groups, key=lambda group: min(rule.top for rule in group))


def _positions(values: Sequence[float]) -> list[float]:
    """Coordinates, those that are the same but for the pen's width as one."""
    found: list[float] = []
    for value in sorted(values):
        if not found or value - found[-1] > _NEAR:
            found.append(value)
    return found


def _table(rules: list[Box], pieces: Sequence[Piece], sheet: Sheet) -> Grid | None:
    across = [rule for rule in rules if rule.width >= rule.height]
    upright = [rule for rule in rules if rule.width < rule.height]
    if len(across) < 2 or not upright:
        return None
    # The sides of a table may be open: its rules across say how wide it is.
    ends = [rule.left for rule in (*upright, *across)] + [rule.right for rule in across]
    xs = _positions(ends)
    ys = _positions([rule.top for rule in across])
    if len(xs) < 3 or len(ys) < 2:
        return None
    if (len(xs) - 1) * (len(ys) - 1) > _MAX_CELLS:
        return None
    regions = _regions(xs, ys, across, upright)
    box = Box(xs[0], ys[0], xs[-1], ys[-1])
    texts = _texts(regions, xs, ys, [piece for piece in pieces if box.holds(piece.box)])
    if sum(bool(text) for text in texts.values()) < max(
        2, _FILLED * len(set(_flat(regions)))
    ):
        return None
    filled: list[list[str]] = []
    for row in regions:
        filled.append([texts[region] for region in row])
    rows, owners, bold = _without_empty_rows(filled, regions, _bold_rows(pieces, ys))
    # A first row of one cell is the table's name: ``表3 人员`` over ``姓名 | 年龄``.
    names = 0
    while names < len(rows) - 2 and len(set(owners[names])) == 1:
        names += 1
    heads = count_heads(rows[names:], owners[names:], bold[names:])
    kept = [
        spread(row, owner)
        for row, owner in zip(rows[names:], owners[names:], strict=True)
    ]
    captions = tuple(row[0] for row in rows[:names])
    return Grid(tuple(kept), heads, box, tuple(xs), sheet.page, sheet.ocr, captions)


def _flat(rows: list[list[int]]) -> list[int]:
    return [region for row in rows for region in row]


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
        place, low, high = (
            (rule.top, rule.left, rule.right)
            if horizontal
            else (rule.left, rule.top, rule.bottom)
        )
        if abs(place - at) <= _NEAR and low - 1 <= along <= high + 1:
            return True
    return False


def _texts(
    regions: list[list[int]], xs: list[float], ys: list[float], pieces: Sequence[Piece]
) -> dict[int, str]:
    held: dict[int, list[Piece]] = {number: [] for number in _flat(regions)}
    for piece in pieces:
        x, y = piece.box.centre
        column = max(index for index, left in enumerate(xs[:-1]) if left <= x)
        row = max(index for index, top in enumerate(ys[:-1]) if top <= y)
        held[regions[row][column]].append(piece)
    return {number: cell_text(inside) for number, inside in held.items()}


def cell_text(pieces: Sequence[Piece]) -> str:
    """The lines of a cell as one."""
    text = ""
    for row in rows_of(pieces):
        for piece in row:
            text = joined(text, piece.text)
    return text


def _without_empty_rows(
    rows: list[list[str]], regions: list[list[int]], bold: list[bool]
) -> tuple[list[list[str]], list[list[int]], list[bool]]:
    """The rows with text, and what is known of each; a rule drawn twice leaves one without."""
    kept = [index for index, row in enumerate(rows) if any(row)]
    return (
        [rows[at] for at in kept],
        [regions[at] for at in kept],
        [bold[at] for at in kept],
    )


def _bold_rows(pieces: Sequence[Piece], ys: list[float]) -> list[bool]:
    """Of every row of the grid, whether all that begins in it is bold."""
    found: list[bool] = []
    for top, bottom in pairwise(ys):
        inside = [piece for piece in pieces if top <= piece.box.centre[1] <= bottom]
        found.append(bool(inside) and all(piece.bold for piece in inside))
    return found
