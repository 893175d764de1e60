"""The house stands: imports point one way, the wheel is whole, the docs name what exists."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest

from docs.draw_house import BEGIN, END, cycles, picture, reduced, rooms
from rag.version import VERSION

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("models", "rag", "api", "eval")
MAY_IMPORT = {
    "models": {"models"},
    "rag": {"models", "rag"},
    "api": {"models", "rag", "api"},
    "eval": {"models", "rag", "eval"},
}
COMMAND_LINE = "rag/cli/*.py"
"""Stands on top: it alone may reach up from ``rag``, and nobody imports it."""


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names & set(PACKAGES)


def test_dependencies_point_one_way() -> None:
    wrong = [
        f"{path.relative_to(ROOT)} imports {name}"
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if not path.relative_to(ROOT).match(COMMAND_LINE)
        for name in imported(path) - MAY_IMPORT[package]
    ]
    assert wrong == []


def test_the_command_line_is_imported_by_nothing() -> None:
    wrong = [
        str(path.relative_to(ROOT))
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if not path.relative_to(ROOT).match(COMMAND_LINE)
        and re.search(
            r"^\s*(?:from|import) rag\.cli", path.read_text(encoding="utf-8"), re.M
        )
    ]
    assert wrong == []


def test_the_version_is_the_projects() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]
    assert project["version"] == VERSION


def test_no_module_is_longer_than_a_newcomer_will_read() -> None:
    long = {
        str(path.relative_to(ROOT)): n
        for package in PACKAGES
        for path in (ROOT / package).rglob("*.py")
        if (n := len(path.read_text(encoding="utf-8").splitlines())) > 400
    }
    assert long == {}


def test_weights_are_within_their_limit_and_without_pickles() -> None:
    files = [
        path for path in (ROOT / "models" / "weights").rglob("*") if path.is_file()
    ]
    assert sum(path.stat().st_size for path in files) <= 120_000_000
    assert {path.suffix for path in files} <= {".safetensors", ".json", ".md", ".txt"}


@pytest.mark.slow
def test_the_wheel_holds_weights_and_page(tmp_path: Path) -> None:
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)],
        cwd=ROOT, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = tmp_path.glob("*.whl")
    names = zipfile.ZipFile(wheel).namelist()
    weights = [
        p.relative_to(ROOT).as_posix()
        for p in (ROOT / "models/weights").rglob("*.safetensors")
    ]
    assert weights
    assert set(weights) <= set(names)
    assert {
        "api/web/index.html",
        "rag/py.typed",
        "eval/gates.toml",
        "eval/facts/seeds.jsonl",
    } <= set(names)
    assert not [name for name in names if name.startswith(("tests/", "bench/"))]
    of_training = [name for name in names if name.startswith("models/training/")]
    assert {Path(name).suffix for name in of_training} <= {".py", ".txt"}


def test_the_readme_names_commands_that_exist() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    targets = set(
        re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)
    )
    named = set(re.findall(r"(?:^\$ |`)make ([a-z]+)", readme, re.M))
    assert {"serve", "test"} <= named <= targets


def test_no_room_imports_one_that_imports_it() -> None:
    assert cycles(rooms()) == []


def test_a_cycle_would_be_seen() -> None:
    drawn = {
        "store": {"home"},
        "home": {"indexes"},
        "indexes": {"store"},
        "api": {"store"},
    }
    assert cycles(drawn) == ["home", "indexes", "store"]
    assert reduced({"api": {"rag", "store"}, "rag": {"store"}})["api"] == {"rag"}


def test_the_picture_of_the_house_is_as_its_imports_draw_it() -> None:
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    assert BEGIN + picture(rooms()) + END in contributing, (
        "draw it anew: python docs/draw_house.py --write"
    )


def test_contributing_names_files_that_are_there() -> None:
    """Paths in backticks, and what stands at the left of the list of rooms."""
    contributing = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    paths = r"`((?:rag|models|api|eval|tests|docs|bench)/[\w/.]+)`"
    named = set(re.findall(paths, contributing))
    package = ""
    for line in contributing.splitlines():
        if started := re.match(r"(rag|models|api|eval|bench|tests|docs)/  ", line):
            package = started[1]
        elif package and (found := re.match(r"  ([a-z_]+(?:\.py|/))  ", line)):
            named.add(f"{package}/{found[1]}")
    assert len(named) > 40
    assert [path for path in sorted(named) if not (ROOT / path).exists()] == []
