"""A JSONL file of any size goes in by pieces, whole or not at all."""

from __future__ import annotations

import json
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest

from rag.answering.citing import check
from rag.errors import SourceError, SourceTooLarge
from rag.library import Failed, Ingested, Library, Question
from rag.sources import Limits, streaming
from rag.sources.streaming import is_streamed, pieces, read_piece

LIMITS = Limits()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pieces of a kilobyte, so that a small file has many."""
    monkeypatch.setattr(streaming, "PIECE_BYTES", 1024)


def rows(count: int, what: str = "桥") -> str:
    found = (
        {"title": f"第{n}座{what}", "text": f"第{n}座{what}长{n + 200}米。"}
        for n in range(count)
    )
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in found)


def write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path


def ingested(library: Library, path: Path) -> list[Ingested]:
    done = list(library.ingest([path]))
    assert all(isinstance(each, Ingested) for each in done)
    return [each for each in done if isinstance(each, Ingested)]


@pytest.mark.usefixtures("small")
def test_pieces_are_the_file_cut_between_lines(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", rows(100).rstrip("\n"))
    found = list(pieces(path, LIMITS))
    assert b"".join(piece.data for piece in found) == path.read_bytes()
    assert len(found) > 3 and all(len(piece.data) <= 1024 for piece in found)
    assert [piece.name for piece in found[:2]] == ["a#1.jsonl", "a#2.jsonl"]
    assert [piece.before for piece in found[:2]] == [0, found[0].data.count(b"\n")]


@pytest.mark.usefixtures("small")
def test_only_a_large_jsonl_file_comes_in_pieces(tmp_path: Path) -> None:
    assert is_streamed(write(tmp_path / "a.jsonl", rows(100)))
    assert not is_streamed(write(tmp_path / "b.jsonl", rows(2)))
    assert not is_streamed(write(tmp_path / "c.txt", rows(100)))
    assert not is_streamed(tmp_path / "missing.jsonl")
    (tmp_path / "d.jsonl").write_bytes(rows(100).encode("utf-16"))
    assert not is_streamed(tmp_path / "d.jsonl")


@pytest.mark.usefixtures("small")
def test_a_bad_row_is_named_by_its_line_in_the_file(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", rows(60) + "{\n" + rows(3))
    with pytest.raises(SourceError, match=r"^a\.jsonl: line 61 is not JSON"):
        for piece in pieces(path, LIMITS):
            read_piece(piece, LIMITS)


def test_a_line_that_is_too_long_is_refused(tmp_path: Path) -> None:
    path = write(tmp_path / "a.jsonl", rows(3) + "x" * 2048)
    with pytest.raises(SourceTooLarge, match="line 4 is longer"):
        list(pieces(path, Limits(max_bytes=1024)))


@pytest.mark.usefixtures("small")
def test_every_row_of_it_answers_from_its_piece(
    empty_library: Library, tmp_path: Path
) -> None:
    done = ingested(empty_library, write(tmp_path / "bridges.jsonl", rows(60)))
    assert len(done) > 2 and sum(len(each.documents) for each in done) == 60
    answer = empty_library.ask(Question("第57座桥长多少米？"))
    assert answer.short_answer == "257米"
    citation = answer.citations[0]
    assert citation.source_name == done[-1].source.name
    source = empty_library.source(citation.source_sha256)
    check(citation, empty_library.document(citation.document_id), source)


@pytest.mark.usefixtures("small")
def test_a_changed_file_replaces_its_pieces_and_keeps_those_that_are_the_same(
    empty_library: Library, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.jsonl", rows(60))
    first = ingested(empty_library, path)
    assert [each.new for each in ingested(empty_library, path)] == [False] * len(first)
    write(path, rows(61))
    again = ingested(empty_library, path)
    assert [each.new for each in again] == [False] * (len(first) - 1) + [True]
    assert again[-1].replaced == tuple(document.id for document in first[-1].documents)
    assert empty_library.counts()["documents"] == 61
    write(path, rows(2))  # no longer large: one source in place of all the pieces
    (last,) = ingested(empty_library, path)
    assert (len(last.replaced), empty_library.counts()["documents"]) == (61, 2)


@pytest.mark.usefixtures("small")
def test_nothing_of_a_file_with_a_bad_row_goes_in(
    empty_library: Library, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.jsonl", rows(60))
    before = ingested(empty_library, path)
    write(path, rows(60, "塔") + "[]\n")
    (failed,) = empty_library.ingest([path])
    assert isinstance(failed, Failed) and "line 61 is a list" in failed.why
    assert (
        empty_library.counts()["documents"]
        == sum(len(each.documents) for each in before)
        == 60
    )


@pytest.mark.usefixtures("small")
def test_what_was_broken_off_goes_on_the_next_time(
    empty_library: Library, tmp_path: Path
) -> None:
    path = write(tmp_path / "a.jsonl", rows(60))
    ingested(empty_library, path)
    write(path, rows(80, "塔"))
    coming: Iterator[Ingested | Failed] = empty_library.ingest([path])
    next(coming)
    del coming  # as a kill would: some of the new, all of the old
    assert empty_library.counts()["documents"] > 60
    ingested(empty_library, path)
    assert empty_library.counts()["documents"] == 80
    assert all("塔" in each.title for each in empty_library.listing())


def test_cutting_a_large_file_takes_the_memory_of_a_piece(tmp_path: Path) -> None:
    line = json.dumps({"text": "桥" * 300}) + "\n"
    path = write(tmp_path / "a.jsonl", line * (48 * 2**20 // len(line)))
    tracemalloc.start()
    try:
        assert (
            sum(len(piece.data) for piece in pieces(path, LIMITS))
            == path.stat().st_size
        )
        assert tracemalloc.get_traced_memory()[1] < 4 * streaming.PIECE_BYTES
    finally:
        tracemalloc.stop()
