"""Where will a key result stand at its due date if the trend holds, and how often did such forecasts come true?"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from analytics.autoregression import PHI_GRID, Fits, Mixture, fits_at
from analytics.measured import Measured, weekday_columns
from analytics.results import NotComputable
from analytics.results_trend import Calibration, CalibrationRow, Forecast, Outlook

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

MINIMUM_POINTS = 14  # as before a change, see `its.MINIMUM_BEFORE`
BAND = 0.8  # covers 82 to 83 % for phi to 0.6, 76 % at 0.9, 60 % on a drifting random walk (simulated)
WANDERING_PHI = 0.8  # from here bands hold less than they say; random walks are estimated at 0.8 to 0.95 (simulated)
CHANCE_STEP = 0.05  # a chance is not known more finely
LEAST_CHANCE = 0.05  # nor ever to be nothing, or certain
ON_TRACK_CHANCE = 0.8  # from here on track
WATCH_CHANCE = 0.5  # from here to watch, below off track
MINIMUM_FORECASTS = 10  # below, the table holds nothing but luck
CALIBRATION_BINS = 5
CALIBRATION_CONFIDENCE = 0.95
MONTH_DAYS = 365.25 / 12
_EXACT = 1e-9  # of a chance; the place of a number on the edge of a step is not left to its last digit


def key_result_forecast(
    values: pd.Series,
    *,
    baseline_value: float,
    target_value: float,
    due_date: dt.date,
    mean_from: dt.date | None = None,
    confidence: float = BAND,
) -> Forecast | NotComputable:
    """Forecast a key result at its due date from a straight trend and noise that lingers, phi averaged over.

    values: shape (n_periods,), the metric's own unit, indexed by period start, oldest first, each period once;
        daily, weekly or by whole months. NaN, or a period left out of the index, = not measured.
    baseline_value, target_value: which way is forward; a value equal to the target has reached it.
    due_date: inclusive; the last period that begins by then is forecast. Where a day of the week is never measured,
        the last day before it that is.
    mean_from: first day, inclusive, for a key result on the mean over a time: what was measured since counts as it is.
    Returns NotComputable "all_missing", "infinite_values", "short_history" below MINIMUM_POINTS, "constant", "no_noise",
        "baseline_is_target", "due_reached" (nothing lies ahead) or "horizon_too_long" (longer than the history).
    Raises ValueError if the index is not of dates, is unsorted or repeats a period, or mean_from is after due_date.
    Source: predictive distribution of generalised least squares, phi averaged over as in `autoregression`.

    >>> weeks = pd.date_range("2026-01-05", periods=26, freq="7D")
    >>> late = pd.Series(20 - np.arange(26) / 5 + np.tile([0.4, -0.4], 13), index=weeks)
    >>> ahead = key_result_forecast(late, baseline_value=20, target_value=14, due_date=dt.date(2026, 7, 31))
    >>> round(ahead.estimate), ahead.n_ahead, ahead.outlook.value
    (14, 4, 'off_track')
    """
    if mean_from is not None and mean_from > due_date:
        raise ValueError("mean_from must not be after due_date")
    series = Measured.of(values)
    fault = series.fault(MINIMUM_POINTS)
    if fault is not None:
        return fault
    if not (math.isfinite(baseline_value) and math.isfinite(target_value)):
        return NotComputable("infinite_values", {"found": 1})
    if math.isclose(baseline_value, target_value, rel_tol=_EXACT):
        return NotComputable("baseline_is_target", {"value": target_value})
    ahead = _ahead(series, due_date)
    if not len(ahead.places):
        return NotComputable("due_reached", {"due": due_date, "data": series.date(-1)})
    n_ahead = int(ahead.places[-1] - series.places[-1])
    if n_ahead > series.span:
        return NotComputable("horizon_too_long", {"ahead": n_ahead, "history": series.span})
    known = np.empty(0)
    if mean_from is None:
        ahead = ahead.last()
    else:
        begin = pd.Timestamp(mean_from)
        known = series.observed[np.asarray(series.periods >= begin)]
        ahead = ahead.since(begin)
    fits = predictive_fits(series, ahead)
    if np.isnan(fits.log_likelihood).any():
        return NotComputable("no_noise")
    return _forecast(
        Mixture.of(fits), series, ahead, known,
        target_value=target_value, rising=target_value > baseline_value, due_date=due_date, mean_from=mean_from,
        n_ahead=n_ahead, confidence=confidence,
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class Ahead:
    """The periods to come. places: whole periods from the first measured one."""

    periods: pd.DatetimeIndex
    places: Places

    def last(self) -> Ahead:
        """Keep the last one."""
        return Ahead(self.periods[-1:], self.places[-1:])

    def since(self, begin: pd.Timestamp) -> Ahead:
        """Keep those that begin then or later."""
        kept = np.asarray(self.periods >= begin)
        return Ahead(self.periods[kept], self.places[kept])


def predictive_fits(series: Measured, ahead: Ahead, *, phi: Floats = PHI_GRID) -> Fits:
    """Fit at each phi with the mean of the periods ahead as one more term: its effect is how far they are from 0.

    A period to come that has a term of its own adds nothing to the fit, and the term's distribution is the
    predictive one, turned round: the value put in its place (0) less the forecast (Salkever 1976).
    The last value is taken off first and has to be added again.
    """
    n, m = len(series.observed), len(ahead.places)
    places = np.concatenate([series.places, ahead.places])
    columns = [np.ones((n + m, 1)), ((places - series.places.mean()) / series.span)[:, None]]
    if series.has_weekdays:
        days = np.concatenate([series.weekdays, ahead.periods.day_of_week.to_numpy(dtype=np.intp)])
        columns.append(weekday_columns(days, np.unique(series.weekdays)))
    own = np.zeros((n + m, m))
    own[n:, 0] = 1.0  # the mean, and what each one but the last is beyond it
    own[n + np.arange(m - 1), 1 + np.arange(m - 1)] = 1.0
    own[n + m - 1, 1:] = -1.0
    design = np.hstack([*columns, own])
    observed = np.concatenate([series.observed - series.observed[-1], np.zeros(m)])
    return fits_at(observed[None], design, column=design.shape[1] - m, gaps=np.diff(places), phi=phi)


def calibration(stated: Sequence[float], happened: Sequence[bool]) -> Calibration | NotComputable:
    """Compare the chances that were stated with what happened.

    stated: chances from 0 to 1, one a forecast; happened: whether each came true. Only forecasts whose due date is past.
    Returns NotComputable "short_record" below MINIMUM_FORECASTS. Raises ValueError for lists of differing length or
        a chance outside 0 to 1.
    Source: Brier (1950); Spiegelhalter (1986), Statistics in Medicine 5, 421; intervals of Clopper and Pearson (1934).

    >>> said = calibration([0.8] * 5 + [0.2] * 5, [True] * 4 + [False] * 6)
    >>> round(said.brier, 2), [row.agrees for row in said.rows]
    (0.1, [True, True])
    """
    chances, outcomes = np.asarray(stated, dtype=np.float64), np.asarray(happened, dtype=np.float64)
    if chances.shape != outcomes.shape or chances.ndim != 1:
        raise ValueError("each stated chance needs its outcome")
    if not ((chances >= 0) & (chances <= 1)).all():
        raise ValueError("a chance lies from 0 to 1")
    if len(chances) < MINIMUM_FORECASTS:
        return NotComputable("short_record", {"found": len(chances), "needed": MINIMUM_FORECASTS})
    share = float(outcomes.mean())
    spread = float(np.sqrt(((1 - 2 * chances) ** 2 * chances * (1 - chances)).sum()))
    excess = float(((outcomes - chances) * (1 - 2 * chances)).sum())
    z = excess / spread if spread > 0 else (0.0 if excess == 0 else math.copysign(math.inf, excess))
    bins = np.minimum((chances * CALIBRATION_BINS + _EXACT).astype(np.intp), CALIBRATION_BINS - 1)
    return Calibration(
        brier=float(((chances - outcomes) ** 2).mean()),
        base_brier=share * (1 - share),
        z=z,
        p_value=float(2 * special.ndtr(-abs(z))),
        stated=float(chances.mean()),
        happened=share,
        n=len(chances),
        rows=tuple(_row(int(place), chances[bins == place], outcomes[bins == place]) for place in np.unique(bins)),
    )


def _ahead(series: Measured, due_date: dt.date) -> Ahead:
    """The periods after the last measured one that begin by the due date, on the days of the week ever measured."""
    due = pd.Timestamp(due_date)
    measured = series.periods
    step_days = np.diff(measured.to_numpy().astype("datetime64[D]").astype(np.intp))
    step_places = np.diff(series.places)
    length = round(float((step_days / step_places).min()))
    by_month = bool((step_days != length * step_places).any())
    if by_month:
        months = round(float((step_days / step_places).mean()) / MONTH_DAYS)
        coming = pd.date_range(measured[-1], max(due, measured[-1]), freq=pd.DateOffset(months=months))[1:]
    else:
        coming = pd.date_range(measured[-1], max(due, measured[-1]), freq=pd.Timedelta(days=length))[1:]
    places = series.places[-1] + 1 + np.arange(len(coming))
    if series.has_weekdays:
        kept = np.isin(coming.day_of_week.to_numpy(), np.unique(series.weekdays))
        coming, places = coming[kept], places[kept]
    return Ahead(pd.DatetimeIndex(coming), places)


def _forecast(
    mixture: Mixture,
    series: Measured,
    ahead: Ahead,
    known: Floats,
    *,
    target_value: float,
    rising: bool,
    due_date: dt.date,
    mean_from: dt.date | None,
    n_ahead: int,
    confidence: float,
) -> Forecast:
    """Turn the distribution round into the metric's unit, what is known already mixed in by its share."""
    share = len(ahead.places) / (len(ahead.places) + len(known))
    offset = float(series.observed[-1]) * share + (float(known.mean()) * (1 - share) if len(known) else 0.0)
    tail = (1 - confidence) / 2
    exceeds = float(mixture.share_below(np.array([(offset - target_value) / share]))[0])
    chance = _rounded(exceeds if rising else 1 - exceeds)
    phi = float(mixture.mean_phi()[0])
    return Forecast(
        estimate=offset - share * float(mixture.mean()[0]),
        lower=offset - share * float(mixture.quantile(1 - tail)[0]),
        upper=offset - share * float(mixture.quantile(tail)[0]),
        confidence=confidence,
        chance=chance,
        outlook=_outlook(chance),
        target_value=target_value,
        due_date=due_date,
        period=ahead.periods[-1].date(),
        mean_from=mean_from,
        phi=phi,
        wanders=phi >= WANDERING_PHI,
        n=len(series.observed),
        n_ahead=n_ahead,
    )


def _rounded(chance: float) -> float:
    steps = round(1 / CHANCE_STEP)
    return float(min(max(math.floor(chance * steps + 0.5) / steps, LEAST_CHANCE), 1 - LEAST_CHANCE))


def _outlook(chance: float) -> Outlook:
    if chance >= ON_TRACK_CHANCE - _EXACT:
        return Outlook.ON_TRACK
    return Outlook.WATCH if chance >= WATCH_CHANCE - _EXACT else Outlook.OFF_TRACK


def _row(place: int, chances: Floats, outcomes: Floats) -> CalibrationRow:
    n, came_true = len(chances), int(outcomes.sum())
    tail = (1 - CALIBRATION_CONFIDENCE) / 2
    return CalibrationRow(
        lowest=place / CALIBRATION_BINS,
        highest=(place + 1) / CALIBRATION_BINS,
        n=n,
        stated=float(chances.mean()),
        happened=came_true / n,
        lower=float(special.betaincinv(came_true, n - came_true + 1, tail)) if came_true else 0.0,
        upper=float(special.betaincinv(came_true + 1, n - came_true, 1 - tail)) if came_true < n else 1.0,
    )
