"""Writes xlsx and ods workbooks, part by part as ECMA-376 and OpenDocument 1.3 say, so that each cell is known."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from xml.sax.saxutils import escape

from tests.loaders.sheets_to_write import (
    FORMATS,
    Fault,
    Page,
    Percent,
    cells_of,
    iso_duration,
    letters,
    number_and_style,
    relations,
    zipped,
)
from tests.loaders.written_xls import xls
from tests.loaders.written_xlsb import xlsb

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATED = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
CONTENT = b'<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"/>'


def xlsx(pages: Sequence[Page], *, from_1904: bool = False, macros: bool = False) -> bytes:
    """Write an xlsx workbook; macros: with a part that a spreadsheet program would run."""

    states = ("visible", "hidden", "veryHidden")
    named = "".join(
        f'<sheet name="{escape(page.name)}" sheetId="{number}" state="{states[page.hidden]}" r:id="rId{number}"/>'
        for number, page in enumerate(pages, 1)
    )
    calendar = f'<workbookPr date1904="{int(from_1904)}"/>'
    book = f'<workbook xmlns="{MAIN}" xmlns:r="{RELATED}">{calendar}<sheets>{named}</sheets></workbook>'
    forms = "".join(f'<numFmt numFmtId="{164 + at}" formatCode="{escape(form)}"/>' for at, form in enumerate(FORMATS))
    used = "".join(f'<xf numFmtId="{164 + at}"/>' for at in range(len(FORMATS)))
    styles = f'<styleSheet xmlns="{MAIN}"><numFmts>{forms}</numFmts><cellXfs>{used}</cellXfs></styleSheet>'
    links = {f"rId{number}": f"worksheets/sheet{number}.xml" for number in range(1, len(pages) + 1)}
    parts = {
        f"xl/worksheets/sheet{number}.xml": sheet(page, from_1904=from_1904).encode()
        for number, page in enumerate(pages, 1)
    }
    extra = {"xl/vbaProject.bin": b"Sub Auto_Open()"} if macros else {}
    return zipped(
        {"[Content_Types].xml": CONTENT, "_rels/.rels": relations({"rId1": "xl/workbook.xml"}, "officeDocument"), "xl/workbook.xml": book.encode(), "xl/styles.xml": styles.encode(),
         "xl/_rels/workbook.xml.rels": relations(links), **parts, **extra}
    )  # fmt: skip


def cell(row: int, column: int, value: object, *, from_1904: bool) -> str:
    place = f'r="{letters(column)}{row + 1}"'
    if isinstance(value, str) and value.startswith("="):
        return f"<c {place}><f>{escape(value[1:])}</f></c>"
    if isinstance(value, str):
        return f'<c {place} t="inlineStr"><is><t>{escape(value)}</t></is></c>'
    if isinstance(value, bool):
        return f'<c {place} t="b"><v>{int(value)}</v></c>'
    if isinstance(value, Fault):
        formula = "<f>1/0</f>" if value.formula else ""
        return f'<c {place} t="e">{formula}<v>{value.text}</v></c>'
    number, style = number_and_style(value, from_1904=from_1904)
    return f'<c {place} s="{style}"><v>{number!r}</v></c>'


def sheet(page: Page, *, from_1904: bool) -> str:
    body = "".join(
        f'<row r="{row + 1}">'
        + "".join(cell(*placed, from_1904=from_1904) for placed in cells_of(page) if placed[0] == row)
        + "</row>"
        for row in range(len(page.rows))
    )
    areas = "".join(f'<mergeCell ref="{letters(a[1])}{a[0] + 1}:{letters(a[3])}{a[2] + 1}"/>' for a in page.merged)
    merged = f"<mergeCells>{areas}</mergeCells>" if areas else ""
    return f'<worksheet xmlns="{MAIN}"><sheetData>{body}</sheetData>{merged}</worksheet>'


def xlsm(pages: Sequence[Page], *, from_1904: bool = False) -> bytes:
    """Write an xlsm workbook."""
    return xlsx(pages, from_1904=from_1904, macros=True)


def ods(pages: Sequence[Page], *, from_1904: bool = False) -> bytes:  # its dates are written out
    """Write an OpenDocument spreadsheet."""

    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text", "style")
    )
    names += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    unseen = '<style:style style:name="unseen" style:family="table"><style:table-properties table:display="false"/></style:style>'
    tables = "".join(map(table, pages))
    content = (
        f'<?xml version="1.0"?><office:document-content{names}><office:automatic-styles>{unseen}</office:automatic-styles>'
        f"<office:body><office:spreadsheet>{tables}</office:spreadsheet></office:body></office:document-content>"
    )
    manifest = (
        b'<?xml version="1.0"?><manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    )
    return zipped(
        {"mimetype": b"application/vnd.oasis.opendocument.spreadsheet", "content.xml": content.encode(),
         "META-INF/manifest.xml": manifest}
    )  # fmt: skip


def typed(spanned: str, kind: str, attributes: str, text: str) -> str:
    shown = f"<text:p>{escape(text)}</text:p>" if text else ""
    return f'<table:table-cell{spanned} office:value-type="{kind}" {attributes}>{shown}</table:table-cell>'


def content(value: object, spanned: str) -> str:
    match value:
        case None:
            return f"<table:table-cell{spanned}/>"
        case str() if value.startswith("="):
            return f'<table:table-cell{spanned} table:formula="of:{escape(value)}"/>'
        case str():
            return typed(spanned, "string", "", value)
        case bool():
            return typed(spanned, "boolean", f'office:boolean-value="{str(value).lower()}"', str(value))
        case _:
            return measured(value, spanned)


def measured(value: object, spanned: str) -> str:
    match value:
        case Fault() if value.formula:
            return typed(spanned, "float", 'table:formula="of:=1/0" office:value="0"', value.text)  # as Excel writes it
        case Fault():
            return typed(spanned, "string", 'office:string-value="" calcext:value-type="error"', value.text)
        case Percent():
            return typed(spanned, "percentage", f'office:value="{value.share!r}"', f"{value.share:.0%}")
        case dt.date():
            return typed(spanned, "date", f'office:date-value="{value.isoformat()}"', str(value))
        case dt.timedelta() | dt.time():
            return typed(spanned, "time", f'office:time-value="{iso_duration(value)}"', str(value))
        case _:
            return typed(spanned, "float", f'office:value="{value!r}"', str(value))


def table(page: Page) -> str:
    body = ""
    for row, values in enumerate(page.rows):
        body += "<table:table-row>"
        for column, value in enumerate(values):
            area = next((a for a in page.merged if a[:2] == (row, column)), None)
            spanned = (
                f' table:number-columns-spanned="{area[3] - area[1] + 1}" table:number-rows-spanned="{area[2] - area[0] + 1}"'
                if area
                else ""
            )
            body += content(value, spanned)
        body += "</table:table-row>"
    style = ' table:style-name="unseen"' if page.hidden else ""
    return f'<table:table table:name="{escape(page.name)}"{style}>{body}</table:table>'


WRITERS: dict[str, Callable[..., bytes]] = {"xlsx": xlsx, "xlsm": xlsm, "xls": xls, "xlsb": xlsb, "ods": ods}
