"""Each column is taken for what it holds, with a reason, and a person's choice always wins."""

from __future__ import annotations

import pytest

from loaders.choices import Choices, ColumnRole, MetricChoice
from loaders.grid import Grid
from loaders.layout import find_layout
from loaders.mapping import fingerprint
from tests.loaders.exports import read

BODY = [
    ["2026-01", "Lyon", 4, 100],
    ["2026-02", "Lyon", 5, 110],
    ["2026-01", "Nice", 6, 90],
    ["2026-02", "Nice", 7, 95],
]


def roles(found):
    return {reading.column.heading: reading.role.value for reading in found.interpretation.mapping.columns}


def reasons(found):
    return {reading.column.heading: reading.reason for reading in found.interpretation.mapping.columns}


@pytest.mark.accepts("1.2")
@pytest.mark.parametrize(
    ("headings", "why"),
    [
        (["Mois", "Site", "Erreurs", "Commandes"], "synonym"),
        (["periode", "etablissement", "erreurs", "commandes"], "synonym"),
        (["Perriode", "Etablisement", "erreurs", "commandes"], "spelling"),
        (["aaa", "bbb", "ccc", "ddd"], "content"),
    ],
)
def test_columns_are_known_by_heading_spelling_or_content(headings, why):
    found = read([headings, *BODY])

    assert list(roles(found).values()) == ["period", "site_name", "value", "value"]
    assert [reasons(found)[heading] for heading in headings[:2]] == [why, why]


def test_surer_reasons_have_more_confidence():
    sure, unsure = read([["Mois", "Site", "a", "b"], *BODY]), read([["x", "y", "a", "b"], *BODY])

    confident = [[one.confidence for one in found.interpretation.mapping.columns[:2]] for found in (sure, unsure)]

    assert all(first > second for first, second in zip(*confident, strict=True))


def test_a_choice_wins_over_every_other_reason():
    choices = Choices(
        roles={"Commandes": ColumnRole.IGNORE}, metrics={"Erreurs": MetricChoice(name="Retouches", unit="%")}
    )

    found = read([["Mois", "Site", "Erreurs", "Commandes"], *BODY], choices=choices)

    assert (roles(found)["Commandes"], reasons(found)["Commandes"]) == ("ignore", "chosen")
    assert [(metric.name, metric.unit) for metric in found.interpretation.metrics] == [("Retouches", "%")]


def test_numerator_and_denominator_columns_become_a_rate_only():
    choices = Choices(roles={"C": ColumnRole.NUMERATOR, "D": ColumnRole.DENOMINATOR})

    found = read([["Mois", "Site", "Erreurs", "Commandes"], *BODY], choices=choices).interpretation

    assert [metric.name for metric in found.metrics] == ["Erreurs / Commandes"]
    assert found.observations["value"].round(3).tolist() == [4.0, 4.545, 6.667, 7.368]
    assert found.cells["part_of_rate"] == 8
    assert sum(found.cells.values()) == found.n_cells


def test_a_column_of_metric_names_makes_a_metric_of_each():
    rows = [
        ["date", "site", "indicateur", "valeur", "unité"],
        ["2026-01-05", "Lyon", "Délai", "4,5", "j"], ["2026-01-05", "Lyon", "Erreurs", "12", "nb"],
        ["2026-01-12", "Lyon", "Délai", "5,5", "j"], ["2026-01-12", "Lyon", "Erreurs", "14", "nb"],
    ]  # fmt: skip

    found = read(rows, delimiter=";").interpretation

    assert [(metric.name, metric.unit, metric.n_observations) for metric in found.metrics] == [
        ("Délai", "d", 2),
        ("Erreurs", "count", 2),
    ]


def test_two_units_for_one_metric_are_a_fault():
    rows = [["date", "site", "valeur", "unité"], ["2026-01-05", "Lyon", "4", "j"], ["2026-01-12", "Lyon", "96", "h"]]

    found = read(rows).interpretation

    assert [fault.code for fault in found.errors] == ["unit_mixed"]


def test_a_region_that_follows_the_site_is_not_needed_and_a_type_that_does_not_is_a_segment():
    rows = [["mois", "site", "région", "sorte", "erreurs"]]
    for month in ("2026-01", "2026-02"):
        for site, region in (("Lyon", "Est"), ("Nice", "Sud")):
            rows += [[month, site, region, kind, 3] for kind in ("jour", "nuit")]

    found = read(rows)

    assert (roles(found)["région"], roles(found)["sorte"]) == ("ignore", "segment")
    assert reasons(found)["région"] == "follows_site"
    assert set(found.interpretation.segments) - {""} == {"jour", "nuit"}


def test_a_numeric_column_that_tells_rows_apart_is_a_segment():
    rows = [["mois", "site", "poste", "erreurs"]]
    rows += [
        [month, site, post, 10 + post]
        for month in ("2026-01", "2026-02")
        for site in ("Lyon", "Nice")
        for post in (1, 2, 3)
    ]

    found = read(rows)

    assert roles(found)["poste"] == "segment"
    assert found.interpretation.n_observations == 12


def test_a_number_of_the_row_is_no_site():
    rows = [["id", "mois", "site", "erreurs"]]
    rows += [[str(100 + at), f"2026-{1 + at % 12:02}", f"Site {at // 12}", at] for at in range(36)]

    found = read(rows)

    assert roles(found)["site"] == "site_name"
    assert [site.name for site in found.interpretation.sites] == ["Site 0", "Site 1", "Site 2"]


def test_a_column_called_total_is_a_value_when_nothing_else_is():
    found = read([["date", "site", "total"], ["2026-01-05", "Lyon", 4], ["2026-01-12", "Lyon", 5]])

    assert roles(found)["total"] == "value"


def test_names_in_cells_are_one_site_whatever_their_blanks_case_and_form():
    rows = [
        ["date", "site", "erreurs"], ["2026-01-05", "Saint-Étienne", 4], ["2026-01-12", " saint-E\u0301tienne\u200b", 5],
        ["2026-01-19", "SAINT-ÉTIENNE\u00a0", 6],
    ]  # fmt: skip

    assert [site.name for site in read(rows).interpretation.sites] == ["Saint-Étienne"]


def test_a_source_is_recognised_by_its_headings_in_any_order_and_year():
    one = find_layout(Grid.of([["Code", "Site", "Jan-18", "Feb-18"], ["a1", "Lyon", 1, 2]]))
    other = find_layout(Grid.of([["Site", "Code", "Jan-19", "Feb-19", "Mar-19"], ["Lyon", "a1", 1, 2, 3]]))

    assert fingerprint(one) == fingerprint(other)


@pytest.mark.accepts("1.4")
@pytest.mark.parametrize(
    ("values", "delimiter", "decimal", "reason", "total"),
    [
        (["1 234,5", "12"], ";", ",", "proved", 1246.5),
        (["1\u202f234,50", "0,5"], ";", ",", "proved", 1235.0),
        (["1,234.5", "12"], ",", ".", "proved", 1246.5),
        (["1.234.567", "12,25"], ";", ",", "proved", 1234579.25),
        (["1,234", "2,500"], ";", ",", "delimiter", 3.734),
        (["1,234", "987"], ",", ".", "delimiter", 2221.0),
        (["12", "15"], ",", ".", "cells", 27.0),
    ],
)
def test_the_decimal_sign_is_found_for_the_file_with_its_reason(values, delimiter, decimal, reason, total):
    rows = [
        ["date", "site", "délai"],
        *([f"2026-01-{5 + 7 * at:02}", "Lyon", value] for at, value in enumerate(values)),
    ]

    found = read(rows, delimiter=delimiter).interpretation

    assert (found.decimal.value, found.decimal_reason) == (decimal, reason)
    assert found.observations["value"].sum() == pytest.approx(total)


def test_a_sign_that_could_be_either_is_asked_about():
    found = read(
        [["date", "site", "délai"], ["2026-01-05", "Lyon", "1.234"], ["2026-01-12", "Lyon", "2.500"]], delimiter=";"
    )

    assert [question.code for question in found.interpretation.questions] == ["decimal_sign"]


@pytest.mark.accepts("1.4")
def test_the_order_of_day_and_month_is_found_and_kept_for_the_reader():
    found = read([["date", "site", "délai"], ["03/04/2026", "Lyon", 4], ["17/04/2026", "Lyon", 5]]).interpretation

    assert {column: order.value for column, order in found.date_orders.items()} == {"A": "day-first"}
    assert found.questions == ()


def test_a_count_that_happens_to_tell_two_repeated_rows_apart_is_no_segment():
    months = [[f"2026-0{month}", "Lyon", month % 4, 10 * month % 7] for month in range(1, 10)]

    found = read([["mois", "site", "erreurs", "commandes"], *months, ["2026-01", "Lyon", 9, 8]])

    assert (roles(found)["erreurs"], roles(found)["commandes"]) == ("value", "value")
    assert found.interpretation.fault_counts == {"duplicate_different": 2}


def test_remarks_on_a_few_rows_are_no_segments():
    months = [[f"2026-0{month}", "Lyon", month, ""] for month in range(1, 10)]

    found = read(
        [["mois", "site", "erreurs", "xyz"], *months, ["2026-01", "Lyon", 9, "revu"], ["2026-02", "Lyon", 9, "vu"]]
    )

    assert roles(found)["xyz"] == "ignore"
    assert found.interpretation.fault_counts == {"duplicate_different": 2}
