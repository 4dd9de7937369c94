"""Control charts of rare events, one point an event: the cases (g) or the time (t) since the event before."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Unpack

import numpy as np
import pandas as pd

from analytics.results import Direction, NotComputable, Rule
from analytics.results_charts import ChartKind, LimitsForm, RareEventChart, RareEventPhase
from analytics.spc_choices import Choices, ManyChoices, for_many
from analytics.spc_discrete import LINES, geometric_line
from analytics.spc_phases import Floats, PhasePlan, Places
from analytics.spc_reading import MINIMUM_POINTS, ControlTable, Drawn, Lines, drawn
from analytics.spc_rules import ROUNDING, Limits
from analytics.spc_single import calendar, phase_numbers, single_points
from analytics.spc_table import MINIMUM_RANGES, direction_signs, individual_lines

# Waiting times to this power are nearly normal (Nelson, Journal of Quality Technology 26(3), 1994).
NELSON_POWER = 1 / 3.6
MEDIAN_SHARE = 0.693  # of the mean, where half of all waiting times end (Provost and Murray, 2011, p. 228)


@dataclass(frozen=True, slots=True, eq=False)
class RareEventTable(ControlTable):
    """g or t charts of many series; phase_mean is the centre line, the gap that half of all gaps exceed."""

    phase_mean_gap: Floats


def g_chart(gaps: pd.Series, *, direction: Direction, **choices: Unpack[Choices]) -> RareEventChart | NotComputable:
    """Chart the numbers of cases between rare events.

    gaps: shape (n_events,), cases since the event before, its own left out (0 = two events in a row); indexed by when
        each event happened, oldest first; several may share a day. NaN = not known. direction: of the gaps, UP where the
        event is unwanted.
    limits: EXACT, the default: centre line and limits are the median and the tails of the geometric distribution.
        THREE_SIGMA: three standard deviations around the mean, as in older textbooks; one stable gap in fifty exceeds them.
    Returns NotComputable "all_missing", "too_few_points", "no_gaps" (all 0), "impossible_gaps" (below 0) or
        "infinite_values". Raises ValueError if the index is not dates in order, or limits are LANEY's.
    Source: Benneyan, Quality Management in Health Care 9(3), 2001; Provost and Murray (2011), p. 228 (the median).

    >>> days = pd.date_range("2026-01-05", periods=6, freq="7D")
    >>> chart = g_chart(pd.Series([12, 30, 5, 18, 41, 14.0], index=days), direction=Direction.UP)
    >>> chart.latest.mean, chart.latest.upper_limit
    (14.0, 135.0)
    """
    return _single(ChartKind.G, gaps, direction, choices)


def t_chart(gaps: pd.Series, *, direction: Direction, **choices: Unpack[Choices]) -> RareEventChart | NotComputable:
    """Chart the time between rare events, in any unit.

    As `g_chart`; the limits are those of an XmR chart of the gaps to the power 1/3.6, raised back (Nelson 1994), and
        `limits` is not looked at. Also NotComputable "too_few_ranges".
    """
    return _single(ChartKind.T, gaps, direction, choices)


def g_charts(
    gaps: Floats, *, directions: Direction | Sequence[Direction], **choices: Unpack[ManyChoices]
) -> RareEventTable:
    """Chart many series of numbers of cases between events: shape (n_series, n_events), oldest first, NaN = none."""
    return _many(ChartKind.G, gaps, directions, choices)


def t_charts(
    gaps: Floats, *, directions: Direction | Sequence[Direction], **choices: Unpack[ManyChoices]
) -> RareEventTable:
    """Chart many series of times between events; as `g_charts`."""
    return _many(ChartKind.T, gaps, directions, choices)


def cases_between(events: pd.Series, cases: pd.Series) -> pd.Series:
    """Turn events and cases a period into cases between events, for `g_chart`.

    events, cases: shape (n_periods,), on one index, oldest first; cases count the events in. The events of one period are
        spread evenly over its cases. A period where either is not measured loses count: the next gap is NaN.
    Returns one value an event, indexed by its period; the first event has none before it and only starts the count.

    >>> weeks = pd.date_range("2026-01-05", periods=4, freq="7D")
    >>> cases_between(pd.Series([1, 0, 1, 2], index=weeks), pd.Series([10, 10, 10, 12], index=weeks)).tolist()
    [19.0, 5.0, 5.0]
    """
    found, places = [], []
    since = np.nan  # cases since the last event; NaN = count lost
    for period, n_events, n_cases in zip(events.index, events.tolist(), cases.tolist(), strict=True):
        if np.isnan(n_events) or np.isnan(n_cases):
            since = np.nan
            continue
        share = n_cases / n_events if n_events else n_cases
        for _ in range(int(n_events)):
            found.append(since + share - 1)
            places.append(period)
            since = 0.0
        since += 0.0 if n_events else share
    return pd.Series(found[1:], index=pd.DatetimeIndex(places[1:]), dtype=np.float64)


def days_between(events: pd.DatetimeIndex) -> pd.Series:
    """Turn the moments of events, oldest first, into days since the event before, for `t_chart`; the first has none.

    >>> days_between(pd.DatetimeIndex(["2026-01-05", "2026-01-08", "2026-01-08"])).tolist()
    [3.0, 0.0]
    """
    gaps = np.diff(events.to_numpy()) / np.timedelta64(1, "D")
    return pd.Series(gaps, index=events[1:], dtype=np.float64)


def _many(
    kind: ChartKind, gaps: Floats, directions: Direction | Sequence[Direction], choices: ManyChoices
) -> RareEventTable:
    gaps = np.asarray(gaps, dtype=np.float64)
    if gaps.ndim != 2:
        raise ValueError("gaps must have the shape (n_series, n_events)")
    form = choices.get("limits", LimitsForm.AUTOMATIC)
    if kind is ChartKind.G and form is LimitsForm.LANEY:
        raise ValueError("Laney's limits are for shares and rates")
    impossible = (gaps < 0).sum(axis=1)
    usable = np.where(impossible[:, None] > 0, np.nan, gaps)
    plan = PhasePlan.of(
        usable,
        choices.get("periods"),
        choices.get("steps", {}),
        choices.get("baselines", {}),
        choices.get("excluded", {}),
    )

    def lines_of(rows: Floats, block: slice) -> Lines:
        if kind is ChartKind.T:
            return _nelson(rows, plan, block)
        return _geometric(rows, plan.setting_limits(rows, block), exact=form is not LimitsForm.THREE_SIGMA)

    found = drawn(plan, lines_of, choices.get("rules", tuple(Rule)))
    return RareEventTable.read(
        usable,
        plan,
        found,
        direction_signs(directions, len(gaps)),
        phase_mean=found.phase["centre"],
        phase_lower=found.phase["lower"],
        phase_upper=found.phase["upper"],
        phase_mean_gap=found.phase["mean_gap"],
        reasons=_reasons(impossible, plan, found),
    )


def _geometric(rows: Floats, setting: Floats, *, exact: bool) -> Lines:
    points, mean = _usable_mean(setting)
    column = mean[:, None]
    if exact:
        lower, near_lower, near_upper, upper = (geometric_line(line, column) for line in LINES)
        centre = geometric_line(0.0, column)
    else:
        sigma = np.sqrt(column * (column + 1))
        lower, near_lower, near_upper, upper = (column + line * sigma for line in LINES)
        centre = MEDIAN_SHARE * column
    return _lines(rows, points, mean, Limits(centre, lower, upper, _rounding(rows), near_lower, near_upper))


def _nelson(rows: Floats, plan: PhasePlan, block: slice) -> Lines:
    lines = individual_lines(rows**NELSON_POWER, plan, block)
    points, mean = _usable_mean(plan.setting_limits(rows, block))
    none = np.isnan(mean)[:, None]
    near = lines.limits.near
    centre, lower, upper, near_lower, near_upper = (
        np.where(none, np.nan, np.maximum(line, 0.0) ** (1 / NELSON_POWER))
        for line in (lines.limits.mean, lines.limits.lower, lines.limits.upper, *near)
    )
    limits = Limits(centre, lower, upper, _rounding(rows), near_lower, near_upper)
    return _lines(rows, points, mean, limits, lines.phase["n_ranges"])


def _lines(rows: Floats, points: Places, mean: Floats, limits: Limits, n_ranges: Places | None = None) -> Lines:
    numbers = {
        "centre": limits.mean[:, 0],
        "lower": np.maximum(limits.lower[:, 0], 0.0),
        "upper": limits.upper[:, 0],
        "mean_gap": mean,
        "n_ranges": np.full(len(rows), MINIMUM_RANGES) if n_ranges is None else n_ranges,
    }
    return Lines(points, limits, numbers)


def _usable_mean(setting: Floats) -> tuple[Places, Floats]:
    """Count the gaps, and average them where they are enough and not all 0."""
    known = ~np.isnan(setting)
    points = known.sum(axis=1)
    mean = np.where(known, setting, 0.0).sum(axis=1) / np.maximum(points, 1)
    mean[(points < MINIMUM_POINTS) | (mean == 0)] = np.nan
    return points, mean


def _rounding(rows: Floats) -> Floats:
    size: Floats = np.nanmax(rows, axis=1, initial=0.0)
    return ROUNDING * size[:, None]


def _reasons(impossible: Places, plan: PhasePlan, found: Drawn) -> tuple[NotComputable | None, ...]:
    last_phase = plan.last_phase
    reasons: list[NotComputable | None] = [None] * len(last_phase)
    for series in np.flatnonzero(np.isnan(found.phase["centre"][last_phase])):
        n_points, n_ranges = (int(numbers[last_phase[series]]) for numbers in (found.points, found.phase["n_ranges"]))
        if impossible[series]:
            reasons[series] = NotComputable("impossible_gaps", {"found": int(impossible[series])})
        elif plan.infinite[series]:
            reasons[series] = NotComputable("infinite_values", {"found": int(plan.infinite[series])})
        elif np.isnan(plan.clean[series]).all():
            reasons[series] = NotComputable("all_missing")
        elif n_points < MINIMUM_POINTS:
            reasons[series] = NotComputable("too_few_points", {"found": n_points, "needed": MINIMUM_POINTS})
        elif n_ranges < MINIMUM_RANGES:
            reasons[series] = NotComputable("too_few_ranges", {"found": n_ranges, "needed": MINIMUM_RANGES})
        else:
            reasons[series] = NotComputable("no_gaps", {"found": n_points})
    return tuple(reasons)


def _single(kind: ChartKind, gaps: pd.Series, direction: Direction, choices: Choices) -> RareEventChart | NotComputable:
    periods = calendar(gaps, each_once=False)
    values = gaps.to_numpy(dtype=np.float64, na_value=np.nan)
    table = _many(kind, values[None, :], direction, for_many(choices, periods))
    reason = table.reasons[0]
    if reason is not None and np.isnan(table.phase_mean).all():
        return reason
    days = [stamp.date() for stamp in periods]
    return RareEventChart(
        kind=kind,
        periods=periods,
        values=values,
        phases=tuple(_phase(table, place, days) for place in range(len(table.phase_series))),
        **single_points(table, values, days, direction),
    )


def _phase(table: RareEventTable, place: int, days: list[dt.date]) -> RareEventPhase:
    phase = phase_numbers(table, place, days)
    mean_gap = float(table.phase_mean_gap[place])
    return RareEventPhase(**phase, mean_gap=None if np.isnan(mean_gap) else mean_gap)
