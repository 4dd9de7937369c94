"""Everything a board shows of many series at once: where each stands, its newest signal, its drift, how far to trust it.

Nothing is computed here that a chart or an alarm of one series does not compute in the same way: their many forms are
called, and what they say is put side by side.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypedDict

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.alarms import lag_one
from analytics.attribute_charts import c_charts, p_charts, u_charts
from analytics.cautions import MINIMUM_POINTS, RESEMBLING_PHI
from analytics.multiplicity import FALSE_DISCOVERY_RATE, benjamini_hochberg
from analytics.portfolio_drift import ALARM_KINDS, Watch, in_blocks, newest_alarms
from analytics.results import Direction, LimitsKind, NotComputable
from analytics.results_charts import ChartKind
from analytics.spc_kind import counts_behind
from analytics.spc_phases import Dates, Until
from analytics.spc_reading import ControlTable
from analytics.spc_table import assurances, xmr_charts

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int8]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

__all__ = [
    "ALARM_KINDS",
    "LIMITS_KINDS",
    "Decided",
    "Portfolio",
    "Watch",
    "adjusted",
    "score_portfolio",
]

LIMITS_KINDS = tuple(LimitsKind)  # Portfolio.limits_kind
_CHART_CELLS = 1 << 19  # of series charted together: what their charts take is given back before the next ones


class _Choices(TypedDict):
    """The dated arguments that every kind of chart takes."""

    periods: pd.DatetimeIndex | None
    steps: Dates
    baselines: Mapping[int, Until]
    excluded: Dates


@dataclass(frozen=True, slots=True, eq=False)
class Decided:
    """What people decided of limits, as for `xmr_charts`: keys are row numbers, dates are those of `periods`."""

    periods: pd.DatetimeIndex | None = None
    steps: Dates = field(default_factory=dict)
    baselines: Mapping[int, Until] = field(default_factory=dict)
    excluded: Dates = field(default_factory=dict)

    def of_rows(self, rows: Places) -> _Choices:
        """Keep what concerns these rows, numbered anew."""
        dated: list[Mapping[int, Any]] = [self.steps, self.baselines, self.excluded]
        if len(rows) and any(dated):
            dated = [{new: one[old] for new, old in enumerate(rows.tolist()) if old in one} for one in dated]
        return {"periods": self.periods, "steps": dated[0], "baselines": dated[1], "excluded": dated[2]}


@dataclass(frozen=True, slots=True, eq=False)
class Portfolio:
    """The state of many series, one number each, shape (n_series,). NaN, 0 or -1 = none, as the name says.

    kinds: the chart that was drawn. Codes: limits_kind into LIMITS_KINDS, variation into `spc.VARIATIONS`, assurance
    into `spc.ASSURANCES`, alarm_kind into ALARM_KINDS. signal_*: of the newest measured point, as ControlTable has them.
    Places count from 0: phase_start and signal_start on the charted calendar, alarm_at and alarm_since back from the last
    watched period (0 = the last one; -1 = no alarm). alarm_p: NaN where a series cannot be watched.
    phi: how much neighbouring points of the chart resemble each other, levels between steps set aside.
    """

    kinds: tuple[ChartKind, ...]
    mean: Floats
    lower_limit: Floats
    upper_limit: Floats
    limits_kind: Codes
    variation: Codes
    assurance: Codes
    phase_start: Places
    signal_rule: Codes
    signal_side: Codes
    signal_start: Places
    signal_points: Places
    alarm_kind: Codes
    alarm_side: Codes
    alarm_at: Places
    alarm_since: Places
    alarm_p: Floats
    phi: Floats

    @property
    def alarm_q(self) -> Floats:
        """The alarms' p values adjusted over this board, see `adjusted`."""
        return adjusted(self.alarm_p)

    @property
    def limits_mislead(self) -> Flags:
        """Which series resemble themselves so much from point to point that their limits are too narrow."""
        return np.asarray(self.phi > RESEMBLING_PHI)

    @property
    def alarms_ranked(self) -> Places:
        """The series with an alarm, the least likely to be chance first."""
        raised: Places = np.flatnonzero(self.alarm_kind > 0)
        return raised[np.lexsort((raised, self.alarm_p[raised]))]


def score_portfolio(
    values: Floats,
    *,
    directions: Sequence[Direction],
    targets: Floats | None = None,
    kinds: Sequence[ChartKind] | None = None,
    denominators: Floats | None = None,
    per: Floats | None = None,
    decided: Decided | None = None,
    watch: Watch | None = None,
) -> Portfolio:
    """Score many series on one calendar.

    values: shape (n_series, n_periods), as charted, each in its own unit, oldest first; NaN = not measured.
    directions, targets (NaN = none), kinds: one a series. kinds: XMR, P, U or C, None = XMR for all; where a chart of
        counts cannot be had, that of individual values is drawn.
    denominators: shape of values; per: what a share is shown per, one a series. For P and U only.
    watch: what drift alarms read, None = the values themselves, as no daily series.
    Raises ValueError where shapes differ, or a chart of another kind is asked for.

    >>> calm = np.random.default_rng(1).normal(50, 2, size=(2, 120))
    >>> calm[1, 100:] += 4
    >>> board = score_portfolio(calm, directions=[Direction.UP, Direction.DOWN])
    >>> board.alarms_ranked, ALARM_KINDS[board.alarm_kind[1]].value
    (array([1]), 'drift')
    """
    values = np.asarray(values, dtype=np.float64)
    n_series = len(values)
    if len(directions) != n_series:
        raise ValueError("directions and series differ in number")
    wanted = _Wanted(
        values, list(directions), denominators, np.ones(n_series) if per is None else per, decided or Decided()
    )
    drawn, found = _charts(wanted, [ChartKind.XMR] * n_series if kinds is None else list(kinds))
    goals = np.full(n_series, np.nan) if targets is None else targets
    watched = Watch.of_one_calendar(values) if watch is None else watch
    return Portfolio(
        kinds=tuple(drawn),
        assurance=assurances(found["lower_limit"], found["upper_limit"], goals, wanted.directions),
        phi=_resemblance(values, wanted.decided),
        **found,
        **newest_alarms(watched),
    )


def adjusted(p_values: Floats) -> Floats:
    """Adjust the p values of every series of a board together, so that of the alarms that stand few are chance.

    Those at most `FALSE_DISCOVERY_RATE` stand. NaN = not watched, which counts for nothing and stays NaN.
    """
    judged = benjamini_hochberg(p_values, rate=FALSE_DISCOVERY_RATE)
    return np.full(len(p_values), np.nan) if isinstance(judged, NotComputable) else judged.benjamini_hochberg


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    observed: Floats
    directions: list[Direction]
    denominators: Floats | None
    per: Floats
    decided: Decided

    def drawn(self, kind: ChartKind, rows: Places, per: float) -> ControlTable:
        """Draw these rows by the many form of their kind."""
        every = len(rows) == len(self.observed)
        values = self.observed if every else self.observed[rows]
        directions = [self.directions[row] for row in rows.tolist()]
        choices = self.decided.of_rows(rows)
        if kind is ChartKind.XMR:
            return xmr_charts(values, directions=directions, **choices)
        if kind is ChartKind.C:
            return c_charts(values, directions=directions, **choices)
        if self.denominators is None:
            raise ValueError("shares and rates need their denominators")
        exposure = self.denominators[rows]
        counts, draw = counts_behind(values, exposure, per), p_charts if kind is ChartKind.P else u_charts
        return draw(counts, exposure, directions=directions, per=per, **choices)


def _charts(wanted: _Wanted, kinds: list[ChartKind]) -> tuple[list[ChartKind], dict[str, Any]]:
    """Draw every series by its kind; those that have no limits by it, as individual values."""
    found = _nothing(len(kinds))
    groups: dict[tuple[ChartKind, float], list[int]] = {}
    for row, (kind, per) in enumerate(zip(kinds, wanted.per.tolist(), strict=True)):
        if kind not in (ChartKind.XMR, ChartKind.C, ChartKind.P, ChartKind.U):
            raise ValueError(f"no chart of many series of the kind {kind}")
        groups.setdefault((kind, per if kind in (ChartKind.P, ChartKind.U) else 1.0), []).append(row)
    drawn, individual, n_periods = list(kinds), groups.pop((ChartKind.XMR, 1.0), []), wanted.observed.shape[1]
    for (kind, per), those in groups.items():
        for rows in in_blocks(np.array(those), n_periods, _CHART_CELLS):
            table = wanted.drawn(kind, rows, per)
            individual += rows[_without_limits(table)].tolist()
            _fill(found, rows, table)
    for row in individual:
        drawn[row] = ChartKind.XMR
    for rows in in_blocks(np.array(sorted(individual), dtype=np.intp), n_periods, _CHART_CELLS):
        _fill(found, rows, wanted.drawn(ChartKind.XMR, rows, 1.0))
    return drawn, found


def _without_limits(table: ControlTable) -> Places:
    """Which series have no limits in any phase."""
    without = np.ones(len(table.values), dtype=np.bool_)
    without[table.phase_series[~np.isnan(table.phase_mean)]] = False
    without &= np.array([reason is not None for reason in table.reasons], dtype=np.bool_)
    return np.flatnonzero(without)


def _nothing(n_series: int) -> dict[str, Any]:
    numbers = ("mean", "lower_limit", "upper_limit")
    codes = ("limits_kind", "variation", "signal_rule", "signal_side")
    return {
        **{name: np.full(n_series, np.nan) for name in numbers},
        **{name: np.zeros(n_series, dtype=np.int8) for name in codes},
        "phase_start": np.zeros(n_series, dtype=np.intp),
        "signal_start": np.full(n_series, -1, dtype=np.intp),
        "signal_points": np.zeros(n_series, dtype=np.intp),
    }


def _fill(found: dict[str, Any], rows: Places, table: ControlTable) -> None:
    for name in ("mean", "lower_limit", "upper_limit", "variation", "signal_rule", "signal_side", "signal_start",
                 "signal_points"):  # fmt: skip
        found[name][rows] = getattr(table, name)
    found["phase_start"][rows] = table.phase_start[table.last_phase]
    found["limits_kind"][rows] = [LIMITS_KINDS.index(kind) for kind in table.limits_kinds]


def _resemblance(values: Floats, decided: Decided) -> Floats:
    """Estimate the lag-one correlation of many charts around the level of each phase; NaN below MINIMUM_POINTS."""
    phi = np.full(len(values), np.nan)
    for rows in in_blocks(np.arange(len(values)), values.shape[1]):
        block = np.where(np.isinf(values[rows]), np.nan, values[rows])
        for place, row in enumerate(rows.tolist()):
            if row in decided.excluded and decided.periods is not None:
                block[place, decided.periods.isin(pd.DatetimeIndex(list(decided.excluded[row])))] = np.nan
        measured = ~np.isnan(block)
        n_points = measured.sum(axis=1)
        deviations = block - (np.nansum(block, axis=1) / np.maximum(n_points, 1))[:, None]
        for place, row in enumerate(rows.tolist()):
            if decided.steps.get(row) and decided.periods is not None:
                deviations[place] = _around_levels(block[place], decided.periods, decided.steps[row])
        before = np.roll(deviations, 1, axis=1)
        pair = np.zeros(block.shape, dtype=np.int8)
        pair[:, 1:] = measured[:, 1:] & measured[:, :-1]
        enough = (n_points >= MINIMUM_POINTS) & (np.nansum(deviations**2, axis=1) > 0)
        phi[rows[enough]] = lag_one(deviations[enough], before[enough], pair[enough])
    return phi


def _around_levels(values: Floats, periods: pd.DatetimeIndex, steps: Collection[dt.date]) -> Floats:
    levels = pd.DatetimeIndex(sorted(steps)).searchsorted(periods, side="right")
    series = pd.Series(values)
    around: Floats = (series - series.groupby(levels).transform("mean")).to_numpy()
    return around
