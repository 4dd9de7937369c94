"""Real exports are understood whole, and so are the same tables written by another tool in another year."""

from __future__ import annotations

import time

import numpy as np
import pytest

from data.types import Grain, Severity
from loaders.choices import Choices, ColumnRole, RateChoice, SegmentHandling
from loaders.files import read_book
from loaders.ingest import understand
from loaders.interpret import interpret
from loaders.layout import LayoutKind
from tests.loaders.exports import LONG, WIDE, another_year, as_csv, long_rows, read, wide_rows, with_columns

TOTALS, LEAVES = 47, 340


def counts(found):
    return len(found.sites), len(found.metrics), sum(seen.count for seen in found.periods), found.n_observations


@pytest.fixture(scope="module")
def long_export():
    return understand(LONG, LONG.name).interpretation


@pytest.fixture(scope="module")
def wide_export():
    return understand(WIDE, WIDE.name).interpretation


def test_the_long_export_is_read_whole_without_a_fault(long_export):
    assert long_export.layout.kind is LayoutKind.LONG
    assert counts(long_export) == (274, 3, 36, 38_295)
    assert sorted(filter(None, long_export.segments)) == ["1", "2", "other"]
    assert (long_export.faults, long_export.questions) == ((), ())


def test_every_value_of_the_long_export_keeps_its_place(long_export):
    first = long_export.observations.iloc[0]

    assert (first["value"], first["source_row"], first["source_column"]) == (2176, 2, "D “attendances”")
    assert str(first["period_start"].date()) == "2017-02-01"
    assert long_export.observations["value"].sum() == sum(float(value) for row in long_rows()[1:] for value in row[3:])


def test_a_rate_keeps_its_denominator_as_weight():
    rate = RateChoice(numerator="breaches", denominator="attendances")

    found = understand(LONG, LONG.name, choices=Choices(rates=(rate,))).interpretation

    made = found.observations[found.observations["metric"] == 3]
    row = next(row for row in long_rows()[1:] if row[4] != "0")
    own = made[made["source_row"] == long_rows().index(row) + 1].iloc[0]
    assert len(made) == 12_765
    assert own["value"] == pytest.approx(100 * float(row[4]) / float(row[3]))
    assert own["weight"] == float(row[3])


def test_a_denominator_of_zero_gives_no_rate_and_is_counted():
    rows = [["mois", "site", "erreurs", "commandes"], ["2026-01", "Lyon", "0", "0"], ["2026-02", "Lyon", "2", "8"]]

    found = read(
        rows, choices=Choices(rates=(RateChoice(numerator="erreurs", denominator="commandes"),))
    ).interpretation

    assert found.n_zero_denominators == 1
    assert found.observations.query("metric == 2")["value"].tolist() == [25]


@pytest.mark.parametrize(
    ("handling", "n_metrics", "n_observations"),
    [(SegmentHandling.KEEP, 3, 38_295), (SegmentHandling.SUM, 3, 25_437), (SegmentHandling.SEPARATE, 9, 38_295)],
)
def test_segments_are_kept_summed_or_separated(handling, n_metrics, n_observations):
    found = understand(LONG, LONG.name, choices=Choices(segments=handling)).interpretation

    n_keys = len({(row[0], row[1]) for row in long_rows()[1:]})
    assert len(found.metrics) == n_metrics
    assert found.n_observations == (3 * n_keys if handling is SegmentHandling.SUM else n_observations)
    assert found.observations["value"].sum() == understand(LONG, LONG.name).interpretation.observations["value"].sum()


def test_the_wide_export_gives_its_leaf_areas_as_sites(wide_export):
    assert wide_export.layout.kind is LayoutKind.WIDE_BY_PERIOD
    assert counts(wide_export) == (LEAVES, 1, 12, 12 * LEAVES)
    assert wide_export.periods[0].grain is Grain.MONTH


def test_the_totals_of_the_wide_export_are_left_out_with_their_reason(wide_export):
    reasons = {row.row: row.reason for row in wide_export.excluded}
    totals = [row for row, reason in reasons.items() if reason.startswith("total")]

    assert len(totals) == TOTALS
    assert reasons[6] == "total_nearly"
    assert {reasons[row] for row in (8, 10, 12, 22, 263, 423)} == {"total"}
    assert [row for row, reason in reasons.items() if reason == "footer"] == [450, 452, 454, 455]
    assert [row for row, reason in reasons.items() if reason == "preamble"] == [1, 2]


def test_what_is_left_of_the_wide_export_adds_up_to_its_grand_total(wide_export):
    january = wide_export.observations[wide_export.observations["period_start"] == "2018-01-01"]

    assert january["value"].sum() == 64_020 + 116  # the whole, and those who live elsewhere


@pytest.mark.parametrize("export", ["long_export", "wide_export"])
def test_every_filled_cell_is_an_observation_a_fault_or_a_named_exclusion(export, request):
    found = request.getfixturevalue(export)
    grid = read_book(LONG if export == "long_export" else WIDE, "x").grid

    filled = sum(1 for row in grid for text in row if text and text.strip())

    assert found.n_cells == filled
    assert sum(found.cells.values()) == filled
    assert found.cells["observation"] == found.n_observations


def test_shuffled_columns_give_the_same_observations(long_export):
    found = read(with_columns(long_rows(), [4, 2, 0, 5, 3, 1])).interpretation

    assert counts(found) == counts(long_export)
    assert found.observations["value"].sum() == long_export.observations["value"].sum()
    assert sorted(filter(None, found.segments)) == ["1", "2", "other"]


@pytest.mark.accepts("1.2")
@pytest.mark.parametrize(
    "headings",
    [
        ["Stichtag", "Standort", "Art", "Besuche", "Verzug", "Aufnahmen"],
        ["mois", "code établissement", "catégorie", "passages", "retards", "hospitalisations"],
        ["x1", "x2", "x3", "x4", "x5", "x6"],
    ],
)
def test_renamed_headings_are_understood_from_the_content(headings):
    found = read([headings, *long_rows(every=5)[1:]]).interpretation

    assert (len(found.metrics), sum(seen.count for seen in found.periods)) == (3, 36)
    assert len(found.sites) == 55
    assert [metric.name for metric in found.metrics] == headings[3:]
    assert sorted(filter(None, found.segments)) == ["1", "2", "other"]
    assert found.faults == ()


def test_a_preamble_another_year_and_a_french_tool_change_nothing():
    rows = another_year(long_rows(every=5), 3)
    preamble = [["Extraction du registre"], ["Exporté le", "30/03/2026"], []]

    found = read([*preamble, *rows], delimiter=";", encoding="cp1252").interpretation

    assert counts(found)[:3] == (55, 3, 36)
    assert found.periods[0].first.isoformat() == "2019-04-01"
    assert found.n_observations == 3 * (len(rows) - 1)
    assert found.faults == ()


@pytest.mark.parametrize("years", [-4, 1, 5])
def test_another_year_of_the_wide_export_is_understood(years):
    found = read(another_year(wide_rows(), years), "autre.xlsx").interpretation

    assert counts(found) == (LEAVES, 1, 12, 12 * LEAVES)
    assert found.periods[0].first.isoformat() == f"{2018 + years}-01-01"


def test_the_wide_export_with_moved_columns_a_second_preamble_and_other_names_is_understood():
    order = [1, 0, *range(13, 1, -1)]
    rows = with_columns(wide_rows(), order)
    rows[3][:2] = ["Wohnort", "Schlüssel"]
    extra = [["Zweite Ausgabe"], [], ["Stand: 3. Fassung", None, None]]

    found = read([*extra, *rows], "wide.xlsx").interpretation

    assert counts(found) == (LEAVES, 1, 12, 12 * LEAVES)
    assert {reading.role for reading in found.mapping.columns[:2]} == {ColumnRole.SITE_NAME, ColumnRole.SITE_CODE}


def test_totals_below_their_rows_are_found_too():
    header = next(row for row, cells in enumerate(wide_rows()) if cells[2] == "Jan-18")
    rows = wide_rows()
    body = [row for row in rows[header + 1 :] if isinstance(row[2], float)]

    found = read([rows[header], *reversed(body)], "dessous.xlsx").interpretation

    assert len(found.sites) == LEAVES


def test_names_of_sites_are_kept_beside_their_codes(wide_export):
    site = next(site for site in wide_export.sites if site.name == "Darlington")

    assert site.code == "E06000005"


def test_understanding_the_long_export_costs_little_processor_time():
    book = read_book(LONG, LONG.name)
    spent = []
    for _ in range(5):
        start = time.process_time()
        interpret(book, book.grid, Choices())
        spent.append(time.process_time() - start)

    assert min(spent) <= 0.12


def test_the_wide_export_as_plain_text_reads_like_the_workbook(wide_export):
    found = understand(as_csv(wide_rows(), delimiter=";"), "export.csv").interpretation

    assert counts(found) == counts(wide_export)
    assert np.isclose(found.observations["value"].sum(), wide_export.observations["value"].sum())
    assert not [fault for fault in found.faults if fault.severity is Severity.ERROR]


@pytest.mark.parametrize("below", [True, False])
def test_the_totals_of_the_wide_export_are_found_when_they_stand_together(wide_export, below):
    rows, sites = wide_rows(), {site.code for site in wide_export.sites}
    body = [row for row in rows[4:] if len(row) > 5 and isinstance(row[5], float)]
    totals, leaves = [row for row in body if row[0] not in sites], [row for row in body if row[0] in sites]

    found = read([*rows[:4], *(leaves + totals if below else totals + leaves)], "f.xlsx").interpretation

    assert {site.code for site in found.sites} == sites
    assert found.fault_counts == {"total_nearly": 1}


@pytest.mark.parametrize("heading", ["Zone", "Area", "Site", "Code"])
def test_one_heading_over_codes_and_names_is_understood(wide_export, heading):
    rows = wide_rows()
    rows[3][0] = heading

    found = read(rows, "f.xlsx").interpretation

    assert [(site.code, site.name) for site in found.sites] == [(site.code, site.name) for site in wide_export.sites]
