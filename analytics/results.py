"""What analytics answer with: frozen results, or the reason why there is none."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import datetime as dt

    import numpy as np
    import pandas as pd


@dataclass(frozen=True, slots=True)
class NotComputable:
    """The reason why a result cannot be had; worded by `wording`, never shown as 0 or NaN.

    code: a stable name, for example "too_few_points".
    args: the numbers its sentence needs, for example {"found": 4, "needed": 6}.
    """

    code: str
    args: Mapping[str, object] = field(default_factory=dict)


class Direction(StrEnum):
    """Which way a metric improves."""

    UP = "up"
    DOWN = "down"
    NEUTRAL = "neutral"


class PointType(StrEnum):
    """What the data say of one point (NHS Making Data Count point types)."""

    COMMON_CAUSE = "common_cause"
    IMPROVEMENT = "improvement"
    CONCERN = "concern"
    NEUTRAL = "neutral"  # a signal of a metric without a good direction
    MISSING = "missing"
    EXCLUDED = "excluded"  # drawn, left out of the limits with a stated reason


class Rule(StrEnum):
    """The four rules of the default set, in priority order."""

    OUTSIDE_LIMITS = "outside_limits"
    TREND = "trend"
    TWO_OF_THREE = "two_of_three"
    RUN = "run"


class Side(StrEnum):
    """Where a signal points: its side of the mean, or the way a trend goes."""

    ABOVE = "above"
    BELOW = "below"
    RISING = "rising"
    FALLING = "falling"


class LimitsKind(StrEnum):
    """How much the limits can be trusted."""

    NONE = "none"  # under 6 points: no limits at all
    TRIAL = "trial"  # under 12 points: called trial limits, drawn differently
    FULL = "full"


class Variation(StrEnum):
    """The variation icon."""

    IMPROVING = "improving"
    CONCERN = "concern"
    COMMON_CAUSE = "common_cause"
    NEUTRAL = "neutral"


class Assurance(StrEnum):
    """The assurance icon: what the limits promise about the target."""

    WILL_PASS = "will_pass"
    HIT_AND_MISS = "hit_and_miss"
    WILL_FAIL = "will_fail"


@dataclass(frozen=True, slots=True)
class Phase:
    """One stretch of a chart between two step changes; dates inclusive, limits in the metric's unit."""

    start: dt.date
    end: dt.date
    n_points: int
    kind: LimitsKind
    mean: float | None
    lower_limit: float | None
    upper_limit: float | None
    mean_moving_range: float | None
    moving_range_limit: float | None
    frozen_until: dt.date | None = None  # last period that set the limits, when the baseline is frozen


@dataclass(frozen=True, slots=True)
class Signal:
    """A run of points that one rule marks; dates are period starts, inclusive."""

    rule: Rule
    side: Side
    start: dt.date
    end: dt.date
    n_points: int
    point_type: PointType  # IMPROVEMENT, CONCERN or NEUTRAL


@dataclass(frozen=True, slots=True, eq=False)
class XmrChart:
    """An individuals chart. Arrays are aligned with `periods`, oldest first; NaN = not measured."""

    periods: pd.DatetimeIndex
    values: np.ndarray
    moving_ranges: np.ndarray
    point_types: tuple[PointType, ...]
    phases: tuple[Phase, ...]
    signals: tuple[Signal, ...]  # oldest start first; the same points may stand under several rules
    variation: Variation  # of the last measured point
    direction: Direction
    missing_periods: tuple[dt.date, ...]

    @property
    def latest(self) -> Phase:
        """The phase in force at the last period."""
        return self.phases[-1]


@dataclass(frozen=True, slots=True)
class SiteEffect:
    """A before/after effect on one site's own series, serial correlation allowed for.

    estimate, lower, upper: in the metric's unit (positive = higher after); `confidence` the nominal coverage.
    relative*: the same as a share of the level before; None where that level is not positive.
    """

    estimate: float
    lower: float
    upper: float
    confidence: float
    relative: float | None
    relative_lower: float | None
    relative_upper: float | None
    level_before: float
    level_after: float
    p_value: float
    phi: float  # posterior mean of the lag-one correlation
    n_before: int
    n_after: int
    n_missing: int
    terms: tuple[str, ...]  # for example ("level", "trend", "weekday")
    scale: str  # "identity", "log" or "logit"
    counterfactual: tuple[float, ...]  # expected values after, had nothing changed; NaN where not measured
    method: str = "ar1_gls_phi_integrated"


class Pace(StrEnum):
    """Where a key result stands against the straight line from baseline to target."""

    AHEAD = "ahead"
    ON_PACE = "on_pace"
    BEHIND = "behind"


@dataclass(frozen=True, slots=True)
class Progress:
    """A key result today. Shares are of the way from baseline to target: may be negative or above 1."""

    share: float
    expected_share: float
    current_value: float
    expected_value: float
    data_date: dt.date
    data_age_days: int
    days_left: int
    pace: Pace
