"""What a series says beyond its chart, as small pictures: a straight trend, a drift watched, the levels it stood on."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from analytics.results import Direction, PointType, Side
from analytics.results_trend import AlarmKind, ChangePoints, DriftAlarms, SenSlope, Trend
from pages.shared import chart_marks as marks
from pages.shared.chart_layout import DAYS, vertical_scale
from pages.shared.chart_lines import bare
from pages.shared.chart_marks import Canvas, Label, iso
from pages.shared.charts import END_ROOM, finish
from pages.shared.theme import Theme, tokens
from wording import Language, number, say

if TYPE_CHECKING:
    from data.types import Metric

HEIGHT = {False: 240, True: 220}  # True on a phone


def trend_chart(
    values: pd.Series,
    slope: SenSlope,
    trend: Trend,
    *,
    metric: Metric,
    grain: str,
    language: Language,
    theme: Theme,
    description: str,
    phone: bool = False,
) -> alt.LayerChart:
    """Draw a series with the straight line that half of all pairs of points exceed.

    values: the stretch the trend was found on, on a complete calendar of period starts; NaN = not measured.
    The line is whole where the trend is clear, dashed where no trend is possible too.
    """
    rows = _rows(values)
    measured = [row["x"] for row in rows if row["y"] is not None]
    last = slope.intercept + slope.slope * _periods_between(values, measured[0], measured[-1])
    canvas = _canvas(rows, [slope.intercept, last], grain, theme=theme, phone=phone)
    line = {"x": measured[0], "x2": measured[-1], "y": slope.intercept, "y2": last}
    style: dict[str, Any] = {"color": canvas.colour.ink, "strokeWidth": 1.8}
    if not trend.is_clear:
        style |= {"color": canvas.colour.soft, "strokeDash": marks.SHORT_DASH}
    layers = [marks.bounds(canvas), marks.line(canvas, rows), marks.points(canvas, rows), _sloping(canvas, line, style)]
    ends = [Label(last, say("signals_view.chart.line", language, value=bare(last, metric, language)), style["color"])]
    layers.append(marks.end_labels(canvas, ends, _after(rows, grain)))
    return finish(layers, description, theme=theme, language=language, height=canvas.scale.height)


def drift_chart(
    found: DriftAlarms,
    *,
    metric: Metric,
    grain: str,
    language: Language,
    theme: Theme,
    description: str,
    phone: bool = False,
) -> alt.LayerChart:
    """Draw the watched periods: what adds up on either side, the decision lines, and what each value alone says.

    Everything in standard deviations of one value; a sum beyond a decision line is the alarm.
    """
    residuals = pd.Series(found.residuals, index=found.periods)
    rows = _rows(residuals, _alarm_points(found, metric))
    canvas = _canvas(rows, [found.limit, -found.limit, *_finite(found.above), *(-_finite(found.below))], grain,
                     theme=theme, phone=phone)  # fmt: skip
    sums = [_rows(pd.Series(sum_, index=found.periods)) for sum_ in (found.above, -found.below)]
    layers = [marks.bounds(canvas), _level(canvas, rows, 0.0, color=canvas.colour.rule, strokeWidth=1)]
    layers += [
        _level(canvas, rows, line, color=canvas.colour.soft, strokeWidth=1, strokeDash=marks.SHORT_DASH)
        for line in (found.limit, -found.limit)
    ]
    layers += [_path(canvas, each) for each in sums]
    layers.append(_points(canvas, [*rows, *_crossings(found, metric)]))
    limit = number(found.limit, language, 0)
    ends = [
        Label(line, say(f"signals_view.chart.decision.{side}", language, value=limit), canvas.colour.soft)
        for line, side in ((found.limit, "upward"), (-found.limit, "downward"))
    ]
    layers.append(marks.end_labels(canvas, ends, _after(rows, grain)))
    return finish(layers, description, theme=theme, language=language, height=canvas.scale.height)


def levels_chart(
    values: pd.Series,
    changes: ChangePoints,
    *,
    metric: Metric,
    grain: str,
    language: Language,
    theme: Theme,
    description: str,
    phone: bool = False,
) -> alt.LayerChart:
    """Draw a series with the levels it seems to have stood on, and a band where each change may truly lie."""
    rows = _rows(values)
    canvas = _canvas(rows, list(changes.levels), grain, theme=theme, phone=phone)
    half = dt.timedelta(days=max(DAYS[grain] / 2, 1))
    may_lie = [
        {
            "x": iso(change.earliest - half),
            "x2": iso(change.latest + half),
            "y": canvas.scale.low,
            "y2": canvas.scale.top,
        }
        for change in changes.changes
    ]
    starts = [changes.start, *(change.date for change in changes.changes)]
    ends = [*(change.date - half for change in changes.changes), changes.end + half]
    steps = [
        {"x": iso(start), "x2": iso(end), "y": level}
        for start, end, level in zip(starts, ends, changes.levels, strict=True)
    ]
    layers = [marks.bounds(canvas)]
    if may_lie:
        layers.append(
            alt.Chart(marks.data(may_lie)).mark_rect(color=canvas.colour.band)
            .encode(x=canvas.x(), x2="x2", y=canvas.y(), y2="y2")
        )  # fmt: skip
    layers += [marks.line(canvas, rows), marks.points(canvas, rows)]
    layers.append(
        alt.Chart(marks.data(steps)).mark_rule(color=canvas.colour.ink, strokeWidth=1.8)
        .encode(x=canvas.x(), x2="x2", y=canvas.y())
    )  # fmt: skip
    level = changes.levels[-1]
    words = say("signals_view.chart.level", language, value=bare(level, metric, language))
    layers.append(marks.end_labels(canvas, [Label(level, words, canvas.colour.ink)], _after(rows, grain)))
    return finish(layers, description, theme=theme, language=language, height=canvas.scale.height)


def alarm_point(side: Side, metric: Metric) -> PointType:
    """Tell what an alarm on a side is for this metric: good, bad, or neither."""
    if metric.direction is Direction.NEUTRAL:
        return PointType.NEUTRAL
    good = (side is Side.ABOVE) == (metric.direction is Direction.UP)
    return PointType.IMPROVEMENT if good else PointType.CONCERN


def _alarm_points(found: DriftAlarms, metric: Metric) -> dict[dt.date, PointType]:
    return {each.date: alarm_point(each.side, metric) for each in found.alarms if each.kind is AlarmKind.WILD_POINT}


def _rows(values: pd.Series, kinds: dict[dt.date, PointType] | None = None) -> list[marks.Row]:
    return [
        {
            "x": iso(day.date()),
            "y": None if np.isnan(y) else float(f"{y:.7g}"),
            "k": str((kinds or {}).get(day.date(), PointType.COMMON_CAUSE)),
        }
        for day, y in values.items()
    ]


def _canvas(
    rows: Sequence[marks.Row], levels: Sequence[float], grain: str, *, theme: Theme, phone: bool
) -> Canvas:  # fmt: skip
    scale = vertical_scale([*(row["y"] for row in rows if row["y"] is not None), *levels], height=HEIGHT[phone])
    first, last = (dt.date.fromisoformat(rows[i]["x"]) for i in (0, -1))
    half = dt.timedelta(days=max(DAYS[grain] / 2, 1))
    room = (last - first + 2 * half) * (END_ROOM[phone] / (1 - END_ROOM[phone]))
    return Canvas(first - half, last + half + room, last, scale, tokens(theme), phone)


def _periods_between(values: pd.Series, first: str, last: str) -> int:
    """Whole periods from one day to another, as the trend counts them: missing ones too."""
    step = np.diff(values.index.to_numpy()).min() if len(values) > 1 else np.timedelta64(1, "D")
    return round((pd.Timestamp(last) - pd.Timestamp(first)) / step)


def _sloping(canvas: Canvas, line: marks.Row, style: dict[str, Any]) -> alt.Chart:
    ends = [{"x": line["x"], "y": line["y"]}, {"x": line["x2"], "y": line["y2"]}]
    return alt.Chart(marks.data(ends)).mark_line(**style).encode(x=canvas.x(), y=canvas.y())


def _level(canvas: Canvas, rows: Sequence[marks.Row], y: float, **style: Any) -> alt.Chart:
    row = {"x": rows[0]["x"], "x2": rows[-1]["x"], "y": y}
    return alt.Chart(marks.data([row])).mark_rule(**style).encode(x=canvas.x(), x2="x2", y=canvas.y())


def _path(canvas: Canvas, rows: Sequence[marks.Row]) -> alt.Chart:
    known = [{"x": row["x"], "y": row["y"]} for row in rows if row["y"] is not None]
    chart = alt.Chart(marks.data(known)).mark_line(color=canvas.colour.ink, strokeWidth=1.8, strokeJoin="round")
    return chart.encode(x=canvas.x(), y=canvas.y())


def _points(canvas: Canvas, rows: Sequence[marks.Row]) -> alt.Chart:
    """What each value alone says, and where a sum crossed its line: one layer, as layers share their shapes."""
    known = [row for row in rows if row["y"] is not None]
    chart = alt.Chart(marks.data(known)).mark_point(filled=False, opacity=1, strokeWidth=1.2)
    return chart.encode(x=canvas.x(), y=canvas.y(), **marks.point_look(canvas.colour, known))


def _crossings(found: DriftAlarms, metric: Metric) -> list[marks.Row]:
    """The points where a sum crossed its decision line."""
    sums = {Side.ABOVE: found.above, Side.BELOW: -found.below}
    days = [day.date() for day in found.periods]
    return [
        {"x": iso(each.date), "y": float(sums[each.side][days.index(each.date)]), "k": str(alarm_point(each.side, metric))}
        for each in found.alarms if each.kind is AlarmKind.DRIFT
    ]  # fmt: skip


def _after(rows: Sequence[marks.Row], grain: str) -> dt.date:
    return dt.date.fromisoformat(rows[-1]["x"]) + dt.timedelta(days=DAYS[grain] / 2)


def _finite(sums: np.ndarray) -> np.ndarray:
    return sums[~np.isnan(sums)]
