"""The OpenAPI document: what FastAPI derives, and what it cannot know."""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from pydantic import BaseModel

from api import curl
from api.problems import FailedFile, InvalidField, OpenAIError, Problem
from api.schemas.documents import NewDocument
from api.security import KEY_PATHS
from rag.settings import Settings

_REF = "#/components/schemas/{model}"
_SECURITY_SCHEMES = {
    "bearer": {"type": "http", "scheme": "bearer"},
    "apiKey": {"type": "apiKey", "in": "header", "name": "X-API-Key"},
}


def install(app: FastAPI, settings: Settings) -> None:
    """Have ``app.openapi()`` describe errors, raw bodies, this server's limits and its key."""

    def openapi() -> dict[str, Any]:
        # The server's settings do not change while it runs: built once.
        if app.openapi_schema is None:
            app.openapi_schema = _build(app, settings)
        return app.openapi_schema

    app.openapi = openapi  # type: ignore[method-assign]


def _build(app: FastAPI, settings: Settings) -> dict[str, Any]:
    document = get_openapi(
        title=app.title,
        version=app.version,
        summary=app.summary,
        description=app.description,
        license_info=app.license_info,
        tags=app.openapi_tags,
        routes=app.routes,
    )
    schemas = document["components"]["schemas"]
    for model in (Problem, InvalidField, FailedFile, OpenAIError, NewDocument):
        # No route's signature names these: errors and raw bodies are written without FastAPI's help.
        schemas.setdefault(model.__name__, _schema(model))
    _set_limits(schemas, settings)
    _show_examples(document)
    if settings.api_key:
        _ask_for_key(document)
    return document


def _schema(model: type[BaseModel]) -> dict[str, Any]:
    schema = model.model_json_schema(ref_template=_REF)
    # They stand under components already; the references lead there.
    schema.pop("$defs", None)
    return schema


def _set_limits(schemas: dict[str, Any], settings: Settings) -> None:
    """The library enforces these by its settings; the models cannot know them."""
    ask, search = (
        schemas["AskRequest"]["properties"],
        schemas["SearchRequest"]["properties"],
    )
    batch = schemas["BatchRequest"]["properties"]
    batch["questions"]["items"]["maxLength"] = settings.max_question_chars
    batch["top_k"]["maximum"] = settings.max_top_k
    ask["question"]["maxLength"] = search["query"]["maxLength"] = (
        settings.max_question_chars
    )
    ask["top_k"]["maximum"] = search["top_k"]["maximum"] = settings.max_top_k


def _show_examples(document: dict[str, Any]) -> None:
    """What to paste for each operation, and what came back when that was done."""
    came_back = curl.responses()
    for methods in document["paths"].values():
        for operation in methods.values():
            name = operation["operationId"]
            if name not in curl.CURL:
                continue
            operation["x-codeSamples"] = [{"lang": "Shell", "source": curl.CURL[name]}]
            status = "201" if "201" in operation["responses"] else "200"
            content = operation["responses"].get(status, {}).get("content", {})
            for kind in ("application/json", "text/plain"):
                if kind in content and name in came_back:
                    content[kind]["example"] = came_back[name]


def _ask_for_key(document: dict[str, Any]) -> None:
    document["components"]["securitySchemes"] = _SECURITY_SCHEMES
    for path, methods in document["paths"].items():
        for operation in methods.values():
            if path.startswith(KEY_PATHS):
                operation["security"] = [{name: []} for name in _SECURITY_SCHEMES]
