"""``chuchu eval retrieval DIR``: search a corpus in the BEIR layout."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eval.beir import read_beir
from eval.commands.measuring import measure
from eval.commands.options import Baseline, Gates, Json, Out
from eval.gates import GATES
from eval.harness import library_of
from eval.results import Results
from eval.retrieval import run_retrieval


def retrieval(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A folder in the BEIR layout.")],
    out: Out = None,
    baseline: Baseline = None,
    gates: Gates = GATES,
    as_json: Json = False,
) -> None:
    """Search a corpus in the BEIR layout: MRR@10, recall@10, nDCG@10."""

    def run() -> Results:
        beir = read_beir(folder)
        with library_of() as library:
            return run_retrieval(library, beir)

    measure("retrieval", run, out=out, baseline=baseline, gates=gates, as_json=as_json)
