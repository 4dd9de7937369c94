"""Wide exports of other years: first weeks and months, totals beside them, flags on their headings, causes of death."""

from __future__ import annotations

import datetime as dt
from functools import cache

import pytest

from loaders.choices import Choices
from loaders.files import read_book
from loaders.grid import Refusal
from loaders.ingest import understand
from tests.loaders.exports import SAMPLES, as_csv, as_xlsx, read, wide_rows
from tests.loaders.test_layout_weekly import rows_of

WEEKLY = SAMPLES / "ons_weekly_deaths_2018.xls"
FIRST, WEEK_NUMBERS, WEEK_ENDS, CAUSE = 2, 3, 4, 12  # the first value column; rows from 0
MONTHS, HEADER = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"), 3


@cache
def _weekly():
    grid = read_book(WEEKLY, WEEKLY.name).grid
    return tuple(tuple(row) for row in rows_of(grid))


def weekly_rows(n_weeks):
    """Give the weekly export as it is after some weeks of the year."""
    rows = [list(row[: FIRST + n_weeks]) for row in _weekly()]
    for row in rows[WEEK_ENDS : WEEK_ENDS + 1]:
        row[FIRST:] = [dt.date.fromisoformat(str(text)[:10]) for text in row[FIRST:]]
    return rows


def monthly_rows(headings, *, beside=None):
    """Give the monthly export under other headings; beside: the heading of a column of totals."""
    rows = [row[: FIRST + len(headings)] for row in wide_rows()]
    rows[HEADER][FIRST:] = headings
    for row in rows[HEADER + 1 :] if beside else ():
        row += [sum(row[FIRST:])] if isinstance(row[FIRST], float) else [None]
    rows[HEADER] += [beside] if beside else []
    return rows


def values_of(understanding):
    found = understanding.interpretation
    names = [site.name for site in found.sites]
    return {
        (names[row.site], row.segment, str(row.period_start.date()), found.metrics[row.metric].name): row.value
        for row in found.observations.itertuples()
    }


def periods_of(understanding):
    return [
        (seen.grain.value, str(seen.first), str(seen.last), seen.count) for seen in understanding.interpretation.periods
    ]


@pytest.mark.parametrize("n_weeks", [1, 2, 3, 5])
def test_the_first_weeks_of_a_year_are_weeks_as_all_of_them_are(n_weeks):
    whole = values_of(read(weekly_rows(52), "weekly.xlsx"))

    found = read(weekly_rows(n_weeks), "weekly.xlsx")

    last = dt.date(2018, 1, 1) + dt.timedelta(weeks=n_weeks - 1)
    assert periods_of(found) == [("week", "2018-01-01", str(last), n_weeks)]
    first = {key: value for key, value in whole.items() if key[2] <= str(last)}
    assert {key: value for key, value in values_of(found).items() if not key[1].startswith("Total")} == first


def test_causes_of_death_are_no_sites_where_the_regions_have_no_codes():
    rows = weekly_rows(52)
    rows.insert(CAUSE, [None, "All respiratory diseases\nICD-10 v 2010", *range(900, 952)])
    for row in rows:
        row[0] = None if str(row[0] or "").startswith(("E1", "W9")) else row[0]

    found = read(rows, "weekly.xlsx").interpretation

    assert len(found.sites) == 11
    assert {"All respiratory diseases ICD-10 v 2010", "Under 1 year"} <= set(found.segments)


def test_a_row_of_one_mark_a_week_starts_no_other_table():
    rows = weekly_rows(5)
    rows.insert(CAUSE, [None, "All respiratory diseases\nICD-10 v 2010", *["u"] * 5])

    found = read(rows, "weekly.xlsx")

    assert found.tables == ()
    assert found.interpretation.fault_counts["text_among_numbers"] == 5


@pytest.mark.parametrize(("heading", "monday"), [("Week commencing", "2026-03-02"), ("Week ending", "2026-02-23")])
def test_what_stands_beside_days_across_says_which_day_of_the_week_they_are(heading, monday):
    sundays = [dt.date(2026, 3, 1) + dt.timedelta(weeks=n) for n in range(3)]
    rows = [[heading, *(day.strftime("%d %b %Y") for day in sundays)], ["Lyon", 4, 5, 6], ["Nice", 7, 8, 9]]

    assert periods_of(read(rows))[0][:2] == ("week", monday)


@pytest.mark.parametrize("beside", ["2018", "Total 2018", "Total", "Year to date"])
@pytest.mark.parametrize("n_months", [2, 12])
def test_a_column_of_totals_beside_the_months_is_no_month(beside, n_months):
    headings = [f"{name} 2018" for name in MONTHS[:n_months]]

    found = read(monthly_rows(headings, beside=beside), "deaths.xlsx")

    assert values_of(found) == values_of(read(monthly_rows(headings), "deaths.xlsx"))
    assert periods_of(found) == [("month", "2018-01-01", f"2018-{n_months:02}-01", n_months)]


def test_a_single_month_across_is_that_month_and_possible_totals_are_named():
    found = read(monthly_rows(["January 2018"]), "deaths.xlsx")

    assert periods_of(found) == [("month", "2018-01-01", "2018-01-01", 1)]
    assert found.interpretation.fault_counts["total_possible"] > 40


@pytest.mark.parametrize("rows", [
    [["site", "délai"], ["Lyon", "03/04/2026"], ["Nice", "12"], ["Brest", "13"]],
    [["site", "délai"], ["Lyon", "12"], ["Nice", "mars 2026"], ["Brest", "13"]],
    [["site", "délai"], ["Lyon", "mars 2026"], ["Nice", "12"], ["Brest", "13"], ["Lille", "14"]],
])  # fmt: skip
def test_a_date_among_values_is_no_heading(rows):
    found = understand(as_csv(rows), "delais.csv", choices=Choices(period="2026-03")).interpretation

    assert found.fault_counts["date_among_numbers" if "/" in str(rows) else "text_among_numbers"] == 1
    assert found.n_observations == len(rows) - 2


def a_year(headings):
    return [["Deaths, 2018"], ["Area", *headings], ["Leeds", *range(20, 32)], ["Hull", *range(41, 53)]]


@pytest.mark.parametrize(
    "flag", [" p", " P", "(p)", " (r)", " [p]", " (provisional)", " [note 3]", " (1)", "*", " (révisé)"]
)
@pytest.mark.parametrize("year", [" 2018", "-18", ""])
def test_a_month_keeps_its_period_when_it_is_flagged(flag, year):
    flagged = [f"{name}{year}{flag if at > 6 else ''}" for at, name in enumerate(MONTHS)]

    plain = values_of(read(a_year([f"{name} 2018" for name in MONTHS])))

    assert len(plain) == 24
    assert values_of(read(a_year(flagged))) == plain


def test_months_that_cannot_be_read_are_not_dated_by_the_title():
    found = read(a_year([f"{name}Q" for name in MONTHS])).interpretation

    assert [one.code for one in found.questions] == ["period"]
    assert found.n_observations == 0


def test_one_month_beside_the_year_to_date_is_not_dated_by_the_title():
    rows = [["Deaths, 2013"], ["", "", "2013", ""], ["Code", "Area", "Jan", "Year to date"]]
    rows += [[f"E{at}", name, 20 + at, 20 + at] for at, name in enumerate(("Leeds", "Hull", "Goole", "Selby"))]

    found = read(rows).interpretation

    assert [one.code for one in found.questions] == ["period"] or periods_of(read(rows))[0][:2] == (
        "month",
        "2013-01-01",
    )


@pytest.mark.parametrize("flag", ["(f)", "(forecast)", "(prév.)", "(target)", "(objectif)"])
def test_a_forecast_is_no_figure(flag):
    rows = [["site", "janvier 2026", f"février 2026 {flag}"], ["Lyon", 3, 4], ["Nice", 5, 6]]

    try:
        found = read(rows).interpretation
    except Refusal:
        return
    assert found.questions or str(found.periods[0].last) == "2026-01-01"


def test_as_xlsx_keeps_the_real_dates():
    assert as_xlsx(weekly_rows(2))[:2] == b"PK"


def test_names_that_step_to_the_right_beside_a_code_are_the_names_of_the_sites():
    rows = [["Deaths, 2006"], ["Area", None, None, None, "Jan-06", "Feb-06", "Mar-06"]]
    rows += [
        ["01", "NORTH", None, None, 90, 95, 88],
        ["02", None, "Leeds", None, 60, 65, 50],
        ["03", None, "Hull", None, 30, 30, 38],
    ]
    rows += [["04", None, None, "Goole", 14, 15, 11], ["05", None, None, "Selby", 13, 19, 16]]

    found = read(rows).interpretation

    assert [site.name for site in found.sites][-4:] == ["Leeds", "Hull", "Goole", "Selby"]


def test_an_american_day_with_hyphens_is_a_day():
    rows = [["DATE", "site", "orders"], *([f"Jan-{day}-1995", "Leeds", 20 + day] for day in range(1, 9))]

    assert periods_of(read(rows)) == [("day", "1995-01-01", "1995-01-08", 8)]
