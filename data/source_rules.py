"""What a source's address may be: its form, where it may lead, and which secrets it may name for whom."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path, PurePosixPath
from urllib.parse import SplitResult, parse_qsl, quote, unquote, urlsplit

from data.access import Refused
from data.settings import Settings
from data.types import Source, SourceKind

REFERENCE = re.compile(r"env:([A-Z][A-Z0-9_]*)")
HEADER = re.compile(r"([A-Za-z0-9!#$%&'*+.^_`|~-]+):[ \t]*([^\r\n\0]+)")
SECRET_NAMES = re.compile(r"token|secret|passw|pwd|key|sig|auth|credential|cookie", re.IGNORECASE)
PLAIN_HEADERS = ("accept", "accept-language", "user-agent")
READS_ONLY = re.compile(r"\s*(?:--[^\n]*\n\s*|/\*.*?\*/\s*)*(?:select|with)\b", re.IGNORECASE | re.DOTALL)
LONGEST_ADDRESS, LONGEST_QUERY = 2000, 20_000


def check_form(source: Source) -> None:
    """Check what a source says of itself, without asking anybody. Raises Refused naming what is wrong."""
    if not source.name.strip():
        raise Refused("name_missing")
    if source.site_id and source.process_id:
        raise Refused("source_scope")
    if len(source.address) > LONGEST_ADDRESS or "\0" in source.address:
        raise Refused(f"source_address_{source.kind}")
    _FORMS[source.kind](source)


def check_allowed(source: Source, chosen: Settings) -> None:
    """Check that this installation allows what a source asks for: its folder, and each secret for its host.

    Raises Refused("source_folder_not_allowed"), Refused("source_secret_not_allowed"), Refused("source_secret_unset").
    """
    if source.kind is SourceKind.FOLDER:
        allowed_folder(source.address, chosen)
    named = references(source)
    for name in named:
        if name not in chosen.source_secrets:
            raise Refused("source_secret_not_allowed", name=name)
        if not os.environ.get(name):
            raise Refused("source_secret_unset", name=name)
    host = host_of(source) if named else ""
    for name in named:
        if host not in chosen.source_secrets[name]:
            raise Refused("source_secret_not_allowed", name=name)


def allowed_folder(address: str, chosen: Settings) -> Path:
    """Give a folder's real place, links followed. Raises Refused("source_folder_not_allowed") outside the setting's."""
    real = Path(os.path.realpath(address))
    if not any(real.is_relative_to(os.path.realpath(folder)) for folder in chosen.source_folders):
        raise Refused("source_folder_not_allowed")
    return real


def references(source: Source) -> tuple[str, ...]:
    """Name the variables of the environment that a source refers to, each once."""
    texts = (source.address, *source.headers, source.access_key, source.secret_key)
    return tuple(dict.fromkeys(name for text in texts for name in REFERENCE.findall(text)))


def filled(text: str, environment: Mapping[str, str] = os.environ) -> str:
    """Put secrets in the place of their references; inside an address they are quoted as its parts are.

    >>> filled("postgresql://ada:env:PW@db/x", {"PW": "a/b"}), filled("env:DSN", {"DSN": "postgresql://db/x"})
    ('postgresql://ada:a%2Fb@db/x', 'postgresql://db/x')
    """
    whole = REFERENCE.fullmatch(text)
    if whole:
        return environment.get(whole[1], "")
    quoting: Callable[[str], str] = (lambda value: quote(value, safe="")) if "://" in text else str
    return REFERENCE.sub(lambda found: quoting(environment.get(found[1], "")), text)


def without(text: str, secrets: tuple[str, ...]) -> str:
    """Take secrets out of a text that somebody will read, as they are and as an address writes them.

    >>> without("no access for pa/ss", ("pa/ss",))
    'no access for •••'
    """
    for secret in sorted(filter(None, secrets), key=len, reverse=True):
        for written in (secret, quote(secret, safe=""), quote(secret)):
            text = text.replace(written, "•••")
    return text


def secrets_of(source: Source, environment: Mapping[str, str] = os.environ) -> tuple[str, ...]:
    """Give the values that must appear nowhere: each variable, and the password inside one that is an address."""
    found = [environment.get(name, "") for name in references(source)]
    inside = [unquote(part.password or "") for value in found if "://" in value for part in (_split(value),) if part]
    return tuple(value for value in [*found, *inside] if value)


def host_of(source: Source) -> str:
    """Name whom a source asks: a host, or s3://bucket. Raises Refused for an address that names none.

    >>> host_of(Source(id="x", name="x", kind="s3", address="s3://exports/lyon/*.csv", schedule="hourly", owner_id=""))
    's3://exports'
    """
    parts = _split(filled(source.address))
    if parts is None or not parts.hostname:
        raise Refused(f"source_address_{source.kind}")
    return f"s3://{parts.netloc}" if source.kind is SourceKind.S3 else parts.hostname


def _split(text: str) -> SplitResult | None:
    try:
        parts = urlsplit(text)
        parts.port  # noqa: B018 a port that is no number shows itself here only
    except ValueError:
        return None
    return parts


def _folder(source: Source) -> None:
    path = PurePosixPath(source.address)
    if not Path(source.address).is_absolute() or ".." in path.parts:
        raise Refused("source_address_folder")
    _check_pattern(source.pattern)


def _http(source: Source) -> None:
    parts = _split(source.address)
    if parts is None or parts.scheme not in ("http", "https") or not parts.hostname or parts.fragment:
        raise Refused("source_address_http")
    if parts.username is not None or parts.password is not None:
        raise Refused("source_secret_in_address")
    for name, value in parse_qsl(parts.query, keep_blank_values=True):
        if SECRET_NAMES.search(name) and not REFERENCE.search(value):
            raise Refused("source_secret_in_address")
    for header in source.headers:
        found = HEADER.fullmatch(header.strip())
        if found is None or not (found[1].casefold() in PLAIN_HEADERS or REFERENCE.search(found[2])):
            raise Refused("source_header")


def _s3(source: Source) -> None:
    parts = _split(source.address)
    if parts is None or parts.scheme != "s3" or not parts.netloc or len(parts.path) < 2 or "@" in parts.netloc:
        raise Refused("source_address_s3")
    if REFERENCE.search(source.address):  # the names of files are shown, and begin with it
        raise Refused("source_address_s3")
    keys = (source.access_key, source.secret_key)
    if any(keys) and not all(REFERENCE.fullmatch(key) for key in keys):
        raise Refused("source_keys")


def _sql(source: Source) -> None:
    if not REFERENCE.fullmatch(source.address):
        parts = _split(source.address)
        if parts is None or parts.scheme != "postgresql" or not parts.hostname or len(parts.path) < 2 or parts.query:
            raise Refused("source_address_sql")
        if parts.password and not REFERENCE.fullmatch(parts.password):
            raise Refused("source_secret_in_address")
    if not READS_ONLY.match(source.query) or len(source.query) > LONGEST_QUERY or "\0" in source.query:
        raise Refused("source_query")


def _check_pattern(pattern: str) -> None:
    if not pattern.strip() or "/" in pattern or "\\" in pattern or "\0" in pattern:
        raise Refused("source_pattern")


_FORMS: Mapping[SourceKind, Callable[[Source], None]] = {
    SourceKind.FOLDER: _folder,
    SourceKind.HTTP: _http,
    SourceKind.S3: _s3,
    SourceKind.SQL: _sql,
}
