"""What analytics answer about effects over several sites, several experiments, and about doubts on an effect."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    import numpy as np


@dataclass(frozen=True, slots=True)
class WelchInterval:
    """The same comparison with each group's own spread (Welch); beside the main interval, for who expects it."""

    lower: float
    upper: float
    t: float
    degrees_of_freedom: float
    p_value: float


@dataclass(frozen=True, slots=True)
class ComparisonEffect:
    """How much more the treated sites changed than the comparison sites.

    estimate, lower, upper: in the metric's unit (positive = the treated sites rose more).
    relative*: the same as a share of the treated sites' level before; None where that level is not positive.
    """

    estimate: float
    lower: float
    upper: float
    confidence: float
    relative: float | None
    relative_lower: float | None
    relative_upper: float | None
    level_before: float  # mean of the treated sites' means before
    standard_error: float
    t: float
    degrees_of_freedom: int
    t_p_value: float
    p_value: float  # share of the assignments of sites with a difference as large
    smallest_p: float  # what p_value can fall to with so many sites
    n_assignments: int  # the true one among them
    all_assignments: bool  # False = a sample of them
    welch: WelchInterval | None  # None with one treated site
    treated_sites: tuple[str, ...]
    comparison_sites: tuple[str, ...]
    left_out_sites: tuple[str, ...]  # not measured on both sides of the date
    site_changes: Mapping[str, float]  # mean after - mean before
    n_before: int  # periods
    n_after: int
    n_missing: int  # values of the sites that count
    method: str = "collapsed_did"

    @property
    def decided(self) -> bool:
        """Whether both readings exclude "no effect": the interval, and the assignments if they can at all."""
        alpha = 1 - self.confidence
        return not self.lower <= 0 <= self.upper and (self.p_value <= alpha or self.smallest_p > alpha)


@dataclass(frozen=True, slots=True)
class RolloutEffect:
    """The mean effect over the treated periods of sites that adopted one after another.

    estimate, lower, upper: in the metric's unit; relative*: as a share of the adopters' level before.
    The interval supposes one constant effect; the estimate is the mean of whatever the effects were.
    """

    estimate: float
    lower: float
    upper: float
    confidence: float
    relative: float | None
    relative_lower: float | None
    relative_upper: float | None
    level_before: float
    p_value: float
    smallest_p: float
    n_orders: int  # orders of adoption compared, the true one among them
    all_orders: bool  # False = a sample of them
    drawn_by_lot: bool  # only then the test is exact; otherwise it is a placebo test
    adopters: tuple[str, ...]
    comparison_sites: tuple[str, ...]  # never treated
    left_out_sites: tuple[str, ...]  # never seen untreated
    n_waves: int
    n_treated: int  # site-periods that the estimate averages
    n_beyond_horizon: int  # treated site-periods that nobody untreated is left to compare with
    horizon: dt.date  # last period with an untreated site, inclusive
    n_missing: int
    method: str = "imputation"


@dataclass(frozen=True, slots=True)
class EventTime:
    """One point of an event study: so many periods after adoption (0 = the first treated one, negative = before)."""

    periods_after: int
    estimate: float
    lower: float
    upper: float
    n_sites: int


@dataclass(frozen=True, slots=True)
class EventStudy:
    """How adopters part from sites not treated yet, period by period around adoption; zero = their own base."""

    points: tuple[EventTime, ...]  # earliest first
    confidence: float
    base_periods: int
    adopters: tuple[str, ...]
    drawn_by_lot: bool


@dataclass(frozen=True, slots=True, eq=False)
class Multiplicity:
    """The p values of one family, raw and adjusted. Arrays aligned with what was given; NaN = not tested."""

    raw: np.ndarray
    benjamini_hochberg: np.ndarray
    benjamini_yekutieli: np.ndarray
    holm: np.ndarray
    bonferroni: np.ndarray
    rate: float  # share of false discoveries allowed
    n_tested: int

    @property
    def discoveries(self) -> np.ndarray:
        """Which ones stand at the rate, by Benjamini and Hochberg."""
        return self.benjamini_hochberg <= self.rate


@dataclass(frozen=True, slots=True)
class PooledEffect:
    """One practice tried at several sites: the mean effect, how much sites differ, what the next one should expect.

    next_lower, next_upper: where the next site's true effect should lie; None below three sites.
    plug_in_*: the usual formula for the same, too narrow (see `pooling`); for comparison with other programs.
    """

    estimate: float
    lower: float
    upper: float
    confidence: float
    standard_error: float
    p_value: float
    tau_squared: float  # variance of the true effects between sites
    i_squared: float  # share of the variation that is not chance, 0 to 1
    q: float
    q_p_value: float
    next_lower: float | None
    next_upper: float | None
    plug_in_lower: float | None
    plug_in_upper: float | None
    sites: tuple[str, ...]
    estimates: tuple[float, ...]
    standard_errors: tuple[float, ...]
    shares: tuple[float, ...]  # weight of each site in the mean, adding up to 1
    method: str = "paule_mandel_hartung_knapp"


@dataclass(frozen=True, slots=True)
class PortfolioTotal:
    """The effects of many experiments added up, each drawn towards their mean as far as it may owe to luck.

    total, lower, upper: of those that count; raw_total: their plain sum, too far from zero if they were picked for
    their results. The rest has one entry an experiment.
    """

    total: float
    lower: float
    upper: float
    confidence: float
    raw_total: float
    names: tuple[str, ...]
    counted: tuple[bool, ...]
    shrunk: tuple[float, ...]
    shrunk_lower: tuple[float, ...]
    shrunk_upper: tuple[float, ...]
    share_positive: float  # of the true effects of all experiments, expected, 0 to 1


class GuardLevel(StrEnum):
    """What a doubt does to an effect."""

    WARNING = "warning"  # shown beside the effect
    REFUSAL = "refusal"  # no effect is shown


@dataclass(frozen=True, slots=True)
class Guard:
    """One reason to doubt an effect, worded by `wording`.

    code: a stable name, for example "overlap"; args: what its sentence needs.
    """

    code: str
    level: GuardLevel
    args: Mapping[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Placebos:
    """Effects found where none can be: at false starts, or at sites that were not treated."""

    kind: str  # "starts" or "sites"
    names: tuple[str, ...]  # ISO dates or site codes
    estimates: tuple[float, ...]
    p_values: tuple[float, ...]
    n_alarms: int  # at alpha
    expected_alarms: float
    n_as_large: int  # placebos with an effect at least as large as the true one
    alpha: float
