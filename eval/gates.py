"""Gates: the least (or most) that a metric may be for a run to pass."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.catalogue import METRICS
from eval.results import Results
from rag.errors import InvalidValue

GATES = Path(__file__).with_name("gates.toml")
_PARTS = ("kind", "lang")


@dataclass(frozen=True, slots=True)
class Gate:
    """``minimum <= metric <= maximum``, over all cases or over those whose ``part`` has the ``value``."""

    metric: str
    minimum: float
    maximum: float
    part: str | None = None
    value: str | None = None


def read_gates(path: Path, kind: str) -> list[Gate]:
    """The gates for a kind of evaluation (``facts``, ``retrieval``, ``reading``); none when it has no table.

    Raises:
        InvalidValue: the file is not TOML, or a gate names an unknown metric or no bound in 0..1.
    """
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise InvalidValue("gates", str(path), f"a TOML file ({error})") from error
    return list(_gates(f"{path.name} [{kind}]", tables.get(kind, {})))


def missed(results: Results, gates: list[Gate]) -> list[str]:
    """A sentence for each gate that was missed. A metric that no case has (no unanswerable question, say)
    is not a miss."""
    sentences = []
    for gate in gates:
        metrics = (
            results.by.get(gate.part, {}).get(gate.value or "", {})
            if gate.part
            else results.metrics
        )
        metric = metrics.get(gate.metric)
        # no question without an answer: no refused_right, and nothing that could have been missed
        if metric is None or gate.minimum <= metric.value <= gate.maximum:
            continue
        where = f" of {gate.part} {gate.value}" if gate.part else ""
        low = metric.value < gate.minimum
        bound = f"at least {gate.minimum:g}" if low else f"at most {gate.maximum:g}"
        sentences.append(
            f"{gate.metric}{where} is {metric.value:.3f} (n={metric.n}), the gate is {bound}."
        )
    return sentences


def _gates(
    where: str, table: Any, part: str | None = None, value: str | None = None
) -> Iterator[Gate]:
    if not isinstance(table, dict):
        raise InvalidValue(where, table, "a table of gates")
    for name, bounds in table.items():
        # [facts.kind.yesno] within [facts]: gates for a part of the cases
        if part is None and name in _PARTS:
            for each, inner in bounds.items():
                yield from _gates(f"{where} {name}.{each}", inner, name, each)
            continue
        # a name misspelt would be a gate that never fails
        if name not in METRICS:
            raise InvalidValue(
                f"{where} {name}", bounds, f"one of the metrics {', '.join(METRICS)}"
            )
        if (
            not isinstance(bounds, dict)
            or not bounds
            or not bounds.keys() <= {"min", "max"}
        ):
            raise InvalidValue(
                f"{where} {name}", bounds, "{ min = … }, { max = … } or both"
            )
        if not all(
            isinstance(each, int | float) and 0 <= each <= 1 for each in bounds.values()
        ):
            raise InvalidValue(f"{where} {name}", bounds, "bounds from 0 to 1")
        yield Gate(name, bounds.get("min", 0.0), bounds.get("max", 1.0), part, value)
