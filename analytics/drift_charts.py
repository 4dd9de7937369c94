"""The two classic charts for slow drift, EWMA and CUSUM, for points that do not depend on one another."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.measured import dated, finite_fault
from analytics.results import NotComputable
from analytics.results_trend import CusumChart, EwmaChart

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

EWMA_WEIGHT = 0.2  # Montgomery, section 9.2
EWMA_WIDTH = 3.0  # same
CUSUM_REFERENCE = 0.5  # half a standard deviation is tolerated (Montgomery, section 9.1)
CUSUM_LIMIT = 5.0  # same


def ewma(
    values: pd.Series, *, target: float, sigma: float, weight: float = EWMA_WEIGHT, width: float = EWMA_WIDTH
) -> EwmaChart | NotComputable:
    """Average a series so that older points fade, and compare it with limits around a target.

    values: shape (n_periods,), the metric's own unit, indexed by period start, oldest first, each period once.
        NaN = not measured: the average waits.
    target, sigma: level and standard deviation of a single point when nothing is wrong, in the same unit.
    weight: of the newest point, above 0 and at most 1; width: of the limits, in standard deviations of the average.
    For independent points only: where neighbours resemble each other use `drift_alarms`.
    Returns NotComputable "all_missing" or "infinite_values". Raises ValueError for an index that is no calendar, a sigma
        that is not positive or a weight outside its range.
    Source: Roberts (1959); Montgomery, Statistical Quality Control, section 9.2.

    >>> weeks = pd.date_range("2026-01-05", periods=3, freq="7D")
    >>> ewma(pd.Series([52.0, 47, 53], index=weeks), target=50, sigma=2, weight=0.3).average.round(3).tolist()
    [50.6, 49.52, 50.564]
    """
    periods = dated(values)
    if not (sigma > 0 and 0 < weight <= 1):
        raise ValueError("sigma must be positive and weight above 0 and at most 1")
    observed = values.to_numpy(dtype=np.float64, na_value=np.nan)
    measured = ~np.isnan(observed)
    fault = finite_fault(observed[measured], 1)
    if fault is not None:
        return fault
    average, level = np.full(len(observed), np.nan), target
    for place in np.flatnonzero(measured):
        level = weight * observed[place] + (1 - weight) * level
        average[place] = level
    final = width * sigma * np.sqrt(weight / (2 - weight))
    reach = final * np.sqrt(1 - (1 - weight) ** (2 * np.cumsum(measured)))
    beyond = np.abs(average - target) > reach
    return EwmaChart(
        periods=periods,
        average=average,
        lower=target - reach,
        upper=target + reach,
        final_lower=float(target - final),
        final_upper=float(target + final),
        signals=_dates(periods, beyond),
    )


def cusum(
    values: pd.Series, *, target: float, sigma: float, reference: float = CUSUM_REFERENCE, limit: float = CUSUM_LIMIT
) -> CusumChart | NotComputable:
    """Add up what exceeds a target by more than is tolerated, upwards and downwards, from zero.

    values, target, sigma: as for `ewma`; a period that was not measured leaves the sums as they are.
    reference, limit: k and h, in standard deviations.
    Returns NotComputable "all_missing" or "infinite_values". Raises ValueError for an index that is no calendar, or a
        sigma that is not positive.
    Source: Page (1954); Montgomery, Statistical Quality Control, section 9.1 .

    >>> weeks = pd.date_range("2026-01-05", periods=3, freq="7D")
    >>> chart = cusum(pd.Series([10.0, 12, 13], index=weeks), target=10, sigma=1)
    >>> chart.above.tolist(), chart.below.tolist()
    ([0.0, 1.5, 4.0], [0.0, 0.0, 0.0])
    """
    periods = dated(values)
    if not sigma > 0:
        raise ValueError("sigma must be positive")
    observed = values.to_numpy(dtype=np.float64, na_value=np.nan)
    fault = finite_fault(observed[~np.isnan(observed)], 1)
    if fault is not None:
        return fault
    above, below = cumulative_sums((observed - target)[None, :], np.array([reference * sigma]))
    beyond = np.fmax(above[0], below[0]) > limit * sigma
    return CusumChart(periods, above[0], below[0], limit * sigma, _dates(periods, beyond))


def cumulative_sums(deviations: Floats, reference: Floats) -> tuple[Floats, Floats]:
    """Both CUSUMs of many series, shape of the deviations; NaN where those are."""
    above, below = np.full(deviations.shape, np.nan), np.full(deviations.shape, np.nan)
    high, low = np.zeros(len(deviations)), np.zeros(len(deviations))
    for place in range(deviations.shape[1]):
        now = deviations[:, place]
        known = ~np.isnan(now)
        high = np.where(known, np.maximum(0.0, high + now - reference), high)
        low = np.where(known, np.maximum(0.0, low - now - reference), low)
        above[known, place], below[known, place] = high[known], low[known]
    return above, below


def _dates(periods: pd.DatetimeIndex, chosen: Flags) -> tuple[dt.date, ...]:
    return tuple(period.date() for period, is_chosen in zip(periods, chosen, strict=True) if is_chosen)
