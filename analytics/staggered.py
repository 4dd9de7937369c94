"""Sites that adopt one after another: the effect so far, also once nobody is left untreated.

What a treated site would have measured is taken from site and period effects of untreated cells. How large an effect
chance alone gives is learnt from the same data by dealing the adoption dates out to the adopters in other orders.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from analytics.adoption import Adoption, order_fault, orders_of
from analytics.event_time import MINIMUM_BASE_PERIODS, EventWeights
from analytics.imputation import Floats, Reordered, estimates_by_order
from analytics.results import NotComputable
from analytics.results_effects import EventStudy, EventTime, RolloutEffect
from analytics.sizes import size

ORDERS = 2_000  # all orders of adoption up to so many, otherwise so many drawn; moves p by .005 at .05
BASE_PERIODS = 8  # periods before adoption that an event study starts from, where there are so many
REACH = 26  # half a year of weeks
TIE = 1e-9  # estimates this close, as a share of the largest, count as equal
_ROUNDING = 1e-9  # of a share of orders, below one order in any number of them

Comparison = Literal["not_yet", "never"]


def rollout_effect(
    values: pd.DataFrame,
    *,
    adoption_dates: Mapping[str, dt.date | None],
    drawn_by_lot: bool,
    rng: np.random.Generator,
    excluded: Collection[dt.date] = (),
    confidence: float = 0.95,
    n_orders: int = ORDERS,
) -> RolloutEffect | NotComputable:
    """Estimate the mean effect of a practice that sites adopted on different dates.

    values: shape (n_periods, n_sites), one column a site, the metric's own unit, indexed by period start, oldest
        first, each period once. NaN, or a period left out of the index, = not measured.
    adoption_dates: first treated day of each site, inclusive; None or absent = never treated. A date after the data
        is a site not treated yet. A site never seen untreated is left out and named.
    drawn_by_lot: whether the order of adoption was drawn; only then is the test exact, otherwise a placebo test.
    rng: draws orders of adoption where there are more than n_orders; unused otherwise.
    excluded: period starts to leave out at every site.
    The estimate is the mean over the treated site-periods that some untreated site was measured beside; the last
        such period is the horizon. p value and interval deal the adoption dates out to the adopters anew; the
        interval holds each constant effect that these orders do not contradict.
    Returns NotComputable "infinite_values", "constant", "no_adopter", "nothing_untreated", "one_wave" (use
        comparison sites), "too_few_orders", "no_limit" (the orders contradict no effect, however large) or "no_noise".
    Raises ValueError if the index is not of dates, is unsorted or repeats a period, or an adopter has no column.
    Source: Borusyak, Jaravel and Spiess (2024); Shaikh and Toulis (2021) for permuted dates; Rosenbaum (2002) for the
        interval, solved exactly instead of on a grid.

    >>> weeks = pd.date_range("2026-01-05", periods=12, freq="7D")
    >>> noise = np.random.default_rng(1).normal(size=(12, 5))
    >>> dates = dict(zip("ABCDE", weeks[[3, 5, 7, 9, 11]].date))
    >>> delay = pd.DataFrame({s: 20 + noise[:, n] - 9 * (weeks.date >= dates[s]) for n, s in enumerate(dates)}, weeks)
    >>> effect = rollout_effect(delay, adoption_dates=dates, drawn_by_lot=True, rng=np.random.default_rng(0))
    >>> effect.n_orders, effect.horizon, effect.lower < -9 < effect.upper < 0
    (120, datetime.date(2026, 3, 16), True)
    """
    rollout = Adoption.of(values, adoption_dates, excluded)
    fault = rollout.fault() or order_fault(rollout, 1 - confidence)
    if fault is not None:
        return fault
    orders, all_orders = orders_of(rollout, rng, n_orders)
    estimates = estimates_by_order(rollout.observed[None], rollout.dates, orders)
    tested = order_tests(estimates, confidence)
    if not np.isfinite([tested.lower[0], tested.upper[0]]).all():
        return NotComputable("no_limit", {"found": tested.n_orders})
    if tested.upper[0] - tested.lower[0] <= TIE * np.nanmax(np.abs(rollout.observed)):
        return NotComputable("no_noise")
    return _rollout_effect(rollout, tested, all_orders, drawn_by_lot, confidence)


def event_study(
    values: pd.DataFrame,
    *,
    adoption_dates: Mapping[str, dt.date | None],
    drawn_by_lot: bool,
    rng: np.random.Generator,
    excluded: Collection[dt.date] = (),
    base_periods: int = BASE_PERIODS,
    reach: int = REACH,
    comparison: Comparison = "not_yet",
    confidence: float = 0.95,
    n_orders: int = ORDERS // 4,
) -> EventStudy | NotComputable:
    """Follow the adopters period by period around adoption, beside sites not treated yet.

    values, adoption_dates, excluded, rng: as for `rollout_effect`.
    base_periods: each adopter and those beside it start from their mean over so many periods right before adoption;
        an adopter with fewer takes those it has, from MINIMUM_BASE_PERIODS (or base_periods, if smaller).
    reach: periods shown on either side of adoption, at most.
    comparison: "not_yet" = sites untreated both then and in the base; "never" = only sites never treated.
    Each point's interval comes from other orders of adoption, after the estimated effects are taken away: a picture
        of how far chance reaches at each point, not one test of all of them.
    Returns NotComputable as `rollout_effect`, or "too_few_base_periods".
    """
    rollout = Adoption.of(values, adoption_dates, excluded)
    fault = rollout.fault() or order_fault(rollout, 1 - confidence)
    if fault is not None:
        return fault
    weighting = EventWeights(reach, base_periods, rollout.never if comparison == "never" else None)
    weights, n_sites = weighting.of_order(rollout.measured, rollout.dates)
    if not n_sites[reach:].any():
        return NotComputable("too_few_base_periods", {"needed": min(base_periods, MINIMUM_BASE_PERIODS)})
    estimate = np.einsum("itk,it->k", weights, np.nan_to_num(rollout.observed))
    effects: Floats = np.asarray(pd.Series(np.where(n_sites, estimate, np.nan)[reach:]).ffill().fillna(0.0), np.float64)
    orders, _ = orders_of(rollout, rng, n_orders)
    without_effect: Floats = rollout.observed - rollout.by_event_time(effects, reach)
    chance = np.abs(estimates_by_order(without_effect[None], rollout.dates, orders, weighting).others[0])
    told = np.flatnonzero(n_sites * ((~np.isnan(chance)).sum(axis=0) > 1 / (1 - confidence)))
    half = np.nanquantile(chance[:, told], confidence, axis=0, method="higher")
    points = [
        EventTime(
            periods_after=int(place) - reach,
            estimate=float(estimate[place]),
            lower=float(estimate[place] - width),
            upper=float(estimate[place] + width),
            n_sites=int(n_sites[place]),
        )
        for place, width in zip(told, half, strict=True)
    ]
    return EventStudy(tuple(points), confidence, base_periods, rollout.names(rollout.adopters), drawn_by_lot)


@dataclass(frozen=True, slots=True, eq=False)
class OrderTests:
    """What other orders of adoption say of an estimate in many series. Shapes (n_series,)."""

    estimate: Floats
    lower: Floats
    upper: Floats
    p_value: Floats
    n_orders: int


def order_tests(estimates: Reordered, confidence: float = 0.95) -> OrderTests:
    """Test no effect, and every constant effect, against the other orders; infinite ends where none is contradicted.

    With an effect t taken away from the treated cells, the true order estimates E - t and another one A - t B. That
    other one is at least as large just where t lies between (E - A) / (1 - B) and (E + A) / (1 + B), which hold E
    between them: an end of the interval is the end that a share of orders as large as allowed lies beyond.
    """
    true, others, exposure = estimates.true[:, None], estimates.others, estimates.exposure
    slack = TIE * np.nanmax(np.abs(others), axis=1, initial=0.0)[:, None]
    with np.errstate(divide="ignore", invalid="ignore"):
        ends = np.stack([(true - others) / (1 - exposure), (true + others) / (1 + exposure)])
    always = (np.abs(exposure) >= 1 - TIE) | np.isnan(others)
    lows = np.where(always, -np.inf, ends.min(axis=0))
    highs = np.where(always, np.inf, ends.max(axis=0))
    n_orders = others.shape[1]
    allowed = math.floor((1 - confidence) * n_orders + _ROUNDING)
    return OrderTests(
        estimate=estimates.true,
        lower=np.sort(lows, axis=1)[:, allowed],
        upper=np.sort(highs, axis=1)[:, n_orders - 1 - allowed],
        p_value=((np.abs(others) >= np.abs(true) - slack) | np.isnan(others)).mean(axis=1),
        n_orders=n_orders,
    )


def _rollout_effect(
    rollout: Adoption, tested: OrderTests, all_orders: bool, drawn_by_lot: bool, confidence: float
) -> RolloutEffect:
    adopters = rollout.observed[rollout.adopters]
    before = np.where(rollout.treated[rollout.adopters], np.nan, adopters)
    level = float(np.nanmean(before, axis=1).mean())
    estimate, lower, upper = (float(cells[0]) for cells in (tested.estimate, tested.lower, tested.upper))
    free = (rollout.measured & ~rollout.treated).any(axis=0)
    return RolloutEffect(
        **size(estimate, lower, upper, level_before=level),
        confidence=confidence,
        p_value=float(tested.p_value[0]),
        smallest_p=1 / tested.n_orders,
        n_orders=tested.n_orders,
        all_orders=all_orders,
        drawn_by_lot=drawn_by_lot,
        adopters=rollout.names(rollout.adopters),
        comparison_sites=rollout.names(rollout.never),
        left_out_sites=rollout.left_out,
        n_waves=len(set(rollout.dates[rollout.adopters].tolist())),
        n_treated=int(rollout.treated[:, free].sum()),
        n_beyond_horizon=int(rollout.treated[:, ~free].sum()),
        horizon=rollout.horizon(),
        n_missing=int((~rollout.measured).sum()),
    )
