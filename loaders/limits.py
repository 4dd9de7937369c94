"""Limits that the reader process puts on itself. Imports only the standard library."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping

try:
    import resource
except ImportError:  # Windows has no such limits; the time limit by the clock remains
    resource = None  # type: ignore[assignment]

MEGABYTE = 1 << 20
SECONDS_TO_STOP = 2
FEW_FILES = 32


def limit_this_process(caps: Mapping[str, int]) -> None:
    """Give up all the memory, time and files that reading does not need."""
    if resource is None:
        return
    seconds = caps["read_seconds"]
    lower(resource.RLIMIT_CPU, seconds, seconds + SECONDS_TO_STOP)
    lower(resource.RLIMIT_FSIZE, caps["read_memory_mb"] * MEGABYTE)
    lower(resource.RLIMIT_NOFILE, FEW_FILES)
    lower(resource.RLIMIT_CORE, 0)
    memory(caps["read_memory_mb"])


def memory(megabytes: int) -> None:
    """Limit this process's memory."""
    if resource is not None:
        lower(resource.RLIMIT_AS, megabytes * MEGABYTE)


def lower(limit: int, soft: int, hard: int | None = None) -> None:
    """Lower one limit, unless a lower one is in force or the system has none of this kind."""
    with contextlib.suppress(ValueError, OSError):
        resource.setrlimit(limit, (soft, soft if hard is None else hard))
