"""Sheets to an article: the ladder from pieces to blocks that scanned pages and pictures climb as well."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from rag.records import Role
from rag.sources.base import Article, ArticleBuilder
from rag.sources.pdf.furniture import Furnished, without_furniture
from rag.sources.pdf.heads import heads_of
from rag.sources.pdf.layout import Column, columns_of, widened
from rag.sources.pdf.marks import is_bare_caption, outline_depth
from rag.sources.pdf.paragraphs import (
    Paragraph,
    goes_on,
    hyphenated_words,
    paragraphs_of,
)
from rag.sources.pdf.roles import (
    Body,
    body_of,
    is_table_note,
    levels_of,
    only_numbered,
    role_of,
)
from rag.sources.pdf.sheets import Grid, Line, Sheet

_SAME_EDGE = 4.0
_TITLE = 1.2
"""Times the size of the body: so large a heading on the first page is the document's title."""


@dataclass(slots=True)
class Entry:
    """What becomes one block, or one table's rows."""

    role: Role
    text: str
    page: int
    ocr: bool
    paragraph: Paragraph | None = None
    grid: Grid | None = None
    heads: list[str] = field(default_factory=list)
    shows_heads: bool = True
    level: int = 0
    table: int | None = None


def article_of(sheets: Sequence[Sheet], title: str | None = None) -> Article:
    """The article that the sheets of a file hold, its blocks in reading order.

    Args:
        title: used where the first page shows none.
    """
    # Running lines go first: they reach over the gutter, and stand between the halves of a paragraph.
    furnished = without_furniture(sheets)
    columns = _columns(furnished)
    lines = [item for _, column in columns for item in column if isinstance(item, Line)]
    # Large, bold and small are told against the whole file: a page of notes alone has no body of its own.
    body = body_of(lines)
    hyphenated = hyphenated_words(line.text for line in lines)
    entries = _entries(columns, body, hyphenated)
    entries = _one_heading(entries, body)
    _list_numbered_lines(entries, body)
    _level_headings(entries)
    _group_tables(entries, body)
    with_running = _with_running_lines(entries, furnished)
    return _built(with_running, _title(entries, body) or title)


def _columns(furnished: Sequence[Furnished]) -> list[tuple[int, Column]]:
    """``(page, column)`` in reading order."""
    pages: list[int] = []
    columns: list[Column] = []
    for one in furnished:
        for column in columns_of(one.sheet):
            pages.append(one.sheet.page)
            columns.append(column)
    return list(zip(pages, widened(columns), strict=True))


def _entries(
    columns: Sequence[tuple[int, Column]], body: Body, hyphenated: set[str]
) -> list[Entry]:
    entries: list[Entry] = []
    unfinished: Entry | None = None
    for _, column in columns:
        at_start = True
        for item in paragraphs_of(column):
            entry = _entry(item, body, hyphenated)
            if isinstance(item, Grid):
                entries += [
                    Entry("caption", text, item.page, item.ocr)
                    for text in item.captions
                ]
            if entry.role in ("paragraph", "list_item"):
                # Only the first prose of a column can be the rest of what the last column broke off.
                if at_start and _continues(unfinished, entry):
                    _append(unfinished, entry, hyphenated)
                else:
                    entries.append(entry)
                    unfinished = entry
                at_start = False
            else:
                entries.append(entry)
                # A table or a note may stand between the halves of a paragraph; a heading ends it.
                if entry.role == "heading":
                    unfinished, at_start = None, False
    return entries


def _continues(unfinished: Entry | None, entry: Entry) -> bool:
    if unfinished is None or unfinished.paragraph is None or entry.paragraph is None:
        return False
    return entry.role == "paragraph" and goes_on(unfinished.paragraph, entry.paragraph)


def _append(unfinished: Entry | None, entry: Entry, hyphenated: set[str]) -> None:
    assert unfinished and unfinished.paragraph and entry.paragraph
    unfinished.paragraph.lines.extend(entry.paragraph.lines)
    unfinished.text = unfinished.paragraph.text(hyphenated)
    unfinished.ocr = unfinished.ocr or entry.ocr


def _entry(item: Paragraph | Grid, body: Body, hyphenated: set[str]) -> Entry:
    if isinstance(item, Grid):
        return Entry("table_row", "", item.page, item.ocr, grid=item)
    text = item.text(hyphenated)
    return Entry(
        role_of(item, text, body), text, item.first.page, item.first.ocr, paragraph=item
    )


def _one_heading(entries: Sequence[Entry], body: Body) -> list[Entry]:
    """Put together the lines of one heading, and a caption's number with its name on the next line."""
    found: list[Entry] = []
    for entry in entries:
        last = found[-1] if found else None
        if (
            last
            and last.paragraph
            and entry.paragraph
            and _same_block(last, entry, body)
        ):
            last.paragraph.lines.extend(entry.paragraph.lines)
            last.text = (
                f"{last.text} {entry.text}"
                if last.text.isascii()
                else last.text + entry.text
            )
        else:
            found.append(entry)
    return found


def _same_block(first: Entry, second: Entry, body: Body) -> bool:
    assert first.paragraph and second.paragraph
    above, below = first.paragraph.last, second.paragraph.first
    close = (
        first.page == second.page
        and -2 <= below.box.top - above.box.bottom < 0.8 * above.size
    )
    alike = abs(above.size - below.size) < 0.5 and above.bold == below.bold
    if not close or not alike:
        return False
    if first.role == "caption":
        # ``Table 1`` on a line by itself is named by the next: ``Site characteristics``.
        return is_bare_caption(first.text)
    headings = (
        first.role == second.role == "heading" and outline_depth(second.text) is None
    )
    return headings and above.size >= body.size * _TITLE


def _list_numbered_lines(entries: Sequence[Entry], body: Body) -> None:
    """``1. Apples``, ``2. Pears`` one below the other head nothing: they are a list."""
    plain = [
        entry.role == "heading"
        and entry.paragraph is not None
        and only_numbered(entry.paragraph, entry.text, body)
        for entry in entries
    ]
    for index, entry in enumerate(entries):
        beside = [
            near
            for near in (index - 1, index + 1)
            if 0 <= near < len(entries) and plain[near]
        ]
        depth = outline_depth(entry.text)
        if plain[index] and any(
            outline_depth(entries[near].text) == depth for near in beside
        ):
            entry.role = "list_item"


def _level_headings(entries: Sequence[Entry]) -> None:
    headings = [entry for entry in entries if entry.role == "heading"]
    looks = [(entry.paragraph, entry.text) for entry in headings if entry.paragraph]
    for entry, level in zip(headings, levels_of(looks), strict=True):
        entry.level = level


def _group_tables(entries: Sequence[Entry], body: Body) -> None:
    """Number the tables, their captions and notes; a table that goes on overleaf is still the same one."""
    number = 0
    before: Entry | None = None
    after = 0
    for index, entry in enumerate(entries):
        if entry.grid is None:
            continue
        between = entries[after:index]
        if (
            before
            and before.grid
            and _goes_on_overleaf(before.grid, entry.grid, between)
        ):
            _continue_table(before, entry)
        else:
            number += 1
            entry.table = number
            entry.heads = heads_of(
                entry.grid.rows[: entry.grid.heads], len(entry.grid.edges) - 1
            )
            _claim_captions(entries, index, number)
        _claim_notes(entries, index, entry.table, body)
        before, after = entry, index + 1


def _goes_on_overleaf(first: Grid, second: Grid, between: Sequence[Entry]) -> bool:
    if second.page != first.page + 1 or len(first.edges) != len(second.edges):
        return False
    same = all(
        abs(a - b) <= _SAME_EDGE for a, b in zip(first.edges, second.edges, strict=True)
    )
    only_continued = all(
        entry.role in ("caption", "footnote") and "续" in entry.text
        for entry in between
    )
    return same and (not between or only_continued)


def _continue_table(before: Entry, entry: Entry) -> None:
    """The rows overleaf stand under the heads of the first page; heads printed again are left out."""
    assert before.grid and entry.grid
    entry.table, entry.heads = before.table, before.heads
    own = heads_of(entry.grid.rows[: entry.grid.heads], len(entry.grid.edges) - 1)
    entry.shows_heads = own != before.heads
    if entry.shows_heads:
        # ``丙 | 钢`` at the top of a page looks like heads, all names and no figures; it is the next row.
        entry.grid = replace(entry.grid, heads=0)


def _claim_captions(entries: Sequence[Entry], index: int, number: int) -> None:
    """A table's name and unit stand above it; a name that stands below is taken only where none is above."""
    above = index - 1
    while (
        above >= 0 and entries[above].role == "caption" and entries[above].table is None
    ):
        entries[above].table = number
        above -= 1
    below = index + 1
    if above == index - 1 and below < len(entries) and _names_a_table(entries[below]):
        nothing_follows = below + 1 >= len(entries) or entries[below + 1].grid is None
        entries[below].table = number if nothing_follows else None


def _names_a_table(entry: Entry) -> bool:
    return entry.role == "caption" and entry.text.lower().startswith(
        ("表", "附表", "table", "tab")
    )


def _claim_notes(
    entries: Sequence[Entry], index: int, number: int | None, body: Body
) -> None:
    for entry in entries[index + 1 :]:
        if entry.paragraph is None or not is_table_note(
            entry.paragraph, entry.text, body
        ):
            break
        entry.role, entry.table = "footnote", number


def _with_running_lines(
    entries: Sequence[Entry], furnished: Sequence[Furnished]
) -> list[Entry]:
    """Each page's running lines before its first block, or after the last of the page before."""
    found: list[Entry] = []
    waiting = list(furnished)
    for entry in entries:
        while waiting and waiting[0].sheet.page <= entry.page:
            found += _running(waiting.pop(0))
        found.append(entry)
    for one in waiting:
        found += _running(one)
    return found


def _running(one: Furnished) -> list[Entry]:
    return [
        Entry("running", text, one.sheet.page, one.sheet.ocr)
        for text in (*one.heads, *one.feet)
    ]


def _title(entries: Sequence[Entry], body: Body) -> str | None:
    """The largest heading of the first page, if it comes before any other."""
    headings = [
        entry
        for entry in entries
        if entry.role == "heading" and entry.page == 1 and entry.paragraph
    ]
    if not headings or headings[0].level != 1:
        return None
    first = headings[0].paragraph
    assert first
    stands_out = first.first.size >= body.size * _TITLE
    return headings[0].text if stands_out else None


def _built(entries: Sequence[Entry], title: str | None) -> Article:
    builder = ArticleBuilder()
    for entry in entries:
        if entry.grid is not None:
            _add_rows(builder, entry, entry.grid)
        else:
            level = entry.level or (1 if entry.role == "list_item" else 0)
            builder.add(
                entry.role,
                entry.text,
                level=level,
                page=entry.page,
                table=entry.table,
                ocr=entry.ocr,
            )
    return builder.article(title)


def _add_rows(builder: ArticleBuilder, entry: Entry, grid: Grid) -> None:
    for number, row in enumerate(grid.rows):
        head = number < grid.heads
        if head and not entry.shows_heads:
            continue
        # A row of one cell over the whole width, such as ``一、收入``, stands under no single head.
        heads = () if head or len(row) == 1 < len(grid.edges) - 1 else entry.heads
        builder.add_row(
            row, heads, head=head, table=entry.table, page=entry.page, ocr=entry.ocr
        )
