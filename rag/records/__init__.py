"""Frozen dataclasses: what each part of the library hands to the next.

blocks.py      a text and the roles of its stretches
documents.py   Source -> Document -> Passage: what is kept
answers.py     Hit -> Claim, Citation -> Answer: what is found and said

Import all of them from here: ``from rag.records import Document``.
"""

from rag.records.answers import (
    Answer,
    Candidate,
    Citation,
    Claim,
    Hit,
    Language,
    RelativeDate,
    Status,
    Trace,
    Understood,
    Verdict,
    Where,
)
from rag.records.blocks import (
    Block,
    Cell,
    MapEntry,
    Role,
    Span,
)
from rag.records.documents import (
    BlockKind,
    Caption,
    Context,
    Copy,
    Document,
    Join,
    Layout,
    LayoutBlock,
    Part,
    Passage,
    Source,
    Variant,
    Warning,
    WarningKind,
)

__all__ = [
    "Answer",
    "Block",
    "BlockKind",
    "Candidate",
    "Caption",
    "Cell",
    "Citation",
    "Claim",
    "Context",
    "Copy",
    "Document",
    "Hit",
    "Join",
    "Language",
    "Layout",
    "LayoutBlock",
    "MapEntry",
    "Part",
    "Passage",
    "RelativeDate",
    "Role",
    "Source",
    "Span",
    "Status",
    "Trace",
    "Understood",
    "Variant",
    "Verdict",
    "Warning",
    "WarningKind",
    "Where",
]
