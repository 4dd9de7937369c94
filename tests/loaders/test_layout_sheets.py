"""Sheets that are one table are read together; the others are mentioned, and never mixed in."""

from __future__ import annotations

import io

import openpyxl
import pytest

from data.types import Severity
from loaders.choices import Choices
from loaders.ingest import understand

MONTHS = ["2026-01", "2026-02", "2026-03"]


def workbook(**sheets):
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name.replace("_", " "))
        for row in rows:
            page.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def monthly(*values):
    return [["Mois", "Erreurs"], *([month, value] for month, value in zip(MONTHS, values, strict=True))]


def by_site(*values):
    return [["Site", "Erreurs"], *([site, value] for site, value in zip(("Lyon", "Nice"), values, strict=True))]


def read(name="relevés.xlsx", choices=None, **sheets):
    return understand(workbook(**sheets), name, choices=choices)


def values_of(found):
    names = [site.name for site in found.sites]
    return {
        (names[row.site], row.period_start.date().isoformat()): row.value for row in found.observations.itertuples()
    }


def adds_up(found):
    return sum(found.cells.values()) == found.n_cells and found.cells["observation"] == found.n_observations


def test_one_sheet_a_site_is_read_whole_and_its_cells_are_named_with_their_sheet():
    given = read(Lyon=monthly(4, 5, 6), Nice=monthly(7, 8, 9))

    found = given.interpretation
    assert given.sheets_together == ("Lyon", "Nice")
    assert values_of(found)["Nice", "2026-03-01"] == 9
    assert (len(found.sites), found.n_observations, adds_up(found)) == (2, 6, True)
    assert found.observations["source_column"].tolist()[-1] == "Nice!B “Erreurs”"
    assert found.fault_counts == {"site_from_sheet": 1}


def test_one_sheet_a_month_takes_the_year_from_the_file_name():
    given = read("releves_2026.xlsx", Janvier=by_site(4, 5), Février=by_site(6, 7))

    assert values_of(given.interpretation) == {
        ("Lyon", "2026-01-01"): 4, ("Nice", "2026-01-01"): 5, ("Lyon", "2026-02-01"): 6, ("Nice", "2026-02-01"): 7,
    }  # fmt: skip


def test_sheets_named_by_months_without_a_year_are_asked_about():
    found = read(Janvier=by_site(4, 5), Février=by_site(6, 7)).interpretation

    assert [question.code for question in found.questions] == ["period"]
    assert found.n_observations == 0


def test_one_sheet_a_metric_is_read_whole():
    tables = {name: [["Site", *MONTHS], ["Lyon", *row], ["Nice", *row]] for name, row in
              {"Délai": (4, 5, 6), "Erreurs": (1, 2, 3)}.items()}  # fmt: skip

    given = read(**tables)

    assert [(metric.name, metric.n_observations) for metric in given.interpretation.metrics] == [
        ("Délai", 6),
        ("Erreurs", 6),
    ]


def test_years_on_sheets_of_their_own_are_parts_of_one_table():
    rows = {f"20{year}": [["Mois", "Site", "Erreurs"], [f"20{year}-01", "Lyon", 4], [f"20{year}-02", "Nice", 5]]
            for year in (25, 26)}  # fmt: skip

    assert read(**rows).interpretation.n_observations == 4


def test_two_versions_of_a_sheet_are_not_mixed_and_the_other_is_mentioned():
    rows = [["Mois", "Site", "Erreurs"], ["2026-01", "Lyon", 4], ["2026-02", "Nice", 5]]
    other = [*rows[:2], ["2026-02", "Nice", 6]]

    given = read(Version_1=rows, Version_2=other)

    assert given.sheets_together == ()
    assert given.interpretation.n_observations == 2
    assert given.interpretation.fault_counts == {"other_sheet": 1}


def test_the_same_value_on_two_sheets_is_counted_once():
    rows = [["Mois", "Site", "Erreurs"], ["2026-01", "Lyon", 4], ["2026-02", "Nice", 5]]

    found = read(**{"Nord": rows, "Sud": [*rows[:1], ["2026-02", "Nice", 5], ["2026-03", "Nice", 7]]}).interpretation

    assert (found.n_observations, found.cells["repeated"], adds_up(found)) == (3, 1, True)


def test_a_site_given_twice_with_other_values_by_its_sheets_is_a_fault():
    found = read(**{"Lyon": monthly(4, 5, 6), "LYON ": monthly(4, 5, 7)}).interpretation

    assert {fault.code for fault in found.faults if fault.severity is Severity.ERROR} == {"duplicate_different"}
    assert (found.n_observations, found.cells["fault"], adds_up(found)) == (2, 2, True)


def test_a_sheet_that_was_chosen_is_read_alone():
    given = read(choices=Choices(sheet="Nice", site="Nice"), Lyon=monthly(4, 5, 6), Nice=monthly(7, 8, 9))

    assert given.sheets_together == ()
    assert values_of(given.interpretation)["Nice", "2026-01-01"] == 7


@pytest.mark.parametrize("names", [("Feuil1", "Feuil2"), ("Sheet1", "Sheet2")])
def test_names_that_a_tool_gave_are_no_sites(names):
    found = read(**{names[0]: monthly(4, 5, 6), names[1]: monthly(7, 8, 9)}).interpretation

    assert [question.code for question in found.questions] == ["site"]


def test_a_question_is_asked_once_for_all_sheets():
    dates = ["03/04/2026", "04/04/2026", "05/04/2026"]
    rows = [["Date", "Erreurs"], *([date, 4] for date in dates)]

    found = read(Lyon=rows, Nice=rows).interpretation

    assert [question.code for question in found.questions] == ["date_order"]
