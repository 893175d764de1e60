"""Prompts of well-known encoders whose configuration does not carry them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import NamedTuple


class Prompts(NamedTuple):
    """What is put before a query and before a document."""

    query: str = ""
    document: str = ""


# from the model cards
FAMILIES: tuple[tuple[str, Prompts], ...] = (
    (
        r"(multilingual-)?e5-(small|base|large)(-v2|-unsupervised)?",
        Prompts("query: ", "passage: "),
    ),
    (
        r"(multilingual-)?e5-.*instruct",
        Prompts(
            "Instruct: Given a web search query, retrieve relevant passages that answer the query\nQuery: "
        ),
    ),
    (
        r"bge-(small|base|large)-en(-v1\.5)?",
        Prompts("Represent this sentence for searching relevant passages: "),
    ),
    (
        r"bge-(small|base|large)-zh(-v1\.5)?",
        Prompts("为这个句子生成表示以用于检索相关文章："),
    ),
)


def prompts_for(name: str, folder: Path) -> Prompts:
    """The prompts that a model needs beyond its own: none where its configuration has any."""
    try:
        config = json.loads(
            (folder / "config_sentence_transformers.json").read_text(encoding="utf-8")
        )
        own = config.get("prompts") or {}
    except (OSError, ValueError, AttributeError):
        own = {}
    if any(own.values()):
        return Prompts()
    last = name.rstrip("/").rpartition("/")[2].lower()
    return next(
        (prompts for pattern, prompts in FAMILIES if re.fullmatch(pattern, last)),
        Prompts(),
    )
