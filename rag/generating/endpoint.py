"""Any server that speaks OpenAI's protocol, through OpenAI's own client: llama.cpp, vLLM, Ollama, a vendor.

CHUCHU_ANSWERER=openai CHUCHU_LLM_BASE_URL=http://127.0.0.1:8001/v1 CHUCHU_LLM_MODEL=qwen chuchu serve
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, Self

from rag.errors import ModelUnavailable, SettingsError
from rag.generating.models import Cancelled, Failure, WritingFailed, with_deadline
from rag.generating.prompt import Message
from rag.settings import Settings

if TYPE_CHECKING:
    from openai import OpenAI

NO_KEY = "none"
"""What is sent where no key is set: the client wants one, and would else take OPENAI_API_KEY, which was
never meant for this server."""
CONNECT_SECONDS = 10.0


class OpenAIModel:
    """A model behind a base URL. Safe to use from any thread."""

    def __init__(self, client: OpenAI, name: str, most_tokens: int) -> None:
        self._client, self.name, self._most_tokens = client, name, most_tokens

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Raises SettingsError for what is not set, ModelUnavailable without the client."""
        if not settings.llm_base_url.startswith(("http://", "https://")):
            expected = "the base URL of an OpenAI-compatible server, as http://127.0.0.1:8001/v1"
            raise SettingsError("llm_base_url", settings.llm_base_url, expected)
        if not settings.llm_model:
            raise SettingsError("llm_model", "", "the name of a model of that server")
        try:
            import openai  # noqa: PLC0415 - an extra: most never need it
        except ImportError as error:
            raise ModelUnavailable(
                "the answerer openai needs the package openai: pip install 'chuchu[llm]'"
            ) from error
        client = openai.OpenAI(
            base_url=settings.llm_base_url,
            api_key=settings.llm_key or NO_KEY,
            timeout=float(settings.llm_timeout),
            max_retries=0,
        )
        return cls(client, settings.llm_model, settings.llm_tokens)

    def write(self, messages: list[Message], seconds: float) -> Iterator[str]:
        """The text as it is streamed. Raises WritingFailed."""
        return with_deadline(
            seconds, lambda cancelled: self._write(messages, cancelled)
        )

    def _write(self, messages: list[Message], cancelled: Cancelled) -> Iterator[str]:
        import openai  # noqa: PLC0415

        try:
            with self._stream(messages) as stream:
                cancelled.when_cancelled(stream.close)
                yield from _chunk_texts(stream)
        except WritingFailed:
            raise
        except openai.APITimeoutError as error:
            raise WritingFailed("slow", str(error)) from error
        except openai.APIStatusError as error:
            failure: Failure = "refused" if error.status_code < 500 else "failed"
            raise WritingFailed(failure, f"HTTP {error.status_code}") from error
        except openai.APIConnectionError as error:
            raise WritingFailed("unreachable", str(error)) from error
        except (openai.APIError, openai.OpenAIError) as error:
            raise WritingFailed("failed", str(error)) from error
        except (
            json.JSONDecodeError,
            UnicodeDecodeError,
            TypeError,
            AttributeError,
            ValueError,
        ) as error:
            raise WritingFailed(
                "unreadable", f"{type(error).__name__}: {error}"
            ) from error
        except Exception as error:
            # The transport's own errors come through while a stream is read.
            raise WritingFailed(
                "broke off", f"{type(error).__name__}: {error}"
            ) from error

    def _stream(self, messages: list[Message]) -> Any:
        """Ask for a stream; once more without options where the server knows none of them."""
        import openai  # noqa: PLC0415

        asked: dict[str, Any] = {
            "model": self.name,
            "messages": messages,
            "stream": True,
        }
        try:
            return self._client.chat.completions.create(
                **asked, temperature=0, max_tokens=self._most_tokens
            )
        except openai.BadRequestError:
            return self._client.chat.completions.create(**asked)


def _chunk_texts(stream: Any) -> Iterator[str]:
    """The text of each chunk. Raises WritingFailed when the stream ends without saying that it is done."""
    finished = False
    for chunk in stream:
        for choice in chunk.choices or ():
            text = choice.delta.content
            if isinstance(text, str) and text:
                yield text
            elif text is not None and not isinstance(text, str):
                raise WritingFailed(
                    "unreadable", f"a chunk's content is a {type(text).__name__}"
                )
            finished = finished or choice.finish_reason is not None
    if not finished:
        raise WritingFailed("broke off", "the stream ended without a finish_reason")
