"""What git tracks is enough: a clone answers from the seed page with nothing else beside it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.slow
def test_a_fresh_clone_answers(tmp_path: Path) -> None:
    clone = tmp_path / "chuchu"
    subprocess.run(
        ["git", "clone", "--quiet", str(ROOT), str(clone)],
        check=True,
        capture_output=True,
    )
    kept = {
        key: value for key, value in os.environ.items() if not key.startswith("CHUCHU_")
    }

    def chuchu(*arguments: str) -> str:
        done = subprocess.run(
            [sys.executable, "-P", "-m", "rag.cli.main", *arguments],
            cwd=clone, env=kept | {"PYTHONPATH": str(clone)},
            capture_output=True, text=True, encoding="utf-8", check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return done.stdout

    assert json.loads(chuchu("ingest", "seeds", "--json"))["documents"] == 7
    answer = json.loads(chuchu("ask", "全国有多少家国家级知识产权保护中心？", "--json"))
    assert answer["short_answer"] == "74家"
    assert (clone / ".chuchu").is_dir()
    help_text = subprocess.run(
        ["make", "help"], cwd=clone, check=True, capture_output=True, text=True
    ).stdout
    assert "serve" in help_text and "test" in help_text
