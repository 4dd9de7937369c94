"""Many experiments: some look like successes by luck, so the p values of a family are judged together."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.results import NotComputable
from analytics.results_effects import Multiplicity

Floats = npt.NDArray[np.float64]

FALSE_DISCOVERY_RATE = 0.05  # of what is called an effect, the share that may be none (Benjamini and Hochberg 1995)


def benjamini_hochberg(p_values: npt.ArrayLike, *, rate: float = FALSE_DISCOVERY_RATE) -> Multiplicity | NotComputable:
    """Adjust the p values of one family: the final looks of one cycle, or every series of a board.

    p_values: shape (n,), any order; NaN = not tested, which counts for nothing and stays NaN.
    rate: the share of false discoveries allowed among those that stand, inclusive.
    Gives the raw ones beside four adjustments, each at most 1 and in the order given: Benjamini and Hochberg (share
        of false discoveries, independent or positively dependent tests), Benjamini and Yekutieli (any dependence),
        Holm and Bonferroni (any false discovery at all).
    Returns NotComputable "no_p_values". Raises ValueError for a p value below 0 or above 1.
    Source: Benjamini and Hochberg (1995), Benjamini and Yekutieli (2001), Holm (1979).

    >>> family = benjamini_hochberg([0.01, 0.04, 0.5, float("nan")])
    >>> family.benjamini_hochberg.round(3).tolist(), family.discoveries.tolist()
    ([0.03, 0.06, 0.5, nan], [True, False, False, False])
    """
    raw = np.array(p_values, dtype=np.float64)
    tested = ~np.isnan(raw)
    n = int(tested.sum())
    if n == 0:
        return NotComputable("no_p_values")
    if ((raw[tested] < 0) | (raw[tested] > 1)).any():
        raise ValueError("p values must lie between 0 and 1")
    order = np.argsort(raw[tested], kind="stable")
    rising, rank = raw[tested][order], np.arange(1, n + 1)
    stepped_up = np.minimum.accumulate((rising * n / rank)[::-1])[::-1]
    any_dependence = np.minimum.accumulate((rising * n / rank * (1 / rank).sum())[::-1])[::-1]
    stepped_down = np.maximum.accumulate(rising * (n - rank + 1))

    def placed(adjusted: Floats) -> Floats:
        cells = np.full(raw.shape, np.nan)
        cells[np.flatnonzero(tested)[order]] = np.minimum(adjusted, 1.0)
        return cells

    return Multiplicity(
        raw=raw,
        benjamini_hochberg=placed(stepped_up),
        benjamini_yekutieli=placed(any_dependence),
        holm=placed(stepped_down),
        bonferroni=placed(rising * n),
        rate=rate,
        n_tested=n,
    )
