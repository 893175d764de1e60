"""``chuchu eval retrieval DIR``: search a corpus in the BEIR layout."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eval.beir import read_beir
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
from eval.gates import GATES
from eval.harness import library_of
from eval.provenance import provenance, texts_of
from eval.recorded import recorded
from eval.results import Results
from eval.retrieval import run_retrieval
from rag.settings import load_settings


def retrieval(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="A folder in the BEIR layout.")
    ],
    out: Out = None,
    baseline: Baseline = None,
    gates: Gates = GATES,
    cache: Cache = None,
    no_cache: NoCache = False,
    as_json: Json = False,
) -> None:
    """Search a corpus in the BEIR layout: MRR@10, recall@10, nDCG@10."""

    def run() -> Results:
        beir = read_beir(folder)
        made = provenance(load_settings(), texts_of(beir.name, beir.corpus))
        with recorded(library_of, made, cache_folder(cache, no_cache)) as library:
            return run_retrieval(library, beir, provenance=made)

    measure("retrieval", run, out=out, baseline=baseline, gates=gates, as_json=as_json)
