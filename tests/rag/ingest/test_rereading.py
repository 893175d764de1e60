"""A store that an older version made is read again from its kept bytes: whole, once, and crash-safe."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from rag import sources
from rag.ingest.rereading import READING_VERSION, matched, still_wanted
from rag.library import Library, Question
from rag.records import Document
from rag.settings import Settings
from rag.store.places import Place
from tests.toys import toy_source

ROWS = "".join(
    f'{{"title": "{name}", "text": "{name}桥建成于{year}年，长{year - 1800}米。"}}\n'
    for name, year in (("青石", 1911), ("红枫", 1954), ("白鹭", 1987))
)


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A store with a page of HTML, a typed text and a JSONL file of three rows, the second deleted."""
    with Library.open(Settings(home=tmp_path / "home", encoder="quick")) as library:
        html = "<h1>磨坊</h1><p>老磨坊有三台水车。</p>"
        library.ingest_source(toy_source("a.html", html), Place("upload", "a.html"))
        typed = sources.from_text("值班表", "十一月由李静值班。", "2024-05-31")
        library.ingest_source(typed, Place("typed", "值班表"))
        library.ingest_source(toy_source("bridges.jsonl", ROWS))
        library.delete(4)
    return tmp_path / "home"


def opened(home: Path, told: list[tuple[int, int]] | None = None) -> Library:
    heard = [] if told is None else told
    return Library.open(
        Settings(home=home, encoder="quick"),
        on_rereading=lambda done, total: heard.append((done, total)),
    )


def spoil(home: Path) -> None:
    """Leave the store as a version would have that took tags for text and knew no titles."""
    database = apsw.Connection(str(home / "chuchu.db"))
    database.execute("UPDATE intakes SET read_with = 0")
    database.execute(
        "UPDATE documents SET title = '', text = '<p>' || text WHERE id = 1"
    )
    database.execute('UPDATE passages SET "end" = "start" + 3')
    for table in ("documents", "passages"):
        database.execute(
            f"UPDATE {table} SET crc32 = NULL"
        )  # older versions kept no checksums
    database.close()


def test_a_damaged_passage_is_mended_by_reading_again(home: Path) -> None:
    database = apsw.Connection(str(home / "chuchu.db"))
    database.execute("UPDATE intakes SET read_with = 0")
    database.execute('UPDATE passages SET "end" = "start" + 1 WHERE id = 1')
    database.close()
    with opened(home) as library:
        assert library.store.check() == []
        assert library.ask(Question("老磨坊有几台水车？")).status == "answered"


@pytest.fixture
def fresh(
    home: Path,
) -> Iterator[tuple[list[Document], Library, list[tuple[int, int]]]]:
    """What was there, and the library after it was spoilt and opened again, with the progress told."""
    with opened(home) as library:
        before = list(library.documents())
    spoil(home)
    told: list[tuple[int, int]] = []
    with opened(home, told) as library:
        yield before, library, told


def test_what_was_read_otherwise_is_read_again(
    fresh: tuple[list[Document], Library, list[tuple[int, int]]],
) -> None:
    before, library, told = fresh
    assert [each.title for each in before] == ["磨坊", "值班表", "青石", "白鹭"]
    assert list(library.documents()) == before  # ids, titles, dates and all
    assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
    assert library.store.check() == []
    assert library.ask(Question("老磨坊有几台水车？")).status == "answered"
    assert library.ask(Question("红枫桥建成于哪一年？")).status != "answered"


def test_it_is_read_again_once(home: Path) -> None:
    spoil(home)
    with opened(home) as library:
        passages = [each.id for each in library.store.document_passages(1)]
    told: list[tuple[int, int]] = []
    with opened(home, told) as library:
        assert told == []
        assert [each.id for each in library.store.document_passages(1)] == passages


def test_what_is_read_the_same_is_left_as_it_is(home: Path) -> None:
    database = apsw.Connection(str(home / "chuchu.db"))
    database.execute("UPDATE intakes SET read_with = 0")
    database.close()
    with opened(home) as library:
        assert library.store.read_before(READING_VERSION) == ()
        assert library.store.document_passages(1)[0].id == 1


def test_a_start_that_is_broken_off_goes_on_where_it_was(home: Path) -> None:
    spoil(home)

    def stop(done: int, _: int) -> None:
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        Library.open(Settings(home=home, encoder="quick"), on_rereading=stop)
    told: list[tuple[int, int]] = []
    with opened(home, told) as library:
        assert told == [(0, 2), (1, 2), (2, 2)]
        assert [each.title for each in library.documents()] == [
            "磨坊",
            "值班表",
            "青石",
            "白鹭",
        ]


def test_when_and_where_from_it_came_stays(home: Path) -> None:
    with opened(home) as library:
        before = [each.ingested for each in library.listing()]
    spoil(home)
    with opened(home) as library:
        assert [each.ingested for each in library.listing()] == before
        again = library.ingest_source(
            toy_source("a.html", "<p>别的。</p>"), Place("upload", "a.html")
        )
        assert again.replaced == (1,)


def test_bytes_that_no_reader_takes_any_more_keep_their_text(home: Path) -> None:
    database = apsw.Connection(str(home / "chuchu.db"))
    database.execute("UPDATE sources SET name = 'a.wps' WHERE name = 'a.html'")
    database.close()
    spoil(home)
    with opened(home) as library:
        document = library.document(1)
        assert (document.title, document.source_name) == ("磨坊", "a.wps")
        assert document.text == "磨坊\n\n老磨坊有三台水车。"
        assert library.store.read_before(READING_VERSION) == ()


def document(id_: int, title: str, text: str, at: int = 0) -> Document:
    return Document(id_, title, text, "a.txt", "ab" * 32, ((0, len(text), at),))


def test_a_document_keeps_the_id_of_the_one_of_its_title() -> None:
    before = [document(7, "甲", "x"), document(8, "乙", "y")]
    assert matched(before, [document(0, "乙", ""), document(0, "甲", "")]) == [8, 7]
    assert matched(before, [document(0, "丙", ""), document(0, "乙", "")]) == [7, 8]
    assert matched(before[:1], [document(0, "丙", ""), document(0, "丁", "")]) == [7, 0]
    assert matched(before, [document(0, "乙", "")]) == [8]


def test_what_was_deleted_before_is_not_wanted() -> None:
    first, second = (
        "青石桥建成于一九一一年，长一百一十一米。",
        "红枫桥建成于一九五四年，长一百五十四米。",
    )
    text = f"{first}\n\n{second}"
    left = [document(7, "甲", first)]
    after = [document(0, "甲", first), document(0, "乙", second, len(first) + 2)]
    assert still_wanted(text, left, after) == [True, False]
    both = [*left, replace(after[1], id=8)]
    assert still_wanted(text, both, after) == [True, True]
    assert still_wanted(
        first, left, [document(0, "新", "从前没有读到的脚注，现在读到了。")]
    ) == [True]
