"""The chat page at ``/``, its files under ``/web``, and the reference page at ``/docs``."""

from __future__ import annotations

import mimetypes
from copy import deepcopy
from pathlib import Path

from fastapi import APIRouter, Request
from starlette.exceptions import HTTPException
from starlette.responses import FileResponse, HTMLResponse
from starlette.staticfiles import StaticFiles

from api.reference import render
from rag.settings import Settings

FOLDER = Path(__file__).parent.parent
WEB = FOLDER / "web"

# Some systems map .js to text/plain, which `nosniff` would keep from running.
mimetypes.add_type("text/javascript", ".js")

router = APIRouter(include_in_schema=False)
web = StaticFiles(directory=WEB)


@router.api_route("/", methods=["GET", "HEAD"])
@router.api_route("/a/{answer_id}", methods=["GET", "HEAD"])
def index(request: Request) -> HTMLResponse:
    """The chat page, which looks at its address to see which answer to show."""
    page = WEB / "index.html"
    if not page.is_file():
        raise HTTPException(
            404, "this installation has no chat page; the API is described at /docs"
        )
    settings: Settings = request.app.state.service.settings
    text = page.read_text("utf-8")
    for name in ("max_question_chars", "max_upload_mib"):
        text = text.replace(f"{{{{{name}}}}}", str(getattr(settings, name)))
    return HTMLResponse(text)


@router.get("/docs")
def docs(request: Request) -> HTMLResponse:
    """The OpenAPI document as a page that needs no network and no script."""
    url, settings = request.url, request.app.state.service.settings
    address = url.netloc if url.scheme == "http" else f"{url.scheme}://{url.netloc}"
    key = "$CHUCHU_API_KEY" if settings.api_key else ""
    # Copied: rendering puts this request's address into it, and another's may differ.
    return HTMLResponse(render(deepcopy(request.app.openapi()), address, key))


@router.get("/docs/style.css")
def docs_style() -> FileResponse:
    return FileResponse(FOLDER / "reference.css", media_type="text/css")
