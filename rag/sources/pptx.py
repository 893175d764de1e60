"""PPTX: each slide a heading with its bullets, texts, tables, charts and notes; its number is the page.

Shapes are read as they lie on the slide, from top to bottom and left to right. Hidden slides are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from io import BytesIO
from typing import Any

from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE, PP_PLACEHOLDER
from pptx.exc import PythonPptxError
from pptx.oxml.ns import qn

from rag.records import WarningKind
from rag.sources import archive
from rag.sources.base import ArticleBuilder, Limits, Reading, ReadingError
from rag.sources.grid import Merged, add_tables

_TITLES = (
    PP_PLACEHOLDER.TITLE,
    PP_PLACEHOLDER.CENTER_TITLE,
    PP_PLACEHOLDER.VERTICAL_TITLE,
)
_FURNITURE = (
    PP_PLACEHOLDER.DATE,
    PP_PLACEHOLDER.FOOTER,
    PP_PLACEHOLDER.HEADER,
    PP_PLACEHOLDER.SLIDE_NUMBER,
)
_BULLETED = (PP_PLACEHOLDER.BODY, PP_PLACEHOLDER.OBJECT, PP_PLACEHOLDER.VERTICAL_BODY)
_BULLETS = tuple(map(qn, ("a:buChar", "a:buAutoNum", "a:buBlip")))
_DIAGRAM = "{http://schemas.openxmlformats.org/drawingml/2006/diagram}"
_LONGEST_TITLE = 60
"""Characters of a first line that may stand for the title that a slide lacks."""
_MAX_DEPTH = 20
"""Groups within groups that are looked into."""


def read(data: bytes, limits: Limits) -> Reading:  # noqa: ARG001
    """Raises ReadingError for a file that is encrypted, damaged or no PPTX, TooLargeError for a zip bomb."""
    zipped = archive.opened(data, "a PPTX", old_kind=".ppt")
    try:
        archive.refuse_declared_entities(zipped)
        return _read(data)
    except (*archive.FAULTS, PythonPptxError) as error:
        raise ReadingError(
            f"it is not a PPTX or is damaged ({type(error).__name__})"
        ) from None


def _read(data: bytes) -> Reading:
    presentation = Presentation(BytesIO(data))
    slides = _Slides()
    hidden: list[int] = []
    for number, slide in enumerate(presentation.slides, start=1):
        if slide._element.get("show") in ("0", "false"):
            hidden.append(number)
        else:
            slides.add(slide, number)
    warnings: list[tuple[WarningKind, str]] = []
    if hidden:
        warnings.append(("left_out", f"hidden slides are not read: {_listed(hidden)}"))
    if slides.pictures_only:
        warnings.append(
            (
                "left_out",
                f"slides of pictures only are not read: {_listed(slides.pictures_only)}",
            )
        )
    title = presentation.core_properties.title
    if not title or title == "PowerPoint Presentation":
        title = slides.first_title
    return Reading((slides.builder.article(title),), "binary", tuple(warnings))


def _listed(numbers: Sequence[int]) -> str:
    return ", ".join(map(str, numbers))


class _Slides:
    """What the slides have given so far."""

    def __init__(self) -> None:
        self.builder = ArticleBuilder()
        self.pictures_only: list[int] = []
        self.first_title: str | None = None
        self._table = 1

    def add(self, slide: Any, number: int) -> None:
        shapes = list(_in_order(slide.shapes))
        heading = next(
            (shape for shape in shapes if _placeholder(shape) in _TITLES), None
        )
        if heading is None or not heading.text_frame.text.strip():
            heading = next((shape for shape in shapes if _could_be_title(shape)), None)
        # A slide that says nothing but shows a picture is left out, with a warning.
        said = False
        if heading is not None:
            text = " ".join(heading.text_frame.text.split())
            self.builder.add("heading", text, level=1, page=number)
            self.first_title = self.first_title or text
            said = True
        for shape in shapes:
            if shape is not heading and _placeholder(shape) not in _FURNITURE:
                said = self._add_shape(shape, number) or said
        if (
            slide.has_notes_slide
            and (notes := slide.notes_slide.notes_text_frame) is not None
        ):
            self._add_texts(notes, number, bulleted=False)
        if not said and any(
            shape.shape_type == MSO_SHAPE_TYPE.PICTURE for shape in shapes
        ):
            self.pictures_only.append(number)

    def _add_shape(self, shape: Any, number: int) -> bool:
        """Whether the shape says anything."""
        if getattr(shape, "has_table", False):
            self._add_table(shape.table, number)
            return True
        if getattr(shape, "has_chart", False):
            self._add_chart(shape.chart, number)
            return True
        if getattr(shape, "has_text_frame", False):
            return self._add_texts(
                shape.text_frame, number, bulleted=_placeholder(shape) in _BULLETED
            )
        return self._add_diagram(shape, number)

    def _add_texts(self, frame: Any, number: int, *, bulleted: bool) -> bool:
        said = False
        for paragraph in frame.paragraphs:
            # "\v" is a line break within a paragraph.
            text = paragraph.text.replace("\v", "\n")
            said = said or bool(text.strip())
            if _is_bullet(paragraph._p, bulleted):
                self.builder.add(
                    "list_item", text, level=paragraph.level + 1, page=number
                )
            else:
                self.builder.add("paragraph", text, page=number)
        return said

    def _add_table(self, table: Any, number: int) -> None:
        rows: list[list[str]] = []
        merged: list[Merged] = []
        for top, row in enumerate(table.rows):
            rows.append([])
            for left, cell in enumerate(row.cells):
                rows[-1].append("" if cell.is_spanned else cell.text)
                if cell.is_merge_origin:
                    bottom, right = top + cell.span_height, left + cell.span_width
                    merged.append(Merged(top, left, bottom, right))
        self._table = add_tables(
            self.builder, rows, first=self._table, merged=merged, page=number
        )

    def _add_chart(self, chart: Any, number: int) -> None:
        """A chart's data as a table: a row a category, a column a series."""
        if chart.has_title and chart.chart_title.has_text_frame:
            self.builder.add(
                "caption",
                chart.chart_title.text_frame.text,
                table=self._table,
                page=number,
            )
        for plot in chart.plots:
            heads = ["", *(series.name for series in plot.series)]
            self.builder.add_row(heads, head=True, table=self._table, page=number)
            columns = [list(series.values) for series in plot.series]
            for at, category in enumerate(plot.categories):
                cells = [str(category)]
                for column in columns:
                    value = column[at] if at < len(column) else None
                    # 0.1 + 0.2 is shown as 0.3, as the chart does.
                    cells.append("" if value is None else f"{value:.15g}")
                self.builder.add_row(cells, heads, table=self._table, page=number)
            self._table += 1

    def _add_diagram(self, shape: Any, number: int) -> bool:
        """The texts of a SmartArt drawing, which lie in a part of their own."""
        ids = next(shape._element.iter(f"{_DIAGRAM}relIds"), None)
        if ids is None:
            return False
        blob = shape.part.related_part(ids.get(qn("r:dm"))).blob
        root = etree.fromstring(
            blob, etree.XMLParser(resolve_entities=False, no_network=True)
        )
        for paragraph in root.iter(qn("a:p")):
            text = "".join(run.text or "" for run in paragraph.iter(qn("a:t")))
            self.builder.add("list_item", text, level=1, page=number)
        return True


def _in_order(shapes: Any, depth: int = 0) -> Iterator[Any]:
    """The shapes as they are seen: of those that lie as high, the left one first; groups are taken apart."""
    placed = sorted(shapes, key=lambda shape: (shape.top or 0, shape.left or 0))
    for shape in placed:
        if shape.shape_type == MSO_SHAPE_TYPE.GROUP and depth < _MAX_DEPTH:
            yield from _in_order(shape.shapes, depth + 1)
        else:
            yield shape


def _placeholder(shape: Any) -> PP_PLACEHOLDER | None:
    return shape.placeholder_format.type if shape.is_placeholder else None


def _could_be_title(shape: Any) -> bool:
    """Whether the shape is a single short line of text, for a slide that declares no title."""
    if not getattr(shape, "has_text_frame", False) or _placeholder(shape) in _FURNITURE:
        return False
    lines = [line for line in shape.text_frame.text.splitlines() if line.strip()]
    return len(lines) == 1 and len(lines[0]) <= _LONGEST_TITLE


def _is_bullet(paragraph: Any, bulleted: bool) -> bool:
    """Whether a bullet is shown: as the paragraph says, else as its place holder does."""
    properties = paragraph.find(qn("a:pPr"))
    if properties is None:
        return bulleted
    if properties.find(qn("a:buNone")) is not None:
        return False
    return bulleted or any(properties.find(tag) is not None for tag in _BULLETS)
