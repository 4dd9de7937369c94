"""Exact lines of the binomial, Poisson and geometric distributions, where a normal approximation would mislead."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import numpy.typing as npt
from scipy import special

Floats = npt.NDArray[np.float64]

SIGMAS, NEAR_SIGMAS = 3.0, 2.0  # a limit, and the line a point is near it from (Shewhart 1931, p. 277)
LINES = (-SIGMAS, -NEAR_SIGMAS, NEAR_SIGMAS, SIGMAS)
MOST_COUNTED = 50.0  # expected events: up to here counts are added up one by one, which is quicker than inverting


def tail(sigmas: float) -> float:
    """Give the share that a normal distribution has below so many standard deviations.

    >>> round(tail(-3), 5)
    0.00135
    """
    return float(special.ndtr(sigmas))


def binomial_lines(trials: Floats, share: Floats) -> tuple[Floats, ...]:
    """Find, for each of LINES, the smallest count that the binomial reaches with the probability `tail(line)`.

    trials: whole numbers above 0 (others are rounded); share: above 0 and below 1; one shape.

    >>> binomial_lines(np.array([20.0]), np.array([0.1]))
    (array([0.]), array([0.]), array([5.]), array([7.]))
    """
    trials = np.maximum(np.rint(trials), 1.0)
    rare = np.minimum(share, 1 - share)
    if np.max(trials * rare, initial=0.0) > MOST_COUNTED:
        whole = trials.astype(np.int64)
        starts = (_floats(special.bdtrik(tail(line), trials, share)) for line in LINES)
        return tuple(
            _stepped(lambda count: _floats(special.bdtr(count, whole, share)), start, line, most=trials)
            for start, line in zip(starts, LINES, strict=True)
        )
    turned = share > 0.5  # the rarer of yes and no is counted up, and the line turned round
    odds = rare / (1 - rare)
    few = _counted(np.exp(trials * np.log1p(-rare)), lambda k: np.maximum(trials - k, 0.0) / (k + 1) * odds)
    return tuple(np.where(turned, trials - opposite, line) for line, opposite in zip(few, reversed(few), strict=True))


def poisson_lines(expected: Floats) -> tuple[Floats, ...]:
    """Find, for each of LINES, the smallest count that the Poisson distribution reaches with `tail(line)`.

    >>> poisson_lines(np.array([2.0]))
    (array([0.]), array([0.]), array([5.]), array([7.]))
    """
    if np.max(expected, initial=0.0) > MOST_COUNTED:
        starts = (_floats(special.pdtrik(tail(line), expected)) for line in LINES)
        most = np.full(expected.shape, np.inf)
        return tuple(
            _stepped(lambda count: _floats(special.pdtr(count, expected)), start, line, most=most)
            for start, line in zip(starts, LINES, strict=True)
        )
    return _counted(np.exp(-expected), lambda k: expected / (k + 1))


def geometric_line(sigmas: float, mean: Floats) -> Floats:
    """Find the smallest number of cases between events that the geometric reaches with the probability `tail(sigmas)`.

    mean: of the numbers of cases, above 0; counted from 0, the event's own case left out.

    >>> geometric_line(0, np.array([10.0]))
    array([7.])
    """
    # P(X <= k) = 1 - (m / (1 + m))^(k + 1)
    steps = special.log_ndtr(-sigmas) / -np.log1p(1.0 / mean)
    return np.maximum(np.ceil(steps - 1e-9) - 1.0, 0.0)


def _counted(none: Floats, ratio: Callable[[int], Floats]) -> tuple[Floats, ...]:
    """Add up probabilities from the count 0; none: its probability, ratio(k): of count k + 1 to count k."""
    wanted = [tail(line) for line in LINES]
    lines = [np.zeros(none.shape) for _ in LINES]
    chance, below, count = none, none.copy(), 0
    while (short := below < wanted[-1]).any():
        for line, share in zip(lines[:-1], wanted, strict=False):
            line += below < share
        lines[-1] += short
        chance = chance * ratio(count)
        below += chance
        count += 1
    return tuple(lines)


def _stepped(below: Callable[[Floats], Floats], start: Floats, sigmas: float, *, most: Floats) -> Floats:
    """From a start near it, step to the smallest whole count k with P(X <= k) >= tail(sigmas)."""
    wanted = tail(sigmas)
    count: Floats = np.clip(np.ceil(np.nan_to_num(start)), 0.0, most)
    while (short := below(count) < wanted).any():
        count = count + short
    while (over := (count > 0) & (below(np.maximum(count - 1.0, 0.0)) >= wanted)).any():
        count = count - over
    return count


def _floats(found: npt.ArrayLike) -> Floats:
    return np.asarray(found, dtype=np.float64)
