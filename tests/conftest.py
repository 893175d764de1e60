"""A toy corpus, a library over it and one over the seed page, shared by the tests."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from rag.library import Ingested, Library
from rag.settings import Settings
from tests.toys import TOY

ROOT = Path(__file__).resolve().parent.parent

# How long an example takes says how busy the machine is; speed is measured in bench.
settings.register_profile("chuchu", deadline=None)
settings.load_profile("chuchu")


@pytest.fixture(scope="session")
def toy_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("toy")
    for name, text in TOY.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


@pytest.fixture
def library(tmp_path: Path, toy_folder: Path) -> Iterator[Library]:
    """A fresh library over the toy corpus."""
    with Library.open(Settings(home=tmp_path / "home", encoder="quick")) as opened:
        assert all(isinstance(done, Ingested) for done in opened.ingest([toy_folder]))
        yield opened


@pytest.fixture(scope="session")
def seed_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """The seed page; not to be changed by a test."""
    home = tmp_path_factory.mktemp("seeds")
    with Library.open(Settings(home=home, encoder="quick")) as opened:
        assert all(
            isinstance(done, Ingested) for done in opened.ingest([ROOT / "seeds"])
        )
        yield opened


@pytest.fixture
def empty_library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(Settings(home=tmp_path / "empty", encoder="quick")) as opened:
        yield opened
