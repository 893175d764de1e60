"""``chuchu eval citations FILE``: ALCE's citation precision and recall, of outputs in ALCE's format."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from eval.adapters.alce import outputs
from eval.adapters.running import score_outputs
from eval.commands.measuring import measure
from eval.commands.options import Baseline, Gates, Json, Out
from eval.gates import GATES


def citations(
    file: Annotated[
        Path,
        typer.Argument(help='ALCE output: {"data": [{"question", "output", "docs"}]}.'),
    ],
    out: Out = None,
    baseline: Baseline = None,
    gates: Gates = GATES,
    as_json: Json = False,
) -> None:
    """Score citations [1][2] as ALCE does, with our verdict of support in place of its entailment model."""
    measure(
        "citations",
        lambda: score_outputs(outputs(file), dataset=file.stem),
        out=out,
        baseline=baseline,
        gates=gates,
        as_json=as_json,
    )
