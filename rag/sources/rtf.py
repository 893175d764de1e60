"""RTF: paragraphs, headings by their outline level, lists, tables with merged cells, footnotes at the end.

``striprtf`` gives the text but not what it is. Before it does, characters that no text uses (of Unicode's
private area) are put where rows begin and end, cells end, headings and notes begin; they come out again when
its text is cut into blocks.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from striprtf.striprtf import rtf_to_text

from rag.sources.base import ArticleBuilder, Limits, Reading, ReadingError, one_line
from rag.sources.cleaning import clean_line
from rag.sources.grid import Merged, add_tables

_CELL, _ROW, _NOTE, _BEGIN = "\ue000", "\ue001", "\ue002", "\ue003"
_HEADING = 0xE010
"""Of level 1; those of the others follow."""
_FLAGS = 0xE020
"""How a cell is merged: with its left neighbour (1), or with the one above (2)."""
_MARKS = re.compile("[\ue000-\ue02f]")
_MERGED_LEFT, _MERGED_UP = 1, 2

_ROW_BEGIN = re.compile(
    r"\\trowd(?P<cells>(?:(?!\\trowd|\\row|\\pard|\\cell(?![a-z])).)*)", re.S
)
_CELL_DEFINED = re.compile(r"\\cellx-?\d+")
_CELL_END = re.compile(r"\\cell(?![a-z])[ ]?")
_ROW_END = re.compile(r"\\row(?![a-z])[ ]?")
_OUTLINE = re.compile(r"\\outlinelevel([0-8])(?!\d)[ ]?")
_GROUPS = re.compile(r"(?P<note>\{\\footnote(?![a-z]))|\\.|[{}]", re.S)
_NOTE_NUMBER = re.compile(r"\\chftn(?![a-z])[ ]?")
_HIGH = re.compile(rb"[\x80-\xff]")
_TITLE = re.compile(r"\{\\title (?P<title>[^{}]{0,1000})\}")
_BULLET = re.compile(r"[•·▪◦●■–*\u2043\uf0b7-]\t[ \t]*")
_NUMBERED = re.compile(
    r"(?P<number>\(?(?:\d+|[a-zA-Z]|[ivx]+|[一二三四五六七八九十]+)[.)、）])\t[ \t]*"
)


def read(data: bytes, limits: Limits) -> Reading:  # noqa: ARG001
    """Raises ReadingError if it is no RTF, or damaged."""
    if not data.lstrip().startswith(b"{\\rtf"):
        raise ReadingError("it is not RTF: it does not begin as RTF does")
    # Bytes beyond ASCII have no place in RTF; some programs write them all the same.
    markup = _HIGH.sub(
        lambda match: b"\\'" + match.group().hex().encode(), data
    ).decode("ascii")
    title = _TITLE.search(markup)
    try:
        text = _text_of(_marked(_with_notes_last(markup)))
        name = _text_of("{\\rtf1 " + title["title"] + "}") if title else None
    except (ValueError, LookupError, TypeError, OverflowError) as error:
        raise ReadingError(
            f"it is damaged ({type(error).__name__}: {one_line(error)})"
        ) from None
    blocks = _Blocks()
    blocks.add_all(text)
    return Reading(
        (blocks.builder.article(clean_line(name) or blocks.first_heading),), "binary"
    )


def _text_of(markup: str) -> str:
    return str(rtf_to_text(markup, errors="replace"))  # type: ignore[no-untyped-call]


def _with_notes_last(markup: str) -> str:
    """The markup with its footnotes at the end, each behind a mark, and numbers where they are to stand."""
    pieces: list[str] = []
    notes: list[str] = []
    depth, last = 0, 0
    note_start, note_depth = -1, 0
    end = len(markup)
    for match in _GROUPS.finditer(markup):
        if match["note"] and note_start < 0:
            note_start, note_depth = match.start(), depth
        if match.group().startswith("{"):
            depth += 1
        elif match.group() == "}":
            depth -= 1
            if note_start >= 0 and depth == note_depth:
                number = f"{{}}{len(notes) + 1}"  # the empty group keeps it off the control word before it
                pieces.append(_NOTE_NUMBER.sub(number, markup[last:note_start]))
                note = markup[note_start + len("{\\footnote") : match.start()]
                notes.append(
                    f"\\par {_mark(ord(_NOTE))}{{{_NOTE_NUMBER.sub(number, note)}}}"
                )
                last, note_start = match.end(), -1
            if depth <= 0:
                end = match.start()
                break
    return "".join([*pieces, markup[last:end], *notes, "}"])


def _marked(markup: str) -> str:
    """The markup with marks that ``striprtf`` hands on."""
    markup = _ROW_BEGIN.sub(_row_begun, markup)
    markup = _CELL_END.sub(lambda _: _mark(ord(_CELL)), markup)
    markup = _ROW_END.sub(lambda _: _mark(ord(_ROW)), markup)
    return _OUTLINE.sub(lambda match: _mark(_HEADING + int(match[1])), markup)


def _mark(code: int) -> str:
    """A character as RTF writes it: ``\\u57344?``, where ``?`` is for readers that know no Unicode."""
    return f"{{\\uc1\\u{code}?}}"


def _row_begun(match: re.Match[str]) -> str:
    """A mark for the row, then one for each of its cells that says how it is merged."""
    marks = [_mark(ord(_BEGIN))]
    for definition in _CELL_DEFINED.split(match["cells"])[:-1]:
        flags = _MERGED_LEFT * ("\\clmrg" in definition) + _MERGED_UP * (
            "\\clvmrg" in definition
        )
        marks.append(_mark(_FLAGS + flags))
    return "".join(marks) + match.group()


@dataclass(slots=True)
class _Rows:
    """The rows of the table that is open, and how their cells are merged."""

    texts: list[list[str]] = field(default_factory=list)
    flags: list[list[int]] = field(default_factory=list)


class _Blocks:
    """What was cut off the text so far."""

    def __init__(self) -> None:
        self.builder = ArticleBuilder()
        self.first_heading: str | None = None
        self._table = 1
        self._rows = _Rows()
        self._in_notes = False

    def add_all(self, text: str) -> None:
        """Cut a text with marks into blocks."""
        segments = text.split(_ROW)
        for segment in segments[:-1]:
            before, _, row = segment.partition(_BEGIN)
            if _MARKS.sub("", before).strip():
                self._close_table()
                self._add_lines(before)
            flags = [
                ord(mark) - _FLAGS for mark in row if _FLAGS <= ord(mark) < _FLAGS + 4
            ]
            self._rows.flags.append(flags[: row.count(_CELL)])
            self._rows.texts.append(
                [_MARKS.sub("", cell) for cell in row.split(_CELL)[:-1]]
            )
        self._close_table()
        self._add_lines(segments[-1])

    def _close_table(self) -> None:
        if self._rows.texts:
            merged = list(_merged(self._rows.flags))
            self._table = add_tables(
                self.builder, self._rows.texts, first=self._table, merged=merged
            )
            self._rows = _Rows()

    def _add_lines(self, text: str) -> None:
        for line in text.split("\n"):
            self._in_notes = self._in_notes or _NOTE in line
            self._add_line(_MARKS.sub("", line).strip(" "), _level(line))

    def _add_line(self, line: str, level: int) -> None:
        if self._in_notes:
            self.builder.add("footnote", line)
        elif level:
            self.first_heading = self.first_heading or line.strip() or None
            self.builder.add("heading", line, level=level)
        elif match := _BULLET.match(line):
            self.builder.add("list_item", line[match.end() :], level=1)
        elif match := _NUMBERED.match(line):
            self.builder.add(
                "list_item", f"{match['number']} {line[match.end() :]}", level=1
            )
        else:
            self.builder.add("paragraph", line)


def _level(line: str) -> int:
    """The level of the heading that a line is marked as; 0 for none."""
    levels = [
        ord(mark) - _HEADING + 1
        for mark in line
        if _HEADING <= ord(mark) < _HEADING + 9
    ]
    return levels[-1] if levels else 0


def _merged(flags: Sequence[Sequence[int]]) -> Iterator[Merged]:
    """The ranges of merged cells: from each that is merged with none before, over those that are."""
    for top, row in enumerate(flags):
        for left, flag in enumerate(row):
            if flag:
                continue
            right = left + 1
            while right < len(row) and row[right] & _MERGED_LEFT:
                right += 1
            bottom = top + 1
            while (
                bottom < len(flags)
                and left < len(flags[bottom])
                and flags[bottom][left] & _MERGED_UP
            ):
                bottom += 1
            if bottom > top + 1 or right > left + 1:
                yield Merged(top, left, bottom, right)
