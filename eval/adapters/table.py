"""The adapters by name. A new benchmark is a module with a ``convert`` and a row here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from eval.adapters import alce, crud, dureader, rgb, xquad
from eval.adapters.sets import Set
from rag.errors import InvalidValue


@dataclass(frozen=True, slots=True)
class Options:
    """``sample`` is the share of passages kept where a collection is too large; relevant ones always are."""

    sample: float = 1.0


Convert = Callable[[Path, Options], Iterator[Set]]


@dataclass(frozen=True, slots=True)
class Adapter:
    """``files`` are what a person must have in the folder; ``what`` says what comes of them."""

    name: str
    paper: str
    files: str
    what: str
    convert: Convert


_ROWS = (
    Adapter(
        "rgb",
        "Chen et al. 2023",
        "zh.json, zh_int.json, zh_fact.json, the same with en",
        "facts: noise robustness, negative rejection, integration, counterfactual",
        lambda folder, _: rgb.convert(folder),
    ),
    Adapter(
        "crud-rag",
        "Lyu et al. 2024",
        "split_merged.json",
        "facts and retrieval: questions made from one, two or three news",
        lambda folder, _: crud.convert(folder),
    ),
    Adapter(
        "dureader-retrieval",
        "Qiu et al. 2022",
        "passage-collection/part-0*, passage2id.map.json, dev/dev.json",
        "retrieval: real searches over web passages",
        lambda folder, options: dureader.convert(folder, options.sample),
    ),
    Adapter(
        "xquad",
        "Artetxe et al. 2020",
        "xquad.zh.json, xquad.en.json, …",
        "reading, in each language and asked in English",
        lambda folder, _: xquad.convert(folder),
    ),
    Adapter(
        "alce",
        "Gao et al. 2023",
        "asqa_*.json, qampari_*.json",
        "facts with documents of their own; for ALCE's citation measure see chuchu eval citations",
        lambda folder, _: alce.convert(folder),
    ),
)
ADAPTERS: Mapping[str, Adapter] = {row.name: row for row in _ROWS}


def adapter(name: str) -> Adapter:
    """The adapter of that name. Raises InvalidValue, which names them all."""
    if name not in ADAPTERS:
        raise InvalidValue("NAME", name, f"one of {', '.join(ADAPTERS)}")
    return ADAPTERS[name]
