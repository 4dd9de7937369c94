"""What every answer of the server carries, and which requests get none."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import PlainTextResponse

from data.settings import settings

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
CLOSED = ("/_stcore/metrics", "/_stcore/script-health-check")
# Vega compiles its expressions and Streamlit styles inline; nothing is taken from another address.
APP_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval' blob:; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; worker-src 'self' blob:; "
    "object-src 'none'; base-uri 'self'; form-action 'self'; frame-ancestors 'none'"
)
# Public pages run no script at all.
PUBLIC_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'self'"
)
SCRIPTLESS = ("/evidence", "/sign-in", "/sign-out", "/first-person")


class SecurityHeaders:
    """Adds the headers to each answer; refuses hosts that are not ours and addresses that are closed."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        host = Headers(scope=scope).get("host", "")
        if not known_host(host):
            await _refuse(scope, receive, send, 400)
        elif scope["path"].rstrip("/") in CLOSED:
            await _refuse(scope, receive, send, 404)
        elif scope["type"] == "websocket":
            await self._app(scope, receive, send)
        else:
            await self._app(scope, receive, _dressing(scope["path"], send))


def known_host(host: str, allowed: Iterable[str] | None = None) -> bool:
    """Tell whether a Host header names this server: loopback, or one of ESSAIM_ALLOWED_HOSTS.

    >>> known_host("127.0.0.1:8501", ()), known_host("evil.example", ())
    (True, False)
    """
    name = host.rsplit(":", 1)[0] if host.rsplit(":", 1)[-1].isdigit() else host
    return name in LOOPBACK or name in (settings().allowed_hosts if allowed is None else allowed)


def _dressing(path: str, send: Send) -> Send:
    scriptless = any(path == start or path.startswith(f"{start}/") for start in SCRIPTLESS)

    async def dressed(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            headers.setdefault("Content-Security-Policy", PUBLIC_POLICY if scriptless else APP_POLICY)
            headers["X-Content-Type-Options"] = "nosniff"
            headers["Referrer-Policy"] = "same-origin"
            headers["Permissions-Policy"] = "camera=(), microphone=(), geolocation=()"
            if settings().production:
                headers["Strict-Transport-Security"] = "max-age=31536000"
        await send(message)

    return dressed


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int) -> None:
    if scope["type"] == "websocket":
        await send({"type": "websocket.close", "code": 1008})
        return
    await PlainTextResponse("", status_code=status)(scope, receive, send)
