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
        stands = _stands(hit["where"])
        path = f" ({stands})" if stands else ""
        out.print(
            f"  {hit['score']:.3f}  {hit['title']}{path}", style="dim", markup=False
        )
        out.print(f"         {hit['text']}", markup=False)


def _print_citation(citation: Json) -> None:
    source = citation["source"]
    spans = [tuple(span) for span in source["spans"]]
    again = (
        f", printed {len(citation['also_in']) + 1} times" if citation["also_in"] else ""
    )
    meant = "".join(
        f", {date['text']} is {date['means']}" for date in citation["dates"]
    )
    day = f", {citation['published']}" if citation["published"] else ""
    head = f"  [{citation['marker']}] {citation['title']}{day}: {source['name']} {spans}{again}{meant}"
    out.print(head, style="dim", markup=False)
    if stands := _stands(citation["where"]):
        out.print(f"      {stands}", style="dim", markup=False)
    for line in citation["quote"].split("\n"):
        out.print(f"      > {line}", markup=False)


def _stands(where: Json) -> str:
    """``第三章 › 第十二条, page 4, 型号: 甲, 重量: 2 kg``; empty for what stands under nothing."""
    parts = [" › ".join(where["headings"])] if where["headings"] else []
    if where["page"] is not None:
        parts.append(f"page {where['page']}")
    parts += (f"{head}: {cell}" for head, cell in (where["row"] or {}).items())
    if where["ocr"]:
        parts.append("read off a picture")
    return ", ".join(parts)
