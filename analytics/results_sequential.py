"""What analytics answer before an experiment is over, and before it begins: looks, e-values, what could be seen."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from analytics.results import NotComputable, Side

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd


class SignalWord(StrEnum):
    """What may be said early. None of them is a result, and none says that there is no effect."""

    HARM = "harm"
    PROMISING = "promising"
    NO_SIGNAL_YET = "no_signal_yet"
    CHANGE = "change"  # a signal of a metric without a good direction


@dataclass(frozen=True, slots=True)
class LookPlan:
    """A look declared before the start: so many days after it, at so much of the error that may be made."""

    days: int
    alpha: float


@dataclass(frozen=True, slots=True)
class EarlySignal:
    """What the data say early, by an interval at the look's own level. Never a result.

    estimate, lower, upper: in the metric's unit; relative*: as a share of the level before, None where that is not
    positive; confidence: 1 - alpha.
    """

    signal: SignalWord
    estimate: float
    lower: float
    upper: float
    confidence: float
    relative: float | None
    relative_lower: float | None
    relative_upper: float | None
    level_before: float
    p_value: float
    alpha: float
    phi: float | None  # posterior mean of the lag-one correlation; None where sites are compared
    n_before: int
    n_after: int
    last_period: dt.date  # the last one used, its start
    terms: tuple[str, ...]
    method: str


@dataclass(frozen=True, slots=True)
class Look:
    """One declared look: what it says, or why it says nothing (not due, too few points, ...)."""

    days: int
    alpha: float
    date: dt.date  # periods that ended by the beginning of this day were looked at
    n_before: int
    n_after: int
    outcome: EarlySignal | NotComputable

    @property
    def signal(self) -> SignalWord | None:
        """The word of the look; None where it says nothing."""
        return self.outcome.signal if isinstance(self.outcome, EarlySignal) else None


@dataclass(frozen=True, slots=True)
class DeclaredLooks:
    """The looks declared at registration, each from the data up to it; the first one first."""

    intervention_date: dt.date
    looks: tuple[Look, ...]
    error_budget: float  # chance that any look raises a signal when nothing changed, at most

    @property
    def latest(self) -> Look | None:
        """The last look that could say something; None before."""
        said = [look for look in self.looks if look.signal is not None]
        return said[-1] if said else None

    @property
    def first_signal(self) -> Look | None:
        """The first look that raised a signal; None if none did so far."""
        raised = [look for look in self.looks if look.signal not in (None, SignalWord.NO_SIGNAL_YET)]
        return raised[0] if raised else None

    @property
    def next_date(self) -> dt.date | None:
        """When the next look is due; None after the last."""
        ahead = [look for look in self.looks if getattr(look.outcome, "code", "") == "look_not_due"]
        return ahead[0].date if ahead else None


@dataclass(frozen=True, slots=True, eq=False)
class EValue:
    """Evidence that may be read as often as one likes. Arrays have one entry a measured period after, oldest first.

    e_values: how many times likelier the data so far are with a change than without one; at the line, 1 / alpha, a
    false alarm happens at most alpha of the time, whenever reading stops.
    """

    periods: pd.DatetimeIndex
    e_values: np.ndarray
    running_maximum: np.ndarray
    line: float  # 1 / alpha
    alpha: float
    crossed_on: dt.date | None  # the first period whose value reached the line
    signal: SignalWord  # by the side seen when the line was crossed
    side: Side | None  # where the change points, at the line or, before it, at the last period; None = nowhere
    p_value: float  # always valid: 1 / running maximum
    phi: float  # posterior mean of the lag-one correlation at the last period
    n_before: int
    n_after: int
    terms: tuple[str, ...]
    method: str = "e_value_phi_integrated"


@dataclass(frozen=True, slots=True)
class DetectableEffect:
    """The smallest effect that would be seen `power` of the time by a date, with this series' own noise.

    effect: a size in the metric's unit, above 0, for either direction; relative: as a share of the level before,
    None where that is not positive.
    """

    effect: float
    relative: float | None
    level_before: float
    sigma: float  # standard deviation of the noise
    phi: float  # its lag-one correlation, posterior mean
    n_before: int
    n_after: int
    start: dt.date
    end: dt.date  # last day, inclusive
    alpha: float
    power: float
    terms: tuple[str, ...]
    n_treated: int = 1
    n_comparison: int = 0
    method: str = "ar1_gls_phi_integrated"


@dataclass(frozen=True, slots=True)
class DetectableByDate:
    """What could be seen by when: one smallest effect an end date, or why there is none yet."""

    start: dt.date
    ends: tuple[dt.date, ...]
    outcomes: tuple[DetectableEffect | NotComputable, ...]


@dataclass(frozen=True, slots=True)
class ConfidenceSequence:
    """A difference of two means of many separate units, with an interval that holds whenever one looks."""

    estimate: float
    lower: float
    upper: float
    confidence: float
    standard_error: float
    p_value: float  # always valid
    n: int
    relative: bool  # True = a share of the first group's mean
    method: str = "asymptotic_confidence_sequence"
