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
from eval.provenance import Provenance, provenance, texts_of
from eval.recorded import recorded
from eval.robustness.questions import read_variants
from eval.robustness.running import Examined, Open, fresh, run_trials
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
        made = provenance(load_settings(), _digest_of(world.pages))
        opened = _opener(made, cache_folder(cache, no_cache))
        cases, versions = run_trials(world, rows, seed=seed, opened=opened)
        table = costs(rows, cases)
        path = (out or OUT / f"robustness-{file.stem}") / "results.json"
        written = write(
            path,
            dataset=file.stem,
            versions=versions,
            provenance=made,
            seed=seed,
            costs=table,
            cases=cases,
        )
    if as_json:
        sys.stdout.write(json.dumps(written, ensure_ascii=False) + "\n")
        return
    console = Console()
    clean = mean([float(case["right"]) for case in cases[CLEAN]])
    print_costs(table, clean, file.stem, console)
    console.print(f"written: {path}", highlight=False)


def _opener(made: Provenance, kept: Path | None) -> Open:
    """Opens a library for a trial whose answers are kept, each corrupted corpus under its own digest."""

    def opened(trial: Trial) -> AbstractContextManager[Examined]:
        if trial.inserted:  # the corpus changes between questions
            return fresh(trial)
        told = {**made, "corpus": _digest_of(trial.pages)}
        folder = kept / "robustness" if kept else None
        return recorded(library_of, told, folder, kept=CORPORA_KEPT)

    return opened


def _digest_of(pages: Sequence[Page]) -> dict[str, Any]:
    return texts_of("pages", [Text(page.name, "", page.text) for page in pages])


def _options(
    file: Path, world: World, noise: str | None, variants: Path | None
) -> Options:
    """``variants`` by default beside the facts: seeds-variants.jsonl of seeds.jsonl."""
    beside = file.with_name(f"{file.stem}-variants{file.suffix}")
    if variants is None and beside.exists():
        variants = beside
    pages = None
    if noise is not None and noise != OTHER_DOCUMENTS:
        pages = read_pages(Path(noise))
    forms = None
    if variants is not None:
        forms = read_variants(variants, {fact.id for fact in world.facts})
    return Options(
        noise=pages, other_documents=noise == OTHER_DOCUMENTS, variants=forms
    )


def _chosen(rows: list[Corruption], only: list[str] | None) -> list[Corruption]:
    names = [row.name for row in rows]
    for name in only or []:
        if name not in names:
            raise InvalidValue("--only", name, f"one of {', '.join(names)}")
    return [row for row in rows if not only or row.name in only]
