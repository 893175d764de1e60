"""How fast each kind of file is read, and in how much memory: ``python -m bench.kinds --characters 200000``.

Makes a file of every kind that has a reader (``bench.made_files``) and takes each through all that comes
before the encoder, in a process of its own: its bytes are read, its documents recovered and split into
passages. Prints Markdown and writes bench/out/kinds.json.

The speed of reading counts the start of the sandbox, some tenths of a second, so a small file says more
about that. Memory is that of the process that parses; see ``measuring.peak_of_children_mib`` for its floor.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import time
from pathlib import Path

from bench.measuring import apart, machine, peak_mib, peak_of_children_mib
from rag import sources
from rag.records import Source

# Nothing large is imported up here: what a process holds when it starts another counts as the other's too.

Measured = dict[str, float]


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument(
        "--characters", type=int, default=200_000, help="of each file, about"
    )
    parser.add_argument(
        "--only", nargs="*", default=[], metavar="SUFFIX", help="such as .pdf .docx"
    )
    parser.add_argument("--out", type=Path, default=Path("bench/out"))
    options = parser.parse_args()
    results: dict[str, Measured] = {}
    with tempfile.TemporaryDirectory() as folder:
        suffixes = apart(_make, Path(folder), options.characters)
        print(_HEAD.format(machine=machine()))
        for suffix in options.only or suffixes:
            results[suffix] = apart(_read, Path(folder, f"made{suffix}"))
            print(_line(suffix, results[suffix]), flush=True)
    options.out.mkdir(parents=True, exist_ok=True)
    written = json.dumps({"machine": machine(), "kinds": results}, indent=1)
    (options.out / "kinds.json").write_text(written + "\n", encoding="utf-8")


def _make(folder: Path, characters: int) -> list[str]:
    """Write the files; the suffixes of those that can be read here."""
    from bench.made_files import MAKERS, sections_of  # noqa: PLC0415 (brings the libraries that write)
    from rag.sources import ocr  # noqa: PLC0415

    sections = sections_of(characters)
    suffixes = [suffix for suffix in MAKERS if suffix != ".png" or ocr.is_installed()]
    for suffix in suffixes:
        Path(folder, f"made{suffix}").write_bytes(MAKERS[suffix](sections))
    return suffixes


def _read(path: Path) -> Measured:
    data = path.read_bytes()
    sandboxed = sources.FORMATS[path.suffix].sandboxed
    begin = time.perf_counter()
    source = sources.read_bytes(data, path.name)
    reading = time.perf_counter() - begin
    # Before anything else is loaded, which would count as the reader's.
    peak = peak_of_children_mib() if sandboxed else peak_mib()
    passages, splitting = _split(source)
    return {
        "file_kib": len(data) / 1024,
        "characters": len(source.text),
        "read_characters_per_second": len(source.text) / reading,
        "split_characters_per_second": len(source.text) / splitting,
        "passages": passages,
        "peak_memory_mib": peak,
    }


def _split(source: Source) -> tuple[int, float]:
    """How many passages there are, and the seconds that it took to come to them, models loaded before."""
    from rag.pages import recover  # noqa: PLC0415 (brings the models of a page)
    from rag.passages import split  # noqa: PLC0415

    recover(sources.read_bytes(_WARM_UP, "warm-up.txt"))
    begin = time.perf_counter()
    passages = 0
    for document in recover(source):
        passages += len(split(document))
    return passages, time.perf_counter() - begin


_WARM_UP = "\n\n".join(
    f"第{number}个仓库今天收到了货物，管理员登记入册。" for number in range(60)
).encode()

_HEAD = """| {machine} | file | characters | characters/s, read | split | passages | peak memory |
|---|---:|---:|---:|---:|---:|---:|"""


def _line(suffix: str, row: Measured) -> str:
    return (
        f"| {suffix[1:]} | {row['file_kib']:,.0f} KiB | {row['characters']:,.0f}"
        f" | {row['read_characters_per_second']:,.0f} | {row['split_characters_per_second']:,.0f}"
        f" | {row['passages']:,.0f} | {row['peak_memory_mib']:,.0f} MiB |"
    )


if __name__ == "__main__":
    main()
