"""Writes xlsb workbooks, byte by byte as [MS-XLSB] says, so that each cell is known."""

from __future__ import annotations

import struct
from collections.abc import Sequence

from tests.loaders.sheets_to_write import ERRORS, FORMATS, Fault, Page, cells_of, number_and_style, relations, zipped


def xlsb(pages: Sequence[Page], *, from_1904: bool = False) -> bytes:
    """Write an xlsb workbook."""

    formats = b"".join(record(44, struct.pack("<H", 164 + at) + text(form)) for at, form in enumerate(FORMATS))
    used = b"".join(record(47, struct.pack("<HH", 0, 164 + at) + bytes(12)) for at in range(len(FORMATS)))
    counts = [struct.pack("<I", len(FORMATS))] * 2
    styles = record(278) + record(615, counts[0]) + formats + record(616) + record(617, counts[1]) + used + record(618)
    book = record(131) + record(153, struct.pack("<II", from_1904, 0) + text("")) + record(143)
    for number, page in enumerate(pages, 1):
        book += record(156, struct.pack("<II", page.hidden, number) + text(f"rId{number}") + text(page.name))
    parts = {
        f"xl/worksheets/sheet{number}.bin": sheet(page, from_1904=from_1904) for number, page in enumerate(pages, 1)
    }
    links = {f"rId{number}": f"worksheets/sheet{number}.bin" for number in range(1, len(pages) + 1)}
    return zipped(
        {"xl/workbook.bin": book + record(144) + record(132), "xl/_rels/workbook.bin.rels": relations(links),
         "xl/styles.bin": styles + record(279), **parts}
    )  # fmt: skip


def record(kind: int, body: bytes = b"") -> bytes:
    kinds = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    size, sizes = len(body), b""
    while True:
        sizes += bytes([size & 0x7F | (0x80 if size > 127 else 0)])
        size >>= 7
        if not size:
            return kinds + sizes + body


def text(value: str) -> bytes:
    return struct.pack("<I", len(value)) + value.encode("utf-16-le")


def cell(column: int, value: object, *, from_1904: bool) -> bytes:
    if isinstance(value, str):
        return record(6, struct.pack("<II", column, 0) + text(value))
    if isinstance(value, bool):
        return record(4, struct.pack("<IIB", column, 0, value))
    if isinstance(value, Fault) and value.formula:
        return record(11, struct.pack("<IIBHII", column, 0, ERRORS[value.text], 0, 0, 0))
    if isinstance(value, Fault):
        return record(3, struct.pack("<IIB", column, 0, ERRORS[value.text]))
    number, style = number_and_style(value, from_1904=from_1904)
    return record(5, struct.pack("<IId", column, style, number))


def sheet(page: Page, *, from_1904: bool) -> bytes:
    body = record(129) + record(148, bytes(16)) + record(145)
    last = -1
    for row, column, value in cells_of(page):
        if row != last:
            body += record(0, struct.pack("<I", row) + bytes(13))
        body, last = body + cell(column, value, from_1904=from_1904), row
    areas = b"".join(record(176, struct.pack("<IIII", a[0], a[2], a[1], a[3])) for a in page.merged)
    merged = record(177, struct.pack("<I", len(page.merged))) + areas + record(178) if page.merged else b""
    return body + record(146) + merged + record(130)
