"""A regression planted in the library is caught by the gate, end to end; a rerun unchanged is noise."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import Result
from safetensors.numpy import load_file, save_file
from typer.testing import CliRunner

from eval.cli import app
from eval.compare import compare
from eval.results import read_results
from models.folders import WEIGHTS
from models.reader import ContextAndText, PassageReader, PassageReading
from rag.answering import Thresholds
from rag.answering.citing import cite
from rag.records import Citation

ROOT = Path(__file__).resolve().parent.parent
EVERY = 3
"""Every third fact of the seed page is asked: enough for what is planted to show."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module", autouse=True)
def _quick() -> Iterator[None]:
    """The static encoder, at which the random one of a test is aimed; the reader is the one that serves.

    What it read is remembered from run to run: what is planted lies before it, behind it and beside it.
    """
    read = PassageReader.read
    remembered: dict[tuple[str, ContextAndText], PassageReading] = {}

    def read_once(
        reader: PassageReader, question: str, passages: Sequence[ContextAndText]
    ) -> list[PassageReading]:
        new = [each for each in passages if (question, each) not in remembered]
        for each, reading in zip(new, read(reader, question, new), strict=True):
            remembered[question, each] = reading
        return [remembered[question, each] for each in passages]

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CHUCHU_ENCODER", "quick")
        patch.setattr(PassageReader, "read", read_once)
        yield


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("planted")
    facts = (
        (ROOT / "eval" / "facts" / "seeds.jsonl")
        .read_text(encoding="utf-8")
        .splitlines()
    )
    (folder / "facts.jsonl").write_text("\n".join(facts[::EVERY]), encoding="utf-8")
    (folder / "gates.toml").touch()
    assert measure(folder, "before", "--cache", str(folder / "cache")).exit_code == 0
    return folder


def measure(folder: Path, out: str, *options: str) -> Result:
    command = ["facts", str(folder / "facts.jsonl"), "--corpus", str(ROOT / "seeds")]
    where = ["--out", str(folder / out), "--gates", str(folder / "gates.toml")]
    return CliRunner().invoke(app, [*command, *where, *options])


def measure_again(folder: Path, *options: str) -> tuple[Result, list[str]]:
    """The command's end, and the metrics that it calls worse."""
    baseline = folder / "before" / "results.json"
    result = measure(
        folder, "after", "--baseline", str(baseline), *(options or ("--no-cache",))
    )
    compared = compare(
        read_results(baseline), read_results(folder / "after" / "results.json")
    )
    worse = [each.metric for each in compared.regressions]
    assert all(f"A regression: {name}" in result.stderr for name in worse)
    return result, worse


def test_a_rerun_without_a_change_is_noise(folder: Path) -> None:
    result, worse = measure_again(folder)
    assert (result.exit_code, worse) == (0, [])
    again = CliRunner().invoke(
        app,
        [
            "compare",
            str(folder / "before"),
            str(folder / "after"),
            "--json",
            "--out",
            str(folder / "page"),
        ],
    )
    assert again.exit_code == 0
    found = json.loads(again.stdout)
    assert {each["verdict"] for each in found["metrics"]} == {"noise"}
    assert found["flips"] == found["differs"] == []


@pytest.mark.parametrize(
    ("shift", "told"), [(4.0, "refused_wrong"), (-8.0, "refused_right")]
)
def test_a_worse_threshold_is_caught(
    folder: Path, monkeypatch: pytest.MonkeyPatch, shift: float, told: str
) -> None:
    load: Callable[[type[Thresholds], Path], Thresholds] = Thresholds.load.__func__  # type: ignore[attr-defined]

    def worse(cls: type[Thresholds], path: Path) -> Thresholds:
        found = load(cls, path)
        return replace(
            found,
            answer={
                language: least + shift for language, least in found.answer.items()
            },
        )

    monkeypatch.setattr(Thresholds, "load", classmethod(worse))
    result, metrics = measure_again(folder)
    assert result.exit_code == 1
    assert told in metrics


def test_a_random_encoder_is_caught_though_answers_are_cached(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = tmp_path / "random"
    shutil.copytree(WEIGHTS / "chuchu-static", encoder)
    weights = load_file(encoder / "model.safetensors")
    random = np.random.default_rng(0)
    save_file(
        {
            name: random.normal(size=array.shape).astype(array.dtype)
            for name, array in weights.items()
        },
        encoder / "model.safetensors",
    )
    monkeypatch.setenv("CHUCHU_ENCODER", str(encoder))
    result, metrics = measure_again(folder, "--cache", str(folder / "cache"))
    assert result.exit_code == 1
    assert "dense_mrr@10" in metrics


def off_by_one(*arguments: Any, **named: Any) -> Citation:
    right = cite(*arguments, **named)
    return replace(right, start=right.start + 1, end=right.end + 1)


def test_an_off_by_one_that_the_library_withholds_is_caught(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.answering.deciding.cite", off_by_one)
    result, metrics = measure_again(folder)
    assert result.exit_code == 1
    assert {"answer_right", "broken_citations"} <= set(metrics)
    assert read_results(folder / "after" / "results.json").blame["all"]["failed"] > 50


def test_an_off_by_one_that_slips_past_the_library_is_caught(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("rag.answering.deciding.cite", off_by_one)
    monkeypatch.setattr("rag.answering.deciding.check_printed", lambda *_: None)
    result, metrics = measure_again(folder)
    assert result.exit_code == 1
    assert metrics == ["broken_citations"], (
        "the answers themselves are as right as before"
    )


def test_what_is_cached_is_not_asked_again(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        "eval.commands.facts.library_of",
        lambda _: pytest.fail("the library was opened"),
    )
    result, worse = measure_again(folder, "--cache", str(folder / "cache"))
    assert (result.exit_code, worse) == (0, [])


def test_a_run_is_kept_as_the_baseline_and_renewed(
    folder: Path, tmp_path: Path
) -> None:
    kept = tmp_path / "baselines" / "facts.json"
    for _ in range(2):
        ran = CliRunner().invoke(app, ["baseline", str(folder / "before"), str(kept)])
        assert ran.exit_code == 0
    assert "metrics did not move" in ran.stdout
    assert kept.stat().st_size < (folder / "before" / "results.json").stat().st_size / 4
    result = measure(
        folder, "after", "--cache", str(folder / "cache"), "--baseline", str(kept)
    )
    assert result.exit_code == 0
