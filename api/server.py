"""``serve()``: bind, open the library, index the seeds into an empty store, answer until a signal.

The socket listens first, so that a port in use is known before any model is loaded, and
``/health/live`` answers while ``/health/ready`` does not yet.
"""

from __future__ import annotations

import logging
import secrets
import signal
import socket
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from ipaddress import ip_address
from pathlib import Path
from types import FrameType

import uvicorn

from api.app import create_app
from api.connections import (
    BACKLOG,
    WAITING_ROOM,
    BoundedProtocol,
    FewAlike,
    most_connections,
)
from api.progress import Progress
from api.security import check_binding
from api.service import Service
from rag import sources
from rag.errors import ChuchuError
from rag.home.lock import Server
from rag.library import Failed, Library
from rag.settings import Settings

GRACE_SECONDS = 5
"""How long requests may take to end once a signal has come."""
KEEP_ALIVE_SECONDS = 5
"""How long a connection may be idle between two requests."""


def serve(settings: Settings, seeds: Path | None = None) -> None:
    """Serve until SIGINT or SIGTERM, then finish what runs and close the library.

    Args:
        settings: ``port`` 0 takes a free one; the address is printed once questions can come.
        seeds: a file or folder that is indexed when the store is empty.

    Raises:
        SettingsError: an address that others can reach, and no API key.
        ChuchuError: the port is in use, or the library cannot be opened.
    """
    check_binding(settings)
    stopping = threading.Event()
    with _listen(settings.host, settings.port) as listener:
        here = Server(
            _url(settings.host, listener.getsockname()[1]), secrets.token_urlsafe(32)
        )
        app = create_app(
            settings,
            partial(_open, settings, seeds, stopping, here),
            local_key=here.key,
        )
        config = uvicorn.Config(
            app,
            lifespan="on",
            log_level="warning",
            access_log=False,
            server_header=False,
            # X-Forwarded-For is the client's to invent: with it the brake on wrong keys would count nobody.
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_SECONDS,
            http=_protocol(),
            ws="none",
            backlog=BACKLOG,
            timeout_keep_alive=KEEP_ALIVE_SECONDS,
        )
        for name in ("uvicorn.error", "asyncio"):
            logging.getLogger(name).addFilter(FewAlike())
        server = _Server(config, stopping)
        service: Service = app.state.service
        threading.Thread(
            # A daemon, as it waits for the library, which may never open.
            target=_announce,
            args=(service, server, here.url),
            daemon=True,
        ).start()
        server.run(sockets=[listener])
    if service.failure is not None and not stopping.is_set():
        raise service.failure
    if service.closing_failure is not None:
        raise service.closing_failure


def _protocol() -> type[BoundedProtocol]:
    """The protocol with as many connections as there are files for."""
    return type("Protocol", (BoundedProtocol,), {"most": most_connections()})


class _Server(uvicorn.Server):
    """Tells the opening thread of a signal too, and ends in good order instead of by the signal."""

    def __init__(self, config: uvicorn.Config, stopping: threading.Event) -> None:
        super().__init__(config)
        self.stopping = stopping

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        for listener in sockets or ():
            # asyncio has made it as short as what it accepts in a turn.
            listener.listen(WAITING_ROOM)

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # Indexing the seeds, in another thread, looks at this between two files.
        self.stopping.set()
        super().handle_exit(sig, frame)

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        # uvicorn raises the signal again once it has ended, and the exit code would be the signal's: here it is 0.
        before = {
            each: signal.signal(each, self.handle_exit)
            for each in (signal.SIGINT, signal.SIGTERM)
        }
        try:
            yield
        finally:
            for each, handler in before.items():
                signal.signal(each, handler)


def _listen(host: str, port: int) -> socket.socket:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    # asyncio turns Nagle's delay off only for sockets that say they are TCP: 40 ms a response otherwise.
    listener = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    if sys.platform != "win32":
        # A restart need not wait for the last connections' TIME_WAIT; on Windows this would share the port.
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen(128)
    except OSError as error:
        listener.close()
        why = error.strerror or str(error)
        raise ChuchuError(
            f"cannot serve on {host} port {port} ({why}); CHUCHU_PORT and CHUCHU_HOST choose another"
        ) from error
    return listener


def _open(
    settings: Settings, seeds: Path | None, stopping: threading.Event, here: Server
) -> Library:
    with Progress(sys.stderr) as progress:
        progress.step("Opening models and indexes")
        library = Library.open(
            settings,
            progress.counter("Encoding the documents for this encoder"),
            progress.counter("Reading again what an older version read"),
            here,
        )
        try:
            if seeds is not None and library.counts()["documents"] == 0:
                _index(library, seeds, progress, stopping)
        # Ctrl+C too: the lock of the data folder must not outlive this process.
        except BaseException:
            library.close()
            raise
    return library


def _index(
    library: Library, seeds: Path, progress: Progress, stopping: threading.Event
) -> None:
    files = list(sources.walk([seeds]))
    for outcome in progress.track(
        library.ingest(files), f"Indexing {seeds.name}", len(files)
    ):
        if isinstance(outcome, Failed):
            progress.say(f"{outcome.name} was left out: {outcome.why}")
        if stopping.is_set():
            raise ChuchuError("stopped while indexing")


def _announce(service: Service, server: uvicorn.Server, address: str) -> None:
    service.opened.wait()
    if service.failure is not None:
        server.should_exit = True
        return
    sys.stdout.write(f"Chuchu answers at {address} (Ctrl+C stops it)\n")
    if service.library.counts()["documents"] == 0:
        sys.stdout.write(
            "There are no documents yet: drop some on that page, or `chuchu ingest PATH…`\n"
        )
    sys.stdout.flush()


def _url(host: str, port: int) -> str:
    try:
        # 0.0.0.0 is where it listens and nowhere to go to.
        if ip_address(host).is_unspecified:
            host = "localhost"
    except ValueError:
        pass
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
