"""``chuchu eval reading FILE``: each question of its own passage."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

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
from eval.reading import read_squad, run_reading
from eval.recorded import recorded
from eval.results import Results
from rag.settings import load_settings


def reading(
    file: Annotated[Path, typer.Argument(help="SQuAD-style JSON.")],
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
    """Ask each question of its own passage: exact match and F1 the CMRC way."""

    def run() -> Results:
        passages, asked = read_squad(file)
        asked = asked[: limit or None]
        needed = {each.passage for each in asked}
        passages = [passage for passage in passages if passage.id in needed]
        made = provenance(load_settings(), texts_of(file.stem, passages))
        with recorded(library_of, made, cache_folder(cache, no_cache)) as library:
            return run_reading(
                library, passages, asked, dataset=file.stem, provenance=made
            )

    measure("reading", run, out=out, baseline=baseline, gates=gates, as_json=as_json)
