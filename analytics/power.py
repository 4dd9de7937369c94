"""How small an effect could be seen by a date, with this series' own noise, by the method that will really be used."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.did import MINIMUM_COMPARISON_SITES
from analytics.early import MINIMUM_EARLY, seen_weights
from analytics.its import MINIMUM_AFTER, RANDOM_WALK_PHI, SCALES, Scale, Window, scale_fault
from analytics.measured import dated
from analytics.planned import Noise, Planned, history_fits, known_plans, site_plans
from analytics.power_algebra import POWER, known_noise_errors, t_multiple
from analytics.power_table import ALPHAS, FACTORS, N_AFTER, N_BEFORE, PHIS
from analytics.results import NotComputable
from analytics.results_sequential import DetectableByDate, DetectableEffect

Floats = npt.NDArray[np.float64]

ALPHA = 0.05


def minimum_detectable_effect(
    values: pd.Series,
    *,
    start: dt.date,
    end: dt.date,
    alpha: float = ALPHA,
    trend: bool = True,
    early: bool = False,
    excluded: Collection[dt.date] = (),
    scale: Scale = "identity",
    weights: pd.Series | None = None,
) -> DetectableEffect | NotComputable:
    """Tell the smallest effect that `single_site_effect` would see four times in five by a date.

    values, excluded, scale, weights: the series' history, as for `single_site_effect`; what lies on or after the start
        is not used. start: first day of after; end: last day of after, inclusive. Both may lie ahead: the periods from
        the history to the end are supposed to be measured, on the days of the week that were.
    alpha, trend: as registered. early: as `early_signal` would read it, from MINIMUM_EARLY points after.
    Noise and phi come from the history, phi averaged over; the effect is a step that stays.
    Returns NotComputable "infinite_values", "outside_scale", "too_few_before", "too_few_after" (periods that end by
        then), "constant", "no_noise", "not_separable" or "random_walk_like".
    Raises ValueError if the end is before the start, or as `single_site_effect` does.
    Source: exact algebra of AR(1) with phi known, times what the real method needed in a simulation (`power_table`).

    >>> days = pd.date_range("2026-01-05", periods=60, freq="D")
    >>> late = pd.Series(np.random.default_rng(1).normal(10, 2, 60), index=days)
    >>> seen = minimum_detectable_effect(late, start=dt.date(2026, 3, 6), end=dt.date(2026, 4, 4), trend=False)
    >>> round(seen.effect, 1), seen.n_before, seen.n_after, seen.power
    (1.2, 60, 30, 0.8)
    """
    seen = detectable_by_date(
        values, start=start, ends=[end], alpha=alpha, trend=trend, early=early, excluded=excluded, scale=scale,
        weights=weights,
    )  # fmt: skip
    return seen.outcomes[0]


@dataclass(frozen=True, slots=True, eq=False)
class _History:
    """What is known before the start, whatever the end. noise: a reason where none is left, or too much."""

    window: Window
    noise: Noise | NotComputable
    level: float
    to_unit: Callable[[Floats], Floats]

    @classmethod
    def of(cls, window: Window, *, trend: bool, scale: Scale) -> _History | NotComputable:
        fault = window.fault(minimum_after=0) or scale_fault(window, scale)
        if fault is not None:
            return fault
        to_model, to_unit = SCALES[scale](window)
        observed = to_model[window.kept]
        if np.ptp(observed) == 0:
            return NotComputable("constant", {"value": float(window.observed[window.kept][0])})
        fits = history_fits(observed * window.weighting(), window, trend=trend)
        noise = NotComputable("no_noise") if fits is None else Noise.of([fits])
        if isinstance(noise, Noise) and noise.mean_phi >= RANDOM_WALK_PHI:
            noise = NotComputable("random_walk_like", {"phi": noise.mean_phi})
        return cls(window, noise, window.average(to_model, window.kept), to_unit)

    def seen_by(
        self, end: dt.date, *, start: dt.date, alpha: float, trend: bool, early: bool
    ) -> DetectableEffect | NotComputable:
        """Tell what would be seen by an end."""
        planned, noise = Planned.of(self.window, start, end, trend=trend, early=early), self.noise
        needed = MINIMUM_EARLY if early else MINIMUM_AFTER
        if planned.n_after < needed:
            return NotComputable("too_few_after", {"found": planned.n_after, "needed": needed})
        if isinstance(noise, NotComputable):
            return noise
        effect = _seen_by_the_method(planned, noise, alpha=alpha, trend=trend)
        if math.isinf(effect):
            return NotComputable("not_separable")
        before = float(self.to_unit(np.array(self.level)))
        in_unit = float(self.to_unit(np.array(self.level + effect))) - before
        return detectable(in_unit, before, noise, planned, start=start, end=end, alpha=alpha, terms=planned.terms)


def _seen_by_the_method(planned: Planned, noise: Noise, *, alpha: float, trend: bool) -> float:
    """The smallest effect on the model's scale; infinite where the step falls together with another term."""
    errors = known_noise_errors(planned.design, places=planned.places, phi=noise.phi)
    factors = needed_beyond_known_noise(noise.phi, planned.n_before, planned.n_after, alpha=alpha, trend=trend)
    return float(noise.weight @ (noise.sigma * errors * factors)) * t_multiple(planned.degrees_of_freedom, alpha)


def detectable(
    effect: float, level: float, noise: Noise, planned: Planned, *, start: dt.date, end: dt.date, alpha: float,
    **others: Any,
) -> DetectableEffect:  # fmt: skip
    """Put an effect beside the noise it must be seen in, and the periods it counts on."""
    return DetectableEffect(
        effect=effect,
        relative=effect / level if level > 0 else None,
        level_before=level,
        sigma=noise.mean_sigma,
        phi=noise.mean_phi,
        n_before=planned.n_before,
        n_after=planned.n_after,
        start=start,
        end=end,
        alpha=alpha,
        power=POWER,
        **others,
    )


def detectable_by_date(
    values: pd.Series, *, start: dt.date, ends: Sequence[dt.date], alpha: float = ALPHA, trend: bool = True,
    early: bool = False, excluded: Collection[dt.date] = (), scale: Scale = "identity",
    weights: pd.Series | None = None,
) -> DetectableByDate:  # fmt: skip
    """Tell what could be seen by when: `minimum_detectable_effect` at each end date, each with the same reasons."""
    if any(end < start for end in ends):
        raise ValueError("the end must not be before the start")
    before = values[dated(values) < pd.Timestamp(start)]
    window = Window.of(before, start, excluded, seen_weights(weights, values, before))
    history = _History.of(window, trend=trend, scale=scale)
    if isinstance(history, NotComputable):
        return DetectableByDate(start, tuple(ends), (history,) * len(ends))
    outcomes = tuple(history.seen_by(end, start=start, alpha=alpha, trend=trend, early=early) for end in ends)
    return DetectableByDate(start, tuple(ends), outcomes)


def minimum_detectable_difference(
    values: pd.DataFrame,
    *,
    treated_sites: Collection[str],
    start: dt.date,
    end: dt.date,
    alpha: float = ALPHA,
    excluded: Collection[dt.date] = (),
) -> DetectableEffect | NotComputable:
    """Tell the smallest effect that `comparison_effect` would see four times in five by a date.

    values: the sites' history, one column a site, as for `comparison_effect`; the rest as for
        `minimum_detectable_effect`. What all sites share is taken out first: it cancels in the comparison.
    A site without enough history is left out; sites are supposed to drift apart no more than their noise makes them.
    Returns NotComputable "too_few_before", "no_treated_site", "too_few_comparison_sites", "too_few_after",
        "constant", "infinite_values" or "random_walk_like".
    Raises ValueError if a treated site has no column, or as `minimum_detectable_effect` does.
    Source: noncentral t with (sites - 2) degrees of freedom, one number a site, AR(1) within each.
    """
    unknown = set(treated_sites) - {str(site) for site in values.columns}
    if unknown:
        raise ValueError(f"treated sites without a column: {sorted(unknown)}")
    if end < start:
        raise ValueError("the end must not be before the start")
    history = values[dated(values.iloc[:, 0]) < pd.Timestamp(start)]
    history = history[~history.index.isin(pd.DatetimeIndex(list(excluded)))]
    known = known_plans(site_plans(history, start, end))
    if isinstance(known, NotComputable):
        return known
    treated = [site for site in known if site in set(treated_sites)]
    n_others = len(known) - len(treated)
    if not treated:
        return NotComputable("no_treated_site")
    if n_others < MINIMUM_COMPARISON_SITES:
        return NotComputable("too_few_comparison_sites", {"found": n_others, "needed": MINIMUM_COMPARISON_SITES})
    noise = Noise.of([plan.fits for plan in known.values()])
    if noise.mean_phi >= RANDOM_WALK_PHI:
        return NotComputable("random_walk_like", {"phi": noise.mean_phi})
    moved = np.mean([plan.errors_at(noise.phi) ** 2 for plan in known.values()], axis=0)
    variance = float(noise.weight @ (noise.sigma**2 * moved))
    effect = t_multiple(len(known) - 2, alpha) * math.sqrt(variance * (1 / len(treated) + 1 / n_others))
    level = float(history[[site for site in history.columns if str(site) in treated]].mean().mean())
    return detectable(
        effect, level, noise, known[treated[0]].planned, start=start, end=end, alpha=alpha,
        terms=(), n_treated=len(treated), n_comparison=n_others, method="collapsed_did",
    )  # fmt: skip


def needed_beyond_known_noise(
    phi: Floats, n_before: int, n_after: int, *, alpha: float = ALPHA, trend: bool = True
) -> Floats:
    """How much larger an effect must be for the real method than for one that knows the noise: the table, between rows.

    Linear in phi, in the logarithm of the points and of alpha; at the table's edges the nearest row.
    """
    table = np.array(FACTORS[int(trend)])
    at = _between(np.log(ALPHAS), np.log(alpha))
    table = _along(table, at)
    before, after = _between(np.log(N_BEFORE), np.log(n_before)), _between(np.log(N_AFTER), np.log(n_after))
    by_phi = _along(_along(table.transpose(1, 2, 0), before), after)
    factors: Floats = np.interp(phi, PHIS, by_phi)
    return factors


def _between(grid: Sequence[float] | Floats, place: float) -> tuple[int, float]:
    """The row below a place, and the share of the way to the next."""
    rows = np.asarray(grid)
    along = float(np.interp(place, rows, np.arange(len(rows))))
    below = min(int(along), len(rows) - 2)
    return below, along - below


def _along(table: Floats, at: tuple[int, float]) -> Floats:
    below, share = at
    if share == 0:
        return np.asarray(table[below])
    return np.asarray((1 - share) * table[below] + share * table[below + 1])
