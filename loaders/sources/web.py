"""A file at an http(s) address: asked for only if it has changed, never from a private address unless that is allowed."""

from __future__ import annotations

import asyncio
import contextlib
import ipaddress
import json
import socket
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urljoin, urlsplit

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

from loaders.sources.job import Answer, Deadline, Job, Trouble, check_size

MOST_REDIRECTS = 5
PIECE = 1 << 16
NOT_MODIFIED, REDIRECTS = 304, (301, 302, 303, 307, 308)
DENIED, MISSING, BUSY = (401, 403, 407), (404, 410), (408, 425, 429)
AGENT = "Essaim"


def fetch(job: Job, answer: Answer, deadline: Deadline) -> None:
    """Give the file, unless the server says that it is the one taken before."""
    asyncio.run(_fetch(job, answer, deadline))


async def _fetch(job: Job, answer: Answer, deadline: Deadline) -> None:
    address, headers = job.address, dict(_header(line) for line in job.headers)
    origin = _origin(address)
    connector = aiohttp.TCPConnector(resolver=PublicOnly(job.private_hosts))
    timeout = aiohttp.ClientTimeout(total=deadline.left())
    async with aiohttp.ClientSession(connector=connector, timeout=timeout, headers={"User-Agent": AGENT}) as session:
        for _ in range(MOST_REDIRECTS + 1):
            check_host(address, job.private_hosts)
            # Another origin is told no secret, and is asked afresh: the mark is of the first one's answer.
            told = {**headers, **_conditions(job)} if _origin(address) == origin else {}
            try:
                async with session.get(URL(address, encoded=True), headers=told, allow_redirects=False) as response:
                    if response.status not in REDIRECTS:
                        await _take(response, job, answer)
                        return
                    address = _next(address, response.headers.get("Location", ""))
            except (aiohttp.ClientError, TimeoutError, OSError) as error:
                raise _trouble(error, address, job) from error
    raise Trouble("redirects", limit=MOST_REDIRECTS)


async def _take(response: aiohttp.ClientResponse, job: Job, answer: Answer) -> None:
    if response.status == NOT_MODIFIED:
        return
    _check_status(response.status)
    data = bytearray()
    check_size(response.content_length or 0, job.limits)
    async for piece in response.content.iter_chunked(PIECE):  # unpacked already: a small answer may grow
        data += piece
        check_size(len(data), job.limits)
    kept = {name: response.headers[name] for name in ("ETag", "Last-Modified") if name in response.headers}
    answer.give(job.name, json.dumps(kept, sort_keys=True), bytes(data))


def check_host(address: str, allowed: Sequence[str]) -> None:
    """Refuse an address written in numbers that is a private one; names are looked at when they are looked up."""
    parts = urlsplit(address)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise Trouble("redirect_elsewhere")
    number = _number(parts.hostname)
    if number is not None and is_private(number) and parts.hostname not in allowed:
        raise Trouble("private_host", host=parts.hostname)


def _number(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    """Read a host that is a number, also as one whole, in eights or in sixteens: 2130706433 is 127.0.0.1."""
    with contextlib.suppress(ValueError):
        return ipaddress.ip_address(host.partition("%")[0])
    with contextlib.suppress(OSError, UnicodeError):
        return ipaddress.IPv4Address(socket.inet_aton(host))
    return None


def is_private(number: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Tell whether an address is anything but one of the public internet, also when one kind is written in the other.

    >>> is_private(ipaddress.ip_address("::ffff:10.0.0.1")), is_private(ipaddress.ip_address("9.9.9.9"))
    (True, False)
    """
    if isinstance(number, ipaddress.IPv6Address):
        inner = number.ipv4_mapped or number.sixtofour or (number.teredo[1] if number.teredo else None)
        if inner is not None:
            return is_private(inner)
        if number in ipaddress.ip_network("64:ff9b::/96"):
            return is_private(ipaddress.IPv4Address(int(number) & 0xFFFFFFFF))
    return not number.is_global or number.is_multicast


def looked_up(host: str, port: int, allowed: Sequence[str]) -> list[tuple[socket.AddressFamily, str]]:
    """Look a name up; every address that it has must be public, unless the name is allowed.

    The answer is what is then connected to: a name that changes its mind in between gains nothing.
    Raises Trouble.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except OSError as error:
        raise Trouble("unknown_host", transient=True, host=host) from error
    addresses: list[tuple[socket.AddressFamily, str]] = [(one[0], str(one[4][0])) for one in found]
    if host not in allowed and any(is_private(ipaddress.ip_address(one.partition("%")[0])) for _, one in addresses):
        raise Trouble("private_host", host=host)
    return addresses


class PublicOnly(AbstractResolver):
    """Looks names up as `looked_up` does."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self._allowed = allowed

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        """Look a name up, away from the event loop."""
        found = await asyncio.get_running_loop().run_in_executor(None, looked_up, host, port, self._allowed)
        return [
            ResolveResult(hostname=host, host=number, port=port, family=kind, proto=0, flags=socket.AI_NUMERICHOST)
            for kind, number in found
            if family in (socket.AF_UNSPEC, kind)
        ]

    async def close(self) -> None:
        """Nothing is held."""


def _check_status(status: int) -> None:
    if status in DENIED:
        raise Trouble("http_denied", status=status)
    if status in MISSING:
        raise Trouble("http_missing", status=status)
    if status in BUSY or status >= 500:
        raise Trouble("http_busy", transient=True, status=status)
    if status != 200:
        raise Trouble("http_status", status=status)


def _next(address: str, location: str) -> str:
    if not location:
        raise Trouble("redirect_elsewhere")
    following = urljoin(address, location)
    if urlsplit(address).scheme == "https" and urlsplit(following).scheme != "https":
        raise Trouble("redirect_open")
    return following


def _trouble(error: Exception, address: str, job: Job) -> Trouble:
    host = urlsplit(address).hostname or ""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, Trouble):
            return cause
        cause = cause.__cause__ or cause.__context__
    if isinstance(error, TimeoutError):
        return Trouble("timeout", transient=True, limit=job.limits["seconds"])
    if isinstance(error, aiohttp.ClientSSLError):
        return Trouble("certificate", host=host)
    return Trouble("unreachable", transient=True, host=host)


def _conditions(job: Job) -> Mapping[str, str]:
    mark: dict[str, Any] = json.loads(job.marks.get(job.name) or "{}")
    named = {"ETag": "If-None-Match", "Last-Modified": "If-Modified-Since"}
    return {named[name]: value for name, value in mark.items() if name in named}


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.strip(), value.strip()


def _origin(address: str) -> tuple[str, str | None, int | None]:
    parts = urlsplit(address)
    return parts.scheme, parts.hostname, parts.port
