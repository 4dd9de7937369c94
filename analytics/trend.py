"""Is a metric rising or falling, by how much a period, and is it more than noise that lingers?"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from analytics.autoregression import integrated_effects
from analytics.measured import Measured, finite_fault, weekday_columns
from analytics.results import NotComputable
from analytics.results_trend import RankTrend, SenSlope, Trend

Floats = npt.NDArray[np.float64]

MINIMUM_SLOPE_POINTS = 2
# From here the rank statistic is near enough to normal (Gilbert, Statistical Methods, 1987, section 16.4).
MINIMUM_RANK_POINTS = 10
MINIMUM_TREND_POINTS = 14  # as before a change, see `its.MINIMUM_BEFORE`


def theil_sen(values: pd.Series, *, confidence: float = 0.95) -> SenSlope | NotComputable:
    """Find the slope that half of all pairs of points exceed: one wild point does not move it.

    values: shape (n_periods,), the metric's own unit, indexed by period start, oldest first, each period once.
        NaN = not measured; the distance of two points counts every whole period between them.
    Returns NotComputable "all_missing", "infinite_values" or "short_history" below MINIMUM_SLOPE_POINTS.
    Raises ValueError if the index is not of dates, is unsorted or repeats a period.
    Source: Sen (1968), Journal of the American Statistical Association 63, 1379; its interval is for independent
        points, so it is too narrow where neighbours resemble each other: `trend` has the one to believe.

    >>> theil_sen(pd.Series([1.0, 3, 5, 90, 9], index=pd.date_range("2026-01-05", periods=5, freq="7D"))).slope
    2.0
    """
    series = Measured.of(values)
    fault = finite_fault(series.observed, MINIMUM_SLOPE_POINTS)
    if fault is not None:
        return fault
    slopes = np.sort(_pair_slopes(series.observed, series.places.astype(np.float64)))
    slope = float(np.median(slopes))
    lower, upper = _sen_interval(series.observed, slopes, confidence)
    return SenSlope(
        slope=slope,
        lower=lower,
        upper=upper,
        confidence=confidence,
        intercept=float(np.median(series.observed - slope * series.places)),
        n=len(series.observed),
    )


def mann_kendall(values: pd.Series) -> RankTrend | NotComputable:
    """Test by ranks alone whether later points tend to be higher, or lower, than earlier ones.

    values: as for `theil_sen`; missing periods are left out, only the order counts.
    The variance allows for ties, z is corrected for continuity, p is two-sided. For independent points: where
        neighbours resemble each other it cries wolf, and its usual mendings (Hamed-Rao, pre-whitening) do too,
        9 to 20 % at a nominal 5 %. `trend` has the p value to believe.
    Returns NotComputable "all_missing", "infinite_values", "short_history" below MINIMUM_RANK_POINTS or "constant".
    Raises ValueError if the index is not of dates, is unsorted or repeats a period.
    Source: Mann (1945); Kendall, Rank Correlation Methods (1975).

    >>> rising = pd.Series(np.arange(12.0), index=pd.date_range("2026-01-05", periods=12, freq="7D"))
    >>> mann_kendall(rising).score, mann_kendall(rising).tau
    (66, 1.0)
    """
    series = Measured.of(values)
    fault = series.fault(MINIMUM_RANK_POINTS)
    if fault is not None:
        return fault
    n = len(series.observed)
    pairs = n * (n - 1) / 2
    score = int(np.sign(series.observed[None, :] - series.observed[:, None])[np.triu_indices(n, 1)].sum())
    tied_pairs = sum(size * (size - 1) / 2 for size in _ties(series.observed))
    variance = _score_variance(series.observed)
    z = (score - np.sign(score)) / np.sqrt(variance)
    return RankTrend(
        score=score,
        variance=variance,
        z=float(z),
        p_value=float(2 * special.ndtr(-abs(z))),
        tau=score / pairs,
        tau_b=float(score / np.sqrt(pairs * (pairs - tied_pairs))),
        n=n,
    )


def trend(values: pd.Series, *, confidence: float = 0.95) -> Trend | NotComputable:
    """Fit a straight trend beside the days of the week, and say how far noise that lingers could have made it.

    values: as for `theil_sen`; daily, weekly or by whole months.
    Days of the week are told apart in daily series of three weeks and more.
    Returns NotComputable "all_missing", "infinite_values", "short_history" below MINIMUM_TREND_POINTS, "constant" or
        "no_noise" (a perfect line).
    Raises ValueError if the index is not of dates, is unsorted or repeats a period.
    Source: restricted likelihood averaged over phi, see `autoregression`.

    >>> days = pd.date_range("2026-01-05", periods=24, freq="7D")
    >>> falling = trend(pd.Series(30 - np.arange(24) / 2 + np.tile([0.3, -0.3, -0.3, 0.3], 6), index=days))
    >>> round(falling.slope, 1), falling.is_clear
    (-0.5, True)
    """
    series = Measured.of(values)
    fault = series.fault(MINIMUM_TREND_POINTS)
    if fault is not None:
        return fault
    design, terms = line_and_weekdays(series)
    effects = integrated_effects(
        series.observed[None, :], design, column=1, places=series.places, confidence=confidence
    )
    if np.isnan(effects.phi[0]):
        return NotComputable("no_noise")
    return Trend(
        slope=float(np.median(_pair_slopes(series.observed, series.places.astype(np.float64)))),
        fitted_slope=float(effects.estimate[0]),
        lower=float(effects.lower[0]),
        upper=float(effects.upper[0]),
        confidence=confidence,
        p_value=float(effects.p_value[0]),
        phi=float(effects.phi[0]),
        start=series.date(0),
        end=series.date(-1),
        n=len(series.observed),
        n_missing=series.n_missing,
        terms=terms,
    )


def line_and_weekdays(series: Measured) -> tuple[Floats, tuple[str, ...]]:
    """Give the terms of a straight line, [1, centred periods, weekdays], and their names."""
    line = series.places - series.places.mean()
    columns = [np.ones((len(line), 1)), line[:, None]]
    if not series.has_weekdays:
        return np.hstack(columns), ("trend",)
    return np.hstack([*columns, weekday_columns(series.weekdays, np.unique(series.weekdays))]), ("trend", "weekday")


def _pair_slopes(values: Floats, places: Floats) -> Floats:
    earlier, later = np.triu_indices(len(values), 1)
    slopes: Floats = (values[later] - values[earlier]) / (places[later] - places[earlier])
    return slopes


def _sen_interval(values: Floats, slopes: Floats, confidence: float) -> tuple[float | None, float | None]:
    """Count in from both ends of the sorted slopes by the normal quantile of the rank score."""
    if len(values) < MINIMUM_RANK_POINTS:
        return None, None
    reach = float(special.ndtri((1 + confidence) / 2)) * np.sqrt(_score_variance(values))
    first = max(round((len(slopes) - reach) / 2) - 1, 0)
    last = min(round((len(slopes) + reach) / 2), len(slopes) - 1)
    return float(slopes[first]), float(slopes[last])


def _score_variance(values: Floats) -> float:
    n = len(values)
    tied = sum(size * (size - 1) * (2 * size + 5) for size in _ties(values))
    return float(n * (n - 1) * (2 * n + 5) - tied) / 18


def _ties(values: Floats) -> list[int]:
    return [int(size) for size in np.unique(values, return_counts=True)[1] if size > 1]
