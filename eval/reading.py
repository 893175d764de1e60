"""Reading comprehension on SQuAD-style JSON: each question is asked of its own passage, end to end."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol

from eval.blame import FOUND, blame
from eval.catalogue import Case
from eval.corpora import IngestingLibrary, Text, ingest_texts
from eval.facts import Fact
from eval.judge import ANSWERED
from eval.metrics import MAX_REFERENCES, cmrc_exact_match, cmrc_f1
from eval.progress import track
from eval.results import Results
from models.language.words import has_han
from rag.errors import ChuchuError, InvalidValue, NotFound
from rag.library import Question
from rag.records import Answer, Document, Hit


class ReadingLibrary(IngestingLibrary, Protocol):
    """What ``run_reading`` needs of a ``Library``."""

    @property
    def versions(self) -> dict[str, str]: ...
    def ask(self, question: Question) -> Answer: ...
    def search(self, question: Question) -> Sequence[Hit]: ...
    def document(self, document_id: int) -> Document: ...


@dataclass(frozen=True, slots=True)
class ReadingQuestion:
    """A question about the passage ``passage``; no ``references`` means that it does not say (SQuAD 2.0)."""

    id: str
    passage: str
    question: str
    references: tuple[str, ...]


def read_squad(path: Path) -> tuple[list[Text], list[ReadingQuestion]]:
    """Passages and questions of ``{"data": [{"paragraphs": [{"context", "qas": […]}]}]}``.

    At most three references a question are kept, in their order, as CMRC 2018 scores.

    Raises:
        InvalidValue: it cannot be read or is not of this form; the key leads to the place.
    """
    try:
        data = json.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, ValueError) as error:
        raise InvalidValue("FILE", str(path), f"SQuAD-style JSON ({error})") from None
    passages: list[Text] = []
    asked: list[ReadingQuestion] = []
    for i, article in enumerate(_list(data, "data", path.name)):
        where = f"{path.name} data[{i}]"
        for j, paragraph in enumerate(_list(article, "paragraphs", where)):
            here = f"{where}.paragraphs[{j}]"
            passage = Text(f"{i}.{j}", "", _text(paragraph, "context", here))
            passages.append(passage)
            for k, qa in enumerate(_list(paragraph, "qas", here)):
                asked.append(_asked(passage.id, qa, f"{here}.qas[{k}]"))
    if not asked:
        raise InvalidValue(str(path), "", "at least one question")
    return passages, asked


def run_reading(
    library: ReadingLibrary,
    passages: Sequence[Text],
    asked: Sequence[ReadingQuestion],
    *,
    dataset: str,
    provenance: Mapping[str, Any] | None = None,
) -> Results:
    """Ask each question of the documents read from its passage alone."""
    _, documents = ingest_texts(library, dataset, passages)
    cases = []
    for each in track(asked, "reading"):
        cases.append(_case(library, each, documents.get(each.passage, [])))
    return Results.of("reading", dataset, library.versions, cases, provenance)


def _case(
    library: ReadingLibrary, asked: ReadingQuestion, documents: list[int]
) -> Case:
    question = Question(asked.question, documents=tuple(documents))
    case: Case = {
        "id": asked.id,
        "lang": _language(asked.question),
        "question": asked.question,
        "expected": list(asked.references),
    }
    began = time.perf_counter()
    try:
        if not documents:
            raise NotFound("passage", asked.passage)
        answer = library.ask(question)
    except ChuchuError as error:
        case["latency_ms"] = _since(began)
        return case | _failed(asked, error)
    case["latency_ms"] = answer.timings_ms.get("total", _since(began))
    case["timings_ms"] = dict(answer.timings_ms)
    prediction = _prediction(answer)
    case |= {"status": answer.status, "prediction": prediction}
    case |= _scored(asked.references, prediction, answer.status not in ANSWERED)
    if not case["right"]:
        fact = Fact(asked.id, asked.question, asked.references, case["lang"], "fact")
        case["blame"] = blame(
            fact,
            answer,
            lambda: library.search(replace(question, top_k=FOUND)),
            lambda: map(library.document, documents),
        )
    return case | _confidence(asked.references, answer, bool(case["right"]))


def _failed(asked: ReadingQuestion, error: ChuchuError) -> Case:
    return {
        "status": f"{type(error).__name__}: {error}",
        "prediction": "",
        **_scored(asked.references, "", False),
        "blame": "failed",
        "confidence": None,
        "loss": 1.0,
        "answered": False,
    }


def _since(began: float) -> float:
    """Milliseconds."""
    return round(1000 * (time.perf_counter() - began), 3)


def _confidence(references: tuple[str, ...], answer: Answer, right: bool) -> Case:
    """``confidence`` and ``loss`` for the risk-coverage curve; a forced answer is the likeliest bare fact."""
    answered = answer.status in ANSWERED
    if answered and not answer.trace.candidates:
        return {}
    if not answered:
        right = False
        for likeliest in answer.trace.candidates[:1]:
            said = likeliest.short or likeliest.text
            right = cmrc_exact_match(said, references) == 1.0
    return {
        "confidence": answer.trace.confidence,
        "loss": float(not right),
        "answered": answered,
    }


def _language(question: str) -> str:
    return "zh" if has_han(question) else "en"


def _prediction(answer: Answer) -> str:
    """The short answer, else the claims as they stand, else nothing: it is scored, never left out."""
    if answer.status not in ANSWERED:
        return ""
    return answer.short_answer or "".join(claim.text for claim in answer.claims)


def _scored(references: tuple[str, ...], prediction: str, refused: bool) -> Case:
    """CMRC 2018's figures; a question that the passage does not answer is SQuAD 2's, right when refused."""
    if not references:
        right = float(refused)
        scores = {"exact_match": right, "f1": right, "refused_right": right}
    else:
        scores = {
            "exact_match": cmrc_exact_match(prediction, references),
            "f1": cmrc_f1(prediction, references),
            "refused_wrong": float(refused),
        }
    why_not = None
    if not scores["exact_match"]:
        why_not = "refused" if refused and references else "not a reference"
    return {"right": why_not is None, "why_not": why_not, "scores": scores}


def _asked(passage: str, qa: Any, where: str) -> ReadingQuestion:
    texts = []
    for number, answer in enumerate(_list(qa, "answers", where)):
        texts.append(_text(answer, "text", f"{where}.answers[{number}]"))
    # SQuAD 2: the passage does not say, whatever answers stand beside
    if qa.get("is_impossible"):
        texts = []
    references = tuple(texts[:MAX_REFERENCES])
    return ReadingQuestion(
        _text(qa, "id", where), passage, _text(qa, "question", where), references
    )


def _list(value: Any, key: str, where: str) -> list[Any]:
    found = value.get(key) if isinstance(value, dict) else None
    if not isinstance(found, list):
        raise InvalidValue(f"{where}.{key}", found, "a list")
    return found


def _text(value: Any, key: str, where: str) -> str:
    found = value.get(key) if isinstance(value, dict) else None
    if not isinstance(found, str) or not found:
        raise InvalidValue(f"{where}.{key}", found, "a text that is not empty")
    return found
