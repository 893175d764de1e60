"""A server to be attacked: on a disk of its own that can be filled, killed and started again."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import httpx

ROOT: Final = Path(__file__).parent.parent
WAIT: Final = 180.0
"""Seconds that a start may take on a busy machine."""
_SERVE: Final = """
from api.server import serve
from rag.settings import load_settings
serve(load_settings(), None)
"""


class Disk:
    """A folder on a file system of its own where this machine lets us mount one, else an ordinary one.

    ``small`` says which; only a small one can be filled.
    """

    def __init__(self, folder: Path, *, small: bool) -> None:
        self.folder, self.small = folder, small
        self._filler = folder / "somebody else's"

    def fill(self) -> None:
        """Take every byte that is left."""
        with self._filler.open("ab") as file:
            for size in (2**20, 2**12, 1):
                try:
                    while self.small:
                        os.write(file.fileno(), bytes(size))
                except OSError:
                    continue

    def free_up(self) -> None:
        self._filler.unlink(missing_ok=True)


@contextmanager
def small_disk(megabytes: int) -> Iterator[Disk]:
    """A tmpfs of so many megabytes, gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="chuchu-attack-") as name:
        folder = Path(name)
        options = ["-o", f"size={megabytes}m,mode=0700"]
        mounted = subprocess.run(  # noqa: S603
            ["mount", "-t", "tmpfs", *options, "tmpfs", name],  # noqa: S607
            capture_output=True,
            check=False,
        )
        try:
            yield Disk(folder, small=mounted.returncode == 0)
        finally:
            if mounted.returncode == 0:
                subprocess.run(["umount", name], check=False)  # noqa: S603, S607


class Server:
    """``chuchu serve`` over a home, in a process of its own, on a port that it keeps from start to start."""

    def __init__(self, home: Path) -> None:
        self._home = home
        self._port = 0
        self.url = ""
        self.process: subprocess.Popen[str] | None = None

    def start(self) -> None:
        """Raises SystemExit with what it said when it does not come up."""
        environment = os.environ | {
            "CHUCHU_HOME": str(self._home),
            "CHUCHU_PORT": str(self._port),
            "CHUCHU_RERANK": "false",
        }
        with tempfile.TemporaryFile("w+") as said:
            self.process = subprocess.Popen(  # noqa: S603
                [sys.executable, "-c", _SERVE],
                cwd=ROOT,
                env=environment,
                stdout=subprocess.PIPE,
                stderr=said,
                text=True,
            )
            assert self.process.stdout is not None
            found = re.search(r"http://[^ ]+:(\d+)", self.process.stdout.readline())
            if found is None:
                self.process.wait()
                said.seek(0)
                raise SystemExit(f"the server did not start: {said.read()[-2000:]}")
        self.url, self._port = found.group(), int(found[1])

    def stop(self) -> int:
        """SIGTERM; the exit code."""
        return self._end(signal.SIGTERM)

    def kill(self) -> None:
        self._end(signal.SIGKILL)

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=60)

    def metric(self, name: str) -> float:
        with self.client() as client:
            found = re.search(
                rf"^{name} (\S+)$", client.get("/metrics").text, re.MULTILINE
            )
        return float(found[1]) if found else float("nan")

    def _end(self, number: signal.Signals) -> int:
        if self.process is None:
            return 0
        self.process.send_signal(number)
        code = self.process.wait(WAIT)
        self.process = None
        return code


class Report:
    """What was expected, line by line, and whether it was so."""

    def __init__(self) -> None:
        self.failed = 0
        self._begun = time.monotonic()

    def expect(self, so: bool, what: str) -> None:
        self.failed += not so
        at = time.monotonic() - self._begun
        sys.stdout.write(f"{'ok ' if so else 'BAD'}  {at:6.1f} s  {what}\n")
        sys.stdout.flush()

    def end(self) -> None:
        """Ends the process with 1 when something was not as expected."""
        sys.stdout.write(
            f"{self.failed} not as expected\n" if self.failed else "all as expected\n"
        )
        sys.exit(1 if self.failed else 0)
