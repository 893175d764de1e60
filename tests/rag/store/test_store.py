from __future__ import annotations

import os
import shutil
import subprocess
import sys
import threading
from dataclasses import replace
from pathlib import Path

import apsw
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rag.errors import InvalidValue, NotFound, StoreError, StoreLocked
from rag.records import Block, Cell, Copy, Document, Part, Passage, Source
from rag.store.rows import CHUNK
from rag.store.scrubbing import scrubbed
from rag.store.store import Store
from tests.toy_store import (
    DIMENSION,
    bytes_of,
    documents_of,
    generation_of,
    put,
    source_of,
    vectors_of,
)


@pytest.fixture
def store(tmp_path: Path):
    with Store.open(tmp_path / "home") as store:
        yield store


def test_what_goes_in_comes_out(store: Store) -> None:
    text = "标题\n第一句。第二句。😀"
    source = Source(
        "页.txt",
        "ab" * 32,
        b"\x00\xff",
        text,
        "text/plain",
        "gb18030",
        (Part(0, 3, "t", "2023-01-01"),),
    )
    copy = Copy("别处.txt", "cd" * 32, ((4, 8), (9, 10)), document_id=3, start=1, end=5)
    document = Document(
        0, "标题", text, "", "", ((0, 2, 0), (3, 12, 3)), "记者 甲", "北京1月1日电", "北京", "2023-01-01",
        (((3, 7), copy),),
    )  # fmt: skip
    passages = [Passage(0, 0, 3, 7, "第一句。"), Passage(0, 0, 7, 12, "第二句。😀")]

    added = store.add(
        source, [(document, passages)], vectors_of(["a", "b"]), generation_of(store)
    )

    assert added.new
    assert added.documents == (
        replace(document, id=1, source_name="页.txt", source_sha256="ab" * 32),
    )
    assert added.passages == tuple(
        replace(p, id=n, document_id=1) for n, p in enumerate(passages, 1)
    )
    assert store.document(1) == added.documents[0]
    assert store.documents() == [added.documents[0]]
    assert store.document_passages(1) == list(added.passages)
    assert store.passages([2, 1, 99]) == {2: added.passages[1], 1: added.passages[0]}
    assert store.source("ab" * 32) == source
    assert store.source("ab" * 32, with_data=False) == replace(source, data=b"")
    assert list(store.texts()) == [(1, "标题\n第一句。"), (2, "标题\n第二句。😀")]
    ids, matrix = next(store.vectors(generation_of(store)))
    assert ids.tolist() == [1, 2]
    np.testing.assert_array_equal(matrix, vectors_of(["a", "b"]))
    assert store.counts() == {"sources": 1, "documents": 1, "passages": 2, "vectors": 2}
    assert store.check() == []


def test_a_document_comes_without_its_blocks_and_blocks_come_by_place(
    store: Store,
) -> None:
    text = "题\n甲项。\n乙项。"
    blocks = (
        Block("heading", 0, 1, level=1),
        Block("list_item", 2, 5, level=1),
        Block("table_row", 6, 9, cells=(Cell("名", 6, 7),)),
    )
    sha256 = "ab" * 32
    source = Source("a.md", sha256, b"", text, "text/markdown", "utf-8", ())
    document = Document(0, "题", text, "a.md", sha256, ((0, 9, 0),), blocks=blocks)
    passages = [Passage(0, 0, 2, 9, text[2:9])]
    store.add(source, [(document, passages)], vectors_of(["甲"]), generation_of(store))

    assert store.document(1).blocks == blocks
    assert store.document(1, with_blocks=False) == replace(store.document(1), blocks=())
    assert store.blocks_of(1, 0, 100) == blocks
    assert store.blocks_of(1, -10, 2) == blocks[:1]
    assert store.blocks_of(1, 4, 7) == blocks[1:]
    with pytest.raises(NotFound):
        store.blocks_of(2, 0, 100)


def test_it_is_all_there_after_a_reopen(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        added = put(store, "甲。乙。\n丙。")
        identity = store.identity
    with Store.open(tmp_path) as store:
        assert store.identity == identity
        assert tuple(store.documents()) == added.documents
        assert store.seq() == added.seq == 3


@given(
    unit=st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20),
    times=st.integers(1, 2 * CHUNK),
    data=st.data(),
)
@settings(max_examples=30, deadline=None)
def test_a_span_of_a_source_is_its_slice(
    tmp_path_factory: pytest.TempPathFactory, unit: str, times: int, data: st.DataObject
) -> None:
    text = unit * times
    place = st.integers(0, len(text))
    near = st.integers(-2, 2).map(lambda by: min(max(CHUNK + by, 0), len(text)))
    span = st.tuples(place | near, place | near).map(
        lambda pair: (min(pair), max(pair))
    )
    spans = data.draw(st.lists(span, max_size=4))
    with Store.open(tmp_path_factory.mktemp("home")) as store:
        source = source_of(text)
        document = Document(0, "", text, "", "", ((0, len(text), 0),))
        store.add(source, [(document, [])], vectors_of([]), generation_of(store))
        assert store.source_text(source.sha256, spans) == tuple(
            text[start:end] for start, end in spans
        )
        assert store.source(source.sha256) == source
        assert store.document(1).text == text


def test_the_same_content_is_taken_in_once(store: Store) -> None:
    first = put(store, "甲。乙。", name="a.txt")
    again = put(store, "甲。乙。", name="b.txt")
    assert (again.documents, again.passages, again.seq) == (
        first.documents,
        first.passages,
        first.seq,
    )
    assert not again.new
    assert store.find_source(first.documents[0].source_sha256) == (1,)
    assert store.find_source("00" * 32) is None
    assert store.counts()["sources"] == 1


@pytest.mark.parametrize(
    ("change", "key"),
    [
        ({"documents": []}, "documents"),
        (
            {
                "documents": [
                    (documents_of("甲。")[0][0], [Passage(0, 0, 0, 2, "乙。")])
                ]
            },
            "passage",
        ),
        (
            {"documents": [(documents_of("甲。")[0][0], [Passage(0, 0, 1, 1, "")])]},
            "passage",
        ),
        ({"vectors": np.zeros((2, DIMENSION), np.float32)}, "vectors"),
        ({"vectors": np.zeros((1, DIMENSION + 1), np.float32)}, "vectors"),
        ({"vectors": np.full((1, DIMENSION), np.nan, np.float32)}, "vectors"),
    ],
)
def test_bad_input_is_named_and_leaves_nothing(
    store: Store, change: dict[str, object], key: str
) -> None:
    arguments: dict[str, object] = {
        "source": source_of("甲。"),
        "documents": documents_of("甲。"),
        "vectors": vectors_of(["甲。"]),
        "generation": generation_of(store),
    }
    with pytest.raises(InvalidValue) as caught:
        store.add(**arguments | change)  # type: ignore[arg-type]
    assert caught.value.key == key
    assert store.counts() == {"sources": 0, "documents": 0, "passages": 0, "vectors": 0}
    assert store.seq() == 0


def test_a_failed_write_leaves_nothing(store: Store) -> None:
    documents = documents_of("甲。")
    broken = [(replace(documents[0][0], title=None), documents[0][1])]  # type: ignore[arg-type]
    with pytest.raises(StoreError, match="NOT NULL"):
        store.add(source_of("甲。"), broken, vectors_of(["甲。"]), generation_of(store))
    assert store.counts()["sources"] == 0
    assert put(store, "甲。").new


def test_the_source_goes_with_its_last_document(store: Store) -> None:
    added = put(store, "甲。乙。\n丙。")
    sha256 = added.documents[0].source_sha256
    first = store.delete_document(1)
    assert (first.passage_ids, first.source_sha256) == ((1, 2), None)
    assert store.source(sha256).text == "甲。乙。\n丙。"
    last = store.delete_document(2)
    assert (last.passage_ids, last.source_sha256) == ((3,), sha256)
    reads = (
        lambda: store.source(sha256),
        lambda: store.source_text(sha256, []),
        lambda: store.document(2),
        lambda: store.document_passages(2),
        lambda: store.delete_document(2),
    )
    for read in reads:
        with pytest.raises(NotFound):
            read()
    assert store.counts() == {"sources": 0, "documents": 0, "passages": 0, "vectors": 0}


def test_ids_are_never_used_again(store: Store) -> None:
    put(store, "甲。")
    store.delete_document(1)
    added = put(store, "甲。")
    assert (added.documents[0].id, added.passages[0].id) == (2, 2)
    assert [(c.seq, c.kind, c.passage_id) for c in store.changes(0)] == [
        (1, "add", 1),
        (2, "delete", 1),
        (3, "add", 2),
    ]
    assert [c.seq for c in store.changes(2)] == [3]


def test_what_was_deleted_is_in_no_file(tmp_path: Path) -> None:
    random = np.random.default_rng(0)
    secrets: dict[int, list[bytes]] = {}

    def add(n: int) -> None:
        text = f"秘密{n:03d}甲。" * int(random.integers(1, 500))
        added = put(store, text, name=f"name{n:03d}.txt")
        vector = vectors_of([added.passages[0].text])[0].tobytes()
        secrets[added.documents[0].id] = [
            f"秘密{n:03d}甲".encode(),
            vector,
            f"name{n:03d}".encode(),
        ]

    with Store.open(tmp_path) as store:
        for n in range(40):
            add(n)
        gone: list[bytes] = []
        for n in range(40, 80):
            before = bytes_of(tmp_path)
            assert all(secret in before for mine in secrets.values() for secret in mine)
            id_ = int(random.choice([*secrets]))
            store.delete_document(id_)
            gone += secrets.pop(id_)
            after = bytes_of(tmp_path)
            assert [secret for secret in gone if secret in after] == []
            add(n)
            later = bytes_of(tmp_path)
            assert [secret for secret in gone if secret in later] == []


@pytest.fixture
def interrupted(tmp_path: Path):
    """A store whose last delete could not empty the log, because a reader was in the midst of a query."""
    with Store.open(tmp_path / "home") as store:
        put(store, "秘密。")
        reader = apsw.Connection(
            str(store.home / "chuchu.db"), flags=apsw.SQLITE_OPEN_READONLY
        )
        reader.execute("BEGIN").execute("SELECT * FROM documents").fetchall()
        store._connections._writer.set_busy_timeout(10)
        store.delete_document(1)
        assert "秘密".encode() in bytes_of(store.home)
        yield store, reader
        reader.close()


def test_the_next_write_empties_the_log_then(
    interrupted: tuple[Store, apsw.Connection],
) -> None:
    store, reader = interrupted
    reader.close()
    put(store, "别的。")
    assert "秘密".encode() not in bytes_of(store.home)


def test_so_does_the_next_open_after_a_kill(
    interrupted: tuple[Store, apsw.Connection], tmp_path: Path
) -> None:
    shutil.copytree(interrupted[0].home, tmp_path / "as the kill left it")
    with Store.open(tmp_path / "as the kill left it") as store:
        assert "秘密".encode() not in bytes_of(store.home)


def test_passages_are_chosen_by_document_and_date(store: Store) -> None:
    put(store, "甲。乙。", published="2023-01-31")
    put(store, "丙。", published="2023-02-01T08:00")
    put(store, "丁。")
    assert store.passage_ids().tolist() == [1, 2, 3, 4]
    assert store.passage_ids([3, 1]).tolist() == [1, 2, 4]
    assert store.passage_ids([99]).tolist() == []
    assert store.passage_ids(since="2023-02-01").tolist() == [3]
    assert store.passage_ids(until="2023-02-01").tolist() == [1, 2, 3]
    assert store.passage_ids(
        [1, 2], since="2023-01-01", until="2023-01-31"
    ).tolist() == [1, 2]
    assert store.passage_ids().dtype == np.int64


def test_documents_come_in_pages(store: Store) -> None:
    put(store, "甲。\n乙。\n丙。")
    assert [d.id for d in store.documents(limit=2)] == [1, 2]
    assert [d.id for d in store.documents(after=2, limit=2)] == [3]


def test_another_encoder_grows_beside_the_old_one(store: Store) -> None:
    put(store, "甲。乙。")
    old = generation_of(store)
    new = store.generation("other", 3)
    assert [(g.fingerprint, g.whole) for g in store.generations()] == [
        ("toy", True),
        ("other", False),
    ]
    missing = list(store.missing_vectors(new))
    assert missing == [
        (1, "甲。乙。\n甲。"),
        (2, "甲。乙。\n乙。"),
    ]  # each under its document's title
    store.add_vectors(new, [1], np.ones((1, 3), np.float32))
    with pytest.raises(StoreError, match="passage 2"):
        store.finish_generation(new)
    assert len(store.generations()) == 2
    store.add_vectors(new, [2, 99], np.ones((2, 3), np.float32))
    store.finish_generation(new)
    assert [
        (g.id, g.fingerprint, g.dimension, g.whole) for g in store.generations()
    ] == [(new, "other", 3, True)]
    assert store.count_vectors(old) == 0
    assert store.vectors_of(new, [2, 99])[0].tolist() == [2]
    store.finish_generation(new)


def test_generations_that_are_to_stay_stay(store: Store) -> None:
    put(store, "甲。")
    quick, other = generation_of(store), store.generation("other", 3)
    deep = store.generation("deep", 2)
    store.add_vectors(deep, [1], np.ones((1, 2), np.float32))
    assert not store.is_finished(deep, (quick,))
    store.finish_generation(deep, (quick,))
    assert store.is_finished(deep, (quick,)) and not store.is_finished(deep)
    assert [known.id for known in store.generations()] == [quick, deep]
    assert store.count_vectors(quick) == 1
    with pytest.raises(NotFound):
        store.generation_of(other)


def test_a_document_added_for_the_new_encoder_is_missing_in_the_old_one(
    store: Store,
) -> None:
    put(store, "甲。")
    new = store.generation("other", 3)
    store.add(source_of("乙。"), documents_of("乙。"), np.ones((1, 3), np.float32), new)
    assert list(store.missing_vectors(generation_of(store))) == [(2, "乙。\n乙。")]
    assert not store.generation_of(generation_of(store)).whole


def test_a_fingerprint_has_one_dimension(store: Store) -> None:
    assert generation_of(store) == generation_of(store)
    with pytest.raises(InvalidValue, match="dimension"):
        store.generation("toy", DIMENSION + 1)
    with pytest.raises(NotFound):
        store.add_vectors(99, [], vectors_of([]))


def test_pragmas_hold(store: Store) -> None:
    wanted = {
        "journal_mode": "wal",
        "synchronous": 2,
        "foreign_keys": 1,
        "secure_delete": 1,
        "busy_timeout": 5000,
    }
    assert {name: store._connections._writer.pragma(name) for name in wanted} == wanted
    with store._connections.read() as reader, pytest.raises(apsw.ReadOnlyError):
        reader.execute("DELETE FROM sources")


def test_a_folder_has_one_holder(tmp_path: Path) -> None:
    script = "import sys; from rag.store.store import Store; Store.open(__import__('pathlib').Path(sys.argv[1]))"
    with Store.open(tmp_path):
        with pytest.raises(StoreLocked, match=f"process {os.getpid()}"):
            Store.open(tmp_path)
        command = [sys.executable, "-c", script, str(tmp_path)]
        other = subprocess.run(command, capture_output=True, text=True, check=False)
        assert other.returncode == 1
        assert (
            f"StoreLocked: {tmp_path} is in use by process {os.getpid()}"
            in other.stderr
        )
    Store.open(tmp_path).close()


def test_a_store_of_a_newer_version_is_refused(tmp_path: Path) -> None:
    Store.open(tmp_path).close()
    database = apsw.Connection(str(tmp_path / "chuchu.db"))
    database.pragma("user_version", 99)
    database.close()
    with pytest.raises(StoreError, match="schema version 99"):
        Store.open(tmp_path)
    with pytest.raises(
        StoreError, match="schema version 99"
    ):  # and the lock was let go
        Store.open(tmp_path)


def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    (tmp_path / "chuchu.db").write_bytes(b"not a database" * 1000)
    with pytest.raises(StoreError, match="NotADBError"):
        Store.open(tmp_path)


def test_a_closed_store_says_so(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    store.close()
    store.close()
    with pytest.raises(StoreError, match="closed"):
        store.counts()
    with pytest.raises(StoreError, match="closed"):
        put(store, "甲。")


def test_readers_see_whole_documents_while_another_thread_writes(store: Store) -> None:
    seen: list[int] = []
    stop = threading.Event()

    def look() -> None:
        while not stop.is_set():
            for document in store.documents():
                seen.append(len(store.document_passages(document.id)))

    threads = [threading.Thread(target=look) for _ in range(3)]
    for thread in threads:
        thread.start()
    for n in range(40):
        put(store, f"甲{n}。乙{n}。丙{n}。")
    stop.set()
    for thread in threads:
        thread.join()
    assert set(seen) == {3}


def test_a_page_keeps_all_that_it_holds_when_it_is_scrubbed() -> None:
    header = bytes(
        [13, 0, 0, 0, 2, 0, 20, 0]
    )  # a leaf of two rows whose contents begin at byte 20
    page = header + b"\0\x14\0\x16" + b"leftover" + b"rows, 12 byt"
    assert scrubbed(page, 4096) == header + b"\0\x14\0\x16" + bytes(8) + b"rows, 12 byt"
    first = bytes(range(100)) + page[:5] + b"\0\x78\0" + page[8:]
    assert scrubbed(first, 0) == first.replace(b"leftover", bytes(8))
    overflow = b"\0\0\0\0 text that begins with the number of no page"
    assert scrubbed(overflow, 8192) == overflow
    impossible = header[:5] + b"\xff\xff\0" + page[8:]
    assert scrubbed(impossible, 4096) == impossible
