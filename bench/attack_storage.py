"""Attacks on what is stored: ``python -m bench.attack_storage [--flips 200] [--megabytes 48]``.

full disk    a server on a tmpfs is filled until it refuses, to the last byte; it answers, deletes, ends and
             starts again with nothing free
copies       a store carried over from a copy that went its own way
flips        bits of the store and of the index files are turned over: what is shown is what was written, or
             is refused by name

All on this machine, in temporary folders. Exit code 1 when something was not as it should be.
"""

from __future__ import annotations

import argparse
import random
import shutil
import tempfile
from pathlib import Path

import httpx

from bench.attacked import Disk, Report, Server, small_disk
from rag import sources
from rag.deep_check import complaints
from rag.errors import ChuchuError
from rag.library import Library, Question
from rag.settings import Settings
from rag.store.store import Store

ASKED = "第{}号仓库收到了多少箱货物？"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("--flips", type=int, default=200)
    parser.add_argument("--megabytes", type=int, default=48)
    options = parser.parse_args()
    report = Report()
    with small_disk(options.megabytes) as disk:
        if disk.small:
            full_disk(disk, report)
        else:
            report.expect(
                False,
                "this machine lets us mount no tmpfs: nothing was said of a full disk",
            )
    with tempfile.TemporaryDirectory(prefix="chuchu-attack-") as folder:
        carried_over(Path(folder), report)
    with tempfile.TemporaryDirectory(prefix="chuchu-attack-") as folder:
        flips(Path(folder), options.flips, report)
    report.end()


def page(number: int, sentences: int = 2_000) -> str:
    """A text whose first sentence answers ``ASKED`` and no other."""
    rest = "".join(f"货单{number}之{n}写明了去处和收货的人。" for n in range(sentences))
    return f"第{number}号仓库收到了{number * 7 + 3}箱货物。{rest}"


def put(client: httpx.Client, number: int, sentences: int = 2_000) -> httpx.Response:
    given = {"title": f"仓库{number}", "text": page(number, sentences)}
    return client.post("/v1/documents", json=given)


def full_disk(disk: Disk, report: Report) -> None:
    """Fill the disk under a server, stop and start it without a byte free, then give it room again."""
    server = Server(disk.folder / "home")
    server.start()
    with server.client() as client:
        held = fill_with_documents(client, report)
        use_while_full(client, server, disk, held, report)
    disk.fill()
    code = server.stop()
    report.expect(
        code == 0, f"SIGTERM with 0 bytes free ends it in good order (exit code {code})"
    )
    disk.fill()
    server.start()
    with server.client() as client:
        start_while_full(client, disk, held, report)
    server.kill()
    with Store.open(disk.folder / "home") as store:
        found = list(complaints(store))
        report.expect(not found, f"after a kill all agrees {found[:3]}")
        # one more than was held: document 901, taken in once there was room
        report.expect(
            store.counts()["documents"] == len(held) + 1, "and nothing is lost"
        )


def fill_with_documents(client: httpx.Client, report: Report) -> dict[int, int]:
    """Take documents in until one is refused; number -> document id of those that are held."""
    held: dict[int, int] = {}
    status = 0
    for number in range(1, 500):
        response = put(client, number)
        status = response.status_code
        if status != 201:
            break
        held[number] = response.json()["documents"][0]["id"]
    report.expect(
        status == 507,
        f"after {len(held)} documents one is refused with 507 ({status})",
    )
    report.expect(
        count(client) == len(held),
        f"those {len(held)} are there, and nothing of the other",
    )
    return held


def use_while_full(
    client: httpx.Client,
    server: Server,
    disk: Disk,
    held: dict[int, int],
    report: Report,
) -> None:
    """Ask, put and delete with no byte free; document 1 leaves ``held``."""
    disk.fill()
    ready = client.get("/health/ready")
    said = str(ready.json().get("problems"))
    report.expect(
        ready.status_code == 200 and "full" in said, f"readiness says so: {said}"
    )
    report.expect(server.metric("chuchu_disk_full") == 1, "the metrics say so")
    before = count(client)
    status = put(client, 900, 4_000).status_code
    report.expect(
        status == 507 and count(client) == before,
        f"with 0 bytes free none goes in ({status})",
    )
    report.expect(right(client, 1), "with 0 bytes free it answers")
    status = client.delete(f"/v1/documents/{held.pop(1)}").status_code
    report.expect(status == 204, f"with 0 bytes free it deletes ({status})")
    report.expect(
        not right(client, 1) and right(client, 2),
        "what was deleted is not found, the rest is",
    )


def start_while_full(
    client: httpx.Client, disk: Disk, held: dict[int, int], report: Report
) -> None:
    """What a server can do that was started with no byte free; document 2 leaves ``held``."""
    report.expect(
        count(client) == len(held), "it starts with 0 bytes free, and all is there"
    )
    report.expect(right(client, 2), "it answers")
    disk.fill()
    status = client.delete(f"/v1/documents/{held.pop(2)}").status_code
    report.expect(status == 204, f"it deletes ({status})")
    disk.free_up()
    report.expect(
        put(client, 901).status_code == 201, "with room again it takes documents in"
    )


def count(client: httpx.Client) -> int:
    return len(client.get("/v1/documents", params={"limit": 500}).json()["documents"])


def right(client: httpx.Client, number: int) -> bool:
    """Whether a question is answered, and the passage that it asks for is among what was found."""
    response = client.post("/v1/ask", json={"question": ASKED.format(number)})
    if response.status_code != 200:
        return False
    wanted = f"第{number}号仓库收到了"
    return any(wanted in hit["text"] for hit in response.json()["hits"])


def opened(home: Path) -> Library:
    return Library.open(Settings(home=home, rerank=False))


def carried_over(folder: Path, report: Report) -> None:
    first, second = folder / "first", folder / "second"
    with opened(first) as library:
        library.ingest_source(sources.from_text("一", page(1, 5)))
    shutil.copytree(first, second)
    for home, number in ((first, 2), (second, 3)):
        with opened(home) as library:
            library.ingest_source(sources.from_text("又", page(number, 5)))
            library._dense.save()
            library._lexical.save()
    shutil.copy(second / "chuchu.db", first / "chuchu.db")
    with opened(first) as library:
        hits = library.search(Question(ASKED.format(3)))
        found = any("第3号仓库收到了24箱" in hit.passage.text for hit in hits)
        report.expect(
            found and library.counts()["documents"] == 2,
            "a store carried over from a copy gets its own index",
        )


def flips(folder: Path, number: int, report: Report) -> None:
    """Each on a fresh copy: one bit, or a page of noise, somewhere in the store or in an index."""
    dice = random.Random(7)  # noqa: S311 - the same ones each time
    whole = folder / "whole"
    texts: set[str] = set()
    with opened(whole) as library:
        for each in range(1, 9):
            text = page(each, 40)
            library.ingest_source(sources.from_text(f"仓库{each}", text))
        texts = {each.text for each in library.documents()}
    wrong: list[str] = []
    outcomes = {"as before": 0, "named": 0, "refused to open": 0}
    for turn in range(number):
        home = folder / "damaged"
        shutil.copytree(whole, home)
        files = sorted(
            path for path in home.rglob("*") if path.suffix in (".db", ".bin", ".json")
        )
        path = dice.choice([*files, home / "chuchu.db", home / "chuchu.db"])
        damage(path, dice)
        try:
            outcome = looked_at(home, texts)
        except ChuchuError:
            outcome = "refused to open"
        if outcome in outcomes:
            outcomes[outcome] += 1
        else:
            wrong.append(f"{turn} in {path.name}: {outcome}")
        shutil.rmtree(home)
    report.expect(
        not wrong, f"{number} damaged files: {outcomes}; silently wrong: {wrong[:5]}"
    )


def damage(path: Path, dice: random.Random) -> None:
    """Seven times in ten one bit, as memory and disks fail; else a page of noise, as a torn write leaves it."""
    data = bytearray(path.read_bytes())
    at = dice.randrange(len(data))
    if dice.random() < 0.7:
        data[at] ^= 1 << dice.randrange(8)
    else:
        noise = dice.randbytes(512)
        data[at : at + 512] = noise[: len(data) - at]
    path.write_bytes(data)


def looked_at(home: Path, texts: set[str]) -> str:
    """What becomes of a damaged home. Raises ChuchuError for a sentence; any other error is a fault."""
    try:
        with opened(home) as library:
            return looked_through(library, texts)
    except ChuchuError:
        raise
    except Exception as error:
        return f"a raw {type(error).__name__}"


def looked_through(library: Library, texts: set[str]) -> str:
    """``as before``, ``named`` where what is damaged is said to be, or what is silently wrong."""
    shown = library.documents()
    for document in shown:
        if document.text not in texts:
            return f"document {document.id} shows another text"
    lines = library.listing()
    for number in range(1, 9):
        answer = library.ask(Question(ASKED.format(number)))
        for citation in answer.citations:
            if not any(citation.quote in text for text in texts):
                return f"a quote that nobody wrote: document {citation.document_id}"
    if len(shown) == len(texts) and not library.store.damaged:
        return "as before"
    # a damaged document is listed with what is wrong, and not shown
    if library.store.damaged or len(lines) > len(shown):
        return "named"
    return f"{len(texts) - len(shown)} documents are gone without a word"


if __name__ == "__main__":
    main()
