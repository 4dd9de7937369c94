"""A browser's session without the browser: it keeps messages, widgets and fragments as the page would, for measures.

`Visitor` in streamlit_client shows who may see what; this one acts and counts: what a browser holds already it does not
ask for again, a widget keeps its value, and a press inside a dialog runs the dialog alone.
"""

from __future__ import annotations

import contextlib
import uuid
from http.client import HTTPConnection
from typing import Any

import websocket
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.Common_pb2 import FileUploaderState
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

SECONDS_TO_ANSWER = 120
FRAME_BYTES = 4  # what a websocket frame of 126 to 65,535 bytes adds: counted for each
SHOWN = ("body", "label", "text", "value")
# The field of a widget's state, by the element it belongs to.
FIELDS = {
    "button": "trigger_value", "checkbox": "bool_value", "text_input": "string_value", "text_area": "string_value",
    "selectbox": "string_value", "radio": "string_value", "date_input": "string_array_value",
    "multiselect": "string_array_value", "button_group": "string_array_value", "number_input": "double_value",
    "file_uploader": "file_uploader_state_value",
}  # fmt: skip
RESTARTED = 2  # how a run ends that an act of its own stopped, to begin another: see ForwardMsg.ScriptFinishedStatus


class Session:
    """One open page at an address. received: bytes the server sent. elements: those on the page, by their place."""

    def __init__(self, address: str, page: str = "", *, query: str = "lang=en", cookies: str = "") -> None:
        self._address, self._page, self._query, self._script = address, page, query, ""
        self._token = _forgery_token(address)
        header = [f"Cookie: {'; '.join(filter(None, [cookies, f'_streamlit_xsrf={self._token}']))}"]
        self._socket = websocket.create_connection(
            f"ws://{address}/_stcore/stream",
            subprotocols=["streamlit", self._token],
            timeout=SECONDS_TO_ANSWER,
            header=header,
            suppress_origin=True,
        )
        self._held: dict[str, ForwardMsg] = {}
        self._set: dict[str, tuple[str, Any]] = {}
        self.session_id = ""
        self.received = 0
        self.elements: dict[tuple[int, ...], tuple[Any, str]] = {}

    def __enter__(self) -> Session:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError, websocket.WebSocketException):
            self._socket.close()

    def run(self, trigger: tuple[str, Any] | None = None, *, fragment: str = "") -> None:
        """Ask for a run as a browser does, with every widget's value, and wait until the page stands still."""
        message = BackMsg()
        asked = message.rerun_script
        asked.page_name, asked.query_string, asked.page_script_hash = self._page, self._query, self._script
        asked.fragment_id = fragment
        asked.cached_message_hashes.extend(self._held)
        for widget_id, (field, value) in {**self._set, **({trigger[0]: trigger[1]} if trigger else {})}.items():
            state = asked.widget_states.widgets.add(id=widget_id)
            if field == "string_array_value":
                state.string_array_value.data.extend(value)
            elif field == "file_uploader_state_value":
                state.file_uploader_state_value.CopyFrom(value)
            else:
                setattr(state, field, value)
        self._socket.send_binary(message.SerializeToString())
        self._follow(fragment)

    def set(self, key: str, value: Any) -> None:
        """Give a widget another value, as its reader would; the page runs."""
        widget_id, field, fragment = self._widget(key)
        self._set[widget_id] = (field, value)
        self.run(fragment=fragment)

    def press(self, key: str) -> None:
        """Press a button; the page runs."""
        widget_id, field, fragment = self._widget(key)
        self.run((widget_id, (field, True)), fragment=fragment)

    def upload(self, key: str, name: str, content: bytes) -> None:
        """Choose a file in an uploader; the page runs."""
        widget_id, field, fragment = self._widget(key)
        message = BackMsg()
        message.file_urls_request.request_id = str(uuid.uuid4())
        message.file_urls_request.file_names.append(name)
        message.file_urls_request.session_id = self.session_id
        self._socket.send_binary(message.SerializeToString())
        while (answer := self._receive()).WhichOneof("type") != "file_urls_response":
            continue
        urls = answer.file_urls_response.file_urls[0]
        self._send_file(urls.upload_url, name, content)
        chosen = FileUploaderState()
        chosen.uploaded_file_info.add(name=name, size=len(content), file_id=urls.file_id).file_urls.CopyFrom(urls)
        self._set[widget_id] = (field, chosen)
        self.run(fragment=fragment)

    @property
    def keys(self) -> list[str]:
        """The key of every widget on the page."""
        ids = (getattr(_body(element), "id", "") for element, _ in self.elements.values())
        return [_key(widget_id) for widget_id in ids if isinstance(widget_id, str) and widget_id]

    @property
    def text(self) -> str:
        """Every word on the page, without its stylesheet."""
        bodies = [_body(element) for element, _ in self.elements.values()]
        words = [getattr(body, field, "") for body in bodies for field in SHOWN]
        return "\n".join(word for word in words if isinstance(word, str) and word and "<style>" not in word)

    @property
    def faults(self) -> list[str]:
        """Every exception on the page."""
        shown = (element for element, _ in self.elements.values())
        return [f"{e.exception.type}: {e.exception.message}" for e in shown if e.WhichOneof("type") == "exception"]

    def _widget(self, key: str) -> tuple[str, str, str]:
        for element, fragment in self.elements.values():
            widget_id = getattr(_body(element), "id", "")
            if _key(widget_id) == key:
                return widget_id, FIELDS[element.WhichOneof("type")], fragment
        raise LookupError(f"no widget {key} on the page: {self.text[:2000]}")

    def _follow(self, fragment: str) -> None:
        """Take the answers until the run has ended, and the one it began itself, if it did."""
        if not fragment:
            self.elements = {}
        while True:
            answer = self._receive()
            kind = answer.WhichOneof("type")
            if kind == "new_session":
                self._began(answer)
            elif kind == "navigation":
                self._script = answer.navigation.page_script_hash
            elif kind == "delta" and answer.delta.WhichOneof("type") == "new_element":
                place = tuple(answer.metadata.delta_path)
                self.elements[place] = (answer.delta.new_element, answer.delta.fragment_id)
            elif kind == "script_finished" and answer.script_finished != RESTARTED:
                return

    def _began(self, answer: ForwardMsg) -> None:
        self.session_id = answer.new_session.initialize.session_id or self.session_id
        again = set(answer.metadata.run.fragment_ids)
        self.elements = {place: shown for place, shown in self.elements.items() if again and shown[1] not in again}

    def _receive(self) -> ForwardMsg:
        data = self._socket.recv()
        self.received += len(data) + FRAME_BYTES
        answer = ForwardMsg()
        answer.ParseFromString(data)
        if answer.WhichOneof("type") == "ref_hash":
            whole = ForwardMsg()
            whole.CopyFrom(self._held[answer.ref_hash])
            whole.metadata.CopyFrom(answer.metadata)
            return whole
        if answer.metadata.cacheable:
            self._held[answer.hash] = answer
        return answer

    def _send_file(self, address: str, name: str, content: bytes) -> None:
        edge = uuid.uuid4().hex
        head = f'--{edge}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n'
        body = (
            f"{head}Content-Type: application/octet-stream\r\n\r\n".encode() + content + f"\r\n--{edge}--\r\n".encode()
        )
        connection = HTTPConnection(self._address, timeout=SECONDS_TO_ANSWER)
        headers = {
            "Content-Type": f"multipart/form-data; boundary={edge}",
            "X-Xsrftoken": self._token,
            "Cookie": f"_streamlit_xsrf={self._token}",
        }
        connection.request("PUT", address, body, headers)
        status = connection.getresponse().status
        connection.close()
        if status != 204:
            raise ConnectionError(f"{name} was not taken: {status}")


def _body(element: Any) -> Any:
    return getattr(element, element.WhichOneof("type"))


def _key(widget_id: object) -> str:
    """Return the key in a widget's id: $$ID-<hash>-<key>."""
    return widget_id.split("-", 2)[-1] if isinstance(widget_id, str) else ""


def _forgery_token(address: str) -> str:
    """Fetch the token that an upload must send back."""
    connection = HTTPConnection(address, timeout=SECONDS_TO_ANSWER)
    connection.request("GET", "/_stcore/health")
    answer = connection.getresponse()
    answer.read()
    cookie = answer.getheader("Set-Cookie") or ""
    connection.close()
    return cookie.partition("_streamlit_xsrf=")[2].partition(";")[0]
