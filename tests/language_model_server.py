"""An OpenAI-compatible server on loopback that writes what a test tells it to, well or badly."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Reply = Callable[[str], str]
"""The whole prompt -> the text that the model writes."""


@dataclass
class ModelServer:
    """What the server does, to be changed by a test between questions."""

    reply: Reply = lambda prompt: "NOT STATED"
    piece: int = 3
    """Characters of one streamed chunk."""
    status: int = 200
    fault: str = ""
    """``silent``, ``drip``, ``early``, ``garbage``, ``html``, ``shape``, ``number``, ``once refused``"""
    base_url: str = ""
    prompts: list[str] = field(default_factory=list)
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str] = field(default_factory=list)
    closing: threading.Event = field(default_factory=threading.Event)

    def well(self, reply: str | Reply) -> None:
        """From now on write this, without a fault."""
        self.reply = reply if callable(reply) else lambda prompt: reply
        self.status, self.fault, self.piece = 200, "", 3


@contextmanager
def model_server() -> Iterator[ModelServer]:
    """The server, on a port that was free."""
    told = ModelServer()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Say nothing of each request."""

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            told.asked.append(body)
            told.keys.append(self.headers.get("Authorization", ""))
            prompt = "\n\n".join(message["content"] for message in body["messages"])
            told.prompts.append(prompt)
            if told.fault == "once refused" and "max_tokens" in body:
                self.whole(400, '{"error": {"message": "max_tokens is not supported"}}')
            elif told.status != 200:
                self.whole(told.status, '{"error": {"message": "no"}}')
            elif told.fault == "html":
                self.whole(200, "<html>It works!</html>", "text/html")
            else:
                self.stream(prompt)

        def whole(self, status: int, text: str, kind: str = "application/json") -> None:
            data = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def stream(self, prompt: str) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Connection", "close")
            self.end_headers()
            self.close_connection = True
            if told.fault == "silent":
                told.closing.wait(30)
                return
            text = told.reply(prompt)
            for at in range(0, len(text), told.piece):
                if told.fault == "early" and at > len(text) * 2 // 3:
                    return
                self.chunk(text[at : at + told.piece])
                if told.fault == "drip":
                    time.sleep(0.2)
            self.chunk(None, "stop")
            self.wfile.write(b"data: [DONE]\n\n")

        def chunk(self, text: str | None, finish: str | None = None) -> None:
            if told.fault == "garbage":
                self.wfile.write(b"data: {not json\n\n")
                return
            if told.fault == "shape":
                self.wfile.write(b'data: {"choices": [{"delta": "two years"}]}\n\n')
                return
            content: object = 7 if told.fault == "number" else text
            choice = {
                "index": 0,
                "delta": {"content": content},
                "finish_reason": finish,
            }
            row = {
                "id": "1",
                "object": "chat.completion.chunk",
                "created": 1,
                "model": "m",
                "choices": [choice],
            }
            self.wfile.write(f"data: {json.dumps(row)}\n\n".encode())
            self.wfile.flush()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    told.base_url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    thread = threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True)
    thread.start()
    try:
        yield told
    finally:
        told.closing.set()
        server.shutdown()
        server.server_close()
        thread.join()
