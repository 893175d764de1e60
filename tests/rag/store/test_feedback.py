"""What people said of answers, in the store: kept whole, and gone with the documents it quotes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import apsw
import pytest

from rag.answering.citing import cite
from rag.errors import InvalidValue, NotFound
from rag.library import Library, Question
from rag.records import Answer, Claim, Passage
from rag.store.feedback import MAX_COMMENT, MAX_SPAN, Feedback, Shown, feedback_of
from rag.store.places import Place
from rag.store.store import Store
from tests.toy_store import (
    bytes_of,
    documents_of,
    generation_of,
    put,
    source_of,
    vectors_of,
)

PAGE = "馆长周明远说，新馆共有四层。藏书十二万册。\n没有人提到的另一段。"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    with Store.open(tmp_path / "home") as store:
        put(store, PAGE)
        yield store


def shown(store: Store, document_id: int = 1, id_: str = "a" * 32) -> Shown:
    """An answer that quotes the first sentence of a document."""
    document = store.document(document_id)
    end = document.text.index("。") + 1
    passage = Passage(1, document_id, 0, end, document.text[:end])
    citation = cite(1, document, passage, (0, end))
    claim = Claim(citation.quote, (1,))
    return Shown.of(
        Answer(
            id_,
            "新馆有几层？",
            "answered",
            citation.quote,
            "四层",
            (claim,),
            (citation,),
            (),
            (),
            {},
            {},
        )
    )


def test_what_was_said_comes_back_whole(store: Store) -> None:
    said, first = store.feedback.put(
        shown(store), "down", span=(1, 14, 19), comment=" 问的是藏书 "
    )
    assert first
    assert store.feedback.all() == [said] == feedback_of(store.home)
    assert said.shown == shown(store)
    assert said.shown.citations[0].quote == "馆长周明远说，新馆共有四层。"
    assert said.comment == "问的是藏书"
    assert said.marked and (said.marked.text, said.marked.sentence) == (
        "藏书十二万",
        "藏书十二万册。",
    )


def test_it_is_still_there_when_the_store_is_opened_again(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        put(store, PAGE)
        said, _ = store.feedback.put(shown(store), "up")
    assert feedback_of(tmp_path) == [said], "read without opening the store"
    with Store.open(tmp_path) as store:
        assert store.feedback.all() == [said]


def test_a_second_word_on_an_answer_replaces_the_first(store: Store) -> None:
    store.feedback.put(shown(store), "down", comment="错了")
    said, first = store.feedback.put(shown(store), "up")
    assert not first
    assert store.feedback.all() == [said]
    assert said.comment is None


def test_it_can_be_taken_back(store: Store) -> None:
    store.feedback.put(shown(store), "up")
    store.feedback.delete("a" * 32)
    assert store.feedback.all() == []
    with pytest.raises(NotFound, match="feedback on answer"):
        store.feedback.delete("a" * 32)


def test_a_marked_span_is_trimmed_and_may_run_over_sentences(store: Store) -> None:
    text = store.document(1).text
    start, end = text.index("四层"), text.index("册")
    said, _ = store.feedback.put(shown(store), "down", span=(1, start, end))
    assert said.marked
    assert said.marked.text == text[start:end]
    assert said.marked.sentence == "馆长周明远说，新馆共有四层。藏书十二万册。"
    put(store, "甲 乙 。", name="b.txt")
    spaced, _ = store.feedback.put(shown(store), "down", span=(3, 1, 4))
    assert spaced.marked
    assert (spaced.marked.start, spaced.marked.end, spaced.marked.text) == (2, 3, "乙")


@pytest.mark.parametrize(
    ("span", "why"),
    [
        ((1, 3, 3), "start < end"),
        ((1, -1, 3), "start < end"),
        ((1, 0, 999), "document's length"),
    ],
)
def test_a_span_must_lie_in_its_document(
    store: Store, span: tuple[int, int, int], why: str
) -> None:
    with pytest.raises(InvalidValue, match=why):
        store.feedback.put(shown(store), "down", span=span)
    assert store.feedback.all() == []


def test_what_is_too_long_or_no_verdict_is_refused(store: Store) -> None:
    put(store, "字" * (MAX_SPAN + 1), name="long.txt")
    with pytest.raises(InvalidValue, match="at most 2,000 characters"):
        store.feedback.put(shown(store), "down", span=(3, 0, MAX_SPAN + 1))
    with pytest.raises(InvalidValue, match="comment"):
        store.feedback.put(shown(store), "up", comment="字" * (MAX_COMMENT + 1))
    with pytest.raises(InvalidValue, match="surrogates"):
        store.feedback.put(shown(store), "up", comment="\ud800")
    with pytest.raises(InvalidValue, match="up or down"):
        store.feedback.put(shown(store), "sideways")  # type: ignore[arg-type]
    assert store.feedback.all() == []


def test_nothing_is_kept_of_an_answer_whose_document_is_gone(store: Store) -> None:
    answer = shown(store)
    store.delete_document(1)
    with pytest.raises(NotFound, match="document 1"):
        store.feedback.put(answer, "up")
    with pytest.raises(NotFound, match="document 99"):
        store.feedback.put(replace(answer, citations=()), "down", span=(99, 0, 1))
    assert store.feedback.all() == []


def test_feedback_goes_with_a_document_that_it_quotes_or_marks(store: Store) -> None:
    put(store, "第三篇说的是别的事。", name="other.txt")
    quoting, _ = store.feedback.put(shown(store), "up")
    marking, _ = store.feedback.put(
        replace(shown(store, 3, "b" * 32), citations=()), "down", span=(1, 0, 2)
    )
    other, _ = store.feedback.put(shown(store, 3, "c" * 32), "up")
    assert store.feedback.all() == [quoting, marking, other]
    store.delete_document(1)
    assert store.feedback.all() == [other]
    assert store.check() == []


def test_nothing_of_a_deleted_document_stays_in_any_file(tmp_path: Path) -> None:
    with Store.open(tmp_path) as store:
        for n in range(60):
            put(
                store, f"第{n}号文件写着秘密{n:03}。" + "填" * (n * 40), name=f"{n}.txt"
            )
            store.feedback.put(
                shown(store, n + 1, f"{n:032}"),
                "down",
                span=(n + 1, 0, 5),
                comment="不对",
            )
        assert "秘密017".encode() in bytes_of(tmp_path)
        for n in range(0, 60, 2):
            store.delete_document(n + 1)
        held = bytes_of(tmp_path)
        for n in range(60):
            assert (f"秘密{n:03}".encode() in held) == bool(n % 2), n
        store.feedback.put(shown(store, 2, f"{1:032}"), "up")
        store.feedback.delete(f"{3:032}")
        store.delete_document(4)
        assert "秘密003".encode() not in bytes_of(tmp_path)


def test_a_store_of_an_older_version_has_no_feedback_yet(tmp_path: Path) -> None:
    database = apsw.Connection(str(tmp_path / "chuchu.db"))
    database.execute("CREATE TABLE meta (key TEXT)")
    database.close()
    assert feedback_of(tmp_path) == []


def test_a_folder_without_a_store_is_told(tmp_path: Path) -> None:
    with pytest.raises(InvalidValue, match="CHUCHU_HOME"):
        feedback_of(tmp_path / "nowhere")


def test_a_real_answer_can_be_kept(library: Library) -> None:
    answer = library.ask(Question("小镇图书馆的馆长是谁？"))
    assert answer.citations
    said, _ = library.feedback.put(Shown.of(answer), "up")
    assert isinstance(said, Feedback)
    assert library.feedback.all() == [said]
    assert all(
        library.document(each.document_id).text[each.start : each.end] == each.quote
        for each in said.shown.citations
    )
    library.delete(answer.citations[0].document_id)
    assert library.feedback.all() == []


def test_what_was_typed_under_a_listed_document_goes_with_it(store: Store) -> None:
    refused = replace(
        shown(store), status="not_found", citations=(), claims=(), listed=(1,)
    )
    store.feedback.put(refused, "down", comment="第一篇里写着十八度")
    assert [each.comment for each in store.feedback.all()] == ["第一篇里写着十八度"]
    store.delete_document(1)
    assert store.feedback.all() == []
    assert "十八度".encode() not in bytes_of(store.home)


def test_feedback_goes_with_what_a_newer_file_replaces(tmp_path: Path) -> None:
    place = Place("path", "/notes/a.txt")

    def put_there(store: Store, text: str) -> int:
        """Take in a version of the one file; the id of its document."""
        documents = documents_of(text)
        vectors = vectors_of([passage.text for passage in documents[0][1]])
        added = store.add(
            source_of(text), documents, vectors, generation_of(store),
            place=place, replaces=(),
        )  # fmt: skip
        return added.documents[0].id

    with Store.open(tmp_path) as store:
        old = put_there(store, "旧的秘密。")
        store.feedback.put(shown(store, old), "up", comment="旧的秘密")
        new = put_there(store, "新的一句。")
        assert store.feedback.all() == []
        store.feedback.put(shown(store, new), "up")
        assert store.leave(place) == (new,)
        assert store.feedback.all() == []
        store.ensure_gone()
        assert "旧的秘密".encode() not in bytes_of(tmp_path)
