"""What became of a file that was to be taken in."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Final, Self

from rag.errors import EmptySource, SourceError, SourceTooLarge, UnsupportedFormat
from rag.records import Document, Source, Warning, WarningKind

_KINDS: Final[dict[type[SourceError], WarningKind]] = {
    UnsupportedFormat: "unsupported",
    SourceTooLarge: "limit",
    EmptySource: "empty",
}


@dataclass(frozen=True, slots=True)
class Ingested:
    """What became of one source: its documents, and whether they are new or were there already.

    ``source.warnings`` say what of it was left out; ``replaced`` are the ids of the documents of its older
    self, which are gone.
    """

    source: Source
    documents: tuple[Document, ...]
    passages: int
    new: bool
    replaced: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Failed:
    """A file that could not be read, and why; the others go on."""

    name: str
    why: str
    kind: WarningKind = "failed"

    @classmethod
    def of(cls, error: SourceError) -> Self:
        """The file that could not be read."""
        return cls(error.name, str(error), error_kind(error))

    @property
    def warning(self) -> Warning:
        """The same as a warning: all of the file was left out."""
        return Warning(self.name, self.kind, self.why.removeprefix(f"{self.name}: "))


def told(done: Ingested | Failed) -> dict[str, Any]:
    """What became of a source as plain data: ``{"file": row, "warnings": [what was left out, …]}``."""
    if isinstance(done, Failed):
        return {
            "file": {"name": done.name, "failed": done.why},
            "warnings": [asdict(done.warning)],
        }
    row = {
        "name": done.source.name,
        "new": done.new,
        "documents": [document.id for document in done.documents],
        "passages": done.passages,
        "replaced": list(done.replaced),
    }
    return {"file": row, "warnings": [asdict(each) for each in done.source.warnings]}


def error_kind(error: SourceError) -> WarningKind:
    """Which kind of warning stands for a file that could not be read at all."""
    return _KINDS.get(type(error), "failed")
