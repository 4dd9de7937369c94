"""Two groups of many separate units, read whenever one likes: an interval that holds at every look at once.

For measures taken on each unit once (a person, an order, a visit), where the units do not resemble their neighbours.
A site's own series is read by `declared_looks` or `e_value` instead.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from analytics.results import NotComputable
from analytics.results_sequential import ConfidenceSequence

TUNED_FOR = 5000  # units at which the interval is narrowest
MINIMUM_UNITS = 2  # a group; below, it has no spread


@dataclass(frozen=True, slots=True)
class Group:
    """What is known of a group: units, and the mean and variance of their values."""

    n: int
    mean: float
    variance: float

    @classmethod
    def of_sums(cls, n: int, total: float, squares: float) -> Group:
        """From the sum of the values and of their squares.

        >>> Group.of_sums(3, 6.0, 14.0)
        Group(n=3, mean=2.0, variance=1.0)
        """
        return cls(n, total / n, (squares - total**2 / n) / (n - 1))

    @classmethod
    def of_share(cls, n: int, events: int) -> Group:
        """From how many units had the event.

        >>> Group.of_share(4, 1)
        Group(n=4, mean=0.25, variance=0.1875)
        """
        return cls(n, events / n, events / n * (1 - events / n))


def confidence_sequence(
    first: Group, second: Group, *, relative: bool = False, tuned_for: int = TUNED_FOR, confidence: float = 0.95
) -> ConfidenceSequence | NotComputable:
    """Compare the second group with the first by an interval that holds however often it is read.

    relative: as a share of the first group's mean, its own uncertainty allowed for (delta method).
    tuned_for: units in both groups at which the interval is to be narrowest, chosen before the start.
    Holds for large groups: the first looks should come after some hundred units.
    Returns NotComputable "too_few_units", "no_noise" or "no_first_level" (relative, and the first mean is 0).
    Source: Waudby-Smith, Arbour, Sinha, Kennedy and Ramdas (2021), arXiv 2103.06476v7, equations 9, 155 and 161.

    >>> said = confidence_sequence(Group.of_share(3000, 1396), Group.of_share(3461, 2422), relative=True)
    >>> round(said.estimate, 3), round(said.lower, 3), round(said.upper, 3)
    (0.504, 0.401, 0.607)
    """
    fewest = min(first.n, second.n)
    if fewest < MINIMUM_UNITS:
        return NotComputable("too_few_units", {"found": fewest, "needed": MINIMUM_UNITS})
    if relative and first.mean == 0:
        return NotComputable("no_first_level")
    variance = second.variance / second.n + first.variance / first.n
    estimate = second.mean - first.mean
    if relative:
        variance = (
            second.variance / second.n / first.mean**2 + first.variance / first.n * second.mean**2 / first.mean**4
        )
        estimate /= first.mean
    if not variance > 0:
        return NotComputable("no_noise")
    alpha, n = 1 - confidence, first.n + second.n
    rho_squared = (-2 * math.log(alpha) + math.log(-2 * math.log(alpha) + 1)) / tuned_for
    spread = n * rho_squared + 1
    half_width = math.sqrt(variance * 2 * spread * math.log(math.sqrt(spread) / alpha) / (n * rho_squared))
    log_evidence = estimate**2 / variance * n * rho_squared / (2 * spread) - math.log(spread) / 2
    return ConfidenceSequence(
        estimate=estimate,
        lower=estimate - half_width,
        upper=estimate + half_width,
        confidence=confidence,
        standard_error=math.sqrt(variance),
        p_value=min(1.0, math.exp(-log_evidence)),
        n=n,
        relative=relative,
    )
