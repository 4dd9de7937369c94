"""A workbook's cells are read as the sheet shows them, at the places where it shows them."""

import datetime as dt
import io
from pathlib import Path

import numpy as np
import openpyxl
import pytest

from loaders import workbook as reading
from loaders.caps import Caps
from loaders.cells import print_cells
from loaders.files import read_book
from loaders.grid import Book, Format, Kind
from loaders.written_column import Column, write

MOMENT = dt.datetime(2026, 3, 30, 8, 15)  # noqa: DTZ001  # a cell has no time zone
SAMPLES = Path(__file__).parents[1] / "samples"


def saved(workbook: openpyxl.Workbook) -> bytes:
    out = io.BytesIO()
    workbook.save(out)
    return out.getvalue()


def read(workbook: openpyxl.Workbook, sheet: str | None = None) -> Book:
    data = saved(workbook)
    book = read_book(data, "export.xlsx", sheet=sheet, limits=Caps())
    _, here = reading.read(data, Caps().model_dump(), sheet)  # the same in this process, where coverage sees it
    assert [(found.name, found.n_rows, len(found.columns)) for found in here] == [
        (info.name, info.n_rows, info.n_columns) for info in book.sheets
    ]
    return book


@pytest.fixture
def workbook():
    return openpyxl.Workbook()


@pytest.mark.accepts("1.1")
def test_a_real_xls_opens_on_the_sheet_with_the_numbers():
    book = read_book(SAMPLES / "ons_monthly_deaths_2018.xls")

    assert book.format is Format.XLS
    assert book.data_sheet == "Figures for 2018"
    assert book.sheets[0].name == "Contents"
    assert book.grid.rows(3, 4)[0][:4] == ["Area of usual residence", None, "Jan-18", "Feb-18"]
    assert book.grid.n_rows == 455
    assert book.grid.numbers(2)[~np.isnan(book.grid.numbers(2))][0] == 64_154


def test_cells_stand_at_their_own_row_and_column_even_after_an_empty_area(workbook):
    sheet = workbook.active
    sheet["C5"] = "site"
    sheet["D7"] = 12.5

    grid = read(workbook).grid

    assert grid.text(4, 2) == "site"
    assert (grid.text(6, 3), grid.place(6, 3)) == ("12.5", "D7")
    assert (grid.n_rows, grid.n_columns) == (7, 4)


def test_every_kind_of_cell_shows_its_text_and_keeps_its_value(workbook):
    sheet = workbook.active
    sheet.append(["text", 12, 0.1, True, dt.date(2026, 3, 30), MOMENT, dt.time(8, 15)])
    sheet["H1"] = dt.timedelta(hours=26, minutes=15)

    grid = read(workbook).grid

    assert grid.rows() == [["text", "12", "0.1", "TRUE", "2026-03-30", "2026-03-30 08:15:00", "08:15:00", "26:15:00"]]
    assert [grid.kind(0, column) for column in range(8)] == [
        Kind.TEXT, Kind.NUMBER, Kind.NUMBER, Kind.BOOL, Kind.DATE, Kind.DATE, Kind.TIME, Kind.DURATION,
    ]  # fmt: skip
    assert grid.numbers(2)[0] == 0.1
    assert grid.dates(5)[0] == np.datetime64("2026-03-30T08:15:00")
    assert np.isnan(grid.numbers(0)[0])
    assert np.isnat(grid.dates(0)[0])


def test_an_error_is_told_from_a_blank_and_a_percentage_from_a_share(workbook):
    sheet = workbook.active
    sheet.append(["share", "rate", "ratio"])
    sheet.append([0.95, 0.95, "#DIV/0!"])
    sheet["B2"].number_format = "0.0%"
    sheet["C4"] = "#N/A"

    grid = read(workbook).grid

    assert (grid.text(1, 2), grid.kind(1, 2)) == ("#DIV/0!", Kind.ERROR)
    assert grid.kind(2, 2) is Kind.EMPTY
    assert (grid.text(3, 2), grid.n_rows) == ("#N/A", 4)
    assert list(grid.percent(1)) == [False, True, False, False]
    assert not grid.percent(0).any()


def test_a_format_that_only_quotes_the_percent_sign_is_no_percentage(workbook):
    workbook.active["A1"] = 95
    workbook.active["A1"].number_format = '0" %"'

    assert not read(workbook).grid.percent(0).any()


@pytest.mark.promises("F2")
@pytest.mark.accepts("1.19")
def test_hidden_sheets_are_named_and_not_taken_for_the_data(workbook):
    workbook.active.append(["site", 1])
    for name, state in (("Masqué", "hidden"), ("Caché", "veryHidden")):
        sheet = workbook.create_sheet(name)
        sheet.sheet_state = state
        sheet.append([1, 2, 3, 4])

    book = read(workbook)

    assert book.hidden_sheets == ("Masqué", "Caché")
    assert book.data_sheet == "Sheet"


def test_a_sheet_can_be_named_and_the_others_are_still_listed(workbook):
    workbook.active.append([1, 2, 3])
    workbook.create_sheet("Février").append(["Lyon", 2])

    book = read(workbook, "Février")

    assert book.grid.rows() == [["Lyon", "2"]]
    assert [sheet.name for sheet in book.sheets] == ["Sheet", "Février"]


def test_a_chart_sheet_does_not_shift_the_sheets_behind_it(workbook):
    workbook.create_chartsheet("Graphique", 0)
    workbook.active = 1
    sheet = workbook["Sheet"]
    sheet.append(["site", "#REF!"])

    book = read(workbook)

    assert [sheet.name for sheet in book.sheets] == ["Sheet"]
    assert book.grid.kind(0, 1) is Kind.ERROR


def test_merged_cells_are_known(workbook):
    workbook.active["B2"] = "Délai"
    workbook.active.merge_cells("B2:D2")

    (area,) = read(workbook).grid.merged

    assert (area.first_row, area.first_column, area.last_row, area.last_column) == (1, 1, 1, 3)


def test_a_formula_without_a_saved_value_is_told_from_a_blank_and_never_run(workbook):
    workbook.active["A1"] = "=1+1"
    workbook.active["A2"] = "text"

    book = read(workbook)

    assert book.grid.rows() == [["=1+1"], ["text"]]
    assert book.grid.kind(0, 0) is Kind.ERROR
    assert book.sheets[0].n_uncomputed == 1


def test_a_cell_with_the_separator_of_the_reader_does_not_break_its_column(workbook):
    column = Column()
    write(column, ["a\x1eb", 1.0, "", "c"])

    assert (column.text, column.kinds, list(column.numbers)) == (b"a b\x1e\x1ec\x1e", bytes([1, 2, 0, 1]), [1.0])


def test_a_large_sheet_is_read_in_blocks_with_nothing_lost():
    workbook = openpyxl.Workbook(write_only=True)
    sheet = workbook.create_sheet("Data")
    for number in range(20_003):
        sheet.append([f"site {number}", number])

    grid = read(workbook).grid

    assert grid.n_rows == 20_003
    assert grid.text(20_000, 0) == "site 20000"
    assert grid.numbers(1).sum() == sum(range(20_003))


def test_cells_prints_every_row_of_the_data_sheet(workbook, tmp_path):
    sheet = workbook.active
    sheet["A2"] = "site, ville"
    sheet["C4"] = 12.0
    (tmp_path / "a.xlsx").write_bytes(saved(workbook))
    out = io.StringIO()

    print_cells(tmp_path / "a.xlsx", out=out)

    assert out.getvalue() == ',,\n"site, ville",,\n,,\n,,12\n'


def test_cells_prints_a_csv_as_it_is(tmp_path):
    (tmp_path / "a.csv").write_text("Report\n\na;b\n1;2,5\n1;\n2;3\n")
    out = io.StringIO()

    print_cells(tmp_path / "a.csv", out=out)

    assert out.getvalue() == 'Report\n\na,b\n1,"2,5"\n1,\n2,3\n'
