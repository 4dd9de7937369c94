"""Control charts: the limits within which a stable process varies, and which points say that it changed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence

import numpy as np
import pandas as pd

from analytics.attribute_charts import c_chart, c_charts, p_chart, p_charts, u_chart, u_charts
from analytics.attribute_lines import AttributeTable
from analytics.rare_events import RareEventTable, cases_between, days_between, g_chart, g_charts, t_chart, t_charts
from analytics.results import (
    Assurance,
    Direction,
    LimitsKind,
    NotComputable,
    Phase,
    Rule,
    Variation,
    XmrChart,
)
from analytics.results_charts import ControlChart, RunChart
from analytics.run_charts import RunTable, run_chart, run_charts
from analytics.spc_kind import chart_for, charts_that_fit, counts_behind
from analytics.spc_phases import Floats, Until
from analytics.spc_reading import ALL_RULES, MINIMUM_POINTS, POINT_TYPES, TRIAL_POINTS, VARIATIONS
from analytics.spc_single import calendar, phase_numbers, single_points
from analytics.spc_table import (
    ASSURANCES,
    MINIMUM_RANGES,
    RANGE_LIMIT_FACTOR,
    XmrTable,
    assurances,
    xmr_charts,
)

__all__ = [
    "ASSURANCES",
    "MINIMUM_POINTS",
    "MINIMUM_RANGES",
    "POINT_TYPES",
    "TRIAL_POINTS",
    "VARIATIONS",
    "AttributeTable",
    "RareEventTable",
    "RunTable",
    "XmrTable",
    "assurance",
    "assurances",
    "c_chart",
    "c_charts",
    "cases_between",
    "chart_for",
    "charts_that_fit",
    "counts_behind",
    "days_between",
    "g_chart",
    "g_charts",
    "p_chart",
    "p_charts",
    "run_chart",
    "run_charts",
    "t_chart",
    "t_charts",
    "u_chart",
    "u_charts",
    "variation",
    "xmr_chart",
    "xmr_charts",
]


def xmr_chart(
    values: pd.Series,
    *,
    direction: Direction,
    steps: Sequence[dt.date] = (),
    baseline_until: Until | None = None,
    excluded: Collection[dt.date] = (),
    screen: bool = True,
    rules: Collection[Rule] = ALL_RULES,
) -> XmrChart | NotComputable:
    """Chart one series; the arguments mean what they mean for `xmr_charts`.

    values: shape (n_periods,), the metric's own unit, indexed by period start, oldest first, each period once.
        NaN = not measured.
    Returns NotComputable "all_missing", "infinite_values", "too_few_points" (below MINIMUM_POINTS) or
        "too_few_ranges" (below MINIMUM_RANGES neighbours) where no phase has limits; a phase without limits beside
        others that have some is of the kind NONE, and its points are common cause but for a trend.
    Raises ValueError if the index is not of dates, is unsorted or repeats a period.

    >>> weeks = pd.date_range("2026-01-05", periods=6, freq="7D")
    >>> xmr_chart(pd.Series([10, 12, 10, 12, 10, 12.0], index=weeks), direction=Direction.DOWN).latest.upper_limit
    16.32
    """
    periods = calendar(values)
    observed = values.to_numpy(dtype=np.float64, na_value=np.nan)
    table = xmr_charts(
        observed[None, :],
        directions=direction,
        periods=periods,
        steps={0: steps},
        baselines={} if baseline_until is None else {0: baseline_until},
        excluded={0: excluded},
        screen=screen,
        rules=rules,
    )
    reason = table.reasons[0]
    if reason is not None and np.isnan(table.phase_mean).all():
        return reason
    return _single_chart(table, observed, periods, direction)


def variation(chart: ControlChart | RunChart) -> Variation | NotComputable:
    """Name the variation icon: what the last measured point says, as NHSRplotthedots does.

    Returns NotComputable "too_few_points" where the phase in force has no limits; a run chart's always stands.
    """
    if isinstance(chart, RunChart):
        return chart.variation
    if chart.latest.kind is LimitsKind.NONE:
        return NotComputable("too_few_points", {"found": chart.latest.n_points, "needed": MINIMUM_POINTS})
    return chart.variation


def assurance(phase: Phase, target: float | None, direction: Direction) -> Assurance | NotComputable:
    """Name the assurance icon: whether a process within these limits passes its target, as NHSRplotthedots does.

    phase: the one in force, its limits in the target's unit. A target on a limit or between them is hit and miss.
    Returns NotComputable "no_target", "neutral_direction" (nothing tells pass from fail), or "too_few_points".

    >>> phase = Phase(dt.date(2026, 1, 1), dt.date(2026, 6, 1), 12, LimitsKind.FULL, 11.0, 5.7, 16.3, 2.0, 6.5)
    >>> assurance(phase, 20.0, Direction.DOWN)
    <Assurance.WILL_PASS: 'will_pass'>
    """
    if target is None or not np.isfinite(target):
        return NotComputable("no_target")
    if direction is Direction.NEUTRAL:
        return NotComputable("neutral_direction")
    if phase.lower_limit is None or phase.upper_limit is None:
        return NotComputable("too_few_points", {"found": phase.n_points, "needed": MINIMUM_POINTS})
    code = assurances(np.array([phase.lower_limit]), np.array([phase.upper_limit]), np.array([target]), direction)[0]
    found: Assurance | None = ASSURANCES[code]
    assert found is not None  # limits, target and direction all stand
    return found


def _single_chart(table: XmrTable, values: Floats, periods: pd.DatetimeIndex, direction: Direction) -> XmrChart:
    days = [stamp.date() for stamp in periods]
    return XmrChart(
        periods=periods,
        values=values,
        moving_ranges=table.moving_ranges[0],
        phases=tuple(_phase(table, place, days) for place in range(len(table.phase_series))),
        **single_points(table, values, days, direction),
    )


def _phase(table: XmrTable, place: int, days: list[dt.date]) -> Phase:
    numbers = phase_numbers(table, place, days)
    if numbers["mean"] is not None:
        moving_range = float(table.phase_moving_range[place])
        numbers["mean_moving_range"] = moving_range
        numbers["moving_range_limit"] = RANGE_LIMIT_FACTOR * moving_range
    return Phase(**numbers)
