"""What is wrong with a data folder is one sentence that names it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rag.errors import StoreError
from rag.library import Library
from rag.settings import Settings


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with Library.open(Settings(home=tmp_path / "home", encoder="quick")):
        pass
    return tmp_path / "home"


@pytest.mark.parametrize("name", ["lock", "indexes", "chuchu.db"])
def test_a_file_of_the_wrong_type_is_named(home: Path, name: str) -> None:
    path = home / name
    for each in sorted(path.rglob("*"), reverse=True) if path.is_dir() else ():
        each.unlink()
    if path.is_dir():
        path.rmdir()
        path.write_text("a file")
    else:
        path.unlink()
        path.mkdir()
    with pytest.raises(StoreError) as caught:
        Library.open(Settings(home=home, encoder="quick"))
    assert "\n" not in str(caught.value)
    assert name in str(caught.value) or "database" in str(caught.value)


def test_a_home_that_is_a_file_is_named(tmp_path: Path) -> None:
    (tmp_path / "home").write_text("a file")
    with pytest.raises(StoreError, match="home cannot be made"):
        Library.open(Settings(home=tmp_path / "home", encoder="quick"))
