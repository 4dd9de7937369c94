"""Totals are found where real tables hide them: between missing marks, in a sheet of one month, among several metrics."""

from __future__ import annotations

import random

import numpy as np
import pytest

from loaders.totals import find_totals
from tests.loaders.exports import as_csv, read, wide_rows

FIRST_MONTH, HEADER = 2, 3


def reasons(found):
    return {row.row: row.reason for row in found.interpretation.excluded if row.reason.startswith("total")}


def months_only(rows, n):
    """Keep the first months of the wide export."""
    return [row[: FIRST_MONTH + n] for row in rows]


def with_marks(rows, mark, *, seed, share=0.03):
    """Put a mark into one month of some rows, as offices do for small places."""
    rng = random.Random(seed)
    marked = [list(row) for row in rows]
    for row in marked[HEADER + 1 :]:
        if len(row) > FIRST_MONTH and isinstance(row[FIRST_MONTH], float) and rng.random() < share:
            row[rng.randrange(FIRST_MONTH, len(row))] = mark
    return marked


@pytest.mark.parametrize(("n_months", "mark", "seed"), [(12, ":", 1), (6, "..", 3), (6, "[x]", 8), (4, "-", 5)])
def test_totals_are_found_though_some_of_their_parts_are_missing(n_months, mark, seed):
    whole = months_only(wide_rows(), n_months)

    marked = with_marks(whole, mark, seed=seed)

    assert reasons(read(marked, "deaths.xlsx")).keys() == reasons(read(whole, "deaths.xlsx")).keys()


def test_what_one_column_suggests_is_a_total_is_warned_about_level_upon_level():
    values = np.array([[90_000.0], [50_000], [20_001], [29_999], [40_000], [18_500], [21_500]])

    found = find_totals(values, ["Country", "North", "Lille", "Arras", "South", "Nice", "Toulon"])

    assert [(total.row, total.n_parts, total.proved) for total in found] == [
        (0, 2, False),
        (1, 2, False),
        (4, 2, False),
    ]


def test_a_group_is_not_taken_for_part_of_another_before_its_own_parts_are_seen():
    nan = float("nan")
    values = np.array([
        [600.0, 660.0, 705.0], [100, 110, 105], [500, 550, 600], [200, 250, nan], [300, 300, 310],
    ])  # fmt: skip

    assert [total.row for total in find_totals(values, ["All", "East", "West", "Brest", "Nantes"])] == [0, 2]


def test_the_nation_above_its_hospitals_is_a_total_in_a_file_of_one_month():
    hospitals = [
        [f"R{at:02}", f"Hospital {at}", str(4_000 + 137 * at), str(310 + 11 * at), str(90 + at)] for at in range(9)
    ]
    nation = ["", "England", *(str(sum(int(row[at]) for row in hospitals)) for at in (2, 3, 4))]
    heading = ["Code", "Name", "Attendances", "Breaches", "Admissions"]
    rows = [["Period:", "March 2019", "", "", ""], heading, nation, *hospitals]

    found = read(rows)

    assert reasons(found) == {3: "total"}
    assert [site.name for site in found.interpretation.sites] == [row[1] for row in hospitals]


def test_as_csv_and_as_workbook_have_the_same_totals():
    rows = months_only(wide_rows(), 3)

    assert reasons(read(rows, "deaths.csv")) == reasons(read(rows, "deaths.xlsx"))
    assert as_csv(rows)
