"""Who may call: Host and Origin against rebinding and forgery, an API key, limits on the body.

All pure ASGI, so that a stream's disconnect reaches its endpoint.
"""

from __future__ import annotations

import hmac
from ipaddress import ip_address
from urllib.parse import urlsplit

from starlette.datastructures import Headers, MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.brake import Brake
from api.problems import response_to
from rag.errors import Forbidden, SettingsError, TooManyTries, Unauthorized
from rag.settings import MEBIBYTE, Settings

SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
KEY_PATHS = ("/v1/", "/metrics")
"""What needs the API key; the page's own files and the health checks hold nothing of anybody's."""
LOCAL_PATHS = ("/v1/local/",)
UPLOAD_PATH = "/v1/documents"
MULTIPART_OVERHEAD = 64 * 1024
JSON_LIMIT = 512 * 1024
"""Bytes of a request without files, beside its question."""
BYTES_PER_CHARACTER = 12
"""At most, in JSON: two escaped surrogates."""
DRAINED_LIMITS = 4
"""Times the limit that is still read and thrown away: many clients, browsers among them, look for the answer
only once they have sent everything."""

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data: blob:",
        "connect-src 'self'",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {
    "Content-Security-Policy": CONTENT_SECURITY_POLICY,
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}


def check_binding(settings: Settings) -> None:
    """Raises SettingsError: an address that others can reach, and no API key."""
    if not is_loopback(settings.host) and not settings.api_key.strip():
        raise SettingsError(
            "host", settings.host, "a loopback address, or api_key to be set as well"
        )


def is_loopback(host: str) -> bool:
    """Whether ``host``, a name or an address without brackets, can only mean this machine."""
    name = host.lower().removesuffix(".")
    if name == "localhost" or name.endswith(".localhost"):
        return True
    try:
        return ip_address(name).is_loopback
    except ValueError:
        return False


class SecurityHeaders:
    """Adds the policy headers to every response, and says what may be cached."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)

        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in _HEADERS.items():
                    headers.setdefault(name, value)
                # A deleted document must not live on in a browser's cache.
                private = scope["path"].startswith(KEY_PATHS)
                headers.setdefault(
                    "Cache-Control", "no-store" if private else "no-cache"
                )
            await send(message)

        await self.app(scope, receive, send_with_headers)


class SameSite:
    """Refuses a foreign Host (DNS rebinding), and a foreign Origin on a method that changes things."""

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        listed = (name.strip().lower() for name in settings.allowed_hosts.split(","))
        self.names = frozenset(
            name for name in (*listed, settings.host.lower()) if name
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        error = self._refusal(scope["method"], Headers(scope=scope))
        if error is not None:
            return await response_to(error, scope["path"])(scope, receive, send)
        await self.app(scope, receive, send)

    def _refusal(self, method: str, headers: Headers) -> Forbidden | None:
        # Two Host headers could mean one thing to a proxy and another here: refused, as RFC 9112 asks.
        given = headers.getlist("host")
        host = given[0] if len(given) == 1 else ""
        name = _host_name(host)
        if name is None or not (is_loopback(name) or name in self.names):
            return Forbidden(
                f"Host {host!r} is not one of ours; CHUCHU_ALLOWED_HOSTS can name it"
            )
        # Commands and scripts send no Origin; browsers send one with all that changes things.
        origins = headers.getlist("origin")
        if method not in SAFE_METHODS and any(
            not _same_origin(origin, host) for origin in origins
        ):
            return Forbidden(f"Origin {origins[0]!r} is not this server's own")
        return None


class ApiKey:
    """Asks for ``settings.api_key``, when set, as ``Authorization: Bearer`` or ``X-API-Key``.

    The local key, which is found in the data folder's lock, does as well; the paths of ``LOCAL_PATHS``, which
    read files of this machine, take no other.
    """

    def __init__(
        self,
        app: ASGIApp,
        settings: Settings,
        brake: Brake | None = None,
        local_key: str = "",
    ) -> None:
        self.app = app
        self.key, self.local_key = settings.api_key.encode(), local_key.encode()
        self.brake = brake or Brake()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        error = self._refusal(scope) if scope["type"] == "http" else None
        if error is not None:
            return await response_to(error, scope["path"])(scope, receive, send)
        await self.app(scope, receive, send)

    def _refusal(self, scope: Scope) -> Unauthorized | TooManyTries | Forbidden | None:
        given = _key_of(Headers(scope=scope))
        # compare_digest takes as long for every wrong key: a plain == would tell how many bytes are right.
        # Headers are Latin-1 by their specification, so every key that came can be encoded again.
        if self.local_key and hmac.compare_digest(
            given.encode("latin-1"), self.local_key
        ):
            return None
        if scope["path"].startswith(LOCAL_PATHS):
            return Forbidden(
                "only commands on this machine, which may read the data folder, come here"
            )
        if not self.key or not scope["path"].startswith(KEY_PATHS):
            return None
        address = scope["client"][0] if scope.get("client") else ""
        # Before the key is looked at: a right one among guesses must not tell itself from the wrong ones.
        if given and (seconds := self.brake.seconds(address)):
            return TooManyTries(f"{seconds} s until the next key is looked at", seconds)
        if hmac.compare_digest(given.encode("latin-1"), self.key):
            return None
        if given:
            self.brake.wrong(address)
        return Unauthorized(
            "send it as 'Authorization: Bearer KEY' or 'X-API-Key: KEY'"
        )


def _key_of(headers: Headers) -> str:
    """The key that a request bears, empty when it bears none."""
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else headers.get("x-api-key", "")


class BodyLimit:
    """Answers 413 to a body that is too large.

    ``FastAPI(max_body_size=…)`` does the same but answers in plain text, not as a problem.
    """

    def __init__(self, app: ASGIApp, settings: Settings) -> None:
        self.app = app
        self.limit = JSON_LIMIT + BYTES_PER_CHARACTER * settings.max_question_chars
        self.upload_limit = settings.max_upload_mib * MEBIBYTE + MULTIPART_OVERHEAD

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return await self.app(scope, receive, send)
        limit = self.upload_limit if scope["path"] == UPLOAD_PATH else self.limit
        too_large = HTTPException(413, f"a body of more than {limit:,} bytes")
        declared = _content_length(Headers(scope=scope))
        if declared > limit:
            # A body said to be larger yet is not read at all: its connection ends with the answer unread.
            if declared <= DRAINED_LIMITS * limit:
                await _drain(receive, declared)
            return await response_to(too_large, scope["path"])(scope, receive, send)

        received = 0

        async def receive_counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            # Chunked bodies declare no length, and a client may lie about it: what comes is counted, too.
            if received > limit:
                if message.get("more_body"):
                    await _drain(receive, DRAINED_LIMITS * limit - received)
                raise too_large
            return message

        await self.app(scope, receive_counted, send)


async def _drain(receive: Receive, most: int) -> None:
    """Read a body to its end, or ``most`` bytes of it, and keep nothing."""
    while most > 0:
        message = await receive()
        most -= len(message.get("body", b""))
        if not message.get("more_body"):
            return


def _content_length(headers: Headers) -> int:
    value = headers.get("content-length", "")
    # -1 or 1e9 is nothing that h11 lets through; what is counted on arrival holds in any case.
    return int(value) if value.isdecimal() else 0


def _host_name(host: str) -> str | None:
    parts = _netloc(f"//{host}")
    return None if parts is None else parts[0]


def _same_origin(origin: str, host: str) -> bool:
    """Whether an Origin names the Host that it was sent to; the scheme may change at a proxy."""
    theirs, ours = _netloc(origin), _netloc(f"//{host}")
    if theirs is None or ours is None or theirs[0] != ours[0]:
        return False
    default = 443 if origin.startswith("https:") else 80
    return (theirs[1] or default) == (ours[1] or default)


def _netloc(url: str) -> tuple[str, int | None] | None:
    """Host name and port of ``url``; None when it has none or carries more than these."""
    try:
        parts = urlsplit(url)
        name, port = parts.hostname, parts.port
    except ValueError:
        return None
    if not name or "@" in parts.netloc or parts.path or parts.query or parts.fragment:
        return None
    # localhost. is localhost, written as the root of the DNS has it.
    return name.removesuffix("."), port
