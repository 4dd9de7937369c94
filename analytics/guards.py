"""Reasons to doubt an effect that its own numbers do not show: each is a warning beside it, or forbids it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.did import MINIMUM_COMPARISON_SITES, compare_sites
from analytics.its import MINIMUM_AFTER, MINIMUM_BEFORE, single_site_effect
from analytics.panel import Panel
from analytics.results import NotComputable, SiteEffect
from analytics.results_effects import Guard, GuardLevel

Floats = npt.NDArray[np.float64]

TRIGGER_PERIODS = 4  # right before the start: what people look at when they choose a date or a site
EXTREME = 2.0  # spreads from the usual level; a start chosen beyond them alarms 7-12 % with a trend (simulated)
SPREAD_OF_MAD = 1.4826  # of a normal distribution (Hampel 1974)
COMFORTABLE_BEFORE = 26  # points; with fewer, false alarms of one site's effect reach 7 % (simulated)
UNEVEN = 3.0  # times the usual spread of the other sites: such a site decides the comparison alone
TREND_ALPHA = 0.05


def extreme_before_start(values: pd.Series, *, intervention_date: dt.date) -> Guard | None:
    """Warn that a start may have been chosen because of an extreme point, which would fall back by itself.

    values: as for `single_site_effect`. Looks at the last TRIGGER_PERIODS measured before the date; usual is the
        median of the points before those, extreme is beyond EXTREME robust spreads from it.
    The guard's "dates" are the extreme periods, oldest first, for `effect_without_trigger`. None = nothing extreme,
        or too few points to tell.
    Source: regression to the mean, Galton (1886); Morton and Torgerson (2003) for choosing on it.
    """
    before = values[values.index < pd.Timestamp(intervention_date)].dropna()
    earlier, last = before.iloc[:-TRIGGER_PERIODS], before.iloc[-TRIGGER_PERIODS:]
    if len(earlier) < MINIMUM_BEFORE - TRIGGER_PERIODS:
        return None
    usual = float(earlier.median())
    spread = SPREAD_OF_MAD * float((earlier - usual).abs().median())
    extreme = last[(last - usual).abs() > EXTREME * spread] if spread > 0 else last.iloc[:0]
    if extreme.empty:
        return None
    dates = tuple(stamp.date() for stamp in pd.DatetimeIndex(extreme.index))
    furthest = float(extreme.iloc[int((extreme - usual).abs().to_numpy().argmax())])
    args = {"dates": dates, "n": len(dates), "value": furthest, "usual": usual}
    return Guard("extreme_before_start", GuardLevel.WARNING, args)


def effect_without_trigger(
    values: pd.Series,
    *,
    intervention_date: dt.date,
    trigger_dates: Collection[dt.date],
    excluded: Collection[dt.date] = (),
    **options: Any,
) -> SiteEffect | NotComputable:
    """Estimate an effect whose start was chosen on extreme points: without them, and with the wider of both intervals.

    trigger_dates: period starts that led to the choice; excluded and options: as for `single_site_effect`.
    The estimate is the one without the trigger; the interval holds both intervals, the p value is the larger.
    False alarms 1.6 to 3.1 % at a nominal 5 % for a last point beyond 2 spreads and phi up to 0.6 (4 to 12 % with it).
    """
    both = [
        single_site_effect(values, intervention_date=intervention_date, excluded=left_out, **options)
        for left_out in ((*excluded, *trigger_dates), excluded)
    ]
    without, naive = both
    if isinstance(without, NotComputable) or isinstance(naive, NotComputable):
        return without
    lower, upper = min(without.lower, naive.lower), max(without.upper, naive.upper)
    level = without.level_before if without.relative is not None else None
    return replace(
        without,
        lower=lower,
        upper=upper,
        relative_lower=None if level is None else lower / level,
        relative_upper=None if level is None else upper / level,
        p_value=max(without.p_value, naive.p_value),
    )


def sites_chosen_extreme(
    values: pd.DataFrame, *, treated_sites: Collection[str], intervention_date: dt.date
) -> tuple[Guard, ...]:
    """Warn of treated sites that stood far from their own usual level right before the start, compared with the others.

    values: as for `comparison_effect`. Each site's mean over the last TRIGGER_PERIODS before the date, less its mean
        before those; extreme is beyond EXTREME robust spreads from the median of the comparison sites.
    """
    before = values[values.index < pd.Timestamp(intervention_date)]
    departure = before.iloc[-TRIGGER_PERIODS:].mean() - before.iloc[:-TRIGGER_PERIODS].mean()
    treated = departure.index.isin(list(treated_sites))
    others = departure[~treated].dropna()
    if len(others) < MINIMUM_COMPARISON_SITES:
        return ()
    spread = SPREAD_OF_MAD * float((others - others.median()).abs().median())
    apart = (departure[treated] - others.median()).dropna()
    return tuple(
        Guard("site_extreme_before_start", GuardLevel.WARNING, {"site": str(site), "departure": float(size)})
        for site, size in apart.items()
        if abs(size) > EXTREME * spread > 0
    )


def overlapping_changes(
    periods: pd.DatetimeIndex, *, intervention_date: dt.date, other_changes: Mapping[str, dt.date]
) -> tuple[Guard, ...]:
    """Tell which other changes at the same site fall into the window of an effect, oldest first.

    periods: starts of the measured periods, oldest first; other_changes: first day of each, by name.
    Fewer than MINIMUM_AFTER measured periods between the two starts: the effects cannot be told apart, a refusal;
    more: a warning. Changes before the first period or after the last are none of this effect's business.
    """
    start = periods.searchsorted(pd.Timestamp(intervention_date))
    guards = []
    for name, date in sorted(other_changes.items(), key=lambda change: (change[1], change[0])):
        place = periods.searchsorted(pd.Timestamp(date))
        if place == 0 or place == len(periods):
            continue
        between = abs(int(place) - int(start))
        close = between < MINIMUM_AFTER
        args = {"change": name, "date": date, "n": between, "needed": MINIMUM_AFTER}
        code, level = ("overlap_inseparable", GuardLevel.REFUSAL) if close else ("overlap", GuardLevel.WARNING)
        guards.append(Guard(code, level, args))
    return tuple(guards)


def definition_changes(
    periods: pd.DatetimeIndex,
    *,
    changed: Collection[dt.date],
    restated: Collection[dt.date] = (),
    mixed: Collection[dt.date] = (),
) -> tuple[Guard, ...]:
    """Tell which changes of a metric's definition touch the window of an effect, oldest first.

    periods: starts of the measured periods, oldest first; changed: the first day of each new definition;
    restated: those of them after which earlier values were computed anew; mixed: those before and after which values
    of the window were loaded. Unlike values are a refusal, whether the day lies in the window or not; a day in it with
    restated values is a warning.
    """
    guards = []
    for date in sorted(set(changed)) if len(periods) else ():
        within = periods[0] < pd.Timestamp(date) <= periods[-1]
        if within and date not in restated:
            guards.append(Guard("definition_changed", GuardLevel.REFUSAL, {"date": date}))
        elif date in mixed:
            guards.append(Guard("definition_mixed", GuardLevel.REFUSAL, {"date": date}))
        elif within:
            guards.append(Guard("definition_restated", GuardLevel.WARNING, {"date": date}))
    return tuple(guards)


def few_points(n_before: int, n_after: int) -> tuple[Guard, ...]:
    """Refuse an effect with too few points on either side, and warn of few ones before.

    >>> [guard.code for guard in few_points(20, 5)]
    ['too_few_after', 'few_before']
    """
    guards = []
    for found, needed, side in ((n_before, MINIMUM_BEFORE, "before"), (n_after, MINIMUM_AFTER, "after")):
        if found < needed:
            guards.append(Guard(f"too_few_{side}", GuardLevel.REFUSAL, {"found": found, "needed": needed}))
    if MINIMUM_BEFORE <= n_before < COMFORTABLE_BEFORE:
        args = {"found": n_before, "needed": COMFORTABLE_BEFORE}
        guards.append(Guard("few_before", GuardLevel.WARNING, args))
    return tuple(guards)


def uneven_sites(values: pd.DataFrame, *, intervention_date: dt.date) -> tuple[Guard, ...]:
    """Warn of sites that vary at least UNEVEN times as much as the usual site before the date.

    values: as for `comparison_effect`. One spread is supposed for all sites; among few, such a site decides alone.
    """
    spread = values[values.index < pd.Timestamp(intervention_date)].std()
    usual = float(spread.median())
    return tuple(
        Guard("uneven_site", GuardLevel.WARNING, {"site": str(site), "times": float(size) / usual})
        for site, size in spread.items()
        if usual > 0 and float(size) >= UNEVEN * usual
    )


def different_trends_before(
    values: pd.DataFrame, *, treated_sites: Collection[str], intervention_date: dt.date, rng: np.random.Generator
) -> Guard | None:
    """Warn that treated and comparison sites were already parting before the date.

    values: as for `comparison_effect`. Each site's straight line before the date; their slopes are compared as its
        changes are. Saying nothing proves nothing: with few sites such a test seldom sees a difference.
    Source: Roth (2022) on what a test of trends before can and cannot do.
    """
    before = values[values.index < pd.Timestamp(intervention_date)]
    panel = Panel.of(before)
    slopes = _slopes(panel.observed)
    known = ~np.isnan(slopes)
    treated = np.isin(panel.sites, list(treated_sites))[known]
    if not treated.any() or (~treated).sum() < MINIMUM_COMPARISON_SITES:
        return None
    compared = compare_sites(slopes[None, known], treated, rng=rng)
    if not compared.t_p_value[0] < TREND_ALPHA:
        return None
    args = {"slope": float(compared.estimate[0]), "p_value": float(compared.t_p_value[0])}
    return Guard("different_trends_before", GuardLevel.WARNING, args)


def refusal_of(guards: Sequence[Guard]) -> Guard | None:
    """Pick the first guard that forbids the effect."""
    return next((guard for guard in guards if guard.level is GuardLevel.REFUSAL), None)


def _slopes(observed: Floats) -> Floats:
    """Each site's least-squares slope a period; NaN below two points."""
    measured = ~np.isnan(observed)
    times = np.where(measured, np.arange(observed.shape[1], dtype=np.float64), np.nan)
    counts = np.where(measured.sum(axis=1) > 1, measured.sum(axis=1), np.nan)[:, None]
    from_mean = times - np.nansum(times, axis=1, keepdims=True) / counts
    slopes: Floats = np.nansum(from_mean * np.nan_to_num(observed), axis=1) / np.where(
        np.isnan(counts[:, 0]), np.nan, np.nansum(from_mean**2, axis=1)
    )
    return slopes
