"""One practice at several sites, or many experiments: what they say together, and what the next one should expect.

How much true effects differ (tau squared) is poorly known from a few sites. Where that matters it is not estimated and
then believed: every value goes in as far as the data support it, by the distribution of Cochran's Q.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from analytics.results import NotComputable
from analytics.results_effects import PooledEffect, PortfolioTotal

Floats = npt.NDArray[np.float64]

MINIMUM_SITES = 2  # for a mean effect
MINIMUM_SITES_AHEAD = 3  # for what the next site should expect: two leave its spread all but unknown
SUPPORT = (np.arange(101) + 0.5) / 101  # shares of the distribution of tau squared; more move no figure shown
CLOSE = 1e-12  # share of tau squared
_STEPS = 100
_HALVINGS = 45


def pooled_effect(
    estimates: npt.ArrayLike,
    standard_errors: npt.ArrayLike,
    *,
    sites: Sequence[str],
    confidence: float = 0.95,
    at_least_fixed: bool = False,
) -> PooledEffect | NotComputable:
    """Pool the effects of one practice over sites whose true effects may differ (random effects).

    estimates, standard_errors: shape (n_sites,), one unit for all; sites: their names, in the same order.
    NaN = the site has no effect; it is left out.
    at_least_fixed: never narrower than if all sites had one effect; sites that agree by luck make no certainty.
    Mean: weights by Paule and Mandel's tau squared, interval of Hartung and Knapp with (sites - 1) degrees of
        freedom. Next site: normal around the mean, tau squared averaged over its confidence distribution.
    Returns NotComputable "too_few_sites". Raises ValueError for a standard error that is not above 0, or lengths
        that differ.
    Source: Paule and Mandel (1982); Hartung and Knapp (2001), coverage 94 to 95 % from 2 to 15 sites; Röver, Knapp
        and Friede (2015) for at_least_fixed, which only ever widens; Nagashima, Noma and Furukawa (2019) for the next
        site: 93.5 to 99 % (simulated), where the usual formula has 84 to 98 %.

    >>> pooled = pooled_effect([-2.0, -1.0, -3.0, -1.5], [0.5, 0.4, 0.9, 0.6], sites=["Brest", "Lyon", "Metz", "Nice"])
    >>> round(pooled.estimate, 2), pooled.lower < pooled.estimate < pooled.upper < 0
    (-1.67, True)
    """
    family = _Family.of(estimates, standard_errors, sites)
    n = len(family.names)
    if n < MINIMUM_SITES:
        return NotComputable("too_few_sites", {"found": n, "needed": MINIMUM_SITES})
    tau_squared = float(family.tau_squared(np.array([n - 1.0]))[0])
    weights, mean, q = (part[0] for part in family.weighted(np.array([tau_squared])))
    spread = float(q) / (n - 1)
    error = math.sqrt((max(1.0, spread) if at_least_fixed else spread) / weights.sum())
    half = special.stdtrit(n - 1, (1 + confidence) / 2) * error
    plain_q = float(family.weighted(np.zeros(1))[2][0])
    ahead = _next_site(family, confidence) if n >= MINIMUM_SITES_AHEAD else (None, None)
    plug_in: tuple[float | None, float | None] = (None, None)
    if n >= MINIMUM_SITES_AHEAD:
        reach = special.stdtrit(n - 2, (1 + confidence) / 2) * math.hypot(math.sqrt(tau_squared), error)
        plug_in = (float(mean - reach), float(mean + reach))
    return PooledEffect(
        estimate=float(mean),
        lower=float(mean - half),
        upper=float(mean + half),
        confidence=confidence,
        standard_error=error,
        p_value=float(2 * special.stdtr(n - 1, -abs(mean) / error)) if error > 0 else float(mean == 0),
        tau_squared=tau_squared,
        i_squared=max(0.0, 1 - (n - 1) / plain_q) if plain_q > 0 else 0.0,
        q=plain_q,
        q_p_value=float(special.chdtrc(n - 1, plain_q)),
        next_lower=ahead[0],
        next_upper=ahead[1],
        plug_in_lower=plug_in[0],
        plug_in_upper=plug_in[1],
        sites=family.names,
        estimates=tuple(family.estimates.tolist()),
        standard_errors=tuple(np.sqrt(family.variances).tolist()),
        shares=tuple((weights / weights.sum()).tolist()),
    )


def portfolio_total(
    estimates: npt.ArrayLike,
    standard_errors: npt.ArrayLike,
    *,
    names: Sequence[str],
    counted: Sequence[bool] | None = None,
    confidence: float = 0.95,
) -> PortfolioTotal | NotComputable:
    """Add up the effects of many experiments without the luck of those that were kept.

    estimates, standard_errors: shape (n,), one unit for all (per cent, if metrics differ), one sign for better; every
        experiment, failures too: they tell how far luck reaches. NaN = no effect could be had; left out.
    counted: which go into the total, for example those made standard; None = all.
    Each effect is drawn towards the mean of all by its own uncertainty over that and the spread of true effects.
    Returns NotComputable "too_few_experiments". Raises ValueError as `pooled_effect`.
    Source: Efron and Morris (1975) for shrinkage; tau squared averaged as for the next site.
    """
    chosen = [True] * len(names) if counted is None else list(counted)
    family = _Family.of(estimates, standard_errors, names, chosen)
    n = len(family.names)
    if n < MINIMUM_SITES_AHEAD:
        return NotComputable("too_few_experiments", {"found": n, "needed": MINIMUM_SITES_AHEAD})
    tau_squared = family.supported()
    weights, mean, _ = family.weighted(tau_squared)
    kept = tau_squared[:, None] * weights  # of each effect's distance from the mean
    centre = mean[:, None] + kept * (family.estimates - mean[:, None])
    own, shared = kept * family.variances, (1 - kept) / np.sqrt(weights.sum(axis=1))[:, None]
    each = _Spread(centre, np.sqrt(own + shared**2))
    sum_spread = np.sqrt(own[:, family.counted].sum(axis=1) + shared[:, family.counted].sum(axis=1) ** 2)
    summed = _Spread(centre[:, family.counted].sum(axis=1)[:, None], sum_spread[:, None])
    tail = (1 - confidence) / 2
    return PortfolioTotal(
        total=float(summed.centre.mean()),
        lower=float(summed.quantile(tail)[0]),
        upper=float(summed.quantile(1 - tail)[0]),
        confidence=confidence,
        raw_total=float(family.estimates[family.counted].sum()),
        names=family.names,
        counted=tuple(family.counted.tolist()),
        shrunk=tuple(centre.mean(axis=0).tolist()),
        shrunk_lower=tuple(each.quantile(tail).tolist()),
        shrunk_upper=tuple(each.quantile(1 - tail).tolist()),
        share_positive=float(1 - each.share_below(np.zeros(n)).mean()),
    )


def standard_error_of(lower: float, upper: float, confidence: float) -> float:
    """Read a standard error from an interval, as if normal; a little large for one of t, which errs on the safe side.

    >>> round(standard_error_of(-1.96, 1.96, 0.95), 3)
    1.0
    """
    return (upper - lower) / (2 * float(special.ndtri((1 + confidence) / 2)))


def half_width_of(standard_error: float, confidence: float) -> float:
    """Give half the width of a normal interval: the inverse of `standard_error_of`.

    >>> round(half_width_of(1.0, 0.95), 2)
    1.96
    """
    return standard_error * float(special.ndtri((1 + confidence) / 2))


@dataclass(frozen=True, slots=True, eq=False)
class _Family:
    """Effects with their known variances. Shapes (n,)."""

    estimates: Floats
    variances: Floats
    names: tuple[str, ...]
    counted: npt.NDArray[np.bool_]

    @classmethod
    def of(
        cls,
        estimates: npt.ArrayLike,
        standard_errors: npt.ArrayLike,
        names: Sequence[str],
        counted: Sequence[bool] | None = None,
    ) -> _Family:
        found, errors = np.array(estimates, dtype=np.float64), np.array(standard_errors, dtype=np.float64)
        chosen = np.ones(len(names), dtype=np.bool_) if counted is None else np.array(counted, dtype=np.bool_)
        if not found.shape == errors.shape == chosen.shape == (len(names),):
            raise ValueError("estimates, standard errors and names must be as many")
        known = ~np.isnan(found)
        if not (errors[known] > 0).all():
            raise ValueError("every standard error must be above 0")
        return cls(found[known], errors[known] ** 2, tuple(itertools.compress(names, known)), chosen[known])

    def weighted(self, tau_squared: Floats) -> tuple[Floats, Floats, Floats]:
        """Give weights (n_tau, n), mean and generalised Q (n_tau,) at each tau squared."""
        weights = 1 / (self.variances + tau_squared[:, None])
        mean = weights @ self.estimates / weights.sum(axis=1)
        q = (weights * (self.estimates - mean[:, None]) ** 2).sum(axis=1)
        return weights, mean, q

    def tau_squared(self, q: Floats) -> Floats:
        """Find the tau squared at which the generalised Q is as given; at least 0.

        Q falls and is convex, so that Newton's steps from 0 never go too far (DerSimonian and Kacker 2007).
        """
        found = np.zeros_like(q)
        for _ in range(_STEPS):
            weights, mean, at = self.weighted(found)
            slope = (weights**2 * (self.estimates - mean[:, None]) ** 2).sum(axis=1)
            step = np.maximum(at - q, 0.0) / np.where(slope > 0, slope, 1.0)
            found = found + step
            if (step <= CLOSE * found).all():
                break
        return found

    def supported(self) -> Floats:
        """Values of tau squared that each stand for the same share of its confidence distribution."""
        return self.tau_squared(special.chdtri(len(self.names) - 1, SUPPORT))


@dataclass(frozen=True, slots=True, eq=False)
class _Spread:
    """Equal mixtures of normal distributions, one a column. Shapes (n_tau, n)."""

    centre: Floats
    spread: Floats

    def share_below(self, limit: Floats) -> Floats:
        share: Floats = special.ndtr((limit - self.centre) / self.spread).mean(axis=0)
        return share

    def quantile(self, share: float) -> Floats:
        each = self.centre + special.ndtri(share) * self.spread
        low, high = each.min(axis=0), each.max(axis=0)
        for _ in range(_HALVINGS):
            middle = (low + high) / 2
            below = self.share_below(middle) < share
            low, high = np.where(below, middle, low), np.where(below, high, middle)
        end: Floats = (low + high) / 2
        return end


def _next_site(family: _Family, confidence: float) -> tuple[float, float]:
    tau_squared = family.supported()
    weights, mean, _ = family.weighted(tau_squared)
    ahead = _Spread(mean[:, None], np.sqrt(tau_squared + 1 / weights.sum(axis=1))[:, None])
    tail = (1 - confidence) / 2
    return float(ahead.quantile(tail)[0]), float(ahead.quantile(1 - tail)[0])
