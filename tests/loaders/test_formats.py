"""The same table, written in every workbook format, is the same table when it is read."""

import datetime as dt
import gzip
import io
import zipfile

import numpy as np
import pytest

from loaders import workbook
from loaders.caps import Caps
from loaders.files import read_book
from loaders.grid import Area, Book, Format, Grid, Kind, Refusal
from loaders.ingest import understand
from tests.loaders.sheets_to_write import Fault, Page, Percent, Shown, zipped
from tests.loaders.written_books import WRITERS, xlsm, xlsx
from wording.faults import fault as worded

FORMATS = pytest.mark.parametrize("form", list(WRITERS))
DATED_BY_COUNT = pytest.mark.parametrize("form", ["xlsx", "xls", "xlsb"])  # ods writes its dates out
MOMENT = dt.datetime(2026, 3, 30, 8, 15)  # noqa: DTZ001  # a cell has no time zone


def read(form: str, *pages: Page, from_1904: bool = False) -> Book:
    data = WRITERS[form](pages, from_1904=from_1904)
    book = read_book(data, f"export.{form}", limits=Caps())
    assert book.format == form
    _, here = workbook.read(data, {**Caps().model_dump(), "careful": True})  # where coverage sees it
    assert [sheet.n_rows for sheet in here] == [sheet.n_rows for sheet in book.sheets]
    return book


def grid_of(form: str, *rows: list[object], **how: bool) -> Grid:
    return read(form, Page("Data", rows), **how).grid


@FORMATS
@pytest.mark.accepts("1.1")
def test_every_kind_of_cell_is_told_from_the_others(form):
    grid = grid_of(
        form, ["site", 12, 0.1, True, dt.date(2026, 3, 30), MOMENT, dt.time(8, 15), dt.timedelta(hours=26, minutes=15)]
    )

    assert grid.rows() == [["site", "12", "0.1", "TRUE", "2026-03-30", "2026-03-30 08:15:00", "08:15:00", "26:15:00"]]
    assert [grid.kind(0, column) for column in range(8)] == [
        Kind.TEXT, Kind.NUMBER, Kind.NUMBER, Kind.BOOL, Kind.DATE, Kind.DATE, Kind.TIME, Kind.DURATION,
    ]  # fmt: skip


@FORMATS
@pytest.mark.accepts("1.10")
def test_an_error_typed_or_computed_is_told_from_a_blank(form):
    grid = grid_of(
        form,
        ["site", "delay"],
        ["Lyon", 2.0],
        ["Brest", Fault("#DIV/0!", formula=True)],
        ["Nice", None],
        ["Pau", Fault("#N/A")],
    )

    assert [grid.kind(row, 1) for row in range(1, 5)] == [Kind.NUMBER, Kind.ERROR, Kind.EMPTY, Kind.ERROR]
    assert (grid.text(2, 1), grid.text(4, 1)) == ("#DIV/0!", "#N/A")


@FORMATS
def test_an_error_in_the_last_row_and_column_is_not_lost(form):
    grid = grid_of(form, ["site", 1.0], ["Lyon", None, Fault("#REF!", formula=True)])

    assert (grid.n_rows, grid.n_columns, grid.text(1, 2)) == (2, 3, "#REF!")


@FORMATS
@pytest.mark.accepts("1.10")
def test_95_percent_is_told_from_0_95(form):
    grid = grid_of(form, ["share", "rate"], [0.95, Percent(0.95)], [0.5, Percent(0.5)])

    assert list(grid.percent(1)) == [False, True, True]
    assert not grid.percent(0).any()


@FORMATS
def test_durations_and_times_of_day_are_numbers_of_hours(form):
    grid = grid_of(
        form, ["long"], [dt.timedelta(hours=30, minutes=30)], [dt.timedelta(minutes=-15)], [dt.time(8, 15)], [2.0]
    )

    assert grid.rows()[1:4] == [["30:30:00"], ["-00:15:00"], ["08:15:00"]]
    assert np.array_equal(grid.hours(0), [np.nan, 30.5, -0.25, 8.25, np.nan], equal_nan=True)


@pytest.mark.promises("F8")
@DATED_BY_COUNT
def test_a_time_below_zero_is_not_taken_for_an_evening(form):
    grid = grid_of(form, ["late"], [Shown(-0.25, "h:mm:ss")], [Shown(0.75, "h:mm:ss")])

    assert (grid.text(1, 0), grid.kind(1, 0)) == ("-06:00:00", Kind.DURATION)
    assert (grid.text(2, 0), grid.kind(2, 0)) == ("18:00:00", Kind.TIME)


@pytest.mark.promises("F8")
@DATED_BY_COUNT
def test_the_day_that_never_was_is_not_taken_for_the_day_before(form):
    grid = grid_of(form, *([Shown(day, "yyyy-mm-dd")] for day in (59, 60, 60.5, 61)))

    assert [grid.text(row, 0) for row in range(4)] == ["1900-02-28", "1900-02-29", "1900-02-29", "1900-03-01"]
    assert [grid.kind(row, 0) for row in range(4)] == [Kind.DATE, Kind.TEXT, Kind.TEXT, Kind.DATE]
    assert grid.dates(0)[3] == np.datetime64("1900-03-01")


@DATED_BY_COUNT
def test_60_beside_a_date_stays_60(form):
    grid = grid_of(form, [Shown(59, "yyyy-mm-dd"), 60.0, -1.0])

    assert grid.rows() == [["1900-02-28", "60", "-1"]]


@pytest.mark.promises("F8")
@DATED_BY_COUNT
def test_a_workbook_that_counts_from_1904_gives_its_own_dates(form):
    day = dt.date(2026, 3, 30)

    assert grid_of(form, [day, MOMENT], from_1904=True).rows() == [["2026-03-30", "2026-03-30 08:15:00"]]
    assert grid_of(form, [Shown(60, "yyyy-mm-dd")], from_1904=True).rows() == [["1904-03-01"]]


@pytest.mark.promises("F8")
@DATED_BY_COUNT
def test_the_first_and_last_days_of_the_calendar(form):
    grid = grid_of(form, [Shown(1, "yyyy-mm-dd"), Shown(2_958_465, "yyyy-mm-dd"), Shown(2_958_466, "yyyy-mm-dd")])

    assert grid.rows() == [["1900-01-01", "9999-12-31", "2958466"]]
    assert grid.kind(0, 2) is Kind.NUMBER


@pytest.mark.promises("F8")
@DATED_BY_COUNT
def test_a_duration_beyond_any_calendar_names_its_row(form):
    pages = [Page("Mars", [["a"], [1.0], [Shown(1e12, "[h]:mm:ss")]])]

    with pytest.raises(Refusal) as caught:
        read_book(WRITERS[form](pages), limits=Caps())

    assert (caught.value.code, caught.value.details) == ("impossible_date", {"row": 3, "sheet": "Mars"})


@FORMATS
def test_merged_areas_are_known(form):
    page = Page("Data", [["Region", None, None], ["a", 1.0, 2.0], ["b", 3.0, 4.0]], merged=[(0, 0, 0, 2), (1, 0, 2, 0)])

    assert read(form, page).grid.merged == (Area(0, 0, 0, 2), Area(1, 0, 2, 0))


@FORMATS
@pytest.mark.promises("F2")
def test_hidden_sheets_are_named_and_not_taken_for_the_data(form):
    book = read(form, Page("Seen", [["a", 1.0]]), Page("Unseen", [["b", 1.0, 2.0, 3.0]], hidden=1))

    assert (book.data_sheet, book.hidden_sheets) == ("Seen", ("Unseen",))


@pytest.mark.promises("F2")
@pytest.mark.parametrize("form", ["xlsx", "xlsm", "xls", "xlsb"])
def test_a_very_hidden_sheet_is_named_as_such(form):
    book = read(form, Page("Seen", [["a", 1.0]]), Page("Deep", [["b", 1.0, 2.0]], hidden=2))

    assert (book.hidden_sheets, book.sheets[1].visibility) == (("Deep",), "very_hidden")


@pytest.mark.parametrize("form", ["xlsx", "xlsm", "ods"])
def test_formulas_that_nobody_computed_are_counted_and_shown(form):
    book = read(form, Page("Data", [["site", "sum"], ["Lyon", "=B3+B4"], ["Pau", 2.0]]))

    assert (book.grid.text(1, 1), book.grid.kind(1, 1)) == ("=B3+B4", Kind.ERROR)
    assert book.sheets[0].n_uncomputed == 1


@pytest.mark.promises("F2")
@pytest.mark.parametrize("form", ["xlsx", "ods"])
def test_a_formula_that_nobody_computed_is_a_fault_of_its_own_that_says_how_to_mend_it(form):
    days = [[dt.date(2026, month, 1), "Lyon", float(month)] for month in range(1, 12)]
    rows = [["date", "site", "delay"], *days, [dt.date(2026, 12, 1), "Lyon", "=C2+C3"]]

    (fault,) = understand(WRITERS[form]([Page("Data", rows)])).interpretation.errors

    assert (fault.code, fault.row, fault.found[:1]) == ("formula_without_value", 13, "=")
    assert "save it, then load it again" in worded(fault, "en")
    assert "n'a jamais été calculée" in worded(fault, "fr").replace("’", "'")


def test_a_formula_whose_value_is_the_empty_text_is_computed():
    data = xlsx([Page("Data", [["site", 1.0], ["Lyon", 2.0]])])
    sheet = b'<c r="B1" t="str"><f>IF(1,"")</f><v></v></c><c r="C1"><f>1+1</f><v>2</v></c>'
    book = read_book(with_cells(data, sheet), limits=Caps())

    assert book.grid.rows() == [[None, None, "2"]]
    assert book.sheets[0].n_uncomputed == 0


def with_cells(data: bytes, cells: bytes, rest: bytes = b"", **parts: bytes) -> bytes:
    """Put other cells into the first sheet, and other parts beside it (their names with _ for / and .)."""
    source = zipfile.ZipFile(io.BytesIO(data))
    held = {name: source.read(name) for name in source.namelist()}
    main = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
    sheet = b"<worksheet " + main + b'><sheetData><row r="1">' + cells + b"</row></sheetData>" + rest + b"</worksheet>"
    return zipped(
        {**held, "xl/worksheets/sheet1.xml": sheet, **{name.replace("__", "/"): part for name, part in parts.items()}}
    )


@pytest.mark.promises("F2")
def test_a_macro_is_never_run_and_the_cells_are_read():
    book = read_book(xlsm([Page("Data", [["site", 1.0]])]), limits=Caps())

    assert (book.format, book.grid.rows()) == (Format.XLSM, [["site", "1"]])


@pytest.mark.promises("F2")
def test_a_link_to_another_workbook_is_not_followed_and_its_saved_value_is_taken(tmp_path):
    (tmp_path / "other.xlsx").write_bytes(xlsx([Page("Data", [[99.0]])]))
    link = f'<externalLink><externalBook r:id="rId1" href="{tmp_path}/other.xlsx"/></externalLink>'.encode()
    data = with_cells(
        xlsx([Page("Data", [[1.0]])]), b'<c r="A1"><f>[1]Data!A1</f><v>12</v></c>',
        **{"xl__externalLinks__externalLink1.xml": link},
    )  # fmt: skip

    assert read_book(data, limits=Caps()).grid.rows() == [["12"]]


def test_a_sheet_in_a_namespace_of_its_own_is_looked_through_too():
    cells = b'<c r="A1" t="e"><v>#N/A</v></c><c r="B1" s="1"><v>0.5</v></c><c r="C1"><f>1+1</f></c>'
    prefixed = (
        cells.replace(b"<c ", b"<x:c ").replace(b"</c", b"</x:c").replace(b"<v", b"<x:v").replace(b"</v", b"</x:v")
    )
    prefixed = prefixed.replace(b"<f", b"<x:f").replace(b"</f", b"</x:f")
    main = b"http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    data = with_cells(
        xlsx([Page("Data", [[1.0]])]), b"",
        **{"xl__worksheets__sheet1.xml": b'<x:worksheet xmlns:x="' + main + b'"><x:sheetData><x:row r="1">' + prefixed
           + b"</x:row></x:sheetData></x:worksheet>"},
    )  # fmt: skip

    grid = read_book(data, limits=Caps()).grid

    assert grid.rows() == [["#N/A", "0.5", "=1+1"]]
    assert grid.percent(1).all()


def test_shared_formulas_without_a_value_are_all_named():
    shared = b'<c r="A1"><f t="shared" si="0" ref="A1:C1">1+1</f></c><c r="B1"><f t="shared" si="0"/></c><c r="C1"><v>2</v></c>'
    book = read_book(with_cells(xlsx([Page("Data", [[1.0]])]), shared), limits=Caps())

    assert (book.grid.rows(), book.sheets[0].n_uncomputed) == ([["=1+1", "=", "2"]], 2)


def test_large_sheets_lose_no_error_between_two_pieces():
    rows = b"".join(
        b'</row><row r="%d"><c r="A%d" t="e"><v>#N/A</v></c><c r="B%d" s="1"><v>1</v></c>' % (n, n, n)
        for n in range(2, 30_000)
    )
    grid = read_book(with_cells(xlsx([Page("Data", [[1.0]])]), rows), limits=Caps()).grid

    assert int((grid.kinds(0) == Kind.ERROR).sum()) == int(grid.percent(1).sum()) == 29_998


@pytest.mark.accepts("1.1")
@FORMATS
def test_a_workbook_in_gz_is_unpacked(form):
    book = read_book(gzip.compress(WRITERS[form]([Page("Data", [["site", 1.0]])])), "export.gz", limits=Caps())

    assert (book.format, book.grid.rows()) == (form, [["site", "1"]])


def test_large_whole_numbers_are_shown_in_full():
    grid = grid_of("xlsx", ["id"], [1_234_567_890_123_456.0], [1e22], [12.0])

    assert [grid.text(row, 0) for row in range(1, 4)] == ["1234567890123456", "1e+22", "12"]


@pytest.mark.parametrize(
    "cells",
    [
        b'<c r="A1" s="0"><v>1</v></c><c r="B1" s="1"><v>0.5</v></c>',
        b'<c s="0" r="A1"><v>1</v></c><c s="1" r="B1"><v>0.5</v></c>',
        b"<c r='A1'><v>1</v></c><c r='B1' s='1'><v>0.5</v></c>",
        b'<c r="A1" t="inlineStr"><is><t>c r="C1" s="1"</t></is></c><c r="B1" s="1"><v>0.5</v></c>',
    ],
)
def test_a_percentage_is_seen_however_its_cell_is_written(cells):
    grid = read_book(with_cells(xlsx([Page("Data", [[1.0]])]), cells), limits=Caps()).grid

    assert list(grid.percent_cells) == [1]
    assert grid.percent(1).all()


def test_percentages_of_many_styles_and_in_some_rows_only():
    styles = "".join(f'<xf numFmtId="{9 + n % 2}"/>' for n in range(12))
    main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    style = f'<styleSheet xmlns="{main}"><cellXfs count="13"><xf numFmtId="0"/>{styles}</cellXfs></styleSheet>'.encode()
    rows = b"".join(b'</row><row r="%d" s="3"><c r="A%d" s="%d"><v>1</v></c>' % (n, n, n % 13) for n in range(2, 40))
    data = with_cells(xlsx([Page("Data", [[1.0]])]), rows, **{"xl__styles.xml": style})

    assert [not n % 13 for n in range(2, 40)] == list(~read_book(data, limits=Caps()).grid.percent(0)[1:])
