"""Change points against strucchange and published dates."""

from __future__ import annotations

import itertools

from analytics.change_points import ChangePoints, change_points, date_interval
from tests.oracles.cases import Case, Check, Report
from tests.oracles.columns import daily, outcome_column, places, time_column


def report(case: Case) -> Report:
    """How many changes, after which rows, and the levels and interval of the case's first change."""
    data = case.table()
    rows = places(data)
    series = daily(rows, data[outcome_column(data)])
    answer = change_points(series)
    if not isinstance(answer, ChangePoints):
        return Report(case, [Check("change_points", answer.code, "change points")])
    values = series.dropna().to_numpy()
    position = {stamp.date(): place for place, stamp in enumerate(series.dropna().index)}
    breaks = [position[change.date] for change in answer.changes]  # last row of the old level, counted from 1
    bounds = [0, *breaks, len(values)]
    residual = sum(((values[a:b] - values[a:b].mean()) ** 2).sum() for a, b in itertools.pairwise(bounds))
    count = next(
        (case.expected[key] for key in ("n_breaks_bic", "n_breaks", "n_changes") if key in case.expected), None
    )
    found = {
        "n_breaks_bic": len(breaks), "n_breaks": len(breaks), "n_changes": len(breaks),
        "break_index": breaks, "breaks": breaks, "breakpoints": breaks, "break_indices": breaks,
        "means": list(answer.levels), f"rss_{count}break": residual, f"rss_{count}breaks": residual,
    }  # fmt: skip
    if breaks:
        found |= _first(values, breaks, data[time_column(data) or outcome_column(data)])
    checks = [Check(key, found[key], value) for key, value in case.expected.items() if key in found]
    return Report(case, checks, [key for key in case.expected if key not in found])


def _first(values, breaks, labels) -> dict[str, object]:
    """The first change as strucchange tells it: no allowance for noise that lingers."""
    first, end = breaks[0], [*breaks, len(values)][1]
    before, after = values[:first], values[first:end]
    reach = date_interval(before, after)
    within = ((before - before.mean()) ** 2).sum() + ((after - after.mean()) ** 2).sum()
    whole = values[:end]
    return {
        "break_year_last_of_regime": labels[first - 1], "break_year": labels[first - 1],
        "mean_before": before.mean(), "mean_after": after.mean(),
        "ci": None if reach is None else [first - reach[0], first, first + reach[1]],
        "supF": (((whole - whole.mean()) ** 2).sum() - within) / (within / (len(whole) - 2)),
    }  # fmt: skip
