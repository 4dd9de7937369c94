"""The table is found wherever it stands on the sheet, and what is not data is named."""

from __future__ import annotations

import numpy as np
import pytest

from loaders.choices import Choices
from loaders.grid import Grid, Refusal
from loaders.layout import LayoutKind, find_layout
from loaders.rows import RowKind
from loaders.totals import find_totals
from tests.loaders.exports import read

LONG = [
    ["Date", "Site", "Délai (j)"],
    ["2026-01-05", "Lyon", 4.5],
    ["2026-01-12", "Lyon", 5],
    ["2026-01-05", "Nice", 6],
]
WIDE = [["Site", "Jan-26", "Feb-26", "Mar-26"], ["Lyon", 12, 14, 11], ["Nice", 20, 21, 23], ["Metz", 7, 9, 8]]


def kinds(layout):
    return [RowKind(kind).name for kind in layout.row_kinds.tolist()]


def test_a_long_table_at_the_top_of_the_sheet():
    layout = find_layout(Grid.of(LONG))

    assert (layout.kind, layout.header_rows) == (LayoutKind.LONG, (0,))
    assert [column.heading for column in layout.columns] == ["Date", "Site", "Délai (j)"]


def test_preamble_blank_lines_and_notes_are_named():
    rows = [["Extraction 2026"], [], *LONG, [], ["Source : registre"], ["(1) hors samedi"]]

    layout = find_layout(Grid.of(rows))

    assert kinds(layout) == ["PREAMBLE", "BLANK", "HEADING", "DATA", "DATA", "DATA", "BLANK", "FOOTER", "FOOTER"]
    assert layout.title == "Extraction 2026"


def test_a_preamble_with_a_date_beside_it_is_no_heading():
    layout = find_layout(Grid.of([["Exporté le", "30/03/2026"], ["Service", "Qualité"], *LONG]))

    assert layout.header_rows[-1] == 2


def test_a_heading_in_two_rows_is_joined_and_a_row_of_units_gives_the_unit():
    rows = [
        ["Date", "Site", "Délai", "Erreurs"],
        ["", "", "(j)", "(%)"],
        ["2026-01-05", "Lyon", 4.5, 1],
        ["2026-01-12", "Lyon", 5, 2],
    ]

    layout = find_layout(Grid.of(rows))

    assert [(column.heading, column.unit) for column in layout.columns[2:]] == [
        ("Délai (j)", "d"),
        ("Erreurs (%)", "%"),
    ]


def test_a_missing_value_in_the_first_row_is_no_heading():
    rows = [
        ["Date", "Site", "Délai"],
        ["2026-01-05", "Lyon", "n/a"],
        ["2026-01-12", "Lyon", 5],
        ["2026-01-19", "Lyon", 6],
    ]

    layout = find_layout(Grid.of(rows))

    assert layout.header_rows == (0,)
    assert len(layout.data_rows) == 3


def test_the_heading_repeated_down_the_sheet_is_no_data():
    layout = find_layout(Grid.of([*LONG, LONG[0], ["2026-01-12", "Nice", 6]]))

    assert kinds(layout)[4:] == ["REPEATED_HEADING", "DATA"]


def test_a_wide_table_by_period_with_sections():
    rows = [["Suivi"], [], WIDE[0], ["Nord"], *WIDE[1:3], ["Est"], WIDE[3]]

    layout = find_layout(Grid.of(rows))

    assert layout.kind is LayoutKind.WIDE_BY_PERIOD
    assert [column.heading for column in layout.period_columns] == ["Jan-26", "Feb-26", "Mar-26"]
    assert layout.sections == ((3, "Nord"), (6, "Est"))


@pytest.mark.parametrize(
    "periods",
    [
        ["janv. 2026", "févr. 2026", "mars 2026"], ["2026-01", "2026-02", "2026-03"], ["2026M01", "2026M02", "2026M03"],
        ["T1 2026", "T2 2026", "T3 2026"], ["2026-W12", "2026-W13", "2026-W14"], ["S12 2026", "S13 2026", "S14 2026"],
        [2024, 2025, 2026], ["01/01/2026", "01/02/2026", "13/02/2026"],
    ],
)  # fmt: skip
def test_periods_across_are_recognised_however_they_are_written(periods):
    layout = find_layout(Grid.of([["Site", *periods], *WIDE[1:]]))

    assert layout.kind is LayoutKind.WIDE_BY_PERIOD
    assert len(layout.period_columns) == 3


def test_several_metrics_by_period_take_their_names_from_the_upper_heading():
    rows = [
        ["", "Délai (j)", None, "Erreurs", None],
        ["Site", "Jan-26", "Feb-26", "Jan-26", "Feb-26"],
        ["Lyon", 4.5, 5.5, 12, 14], ["Nice", 6.5, 5, 7, 9],
    ]  # fmt: skip

    found = read(rows, "deux.xlsx").interpretation

    assert [(metric.name, metric.unit, metric.n_observations) for metric in found.metrics] == [
        ("Délai", "d", 4),
        ("Erreurs", "", 4),
    ]


def test_a_total_column_is_left_out():
    rows = [[*WIDE[0], "Total"], *([*row, sum(row[1:])] for row in WIDE[1:])]

    found = read(rows, "total.xlsx").interpretation

    assert found.n_observations == 9
    assert found.cells["ignored_column"] == 3


def test_values_without_dates_and_without_a_heading_row_are_refused():
    with pytest.raises(Refusal) as refused:
        find_layout(Grid.of([row[1:] for row in LONG[1:]], sheet=None))

    assert (refused.value.code, refused.value.details["row"]) == ("no_header", "1")


def test_a_chosen_heading_row_is_taken():
    rows = [["brouillon", "x", 1], *LONG]

    layout = find_layout(Grid.of(rows), header_row=1)

    assert layout.header_rows == (1,)
    assert len(layout.data_rows) == 3


# --- totals -------------------------------------------------------------------------------------------------------


def rows_of(*values):
    return np.array([[value, value + 3, 2 * value + 7.0, 5 * value + 1] for value in values])


def nested(rng):
    """Two levels: a country of two regions of two and three places."""
    places = rng.integers(10, 900, (5, 6)).astype(float)
    north, south = places[:2].sum(axis=0), places[2:].sum(axis=0)
    return np.vstack([north + south, north, places[:2], south, places[2:]])


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("upside_down", [False, True])
def test_totals_are_found_at_every_level_above_or_below_their_rows(seed, upside_down):
    table = nested(np.random.default_rng(seed))
    labels = [f"place {n}" for n in range(8)]

    found = find_totals(table[::-1] if upside_down else table, labels)

    rows = {7 - total.row if upside_down else total.row for total in found}
    assert rows == {0, 1, 4}


def test_rows_that_happen_to_add_up_in_few_figures_are_no_totals():
    table = np.array([[3.0, 5.0], [1, 2], [2, 3], [4, 4]])

    assert find_totals(table, ["Lyon", "Nice", "Metz", "Brest"]) == ()


def test_a_total_by_its_word_needs_no_sum():
    found = find_totals(rows_of(5, 6, 90), ["Lyon", "Nice", "Ensemble"])

    assert [(total.row, total.n_parts) for total in found] == [(2, 0)]


def test_a_missing_part_does_not_hide_a_total():
    table = nested(np.random.default_rng(1))
    table[2, 0] = np.nan

    rows = {total.row for total in find_totals(table, [f"place {n}" for n in range(8)])}

    assert {0, 4} <= rows


def test_a_row_that_a_person_keeps_is_a_site():
    rows = [*WIDE, ["Total", 39, 44, 42]]

    left_out = read(rows, "t.xlsx").interpretation
    kept = read(rows, "t.xlsx", Choices(keep_rows=(5,))).interpretation

    assert [(row.row, row.reason) for row in left_out.excluded if row.reason == "total"] == [(5, "total")]
    assert [site.name for site in kept.sites] == ["Lyon", "Nice", "Metz", "Total"]


def test_totals_in_a_long_table_are_left_out_by_word_and_by_arithmetic():
    months = ["2026-01", "2026-02", "2026-03", "2026-04"]
    places = {"Lyon": [112, 214, 311, 120], "Nice": [420, 521, 623, 405]}
    places["Sud"] = [sum(pair) for pair in zip(places["Lyon"], places["Nice"], strict=True)]
    body = [[month, site, values[at]] for site, values in places.items() for at, month in enumerate(months)]

    found = read([["mois", "site", "erreurs"], *body, ["Total", "", 3546]]).interpretation

    assert [site.name for site in found.sites] == ["Lyon", "Nice"]
    assert sum(row.reason == "total" for row in found.excluded) == 5
    assert found.n_observations == 8


def test_counts_of_cells_add_up_whatever_the_table_holds():
    rows = [
        ["Suivi", None, None], ["mois", "site", "erreurs", "commentaire"], ["2026-01", "Lyon", 4, "ok"],
        ["2026-02", "Lyon", "n/a", None], ["2026-03", "Lyon", "beaucoup", "?"], ["2026-13", "Lyon", 4, None],
        ["2026-04", None, 7, None], ["2026-05", "Lyon", 3, None], ["2026-05", "Lyon", 3, None], ["2026-06", "Lyon", 1, None],
        ["2026-06", "Lyon", 2, None], ["Total", None, 24, None], [None], ["Note : provisoire"],
    ]  # fmt: skip

    found = read(rows).interpretation

    assert sum(found.cells.values()) == found.n_cells
    assert {kind: found.cells[kind] for kind in ("observation", "missing", "repeated", "fault")} == {
        "observation": 2,
        "missing": 1,
        "repeated": 1,
        "fault": 5,
    }


@pytest.mark.parametrize(
    "periods", [["Mar-26", "Jan-26", "Feb-26"], ["2024", "2022", "2023"], ["S12 2026", "S14 2026", "S13 2026"]]
)
def test_periods_across_may_stand_in_any_order(periods):
    layout = find_layout(Grid.of([["Site", *periods], *WIDE[1:]]))

    assert layout.kind is LayoutKind.WIDE_BY_PERIOD
    assert [column.period_text for column in layout.period_columns] == periods


def test_counts_that_look_like_years_are_no_periods():
    rows = [
        ["Date", "Site", "a", "b", "c"],
        ["2026-01-05", "Lyon", 2012, 1950, 2031],
        ["2026-01-12", "Lyon", 1999, 2003, 2001],
    ]

    assert find_layout(Grid.of(rows)).kind is LayoutKind.LONG


@pytest.mark.parametrize("below", [True, False])
def test_totals_put_together_away_from_their_rows_are_found(below):
    random = np.random.default_rng(4)
    groups = [random.integers(20, 900, (size, 6)).astype(float) for size in (4, 3, 5)]
    totals, rows = np.array([group.sum(axis=0) for group in groups]), np.concatenate(groups)
    together = np.concatenate([rows, totals[::-1]] if below else [totals[::-1], rows])

    found = find_totals(together, [f"Site {at}" for at in range(len(together))])

    assert [total.row for total in found] == ([12, 13, 14] if below else [0, 1, 2])
    assert sorted(total.n_parts for total in found) == [3, 4, 5]


def test_a_heading_repeated_in_the_next_row_is_one_heading():
    layout = find_layout(Grid.of([LONG[0], *LONG]))

    assert [column.heading for column in layout.columns] == ["Date", "Site", "Délai (j)"]
