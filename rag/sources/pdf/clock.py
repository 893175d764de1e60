"""How much of a file's time has gone."""

from __future__ import annotations

import time

_SHARE = 0.75
"""Of the seconds allowed: what is not begun by then is named and left out, not the whole file."""


class Clock:
    """Runs from when it is made; by the wall or by the processor, whichever is further on.

    The process that reads a file is stopped at its last second by either.
    """

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._wall = time.monotonic()
        self._processor = time.process_time()

    @property
    def spent(self) -> float:
        """Seconds gone."""
        return max(time.monotonic() - self._wall, time.process_time() - self._processor)

    def is_late(self) -> bool:
        """Whether nothing new should be begun."""
        return self.spent > _SHARE * self.seconds
