"""HTML: the page's main content as paragraphs; its title and published date from where pages keep them.

Navigation, forms and scripts are left out, and so are menus (lists that are nearly all links). A list item
begins with ``- `` or its number; a table row is one line with `` | `` between cells. Nothing is fetched and
no entity beyond HTML's own is expanded. Trees are walked by events: pages nest deeper than Python recurses.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from rag.sources.base import Article, Limits, Reading, ReadingError
from rag.sources.cleaning import clean
from rag.sources.dates import iso_date
from rag.sources.decoding import decode
from rag.sources.prose import flow, paragraphs

# fmt: off
_DROPPED = frozenset((
    "script", "style", "noscript", "template", "nav", "aside", "form", "button", "select", "option",
    "textarea", "input", "dialog", "svg", "math", "canvas", "iframe", "frame", "object", "embed", "audio",
    "video", "map", "title", "rp", "rt",
))
_DROPPED_OUTSIDE_ARTICLES = frozenset(("header", "footer"))
_DROPPED_ROLES = frozenset((
    "navigation", "banner", "contentinfo", "complementary", "search", "dialog", "menu",
))
_LISTS = frozenset(("ul", "ol", "dl"))
_BLOCKS = _LISTS | frozenset((
    "address", "article", "blockquote", "body", "caption", "center", "dd", "details", "div", "dt", "fieldset",
    "figcaption", "figure", "footer", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hgroup", "hr", "html",
    "legend", "li", "main", "p", "section", "summary", "table", "tbody", "td", "tfoot", "th", "thead", "tr",
))
# fmt: on
_CHARSET = re.compile(
    rb"""<(?:meta|\?xml)[^>]{0,300}?(?:charset|encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I
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
_MENU_LINKS, _MENU_SHARE = 3, 0.8
_MAIN_SHARE = 0.3
_SHORT = 300
"""Characters of a list item or table cell beyond which the list or table is there for layout."""
_BREAK = "\v"
_PARAGRAPH_BREAK = re.compile(r"\v(?:\s*\v)+|\v(?=[\u2003\u3000]{2})")


def read(data: bytes, limits: Limits) -> Reading:  # noqa: ARG001
    """Raises ReadingError if there is no page in the bytes."""
    declared = _CHARSET.search(data[:4096])
    text, encoding = decode(data, declared[1].decode() if declared else None)
    root = _parse(text)
    title = next((found for path in _TITLES if (found := _first(root, path))), None)
    published = next((day for path in _DATES if (day := iso_date(_first(root, path)))), None)
    body = _without_furniture(root.find("body"))
    return Reading((Article(paragraphs(_blocks(_main(body))), title, published),), encoding)


def to_text(fragment: str) -> str:
    """The paragraphs of a piece of HTML, such as Markdown may hold; none of a comment."""
    return paragraphs(_blocks(_without_furniture(_parse(f"<div>{fragment}").find("body"))))


def _parse(text: str) -> HtmlElement:
    parser = HTMLParser(
        encoding="utf-8", no_network=True, huge_tree=False, remove_comments=True, remove_pis=True
    )
    # Cleaned first: the parser would end the page at NUL, and its tree takes no controls back.
    page = _REFERENCE.sub(_referred, clean(text)).encode()
    try:
        root = document_fromstring(page, parser=parser, ensure_head_body=True)
    except (etree.ParserError, etree.XMLSyntaxError):
        raise ReadingError("there is no text in it") from None
    for entry in parser.error_log:  # the parser only recovers from these by leaving the rest out
        if entry.level_name == "FATAL" or "depth" in entry.message or "huge" in entry.message:
            raise ReadingError(f"it is too deep or too large a page to parse ({entry.message.strip()})")
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


def _without_furniture(body: HtmlElement) -> HtmlElement:
    for element in [element for element in body.iterdescendants() if _is_furniture(element)]:
        if element.tag in _BLOCKS or element.tag in ("nav", "aside", "form"):
            element.tail = " " + (element.tail or "")
        element.drop_tree()
    menus, share = _menus(body)
    if share < _MENU_SHARE:  # a page that is nothing but links is read as it stands
        for menu in menus:
            menu.drop_tree()
    return body


def _is_furniture(element: HtmlElement) -> bool:
    return (
        element.tag in _DROPPED
        or element.get("role") in _DROPPED_ROLES
        or element.get("hidden") is not None
        or element.get("aria-hidden") == "true"
        or "display:none" in element.get("style", "").replace(" ", "").lower()
        or (
            element.tag in _DROPPED_OUTSIDE_ARTICLES
            and next(element.iterancestors("article", "main"), None) is None
        )
    )


def _menus(body: HtmlElement) -> tuple[list[HtmlElement], float]:
    """The outermost lists that are nearly all links, and their share of the page's text."""
    menus: list[HtmlElement] = []
    counts = [[0, 0, 0, 0]]  # per open element: characters, of them in links, links, of them in menus
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if event == "start":
            counts.append([len((element.text or "").strip()), 0, 0, 0])
            continue
        characters, linked, links, in_menus = counts.pop()
        if element.tag == "a":
            linked, links = characters, 1
        if element.tag in _LISTS and links >= _MENU_LINKS and linked >= characters * _MENU_SHARE:
            menus.append(element)
            in_menus = characters
        outer = counts[-1]
        outer[0] += characters + len((element.tail or "").strip())
        outer[1] += linked
        outer[2] += links
        outer[3] += in_menus
    known = set(menus)
    outermost = [menu for menu in menus if known.isdisjoint(menu.iterancestors(*_LISTS))]
    return outermost, counts[0][3] / max(counts[0][0], 1)


def _main(body: HtmlElement) -> HtmlElement:
    """The one ``main`` or ``article`` that holds a good share of the page's text, else the body."""
    least = len("".join(body.itertext())) * _MAIN_SHARE
    for path in (".//article", ".//main | .//*[@role='main']"):
        found = body.xpath(path)
        if len(found) == 1 and len("".join(found[0].itertext())) >= least:
            return found[0]
    return body


def _blocks(root: HtmlElement) -> Iterator[str]:
    """The text of each block in order; a short list or a table is one block."""
    blocks = _Blocks()
    inside: HtmlElement | None = None
    for event, element in etree.iterwalk(root, events=("start", "end")):
        if inside is not None:
            if event == "end" and element is inside:
                inside = None
                blocks.add(element.tail)
        elif event == "start" and (verbatim := _verbatim(element)) is not None:
            blocks.flush()
            blocks.done.append(verbatim)
            inside = element
        elif event == "start":
            blocks.open(element)
        else:
            blocks.close(element)
            blocks.add(element.tail if element is not root else None)
    blocks.flush()
    return iter(blocks.done)


def _verbatim(element: HtmlElement) -> str | None:
    """The text of an element that is read as a whole: preformatted text, and a table of short cells."""
    if element.tag == "pre":
        return "".join(element.itertext())
    if element.tag != "table" or element.find(".//table") is not None:
        return None
    rows = [
        [flow("".join(cell.itertext())).strip() for cell in row.iter("td", "th")]
        for row in element.iter("tr")
    ]
    if any(len(cell) > _SHORT for row in rows for cell in row) or max(map(len, rows), default=0) < 2:
        return None
    caption = [flow("".join(found.itertext())).strip() for found in element.iter("caption")]
    return "\n".join(caption + [" | ".join(row) for row in rows if any(row)])


class _Blocks:
    """The blocks that are done, and the pieces of the one that is being built."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self._pieces: list[str] = []
        self._marker = ""
        self._lists: list[int | None] = []  # per open list the number its last item bore, None for bullets
        self._tight = False  # whether the outermost open list is one block
        self._joins = False  # whether the next block goes on in the last one

    def add(self, text: str | None) -> None:
        if text:
            self._pieces.append(text.replace(_BREAK, " "))

    def open(self, element: HtmlElement) -> None:
        if element.tag in _BLOCKS:
            self.flush()
        if element.tag == "br":
            self._pieces.append(_BREAK)
        elif element.tag in _LISTS:
            if not self._lists:
                self._tight = all(len("".join(item.itertext())) <= _SHORT for item in element)
                self._joins = False
            first = element.get("start", "1")
            self._lists.append(int(first) - 1 if element.tag == "ol" and first.isdecimal() else None)
        elif element.tag == "li":
            self._marker = self._next_marker()
        self.add(element.text)

    def close(self, element: HtmlElement) -> None:
        if element.tag in _BLOCKS:
            self.flush()
        if element.tag in _LISTS:
            self._lists.pop()
            self._joins = self._joins and bool(self._lists)

    def flush(self) -> None:
        text = flow("".join(self._pieces))
        self._pieces.clear()
        for paragraph in _PARAGRAPH_BREAK.split(text):
            lines = [line.strip() for line in paragraph.split(_BREAK)]
            block = "\n".join(line for line in lines if line)
            if not block:
                continue
            block, self._marker = self._marker + block, ""
            if self._joins:
                self.done[-1] += "\n" + block
            else:
                self.done.append(block)
            self._joins = self._tight and bool(self._lists)

    def _next_marker(self) -> str:
        if not self._lists:
            return "- "
        number = self._lists[-1]
        indent = "  " * (len(self._lists) - 1)
        if number is None:
            return f"{indent}- "
        self._lists[-1] = number + 1
        return f"{indent}{number + 1}. "
