"""JSON Lines: every row is one document.

``{"text": …, "title"?: …, "published"?: …}``; ``body`` or ``content`` may stand for ``text`` and
``date`` for ``published``. Other keys (``_id``, ``url``, …) are passed over. A row whose text is blank
holds nothing to cite and is passed over too.
"""

from __future__ import annotations

import json
from typing import Any

from rag.sources.base import Article, Limits, Reading, ReadingError, TooLargeError
from rag.sources.dates import iso_date
from rag.sources.decoding import decode

_TEXT = ("text", "body", "content")
_PUBLISHED = ("published", "date")


def read(data: bytes, limits: Limits) -> Reading:
    """Raises ReadingError, naming the line, if a row is not an object with a text."""
    decoded, encoding = decode(data)
    articles, characters = [], 0
    for number, line in enumerate(decoded.split("\n"), start=1):
        if not line.strip():
            continue
        article = _article(line, number)
        characters += len(article.text)
        if characters > limits.max_characters:
            raise TooLargeError(
                f"its text is longer than {limits.max_characters:,} characters"
            )
        if article.text.strip():
            articles.append(article)
    return Reading(tuple(articles), encoding)


def _article(line: str, number: int) -> Article:
    row = _row(line, number)
    text = next((row[key] for key in _TEXT if key in row), None)
    if not isinstance(text, str):
        found = "no text" if text is None else f"a text that is {_kind(text)}"
        raise ReadingError(f'line {number} has {found}; expected a string under "text"')
    title = row.get("title")
    if not isinstance(title, str | None):
        raise ReadingError(
            f"line {number} has a title that is {_kind(title)}; expected a string"
        )
    published = next((row[key] for key in _PUBLISHED if key in row), None)
    return Article(text, title, iso_date(published))


def _row(line: str, number: int) -> dict[str, Any]:
    try:
        row = json.loads(line)
    except json.JSONDecodeError as error:
        raise ReadingError(
            f"line {number} is not JSON ({error.msg} at column {error.colno})"
        ) from None
    except (
        RecursionError,
        ValueError,
    ):  # ValueError: a whole number of thousands of digits
        raise ReadingError(
            f"line {number} is JSON of a depth or a number of a length that is not read"
        ) from None
    if not isinstance(row, dict):
        raise ReadingError(f"line {number} is {_kind(row)}; expected an object")
    return row


def _kind(value: object) -> str:
    names = {
        list: "a list",
        str: "a string",
        bool: "true or false",
        type(None): "null",
        dict: "an object",
    }
    return names.get(type(value), "a number")
