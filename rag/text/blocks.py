"""Blocks moved to other offsets, and as JSON."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

from rag.records import Block, Cell, Context

_DEFAULTS = {field.name: field.default for field in fields(Block)}


def moved(block: Block, by: int) -> Block:
    """The block in a text where everything stands ``by`` characters further on."""
    cells: list[Cell] = []
    for cell in block.cells:
        cells.append(Cell(cell.head, cell.start + by, cell.end + by))
    start, end = block.start + by, block.end + by
    return replace(block, start=start, end=end, cells=tuple(cells))


def packed(block: Block) -> dict[str, Any]:
    """The block as JSON takes it; what has its default is left out, and cells are ``[head, start, end]``."""
    kept: dict[str, Any] = {}
    for key, default in _DEFAULTS.items():
        if (value := getattr(block, key)) != default:
            kept[key] = value
    if block.cells:
        kept["cells"] = _packed_cells(block.cells)
    return kept


def block_of(packed_block: dict[str, Any]) -> Block:
    """The block that ``packed`` took apart."""
    return Block(**packed_block | {"cells": _cells_of(packed_block)})


def packed_context(context: Context) -> dict[str, Any]:
    """The context as JSON takes it; what has its default is left out."""
    empty = Context()
    kept: dict[str, Any] = {}
    for field in fields(Context):
        value = getattr(context, field.name)
        if value != getattr(empty, field.name):
            kept[field.name] = value
    if context.cells:
        kept["cells"] = _packed_cells(context.cells)
    return kept


def context_of(packed_one: dict[str, Any]) -> Context:
    """The context that ``packed_context`` took apart."""
    headings = tuple(packed_one.get("headings", ()))
    return Context(
        **packed_one | {"headings": headings, "cells": _cells_of(packed_one)}
    )


def _packed_cells(cells: tuple[Cell, ...]) -> list[tuple[str, int, int]]:
    return [(cell.head, cell.start, cell.end) for cell in cells]


def _cells_of(packed_one: dict[str, Any]) -> tuple[Cell, ...]:
    return tuple(
        Cell(head, start, end) for head, start, end in packed_one.get("cells", ())
    )
