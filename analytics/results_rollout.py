"""What is said of a rollout: waiting times with those that still wait, time to parity, learning, dates to come."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum


@dataclass(frozen=True, slots=True)
class CurveStep:
    """One time at which something ended: how many were still waiting just before it, and the share that waits on."""

    time: float
    at_risk: int
    ended: int
    waiting: float  # share that waits longer than `time`
    error: float  # Greenwood's standard error of that share
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class WaitingCurve:
    """The share that still waits, by time, with those whose end was not seen counted for as long as they were seen.

    median: None = fewer than half have ended as far as can be told; its bounds likewise, None = beyond what is known.
    """

    steps: tuple[CurveStep, ...]
    median: float | None
    lower: float | None
    upper: float | None
    confidence: float
    n: int
    n_ended: int
    longest: float  # the longest wait seen, ended or not


@dataclass(frozen=True, slots=True)
class MatureBand:
    """Where the values of mature sites lie; one bound is None where being beyond it is only better."""

    lower: float | None
    upper: float | None
    middle: float
    share: float  # of the mature sites' values that lie within, each site counting the same
    n_sites: int
    n_values: int

    def holds(self, value: float) -> bool:
        """Tell whether a value is inside, its edges included."""
        return (self.lower is None or value >= self.lower) and (self.upper is None or value <= self.upper)


@dataclass(frozen=True, slots=True)
class SiteParity:
    """One new site: the period since go-live (1 = the first) from which it stayed inside, or not yet.

    periods: that period; of a site not there yet, how many periods it is known to have taken longer than.
    """

    site: str
    reached: bool
    periods: int
    followed: int  # whole periods from its go-live to its last value


@dataclass(frozen=True, slots=True)
class Parity:
    """How long new sites take until they stay inside the mature sites' band for n_points points."""

    sites: tuple[SiteParity, ...]
    band: MatureBand
    curve: WaitingCurve
    n_points: int
    n_unseen: int  # sites whose go-live lies before the first value: nobody can tell

    @property
    def n_reached(self) -> int:
        """Return how many sites are there."""
        return sum(site.reached for site in self.sites)


@dataclass(frozen=True, slots=True)
class WaveTime:
    """One wave: its sites, how many are there, and the time the line over all waves gives for it."""

    wave: int
    n: int
    n_reached: int
    median: float | None  # of its own waiting curve
    fitted: float
    lower: float
    upper: float


@dataclass(frozen=True, slots=True)
class LearningCurve:
    """How many times as long each wave takes as the one before it; below 1 = faster.

    p_value: of the log-rank test for trend, which supposes no shape of the times.
    """

    factor: float
    lower: float
    upper: float
    confidence: float
    p_value: float
    n: int
    n_reached: int
    waves: tuple[WaveTime, ...]

    @property
    def leaves_out_none(self) -> bool:
        """Tell whether the interval leaves out "as long as the one before"."""
        return self.upper < 1 or self.lower > 1

    @property
    def is_clear(self) -> bool:
        """Tell whether interval and test agree that waves differ: either alone errs where times have an odd shape."""
        return self.leaves_out_none and self.p_value < 1 - self.confidence


@dataclass(frozen=True, slots=True)
class CompletionDate:
    """When so many sites are live: the middle of the futures and the bounds that hold most of them."""

    sites: int
    lower: dt.date
    middle: dt.date
    upper: dt.date


@dataclass(frozen=True, slots=True)
class Completion:
    """When the sites still to come are live, if they take as long as the others did.

    dates: one for each count of sites above those live today, up to those that have a planned or a start date.
    """

    dates: tuple[CompletionDate, ...]
    confidence: float
    n_live: int
    n_total: int
    n_undated: int  # neither planned nor begun: no date can be given
    n_observed: int  # sites whose time from plan or start to go-live is known whole
    planned_last: dt.date | None  # the plan's last day

    @property
    def last(self) -> CompletionDate:
        """Return the date of the last site that can be dated."""
        return self.dates[-1]


class StageState(StrEnum):
    """How long one site has been in its stage, against the others."""

    AS_OTHERS = "as_others"
    STALLED = "stalled"
    UNKNOWN = "unknown"  # too few others have left the stage


@dataclass(frozen=True, slots=True)
class StageWait:
    """One site that is in a stage today; days: in it so far."""

    site: str
    days: int
    state: StageState
    usual: float | None  # days by which the stated share of the others had left; None = not known


@dataclass(frozen=True, slots=True)
class Stalled:
    """The sites in one stage today, the longest first; stalled: longer than the share `quantile` of the others."""

    sites: tuple[StageWait, ...]
    quantile: float
    n_left: int  # sites that have left the stage
