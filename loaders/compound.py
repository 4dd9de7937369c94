"""Opens Microsoft's compound file, the envelope of xls, as far as finding one stream in it needs.

Runs inside the reader process: the standard library only. Source: [MS-CFB], Compound File Binary File Format.
"""

from __future__ import annotations

import struct
from collections.abc import Sequence

HEADER = 512
FREE_FROM = 0xFFFFFFFA  # numbers from here on name no sector
ENTRY = 128
SMALL_SECTOR = 64
IN_HEADER = 109  # sectors of the allocation table that the header lists
STREAM, ROOT = 2, 5


def stream(data: bytes, names: Sequence[str]) -> bytes:
    """Give the first of some streams that a compound file holds; b"" without, or when its chains do not add up."""
    try:
        return _Compound(data).stream(names)
    except (struct.error, IndexError, ValueError):
        return b""


class _Compound:
    def __init__(self, data: bytes) -> None:
        self.data = data
        shift = struct.unpack_from("<H", data, 30)[0]
        if shift not in (9, 12):
            raise ValueError("no such sector size")
        self.sector_size = 1 << shift
        n_table, first_directory = struct.unpack_from("<II", data, 44)
        self.small_below, first_small, _, first_more = struct.unpack_from("<IIII", data, 56)
        self.table = self._table(n_table, first_more)
        self.directory = self._chained(first_directory, None)
        small = self._chained(first_small, None) if first_small < FREE_FROM else b""
        self.small_table = struct.unpack(f"<{len(small) // 4}I", small[: len(small) // 4 * 4])

    def _sector(self, number: int) -> bytes:
        start = (number + 1) * self.sector_size
        if start >= len(self.data):
            raise ValueError("a sector beyond the file")
        return self.data[start : start + self.sector_size]

    def _table(self, n_table: int, first_more: int) -> list[int]:
        a_sector = self.sector_size // 4
        listed = [number for number in struct.unpack_from(f"<{IN_HEADER}I", self.data, 76) if number < FREE_FROM]
        enough = len(self.data) // self.sector_size // a_sector + 2
        more = first_more
        while more < FREE_FROM and len(listed) < enough:
            *numbers, more = struct.unpack(f"<{a_sector}I", self._sector(more))
            listed += [number for number in numbers if number < FREE_FROM]
        table: list[int] = []
        for number in listed[: min(n_table, enough)]:
            sector = self._sector(number)
            table += struct.unpack(f"<{len(sector) // 4}I", sector[: len(sector) // 4 * 4])
        return table

    def _chain(self, first: int, table: Sequence[int]) -> list[int]:
        chain: list[int] = []
        while first < FREE_FROM:
            chain.append(first)
            if len(chain) > len(table):
                raise ValueError("a chain without an end")
            first = table[first]
        return chain

    def _chained(self, first: int, size: int | None) -> bytes:
        found = b"".join(map(self._sector, self._chain(first, self.table)))
        return found if size is None else found[:size]

    def stream(self, names: Sequence[str]) -> bytes:
        entries: dict[str, tuple[int, int]] = {}
        root = 0xFFFFFFFE
        for start in range(0, len(self.directory) - ENTRY + 1, ENTRY):
            length, kind = struct.unpack_from("<HB", self.directory, start + 64)
            name = self.directory[start : start + max(length - 2, 0)].decode("utf-16-le", "replace").casefold()
            first, size = struct.unpack_from("<II", self.directory, start + 116)
            if kind == STREAM:
                entries.setdefault(name, (first, size))
            elif kind == ROOT:
                root = first
        wanted = next((name.casefold() for name in names if name.casefold() in entries), None)
        if wanted is None:
            return b""
        first, size = entries[wanted]
        if size >= self.small_below:
            return self._chained(first, size)
        held = self._chained(root, None)
        chain = self._chain(first, self.small_table)
        return b"".join(held[at * SMALL_SECTOR : (at + 1) * SMALL_SECTOR] for at in chain)[:size]
