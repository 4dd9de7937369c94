"""What analytics answer with about one series in time: trends, drift, changes of level, what lies ahead."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from analytics.results import Side

if TYPE_CHECKING:
    import numpy as np
    import pandas as pd

SURE_SHARE = 0.05  # p value below which stated chances and what happened disagree


@dataclass(frozen=True, slots=True)
class SenSlope:
    """The median of the slopes between all pairs of points, in the metric's unit a period.

    lower, upper: `confidence` interval for independent points; None under MINIMUM_RANK_POINTS.
    """

    slope: float
    lower: float | None
    upper: float | None
    confidence: float
    intercept: float  # the median level that the line leaves at the first measured period
    n: int


@dataclass(frozen=True, slots=True)
class RankTrend:
    """The Mann-Kendall test. score: pairs that rise less pairs that fall; tau of Kendall, tau_b allows for ties."""

    score: int
    variance: float
    z: float
    p_value: float
    tau: float
    tau_b: float
    n: int


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight trend, serial correlation allowed for. Slopes in the metric's unit a period, dates inclusive.

    slope: Theil-Sen, for display; fitted_slope, lower, upper and p_value come from the phi-integrated fit.
    """

    slope: float
    fitted_slope: float
    lower: float
    upper: float
    confidence: float
    p_value: float
    phi: float  # posterior mean of the lag-one correlation
    start: dt.date
    end: dt.date
    n: int
    n_missing: int
    terms: tuple[str, ...]  # ("trend",) or ("trend", "weekday")
    method: str = "ar1_gls_phi_integrated"

    @property
    def is_clear(self) -> bool:
        """Tell whether the interval leaves out no trend."""
        return not self.lower <= 0 <= self.upper


@dataclass(frozen=True, slots=True, eq=False)
class EwmaChart:
    """A moving average that forgets, with its limits. Arrays aligned with `periods`; average NaN where not measured.

    lower, upper: exact, wider as the average gathers points; final_lower, final_upper: what they grow to.
    """

    periods: pd.DatetimeIndex
    average: np.ndarray
    lower: np.ndarray
    upper: np.ndarray
    final_lower: float
    final_upper: float
    signals: tuple[dt.date, ...]  # beyond the exact limits; on a limit is within


@dataclass(frozen=True, slots=True, eq=False)
class CusumChart:
    """Sums of what lies above, and below, the target. Arrays in the metric's unit, aligned with `periods`.

    above, below: never negative, NaN where not measured; signals: periods where one of them exceeds `limit`.
    """

    periods: pd.DatetimeIndex
    above: np.ndarray
    below: np.ndarray
    limit: float
    signals: tuple[dt.date, ...]


class AlarmKind(StrEnum):
    """What raised an alarm."""

    WILD_POINT = "wild_point"  # one residual beyond RESIDUAL_LIMIT
    DRIFT = "drift"  # the sum of small residuals on one side


@dataclass(frozen=True, slots=True)
class Alarm:
    """One alarm: the period that raised it, which way, and from when the drift seems to come (itself for a point)."""

    kind: AlarmKind
    side: Side  # ABOVE or BELOW what was expected
    date: dt.date
    since: dt.date
    or_before: bool = False  # the drift was there at the first watched value: it may be older than `since`


@dataclass(frozen=True, slots=True, eq=False)
class DriftAlarms:
    """The last periods watched against those before. Arrays aligned with `periods`, the watched ones.

    expected: by weekday, from the baseline alone, in the metric's unit; residuals: one step ahead, in standard
        deviations; above, below: their CUSUM. NaN where not measured.
    """

    alarms: tuple[Alarm, ...]  # oldest first: the first drift each side and every wild point
    periods: pd.DatetimeIndex
    expected: np.ndarray
    residuals: np.ndarray
    above: np.ndarray
    below: np.ndarray
    limit: float  # of above and below
    phi: float
    baseline_start: dt.date
    baseline_end: dt.date
    n_baseline: int
    weekday: bool


class CautionKind(StrEnum):
    """Why limits may mislead."""

    RESEMBLING_NEIGHBOURS = "resembling_neighbours"
    WEEKDAYS_DIFFER = "weekdays_differ"
    SEASON = "season"


@dataclass(frozen=True, slots=True)
class Caution:
    """One reason for care; phi is set for neighbours, p_value for days and seasons."""

    kind: CautionKind
    phi: float | None = None
    p_value: float | None = None


@dataclass(frozen=True, slots=True)
class ChangePoint:
    """One proposed change. Dates are period starts, inclusive; levels are means in the metric's unit.

    date: the first period at the new level; earliest, latest: where that may truly be, at `confidence`.
    """

    date: dt.date
    earliest: dt.date
    latest: dt.date
    confidence: float
    level_before: float
    level_after: float
    n_before: int  # points since the change before
    n_after: int

    @property
    def change(self) -> float:
        """The new level less the old one."""
        return self.level_after - self.level_before


@dataclass(frozen=True, slots=True)
class ChangePoints:
    """The changes proposed, oldest first; none = one level explains the series as well."""

    changes: tuple[ChangePoint, ...]
    levels: tuple[float, ...]  # one more than changes
    spread: float  # robust standard deviation of single points, in the metric's unit
    phi: float
    penalty: float  # in squared units: what a change had to explain
    start: dt.date
    end: dt.date
    n: int
    n_missing: int


class Outlook(StrEnum):
    """What the chance of reaching the target says."""

    ON_TRACK = "on_track"
    WATCH = "watch"
    OFF_TRACK = "off_track"


@dataclass(frozen=True, slots=True)
class Forecast:
    """A key result at its due date if the current trend holds. Values in the metric's unit.

    estimate, lower, upper: of the last period that begins by the due date, or of the mean over `mean_from` to then.
    chance: of reaching the target, rounded to CHANCE_STEP and never 0 or 1.
    """

    estimate: float
    lower: float
    upper: float
    confidence: float
    chance: float
    outlook: Outlook
    target_value: float
    due_date: dt.date
    period: dt.date  # the start of the last period that counts
    mean_from: dt.date | None  # None = the value of one period
    phi: float
    wanders: bool  # phi so high that bands like this held 6 to 7 times in 10, not 8
    n: int
    n_ahead: int  # periods from the last measured one


@dataclass(frozen=True, slots=True)
class CalibrationRow:
    """Forecasts whose stated chance fell into one bin; lower, upper: interval of how often they come true."""

    lowest: float  # inclusive
    highest: float  # exclusive, but for the last bin
    n: int
    stated: float  # mean
    happened: float  # share
    lower: float
    upper: float

    @property
    def agrees(self) -> bool:
        """Tell whether the interval holds what was stated."""
        return self.lower <= self.stated <= self.upper


@dataclass(frozen=True, slots=True)
class Calibration:
    """Stated chances against what happened.

    brier: mean squared difference, 0 perfect, 0.25 always saying one half; base_brier: always saying the share that
    happened. p_value: Spiegelhalter's test that the chances were right. rows: bins that hold a forecast.
    """

    brier: float
    base_brier: float
    z: float
    p_value: float
    stated: float
    happened: float
    n: int
    rows: tuple[CalibrationRow, ...]

    @property
    def is_off(self) -> bool:
        """Tell whether what happened disagrees with what was stated, beyond luck."""
        return self.p_value < SURE_SHARE
