"""The log tells where something went wrong and never a document's or a question's words.

A traceback ends with what the exception says, and that can quote: ``KeyError: 'the text'``. The frames are
kept, and the exception's type; ours, which are written to be shown, keep their sentence.
"""

from __future__ import annotations

import logging
import threading
import traceback
from typing import Final

from rag.errors import ChuchuError, InvalidValue

_LOGGERS: Final = ("uvicorn.error", "chuchu.api", "asyncio", "rag", "models")


def without_texts() -> None:
    """Keep the words of exceptions out of everything that is logged from now on."""
    for name in _LOGGERS:
        logger = logging.getLogger(name)
        if not any(isinstance(each, _WithoutTexts) for each in logger.filters):
            logger.addFilter(_WithoutTexts())
    # Python's own prints the exception's words to stderr, past every filter.
    threading.excepthook = _thread_failed


def told(error: BaseException) -> str:
    """The frames that an exception passed, then its type; its causes before it."""
    lines: list[str] = []
    cause = error.__cause__ or (
        None if error.__suppress_context__ else error.__context__
    )
    # Oldest first, as Python prints it, so that the last line is what went wrong in the end.
    if cause is not None:
        lines += [told(cause), ""]
    for frame in traceback.extract_tb(error.__traceback__):
        lines.append(f'  File "{frame.filename}", line {frame.lineno}, in {frame.name}')
    kind = type(error)
    says = (
        f": {error}"
        if isinstance(error, ChuchuError) and not isinstance(error, InvalidValue)
        else ""
    )
    lines.append(f"{kind.__module__}.{kind.__qualname__}{says}")
    return "\n".join(lines)


class _WithoutTexts(logging.Filter):
    def filter(self, record: logging.LogRecord) -> bool:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            record.exc_text = told(error)  # a formatter that finds this makes no other
        return True


def _thread_failed(failed: threading.ExceptHookArgs) -> None:
    name = failed.thread.name if failed.thread is not None else "a thread"
    if failed.exc_value is not None:
        logging.getLogger("chuchu.api").error(
            "%s failed\n%s", name, told(failed.exc_value)
        )
