"""A changed file replaces its older self, and nobody else's."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import apsw
import pytest

from rag.errors import InvalidValue
from rag.store.places import Place
from rag.store.store import Added, Store
from tests.toy_store import (
    bytes_of,
    documents_of,
    generation_of,
    put,
    source_of,
    vectors_of,
)

A, B = Place("path", "/notes/a.txt"), Place("path", "/other/a.txt")
UPLOAD = Place("upload", "a.txt")


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "home") as store:
        yield store


def take_in(
    store: Store, text: str, place: Place, *, keep: bool = False, name: str = "a.txt"
) -> Added:
    documents = documents_of(text)
    texts = [passage.text for _, passages in documents for passage in passages]
    return store.add(
        source_of(text, name),
        documents,
        vectors_of(texts),
        generation_of(store),
        place=place,
        replaces=None if keep else (),
    )


def texts(store: Store) -> list[str]:
    return [document.text for document in store.documents()]


def test_what_comes_from_a_place_anew_replaces_what_came_before(store: Store) -> None:
    assert take_in(store, "旧的秘密。", A).replaced == ()
    added = take_in(store, "新的。", A)
    assert (added.new, added.replaced) == (True, (1,))
    assert texts(store) == ["新的。"]
    assert [(change.kind, change.passage_id) for change in store.changes(1)] == [
        ("add", 2),
        ("delete", 1),
    ]
    assert "旧的秘密".encode() not in bytes_of(store.home)
    assert store.check() == []


def test_two_files_of_one_name_in_two_folders_do_not_replace_each_other(
    store: Store,
) -> None:
    take_in(store, "甲。", A)
    assert take_in(store, "乙。", B).replaced == ()
    assert texts(store) == ["甲。", "乙。"]


def test_keeping_both_keeps_both_until_a_third_replaces_them(store: Store) -> None:
    take_in(store, "一。", UPLOAD)
    assert take_in(store, "二。", UPLOAD, keep=True).replaced == ()
    assert take_in(store, "三。", UPLOAD).replaced == (1, 2)
    assert texts(store) == ["三。"]


def test_the_same_bytes_in_two_files_go_with_the_last_of_them(store: Store) -> None:
    take_in(store, "同。", A)
    again = take_in(store, "同。", Place("path", "/other/b.txt"))
    assert (again.new, again.replaced) == (False, ())
    assert take_in(store, "新。", A).replaced == ()
    assert texts(store) == ["同。", "新。"]
    assert (
        store.document(1).source_name == "b.txt"
    )  # called as the file that still holds it
    assert store.leave(Place("path", "/other/b.txt")) == (1,)
    assert texts(store) == ["新。"]


def test_a_file_that_goes_back_to_what_another_holds_lets_its_own_leave(
    store: Store,
) -> None:
    take_in(store, "甲。", A)
    take_in(store, "乙。", B)
    assert take_in(store, "甲。", B).replaced == (2,)
    assert texts(store) == ["甲。"]
    assert store.leave(A) == ()
    assert store.leave(B) == (1,)


def test_what_is_settled_already_is_not_written_again(store: Store) -> None:
    added = take_in(store, "甲。", A)
    sha256 = added.documents[0].source_sha256
    before = bytes_of(store.home)
    assert store.settle(sha256, A, ()) == ()
    assert bytes_of(store.home) == before
    assert store.settle("00" * 32, A, ()) is None


def test_an_upload_replaces_the_one_file_of_its_name_but_not_one_of_two(
    store: Store,
) -> None:
    take_in(store, "甲。", A)
    assert take_in(store, "新。", UPLOAD).replaced == (1,)
    take_in(store, "乙。", B)
    take_in(store, "丙。", A)
    assert take_in(store, "更新。", UPLOAD).replaced == (2,)  # the upload, neither file
    assert texts(store) == ["乙。", "丙。", "更新。"]


def test_what_was_typed_replaces_nothing(store: Store) -> None:
    take_in(store, "甲。", Place("typed", "值班表"), name="值班表")
    assert (
        take_in(store, "乙。", Place("typed", "值班表"), name="值班表").replaced == ()
    )


def test_a_source_from_before_places_is_found_by_its_name_once(store: Store) -> None:
    put(store, "旧。", name="a.txt")
    database = apsw.Connection(str(store.home / "chuchu.db"))
    database.execute("INSERT INTO places VALUES (1, 'unknown', 'a.txt')")
    database.close()
    take_in(store, "旧。", A)  # the very bytes: now it is known which a.txt it was
    assert take_in(store, "别的。", B).replaced == ()
    assert take_in(store, "新。", A).replaced == (1,)


def test_a_replacement_that_fails_leaves_the_older_self(store: Store) -> None:
    take_in(store, "旧。", A)
    with pytest.raises(InvalidValue):
        store.add(
            source_of("新。"),
            [],
            vectors_of([]),
            generation_of(store),
            place=A,
            replaces=(),
        )
    assert texts(store) == ["旧。"]


def test_a_path_is_one_however_it_is_given(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "sub")
    monkeypatch.chdir(tmp_path / "sub")
    places = {
        Place.of_path(path)
        for path in (Path("a.txt"), tmp_path / "link/a.txt", Path("../sub/a.txt"))
    }
    assert places == {Place("path", str(tmp_path.resolve() / "sub" / "a.txt"))}


def test_the_paths_of_a_folder_are_its_own(store: Store) -> None:
    for name in ("/notes/a.txt", "/notes/deep/b.txt", "/notes2/c.txt", "/no%es/d.txt"):
        take_in(store, f"{name}。", Place("path", name))
    assert store.paths_in(Path("/notes")) == ["/notes/a.txt", "/notes/deep/b.txt"]
