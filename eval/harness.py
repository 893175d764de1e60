"""Ask each fact end to end and score what comes back.

with library_of(Path("seeds")) as library:
    results = run_facts(library, read_facts(Path("eval/facts/seeds.jsonl")), dataset="seeds")
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from eval.blame import FOUND, Blame, blame
from eval.catalogue import Case
from eval.fact_scores import (
    blemish_of,
    citation_as_json,
    claims_as_json,
    confidence_of,
    counts_of,
    names_of,
    scores_of,
)
from eval.facts import Fact
from eval.judge import judge
from eval.progress import track
from eval.results import Results
from rag import sources
from rag.errors import BrokenCitation, ChuchuError, InvalidValue
from rag.library import Failed, Library, Question
from rag.records import Answer, Document, Hit, Source
from rag.settings import load_settings


class AnsweringLibrary(Protocol):
    """What ``run_facts`` needs of a ``Library``."""

    @property
    def versions(self) -> dict[str, str]: ...
    def ask(self, question: Question) -> Answer: ...
    def document(self, document_id: int) -> Document: ...
    def source(self, sha256: str) -> Source: ...


@runtime_checkable
class SearchableLibrary(Protocol):
    """What a library needs besides, for its misses to be blamed on a stage."""

    def search(self, question: Question) -> Sequence[Hit]: ...
    def documents(self, after: int = 0, limit: int = 100) -> Sequence[Document]: ...


@contextmanager
def library_of(corpus: Path | None = None, **overrides: Any) -> Iterator[Library]:
    """A ``Library`` in a temporary home that is gone afterwards: never the user's own store.

    Other settings (``CHUCHU_*``, ``chuchu.toml``) hold, ``overrides`` above them.

    Raises:
        InvalidValue: the corpus is not there, or nothing in it can be read.
    """
    if corpus is not None and not corpus.exists():
        raise InvalidValue("corpus", str(corpus), "a file or folder that exists")
    with tempfile.TemporaryDirectory(prefix="chuchu-eval-") as home:
        settings = load_settings(**{**overrides, "home": Path(home)})
        with Library.open(settings, deep="at once") as library:
            if corpus is not None:
                _ingest(library, corpus)
            yield library


def run_facts(
    library: AnsweringLibrary,
    facts: Iterable[Fact],
    *,
    dataset: str,
    tell: Callable[[Case], None] | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> Results:
    """Ask every fact of the library and judge each answer.

    An answer withheld for a broken citation counts as one; any other failure of a question is a wrong
    answer with its reason, whatever was expected.

    Args:
        tell: called with each case as it is done.
        provenance: what the library was made with, for ``results.json``.
    """
    cases = []
    for fact in facts:
        case = _case(library, fact)
        cases.append(case)
        if tell:
            tell(case)
    return Results.of("facts", dataset, library.versions, cases, provenance)


def _ingest(library: Library, corpus: Path) -> None:
    failed = []
    # of all documents; one file may hold many
    read = 0
    for file in track(list(sources.walk([corpus])), "indexing"):
        for each in library.ingest([file]):
            if isinstance(each, Failed):
                failed.append(f"{each.name}: {each.why}")
            else:
                read += 1
    if not read:
        why = "; ".join(failed) or "it is empty"
        raise InvalidValue(
            "corpus", str(corpus), f"at least one document that can be read ({why})"
        )


def _case(library: AnsweringLibrary, fact: Fact) -> Case:
    case: Case = {
        "id": fact.id,
        "kind": fact.kind,
        "lang": fact.lang,
        "question": fact.question,
        "history": list(fact.history),
        "expected": list(fact.answers),
        "evidence": list(fact.evidence),
    }
    if fact.items:
        case["items"] = [list(forms) for forms in fact.items]
    began = time.perf_counter()
    try:
        answer = library.ask(question_of(fact))
        unmoved = _unmoved_by_history(library, fact, answer)
    except ChuchuError as error:
        return case | {"latency_ms": _since(began)} | _failed(fact, error)
    # an answer from the cache has the time that it took when it was made
    case["latency_ms"] = answer.timings_ms.get("total", _since(began))
    case["timings_ms"] = dict(answer.timings_ms)
    case |= _judged(library, fact, answer)
    case["scores"] |= unmoved
    if not case["right"] and isinstance(library, SearchableLibrary):
        case["blame"] = _blamed(library, fact, answer)
    return case


def question_of(fact: Fact) -> Question:
    """The fact as it is asked, after the questions before it."""
    return Question(fact.question, history=fact.history)


def _unmoved_by_history(
    library: AnsweringLibrary, fact: Fact, answer: Answer
) -> dict[str, float]:
    """Whether a question that stands alone gets the same answer with its history as without."""
    if not fact.history or not fact.answerable or fact.kind == "followup":
        return {}
    # asked a second time, without its history
    alone = library.ask(Question(fact.question))
    return {"unmoved_by_history": float(_gist(answer) == _gist(alone))}


def _gist(answer: Answer) -> tuple[object, ...]:
    quotes = [each.quote for each in answer.citations]
    return answer.status, answer.short_answer, quotes


def _blamed(library: SearchableLibrary, fact: Fact, answer: Answer) -> Blame:
    # as it was completed from its history: "那里几家" finds nothing by itself
    asked = answer.asked.text or fact.question
    return blame(
        fact,
        answer,
        search=lambda: library.search(Question(asked, top_k=FOUND)),
        documents=lambda: _all_documents(library),
    )


def _all_documents(library: SearchableLibrary) -> Iterator[Document]:
    after = 0
    while page := library.documents(after):
        yield from page
        after = page[-1].id


def _since(began: float) -> float:
    """Milliseconds."""
    return round(1000 * (time.perf_counter() - began), 3)


def _failed(fact: Fact, error: ChuchuError) -> Case:
    """A question that raised an error: wrong, whatever was expected."""
    counts = {}
    # the library withheld the answer: worse than none, so it counts among citations
    if isinstance(error, BrokenCitation):
        counts["broken_citations"] = [1, 1]
    if fact.answerable:
        counts["citation_recall"] = [0, 1]
    return {
        "status": "failed",
        "short_answer": None,
        "claims": [],
        "citations": [],
        "right": False,
        "why_not": f"{type(error).__name__}: {error}",
        "blame": "failed",
        "confidence": None,
        "loss": 1.0,
        "answered": False,
        "scores": dict.fromkeys(names_of(fact), 0.0),
        "counts": counts,
    }


def _judged(library: AnsweringLibrary, fact: Fact, answer: Answer) -> Case:
    judged = judge(fact, answer, library.document, library.source)
    return {
        "status": answer.status,
        "short_answer": answer.short_answer,
        "asked": answer.asked.text,
        "answer": answer.answer,
        "claims": claims_as_json(answer, judged),
        "citations": [citation_as_json(each) for each in judged.citations],
        "right": judged.right,
        "why_not": judged.why_not or blemish_of(fact, judged),
        "scores": scores_of(fact, answer, judged),
        "counts": counts_of(fact, answer, judged),
    } | confidence_of(fact, answer, judged)
