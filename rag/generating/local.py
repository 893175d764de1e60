"""A language model on this machine, through transformers: a local folder or a name on the hub.

CHUCHU_ANSWERER=transformers CHUCHU_LLM_MODEL=path/to/model CHUCHU_DEVICE=cuda chuchu serve
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any, Self

from rag.errors import ModelUnavailable, SettingsError
from rag.generating.models import Cancelled, WritingFailed, with_deadline
from rag.generating.prompt import Message
from rag.settings import Settings


class LocalModel:
    """A causal model with its chat template. Any thread may ask; it writes one text at a time."""

    def __init__(self, model: Any, tokenizer: Any, name: str, most_tokens: int) -> None:
        self._model, self._tokenizer = model, tokenizer
        self.name, self._most_tokens = name, most_tokens
        self._writing = threading.Lock()

    @classmethod
    def of(cls, settings: Settings) -> Self:
        """Raises SettingsError for what is not set, ModelUnavailable for what cannot be loaded."""
        if not settings.llm_model:
            raise SettingsError(
                "llm_model",
                "",
                "a folder with a causal language model, or its name on the hub",
            )
        from transformers import AutoModelForCausalLM, AutoTokenizer  # noqa: PLC0415 - takes seconds

        try:
            tokenizer = AutoTokenizer.from_pretrained(
                settings.llm_model, trust_remote_code=False
            )
            model: Any = AutoModelForCausalLM.from_pretrained(
                settings.llm_model,
                dtype="auto",
                trust_remote_code=False,
                use_safetensors=True,
            )
            model = model.to(settings.device).eval()
        except Exception as error:
            # The library raises many kinds: no network, no such folder, no such device.
            raise ModelUnavailable(
                f"the language model {settings.llm_model}: {error}"
            ) from error
        if not getattr(tokenizer, "chat_template", None):
            raise ModelUnavailable(
                f"the language model {settings.llm_model} has no chat template: choose one made to chat"
            )
        return cls(model, tokenizer, settings.llm_model, settings.llm_tokens)

    def write(self, messages: list[Message], seconds: float) -> Iterator[str]:
        """The text as it is written. Raises WritingFailed."""
        return with_deadline(
            seconds, lambda cancelled: self._write(messages, cancelled)
        )

    def _write(self, messages: list[Message], cancelled: Cancelled) -> Iterator[str]:
        from transformers import (  # noqa: PLC0415
            StoppingCriteria,
            StoppingCriteriaList,
            TextIteratorStreamer,
        )

        class Stop(StoppingCriteria):
            def __call__(self, input_ids: Any, scores: Any, **_: Any) -> Any:  # noqa: ARG002
                return input_ids.new_full((len(input_ids),), bool(cancelled)).bool()

        with self._writing:
            if cancelled:
                return
            inputs = self._inputs(messages)
            streamer = TextIteratorStreamer(
                self._tokenizer, skip_prompt=True, skip_special_tokens=True
            )
            failed: list[Exception] = []

            def generate() -> None:
                try:
                    self._model.generate(
                        **inputs,
                        streamer=streamer,
                        max_new_tokens=self._most_tokens,
                        do_sample=False,
                        stopping_criteria=StoppingCriteriaList([Stop()]),
                    )
                except Exception as error:
                    # Out of memory, a broken model: told to the one who waits.
                    failed.append(error)
                    streamer.end()  # type: ignore[no-untyped-call]

            thread = threading.Thread(target=generate, name="generate", daemon=True)
            thread.start()
            yield from streamer
            thread.join()
            if failed:
                raise WritingFailed(
                    "failed", f"{type(failed[0]).__name__}: {failed[0]}"
                )

    def _inputs(self, messages: list[Message]) -> Any:
        """The chat as ids. Raises WritingFailed when it does not fit into the model."""
        safe = [
            {**message, "content": self._plain(message["content"])}
            for message in messages
        ]
        try:
            inputs = self._template(safe)
        except Exception:
            # Many templates know no system role; what it says goes before the question then.
            merged = "\n\n".join(message["content"] for message in safe)
            inputs = self._template([{"role": "user", "content": merged}])
        window = getattr(self._model.config, "max_position_embeddings", None)
        length = inputs["input_ids"].shape[1]
        if window is not None and length + self._most_tokens > window:
            raise WritingFailed(
                "failed",
                f"{length} tokens asked and {self._most_tokens} to write exceed {window}",
            )
        return inputs.to(self._model.device)

    def _template(self, messages: list[Message]) -> Any:
        return self._tokenizer.apply_chat_template(
            messages, add_generation_prompt=True, return_tensors="pt", return_dict=True
        )

    def _plain(self, text: str) -> str:
        """The text with the model's own marks broken: a document that holds ``</s>`` must not end a turn."""
        for token in self._tokenizer.all_special_tokens:
            if len(token) > 1:
                text = text.replace(token, f"{token[0]} {token[1:]}")
        return text
