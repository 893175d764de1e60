"""``chuchu eval …``: every command, by name. Each lives in its own module of ``eval.commands``.

Exit code 0: every gate reached and no regression; 1: a gate missed, a regression, or a failure; 2: bad use.
"""

from __future__ import annotations

import typer

from eval.commands.adapt import adapt
from eval.commands.baseline import baseline
from eval.commands.citations import citations
from eval.commands.compare import compare
from eval.commands.draft import draft, review
from eval.commands.evidence import evidence
from eval.commands.facts import facts
from eval.commands.golden import golden
from eval.commands.pages import pages
from eval.commands.reading import reading
from eval.commands.retrieval import retrieval
from eval.commands.robustness import robustness

app = typer.Typer(no_args_is_help=True, help="Measure how good it is.")

for command in (
    facts,
    retrieval,
    reading,
    evidence,
    compare,
    baseline,
    robustness,
    adapt,
    citations,
    pages,
    draft,
    review,
    golden,
):
    app.command()(command)
