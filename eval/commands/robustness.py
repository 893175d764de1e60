"""``chuchu eval robustness FILE``: what each corruption of corpus or question costs."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from eval.commands.facts import corpus_of
from eval.commands.options import (
    OUT,
    Cache,
    Corpus,
    Json,
    NoCache,
    Out,
    cache_folder,
    told_errors,
)
from eval.corpora import Text
from eval.facts import read_facts
from eval.harness import library_of
from eval.metrics import mean
from eval.provenance import provenance, texts_of
from eval.recorded import recorded
from eval.robustness.questions import read_variants
from eval.robustness.running import Examined, fresh, run_trials
from eval.robustness.suite import CLEAN, SEED, Corruption, Options, corruptions
from eval.robustness.table import costs, print_costs, write
from eval.robustness.world import Page, Trial, World, read_pages
from rag.errors import InvalidValue
from rag.settings import load_settings

OTHER_DOCUMENTS = "corpus"
CORPORA_KEPT = 60
"""Corrupted corpora whose answers are kept from run to run: those of some runs of the whole table."""


def robustness(
    file: Annotated[Path, typer.Argument(help="Facts, one JSON object a line.")],
    corpus: Corpus = None,
    out: Out = None,
    only: Annotated[
        list[str] | None, typer.Option(help="Only this corruption; may be given again.")
    ] = None,
    noise: Annotated[
        str | None,
        typer.Option(
            help="Folder to draw noise from, or 'corpus' for its other documents; else made up."
        ),
    ] = None,
    variants: Annotated[
        Path | None,
        typer.Option(
            help="JSONL of questions in other forms; by default FILE's name with -variants."
        ),
    ] = None,
    cache: Cache = None,
    no_cache: NoCache = False,
    seed: Annotated[
        int, typer.Option(help="What is drawn at random depends on it alone.")
    ] = SEED,
    as_json: Json = False,
) -> None:
    """Corrupt the corpus or the questions in every way there is; tell what each costs, paired with clean."""
    with told_errors():
        world = World(read_pages(corpus or corpus_of(file)), tuple(read_facts(file)))
        rows = _chosen(corruptions(_options(file, world, noise, variants)), only)
        made = provenance(load_settings(), _told(world.pages))
        kept = cache_folder(cache, no_cache)

        def opened(trial: Trial) -> AbstractContextManager[Examined]:
            if trial.inserted:  # the corpus changes between questions
                return fresh(trial)
            told = {**made, "corpus": _told(trial.pages)}
            return recorded(
                library_of, told, kept and kept / "robustness", kept=CORPORA_KEPT
            )

        cases, versions = run_trials(world, rows, seed=seed, opened=opened)
        found = costs(rows, cases)
        path = (out or OUT / f"robustness-{file.stem}") / "results.json"
        written = write(
            path,
            dataset=file.stem,
            versions=versions,
            provenance=made,
            seed=seed,
            costs=found,
            cases=cases,
        )
    if as_json:
        sys.stdout.write(json.dumps(written, ensure_ascii=False) + "\n")
        return
    console = Console()
    print_costs(
        found, mean([float(case["right"]) for case in cases[CLEAN]]), file.stem, console
    )
    console.print(f"written: {path}", highlight=False)


def _told(pages: Sequence[Page]) -> dict[str, Any]:
    return texts_of("pages", [Text(page.name, "", page.text) for page in pages])


def _options(
    file: Path, world: World, noise: str | None, variants: Path | None
) -> Options:
    beside = file.with_name(f"{file.stem}-variants{file.suffix}")
    told = variants or (beside if beside.exists() else None)
    from_folder = noise is not None and noise != OTHER_DOCUMENTS
    return Options(
        noise=read_pages(Path(noise)) if noise is not None and from_folder else None,
        other_documents=noise == OTHER_DOCUMENTS,
        variants=read_variants(told, {fact.id for fact in world.facts})
        if told
        else None,
    )


def _chosen(rows: list[Corruption], only: list[str] | None) -> list[Corruption]:
    names = [row.name for row in rows]
    for name in only or []:
        if name not in names:
            raise InvalidValue("--only", name, f"one of {', '.join(names)}")
    return [row for row in rows if not only or row.name in only]
