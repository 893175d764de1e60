"""rag/ingest/dividing.py: what comes back from the other process is what would have been read here."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag import sources
from rag.errors import SourceError, SourceTooLarge, Stopped
from rag.ingest.dividing import read_apart, read_source
from rag.records import Source
from rag.sources.base import Limits
from rag.stopping import Stop
from tests.toys import TOY

SEEDS = sorted((Path(__file__).parents[3] / "seeds").glob("*.txt"))
TABLE = "| 型号 | 质保 |\n|---|---|\n| 甲 | 两年 |\n\n# 附录\n\n- 一\n- 二\n"
QUICK = Limits(seconds=0.01)
"""A hundredth of a second: nothing is read in that."""


@pytest.mark.parametrize("name", sorted(TOY))
def test_a_file_is_divided_as_it_is_here(name: str) -> None:
    source = sources.read_bytes(TOY[name].encode(), name)
    assert read_apart(source, repair=True, limits=Limits()) == (
        source,
        read_source(source, repair=True),
    )


def test_rows_with_their_heads_come_back(source: Source) -> None:
    _, read = read_apart(source, repair=True, limits=Limits())
    assert read == read_source(source, repair=True)
    assert any(passage.context.cells for _, passages in read for passage in passages)


def test_a_torn_page_comes_back_with_its_layout() -> None:
    source = sources.read_path(SEEDS[0])
    _, read = read_apart(source, repair=True, limits=Limits())
    assert read == read_source(source, repair=True)
    assert len(read) > 1
    assert any(document.layout.blocks for document, _ in read)


def test_a_page_that_takes_too_long_is_read_as_it_stands_and_says_so(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    source = sources.read_path(SEEDS[0])
    # Enough to start and to read it plainly, and far from enough for its 90 blocks on any machine.
    monkeypatch.setattr("rag.ingest.dividing.REPAIR_TIMES", 0.001)
    warned, read = read_apart(source, repair=True, limits=Limits())
    assert read == read_source(source, repair=False)
    (warning,) = warned.warnings
    assert (warning.kind, warning.name) == ("limit", source.name)
    assert "longer than" in warning.detail


def test_what_takes_too_long_even_so_is_refused() -> None:
    source = sources.read_bytes("一句。\n".encode() * 100_000, "long.txt")
    with pytest.raises(SourceError, match=r"long\.txt: it took longer than"):
        read_apart(source, repair=False, limits=QUICK)


def test_too_many_passages_are_refused_by_their_number() -> None:
    source = sources.read_bytes("甲：\n\n".encode() * 300, "stems.txt")
    with pytest.raises(SourceTooLarge, match=r"makes 300 .*more than the 200"):
        read_apart(source, repair=True, limits=Limits(max_pieces=200))


def test_too_many_documents_are_refused_by_their_number() -> None:
    source = sources.read_bytes(b'{"text": "a"}\n' * 30, "rows.jsonl")
    with pytest.raises(SourceTooLarge, match="makes 30 documents"):
        read_apart(source, repair=True, limits=Limits(max_pieces=20))


def test_it_can_be_stopped() -> None:
    stop = Stop()
    stop.set()
    with pytest.raises(Stopped):
        read_apart(sources.read_path(SEEDS[0]), repair=True, limits=Limits(), stop=stop)


@pytest.fixture
def source() -> Source:
    return sources.read_bytes(TABLE.encode(), "table.md")
