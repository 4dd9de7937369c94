"""Loading and undoing through the running app, which holds the store: its HTTP API, with a keeper's token."""

from __future__ import annotations

import argparse
import http.client
import json
import secrets
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlsplit

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

from loaders.caps import caps
from loaders.choices import Choices
from loaders.command_endings import BadUsage, ToldAlready, name_of, print_lines
from loaders.files import bytes_of
from wording import Language, say

LOOPBACK = ("127.0.0.1", "localhost", "::1")
SECONDS = 600  # a load of a million rows, queued behind another one
ATTEMPTS = 5
LONGEST_WAIT_SECONDS = 30


class App(BaseSettings):
    """Where the running app answers, and the token to show it: ESSAIM_URL and ESSAIM_TOKEN."""

    model_config = SettingsConfigDict(env_prefix="ESSAIM_", extra="ignore", frozen=True)

    url: str | None = None
    token: SecretStr | None = None


@dataclass(frozen=True, slots=True)
class RunningApp:
    """A running app that takes loads."""

    url: str
    token: SecretStr


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Follows no redirect: the token is for the address that was given, and for no other."""

    def redirect_request(self, *_: Any) -> None:
        """Refuse."""
        return


def running_app() -> RunningApp | None:
    """Find the app through which to load; None = this process opens the store itself.

    With both settings given the app is always asked, so that nothing goes into a store of one's own by mistake.
    Raises BadUsage for an address where a token would travel in clear.
    """
    found = App()
    if not (found.url and found.token):
        return None
    where = urlsplit(found.url)
    if where.scheme != "https" and not (where.scheme == "http" and where.hostname in LOOPBACK):
        raise BadUsage("bad_url", given=found.url)
    return RunningApp(found.url.rstrip("/"), found.token)


def load(app: RunningApp, path: str, wanted: argparse.Namespace, choices: Choices, language: Language) -> None:
    """Load one file through the app and print its words. Raises ToldAlready with the sentence of its refusal."""
    _refuse_person(wanted)
    fields = {
        "choices": choices.to_json(),
        "register": "true" if wanted.register else "false",
        "leave_out": "true" if wanted.leave_out else "false",
        "reason": wanted.reason,
        "language": language,
    }
    kind, body = _multipart(fields, name_of(path), bytes_of(Path(path), caps()))
    answer = _ask(app, "/api/uploads", body, kind, language)
    print_lines(*answer["lines"])
    if answer.get("outcome") == "loaded":
        print_lines(say("commands.batch", language, id=str(answer.get("upload", {}).get("id", ""))))


def undo(app: RunningApp, wanted: argparse.Namespace, language: Language) -> None:
    """Undo one load through the app, or print what that would do."""
    _refuse_person(wanted)
    body = json.dumps({"reason": wanted.reason, "preview": wanted.preview, "language": language}).encode()
    answer = _ask(app, f"/api/uploads/{quote(wanted.batch, safe='')}/undo", body, "application/json", language)
    print_lines(*answer["lines"])


def _refuse_person(wanted: argparse.Namespace) -> None:
    if wanted.person:
        raise BadUsage("token_decides", given=wanted.person)


def _multipart(fields: Mapping[str, str], file_name: str, data: bytes) -> tuple[str, bytes]:
    mark = f"essaim-{secrets.token_hex(16)}"
    parts = [
        f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{text}\r\n'.encode()
        for name, text in fields.items()
    ]
    shown = file_name.translate({ord('"'): "%22", ord("\r"): " ", ord("\n"): " "})
    head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{shown}"\r\n\r\n'
    return f"multipart/form-data; boundary={mark}", b"".join(
        [*parts, head.encode(), data, f"\r\n--{mark}--\r\n".encode()]
    )


def _ask(app: RunningApp, path: str, body: bytes, kind: str, language: Language) -> dict[str, Any]:
    """Ask the app, again when it is busy; raises ToldAlready with the sentence of a refusal."""
    for attempt in range(1, ATTEMPTS + 1):
        status, answer, wait = _asked_once(app, path, body, kind, language)
        if status != http.client.TOO_MANY_REQUESTS or attempt == ATTEMPTS:
            break
        time.sleep(wait)
    if status not in (http.client.OK, http.client.CREATED) or not isinstance(answer.get("lines"), list):
        raise ToldAlready(str(answer.get("sentence") or say("commands.app.odd", language, url=app.url, status=status)))
    return answer


def _asked_once(
    app: RunningApp, path: str, body: bytes, kind: str, language: Language
) -> tuple[int, dict[str, Any], float]:
    request = urllib.request.Request(
        f"{app.url}{path}", data=body, method="POST",
        headers={
            "Authorization": f"Bearer {app.token.get_secret_value()}", "Content-Type": kind,
            "Accept-Language": language, "Accept": "application/json",
        },
    )  # fmt: skip
    handlers: list[urllib.request.BaseHandler] = [_NoRedirect()]
    if urlsplit(app.url).hostname in LOOPBACK:
        handlers.append(urllib.request.ProxyHandler({}))
    try:
        with urllib.request.build_opener(*handlers).open(request, timeout=SECONDS) as reply:
            return reply.status, _json(reply.read()), 0
    except urllib.error.HTTPError as error:
        with error:
            wait = error.headers.get("Retry-After", "")
            seconds = min(int(wait) if wait.isdigit() else 1, LONGEST_WAIT_SECONDS)
            return error.code, _json(error.read()), seconds
    except (OSError, http.client.HTTPException) as error:
        raise ToldAlready(say("commands.app.silent", language, url=app.url, detail=type(error).__name__)) from error


def _json(body: bytes) -> dict[str, Any]:
    try:
        found = json.loads(body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}
