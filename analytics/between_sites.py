"""Is a site really different? Funnels: sites of different size beside what chance, and ordinary differences, make of them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from analytics.chance_limits import quantile_limits
from analytics.dispersion import dispersion_over_time
from analytics.measured import Floats
from analytics.results import NotComputable
from analytics.results_between import MINIMUM_TO_WIDEN, Funnel, FunnelKind, FunnelLimits, Standing, Widening
from analytics.site_ranks import site_means, site_ranks
from analytics.variance import site_components, variance_components

__all__ = [
    "counted_funnel", "dispersion_over_time", "funnel", "funnel_limits", "mean_funnel", "quantile_limits",
    "site_components", "site_means", "site_ranks", "variance_components",
]  # fmt: skip

INNER, OUTER = 0.95, 0.998  # two and three standard errors (Spiegelhalter 2005)
MINIMUM_SITES = 3
WINSORISED = 0.1  # share of the sites drawn in at each end (Spiegelhalter 2005)
# Mean square of standard normal numbers once their outer tenths are drawn in: without it the spread is a third too small.
_EDGE = float(special.ndtri(1 - WINSORISED))
WINSORISED_SQUARE = float(
    1 - 2 * WINSORISED - 2 * _EDGE * np.exp(-(_EDGE**2) / 2) / np.sqrt(2 * np.pi) + 2 * WINSORISED * _EDGE**2
)
_HALVINGS = 60


class _Placed(NamedTuple):
    """The sites of a funnel: values and sizes on the scale of chance, and the variance of one unit of size."""

    kind: FunnelKind
    sites: tuple[str, ...]
    values: Floats
    sizes: Floats
    unit_variance: float
    centre: float
    per: float
    n_left_out: int

    @property
    def variances(self) -> Floats:
        """What chance alone gives each site."""
        return np.asarray(self.unit_variance / self.sizes)


def funnel(
    counts: npt.ArrayLike,
    sizes: npt.ArrayLike,
    *,
    sites: Sequence[str],
    kind: FunnelKind = FunnelKind.SHARE,
    per: float = 1.0,
    centre: float | None = None,
    widening: Widening = Widening.ADDITIVE,
) -> Funnel | NotComputable:
    """Place sites that count something in a funnel.

    counts, sizes: shape (n_sites,); events of so many cases (SHARE) or for so much exposure (RATE). NaN or size 0 =
        the site is left out. per: what a value is shown per, 100 for per cent. centre: as shown; None = all sites
        that are not unusual together.
    Limits at 95 and 99.8 %: interpolated binomial or Poisson quantiles, their distance from the centre widened by
        sqrt(1 + tau² / variance) or by sqrt(phi). Tau is that at which the winsorised z have the mean square of chance
        (Paule and Mandel's idea); below MINIMUM_TO_WIDEN sites it cannot be told, and limits are those of chance.
    Returns NotComputable "too_few_sites_between", "no_cases_at_sites", "no_event_at_sites", "all_events_at_sites".
    Raises ValueError for a negative number, more events than cases, or lengths that differ.
    Source: Spiegelhalter (2005), Statistics in Medicine 24:1185.

    >>> found = funnel([4, 14, 55, 62], [34, 110, 210, 520], sites=["Brest", "Lyon", "Metz", "Nice"], per=100)
    >>> round(found.centre, 1), found.outside
    (12.0, ('Metz',))
    """
    placed = _counted(counts, sizes, sites, kind, per, centre)
    return placed if isinstance(placed, NotComputable) else _funnel(placed, widening)


def mean_funnel(
    means: npt.ArrayLike,
    standard_errors: npt.ArrayLike,
    *,
    sites: Sequence[str],
    unit_sd: float,
    widening: Widening = Widening.ADDITIVE,
) -> Funnel | NotComputable:
    """Place sites whose means have errors of their own, as `site_means` finds them.

    means, standard_errors: shape (n_sites,), the metric's unit; NaN or error 0 = left out. unit_sd: standard deviation
        of one measurement; a site's size is the number of independent ones that would be as precise.
    The centre is the median of the sites, each weighted by one over its error: no single site moves it far.
    Returns NotComputable "too_few_sites_between". Raises ValueError for a negative error or lengths that differ.

    >>> found = mean_funnel([10.0, 10.4, 9.8, 15.0], [0.5, 0.6, 0.4, 0.5], sites=["A", "B", "C", "D"], unit_sd=2.0)
    >>> found.outside
    ('D',)
    """
    found, errors = np.array(means, dtype=np.float64), np.array(standard_errors, dtype=np.float64)
    if not found.shape == errors.shape == (len(sites),):
        raise ValueError("means, standard errors and sites must be as many")
    if (errors < 0).any() or unit_sd <= 0:
        raise ValueError("errors must not be negative")
    kept = np.isfinite(found) & np.isfinite(errors) & (errors > 0)
    if kept.sum() < MINIMUM_SITES:
        return NotComputable("too_few_sites_between", {"n": int(kept.sum()), "needed": MINIMUM_SITES})
    sizes = (unit_sd / errors[kept]) ** 2
    centre = _middle(found[kept], np.sqrt(sizes))
    if widening is Widening.ADDITIVE and len(sizes) >= MINIMUM_TO_WIDEN:
        # Where true levels differ, a site known exactly tells little more of the middle than another.
        whole = errors[kept] ** 2 + _tau(found[kept] - centre, errors[kept] ** 2) ** 2
        centre = _middle(found[kept], 1 / np.sqrt(whole))
    names = tuple(site for site, keep in zip(sites, kept, strict=True) if keep)
    n_left_out = int((~kept).sum())
    placed = _Placed(FunnelKind.MEAN, names, found[kept], sizes, unit_sd**2, centre, 1.0, n_left_out)
    return _funnel(placed, widening)


def counted_funnel(values: Floats, weights: Floats, *, per: float) -> tuple[FunnelKind, Floats, Floats]:
    """Add up shown shares or rates and their denominators over time.

    values, weights: shape (n_sites, n_periods); a period without either counts for nothing. per: as for `funnel`.
    Returns the kind (a share where cases are whole and no value is above 1), counts and sizes, shape (n_sites,).
    """
    known = np.isfinite(values) & np.isfinite(weights)
    shares, cases = np.where(known, values, 0.0) / per, np.where(known, weights, 0.0)
    whole = bool((np.abs(cases - np.rint(cases)) < 1e-6).all() and (shares <= 1 + 1e-9).all())
    counts, sizes = (shares * cases).sum(axis=1), cases.sum(axis=1)
    if whole:
        counts = np.minimum(np.rint(counts), sizes)
    return FunnelKind.SHARE if whole else FunnelKind.RATE, counts, sizes


def funnel_limits(drawn: Funnel, sizes: npt.ArrayLike) -> FunnelLimits:
    """Give the limits of a funnel at other sizes, for the lines between the sites."""
    at = np.asarray(sizes, dtype=np.float64)
    centre = drawn.centre / drawn.per
    unit_variance = drawn.unit_sd**2 if drawn.kind is FunnelKind.MEAN else _unit_variance(drawn.kind, centre)
    times = np.sqrt(drawn.factor + (drawn.tau / drawn.per) ** 2 * at / unit_variance)
    ends = []
    for confidence in (INNER, OUTER):
        tail = (1 - confidence) / 2
        for share in (tail, 1 - tail):
            reach = quantile_limits(drawn.kind, centre, at, share, unit_variance=unit_variance) - centre
            ends.append(drawn.per * _possible(drawn.kind, centre + times * reach))
    return FunnelLimits(*ends)


def _counted(
    counts: npt.ArrayLike, sizes: npt.ArrayLike, sites: Sequence[str], kind: FunnelKind, per: float, centre: float | None
) -> _Placed | NotComputable:  # fmt: skip
    events, cases = np.array(counts, dtype=np.float64), np.array(sizes, dtype=np.float64)
    if not events.shape == cases.shape == (len(sites),):
        raise ValueError("counts, sizes and sites must be as many")
    kept = np.isfinite(events) & np.isfinite(cases) & (cases != 0)
    events, cases = events[kept], cases[kept]
    if (events < 0).any() or (cases < 0).any() or kind is FunnelKind.MEAN:
        raise ValueError("counts and sizes must not be negative")
    if kind is FunnelKind.SHARE and (events > cases).any():
        raise ValueError("events must not be more than cases")
    if not len(events) and len(sites):
        return NotComputable("no_cases_at_sites", {"found": len(sites)})
    if len(events) < MINIMUM_SITES:
        return NotComputable("too_few_sites_between", {"n": len(events), "needed": MINIMUM_SITES})
    level = _ordinary_level(events, cases, kind) if centre is None else centre / per
    if level <= 0:
        return NotComputable("no_event_at_sites", {"found": len(events)})
    if kind is FunnelKind.SHARE and level >= 1:
        return NotComputable("all_events_at_sites", {"found": len(events)})
    names = tuple(site for site, keep in zip(sites, kept, strict=True) if keep)
    unit_variance = _unit_variance(kind, level)
    return _Placed(kind, names, events / cases, cases, unit_variance, level, per, int((~kept).sum()))


def _ordinary_level(events: Floats, cases: Floats, kind: FunnelKind) -> float:
    """Pool the sites that are not unusual: a large one that is would make all others seem so."""
    together = float(events.sum() / cases.sum())
    middle = _middle(events / cases, np.sqrt(cases))
    if middle <= 0 or (kind is FunnelKind.SHARE and middle >= 1):
        return together
    variances, away = _unit_variance(kind, middle) / cases, events / cases - middle
    tau = _tau(away, variances) if len(cases) >= MINIMUM_TO_WIDEN else 0.0
    usual = np.abs(away) <= special.ndtri((1 + OUTER) / 2) * np.sqrt(variances + tau**2)
    level = float(events[usual].sum() / cases[usual].sum())
    return level if level > 0 and (kind is FunnelKind.RATE or level < 1) else together


def _unit_variance(kind: FunnelKind, centre: float) -> float:
    return centre * (1 - centre) if kind is FunnelKind.SHARE else centre


def _funnel(placed: _Placed, widening: Widening) -> Funnel:
    variances, away = placed.variances, placed.values - placed.centre
    z = away / np.sqrt(variances)
    drawn_in = _winsorised_square(z)
    if len(z) < MINIMUM_TO_WIDEN:
        widening = Widening.NONE
    tau = _tau(away, variances) if widening is Widening.ADDITIVE else 0.0
    factor = max(1.0, drawn_in / WINSORISED_SQUARE) if widening is Widening.MULTIPLICATIVE else 1.0
    found = Funnel(
        kind=placed.kind,
        sites=placed.sites,
        values=placed.values * placed.per,
        sizes=placed.sizes,
        centre=placed.centre * placed.per,
        limits=FunnelLimits(*(np.empty(0) for _ in range(4))),
        standings=(),
        z=z,
        phi=float((z**2).mean()),
        phi_winsorised=drawn_in,
        widening=Widening.NONE if tau == 0 and factor == 1 else widening,
        tau=placed.per * tau,
        factor=factor,
        per=placed.per,
        unit_sd=float(np.sqrt(placed.unit_variance)),
        n_left_out=placed.n_left_out,
    )
    limits = funnel_limits(found, found.sizes)
    return replace(found, limits=limits, standings=tuple(_standings(found.values, limits)))


def _standings(values: Floats, limits: FunnelLimits) -> list[Standing]:
    conditions = [
        values > limits.outer_upper, values < limits.outer_lower, values > limits.inner_upper,
        values < limits.inner_lower,
    ]  # fmt: skip
    places = np.select(conditions, [1, 2, 3, 4], 0)
    names = (Standing.INSIDE, Standing.ABOVE, Standing.BELOW, Standing.NEAR_ABOVE, Standing.NEAR_BELOW)
    return [names[place] for place in places]


def _middle(values: Floats, weights: Floats) -> float:
    order = np.argsort(values, kind="stable")
    reached = np.cumsum(weights[order]) / weights.sum()
    return float(values[order][np.searchsorted(reached, 0.5)])


def _winsorised_square(z: Floats) -> float:
    low, high = np.quantile(z, [WINSORISED, 1 - WINSORISED])
    return float((np.clip(z, low, high) ** 2).mean())


def moment_tau(phi: float, variances: Floats) -> float:
    """Give tau by the moment formula (DerSimonian and Laird 1986; Spiegelhalter 2005, appendix A.2.2)."""
    weights, n = 1 / variances, len(variances)
    excess = n * phi - (n - 1)
    return math.sqrt(max(0.0, excess / float(weights.sum() - (weights**2).sum() / weights.sum())))


def _tau(away: Floats, variances: Floats) -> float:
    """Find the spread at which the z, drawn in to the edges of the middle 80 %, have chance's mean square; else 0.

    The edges are those of normal numbers (Huber 1964, proposal 2), not of the sites: two unusual sites of twelve would
    set the latter. A site counts by what it can tell of the spread, as in the likelihood: few cases widen nothing.
    """
    aim = WINSORISED_SQUARE * (len(away) - 1) / len(away)

    def excess(tau_squared: float) -> float:
        whole = variances + tau_squared
        return float(np.average(np.minimum(away**2 / whole, _EDGE**2), weights=1 / whole)) - aim

    if excess(0.0) <= 0:
        return 0.0
    low, high = 0.0, float((away**2).max() / aim)
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        low, high = (middle, high) if excess(middle) > 0 else (low, middle)
    return math.sqrt(high)


def _possible(kind: FunnelKind, limits: Floats) -> Floats:
    if kind is FunnelKind.MEAN:
        return limits
    return np.clip(limits, 0.0, 1.0 if kind is FunnelKind.SHARE else np.inf)
