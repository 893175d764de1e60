"""What no client and no text may do: runs against a real server, over loopback and a temporary folder.

    python -m bench.attack [--only half-sent,long-texts,tiny-paragraphs,cancelled] [--connections 1010]

``half-sent``        more requests that never become whole than the server has files for
``long-texts``       names without a stop, tens and hundreds of kilobytes, and questions that find them
``tiny-paragraphs``  a file of nothing but paragraphs of one letter, or of stems
``cancelled``        a torn page of hundreds of blocks, whose client leaves; another upload beside it
``prose``            a file of 15 MB, and questions while it is taken in (minutes)

Prints a line of Markdown for each figure, with what it must be, and ends with 1 when one is not.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http import HTTPStatus
from http.client import HTTPConnection
from pathlib import Path
from subprocess import PIPE

import httpx

ROOT = Path(__file__).parent.parent
SEEDS = ROOT / "seeds"
QUESTION = "全国有多少家国家级知识产权保护中心？"
SERVE = """
import resource, sys
resource.setrlimit(resource.RLIMIT_NOFILE, (int(sys.argv[2]),) * 2)
from pathlib import Path
from api.server import serve
from rag.settings import load_settings
serve(load_settings(), Path(sys.argv[1]))
"""
FILES = 1024
"""Open files that the server may have."""
MEBIBYTE = 1024 * 1024
MOST_MEMORY = 3 * 1024 * MEBIBYTE
MOST_BODY = 256 * 1024
MOST_HEALTH_MS = 100.0
MOST_LOG_A_MINUTE = MEBIBYTE
MOST_P99_MS = 1000.0
MOST_TIMES = 3.0
PATIENCE = 600.0
_SURNAMES, _GIVEN = (
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗",
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀兰霞平刚桂英",
)


@dataclass(slots=True)
class Server:
    """A running server, and where its log goes."""

    process: subprocess.Popen[str]
    url: str
    log: Path

    @property
    def port(self) -> int:
        return int(self.url.rpartition(":")[2])

    def client(self) -> httpx.Client:
        return httpx.Client(base_url=self.url, timeout=PATIENCE)


@dataclass(slots=True)
class Report:
    """The figures as they come; ``failed`` counts those that are not what they must be."""

    failed: int = 0

    def line(self, run: str, what: str, value: float, most: float, unit: str) -> None:
        good = value <= most
        self.failed += not good
        mark = "ok" if good else "**over**"
        sys.stdout.write(
            f"| {run} | {what} | {value:,.1f} {unit} | {most:,.0f} {unit} | {mark} |\n"
        )
        sys.stdout.flush()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument(
        "--only", default="half-sent,long-texts,tiny-paragraphs,cancelled"
    )
    parser.add_argument("--connections", type=int, default=1010)
    options = parser.parse_args()
    chosen = options.only.split(",")
    if unknown := set(chosen) - set(RUNS):
        parser.error(
            f"--only: got {', '.join(sorted(unknown))}, expected of {', '.join(RUNS)}"
        )
    report = Report()
    sys.stdout.write("| run | what | measured | at most | |\n|---|---|---:|---:|---|\n")
    for name in chosen:
        with (
            tempfile.TemporaryDirectory(prefix="chuchu-attack-") as home,
            serving(Path(home)) as server,
        ):
            RUNS[name](server, report, options)
    sys.exit(1 if report.failed else 0)


@contextmanager
def serving(home: Path) -> Iterator[Server]:
    """A server over the seeds with ``FILES`` open files, ended afterwards."""
    environment = os.environ | {"CHUCHU_HOME": str(home / "home"), "CHUCHU_PORT": "0"}
    log = home / "log"
    command = [sys.executable, "-c", SERVE, str(SEEDS), str(FILES)]
    with log.open("w") as file:
        process = subprocess.Popen(  # noqa: S603
            command, cwd=ROOT, env=environment, stdout=PIPE, stderr=file, text=True
        )
    try:
        assert process.stdout is not None
        match = re.search(r"http://\S+", process.stdout.readline())
        if match is None:
            raise SystemExit(f"the server did not start: {log.read_text()[-500:]}")
        yield Server(process, match.group(), log)
    finally:
        process.terminate()
        process.wait()


# what is measured


def timed(call: Callable[[], httpx.Response]) -> tuple[float, httpx.Response]:
    """Milliseconds, and the response."""
    begun = time.perf_counter()
    response = call()
    return (time.perf_counter() - begun) * 1000, response


def memory_of(server: Server) -> int:
    """Bytes of the largest process: the server's most so far, or what one of its children has now."""
    pids = [server.process.pid, *_children(server.process.pid)]
    return max(_memory(pid) for pid in pids)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for task in Path(f"/proc/{pid}/task").glob("*/children"):
        with contextlib.suppress(OSError):
            found += map(int, task.read_text().split())
    return found


def _memory(pid: int) -> int:
    with contextlib.suppress(OSError):
        match = re.search(r"VmHWM:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
        return int(match[1]) * 1024 if match else 0
    return 0


@dataclass(slots=True)
class Asking:
    """Asks one question after another in a thread while something else goes on."""

    server: Server
    times: list[float] = field(default_factory=list)
    memory: int = 0
    _end: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Asking:
        self._thread = threading.Thread(target=self._ask, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._end.set()
        self._thread.join()

    _thread: threading.Thread = field(init=False)

    def _ask(self) -> None:
        with self.server.client() as client:
            while not self._end.wait(0.05):
                spent, response = timed(
                    lambda: client.post("/v1/ask", json={"question": QUESTION})
                )
                response.raise_for_status()
                self.times.append(spent)
                self.memory = max(self.memory, memory_of(self.server))

    @property
    def p99(self) -> float:
        return (
            statistics.quantiles(self.times, n=100)[-1]
            if len(self.times) > 1
            else max(self.times, default=0)
        )


# the texts


def names(characters: int) -> str:
    """A list of names without a stop, as a page of participants has it."""
    chance = random.Random(1)  # noqa: S311
    name = [
        chance.choice(_SURNAMES) + chance.choice(_GIVEN) + chance.choice(_GIVEN)
        for _ in range(characters // 4)
    ]
    return "出席会议的人员名单：" + "、".join(name)


def torn_page(blocks: int) -> str:
    """The blocks of the seed page again and again, other characters in each, in no order."""
    chance = random.Random(2)  # noqa: S311
    page = "\n".join(
        path.read_text(encoding="utf-8") for path in sorted(SEEDS.glob("*.txt"))
    )
    printed = [line for line in page.split("\n") if line.strip()]
    some: list[str] = []
    while len(some) < blocks:
        shift = len(some) // len(printed)
        line = printed[len(some) % len(printed)]
        some.append(
            "".join(
                _moved(each, shift if chance.random() < 0.3 else 0) for each in line
            )
        )
    chance.shuffle(some)
    return "\n\n".join(some)


def _moved(character: str, by: int) -> str:
    return chr(ord(character) + by) if "\u4e00" <= character < "\u9f00" else character


def prose(characters: int) -> str:
    """Sentences in lines, a few to each."""
    chance = random.Random(3)  # noqa: S311
    lines: list[str] = []
    length = 0
    while length < characters:
        number = chance.randrange(100_000)
        line = (
            f"第{number}号仓库今天收到了{number * 7}箱货物，管理员核对后登记入册。"
            * chance.randint(1, 4)
        )
        lines.append(line)
        length += len(line)
    return "\n".join(lines)


# the runs


def half_sent(server: Server, report: Report, options: argparse.Namespace) -> None:
    """Requests whose head or body never comes whole."""
    before = _healths(server)
    size, begun = server.log.stat().st_size, time.monotonic()
    head = b"POST /v1/documents HTTP/1.1\r\nHost: localhost\r\n"
    halves = (
        head,
        head + b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
    )
    held: list[socket.socket] = []
    for number in range(options.connections):
        with contextlib.suppress(OSError):
            connection = socket.create_connection(("127.0.0.1", server.port), timeout=5)
            connection.sendall(halves[number % 2])
            held.append(connection)
    healths = _healths(server)
    minutes = (time.monotonic() - begun) / 60
    run = f"{len(held):,} half-sent"
    report.line(
        "nobody else",
        "/health/live, median",
        statistics.median(before),
        MOST_HEALTH_MS,
        "ms",
    )
    report.line(
        "nobody else", "/health/live, slowest", max(before), 10 * MOST_HEALTH_MS, "ms"
    )
    report.line(
        run, "/health/live, median", statistics.median(healths), MOST_HEALTH_MS, "ms"
    )
    report.line(run, "/health/live, slowest", max(healths), 10 * MOST_HEALTH_MS, "ms")
    report.line(
        run,
        "log a minute",
        (server.log.stat().st_size - size) / minutes,
        MOST_LOG_A_MINUTE,
        "bytes",
    )
    for connection in held:
        connection.close()


def _healths(server: Server) -> list[float]:
    """Milliseconds of ``/health/live``, each over a connection of its own, for ten seconds."""
    spent: list[float] = []
    for _ in range(100):
        begun = time.perf_counter()
        connection = HTTPConnection("127.0.0.1", server.port, timeout=PATIENCE)
        connection.request("GET", "/health/live")
        if connection.getresponse().status != HTTPStatus.OK:
            raise SystemExit("/health/live is not live")
        connection.close()
        spent.append((time.perf_counter() - begun) * 1000)
        time.sleep(0.1)
    return spent


def long_texts(server: Server, report: Report, options: argparse.Namespace) -> None:  # noqa: ARG001
    """Names without a stop, and questions that find them."""
    with server.client() as client:
        usual = _usual(client)
        for characters in (12_000, 20_000, 300_000):
            run = f"names, {3 * characters // 1000:,} kB"
            with Asking(server) as asking:
                _upload(
                    client, f"names-{characters}.txt", names(characters)
                ).raise_for_status()
            question = {"question": "出席会议的人员名单里有谁？"}
            spent, response = timed(
                lambda: client.post("/v1/ask", json=question | {"top_k": 50})  # noqa: B023
            )
            response.raise_for_status()
            report.line(
                run,
                "question that finds it, against the usual",
                spent / usual,
                MOST_TIMES,
                "times",
            )
            report.line(run, "its answer", len(response.content), MOST_BODY, "bytes")
            report.line(run, "others' p99 meanwhile", asking.p99, MOST_P99_MS, "ms")
            report.line(
                run,
                "largest process",
                memory_of(server) / MEBIBYTE,
                MOST_MEMORY / MEBIBYTE,
                "MiB",
            )


def tiny_paragraphs(
    server: Server,
    report: Report,
    options: argparse.Namespace,  # noqa: ARG001
) -> None:
    """Files that would be hundreds of thousands of passages."""
    with server.client() as client:
        for name, text in (
            ("letters", "a\n\n" * 600_000),
            ("stems", "甲：\n\n" * 300_000),
        ):
            run = f"{name}, {len(text.encode()) / 1e6:.1f} MB"
            with Asking(server) as asking:
                spent, response = timed(lambda: _upload(client, "tiny.txt", text))  # noqa: B023
            told = response.json()
            sys.stdout.write(
                f"| {run} | answer: {response.status_code}, {told.get('detail', 'taken in')} | | | |\n"
            )
            report.line(run, "until it was answered", spent / 1000, 180, "s")
            report.line(run, "others' p99 meanwhile", asking.p99, MOST_P99_MS, "ms")
            report.line(
                run,
                "largest process",
                asking.memory / MEBIBYTE,
                MOST_MEMORY / MEBIBYTE,
                "MiB",
            )


def cancelled(server: Server, report: Report, options: argparse.Namespace) -> None:  # noqa: ARG001
    """A page that takes long, whose client leaves after two seconds; a small upload beside it."""
    page = torn_page(360)
    with server.client() as client:
        _upload(client, "warm.txt", "第一句。").raise_for_status()
    leaving = threading.Thread(
        target=_upload_and_leave, args=(server, page), daemon=True
    )
    leaving.start()
    time.sleep(1)
    with server.client() as client:
        spent, response = timed(
            lambda: _upload(client, "beside.txt", "青石巷18号有一家书店。")
        )
        response.raise_for_status()
        report.line("torn page", "upload beside it", spent / 1000, 20, "s")
        leaving.join()
        begun = time.monotonic()
        while (
            "chuchu_uploads 0.0" not in client.get("/metrics").text
            and time.monotonic() - begun < PATIENCE
        ):
            time.sleep(0.05)
        report.line(
            "torn page", "until nothing of it runs", time.monotonic() - begun, 2, "s"
        )
        kept = [
            each["source"]["name"]
            for each in client.get("/v1/documents").json()["documents"]
        ]
        report.line("torn page", "documents of it", kept.count("page.txt"), 0, "")


def whole_prose(server: Server, report: Report, options: argparse.Namespace) -> None:  # noqa: ARG001
    """The largest file that is taken over HTTP."""
    with server.client() as client:
        usual = _usual(client)
        text = prose(4_900_000)
        with Asking(server) as asking:
            spent, response = timed(lambda: _upload(client, "stock.txt", text))
        run = f"prose, {len(text.encode()) / 1e6:.1f} MB"
        response.raise_for_status()
        report.line(run, "until it was in", spent / 1000, 600, "s")
        report.line(run, "others' p99 meanwhile", asking.p99, MOST_P99_MS, "ms")
        question = {"question": "第99号仓库今天收到了多少箱货物？"}
        spent, response = timed(lambda: client.post("/v1/ask", json=question))
        report.line(
            run,
            "question that finds it, against the usual",
            spent / usual,
            MOST_TIMES,
            "times",
        )
        report.line(run, "its answer", len(response.content), MOST_BODY, "bytes")
        most = max(asking.memory, memory_of(server))
        report.line(
            run, "largest process", most / MEBIBYTE, MOST_MEMORY / MEBIBYTE, "MiB"
        )


RUNS: dict[str, Callable[[Server, Report, argparse.Namespace], None]] = {
    "half-sent": half_sent,
    "long-texts": long_texts,
    "tiny-paragraphs": tiny_paragraphs,
    "cancelled": cancelled,
    "prose": whole_prose,
}


def _usual(client: httpx.Client) -> float:
    """Milliseconds of a question over the seeds that none before was like, the median of five."""
    spent: list[float] = []
    for number in range(6):
        question = {"question": f"{QUESTION}{'？' * number}"}
        spent.append(timed(lambda: client.post("/v1/ask", json=question))[0])  # noqa: B023
    return statistics.median(spent[1:])


def _upload(client: httpx.Client, name: str, text: str) -> httpx.Response:
    return client.post("/v1/documents", files=[("files", (name, text.encode()))])


def _upload_and_leave(server: Server, text: str) -> None:
    with (
        contextlib.suppress(httpx.TimeoutException),
        httpx.Client(base_url=server.url, timeout=2) as client,
    ):
        _upload(client, "page.txt", text)


if __name__ == "__main__":
    main()
