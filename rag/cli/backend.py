"""Whom the commands talk to: a server that is named, the one that holds the data folder, or the library.

    with open_backend(url) as backend:
        answer = backend.ask({"question": "…"})

All speak the JSON of the HTTP contract, so a command prints one thing whoever answered.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Any, Protocol

import typer

from rag.cli.remote import Remote
from rag.home.lock import server_of
from rag.settings import Settings, load_settings
from rag.terminal import err

Json = dict[str, Any]

Url = Annotated[
    str | None,
    typer.Option(
        "--url",
        help="Ask the server there, http://host:port. CHUCHU_URL is the same.",
        metavar="URL",
    ),
]


class Backend(Protocol):
    """The verbs of the command line. Bodies and results are those of the HTTP endpoint of the same name."""

    def ask(self, body: Json) -> Json: ...

    def search(self, body: Json) -> Json: ...

    def listing(self) -> Iterator[Json]:
        """Every document, without its text."""
        ...

    def document(self, document_id: int) -> Json: ...

    def source(self, sha256: str) -> Json: ...

    def delete(self, document_id: int) -> None:
        """Raises NotFound."""
        ...

    def ingest(self, file: Path, *, keep: bool) -> Iterator[Json]:
        """``{"file": row, "warnings": […]}`` for each source that a file holds."""
        ...

    def sync(self, folder: Path, stamps: Any) -> Iterator[Json]:
        """A ``rag.syncing.FileChange`` as JSON for each file of a folder."""
        ...

    def counts(self) -> dict[str, int]:
        """``{"sources", "documents", "passages", "waiting"}``; waiting ones have no deep vector yet."""
        ...

    def finish_vectors(self) -> None:
        """Make the deep vectors that are missing; a server makes them by itself."""
        ...


@contextmanager
def open_backend(
    url: str | None = None,
    settings: Settings | None = None,
    *,
    may_be_new: bool = False,
) -> Iterator[Backend]:
    """Whoever answers, for the time of one command.

    Args:
        url: of a server; else that of the settings, else that of the server in the data folder's lock.
        may_be_new: the command fills a data folder. To others one that is not there yet is worth a word:
            the name of the folder that was meant may be misspelt.

    Raises:
        InvalidValue: the address of the server is none.
        ServerUnreachable: a server is named and does not answer.
        ChuchuError: there is none, and the library cannot be opened.
    """
    chosen = settings or load_settings()
    address = chosen.url or None if url is None else url
    if address is not None:
        yield Remote(address, chosen.api_key)
    elif (server := server_of(chosen.home)) is not None:
        yield Remote(server.url, server.key, same_machine=True)
    else:
        if not may_be_new and not chosen.home.exists():
            note = f"chuchu: {chosen.home} is new and empty; `chuchu ingest` fills it"
            err.print(note, markup=False)
        # The models and indexes take seconds to import and to load: only when nobody has them already.
        from rag.cli.local import open_local

        with open_local(chosen) as local:
            yield local
