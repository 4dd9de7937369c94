"""The cookie that remembers who was picked on this machine: signed, so that it cannot be written by hand."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import hmac
import os
import secrets
from functools import lru_cache
from pathlib import Path

from data.settings import settings

COOKIE = "essaim-person"
LIFETIME = dt.timedelta(hours=12)


def sign(person_id: str, now: dt.datetime) -> str:
    """Write a token for a person, good for LIFETIME from now.

    Shape: person, moment and signature, each in base64 without padding, joined by dots.
    """
    body = f"{_encode(person_id.encode())}.{_encode(str(int(now.timestamp())).encode())}"
    return f"{body}.{_signature(body)}"


def read(token: str | None, now: dt.datetime) -> tuple[str, dt.datetime] | None:
    """Read a token: the person and when it was written; None when it is missing, forged, torn or too old."""
    parts = (token or "").split(".")
    if len(parts) != 3 or not hmac.compare_digest(
        _signature(f"{parts[0]}.{parts[1]}").encode(), parts[2].encode("utf-8", "replace")
    ):
        return None
    person_id, written = (_decode(part).decode() for part in parts[:2])
    moment = dt.datetime.fromtimestamp(int(written), tz=dt.UTC)
    return (person_id, moment) if moment <= now + dt.timedelta(minutes=1) and now - moment < LIFETIME else None


def _signature(body: str) -> str:
    return _encode(hmac.new(_secret(str(settings().folder)), body.encode(), hashlib.sha256).digest())


@lru_cache(maxsize=8)
def _secret(folder: str) -> bytes:
    """Read this installation's secret, made at first use: the setting's, else a file only its owner can read."""
    chosen = settings().cookie_secret
    if chosen is not None:
        return chosen.get_secret_value().encode()
    path = Path(folder) / "cookie.secret"
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        secret = secrets.token_bytes(32)
        file.write(secret)
    return secret


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
