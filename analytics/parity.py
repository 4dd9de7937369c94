"""How long does a new site take to work like the mature ones? Sites not there yet count for as long as they were seen."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.its import period_numbers
from analytics.panel import Panel
from analytics.results import Direction, NotComputable
from analytics.results_rollout import MatureBand, Parity, SiteParity
from analytics.waiting import kaplan_meier

Floats = npt.NDArray[np.float64]

PARITY_POINTS = 4  # a month of weeks: a site like the mature ones passes four points at 95 % four times in five
BAND_SHARE = 0.95  # of the mature sites' values
MINIMUM_MATURE_SITES = 2
MINIMUM_MATURE_VALUES = 12  # as for limits that are more than trial limits, see `spc`


def since_go_live(values: pd.DataFrame, go_live_dates: Mapping[str, dt.date | None]) -> dict[str, pd.Series]:
    """Lay each site's values out by whole periods since it went live; sites never live, or live before the data, left out.

    values: shape (n_periods, n_sites), indexed by period start, oldest first. NaN = not measured.
    go_live_dates: first day live, inclusive; a period counts from the first that begins then or later, as period 1.
    Returns site -> values by period since go-live, from the first period that was measured anywhere (0 and less = before).

    >>> weeks = pd.date_range("2026-01-05", periods=4, freq="7D")
    >>> laid = since_go_live(pd.DataFrame({"metz": [9.0, 9, 7, 6]}, index=weeks), {"metz": dt.date(2026, 1, 14)})
    >>> laid["metz"].to_dict()
    {-1: 9.0, 0: 9.0, 1: 7.0, 2: 6.0}
    """
    panel = Panel.of(values)
    places = period_numbers(panel.periods)
    found = {}
    for site, observed in zip(panel.sites, panel.observed, strict=True):
        start = _start(panel.periods, go_live_dates.get(site))
        if start is not None:
            found[site] = pd.Series(observed, index=places - places[start] + 1)
    return found


def mature_band(
    values: pd.DataFrame, mature_dates: Mapping[str, dt.date | None], *, direction: Direction = Direction.NEUTRAL
) -> MatureBand | NotComputable:
    """Find where the mature sites' values lie: the middle BAND_SHARE of them, each site counting the same.

    mature_dates: first day a site counts as mature, inclusive; None or left out = not mature. direction: with a good
        direction only the bad edge bounds, for better than the mature sites is at parity too.
    Returns NotComputable "few_mature_sites", "few_mature_values" or "infinite_values".
    """
    panel = Panel.of(values)
    own = [
        row[np.asarray(panel.periods >= pd.Timestamp(since)) & ~np.isnan(row)]
        for site, row in zip(panel.sites, panel.observed, strict=True)
        if (since := mature_dates.get(site)) is not None
    ]
    own = [row for row in own if row.size]
    if len(own) < MINIMUM_MATURE_SITES:
        return NotComputable("few_mature_sites", {"found": len(own), "needed": MINIMUM_MATURE_SITES})
    found = np.concatenate(own)
    if not np.isfinite(found).all():
        return NotComputable("infinite_values", {"found": int(np.isinf(found).sum())})
    if len(found) < MINIMUM_MATURE_VALUES:
        return NotComputable("few_mature_values", {"found": len(found), "needed": MINIMUM_MATURE_VALUES})
    weights = np.concatenate([np.full(row.size, 1 / row.size) for row in own])
    tail = (1 - BAND_SHARE) / 2 if direction is Direction.NEUTRAL else 1 - BAND_SHARE
    return MatureBand(
        lower=None if direction is Direction.DOWN else _quantile(found, weights, tail),
        upper=None if direction is Direction.UP else _quantile(found, weights, 1 - tail),
        middle=_quantile(found, weights, 0.5),
        share=BAND_SHARE,
        n_sites=len(own),
        n_values=len(found),
    )


def time_to_parity(
    values: pd.DataFrame,
    *,
    go_live_dates: Mapping[str, dt.date | None],
    mature_dates: Mapping[str, dt.date | None],
    direction: Direction = Direction.NEUTRAL,
    n_points: int = PARITY_POINTS,
) -> Parity | NotComputable:
    """Count the periods from each go-live until the site stays inside the mature sites' band for n_points points.

    values, go_live_dates, mature_dates, direction: as in `since_go_live` and `mature_band`. Points are measured values;
        a missing one neither counts nor breaks a stay.
    A site not there yet waits longer than the last period from which a whole stay could have been seen. What it did
        after that is left out on purpose: to count on only those that look far away would lengthen the curve.
    Returns what `mature_band` returns, NotComputable "no_new_sites", or "none_at_parity" (nobody is there yet).
    Raises ValueError for n_points below 1, or an index as `since_go_live` refuses it.
    """
    if n_points < 1:
        raise ValueError("a stay has at least one point")
    band = mature_band(values, mature_dates, direction=direction)
    if isinstance(band, NotComputable):
        return band
    laid = since_go_live(values, go_live_dates)
    sites = tuple(_site(site, own, band, n_points) for site, own in laid.items())
    n_live = sum(day is not None and site in values.columns for site, day in go_live_dates.items())
    if not sites:
        return NotComputable("no_new_sites", {"n": n_live})
    curve = kaplan_meier([site.periods for site in sites], [site.reached for site in sites])
    if isinstance(curve, NotComputable):
        return NotComputable("none_at_parity", {"n": len(sites), "points": n_points})
    return Parity(sites, band, curve, n_points, _unseen(values, go_live_dates))


def _site(site: str, own: pd.Series, band: MatureBand, n_points: int) -> SiteParity:
    after = own[(own.index >= 1) & own.notna()]
    places = [int(place) for place in after.index]
    followed = places[-1] if places else 0
    inside = 0
    for nth, value in enumerate(after):
        inside = inside + 1 if band.holds(float(value)) else 0
        if inside == n_points:
            return SiteParity(site, True, places[nth - n_points + 1], followed)
    could = len(places) - n_points  # the last point from which a whole stay could have been seen
    return SiteParity(site, False, places[could] if could >= 0 else 0, followed)


def _start(periods: pd.DatetimeIndex, live_on: dt.date | None) -> int | None:
    """The place of the first period since go-live; None where that lies outside what was measured."""
    if live_on is None or not len(periods):
        return None
    place = int(periods.searchsorted(pd.Timestamp(live_on)))
    before = place == 0 and periods[0] > pd.Timestamp(live_on)
    return None if before or place == len(periods) else place


def _unseen(values: pd.DataFrame, go_live_dates: Mapping[str, dt.date | None]) -> int:
    first = values.index[0]
    dates = (go_live_dates.get(str(site)) for site in values.columns)
    return sum(day is not None and pd.Timestamp(day) < first for day in dates)


def _quantile(values: Floats, weights: Floats, share: float) -> float:
    """A weighted quantile, straight between the middles of neighbours' weights; the usual one where weights are equal."""
    order = np.argsort(values)
    middles = np.cumsum(weights[order]) - weights[order] / 2
    middles = (middles - middles[0]) / (middles[-1] - middles[0])
    return float(np.interp(share, middles, values[order]))
