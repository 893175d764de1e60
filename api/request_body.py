"""What every request's body is."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict


class Request(BaseModel):
    """A request's body. A misspelt field is an error, not silence."""

    model_config = ConfigDict(extra="forbid")
