"""Gives memory that a large file needed for a moment back to the system, which allocators keep for themselves."""

from __future__ import annotations

import ctypes
import functools
from collections.abc import Callable

import pyarrow as pa

LARGE = 8 << 20  # bytes of a file; below it there is little to give back


def give_back(n_bytes: int) -> None:
    """Give back what is free after work on a file of some size; nothing for a small one."""
    if n_bytes < LARGE:
        return
    pa.default_memory_pool().release_unused()
    if (trim := _trim()) is not None:
        trim(0)


@functools.cache
def _trim() -> Callable[[int], object] | None:
    try:
        trim: Callable[[int], object] | None = getattr(ctypes.CDLL(None), "malloc_trim", None)  # glibc has it
    except OSError:
        return None
    return trim
