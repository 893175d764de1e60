"""Citations against the evidence that people marked: ExpMRC (Cui et al. 2022, "ExpMRC: Explainability
Evaluation for Machine Reading Comprehension").

Each question is asked of its own passage. What the answer cites is held against the stretch that each of
three annotators marked, on three scales, the most lenient first:

- whole citations: ``citations_in_evidence`` overlap it (precision), ``citation_right`` is the share of
  questions with one that does (recall);
- sentences: ``evidence_precision`` of those cited are marked, ``evidence_recall`` of those marked are cited;
- characters: the same, ``_chars``; see :mod:`eval.coverage`.

ExpMRC's own figures stand beside: F1 of the answer, of the evidence, and their product.
"""

from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from eval.catalogue import Case
from eval.corpora import Text, ingest_texts
from eval.coverage import Coverage, best_cover
from eval.fact_scores import citation_as_json, claims_as_json
from eval.facts import Fact
from eval.judge import ANSWERED, Judgement, judge
from eval.metrics import Metric, cmrc_exact_match, cmrc_f1, cmrc_units, ratio
from eval.progress import track
from eval.reading import ReadingLibrary, ReadingQuestion, read_squad
from eval.results import Results
from models.language.words import has_han
from rag.errors import ChuchuError, InvalidValue
from rag.library import Question
from rag.records import Answer, Document, Source

# One alone agrees with nobody.
FEWEST_ANNOTATORS = 2


class CitingLibrary(ReadingLibrary, Protocol):
    """What ``run_evidence`` needs of a ``Library``."""

    def document(self, document_id: int) -> Document: ...
    def source(self, sha256: str) -> Source: ...


@dataclass(frozen=True, slots=True)
class Marked:
    """A question, its passage's text, and what each annotator marked as evidence."""

    asked: ReadingQuestion
    passage: str
    evidences: tuple[str, ...]


def read_expmrc(path: Path) -> tuple[list[Text], list[Marked]]:
    """Passages and questions of SQuAD-style JSON whose questions have ``evidences``: a text an annotator.

    Raises:
        InvalidValue: it is not of this form, or an evidence is not in its passage.
    """
    passages, asked = read_squad(path)
    texts = {passage.id: passage.text for passage in passages}
    by_id = _evidences(path)
    marked = []
    for each in asked:
        where, evidences = by_id[each.id]
        for evidence in evidences:
            if evidence not in texts[each.passage]:
                raise InvalidValue(
                    where, evidence, "texts that stand in the context, word for word"
                )
        marked.append(Marked(each, texts[each.passage], evidences))
    return passages, marked


def run_evidence(
    library: CitingLibrary,
    passages: Sequence[Text],
    marked: Sequence[Marked],
    *,
    dataset: str,
    provenance: Mapping[str, Any] | None = None,
) -> Results:
    """Ask each question of the documents read from its passage alone; score answer and citations."""
    _, documents = ingest_texts(library, dataset, passages)
    cases = []
    for each in track(marked, "asking"):
        cases.append(_case(library, each, documents.get(each.asked.passage, [])))
    return Results.of("evidence", dataset, library.versions, cases, provenance)


def agreement(marked: Sequence[Marked]) -> dict[str, Metric]:
    """What the annotators reach when each one's evidence is scored against the others': a human ceiling.

    Micro-averaged over all annotators as ``run_evidence`` does over citations; empty when there is but one.
    """
    rows = []
    for each in marked:
        if len(each.evidences) >= FEWEST_ANNOTATORS:
            rows += _one_against_the_others(each)
    if not rows:
        return {}
    sentences = [by_sentence for by_sentence, _ in rows]
    characters = [by_character for _, by_character in rows]
    return {
        "evidence_precision": _precision(sentences),
        "evidence_recall": _recall(sentences),
        "evidence_precision_chars": _precision(characters),
        "evidence_recall_chars": _recall(characters),
    }


def _one_against_the_others(marked: Marked) -> list[tuple[Coverage, Coverage]]:
    found = []
    for at, mine in enumerate(marked.evidences):
        others = (*marked.evidences[:at], *marked.evidences[at + 1 :])
        found.append(best_cover(marked.passage, [mine], [[each] for each in others]))
    return found


def _precision(rows: Sequence[Coverage]) -> Metric:
    return ratio([row.both for row in rows], [row.cited for row in rows])


def _recall(rows: Sequence[Coverage]) -> Metric:
    return ratio([row.both for row in rows], [row.marked for row in rows])


def expmrc_f1(prediction: str, references: Sequence[str]) -> float:
    """Best F1 over the references of the bags of units, as ExpMRC's script counts it.

    CMRC's F1 (:func:`eval.metrics.cmrc_f1`) wants the units in a row and is lower: 兴绍市 against 绍兴市 is 1
    here, 2 * 1 / (3 + 3) there.
    """
    said = Counter(cmrc_units(prediction))
    best = 0.0
    for reference in references:
        best = max(best, _bag_f1(said, Counter(cmrc_units(reference))))
    return best


def _bag_f1(said: Counter[str], wanted: Counter[str]) -> float:
    shared = (said & wanted).total()
    return 2 * shared / (said.total() + wanted.total()) if shared else 0.0


def _case(library: CitingLibrary, marked: Marked, documents: list[int]) -> Case:
    asked = marked.asked
    lang = "zh" if has_han(asked.question) else "en"
    case: Case = {
        "id": asked.id,
        "lang": lang,
        "question": asked.question,
        "expected": list(asked.references),
        "evidence": list(marked.evidences),
    }
    began = time.perf_counter()
    answer, why = _ask(library, asked.question, documents)
    case["latency_ms"] = round(1000 * (time.perf_counter() - began), 3)
    if answer is None:
        case |= {"status": "failed", "right": False, "why_not": why}
        return case | _scored(marked, None, None)
    fact = Fact(
        asked.id, asked.question, asked.references, lang, "fact", marked.evidences
    )
    judged = judge(fact, answer, library.document, library.source)
    why_not = judged.why_not
    if why_not is None and not judged.in_evidence:
        why_not = "right, but cites beside the evidence"
    case |= {
        "status": answer.status,
        "short_answer": answer.short_answer,
        "claims": claims_as_json(answer, judged),
        "citations": [citation_as_json(each) for each in judged.citations],
        "right": judged.right and judged.in_evidence,
        "why_not": why_not,
    }
    return case | _scored(marked, answer, judged)


def _ask(
    library: CitingLibrary, question: str, documents: list[int]
) -> tuple[Answer | None, str | None]:
    """The answer from these documents alone, or why there is none."""
    if not documents:
        return None, "no document could be read from the passage"
    try:
        return library.ask(Question(question, documents=tuple(documents))), None
    except ChuchuError as error:
        return None, f"{type(error).__name__}: {error}"


def _scored(marked: Marked, answer: Answer | None, judged: Judgement | None) -> Case:
    """``scores`` and ``counts``; a question without an answer covers nothing and cites nothing."""
    quotes = _in_order(answer)
    refused = answer is not None and answer.status not in ANSWERED
    said = _prediction(answer)
    references = marked.asked.references
    in_evidence = bool(judged and judged.in_evidence)
    right = bool(judged and judged.right)
    exact, f1 = cmrc_exact_match(said, references), cmrc_f1(said, references)
    # the quotes as one text, as ExpMRC has one evidence an answer
    evidence_f1 = expmrc_f1("".join(quotes), marked.evidences)
    scores = {
        "answer_right": float(right),
        "right_and_cited": float(right and in_evidence),
        "citation_right": float(in_evidence),
        "refused_wrong": float(refused),
        "exact_match": exact,
        "f1": f1,
        "evidence_f1": evidence_f1,
        "answer_and_evidence_f1": expmrc_f1(said, references) * evidence_f1,
    }
    sentences, characters = best_cover(
        marked.passage, quotes, [[each] for each in marked.evidences]
    )
    cited = judged.citations if judged else ()
    counts = {
        "citations_in_evidence": [sum(each.in_evidence for each in cited), len(cited)],
        "evidence_precision": [sentences.both, sentences.cited],
        "evidence_recall": [sentences.both, sentences.marked],
        "evidence_precision_chars": [characters.both, characters.cited],
        "evidence_recall_chars": [characters.both, characters.marked],
    }
    return {
        "scores": scores,
        "counts": {name: count for name, count in counts.items() if count[1]},
    }


def _in_order(answer: Answer | None) -> list[str]:
    """The quotes in the order they stand in the text."""
    if answer is None or answer.status not in ANSWERED:
        return []
    cited = sorted(answer.citations, key=lambda each: (each.document_id, each.start))
    return [each.quote for each in cited]


def _prediction(answer: Answer | None) -> str:
    if answer is None or answer.status not in ANSWERED:
        return ""
    return answer.short_answer or "".join(claim.text for claim in answer.claims)


def _evidences(path: Path) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Question id -> where its evidences stand in the file, and what they are."""
    found = {}
    data: Any = json.loads(path.read_text(encoding="utf-8-sig"))
    for i, article in enumerate(data["data"]):
        for j, paragraph in enumerate(article["paragraphs"]):
            for k, qa in enumerate(paragraph["qas"]):
                where = f"{path.name} data[{i}].paragraphs[{j}].qas[{k}].evidences"
                texts = qa.get("evidences")
                if not _are_texts(texts):
                    raise InvalidValue(
                        where, texts, "a list of texts, one an annotator, at least one"
                    )
                found[qa["id"]] = where, tuple(texts)
    return found


def _are_texts(value: Any) -> bool:
    if not isinstance(value, list) or not value:
        return False
    return all(isinstance(each, str) and each for each in value)
