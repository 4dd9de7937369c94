"""What the readers of each format's own bytes see, where the workbooks that tests write hold nothing of the kind."""

import datetime as dt
import struct
import zipfile
from io import BytesIO

import pytest

from loaders import marks, marks_ods, marks_xls, marks_xlsb, marks_xlsx
from loaders.compound import stream
from loaders.kinds import Format, Refused
from loaders.marks import ErrorText, NoSheets
from loaders.marks_xls import SheetRecords, format_code, sheet_name, unpacked
from loaders.written_column import mark_percents
from tests.loaders.sheets_to_write import zipped
from tests.loaders.written_xls import compound, record

BEGIN, END = record(0x0809, struct.pack("<HHHHII", 0x0600, 0x0010, 0, 0, 0, 6)), record(0x000A, b"")


def whole_number(value: int, *, hundredths: bool = False) -> int:
    return (value << 2 | 2 | hundredths) & 0xFFFFFFFF


def sheet(*records: bytes, percent: tuple[int, ...] = (1,), errors: bool = False) -> SheetRecords:
    return SheetRecords(BEGIN + b"".join(records) + END, starts=[0], percent=set(percent), _has_errors=errors)


@pytest.mark.parametrize(
    ("packed", "value"),
    [
        (whole_number(12), 12.0), (whole_number(-3), -3.0), (whole_number(1234, hundredths=True), 12.34),
        (struct.unpack("<II", struct.pack("<d", 0.5))[1], 0.5), (struct.unpack("<II", struct.pack("<d", 50.0))[1] | 1, 0.5),
    ],
)  # fmt: skip
def test_a_number_in_four_bytes_is_whole_or_half_a_float_perhaps_in_hundredths(packed, value):
    assert unpacked(packed) == value


def test_percentages_are_seen_among_numbers_packed_alone_and_in_rows():
    alone = record(0x027E, struct.pack("<HHHI", 4, 2, 1, whole_number(95, hundredths=True)))
    row = record(
        0x00BD,
        struct.pack("<HH", 5, 3) + b"".join(struct.pack("<HI", n % 2, whole_number(n)) for n in range(4)) + b"\6\0",
    )

    seen = sheet(alone, row).seen(0)

    assert seen.percents == {2: [4], 4: [5], 6: [5]}
    assert sheet(alone, row).farthest(0) == (6, 7, 5)


def test_odd_times_are_seen_among_numbers_of_every_length():
    alone = record(0x027E, struct.pack("<HHHI", 0, 0, 1, whole_number(60)))
    row = record(
        0x00BD, struct.pack("<HH", 1, 0) + struct.pack("<HIHI", 0, whole_number(-1), 0, whole_number(61)) + b"\1\0"
    )
    computed = record(0x0006, struct.pack("<HHHd", 2, 0, 0, -0.5) + bytes(8))
    error = record(0x0006, struct.pack("<HHHBBBBBBH", 3, 0, 0, 2, 0, 7, 0, 0, 0, 0xFFFF) + bytes(8))

    assert sheet(alone, row, computed, error).odd_times(0) == [
        (0, 0, "1900-02-29"), (1, 0, dt.timedelta(days=-1)), (2, 0, dt.timedelta(hours=-12)),
    ]  # fmt: skip


def test_a_truth_is_no_error_and_a_chart_inside_a_sheet_is_not_its_cells():
    truth = record(0x0205, struct.pack("<HHHBB", 0, 0, 0, 7, 0))
    error = record(0x0205, struct.pack("<HHHBB", 1, 0, 0, 7, 1))
    chart = BEGIN + record(0x0205, struct.pack("<HHHBB", 2, 0, 0, 7, 1)) + END

    assert sheet(truth, chart, error, errors=True).seen(0).cells == [(1, 0, ErrorText("#DIV/0!"))]


def test_a_protected_xls_is_recognised_by_its_own_record():
    with pytest.raises(Refused, match="password"):
        SheetRecords.of(compound("Workbook", BEGIN + record(0x002F, bytes(6)) + END))


def test_names_of_excel_5_and_95_are_one_byte_a_letter():
    assert format_code(b"\xa4\0\x040.0%", 0x0500) == "0.0%"
    assert format_code(b"\xa4\0", 0x0500) == ""
    assert format_code(b"\xa4\0\2\0\0" + b"0%", 0x0600) == "0%"
    assert sheet_name(bytes(6) + b"\4Mars", 0x0500) == "Mars"
    assert sheet_name(bytes(6) + b"\4\0Mars", 0x0600) == "Mars"


def test_a_short_stream_stands_in_small_sectors():
    """As programs write it: 64 bytes each, inside the root's own stream."""
    none, end = 0xFFFFFFFF, 0xFFFFFFFE

    def entry(name: str, kind: int, child: int, first: int, size: int) -> bytes:
        label = name.encode("utf-16-le")
        head = label.ljust(64, b"\0") + struct.pack("<HBBIII", len(label) + 2, kind, 1, none, none, child)
        return head + bytes(36) + struct.pack("<IQ", first, size)

    directory = entry("Root Entry", 5, 1, 2, 128) + entry("Book", 2, none, 0, 100) + bytes(256)
    small = struct.pack("<128I", 1, end, *[none] * 126)
    table = struct.pack("<128I", 0xFFFFFFFD, end, end, end, *[none] * 124)
    header = (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
        + bytes(16)
        + struct.pack("<HHHHH6xIIIIIIIII", 0x3E, 3, 0xFFFE, 9, 6, 0, 1, 1, 0, 4_096, 3, 1, end, 0)
        + struct.pack("<109I", 0, *[none] * 108)
    )
    data = header + table + directory + bytes(range(128)).ljust(512, b"\0") + small

    assert stream(data, ("Workbook", "Book")) == bytes(range(100))
    assert stream(data, ("Workbook",)) == b""
    assert stream(data[:30] + b"\x07" + data[31:], ("Book",)) == b""
    assert stream(data[:900], ("Book",)) == b""


def test_a_workbook_without_its_parts_shows_nothing_more_and_is_left_to_calamine():
    empty = zipfile.ZipFile(BytesIO(zipped({"a": b""})))

    for found in (Format.XLSX, Format.XLSM):
        assert isinstance(marks.sheets_of(found, empty, b""), NoSheets)
    assert isinstance(marks.sheets_of(Format.XLS, None, b"nothing of the kind"), NoSheets)
    nothing = NoSheets()
    assert (nothing.names(), nothing.seen(0), nothing.odd_times(0), nothing.farthest(0)) == (
        (),
        marks.Marks(),
        [],
        (0, 0, 0),
    )


def test_a_sheet_that_is_not_there_holds_nothing():
    beyond = [
        SheetRecords(b""), marks_xlsb.BinarySheets(zipfile.ZipFile(BytesIO(zipped({}))), [], set(), False),
        marks_xlsx.SheetParts(zipfile.ZipFile(BytesIO(zipped({}))), [], frozenset(), False), marks_ods.ContentSheets(),
    ]  # fmt: skip

    for sheets in beyond:
        assert (sheets.seen(3), sheets.odd_times(3), sheets.farthest(3)) == (marks.Marks(), [], (0, 0, 0))


def test_an_encrypted_document_is_recognised():
    package = zipfile.ZipFile(
        BytesIO(zipped({"content.xml": b"", "META-INF/manifest.xml": b"<manifest:encryption-data/>"}))
    )

    with pytest.raises(Refused, match="password"):
        marks_ods.ContentSheets.of(package)


@pytest.mark.parametrize(
    ("text", "hours"), [("P2DT1H", 49), ("PT26H15M00S", 26.25), ("-PT0H15M0,5S", -0.25 - 0.5 / 3600)]
)
def test_durations_of_a_document_are_read(text, hours):
    assert marks_ods.duration(text) == dt.timedelta(hours=hours)


@pytest.mark.parametrize("text", ["", "P", "PT", "tomorrow", "PT8H"])
def test_what_is_no_long_duration_is_left_as_it_is(text):
    assert marks_ods.duration(text) is None


def test_percentages_in_some_rows_only_are_marked_one_by_one():
    kinds = bytearray([2, 2, 1, 2])

    mark_percents(kinds, [0, 2, 3, 9])

    assert list(kinds) == [0x12, 2, 1, 0x12]


def test_a_number_too_far_below_zero_is_no_duration():
    assert marks.odd_time(-1e12, from_1904=False) is None
    assert marks_xls.unpacked(0) == 0
    assert marks_xlsx.as_number(b"-") == 0.0
