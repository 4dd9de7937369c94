"""What the methods between sites answer with: funnels, components of variance, dispersion over time, ranks."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    Floats = npt.NDArray[np.float64]

MINIMUM_TO_WIDEN = 8  # sites; with fewer, an ordinary spread cannot be told from one unusual site


class FunnelKind(StrEnum):
    """What a site's value is."""

    SHARE = "share"  # so many of so many cases: binomial limits
    RATE = "rate"  # events for an exposure: Poisson limits
    MEAN = "mean"  # a mean with an error of its own


class Widening(StrEnum):
    """How limits allow for differences between sites that are ordinary and yet more than chance."""

    NONE = "none"
    ADDITIVE = "additive"  # true levels differ by a standard deviation tau
    MULTIPLICATIVE = "multiplicative"  # every variance is phi times what chance makes it


class Standing(StrEnum):
    """Where a site stands in the funnel."""

    INSIDE = "inside"
    NEAR_ABOVE = "near_above"  # beyond the inner limit only: one site in twenty is, by chance
    NEAR_BELOW = "near_below"
    ABOVE = "above"  # beyond the outer limit
    BELOW = "below"


@dataclass(frozen=True, slots=True, eq=False)
class FunnelLimits:
    """Limits at given sizes, in the unit of the values; inner 95 %, outer 99.8 %."""

    inner_lower: Floats
    inner_upper: Floats
    outer_lower: Floats
    outer_upper: Floats


@dataclass(frozen=True, slots=True, eq=False)
class Funnel:
    """Sites of different size beside what chance, and ordinary differences between sites, make of them.

    Arrays have one entry a site, in the order given, those that could not be placed left out. values, centre, tau and
    limits: as shown, per `per`. sizes: cases, exposure, or for means the number of independent measurements that
    would be as precise; unit_sd: the standard deviation of one of these (means only).
    z: distance from the centre in standard errors of chance alone. phi: mean squared z; phi_winsorised: the same with
    the outer tenths drawn in.
    tau, factor: what the limits were widened by; 0 and 1 where they were not.
    """

    kind: FunnelKind
    sites: tuple[str, ...]
    values: Floats
    sizes: Floats
    centre: float
    limits: FunnelLimits
    standings: tuple[Standing, ...]
    z: Floats
    phi: float
    phi_winsorised: float
    widening: Widening
    tau: float
    factor: float
    per: float
    unit_sd: float
    n_left_out: int

    @property
    def outside(self) -> tuple[str, ...]:
        """The sites beyond the outer limits, the farthest first."""
        far = [place for place, at in enumerate(self.standings) if at in (Standing.ABOVE, Standing.BELOW)]
        return tuple(self.sites[place] for place in sorted(far, key=lambda place: -abs(self.distances[place])))

    @property
    def near(self) -> tuple[str, ...]:
        """The sites between the inner and the outer limits."""
        between = (Standing.NEAR_ABOVE, Standing.NEAR_BELOW)
        return tuple(site for site, at in zip(self.sites, self.standings, strict=True) if at in between)

    @property
    def distances(self) -> tuple[float, ...]:
        """How far each value stands from the centre, 1 = on the outer limit; signed."""
        return tuple(
            _distance(value - self.centre, (upper if value >= self.centre else lower) - self.centre)
            for value, upper, lower in zip(
                self.values.tolist(), self.limits.outer_upper.tolist(), self.limits.outer_lower.tolist(), strict=True
            )
        )


def _distance(away: float, reach: float) -> float:
    return away / abs(reach) if reach else float((away > 0) - (away < 0))


@dataclass(frozen=True, slots=True)
class VarianceComponents:
    """How much of the variation lies between sites, by a one-way analysis of variance.

    icc: between / (between + within), 0 where the estimate of between is negative (`negative`); its interval is not
    cut. icc_of_means: the same for the mean of n0 values of a site. raw_between: before it is set to 0.
    n0: values a site, averaged so as to be right for sites of different length.
    """

    between: float
    within: float
    icc: float
    lower: float
    upper: float
    confidence: float
    icc_of_means: float
    raw_between: float
    negative: bool
    mean_square_between: float
    mean_square_within: float
    f: float
    p_value: float
    n0: float
    n_sites: int
    n_values: float
    degrees_within: float


class Change(StrEnum):
    """Which way a spread went, as far as an interval can tell."""

    LESS = "less"
    MORE = "more"
    UNCLEAR = "unclear"


@dataclass(frozen=True, slots=True)
class SpreadChange:
    """A spread late over the same spread early: 0.5 = half as wide; with its interval."""

    ratio: float
    lower: float
    upper: float
    n_sites: int
    confidence: float

    @property
    def change(self) -> Change:
        """What the interval allows to say."""
        if self.upper < 1:
            return Change.LESS
        return Change.MORE if self.lower > 1 else Change.UNCLEAR


@dataclass(frozen=True, slots=True)
class Block:
    """One stretch of time. start, end: its first and last period, inclusive; spreads in the metric's unit.

    between: standard deviation of the sites' true levels, noise taken off, with its interval; 0 where the sites' means
    differ by no more than noise. within: of one site's values around its level, the sites pooled.
    cv_between, cv_within: the same over the level; None unless the metric is positive and has a true zero.
    """

    start: dt.date
    end: dt.date
    n_sites: int
    level: float
    between: float
    between_lower: float
    between_upper: float
    within: float
    cv_between: float | None
    cv_within: float | None


@dataclass(frozen=True, slots=True)
class Dispersion:
    """Is it becoming one standard? Spread between and within sites over time, first third against last third.

    between: spread of the same sites' means, late over early. relative: the same over the level; None as in Block.
    within: spread of one site's own values, late over early, the mean of the sites.
    phi: how alike neighbouring values are, allowed for in the noise.
    """

    blocks: tuple[Block, ...]
    between: SpreadChange
    relative: SpreadChange | None
    within: SpreadChange | None
    early_between: float
    late_between: float
    phi: float
    n_sites: int
    n_left_out: int  # sites not measured in both thirds

    @property
    def change(self) -> Change:
        """The answer: less spread between sites, more, or not to be told."""
        return self.between.change


@dataclass(frozen=True, slots=True, eq=False)
class SiteRanks:
    """Where each site may stand: 1 = best by `highest_first`. Arrays in the order given; limits inclusive.

    estimates: as given; shrunk: drawn towards the mean as far as noise reaches; rank: the median of the draws.
    """

    sites: tuple[str, ...]
    estimates: Floats
    standard_errors: Floats
    shrunk: Floats
    rank: npt.NDArray[np.intp]
    lower: npt.NDArray[np.intp]
    upper: npt.NDArray[np.intp]
    tau: float  # posterior median of the spread of true levels
    confidence: float
    highest_first: bool
    n_left_out: int

    @property
    def surely_first_half(self) -> tuple[str, ...]:
        """Sites whose whole interval lies in the better half."""
        half = len(self.sites) / 2
        return tuple(site for site, end in zip(self.sites, self.upper, strict=True) if end <= half)

    @property
    def surely_second_half(self) -> tuple[str, ...]:
        """Sites whose whole interval lies in the other half."""
        half = len(self.sites) / 2
        return tuple(site for site, end in zip(self.sites, self.lower, strict=True) if end > half + 0.5)
