"""The ``chuchu`` command: exit code 0 is ok, 2 bad use, 1 failed. ``--json`` is for machines.

This is where the parts are put together, so it alone may reach from ``rag`` up to ``api`` and ``eval``;
it does so inside the commands, which also keeps ``chuchu --help`` quick.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from rag.errors import ChuchuError, InvalidValue, NotFound
from rag.settings import Settings, load_settings

if TYPE_CHECKING:
    from rag.pipeline import Library
    from rag.records import Answer, Hit

app = typer.Typer(
    name="chuchu",
    help="Answers from your own documents; every sentence cites the exact characters it rests on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
documents_app = typer.Typer(help="List, show and delete documents.", no_args_is_help=True)
app.add_typer(documents_app, name="documents")

out = Console(highlight=False, soft_wrap=True, emoji=False)
err = Console(stderr=True, highlight=False, soft_wrap=True, emoji=False)

Id = Annotated[int, typer.Argument(min=1, max=2**63 - 1)]
Json = Annotated[bool, typer.Option("--json", help="Print JSON, one value.")]
TopK = Annotated[int, typer.Option("--top-k", "-k", help="How many passages.")]
Only = Annotated[list[int] | None, typer.Option("--document", "-d", help="Only this document (repeatable).")]
Since = Annotated[str | None, typer.Option(help="Published on this day or later, YYYY-MM-DD.")]
Until = Annotated[str | None, typer.Option(help="Published on this day or earlier, YYYY-MM-DD.")]


def main() -> None:
    """Run the command line; every error of ours is one sentence on standard error."""
    try:
        app()
    except (InvalidValue, NotFound) as error:
        _stop(error, 2)
    except ChuchuError as error:
        _stop(error, 1)
    except BrokenPipeError:
        sys.exit(0)


def _stop(error: ChuchuError, code: int) -> NoReturn:
    err.print(f"chuchu: {error}", markup=False, style="red")
    sys.exit(code)


@app.command()
def ingest(
    paths: Annotated[list[Path], typer.Argument(help="Files and folders (read recursively).")],
    as_json: Json = False,
) -> None:
    """Take documents in. The same content twice is taken in once; a bad file does not stop the rest."""
    from rag import sources
    from rag.pipeline import Failed

    with _library() as library:
        files = list(sources.walk(paths))
        rows: list[dict[str, Any]] = []
        for done in _progress(library.ingest(files), len(files), "reading"):
            if isinstance(done, Failed):
                rows.append({"name": done.name, "failed": done.why})
                err.print(f"chuchu: {done.why}", markup=False, style="red")
            else:
                ids = [document.id for document in done.documents]
                rows.append(
                    {"name": done.source.name, "new": done.new, "documents": ids, "passages": done.passages}
                )
        failed = sum("failed" in row for row in rows)
        if as_json:
            print(json.dumps({"files": rows, **library.counts()}, ensure_ascii=False))
        else:
            new = sum(bool(row.get("new")) for row in rows)
            out.print(f"{new} new, {len(rows) - new - failed} there already, {failed} failed")
    raise typer.Exit(1 if failed else 0)


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="In Chinese or English.")],
    top_k: TopK = 5,
    document: Only = None,
    since: Since = None,
    until: Until = None,
    as_json: Json = False,
) -> None:
    """Answer a question from the documents, or say that they don't say."""
    from rag.pipeline import Question

    with _library() as library:
        answer = library.ask(Question(question, top_k, tuple(document or ()), since, until))
        if as_json:
            from api.schemas import Answer as AnswerSchema

            print(AnswerSchema.of(answer).model_dump_json())
        else:
            _print_answer(answer)


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="In Chinese or English.")],
    top_k: TopK = 5,
    document: Only = None,
    since: Since = None,
    until: Until = None,
    as_json: Json = False,
) -> None:
    """Find passages."""
    from rag.pipeline import Question

    with _library() as library:
        hits = library.search(Question(query, top_k, tuple(document or ()), since, until))
        if as_json:
            from api.schemas import Hits

            print(Hits.of(hits).model_dump_json())
        else:
            _print_hits(hits)


@app.command()
def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to bind; loopback unless an API key is set.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="0 takes a free one.")] = None,
    seeds: Annotated[Path | None, typer.Option(help="What to index when the store is empty.")] = None,
) -> None:
    """Serve the API and the chat page."""
    from api.server import serve as run

    ours = Path(__file__).resolve().parent.parent / "seeds"
    run(load_settings(host=host, port=port), seeds or (ours if ours.is_dir() else None))


@app.command(
    "eval",
    context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
    add_help_option=False,
)
def evaluate(context: typer.Context) -> None:
    """Measure: facts FILE, retrieval DIR, reading FILE."""
    from eval.cli import app as eval_app

    eval_app(context.args, prog_name="chuchu eval")


@app.command()
def doctor(as_json: Json = False) -> None:
    """Check this installation: settings, models, store, indexes, one question."""
    from rag.doctor import examine

    found = examine(load_settings())
    if as_json:
        print(json.dumps([dataclasses.asdict(check) for check in found], ensure_ascii=False))
    else:
        for check in found:
            mark = "[green]ok[/]  " if check.ok else "[red]bad[/] "
            out.print(mark, end="")
            out.print(f"{check.name}: {check.detail}", markup=False)
    raise typer.Exit(0 if all(check.ok for check in found) else 1)


@documents_app.command("list")
def list_documents(as_json: Json = False) -> None:
    """All documents."""
    with _library() as library:
        rows = [
            {
                "id": d.id,
                "title": d.title,
                "published": d.published,
                "source": d.source_name,
                "characters": len(d.text),
            }
            for d in _all_documents(library)
        ]
    if as_json:
        print(json.dumps({"documents": rows}, ensure_ascii=False))
    for row in rows if not as_json else ():
        out.print(f"{row['id']:>6}  {row['characters']:>8,}  {row['title']}  ({row['source']})", markup=False)


@documents_app.command("show")
def show_document(document_id: Id, as_json: Json = False) -> None:
    """One document, whole."""
    with _library() as library:
        document = library.document(document_id)
    if as_json:
        print(json.dumps(dataclasses.asdict(document), ensure_ascii=False))
    else:
        out.print(f"{document.title}\n{document.source_name} {document.published or ''}\n", markup=False)
        out.print(document.text, markup=False)


@documents_app.command("delete")
def delete_document(document_ids: list[Id]) -> None:
    """Delete documents for good."""
    with _library() as library:
        for document_id in document_ids:
            library.delete(document_id)
            out.print(f"deleted {document_id}")


@contextmanager
def _library(settings: Settings | None = None) -> Iterator[Library]:
    from rag.pipeline import Library

    with Library.open(settings or load_settings()) as library:
        yield library


def _all_documents(library: Library) -> Iterator[Any]:
    last = 0
    while page := library.documents(last):
        yield from page
        last = page[-1].id


def _progress(items: Iterator[Any], total: int, what: str) -> Iterator[Any]:
    """A bar on a terminal, a line now and then elsewhere."""
    if not err.is_terminal:
        for count, item in enumerate(items, start=1):
            if count % 100 == 0 or count == total:
                err.print(f"{what} {count}/{total}")
            yield item
        return
    columns = TextColumn(what), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Progress(*columns, console=err, transient=True) as bar:
        yield from bar.track(items, total=total)


def _print_answer(answer: Answer) -> None:
    if answer.short_answer:
        out.print(answer.short_answer, style="bold", markup=False)
    out.print(answer.answer, markup=False)
    for citation in answer.citations:
        place = f"{citation.source_name} {list(citation.source_spans)}"
        again = f", printed {len(citation.also_in) + 1} times" if citation.also_in else ""
        out.print(f"  [{citation.marker}] {citation.title}: {place}{again}", style="dim", markup=False)
    _print_hits(answer.nearest)


def _print_hits(hits: tuple[Hit, ...]) -> None:
    for hit in hits:
        out.print(f"  {hit.score:.3f}  {hit.document.title}", style="dim", markup=False)
        out.print(f"         {hit.passage.text}", markup=False)


if __name__ == "__main__":
    main()
