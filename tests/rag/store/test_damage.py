"""Damage is noticed: a row that is not as it was written spoils one document, which is named."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import apsw
import numpy as np
import pytest

from rag.deep_check import complaints
from rag.errors import Damaged, NotFound, StoreError
from rag.indexes.lexical import LexicalIndex
from rag.indexes.terms import TERMS_VERSION, terms
from rag.library import Library, Question
from rag.settings import Settings
from rag.store.checksums import checksum
from rag.store.feedback import Shown
from rag.store.reader import DAMAGED_TITLE
from rag.store.scrubbing import VFS_NAME
from rag.store.store import Store
from tests.toy_store import dense_of, generation_of, lexical_of, put
from tests.toys import TOY, toy_source


def changed(home: Path, statement: str, *values: object) -> None:
    """A statement that somebody runs over the closed store, past us."""
    database = apsw.Connection(str(home / "chuchu.db"), vfs=VFS_NAME)
    database.execute(statement, values)
    database.close()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A closed store of three documents of two passages each, with both indexes."""
    with Store.open(tmp_path / "home") as store:
        for text in ("甲乙。丙丁。", "戊己。庚辛。", "壬癸。子丑。"):
            put(store, text, name=f"{text[0]}.txt")
        dense_of(store).save()
        lexical_of(store).save()
    return tmp_path / "home"


def test_a_checksum_tells_where_one_value_ends() -> None:
    assert checksum(("ab", "c")) != checksum(("a", "bc"))
    assert checksum((None, "")) != checksum(("", None))
    assert checksum((12, "x", b"x")) == checksum(("12", "x", "x"))


ROWS = {
    "text": "UPDATE documents SET text = '甲乙。丙戊。' WHERE id = 1",
    "title": "UPDATE documents SET title = '别的' WHERE id = 1",
    "map": "UPDATE documents SET map = '[[0,6,' WHERE id = 1",
    "map of another kind": "UPDATE documents SET map = '7' WHERE id = 1",
    "no UTF-8": "UPDATE documents SET text = CAST(x'e794b2ff' AS TEXT) WHERE id = 1",
    "copies": "UPDATE documents SET copies = '{}' WHERE id = 1",
}


@pytest.mark.parametrize("statement", ROWS.values(), ids=ROWS)
def test_a_damaged_document_is_named_and_the_others_are_there(
    home: Path, statement: str
) -> None:
    changed(home, statement)
    with Store.open(home) as store:
        with pytest.raises(Damaged, match="document 1 is damaged"):
            store.document(1)
        assert [each.id for each in store.documents()] == [2, 3]
        assert [each.id for each in store.listing()] == [1, 2, 3]
        assert len(list(store.texts())) >= 4
        assert list(store.damaged) == ["document 1"]
        assert any("document 1 " in each for each in complaints(store))
        store.delete_document(1)  # and it can be deleted
        assert list(complaints(store)) == []


def test_a_damaged_passage_is_left_out_of_what_is_found(home: Path) -> None:
    changed(home, 'UPDATE passages SET "end" = 5 WHERE id = 2')
    with Store.open(home) as store:
        assert sorted(store.passages([1, 2, 3])) == [1, 3]
        with pytest.raises(Damaged, match="document 1 is damaged: passage 2"):
            store.document_passages(1)
        assert [id_ for id_, _ in store.texts()] == [1, 3, 4, 5, 6]


def test_a_damaged_stretch_of_a_source_is_not_cited(home: Path) -> None:
    changed(home, "UPDATE source_text SET text = '甲丙。丙丁。' WHERE source_id = 1")
    with Store.open(home) as store:
        sha256 = store.document(1).source_sha256
        with pytest.raises(Damaged, match=f"source '{sha256[:10]}"):
            store.source_text(sha256, [(0, 3)])
        assert store.source_text(store.document(2).source_sha256, [(0, 3)]) == (
            "戊己。",
        )


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sources SET parts = '[{' WHERE id = 1",
        "UPDATE sources SET parts = '[7]' WHERE id = 1",
        "UPDATE intakes SET warnings = '{' WHERE source_id = 1",
    ],
)
def test_a_damaged_source_is_named_and_can_be_deleted(
    home: Path, statement: str
) -> None:
    changed(home, statement)
    with Store.open(home) as store:
        sha256 = store.document(1).source_sha256
        with pytest.raises(Damaged, match=f"source '{sha256[:10]}"):
            store.source(sha256)
        assert store.source(store.document(2).source_sha256).text == "戊己。庚辛。"
        assert any("source" in each for each in complaints(store))
        store.delete_document(1)
        assert list(complaints(store)) == []


def test_a_damaged_answer_does_not_keep_its_document(home: Path) -> None:
    said: dict[str, Any] = {
        "answer": "甲乙。", "status": "answered", "hits": [], "nearest": [],
        "claims": [{"text": "甲乙。", "citations": [1]}],
        "citations": [{"marker": 1, "document_id": 1, "quote": "甲乙。", "start": 0, "end": 3, "also_in": []}],
    }  # fmt: skip
    with Store.open(home) as store:
        for id_ in ("a", "b"):
            store.answers.keep({**said, "id": id_ * 32}, most=9)
    changed(home, "UPDATE answers SET answer = '{\"id\":' WHERE id = 1")
    with Store.open(home) as store:
        with pytest.raises(Damaged, match=r"answer 'aaa.* is damaged"):
            store.answers.get("a" * 32)
        assert store.answers.get("b" * 32).answer["answer"] == "甲乙。"
        store.delete_document(1)
        with pytest.raises(NotFound):  # whatever it held of the document
            store.answers.get("a" * 32)
        assert store.answers.get("b" * 32).gone == (1,)


def test_a_damaged_word_on_an_answer_leaves_the_others(home: Path) -> None:
    told = Shown("a" * 32, "谁？", "not_found", "", None, (), (), {}, listed=(1,))
    with Store.open(home) as store:
        store.feedback.put(told, "up")
        store.feedback.put(replace(told, id="b" * 32), "down")
    changed(home, "UPDATE feedback SET answer = '[]' WHERE id = 1")
    with Store.open(home) as store:
        assert [each.shown.id for each in store.feedback.all()] == ["b" * 32]
        store.delete_document(1)
        assert store.feedback.all() == []


def test_a_damaged_vector_is_in_no_index(home: Path) -> None:
    changed(home, "UPDATE vectors SET vector = x'00' WHERE passage_id = 3")
    shutil.rmtree(home / "indexes")
    with Store.open(home) as store:
        index = dense_of(store)
        assert len(index) == 5
        assert 3 not in index.search(np.ones(8, np.float32), 10)[0].tolist()
        index.save()
        again = dense_of(
            store
        )  # what was left out is known: it is not built anew each time
        assert again._on_disk is not None and again._on_disk.left_out == 1
        assert any(
            "passage 3 has no sound vector" in each for each in complaints(store)
        )


def test_a_line_of_the_list_that_cannot_be_read_says_so(home: Path) -> None:
    with Store.open(home) as store:
        listed = store._listed

        def broken(where: str, bindings: tuple[object, ...]) -> object:
            if where.startswith("documents.id >") or bindings == (2,):
                raise Damaged("store", "chuchu.db", "database disk image is malformed")
            return listed(where, bindings)

        store._listed = broken  # type: ignore[method-assign, assignment]
        assert [(each.id, each.title) for each in store.listing()] == [
            (1, "甲乙。丙丁。"),
            (2, DAMAGED_TITLE),
            (3, "壬癸。子丑。"),
        ]


def test_a_sound_store_has_nothing_to_complain_of(tmp_path: Path) -> None:
    with Library.open(Settings(home=tmp_path, rerank=False)) as library:
        for name, text in TOY.items():
            library.ingest_source(toy_source(name, text))
        library.delete(1)
    told: list[tuple[int, int]] = []
    with Store.open(tmp_path) as store:
        assert (
            list(complaints(store, lambda done, total: told.append((done, total))))
            == []
        )
    assert told == [(1, 2), (2, 2)]


DEEP: dict[str, tuple[str, str]] = {
    "bytes": (
        "UPDATE sources SET data = x'00' WHERE id = 1",
        "its bytes have another SHA-256",
    ),
    "vector": (
        "UPDATE vectors SET vector = zeroblob(1024), crc32 = NULL WHERE passage_id = 1",
        "dense",
    ),
    "no vector": (
        "DELETE FROM vectors WHERE passage_id = 1",
        "passage 1 has no sound vector",
    ),
    "terms": (
        "UPDATE documents SET title = '别的', crc32 = NULL",
        "passage 1 has other terms",
    ),
    "map": (
        "UPDATE documents SET map = '[[0,5,9]]', crc32 = NULL WHERE id = 1",
        "not its source's",
    ),
}


@pytest.mark.parametrize(("statement", "said"), DEEP.values(), ids=DEEP)
def test_the_deep_check_holds_each_thing_against_the_others(
    tmp_path: Path, statement: str, said: str
) -> None:
    with Library.open(Settings(home=tmp_path, rerank=False)) as library:
        library.ingest_source(toy_source("苹果.md", TOY["苹果.md"]))
        library._dense._index.save()
        library._lexical.save()
    changed(tmp_path, statement)
    with Store.open(tmp_path) as store:
        assert any(said in each for each in complaints(store)), list(complaints(store))


def test_the_deep_check_names_a_broken_index_file(home: Path) -> None:
    (data,) = (home / "indexes").glob("dense-*.bin")
    data.write_bytes(data.read_bytes()[:-1] + b"\xff")
    with Store.open(home) as store:
        assert any("the file of the dense index" in each for each in complaints(store))
    assert data.exists(), "looking changes nothing"


def test_a_question_is_answered_from_what_is_sound(tmp_path: Path) -> None:
    settings = Settings(home=tmp_path, rerank=False)
    asked = Question("3号仓库收到了多少箱货物？")
    with Library.open(settings) as library:
        first = library.ingest_source(
            toy_source("仓库.txt", "3号仓库收到了24箱货物。")
        ).documents[0]
        library.ingest_source(toy_source("再说.txt", "据说，3号仓库收到了24箱货物。"))
        assert library.ask(asked).status == "answered"
    changed(tmp_path, "UPDATE documents SET title = '假的' WHERE id = ?", first.id)
    with Library.open(settings) as library:
        answer = library.ask(asked)
        assert answer.short_answer == "24箱"
        assert {each.document_id for each in answer.citations} == {first.id + 1}
        assert library.troubles() and library.gauges()["chuchu_damaged"][1] == 1
    changed(tmp_path, "UPDATE source_text SET text = '' WHERE source_id = 2")
    with Library.open(settings) as library:
        assert library.ask(asked).status in ("not_found", "insufficient")


# stores of an older version


def test_rows_of_an_older_version_get_their_checksums(home: Path) -> None:
    for table in ("documents", "passages", "source_text", "vectors"):
        changed(home, f"UPDATE {table} SET crc32 = NULL")
    changed(home, "DELETE FROM meta WHERE key = 'sealed'")
    with Store.open(home) as store:
        assert list(complaints(store)) == []
        with store._connections.read() as db:
            for table in ("documents", "passages", "source_text", "vectors"):
                assert db.execute(
                    f"SELECT count(*) FROM {table} WHERE crc32 IS NULL"
                ).fetchone() == (0,)
        assert [each.id for each in store.documents()] == [
            1,
            2,
            3,
        ]  # and they are the right ones


# copies and losses


@pytest.mark.parametrize("opener", [dense_of, lexical_of], ids=["dense", "lexical"])
def test_a_store_carried_over_from_a_copy_is_not_searched_with_this_index(
    home: Path, tmp_path: Path, opener: Callable[[Store], LexicalIndex]
) -> None:
    fork = tmp_path / "fork"
    shutil.copytree(home, fork)
    for folder, text in ((home, "这边。"), (fork, "那边。")):
        with Store.open(folder) as store:
            put(store, text)
            opener(store).save()
    shutil.copy(fork / "chuchu.db", home / "chuchu.db")
    with Store.open(home) as store:
        index = opener(store)
        fresh = type(index)
        assert len(index) == 7
        if fresh is LexicalIndex:
            assert index.search({"那": 1.0}, 5)[0].tolist() == [7]
            assert index.search({"这": 1.0}, 5)[0].tolist() == []
        else:
            assert index.differing(*store.vectors_of(generation_of(store), [7])) == []  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "damage",
    [Path.unlink, lambda path: path.write_bytes(b"")],
    ids=["missing", "empty"],
)
def test_a_store_that_is_lost_is_no_new_empty_one(
    home: Path, damage: Callable[[Path], None]
) -> None:
    damage(home / "chuchu.db")
    with pytest.raises(
        StoreError, match=r"chuchu\.db is (missing|empty).*put it back from a copy"
    ):
        Store.open(home)
    shutil.rmtree(home / "indexes")
    with Store.open(home) as store:
        assert store.counts()["documents"] == 0


def test_a_log_without_its_store_is_no_new_empty_one(tmp_path: Path) -> None:
    (tmp_path / "chuchu.db-wal").write_bytes(b"pages that were never carried over")
    with pytest.raises(StoreError, match=r"chuchu\.db is missing.*chuchu\.db-wal"):
        Store.open(tmp_path)
    assert not (tmp_path / "chuchu.db").exists()


def test_commits_have_tokens_of_their_own(home: Path) -> None:
    with Store.open(home) as store:
        put(store, "寅。卯。")
        store.delete_document(1)
        with store._connections.read() as db:
            tokens = dict(db.execute("SELECT seq, token FROM commits").fetchall())
        assert list(tokens) == [2, 4, 6, 8, 10]
        assert len(set(tokens.values())) == 5
        assert (store.token_of(8), store.token_of(7), store.token_of(0)) == (
            tokens[8],
            None,
            "",
        )


MANIFESTS = {
    "a number": "7",
    "nothing": "{}",
    "deep": "[" * 100_000,
    "a text for a number": {"seq": "8"},
    "true for a number": {"count": True},
    "a number for a text": {"file": 7},
    "a hash that is no list": {"sha256": "ab"},
}


@pytest.mark.parametrize("content", MANIFESTS.values(), ids=MANIFESTS)
def test_a_bad_manifest_is_put_aside_and_the_index_built_anew(
    home: Path, content: str | dict[str, object]
) -> None:
    manifest = home / "indexes" / "lexical.json"
    if isinstance(content, dict):
        content = json.dumps(json.loads(manifest.read_text()) | content)
    manifest.write_text(content)
    with Store.open(home) as store:
        assert len(lexical_of(store)) == 6
    assert list((home / "indexes").glob("lexical.json.corrupt-*"))


def test_the_terms_of_the_library_are_what_is_compared() -> None:
    assert TERMS_VERSION and terms("供暖")
