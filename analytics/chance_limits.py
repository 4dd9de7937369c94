"""Where chance alone puts sites of a size: interpolated quantiles of binomial and Poisson counts, and of means."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from analytics.measured import Floats
from analytics.results_between import FunnelKind


def quantile_limits(
    kind: FunnelKind, centre: float, sizes: npt.ArrayLike, share: float, *, unit_variance: float = 1.0
) -> Floats:
    """Give the value below which this share of sites of each size would lie by chance, not cut at what can be.

    centre: per one case or unit of exposure. Between two whole counts the quantile is interpolated.
    unit_variance: of one measurement; means only.
    Source: Spiegelhalter (2005), appendix A.1.1.

    >>> quantile_limits(FunnelKind.SHARE, 0.1180307501165, [34, 1200], 0.025).round(4).tolist()
    [0.0051, 0.0997]
    """
    at = np.asarray(sizes, dtype=np.float64)
    if kind is FunnelKind.MEAN:
        return np.asarray(centre + special.ndtri(share) * np.sqrt(unit_variance / at))
    if kind is FunnelKind.SHARE:
        cases = np.maximum(np.rint(at), 1.0)
        first = np.clip(np.ceil(special.bdtrik(share, cases, centre)), 0, cases)
    else:
        cases = at
        first = np.maximum(np.ceil(special.pdtrik(share, centre * cases)), 0)

    def below(count: Floats) -> Floats:
        held = np.maximum(count, 0)
        exact = (
            special.bdtr(held, cases.astype(np.int64), centre)
            if kind is FunnelKind.SHARE
            else special.pdtr(held, centre * cases)
        )
        return np.where(count < 0, 0.0, exact)

    first = np.where(below(first) < share, first + 1, first)
    first = np.where(below(first - 1) >= share, first - 1, first)
    reached, before = below(first), below(first - 1)
    back = (reached - share) / np.where(reached > before, reached - before, 1.0)
    return np.asarray((first - back) / cases)
