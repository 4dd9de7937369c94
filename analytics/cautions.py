"""Would a chart's limits mislead here? Neighbours that resemble each other, days of the week, a season."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from analytics.autoregression import Mixture, fits_at
from analytics.measured import Measured, weekday_columns
from analytics.results import NotComputable
from analytics.results_trend import Caution, CautionKind

Floats = npt.NDArray[np.float64]

MINIMUM_POINTS = 20  # below, an estimate of the correlation says little: its standard error is above 0.2
RESEMBLING_PHI = 0.3  # from here three of four quiet windows of thirty days break an XmR rule (simulated)
SURE_SHARE = 0.01  # p value below which days or months differ; few false warnings over many charts
SEASON_YEARS = 2  # whole years before a season can be told from a drift
HARMONICS = 2  # waves of a year and of half a year
YEAR_DAYS = 365.25


def cautions(values: pd.Series) -> tuple[Caution, ...] | NotComputable:
    """Find what would make the limits of a chart of this series mislead; an empty tuple = nothing found.

    values: shape (n_periods,), the metric's own unit, indexed by period start, oldest first, each period once.
        NaN = not measured.
    Neighbours: lag-one correlation above RESEMBLING_PHI, days of the week removed. A step or a trend counts as well:
        both make neighbours resemble each other. Days of the week: in daily series of three weeks and more. Season:
        yearly waves, beside a straight trend, in series of SEASON_YEARS and more.
    Returns NotComputable "all_missing", "infinite_values", "short_history" below MINIMUM_POINTS, "constant" or "no_noise".
    Raises ValueError if the index is not of dates, is unsorted or repeats a period.
    Source: F tests on the terms, whitened at the estimated correlation.

    >>> days = pd.date_range("2026-01-05", periods=56, freq="D")
    >>> busy = pd.Series(np.where(days.day_of_week < 5, 40.0, 12.0) + np.tile([0.5, -1, 1, -0.5], 14), index=days)
    >>> [caution.kind.value for caution in cautions(busy)]
    ['weekdays_differ']
    """
    series = Measured.of(values)
    fault = series.fault(MINIMUM_POINTS)
    if fault is not None:
        return fault
    level, weekdays, season = _terms(series)
    if np.isnan(fits_at(series.observed[None], np.hstack([level, weekdays]), column=0).log_likelihood).any():
        return NotComputable("no_noise")
    found = []
    phi = _phi(series, np.hstack([level, weekdays]))
    if phi > RESEMBLING_PHI:
        found.append(Caution(CautionKind.RESEMBLING_NEIGHBOURS, phi=phi))
    line = (series.places - series.places.mean())[:, None] / len(series.places)
    for kind, beside, terms in (
        (CautionKind.WEEKDAYS_DIFFER, level, weekdays),
        (CautionKind.SEASON, np.hstack([level, line, weekdays]), season),
    ):
        p_value = _p_value(series, beside, terms) if terms.shape[1] else 1.0
        if p_value < SURE_SHARE:
            found.append(Caution(kind, p_value=p_value))
    return tuple(found)


def _terms(series: Measured) -> tuple[Floats, Floats, Floats]:
    """The level, the days of the week and the waves of a year; no column where there is too little history."""
    n = len(series.observed)
    weekdays, season = np.empty((n, 0)), np.empty((n, 0))
    if series.has_weekdays:
        weekdays = weekday_columns(series.weekdays, np.unique(series.weekdays))
    years = (series.periods - series.periods[0]).days.to_numpy() / YEAR_DAYS
    if years[-1] >= SEASON_YEARS - _step_years(years) - 1e-9 and n > 2 * (2 * HARMONICS + 2):
        angle = 2 * np.pi * np.outer(years, np.arange(1, HARMONICS + 1))
        season = np.hstack([np.cos(angle), np.sin(angle)])
    return np.ones((n, 1)), weekdays, season


def _step_years(years: Floats) -> float:
    return float(np.median(np.diff(years)))


def _phi(series: Measured, design: Floats) -> float:
    fits = fits_at(series.observed[None], design, column=0, gaps=np.diff(series.places))
    return float(Mixture.of(fits).mean_phi()[0])


def _p_value(series: Measured, beside: Floats, terms: Floats) -> float:
    """Test the terms beside the others, whitened at the correlation that is left with them."""
    whole = np.hstack([beside, terms])
    degrees = len(whole) - whole.shape[1]
    if np.linalg.matrix_rank(whole) < whole.shape[1] or degrees < 1:
        return 1.0
    fits = fits_at(series.observed[None], whole, column=0, gaps=np.diff(series.places))
    if np.isnan(fits.log_likelihood).any():
        return 0.0
    phi = np.array([Mixture.of(fits).mean_phi()[0]])
    with_terms, without = (
        fits_at(series.observed[None], design, column=0, gaps=np.diff(series.places), phi=phi).residual_sum[0, 0]
        for design in (whole, beside)
    )
    ratio = (without - with_terms) / terms.shape[1] / (with_terms / degrees)
    return float(special.fdtrc(terms.shape[1], degrees, max(ratio, 0.0)))
