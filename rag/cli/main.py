"""The ``chuchu`` command: exit code 0 is ok, 2 bad use, 1 failed. ``--json`` is for machines.

The modules of ``rag/cli`` stand on top: they alone may reach from ``rag`` up to ``api`` and ``eval``, and
nobody imports them. What is large is imported inside the commands: one that a server answers is quick.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from pathlib import Path
from typing import Annotated, Any, NoReturn

import typer

from rag.cli.answers import print_answer, print_hits
from rag.cli.backend import Url, open_backend
from rag.cli.documents import documents_app
from rag.cli.ingest import ingest, sync_folder
from rag.cli.remote import RemoteProblem
from rag.errors import ChuchuError, InvalidValue, NotFound
from rag.settings import load_settings
from rag.terminal import Json, counting, err, out
from rag.version import VERSION

app = typer.Typer(
    name="chuchu",
    help="Answers from your own documents; every sentence cites the exact characters it rests on.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.add_typer(documents_app, name="documents")
app.command("ingest")(ingest)
app.command("sync")(sync_folder)

TopK = Annotated[int, typer.Option("--top-k", "-k", help="How many passages.")]
Only = Annotated[
    list[int] | None,
    typer.Option("--document", "-d", help="Only this document (repeatable)."),
]
Since = Annotated[
    str | None, typer.Option(help="Published on this day or later, YYYY-MM-DD.")
]
Until = Annotated[
    str | None, typer.Option(help="Published on this day or earlier, YYYY-MM-DD.")
]
History = Annotated[
    list[str] | None,
    typer.Option(
        "--history",
        "--after",
        help="A question asked before this one, oldest first (repeatable).",
    ),
]


def main() -> None:
    """Run the command line; every error of ours is one sentence on standard error."""
    try:
        app()
    except RemoteProblem as error:
        _stop(error, 2 if error.is_bad_use else 1)
    except (InvalidValue, NotFound) as error:
        _stop(error, 2)
    except ChuchuError as error:
        _stop(error, 1)
    except BrokenPipeError:
        sys.exit(0)


def _stop(error: ChuchuError, code: int) -> NoReturn:
    err.print(f"chuchu: {error}", markup=False, style="red")
    sys.exit(code)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"chuchu {VERSION}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """Answers from your own documents; every sentence cites the exact characters it rests on."""


@app.command()
def ask(
    question: Annotated[str, typer.Argument(help="In Chinese or English.")],
    top_k: TopK = 5,
    document: Only = None,
    since: Since = None,
    until: Until = None,
    history: History = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Answer a question from the documents, or say that they don't say."""
    body = {
        "question": question,
        "history": history,
        **_limits(top_k, document, since, until),
    }
    with open_backend(url) as backend:
        answer = backend.ask(body)
    if as_json:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        print_answer(answer)


@app.command()
def chat(
    top_k: TopK = 5,
    document: Only = None,
    since: Since = None,
    until: Until = None,
    url: Url = None,
) -> None:
    """Ask one question after another; each may lean on those before it. An empty line or Ctrl+D ends it."""
    from rag.cli.chat import converse

    with open_backend(url) as backend:
        converse(backend, _limits(top_k, document, since, until))


@app.command()
def search(
    query: Annotated[str, typer.Argument(help="In Chinese or English.")],
    top_k: TopK = 5,
    document: Only = None,
    since: Since = None,
    until: Until = None,
    url: Url = None,
    as_json: Json = False,
) -> None:
    """Find passages."""
    with open_backend(url) as backend:
        found = backend.search(
            {"query": query, **_limits(top_k, document, since, until)}
        )
    if as_json:
        print(json.dumps(found, ensure_ascii=False))
    else:
        print_hits(found["hits"])


def _limits(
    top_k: int, document: list[int] | None, since: str | None, until: str | None
) -> dict[str, Any]:
    """What limits a question or a search, as both endpoints take it."""
    return {"top_k": top_k, "documents": document, "since": since, "until": until}


@app.command()
def serve(
    host: Annotated[
        str | None,
        typer.Option(help="Address to bind; loopback unless an API key is set."),
    ] = None,
    port: Annotated[int | None, typer.Option(help="0 takes a free one.")] = None,
    seeds: Annotated[
        Path | None, typer.Option(help="What to index when the store is empty.")
    ] = None,
) -> None:
    """Serve the API and the chat page."""
    from api.server import serve as run

    if seeds is not None and not seeds.exists():
        raise InvalidValue("seeds", str(seeds), "a file or folder that exists")
    run(load_settings(host=host, port=port), seeds or seeds_of_clone())


def seeds_of_clone() -> Path | None:
    """The page to begin with, which stands beside the code in a clone; an installed wheel has none."""
    root = Path(__file__).resolve().parents[2]  # rag/cli/main.py
    return root / "seeds" if (root / "pyproject.toml").is_file() else None


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
def doctor(
    as_json: Json = False,
    deep: Annotated[
        bool,
        typer.Option(
            "--deep", help="Read all that is stored and hold it against itself."
        ),
    ] = False,
) -> None:
    """Check this installation: settings, models, store, indexes, one question."""
    from rag.cli.doctor import examine

    found = examine(load_settings(), deep=deep, on_progress=counting("reading sources"))
    if as_json:
        checks = [dataclasses.asdict(check) for check in found]
        print(json.dumps(checks, ensure_ascii=False))
    else:
        for check in found:
            mark = "[green]ok[/]  " if check.ok else "[red]bad[/] "
            out.print(mark, end="")
            out.print(f"{check.name}: {check.detail}", markup=False)
    raise typer.Exit(0 if all(check.ok for check in found) else 1)


if __name__ == "__main__":
    main()
