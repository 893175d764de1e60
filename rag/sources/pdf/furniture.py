"""Running heads and feet and page numbers: what the pages of a file have in common at their edges."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace

from rag.sources.pdf.sheets import Piece, Sheet, rows_of

_PAGE_NUMBER = re.compile(
    r"[-–—·•|\s]*(?:第|page|p\.)?\s*(?:\d{1,4}|[ivxlc]{1,6})\s*[页頁]?(?:\s*(?:/|of|,|，)?\s*共?\s*\d{1,4}\s*[页頁]?)?[-–—·•|\s]*",
    re.I,
)
_DIGITS = re.compile(r"\d+|\b[ivxlc]+\b", re.I)
_EDGE = 0.11
"""Share of the page's height, at its top and at its foot, where running lines stand."""
_LINES_AT_EDGE = 3
_LINES_OF_A_STAMP = 2
"""Text up the margin or across the page, if it is no longer than this, is a stamp or a watermark."""
_RULE_SHARE = 0.5
"""Of the page's width: a rule so long under a lone first line makes it a running head."""


@dataclass(frozen=True, slots=True)
class Furnished:
    """A sheet without its running lines, and those: ``heads`` above, ``feet`` below."""

    sheet: Sheet
    heads: tuple[str, ...] = ()
    feet: tuple[str, ...] = ()


def without_furniture(sheets: Sequence[Sheet]) -> list[Furnished]:
    """Part from each sheet the lines at its edges that recur from page to page, and those that number it."""
    common = _recurring(sheets)
    return [_parted(sheet, common) for sheet in sheets]


def _recurring(sheets: Sequence[Sheet]) -> set[str]:
    """Edge lines of three pages and a third of all, or of both pages where there are two.

    Their digits do not count: ``12 Annual report`` and ``14 Annual report`` are the same. A third, because
    left and right pages differ and chapters may change them.
    """
    pages = len({sheet.page for sheet in sheets})
    counts: Counter[str] = Counter()
    for sheet in sheets:
        counts.update(set(map(_key, _edge_rows(sheet))))
    # 2 pages: both; 3 to 9: three; 30: ten.
    fewest = max(2 if pages == 2 else 3, -(-pages // 3))
    return {key for key, count in counts.items() if count >= fewest and key}


def _edge_rows(sheet: Sheet) -> list[list[Piece]]:
    """The first and last lines of a sheet, where they stand at its very edge; none of a lone line."""
    rows = rows_of(sheet.pieces)
    if len(rows) < 2:
        return []
    top = sheet.box.height * _EDGE
    bottom = sheet.box.height - top
    above = [row for row in rows[:_LINES_AT_EDGE] if row[0].box.centre[1] < top]
    below = [row for row in rows[-_LINES_AT_EDGE:] if row[0].box.centre[1] > bottom]
    return [*above, *below]


def _key(row: Sequence[Piece]) -> str:
    """``12 Annual report`` is ``#annualreport``."""
    return _DIGITS.sub("#", _text_of(row).lower()).replace(" ", "")


def _text_of(row: Sequence[Piece]) -> str:
    return " ".join(piece.text for piece in row)


def _parted(sheet: Sheet, common: set[str]) -> Furnished:
    if sheet.turned and len(rows_of(sheet.pieces)) <= _LINES_OF_A_STAMP:
        stamp = tuple(piece.text for piece in sheet.pieces)
        return Furnished(replace(sheet, pieces=()), stamp)
    heads: list[str] = []
    feet: list[str] = []
    gone: set[int] = set()
    for row in _edge_rows(sheet):
        is_running = _key(row) in common or _numbers_the_page(row)
        if not is_running and not _over_a_rule(row, sheet):
            continue
        is_above = row[0].box.centre[1] < sheet.box.height / 2
        side = heads if is_above else feet
        side.append(_text_of(row))
        gone.update(map(id, row))
    # Pieces are told by identity: the same words may stand at the edge and in the text.
    kept = tuple(piece for piece in sheet.pieces if id(piece) not in gone)
    return Furnished(replace(sheet, pieces=kept), tuple(heads), tuple(feet))


def _numbers_the_page(row: Sequence[Piece]) -> bool:
    return len(row) == 1 and _PAGE_NUMBER.fullmatch(row[0].text) is not None


def _over_a_rule(row: Sequence[Piece], sheet: Sheet) -> bool:
    """The topmost line with a long rule right below it, as on a page that came alone."""
    topmost = min(piece.box.top for piece in sheet.pieces)
    line = row[0].box
    if line.top > topmost + 2 or line.top > sheet.box.height * 0.1 or len(row) > 3:
        return False
    is_over_long_rule = False
    for rule in sheet.rules:
        gap = rule.top - line.bottom
        # One that goes down from there is the side of a table, whose heads these are.
        if abs(gap) < 12 and rule.height > 8:
            return False
        is_long = rule.width > _RULE_SHARE * sheet.box.width and rule.height < 1
        if is_long and -3 <= gap <= 1.5 * row[0].size - 3:
            is_over_long_rule = True
    return is_over_long_rule
