"""Where did the level of a series change? Proposals for a person to accept as a step or to dismiss."""

from __future__ import annotations

import itertools

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import special

from analytics.measured import Measured
from analytics.results import NotComputable
from analytics.results_trend import ChangePoint, ChangePoints

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

MINIMUM_SEGMENT = 7  # points between two changes, as many as the chart's rule of a run needs
PENALTY_FACTOR = 3.0  # a change must explain 3 s² log n, Yao (1988) with room for two parameters, level and date
# The median absolute deviation of a normal distribution is this share of its standard deviation.
MAD_SHARE = 0.6744897501960817
STRONGEST_PHI = 0.9  # above, a drift and a step cannot be told apart
DATE_CONFIDENCE = 0.95
_SEARCH_STEPS = 60  # halvings of a bracket: below a millionth of a period


def change_points(values: pd.Series, *, minimum_segment: int = MINIMUM_SEGMENT) -> ChangePoints | NotComputable:
    """Find the levels, and the dates between them, that explain a series best for their number.

    values: shape (n_periods,), the metric's own unit, indexed by period start, oldest first, each period once.
        NaN = not measured; segments count measured points.
    The best of all partitions is found, not one step after another. Each change has to explain
    PENALTY_FACTOR s² log n, with s² from differences of neighbours, which no step moves, widened for phi.
    Returns NotComputable "all_missing", "infinite_values", "short_history" (below two segments) or "constant".
    Raises ValueError if the index is not of dates, is unsorted or repeats a period, or for an empty segment.
    Source: optimal partitioning (Jackson et al. 2005) with the pruning of Killick et al. (2012); date intervals of
        Bai (1997), Review of Economics and Statistics 79, 551.

    >>> days = pd.date_range("2026-01-05", periods=28, freq="7D")
    >>> late = pd.Series([9.8, 10.1, 10.2, 9.9, 10, 10.1, 9.9] * 2 + [7.8, 8.1, 8.2, 7.9, 8, 8.1, 7.9] * 2, index=days)
    >>> [(change.date.isoformat(), round(change.change, 1)) for change in change_points(late).changes]
    [('2026-04-13', -2.0)]
    """
    if minimum_segment < 1:
        raise ValueError("a segment needs a point")
    series = Measured.of(values)
    fault = series.fault(2 * minimum_segment)
    if fault is not None:
        return fault
    observed = series.observed
    variance, phi = _noise(observed, series.places)
    long_run = variance * (1 + phi) / (1 - phi)
    penalty = PENALTY_FACTOR * long_run * np.log(len(observed))
    starts = optimal_partition(observed, penalty=penalty, minimum_segment=minimum_segment)
    bounds = [0, *starts, len(observed)]
    return ChangePoints(
        changes=tuple(
            _change(series, bounds[i], start, bounds[i + 2], (1 + phi) / (1 - phi)) for i, start in enumerate(starts)
        ),
        levels=tuple(float(observed[a:b].mean()) for a, b in itertools.pairwise(bounds)),
        spread=float(np.sqrt(variance)),
        phi=phi,
        penalty=float(penalty),
        start=series.date(0),
        end=series.date(-1),
        n=len(observed),
        n_missing=series.n_missing,
    )


def optimal_partition(values: Floats, *, penalty: float, minimum_segment: int = MINIMUM_SEGMENT) -> list[int]:
    """Split values where sum of squares around segment means plus penalty per split is least.

    values: shape (n,), nothing missing. Returns the first position of each segment but the first, rising.

    >>> optimal_partition(np.repeat([0.0, 5.0, 1.0], 10), penalty=3.0)
    [10, 20]
    """
    n = len(values)
    centred = values - values.mean()
    sums = np.concatenate([[0.0], np.cumsum(centred)])
    squares = np.concatenate([[0.0], np.cumsum(centred**2)])
    best = np.full(n + 1, np.inf)
    best[0] = -penalty
    previous = np.zeros(n + 1, dtype=np.intp)
    candidates = np.zeros(0, dtype=np.intp)
    useless_from = np.full(n + 1, n + 1)
    for end in range(minimum_segment, n + 1):
        newest = end - minimum_segment
        if np.isfinite(best[newest]):
            candidates = np.append(candidates, newest)
        cost = squares[end] - squares[candidates] - (sums[end] - sums[candidates]) ** 2 / (end - candidates)
        total = best[candidates] + cost
        chosen = int(np.argmin(total))
        best[end] = total[chosen] + penalty
        previous[end] = candidates[chosen]
        # What is behind by a whole penalty never leads again, once a segment begun here is long enough to stand for it.
        behind = candidates[total > best[end]]
        useless_from[behind] = np.minimum(useless_from[behind], end + minimum_segment)
        candidates = candidates[useless_from[candidates] > end + 1]
    starts, end = [], int(previous[n])
    while end > 0:
        starts.append(end)
        end = int(previous[end])
    return starts[::-1]


def date_interval(
    before: Floats, after: Floats, *, inflation: float = 1.0, confidence: float = DATE_CONFIDENCE
) -> tuple[int, int] | None:
    """Say how far the last period at the old level may lie from where it was found: periods earlier, periods later.

    before, after: the values of the two levels. inflation: what lingering noise multiplies their variances by.
    None where the limit distribution puts nearly everything on one side.
    Source: Bai (1997); rounded outwards as strucchange does.

    >>> date_interval(np.array([9.0, 10, 11, 10] * 5), np.array([5.0, 6, 7, 6] * 5))
    (1, 1)
    """
    spread_before, spread_after = (max(float(side.var()) * inflation, np.finfo(float).tiny) for side in (before, after))
    ratio = spread_after / spread_before
    tail = (1 - confidence) / 2
    at_zero = _share_below(0.0, ratio)
    if not tail <= at_zero <= 1 - tail:
        return None
    unit = spread_before / float(after.mean() - before.mean()) ** 2
    later, earlier = _quantile(1 - tail, ratio) * unit, _quantile(tail, ratio) * unit
    return int(np.ceil(later)), int(-np.floor(earlier))


def _change(series: Measured, first: int, start: int, end: int, inflation: float) -> ChangePoint:
    before, after = series.observed[first:start], series.observed[start:end]
    reach = date_interval(before, after, inflation=inflation)
    earlier, later = (start - first, end - start) if reach is None else reach
    return ChangePoint(
        date=series.date(start),
        earliest=series.date(max(start - earlier, first)),
        latest=series.date(min(start + later, end - 1)),
        confidence=DATE_CONFIDENCE,
        level_before=float(before.mean()),
        level_after=float(after.mean()),
        n_before=len(before),
        n_after=len(after),
    )


def _noise(observed: Floats, places: Places) -> tuple[float, float]:
    """Variance of single points and their lag-one correlation, both from differences, which a step moves once only.

    A difference over one period has variance 2 v (1 - phi), over two 2 v (1 - phi²): their ratio is 1 + phi.
    """
    one, two = _differences(observed, places, 1), _differences(observed, places, 2)
    short = _robust_variance(one)
    phi = 0.0
    if len(two) >= MINIMUM_SEGMENT and short > 0:
        phi = float(np.clip(_trimmed_mean_square(two) / _trimmed_mean_square(one) - 1, 0.0, STRONGEST_PHI))
    if short == 0:  # half of the neighbours are equal: the spread of the others is all there is to go by
        short = float((one**2).mean())
    return short / 2 / (1 - phi), phi


def _differences(observed: Floats, places: Places, periods: int) -> Floats:
    """Differences of points that many periods apart, those with a missing point between them left out."""
    later = observed[periods:] - observed[:-periods]
    kept: Floats = later[places[periods:] - places[:-periods] == periods]
    return kept if len(kept) else later


def _robust_variance(differences: Floats) -> float:
    return float((np.median(np.abs(differences)) / MAD_SHARE) ** 2)


def _trimmed_mean_square(differences: Floats) -> float:
    """The mean square without the largest tenth: the steps are among those."""
    squares = np.sort(differences**2)
    return float(squares[: max(len(squares) * 9 // 10, 1)].mean())


def _share_below(x: float, ratio: float) -> float:
    """Distribution of where a two-sided Brownian motion with drift is highest (Bai 1997, appendix B).

    ratio: of the variance after to the one before; x in units of the variance before over the squared change.
    """
    size = abs(x)
    if x < 0:
        return float(
            -np.sqrt(size / (2 * np.pi)) * np.exp(-size / 8)
            - ratio * (ratio + 2) / (ratio + 1)
            * np.exp((1 + 1 / ratio) / ratio * size / 2 + special.log_ndtr(-(0.5 + 1 / ratio) * np.sqrt(size)))
            + (size / 2 - 2 + (ratio + 2) ** 2 / (ratio + 1)) * special.ndtr(-np.sqrt(size) / 2)
        )  # fmt: skip
    return float(
        1
        + np.sqrt(size / (ratio * 2 * np.pi)) * np.exp(-size / (8 * ratio))
        + (2 * ratio + 1) / (ratio * (ratio + 1))
        * np.exp((ratio + 1) * size / 2 + special.log_ndtr(-(ratio + 0.5) * np.sqrt(size / ratio)))
        - ((2 * ratio + 1) ** 2 / ((ratio + 1) * ratio) - 2 + size / (2 * ratio))
        * special.ndtr(-np.sqrt(size / ratio) / 2)
    )  # fmt: skip


def _quantile(share: float, ratio: float) -> float:
    low, high = -1.0, 1.0
    while _share_below(low, ratio) > share:
        low *= 2
    while _share_below(high, ratio) < share:
        high *= 2
    for _ in range(_SEARCH_STEPS):
        middle = (low + high) / 2
        low, high = (middle, high) if _share_below(middle, ratio) < share else (low, middle)
    return (low + high) / 2
