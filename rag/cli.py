"""The ``chuchu`` command: exit code 0 is ok, 2 bad use, 1 failed. ``--json`` is for machines.

This is where the parts are put together, so it alone may reach from ``rag`` up to ``api`` and ``eval``;
it does so inside the commands, which also keeps ``chuchu --help`` quick.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NoReturn

import typer

from rag.cli_documents import documents_app
from rag.cli_taking_in import ingest, sync_folder
from rag.contexts import where as where_of
from rag.errors import ChuchuError, InvalidValue, NotFound
from rag.records import Where
from rag.settings import load_settings
from rag.terminal import Json, err, open_library, out

if TYPE_CHECKING:
    from rag.records import Answer, Hit

app = typer.Typer(
    name="chuchu",
    help="Answers from your own documents; every sentence cites the exact characters it rests on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
app.add_typer(documents_app, name="documents")
app.command("ingest")(ingest)
app.command("sync")(sync_folder)

TopK = Annotated[int, typer.Option("--top-k", "-k", help="How many passages.")]
Only = Annotated[list[int] | None, typer.Option("--document", "-d", help="Only this document (repeatable).")]
Since = Annotated[str | None, typer.Option(help="Published on this day or later, YYYY-MM-DD.")]
Until = Annotated[str | None, typer.Option(help="Published on this day or earlier, YYYY-MM-DD.")]

After = Annotated[
    list[str] | None, typer.Option(help="A question asked before this one, oldest first (repeatable).")
]


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
def ask(
    question: Annotated[str, typer.Argument(help="In Chinese or English.")],
    top_k: TopK = 5,
    document: Only = None,
    since: Since = None,
    until: Until = None,
    after: After = None,
    as_json: Json = False,
) -> None:
    """Answer a question from the documents, or say that they don't say."""
    from rag.pipeline import Question

    with open_library() as library:
        only = tuple(document or ())
        answer = library.ask(Question(question, top_k, only, since, until, tuple(after or ())))
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

    with open_library() as library:
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


def _print_answer(answer: Answer) -> None:
    if answer.asked.from_history:
        out.print(f"understood as: {answer.asked.text}", style="dim", markup=False)
    if answer.short_answer:
        out.print(answer.short_answer, style="bold", markup=False)
    out.print(answer.answer, markup=False)
    if answer.frame:
        out.print(answer.frame, style="dim", markup=False)
    for citation in answer.citations:
        place = f"{citation.source_name} {list(citation.source_spans)}"
        again = f", printed {len(citation.also_in) + 1} times" if citation.also_in else ""
        meant = "".join(f", {date.text} is {date.means}" for date in citation.dates)
        out.print(f"  [{citation.marker}] {citation.title}: {place}{again}{meant}", style="dim", markup=False)
        if stands := _stands(citation.where):
            out.print(f"      {stands}", style="dim", markup=False)
    _print_hits(answer.nearest)


def _stands(where: Where) -> str:
    """``第三章 › 第十二条, page 4, 型号: 甲, 重量: 2 kg``; empty for what stands under nothing."""
    parts = [" › ".join(where.headings)] if where.headings else []
    if where.page is not None:
        parts.append(f"page {where.page}")
    parts += (f"{head}: {cell}" for head, cell in where.row)
    if where.ocr:
        parts.append("read off a picture")
    return ", ".join(parts)


def _print_hits(hits: tuple[Hit, ...]) -> None:
    for hit in hits:
        stands = where_of(hit.passage)
        path = f" ({_stands(stands)})" if stands != Where() else ""
        out.print(f"  {hit.score:.3f}  {hit.document.title}{path}", style="dim", markup=False)
        out.print(f"         {hit.passage.text}", markup=False)


if __name__ == "__main__":
    main()
