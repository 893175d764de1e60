"""``chuchu eval evidence FILE``: citations against the evidence that people marked."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console

from eval.commands.measuring import measure
from eval.commands.options import (
    Baseline,
    Cache,
    Gates,
    Json,
    NoCache,
    Out,
    cache_folder,
)
from eval.evidence import agreement, read_expmrc, run_evidence
from eval.gates import GATES
from eval.harness import library_of
from eval.provenance import provenance, texts_of
from eval.recorded import recorded
from eval.results import Results
from rag.settings import load_settings


def evidence(
    file: Annotated[
        Path,
        typer.Argument(
            help="SQuAD-style JSON whose questions have `evidences`, as ExpMRC."
        ),
    ],
    limit: Annotated[
        int,
        typer.Option(help="Ask only the first so many questions; 0 asks all.", min=0),
    ] = 0,
    out: Out = None,
    baseline: Baseline = None,
    gates: Gates = GATES,
    cache: Cache = None,
    no_cache: NoCache = False,
    as_json: Json = False,
) -> None:
    """Ask each question of its own passage; hold what it cites against the evidence that people marked."""

    def run() -> Results:
        passages, marked = read_expmrc(file)
        marked = marked[: limit or None]
        needed = {each.asked.passage for each in marked}
        told = Console(stderr=True)
        for name, metric in agreement(marked).items():
            told.print(
                f"annotators among themselves: {name} {metric.value:.3f}",
                highlight=False,
            )
        passages = [passage for passage in passages if passage.id in needed]
        made = provenance(load_settings(), texts_of(file.stem, passages))
        with recorded(library_of, made, cache_folder(cache, no_cache)) as library:
            return run_evidence(
                library, passages, marked, dataset=file.stem, provenance=made
            )

    measure("evidence", run, out=out, baseline=baseline, gates=gates, as_json=as_json)
