"""A column is read in one unit; a unit that is not the metric's is a fault that says how to mend it."""

from __future__ import annotations

import pytest

from data import metrics
from data.types import Severity
from loaders.choices import Choices, MetricChoice
from loaders.ingest import load, understand
from tests.loaders.exports import read
from wording import fault


def sheet(heading: str, *values: str) -> bytes:
    rows = [f"2026-{at + 1:02};Lyon;{value}" for at, value in enumerate(values)]
    return "\n".join([f"mois;site;{heading}", *rows]).encode()


def known(store, keeper, unit: str, *values: str) -> None:
    """Put a metric on record, in a unit."""
    data = sheet("Délai", *values)
    load(understand(data, "a.csv", store, keeper, Choices(metrics={"Délai": MetricChoice(unit=unit)})), store, keeper)
    with store.read() as cursor:
        assert metrics.metric_named(cursor, "Délai").unit == unit


def column_of(*values: str, heading: str = "délai"):
    return read([["mois", "site", heading], *([f"2026-{at + 1:02}", "Lyon", value] for at, value in enumerate(values))],
                delimiter=";").interpretation  # fmt: skip


def test_a_file_whose_values_all_carry_their_unit_is_read_and_the_unit_named():
    found = column_of("12,4 j", "13 j", "n.d.")

    assert (found.metrics[0].unit, found.observations["value"].tolist()) == ("d", [12.4, 13.0])
    assert found.fault_counts == {"unit_read": 2, "missing_mark": 1}
    told = next(one for one in found.faults if one.code == "unit_read")
    assert " ".join(fault(told, "fr").split()) == "C2 « délai » : « 12,4 j » est lu 12,4 j."


def test_durations_without_a_unit_to_go_by_are_hours():
    found = column_of("1 h 30", "2:15", "90 min")

    assert (found.metrics[0].unit, found.observations["value"].tolist()) == ("h", [1.5, 2.25, 1.5])


def test_a_unit_in_a_row_of_its_own_is_the_columns():
    header = [["mois", "site", "délai", "attente", "coût"], ["", "", "(min)", "(h)", "(€)"]]
    rows = [["2026-01", "Lyon", "1 h 30", "0,5", "12 €"], ["2026-02", "Lyon", "45", "1,5", "13"]]

    found = read([*header, *rows], delimiter=";").interpretation

    assert [metric.unit for metric in found.metrics] == ["min", "h", "€"]
    assert found.observations["value"].tolist() == [90.0, 45.0, 0.5, 1.5, 12.0, 13.0]


@pytest.mark.accepts("1.6")
@pytest.mark.parametrize(
    ("values", "code", "sentence"),
    [
        (("12", "13", "12 j"), "unit_in_cell",
         "C4 “délai”: found “12 j”, while the other cells of the column have no unit; expected a number alone, for example 12."
         " Convert it if need be, then remove the unit or write it in the column’s heading."),
        (("12", "13", "12/15"), "two_numbers",
         "C4 “délai”: found “12/15”, two numbers in one cell; expected one number, for example 12."
         " Write the result, or give each number a column of its own."),
        (("12", "13", "1e400"), "number_beyond",
         "C4 “délai”: “1e400” is not a finite number; expected a number, for example 12."
         " Correct the cell, or write “-” if the value is missing."),
        (("12 %", "13 %", "0,14"), "percent_or_share",
         "C4 “délai”: found “0,14” in a column of percentages: a share or a percentage? Expected for example 95 %. Write the value with “%”."),
    ],
)  # fmt: skip
def test_a_fault_says_where_what_was_found_what_was_expected_and_how_to_mend_it(values, code, sentence):
    found = column_of(*values)

    assert [(one.code, fault(one, "en")) for one in found.errors] == [(code, sentence)]


@pytest.mark.accepts("1.6")
def test_minutes_are_not_taken_for_the_hours_of_the_metric(store, keeper):
    known(store, keeper, "h", "4", "5")

    heading = understand(sheet("Délai (min)", "240"), "a.csv", store, keeper).interpretation
    cells = understand(sheet("Délai", "240 min"), "a.csv", store, keeper).interpretation

    assert [fault(one, "en") for one in heading.errors] == [
        "column C “Délai (min)”: the unit “min” is not the metric’s; expected: h. Convert the values, or choose another metric."
    ]
    assert (cells.errors, cells.observations["value"].tolist()) == ((), [4.0])


@pytest.mark.accepts("1.6")
def test_a_share_is_not_taken_for_a_percentage_of_the_metric(store, keeper):
    known(store, keeper, "%", "91,4", "92")

    shares = understand(sheet("Délai", "0,914", "0,92"), "a.csv", store, keeper).interpretation
    written = understand(sheet("Délai (%)", "0,914", "0,92"), "a.csv", store, keeper).interpretation

    [error] = shares.errors
    assert (error.code, error.severity, error.found, error.expected) == (
        "share_for_percent",
        Severity.ERROR,
        "0.914",
        "91.4",
    )
    assert shares.n_observations == 0
    assert sum(shares.cells.values()) == shares.n_cells
    assert written.errors == ()


def test_a_heading_and_a_column_of_units_that_disagree_are_a_fault():
    found = read(
        [["mois", "site", "délai (j)", "unité"], ["2026-01", "Lyon", "4", "h"], ["2026-02", "Lyon", "5", "h"]]
    ).interpretation

    assert [(one.code, one.found) for one in found.errors] == [("unit_mixed", "d, h")]


def test_periods_across_in_different_units_of_time_are_read_in_one():
    found = read(
        [["site", "janv. 2026", "févr. 2026"], ["Lyon", "2 h", "30 min"], ["Nice", "3 h", "45 min"]]
    ).interpretation

    assert found.metrics[0].unit == "h"
    assert sorted(found.observations["value"].tolist()) == [0.5, 0.75, 2.0, 3.0]


def test_thousands_and_decimals_are_not_guessed_in_a_column_that_mixes_the_signs():
    found = column_of("12,5", "13,25", "3.141", "2.71")

    assert [(one.code, one.found) for one in found.errors] == [("text_among_numbers", "2.71"), ("sign_unsure", "3.141")]


def test_a_shift_called_day_is_no_unit():
    found = read(
        [["mois", "site", "poste", "délai"], ["2026-01", "Lyon", "jour", "4"], ["2026-02", "Lyon", "jour", "5"]]
    )

    assert found.interpretation.metrics[0].unit == ""
