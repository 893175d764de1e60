"""What a run was made with: all that can change an answer, so that runs compare and cached answers go stale.

    made = provenance(load_settings(), files_of(Path("seeds")))
    key_of(made)   # the same for as long as every answer must be the same

- ``config``: the settings, but for those that cannot change an answer (:data:`NOT_CONFIG`) and secrets.
- ``models``: SHA-256 of every folder of weights, and of the encoder's where it is another.
- ``code``: SHA-256 of the Python and data files of ``rag`` and ``models``, training aside, and of
  ``eval.corpora``, which hands texts over. Comments count too: a miss too many costs seconds.
- ``corpus``: SHA-256 of the documents, names and order included.
- ``packages``: Python and the libraries that compute.
- ``commit``: for people to read. The key leaves it out, as a commit to the docs changes no answer.

What is changed in a running process (a patched function) is not seen: tests that do so must not cache.
"""

from __future__ import annotations

import hashlib
import json
import platform
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Any, Final

from eval.corpora import Text
from models.errors import ModelUnavailable
from models.folders import WEIGHTS, find_model, fingerprint_of
from rag import sources
from rag.settings import Settings

ROOT: Final = Path(__file__).resolve().parents[1]
NOT_CONFIG: Final = frozenset(
    {"home", "host", "port", "allowed_hosts", "max_upload_mib", "max_upload_files"}
) | {
    "llm_base_url",
    "llm_timeout",
}
CODE: Final = ("rag", "models", "eval/corpora.py")
NOT_CODE: Final = ("models/weights", "models/training")
CODE_SUFFIXES: Final = frozenset({".py", ".json", ".txt", ".tsv", ".csv", ".toml"})
PACKAGES: Final = (
    "numpy", "faiss-cpu", "torch", "tokenizers", "transformers", "sentence-transformers", "rjieba", "opencc",
)  # fmt: skip

Provenance = dict[str, Any]


def provenance(settings: Settings, corpus: Mapping[str, Any]) -> Provenance:
    """All of it; ``corpus`` from :func:`files_of` or :func:`texts_of`."""
    return {
        "commit": commit(),
        "code": _code(),
        "config": _config(settings),
        "models": _models(settings),
        "corpus": dict(corpus),
        "packages": _packages(),
    }


def key_of(made: Provenance) -> str:
    """SHA-256, in hex, of all but the commit."""
    told = {key: value for key, value in made.items() if key != "commit"}
    text = json.dumps(told, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def files_of(path: Path) -> dict[str, Any]:
    """``{"name", "sha256", "files"}`` of a corpus given as a file or folder."""
    found = list(sources.walk([path]))
    digest = _digest((file.name, file.read_bytes()) for file in found if file.is_file())
    return {"name": path.name, "sha256": digest, "files": len(found)}


def texts_of(name: str, texts: Sequence[Text]) -> dict[str, Any]:
    """``{"name", "sha256", "texts"}`` of a corpus given as texts."""
    named = []
    for text in texts:
        content = f"{text.title}\0{text.text}".encode("utf-8", "replace")
        named.append((text.id, content))
    return {"name": name, "sha256": _digest(named), "texts": len(texts)}


@cache
def commit() -> str | None:
    """The commit that is checked out, ``+`` behind it when tracked files differ; None outside a checkout."""
    if not (ROOT / ".git").exists():
        return None
    head = _git("rev-parse", "--short=12", "HEAD")
    if not head:
        return None
    changed = _git("status", "--porcelain", "--untracked-files=no")
    return f"{head}+" if changed else head


def _git(*arguments: str) -> str:
    try:
        found = subprocess.run(  # noqa: S603
            ["git", "-C", str(ROOT), *arguments],  # noqa: S607 - the git that is on the path
            capture_output=True,
            text=True,
            timeout=20,
            check=True,
        )
    except (OSError, subprocess.SubprocessError):
        return ""
    return found.stdout.strip()


def _config(settings: Settings) -> dict[str, Any]:
    """Settings as JSON has them, without what changes no answer and without secrets."""
    config = {}
    for name, value in asdict(settings).items():
        if name in NOT_CONFIG or "key" in name or "token" in name:
            continue
        plain = isinstance(value, bool | int | float | str | None)
        config[name] = value if plain else str(value)
    return config


def _models(settings: Settings) -> dict[str, str]:
    fingerprints = {}
    for folder in sorted(WEIGHTS.iterdir()):
        if any(folder.rglob("*.safetensors")):
            fingerprints[folder.name] = fingerprint_of(folder)
    if settings.encoder not in fingerprints:
        # one that is missing the library tells of, in better words
        with suppress(ModelUnavailable):
            fingerprints["encoder"] = fingerprint_of(find_model(settings.encoder))
    return fingerprints


def _code() -> str:
    named = []
    for part in CODE:
        path = ROOT / part
        for file in [path] if path.is_file() else sorted(path.rglob("*")):
            name = file.relative_to(ROOT).as_posix()
            if file.suffix in CODE_SUFFIXES and not name.startswith(NOT_CODE):
                # comments are part of it: a run too many costs seconds, a stale answer a wrong figure
                named.append((name, file.read_bytes()))
    return _digest(named)


def _packages() -> dict[str, str]:
    found = {"python": platform.python_version(), "machine": platform.machine()}
    for name in PACKAGES:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            continue
    return found


def _digest(named: Iterable[tuple[str, bytes]]) -> str:
    """SHA-256, in hex, of names and contents, each with its length, so that no two sets run together."""
    digest = hashlib.sha256()
    for name, content in named:
        encoded = name.encode("utf-8", "surrogateescape")
        # lengths first: ("ab", "c") and ("a", "bc") differ
        digest.update(f"{len(encoded)} {len(content)}\0".encode() + encoded)
        digest.update(content)
    return digest.hexdigest()
