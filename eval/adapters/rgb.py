"""RGB (Chen et al. 2023, "Benchmarking Large Language Models in Retrieval-Augmented Generation").

A folder with ``zh.json``, ``en.json`` (or ``en_refine.json``…), ``zh_int.json``, ``zh_fact.json`` and so on,
one JSON object a line: ``{"id", "query", "answer", "positive", "negative"}``. Its four abilities become sets
of facts, each question asked of five documents of its own, as RGB's ``evalue.py`` puts them together:

- noise robustness at rates 0 to 0.8: ``ceil(5 * rate)`` negatives, the rest positives;
- negative rejection: negatives alone, refusing is right;
- information integration: a document for each part first, then more; every part of the answer is a fact;
- counterfactual robustness: **not as RGB has it**. RGB shows false documents alone and asks a language model
  to know better. A system that answers from documents only cannot, so a true document stands beside the
  false ones here: right is to give the true answer, alone or among the readings.

``answer`` is a text, or a list of parts, each a text or a list of spellings; RGB wants all parts.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from functools import partial
from itertools import zip_longest
from pathlib import Path

from eval.adapters.rows import Row, find, read_jsonl
from eval.adapters.sets import PART, FactSet
from eval.corpora import Text
from eval.facts import Fact

PASSAGES = 5
NOISE_RATES = (0.0, 0.2, 0.4, 0.6, 0.8)

Chooser = Callable[[Row], tuple[list[str], list[str]]]
"""A row -> the documents that its question is asked of, true ones and others."""


def convert(folder: Path) -> Iterator[FactSet]:
    """The sets of every file of RGB that the folder has."""
    for path in find(folder, ["zh*.json", "en*.json"], "RGB"):
        rows = list(read_jsonl(path))
        if path.stem.endswith("_int"):
            yield _set(path, rows, "integration", lambda row: (_integrated(row), []))
        elif path.stem.endswith("_fact"):
            yield _set(path, rows, "counterfactual", _counterfactual)
        else:
            for rate in NOISE_RATES:
                noisy = partial(_noisy, rate=rate)
                yield _set(path, rows, f"noise-{rate:g}", noisy)
            yield _set(
                path,
                rows,
                "rejection",
                lambda row: ([], list(row.texts("negative"))[:PASSAGES]),
            )


def _set(path: Path, rows: list[Row], ability: str, choose: Chooser) -> FactSet:
    lang = path.stem[:2]
    facts: list[Fact] = []
    documents: list[Text] = []
    within: dict[str, tuple[str, ...]] = {}
    lures: dict[str, str] = {}
    for row in rows:
        id_ = f"{path.stem}-{row.text('id')}"
        question = row.text("query")
        true, false = choose(row)
        own = []
        for at, text in enumerate((*true, *false)):
            own.append(Text(f"{id_}-{at}", "", text))
        documents += own
        # shown negatives alone, there is nothing to answer
        parts = _parts(row) if ability != "rejection" else [()]
        for number, spellings in enumerate(parts, 1):
            fact_id = f"{id_}{PART}{number}" if len(parts) > 1 else id_
            kind = "fact" if spellings else "none"
            facts.append(Fact(fact_id, question, spellings, lang, kind))
            within[fact_id] = tuple(each.id for each in own)
            if "fakeanswer" in row:
                lures[fact_id] = row.text("fakeanswer")
    return FactSet(f"rgb-{path.stem}-{ability}", facts, documents, within, lures)


def _noisy(row: Row, rate: float) -> tuple[list[str], list[str]]:
    """RGB's choice: short of negatives more positives, short of positives more negatives."""
    positive, negative = row.texts("positive"), row.texts("negative")
    # rate .2 of five documents: one negative, four positives
    noise = min(math.ceil(PASSAGES * rate), len(negative))
    true = PASSAGES - noise
    if true > len(positive):
        true, noise = len(positive), PASSAGES - len(positive)
    return list(positive[:true]), list(negative[:noise])


def _integrated(row: Row) -> list[str]:
    """The first document of each part, then the second of each, and so on; negatives fill up."""
    groups = row.value.get("positive")
    if not isinstance(groups, list):
        groups = [None]
    parts = []
    for group in groups:
        if not isinstance(group, list):
            raise row.bad(
                "positive", "a list of lists of texts, one for each part of the answer"
            )
        parts.append(list(filter(_is_text, group)))
    ordered: list[str] = []
    for turn in zip_longest(*parts):
        ordered += filter(None, turn)
    return [*ordered[:PASSAGES], *row.texts("negative")][:PASSAGES]


def _counterfactual(row: Row) -> tuple[list[str], list[str]]:
    """One true document beside the false ones. Where one text is in both lists it is false as printed."""
    false = list(row.texts("positive_wrong"))
    true = [text for text in row.texts("positive") if text not in false][:1]
    others = [*false[: PASSAGES - 1], *row.texts("negative")]
    return true, others[: PASSAGES - len(true)]


def _parts(row: Row) -> list[tuple[str, ...]]:
    """The parts of the answer, each with its spellings: ``["2023", ["Oslo", "Kristiania"]]`` has two."""
    answer = row.value.get("answer")
    if _is_text(answer):
        answer = [answer]
    if not isinstance(answer, list) or not answer:
        raise row.bad("answer", "a text, or a list of texts or of lists of texts")
    parts = []
    for part in filter(None, answer):
        spellings = [part] if isinstance(part, str) else list(part)
        if not all(isinstance(text, str) for text in spellings):
            raise row.bad("answer", "a text, or a list of texts or of lists of texts")
        parts.append(tuple(filter(_is_text, spellings)))
    return parts


def _is_text(value: object) -> bool:
    """A text that is not blank."""
    return isinstance(value, str) and bool(value.strip())
