"""HTML: the page's main content block by block; its title and published date from where pages keep them.

Navigation, forms and scripts are left out, and so are menus (lists that are nearly all links), share buttons,
cookie banners and the site's small print. A list item begins with ``- `` or its number; a table's rows know
their heads. Nothing is fetched and no entity beyond HTML's own is expanded. Trees are walked by events: pages
nest deeper than Python recurses.
"""

from __future__ import annotations

import re
from html import unescape
from itertools import chain

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from rag.records import Role
from rag.sources.base import Limits, Reading, ReadingError
from rag.sources.cleaning import clean
from rag.sources.dates import iso_date
from rag.sources.decoding import decode
from rag.sources.html_blocks import BLOCKS
from rag.sources.html_furniture import main_of, without_furniture
from rag.sources.pieces import Piece, article_of
from rag.sources.prose import flow
from rag.sources.tables import Table, TableCell, TableRow

_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""",
    re.I,
)
_REFERENCE = re.compile(r"&#(?:\d{1,8}|[xX][0-9a-fA-F]{1,8});?", re.ASCII)
_TITLES = (
    ".//meta[@property='og:title']/@content",
    ".//h1[not(ancestor::header) or ancestor::article or ancestor::main]",
    ".//title",
    ".//h1",
)
_DATES = (
    ".//meta[@property='article:published_time']/@content",
    ".//meta[@itemprop='datePublished']/@content",
    ".//meta[@name='pubdate' or @name='PubDate' or @name='publishdate' or @name='publish_date']/@content",
    ".//meta[@name='date' or @name='DC.date' or @name='dc.date' or @name='dcterms.date']/@content",
    ".//*[@itemprop='datePublished']/@datetime",
    ".//article//time/@datetime",
)
_SHORT = 300
"""Characters of a table cell beyond which the table is there for layout, and of any small print."""
_ROLES: dict[str, tuple[Role, int]] = {
    "h1": ("heading", 1),
    "h2": ("heading", 2),
    "h3": ("heading", 3),
    "h4": ("heading", 4),
    "h5": ("heading", 5),
    "h6": ("heading", 6),
    "li": ("list_item", 1),
    "dt": ("question", 0),
    "dd": ("paragraph", 0),
    "summary": ("question", 0),
    "figcaption": ("caption", 0),
}
_BLOCKS_IN_DL = ("ul", "ol", "dl", "dd", "dt", "table", "pre")
_MAX_FIGURES = 7
_TO_THE_END = 65_534
"""Rows; browsers count no further."""
_SMALL_PRINT = (
    re.compile(r"(?:版权所有|copyright\b|©|\W*\(c\) \d{4})", re.IGNORECASE),
    re.compile(r"(?:[\u4e00-\u9fff]{1,2}ICP[备证]|[\u4e00-\u9fff]{1,2}公网安备)\s*\d*"),
    re.compile(
        r"(?:分享到|分享至|share (?:this|on|to)\b)[\s：:]*[^。.]{0,40}$", re.IGNORECASE
    ),
    re.compile(
        r"(?:返回顶部|回到顶部|back to top|skip to (?:main )?content|扫一扫[^。]{0,20})$",
        re.IGNORECASE,
    ),
    re.compile(
        r"(?=.*cookie).*(?:接受|同意|知道了|accept|agree|got it|allow)\W{0,3}$",
        re.IGNORECASE,
    ),
)
"""Lines of the site: whose it is, share buttons, jumps, a banner that asks about cookies."""
_BREAK = "\v"
_PARAGRAPH_BREAK = re.compile(r"\v(?:\s*\v)+|\v(?=[\u2003\u3000]{2})")


def read(data: bytes, limits: Limits) -> Reading:  # noqa: ARG001
    """Raises ReadingError if there is no page in the bytes."""
    declared = _CHARSET.search(data[:4096])
    text, encoding = decode(data, declared[1].decode() if declared else None)
    root = _parse(text)
    title = _title_of(root)
    published = _published_of(root)
    body = without_furniture(root.find("body"))
    article = article_of(_pieces(main_of(body)), title, published)
    return Reading((article,), encoding)


def _title_of(root: HtmlElement) -> str | None:
    for path in _TITLES:
        if title := _first(root, path):
            return title
    return None


def _published_of(root: HtmlElement) -> str | None:
    for path in _DATES:
        if day := iso_date(_first(root, path)):
            return day
    return None


def pieces_of(fragment: str) -> list[Piece | Table]:
    """The blocks of a piece of HTML, such as Markdown may hold; none of a comment.

    Raises:
        ReadingError: there is no text in it, or it is nested too deeply.
    """
    return _pieces(without_furniture(_parse(f"<div>{fragment}").find("body")))


def _parse(text: str) -> HtmlElement:
    parser = HTMLParser(
        encoding="utf-8",
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    # Cleaned first: the parser would end the page at NUL, and its tree takes no controls back.
    page = _REFERENCE.sub(_referred, clean(text)).encode()
    try:
        root = document_fromstring(page, parser=parser, ensure_head_body=True)
    except (etree.ParserError, etree.XMLSyntaxError):
        raise ReadingError("there is no text in it") from None
    # The parser only recovers from these by leaving the rest out.
    for entry in parser.error_log:
        message = entry.message.strip()
        if entry.level_name == "FATAL" or "depth" in message or "huge" in message:
            raise ReadingError(
                f"it is too deep or too large a page to parse ({message})"
            )
    return root


def _referred(match: re.Match[str]) -> str:
    """The character that a numeric reference names, unless that would be markup."""
    character = clean(unescape(match.group()))
    return match.group() if character in set("<>&\"'") else character


def _first(root: HtmlElement, path: str) -> str | None:
    for found in root.xpath(path):
        text = found if isinstance(found, str) else "".join(found.itertext())
        if line := " ".join(text.split()):
            return line
    return None


def _pieces(root: HtmlElement) -> list[Piece | Table]:
    """The text of each block in order, with its role; a table or a glossary is one."""
    walk = _Walk()
    inside: HtmlElement | None = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if inside is not None:
            if event == "end" and element is inside:
                inside = None
                walk.add(element.tail)
        elif event == "start" and (whole := _whole(element)) is not None:
            walk.flush()
            walk.done.append(whole)
            inside = element
        elif event == "start":
            walk.open(element)
        else:
            walk.close(element)
            walk.add(element.tail if element is not root else None)
    walk.flush()
    return [piece for piece in walk.done if not _is_small_print(piece)]


def _is_small_print(piece: Piece | Table) -> bool:
    """Whether a line belongs to the site rather than to the page: whose it is, share buttons, cookies."""
    if isinstance(piece, Table) or piece.role not in ("paragraph", "list_item"):
        return False
    if len(piece.text) > _SHORT:
        return False
    return any(pattern.match(piece.text) for pattern in _SMALL_PRINT)


def _whole(element: HtmlElement) -> Piece | Table | None:
    """An element that is read as a whole: preformatted text, a table, a glossary."""
    if element.tag == "pre":
        return Piece("code", "".join(element.itertext()).strip("\n"))
    if element.tag == "table":
        return _table(element)
    return _glossary(element) if element.tag == "dl" else None


class _Walk:
    """The pieces that are done, and the text of the one that is being built."""

    def __init__(self) -> None:
        self.done: list[Piece | Table] = []
        self._texts: list[str] = []
        self._marker = ""
        # Of each open list the number that its last item bore, None for bullets.
        self._lists: list[int | None] = []
        # Of the open elements that have one.
        self._roles: list[tuple[Role, int]] = []

    def add(self, text: str | None) -> None:
        if text:
            self._texts.append(text.replace(_BREAK, " "))

    def open(self, element: HtmlElement) -> None:
        if element.tag in BLOCKS:
            self.flush()
        if element.tag == "br":
            self._texts.append(_BREAK)
        elif element.tag in ("ul", "ol"):
            first = _whole_number(element.get("start", "1"))
            if element.tag == "ol" and first is not None:
                self._lists.append(first - 1)
            else:
                self._lists.append(None)
        elif element.tag == "li":
            self._marker = self._next_marker()
        if element.tag in _ROLES:
            self._roles.append(self._role_of(element))
        self.add(element.text)

    def close(self, element: HtmlElement) -> None:
        if element.tag in BLOCKS:
            self.flush()
        if element.tag in ("ul", "ol"):
            self._lists.pop()
        if element.tag in _ROLES:
            self._roles.pop()

    def flush(self) -> None:
        text = flow("".join(self._texts))
        self._texts.clear()
        role, level = self._roles[-1] if self._roles else ("paragraph", 0)
        for paragraph in _PARAGRAPH_BREAK.split(text):
            lines = [line.strip() for line in paragraph.split(_BREAK)]
            block = "\n".join(line for line in lines if line)
            if not block:
                continue
            if role == "list_item":
                block = self._marker + block
                self._marker = ""
            if role == "heading":
                block = " ".join(block.split("\n"))
            self.done.append(Piece(role, block, level))

    def _role_of(self, element: HtmlElement) -> tuple[Role, int]:
        role, level = _ROLES[element.tag]
        if role == "list_item":
            return role, max(len(self._lists), 1)
        # A heading within a summary.
        if role == "heading" and ("question", 0) in self._roles:
            return "question", 0
        if element.tag == "dt":
            term = "".join(element.itertext()).rstrip()
            return (role, level) if term.endswith(("?", "？")) else ("paragraph", 0)
        return role, level

    def _next_marker(self) -> str:
        number = self._lists[-1] if self._lists else None
        if number is None:
            return "- "
        self._lists[-1] = number + 1
        return f"{number + 1}. "


# tables


def _table(element: HtmlElement) -> Table | None:
    """The table; None for one that only lays out the page, whose cells are read as blocks."""
    rows: list[HtmlElement] = []
    for row in element.iter("tr"):
        # Those of a table within it are none of its own.
        if next(row.iterancestors("table"), None) is element:
            rows.append(row)
    if element.get("role") in ("presentation", "none") or _is_layout(element, rows):
        return None
    captions = list(filter(None, map(_line, element.iterchildren("caption"))))
    return Table([_row(row) for row in rows], captions)


def _is_layout(element: HtmlElement, rows: list[HtmlElement]) -> bool:
    if max((len(_cells(row)) for row in rows), default=0) < 2:
        return True
    for inner in element.iterdescendants("table"):
        wide = any(len(_cells(row)) > 1 for row in inner.iter("tr"))
        if wide and len(list(inner.iter("tr"))) > 1:
            return True
    if element.find(".//th") is not None or element.find("caption") is not None:
        return False
    if next(element.iter("h1", "h2", "h3", "h4", "h5", "h6"), None) is not None:
        return True
    cells = chain.from_iterable(map(_cells, rows))
    return any(len("".join(cell.itertext())) > _SHORT for cell in cells)


def _row(row: HtmlElement) -> TableRow:
    cells: list[TableCell] = []
    for cell in _cells(row):
        rows, columns = _span(cell, "rowspan"), _span(cell, "colspan")
        cells.append(TableCell(_line(cell), rows, columns, head=cell.tag == "th"))
    parent = row.getparent()
    return TableRow(cells, parent is not None and parent.tag == "thead")


def _cells(row: HtmlElement) -> list[HtmlElement]:
    """The cells of a row, those of tables within it left out."""
    cells: list[HtmlElement] = []
    for cell in row.iter("td", "th"):
        if next(cell.iterancestors("tr"), None) is row:
            cells.append(cell)
    return cells


def _span(cell: HtmlElement, name: str) -> int:
    """Rows or columns that a cell spans; ``rowspan=0`` reaches down to the last row."""
    given = _whole_number(cell.get(name, "1").strip())
    if given == 0 and name == "rowspan":
        return _TO_THE_END
    return given or 1


def _whole_number(text: str) -> int | None:
    if text.isascii() and text.isdecimal() and len(text) < _MAX_FIGURES:
        return int(text)
    return None


def _glossary(element: HtmlElement) -> Table | None:
    """A ``dl`` of short terms and definitions as rows; None for questions, and for what is longer."""
    rows: list[TableRow] = []
    term: TableCell | None = None
    for child in element.iter("dt", "dd"):
        text = _line(child)
        if (
            len(text) > _SHORT
            or next(child.iterdescendants(*_BLOCKS_IN_DL), None) is not None
        ):
            return None
        if child.tag == "dt" and text.endswith(("?", "？")):
            return None
        if child.tag == "dt":
            term = TableCell(text, rows=0, head=True)
        elif term is not None:
            term.rows += 1
            # The term reaches down over all of its definitions.
            cells = [term, TableCell(text)] if term.rows == 1 else [TableCell(text)]
            rows.append(TableRow(cells))
    return Table(rows) if rows else None


def _line(element: HtmlElement) -> str:
    """The text of an element on one line, blocks and line breaks in it parted by a space."""
    texts: list[str] = []
    for event, inner in etree.iterwalk(element, events=("start", "end")):
        if inner is not element and (inner.tag in BLOCKS or inner.tag == "br"):
            texts.append(_BREAK)
        if event == "start":
            texts.append(inner.text or "")
        elif inner is not element:
            texts.append(inner.tail or "")
    lines = flow("".join(texts)).split(_BREAK)
    return " ".join(line.strip() for line in lines if line.strip())
