"""A running server as the commands see it: HTTP by the standard library, so that nothing large is loaded."""

from __future__ import annotations

import http.client
import json
import socket
import time
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from rag.errors import ChuchuError, InvalidValue, NotFound
from rag.terminal import err

Json = dict[str, Any]

PATIENCE_SECONDS: Final = 120.0
"""How long a server may still be opening its models and indexes, or be busy."""
_CONNECT_SECONDS: Final = 10.0
_ANSWER_SECONDS: Final = 600.0
_PAGE: Final = 500
_JSON: Final = {"Content-Type": "application/json"}
_UNAVAILABLE: Final = 503


class ServerUnreachable(ChuchuError):
    """No server answers at the address, or it broke off."""


class RemoteProblem(ChuchuError):
    """What a server said was wrong: its problem (RFC 9457), in the words that the library would use."""

    def __init__(self, problem: Json) -> None:
        self.problem = problem
        super().__init__(problem["detail"])

    @property
    def is_bad_use(self) -> bool:
        """Whether the request was to blame: a value that cannot be used, or a thing that is not there."""
        return self.problem["status"] in (404, 422)


class Remote:
    """One server. Every request has a connection of its own; a command makes few.

    Args:
        url: ``http://host:port``, with a path where a proxy serves it under one.
        key: sent as ``Authorization: Bearer`` when it is not empty.
        same_machine: it holds the data folder here, so files are named to it instead of sent.

    Raises:
        InvalidValue: the address is none.
    """

    def __init__(self, url: str, key: str = "", *, same_machine: bool = False) -> None:
        parts = urlsplit(url)
        try:
            self._host, self._port = parts.hostname, parts.port
        except ValueError:
            self._host = None
        if parts.scheme not in ("http", "https") or not self._host:
            raise InvalidValue("url", url, "an address as http://127.0.0.1:8000")
        self._connection = (
            http.client.HTTPSConnection
            if parts.scheme == "https"
            else http.client.HTTPConnection
        )
        self._path, self.url = parts.path.rstrip("/"), url
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.same_machine = same_machine
        self._sent = set[str]()

    def ask(self, body: Json) -> Json:
        return self._json("POST", "/v1/ask", body)

    def search(self, body: Json) -> Json:
        return self._json("POST", "/v1/search", body)

    def listing(self) -> Iterator[Json]:
        after: int | None = 0
        while after is not None:
            page = self._json("GET", f"/v1/documents?limit={_PAGE}&after={after}")
            yield from page["documents"]
            after = page["next"]

    def document(self, document_id: int) -> Json:
        return self._json("GET", f"/v1/documents/{document_id}")

    def source(self, sha256: str) -> Json:
        return self._json("GET", f"/v1/sources/{sha256}")

    def delete(self, document_id: int) -> None:
        try:
            with self._response("DELETE", f"/v1/documents/{document_id}") as response:
                response.read()
        except RemoteProblem as error:
            if error.problem.get("type", "").endswith("not-found"):
                raise NotFound("document", document_id) from None
            raise

    def counts(self) -> dict[str, int]:
        with self._response("GET", "/metrics") as response:
            lines = response.read().decode().splitlines()
        # "chuchu_documents 12": the metrics are the cheapest place that has all four.
        gauges = dict(line.rsplit(" ", 1) for line in lines if not line.startswith("#"))
        counted = ("sources", "documents", "passages", "waiting")
        return {what: int(float(gauges[f"chuchu_{what}"])) for what in counted}

    def finish_vectors(self) -> None:
        """The server makes them in the background."""

    def ingest(self, file: Path, *, keep: bool) -> Iterator[Json]:
        """On this machine the server reads the file, by the limits of no upload; elsewhere it is sent."""
        if self.same_machine:
            yield from self._lines(
                "/v1/local/ingest", {"path": str(file.absolute()), "keep": keep}
            )
        else:
            # There a file replaces the one of its name: two of one name in two folders are two documents.
            yield self._upload(file, keep or file.name in self._sent)
            self._sent.add(file.name)

    def sync(self, folder: Path, stamps: Any) -> Iterator[Json]:  # noqa: ARG002 - the server keeps no stamps
        """Only on this machine: what is gone from a folder is known by its path."""
        if not self.same_machine:
            raise InvalidValue(
                "url",
                self.url,
                "no --url with sync: it follows a folder of the server's machine",
            )
        yield from self._lines("/v1/local/sync", {"folder": str(folder.absolute())})

    def _upload(self, file: Path, keep: bool) -> Json:
        """One file in one request: as it is done, it is told of."""
        try:
            data = file.read_bytes()
        except OSError as error:
            return _left_out(file.name, f"cannot be read ({error.strerror})")
        # The standard library has no multipart; one file is a head, its bytes and a foot.
        kind, body = _form(file.name, data)
        path = f"/v1/documents?replace={'false' if keep else 'true'}"
        try:
            with self._response("POST", path, body, {"Content-Type": kind}) as response:
                added, new = json.loads(response.read()), response.status == 201
        except RemoteProblem as error:
            warnings = error.problem.get("warnings")
            if not warnings:
                return _left_out(file.name, str(error))
            failed = {"name": file.name, "failed": error.problem["failed"][0]["why"]}
            return {"file": failed, "warnings": warnings}
        row = {
            "name": file.name,
            "new": new,
            "documents": [document["id"] for document in added["documents"]],
            "replaced": added["replaced"],
        }
        return {"file": row, "warnings": added["warnings"]}

    def _json(self, method: str, path: str, body: Json | None = None) -> Json:
        content = None if body is None else json.dumps(body).encode()
        with self._response(
            method, path, content, {} if body is None else _JSON
        ) as response:
            value: Json = json.loads(response.read())
        return value

    def _lines(self, path: str, body: Json) -> Iterator[Json]:
        """A response of JSON Lines, each as it comes; the last may be a problem."""
        with self._response("POST", path, json.dumps(body).encode(), _JSON) as response:
            for line in response:
                value = json.loads(line)
                if "problem" in value:
                    raise RemoteProblem(value["problem"])
                yield value

    @contextmanager
    def _response(
        self,
        method: str,
        path: str,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Iterator[http.client.HTTPResponse]:
        """A response that is no problem. One that says "not ready yet" is asked for again for a while."""
        given_up, told = time.monotonic() + PATIENCE_SECONDS, False
        while True:
            connection = self._connect()
            try:
                response = self._send(
                    connection, method, path, body, {**self._headers, **(headers or {})}
                )
                if response.status < 400:
                    yield response
                    return
                problem = _problem(response)
            finally:
                connection.close()
            # 503 while the server opens its models: a command that was quicker than it waits.
            if response.status != _UNAVAILABLE or time.monotonic() > given_up:
                raise RemoteProblem(problem)
            if not told:
                err.print(f"chuchu: waiting: {problem['detail']}", markup=False)
                told = True
            time.sleep(min(float(response.headers.get("Retry-After", "1")), 1.0))

    def _connect(self) -> http.client.HTTPConnection:
        assert self._host
        connection = self._connection(self._host, self._port, timeout=_CONNECT_SECONDS)
        try:
            connection.connect()
        except OSError as error:
            why = error.strerror or str(error)
            raise ServerUnreachable(
                f"no server answers at {self.url} ({why}); `chuchu serve` starts one"
            ) from None
        # To connect takes little or fails; an answer over many documents may take minutes.
        if isinstance(connection.sock, socket.socket):
            connection.sock.settimeout(_ANSWER_SECONDS)
        return connection

    def _send(
        self,
        connection: http.client.HTTPConnection,
        method: str,
        path: str,
        body: bytes | None,
        headers: Mapping[str, str],
    ) -> http.client.HTTPResponse:
        try:
            connection.request(method, self._path + path, body, dict(headers))
            return connection.getresponse()
        except (OSError, http.client.HTTPException) as error:
            raise ServerUnreachable(
                f"the server at {self.url} broke off ({error})"
            ) from None


def _problem(response: http.client.HTTPResponse) -> Json:
    """A problem as RFC 9457 has it; what is none was answered by somebody else."""
    try:
        problem = json.loads(response.read())
        if isinstance(problem, dict) and "detail" in problem:
            return problem
    except (ValueError, http.client.HTTPException):
        pass
    return {
        "status": response.status,
        "detail": f"{response.status} {response.reason}: is this Chuchu?",
    }


def _left_out(name: str, why: str) -> Json:
    warning = {"name": name, "kind": "failed", "detail": why}
    return {"file": {"name": name, "failed": f"{name}: {why}"}, "warnings": [warning]}


def _form(name: str, data: bytes) -> tuple[str, bytes]:
    """``multipart/form-data`` of one file: its content type and its bytes."""
    boundary = uuid.uuid4().hex
    # As browsers write a name with quotes or line breaks in it.
    shown = name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
    head = f'Content-Disposition: form-data; name="files"; filename="{shown}"\r\n'
    kind = "Content-Type: application/octet-stream\r\n\r\n"
    begin = f"--{boundary}\r\n{head}{kind}".encode("utf-8", "surrogateescape")
    return (
        f"multipart/form-data; boundary={boundary}",
        begin + data + f"\r\n--{boundary}--\r\n".encode(),
    )
