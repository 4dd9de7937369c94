"""A file that cannot be read is refused in words that say what was found, what was expected and how to mend it."""

import io
import resource
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path

import openpyxl
import pytest

from loaders import limited, workbook
from loaders.caps import Caps
from loaders.files import read_book
from loaders.grid import Refusal
from loaders.kinds import Refused
from loaders.refusals import refusal_sentence
from wording.catalogue import codes

SHEET = "xl/worksheets/sheet1.xml"
HEAD = '<?xml version="1.0"?><worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">'
PNG = b"\x89PNG\r\n\x1a\n" + bytes(100)
OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def workbook_with(sheet: str, *, prologue: str = HEAD, data: bytes = b"") -> bytes:
    book = openpyxl.Workbook()
    book.active.append(["site", 1])
    plain, changed = io.BytesIO(), io.BytesIO()
    book.save(plain)
    source = zipfile.ZipFile(plain)
    with zipfile.ZipFile(changed, "w", zipfile.ZIP_DEFLATED) as target:
        for name in source.namelist():
            target.writestr(name, data or prologue + sheet + "</worksheet>" if name == SHEET else source.read(name))
    return changed.getvalue()


def refused(data: bytes | Path, name: str = "export.xlsx", sheet: str | None = None, **caps: int) -> Refusal:
    with pytest.raises(Refusal) as caught:
        read_book(data, name, sheet=sheet, limits=Caps(**caps))
    if isinstance(data, bytes) and data.startswith(b"PK") and "read_memory_mb" not in caps:
        with pytest.raises(Refused) as seen:  # the same in this process, where coverage sees it
            workbook.read(data, {**Caps(**caps).model_dump(), "careful": True}, sheet)
        assert seen.value.code == caught.value.code
    return caught.value


def processor_seconds() -> float:
    """Ours and the reader's: the clock also counts whoever shares the machine."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime


def test_every_refusal_says_what_was_found_and_how_to_mend_it_in_both_languages():
    refusals = [code for code in codes("loaders_reading", "fr") if code.startswith("loaders_reading.refusal.")]

    for code in refusals:
        refusal = Refusal(
            code.rpartition(".")[2], found="picture", limit=2, sheet="S", sheets="A, B", cell="B2", rows=1, columns=1,
            row=3, part="a.xml", mend="",
        )  # fmt: skip
        for language in ("fr", "en"):
            assert len(refusal_sentence(refusal, language).split()) > 8


@pytest.mark.parametrize("data", [b"", b"\n \n", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file(data):
    refusal = refused(data, "export.csv")

    assert refusal.code == "empty_file"
    assert "empty" in refusal_sentence(refusal, "en")
    assert "vide" in refusal_sentence(refusal, "fr")


@pytest.mark.parametrize(
    ("data", "found", "words"),
    [
        (PNG, "picture", "une image"),
        (b"SQLite format 3\0" + bytes(900), "database", "une base de données"),
        (b"%PDF-1.7\n", "pdf", "un document PDF"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "html", "une page web"),
        (b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet">', "spreadsheetml", "XML"),
        (b'{"a": 1}', "json", "JSON"),
        (bytes(range(1, 32)) * 9, "binary", "octets"),
        (OLE + "WordDocument".encode("utf-16-le"), "word", "Word"),
    ],
)  # fmt: skip
def test_what_is_no_table_is_named_for_what_it_is_whatever_its_name(data, found, words):
    refusal = refused(data)

    assert (refusal.code, refusal.details["found"]) == ("not_a_table", found)
    assert words in refusal_sentence(refusal, "fr")
    assert "xlsx" in refusal_sentence(refusal, "en")


@pytest.mark.promises("F2")
def test_a_password_is_recognised():
    refusal = refused(OLE + bytes(600) + "EncryptedPackage".encode("utf-16-le"))

    assert refusal.code == "password"
    assert "remove the password" in refusal_sentence(refusal, "en")
    assert "mot de passe" in refusal_sentence(refusal, "fr")


@pytest.mark.promises("F1")
def test_a_cell_far_outside_the_table_is_named():
    refusal = refused(
        workbook_with(
            '<sheetData><row r="1"><c r="A1"><v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>9</v></c></row></sheetData>'
        )
    )

    assert (refusal.code, refusal.details["cell"], refusal.details["sheet"]) == ("far_cell", "XFD1048576", "Sheet")
    assert "XFD1048576" in refusal_sentence(refusal, "fr")
    assert "Ctrl+End" in refusal_sentence(refusal, "en")


def test_a_far_cell_without_a_value_is_no_reason_to_refuse():
    sheet = (
        '<dimension ref="A1:XFD1048576"/><sheetData><row r="1"><c r="A1"><v>1</v></c></row>'
        '<row r="1048576"><c r="XFD1048576" s="0"/></row></sheetData>'
    )

    assert read_book(workbook_with(sheet), "a.xlsx", limits=Caps()).grid.rows() == [["1"]]


@pytest.mark.promises("F1")
@pytest.mark.parametrize("declared", ['<!ENTITY a "lol">', '<!ENTITY e SYSTEM "file:///etc/hostname">'])
def test_xml_entities_are_never_expanded(declared):
    body = HEAD.partition("?>")[2]
    sheet = '<sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>&a;</t></is></c></row></sheetData>'

    refusal = refused(workbook_with(sheet, prologue=f'<?xml version="1.0"?><!DOCTYPE x [{declared}]>{body}'))

    assert refusal.code == "xml_entity"
    assert "entit" in refusal_sentence(refusal, "en")


@pytest.mark.promises("F1")
def test_a_workbook_that_unpacks_beyond_the_limit_is_not_unpacked():
    bomb = workbook_with("", data=b"A" * 40_000_000)

    assert refused(bomb).code == "zip_bomb"
    assert refused(workbook_with("", data=bytes(range(256)) * 8_192), unpacked_mb=1).details == {"found": 2, "limit": 1}


@pytest.mark.promises("F1")
@pytest.mark.accepts("1.19")
@pytest.mark.parametrize(
    ("caps", "code", "found"),
    [({"rows": 2}, "too_many_rows", 3), ({"columns": 3}, "too_many_columns", 4), ({"cells": 11}, "too_many_cells", 12)],
)
def test_each_limit_refuses_a_workbook_and_a_csv_with_what_was_found(caps, code, found):
    book = openpyxl.Workbook()
    for _ in range(3):
        book.active.append([1, 2, 3, 4])
    out = io.BytesIO()
    book.save(out)

    from_workbook = refused(out.getvalue(), **caps)
    from_csv = refused(b"1,2,3,4\n" * 3, **caps)

    assert (from_workbook.code, from_workbook.details["found"]) == (code, found)
    assert (from_csv.code, from_csv.details["found"]) == (code, found)
    assert str(found) in refusal_sentence(from_csv, "fr")


def test_a_sheet_beyond_a_limit_is_refused_beside_others_that_are_read():
    book = openpyxl.Workbook()
    book.active.append(["site", 1])
    for _ in range(5):
        book.create_sheet("Grande", 0) if "Grande" not in book.sheetnames else None
        book["Grande"].append([1])
    out = io.BytesIO()
    book.save(out)

    read = read_book(out.getvalue(), "a.xlsx", limits=Caps(rows=4))

    assert read.data_sheet == "Sheet"
    assert read.sheets[0].refusal is not None
    assert read.sheets[0].refusal.code == "too_many_rows"


def test_a_file_above_the_size_is_not_even_opened(tmp_path):
    (tmp_path / "big.csv").write_bytes(b"a" * (1 << 20) + b"\n")

    refusal = refused(tmp_path / "big.csv", upload_mb=1)

    assert refusal.code == "too_large"
    assert "Mo" in refusal_sentence(refusal, "fr")


@pytest.mark.promises("F1")
def test_a_quote_that_swallows_the_file_names_its_line():
    refusal = refused(b'a,b\n1,2\n"' + b"x" * 300_000, "export.csv")

    assert (refusal.code, refusal.details["row"]) == ("long_cell", 3)


def test_a_long_cell_among_regular_lines_is_refused_too():
    assert refused(b"a,b\n1,2\n1," + b"x" * 300_000 + b"\n3,4\n", "export.csv").details["row"] == 3


def test_one_wide_line_among_many_is_refused_before_room_is_made_for_it():
    assert refused(b"a,b\n" * 100_000 + b"1," * 9_000 + b"\n", "export.csv").code == "too_many_cells"


def test_a_csv_with_too_many_columns_further_down():
    assert refused(b"a,b\n" * 300 + b"1," * 40 + b"\n", columns=10).code == "too_many_columns"


@pytest.mark.parametrize("cut", [30, 700, 3_000])
def test_half_a_workbook_is_damaged(cut):
    refusal = refused(workbook_with("<sheetData/>")[:cut])

    assert refusal.code == "damaged"
    assert "incomplete" in refusal_sentence(refusal, "en")


def test_a_workbook_without_a_filled_cell():
    assert refused(workbook_with("<sheetData/>")).code == "no_cell"


def test_a_sheet_that_is_not_there_lists_those_that_are():
    refusal = refused(workbook_with("<sheetData/>"), sheet="Mars")

    assert refusal.code == "unknown_sheet"
    assert "Mars" in refusal_sentence(refusal, "fr")
    assert "Sheet" in refusal_sentence(refusal, "fr")


def test_a_file_that_is_not_there_and_a_folder(tmp_path):
    assert refused(tmp_path / "none.csv").code == "no_file"
    assert refused(tmp_path).code == "not_readable"


@pytest.mark.promises("F1")
def test_the_reader_stops_at_its_memory():
    rows = "".join(
        f'<row r="{n}"><c r="A{n}"><v>{n}</v></c><c r="CU{n}"><v>2</v></c></row>' for n in range(1, 60_000, 2)
    )

    refusal = refused(workbook_with(f"<sheetData>{rows}</sheetData>"), read_memory_mb=90)

    assert refusal.code == "reader_memory"
    assert "90" in refusal_sentence(refusal, "en")


@pytest.mark.promises("F1")
@pytest.mark.parametrize(
    ("returned", "code"),
    [(-signal.SIGXCPU, "reader_time"), (-signal.SIGABRT, "reader_memory"), (-signal.SIGSEGV, "reader_failed")],
)
def test_a_reader_that_dies_is_a_refusal(returned, code):
    with pytest.raises(Refusal) as caught:
        limited.taken_over(b"", returned, Caps())

    assert caught.value.code == code


def test_an_answer_that_does_not_add_up_is_not_believed():
    sheet = '{"name": "S", "visibility": "visible", "n_rows": 2, "n_numbers": 0, "n_uncomputed": 0, "columns": [[0, 2]], "merged": [], "refused": null}'
    answer = b'{"format": "xls", "sheets": [' + sheet.encode() + b"]}\n"

    for cells in (b"\x01\x01a\x1e", b"\x01\x01\x1e\x1eextra"):
        with pytest.raises(Refusal, match="reader_failed"):
            limited.taken_over(answer + cells, 0, Caps())


def test_the_reader_gets_no_secret_of_the_environment(monkeypatch):
    monkeypatch.setenv("ESSAIM_COOKIE_SECRET", "secret")

    assert "secret" not in limited.environment().values()
    assert "ESSAIM_COOKIE_SECRET" not in limited.environment()


def test_the_reader_imports_only_calamine_and_the_standard_library():
    program = "import sys, loaders.reader, loaders.workbook; print(*sys.modules)"

    out = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=Path.cwd())

    assert {"python_calamine", "loaders.marks"} <= set(out.stdout.split())
    assert not {"numpy", "pyarrow", "pydantic", "duckdb", "openpyxl"} & set(out.stdout.split())


@pytest.mark.promises("F1")
def test_hostile_workbooks_are_refused_within_two_seconds_and_300_mib():
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c><c r="XFD{n}"><v>2</v></c></row>' for n in range(1, 60_001))
    hostile = {
        "far_cell": workbook_with(f"<sheetData>{rows}</sheetData>"),
        "zip_bomb": workbook_with("", data=b"A" * 100_000_000),
        "no_cell": workbook_with(f"<sheetData>{'<row>' * 100_000}{'</row>' * 100_000}</sheetData>"),
        "too_many_columns": b",".join([b"c"] * 1_000_000) + b"\n",
    }

    for code, data in hostile.items():
        start = processor_seconds()
        assert refused(data).code == code
        assert processor_seconds() - start < 2
        assert largest_reader_kib(data) < 300 * 1024


def largest_reader_kib(data: bytes) -> int:
    """The peak memory of the reader of one file: asked in a process of its own, whose only child is that reader."""
    program = (
        "import resource, sys; from loaders.files import read_book; from loaders.grid import Refusal\n"
        "try: read_book(sys.stdin.buffer.read(), 'hostile.xlsx')\n"
        "except Refusal: print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    out = subprocess.run([sys.executable, "-c", program], input=data, capture_output=True, check=True, cwd=Path.cwd())
    return int(out.stdout)


@pytest.mark.parametrize(
    ("part", "content", "code", "found"),
    [
        ("word/document.xml", b"", "not_a_table", "word"),
        ("mimetype", b"application/vnd.oasis.opendocument.text", "not_a_table", "zip"),
        ("photo.jpg", b"", "not_a_table", "zip"),
        ("xl/workbook.bin", b"not really", "damaged", None),
    ],
)
def test_a_zip_is_named_for_what_is_inside(part, content, code, found):
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as package:
        package.writestr(part, content)

    refusal = refused(packed.getvalue(), read_memory_mb=1_024)

    assert (refusal.code, refusal.details.get("found")) == (code, found)
