"""``chuchu eval facts FILE``: each question end to end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eval.commands.measuring import measure
from eval.commands.options import (
    Baseline,
    Cache,
    Corpus,
    Gates,
    Json,
    NoCache,
    Out,
    cache_folder,
)
from eval.facts import read_facts
from eval.gates import GATES
from eval.harness import library_of, question_of, run_facts
from eval.progress import track
from eval.provenance import files_of, provenance
from eval.recorded import recorded
from eval.results import Results
from rag.errors import InvalidValue
from rag.settings import load_settings


def facts(
    file: Annotated[Path, typer.Argument(help="Facts, one JSON object a line.")],
    corpus: Corpus = None,
    out: Out = None,
    baseline: Baseline = None,
    gates: Gates = GATES,
    cache: Cache = None,
    no_cache: NoCache = False,
    as_json: Json = False,
) -> None:
    """Ask each question end to end; score answers, citations and refusals."""

    def run() -> Results:
        asked = read_facts(file)
        where = corpus or corpus_of(file)
        made = provenance(load_settings(), files_of(where))
        kept = cache_folder(cache, no_cache)
        with recorded(lambda: library_of(where), made, kept) as library:
            # opened before the progress bar of the questions, which would else stand at 0 for a minute
            if not all(library.knows(question_of(fact)) for fact in asked):
                library.open()
            return run_facts(
                library, track(asked, "asking"), dataset=file.stem, provenance=made
            )

    measure("facts", run, out=out, baseline=baseline, gates=gates, as_json=as_json)


def corpus_of(file: Path) -> Path:
    """The folder that is named like the facts file: beside it, here, or beside the packages.

    Raises:
        InvalidValue: there is none.
    """
    for base in (file.parent, Path(), Path(__file__).resolve().parents[2]):
        if (base / file.stem).is_dir():
            return base / file.stem
    raise InvalidValue(
        "--corpus", None, f"the documents to ask: there is no folder {file.stem}/"
    )
