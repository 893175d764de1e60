"""Finds the folder of a model by name, and refuses one that would run code of its own."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

from models.errors import ModelUnavailable

WEIGHTS = Path(__file__).parent / "weights"

HUB_NAME = re.compile(r"[A-Za-z0-9][\w.-]*/[A-Za-z0-9][\w.-]*|[A-Za-z0-9][\w-]*")
HUB_FILES = ["*.json", "*.safetensors", "*.txt", "*.model", "*.spm", "*.jinja"]
HUB_LEAVE = ["onnx/*", "openvino/*"]
MODULES_OF = ("sentence_transformers.",)

WHOLE_UP_TO = 128 * 1024 * 1024
SAMPLE = 1024 * 1024


def find_model(name: str) -> Path:
    """The folder of a model, downloaded from Hugging Face if need be.

    Args:
        name: a folder under ``models/weights``, a local folder, or a Hugging Face name.

    Raises:
        ModelUnavailable: there is none, or it is one that we do not open.
    """
    own = WEIGHTS / name
    local = Path(name).expanduser()
    if re.fullmatch(r"\w[\w.-]*", name) and own.is_dir():
        folder = own
    elif name and local.is_dir():
        folder = local
    elif HUB_NAME.fullmatch(name):
        folder = _from_hub(name)
    else:
        raise ModelUnavailable(
            f"encoder {name!r}: no such folder here or under models/weights, and not a Hugging Face name"
        )
    _check(name, folder)
    return folder


def fingerprint_of(folder: Path, *settings: str) -> str:
    """A SHA-256, in hex, of the files of a model and of the settings it runs with.

    Files over 128 MiB count by size, both ends and 62 samples between, to be quick at start.
    """
    digest = hashlib.sha256()
    for setting in settings:
        digest.update(setting.encode() + b"\0")
    for path in sorted(folder.rglob("*")):
        if (
            path.suffix in {".json", ".safetensors", ".txt", ".model", ".spm"}
            and path.is_file()
        ):
            digest.update(
                f"{path.relative_to(folder).as_posix()}\0{path.stat().st_size}\0".encode()
            )
            _update(digest, path)
    return digest.hexdigest()


def _update(digest: hashlib._Hash, path: Path) -> None:
    size = path.stat().st_size
    with path.open("rb") as file:
        if size <= WHOLE_UP_TO:
            while block := file.read(SAMPLE):
                digest.update(block)
            return
        for part in range(64):
            file.seek((size - SAMPLE) * part // 63)
            digest.update(file.read(SAMPLE))


def _from_hub(name: str) -> Path:
    from huggingface_hub import snapshot_download  # noqa: PLC0415 - half a second, and not for our own model
    from huggingface_hub.errors import (  # noqa: PLC0415
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        LocalEntryNotFoundError,
        RepositoryNotFoundError,
    )

    full = name if "/" in name else f"sentence-transformers/{name}"
    try:
        return Path(
            snapshot_download(full, allow_patterns=HUB_FILES, ignore_patterns=HUB_LEAVE)
        )
    except GatedRepoError as error:
        raise ModelUnavailable(
            f"encoder {name!r}: its owner asks for an account on Hugging Face"
        ) from error
    except (RepositoryNotFoundError, HFValidationError) as error:
        raise ModelUnavailable(
            f"encoder {name!r}: no such folder, and no such model on Hugging Face"
        ) from error
    except (LocalEntryNotFoundError, HfHubHTTPError, OSError) as error:
        raise ModelUnavailable(
            f"encoder {name!r}: no such folder, not in the Hugging Face cache, "
            "and Hugging Face cannot be reached (offline?)"
        ) from error


def _check(name: str, folder: Path) -> None:
    for path in folder.rglob("*config*.json"):
        config = _json(name, path)
        if isinstance(config, dict) and config.get("auto_map"):
            raise ModelUnavailable(
                f"encoder {name!r} asks to run code of its own ({path.name}), which is refused"
            )
    modules = folder / "modules.json"
    if modules.is_file():
        for module in _json(name, modules):
            kind = str(module.get("type")) if isinstance(module, dict) else repr(module)
            if not kind.startswith(MODULES_OF):
                raise ModelUnavailable(
                    f"encoder {name!r} asks to run code of its own ({kind}), which is refused"
                )
    if not any(folder.rglob("*.safetensors")):
        raise ModelUnavailable(
            f"encoder {name!r}: {folder} holds no .safetensors weights"
        )


def _json(name: str, path: Path) -> list[dict[str, object]] | dict[str, object]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ModelUnavailable(
            f"encoder {name!r}: {path.name} is not valid JSON"
        ) from error
    if not isinstance(content, list | dict):
        raise ModelUnavailable(
            f"encoder {name!r}: {path.name} is not a model's configuration"
        )
    return content
