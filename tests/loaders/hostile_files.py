"""Files made to hurt: bombs, far cells, entities, endless structures. Each is small to keep and quick to make."""

from __future__ import annotations

import gzip
import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from tests.loaders.sheets_to_write import Page, relations
from tests.loaders.written_books import MAIN, ods, xlsx
from tests.loaders.written_xls import compound, xls
from tests.loaders.written_xls import record as xls_record
from tests.loaders.written_xlsb import record as xlsb_record
from tests.loaders.written_xlsb import xlsb

SHEET = "xl/worksheets/sheet1.xml"
PAGE = Page("Mars", [["site", "value"], ["Lyon", 1.5]])


def replaced(data: bytes, **parts: bytes) -> bytes:
    """Write a package again with other parts. Names: __ for /, no extension is added."""
    source = zipfile.ZipFile(io.BytesIO(data))
    held = {name: source.read(name) for name in source.namelist()}
    held.update({name.replace("__", "/"): part for name, part in parts.items()})
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as package:
        for name, part in held.items():
            package.writestr(name, part)
    return out.getvalue()


def sheet(body: bytes, prologue: bytes = b'<?xml version="1.0"?>') -> bytes:
    """Give a workbook whose one sheet holds this."""
    xml = prologue + b'<worksheet xmlns="' + MAIN.encode() + b'">' + body + b"</worksheet>"
    return replaced(xlsx([PAGE]), **{SHEET.replace("/", "__"): xml})


def inline(text: bytes) -> bytes:
    return b'<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>' + text + b"</t></is></c></row></sheetData>"


def far_cell_xlsx() -> bytes:
    return sheet(
        b'<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>9</v></c></row></sheetData>'
    )


def wide_rows_xlsx() -> bytes:
    rows = b"".join(
        b'<row r="%d"><c r="A%d"><v>1</v></c><c r="XFD%d"><v>2</v></c></row>' % (n, n, n) for n in range(1, 100_001)
    )
    return sheet(b"<sheetData>" + rows + b"</sheetData>")


def far_cell_xls() -> bytes:
    head = xls([PAGE])
    at = head.index(struct.pack("<HHHHH", 0x0203, 14, 1, 1, 0))
    return head[: at + 4] + struct.pack("<HH", 65_535, 255) + head[at + 8 :]


def far_cell_xlsb() -> bytes:
    rows = xlsb_record(0, struct.pack("<I", 1_048_575) + bytes(13)) + xlsb_record(
        5, struct.pack("<IId", 16_383, 0, 9.0)
    )
    first = xlsb_record(0, bytes(17)) + xlsb_record(5, struct.pack("<IId", 0, 0, 1.0))
    part = (
        xlsb_record(129)
        + xlsb_record(148, bytes(16))
        + xlsb_record(145)
        + first
        + rows
        + xlsb_record(146)
        + xlsb_record(130)
    )
    return replaced(xlsb([PAGE]), **{"xl__worksheets__sheet1.bin": part})


def repeated_ods() -> bytes:
    cell = '<table:table-cell table:number-columns-repeated="16384" office:value-type="float" office:value="1"/>'
    return with_table(f'<table:table-row table:number-rows-repeated="1048576">{cell}</table:table-row>')


def with_table(rows: str) -> bytes:
    plain = zipfile.ZipFile(io.BytesIO(ods([PAGE]))).read("content.xml")
    start, end = plain.index(b"<table:table-row>"), plain.index(b"</table:table>")
    return replaced(ods([PAGE]), **{"content.xml": plain[:start] + rows.encode() + plain[end:]})


def nested_ods() -> bytes:
    depth = 100_000
    return with_table(
        "<table:table-row>"
        + "<table:table-cell><text:p>" * depth
        + "</text:p></table:table-cell>" * depth
        + "</table:table-row>"
    )


def laughs() -> bytes:
    entities = b'<!ENTITY a0 "lollollollol">' + b"".join(
        b'<!ENTITY a%d "%s">' % (n, b"&a%d;" % (n - 1) * 10) for n in range(1, 10)
    )
    return b'<?xml version="1.0"?><!DOCTYPE lolz [' + entities + b"]>"


def laughs_in(part: str) -> bytes:
    data = ods([PAGE]) if part == "content.xml" else xlsx([PAGE])
    held = zipfile.ZipFile(io.BytesIO(data))
    xml = (
        held.read(part)
        if part in held.namelist()
        else b'<sst xmlns="' + MAIN.encode() + b'"><si><t>&a9;</t></si></sst>'
    )
    return replaced(
        data,
        **{part.replace("/", "__"): laughs() + xml.partition(b"?>")[2] if xml.startswith(b"<?xml") else laughs() + xml},
    )


def lying_directory() -> bytes:
    """A part that says it is short and unpacks to 200 MB."""
    data = replaced(xlsx([PAGE]), **{"xl__sharedStrings.xml": b"<sst>" + b"A" * 200_000_000})
    size = struct.pack("<I", 200_000_005)
    return data.replace(size, struct.pack("<I", 900))


def many_parts() -> bytes:
    """A zip of nothing but a directory: 300,000 entries of 47 bytes."""
    entry = struct.pack("<IHHHHHHIIIHHHHHII", 0x02014B50, 20, 20, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0) + b"a"
    directory = entry * 300_000
    return b"PK\x03\x04" + directory + struct.pack("<IHHHHIIH", 0x06054B50, 0, 0, 0xFFFF, 0xFFFF, len(directory), 4, 0)


def many_sheets() -> bytes:
    n = 4_000
    names = "".join(f'<sheet name="s{at}" sheetId="{at}" r:id="rId{at}"/>' for at in range(1, n + 1)).encode()
    book = (
        b'<workbook xmlns="'
        + MAIN.encode()
        + b'" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"><sheets>'
        + names
    )
    links = relations({f"rId{at}": f"worksheets/sheet{at}.xml" for at in range(1, n + 1)})
    one = zipfile.ZipFile(io.BytesIO(xlsx([PAGE]))).read(SHEET)
    parts = {f"xl__worksheets__sheet{at}.xml": one for at in range(1, n + 1)}
    return replaced(
        xlsx([PAGE]),
        **{"xl__workbook.xml": book + b"</sheets></workbook>", "xl___rels__workbook.xml.rels": links},
        **parts,
    )


def long_texts_shared() -> bytes:
    """30,000 cells that all show the same 100,000 characters."""
    cells = b"".join(b'<row r="%d"><c r="A%d" t="s"><v>0</v></c></row>' % (n, n) for n in range(1, 30_001))
    texts = b'<sst xmlns="' + MAIN.encode() + b'"><si><t>' + b"A" * 100_000 + b"</t></si></sst>"
    links = relations({"rId1": "worksheets/sheet1.xml"}).replace(
        b"</Relationships>",
        b'<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
    )
    return replaced(
        sheet(b"<sheetData>" + cells + b"</sheetData>"),
        **{"xl__sharedStrings.xml": texts, "xl___rels__workbook.xml.rels": links},
    )


def endless_tag() -> bytes:
    return sheet(b'<sheetData><row r="1"><c ' + b't="e" s="1" r="A1" ' * 150_000 + b"><v>1</v></c></row></sheetData>")


def endless_styles() -> bytes:
    styles = b'<styleSheet xmlns="' + MAIN.encode() + b'">' + b"<cellXfs <numFmt <xf " * 300_000
    return replaced(xlsx([PAGE]), **{"xl__styles.xml": styles})


def endless_members() -> bytes:
    return gzip.compress(b"") * 500_000


def looped_xls() -> bytes:
    """An allocation table in which every sector leads back to the first."""
    data = compound("Workbook", bytes(40_000))
    at = data.index(struct.pack("<3I", 1, 2, 3))
    return data[:at] + struct.pack("<I", 0) * 128 + data[at + 512 :]


def empty_records_xls() -> bytes:
    return compound(
        "Workbook",
        xls_record(0x0809, struct.pack("<HHHHII", 0x0600, 5, 0, 0, 0, 6)) + xls_record(0x0001, b"") * 1_200_000,
    )


def empty_records_xlsb() -> bytes:
    part = xlsb_record(129) + b"\x03\x00" * 12_000_000 + b"\x03\x09" + bytes(9)
    return replaced(xlsb([PAGE]), **{"xl__worksheets__sheet1.bin": part})


def gzip_of(line: bytes, size: int) -> bytes:
    return gzip.compress(line * (size // len(line)), 9)


def torn_gzip() -> bytes:
    return gzip.compress(zlib.compress(bytes(range(256)) * 999))[:-9]


HOSTILE: dict[str, tuple[Callable[[], bytes], str]] = {
    "a cell far away (xlsx)": (far_cell_xlsx, "far_cell"),
    "two columns a sheet apart": (wide_rows_xlsx, "far_cell"),
    "a cell far away (xls)": (far_cell_xls, "far_cell"),
    "a cell far away (xlsb)": (far_cell_xlsb, "far_cell"),
    "a cell repeated 17 billion times (ods)": (repeated_ods, "too_many_cells"),
    "a cell of 60 MB": (lambda: sheet(inline(b"A" * 60_000_000)), "long_text"),
    "a billion laughs in the sheet": (lambda: laughs_in(SHEET), "xml_entity"),
    "a billion laughs in the book": (lambda: laughs_in("xl/workbook.xml"), "xml_entity"),
    "a billion laughs in the styles": (lambda: laughs_in("xl/styles.xml"), "xml_entity"),
    "a billion laughs (ods)": (lambda: laughs_in("content.xml"), "xml_entity"),
    "another file's text": (
        lambda: sheet(inline(b"&e;"), b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/hostname">]>'), "xml_entity",
    ),
    "rows in rows": (lambda: sheet(b"<sheetData>" + b"<row>" * 200_000 + b"</row>" * 200_000 + b"</sheetData>"), "no_cell"),
    "cells in cells (ods)": (nested_ods, "no_cell"),
    "a directory that lies": (lying_directory, "damaged"),
    "300,000 parts": (many_parts, "too_many_parts"),
    "4,000 sheets": (many_sheets, "too_many_sheets"),
    "one long text in every cell": (long_texts_shared, "reader_memory"),
    "a tag without an end": (endless_tag, "sheet_damaged"),
    "styles without an end": (endless_styles, "damaged"),
    "half a million empty members (gz)": (endless_members, "too_many_parts"),
    "a gigabyte of nothing (gz)": (lambda: gzip_of(bytes(1_000), 200_000_000), "zip_bomb"),
    "twenty million lines (gz)": (lambda: gzip_of(b"a,b\n1234567,8\n" * 64, 200_000_000), "zip_bomb"),
    "half a gz": (torn_gzip, "damaged"),
    "sectors in a ring (xls)": (looped_xls, "damaged"),
    "a million records of nothing (xls)": (empty_records_xls, "damaged"),
    "twelve million records of nothing (xlsb)": (empty_records_xlsb, "damaged"),
    "a million columns": (lambda: b",".join([b"c"] * 1_000_000) + b"\n" + b",".join([b"1"] * 1_000_000) + b"\n", "too_many_columns"),
    "a quote that never ends": (lambda: b'a,b\n1,2\n"' + b"x" * 15_000_000, "long_cell"),
    "a foreign database": (lambda: b"SQLite format 3\0" + bytes(8_000), "not_a_table"),
}  # fmt: skip
