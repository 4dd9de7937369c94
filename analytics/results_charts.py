"""What analytics answer about counts, shares, rates, rare events and short series: the charts beside XmR."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from analytics.results import Direction, Phase, PointType, Signal, Variation, XmrChart

if TYPE_CHECKING:
    import datetime as dt

    import numpy as np
    import pandas as pd


class ChartKind(StrEnum):
    """Which chart fits a metric and its data."""

    XMR = "xmr"  # individual values and their moving range
    P = "p"  # shares of a whole: so many of so many
    U = "u"  # events for each unit of exposure
    C = "c"  # events where every period has the same exposure
    G = "g"  # cases between rare events
    T = "t"  # time between rare events
    RUN = "run"  # a median and nothing else


class LimitsForm(StrEnum):
    """How the limits of a chart of counts are found."""

    AUTOMATIC = "automatic"  # exact where events are few, widened where the series is over-dispersed
    THREE_SIGMA = "three_sigma"  # the textbook's, from the binomial or Poisson standard deviation
    LANEY = "laney"  # three sigma stretched by sigma_z, whether it is above 1 or below
    EXACT = "exact"  # from the binomial, Poisson or geometric distribution itself


@dataclass(frozen=True, slots=True)
class AttributePhase(Phase):
    """One stretch of a p, u or c chart; lower_limit and upper_limit stand as at its last measured point.

    sigma_z: how many times more the points differ from their neighbours than chance alone makes them; None where too
    few neighbours tell. widened: the limits are stretched by it. exact: they come from the distribution itself.
    """

    sigma_z: float | None = None
    widened: bool = False
    exact: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class AttributeChart:
    """A p, u or c chart. Arrays are aligned with `periods`, oldest first; NaN = not measured, or no limits.

    values: counts / denominators * per (c: the counts). lower_limits, upper_limits: one a period, where the values stand.
    """

    kind: ChartKind
    periods: pd.DatetimeIndex
    values: np.ndarray
    counts: np.ndarray
    denominators: np.ndarray
    per: float
    lower_limits: np.ndarray
    upper_limits: np.ndarray
    point_types: tuple[PointType, ...]
    phases: tuple[AttributePhase, ...]
    signals: tuple[Signal, ...]  # oldest start first; the same points may stand under several rules
    variation: Variation  # of the last measured point
    direction: Direction
    missing_periods: tuple[dt.date, ...]

    @property
    def latest(self) -> AttributePhase:
        """The phase in force at the last period."""
        return self.phases[-1]


@dataclass(frozen=True, slots=True)
class RareEventPhase(Phase):
    """One stretch of a g or t chart. `mean` is its centre line, the gap that half of all gaps exceed."""

    mean_gap: float | None = None


@dataclass(frozen=True, slots=True, eq=False)
class RareEventChart:
    """A g or t chart: one point an event, its value the cases or the time since the event before."""

    kind: ChartKind
    periods: pd.DatetimeIndex  # when each event happened; several may share a day
    values: np.ndarray
    point_types: tuple[PointType, ...]
    phases: tuple[RareEventPhase, ...]
    signals: tuple[Signal, ...]
    variation: Variation
    direction: Direction  # of the gaps: UP where the event is unwanted
    missing_periods: tuple[dt.date, ...]

    @property
    def latest(self) -> RareEventPhase:
        """The phase in force at the last event."""
        return self.phases[-1]


ControlChart = XmrChart | AttributeChart | RareEventChart  # what has limits, signals and phases


@dataclass(frozen=True, slots=True)
class RunPhase:
    """One stretch of a run chart between two step changes; dates inclusive.

    n_useful: points off the median. longest_run and n_crossings are held against what chance allows; the limits are
    None where no point is off the median.
    """

    start: dt.date
    end: dt.date
    n_points: int
    median: float | None
    n_useful: int
    longest_run: int
    longest_run_limit: int | None  # longer is a signal
    n_crossings: int
    fewest_crossings: int | None  # fewer is a signal
    frozen_until: dt.date | None = None

    @property
    def long_run(self) -> bool:
        """Whether a run is longer than chance allows."""
        return self.longest_run_limit is not None and self.longest_run > self.longest_run_limit

    @property
    def few_crossings(self) -> bool:
        """Whether the line crosses its median less often than chance allows."""
        return self.fewest_crossings is not None and self.n_crossings < self.fewest_crossings

    @property
    def signal(self) -> bool:
        """Whether either rule finds something that chance alone does not make."""
        return self.long_run or self.few_crossings


@dataclass(frozen=True, slots=True, eq=False)
class RunChart:
    """A run chart: points, a median and two rules. Arrays are aligned with `periods`, oldest first."""

    periods: pd.DatetimeIndex
    values: np.ndarray
    point_types: tuple[PointType, ...]  # a point of a run that is too long is an improvement, a concern or neutral
    phases: tuple[RunPhase, ...]
    variation: Variation  # of the last measured point
    direction: Direction
    missing_periods: tuple[dt.date, ...]

    @property
    def latest(self) -> RunPhase:
        """The phase in force at the last period."""
        return self.phases[-1]


@dataclass(frozen=True, slots=True)
class ChartChoice:
    """Which chart fits, and why in a code that `wording` words, with the numbers its sentence needs."""

    kind: ChartKind
    reason: str
    args: Mapping[str, object] = field(default_factory=dict)
