"""Limits that the reader process puts on itself. Imports only the standard library."""

from __future__ import annotations

import contextlib
import io
import zipfile
from collections.abc import Mapping
from typing import Any

try:
    import resource
except ImportError:  # Windows has no such limits; the time limit by the clock remains
    resource = None  # type: ignore[assignment]

MEGABYTE = 1 << 20
SECONDS_TO_STOP = 2
FEW_FILES = 32
EMPTY_MB = 256  # an empty reader needs 25, and
MB_PER_MB = 16  # a megabyte of cells at most this, unless many cells share long texts
PART = b"PK\x01\x02"  # begins a part's entry in a zip's directory


def limit_this_process(caps: Mapping[str, Any]) -> None:
    """Give up all the memory, time and files that reading does not need."""
    if resource is None:
        return
    seconds = caps["read_seconds"]
    lower(resource.RLIMIT_CPU, seconds, seconds + SECONDS_TO_STOP)
    lower(resource.RLIMIT_FSIZE, caps["read_memory_mb"] * MEGABYTE)
    lower(resource.RLIMIT_NOFILE, FEW_FILES)
    lower(resource.RLIMIT_CORE, 0)
    memory(caps["read_memory_mb"])


def memory_for(data: bytes, caps: Mapping[str, Any]) -> int:
    """Say what memory, in megabytes, reading a workbook of this size may take.

    So a few bytes that ask for gigabytes are refused before they have them.
    """
    size = len(data)
    if data.count(PART) <= caps["entries"]:
        with contextlib.suppress(Exception):  # a zip that cannot be opened is refused by who reads it
            size = sum(entry.file_size for entry in zipfile.ZipFile(io.BytesIO(data)).infolist())
    return int(min(caps["read_memory_mb"], EMPTY_MB + MB_PER_MB * size // MEGABYTE))


def memory(megabytes: int) -> None:
    """Limit this process's memory."""
    if resource is not None:
        lower(resource.RLIMIT_AS, megabytes * MEGABYTE)


def lower(limit: int, soft: int, hard: int | None = None) -> None:
    """Lower one limit, unless a lower one is in force or the system has none of this kind."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(limit, (soft, soft if hard is None else hard))
