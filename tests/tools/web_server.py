"""A web server for tests: what stands at each path is a function or bytes, and every request is kept."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Answer = tuple[int, dict[str, str], bytes]


@dataclass
class Web:
    """pages: by path, what is answered; asked: path and headers (names in lower case) of each request."""

    port: int = 0
    pages: dict[str, bytes | Answer | Callable[[dict[str, str]], Answer]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)

    def url(self, path: str, host: str = "127.0.0.1") -> str:
        return f"http://{host}:{self.port}{path}"

    def answer(self, path: str, headers: dict[str, str]) -> Answer:
        self.asked.append((path, headers))
        page = self.pages.get(path, (404, {}, b""))
        if isinstance(page, bytes):
            return 200, {}, page
        return page(headers) if callable(page) else page


def changing(data: bytes, mark: str) -> Callable[[dict[str, str]], Answer]:
    """Answer 304 to whoever has this version already."""
    return lambda asked: (
        (304, {"ETag": mark}, b"") if asked.get("if-none-match") == mark else (200, {"ETag": mark}, data)
    )


@contextlib.contextmanager
def web_server() -> Iterator[Web]:
    web = Web()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            status, headers, body = web.answer(self.path, {name.lower(): value for name, value in self.headers.items()})
            with contextlib.suppress(OSError):
                self.send_response(status)
                for name, value in {"Content-Length": str(len(body)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        web.port = server.server_address[1]
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        thread.start()
        try:
            yield web
        finally:
            server.shutdown()
            thread.join()
