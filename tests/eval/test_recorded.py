"""Answers kept from run to run: the same answers, asked once; nothing stale."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from eval.corpora import Text, source_of
from eval.harness import library_of, run_facts
from eval.provenance import files_of, key_of, provenance, texts_of
from eval.recorded import KEPT, Memory, Recorded, recorded
from rag.errors import InvalidValue
from rag.library import Library, Question
from rag.settings import Settings
from tests.scripted_library import fact

ASKED = Question("小镇图书馆什么时候重新开放？")
MADE = {"code": "1"}


class Opener:
    """Opens the toy library and counts how often."""

    def __init__(self, folder: Path | None) -> None:
        self.folder, self.times = folder, 0

    @contextmanager
    def __call__(self) -> Iterator[Library]:
        self.times += 1
        with library_of(self.folder) as library:
            yield library


@pytest.fixture
def opener(toy_folder: Path) -> Opener:
    return Opener(toy_folder)


def test_what_is_kept_is_what_was_said(
    opener: Opener, tmp_path: Path, toy_folder: Path
) -> None:
    with recorded(opener, MADE, tmp_path) as library:
        first = library.ask(ASKED)
        hits = library.search(ASKED)
        documents = library.documents()
        source = library.source(first.citations[0].source_sha256)
        versions = library.versions
    with recorded(opener, MADE, tmp_path) as library:
        assert library.knows(ASKED)
        assert library.ask(ASKED) == first
        assert library.search(ASKED) == hits
        assert library.documents() == documents
        assert library.documents(after=documents[0].id, limit=1) == [documents[1]]
        assert library.source(source.sha256) == source
        assert library.versions == versions
    assert opener.times == 1
    with library_of(toy_folder) as plain:
        again = plain.ask(ASKED)
        same = {"id": first.id, "timings_ms": first.timings_ms}
        assert replace(again, **same) == first, "the record is the library's own answer"  # type: ignore[arg-type]


def test_a_question_not_known_opens_the_library(opener: Opener, tmp_path: Path) -> None:
    for top_k in (5, 5, 3):
        with recorded(opener, MADE, tmp_path) as library:
            assert len(library.ask(replace(ASKED, top_k=top_k)).hits) <= top_k
    assert opener.times == 2


def test_without_a_folder_nothing_is_kept(opener: Opener) -> None:
    for _ in range(2):
        with recorded(opener, MADE, None) as library:
            library.ask(ASKED)
            library.ask(ASKED)
    assert opener.times == 2


def test_another_make_is_another_file(opener: Opener, tmp_path: Path) -> None:
    for made in (MADE, {"code": "2"}):
        with recorded(opener, made, tmp_path) as library:
            library.ask(ASKED)
    assert opener.times == 2
    assert len(list(tmp_path.glob("*.jsonl"))) == 2


def test_an_error_is_asked_again(opener: Opener, tmp_path: Path) -> None:
    for _ in range(2):
        with recorded(opener, MADE, tmp_path) as library, pytest.raises(InvalidValue):
            library.ask(Question(" "))
    assert opener.times == 2


def test_known_sources_are_taken_in_when_the_library_is_opened_later(
    tmp_path: Path,
) -> None:
    opener = Opener(None)
    source = source_of("toy.txt", [Text("a", "果园", "河湾果园今年收获苹果320吨。")])
    with recorded(opener, MADE, tmp_path) as library:
        done = library.ingest_source(source)
    with recorded(opener, MADE, tmp_path) as library:
        assert library.ingest_source(source) == done
        assert opener.times == 1
        answer = library.ask(Question("河湾果园收获苹果多少吨？"))
        assert answer.citations[0].document_id == done.documents[0].id
    assert opener.times == 2


def test_a_file_cut_while_it_was_written_keeps_what_is_whole(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    memory = Memory(path)
    memory["甲\u2028"] = "一\u2028二"
    memory["乙"] = [1]
    path.write_bytes(path.read_bytes()[:-3])
    again = Memory(path)
    assert "乙" not in again and again["甲\u2028"] == "一\u2028二"
    again["丙"] = 3
    assert Memory(path)["丙"] == 3


def test_old_files_go(tmp_path: Path) -> None:
    for number in range(KEPT + 2):
        path = tmp_path / f"{number}.jsonl"
        path.touch()
        os.utime(path, (number, number))

    def never() -> Iterator[Library]:
        raise AssertionError

    with recorded(never, MADE, tmp_path):  # type: ignore[arg-type]
        pass
    left = {path.stem for path in tmp_path.glob("*.jsonl")}
    assert len(left) == KEPT
    assert {"0", "1", "2"}.isdisjoint(left), (
        "the oldest went, and one more for the new one"
    )


def test_the_second_run_scores_the_same(opener: Opener, tmp_path: Path) -> None:
    facts = [fact(ASKED.text, "3月5日"), fact("图书馆的屋顶是什么颜色？", kind="none")]
    runs = []
    for _ in range(2):
        with recorded(opener, MADE, tmp_path) as library:
            runs.append(run_facts(library, facts, dataset="toy", provenance=MADE))
    assert opener.times == 1
    assert json.dumps(runs[0].to_json()) == json.dumps(runs[1].to_json())


# what the key covers


@pytest.fixture
def key(tmp_path: Path) -> Callable[..., str]:
    (tmp_path / "a.txt").write_text("甲", encoding="utf-8")

    def made(**settings: object) -> str:
        return key_of(provenance(Settings(**settings), files_of(tmp_path)))  # type: ignore[arg-type]

    return made


def test_the_key_is_the_same_for_the_same(key: Callable[..., str]) -> None:
    assert key() == key(home=Path("elsewhere"), port=1, api_key="secret")


def test_the_key_changes_with_settings_and_corpus(
    key: Callable[..., str], tmp_path: Path
) -> None:
    first = key()
    assert key(max_top_k=10) != first
    (tmp_path / "a.txt").write_text("乙", encoding="utf-8")
    second = key()
    assert second != first
    (tmp_path / "a.txt").rename(tmp_path / "b.txt")
    assert key() not in {first, second}


def test_the_key_changes_with_the_weights(
    key: Callable[..., str], tmp_path: Path
) -> None:
    folder = tmp_path / "encoder"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"1")
    first = key(encoder=str(folder))
    (folder / "model.safetensors").write_bytes(b"2")
    assert key(encoder=str(folder)) != first


def test_the_key_changes_with_the_code(
    key: Callable[..., str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = tmp_path / ".root"  # hidden: no part of the corpus that the key counts, too
    for name in (
        "rag/a.py",
        "models/weights/b.json",
        "models/training/c.py",
        "eval/corpora.py",
        "eval/d.py",
    ):
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).touch()
    monkeypatch.setattr("eval.provenance.ROOT", root)
    first = key()
    for name in ("models/training/c.py", "eval/d.py"):
        (root / name).write_text("1", encoding="utf-8")
    assert key() == first, "neither training nor a metric changes an answer"
    (root / "rag" / "a.py").write_text("1", encoding="utf-8")
    assert key() != first


def test_no_secret_is_told() -> None:
    made = provenance(
        Settings(api_key="hush"), texts_of("toy", [Text("a", "题", "文")])
    )
    assert "hush" not in json.dumps(made)
    assert made["config"]["encoder"] == "chuchu-encoder"
    assert {"chuchu-static", "chuchu-encoder", "chuchu-reader"} <= made["models"].keys()
    assert (
        texts_of("toy", [Text("a", "题文", "")])["sha256"] != made["corpus"]["sha256"]
    )


def test_a_recorded_library_is_what_run_facts_asks_for(opener: Opener) -> None:
    library = Recorded(opener, MADE, Memory(None))
    assert not library.knows(ASKED)
    library.ask(ASKED)
    assert library.knows(ASKED)
    library.close()
