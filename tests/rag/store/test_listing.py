"""The list of documents reads no texts; a part of a long text is read without the rest."""

from __future__ import annotations

import datetime
from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rag.errors import NotFound
from rag.records import Block, Copy, Document, Passage
from rag.store.rows import CHUNK, Listed
from rag.store.store import Store
from tests.toy_store import generation_of, put, source_of, vectors_of


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "home") as store:
        yield store


def paragraphs_of(text: str) -> tuple[Block, ...]:
    """A block a line."""
    found: list[Block] = []
    start = 0
    for line in text.split("\n"):
        found.append(Block("paragraph", start, start + len(line)))
        start += len(line) + 1
    return tuple(found)


def put_long(store: Store, text: str, blocks: tuple[Block, ...] = ()) -> None:
    half = len(text) // 2
    copy = Copy("toy.txt", "ab" * 32, ((0, 2),))
    document = Document(
        0,
        "长文",
        text,
        "",
        "",
        ((0, half, 0), (half, len(text), half)),
        copies=(((1, 3), copy),),
        blocks=blocks,
    )
    passages = [Passage(0, 0, 0, 5, text[:5])]
    store.add(
        source_of(text),
        [(document, passages)],
        vectors_of(["一"]),
        generation_of(store),
    )


def test_a_line_of_the_list_says_what_the_document_is(store: Store) -> None:
    before = datetime.datetime.now(datetime.UTC).replace(microsecond=0)
    put(store, "甲😀。乙。\n丙。", published="2024-05-31", name="a.txt")
    first, second = store.listing()
    assert first == Listed(
        1,
        "甲😀。乙。",
        "2024-05-31",
        "a.txt",
        first.source_sha256,
        len("甲😀。乙。"),
        first.ingested,
    )
    assert (second.id, second.characters) == (2, 2)
    assert first.ingested is not None
    assert (
        before
        <= datetime.datetime.fromisoformat(first.ingested)
        <= datetime.datetime.now(datetime.UTC)
    )
    assert [each.id for each in store.listing(after=1)] == [2]
    assert [each.id for each in store.listing(limit=1)] == [1]
    assert store.listed([2, 99, 1]) == [first, second]
    assert store.listed([]) == []


class _CountedFile(apsw.VFSFile):
    """Counts the bytes that are read of every file opened through it."""

    read = 0

    def xRead(self, amount: int, offset: int) -> bytes:  # noqa: N802
        _CountedFile.read += amount
        return super().xRead(amount, offset)


class _CountedVFS(apsw.VFS):
    def __init__(self) -> None:
        super().__init__("chuchu-counted", "")

    def xOpen(  # noqa: N802
        self, name: str | apsw.URIFilename | None, flags: list[int]
    ) -> apsw.VFSFile:
        return _CountedFile("", name, flags)


def test_the_list_reads_no_page_of_a_text(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    put_long(store, "长" * 1_000_000)  # 3 MB
    put(store, "短。")
    counted = _CountedVFS()  # for as long as it is in use

    def connect(path: Path) -> apsw.Connection:
        return apsw.Connection(
            str(path), flags=apsw.SQLITE_OPEN_READONLY, vfs="chuchu-counted"
        )

    monkeypatch.setattr("rag.store.connections.connect_reader", connect)
    store._connections._local.__dict__.clear()  # this thread's reader is opened anew
    _CountedFile.read = 0
    assert [each.characters for each in store.listing()] == [1_000_000, 2]
    assert 0 < _CountedFile.read < 200_000
    store.document(1)
    assert _CountedFile.read > 3_000_000  # so that the count counted something
    del counted


def test_a_document_that_is_deleted_is_off_the_list(store: Store) -> None:
    put(store, "甲。\n乙。")
    store.delete_document(1)
    assert [each.id for each in store.listing()] == [2]


def test_the_part_around_an_offset_is_the_texts_own(store: Store) -> None:
    text = "".join(f"{n:05d}😀" for n in range(5000))
    put_long(store, text)
    for at in (0, 7, 15_000, 29_999, 10**9):
        document, (start, end), characters = store.document_around(1, at, 100)
        assert (characters, end - start) == (len(text), 200)
        assert document.text == text[start:end]
        assert start <= min(at, len(text)) <= end
        assert (
            all(tile[0] < end and tile[1] > start for tile in document.map)
            and document.map
        )
    early, late = (
        store.document_around(1, 0, 100)[0],
        store.document_around(1, 29_000, 100)[0],
    )
    assert (len(early.copies), len(late.copies)) == (1, 0)


def test_the_part_around_an_offset_has_its_own_blocks(store: Store) -> None:
    lines = [f"第{n:04d}段说的是第{n:04d}件事情。" for n in range(2000)]
    text = "\n".join(lines)
    put_long(store, text, paragraphs_of(text))
    whole = store.document(1)
    part, (start, end), _ = store.document_around(1, 20_000, 300)
    within = tuple(b for b in whole.blocks if b.start < end and start < b.end)
    assert len(within) > 10
    assert part.blocks == within


def test_a_text_that_is_not_long_comes_whole(store: Store) -> None:
    put_long(store, "不长的一篇文字。")
    assert store.document_around(1, 3, 4) == (store.document(1), (0, 8), 8)
    with pytest.raises(NotFound):
        store.document_around(2, 0, 10)


@given(at=st.integers(0, 4 * CHUNK), margin=st.integers(1, 2 * CHUNK))
def test_the_part_of_a_source_is_its_slice(
    tmp_path_factory: pytest.TempPathFactory, at: int, margin: int
) -> None:
    text = "出处😀" * CHUNK
    with Store.open(tmp_path_factory.mktemp("home")) as store:
        put_long(store, text)
        part, (start, end), characters = store.source_around(
            source_of(text).sha256, at, margin
        )
    assert (part, characters) == (text[start:end], len(text))
    assert end - start == min(2 * margin, len(text))
    assert start <= min(at, len(text)) <= end
