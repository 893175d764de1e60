"""What both indexes share: they open to the same answers whatever happened to their files."""

from __future__ import annotations

import hashlib
import json
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from rag.contexts import searchable
from rag.indexes.dense import DenseIndex
from rag.indexes.lexical import LexicalIndex
from rag.indexes.postings import term_hash
from rag.indexes.snapshots import CachedIndex
from rag.store.store import Store
from tests.toy_store import (
    bytes_of,
    dense_of,
    documents_of,
    generation_of,
    lexical_of,
    put,
    vectors_of,
)

Open = Callable[[Store], DenseIndex | LexicalIndex]

pytestmark = pytest.mark.usefixtures("_quiet")


@pytest.fixture
def _quiet(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("ERROR", logger="rag")


@pytest.fixture(params=[dense_of, lexical_of], ids=["dense", "lexical"])
def opener(request: pytest.FixtureRequest) -> Open:
    return request.param


@pytest.fixture
def home(tmp_path: Path, opener: Open) -> Path:
    """A closed store of three documents with a snapshot of the index."""
    with Store.open(tmp_path) as store:
        put(store, "甲乙。丙丁。\n甲甲。\n戊己庚。")
        opener(store).save()
    return tmp_path


def answers(index: CachedIndex, text: str = "甲。") -> list[tuple[int, float]]:
    """All passages in order of how they match a text."""
    if isinstance(index, DenseIndex):
        ids, scores = index.search(vectors_of([text])[0], 1000)
    else:
        assert isinstance(index, LexicalIndex)
        ids, scores = index.search(dict.fromkeys(text, 1.0), 1000)
    order = np.lexsort((ids, -scores))
    return [
        (int(id_), round(float(score), 4))
        for id_, score in zip(ids[order], scores[order], strict=True)
    ]


def rebuilt(store: Store, opener: Open, folder: Path) -> CachedIndex:
    """The same index, built from the store in another folder."""
    if opener is dense_of:
        return DenseIndex(store, folder, generation_of(store))
    return LexicalIndex(store, folder, list, "characters")


def snapshot(home: Path) -> tuple[Path, Path]:
    """Data file and manifest."""
    (data,) = (home / "indexes").glob("*.bin")
    (manifest,) = (home / "indexes").glob("*.json")
    return data, manifest


def corrupt(home: Path) -> list[Path]:
    return sorted((home / "indexes").glob("*.corrupt-*"))


def refuse(*_: object) -> None:
    raise AssertionError("it was rebuilt")


def test_an_intact_snapshot_is_used(
    home: Path, opener: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(home) as store:
        wanted = answers(rebuilt(store, opener, home / "other"))
        for kind in (DenseIndex, LexicalIndex):
            monkeypatch.setattr(kind, "_build", refuse)
        assert answers(opener(store)) == wanted


def test_any_flipped_byte_is_found(home: Path, opener: Open) -> None:
    with Store.open(home) as store:
        wanted = answers(rebuilt(store, opener, home / "other"))
        size = snapshot(home)[0].stat().st_size
        for at in [0, 9, size // 3, size // 2, size - 1]:
            data, _ = snapshot(home)
            broken = bytearray(data.read_bytes())
            broken[at] ^= 0x10
            data.write_bytes(broken)
            assert answers(opener(store)) == wanted
            assert broken in [path.read_bytes() for path in corrupt(home)]
            assert (
                answers(opener(store)) == wanted
            )  # and what was written in its place is good


@pytest.mark.parametrize(
    "damage",
    [
        lambda data, manifest: data.unlink(),
        lambda data, manifest: data.write_bytes(data.read_bytes()[:-7]),
        lambda data, manifest: data.write_bytes(b""),
        lambda data, manifest: manifest.write_bytes(b"{"),
        lambda data, manifest: manifest.write_bytes(b"[]"),
        lambda data, manifest: manifest.write_text(json.dumps({"file": data.name})),
        lambda data, manifest: manifest.write_text(edited(manifest, count=1)),
        lambda data, manifest: manifest.write_text(edited(manifest, seq=-1)),
    ],
    ids=[
        "no data",
        "cut",
        "empty",
        "bad JSON",
        "no object",
        "keys missing",
        "other count",
        "older seq",
    ],
)
def test_a_damaged_pair_is_rebuilt(
    home: Path, opener: Open, damage: Callable[[Path, Path], None]
) -> None:
    damage(*snapshot(home))
    with Store.open(home) as store:
        assert answers(opener(store)) == answers(rebuilt(store, opener, home / "other"))
    snapshot(home)


def edited(manifest: Path, **change: object) -> str:
    return json.dumps(json.loads(manifest.read_text()) | change)


def test_a_file_of_the_right_hash_and_the_wrong_kind_is_kept_aside(
    home: Path, opener: Open
) -> None:
    data, manifest = snapshot(home)
    data.write_bytes(b"nonsense")
    manifest.write_text(
        edited(manifest, sha256=[hashlib.sha256(b"nonsense").hexdigest()])
    )
    with Store.open(home) as store:
        assert answers(opener(store)) == answers(rebuilt(store, opener, home / "other"))
    assert b"nonsense" in [path.read_bytes() for path in corrupt(home)]


def test_a_stale_snapshot_replays_what_came_and_went(
    home: Path, opener: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    with Store.open(home) as store:
        store.delete_document(1)
        put(store, "甲丙。甲。")
        store.delete_document(put(store, "来去。").documents[0].id)
        wanted = answers(rebuilt(store, opener, home / "other"))
        for kind in (DenseIndex, LexicalIndex):
            monkeypatch.setattr(kind, "_build", refuse)
        index = opener(store)
        assert answers(index) == wanted
        assert index.seq == store.seq()
        held = {id_ for id_, _ in answers(index)}
        assert not held & {1, 2}
        assert held & {5, 6}


def test_what_came_while_it_was_built_is_not_in_it_twice(
    home: Path, opener: Open
) -> None:
    with Store.open(home) as store:
        index = opener(store)
        seq = index.seq
        put(store, "甲丙。")
        index.rebuild()
        index.seq = seq
        index.catch_up()
        assert len(index) == 5
        assert answers(index) == answers(rebuilt(store, opener, home / "other"))


def test_a_deleted_passage_is_in_no_file_of_the_index(home: Path, opener: Open) -> None:
    data, _ = snapshot(home)
    broken = data.with_name(
        f"{opener.__name__.removesuffix('_of')}-1-00.bin.corrupt-20230101T000000"
    )
    broken.write_bytes(data.read_bytes())
    with Store.open(home) as store:
        index = opener(store)
        store.delete_document(1)
        index.catch_up()
        assert corrupt(home) == []
        secrets = [
            vectors_of(["甲乙。"])[0].tobytes(),
            term_hash("乙").to_bytes(8, "little"),
        ]
        assert [
            secret for secret in secrets if secret in bytes_of(home / "indexes")
        ] == []
        kept = (
            vectors_of(["戊己庚。"])[0].tobytes(),
            term_hash("庚").to_bytes(8, "little"),
        )
        assert any(secret in bytes_of(home / "indexes") for secret in kept)
        assert answers(index) == answers(rebuilt(store, opener, home / "other"))
    with Store.open(home) as store:
        assert answers(opener(store)) == answers(rebuilt(store, opener, home / "other"))


def test_a_deletion_that_was_not_followed_is_cleaned_up_on_open(home: Path) -> None:
    with Store.open(home) as store:
        dense_of(store).save()
        store.delete_document(1)
    assert vectors_of(["甲乙。"])[0].tobytes() in bytes_of(home / "indexes")
    with Store.open(home) as store:
        dense_of(store)
        assert vectors_of(["甲乙。"])[0].tobytes() not in bytes_of(home / "indexes")


def test_a_snapshot_of_another_store_is_not_used(
    home: Path, opener: Open, tmp_path: Path
) -> None:
    Store.open(tmp_path / "another").close()
    shutil.copy(tmp_path / "another" / "chuchu.db", home / "chuchu.db")
    with Store.open(home) as store:
        put(store, "壬癸。子丑。\n寅。\n卯。")
        assert len(opener(store)) == 4
        assert answers(opener(store), "卯") == answers(
            rebuilt(store, opener, home / "other"), "卯"
        )
    assert corrupt(home) == []


def test_a_snapshot_of_another_model_is_not_used(home: Path) -> None:
    with Store.open(home) as store:
        dense_of(store).save()
        new = store.generation("other", 3)
        store.add_vectors(new, [1, 2, 3, 4], np.eye(4, 3, dtype=np.float32))
        store.finish_generation(new)
        index = DenseIndex(store, home / "indexes", new)
        assert index.search(np.array([0, 1, 0], np.float32), 1)[0].tolist() == [2]
        words = LexicalIndex(store, home / "indexes", lambda text: [text], "sentences")
        assert words.search({"甲乙。丙丁。\n甲乙。": 1.0}, 5)[0].tolist() == [
            1
        ]  # its title, and it
    assert corrupt(home) == []


def test_leftovers_of_a_killed_save_are_removed(home: Path, opener: Open) -> None:
    data, manifest = snapshot(home)
    for name in (
        data.name + ".tmp",
        manifest.name + ".tmp",
        f"{manifest.stem}-9-abcd.bin",
    ):
        (data.parent / name).write_bytes(b"half")
    with Store.open(home) as store:
        opener(store)
    assert sorted(data.parent.iterdir()) == sorted([data, manifest])


def test_saving_twice_writes_once(home: Path, opener: Open) -> None:
    with Store.open(home) as store:
        index = opener(store)
        before = [path.stat().st_mtime_ns for path in snapshot(home)]
        index.save()
        assert [path.stat().st_mtime_ns for path in snapshot(home)] == before


_WORKER = """
import random, sys
from pathlib import Path
from rag.store.store import Store
from tests.toy_store import dense_of, lexical_of, put

home, seed = Path(sys.argv[1]), int(sys.argv[2])
rng = random.Random(seed)
with Store.open(home) as store:
    indexes = [dense_of(store), lexical_of(store)]
    mine = []
    for number in range(10_000):
        if mine and rng.random() < 0.3:
            id_ = mine.pop(rng.randrange(len(mine)))
            print("deleting", id_, flush=True)
            store.delete_document(id_)
            print("deleted", id_, flush=True)
        else:
            text = f"{seed}號{number}。" * rng.randint(1, 200)
            added = put(store, text)
            mine.append(added.documents[0].id)
            print("added", mine[-1], flush=True)
        for index in indexes:
            index.catch_up()
            if rng.random() < 0.3:
                index.save()
"""


def test_a_process_killed_at_any_moment_loses_nothing_it_acknowledged(
    tmp_path: Path,
) -> None:
    home = tmp_path / "home"
    there: set[int] = set()
    random = np.random.default_rng(7)
    for seed in range(6):
        worker = subprocess.Popen(
            [sys.executable, "-c", _WORKER, str(home), str(seed)],
            stdout=subprocess.PIPE,
            text=True,
        )
        assert worker.stdout is not None
        said = [worker.stdout.readline()]
        time.sleep(float(random.uniform(0.0, 0.6)))
        worker.send_signal(signal.SIGKILL)
        said += worker.stdout.read().splitlines()
        assert worker.wait() == -signal.SIGKILL
        doubtful: set[int] = set()
        for line in said:
            verb, number = line.split()
            if verb == "added":
                there.add(int(number))
            else:
                there.discard(int(number))
                (doubtful.add if verb == "deleting" else doubtful.discard)(int(number))
        with Store.open(home) as store:
            found = {document.id for document in store.documents(limit=100_000)}
            assert there <= found
            assert (
                len(found - there - doubtful) <= 1
            )  # committed, and killed before it could say so
            there = found
            assert store.check() == []
            counts = store.counts()
            assert counts["vectors"] == counts["passages"] == len(store.passage_ids())
            assert counts["sources"] == counts["documents"] == len(found)
            for opener in (dense_of, lexical_of):
                again = rebuilt(store, opener, tmp_path / f"{opener.__name__}-{seed}")
                index = opener(store)
                assert len(index) == counts["passages"]
                assert answers(index, "3號7") == answers(again, "3號7")
    assert len(there) > 10


class Model(RuleBasedStateMachine):
    """Random adds, deletes, saves and reopens against a dictionary of document id to text."""

    def __init__(self) -> None:
        super().__init__()
        self.temporary = tempfile.TemporaryDirectory()
        self.texts: dict[int, str] = {}
        self.number = 0
        self.open()

    def open(self) -> None:
        self.store = Store.open(Path(self.temporary.name))
        self.indexes: list[CachedIndex] = [dense_of(self.store), lexical_of(self.store)]

    @rule(lines=st.lists(st.text("甲乙丙。 a", max_size=8), min_size=1, max_size=3))
    def add(self, lines: list[str]) -> None:
        self.number += 1
        text = "\n".join([f"{self.number}", *lines])
        for document in put(self.store, text).documents:
            self.texts[document.id] = document.text

    @precondition(lambda self: self.texts)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        id_ = data.draw(st.sampled_from(sorted(self.texts)))
        self.store.delete_document(id_)
        del self.texts[id_]

    @rule(which=st.sampled_from([0, 1]))
    def follow(self, which: int) -> None:
        self.indexes[which].catch_up()

    @rule(which=st.sampled_from([0, 1]))
    def save(self, which: int) -> None:
        self.indexes[which].save()

    @rule()
    def reopen(self) -> None:
        self.store.close()
        self.open()

    @invariant()
    def the_store_agrees(self) -> None:
        assert {d.id: d.text for d in self.store.documents(limit=1000)} == self.texts
        wanted: list[str] = []
        for text in self.texts.values():
            for document, passages in documents_of(text):
                wanted += [searchable(document.title, passage) for passage in passages]
        assert [text for _, text in self.store.texts()] == wanted

    @invariant()
    def an_index_that_is_up_to_date_agrees(self) -> None:
        passages = dict(self.store.texts())
        query = vectors_of(["甲"])[0]
        dense, lexical = self.indexes
        if dense.seq == self.store.seq():
            wanted: dict[int, float] = {}
            # The toy store's vectors are of the passages alone.
            for id_, passage in self.store.passages(list(passages)).items():
                wanted[id_] = float(vectors_of([passage.text])[0] @ query)
            assert dict(answers(dense, "甲")) == pytest.approx(wanted, abs=1e-3)
        if lexical.seq == self.store.seq():
            holding = {
                id_ for id_, text in passages.items() if "甲" in text or "a" in text
            }
            assert {id_ for id_, _ in answers(lexical, "甲a")} == holding
            assert len(lexical) == len(passages)

    def teardown(self) -> None:
        self.store.close()
        self.temporary.cleanup()


Model.TestCase.settings = settings(
    max_examples=15, stateful_step_count=15, deadline=None
)
TestModel = Model.TestCase
