"""Tables that run any way: what stands across and what down is found, asked about, or chosen; no cell is lost."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.types import Severity
from loaders.checks import Known
from loaders.choices import Choices, ColumnRole, LayoutKind, RateChoice, SectionHandling
from loaders.grid import Book, Grid, Refusal
from loaders.interpret import interpret
from loaders.kinds import Format

LYON, NICE = "Agence Lyon", "Agence Nice"
WIDE_BY_SITE = [["Mois", LYON, NICE], ["2026-01", 4, 5], ["2026-02", 6, 7]]


def read(rows, choices=None, *, name="essai.xlsx", sheet="Feuil1", known=None):
    grid = Grid.of(rows, sheet=sheet)
    return interpret(
        Book(name, Format.XLSX, "", (), {sheet: grid}, sheet), grid, choices or Choices(), known or Known()
    )


def values_of(found):
    sites, metrics = [site.name for site in found.sites], [metric.name for metric in found.metrics]
    return {
        (sites[row.site], metrics[row.metric], row.period_start.date().isoformat()): row.value
        for row in found.observations.itertuples()
    }


def asked(found):
    return [question.code for question in found.questions]


def adds_up(found):
    return sum(found.cells.values()) == found.n_cells and min(found.cells.values(), default=0) >= 0


# --- sites across -------------------------------------------------------------------------------------------------


def test_sites_across_and_periods_down():
    found = read(WIDE_BY_SITE, name="retards.xlsx")

    assert found.layout.kind is LayoutKind.WIDE_BY_SITE
    assert values_of(found)[NICE, "retards", "2026-02-01"] == 7
    assert (asked(found), adds_up(found)) == ([], True)


def test_names_that_may_be_sites_or_metrics_are_asked_about():
    rows = [["Mois", "Lyon", "Nice"], *WIDE_BY_SITE[1:]]

    found = read(rows)
    as_sites = read(rows, Choices(layout=LayoutKind.WIDE_BY_SITE))
    as_metrics = read(rows, Choices(layout=LayoutKind.LONG, site="Tout"))

    assert [(one.code, one.found, one.options) for one in found.questions] == [
        ("across", "Lyon, Nice", ("wide_by_site", "long"))
    ]
    assert ([site.name for site in as_sites.sites], asked(as_sites)) == (["Lyon", "Nice"], [])
    assert [metric.name for metric in as_metrics.metrics] == ["Lyon", "Nice"]


def test_sites_on_record_are_known_across_without_a_question():
    known = Known(sites={"lyon": "1", "nice": "2"}, site_names=("Lyon", "Nice"))

    found = read([["Mois", "Lyon", "Nice"], *WIDE_BY_SITE[1:]], known=known)

    assert ([site.site_id for site in found.sites], asked(found)) == (["1", "2"], [])


def test_headings_with_words_or_units_of_measures_are_metrics():
    found = read([["Mois", "Délai (j)", "Erreurs"], *WIDE_BY_SITE[1:]])

    assert [metric.name for metric in found.metrics] == ["Délai", "Erreurs"]
    assert asked(found) == ["site"]


def test_a_total_among_sites_across_is_left_out_by_word_or_by_sum():
    rows = [["Mois", LYON, NICE, "Agence 3"], *([f"2026-0{n}", 410 + n, 523 * n, 410 + 524 * n] for n in range(1, 7))]

    found = read(rows)

    assert [site.name for site in found.sites] == [LYON, NICE]
    assert [(fault.code, fault.column) for fault in found.faults] == [("total_column", "D “Agence 3”")]
    assert (found.cells["total"], adds_up(found)) == (6, True)


def test_a_site_across_that_looks_like_a_total_may_be_kept():
    rows = [["Mois", LYON, NICE, "Agence 3"], *([f"2026-0{n}", 410 + n, 523 * n, 410 + 524 * n] for n in range(1, 7))]

    assert len(read(rows, Choices(roles={"D": ColumnRole.VALUE})).sites) == 3


# --- headings of several levels -----------------------------------------------------------------------------------

TWO = [[4, 5, 6, 7], [8, 9, 1, 2]]
CROSSINGS = {
    "metric over site": [["", "Délai (j)", None, "Erreurs", None], ["Mois", LYON, NICE, LYON, NICE]],
    "site over metric": [["", LYON, None, NICE, None], ["Mois", "Délai (j)", "Erreurs", "Délai (j)", "Erreurs"]],
}


@pytest.mark.parametrize("crossing", CROSSINGS)
def test_two_levels_that_cross_are_sites_and_metrics(crossing):
    found = read([*CROSSINGS[crossing], ["2026-01", *TWO[0]], ["2026-02", *TWO[1]]])

    held = values_of(found)
    assert held[LYON, "Délai", "2026-01-01"] == 4
    assert held[NICE, "Délai", "2026-01-01"] == (5 if crossing == "metric over site" else 6)
    assert (asked(found), len(held), adds_up(found)) == ([], 8, True)


@pytest.mark.parametrize(
    "heading",
    [
        [["", "Jan-26", None, "Feb-26", None], ["Site", "Délai (j)", "Erreurs", "Délai (j)", "Erreurs"]],
        [["", "Délai (j)", None, "Erreurs", None], ["Site", "Jan-26", "Feb-26", "Jan-26", "Feb-26"]],
    ],
)
def test_a_metric_may_stand_over_the_period_or_under_it(heading):
    found = read([*heading, ["Lyon", *TWO[0]], ["Nice", *TWO[1]]])

    held = values_of(found)
    over = heading[0][1] != "Jan-26"
    assert (held["Lyon", "Délai", "2026-02-01"], held["Lyon", "Erreurs", "2026-01-01"]) == ((5, 6) if over else (6, 5))
    assert adds_up(found)


def test_sites_over_periods_with_metrics_down():
    rows = [["", LYON, None, NICE, None], ["Indicateur", "Jan-26", "Feb-26", "Jan-26", "Feb-26"],
            ["Délai (j)", *TWO[0]], ["Erreurs", *TWO[1]]]  # fmt: skip

    held = values_of(read(rows))

    assert (held[LYON, "Délai", "2026-02-01"], held[NICE, "Erreurs", "2026-01-01"]) == (5, 1)


def test_a_year_over_months_completes_them():
    rows = [
        ["", "2025", None, "2026", None],
        ["Site", "Jan", "Feb", "Jan", "Feb"],
        ["Lyon", *TWO[0]],
        ["Nice", *TWO[1]],
    ]

    found = read(rows)

    assert [str(day)[:7] for day in sorted(found.observations["period_start"].unique())] == [
        "2025-01", "2025-02", "2026-01", "2026-02",
    ]  # fmt: skip
    assert (len(found.metrics), asked(found)) == (1, [])


def test_years_down_and_months_across_make_the_period_together():
    found = read([["Site", "Année", "Janv", "Févr"], ["Lyon", 2025, 4, 5], ["Lyon", 2026, 6, 7], ["Nice", 2026, 8, 9]])

    assert {key[0::2]: value for key, value in values_of(found).items()} == {
        ("Lyon", "2025-01-01"): 4, ("Lyon", "2025-02-01"): 5, ("Lyon", "2026-01-01"): 6, ("Lyon", "2026-02-01"): 7,
        ("Nice", "2026-01-01"): 8, ("Nice", "2026-02-01"): 9,
    }  # fmt: skip


def test_a_row_without_a_year_beside_months_across_is_a_fault():
    rows = [["Site", "Année", "Janv", "Févr"], ["Lyon", 2025, 4, 5], ["Nice", None, 6, 7], ["Metz", 2025, 6, 7]]

    found = read(rows)

    assert [(fault.code, fault.row) for fault in found.faults] == [("period_missing", 3)]
    assert (found.cells["fault"], adds_up(found)) == (2, True)


def test_actual_and_forecast_over_other_months_are_not_mixed():
    rows = [["", "Réalisé", None, "Prévu", None], ["Site", "Jan-26", "Feb-26", "Mar-26", "Apr-26"], ["Lyon", *TWO[0]],
            ["Nice", *TWO[1]]]  # fmt: skip

    assert [metric.name for metric in read(rows).metrics] == ["Réalisé", "Prévu"]


def test_records_that_run_across_are_read_like_those_that_run_down():
    rows = [["Date", "2026-01-05", "2026-01-12", "2026-01-05", "2026-01-12"], ["Site", LYON, LYON, NICE, NICE],
            ["Délai (j)", *TWO[0]], ["Erreurs", *TWO[1]]]  # fmt: skip

    held = values_of(read(rows))

    assert (held[LYON, "Délai", "2026-01-12"], held[NICE, "Erreurs", "2026-01-05"]) == (5, 1)


# --- a rate in every layout ---------------------------------------------------------------------------------------

RATE = RateChoice(numerator="Erreurs", denominator="Commandes", name="Taux")
RATES = {
    "long": [["Mois", "Site", "Erreurs", "Commandes"], ["2026-01", LYON, 4, 80], ["2026-01", NICE, 6, 60]],
    "labels": [["Mois", "Site", "Indicateur", "Valeur"], ["2026-01", LYON, "Erreurs", 4],
               ["2026-01", LYON, "Commandes", 80], ["2026-01", NICE, "Erreurs", 6], ["2026-01", NICE, "Commandes", 60]],
    "period": [["", "Erreurs", None, "Commandes", None], ["Site", "Jan-26", "Feb-26", "Jan-26", "Feb-26"],
               [LYON, 4, 5, 80, 50], [NICE, 6, 7, 60, 70]],
    "site": [["", "Erreurs", None, "Commandes", None], ["Mois", LYON, NICE, LYON, NICE], ["2026-01", 4, 6, 80, 60],
             ["2026-02", 5, 7, 50, 70]],
    "sections": [["Site", "Jan-26", "Feb-26"], ["Erreurs"], [LYON, 4, 5], [NICE, 6, 7], ["Commandes"], [LYON, 80, 50],
                 [NICE, 60, 70]],
}  # fmt: skip


@pytest.mark.parametrize("layout", RATES)
def test_a_rate_is_made_in_every_layout(layout):
    held = values_of(read(RATES[layout], Choices(rates=(RATE,))))

    assert (held[LYON, "Taux", "2026-01-01"], held[NICE, "Taux", "2026-01-01"]) == (5, 10)


# --- one period for all, or a period in two columns ---------------------------------------------------------------

SITES_BY_METRIC = [["Site", "Délai (j)", "Erreurs"], ["Lyon", 4, 5], ["Nice", 6, 7]]


@pytest.mark.parametrize(
    ("rows", "name", "sheet", "where", "first"),
    [
        ([["Suivi de mars 2026"], [], *SITES_BY_METRIC], "f.xlsx", "Feuil1", "title", "2026-03-01"),
        (SITES_BY_METRIC, "f.xlsx", "T2 2026", "sheet", "2026-04-01"),
        (SITES_BY_METRIC, "suivi_2026-05.xlsx", "Feuil1", "file", "2026-05-01"),
        ([["Période :", "S12 2026"], *SITES_BY_METRIC], "f.xlsx", "Feuil1", "title", "2026-03-16"),
    ],
)
def test_one_period_is_taken_from_title_sheet_or_file_name_and_said(rows, name, sheet, where, first):
    found = read(rows, name=name, sheet=sheet)

    assert found.layout.kind is LayoutKind.WIDE_BY_METRIC
    assert [(fault.code, fault.severity, fault.expected) for fault in found.faults] == [
        ("period_from_whole", Severity.INFO, f"loaders.expected.said.{where}")
    ]
    assert str(found.periods[0].first) == first


def test_a_day_in_the_title_may_be_that_of_the_export_and_is_asked_about():
    found = read([["Exporté le 31/03/2026"], *SITES_BY_METRIC])

    assert [(one.code, one.options) for one in found.questions] == [("period", ("31/03/2026",))]
    assert (found.n_observations, found.cells["waiting"], adds_up(found)) == (0, 4, True)


def test_a_period_that_was_asked_for_is_taken():
    found = read(SITES_BY_METRIC, Choices(period="mars 2026"))

    assert (found.n_observations, asked(found), str(found.periods[0].first)) == (4, [], "2026-03-01")


def test_many_sites_of_one_period_have_one_row_each():
    rows = [["Site", "Délai (j)"], *([f"Place {n}", n + 0.5] for n in range(40))]

    assert len(read(rows, Choices(period="2026")).sites) == 40


def test_numbers_without_a_period_or_a_name_are_refused():
    with pytest.raises(Refusal) as refused:
        read([["a", "b"], [1, 2], [3, 4]])

    assert refused.value.code == "no_period"


@pytest.mark.parametrize(
    ("heading", "parts", "first"),
    [
        ("Mois", [3, 4, 5], "2026-03-01"), ("Mois", ["mars", "avril", "mai"], "2026-03-01"),
        ("Semaine", [12, 13, 14], "2026-03-16"), ("Trimestre", [2, 3, 4], "2026-04-01"), ("Month", ["Mar", "Apr", "May"], "2026-03-01"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("turned", [False, True])
def test_a_year_and_a_part_of_it_in_two_columns_are_one_period(heading, parts, first, turned):
    pair = [["Année", heading], *([2026, part] for part in parts)]
    rows = [[*(reversed(cells) if turned else cells), *rest] for cells, rest in
            zip(pair, [["Site", "Erreurs"], ["Lyon", 4], ["Lyon", 5], ["Nice", 6]], strict=True)]  # fmt: skip

    found = read(rows)

    assert (str(found.periods[0].first), found.n_observations) == (first, 3)
    assert {reading.reason for reading in found.mapping.of(ColumnRole.PERIOD) and found.mapping.columns[:2]} == {
        "part_of_period"
    }


# --- sections -----------------------------------------------------------------------------------------------------


def test_sections_are_sites_when_the_labels_are_metrics():
    rows = [
        ["Indicateur", "Jan-26"],
        ["Lyon"],
        ["Délai (j)", 4],
        ["Erreurs", 5],
        ["Nice"],
        ["Délai (j)", 6],
        ["Erreurs", 7],
    ]
    rows = [
        [*row, *([row[1] + 10] if len(row) > 1 and row[1] != "Jan-26" else ["Feb-26"] if len(row) > 1 else [])]
        for row in rows
    ]

    held = values_of(read(rows))

    assert (held["Lyon", "Délai", "2026-01-01"], held["Nice", "Erreurs", "2026-02-01"]) == (4, 17)


def test_sections_are_sites_above_dated_rows():
    rows = [["Mois", "Délai", "Erreurs"], ["Lyon"], ["2026-01", 4, 5], ["2026-02", 6, 7], ["Nice"], ["2026-01", 8, 9]]

    held = values_of(read(rows))

    assert (held["Lyon", "Erreurs", "2026-02-01"], held["Nice", "Délai", "2026-01-01"]) == (7, 8)


def test_sections_are_periods_above_rows_of_sites():
    rows = [
        ["Site", "Délai", "Erreurs"],
        ["Janvier 2026"],
        ["Lyon", 4, 5],
        ["Nice", 6, 7],
        ["Février 2026"],
        ["Lyon", 8, 9],
    ]

    assert values_of(read(rows))["Lyon", "Erreurs", "2026-02-01"] == 9


MEASURED = [["Site", "Jan-26", "Feb-26"], ["Délai (j)"], ["Lyon", 4, 5], ["Nice", 6, 7], ["Erreurs"], ["Lyon", 8, 9]]


def test_sections_are_metrics_when_they_are_called_so_and_sites_come_back():
    found = read(MEASURED)

    assert [(metric.name, metric.unit, metric.n_observations) for metric in found.metrics] == [
        ("Délai", "d", 4),
        ("Erreurs", "", 2),
    ]


@pytest.mark.parametrize(
    ("handling", "n_metrics", "n_segments"),
    [(SectionHandling.SEGMENT, 1, 2), (SectionHandling.METRIC, 2, 0), (SectionHandling.IGNORE, 1, 0)],
)
def test_a_person_says_what_sections_are(handling, n_metrics, n_segments):
    rows = [*MEASURED[:4], ["Erreurs"], ["Metz", 8, 9]]

    found = read(rows, Choices(sections=handling))

    assert (len(found.metrics), len([text for text in found.segments if text])) == (n_metrics, n_segments)
    assert adds_up(found)


def test_labels_that_step_over_two_columns_are_sites_and_their_sums_are_totals():
    rows = [["Zone", None, "Jan-26", "Feb-26"], ["Nord", None, 7124, 15301], [None, "Lille", 3121, 8300],
            [None, "Arras", 4003, 7001], ["Sud", None, 2507, 4228], [None, "Nice", 1001, 2002], [None, "Metz", 1506, 2226]]  # fmt: skip

    found = read(rows)

    assert [site.name for site in found.sites] == ["Lille", "Arras", "Nice", "Metz"]
    assert adds_up(found)


# --- totals -------------------------------------------------------------------------------------------------------


def test_a_grand_total_is_found_among_shuffled_rows():
    rows = [["Site", "Jan-26", "Feb-26", "Mar-26", "Apr-26"], ["Lyon", 3122, 8301, 5003, 1234],
            ["X", 9122, 17302, 13110, 7890], ["Nice", 4000, 7000, 6107, 5656], ["Metz", 2000, 2001, 2000, 1000]]  # fmt: skip

    assert [site.name for site in read(rows).sites] == ["Lyon", "Nice", "Metz"]


def test_a_quarter_that_sums_the_months_beside_it_is_a_total():
    found = read([["Site", "Jan-26", "Feb-26", "Mar-26", "T1 2026"], ["Lyon", 4, 5, 6, 15], ["Nice", 7, 8, 9, 24]])

    assert (found.n_observations, found.cells["total"], adds_up(found)) == (6, 2, True)
    assert [fault.code for fault in found.faults] == ["total_column"]


def test_a_quarter_that_does_not_sum_the_months_is_a_fault():
    found = read([["Site", "Jan-26", "Feb-26", "Mar-26", "T1 2026"], ["Lyon", 4, 5, 6, 5], ["Nice", 7, 8, 9, 8]])

    assert ([fault.code for fault in found.faults], found.cells["fault"]) == (["grain_mixed"], 2)


def test_a_row_of_a_quarter_that_sums_its_months_is_a_total():
    months = [[f"2026-0{n}", site, n + at] for at, site in enumerate(("Lyon", "Nice")) for n in (1, 2, 3)]

    found = read([["Mois", "Site", "Erreurs"], *months, ["T1 2026", "Lyon", 6], ["T1 2026", "Nice", 9]])

    assert ([row.reason for row in found.excluded], found.n_observations) == (["heading", "total", "total"], 6)


# --- several tables on one sheet ----------------------------------------------------------------------------------

STACKED = [["Délai"], ["Site", "Jan-26", "Feb-26"], ["Lyon", 4, 5], ["Nice", 7, 8], [], ["Effectifs"],
           ["Site", "Date", "Nombre"], ["Lyon", "2026-01-01", 4], ["Nice", "2026-01-01", 5], ["Metz", "2026-01-01", 5]]  # fmt: skip
BESIDE = [["Mois", "Site", "Délai", None, "Mois", "Site", "Erreurs"], ["2026-01", "Lyon", 4, None, "2026-01", "Lyon", 9],
          ["2026-02", "Lyon", 4, None, "2026-02", "Lyon", 9]]  # fmt: skip


@pytest.mark.parametrize(
    ("rows", "places", "n_values"), [(STACKED, ["A1:C4", "A6:C10"], [4, 3]), (BESIDE, ["A1:C3", "E1:G3"], [2, 2])]
)
def test_every_table_of_a_sheet_is_listed_one_is_read_and_the_others_are_named(rows, places, n_values):
    for number in (1, 2):
        found = read(rows, Choices(table=number))

        assert [table.place for table in found.layout.tables] == places
        assert found.n_observations == n_values[number - 1]
        assert [(fault.code, fault.found) for fault in found.faults] == [("other_table", places[2 - number])]
        assert adds_up(found)


def test_the_table_with_most_values_is_read_first():
    assert read(STACKED).layout.table == 1
    assert read([*STACKED, ["Lille", "2026-01-01", 5], ["Brest", "2026-01-01", 5]]).layout.table == 2


def test_a_table_that_is_not_there_is_refused():
    with pytest.raises(Refusal) as refused:
        read(STACKED, Choices(table=3))

    assert (refused.value.code, refused.value.details["found"]) == ("no_such_table", 2)


def test_spaced_columns_are_one_table():
    found = read([["Site", "Jan-26", None, "Feb-26"], ["Lyon", 4, None, 5], ["Nice", 6, None, 7]])

    assert (found.layout.tables, found.n_observations) == ((), 4)


# --- no headings --------------------------------------------------------------------------------------------------


def test_rows_without_headings_are_asked_about_with_roles_from_their_content():
    rows = [["2026-01-05", "Lyon", 4], ["2026-01-12", "Lyon", 5], ["2026-01-19", "Nice", 6]]

    found = read(rows)
    confirmed = read(rows, Choices(header_row=0))

    assert [(one.code, one.found) for one in found.questions] == [("header", "2026-01-05, Lyon, 4")]
    assert [(reading.column.shown, reading.role.value) for reading in found.mapping.columns] == [
        ("A", "period"), ("B", "site_name"), ("C", "value"),
    ]  # fmt: skip
    assert (asked(confirmed), confirmed.n_observations) == ([], 3)


def test_columns_named_by_numbers_have_headings():
    rows = [["Datum", 1, 2, 3], *([f"2026-01-0{n}", 10.5 * n, 3.5, 4] for n in range(1, 6))]

    assert read(rows, Choices(site="Lyon")).layout.header_rows == (0,)


# --- nothing is lost ----------------------------------------------------------------------------------------------

CELLS = st.sampled_from(
    [None, 4, 5.5, "n/a", "Lyon", "Total", "2026-01", "Jan-26", "Feb-26", "oui", "#REF!", "Mois", "Erreurs"]
)


@settings(deadline=None, max_examples=150)
@given(st.lists(st.lists(CELLS, min_size=1, max_size=6), min_size=1, max_size=9))
def test_every_filled_cell_of_any_sheet_is_counted_once(rows):
    try:
        found = read(rows)
    except Refusal:
        return

    assert found.n_cells == sum(1 for row in rows for cell in row if cell is not None)
    assert adds_up(found)


@settings(deadline=None, max_examples=60)
@given(
    st.sampled_from([WIDE_BY_SITE, *RATES.values(), STACKED, BESIDE, MEASURED, SITES_BY_METRIC]),
    st.integers(0, 4), st.integers(0, 5), CELLS,
)  # fmt: skip
def test_every_cell_is_counted_once_in_a_table_with_one_cell_spoilt(rows, row, column, cell):
    spoilt = [list(cells) for cells in rows]
    if row < len(spoilt) and column < len(spoilt[row]):
        spoilt[row][column] = cell
    try:
        found = read(spoilt)
    except Refusal:
        return

    assert adds_up(found)


# --- what was once read wrongly -----------------------------------------------------------------------------------


def test_two_levels_whose_sites_nobody_knows_are_asked_about():
    rows = [["", "Délai (j)", None, "Erreurs", None], ["Mois", "Homme", "Femme", "Homme", "Femme"], ["2026-01", *TWO[0]],
            ["2026-02", *TWO[1]]]  # fmt: skip

    assert [(one.code, one.found) for one in read(rows).questions] == [("across", "Homme, Femme")]
    assert asked(read(rows, Choices(layout=LayoutKind.WIDE_BY_SITE))) == []


def test_months_to_come_may_still_be_empty():
    found = read([["Site", "Jan-26", "Feb-26", "Mar-26", "Apr-26"], ["Lyon", 4], ["Nice", 5]])

    assert (found.layout.kind, found.n_observations) == (LayoutKind.WIDE_BY_PERIOD, 2)


def test_the_same_headings_after_a_gap_go_on_with_the_table():
    rows = [
        ["Mois", "Site", "Erreurs"],
        ["2026-01", "Lyon", 4],
        [],
        ["Mois", "Site", "Erreurs"],
        ["2026-02", "Lyon", 5],
    ]

    found = read(rows)

    assert (found.layout.tables, found.n_observations, found.cells["repeated_heading"]) == ((), 2, 3)


def test_week_numbers_across_take_the_year_of_the_title():
    found = read([["Appels 2026"], ["Semaine", 1, 2, 3], ["Lyon", 40, 50, 60], ["Nice", 41, 51, 61]])

    assert [str(day)[:10] for day in sorted(found.observations["period_start"].unique())] == [
        "2025-12-29", "2026-01-05", "2026-01-12",
    ]  # fmt: skip


def test_three_levels_name_site_and_metric_and_what_divides_it():
    rows = [["", LYON, None, None, None, NICE, None, None, None],
            ["", "Délai", None, "Erreurs", None, "Délai", None, "Erreurs", None],
            ["Mois", *["Homme", "Femme"] * 4], ["2026-01", *range(1, 9)], ["2026-02", *range(11, 19)]]  # fmt: skip

    held = values_of(read(rows))

    assert (held[LYON, "Délai – Femme", "2026-01-01"], held[NICE, "Erreurs – Homme", "2026-02-01"]) == (2, 17)
    assert len(held) == 16


def test_a_column_of_units_called_unit_is_no_site():
    rows = [["Indicateur", "Unité", "Jan-26", "Feb-26"], ["Délai", "j", 4, 5], ["Taux", "%", 12, 13]]

    assert [metric.unit for metric in read(rows, Choices(site="Lyon")).metrics] == ["d", "%"]


def test_a_first_row_of_small_numbers_is_no_heading():
    rows = [["Site", "Jan-26", "Feb-26", "Mar-26"], ["Lyon", 1, 2, 3], ["Nice", 4, 5, 6]]
    long = [["Mois", "Délai (j)", "Erreurs", "Appels"], ["2026-01", 1, 2, 3], ["2026-02", 4, 5, 6]]

    assert (read(rows).n_observations, read(long, Choices(site="Lyon")).n_observations) == (6, 6)


def test_tables_under_titles_with_the_same_headings_are_each_under_their_own_title():
    rows = []
    for title, start in (("Nantes", 10), ("Lyon", 50)):
        rows += [[title], ["Mois", "Retours", "Erreurs"]]
        rows += [[f"{month} 2026", start + n, n] for n, month in enumerate(("janvier", "février", "mars"))]
        rows.append([])
    found = read(rows)

    assert [site.name for site in found.sites] == ["Nantes", "Lyon"]
    values = found.observations[found.observations["metric"] == 0]
    assert values.groupby("site")["value"].apply(list).tolist() == [[10, 11, 12], [50, 51, 52]]
    assert not found.faults
