"""A visitor without a browser: one Streamlit session over its websocket, for who may see and do what."""

from __future__ import annotations

import contextlib
import http.client
import re
import urllib.parse
from collections.abc import Iterator, Mapping
from typing import Any

import websocket
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

COOKIE = "essaim-person"


class Visitor:
    """One open page. After each `run`: what was shown, the screens offered, the widgets' ids, the addresses of files."""

    def __init__(self, address: str, page: str = "", *, cookie: str | None = None, query: str = "lang=en") -> None:
        header = [] if cookie is None else [f"Cookie: {COOKIE}={cookie}"]
        self._socket = websocket.create_connection(
            f"ws://{address}/_stcore/stream",
            subprotocols=["streamlit"],
            timeout=60,
            header=header,
            suppress_origin=True,
        )
        self._page, self._query, self._script = page, query, ""
        self.shown = ""
        self.offered: list[str] = []
        self.widgets: dict[str, str] = {}
        self.downloads: list[str] = []
        self.faults: list[str] = []
        self.received = b""

    def __enter__(self) -> Visitor:
        return self

    def __exit__(self, *_: object) -> None:
        self._socket.close()

    def run(self, states: Mapping[str, tuple[str, Any]] | None = None) -> str:
        """Ask for one run and wait for its end; states: {widget id: (its protobuf field, value)}. Returns the text."""
        message = BackMsg()
        asked = message.rerun_script
        asked.page_name, asked.query_string, asked.page_script_hash = self._page, self._query, self._script
        for key, (field, value) in (states or {}).items():
            state = asked.widget_states.widgets.add()
            state.id = key
            setattr(state, field, value)
        self._socket.send_binary(message.SerializeToString())
        self.shown, self.offered, self.widgets, self.downloads, self.faults = "", [], {}, [], []
        for answer in self._answers():
            self._take(answer)
        return self.shown

    def _answers(self) -> Iterator[ForwardMsg]:
        while True:
            data = self._socket.recv()
            self.received += data
            answer = ForwardMsg()
            answer.ParseFromString(data)
            yield answer
            if answer.WhichOneof("type") == "script_finished":
                return

    def _take(self, answer: ForwardMsg) -> None:
        match answer.WhichOneof("type"):
            case "navigation":
                self._script = answer.navigation.page_script_hash
                self.offered = [page.url_pathname for page in answer.navigation.app_pages if not page.is_hidden]
            case "page_not_found":
                self.shown += "<page not found>\n"
            case "delta" if answer.delta.WhichOneof("type") == "new_element":
                self._element(answer.delta.new_element)

    def _element(self, element: Any) -> None:
        kind = element.WhichOneof("type")
        body = getattr(element, kind)
        if kind == "exception":
            self.faults.append(f"{body.type}: {body.message}")
        if kind == "download_button":
            self.downloads.append(body.url)
        for field in ("body", "label"):
            words = getattr(body, field, "")
            self.shown += f"{words}\n" if isinstance(words, str) and "<style>" not in words else ""
        key = getattr(body, "id", None)
        if isinstance(key, str) and key:
            self.widgets[key.split("-", 2)[-1]] = key


def sign_in(address: str, person_id: str) -> str:
    """Pick a person as the sign-in page does; return the cookie it gives."""
    body = urllib.parse.urlencode({"person": person_id})
    headers = {"Origin": f"http://{address}", "Content-Type": "application/x-www-form-urlencoded"}
    with contextlib.closing(http.client.HTTPConnection(address, timeout=30)) as line:
        line.request("POST", "/sign-in", body, headers)
        answer = line.getresponse()
        answer.read()
    found = re.search(rf"{COOKIE}=([^;]+)", answer.headers.get("Set-Cookie") or "")
    if found is None:
        raise PermissionError(f"no cookie for {person_id}: {answer.status}")
    return found[1]
