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
    return hashlib.sha256(
        json.dumps(told, sort_keys=True, ensure_ascii=False).encode()
    ).hexdigest()


def files_of(path: Path) -> dict[str, Any]:
    """``{"name", "sha256", "files"}`` of a corpus given as a file or folder."""
    found = list(sources.walk([path]))
    digest = _digest((file.name, file.read_bytes()) for file in found if file.is_file())
    return {"name": path.name, "sha256": digest, "files": len(found)}


def texts_of(name: str, texts: Sequence[Text]) -> dict[str, Any]:
    """``{"name", "sha256", "texts"}`` of a corpus given as texts."""
    digest = _digest(
        (text.id, f"{text.title}\0{text.text}".encode("utf-8", "replace"))
        for text in texts
    )
    return {"name": name, "sha256": digest, "texts": len(texts)}


@cache
def commit() -> str | None:
    """The commit that is checked out, ``+`` behind it when tracked files differ; None outside a checkout."""
    if not (ROOT / ".git").exists():
        return None
    head = _git("rev-parse", "--short=12", "HEAD")
    return (
        f"{head}+"
        if head and _git("status", "--porcelain", "--untracked-files=no")
        else head or None
    )


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
    values = asdict(settings)
    return {
        name: value
        if isinstance(value, bool | int | float | str | None)
        else str(value)
        for name, value in values.items()
        if name not in NOT_CONFIG and "key" not in name and "token" not in name
    }


def _models(settings: Settings) -> dict[str, str]:
    folders = {
        folder.name: folder
        for folder in sorted(WEIGHTS.iterdir())
        if any(folder.rglob("*.safetensors"))
    }
    if settings.encoder not in folders:
        try:
            folders["encoder"] = find_model(settings.encoder)
        except ModelUnavailable:  # the library says so, in better words
            return {name: fingerprint_of(folder) for name, folder in folders.items()}
    return {name: fingerprint_of(folder) for name, folder in folders.items()}


def _code() -> str:
    files = [
        file
        for part in CODE
        for file in sorted(
            [ROOT / part] if (ROOT / part).is_file() else (ROOT / part).rglob("*")
        )
        if file.suffix in CODE_SUFFIXES
        and not file.relative_to(ROOT).as_posix().startswith(NOT_CODE)
    ]
    return _digest(
        (file.relative_to(ROOT).as_posix(), file.read_bytes()) for file in files
    )


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
        digest.update(f"{len(encoded)} {len(content)}\0".encode() + encoded)
        digest.update(content)
    return digest.hexdigest()
