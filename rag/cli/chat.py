"""``chuchu chat``: one question after another, each with those before it as its history."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterator
from typing import Any, Final

from rag.cli.answers import print_answer
from rag.cli.backend import Backend
from rag.cli.remote import RemoteProblem
from rag.errors import InvalidValue
from rag.terminal import err, out

MAX_HISTORY: Final = 20
"""Earlier questions that are sent along; the endpoint takes no more."""
ANSWERED: Final = ("answered", "conflicting")
_PROMPT: Final = "? "


def converse(backend: Backend, limits: dict[str, Any]) -> None:
    """Ask what is typed until an empty line, the end of the input, or Ctrl+C.

    What cannot be asked is said, and the next question may come.

    Args:
        limits: of each question, as ``POST /v1/ask`` takes them.
    """
    history: list[str] = []
    for question in _typed_questions():
        try:
            answer = backend.ask(
                {"question": question, "history": history[-MAX_HISTORY:], **limits}
            )
        except InvalidValue as error:
            err.print(f"chuchu: {error}", markup=False, style="red")
            continue
        except RemoteProblem as error:
            if not error.is_bad_use:
                raise
            err.print(f"chuchu: {error}", markup=False, style="red")
            continue
        print_answer(answer)
        out.print()
        # A question that was refused must not complete the next one.
        if answer["status"] in ANSWERED:
            history.append(question)


def _typed_questions() -> Iterator[str]:
    """The lines of standard input; on a terminal with a prompt, and arrow keys where the system has them."""
    if not sys.stdin.isatty():
        for line in sys.stdin:
            if not line.strip():
                return
            yield line.strip()
        return
    with contextlib.suppress(ImportError):
        # Windows has none, and edits lines by itself.
        import readline  # noqa: F401
    with contextlib.suppress(EOFError, KeyboardInterrupt):
        while line := input(_PROMPT).strip():
            yield line
