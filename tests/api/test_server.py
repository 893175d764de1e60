"""A real server in a process of its own: its address, events over a socket, signals, a port in use."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from api.server import _listen
from tests.api_fixtures import QUESTION, SEEDS, parse_events

ROOT = Path(__file__).parents[2]
SERVE = """
import sys
from pathlib import Path
from api.server import serve
from rag.errors import ChuchuError
from rag.settings import load_settings
try:
    serve(load_settings(), Path(sys.argv[1]))
except ChuchuError as error:
    sys.exit(str(error))
"""
WAIT = 60


@dataclass(frozen=True, slots=True)
class Server:
    process: subprocess.Popen[str]
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


def start(
    home: Path, port: int = 0, seeds: Path = SEEDS, **settings: str
) -> subprocess.Popen[str]:
    chosen = {
        "CHUCHU_ENCODER": "quick",
        "CHUCHU_HOME": str(home),
        "CHUCHU_PORT": str(port),
    }
    chosen |= {f"CHUCHU_{name.upper()}": value for name, value in settings.items()}
    inherited = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("CHUCHU_")
    }
    return subprocess.Popen(
        [sys.executable, "-c", SERVE, str(seeds)],
        cwd=ROOT,
        env=inherited | chosen,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        encoding="utf-8",
    )


def address(process: subprocess.Popen[str]) -> int:
    """The port that the server prints once it answers."""
    assert process.stdout is not None
    line = process.stdout.readline()
    match = re.search(r"http://127\.0\.0\.1:(\d+)", line)
    assert match, (line, process.stderr.read() if process.stderr else "")
    return int(match[1])


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    process = start(tmp_path_factory.mktemp("home"))
    try:
        yield Server(process, address(process))
    finally:
        process.terminate()
        process.communicate(timeout=WAIT)


def exchange(port: int, request: bytes, size: int = 65536) -> bytes:
    """Send bytes, read until the server closes, ``size`` bytes at a time."""
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT) as connection:
        connection.sendall(request)
        return b"".join(iter(lambda: connection.recv(size), b""))


def ask_request(**headers: str) -> bytes:
    body = json.dumps({"question": QUESTION}).encode()
    given = {
        "Host": "127.0.0.1",
        "Connection": "close",
        "Content-Type": "application/json",
    } | headers
    head = "".join(f"{name}: {value}\r\n" for name, value in given.items())
    return (
        f"POST /v1/ask HTTP/1.1\r\n{head}Content-Length: {len(body)}\r\n\r\n".encode()
        + body
    )


def unchunk(body: bytes) -> bytes:
    """The content of a body in HTTP's chunked coding."""
    content = b""
    while True:
        size, _, body = body.partition(b"\r\n")
        if int(size, 16) == 0:
            return content
        content, body = content + body[: int(size, 16)], body[int(size, 16) + 2 :]


def test_seeds_are_indexed_and_answer(server: Server) -> None:
    answer = httpx.post(
        f"{server.url}/v1/ask", json={"question": QUESTION}, timeout=WAIT
    ).json()
    assert answer["short_answer"] == "74家"
    sources = {
        d["source"]["name"]
        for d in httpx.get(f"{server.url}/v1/documents").json()["documents"]
    }
    assert sources == {path.name for path in SEEDS.glob("*.txt")}


@pytest.mark.parametrize("size", [1, 7, 65536])
def test_events_survive_any_border_between_chunks(server: Server, size: int) -> None:
    reply = exchange(server.port, ask_request(Accept="text/event-stream"), size)
    head, _, body = reply.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200")
    assert b"text/event-stream" in head.lower()
    events = parse_events(unchunk(body) if b"chunked" in head.lower() else body)
    assert [name for name, _ in events][:2] == ["hits", "claim"]
    name, answer = events[-1]
    assert name == "answer"
    for citation in answer["citations"]:
        document = httpx.get(
            f"{server.url}/v1/documents/{citation['document_id']}"
        ).json()
        assert (
            document["text"][citation["start"] : citation["end"]] == citation["quote"]
        )


def test_client_that_leaves_does_not_stop_the_others(server: Server) -> None:
    for _ in range(20):
        with socket.create_connection(
            ("127.0.0.1", server.port), timeout=WAIT
        ) as connection:
            connection.sendall(ask_request(Accept="text/event-stream"))
    response = httpx.post(
        f"{server.url}/v1/ask", json={"question": QUESTION}, timeout=WAIT
    )
    assert response.json()["status"] == "answered"
    assert "chuchu_questions 0.0" in httpx.get(f"{server.url}/metrics").text


def test_concurrent_questions_are_all_answered(server: Server) -> None:
    statuses: list[str] = []

    def ask() -> None:
        response = httpx.post(
            f"{server.url}/v1/ask", json={"question": QUESTION}, timeout=WAIT
        )
        statuses.append(response.json()["status"])

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == ["answered"] * 8


@pytest.mark.parametrize(
    "path", ["/web/../app.py", "/web/%2e%2e/app.py", "/web/..%2fapp.py", "//etc/passwd"]
)
def test_raw_path_leads_nowhere_else(server: Server, path: str) -> None:
    reply = exchange(
        server.port,
        f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode(),
    )
    assert reply.startswith(b"HTTP/1.1 404")


def test_foreign_or_missing_host_is_refused(server: Server) -> None:
    for header in (
        "Host: evil.example\r\n",
        "Host: 127.0.0.1\r\nHost: evil.example\r\n",
    ):
        reply = exchange(
            server.port, f"GET / HTTP/1.1\r\n{header}Connection: close\r\n\r\n".encode()
        )
        assert reply.split(b" ", 2)[1] in {b"403", b"400"}
    assert exchange(server.port, b"GET / HTTP/1.0\r\n\r\n").split(b" ", 2)[1] == b"403"


def test_answer_to_a_body_too_large_reaches_who_sends_it_all_first(
    server: Server,
) -> None:
    size = 40 * 2**20
    with socket.create_connection(
        ("127.0.0.1", server.port), timeout=WAIT
    ) as connection:
        head = f"POST /v1/documents HTTP/1.1\r\nHost: localhost\r\nContent-Length: {size}\r\n"
        connection.sendall(head.encode() + b"Content-Type: application/json\r\n\r\n")
        connection.sendall(b"x" * size)
        assert connection.recv(65536).startswith(b"HTTP/1.1 413")


def test_connections_do_not_wait_for_acknowledgements() -> None:
    with (
        _listen("127.0.0.1", 0) as listener,
        socket.create_connection(listener.getsockname()),
        listener.accept()[0] as accepted,
    ):
        assert accepted.proto == socket.IPPROTO_TCP, (
            "else asyncio leaves Nagle's algorithm on"
        )


def test_port_in_use_is_one_clear_sentence(server: Server, tmp_path: Path) -> None:
    process = start(tmp_path, port=server.port)
    out, err = process.communicate(timeout=WAIT)
    assert process.returncode == 1
    assert out == ""
    assert str(server.port) in err and "Traceback" not in err
    assert len(err.strip().splitlines()) == 1
    assert list(tmp_path.iterdir()) == [], (
        "no data folder is made for a server that cannot serve"
    )


def test_folder_in_use_is_one_clear_sentence(tmp_path: Path) -> None:
    first = start(tmp_path)
    try:
        address(first)
        second = start(tmp_path)
        out, err = second.communicate(timeout=WAIT)
        assert second.returncode == 1
        assert out == ""
        assert "Traceback" not in err
    finally:
        first.terminate()
        first.communicate(timeout=WAIT)


def test_address_that_others_reach_needs_a_key(tmp_path: Path) -> None:
    process = start(tmp_path, host="0.0.0.0")
    _, err = process.communicate(timeout=WAIT)
    assert process.returncode == 1
    assert "api_key" in err and "Traceback" not in err


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_signal_ends_it_in_good_order(tmp_path: Path, number: signal.Signals) -> None:
    process = start(tmp_path)
    port = address(process)
    assert httpx.get(f"http://127.0.0.1:{port}/health/ready").status_code == 200
    process.send_signal(number)
    _, err = process.communicate(timeout=WAIT)
    assert process.returncode == 0
    assert "Traceback" not in err
    again = start(tmp_path, port=port)
    try:
        assert address(again) == port
    finally:
        again.terminate()
        again.communicate(timeout=WAIT)
