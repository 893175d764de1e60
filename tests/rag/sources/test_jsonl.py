"""JSON Lines: a row, a document; a bad row, its line."""

from __future__ import annotations

import pytest

from rag.sources import jsonl
from rag.sources.base import Article, Limits, ReadingError, TooLargeError

LIMITS = Limits()


def test_jsonl_rows_are_documents() -> None:
    rows = (
        b'\xef\xbb\xbf{"_id": "1", "title": "T", "text": "a\\r\\nb", "published": "2024-05-31T01:00"}\r\n\n'
        b'{"body": "c", "date": "whenever", "title": null}\n{"text": "  "}\n{"content": "\xe7\x9f\xa5"}'
    )
    assert jsonl.read(rows, LIMITS).articles == (
        Article("a\r\nb", "T", "2024-05-31"),
        Article("c"),
        Article("知"),
    )


@pytest.mark.parametrize(
    ("row", "why"),
    [
        ("{", "line 2 is not JSON"),
        ("[]", "line 2 is a list; expected an object"),
        ('"text"', "line 2 is a string; expected an object"),
        ("{}", 'line 2 has no text; expected a string under "text"'),
        ('{"text": 5}', "line 2 has a text that is a number"),
        ('{"text": "x", "title": ["x"]}', "line 2 has a title that is a list"),
        ("[" * 100_000, "line 2 is "),
        (
            '{"text": "x", "n": ' + "9" * 5000 + "}",
            "line 2 is JSON of a depth or a number of a length",
        ),
    ],
)
def test_jsonl_errors_name_the_line(row: str, why: str) -> None:
    with pytest.raises(ReadingError, match=why):
        jsonl.read(f'{{"text": "good"}}\n{row}\n'.encode(), LIMITS)


def test_jsonl_stops_at_too_much_text() -> None:
    with pytest.raises(TooLargeError):
        jsonl.read(b'{"text": "0123456789"}\n' * 3, Limits(max_characters=25))
