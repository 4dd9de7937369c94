"""How small an effect a rollout in waves could show, by the very test that will judge it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.adoption import Adoption, order_fault, orders_of
from analytics.early import periods_ahead
from analytics.imputation import estimates_by_order
from analytics.its import RANDOM_WALK_PHI
from analytics.measured import dated
from analytics.planned import Noise, known_plans, site_plans
from analytics.power import ALPHA, detectable
from analytics.power_algebra import POWER
from analytics.results import NotComputable
from analytics.results_sequential import DetectableEffect
from analytics.staggered import order_tests

Floats = npt.NDArray[np.float64]

PANELS = 500  # of noise; both ends of each interval count, so that the power told is off by 1.5 points or so
ORDERS = 400


def minimum_detectable_rollout(
    values: pd.DataFrame,
    *,
    adoption_dates: Mapping[str, dt.date | None],
    end: dt.date,
    rng: np.random.Generator,
    alpha: float = ALPHA,
    n_panels: int = PANELS,
) -> DetectableEffect | NotComputable:
    """Tell the smallest effect that `rollout_effect` would see four times in five by a date.

    values: the sites' history, one column a site, as for `rollout_effect`; what lies on or after the first adoption is
        not used. adoption_dates: as planned. end: last day, inclusive.
    rng: draws quiet panels with the sites' own noise, and orders of adoption.
    An effect added to every treated cell moves the interval by as much, so quiet panels tell the power at every effect.
    Returns NotComputable "no_adopter", "one_wave", "too_few_orders", "nothing_untreated", "too_few_before",
        "too_few_after", "no_noise", "infinite_values", "constant" or "random_walk_like".
    Raises ValueError if an adopter has no column, or the end is before the first adoption.
    Source: simulation of the test itself.
    """
    dates = {site: date for site, date in adoption_dates.items() if date is not None}
    if not dates:
        return NotComputable("no_adopter")
    start = min(dates.values())
    if end < start:
        raise ValueError("the end must not be before the first adoption")
    history = values[dated(values.iloc[:, 0]) < pd.Timestamp(start)]
    known = known_plans(site_plans(history, start, end))
    if isinstance(known, NotComputable):
        return known
    noise = Noise.of([plan.fits for plan in known.values()])
    if noise.mean_phi >= RANDOM_WALK_PHI:
        return NotComputable("random_walk_like", {"phi": noise.mean_phi})
    adoption = _planned_adoption(history, list(known), dates, end)
    fault = adoption.fault() or order_fault(adoption, alpha)
    if fault is not None:
        return fault
    orders, _ = orders_of(adoption, rng, ORDERS)
    panels = _quiet_panels(adoption, noise, rng, n_panels)
    tested = order_tests(estimates_by_order(panels, adoption.dates, orders), 1 - alpha)
    effect = float(np.quantile(np.concatenate([-tested.lower, tested.upper]), POWER, method="lower"))
    if np.isinf(effect):
        return NotComputable("too_few_orders", {"found": tested.n_orders, "needed": round(1 / alpha)})
    adopters = adoption.names(adoption.adopters)
    level = float(history[[site for site in history.columns if str(site) in adopters]].mean().mean())
    return detectable(
        effect, level, noise, known[adopters[0]].planned, start=start, end=end, alpha=alpha, terms=(),
        n_treated=len(adopters), n_comparison=int(adoption.never.sum()), method="imputation",
    )  # fmt: skip


def _planned_adoption(history: pd.DataFrame, sites: list[str], dates: Mapping[str, dt.date], end: dt.date) -> Adoption:
    """The whole calendar to the end, everything measured but the days of the week that never are."""
    periods = pd.DatetimeIndex(history.index)
    measured = periods[history.notna().any(axis=1).to_numpy()]
    calendar = pd.DatetimeIndex(measured.append(periods_ahead(periods, measured, end)))
    cells = np.arange(len(calendar) * len(sites), dtype=np.float64).reshape(len(calendar), -1)  # any that vary
    return Adoption.of(pd.DataFrame(cells, index=calendar, columns=sites), dates, ())


def _quiet_panels(adoption: Adoption, noise: Noise, rng: np.random.Generator, n_panels: int) -> Floats:
    """Shape (n_panels, n_sites, n_periods): noise as large and as lasting as the history lets one think."""
    drawn = rng.choice(len(noise.phi), size=n_panels, p=noise.weight)
    phi, sigma = noise.phi[drawn, None], noise.sigma[drawn, None, None]
    panels = rng.normal(size=(n_panels, *adoption.observed.shape))
    fresh = np.sqrt(1 - phi**2)
    for place in range(1, panels.shape[2]):
        panels[:, :, place] = phi * panels[:, :, place - 1] + fresh * panels[:, :, place]
    return np.where(adoption.measured, sigma * panels, np.nan)
