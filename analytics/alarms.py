"""Has a daily series drifted, days of the week and noise that lingers set aside?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.drift_charts import CUSUM_REFERENCE, cumulative_sums, cusum, ewma
from analytics.its import WEEKDAY_WEEKS, period_numbers
from analytics.measured import constant_fault, dated, finite_fault, is_daily
from analytics.results import NotComputable, Side
from analytics.results_trend import Alarm, AlarmKind, DriftAlarms

__all__ = ["alarm_table", "cusum", "drift_alarms", "ewma"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

WATCHED_PERIODS = 30  # the window for which the rates of false alarms below hold
MINIMUM_BASELINE = 60  # points; below, false alarms rise above 3 % (simulated for this method)
RESIDUAL_LIMIT = 4.0  # standard deviations: a single wild point (same simulation)
CUSUM_LIMIT = 10.0  # false alarms of at most 3 % in WATCHED_PERIODS (same simulation)
WATCHED_SHIFT = 1.5  # standard deviations of the series; the shift that the CUSUM is tuned to
# A smaller reference value raises false alarms; the limit rises by this power of the ratio (same simulation).
LIMIT_POWER = 0.2
STRONGEST_PHI = 0.95  # an estimate above would leave nothing of a shift to see


@dataclass(frozen=True, slots=True, eq=False)
class AlarmTable:
    """Many series watched. Shapes: (n_series,) and, for the watched periods, (n_series, n_watched).

    phi is NaN where the baseline is too short, constant or holds values that are not finite.
    """

    expected: Floats
    residuals: Floats
    above: Floats
    below: Floats
    phi: Floats
    limit: Floats
    n_baseline: Places

    @property
    def wild(self) -> Flags:
        """Which watched points lie beyond RESIDUAL_LIMIT."""
        found: Flags = np.asarray(np.abs(self.residuals) > RESIDUAL_LIMIT)
        return found

    @property
    def drifted(self) -> Flags:
        """At which watched points a CUSUM is beyond its limit."""
        found: Flags = np.asarray(np.greater(np.fmax(self.above, self.below), self.limit[:, None]))
        return found

    @property
    def raised(self) -> Flags:
        """Which series have an alarm, shape (n_series,)."""
        found: Flags = np.asarray((self.wild | self.drifted).any(axis=1))
        return found


def drift_alarms(values: pd.Series, *, watched: int = WATCHED_PERIODS) -> DriftAlarms | NotComputable:
    """Watch the last periods of a series for a drift that days of the week and lingering noise do not explain.

    values: shape (n_periods,), the metric's own unit, indexed by period start, oldest first, each period once, the
        last one being the newest watched. NaN, or a period left out of the index, = not measured.
    watched: how many of the last periods on the index are watched; those before are the baseline.
    Each point is compared with what the baseline and the point before it lead one to expect. A residual beyond
        RESIDUAL_LIMIT, or a CUSUM beyond its limit, is an alarm.
    Returns NotComputable "all_missing", "infinite_values", "short_history" (a baseline below MINIMUM_BASELINE),
        "constant" (the baseline), "no_noise" or "nothing_watched" (no value in the watched periods).
    Raises ValueError if the index is not of dates, is unsorted or repeats a period.
    Source: residual charts of Alwan and Roberts (1988), the CUSUM of Page (1954) tuned to WATCHED_SHIFT. In
        30 quiet days false alarms are at most 3 % for phi from 0 to 0.6.

    >>> days = pd.date_range("2026-01-05", periods=120, freq="D")
    >>> calm = np.random.default_rng(1).normal(50, 2, size=120)
    >>> [alarm.kind.value for alarm in drift_alarms(pd.Series(calm + 3 * (np.arange(120) >= 100), index=days)).alarms]
    ['drift']
    """
    periods = dated(values)
    observed = values.to_numpy(dtype=np.float64, na_value=np.nan)
    first = max(len(observed) - watched, 0)
    known = ~np.isnan(observed)
    fault = _watch_fault(observed[known], observed[:first][known[:first]], observed[first:][known[first:]])
    if fault is not None:
        return fault
    weekdays = periods.day_of_week.to_numpy(dtype=np.intp) if is_daily(periods) else None
    table = alarm_table(observed[None, :], watched=watched, places=period_numbers(periods), weekdays=weekdays)
    if np.isnan(table.phi[0]):
        return NotComputable("no_noise")
    baseline = periods[:first][known[:first]]
    return DriftAlarms(
        alarms=_alarms(table, periods[first:]),
        periods=periods[first:],
        expected=table.expected[0],
        residuals=table.residuals[0],
        above=table.above[0],
        below=table.below[0],
        limit=float(table.limit[0]),
        phi=float(table.phi[0]),
        baseline_start=baseline[0].date(),
        baseline_end=baseline[-1].date(),
        n_baseline=int(table.n_baseline[0]),
        weekday=weekdays is not None,
    )


def alarm_table(
    values: Floats,
    *,
    watched: int = WATCHED_PERIODS,
    places: Places | None = None,
    weekdays: Places | None = None,
) -> AlarmTable:
    """Watch many series on one calendar.

    values: shape (n_series, n_periods), oldest first, NaN = not measured. places: whole periods from the first, None =
        one after another. weekdays: the day of the week of each period, None = not a daily calendar.
    """
    n_periods = values.shape[1]
    first = max(n_periods - watched, 0)
    places = np.arange(n_periods) if places is None else places
    finite = np.where(np.isinf(values), np.nan, values)
    measured = ~np.isnan(finite)
    n_baseline = measured[:, :first].sum(axis=1)
    expected, n_terms = _expected(finite, measured, first, weekdays)
    deviations = finite - expected
    deviations[np.abs(deviations) <= n_periods * np.finfo(float).eps * np.abs(expected)] = 0.0
    gaps, earlier = _neighbours(measured, places)
    before = np.take_along_axis(deviations, earlier, axis=1)
    phi = lag_one(deviations[:, :first], before[:, :first], gaps[:, :first])
    resemblance = _resemblance(phi, gaps)
    shocks = (deviations - resemblance * np.where(gaps > 0, before, 0.0)) / np.sqrt(1 - resemblance**2)
    residuals, spread = _standardised(shocks, first, n_baseline, n_terms)
    unknown = (n_baseline < MINIMUM_BASELINE) | ~(spread > 0) | np.isinf(values).any(axis=1)
    residuals[unknown] = np.nan
    reference = _reference(phi)
    # A wild point is an alarm of its own; capped, it does not pass for a drift (Lucas and Crosier 1982).
    capped = np.clip(residuals[:, first:], -RESIDUAL_LIMIT, RESIDUAL_LIMIT)
    above, below = cumulative_sums(capped, reference)
    return AlarmTable(
        expected=expected[:, first:],
        residuals=residuals[:, first:],
        above=above,
        below=below,
        phi=np.where(unknown, np.nan, phi),
        limit=CUSUM_LIMIT * (CUSUM_REFERENCE / reference) ** LIMIT_POWER,
        n_baseline=n_baseline,
    )


def lag_one(deviations: Floats, before: Floats, gaps: Places) -> Floats:
    """Estimate the lag-one correlation of many series from neighbours one period apart, shape (n_series,).

    Corrected for the pull to zero of short series, and kept within 0.5 below and STRONGEST_PHI above zero.
    Source: Marriott and Pope (1954), the bias of -(1 + 3 phi) / n.
    """
    pair = (gaps == 1) & ~np.isnan(deviations)
    n_pairs = pair.sum(axis=1)
    n = (~np.isnan(deviations)).sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        together = np.where(pair, deviations * before, 0.0).sum(axis=1) / n_pairs
        raw = together / (np.nansum(deviations**2, axis=1) / n)
        corrected: Floats = np.clip(raw + (1 + 3 * raw) / n, -0.5, STRONGEST_PHI)
    return np.nan_to_num(corrected)


def _watch_fault(known: Floats, baseline: Floats, watched: Floats) -> NotComputable | None:
    fault = finite_fault(known, 1)
    if fault is not None:
        return fault
    if len(baseline) < MINIMUM_BASELINE:
        return NotComputable("short_history", {"found": len(baseline), "needed": MINIMUM_BASELINE})
    if not len(watched):
        return NotComputable("nothing_watched")
    return constant_fault(baseline)


def _expected(finite: Floats, measured: Flags, first: int, weekdays: Places | None) -> tuple[Floats, int]:
    """The baseline's mean, by weekday where there is one; shape of the values, and how many means were taken."""
    n_series, n_periods = finite.shape
    group = np.zeros(n_periods, dtype=np.intp)
    if weekdays is not None and first >= 7 * WEEKDAY_WEEKS:
        group = np.unique(weekdays, return_inverse=True)[1].ravel()
    n_groups = int(group.max(initial=0)) + 1
    belongs = (group[:first, None] == np.arange(n_groups)).astype(np.float64)
    totals, counts = np.nan_to_num(finite[:, :first]) @ belongs, measured[:, :first] @ belongs
    with np.errstate(invalid="ignore", divide="ignore"):
        overall = totals.sum(axis=1, keepdims=True) / counts.sum(axis=1, keepdims=True)
        means = np.where(counts > 0, totals / counts, overall)
    expected: Floats = means[:, group] if n_series else np.empty_like(finite)
    return expected, n_groups


def _neighbours(measured: Flags, places: Places) -> tuple[Places, Places]:
    """For each period, how many periods ago one was last measured (0 = never), and which."""
    n_series, n_periods = measured.shape
    if measured.all() and n_periods:
        column = np.maximum(np.arange(n_periods) - 1, 0)
        shape = (n_series, n_periods)
        return np.broadcast_to(places - places[column], shape), np.broadcast_to(column, shape)
    last = np.where(measured, np.arange(n_periods), -1)
    earlier = np.full((n_series, n_periods), -1)
    earlier[:, 1:] = np.maximum.accumulate(last, axis=1)[:, :-1]
    gaps: Places = np.where(earlier >= 0, places - places[earlier], 0)
    return gaps, np.maximum(earlier, 0)


def _resemblance(phi: Floats, gaps: Places) -> Floats:
    """The correlation of each point with the one measured before it: phi to the power of the gap, 0 where there is none."""
    found: Floats = np.where(gaps > 0, phi[:, None], 0.0)
    apart = np.nonzero(gaps > 1)
    found[apart] = phi[apart[0]] ** gaps[apart]  # powers are dear, and most gaps are 1
    return found


def _standardised(shocks: Floats, first: int, n_baseline: Places, n_terms: int) -> tuple[Floats, Floats]:
    """Shocks over their spread in the baseline, widened for the means being estimates; and that spread."""
    with np.errstate(invalid="ignore", divide="ignore"):
        spread = np.sqrt(np.nansum(shocks[:, :first] ** 2, axis=1) / (n_baseline - n_terms - 1))
        widened = spread * np.sqrt(1 + n_terms / n_baseline)
        residuals: Floats = shocks / widened[:, None]
    return residuals, spread


def _reference(phi: Floats) -> Floats:
    """Half of what a shift of WATCHED_SHIFT leaves in each residual, at most CUSUM_REFERENCE."""
    half: Floats = WATCHED_SHIFT / 2 * np.sqrt((1 - phi) / (1 + phi))
    least: Floats = np.minimum(half, CUSUM_REFERENCE)
    return least


def alarm_places(table: AlarmTable, series: int) -> list[tuple[AlarmKind, Side, int, int]]:
    """List the alarms of one of the series: kind, side, the watched place where it is raised, and since which one."""
    found = []
    for place in np.flatnonzero(table.wild[series]):
        side = Side.ABOVE if table.residuals[series, place] > 0 else Side.BELOW
        found.append((AlarmKind.WILD_POINT, side, int(place), int(place)))
    for side, sums in ((Side.ABOVE, table.above[series]), (Side.BELOW, table.below[series])):
        beyond = np.flatnonzero(sums > table.limit[series])
        if len(beyond):
            quiet = np.flatnonzero(sums[: beyond[0]] == 0)
            since = _next_known(sums, int(quiet[-1]) + 1 if len(quiet) else 0)
            found.append((AlarmKind.DRIFT, side, int(beyond[0]), since))
    return found


def _alarms(table: AlarmTable, periods: pd.DatetimeIndex) -> tuple[Alarm, ...]:
    """The first drift on each side and every wild point, oldest first."""
    watched = np.flatnonzero(~np.isnan(table.residuals[0]))
    found = [
        Alarm(kind, side, periods[place].date(), periods[since].date(), kind is AlarmKind.DRIFT and since <= watched[0])
        for kind, side, place, since in alarm_places(table, 0)
    ]
    return tuple(sorted(found, key=lambda alarm: (alarm.date, alarm.kind)))


def _next_known(sums: Floats, place: int) -> int:
    return place + int(np.flatnonzero(~np.isnan(sums[place:]))[0])
