"""The weekly export of causes, ages and regions is read exactly, and so are the forms that other years give it."""

from __future__ import annotations

from collections import Counter

import pytest

from data.types import Grain
from loaders.choices import Choices
from loaders.files import read_book
from loaders.ingest import understand
from loaders.layout import LayoutKind
from tests.loaders.exports import SAMPLES, another_year, as_csv, read

WEEKLY = SAMPLES / "ons_weekly_deaths_2018.xls"
AGES = ["Under 1 year", "01-14", "15-44", "45-64", "65-74", "75-84", "85+"]
REGIONS = ["North East", "North West", "Yorkshire and The Humber", "East Midlands", "West Midlands", "East", "London",
           "South East", "South West", "Wales"]  # fmt: skip
NATION = "England and Wales"


@pytest.fixture(scope="module")
def grid():
    return read_book(WEEKLY, WEEKLY.name).grid


@pytest.fixture(scope="module")
def found():
    return understand(WEEKLY, WEEKLY.name).interpretation


def rows_of(grid):
    """The sheet's rows, numbers as numbers."""
    numbers = [grid.numbers(column) for column in range(grid.n_columns)]
    return [
        [text if number != number else number for text, number in zip(row, at, strict=True)]
        for row, at in zip(grid.rows(), zip(*numbers, strict=True), strict=True)
    ]


def values_of(found):
    names, metrics = [site.name for site in found.sites], [metric.name for metric in found.metrics]
    return {
        (metrics[row.metric], names[row.site], row.segment, row.period_start.date().isoformat()): row.value
        for row in found.observations.itertuples()
    }


def by_metric(found):
    return {metric.name: metric.n_observations for metric in found.metrics}


def test_every_section_is_a_metric_of_its_own(found):
    assert by_metric(found) == {
        "Deaths by underlying cause": 52,
        "Persons / Deaths by age group": 7 * 52,
        "Males / Deaths by age group": 7 * 52,
        "Females / Deaths by age group": 7 * 52,
        "Deaths by region of usual residence": 10 * 52,
    }


def test_regions_are_sites_with_their_codes_and_ages_are_segments_of_the_whole(found):
    assert [site.name for site in found.sites] == [*REGIONS, NATION]
    assert (found.sites[0].code, found.sites[-2].code) == ("E12000001", "W92000004")
    assert list(found.segments[2:]) == AGES
    assert found.fault_counts["site_from_title"] == 1


def test_every_value_stands_at_its_place(found, grid):
    held = values_of(found)
    expected, metric = {}, ""
    weeks = {column: str(grid.dates(column)[4].astype("datetime64[D]") - 4) for column in range(2, 54)}
    for row in range(12, 52):
        code, label, first = (grid.text(row, column) for column in range(3))
        if first in (None, ""):
            metric = {"Deaths by underlying cause2,3,4": "Deaths by underlying cause", "Persons 5": "Persons / ",
                      "Males 5": "Males / ", "Females 5": "Females / ",
                      "Deaths by region of usual residence 6": "Deaths by region of usual residence",
                      "Deaths by age group": f"{metric}Deaths by age group"}.get(label or "", metric)  # fmt: skip
            continue
        for column, week in weeks.items():
            label = " ".join(label.split())
            key = (metric or "Deaths by underlying cause", label if code else NATION, "" if code else label, week)
            expected[key] = float(grid.text(row, column))

    assert held == expected


def test_weeks_are_those_that_end_on_the_dates_of_the_second_heading_row(found):
    assert [(seen.grain, str(seen.first), str(seen.last), seen.count) for seen in found.periods] == [
        (Grain.WEEK, "2018-01-01", "2018-12-24", 52)
    ]
    assert found.layout.kind is LayoutKind.WIDE_BY_PERIOD
    assert [row + 1 for row in found.layout.header_rows] == [4, 5, 6, 7] or found.layout.header_rows == (3, 4)


def test_the_total_and_the_average_of_five_years_are_named_exclusions(found):
    reasons = {row.row: (row.reason, row.n_parts) for row in found.excluded if row.row in (8, 9, 10)}

    assert reasons == {8: ("total_nearly", 7), 9: ("total_unconfirmed", 0), 10: ("continuation", 0)}
    assert Counter(row.reason for row in found.excluded)["section"] == 8


def test_every_filled_cell_of_the_weekly_export_is_accounted_for(found, grid):
    filled = sum(1 for row in grid for text in row if text and text.strip())

    assert sum(found.cells.values()) == found.n_cells == filled
    assert found.cells["observation"] == 32 * 52


def test_a_total_that_a_person_keeps_is_a_metric_of_the_whole():
    kept = understand(WEEKLY, WEEKLY.name, choices=Choices(keep_rows=(8,))).interpretation

    assert kept.n_observations == 33 * 52
    total = [key for key in values_of(kept) if key[2].startswith("Total deaths")]
    assert len(total) == 52


def test_a_chosen_site_is_that_of_the_rows_that_name_none():
    found = understand(WEEKLY, WEEKLY.name, choices=Choices(site="E&W")).interpretation

    assert [site.name for site in found.sites] == [*REGIONS, "E&W"]


# --- other years and other tools ----------------------------------------------------------------------------------


def test_another_year_has_the_same_metrics(found, grid):
    moved = read(another_year(rows_of(grid), -3), "2015.xlsx").interpretation

    assert by_metric(moved) == by_metric(found)
    assert moved.periods[0].first.year in (2014, 2015)


def test_a_fifty_third_week_is_a_week_more(grid):
    rows = rows_of(grid)
    for row in rows[3:52]:
        row.append({3: 53, 4: "2019-01-04"}.get(rows.index(row), row[53]))

    found = read(rows, "53.xlsx").interpretation

    assert (found.periods[0].count, found.n_observations) == (53, 32 * 53)


def test_a_sign_for_missing_is_a_missing_value(grid):
    rows = rows_of(grid)
    rows[12][2:10] = [":"] * 8

    found = read(rows, "manque.xlsx").interpretation

    assert (found.cells["missing"], found.n_observations) == (8, 32 * 52 - 8)


@pytest.mark.parametrize("n_more", [1, 4])
def test_more_preamble_changes_nothing(found, grid, n_more):
    more = [[f"Office note {at}, second edition"] for at in range(n_more)]

    assert by_metric(read([*more, [], *rows_of(grid)], "p.xlsx").interpretation) == by_metric(found)


def test_regions_without_codes_are_sites_by_their_heading(grid):
    rows = [row[1:] if at > 10 else [row[0] or row[1], *row[2:]] for at, row in enumerate(rows_of(grid))]

    found = read(rows, "sans_codes.xlsx").interpretation

    assert {site.name for site in found.sites} >= set(REGIONS)
    assert not set(AGES) & {site.name for site in found.sites}
    assert found.n_observations == 32 * 52


def test_the_same_sheet_as_plain_text_reads_alike(found, grid):
    flat = understand(as_csv(rows_of(grid), delimiter=";"), "weekly.csv").interpretation

    assert values_of(flat) == values_of(found)


def test_without_a_place_in_the_title_the_site_of_the_whole_is_asked(grid):
    rows = rows_of(grid)
    rows[1][0] = "Weekly provisional figures"

    found = read(rows, "w.xlsx").interpretation

    assert [question.code for question in found.questions] == ["site"]


def test_week_numbers_alone_take_the_year_from_the_sheet_or_title(grid):
    rows = rows_of(grid)
    rows[1][0] = "Weekly provisional figures on deaths registered in England and Wales, 2018"
    del rows[4]

    found = read(rows, "numbers.xlsx").interpretation

    assert (found.periods[0].count, str(found.periods[0].first)) == (52, "2018-01-01")
    assert found.n_observations == 32 * 52
