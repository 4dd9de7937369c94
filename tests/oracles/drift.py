"""EWMA and CUSUM charts against textbook tables."""

from __future__ import annotations

import numpy as np

from analytics.alarms import cusum, ewma
from analytics.drift_charts import CUSUM_LIMIT, CUSUM_REFERENCE, EWMA_WEIGHT, EWMA_WIDTH
from analytics.results import NotComputable
from analytics.results_trend import CusumChart, EwmaChart
from tests.oracles.cases import Case, Check, Report
from tests.oracles.columns import daily, outcome_column, places

CHARTS = {"ewma", "c_plus", "c_minus", "cusum_plus", "cusum_minus"}


def report(case: Case) -> Report:
    """Both charts, with whatever target, spread, weight and limits the case states."""
    given = {key.lower(): value for key, value in case.expected.items()}
    target = _stated(given, "target", "mu", "mu0", "center", "centre")
    if not CHARTS & set(given) or target is None:
        return Report(case)
    data = case.table()
    rows = places(data)
    series = daily(rows, data[outcome_column(data)])
    spread = _stated(given, "sigma", "s", "sd", default=1.0)
    average = ewma(
        series, target=target, sigma=spread,
        weight=_stated(given, "lambda", "ewma_lambda", default=EWMA_WEIGHT),
        width=_stated(given, "ewma_l", "l", "width", "nsigmas", default=EWMA_WIDTH),
    )  # fmt: skip
    sums = cusum(
        series, target=target, sigma=spread,
        reference=_stated(given, "k", default=CUSUM_REFERENCE), limit=_stated(given, "h", default=CUSUM_LIMIT),
    )  # fmt: skip
    if isinstance(average, NotComputable) or isinstance(sums, NotComputable):
        return Report(case, [Check("chart", "not computable", "a chart")])
    found = _found(average, sums, rows, spread)
    checks, aside = [], []
    for key, value in case.expected.items():
        choices = found.get(key.lower(), [])
        if choices:
            checks.append(min((Check(key, choice, value) for choice in choices), key=lambda check: check.difference))
        else:
            aside.append(key)
    return Report(case, checks, aside)


def _found(average: EwmaChart, sums: CusumChart, rows: np.ndarray, spread: float) -> dict[str, list]:
    """Every way a case may write it: exact or final limits, sums in the unit or in standard deviations."""
    beyond_average = _positions(np.abs(average.average - _middle(average)) > average.upper - _middle(average), rows)
    beyond_sums = _positions(np.fmax(sums.above, sums.below) > sums.limit, rows)
    above, below = sums.above[rows], sums.below[rows]
    upper = [average.upper[rows], average.final_upper]
    lower = [average.lower[rows], average.final_lower]
    return {
        "ewma": [average.average[rows]],
        "ucl": upper, "ewma_ucl": upper, "upper": upper, "lcl": lower, "ewma_lcl": lower, "lower": lower,
        "c_plus": [above, above / spread], "cusum_plus": [above, above / spread],
        "c_minus": [below, below / spread, -below], "cusum_minus": [below, below / spread, -below],
        "signals": [beyond_average, beyond_sums], "ewma_signals": [beyond_average], "cusum_signals": [beyond_sums],
        "first_ewma_signal": beyond_average[:1], "first_cusum_signal": beyond_sums[:1],
    }  # fmt: skip


def _middle(average: EwmaChart) -> float:
    return (average.final_upper + average.final_lower) / 2


def _positions(beyond: np.ndarray, rows: np.ndarray) -> list[int]:
    return [int(place) + 1 for place in np.flatnonzero(beyond[rows])]


def _stated(given, *names: str, default: float | None = None):
    return next((float(given[name]) for name in names if isinstance(given.get(name), int | float)), default)
