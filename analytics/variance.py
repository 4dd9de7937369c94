"""How much of the variation lies between sites, and how much within them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import special

from analytics.measured import Floats
from analytics.results import NotComputable
from analytics.results_between import VarianceComponents
from analytics.stretches import Stretch, typical_phi

MINIMUM_SITES = 2


def variance_components(
    values: npt.ArrayLike, sites: Sequence[object] | npt.ArrayLike, *, confidence: float = 0.95
) -> VarianceComponents | NotComputable:
    """Split the variation of independent values into between and within sites.

    values: shape (n,), one unit; NaN = left out. sites: shape (n,), the site of each.
    Between = (mean square between - within) / n0, n0 = (N - sum n² / N) / (sites - 1); a negative one is set to 0 and
        `negative` says so. Interval of the intraclass correlation from F with (sites - 1, N - sites) degrees: exact for
        sites of one length (Searle), by unweighted means for others.
    Returns NotComputable "too_few_sites_between", "no_repeats" (one value a site), "sites_alike" (nothing varies).
    Raises ValueError for lengths that differ. For series whose neighbours are alike: `site_components`.
    Source: Searle, Casella and McCulloch, Variance Components (1992), ch. 3; Thomas and Hultquist (1978).

    >>> found = variance_components([1, 2, 3, 7, 8, 9], ["A", "A", "A", "B", "B", "B"])
    >>> round(found.between, 2), round(found.within, 2), round(found.icc, 2)
    (17.67, 1.0, 0.95)
    """
    observed = np.array(values, dtype=np.float64)
    labels = np.asarray(sites)
    if observed.shape != labels.shape:
        raise ValueError("values and sites must be as many")
    kept = np.isfinite(observed)
    _, place = np.unique(labels[kept], return_inverse=True)
    observed = observed[kept]
    counts = np.bincount(place).astype(np.float64)
    means = np.bincount(place, observed).astype(np.float64) / np.maximum(counts, 1)
    squares = np.bincount(place, (observed - means[place]) ** 2).astype(np.float64)
    return _components(_Groups(counts, means, squares, counts - 1), confidence)


def site_components(values: Floats, *, confidence: float = 0.95) -> VarianceComponents | NotComputable:
    """Split the variation of series into between and within sites, allowing for neighbours that are alike.

    values: shape (n_sites, n_periods), oldest first, NaN = not measured. A site counts as many values as independent
        ones would be as telling; phi, the correlation of neighbours, is the sites' median.
    Otherwise as `variance_components`.
    """
    values = np.asarray(values, dtype=np.float64)
    measured = np.isfinite(values)
    counts = measured.sum(axis=1)
    kept = counts >= 2
    if kept.sum() < MINIMUM_SITES:
        return NotComputable("too_few_sites_between", {"n": int(kept.sum()), "needed": MINIMUM_SITES})
    phi = typical_phi(values[kept])
    stretch = Stretch.of(values[kept], phi)
    effective = 1 / stretch.noise_share
    freedom = np.maximum(effective - 1, 0.0)
    return _components(_Groups(effective, stretch.means, stretch.variances * freedom, freedom), confidence)


class _Groups(NamedTuple):
    """Sites of a one-way analysis: values, mean, sum of squares around it, degrees of freedom. Shapes (n_sites,)."""

    counts: Floats
    means: Floats
    squares: Floats
    freedom: Floats


def _components(groups: _Groups, confidence: float) -> VarianceComponents | NotComputable:
    n_sites = len(groups.counts)
    if n_sites < MINIMUM_SITES:
        return NotComputable("too_few_sites_between", {"n": n_sites, "needed": MINIMUM_SITES})
    total, freedom = float(groups.counts.sum()), float(groups.freedom.sum())
    if freedom <= 0:
        return NotComputable("no_repeats", {"found": n_sites})
    grand = float((groups.counts * groups.means).sum() / total)
    between_square = float((groups.counts * (groups.means - grand) ** 2).sum() / (n_sites - 1))
    within = float(groups.squares.sum() / freedom)
    if within <= 0 and between_square <= 0:
        return NotComputable("sites_alike", {"value": grand})
    n0 = (total - float((groups.counts**2).sum()) / total) / (n_sites - 1)
    raw = (between_square - within) / n0
    between = max(0.0, raw)
    f = between_square / within if within > 0 else np.inf
    # For sites of different length the F of unweighted means, with the harmonic mean of their lengths, is closer to F.
    harmonic = n_sites / float((1 / groups.counts).sum())
    unweighted = harmonic * float(groups.means.var(ddof=1)) / within if within > 0 else np.inf
    tail = (1 - confidence) / 2
    lower, upper = (
        _intraclass(unweighted / float(special.fdtri(n_sites - 1, freedom, share)), harmonic)
        for share in (1 - tail, tail)
    )
    icc = between / (between + within)
    return VarianceComponents(
        between=between,
        within=within,
        icc=icc,
        lower=lower,
        upper=upper,
        confidence=confidence,
        icc_of_means=between / (between + within / n0),
        raw_between=raw,
        negative=raw < 0,
        mean_square_between=between_square,
        mean_square_within=within,
        f=f,
        p_value=float(special.fdtrc(n_sites - 1, freedom, f)) if np.isfinite(f) else 0.0,
        n0=n0,
        n_sites=n_sites,
        n_values=total,
        degrees_within=freedom,
    )


def _intraclass(f: float, n0: float) -> float:
    return (f - 1) / (f + n0 - 1) if np.isfinite(f) else 1.0
