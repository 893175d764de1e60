"""One frozen ``Settings``: ``CHUCHU_*`` environment variables over ``chuchu.toml`` over defaults."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, get_type_hints

from rag.errors import SettingsError

MEBIBYTE = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything that can be set. The variable of ``encoder`` is ``CHUCHU_ENCODER``, and so on."""

    home: Path = Path(".chuchu")
    """Data folder: the store, its indexes, the lock."""
    encoder: str = "chuchu-encoder"
    """A name under ``models/weights``, a local folder, a Hugging Face name; ``quick`` is our static one."""
    encoder_dtype: str = "auto"
    """``float32`` or ``bfloat16``; ``auto`` is float32, for our own what the processor is quickest in."""
    encoder_max_length: int = 0
    """Tokens a text may have; 0 leaves the model's own limit."""
    device: str = "cpu"
    rerank: bool = True
    """Whether the best passages are looked at once more; ``false`` is the quick path."""
    answerer: str = "extractive"
    """Who answers from the hits: ``extractive``, ``openai`` or ``transformers`` (``rag.answerers``)."""
    llm_base_url: str = ""
    """Where the answerer ``openai`` finds its server, as ``http://127.0.0.1:8001/v1``."""
    llm_model: str = ""
    """The server's name of its model; for the answerer ``transformers`` a folder or a name on the hub."""
    llm_key: str = ""
    llm_timeout: int = 60
    """Seconds that a language model has for all of an answer; then the extractive one is given."""
    llm_tokens: int = 512
    """Tokens that it may write."""
    pages: str = "repair"
    """``repair`` reads a flattened page as its articles; ``plain`` takes it in the order it stands."""
    host: str = "127.0.0.1"
    port: int = 8000
    api_key: str = ""
    """Needed from every caller when set; must be set to bind anything but loopback."""
    url: str = ""
    """Of a server that the command line talks to, instead of the one that holds ``home``."""
    keep_answers: int = 1000
    """How many answers are kept for ``GET /v1/answers/{id}``; 0 keeps none."""
    allowed_hosts: str = ""
    """Comma-separated host names accepted besides loopback's."""
    max_question_chars: int = 1000
    max_top_k: int = 50
    max_upload_mib: int = 32
    max_upload_files: int = 20


KEPT_ANSWERS = "eval-cache"
"""In the data folder: answers that evaluations keep from run to run. They quote; a deletion takes them."""

_NOT_SETTINGS = {"CHUCHU_CONFIG", "CHUCHU_CHROMIUM", "CHUCHU_DATA"}
"""Read elsewhere: where the settings file is, the browser of the tests, the training data."""
_CHOICES = {
    "encoder_dtype": ("auto", "float32", "bfloat16"),
    "pages": ("repair", "plain"),
    "answerer": ("extractive", "openai", "transformers"),
}
_LEAST = {"encoder_max_length": 0, "port": 0, "keep_answers": 0}
_MOST = {"port": 65535}


def load_settings(
    environ: Mapping[str, str] | None = None, file: Path | None = None, **overrides: Any
) -> Settings:
    """Read settings from ``chuchu.toml`` (or ``$CHUCHU_CONFIG``), then ``environ``, then ``overrides``.

    Raises:
        SettingsError: an unknown key, or a value of the wrong kind or range.
    """
    environ = os.environ if environ is None else environ
    path = file or Path(environ.get("CHUCHU_CONFIG", "chuchu.toml"))
    # The later overrides: file, then environment, then options of the command.
    raw: dict[str, Any] = {}
    if path.is_file():
        raw |= _from_toml(path)
    elif "CHUCHU_CONFIG" in environ or file:
        raise SettingsError("CHUCHU_CONFIG", str(path), "a file that exists")
    raw |= {
        key.removeprefix("CHUCHU_").lower(): value
        for key, value in environ.items()
        if key.startswith("CHUCHU_") and key not in _NOT_SETTINGS
    }
    raw |= {key: value for key, value in overrides.items() if value is not None}
    return Settings(**{key: _value(key, value) for key, value in raw.items()})


def _from_toml(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(str(path), str(error), "valid TOML in UTF-8") from error


def _value(key: str, value: Any) -> Any:
    types = get_type_hints(Settings)
    if key not in types:
        known = ", ".join(f.name for f in fields(Settings))
        raise SettingsError(key, value, f"one of the known settings: {known}")
    if types[key] is Path:
        return Path(_filled(key, value, "the path of a folder"))
    if types[key] is int:
        return _whole_number(key, value)
    if types[key] is bool:
        return _truth(key, value)
    if key in _CHOICES and value not in _CHOICES[key]:
        raise SettingsError(key, value, " or ".join(_CHOICES[key]))
    if key == "api_key":
        return _filled(key, value, "a key that is not blank; leave it away for none")
    return str(value)


def _filled(key: str, value: Any, expected: str) -> str:
    """A text that is not blank: an empty variable is one that was meant to be set."""
    text = str(value)
    if not text.strip():
        raise SettingsError(key, value, expected)
    return text


def _whole_number(key: str, value: Any) -> int:
    least, most = _LEAST.get(key, 1), _MOST.get(key, 2**31)
    expected = f"a whole number from {least} to {most}"
    try:
        number = int(str(value))
    except ValueError:
        raise SettingsError(key, value, expected) from None
    if not least <= number <= most:
        raise SettingsError(key, value, expected)
    return number


def _truth(key: str, value: Any) -> bool:
    # No "yes" or "on": a misspelt word must not mean false.
    known = {"true": True, "1": True, "false": False, "0": False}
    if (found := known.get(str(value).lower())) is None:
        raise SettingsError(key, value, "true or false")
    return found
