"""Ask routes for a page without a server or a browser: `ask(routes, "/evidence", accept_language="fr")`."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Route

from pages.web.headers import SecurityHeaders


@dataclass(frozen=True)
class Answer:
    """What came back; header names are small."""

    status: int
    headers: dict[str, str]
    content: bytes

    @property
    def text(self) -> str:
        return self.content.decode()


def ask(
    routes: Sequence[Route], address: str, *, method: str = "GET", form: Mapping[str, str] | None = None, **headers: str
) -> Answer:
    """Ask for one address as a browser on this machine would; headers: if_none_match="..." for If-None-Match.

    form: fields to send, as a page's form does.
    """
    app = Starlette(routes=list(routes), middleware=[Middleware(SecurityHeaders)])
    parts = urlsplit(address)
    sent = {"host": "127.0.0.1:8501", **{name.replace("_", "-"): said for name, said in headers.items()}}
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
        "path": parts.path, "raw_path": parts.path.encode(), "query_string": parts.query.encode(), "root_path": "",
        "headers": [(name.encode(), said.encode()) for name, said in sent.items()],
        "server": ("127.0.0.1", 8501), "client": ("127.0.0.1", 50000),
    }  # fmt: skip
    messages: list[dict] = []

    async def receive() -> dict:
        return {"type": "http.request", "body": urlencode(form or {}).encode(), "more_body": False}

    async def send(message: dict) -> None:
        messages.append(message)

    asyncio.run(app(scope, receive, send))
    start = messages[0]
    found = {name.decode().lower(): said.decode() for name, said in start["headers"]}
    body = b"".join(m.get("body", b"") for m in messages if m["type"] == "http.response.body")
    return Answer(start["status"], found, body)
