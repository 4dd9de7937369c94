"""Starts the fetching process, waits for it no longer than its limits, and takes over what it brought, piece by piece."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any
from urllib.parse import unquote, urlsplit

import pyarrow as pa
import pyarrow.ipc

from data.access import Refused
from data.progress import stoppable
from data.settings import Settings, settings
from data.source_rules import allowed_folder, check_allowed, filled, secrets_of, without
from data.source_runs import Mark
from data.types import Source, SourceKind
from loaders.caps import MEGABYTE, Caps, caps
from loaders.grid import Book, Format, Grid, SheetInfo, Visibility
from loaders.sources.job import Job, Trouble

PATIENCE_SECONDS = 5  # beyond the time that the fetch limits itself to
SETTLED_SECONDS = 3.0  # a file of a folder that has not changed for so long is taken to be whole
RUNS_FILES = 10  # the bytes of one run, in files of the largest size
LONGEST_LINE = 1 << 20
# Where a firm's own certificates and its way out stand; nothing else of the server's environment is handed on.
PASSED_ON = ("SYSTEMROOT", "TMPDIR", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR")


@dataclass(frozen=True, slots=True)
class Fetched:
    """One file as it came, or one table, or why one of several could not be taken."""

    name: str
    mark: Mark
    data: bytes = b""
    book: Book | None = None
    trouble: Trouble | None = None


@dataclass(slots=True)
class Delivery:
    """What one fetch brought; its pieces are read one at a time. more, writing: known when all were read."""

    pieces: Iterator[Fetched] = field(default_factory=lambda: iter(()))
    more: bool = False  # some were left for the next run
    writing: bool = False  # some are still being written


@contextmanager
def fetched(source: Source, marks: Mapping[str, Mark]) -> Iterator[Delivery]:
    """Fetch what a source holds beyond what was taken from it.

    Raises Trouble, now or while the pieces are read, with no secret in it; data.progress.Cancelled when called off.
    """
    limits, hidden = caps(), secrets_of(source)
    try:
        with tempfile.TemporaryFile(prefix="essaim-") as taken:
            _run(job_of(source, marks, settings(), limits), taken, limits)
            taken.seek(0)
            delivery = Delivery()
            delivery.pieces = _pieces(taken, delivery, source)
            yield delivery
    except Trouble as trouble:
        raise _harmless(trouble, hidden) from None


def job_of(source: Source, marks: Mapping[str, Mark], chosen: Settings, limits: Caps) -> Job:
    """Make the job of a source, its secrets in their places. Raises Trouble when the installation does not allow it."""
    try:
        check_allowed(source, chosen)
        real = str(allowed_folder(source.address, chosen)) if source.kind is SourceKind.FOLDER else None
    except Refused as refused:
        code = "address" if refused.code.startswith("source_address") else refused.code.removeprefix("source_")
        raise Trouble(code, name=str(refused.details.get("name", ""))) from refused
    size = limits.upload_mb * MEGABYTE
    return Job(
        kind=source.kind.value, address=real or filled(source.address), pattern=source.pattern, query=source.query,
        name=name_in(source.address) if source.kind is SourceKind.HTTP else "",
        headers=tuple(filled(header) for header in source.headers), access_key=filled(source.access_key),
        secret_key=filled(source.secret_key), endpoint=chosen.source_s3_endpoint,
        private_hosts=chosen.source_private_hosts, marks={mark.name: mark.mark for mark in marks.values() if mark.file_hash},
        tried={mark.name: mark.mark for mark in marks.values() if not mark.file_hash},
        limits={"file_bytes": size, "total_bytes": RUNS_FILES * size, "files": limits.source_files,
                "seconds": limits.source_seconds, "rows": limits.rows, "cells": limits.cells,
                "settled_ms": round(SETTLED_SECONDS * 1000)},
    )  # fmt: skip


def name_in(address: str) -> str:
    """Name the file of an address as a person wrote it, no secret filled in; only shown.

    >>> name_in("https://erp.example/exports/d%C3%A9lais.csv?site=3"), name_in("https://erp.example/")
    ('délais.csv', 'erp.example')
    """
    parts = urlsplit(address)
    last = unquote(parts.path).rstrip("/").rpartition("/")[2]
    return "".join(letter for letter in last if letter.isprintable())[:200] or (parts.hostname or "")


def environment() -> dict[str, str]:
    """Give the fetching process where its modules are and how this machine looks outside; no secret, no setting."""
    kept = {name: os.environ[name] for name in PASSED_ON if name in os.environ}
    return {"PYTHONPATH": str(Path(__file__).parents[2]), "PYTHONUTF8": "1", **kept}


def _run(job: Job, taken: IO[bytes], limits: Caps) -> None:
    command = [sys.executable, "-P", "-m", f"{__package__}.fetch"]
    # What its libraries write as warnings or tracebacks may hold a secret: it is not kept.
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=taken, stderr=subprocess.DEVNULL, env=environment()
    ) as child:
        try:
            with stoppable(child.kill):
                child.communicate(job.to_json().encode(), timeout=limits.source_seconds + PATIENCE_SECONDS)
        except subprocess.TimeoutExpired as late:
            child.kill()
            raise Trouble("timeout", transient=True, limit=limits.source_seconds) from late
        except BaseException:
            child.kill()
            raise
    if child.returncode in (-signal.SIGXCPU, -signal.SIGKILL):
        raise Trouble("timeout", transient=True, limit=limits.source_seconds)
    if child.returncode:
        raise Trouble("failed", kind=str(child.returncode))


def _pieces(taken: IO[bytes], delivery: Delivery, source: Source) -> Iterator[Fetched]:
    while True:
        told = _line(taken)
        if told.get("end"):
            delivery.more, delivery.writing = bool(told["more"]), bool(told["writing"])
            if "trouble" in told:
                raise _trouble(told)
            return
        if "trouble" in told:
            found = _harmless(_trouble(told), secrets_of(source))
            yield Fetched(told["name"], Mark(told["name"], told["mark"], ""), trouble=found)
            continue
        data = taken.read(told["size"])
        if len(data) != told["size"]:
            raise Trouble("failed", kind="short")
        mark = Mark(told["name"], told["mark"], hashlib.sha256(data).hexdigest())
        if told["kind"] == "table":
            yield Fetched(source.name, mark, book=book_of(data, source.name, told["mark"]))
        else:
            yield Fetched(told["name"].rpartition("/")[2], mark, data=data)


def book_of(data: bytes, name: str, sha256: str) -> Book:
    """Make a table's cells a book of one sheet; its first row is that of the headings."""
    table = pa.ipc.open_stream(pa.BufferReader(data)).read_all().combine_chunks()
    width = table.num_columns // 2
    texts = tuple(_one_array(table[f"text{place}"]) for place in range(width))
    kinds = tuple(_one_array(table[f"kind{place}"]).to_numpy() for place in range(width))
    grid = Grid(sheet=None, columns=texts, n_rows=table.num_rows, cell_kinds=kinds)
    only = SheetInfo("", Visibility.VISIBLE, grid.n_rows, grid.n_columns, 0)
    return Book(name, Format.SQL, sha256, (only,), {"": grid}, "")


def _one_array(column: pa.ChunkedArray) -> Any:
    return column.chunk(0) if column.num_chunks else pa.array([], column.type)


def _line(taken: IO[bytes]) -> dict[str, Any]:
    line = taken.readline(LONGEST_LINE)
    if not line.endswith(b"\n"):
        raise Trouble("failed", kind="unfinished")
    told: dict[str, Any] = json.loads(line)
    return told


def _trouble(told: Mapping[str, Any]) -> Trouble:
    return Trouble(told["trouble"], transient=told["transient"], **told["details"])


def _harmless(trouble: Trouble, hidden: tuple[str, ...]) -> Trouble:
    """Take every secret out of what will be stored and shown."""
    details = {
        name: without(value, hidden) if isinstance(value, str) else value for name, value in trouble.details.items()
    }
    return Trouble(trouble.code, transient=trouble.transient, **details)


def as_csv(piece: Fetched) -> bytes:
    """Give a piece as a file that a person can hold: a table becomes a CSV."""
    if piece.book is None:
        return piece.data
    lines = (
        ";".join('"' + (text or "").replace('"', '""') + '"' if text is not None else "" for text in row)
        for row in piece.book.grid
    )
    return "\r\n".join(lines).encode()
