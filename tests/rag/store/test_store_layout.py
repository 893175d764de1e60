"""The store keeps how a document was read off its page, and a store made before it could goes on working."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import apsw
import numpy as np
import pytest

from rag.records import Copy, Document, Layout, Part, Passage, Source
from rag.store import schema
from rag.store.scrubbing import VFS_NAME
from rag.store.store import Store
from tests.toy_pages import articles, page
from tests.toy_store import DIMENSION, bytes_of, generation_of, put, vectors_of

EVERY_FIELD = ("byline", "dateline", "place", "published", "copies", "layout")


def put_articles(store: Store, documents: tuple[Document, ...]) -> tuple[Document, ...]:
    whole = [
        (each, [Passage(0, 0, 0, len(each.text), each.text)]) for each in documents
    ]
    return store.add(
        page(),
        whole,
        vectors_of([each.text for each in documents]),
        generation_of(store),
    ).documents


def test_a_layout_and_all_fields_survive_a_reopen(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        added = put_articles(store, articles())
        assert [store.document(each.id) for each in added] == list(added)
    with Store.open(tmp_path) as store:
        found = store.documents_of(page().sha256)
    assert found == list(added)
    for kept, given in zip(found, articles(), strict=True):
        assert {name: getattr(kept, name) for name in EVERY_FIELD} == {
            name: getattr(given, name) for name in EVERY_FIELD
        }
    library = found[1]  # so that the comparison above compared something
    assert all(getattr(library, name) for name in EVERY_FIELD)
    bridge = found[0].layout
    assert (len(bridge.joins), bridge.joins[1].lossy, len(bridge.captions)) == (
        2,
        True,
        1,
    )


def test_a_document_that_came_in_order_has_the_empty_layout(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        put(store, "甲。乙。")
        assert store.document(1).layout == Layout()
        assert store.documents_of("00" * 32) == []


def test_what_a_layout_held_is_in_no_file_after_a_delete(tmp_path: Path) -> None:
    words = {
        name: f"秘密的{name}" * 3
        for name in ("byline", "dateline", "kicker", "credit", "reading")
    }
    _, library = articles()
    (copied, copy), *_ = library.copies
    caption = replace(articles()[0].layout.captions[0], credit=words["credit"])
    variant = replace(library.layout.variants[0], text=words["reading"])
    layout = replace(
        library.layout,
        kicker=words["kicker"],
        captions=(caption,),
        variants=(variant,) * 300,
    )
    secret = replace(
        library,
        byline=words["byline"],
        dateline=words["dateline"],
        copies=((copied, replace(copy, source_name="秘密的别处")),),
        layout=layout,
    )
    with Store.open(tmp_path) as store:
        put_articles(store, (secret,))
        held = bytes_of(tmp_path)
        assert [
            word
            for word in (*words.values(), "秘密的别处")
            if word.encode() not in held
        ] == []
        store.delete_document(1)
        assert "秘密的".encode() not in bytes_of(tmp_path)


@pytest.fixture
def first_version(tmp_path: Path) -> Path:
    """A folder as the first version of the schema left it, one document in it."""
    home = tmp_path / "old"
    home.mkdir()
    database = apsw.Connection(str(home / "chuchu.db"), vfs=VFS_NAME)
    database.pragma("page_size", schema.PAGE_SIZE)
    database.pragma("journal_mode", "wal")
    database.execute(schema._MIGRATIONS[0])
    database.pragma("user_version", 1)
    copies = json.dumps(
        [
            [
                [0, 2],
                {"source_name": "别处", "source_sha256": "cd" * 32, "spans": [[4, 6]]},
            ]
        ]
    )
    rows = {
        "meta": ("identity", "f" * 32),
        "sources": (1, "ab" * 32, "旧.txt", "text/plain", "utf-8", "[]", b"data"),
        "source_text": (1, 1, 0, "甲。乙。"),
        "documents": (
            1,
            1,
            "2023-01-31",
            "旧文",
            "甲",
            None,
            None,
            "[[0,4,0]]",
            copies,
            "甲。乙。",
        ),
        "passages": (1, 1, 0, 4),
        "generations": (1, "toy", DIMENSION, 1),
        "vectors": (1, 1, 1, vectors_of(["甲。乙。"])[0].tobytes()),
        "changes": (1, "add", 1),
    }
    for table, row in rows.items():
        database.execute(
            f"INSERT INTO {table} VALUES ({', '.join('?' * len(row))})", row
        )
    database.close()
    return home


def test_a_store_of_the_first_version_opens_and_goes_on(first_version: Path) -> None:
    old = Document(
        1, "旧文", "甲。乙。", "旧.txt", "ab" * 32, ((0, 4, 0),), "甲", published="2023-01-31",
        copies=(((0, 2), Copy("别处", "cd" * 32, ((4, 6),))),),
    )  # fmt: skip
    with Store.open(first_version) as store:
        assert store.identity == "f" * 32
        assert store.documents() == [old]
        assert store.source("ab" * 32) == Source(
            "旧.txt",
            "ab" * 32,
            b"data",
            "甲。乙。",
            "text/plain",
            "utf-8",
            tuple[Part, ...](),
        )
        ids, matrix = next(store.vectors(generation_of(store)))
        assert ids.tolist() == [1]
        np.testing.assert_array_equal(matrix, vectors_of(["甲。乙。"]))
        added = put_articles(store, articles())
        assert [each.id for each in added] == [2, 3]
    with Store.open(first_version) as store:
        assert store.documents() == [old, *added]
        assert store.check() == []
        for each in store.documents():
            store.delete_document(each.id)
        kept = bytes_of(first_version)
        assert [
            word for word in ("旧文", "苗青", "段启明") if word.encode() in kept
        ] == []
