"""Answers and passages on a terminal, from the JSON of the HTTP contract."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from rag.terminal import out

Json = dict[str, Any]


def print_answer(answer: Json) -> None:
    """The answer, then each citation: which document, where in it, and the quote that bears it out."""
    asked = answer.get("asked") or {}
    if asked.get("from_history"):
        out.print(f"understood as: {asked['text']}", style="dim", markup=False)
    if answer["short_answer"]:
        out.print(answer["short_answer"], style="bold", markup=False)
    out.print(answer["answer"], markup=False)
    if answer.get("frame"):
        out.print(answer["frame"], style="dim", markup=False)
    for citation in answer["citations"]:
        _print_citation(citation)
    print_hits(answer["nearest"])


def print_hits(hits: Sequence[Json]) -> None:
    for hit in hits:
        place = _place(hit["where"])
        path = f" ({place})" if place else ""
        head = f"  {hit['score']:.3f}  {hit['title']}{path}"
        out.print(head, style="dim", markup=False)
        out.print(f"         {hit['text']}", markup=False)


def _print_citation(citation: Json) -> None:
    out.print(f"  {_citation_head(citation)}", style="dim", markup=False)
    place = _place(citation["where"])
    if place:
        out.print(f"      {place}", style="dim", markup=False)
    # A quote of several lines: each is marked, so that it is seen where it ends.
    for line in citation["quote"].split("\n"):
        out.print(f"      > {line}", markup=False)


def _citation_head(citation: Json) -> str:
    """``[1] 水车, 2024-11-20: 青石日报.txt [(7, 19)], printed 2 times, 昨日 is 2024-11-19``."""
    source = citation["source"]
    title = f"[{citation['marker']}] {citation['title']}"
    if citation["published"]:
        title += f", {citation['published']}"
    spans = [tuple(span) for span in source["spans"]]
    parts = [f"{title}: {source['name']} {spans}"]
    if citation["also_in"]:
        parts.append(f"printed {len(citation['also_in']) + 1} times")
    for date in citation["dates"]:
        parts.append(f"{date['text']} is {date['means']}")
    return ", ".join(parts)


def _place(where: Json) -> str:
    """``第三章 › 第十二条, page 4, 型号: 甲, 重量: 2 kg``; empty for what stands under nothing."""
    parts: list[str] = []
    if where["headings"]:
        parts.append(" › ".join(where["headings"]))
    if where["page"] is not None:
        parts.append(f"page {where['page']}")
    for head, cell in (where["row"] or {}).items():
        parts.append(f"{head}: {cell}")
    if where["ocr"]:
        parts.append("read off a picture")
    return ", ".join(parts)
