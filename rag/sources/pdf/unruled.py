"""Tables told by white space: cells that stand below each other, with rules across at most.

─────────────────────────────
Site        Area    Rainfall        Rules of one width, as papers have them, say where a table begins, ends
            (ha)    (mm)            and where its heads do. Without rules, at least three lines of two or
─────────────────────────────       more cells in the same columns are a table.
Redhill     195     866
Pine Creek  320     775
─────────────────────────────
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import chain, pairwise

from rag.sources.pdf.columns import Item, is_prose
from rag.sources.pdf.heads import is_number
from rag.sources.pdf.ruled import cell_text, rules_along
from rag.sources.pdf.sheets import (
    Box,
    Grid,
    Piece,
    Sheet,
    around,
    joined,
    rows_of,
)
from rag.text.widths import width_of

_FEWEST_ROWS = 3
_SAME_WIDTH = 4.0
"""Points by which the rules of one table may differ."""
_SHORTEST_RULE = 60.0
_MAX_HEAD_LINES = 5
_WIDEST_CELL = 48
"""Half-width cells: half of the cells of a column are at most so long."""
_LONGEST_LINE = 28
"""Half-width cells: between the rules of two tables stand columns of prose if their lines are longer."""
_MARKER = re.compile(
    r"[•·●○■□▪◆–-]|[(（]?(?:\d{1,3}|[a-zA-Z]|[一二三四五六七八九十]{1,3}|[ivx]{1,4})[)）.．、]?|[①-⑳]"
)
_LINE_GAP = 1.8
"""In ems of white space between two lines of one table, at most."""

Row = list[Piece]


def between_rules(
    sheet: Sheet, pieces: Sequence[Piece]
) -> tuple[list[Grid], list[Piece]]:
    """The tables of a sheet that have rules across only, and the pieces that stand in none."""
    tables: list[Grid] = []
    rest = list(pieces)
    across = rules_along(sheet.rules, horizontal=True)
    for rules in _of_one_width(across):
        for stretch in _tabular_stretches(rules, rest):
            # What stands between the first two rules is the heads, if something stands below the second.
            has_heads = len(stretch) > 1 and len(stretch[0]) <= _MAX_HEAD_LINES
            heads = stretch[0] if has_heads else []
            rows = list(chain.from_iterable(stretch))
            table = _table(heads, rows[len(heads) :], sheet, fewest=2, rules=across)
            if table is not None:
                tables.append(table)
                inside = set(map(id, chain.from_iterable(rows)))
                rest = [piece for piece in rest if id(piece) not in inside]
    return tables, rest


def _of_one_width(rules: Sequence[Box]) -> list[list[Box]]:
    """Rules across with the same ends, two or more, from top to bottom."""
    groups: list[list[Box]] = []
    for rule in sorted(rules, key=lambda rule: rule.top):
        if rule.width < _SHORTEST_RULE or rule.height > 1:
            continue
        for group in groups:
            if _same_ends(group[0], rule):
                if rule.top - group[-1].top > 3:
                    group.append(rule)
                break
        else:
            groups.append([rule])
    return [group for group in groups if len(group) > 1]


def _same_ends(first: Box, second: Box) -> bool:
    return (
        abs(first.left - second.left) <= _SAME_WIDTH
        and abs(first.right - second.right) <= _SAME_WIDTH
    )


def _tabular_stretches(
    rules: Sequence[Box], pieces: Sequence[Piece]
) -> list[list[list[Row]]]:
    """What stands between each two rules, as rows; neighbours that both hold cells are one table."""
    stretches: list[list[list[Row]]] = []
    open_stretch = False
    for above, below in pairwise(rules):
        room = Box(above.left - 5, above.top - 2, above.right + 5, below.top + 2)
        rows = rows_of(piece for piece in pieces if room.holds(piece.box))
        if not rows or not _holds_cells(rows):
            open_stretch = False
        elif open_stretch:
            stretches[-1].append(rows)
        else:
            stretches.append([rows])
            open_stretch = True
    return stretches


def _holds_cells(rows: Sequence[Row]) -> bool:
    """Half of the lines are parted, and not because they are the lines of two columns of prose."""
    parted = sum(len(row) > 1 for row in rows)
    if parted * 2 < len(rows):
        return False
    return not _holds_prose(list(chain.from_iterable(rows)))


def _holds_prose(pieces: Sequence[Piece]) -> bool:
    return is_prose(pieces) and _usual_width(pieces) > _LONGEST_LINE


def in_column(items: Sequence[Item], sheet: Sheet) -> list[Item | Row]:
    """A column's items by rows, what stands in an unruled table put together as one."""
    tables = [item for item in items if isinstance(item, Grid)]
    rows = rows_of(item for item in items if isinstance(item, Piece))
    found: list[Item | Row] = []
    start = 0
    while start < len(rows):
        end = _end_of_run(rows, start, tables)
        table = _table_of_run(rows[start:end], sheet)
        if table is None:
            found.append(rows[start])
            start += 1
        else:
            found.append(table)
            start = end
    return sorted([*found, *sorted(tables, key=_top)], key=_top)


def _table_of_run(rows: Sequence[Row], sheet: Sheet) -> Grid | None:
    if len(rows) < _FEWEST_ROWS:
        return None
    heads = _count_head_lines(rows)
    table = _table(rows[:heads], rows[heads:], sheet, fewest=2)
    return table if _has_rows_enough(rows) else None


def _top(item: Item | Row) -> float:
    if isinstance(item, list):
        return min(piece.box.top for piece in item)
    return item.box.top


def _end_of_run(rows: Sequence[Row], start: int, tables: Sequence[Grid]) -> int:
    """The end of the lines from ``start`` on that may be rows of one table."""
    if len(rows[start]) < 2:
        return start
    width = _box_of(chain.from_iterable(rows)).width
    end = start + 1
    while end < len(rows):
        above, here = _box_of(rows[end - 1]), _box_of(rows[end])
        size = rows[end][0].size
        # 10 points of type and more than 18 of white: whatever follows is something else.
        if here.top - above.bottom > _LINE_GAP * size:
            break
        if any(above.bottom <= table.box.centre[1] <= here.top for table in tables):
            break
        is_alone = len(rows[end]) < 2
        if is_alone and (here.width > 0.45 * width or not _goes_on(rows, end)):
            break
        end += 1
    while end > start and len(rows[end - 1]) < 2:
        end -= 1
    return end


def _box_of(pieces: Iterable[Piece]) -> Box:
    return around(piece.box for piece in pieces)


def _goes_on(rows: Sequence[Row], at: int) -> bool:
    """Whether a line of cells follows soon: a lone cell is the rest of one that broke."""
    return any(len(row) > 1 for row in rows[at + 1 : at + 3])


def _count_head_lines(rows: Sequence[Row]) -> int:
    """Lines before the first with a figure, if they are few; else one."""
    for number, row in enumerate(rows[: _MAX_HEAD_LINES + 1]):
        if _has_figures(row):
            return number
    return 1


def _has_figures(row: Row) -> bool:
    return any(is_number(piece.text) for piece in row)


def _has_rows_enough(rows: Sequence[Row]) -> bool:
    """Three lines of cells, or four where fewer than half of them hold figures."""
    several = [row for row in rows if len(row) > 1]
    with_figures = sum(map(_has_figures, several))
    if with_figures * 2 >= len(several):
        return len(several) >= _FEWEST_ROWS
    return len(several) > _FEWEST_ROWS


def _table(
    heads: Sequence[Row],
    body: Sequence[Row],
    sheet: Sheet,
    fewest: int,
    rules: Sequence[Box] = (),
) -> Grid | None:
    several = [row for row in body if len(row) > 1]
    if len(several) < fewest:
        return None
    columns = _columns(body, heads)
    if len(columns) < 2 or _no_table(columns, several):
        return None
    head_rows = _head_rows(heads, columns, rules)
    body_rows = _body_rows(body, columns)
    box = _box_of(chain.from_iterable((*heads, *body)))
    edges = (*(low for low, _ in columns), columns[-1][1])
    rows = tuple(map(tuple, (*head_rows, *body_rows)))
    return Grid(rows, len(head_rows), box, edges, sheet.page, sheet.ocr)


def _columns(body: Sequence[Row], heads: Sequence[Row]) -> list[tuple[float, float]]:
    """The stretches of x that the fullest rows' cells share, between white stripes."""
    # The fullest rows alone say where columns are: a row with gaps or a wide cell would blur them.
    most = max(map(len, body))
    fullest = [row for row in body if len(row) >= 0.75 * most]
    spans = [
        (piece.box.left, piece.box.right) for piece in chain.from_iterable(fullest)
    ]
    columns: list[tuple[float, float]] = []
    for left, right in sorted(spans):
        if columns and left < columns[-1][1]:
            columns[-1] = columns[-1][0], max(columns[-1][1], right)
        else:
            columns.append((left, right))
    for piece in chain.from_iterable((*heads, *body)):
        over = _over(piece, columns)
        if len(over) == 1:
            low, high = columns[over[0]]
            columns[over[0]] = min(low, piece.box.left), max(high, piece.box.right)
    return columns


def _over(piece: Piece, columns: Sequence[tuple[float, float]]) -> list[int]:
    """The numbers of the columns that a piece reaches into."""
    over: list[int] = []
    for number, (low, high) in enumerate(columns):
        shared = min(high, piece.box.right) - max(low, piece.box.left)
        # 10 points of type in a wide column: 3 points of it are enough.
        if shared > 0.3 * min(high - low, piece.size):
            over.append(number)
    return over


def _no_table(columns: Sequence[tuple[float, float]], rows: Sequence[Row]) -> bool:
    """Lists have markers for a first column; columns of prose fill theirs; a table's cells are short."""
    held: list[list[Piece]] = [[] for _ in columns]
    for row in rows:
        for piece in row:
            over = _over(piece, columns)
            if len(over) == 1:
                held[over[0]].append(piece)
    if not all(held):
        return True
    # ``(1)``, ``(2)`` with a wide gap behind them are a list.
    markers = sum(_MARKER.fullmatch(piece.text) is not None for piece in held[0])
    if len(columns) == 2 and markers * 2 > len(held[0]):
        return not _mostly_figures(held[1]) or _is_text(held, rows)
    return _is_text(held, rows)


def _is_text(held: Sequence[Sequence[Piece]], rows: Sequence[Row]) -> bool:
    """Whether two columns are prose, or of long cells, or fewer than half of all cells are filled."""
    prose = sum(map(_holds_prose, held))
    long = sum(_usual_width(cells) > _WIDEST_CELL for cells in held)
    is_sparse = sum(map(len, held)) < 0.5 * len(rows) * len(held)
    return prose > 1 or long > 1 or is_sparse


def _mostly_figures(pieces: Sequence[Piece]) -> bool:
    return sum(is_number(piece.text) for piece in pieces) * 2 > len(pieces)


def _usual_width(pieces: Sequence[Piece]) -> int:
    widths = sorted(width_of(piece.text) for piece in pieces)
    return widths[len(widths) // 2]


def _head_rows(
    heads: Sequence[Row], columns: Sequence[tuple[float, float]], rules: Sequence[Box]
) -> list[list[str]]:
    """Heads over several columns as rows of their own, the lines of all others put together."""
    wide: list[list[str]] = []
    names = [""] * len(columns)
    for row in heads:
        spanning = [""] * len(columns)
        for piece in row:
            over = _headed(piece, columns, rules)
            for number in over:
                if len(over) > 1:
                    spanning[number] = piece.text
                else:
                    names[number] = _head_joined(names[number], piece.text)
        if any(spanning):
            wide.append(spanning)
    return [*wide, names] if any(names) else wide


def _headed(
    piece: Piece, columns: Sequence[tuple[float, float]], rules: Sequence[Box]
) -> list[int]:
    """The columns that a head stands over: those above which it is drawn, or which its own rule spans."""
    room = max(high for _, high in columns) - min(low for low, _ in columns)
    reach = piece
    for rule in rules:
        is_below = -1 <= rule.top - piece.box.bottom < piece.size
        is_under = rule.left <= piece.box.centre[0] <= rule.right
        # A rule as wide as the table parts all heads from the rows.
        if is_below and is_under and rule.width < 0.92 * room:
            box = Box(rule.left, piece.box.top, rule.right, piece.box.bottom)
            reach = Piece(piece.text, box, piece.size)
            break
    return _over(reach, columns) or [_nearest(piece, columns)]


def _head_joined(first: str, second: str) -> str:
    """``Pre-treat-`` and ``ment`` are one word."""
    if first.endswith("-") and second[:1].islower():
        return first[:-1] + second
    return joined(first, second)


def _nearest(piece: Piece, columns: Sequence[tuple[float, float]]) -> int:
    middle = piece.box.centre[0]
    distances = [abs((low + high) / 2 - middle) for low, high in columns]
    return distances.index(min(distances))


def _body_rows(
    body: Sequence[Row], columns: Sequence[tuple[float, float]]
) -> list[list[str]]:
    rows: list[list[str]] = []
    for row in body:
        cells: list[list[Piece]] = [[] for _ in columns]
        for piece in row:
            over = _over(piece, columns) or [_nearest(piece, columns)]
            cells[over[0]].append(piece)
        texts = [cell_text(inside) for inside in cells]
        # ``June 1993`` alone below ``Ann Smith, in`` is the rest of that cell, and no row.
        if rows and _is_rest(texts, rows[-1]):
            rows[-1] = list(map(joined, rows[-1], texts))
        # A label stands for the rows below it, too.
        elif rows and not texts[0] and sum(map(bool, texts)) > 1:
            rows.append([rows[-1][0], *texts[1:]])
        else:
            rows.append(texts)
    return rows


def _is_rest(texts: Sequence[str], above: Sequence[str]) -> bool:
    """A line without a first cell and without figures goes on in the cells of the row above."""
    filled = [number for number, text in enumerate(texts) if text]
    if texts[0] or len(filled) * 2 > len(texts):
        return False
    if len(filled) > 1 and any(is_number(texts[number]) for number in filled):
        return False
    return all(above[number] for number in filled)
