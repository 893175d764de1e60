"""What goes over the wire of the OpenAI-compatible endpoints, as far as Chuchu has it.

Fields that a client sends and that mean nothing here (``temperature``, ``tools``, …) are passed over, as
every compatible server does: there is no language model to tell of them.
"""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from api.request_body import Request
from api.schemas.answers import Answer
from api.schemas.common import MAX_DOCUMENTS, Identifier, IsoDate

MODEL = "chuchu"
MAX_MESSAGES = 200
MAX_TEXTS = 256


class TextPart(BaseModel):
    """A part of a message; only text is read."""

    type: str
    text: str = ""


class Message(BaseModel):
    """One message of a conversation."""

    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: str | list[TextPart] | None = None

    @property
    def text(self) -> str:
        if isinstance(self.content, list):
            return "\n".join(part.text for part in self.content if part.type == "text")
        return self.content or ""


class StreamOptions(BaseModel):
    include_usage: bool = False


class ChuchuOptions(Request):
    """What `POST /v1/ask` takes beside the question."""

    top_k: int = Field(5, ge=1)
    documents: list[Identifier] | None = Field(None, max_length=MAX_DOCUMENTS)
    since: IsoDate | None = None
    until: IsoDate | None = None
    answerer: str | None = None


class ChatRequest(BaseModel):
    """A conversation; the last message of the user is the question, those before it are its history."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "model": MODEL,
                    "messages": [
                        {
                            "role": "user",
                            "content": "全国有多少家国家级知识产权保护中心？",
                        }
                    ],
                }
            ]
        }
    )

    messages: list[Message] = Field(min_length=1, max_length=MAX_MESSAGES)
    model: str = MODEL
    stream: bool = False
    stream_options: StreamOptions | None = None
    chuchu: ChuchuOptions | None = Field(
        None,
        description="Filters; `extra_body={'chuchu': …}` in the official client.",
    )


class Usage(BaseModel):
    """Always zero: no language model was asked, so no tokens were counted."""

    prompt_tokens: int = 0
    completion_tokens: int = 0
    total_tokens: int = 0


class Reply(BaseModel):
    role: Literal["assistant"] = "assistant"
    content: str
    refusal: None = None


class Choice(BaseModel):
    index: int = 0
    message: Reply
    finish_reason: Literal["stop"] = "stop"
    logprobs: None = None


class ChatCompletion(BaseModel):
    """The answer as a chat completion: its text with the list of its sources, and whole in `chuchu`."""

    id: str
    object: Literal["chat.completion"] = "chat.completion"
    created: int
    model: str
    choices: list[Choice]
    usage: Usage = Usage()
    chuchu: Answer


class Delta(BaseModel):
    role: Literal["assistant"] | None = None
    content: str | None = None


class ChunkChoice(BaseModel):
    index: int = 0
    delta: Delta
    finish_reason: Literal["stop"] | None = None


class ChatChunk(BaseModel):
    """A piece of a streamed completion; the last one with a choice has the whole answer in `chuchu`."""

    id: str
    object: Literal["chat.completion.chunk"] = "chat.completion.chunk"
    created: int
    model: str
    choices: list[ChunkChoice]
    usage: Usage | None = None
    chuchu: Answer | None = None


class Model(BaseModel):
    id: str
    object: Literal["model"] = "model"
    created: int = 0
    owned_by: str = "chuchu"


class ModelList(BaseModel):
    """`chuchu` answers; it and the encoder by its own name embed."""

    object: Literal["list"] = "list"
    data: list[Model]


class EmbeddingRequest(BaseModel):
    """Texts to embed with the encoder of this server."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"model": MODEL, "input": ["知识产权"]}]}
    )

    input: str | list[str] = Field(
        description=f"A text, or at most {MAX_TEXTS}; not token numbers."
    )
    model: str = MODEL
    encoding_format: Literal["float", "base64"] = "float"
    input_type: Literal["query", "document"] = Field(
        "document",
        description="Some encoders embed a question otherwise than what it is looked for in.",
    )
    dimensions: int | None = Field(
        None, description="Only the encoder's own number can be had."
    )

    @property
    def texts(self) -> list[str]:
        return [self.input] if isinstance(self.input, str) else self.input


class Embedding(BaseModel):
    object: Literal["embedding"] = "embedding"
    index: int
    embedding: list[float] | str = Field(
        description="Length 1; or base64 of its little-endian float32."
    )


class EmbeddingList(BaseModel):
    object: Literal["list"] = "list"
    data: list[Embedding]
    model: str
    usage: Usage = Usage()
