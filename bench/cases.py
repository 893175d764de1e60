"""Asks a folder of cases, all in one process: ``python -m bench.cases FOLDER [--without context]``.

A case is a folder with ``files/`` and ``facts.jsonl``; its questions are scored by the folder's own
``score.py``, so that the figures are those that it prints for ``chuchu serve``, without a server a case.
``--without`` switches one thing off, to see what it brings:

- ``context``: passages are searched and read without title, headings, list stem and column heads
- ``tables``: a row is read as it stands, without its heads and caption
- ``kinds``: only .txt, .md, .html, .docx, .pdf and .jsonl are read
- ``order``: every text that shows any sign of a newspaper page is taken apart as one
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import re
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import rag.contexts
import rag.pages
import rag.passages
from api.schemas.answers import Answer
from rag.library import Library, Question
from rag.loading import Models
from rag.records import Passage
from rag.settings import Settings
from rag.sources import files
from rag.store.places import Place

FEW_KINDS = (".txt", ".md", ".html", ".htm", ".docx", ".pdf", ".jsonl")
MOST_QUOTE = 300.0
Row = dict[str, Any]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    parser.add_argument("--without", choices=sorted(SWITCHES))
    parser.add_argument("--only", help="case numbers or names, with commas")
    parser.add_argument(
        "--misses", action="store_true", help="print each row that is not right"
    )
    parser.add_argument(
        "--out", type=Path, help="write each row, its outcome and answer here, as JSONL"
    )
    options = parser.parse_args()
    scorer = _module(options.folder / "score.py")
    if options.without:
        SWITCHES[options.without]()
    models = Models.of(Settings())
    total: Counter[str] = Counter()
    written = options.out.open("w", encoding="utf-8") if options.out else None
    for case in scorer.chosen(options.folder, options.only):
        count: Counter[str] = Counter()
        for row, answer in _asked(case, scorer.rows_of(case), models):
            outcome, why = scorer.score(row, answer, MOST_QUOTE)
            count[outcome] += 1
            if options.misses and outcome not in (scorer.RIGHT, scorer.REFUSED):
                print(
                    f"  {outcome}: {row['id']} {row['question']} -> {answer.get('short_answer')!r} {why}"
                )
            if written:
                line = {
                    "id": row["id"],
                    "outcome": outcome,
                    "why": why,
                    "answer": answer,
                }
                written.write(json.dumps(line, ensure_ascii=False) + "\n")
        total += count
        print(f"{case.name:28} {dict(count)}", flush=True)
    _print_ratios(scorer, total)


def _print_ratios(scorer: ModuleType, total: Counter[str]) -> None:
    """Two lines: of what the files say, and of what they do not."""
    there = (scorer.RIGHT, scorer.HALF, scorer.WRONG, scorer.MISSED)
    absent = (scorer.REFUSED, scorer.INVENTED)
    for outcomes in (there, absent):
        number = sum(total[outcome] for outcome in outcomes)
        ratios = []
        for outcome in outcomes:
            ratios.append(f"{outcome} {total[outcome] / max(number, 1):.3f}")
        print(f"{', '.join(ratios)} (n = {number})")


def _asked(
    case: Path, rows: Sequence[Row], models: Models
) -> Iterator[tuple[Row, Row]]:
    """Each question of a case with its answer as JSON would hold it, after the steps that the case takes."""
    base, plan = case / "files", case / "steps.json"
    steps: list[Row] = [{"ingest": None}, {"ask": None}]
    if plan.is_file():
        steps = json.loads(plan.read_text(encoding="utf-8"))
    with (
        tempfile.TemporaryDirectory() as folder,
        _opened(Path(folder), models) as library,
    ):
        for step in steps:
            if "ingest" in step:
                names = step["ingest"]
                every = sorted(path for path in base.rglob("*") if path.is_file())
                given = every if names is None else [base / name for name in names]
                list(
                    library.ingest([_laid(path, base, Path(folder)) for path in given])
                )
            elif "delete" in step:
                library.leave(Place.of_path(Path(folder, "work", step["delete"])))
            else:
                for row in rows:
                    if step["ask"] is None or row["id"] in step["ask"]:
                        yield row, _answer(library, row)


def _laid(path: Path, base: Path, folder: Path) -> Path:
    """The file copied where a person keeps it: v1/rules.md and v2/rules.md both as rules.md."""
    name = str(path.relative_to(base))
    if re.fullmatch(r"v\d+", path.parent.name):
        name = path.name
    target = folder / "work" / name
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(path, target)
    return target


def _opened(folder: Path, models: Models) -> Library:
    """A library of its own over models that are loaded once."""
    again = models.again()
    opened = Models.of
    Models.of = lambda _: again  # type: ignore[method-assign,assignment]
    try:
        return Library.open(Settings(home=folder / "home"), deep="at once")
    finally:
        Models.of = opened  # type: ignore[method-assign]


def _answer(library: Library, row: Row) -> Row:
    """The answer as HTTP gives it."""
    question = Question(row["question"], history=tuple(row.get("history") or ()))
    return Answer.of(library.ask(question)).model_dump(mode="json")


def _module(path: Path) -> ModuleType:
    spec = importlib.util.spec_from_file_location("score", path)
    if spec is None or spec.loader is None or not path.is_file():
        raise SystemExit(f"{path}: expected a scorer with rows_of, chosen and score")
    module = importlib.util.module_from_spec(spec)
    sys.modules["score"] = module
    spec.loader.exec_module(module)
    return module


# what can be switched off


def _without_context() -> None:
    rag.contexts.path_to = lambda _title, _context: ""


def _without_tables() -> None:
    readable = rag.contexts.readable

    @cache
    def plain(title: str, passage: Passage) -> rag.contexts.Readable:
        bare = replace(passage.context, cells=(), caption=None)
        return readable(title, replace(passage, context=bare))

    _everywhere("readable", plain)


def _without_kinds() -> None:
    for suffix in set(files.FORMATS) - set(FEW_KINDS):
        del files.FORMATS[suffix]


def _without_order() -> None:
    rag.pages._judge = lambda _texts: 1.0


def _everywhere(name: str, new: Callable[..., Any]) -> None:
    """Put a function in place of another in every module of ours that imported it."""
    old = getattr(rag.contexts, name)
    for key, module in list(sys.modules.items()):
        if key.startswith("rag") and getattr(module, name, None) is old:
            setattr(module, name, new)


SWITCHES: dict[str, Callable[[], None]] = {
    "context": _without_context,
    "tables": _without_tables,
    "kinds": _without_kinds,
    "order": _without_order,
}


if __name__ == "__main__":
    main()
