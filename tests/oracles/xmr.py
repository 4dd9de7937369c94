"""Individuals charts and the four rules, compared with textbook tables and with NHSRplotthedots."""

from __future__ import annotations

import re
from collections.abc import Callable

import numpy as np

from analytics.results import Direction, LimitsKind, NotComputable, PointType, Rule, Side, Signal, XmrChart
from analytics.spc import xmr_chart
from analytics.spc_rules import mark_bit
from analytics.spc_table import xmr_charts
from tests.oracles.cases import Case, Check, Report, leaves
from tests.oracles.columns import PHASE, daily, outcome_column, places, time_column

RULE_KEYS = {
    "outside": Rule.OUTSIDE_LIMITS, "trend7": Rule.TREND, "two_of_three": Rule.TWO_OF_THREE, "run7": Rule.RUN,
}  # fmt: skip
MEANS = {"mean", "cl", "centre", "center", "mean_col", "xbar"}
RANGES = {"mrbar", "amr", "mean_moving_range"}
LOWER = {"lpl", "lpl_2.66", "lower", "lower_limit", "lnpl"}
UPPER = {"upl", "upl_2.66", "upper", "upper_limit", "unpl"}
RANGE_LIMITS = {"mr_upl", "url", "upper_range_limit"}
POINT_TYPES = {
    PointType.COMMON_CAUSE: "common_cause", PointType.IMPROVEMENT: "special_cause_improvement",
    PointType.CONCERN: "special_cause_concern",
}  # fmt: skip


def report(case: Case) -> Report:
    keys = set(case.expected)
    if not keys & MEANS or not keys & (RANGES | set(RULE_KEYS)):
        return Report(case)
    data = case.table()
    rows = places(data)
    series = daily(rows, data[outcome_column(data)])
    days = [stamp.date() for stamp in series.index]
    baseline, excluded = _baseline(case)
    arguments = {
        "steps": _steps(case, days, rows),
        "baseline_until": None if baseline is None else days[rows[baseline - 1]],
        "excluded": [days[rows[place - 1]] for place in excluded],
        "screen": _screened(case, keys),
    }
    chart = xmr_chart(series, direction=_direction(case), **arguments)
    if isinstance(chart, NotComputable):
        return Report(case, [Check("chart", chart.code, "a chart")])
    labels = data[time_column(data) or outcome_column(data)]
    checks, aside = [], []
    for key, expected in leaves(case.expected):
        found = _found(key, chart, series, arguments, rows, labels)
        if found is None:
            aside.append(key)
        else:
            checks.append(Check(key, found, expected))
    return Report(case, checks, aside)


def _found(key, chart: XmrChart, series, arguments, rows, labels) -> object:
    latest = chart.latest
    numbers: list[tuple[set[str], Callable[[], object]]] = [
        (MEANS, lambda: latest.mean),
        (RANGES, lambda: latest.mean_moving_range),
        (LOWER, lambda: latest.lower_limit),
        (UPPER, lambda: latest.upper_limit),
        (RANGE_LIMITS, lambda: latest.moving_range_limit),
        ({"trial"}, lambda: latest.kind is LimitsKind.TRIAL),
        ({"point_type", "point_types"}, lambda: [POINT_TYPES[chart.point_types[place]] for place in rows]),
        ({"variation"}, lambda: chart.variation.value),
    ]
    for names, answer in numbers:
        if key.lower() in names:
            return answer()
    if key in RULE_KEYS:
        return _positions(_marked(series, arguments, RULE_KEYS[key]), rows)
    beyond = re.fullmatch(r"outside_(upl|lpl)(_\w+)?", key)
    if beyond:
        side = Side.ABOVE if beyond[1] == "upl" else Side.BELOW
        return [int(labels[place - 1]) for place in _positions(_outside(chart, side), rows)]
    return None


def _marked(series, arguments, rule: Rule) -> np.ndarray:
    """Every point the rule marks, whatever the rules before it say."""
    dated = {name: {0: arguments[name]} for name in ("steps", "excluded")}
    until = arguments["baseline_until"]
    table = xmr_charts(
        series.to_numpy()[None], directions=Direction.UP, periods=series.index,
        baselines={} if until is None else {0: until}, screen=arguments["screen"], **dated,
    )  # fmt: skip
    return (table.marks[0] & (mark_bit(rule, high=True) | mark_bit(rule, high=False))) != 0


def _outside(chart: XmrChart, side: Side) -> np.ndarray:
    def within(signal: Signal) -> np.ndarray:
        days = np.array([stamp.date() for stamp in chart.periods])
        return (days >= signal.start) & (days <= signal.end)

    stretches = [within(s) for s in chart.signals if s.rule is Rule.OUTSIDE_LIMITS and s.side is side]
    return np.any(stretches, axis=0) if stretches else np.zeros(len(chart.periods), dtype=bool)


def _positions(marked: np.ndarray, rows: np.ndarray) -> list[int]:
    """Rows of the table, counted from 1."""
    return [int(place) + 1 for place in np.flatnonzero(marked[rows])]


def _baseline(case: Case) -> tuple[int | None, list[int]]:
    """The last row of the baseline and the rows left out of it, from the words of the case."""
    text = f"{case.text} {case.expected.get('baseline', '')}"
    left_out = re.search(r"(\d+)\s*(?:-|to)\s*(\d+) except ((?:\d+|,|and|\s)+)", text)
    if left_out:
        return int(left_out[2]), [int(number) for number in re.findall(r"\d+", left_out[3])]
    first = re.search(r"first (\d+)", text)
    return (int(first[1]) if first else None), []


def _steps(case: Case, days, rows) -> list:
    """A phase column rebases the chart, unless its words freeze a baseline."""
    named = [name for name in case.data if name.lower() in PHASE]
    if not named or _baseline(case)[0] is not None:
        return []
    cells = case.data[named[0]]
    changes = np.flatnonzero(cells[1:] != cells[:-1]) + 1
    return [days[rows[place]] for place in changes]


def _screened(case: Case, keys: set[str]) -> bool:
    """Textbook charts keep every moving range, the package screens; the case's own words come first."""
    if re.search(r"unscreened|(no|without|not)[ _]screen|screen\w*\s*=\s*F|screening off", case.text, re.IGNORECASE):
        return False
    return "screen" in case.text.lower() or bool(keys & set(RULE_KEYS))


def _direction(case: Case) -> Direction:
    said = str(case.expected.get("improvement_direction", case.expected.get("direction", case.text))).lower()
    if "neutral" in said:
        return Direction.NEUTRAL
    return Direction.DOWN if re.search(r"\b(decrease|down)\b", said) else Direction.UP
