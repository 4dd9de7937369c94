"""An experiment that has not begun: the periods it will have, and the noise its series had so far."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.autoregression import NEGLIGIBLE_WEIGHT, PHI_GRID, Fits, fits_at, grid_shares, terms_told_apart
from analytics.early import WEEKDAY_DAYS, periods_ahead
from analytics.its import WEEKDAY_WEEKS, Window, period_numbers
from analytics.measured import is_daily, weekday_columns
from analytics.power_algebra import mean_difference_errors
from analytics.results import NotComputable

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True, eq=False)
class Planned:
    """The measured periods, those to come, and the model's columns over both: level and step first."""

    periods: pd.DatetimeIndex
    places: Places
    after: Flags
    design: Floats
    terms: tuple[str, ...]

    @classmethod
    def of(cls, window: Window, start: dt.date, end: dt.date, *, trend: bool, early: bool) -> Planned:
        """Continue a history to a date, on the days of the week that it was measured on.

        early: take the days of the week away as early readings do, not as the final one.
        """
        measured = window.periods[window.kept]
        periods = pd.DatetimeIndex(measured.append(periods_ahead(window.periods, measured, end)))
        places, after = period_numbers(periods), np.asarray(periods >= pd.Timestamp(start))
        columns, terms = [np.ones(len(periods)), after.astype(np.float64)], ["level"]
        if trend:
            columns.append(places - places.mean())
            terms.append("trend")
        days = periods.day_of_week.to_numpy(dtype=np.intp)
        sides = [int(np.ptp(places[side])) + 1 if side.any() else 0 for side in (~after, after)]
        enough = sides[0] >= WEEKDAY_DAYS if early else min(sides) // 7 >= WEEKDAY_WEEKS
        if is_daily(measured) and enough and len(np.unique(days)) > 1:
            columns.extend(weekday_columns(days, np.unique(days)).T)
            terms.append("weekday")
        return cls(periods, places, after, np.column_stack(columns), tuple(terms))

    @property
    def n_before(self) -> int:
        """Periods before the start, measured or to come."""
        return int((~self.after).sum())

    @property
    def n_after(self) -> int:
        """Periods from the start to the end."""
        return int(self.after.sum())

    @property
    def degrees_of_freedom(self) -> int:
        """Periods less the model's terms."""
        return len(self.design) - int((self.design != 0).any(axis=0).sum())


@dataclass(frozen=True, slots=True, eq=False)
class Noise:
    """What a history says of its noise: at each phi that weighs, the standard deviation of a point."""

    phi: Floats
    weight: Floats
    sigma: Floats

    @classmethod
    def of(cls, histories: Sequence[Fits]) -> Noise:
        """Weigh phi by what the histories say together, as if all had the same; the size of the noise is their mean."""
        weight = np.exp(sum(fits.log_likelihood[:, 0] - fits.log_likelihood.max() for fits in histories))
        weight *= grid_shares(PHI_GRID)
        kept = weight > NEGLIGIBLE_WEIGHT * weight.max()
        variances = [fits.residual_sum[kept, 0] / fits.degrees_of_freedom for fits in histories]
        return cls(PHI_GRID[kept], weight[kept] / weight[kept].sum(), np.sqrt(np.mean(variances, axis=0)))

    @property
    def mean_phi(self) -> float:
        """The expected lag-one correlation."""
        return float(self.weight @ self.phi)

    @property
    def mean_sigma(self) -> float:
        """The expected standard deviation of a point."""
        return float(self.weight @ self.sigma)


def history_fits(observed: Floats, window: Window, *, trend: bool, weekday: bool = True) -> Fits | None:
    """Fit level, trend and days of the week to a history at each phi; None where they leave no noise.

    observed: the kept rows of the window, on the model's scale, equally noisy.
    """
    places, weighting = window.places[window.kept], window.weighting()
    columns = [np.ones(len(places))]
    if trend:
        columns.append(places - places.mean())
    periods = window.periods[window.kept]
    days = periods.day_of_week.to_numpy(dtype=np.intp)
    if weekday and is_daily(periods) and np.ptp(places) + 1 >= WEEKDAY_DAYS:
        columns.extend(weekday_columns(days, np.unique(days)).T)
    design = np.column_stack(columns) * weighting[:, None]
    if not len(terms_told_apart(design)) or len(design) <= design.shape[1]:
        return None
    fits = fits_at(observed[None], design, column=0, gaps=np.diff(places))
    return None if np.isnan(fits.log_likelihood).any() else fits


def known_plans(plans: Mapping[str, SitePlan | NotComputable]) -> dict[str, SitePlan] | NotComputable:
    """Keep the sites with history enough; a reason, if there is none or a site has another fault."""
    known = {site: plan for site, plan in plans.items() if isinstance(plan, SitePlan)}
    for plan in plans.values():
        if isinstance(plan, NotComputable) and (plan.code != "too_few_before" or not known):
            return plan
    return known


@dataclass(frozen=True, slots=True, eq=False)
class SitePlan:
    """One site of a comparison: its periods, and what its history says of its noise."""

    planned: Planned
    fits: Fits

    def errors_at(self, phi: Floats) -> Floats:
        """How far the site's mean would move by chance, for noise of variance 1."""
        return mean_difference_errors(self.planned.after, places=self.planned.places, phi=phi)


def site_plans(history: pd.DataFrame, start: dt.date, end: dt.date) -> dict[str, SitePlan | NotComputable]:
    """Each site's plan from its own noise: what all sites share cancels, so the mean over sites is taken away.

    Of what is left, taking the mean away has hidden a little.
    """
    n_sites = history.notna().sum(axis=1)
    own = history.sub(history.mean(axis=1), axis=0).mul(np.sqrt(n_sites / (n_sites - 1).clip(lower=1)), axis=0)
    return {str(site): _site_plan(own[site], start, end) for site in history.columns}


def _site_plan(own: pd.Series, start: dt.date, end: dt.date) -> SitePlan | NotComputable:
    window = Window.of(own, start, (), None)
    fault = window.fault(minimum_after=0)
    if fault is not None:
        return fault
    planned = Planned.of(window, start, end, trend=False, early=False)
    if planned.n_after < 1:
        return NotComputable("too_few_after", {"found": 0, "needed": 1})
    fits = history_fits(window.observed[window.kept], window, trend=False, weekday=False)
    return NotComputable("no_noise") if fits is None else SitePlan(planned, fits)
