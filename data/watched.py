"""One series read beyond its chart: its trend, a drift under way, changes of level, and why its limits may mislead."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

import duckdb
import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.alarms import MINIMUM_BASELINE, WATCHED_PERIODS, drift_alarms
from analytics.cautions import cautions
from analytics.change_points import change_points
from analytics.results import NotComputable
from analytics.results_trend import Caution, ChangePoints, DriftAlarms, SenSlope, Trend
from analytics.trend import theil_sen, trend
from data.limits import LimitDecisions, limits_on
from data.series import MetricSeries, metric_series
from data.types import Grain


@dataclass(frozen=True, slots=True, eq=False)
class Watched:
    """What one series says beyond its chart. Points that people left out of its limits are left out here.

    values: as charted; since: first period of the level in force, which trend and alarms are about; None = the first.
    alarm_grain: of what the alarms read, days where the chart shows weeks.
    """

    values: pd.Series
    grain: Grain
    since: dt.date | None
    trend: Trend | NotComputable
    slope: SenSlope | NotComputable
    alarms: DriftAlarms | NotComputable
    alarm_grain: Grain
    changes: ChangePoints | NotComputable
    cautions: tuple[Caution, ...] | NotComputable


def own_alarms(
    cursor: duckdb.DuckDBPyConnection, *, site_id: str, metric_id: str
) -> DriftAlarms | NotComputable | None:
    """Read the drift alarms of one series at the grain it is stored in; None where nothing has been loaded."""
    own = metric_series(cursor, site_id=site_id, metric_id=metric_id)
    if own is None:
        return None
    watched = _in_force(own, limits_on(cursor, site_id=site_id, metric_id=metric_id))
    return drift_alarms(watched, watched=_newest(watched))


def watch(charted: MetricSeries, stored: MetricSeries | None, limits: LimitDecisions) -> Watched:
    """Read a series as it is charted, and as it is stored for what watches days; limits: decided on this series.

    Change points look at the whole history, so that a step moves no proposal. The trend and the alarms look at the level
    in force. Cautions set the levels between steps aside: a step that is known makes no limit mislead.
    """
    finer = stored if stored is not None and stored.grain is Grain.DAY else charted
    values = _counted(charted, limits)
    levels = _levels(values.index, limits.step_days)
    current = values[levels == levels[-1]]
    watched = _in_force(finer, limits, int(levels[-1]))
    return Watched(
        values=values,
        grain=charted.grain,
        since=None if levels[-1] == levels[0] else current.index[0].date(),
        trend=trend(current),
        slope=theil_sen(current),
        alarms=drift_alarms(watched, watched=_newest(watched)),
        alarm_grain=finer.grain,
        changes=change_points(values),
        cautions=cautions(values - values.groupby(levels).transform("mean")),
    )


def _counted(series: MetricSeries, limits: LimitDecisions) -> pd.Series:
    measured = series.values  # noqa: PD011 a series of its own
    left_out = limits.left_out(pd.DatetimeIndex(measured.index), series.grain)
    return measured.mask(measured.index.isin(pd.to_datetime(left_out)))


def _in_force(series: MetricSeries, limits: LimitDecisions, level: int | None = None) -> pd.Series:
    """The values on one level, by default the newest, less those that people left out."""
    counted = _counted(series, limits)
    levels = _levels(counted.index, limits.step_days)
    kept: pd.Series = counted[levels == (levels[-1] if level is None else level)]
    return kept


def _levels(index: pd.Index, steps: Sequence[dt.date]) -> npt.NDArray[np.intp]:
    """Number the level each period stands on, as the chart's phases do."""
    days = np.array(sorted(steps), dtype="datetime64[D]")
    found: npt.NDArray[np.intp] = days.searchsorted(np.asarray(index, dtype="datetime64[D]"), side="right")
    return found


def _newest(values: pd.Series) -> int:
    """How many of the last periods can be watched, so that a baseline is left before them."""
    known = np.flatnonzero(values.notna().to_numpy())
    after = len(values) - 1 - int(known[MINIMUM_BASELINE - 1]) if len(known) >= MINIMUM_BASELINE else 0
    return int(np.clip(after, 1, WATCHED_PERIODS))
