"""Who stands where, and how sure is that? Site means with their errors, and ranks with intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import special

from analytics.autoregression import integrated_effects
from analytics.measured import Floats
from analytics.results import NotComputable
from analytics.results_between import FunnelKind, SiteRanks

MINIMUM_SITES = 3  # to rank
MINIMUM_PERIODS = 6  # for a mean whose error is known
DRAWS = 4000
_BLOCK = 500  # draws ranked at a time
_TAUS = 160
_WIDEST = 2.0  # times the range of the estimates
_NORMAL = float(special.ndtri(0.975))


@dataclass(frozen=True, slots=True, eq=False)
class SiteMeans:
    """Each site's mean with its error; shapes (n_sites,), NaN where too little is measured or nothing varies.

    unit_sd: standard deviation of one measurement around its site's level, the sites pooled; phi: lag-one correlation.
    """

    means: Floats
    standard_errors: Floats
    phi: Floats
    unit_sd: float


def site_means(values: Floats) -> SiteMeans:
    """Find each site's mean over a stretch of time, serial correlation allowed for.

    values: shape (n_sites, n_periods), oldest first, the metric's unit, NaN = not measured.
    The error is half the 95 % interval of the phi-averaged fit over 1.96, so that a short series, whose own noise is
    poorly known, counts as less precise.

    >>> rng = np.random.default_rng(3)
    >>> site_means(rng.normal(10, 2, (2, 100))).means.round(0)
    array([10., 10.])
    """
    values = np.asarray(values, dtype=np.float64)
    measured = np.isfinite(values)
    n = measured.sum(axis=1)
    kept = np.where((n >= MINIMUM_PERIODS)[:, None] & measured, values, np.nan)
    fitted = integrated_effects(kept, np.ones((values.shape[1], 1)), column=0)
    errors = (fitted.upper - fitted.lower) / (2 * _NORMAL)
    total = np.where(measured, values, 0.0).sum(axis=1)
    plain = total / np.maximum(n, 1)
    squares = (np.where(measured, values - plain[:, None], 0.0) ** 2).sum(axis=1)
    known = np.isfinite(errors)
    pooled = float(np.sqrt(squares[known].sum() / np.maximum((n[known] - 1).sum(), 1))) if known.any() else np.nan
    return SiteMeans(np.where(known, plain, np.nan), errors, fitted.phi, pooled)


def site_ranks(
    estimates: npt.ArrayLike,
    standard_errors: npt.ArrayLike,
    *,
    sites: Sequence[str],
    highest_first: bool,
    rng: np.random.Generator,
    confidence: float = 0.95,
) -> SiteRanks | NotComputable:
    """Rank sites, each with the ranks it may truly have.

    estimates, standard_errors: shape (n_sites,), one unit; NaN = left out, and so is a site without an error.
    highest_first: rank 1 is the highest.
    True levels are drawn from what the data say of them (normal around a common mean, its spread averaged over with a
        flat prior), and ranked draw by draw; the interval holds `confidence` of the draws, both ends inclusive.
    Returns NotComputable "too_few_sites_between". Raises ValueError for lengths that differ.
    Source: Goldstein and Spiegelhalter (1996), JRSS A 159:385, with levels that are drawn together: ranks drawn from
        each site's own interval alone are too sure (docs/methods/between-sites.md).

    >>> rng = np.random.default_rng(1)
    >>> ranks = site_ranks([9.0, 12, 15], [0.1, 0.1, 0.1], sites=["A", "B", "C"], highest_first=False, rng=rng)
    >>> ranks.rank.tolist(), ranks.upper.tolist()
    ([1, 2, 3], [1, 2, 3])
    """
    found, errors = np.array(estimates, dtype=np.float64), np.array(standard_errors, dtype=np.float64)
    if not found.shape == errors.shape == (len(sites),):
        raise ValueError("estimates, standard errors and sites must be as many")
    kept = np.isfinite(found) & np.isfinite(errors) & (errors > 0)
    names = tuple(site for site, keep in zip(sites, kept, strict=True) if keep)
    if len(names) < MINIMUM_SITES:
        return NotComputable("too_few_sites_between", {"n": len(names), "needed": MINIMUM_SITES})
    y, variances = found[kept], errors[kept] ** 2
    levels, taus = _drawn(y, variances, rng)
    ordered = _ranks(-levels if highest_first else levels)
    tail = (1 - confidence) / 2
    lower, middle, upper = np.quantile(ordered, [tail, 0.5, 1 - tail], axis=0, method="inverted_cdf")
    return SiteRanks(
        sites=names,
        estimates=y,
        standard_errors=errors[kept],
        shrunk=levels.mean(axis=0),
        rank=middle.astype(np.intp),
        lower=lower.astype(np.intp),
        upper=upper.astype(np.intp),
        tau=float(np.median(taus)),
        confidence=confidence,
        highest_first=highest_first,
        n_left_out=int((~kept).sum()),
    )


def _drawn(y: Floats, variances: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw true levels, shape (DRAWS, n_sites), and the spread each draw had."""
    widest = _WIDEST * max(float(np.ptp(y)), float(np.sqrt(np.median(variances))))
    taus = widest * np.linspace(0, 1, _TAUS) ** 2  # finer near 0, where the likelihood turns
    weights = 1 / (variances + taus[:, None] ** 2)
    total = weights.sum(axis=1)
    means = (weights * y).sum(axis=1) / total
    fit = np.log(weights).sum(axis=1) - np.log(total) - (weights * (y - means[:, None]) ** 2).sum(axis=1)
    share = np.exp((fit - fit.max()) / 2) * np.gradient(taus)
    chosen = rng.choice(_TAUS, DRAWS, p=share / share.sum())
    mean = means[chosen] + rng.normal(size=DRAWS) / np.sqrt(total[chosen])
    kept = taus[chosen, None] ** 2 / (taus[chosen, None] ** 2 + variances)
    centre = mean[:, None] + kept * (y - mean[:, None])
    levels: Floats = centre + np.sqrt(kept * variances) * rng.normal(size=(DRAWS, len(y)))
    return levels, taus[chosen]


def _ranks(levels: Floats) -> npt.NDArray[np.intp]:
    ranks = np.empty(levels.shape, dtype=np.intp)
    for first in range(0, len(levels), _BLOCK):
        order = levels[first : first + _BLOCK].argsort(axis=1)
        np.put_along_axis(ranks[first : first + _BLOCK], order, np.arange(1, levels.shape[1] + 1)[None, :], axis=1)
    return ranks


def steady_scale(counts: Floats, sizes: Floats, kind: FunnelKind) -> tuple[Floats, Floats]:
    """Put shares or rates on a scale where their error depends on the size alone: estimates and errors, (n_sites,).

    counts, sizes: as for `funnel`; size 0 or NaN gives NaN. The order of sites is that of their shares.
    Source: Anscombe (1948), Biometrika 35:246.

    >>> steady_scale(np.array([0.0, 50.0]), np.array([100.0, 100.0]), FunnelKind.SHARE)[1].round(3)
    array([0.05, 0.05])
    """
    size = np.where(np.isfinite(sizes) & (sizes > 0) & np.isfinite(counts), sizes, np.nan)
    if kind is FunnelKind.SHARE:
        shares = np.clip((counts + 0.375) / (size + 0.75), 0.0, 1.0)
        return np.arcsin(np.sqrt(shares)), 0.5 / np.sqrt(size + 0.5)
    return np.sqrt((counts + 0.375) / size), 0.5 / np.sqrt(size)
