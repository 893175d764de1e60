"""What of a web page is its furniture: menus, forms, footers, cookie lines; and where its main content is."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement

from rag.sources.html_blocks import BLOCKS, LISTS

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
_BETWEEN_LINKS = " \t\n\xa0|·•>/»›-—"
_MENU_LINKS, _MENU_SHARE = 3, 0.8
_MAIN_SHARE = 0.3
_FURNITURE = re.compile(
    r"(?:^|[\s_-])(?:cookie|cookies|consent|gdpr|share|sharing|social|breadcrumb|breadcrumbs|pagination|pager|"
    r"related|recommend|sidebar|newsletter|advert|ads|adsbygoogle|navbar|nav|menu|footer|copyright|skip-?link)"
    r"(?:$|[\s_-])",
    re.IGNORECASE,
)
"""What pages call their furniture, in ``class`` and ``id``."""
_FURNITURE_SHARE = 0.2
"""Of the page's text that an element called so may hold and still be furniture."""
# fmt: on


def without_furniture(body: HtmlElement) -> HtmlElement:
    most = len("".join(body.itertext())) * _FURNITURE_SHARE
    found = [element for element in body.iterdescendants() if _is_furniture(element)]
    found += [
        element
        for element in body.iterdescendants()
        if _is_called_furniture(element, most)
    ]
    for element in found:
        if element.getparent() is None:  # it went with one that it stands in
            continue
        if element.tag in BLOCKS or element.tag in ("nav", "aside", "form"):
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


def _is_called_furniture(element: HtmlElement, most: float) -> bool:
    """Whether its class or id says that it is no part of the text, and it is small enough to believe it."""
    names = f"{element.get('class', '')} {element.get('id', '')}"
    if element.tag not in BLOCKS or not _FURNITURE.search(names):
        return False
    if next(element.iter("article", "main", "h1"), None) is not None:
        return False
    return len("".join(element.itertext())) <= most


def _menus(body: HtmlElement) -> tuple[list[HtmlElement], float]:
    """The outermost lists that are nearly all links, and their share of the page's text."""
    menus: list[HtmlElement] = []
    counts = [
        [0, 0, 0, 0]
    ]  # per open element: characters, of them in links, links, of them in menus
    for event, element in etree.iterwalk(body, events=("start", "end")):
        if event == "start":
            counts.append([_worth(element.text), 0, 0, 0])
            continue
        characters, linked, links, in_menus = counts.pop()
        if element.tag == "a":
            linked, links = characters, 1
        if (
            _may_be_menu(element)
            and links >= _MENU_LINKS
            and linked >= characters * _MENU_SHARE
        ):
            menus.append(element)
            in_menus = characters
        outer = counts[-1]
        outer[0] += characters + _worth(element.tail)
        outer[1] += linked
        outer[2] += links
        outer[3] += in_menus
    known = set(menus)
    outermost = [menu for menu in menus if known.isdisjoint(menu.iterancestors())]
    return outermost, counts[0][3] / max(counts[0][0], 1)


def _worth(text: str | None) -> int:
    """Characters, without white space and what parts links: ``首页 | 新闻`` is nothing but links."""
    return len((text or "").strip(_BETWEEN_LINKS))


def _may_be_menu(element: HtmlElement) -> bool:
    """A list, a paragraph, or a table of one row; a box around more is judged by what stands in it."""
    if element.tag == "table":
        return len(element.findall(".//tr")) == 1
    if element.tag == "div":
        return next(element.iterdescendants(*BLOCKS), None) is None
    return element.tag in LISTS or element.tag == "p"


def main_of(body: HtmlElement) -> HtmlElement:
    """The one ``main`` or ``article`` that holds a good share of the page's text, else the body."""
    least = len("".join(body.itertext())) * _MAIN_SHARE
    for path in (".//article", ".//main | .//*[@role='main']"):
        found = body.xpath(path)
        if len(found) == 1 and len("".join(found[0].itertext())) >= least:
            return found[0]
    return body
