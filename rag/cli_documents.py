"""``chuchu documents``: list, show and delete; show one as an article, or its whole page as it was read."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.page_print import page_lines, said_difference
from rag.page_view import Difference, page_view
from rag.terminal import Id, Json, columns, open_library, out, wrapped

if TYPE_CHECKING:
    from rag.pipeline import Library
    from rag.records import Caption, Document
    from rag.rows import Listed

documents_app = typer.Typer(help="List, show and delete documents.", no_args_is_help=True)

Page = Annotated[bool, typer.Option("--page", help="Its whole page, in the page's order, as it was read.")]


@documents_app.command("list")
def list_documents(as_json: Json = False) -> None:
    """All documents: id, characters, the day each was taken in, title, file."""
    with open_library() as library:
        rows: list[dict[str, Any]] = [
            {
                "id": each.id,
                "title": each.title,
                "published": each.published,
                "source": each.source_name,
                "characters": each.characters,
                "ingested": each.ingested,
            }
            for each in _all_documents(library)
        ]
    if as_json:
        typer.echo(json.dumps({"documents": rows}, ensure_ascii=False))
    for row in rows if not as_json else ():
        day = _local_day(row["ingested"])
        line = f"{row['id']:>6}  {row['characters']:>9,}  {day:10}  {row['title']}  ({row['source']})"
        out.print(line, markup=False)


@documents_app.command("show")
def show_document(document_id: Id, page: Page = False, as_json: Json = False) -> None:
    """One document, whole, with what is known of it."""
    with open_library() as library:
        document = library.document(document_id)
        if page:
            source = library.source(document.source_sha256)
            view = page_view(source, library.documents_of(source.sha256))
    if page and as_json:
        typer.echo(json.dumps({"document": document_id, **view.as_json()}, ensure_ascii=False))
    elif page:
        for line in page_lines(view, document_id, columns()):
            out.print(line, markup=False)
    elif as_json:
        typer.echo(json.dumps(asdict(document), ensure_ascii=False))
    else:
        _print_document(document)


@documents_app.command("delete")
def delete_document(document_ids: list[Id]) -> None:
    """Delete documents for good."""
    with open_library() as library:
        for document_id in document_ids:
            library.delete(document_id)
            out.print(f"deleted {document_id}")


def _local_day(ingested: str | None) -> str:
    """The day on which a document was taken in, where we are; ``-`` for one older than its record."""
    return datetime.datetime.fromisoformat(ingested).astimezone().date().isoformat() if ingested else "-"


def _all_documents(library: Library) -> Iterator[Listed]:
    last = 0
    while page := library.listing(last):
        yield from page
        last = page[-1].id


def _print_document(document: Document) -> None:
    if document.layout.kicker:
        out.print(document.layout.kicker, style="dim", markup=False)
    out.print(document.title, style="bold", markup=False)
    fields = list(_fields(document))
    gutter = max(len(name) for name, _ in fields) + 4
    for name, value in fields:
        for at, line in enumerate(wrapped(value, columns() - gutter)):
            out.print(f"  {name if at == 0 else '':<{gutter - 2}}", style="dim", markup=False, end="")
            out.print(line, markup=False)
    out.print()
    out.print(document.text, markup=False)


def _fields(document: Document) -> Iterator[tuple[str, str]]:
    """What is known of a document beside its title and text."""
    layout = document.layout
    if layout.subtitle:
        yield "subtitle", layout.subtitle
    if document.published:
        inferred = f" ({layout.published_from})" if layout.published_from else ""
        yield "published", document.published + inferred
    for name, value in (
        ("byline", document.byline),
        ("agency", layout.agency),
        ("dateline", document.dateline),
        ("place", document.place),
    ):
        if value:
            yield name, value
    yield "source", document.source_name
    for (start, end), copy in document.copies:
        where = ", ".join(f"[{low}, {high})" for low, high in copy.spans)
        yield "copied", f"“{_short(document.text[start:end])}” again in {copy.source_name} at {where}"
    for variant in layout.variants:
        yield "differs", f"a copy: {said_difference(Difference.of(document, variant))}"
    for caption in layout.captions:
        yield "picture", _caption(caption)
    for cut in layout.cuts:
        yield "cut", f"“…{document.text[max(cut - 12, 0) : cut]}” breaks off: the rest is not on the page"
    if layout.confidence < 1:
        yield "confidence", f"{layout.confidence:.2f}"


def _short(text: str) -> str:
    return text if len(text) <= 16 else text[:15] + "…"


def _caption(caption: Caption) -> str:
    return (
        f"{caption.text} ({caption.credit})"
        if caption.text and caption.credit
        else caption.text or caption.credit or ""
    )
