"""ALCE (Gao et al. 2023, "Enabling Large Language Models to Generate Text with Citations").

Its data (``asqa_*.json``, ``qampari_*.json``: a list of ``{"question", "docs": [{"title", "text"}], …}``)
become sets of facts, each question asked of its first five documents. ELI5 has no short answers: no set.

Its outputs (``{"data": [{"question", "output", "docs"}]}``, as its ``run.py`` writes them) are scored by
:func:`citation_scores` as ALCE does: recall is the share of a text's sentences whose cited documents together
support them, precision the share of citations that are needed for it. **The verdict is ours, not ALCE's**:
ALCE asks an entailment model (T5-XXL, TRUE), here :func:`eval.judge.supports` decides, which wants the words,
numbers and names of the sentence in the documents. It is stricter on paraphrase: compare figures scored here
with each other, not with the paper's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from eval.adapters.rows import Row, find, read_json, read_json_list
from eval.adapters.sets import PART, FactSet
from eval.corpora import Text
from eval.facts import Fact
from eval.judge import supports
from models.language.sentences import sentences

DOCUMENTS = 5
MOST_CITATIONS = 3
"""Of a sentence's citations the first three count, as ALCE's ``at_most_citations``."""

Supports = Callable[[Sequence[str], str], bool]
_MARKER = re.compile(r"\s?\[(\d+)\]")


@dataclass(frozen=True, slots=True)
class CitationScore:
    """Of one text: ``supported`` of ``sentences`` (recall), ``needed`` of ``citations`` (precision)."""

    sentences: int
    supported: int
    citations: int
    needed: int

    @property
    def recall(self) -> float:
        return self.supported / self.sentences if self.sentences else 0.0

    @property
    def precision(self) -> float:
        """0 for a text that cites nothing, as in ALCE."""
        return self.needed / self.citations if self.citations else 0.0


def convert(folder: Path) -> Iterator[FactSet]:
    """A set for each file of ASQA and QAMPARI."""
    for path in find(folder, ["asqa*.json", "qampari*.json"], "ALCE"):
        facts: list[Fact] = []
        documents: list[Text] = []
        within: dict[str, tuple[str, ...]] = {}
        for number, row in enumerate(read_json_list(path)):
            own = []
            for at, doc in enumerate(row.rows("docs")[:DOCUMENTS]):
                title = doc.text("title") if "title" in doc else ""
                own.append(Text(f"{number}-{at}", title, doc.text("text")))
            documents += own
            for fact in _facts(f"{path.stem}-{number}", row):
                facts.append(fact)
                within[fact.id] = tuple(each.id for each in own)
        yield FactSet(f"alce-{path.stem}", facts, documents, within)


def outputs(path: Path) -> list[Row]:
    """The rows of an output file. Raises InvalidValue."""
    return read_json(path).rows("data")


def citation_scores(row: Row, judge: Supports = supports) -> CitationScore:
    """Score the citations ``[1][2]`` of one ``output`` against its ``docs``.

    As ALCE's ``eval.py``: only the first line counts; a sentence that cites nothing, or a document that is
    not there, is not supported; where a sentence is not supported, none of its citations is needed; a
    citation is needed when it supports the sentence alone, or the others do not without it.
    """
    documents = [_document(doc) for doc in row.rows("docs")]
    # ALCE cuts at the first line, as models go on with a next question
    text = row.text("output").strip().split("\n", 1)[0]
    sentences = supported = citations = needed = 0
    for sentence in _cited_sentences(text):
        sentences += 1
        cited = [int(number) - 1 for number in _MARKER.findall(sentence)]
        if not cited or not all(0 <= at < len(documents) for at in cited):
            continue
        claim = _MARKER.sub("", sentence).strip()
        quotes = [documents[at] for at in cited[:MOST_CITATIONS]]
        citations += len(quotes)
        if judge(quotes, claim):
            supported += 1
            needed += _count_needed(quotes, claim, judge)
    return CitationScore(sentences, supported, citations, needed)


def _count_needed(quotes: Sequence[str], claim: str, judge: Supports) -> int:
    """Of quotes that support a claim together, those that do alone, or without which the others do not."""
    if len(quotes) == 1:
        return 1
    needed = 0
    for at, quote in enumerate(quotes):
        others = [*quotes[:at], *quotes[at + 1 :]]
        needed += judge([quote], claim) or not judge(others, claim)
    return needed


def _cited_sentences(text: str) -> list[str]:
    """Sentences with the markers that follow them, be they before the full stop or after."""
    found: list[str] = []
    for start, end in sentences(text):
        sentence = text[start:end]
        match = re.match(r"(?:\s?\[\d+\])+", sentence)
        # "It is so. [1] And" -> "It is so. [1]", "And"
        if match and found:
            found[-1] += match.group()
            sentence = sentence[match.end() :].strip()
        if sentence:
            found.append(sentence)
    return found


def _document(doc: Row) -> str:
    title = f"{doc.text('title')}\n" if "title" in doc else ""
    return title + doc.text("text")


def _facts(id_: str, row: Row) -> Iterator[Fact]:
    """ASQA: each reading of the question with its short answers. QAMPARI: each answer of the list a part."""
    if "qa_pairs" in row:
        for number, pair in enumerate(row.rows("qa_pairs"), 1):
            question, answers = pair.text("question"), pair.texts("short_answers")
            yield Fact(f"{id_}-{number}", question, answers, "en", "fact")
        return
    listed = row.value.get("answers")
    if not isinstance(listed, list):
        raise row.bad("answers", "a list of lists of texts, or qa_pairs")
    for number, spellings in enumerate(listed, 1):
        if not isinstance(spellings, list) or not spellings:
            raise row.bad("answers", "a list of lists of texts, or qa_pairs")
        part = f"{id_}{PART}{number}"
        yield Fact(part, row.text("question"), tuple(map(str, spellings)), "en", "list")
