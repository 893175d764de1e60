"""``chuchu documents``: list, show and delete; show one as an article, or its whole page as it was read."""

from __future__ import annotations

import datetime
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from rag.cli.backend import Backend, Url, open_backend
from rag.errors import NotFound
from rag.terminal import Id, Json, columns, err, out, wrapped

if TYPE_CHECKING:
    from rag.pages.view import PageView
    from rag.records import Caption, Document, Source

documents_app = typer.Typer(
    help="List, show and delete documents.", no_args_is_help=True
)

Page = Annotated[
    bool,
    typer.Option("--page", help="Its whole page, in the page's order, as it was read."),
]


@documents_app.command("list")
def list_documents(url: Url = None, as_json: Json = False) -> None:
    """All documents: id, characters, the day each was taken in, title, file."""
    listed: list[dict[str, Any]] = []
    with open_backend(url) as backend:
        for each in backend.listing():
            listed.append({**each, "source": each["source"]["name"]})
    if as_json:
        typer.echo(json.dumps({"documents": listed}, ensure_ascii=False))
        return
    for row in listed:
        day = _local_day(row["ingested"])
        line = f"{row['id']:>6}  {row['characters']:>9,}  {day:10}  {row['title']}  ({row['source']})"
        out.print(line, markup=False)


@documents_app.command("show")
def show_document(
    document_id: Id, page: Page = False, url: Url = None, as_json: Json = False
) -> None:
    """One document, whole, with what is known of it."""
    with open_backend(url) as backend:
        document = backend.document(document_id)
        view = _page_of(backend, document) if page else None
    if as_json:
        told = document
        if view is not None:
            told = {"document": document_id, **view.as_json()}
        typer.echo(json.dumps(told, ensure_ascii=False))
    elif view is not None:
        _print_page(view, document_id)
    else:
        _print_document(_document_record(document))


@documents_app.command("delete")
def delete_documents(document_ids: list[Id], url: Url = None) -> None:
    """Delete documents for good; one that is not there is named, and the others are deleted."""
    missing = False
    with open_backend(url) as backend:
        for document_id in dict.fromkeys(document_ids):  # named twice, deleted once
            try:
                backend.delete(document_id)
            except NotFound as error:
                missing = True
                err.print(f"chuchu: {error}", markup=False, style="red")
            else:
                out.print(f"deleted {document_id}")
    if missing:
        raise typer.Exit(2)


def _page_of(backend: Backend, document: dict[str, Any]) -> PageView:
    """The page that a document was read off, with all its documents."""
    from rag.pages.view import page_view

    source = backend.source(document["source"]["sha256"])
    read = [
        _document_record(backend.document(each["id"])) for each in source["documents"]
    ]
    return page_view(_source_record(source), read)


def _print_page(view: PageView, document_id: int) -> None:
    from rag.cli.page import page_lines

    for line in page_lines(view, document_id, columns()):
        out.print(line, markup=False)


def _document_record(document: dict[str, Any]) -> Document:
    """The record that ``GET /v1/documents/{id}`` tells of; its blocks are not told."""
    from rag.records import Copy, Document
    from rag.store.rows import layout_of

    copies = []
    for copy in document["copies"]:
        source = copy["source"]
        spans = tuple((start, end) for start, end in source["spans"])
        again = Copy(source["name"], source["sha256"], spans)
        copies.append(((copy["start"], copy["end"]), again))
    return Document(
        id=document["id"],
        title=document["title"],
        text=document["text"],
        source_name=document["source"]["name"],
        source_sha256=document["source"]["sha256"],
        map=tuple((start, end, at) for start, end, at in document["map"]),
        byline=document["byline"],
        dateline=document["dateline"],
        place=document["place"],
        published=document["published"],
        copies=tuple(copies),
        layout=layout_of(document["layout"] or {}),
    )


def _source_record(source: dict[str, Any]) -> Source:
    """The record that ``GET /v1/sources/{sha256}`` tells of, as far as a page view looks at it."""
    from rag.records import Source

    return Source(source["name"], source["sha256"], b"", source["text"], "", "", ())


def _local_day(ingested: str | None) -> str:
    """The day on which a document was taken in, where we are; ``-`` for one older than its record."""
    if not ingested:
        return "-"
    moment = datetime.datetime.fromisoformat(ingested)
    return moment.astimezone().date().isoformat()


def _print_document(document: Document) -> None:
    if document.layout.kicker:
        out.print(document.layout.kicker, style="dim", markup=False)
    out.print(document.title, style="bold", markup=False)
    fields = list(_fields(document))
    # Two columns before the names, two between them and the values: "  published  2024-11-20".
    gutter = max(len(name) for name, _ in fields) + 4
    for name, value in fields:
        for at, line in enumerate(wrapped(value, columns() - gutter)):
            label = name if at == 0 else ""
            out.print(f"  {label:<{gutter - 2}}", style="dim", markup=False, end="")
            out.print(line, markup=False)
    out.print()
    out.print(document.text, markup=False)


def _fields(document: Document) -> Iterator[tuple[str, str]]:
    """What is known of a document beside its title and text."""
    from rag.cli.page import said_difference
    from rag.pages.view import Difference

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
        yield (
            "copied",
            f"“{_beginning(document.text[start:end])}” again in {copy.source_name} at {where}",
        )
    for variant in layout.variants:
        yield "differs", f"a copy: {said_difference(Difference.of(document, variant))}"
    for caption in layout.captions:
        yield "picture", _caption(caption)
    for cut in layout.cuts:
        yield (
            "cut",
            f"“…{document.text[max(cut - 12, 0) : cut]}” breaks off: the rest is not on the page",
        )
    if layout.confidence < 1:
        yield "confidence", f"{layout.confidence:.2f}"


def _beginning(text: str) -> str:
    return text if len(text) <= 16 else text[:15] + "…"


def _caption(caption: Caption) -> str:
    if caption.text and caption.credit:
        return f"{caption.text} ({caption.credit})"
    return caption.text or caption.credit or ""
