"""JSON: a list of like objects is a table, an object with a text a document, all else a tree of headings.

    [{"型号": "甲", "重量": "2 kg"}, …]        a table: 型号 | 重量, and a row an object
    {"title": "通知", "text": "……"}            a document, as a row of JSON Lines is
    {"server": {"host": "a", "port": 80}}      heading server, under it host: a and port: 80

Numbers are kept as they are written. A file of several values, a line each, is JSON Lines.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from itertools import chain
from typing import Any

from rag.sources import jsonl
from rag.sources.base import Article, ArticleBuilder, Limits, Reading, ReadingError
from rag.sources.dates import iso_date
from rag.sources.decoding import decode

_TEXT = ("text", "body", "content")
_TITLE = ("title", "name", "名称", "标题")
_PUBLISHED = ("published", "date")
_MAX_DEPTH = 40
_LONG = 200
"""Characters of a value that is a paragraph rather than a cell."""
_ALIKE = 0.5
"""The share of all keys that an object of a table must have at least."""
_MAX_COLUMNS = 200


def read(data: bytes, limits: Limits) -> Reading:
    """Raises ReadingError if it is not JSON, or nested too deeply."""
    text, encoding = decode(data)
    try:
        value = json.loads(text, parse_int=str, parse_float=str, parse_constant=str)
    except json.JSONDecodeError as error:
        if error.msg == "Extra data":
            return jsonl.read(data, limits)
        raise ReadingError(
            f"it is not JSON ({error.msg} at line {error.lineno}, column {error.colno})"
        ) from None
    except RecursionError:
        raise ReadingError("it is nested too deeply to be read") from None
    articles = _documents(value)
    return Reading(articles or (_tree(value),), encoding)


def _documents(value: Any) -> tuple[Article, ...]:
    """An object with a text, or a list of nothing but such, as documents; else none."""
    objects = value if isinstance(value, list) else [value]
    articles: list[Article] = []
    for each in objects:
        text = _text_of(each)
        if text is None:
            return ()
        title = each.get("title")
        title = title if isinstance(title, str) else None
        articles.append(Article(text, title, _published_of(each)))
    return tuple(articles)


def _published_of(value: Mapping[str, Any]) -> str | None:
    for key in _PUBLISHED:
        if day := iso_date(value.get(key)):
            return day
    return None


def _text_of(value: Any) -> str | None:
    if not isinstance(value, dict):
        return None
    for key in _TEXT:
        text = value.get(key)
        if isinstance(text, str):
            return text
    return None


def _tree(value: Any) -> Article:
    tree = _Tree()
    tree.add(value, 1)
    return tree.builder.article(_name_of(value, _TITLE))


class _Tree:
    """What was read of a value so far."""

    def __init__(self) -> None:
        self.builder = ArticleBuilder()
        self._table = 1

    def add(self, value: Any, level: int) -> None:
        """Add a value whose headings are of ``level``. Raises ReadingError if it is nested too deeply."""
        if level > _MAX_DEPTH:
            raise ReadingError(f"it is nested more than {_MAX_DEPTH} levels deep")
        if isinstance(value, dict):
            self._add_object(value, level)
        elif isinstance(value, list):
            self._add_list(value, level)
        else:
            self.builder.add("paragraph", _shown(value))

    def _add_object(self, value: Mapping[str, Any], level: int) -> None:
        """First what has a plain value, then what has a heading, lest that be read as under another's."""
        nested: list[str] = []
        for key, inner in value.items():
            if _is_plain(inner):
                self.builder.add_pair(key, _shown(inner), table=self._table)
            else:
                nested.append(key)
        self._table += 1
        for key in nested:
            self.builder.add("heading", key, level=level)
            self.add(value[key], level + 1)

    def _add_list(self, values: Sequence[Any], level: int) -> None:
        rows = [row for row in map(_flat, values) if row is not None]
        heads = list(dict.fromkeys(chain.from_iterable(rows)))
        if rows and len(rows) == len(values) and _are_alike(rows, heads):
            self._add_rows(rows, heads)
            return
        for number, value in enumerate(values, start=1):
            if isinstance(value, dict | list):
                self.builder.add("heading", _name_of(value) or str(number), level=level)
                self.add(value, level + 1)
            else:
                self.builder.add("list_item", _shown(value), level=1)

    def _add_rows(
        self, rows: Sequence[Mapping[str, str]], heads: Sequence[str]
    ) -> None:
        self.builder.add_row(heads, head=True, table=self._table)
        for row in rows:
            cells = [row.get(key, "") for key in heads]
            self.builder.add_row(cells, heads, table=self._table)
        self._table += 1


def _are_alike(rows: Sequence[Mapping[str, str]], heads: Sequence[str]) -> bool:
    """Whether objects share their keys, and none of their values is long: then they are rows of a table."""
    if not heads or len(heads) > _MAX_COLUMNS:
        return False
    for row in rows:
        # Of five heads an object must have three.
        if len(row) < len(heads) * _ALIKE:
            return False
        if max(map(len, row.values())) > _LONG:
            return False
    return True


def _flat(value: Any) -> dict[str, str] | None:
    """An object as cells: one level of objects in it as ``address / city``, lists of plain values joined.

    None for what is nested deeper, or no object: it is no row.
    """
    if not isinstance(value, dict):
        return None
    row: dict[str, str] = {}
    for key, inner in value.items():
        if isinstance(inner, dict) and inner and all(map(_is_plain, inner.values())):
            for below, cell in inner.items():
                row[f"{key} / {below}"] = _shown(cell)
        elif _is_plain(inner):
            row[key] = _shown(inner)
        else:
            return None
    return row


def _is_plain(value: Any) -> bool:
    """Whether a value fits into a cell: no object, and no list but of words and numbers."""
    if not isinstance(value, list):
        return not isinstance(value, dict)
    if any(isinstance(each, dict | list) for each in value):
        return False
    return sum(len(str(each)) for each in value) <= _LONG


def _name_of(value: Any, keys: Sequence[str] = (*_TITLE, "id")) -> str | None:
    """What an object calls itself."""
    if not isinstance(value, dict):
        return None
    for key in keys:
        name = value.get(key)
        if isinstance(name, str) and name:
            return name
    return None


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_shown, value))
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)
