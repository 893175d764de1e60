"""What to paste into a shell for each operation, and what comes back: both stand on the reference page.

    python -m api.curl http://127.0.0.1:8000        pastes all of them, and writes anew what came back

A test pastes them, too. They make what they need first, so that none removes anything of yours; together they
leave one small document, ``值班安排``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any, Final

HERE: Final = "127.0.0.1:8000"
"""Stands in every example; the page puts its own address there."""
RESPONSES: Final = Path(__file__).with_name("curl_responses.json")

_JSON: Final = "-H 'content-type: application/json'"
_ASK: Final = f'curl -s {HERE}/v1/ask {_JSON} \\\n  -d \'{{"question": "十一月由谁值班？", "top_k": 1}}\''
_FIRST: Final = f"curl -s '{HERE}/v1/documents?limit=1'"
_ANSWER_ID: Final = f"ID=$({_ASK} | cut -d'\"' -f4)\n"
_DOCUMENT_ID: Final = 'sed -E \'s/.*"documents":\\[\\{"id":([0-9]+).*/\\1/\''
_SHA256: Final = 'sed -E \'s/.*"sha256":"([0-9a-f]{64}).*/\\1/\''
_UP: Final = f'curl -s {HERE}/v1/feedback {_JSON} \\\n  -d \'{{"answer_id": "\'$ID\'", "verdict": "up"}}\''


def _post(path: str, body: str) -> str:
    return f"curl -s {HERE}{path} {_JSON} \\\n  -d '{body}'"


_DRAFT: Final = _post("/v1/documents", '{"title": "草稿", "text": "这是草稿。"}')

CURL: Final[dict[str, str]] = {
    "add_documents": _post(
        "/v1/documents", '{"title": "值班安排", "text": "十一月由李静值班。"}'
    )
    + "\n# or files: curl -s "
    + HERE
    + "/v1/documents -F files=@notes.md -F files=@report.pdf",
    "ask": _ASK,
    "ask_batch": _post(
        "/v1/ask/batch",
        '{"questions": ["十一月由谁值班？", "几月由李静值班？"], "top_k": 1}',
    ),
    "get_answer": _ANSWER_ID + f"curl -s {HERE}/v1/answers/$ID",
    "search": _post("/v1/search", '{"query": "值班", "top_k": 1}'),
    "examples": f"curl -s '{HERE}/v1/examples?lang=zh'",
    "list_documents": f"curl -s '{HERE}/v1/documents?limit=2'",
    "get_document": f"ID=$({_FIRST} | {_DOCUMENT_ID})\ncurl -s {HERE}/v1/documents/$ID",
    "delete_document": f"ID=$({_DRAFT} | {_DOCUMENT_ID})\ncurl -s -X DELETE {HERE}/v1/documents/$ID",
    "get_source": f"SHA=$({_FIRST} | {_SHA256})\ncurl -s {HERE}/v1/sources/$SHA",
    "get_source_file": f"SHA=$({_FIRST} | {_SHA256})\ncurl -s {HERE}/v1/sources/$SHA/file",
    "draw_page": f"SHA=$({_FIRST} | {_SHA256})\ncurl -s {HERE}/v1/sources/$SHA/pages/1.png",
    "find_on_page": f"SHA=$({_FIRST} | {_SHA256})\ncurl -s {HERE}/v1/sources/$SHA/pages/1",
    "give_feedback": _ANSWER_ID + _UP,
    "list_feedback": f"curl -s {HERE}/v1/feedback",
    "delete_feedback": _ANSWER_ID + _UP + f"\ncurl -s -X DELETE {HERE}/v1/feedback/$ID",
    "chat": _post(
        "/v1/chat/completions",
        '{"model": "chuchu", "messages": [{"role": "user", "content": "十一月由谁值班？"}]}',
    ),
    "list_models": f"curl -s {HERE}/v1/models",
    "get_model": f"curl -s {HERE}/v1/models/chuchu",
    "embed": _post(
        "/v1/embeddings",
        '{"model": "chuchu", "input": ["值班"], "encoding_format": "base64"}',
    ),
    "health_live": f"curl -s {HERE}/health/live",
    "health_ready": f"curl -s {HERE}/health/ready",
    "metrics": f"curl -s {HERE}/metrics",
}
"""By operation id, in an order in which a fresh server can answer all of them."""


OF_A_PDF: Final = frozenset({"draw_page", "find_on_page"})
"""What the examples' own document, a text, has not: 415 says so. With the SHA-256 of a PDF they work."""


def pasted(operation: str, address: str, key: str = "") -> str:
    """An example as it is pasted for a server at an address, with its API key where it asks for one.

    Args:
        address: ``host:port``, with ``https://`` before it where that is spoken.
        key: what stands for the key, such as ``$CHUCHU_API_KEY``.
    """
    text = CURL[operation].replace(HERE, address)
    return (
        text.replace("curl -s", f'curl -s -H "Authorization: Bearer {key}"')
        if key
        else text
    )


def responses() -> dict[str, Any]:
    """What came back, by operation id: JSON, text, or the empty string."""
    found: dict[str, Any] = json.loads(RESPONSES.read_text(encoding="utf-8"))
    return found


def run(operation: str, address: str) -> Any:
    """Paste an example into a shell; what its last command printed."""
    done = subprocess.run(  # noqa: S603
        ["/bin/sh", "-c", pasted(operation, address)],
        capture_output=True, check=True, text=True, encoding="utf-8",
    )  # fmt: skip
    text = done.stdout.strip()
    value: Any = {}
    end = 0
    while text.startswith(
        "{", end
    ):  # an example that makes what it needs prints that, too
        value, end = json.JSONDecoder().raw_decode(text, end)
    return value if end == len(text) and end else text[end:]


def main() -> None:
    address = sys.argv[1].removeprefix("http://")
    written = {operation: run(operation, address) for operation in CURL}
    written["metrics"] = "\n".join(written["metrics"].splitlines()[:6]) + "\n…"
    RESPONSES.write_text(
        json.dumps(written, ensure_ascii=False, indent=1) + "\n", encoding="utf-8"
    )


if __name__ == "__main__":
    main()
