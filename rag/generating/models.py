"""What a language model is to Chuchu: something that writes text to messages, or fails and says how."""

from __future__ import annotations

import queue
import threading
import time
from collections.abc import Callable, Iterator
from typing import Literal, Protocol

from rag.generating.prompt import Message

Failure = Literal["unreachable", "slow", "refused", "failed", "broke off", "unreadable"]
"""How writing failed.

``unreachable``  nobody answers at the address
``slow``         the time was up before the text was whole
``refused``      the server turned the request down (4xx: a wrong key, no such model)
``failed``       the server, or the model here, had an error
``broke off``    the text ended in the middle
``unreadable``   what came is no text, or no sentence with a marker
"""
MOST_CHARS = 12_000
"""A reply longer than this is not an answer; what comes after is not read."""


class WritingFailed(Exception):
    """The model did not write an answer. ``detail`` is for the log, not for the asker."""

    def __init__(self, failure: Failure, detail: str = "") -> None:
        self.failure, self.detail = failure, detail
        super().__init__(f"{failure}: {detail}" if detail else failure)


class LanguageModel(Protocol):
    """Writes text to messages. ``name`` is the model's, shown with the answer."""

    name: str

    def write(self, messages: list[Message], seconds: float) -> Iterator[str]:
        """The text, piece by piece as it comes. Raises WritingFailed."""
        ...


class Cancelled:
    """Set once nobody waits for a text any more; whoever writes it looks here and stops."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._on_cancel: Callable[[], None] | None = None

    def __bool__(self) -> bool:
        return self._event.is_set()

    def when_cancelled(self, call: Callable[[], None]) -> None:
        """``call`` ends what blocks: it closes a connection."""
        self._on_cancel = call

    def cancel(self) -> None:
        self._event.set()
        if self._on_cancel is not None:
            self._on_cancel()


def with_deadline(
    seconds: float, write: Callable[[Cancelled], Iterator[str]]
) -> Iterator[str]:
    """What ``write`` yields, until the time is up.

    It runs in a thread of its own: a server that sends a byte a second keeps every read short and the whole
    endless, and nothing but a clock outside ends that.

    Raises:
        WritingFailed: ``slow`` when the time is up, or whatever ``write`` raised.
    """
    cancelled = Cancelled()
    pieces: queue.Queue[str | WritingFailed | None] = queue.Queue()

    def produce() -> None:
        try:
            for piece in write(cancelled):
                if cancelled:
                    return
                pieces.put(piece)
            pieces.put(None)
        except WritingFailed as failed:
            pieces.put(failed)
        except Exception as error:
            # Whatever a foreign server or model does is no fault of the caller.
            pieces.put(WritingFailed("failed", f"{type(error).__name__}: {error}"))

    deadline = time.monotonic() + seconds
    threading.Thread(target=produce, name="language-model", daemon=True).start()
    chars = 0
    try:
        while chars < MOST_CHARS:
            try:
                piece = pieces.get(timeout=max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                raise WritingFailed(
                    "slow", f"no whole text after {seconds:g} s"
                ) from None
            if piece is None:
                return
            if isinstance(piece, WritingFailed):
                raise piece
            chars += len(piece)
            yield piece
    finally:
        cancelled.cancel()
