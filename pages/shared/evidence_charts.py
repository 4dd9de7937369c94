"""The first picture of an evidence page: before and after, and what was expected without the change."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from analytics.results import PointType, SiteEffect
from pages.shared import chart_marks as marks
from pages.shared.chart_layout import DAYS, vertical_scale
from pages.shared.chart_marks import Canvas, Pin, data, iso
from pages.shared.charts import finish
from pages.shared.theme import Theme, tokens
from wording import Language, say, value

if TYPE_CHECKING:
    from data.types import Metric

LANE = {False: 4, True: 26}  # pixels above the words, for the tag; True where there is one
LINE = 18  # pixels of a line of words
SAMPLE = 22  # pixels of dashes beside them
CHARACTER = 6.5  # pixels of a character, as a rule
PLOT = {False: 700, True: 300}  # pixels between the axis and the right edge of a public page's picture; True on a phone
CROWD = {False: 60, True: 40}  # points from which they are drawn small


def before_after_chart(
    values: pd.Series,
    effect: SiteEffect | None,
    *,
    intervention_date: dt.date,
    metric: Metric,
    grain: str,
    language: Language,
    theme: Theme,
    pin: Pin | None = None,
    excluded: Collection[dt.date] = (),
    phone: bool = False,
    description: str | None = None,
) -> alt.LayerChart:
    """Draw a series on both sides of a change, with the mean of each, and what was expected had nothing changed.

    values: the metric's own unit on a complete calendar of period starts; NaN = not measured.
    intervention_date: first day of after, inclusive. excluded: periods drawn but left out of the means.
    effect: brings the expected course; None where it cannot be computed.
    """
    periods = [period.date() for period in pd.DatetimeIndex(values.index)]
    kinds = [PointType.EXCLUDED if day in excluded else PointType.COMMON_CAUSE for day in periods]
    rows: list[marks.Row] = [
        {"x": iso(day), "y": None if np.isnan(y) else float(f"{y:.7g}"), "k": str(kind)}
        for day, y, kind in zip(periods, values.to_numpy(float), kinds, strict=True)
    ]
    counted = [row for row in rows if row["y"] is not None and row["k"] != str(PointType.EXCLUDED)]
    start = iso(intervention_date)
    before, after = [r for r in counted if r["x"] < start], [r for r in counted if r["x"] >= start]
    if not before or not after:
        msg = "nothing measured on one side of the change"
        raise ValueError(msg)
    expected = _expected(rows, start, effect)
    course = _by_week(expected) if grain == "day" else expected
    lane = LANE[pin is not None]
    room = lane + 8 + LINE * (2 if expected else 1)
    canvas = _canvas(rows, course, grain, theme=theme, phone=phone, room=room)
    edge = _edge(intervention_date, grain)
    layers = [marks.bounds(canvas), _after_field(canvas, edge, room), *_expected_line(canvas, course)]
    layers += _data_layers(canvas, rows)
    layers += [_mean(canvas, side) for side in (before, after)]
    top = _at(canvas, lane + 10)
    words_of_sides, crossed = _side_words(canvas, before, after, expected, edge, top, metric, grain, language)
    line = {"x": edge, "y": canvas.scale.low, "y2": _at(canvas, room if crossed else lane)}
    layers.append(
        alt.Chart(data([line])).mark_rule(color=canvas.colour.person, strokeWidth=2)
        .encode(x=canvas.x(), y=canvas.y(), y2="y2")
    )  # fmt: skip
    layers += words_of_sides
    if pin:
        tag = {"x": edge, "y": _at(canvas, 10), "t": pin.label, "w": marks.TAG_WIDTH}
        layers += marks.tags(canvas, [tag], outlined=pin.kind == "incident")
    words = description if description is not None else _before_after_words(before, after, expected, metric, language)
    return finish(layers, words, theme=theme, language=language, height=canvas.scale.height)


def _canvas(
    rows: Sequence[marks.Row], expected: Sequence[marks.Row], grain: str, *, theme: Theme, phone: bool, room: float
) -> Canvas:
    height = 300 if not phone else 270
    measured = [row["y"] for row in (*rows, *expected) if row["y"] is not None]
    fitted = vertical_scale(measured, height=height - room)
    top = fitted.low + (fitted.top - fitted.low) * height / (height - room)
    scale = type(fitted)(fitted.low, fitted.high, top, fitted.ticks, height)
    first, last = (dt.date.fromisoformat(rows[i]["x"]) for i in (0, -1))
    half = dt.timedelta(days=max(DAYS[grain] / 2, 1))
    return Canvas(first - half, last + half, last, scale, tokens(theme), phone)


def _at(canvas: Canvas, pixels: float) -> float:
    return canvas.scale.top - pixels * canvas.scale.per_pixel


def _edge(intervention_date: dt.date, grain: str) -> str:
    return (
        iso(intervention_date - dt.timedelta(days=DAYS[grain] / 2))
        if grain != "day"
        else marks.instant(intervention_date, -1)
    )


def _after_field(canvas: Canvas, edge: str, room: float) -> alt.Chart:
    row = {"x": edge, "x2": iso(canvas.last), "y": canvas.scale.low, "y2": _at(canvas, room)}
    return alt.Chart(data([row])).mark_rect(color=canvas.colour.band, opacity=0.7).encode(
        x=canvas.x(), x2="x2", y=canvas.y(), y2="y2"
    )  # fmt: skip


def _data_layers(canvas: Canvas, rows: Sequence[marks.Row]) -> list[alt.Chart]:
    """The line and its points; a crowd of points is drawn small and thin, so that the means stand out."""
    crowd = sum(row["y"] is not None for row in rows) >= CROWD[canvas.phone]
    line, points = marks.line(canvas, rows), marks.points(canvas, rows, scale=0.3 if crowd else 1.3)
    if crowd:
        line.mark.strokeWidth, line.mark.opacity = 1, 0.55
        points.mark.strokeWidth = 1
    return [line, points]


def _expected(rows: Sequence[marks.Row], start: str, effect: SiteEffect | None) -> list[marks.Row]:
    later = [row for row in rows if row["x"] >= start]
    if effect is None or len(effect.counterfactual) != len(later):
        return []
    pairs = zip(later, effect.counterfactual, strict=True)
    return [{"x": row["x"], "y": float(f"{y:.7g}")} for row, y in pairs if not np.isnan(y)]


def _by_week(days: Sequence[marks.Row]) -> list[marks.Row]:
    """Whole weeks from the first day on, each at its mean: the days of a week differ, which says nothing of a change."""
    if not days:
        return []
    first = dt.date.fromisoformat(days[0]["x"])
    count = max(((dt.date.fromisoformat(days[-1]["x"]) - first).days + 1) // 7, 1)
    weeks: list[list[marks.Row]] = [[] for _ in range(count)]
    for row in days:
        weeks[min((dt.date.fromisoformat(row["x"]) - first).days // 7, count - 1)].append(row)
    means = [(week, float(f"{_average(week):.7g}")) for week in weeks if week]
    inner = [{"x": week[len(week) // 2]["x"], "y": y} for week, y in means]
    return [{"x": days[0]["x"], "y": means[0][1]}, *inner, {"x": days[-1]["x"], "y": means[-1][1]}]


def _expected_line(canvas: Canvas, expected: Sequence[marks.Row]) -> list[alt.Chart]:
    if not expected:
        return []
    line = alt.Chart(data(expected)).mark_line(color=canvas.colour.soft, strokeWidth=1.5, strokeDash=marks.SHORT_DASH)
    return [line.encode(x=canvas.x(), y=canvas.y())]


def _mean(canvas: Canvas, side: Sequence[marks.Row]) -> alt.Chart:
    row = {"x": side[0]["x"], "x2": side[-1]["x"], "y": _average(side)}
    return alt.Chart(data([row])).mark_rule(color=canvas.colour.ink, strokeWidth=1.8).encode(
        x=canvas.x(), x2="x2", y=canvas.y()
    )  # fmt: skip


def _side_words(
    canvas: Canvas, before: Sequence[marks.Row], after: Sequence[marks.Row], expected: Sequence[marks.Row], edge: str,
    top: float, metric: Metric, grain: str, language: Language,
) -> tuple[list[alt.Chart], bool]:  # fmt: skip
    """The words over either side, and whether they cross the line of the change: where a side is too narrow, its
    words stand at the picture's edge."""
    left, right = (_side_said(n, s, canvas, metric, grain, language) for n, s in (("before", before), ("after", after)))
    without = _side_said("counterfactual", expected, canvas, metric, grain, language) if expected else ""
    share = (dt.date.fromisoformat(edge[:10]) - canvas.first) / (canvas.last - canvas.first)
    needed = max(len(right) * CHARACTER, len(without) * CHARACTER + SAMPLE) + 12
    at_right = needed > (1 - share) * PLOT[canvas.phone]
    crossed = at_right or len(left) * CHARACTER + 12 > share * PLOT[canvas.phone]
    before_at: dict[str, Any] = {"align": "left", "dx": 2} if crossed else {"align": "right", "dx": -8}
    after_at: dict[str, Any] = {"align": "right", "dx": -2} if at_right else {"align": "left", "dx": 8}
    bold: dict[str, Any] = {"color": canvas.colour.ink, "fontWeight": 600, "baseline": "middle"}
    here, there = iso(canvas.last) if at_right else edge, iso(canvas.first) if crossed else edge
    layers = [
        marks.texts(canvas, [{"x": there, "y": top, "t": left}], **bold, **before_at),
        marks.texts(canvas, [{"x": here, "y": top, "t": right}], **bold, **after_at),
    ]
    if without:
        layers += _expected_words(canvas, without, here, top, left=not at_right)
    return layers, crossed


def _side_said(
    name: str, side: Sequence[marks.Row], canvas: Canvas, metric: Metric, grain: str, language: Language
) -> str:
    words = {"value": _bare(_average(side), metric, language)}
    if name != "counterfactual":
        words["periods"] = say(f"charts.periods.{grain}", language, n=len(side))
    return say(f"charts.{name}{'.phone' if canvas.phone else ''}", language, **words)


def _expected_words(canvas: Canvas, text: str, here: str, top: float, *, left: bool) -> list[alt.Chart]:
    """What was expected, under the words of after, with a sample of its dashes."""
    row = {"x": here, "x2": here, "y": top - LINE * canvas.scale.per_pixel}
    ends = (8, 8 + SAMPLE) if left else (-2 - SAMPLE, -2)
    sample = alt.Chart(data([row])).mark_rule(
        color=canvas.colour.soft, strokeWidth=1.5, strokeDash=marks.SHORT_DASH, xOffset=ends[0], x2Offset=ends[1]
    ).encode(x=canvas.x(), x2="x2", y=canvas.y())  # fmt: skip
    style: dict[str, Any] = {"align": "left", "dx": ends[1] + 6} if left else {"align": "right", "dx": ends[0] - 6}
    words = [{"x": here, "y": row["y"], "t": text}]
    return [sample, marks.texts(canvas, words, color=canvas.colour.soft, baseline="middle", **style)]


def _before_after_words(
    before: Sequence[marks.Row], after: Sequence[marks.Row], expected: Sequence[marks.Row], metric: Metric,
    language: Language,
) -> str:  # fmt: skip
    sides = {"before": _average(before), "after": _average(after)}
    if expected:
        sides["expected"] = _average(expected)
    code = "charts.before_after" if expected else "charts.before_after.bare"
    return say(code, language, **{name: value(y, metric, language) for name, y in sides.items()})


def _average(rows: Sequence[marks.Row]) -> float:
    return sum(row["y"] for row in rows) / len(rows)


def _bare(y: float, metric: Metric, language: Language) -> str:
    return value(y, metric.model_copy(update={"unit": ""}), language)
