"""A word to stop, for work that takes long: set by one thread, heard by another.

stop = Stop()
library.ingest_source(source, stop=stop)    in a worker's thread; raises Stopped
stop.set()                                  from any other
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from rag.errors import Stopped


class Stop:
    """Not set at first; once set it stays so."""

    def __init__(self) -> None:
        self._set = False
        self._actions: list[Callable[[], object]] = []
        self._lock = threading.Lock()

    def set(self) -> None:
        """End what runs: call what waits in ``calling``, each at most once."""
        with self._lock:
            self._set = True
            actions, self._actions = self._actions, []
        for action in actions:
            action()

    def check(self) -> None:
        """Raises Stopped: it is set."""
        if self._set:
            raise Stopped("whoever asked for it has left, or the service ends")

    @contextmanager
    def calling(self, action: Callable[[], object]) -> Iterator[None]:
        """While inside, ``set`` calls ``action``; at once when it is set already."""
        with self._lock:
            late = self._set
            if not late:
                self._actions.append(action)
        if late:
            action()
        try:
            yield
        finally:
            with self._lock:
                if action in self._actions:
                    self._actions.remove(action)


NEVER: Final = Stop()
"""For work that nobody stops."""
