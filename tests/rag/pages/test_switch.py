from __future__ import annotations

from pathlib import Path

import pytest

from rag import sources
from rag.errors import SettingsError
from rag.library import Library
from rag.pages import recover
from rag.settings import Settings, load_settings
from tests.conftest import ROOT


def test_a_page_is_read_in_the_order_it_stands_when_that_is_wanted(
    tmp_path: Path,
) -> None:
    (path,) = (ROOT / "seeds").glob("*.txt")
    source = sources.read_path(path)
    (plain,) = recover(source, repair=False)
    assert [at for _, _, at in plain.map] == sorted(at for _, _, at in plain.map)
    assert len(recover(source)) > 1
    with Library.open(
        Settings(home=tmp_path, encoder="quick", pages="plain")
    ) as library:
        assert len(library.ingest_source(source).documents) == 1


def test_how_pages_are_read_is_one_of_two() -> None:
    assert load_settings({"CHUCHU_PAGES": "plain"}).pages == "plain"
    with pytest.raises(SettingsError, match="repair or plain"):
        load_settings({"CHUCHU_PAGES": "both"})
