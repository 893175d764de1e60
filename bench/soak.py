"""Hours in minutes: ``python -m bench.soak [--minutes 60] [--megabytes 256]``, or ``make soak MINUTES=60``.

A server on a small disk is asked, given documents and told to delete them, all at once, while clients dawdle
over half a request, the disk is filled to the last byte now and then, and the server is killed or stopped and
started again. At the end the invariants are checked and the figures printed:

- what was acknowledged is there and found; what was deleted is neither, and in no file
- what was refused left nothing; nothing is there twice
- store, texts, vectors and indexes agree (``chuchu doctor --deep``)
- no answer was a 500, every SIGTERM ended with 0, memory did not grow

All on this machine. Exit code 1 when an invariant does not hold.
"""

from __future__ import annotations

import argparse
import random
import socket
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlsplit

import httpx

from bench.attack_storage import ASKED, page
from bench.attacked import Disk, Report, Server, small_disk
from rag.deep_check import complaints
from rag.library import Library, Question
from rag.settings import Settings
from rag.store.rows import Listed
from rag.store.store import Store

MOST_HELD = 150
"""Documents that are there at once; beyond, one is deleted for each that comes."""
ASKERS = 2
SLOW_CLIENTS = 20
SENTENCES = 300
BETWEEN_BLOWS = (10.0, 30.0)
"""Seconds between two kills, stops or fillings."""


class Load:
    """What goes on at once, and what was acknowledged of it."""

    def __init__(self, server: Server, disk: Disk, seed: int) -> None:
        self.server, self.disk = server, disk
        self.dice = random.Random(seed)  # noqa: S311 - the same course each time
        self.over = threading.Event()
        self.there: dict[int, int] = {}
        """Acknowledged documents: number to id."""
        self.gone: set[int] = set()
        self.doubtful: set[int] = set()
        """Asked for, and the server was killed before it could say so."""
        self.answers: Counter[str] = Counter()
        self.blows: Counter[str] = Counter()
        self.faults: list[str] = []
        self.exit_codes: list[int] = []
        self.memory: list[int] = []

    def ask(self, seed: int) -> None:
        dice = random.Random(seed)  # noqa: S311
        while not self.over.is_set():
            numbers = list(self.there) or [0]
            number = dice.choice(numbers)
            self._request(
                "ask", "POST", "/v1/ask", json={"question": ASKED.format(number)}
            )

    def change(self) -> None:
        """Documents come and go; an answer that does not come leaves it open what became of them."""
        number = 0
        while not self.over.is_set():
            number += 1
            self.doubtful.add(number)
            response = self._sent(number)
            if response is not None:
                self.doubtful.discard(number)
                if response.status_code == 201:
                    self.there[number] = response.json()["documents"][0]["id"]
            if len(self.there) > MOST_HELD or (
                len(self.there) > 10 and self.dice.random() < 0.3
            ):
                self._delete(self.dice.choice(list(self.there)))

    def _sent(self, number: int) -> httpx.Response | None:
        given = {
            "title": f"仓库{number}",
            "text": page(number, self.dice.randint(1, SENTENCES)),
        }
        return self._request("put", "POST", "/v1/documents", json=given)

    def _delete(self, number: int) -> None:
        id_ = self.there.pop(number)
        self.doubtful.add(number)
        response = self._request("delete", "DELETE", f"/v1/documents/{id_}")
        if response is None:
            return
        self.doubtful.discard(number)
        if response.status_code == 204:
            self.gone.add(number)
        elif response.status_code in (503, 507):
            self.there[number] = id_
        else:
            self.faults.append(f"deleting {number}: {response.status_code}")

    def dawdle(self) -> None:
        """Half a request, and nothing for a while."""
        where = urlsplit(self.server.url)
        while not self.over.is_set():
            held: list[socket.socket] = []
            try:
                for _ in range(SLOW_CLIENTS):
                    held.append(
                        socket.create_connection(
                            (where.hostname or "", where.port or 0), 5
                        )
                    )
                    held[-1].sendall(
                        b"POST /v1/documents HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le"
                    )
            except OSError:
                pass
            self.over.wait(5)
            for each in held:
                each.close()

    def strike(self) -> None:
        """Kill it, stop it or fill its disk, and make it good again."""
        while not self.over.wait(self.dice.uniform(*BETWEEN_BLOWS)):
            self.memory.append(self._resident())
            blow = self.dice.choice(("kill", "stop", "full disk"))
            self.blows[blow] += 1
            if blow == "full disk":
                self.disk.fill()
                self.over.wait(4)
                self.disk.free_up()
                continue
            if blow == "kill":
                self.server.kill()
            else:
                self.exit_codes.append(self.server.stop())
            try:
                self.server.start()
            except SystemExit as error:  # in a thread nobody would hear of it
                self.faults.append(f"after {blow}: {error}")
                self.over.set()

    def _resident(self) -> int:
        process = self.server.process
        status = Path(f"/proc/{process.pid}/statm") if process else None
        return (
            int(status.read_text().split()[1]) * 4096
            if status and status.exists()
            else 0
        )

    def _request(
        self, what: str, method: str, path: str, **more: object
    ) -> httpx.Response | None:
        """The response; None when the server was not there to give one."""
        try:
            with self.server.client() as client:
                response = client.request(method, path, **more)  # type: ignore[arg-type]
        except httpx.HTTPError:
            self.answers[f"{what}: nobody there"] += 1
            self.over.wait(0.3)
            return None
        self.answers[f"{what}: {response.status_code}"] += 1
        if response.status_code >= 500 and response.status_code not in (503, 507):
            self.faults.append(f"{what}: {response.status_code} {response.text[:200]}")
        return response


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=60.0)
    parser.add_argument("--megabytes", type=int, default=256)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    report = Report()
    with small_disk(options.megabytes) as disk:
        if not disk.small:
            sys.stdout.write("no tmpfs can be mounted here: the disk is not filled\n")
        server = Server(disk.folder / "home")
        server.start()
        load = Load(server, disk, options.seed)
        run(load, options.minutes * 60)
        disk.free_up()
        load.exit_codes.append(server.stop())
        told(load)
        check(load, disk.folder / "home", report)
    report.end()


def run(load: Load, seconds: float) -> None:
    jobs = [load.change, load.strike, load.dawdle]
    threads = [threading.Thread(target=job) for job in jobs]
    threads += [
        threading.Thread(target=load.ask, args=(seed,)) for seed in range(ASKERS)
    ]
    for thread in threads:
        thread.start()
    end = time.monotonic() + seconds
    while (left := end - time.monotonic()) > 0 and not load.over.is_set():
        time.sleep(min(left, 30))
        sys.stdout.write(
            f"  {max(left, 0):5.0f} s left: {len(load.there)} there, {len(load.gone)} gone\n"
        )
        sys.stdout.flush()
    load.over.set()
    for thread in threads:
        thread.join()


def told(load: Load) -> None:
    for name, count in sorted(load.answers.items()):
        sys.stdout.write(f"      {name:24} {count:8,}\n")
    for name, count in sorted(load.blows.items()):
        sys.stdout.write(f"      {name:24} {count:8,}\n")
    if load.memory:
        memory = ", ".join(f"{each / 1e6:.0f}" for each in load.memory)
        sys.stdout.write(f"      resident before each blow, MB: {memory}\n")


def check(load: Load, home: Path, report: Report) -> None:
    report.expect(not load.faults, f"no answer was a fault {load.faults[:3]}")
    report.expect(
        not any(load.exit_codes), f"every stop ended in good order {load.exit_codes}"
    )
    with Library.open(Settings(home=home, rerank=False)) as library:
        titles = [each.title for each in _all(library)]
        numbers = Counter(int(title.removeprefix("仓库")) for title in titles)
        report.expect(
            set(load.there) <= numbers.keys(),
            f"all {len(load.there)} acknowledged are there",
        )
        report.expect(
            not load.gone & numbers.keys(), f"none of {len(load.gone)} deleted is there"
        )
        report.expect(max(numbers.values(), default=1) == 1, "none is there twice")
        unknown = numbers.keys() - load.there.keys() - load.doubtful
        report.expect(
            not unknown, f"what was refused left nothing {sorted(unknown)[:5]}"
        )
        unfound = [
            number for number in list(load.there)[:100] if not _found(library, number)
        ]
        report.expect(not unfound, f"they are found {unfound[:5]}")
        files = b"".join(
            path.read_bytes() for path in home.rglob("*") if path.is_file()
        )
        left = [
            number
            for number in sorted(load.gone)
            if f"货单{number}之".encode() in files
        ]
        report.expect(not left, f"no file holds what was deleted {left[:5]}")
    with Store.open(home) as store:
        found = list(complaints(store))
        report.expect(not found, f"store, texts, vectors and indexes agree {found[:3]}")


def _found(library: Library, number: int) -> bool:
    hits = library.search(Question(ASKED.format(number), 10))
    return any(hit.document.title == f"仓库{number}" for hit in hits)


def _all(library: Library) -> list[Listed]:
    found: list[Listed] = []
    while page_ := library.listing(found[-1].id if found else 0, 500):
        found += page_
    return found


if __name__ == "__main__":
    main()
