"""Which of our files a question enters, and the seed page: how much a newcomer must open to follow one through.

    python -m bench.entered              counts
    python -m bench.entered --files      and names, in the order in which they are entered

A file counts when a function of it is called while the question is asked (or the page taken in), in this
process: what is read in a process of its own is called here directly. Models are loaded before.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import threading
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from rag.library import Library, Question
from rag.pages import recover
from rag.settings import Settings
from rag.sources import read_path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("models", "rag", "api", "eval")
QUESTION = "全国有多少家国家级知识产权保护中心？"


def entered(work: Callable[[], object]) -> list[str]:
    """The files of our packages in which a function is called while ``work`` runs, in any thread."""
    files: dict[str, None] = {}

    def note(frame: FrameType, event: str, _: object) -> None:
        # What a module runs when it is imported is no step of the work.
        if event == "call" and frame.f_code.co_name != "<module>":
            files.setdefault(frame.f_code.co_filename)

    sys.setprofile(note)
    threading.setprofile(note)
    try:
        work()
    finally:
        sys.setprofile(None)
        threading.setprofile(None)
    ours: list[str] = []
    for name in files:
        path = Path(name)
        if path.is_relative_to(ROOT):
            relative = path.relative_to(ROOT)
            if relative.parts[0] in PACKAGES:
                ours.append(relative.as_posix())
    return ours


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--files", action="store_true", help="name them")
    arguments = parser.parse_args()
    (seed,) = sorted((ROOT / "seeds").glob("*.txt"))[:1]
    source = read_path(seed)
    recover(source)  # models are loaded
    steps: list[tuple[str, list[str]]] = []
    steps.append(("the seed page", entered(lambda: recover(source))))
    with (
        tempfile.TemporaryDirectory() as home,
        Library.open(Settings(home=Path(home))) as library,
    ):
        list(library.ingest([seed]))
        library.ask(Question("谁主持了会议？"))  # models are loaded
        steps.append(("a question", entered(lambda: library.ask(Question(QUESTION)))))
    for name, files in steps:
        print(f"{name}: {len(files)} files")
        if arguments.files:
            print("".join(f"  {file}\n" for file in files), end="")


if __name__ == "__main__":
    main()
