"""Which lines of a table are captions, heads and notes, and whether it has heads at all.

    某厂产量表                               a line of one cell above the heads: a caption
    单位：吨                                 in a sheet a line with a unit is one, too
    地区 | 2022年 |      | 2023年 |          two lines of heads
         | 产量   | 产值 | 产量   | 产值
    华东 | 120    | 3.1  | 130    | 3.4      rows
    注：产值单位为亿元                        a note under the rows

The first line of a sheet is its heads unless it could be one of the rows below. A table of a page is as often
a form of keys and values, so its first line must read like heads throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice

from rag.sources.table_cells import (
    has_figures,
    is_bare_number,
    is_label,
    is_note,
    is_period,
    is_unit,
    is_unit_line,
    is_value,
    shape_of,
    unit_of,
)
from rag.sources.table_lines import Line, PlacedCell, width_of

HEAD_SEPARATOR = " / "
MAX_HEAD_LINES = 4
_LOOKED_AT = 20
"""Lines below a head that are looked at: enough to tell what a column holds."""

# fmt: off
_GENERIC = frozenset((
    "项目", "名称", "参数", "参数名", "参数名称", "指标", "字段", "属性", "类别", "类型", "内容", "说明",
    "描述", "数值", "值", "取值", "默认值", "备注", "序号", "编号", "术语", "定义", "问题", "答案",
    "item", "name", "parameter", "property", "attribute", "field", "key", "value", "description", "content",
    "term", "definition", "feature", "spec", "specification", "option", "meaning", "question", "answer",
))
# fmt: on
"""What stands over the two columns of a table of names and values."""
_BLANKS = frozenset(("", "-", "—", "–", "/", "\\"))
"""What stands in a head that says nothing."""


# captions and notes


def count_captions(lines: Sequence[Line], is_sheet: bool) -> int:
    """How many lines at the top are captions; the last line of a table is none, nor any of a list of texts.

    Pages call their title a head too, ``<thead><tr><th colspan=3>某厂产量表``; a sheet's heads are no captions.
    """
    width = width_of(lines)
    for number, line in enumerate(lines):
        is_above = line.is_across(width) or (is_sheet and _is_caption_of_sheet(line))
        if not is_above or (is_sheet and line.head):
            return number
    return 0


def first_note(lines: Sequence[Line], is_sheet: bool) -> int:
    """Where the notes below the rows begin, to the end of the table; ``len(lines)`` for none.

    The last lines that stand alone are notes from the first on that calls itself one: what follows
    ``注：1. 快报数`` may be no more than ``2. 不含东区``.
    """
    width = width_of(lines)
    first = len(lines)
    while first and (
        lines[first - 1].is_across(width) or (is_sheet and _is_alone(lines[first - 1]))
    ):
        first -= 1
    for number in range(first, len(lines)):
        if is_note(lines[number].filled[0]):
            return number
    return len(lines)


def _is_caption_of_sheet(line: Line) -> bool:
    return _is_alone(line) or any(map(is_unit_line, line.filled))


def _is_alone(line: Line) -> bool:
    """Whether a text has empty cells beside it, over which it runs when a sheet is shown."""
    return len(line.filled) == 1


# heads


def count_heads(lines: Sequence[Line], is_sheet: bool) -> int:
    """How many lines at the top are heads; never all of them."""
    most = min(MAX_HEAD_LINES, len(lines) - 1)
    count = _count_declared(lines, most)
    if count == 0 and most > 0 and _reads_like_heads(lines, is_sheet):
        count = 1
    if count == 0:
        return 0
    count = max(count, min(_depth_of_heads(lines, is_sheet), most))
    if count < most and _is_line_of_units(lines[count], lines[count + 1]):
        count += 1
    return count


def _count_declared(lines: Sequence[Line], most: int) -> int:
    """How many lines are heads by the format's word or by their looks."""
    # A table that is bold throughout says nothing by it.
    looks_tell = not all(line.looks_like_heads for line in lines)
    count = 0
    while count < most:
        line = lines[count]
        if not line.head and not (looks_tell and line.looks_like_heads):
            break
        count += 1
    return count


def _reads_like_heads(lines: Sequence[Line], is_sheet: bool) -> bool:
    """Whether the first line reads like heads, which nothing declares it to be."""
    if is_form(lines, is_sheet):
        return False
    if not _could_be_heads(lines, 0, is_sheet):
        return False
    if is_sheet:
        return True
    # A list of names in three columns would be one, too, but people give their tables heads.
    if width_of(lines) > 2:
        return True
    if any(text.strip().lower() in _GENERIC for text in lines[0].texts):
        return True
    return _are_of_one_unit([line.texts[-1] for line in lines[1:]])


def _depth_of_heads(lines: Sequence[Line], is_sheet: bool) -> int:
    """How many lines the heads are, told from those that lie over several below.

    ``区`` merged over two rows beside ``医院`` merged over two columns: the heads are two lines.
    """
    depth = 1
    number = 0
    while number < depth < len(lines):
        lies_over = _lies_over(lines[number], lines[number + 1], is_sheet)
        if lies_over and _could_be_heads(lines, number + 1, is_sheet):
            depth = max(depth, number + 2)
        number += 1
    return depth


def _lies_over(line: Line, below: Line, is_sheet: bool) -> bool:
    """Whether some head of a line spans columns or reaches down into the next line."""
    if any(placed.width > 1 for placed in line.cells):
        return True
    if not is_sheet:
        return False
    for placed in line.cells:
        # 地区 over 地区: merged downwards, it stands in both rows.
        if placed.text and placed.text == below.text_at(placed.left):
            return True
        if _leaves_gap(placed, line, below):
            return True
    return False


def _leaves_gap(placed: PlacedCell, line: Line, below: Line) -> bool:
    """``2022年 | (empty)`` over ``产量 | 产值``: the gap was left for the head to its left."""
    gap = placed.right
    if not placed.text or gap >= line.right or line.text_at(gap):
        return False
    return bool(below.text_at(placed.left) and below.text_at(gap))


def _could_be_heads(lines: Sequence[Line], number: int, is_sheet: bool) -> bool:
    return _could_head_sheet(lines, number) if is_sheet else _are_labels(lines[number])


def _could_head_sheet(lines: Sequence[Line], number: int) -> bool:
    """Whether no cell of a line could be one of its own column's values."""
    line = lines[number]
    if len(line.filled) < 2:
        return False
    for placed in line.cells:
        if not placed.text or not is_value(placed.text):
            continue
        for column in range(placed.left, placed.right):
            if not _heads_column(placed.text, column, lines, number):
                return False
    return True


def _heads_column(text: str, column: int, lines: Sequence[Line], number: int) -> bool:
    """Whether a value names its column: ``2023年`` over amounts, ``0-5岁`` over plain numbers."""
    looked_at = islice(lines, number + 1, number + 1 + _LOOKED_AT)
    below = [line.text_at(column) for line in looked_at]
    if is_period(text):
        return not any(map(is_period, below))
    if is_bare_number(text):
        return False
    return shape_of(text) not in map(shape_of, below)


def _are_labels(line: Line) -> bool:
    """Whether the cells name things: they are short and without figures other than periods.

    ``区 | 2023年 | 占比（2024）`` are labels, ``临江区 | 23`` are not.
    """
    # One label beside three empty cells is no line of heads; beside one it is.
    if len(line.cells) < 2 or 2 * len(line.filled) < len(line.cells):
        return False
    return all(map(is_label, line.filled))


def _are_of_one_unit(values: Sequence[str]) -> bool:
    """Whether all are figures of one kind, as in a column under a head: ``3, 4, 7``, not ``2 kg, 220 V``."""
    units: set[str] = set()
    for value in values:
        if not has_figures(value):
            return False
        units.add(unit_of(value))
    return len(values) > 1 and len(units) == 1


def _is_line_of_units(line: Line, below: Line) -> bool:
    """Whether a line below the heads gives their units: ``- | N/mm2 | %``, over figures.

    ``A | L`` may be amperes and litres, or a grade and a size: over texts they are no units.
    """
    if len(line.filled) < 2 or not all(map(is_unit, line.filled)):
        return False
    for placed in line.cells:
        value = below.text_at(placed.left)
        if placed.text in _BLANKS or value in _BLANKS:
            continue
        if not has_figures(value):
            return False
    return True


# forms of keys and values


def is_form(lines: Sequence[Line], is_sheet: bool) -> bool:
    """Whether keys and values alternate in the lines: ``姓名 | 张三 | 性别 | 男``.

    Keys show by their looks (bold, ``th``), by a colon, by a line whose one value is as wide as the rest, and
    in a sheet of two columns by values of many kinds.
    """
    width = width_of(lines)
    if width % 2 or width < 2:
        return False
    wide_enough = [line for line in lines if len(line.cells) > 1]
    if 2 * sum(map(_alternates, wide_enough)) > len(wide_enough):
        return True
    if is_sheet:
        return width == 2 and _values_take_turns(lines)
    # 住址 | 城东路三号, the second as wide as three others: no heads could stand over such a line.
    return any(_is_wide_value(line, width) for line in wide_enough)


def _is_wide_value(line: Line, width: int) -> bool:
    return width > 2 and len(line.cells) == 2 and line.cells[1].width == width - 1


def _alternates(line: Line) -> bool:
    """Whether every other cell is a key, by its looks or by a colon."""
    if len(line.cells) % 2 or not any(line.texts[::2]):
        return False
    by_looks = by_colon = True
    for index, placed in enumerate(line.cells):
        is_key = index % 2 == 0
        if placed.cell.head != is_key:
            by_looks = False
        if is_key and placed.text and not placed.text.endswith(("：", ":")):
            by_colon = False
    return by_looks or by_colon


def _values_take_turns(lines: Sequence[Line]) -> bool:
    """``名称 | 某公司``, ``电话 | 0553-445``, ``成立 | 2010年``: texts and values of several kinds.

    In a column of a table most cells are of one kind.
    """
    shapes: list[str] = []
    for line in islice(lines, _LOOKED_AT):
        if len(line.filled) < 2:
            continue
        if is_value(line.text_at(0)):
            return False
        shapes.append(shape_of(line.text_at(1)))
    return shapes.count("text") >= 2 and len(set(shapes)) > 2


# what a column stands under


def heads_of_columns(lines: Sequence[Line], is_sheet: bool) -> list[str]:
    """For each column the heads over it from the top, joined: ``2022年 / 产量``.

    One that is merged over two lines counts once.
    """
    paths: list[list[str]] = [[] for _ in range(width_of(lines))]
    for number, line in enumerate(lines):
        below = lines[number + 1] if number + 1 < len(lines) else None
        to_the_left = ""
        for placed in line.cells:
            text = placed.text
            # A gap in all lines of heads but the last is spanned by the head to its left.
            if is_sheet and not text and below and below.text_at(placed.left):
                text = to_the_left
            to_the_left = text
            if text in _BLANKS:
                continue
            for path in paths[placed.left : placed.right]:
                if not path or path[-1] != text:
                    path.append(text)
    return [HEAD_SEPARATOR.join(path) for path in paths]
