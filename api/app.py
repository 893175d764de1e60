"""READ FIRST. ``create_app`` puts the service together: routes, errors, and the checks before them.

    uvicorn.run(create_app(load_settings()), host="127.0.0.1", workers=1)

A request passes, from the outside in: the count, the policy headers, Host and Origin, the API
key, the time and the size of the body, and then its route.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial

from fastapi import FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from api import logs, openapi, problems
from api.bodies import BoundedBodies
from api.metrics import CountRequests
from api.routes import asking, documents, feedback, local, openai, operations, pages
from api.security import ApiKey, BodyLimit, SameSite, SecurityHeaders
from api.service import OpenLibrary, Service
from rag.library import VERSION, Library
from rag.settings import Settings

DESCRIPTION = """Answers questions from your own documents; every claim cites the exact characters it \
rests on, or the documents are said not to tell. Offsets count Unicode code points and are half-open."""


def create_app(
    settings: Settings, open_library: OpenLibrary | None = None, *, local_key: str = ""
) -> FastAPI:
    """The service as an ASGI application; its lifespan opens and closes the library.

    Args:
        settings: of the library and of the limits here.
        open_library: called once in the background; ``Library.open(settings)`` when not given.
        local_key: taken in place of the API key, and for ``/v1/local``; it stands in the data folder.

    Until the library is open, everything that needs it answers 503.
    """
    logs.without_texts()
    service = Service(settings, open_library or partial(Library.open, settings))
    app = FastAPI(
        title="Chuchu",
        version=VERSION,
        summary="Cited answers from your own documents",
        description=DESCRIPTION,
        license_info={"name": "Apache-2.0", "identifier": "Apache-2.0"},
        # FastAPI's own pages load scripts from elsewhere, which the policy forbids; /docs is written here.
        docs_url=None,
        redoc_url=None,
        # A redirect would turn POST /v1/ask/ into a GET at some clients: a plain 404 says what is wrong.
        redirect_slashes=False,
        lifespan=_lifespan,
        # The first one is the outermost: refusals of those below it are counted, and bear the policy headers.
        middleware=[
            Middleware(CountRequests, metrics=service.metrics),
            Middleware(SecurityHeaders),
            # Before the key: a page that lured a browser here must not find out whether a key is right.
            Middleware(SameSite, settings=settings),
            Middleware(ApiKey, settings=settings, local_key=local_key),
            # After the key: who has none may hold no memory here.
            Middleware(BoundedBodies, settings=settings),
            # Innermost, so that what it reads and throws away is timed and counted as any body.
            Middleware(BodyLimit, settings=settings),
        ],
    )
    app.state.service = service
    for routes in (asking, documents, feedback, openai, local, operations, pages):
        app.include_router(routes.router)
    app.mount("/web", pages.web, name="web")
    problems.install(app)
    openapi.install(app, settings)
    return app


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    service: Service = app.state.service
    service.start()
    try:
        yield
    finally:
        # Closing waits for threads, and streams that are ending need the event loop meanwhile.
        await run_in_threadpool(service.stop)
