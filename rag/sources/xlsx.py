"""XLSX: the tables of each sheet, numbers and dates as they are shown, formulas by their saved results.

A sheet is a heading where there are several, or where it has a name of its own. Hidden sheets are left out.
Sheets are read row by row, which leaves merged ranges out: those are looked up in the sheet's XML.
"""

from __future__ import annotations

import re
from io import BytesIO
from typing import Any
from zipfile import ZipFile

from openpyxl import load_workbook
from openpyxl.utils import range_boundaries

from rag.records import WarningKind
from rag.sources import archive
from rag.sources.base import (
    ArticleBuilder,
    Limits,
    Reading,
    ReadingError,
    TooLargeError,
)
from rag.sources.grid import Merged, add_tables
from rag.sources.number_formats import shown

_MERGED = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^>]*?\bref=\"([A-Z]{1,3}\d{1,7}:[A-Z]{1,3}\d{1,7})\""
)
_MAX_MERGED = 100_000
# A formula and right after it the end of its cell: no result was saved with it.
_NO_RESULT = re.compile(
    rb"(?:</(?:\w+:)?f>|<(?:\w+:)?f\b[^>]*/>)\s*(?:<v\s*/>|<v></v>)?\s*</(?:\w+:)?c>"
)
_UNNAMED = re.compile(r"(?:sheet|工作表|表)\s*\d*", re.I)

_Left = list[tuple[WarningKind, str]]


def read(data: bytes, limits: Limits) -> Reading:
    """Raises ReadingError for a file that is encrypted, damaged or no XLSX, TooLargeError for a zip bomb."""
    zipped = archive.opened(data, "an XLSX", old_kind=".xls")
    try:
        archive.refuse_declared_entities(zipped)
        return _read(zipped, data, limits)
    except archive.FAULTS as error:
        raise ReadingError(
            f"it is not an XLSX or is damaged ({type(error).__name__})"
        ) from None


def _read(zipped: ZipFile, data: bytes, limits: Limits) -> Reading:
    workbook = load_workbook(
        BytesIO(data), read_only=True, data_only=True, keep_links=False
    )
    warnings: _Left = []
    visible = [sheet for sheet in workbook.worksheets if sheet.sheet_state == "visible"]
    hidden = [
        sheet.title for sheet in workbook.worksheets if sheet.sheet_state != "visible"
    ]
    if hidden:
        warnings.append(
            ("left_out", f"hidden sheets are not read: {'、'.join(hidden)}")
        )
    builder = ArticleBuilder()
    table, characters = 1, 0
    for sheet in visible:
        rows = _rows(sheet, limits.max_characters - characters)
        characters += sum(len(cell) for row in rows for cell in row)
        if not rows:
            continue
        if len(visible) > 1 or not _UNNAMED.fullmatch(sheet.title):
            builder.add("heading", sheet.title, level=1)
        part = zipped.read(_part_of(sheet))
        table = add_tables(builder, rows, first=table, merged=_merged(part))
        if lost := len(_NO_RESULT.findall(part)):
            warnings.append(("left_out", _without_results(sheet.title, lost)))
    return Reading(
        (builder.article(workbook.properties.title or None),), "binary", tuple(warnings)
    )


def _rows(sheet: Any, most: int) -> list[list[str]]:
    """The rows as they are shown, empty ones too, up to the last that holds anything.

    Raises:
        TooLargeError: they hold more than ``most`` characters.
    """
    sheet.reset_dimensions()  # what a sheet says of its size may be 1,048,576 × 16,384, and 3 rows
    rows: list[list[str]] = []
    filled = 0
    for cells in sheet.iter_rows():
        row = [
            shown(cell.value, cell.number_format) if cell.value is not None else ""
            for cell in cells
        ]
        while row and not row[-1]:
            row.pop()
        rows.append(row)
        if row:
            filled = len(rows)
            most -= sum(map(len, row))
        if most < 0:
            raise TooLargeError("its cells hold more text than is read of one file")
    return rows[:filled]


def _part_of(sheet: Any) -> str:
    """The name in the archive of the sheet's XML."""
    return str(sheet._worksheet_path).lstrip("/")


def _merged(part: bytes) -> list[Merged]:
    found: list[Merged] = []
    for match in _MERGED.finditer(part):
        if len(found) == _MAX_MERGED:
            break
        left, top, right, bottom = range_boundaries(match[1].decode())
        found.append(Merged(top - 1, left - 1, bottom, right))
    return found


def _without_results(title: str, lost: int) -> str:
    formulas = "a formula has" if lost == 1 else f"{lost:,} formulas have"
    return f"in sheet {title} {formulas} no saved result; open the file in a spreadsheet program and save it"
