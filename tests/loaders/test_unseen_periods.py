"""A column of dates is read at the grain of the metric it is of, whatever days its periods happen to be named by."""

from __future__ import annotations

import datetime as dt

import pytest

from data.types import Grain
from loaders.choices import Choices
from loaders.ingest import load, understand
from tests.loaders.exports import as_csv

SITES = ("Lyon", "Nice", "Brest")
WORDS = {Grain.DAY: "jour", Grain.WEEK: "semaine", Grain.MONTH: "mois", Grain.QUARTER: "trimestre", Grain.YEAR: "annee"}


def a_file(*periods, heading="date"):
    rows = [["site", heading, "incidents"]]
    rows += [[site, period, str(10 + at)] for at, site in enumerate(SITES) for period in periods]
    return as_csv(rows)


@pytest.fixture
def known_as(store, keeper):
    """Register the metric "incidents" at a grain."""

    def register(grain):
        file = a_file("2020-01-01", heading=WORDS[grain])
        found = understand(file, "first.csv", store, keeper, Choices(grain=grain))
        load(found, store, keeper, register=True)

    return register


def read(store, keeper, *periods, heading="date", choices=None):
    found = understand(a_file(*periods, heading=heading), "next.csv", store, keeper, choices).interpretation
    starts = sorted({str(start.date()) for start in found.observations["period_start"]})
    return [seen.grain.value for seen in found.periods], starts, dict(found.fault_counts)


@pytest.mark.parametrize(
    ("grain", "written", "start"),
    [
        (Grain.WEEK, "2025-12-01", "2025-12-01"),  # a Monday that opens a month
        (Grain.WEEK, "2025-03-31", "2025-03-31"),  # a Monday that closes one
        (Grain.WEEK, "2026-01-01", "2025-12-29"),
        (Grain.DAY, "2025-12-01", "2025-12-01"),
        (Grain.DAY, "2025-12-31", "2025-12-31"),
        (Grain.DAY, "2026-02-28", "2026-02-28"),
        (Grain.MONTH, "2025-12-31", "2025-12-01"),
        (Grain.MONTH, "2025-12-01", "2025-12-01"),
        (Grain.QUARTER, "2026-01-01", "2026-01-01"),
        (Grain.QUARTER, "2026-03-31", "2026-01-01"),
        (Grain.YEAR, "2025-01-01", "2025-01-01"),
        (Grain.YEAR, "2025-12-31", "2025-01-01"),
    ],
)
def test_one_date_is_a_period_of_the_metric_on_record(store, keeper, known_as, grain, written, start):
    known_as(grain)

    assert read(store, keeper, written) == ([grain.value], [start], {})


@pytest.mark.parametrize(
    ("grain", "written"),
    [
        (Grain.DAY, "décembre 2025"),  # a month is not the first day of it
        (Grain.WEEK, "décembre 2025"),
        (Grain.MONTH, "2025-12-17"),
        (Grain.QUARTER, "2026-02-01"),
        (Grain.QUARTER, "janvier 2026"),  # nor one third of a quarter
        (Grain.YEAR, "janvier 2026"),
        (Grain.YEAR, "2026-03-31"),
        (Grain.MONTH, "2025"),
        (Grain.DAY, "S12 2026"),
    ],
)
def test_a_period_of_another_length_is_a_fault(store, keeper, known_as, grain, written):
    known_as(grain)

    _, starts, faults = read(store, keeper, written)

    assert (starts, faults) == ([], {"period_does_not_fit": 1})


def test_days_of_several_weekdays_are_no_weeks(store, keeper, known_as):
    known_as(Grain.WEEK)

    assert read(store, keeper, "2026-03-02", "2026-03-10")[2] == {"period_does_not_fit": 1}


def test_three_mondays_are_days_for_a_daily_metric(store, keeper, known_as):
    known_as(Grain.DAY)
    mondays = ("2026-03-02", "2026-03-09", "2026-03-16")

    assert read(store, keeper, *mondays) == (["day"], list(mondays), {})


def test_months_dated_on_the_fifteenth_are_months(store, keeper, known_as):
    known_as(Grain.MONTH)

    assert read(store, keeper, "2026-01-15", "2026-02-15", "2026-03-15") == (
        ["month"], ["2026-01-01", "2026-02-01", "2026-03-01"], {},
    )  # fmt: skip


def test_months_three_apart_are_quarters_for_a_quarterly_metric(store, keeper, known_as):
    known_as(Grain.QUARTER)

    assert read(store, keeper, "mars 2026", "juin 2026") == (["quarter"], ["2026-01-01", "2026-04-01"], {})


@pytest.mark.parametrize(
    ("heading", "written", "grain", "start"),
    [
        ("Semaine du", "2025-12-01", "week", "2025-12-01"),
        ("Week ending", "2026-03-01", "week", "2026-02-23"),
        ("Week commencing", "2026-03-01", "week", "2026-03-02"),  # weeks that start on a Sunday
        ("jour", "2025-12-31", "day", "2025-12-31"),
        ("mois", "2025-12-31", "month", "2025-12-01"),
    ],
)
def test_the_heading_says_the_grain_of_a_new_metric(store, keeper, heading, written, grain, start):
    assert read(store, keeper, written, heading=heading) == ([grain], [start], {})


@pytest.mark.parametrize("grain", list(Grain))
def test_a_period_chosen_for_the_whole_file_starts_where_it_does(store, keeper, grain):
    rows = [["site", "incidents"], *([site, "12"] for site in SITES)]
    choices = Choices(period="2026-03-18", grain=grain)

    found = understand(as_csv(rows), "whole.csv", store, keeper, choices).interpretation

    starts = {Grain.DAY: "2026-03-18", Grain.WEEK: "2026-03-16", Grain.MONTH: "2026-03-01",
              Grain.QUARTER: "2026-01-01", Grain.YEAR: "2026-01-01"}  # fmt: skip
    assert {seen.grain for seen in found.periods} == {grain}
    assert {start.date() for start in found.observations["period_start"]} == {dt.date.fromisoformat(starts[grain])}


def test_a_day_that_reads_two_ways_is_asked_about_for_a_whole_file_too(store, keeper):
    rows = [["site", "incidents"], *([site, "12"] for site in SITES)]

    found = understand(as_csv(rows), "whole.csv", store, keeper, Choices(period="03/04/2026")).interpretation

    assert [(one.code, one.found) for one in found.questions] == [("date_order", "03/04/2026")]


def test_a_year_is_no_month_for_a_whole_file(store, keeper):
    rows = [["site", "incidents"], *([site, "12"] for site in SITES)]

    found = understand(
        as_csv(rows), "whole.csv", store, keeper, Choices(period="2026", grain=Grain.MONTH)
    ).interpretation

    assert [one.code for one in found.questions] == ["period"]
    assert found.n_observations == 0
