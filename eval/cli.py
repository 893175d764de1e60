"""``chuchu eval facts|retrieval|reading``: measure, write ``results.json`` and ``report.html``, pass or fail.

Exit code 0: every gate reached and no regression; 1: a gate missed, a regression, or a failure; 2: bad use.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from eval.compare import Comparison, Flip, compare
from eval.facts import read_facts
from eval.gates import GATES, Gate, missed, read_gates
from eval.harness import library_of, run_facts
from eval.page import render
from eval.progress import track
from eval.reading import read_squad, run_reading
from eval.report import print_comparison, print_misses, print_results
from eval.results import Results, read_results
from eval.retrieval import read_beir, run_retrieval
from rag.errors import ChuchuError, InvalidValue

OUT: Final = Path("eval/out")

app = typer.Typer(no_args_is_help=True, help="Measure how good it is.")

Corpus = Annotated[
    Path | None,
    typer.Option(help="Documents to ask; by default the folder named like FILE (seeds.jsonl: seeds/)."),
]
Out = Annotated[
    Path | None, typer.Option(help="Folder for results.json and report.html; default eval/out/<kind>-<name>.")
]
Baseline = Annotated[Path | None, typer.Option(help="results.json of an earlier run; a regression fails.")]
Gates = Annotated[Path, typer.Option(help="TOML file of gates.")]
Json = Annotated[bool, typer.Option("--json", help="Print results.json instead of tables.")]


@app.command()
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
        with library_of(corpus or _corpus_of(file)) as library:
            return run_facts(library, track(asked, "asking"), dataset=file.stem)

    _measure("facts", run, out=out, baseline=baseline, gates=gates, as_json=as_json)


@app.command()
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

    _measure("retrieval", run, out=out, baseline=baseline, gates=gates, as_json=as_json)


@app.command()
def reading(
    file: Annotated[Path, typer.Argument(help="SQuAD-style JSON.")],
    limit: Annotated[int, typer.Option(help="Ask only the first so many questions; 0 asks all.", min=0)] = 0,
    out: Out = None,
    baseline: Baseline = None,
    gates: Gates = GATES,
    as_json: Json = False,
) -> None:
    """Ask each question of its own passage: exact match and F1 the CMRC way."""

    def run() -> Results:
        passages, asked = read_squad(file)
        asked = asked[: limit or None]
        needed = {each.passage for each in asked}
        with library_of() as library:
            return run_reading(library, [p for p in passages if p.id in needed], asked, dataset=file.stem)

    _measure("reading", run, out=out, baseline=baseline, gates=gates, as_json=as_json)


def _measure(
    kind: str,
    run: Callable[[], Results],
    *,
    out: Path | None,
    baseline: Path | None,
    gates: Path,
    as_json: bool,
) -> None:
    """Check what is given before the long work; run; write; print; exit with what it came to."""
    errors = Console(stderr=True)
    try:
        wanted = read_gates(gates, kind)
        before = read_results(baseline) if baseline else None
        results = run()
        passed = _tell(results, out, before, wanted, as_json)
    except InvalidValue as error:
        errors.print(str(error), style="red", markup=False, highlight=False)
        raise typer.Exit(2) from error
    except ChuchuError as error:
        errors.print(str(error), style="red", markup=False, highlight=False)
        raise typer.Exit(1) from error
    if not passed:
        raise typer.Exit(1)


def _tell(
    results: Results, out: Path | None, before: Results | None, gates: list[Gate], as_json: bool
) -> bool:
    """Write and print the results; True when they pass."""
    comparisons: list[Comparison] = []
    flips: list[Flip] = []
    if before:
        comparisons, flips = compare(before, results)
    sentences = missed(results, gates)
    sentences += [f"A regression: {each}." for each in comparisons if each.verdict == "worse"]
    folder = out or OUT / f"{results.kind}-{results.dataset}"
    results.write(folder / "results.json")
    page = render(results, misses=sentences, comparisons=comparisons, flips=flips)
    (folder / "report.html").write_text(page, encoding="utf-8")
    errors = Console(stderr=True)
    if as_json:
        sys.stdout.write(json.dumps(results.to_json(), ensure_ascii=False) + "\n")
    else:
        console = Console()
        print_results(results, console)
        print_misses(results, console)
        if before:
            print_comparison(comparisons, flips, console)
        console.print(f"written: {folder / 'results.json'}, {folder / 'report.html'}", highlight=False)
    for sentence in sentences:
        errors.print(sentence, style="red", markup=False, highlight=False)
    return not sentences


def _corpus_of(file: Path) -> Path:
    """The folder that is named like the facts file, here or beside the packages."""
    for base in (Path(), Path(__file__).resolve().parents[1]):
        if (base / file.stem).is_dir():
            return base / file.stem
    raise InvalidValue("--corpus", None, f"the documents to ask: there is no folder {file.stem}/")
