"""Which charts a reader may choose for a series, and which one is suggested."""

import pytest

from analytics.results_charts import ChartKind
from analytics.spc import chart_for, charts_that_fit

nan = float("nan")
ALWAYS = ["xmr", "run"]


@pytest.mark.accepts("2.2")
@pytest.mark.parametrize(
    ("kind", "values", "denominators", "fitting"),
    [
        ("measure", [12.0, 11.5], None, ALWAYS),
        ("score", [4.0, 3.0], None, ALWAYS),
        ("ratio", [91.4, 88.0], [120, 110], ["p", *ALWAYS]),
        ("ratio", [99.0, 98.0], [100, 100], ["p", "g", *ALWAYS]),
        ("ratio", [191.4, 88.0], [120, 110], ["u", *ALWAYS]),
        ("ratio", [200.0, 0.0], [1.5, 2.0], ["u", "t", *ALWAYS]),
        ("ratio", [91.4, 88.0], [120, nan], ALWAYS),
        ("ratio", [91.4, 88.0], None, ALWAYS),
        ("ratio", [-1.0, 88.0], [10, 10], ALWAYS),
        ("count", [12, 14], None, ["c", *ALWAYS]),
        ("count", [1, 0], None, ["c", "t", *ALWAYS]),
        ("count", [12, 14], [3, 4], ["u", "c", *ALWAYS]),
        ("count", [12.5, 14], None, ALWAYS),
        ("count", [], None, ALWAYS),
    ],
)
def test_charts_fit_by_the_metrics_kind_and_what_its_values_count(kind, values, denominators, fitting):
    found = charts_that_fit(kind, values, denominators, per=100 if kind == "ratio" else 1)

    assert [each.value for each in found] == fitting


@pytest.mark.parametrize(
    ("kind", "values", "denominators"),
    [
        ("ratio", [0.0] * 16 + [1.0] * 4, [100.0] * 20),
        ("ratio", [100.0] * 16 + [99.0] * 4, [100.0] * 20),
        ("ratio", [5.0] * 20, [100.0] * 20),
        ("count", [0.0] * 16 + [1.0] * 4, None),
        ("count", [7.0] * 20, None),
        ("measure", [7.0] * 20, None),
    ],
)
def test_what_is_suggested_is_among_what_fits(kind, values, denominators):
    per = 100 if kind == "ratio" else 1

    choice = chart_for(kind, values, denominators, per=per)

    assert choice.kind in charts_that_fit(kind, values, denominators, per=per)
    assert choice.kind is not ChartKind.RUN
