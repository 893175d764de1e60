"""What a person waits when others ask too: questions and ``/health/live`` at a real server.

    python -m bench.serving [--clients 8] [--seconds 15] [--encoder chuchu-static]

Starts a server over the seeds in a temporary folder, then measures in rounds: nobody asks, clients ask,
clients ask while a large file is taken in. Clients and server share this machine, so the clients' own work
is in the figures. Prints Markdown.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

import httpx
import numpy as np

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
FACTS = ROOT / "eval" / "facts" / "seeds.jsonl"
HEALTH_INTERVAL = 0.02
PARAGRAPHS = 4000
"""Of the file that is taken in meanwhile; each becomes at least a passage."""
SERVE = """
import sys
from pathlib import Path
from api.server import serve
from rag.settings import load_settings
serve(load_settings(), Path(sys.argv[1]))
"""

Milliseconds = list[float]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=15.0)
    parser.add_argument("--encoder", default="chuchu-static")
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="chuchu-bench-") as home,
        _server(home, options.encoder) as url,
    ):
        sys.stdout.write(_HEAD)
        for clients, upload in (
            (0, False),
            (1, False),
            (options.clients, False),
            (options.clients, True),
        ):
            asks, healths = asyncio.run(_round(url, clients, options.seconds, upload))
            name = f"{clients} ask" + (", one uploads" if upload else "")
            rate = f"{len(asks) / options.seconds:.1f}"
            sys.stdout.write(
                f"| {name} | {rate} | {_percentiles(asks)} | {_percentiles(healths)} |\n"
            )
            sys.stdout.flush()


_HEAD = """| round | answers/s | ask p50 | ask p95 | ask max | health p50 | health p95 | health max |
|---|---:|---:|---:|---:|---:|---:|---:|
"""


@contextmanager
def _server(home: str, encoder: str) -> Iterator[str]:
    environment = os.environ | {
        "CHUCHU_HOME": home,
        "CHUCHU_PORT": "0",
        "CHUCHU_ENCODER": encoder,
    }
    command = [sys.executable, "-c", SERVE, str(SEEDS)]
    process = subprocess.Popen(  # noqa: S603
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    )
    try:
        assert process.stdout is not None
        match = re.search(r"http://\S+", process.stdout.readline())
        if match is None:
            raise SystemExit("the server did not start")
        yield match.group()
    finally:
        process.terminate()
        process.wait()


async def _round(
    url: str, clients: int, seconds: float, upload: bool
) -> tuple[Milliseconds, Milliseconds]:
    """Latencies of ``/v1/ask`` and of ``/health/live``."""
    asks: Milliseconds = []
    healths: Milliseconds = []
    questions = itertools.cycle(_questions())
    end = time.perf_counter() + seconds
    async with httpx.AsyncClient(base_url=url, timeout=120) as client:

        async def ask() -> None:
            while time.perf_counter() < end:
                begun = time.perf_counter()
                response = await client.post(
                    "/v1/ask", json={"question": next(questions)}
                )
                response.raise_for_status()
                asks.append((time.perf_counter() - begun) * 1000)

        async def look() -> None:
            while time.perf_counter() < end:
                begun = time.perf_counter()
                (await client.get("/health/live")).raise_for_status()
                healths.append((time.perf_counter() - begun) * 1000)
                await asyncio.sleep(HEALTH_INTERVAL)

        async with _taking_in(client) if upload else _nothing():
            await asyncio.gather(look(), *(ask() for _ in range(clients)))
    return asks, healths


@asynccontextmanager
async def _taking_in(client: httpx.AsyncClient) -> AsyncIterator[None]:
    """Upload a large file meanwhile, and delete it afterwards."""
    text = "\n\n".join(
        f"第{n}号仓库今天收到了{n * 7}箱货物，管理员核对后登记入册。"
        for n in range(PARAGRAPHS)
    )
    files = [("files", ("stock.txt", text.encode()))]
    uploading = asyncio.create_task(client.post("/v1/documents", files=files))
    yield
    begun = time.perf_counter()
    added = (await uploading).json()["documents"]
    sys.stderr.write(
        f"the upload took {time.perf_counter() - begun:.1f} s more than the round\n"
    )
    for document in added:
        await client.delete(f"/v1/documents/{document['id']}")


@asynccontextmanager
async def _nothing() -> AsyncIterator[None]:
    yield


def _questions() -> list[str]:
    with FACTS.open(encoding="utf-8") as lines:
        return [json.loads(line)["question"] for line in lines]


def _percentiles(values: Milliseconds) -> str:
    if not values:
        return " | ".join("–" * 3)
    return " | ".join(
        f"{value:.0f} ms" for value in np.percentile(values, (50, 95, 100))
    )


if __name__ == "__main__":
    main()
