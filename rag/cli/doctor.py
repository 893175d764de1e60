"""``chuchu doctor``: does this installation work, and if not, what is wrong."""

from __future__ import annotations

import platform
import tempfile
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from rag.errors import ChuchuError, StoreLocked
from rag.settings import Settings

MOST_TOLD = 100
"""Complaints that are printed."""
_SENTENCE = "小镇图书馆的新阅览室一共有四十二个座位，每天开放到晚上九点。"


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    ok: bool
    detail: str


def examine(
    settings: Settings,
    *,
    deep: bool = False,
    on_progress: Callable[[int, int], None] | None = None,
) -> list[Check]:
    """Run every check; one that fails does not stop the rest.

    Args:
        deep: read all that is stored and hold it against itself (``rag.deep_check``).
        on_progress: called then with sources done and sources in all.
    """
    return [
        Check("python", True, platform.python_version()),
        Check("settings", True, f"home {settings.home}, encoder {settings.encoder}"),
        _run_check("store", lambda: _store(settings)),
        *([_run_check("deep", lambda: _deep(settings, on_progress))] if deep else []),
        _run_check("answers", lambda: _answers(settings)),
    ]


def _run_check(name: str, run: Callable[[], str]) -> Check:
    try:
        return Check(name, True, run())
    except StoreLocked as error:
        # Somebody works with it, so it works.
        return Check(name, True, f"in use ({error})")
    except ChuchuError as error:
        return Check(name, False, str(error))


def _store(settings: Settings) -> str:
    from rag.store.store import Store

    store = Store.open(settings.home)
    try:
        wrong = store.check()
        if wrong:
            raise ChuchuError("; ".join(wrong))
        counts = store.counts()
        told = [f"{n:,} {what}" for what, n in counts.items()]
        for generation in store.generations():
            if not generation.whole:
                waiting = counts["passages"] - store.count_vectors(generation.id)
                told.append(f"{waiting:,} passages wait for vectors")
        return ", ".join(told)
    finally:
        store.close()


def _deep(settings: Settings, on_progress: Callable[[int, int], None] | None) -> str:
    from rag.deep_check import complaints
    from rag.store.store import Store

    with Store.open(settings.home) as store:
        wrong = list(complaints(store, on_progress))
        if wrong:
            told = "; ".join(wrong[:MOST_TOLD])
            if len(wrong) > MOST_TOLD:
                told += f"; and {len(wrong) - MOST_TOLD:,} more"
            raise ChuchuError(told)
        return f"{store.counts()['passages']:,} passages: bytes, texts, vectors and indexes agree"


def _answers(settings: Settings) -> str:
    """Ingest one sentence into a folder of its own, ask it, and look at the citation."""
    from rag import sources
    from rag.library import Library, Question

    # A folder of its own: the check must work while a server holds the real one.
    with (
        tempfile.TemporaryDirectory() as folder,
        Library.open(replace(settings, home=Path(folder)), deep="at once") as library,
    ):
        library.ingest_source(sources.from_text("doctor", _SENTENCE))
        answer = library.ask(Question("新阅览室有多少个座位？"))
        if not any(citation.quote == _SENTENCE for citation in answer.citations):
            raise ChuchuError(f"the test question was answered with {answer.status}")
        return f"{answer.short_answer} in {answer.timings_ms['total']:.0f} ms"
