"""Draws the house from its imports: ``python docs/draw_house.py`` prints the picture that CONTRIBUTING.md shows.

    python docs/draw_house.py --write      puts it there
    python docs/draw_house.py --cycles     prints rooms that import one another, and fails if there are any

A room is a folder of a package, or modules beside the folders that belong together (``TOGETHER``). An arrow
says "imports"; one that follows from two others is left out: api -> rag.library -> rag.store needs no third.
"""

from __future__ import annotations

import argparse
import ast
import sys
from collections import defaultdict
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("models", "rag", "api", "eval")
BEGIN, END = "<!-- drawn by docs/draw_house.py -->\n", "<!-- end of the drawing -->\n"
TOGETHER = {
    "rag.library": (
        "library",
        "asking",
        "attempting",
        "documents",
        "answerers",
        "loading",
        "questions",
        "examples",
        "deep_check",
        "page_pictures",
        "verbatim",
        "tracing",
        "clock",
    ),
    "rag.passages": ("passages", "contexts"),
    "rag.records": ("records", "errors", "settings", "stopping", "version", "terminal"),
    "models.trunk": (
        "trunk",
        "reader",
        "encoder",
        "trunk_encoder",
        "static",
        "prompts",
        "batching",
    ),
    "models.translation": ("translation", "english", "romanisation"),
}
"""Modules beside the folders that make up a room; those of ``models`` not named here hold what all its rooms use."""

Rooms = dict[str, set[str]]
"""Each room with those that it imports."""


def room_of(module: str, root: Path = ROOT) -> str:
    """The room of a module: ``rag.store`` of ``rag.store.rows``, ``rag.library`` of ``rag.asking``."""
    package, _, rest = module.partition(".")
    if package in ("api", "eval") or not rest:
        return package
    first = rest.split(".")[0]
    if (root / package / first).is_dir():
        return f"{package}.{first}"
    for room, modules in TOGETHER.items():
        if room.startswith(package) and first in modules:
            return room
    return package if package == "models" else f"{package}.{first}"


def imports(path: Path, root: Path = ROOT) -> set[str]:
    """The modules of ours that a file imports, wherever in it."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            for alias in node.names:
                inner = root / node.module.replace(".", "/") / alias.name
                is_module = inner.is_dir() or inner.with_suffix(".py").is_file()
                found.add(f"{node.module}.{alias.name}" if is_module else node.module)
    return {module for module in found if module.split(".")[0] in PACKAGES}


def rooms(root: Path = ROOT) -> Rooms:
    """Every room, and which others it imports."""
    drawn: Rooms = defaultdict(set)
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            parts = path.relative_to(root).with_suffix("").parts
            module = ".".join(parts).removesuffix(".__init__")
            here = room_of(module, root)
            drawn[here] |= {room_of(each, root) for each in imports(path, root)} - {
                here
            }
    return dict(drawn)


def reached(drawn: Rooms, start: str) -> set[str]:
    """Rooms that can be come to from one, itself only over a cycle."""
    found: set[str] = set()
    waiting = list(drawn.get(start, ()))
    while waiting:
        room = waiting.pop()
        if room not in found:
            found.add(room)
            waiting += drawn.get(room, ())
    return found


def cycles(drawn: Rooms) -> list[str]:
    """Rooms that stand in a cycle of imports."""
    return sorted(room for room in drawn if room in reached(drawn, room))


def reduced(drawn: Rooms) -> Rooms:
    """Without the arrows that follow from others."""
    kept: Rooms = {}
    for room, others in drawn.items():
        beyond: set[str] = set()
        for other in others:
            beyond |= reached(drawn, other)
        kept[room] = others - beyond
    return kept


def picture(drawn: Rooms) -> str:
    """The rooms as a Mermaid graph."""
    lines = ["```mermaid", "graph TD"]
    for room, others in sorted(reduced(drawn).items()):
        lines += [f"  {room} --> {other}" for other in sorted(others)]
    return "\n".join([*lines, "```", ""])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--write", action="store_true")
    parser.add_argument("--cycles", action="store_true")
    arguments = parser.parse_args()
    drawn = rooms()
    if arguments.cycles:
        found = cycles(drawn)
        print("\n".join(found) or "none")
        sys.exit(1 if found else 0)
    if not arguments.write:
        print(picture(drawn), end="")
        return
    page = ROOT / "CONTRIBUTING.md"
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    _, _, after = rest.partition(END)
    page.write_text(before + BEGIN + picture(drawn) + END + after, encoding="utf-8")


if __name__ == "__main__":
    main()
