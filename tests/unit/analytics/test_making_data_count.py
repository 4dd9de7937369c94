"""Our charts beside NHSRplotthedots 0.2.2 on real emergency departments: the package's documented rules, retold plainly.

The rules are those its vignettes ("Introduction", "Deviations from Excel defaults") and its reference pages state; what is
meant to differ is named in docs/methods/xmr.md and held here one by one.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from statistics import fmean

import numpy as np
import pandas as pd
import pytest

from analytics.results import Assurance, Direction, NotComputable, PointType, Variation, XmrChart
from analytics.spc import TRIAL_POINTS, assurance, variation, xmr_chart

SAMPLE = Path(__file__).parents[2] / "samples" / "ae_attendances.csv"
MEASURES = ("attendances", "breaches", "admissions")
ICON = {
    PointType.IMPROVEMENT: Variation.IMPROVING,
    PointType.CONCERN: Variation.CONCERN,
    PointType.NEUTRAL: Variation.NEUTRAL,
    PointType.COMMON_CAUSE: Variation.COMMON_CAUSE,
}


@dataclass(frozen=True)
class Told:
    """What the package says of one series; limits None where every moving range is screened away."""

    mean: float
    limits: tuple[float, float] | None
    sides: list[int]  # 1 above or rising, -1 below or falling, 0 common cause

    def types(self, direction: Direction) -> list[PointType]:
        if direction is Direction.NEUTRAL:
            return [PointType.NEUTRAL if side else PointType.COMMON_CAUSE for side in self.sides]
        good = 1 if direction is Direction.UP else -1
        kind = {good: PointType.IMPROVEMENT, -good: PointType.CONCERN, 0: PointType.COMMON_CAUSE}
        return [kind[side] for side in self.sides]

    def assurance(self, target: float, direction: Direction) -> Assurance:
        """Beyond a limit the target is always or never met; without limits it is hit and miss."""
        lower, upper = self.limits or (-np.inf, np.inf)
        if lower <= target <= upper:
            return Assurance.HIT_AND_MISS
        met = (target < lower) == (direction is Direction.UP)
        return Assurance.WILL_PASS if met else Assurance.WILL_FAIL


def told(values: list[float]) -> Told:
    """Limits and special causes of one series, rule by rule; rows stand side by side whatever their dates."""
    mean = fmean(values)
    ranges = [abs(b - a) for a, b in pairwise(values)]
    kept = [size for size in ranges if size < 3.267 * fmean(ranges)]
    if not kept:
        return Told(mean, None, special_causes(values, mean, None))
    spread = 2.66 * fmean(kept)
    return Told(mean, (mean - spread, mean + spread), special_causes(values, mean, (mean - spread, mean + spread)))


def special_causes(values: list[float], mean: float, limits: tuple[float, float] | None) -> list[int]:
    n = len(values)
    side = [(value > mean) - (value < mean) for value in values]
    lower, upper = limits or (-np.inf, np.inf)
    outside = [value < lower or value > upper for value in values]
    third = (upper - mean) * 2 / 3
    near = [not out and abs(value - mean) > third for value, out in zip(values, outside, strict=True)]
    way = [(b > a) - (b < a) for a, b in pairwise(values)]
    trend, run, pair = set(), set(), set()
    for first in range(n - 6):
        if abs(sum(way[first : first + 6])) == 6:
            trend |= set(range(first, first + 7))
        if abs(sum(side[first : first + 7])) == 7:
            run |= set(range(first, first + 7))
    for first in range(n - 2):
        if abs(sum(side[first : first + 3])) == 3 and sum(near[first : first + 3]) >= 2:
            pair |= {place for place in range(first, first + 3) if near[place]}
    found = [0] * n
    for place in range(n):
        if outside[place]:
            found[place] = side[place]
        elif place in trend:  # the way it goes on where the next point belongs to a trend too, else the way it came
            step = way[place] if place + 1 in trend else way[place - 1]
            found[place] = 1 if step == 1 else -1
        elif place in pair or place in run:
            found[place] = side[place]
    return found


@cache
def departments() -> dict[tuple[str, str, str], pd.Series]:
    """Every series of the sample with twelve points or more, its rows as they stand."""
    rows = pd.read_csv(SAMPLE, parse_dates=["period"]).sort_values("period")
    return {
        (*place, measure): series.set_index("period")[measure].astype(float)
        for place, series in rows.groupby(["org_code", "type"])
        if len(series) >= TRIAL_POINTS
        for measure in MEASURES
    }


def chart_of(series: pd.Series, direction: Direction = Direction.DOWN) -> XmrChart:
    chart = xmr_chart(series, direction=direction)
    assert isinstance(chart, XmrChart)
    return chart


def constant(series: pd.Series) -> bool:
    return bool((series == series.iloc[0]).all())


def test_the_sample_holds_hundreds_of_series():
    assert len(departments()) > 1000


@pytest.mark.accepts("2.20")
@pytest.mark.parametrize("direction", list(Direction))
def test_point_types_and_variation_icons_are_the_package_s_on_every_series(direction):
    differing = []
    for name, series in departments().items():
        chart, package = chart_of(series, direction), told(series.tolist())
        types = package.types(direction)
        if list(chart.point_types) != types or variation(chart) is not ICON[types[-1]]:
            differing.append(name)

    assert differing == []


@pytest.mark.accepts("2.20")
def test_limits_are_the_package_s_on_every_series_that_varies():
    for name, series in departments().items():
        phase, package = chart_of(series).latest, told(series.tolist())
        if constant(series):
            assert package.limits is None, name
            assert phase.lower_limit == phase.mean == phase.upper_limit == series.iloc[0], name
        else:
            assert (phase.lower_limit, phase.upper_limit) == pytest.approx(package.limits, rel=1e-12, abs=1e-9), name
            assert phase.mean == pytest.approx(package.mean, rel=1e-12), name


@pytest.mark.accepts("2.20")
@pytest.mark.parametrize("direction", [Direction.UP, Direction.DOWN])
def test_assurance_icons_are_the_package_s_on_every_series_that_varies(direction):
    for name, series in departments().items():
        if constant(series):
            continue
        phase, package = chart_of(series, direction).latest, told(series.tolist())
        for target in (share * package.mean for share in (0.5, 0.9, 1.1, 1.5)):
            assert assurance(phase, target, direction) is package.assurance(target, direction), name


def test_a_constant_series_has_limits_here_and_none_in_the_package():
    series = pd.Series([0.0] * 12, index=pd.date_range("2026-01-01", periods=12, freq="MS"))

    assert told(series.tolist()).assurance(5, Direction.DOWN) is Assurance.HIT_AND_MISS
    assert assurance(chart_of(series).latest, 5, Direction.DOWN) is Assurance.WILL_PASS


def test_a_missing_month_ends_a_run_here_and_not_in_the_package():
    values = [9.0, 11.0] * 12 + [10.5] * 4
    months = pd.date_range("2020-01-01", periods=33, freq="MS")
    series = pd.Series([*values, np.nan, *[10.5] * 4], index=months)

    joined = told(series.dropna().tolist())

    assert joined.sides[-8:] == [1] * 8
    assert set(chart_of(series).point_types[-9:]) == {PointType.COMMON_CAUSE, PointType.MISSING}


def test_the_last_point_of_a_rise_that_ends_in_a_tie_keeps_its_rise_here():
    values = [*[-30.0, 30.0] * 9, 1, 2, 3, 4, 5, 6, 7, 7, 8, 9, 10, 11, 12, 13, *[30.0, -30.0] * 4]
    series = pd.Series(values, index=pd.date_range("2020-01-01", periods=len(values), freq="MS"))

    chart = chart_of(series, Direction.UP)

    assert told(values).sides[24] == -1
    assert chart.point_types[24] is PointType.IMPROVEMENT


def test_on_a_full_calendar_only_departments_with_a_month_missing_in_between_differ():
    gappy, differing = set(), set()
    for name, series in departments().items():
        whole = series.asfreq("MS")
        chart, package = xmr_chart(whole, direction=Direction.UP), told(series.tolist())
        if whole.isna().any():
            gappy.add(name)
        if isinstance(chart, NotComputable):
            assert name in gappy
            continue
        measured = [kind for kind in chart.point_types if kind is not PointType.MISSING]
        if measured != package.types(Direction.UP):
            differing.add(name)

    assert differing < gappy
    assert (len(gappy), len(differing)) == (36, 6)
