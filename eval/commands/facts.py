"""``chuchu eval facts FILE``: each question end to end."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eval.commands.measuring import measure
from eval.commands.options import Baseline, Corpus, Gates, Json, Out
from eval.facts import read_facts
from eval.gates import GATES
from eval.harness import library_of, run_facts
from eval.progress import track
from eval.results import Results
from rag.errors import InvalidValue


def facts(
    file: Annotated[Path, typer.Argument(help="Facts, one JSON object a line.")],
    corpus: Corpus = None,
    out: Out = None,
    baseline: Baseline = None,
    gates: Gates = GATES,
    as_json: Json = False,
) -> None:
    """Ask each question end to end; score answers, citations and refusals."""

    def run() -> Results:
        asked = read_facts(file)
        with library_of(corpus or corpus_of(file)) as library:
            return run_facts(library, track(asked, "asking"), dataset=file.stem)

    measure("facts", run, out=out, baseline=baseline, gates=gates, as_json=as_json)


def corpus_of(file: Path) -> Path:
    """The folder that is named like the facts file, here or beside the packages.

    Raises:
        InvalidValue: there is none.
    """
    for base in (Path(), Path(__file__).resolve().parents[2]):
        if (base / file.stem).is_dir():
            return base / file.stem
    raise InvalidValue("--corpus", None, f"the documents to ask: there is no folder {file.stem}/")
