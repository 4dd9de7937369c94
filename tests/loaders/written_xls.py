"""Writes xls workbooks, byte by byte as [MS-XLS] and [MS-CFB] say, so that each cell is known."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from tests.loaders.sheets_to_write import ERRORS, FORMATS, Fault, Page, cells_of, number_and_style


def xls(pages: Sequence[Page], *, from_1904: bool = False) -> bytes:
    """Write an xls workbook."""

    head = begin(0x0005) + record(0x0022, struct.pack("<H", from_1904))
    for number, form in enumerate(FORMATS):
        head += record(0x041E, struct.pack("<H", 164 + number) + text(form))
    for number in range(len(FORMATS)):
        head += record(0x00E0, struct.pack("<HHH", 0, 164 + number, 1) + bytes(14))
    sheets = [sheet(page, from_1904=from_1904) for page in pages]
    names = [page.name.encode("utf-16-le") for page in pages]
    start = len(head) + sum(4 + 8 + len(name) for name in names) + 4
    for page, name, body in zip(pages, names, sheets, strict=True):
        head += record(0x0085, struct.pack("<IBBBB", start, page.hidden, 0, len(page.name), 1) + name)
        start += len(body)
    return compound("Workbook", head + record(0x000A, b"") + b"".join(sheets))


def record(kind: int, body: bytes) -> bytes:
    return struct.pack("<HH", kind, len(body)) + body


def text(value: str) -> bytes:
    return struct.pack("<HB", len(value), 1) + value.encode("utf-16-le")


def begin(what: int) -> bytes:
    return record(0x0809, struct.pack("<HHHHII", 0x0600, what, 0x0DBB, 0x07CC, 0, 6))


def cell(row: int, column: int, value: object, *, from_1904: bool) -> bytes:
    if isinstance(value, str):
        return record(0x0204, struct.pack("<HHH", row, column, 0) + text(value))
    if isinstance(value, bool):
        return record(0x0205, struct.pack("<HHHBB", row, column, 0, value, 0))
    if isinstance(value, Fault) and value.formula:
        result = struct.pack("<BBBBBBH", 2, 0, ERRORS[value.text], 0, 0, 0, 0xFFFF)
        return record(0x0006, struct.pack("<HHH", row, column, 0) + result + struct.pack("<HIH", 0, 0, 0))
    if isinstance(value, Fault):
        return record(0x0205, struct.pack("<HHHBB", row, column, 0, ERRORS[value.text], 1))
    number, style = number_and_style(value, from_1904=from_1904)
    return record(0x0203, struct.pack("<HHHd", row, column, style, number))


def sheet(page: Page, *, from_1904: bool) -> bytes:
    cells = b"".join(cell(*placed, from_1904=from_1904) for placed in cells_of(page))
    areas = b"".join(struct.pack("<HHHH", a[0], a[2], a[1], a[3]) for a in page.merged)
    merged = record(0x00E5, struct.pack("<H", len(page.merged)) + areas) if page.merged else b""
    return begin(0x0010) + cells + merged + record(0x000A, b"")


def compound(name: str, stream: bytes) -> bytes:
    """Put one stream into Microsoft's compound file."""
    size = max(len(stream), 4_096)
    n_data = -(-size // 512)
    n_table = -(-(n_data + 2) // 127)
    chain = [*range(1, n_data), 0xFFFFFFFE, 0xFFFFFFFE, *[0xFFFFFFFD] * n_table]
    chain += [0xFFFFFFFF] * (128 * n_table - len(chain))

    def entry(label: str, kind: int, child: int, first: int, length: int) -> bytes:
        encoded = label.encode("utf-16-le")
        head = encoded.ljust(64, b"\0") + struct.pack(
            "<HBBIII", len(encoded) + 2 if label else 0, kind, 1, *[0xFFFFFFFF] * 2, child
        )
        return head + bytes(36) + struct.pack("<IQ", first, length)

    none = 0xFFFFFFFF
    directory = entry("Root Entry", 5, 1, 0xFFFFFFFE, 0) + entry(name, 2, none, 0, size) + entry("", 0, none, 0, 0) * 2
    table = list(range(n_data + 1, n_data + 1 + n_table))
    header = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16) + struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, n_table,
        n_data, 0, 4_096, 0xFFFFFFFE, 0, 0xFFFFFFFE, 0)  # fmt: skip
    header += struct.pack("<109I", *table, *[none] * (109 - n_table))
    return header + stream.ljust(n_data * 512, b"\0") + directory + struct.pack(f"<{len(chain)}I", *chain)
