"""The Dockerfile's steps without Docker, and the wheel that they make: it serves from an empty folder."""

from __future__ import annotations

import json
import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import yaml

from tests.api.test_server import WAIT, address

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True, slots=True)
class Step:
    instruction: str
    rest: str


def stages() -> list[list[Step]]:
    """The steps of each stage, each on one line."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    found: list[list[Step]] = []
    for line in text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        instruction, _, rest = line.strip().partition(" ")
        if instruction == "FROM":
            found.append([])
        found[-1].append(Step(instruction, " ".join(rest.split())))
    return found


def copied() -> list[tuple[list[str], str]]:
    """``(sources, destination)`` of what the first stage takes from the project."""
    pairs = []
    for step in stages()[0]:
        if step.instruction == "COPY":
            *sources, destination = shlex.split(step.rest)
            pairs.append((sources, destination))
    return pairs


def only(steps: list[Step], instruction: str) -> str:
    (found,) = [step.rest for step in steps if step.instruction == instruction]
    return found


def compose() -> dict[str, Any]:
    text = (ROOT / "compose.yaml").read_text(encoding="utf-8")
    service: dict[str, Any] = yaml.safe_load(text)["services"]["chuchu"]
    return service


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the wheel installs, built as the Dockerfile builds it, from what it copies and nothing else."""
    src = tmp_path_factory.mktemp("src")
    for sources, destination in copied():
        for source in sources:
            into = src / destination if destination != "./" else src / source
            if (ROOT / source).is_dir():
                shutil.copytree(
                    ROOT / source, into, ignore=shutil.ignore_patterns("__pycache__")
                )
            else:
                shutil.copy(ROOT / source, into)
    (build,) = [step.rest for step in stages()[0] if "pip wheel" in step.rest]
    dist = tmp_path_factory.mktemp("dist")
    command = shlex.split(build.replace("/dist", str(dist)))
    assert command[0] == "pip"
    # Without a network: what builds it is installed beside the tests.
    pip = [sys.executable, "-m", *command, "--no-build-isolation"]
    subprocess.run(pip, cwd=src, check=True, capture_output=True)
    (wheel,) = dist.glob("*.whl")
    target = tmp_path_factory.mktemp("site")
    install = [
        sys.executable,
        "-m",
        "pip",
        "install",
        "--no-deps",
        "--target",
        str(target),
        str(wheel),
    ]
    subprocess.run(install, check=True, capture_output=True)
    return target


def test_what_is_copied_is_there_and_let_in() -> None:
    allowed = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    for sources, _ in copied():
        for source in sources:
            assert (ROOT / source).exists(), source
            assert f"!{source}" in allowed, source


def test_packages_of_the_wheel_are_all_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    packages = project["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
    there = {source for sources, _ in copied() for source in sources}
    assert {
        *packages,
        project["project"]["readme"],
        *project["project"]["license-files"],
    } <= there


def test_the_container_runs_as_nobody_and_says_how_it_is() -> None:
    last = stages()[-1]
    assert only(last, "USER") not in ("root", "0")
    assert f"--uid {only(last, 'USER')} " in " ".join(
        s.rest for s in last if s.instruction == "RUN"
    )
    assert only(last, "VOLUME") == only(last, "WORKDIR") == "/data"
    command = json.loads(only(last, "CMD"))
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))[
        "project"
    ]["scripts"]
    assert command == ["chuchu", "serve"]
    assert command[0] in scripts
    environment = dict(pair.split("=", 1) for pair in shlex.split(only(last, "ENV")))
    assert environment["CHUCHU_HOME"] == "/data"
    assert f":{environment['CHUCHU_PORT']}/health/ready" in only(last, "HEALTHCHECK")


def test_compose_keeps_it_in_its_place() -> None:
    service = compose()
    assert service["read_only"] is True
    assert service["volumes"] == ["data:/data"]
    assert service["ports"] == ["127.0.0.1:8000:8000"]
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["environment"]["CHUCHU_API_KEY"].startswith("${CHUCHU_API_KEY:?"), (
        "it binds 0.0.0.0"
    )


@pytest.mark.slow
def test_the_wheel_serves_from_an_empty_folder(site: Path, tmp_path: Path) -> None:
    script = (site / "bin" / "chuchu").read_text(encoding="utf-8")
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith("CHUCHU_")
    }
    environ = kept | {"PYTHONPATH": str(site), "CHUCHU_PORT": "0"}

    def chuchu(*arguments: str) -> list[str]:
        return [sys.executable, "-P", "-c", script, *arguments]

    served = subprocess.Popen(
        chuchu("serve"), cwd=tmp_path, env=environ,
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8",
    )  # fmt: skip
    try:
        port = address(served)
        assert served.stdout is not None
        assert "chuchu ingest" in served.stdout.readline(), (
            "an empty library says how to fill it"
        )
        probe = json.loads(only(stages()[-1], "HEALTHCHECK").partition("CMD ")[2])
        healthy = [
            sys.executable,
            *[each.replace(":8000/", f":{port}/") for each in probe[1:]],
        ]
        assert subprocess.run(healthy, check=False, env=environ).returncode == 0
        assert httpx.get(f"http://127.0.0.1:{port}/").status_code == 200
        (tmp_path / "note.txt").write_text("河边有四座风车。", encoding="utf-8")
        for arguments in (["ingest", "note.txt"], ["ask", "河边有几座风车？"]):
            done = subprocess.run(
                chuchu(*arguments), cwd=tmp_path, env=environ,
                capture_output=True, text=True, encoding="utf-8", check=False,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr
        assert done.stdout.startswith("四座\n")
        assert (tmp_path / ".chuchu").is_dir()
    finally:
        served.terminate()
        served.communicate(timeout=WAIT)
