"""The two pictures of an evidence page: before and after, and the effect with its interval."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from analytics.results import Direction, PointType, SiteEffect
from pages.shared import chart_marks as marks
from pages.shared.chart_layout import DAYS, vertical_scale
from pages.shared.chart_marks import Canvas, Pin, data, iso
from pages.shared.charts import finish
from pages.shared.theme import Theme, Tokens, tokens
from wording import Language, difference, say, value

if TYPE_CHECKING:
    from data.types import Metric

HEADROOM = 52  # pixels above the data for the tag and the words on either side of the change


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
    canvas = _canvas(rows, expected, grain, theme=theme, phone=phone)
    layers = [
        marks.bounds(canvas),
        _after_field(canvas, _edge(intervention_date, grain)),
        *_expected_layers(canvas, expected, metric, language),
    ]
    layers += [_mean(canvas, side) for side in (before, after)]
    layers += [marks.line(canvas, rows), marks.points(canvas, rows, scale=1.3)]
    layers.append(
        alt.Chart(data([{"x": _edge(intervention_date, grain), "y": canvas.scale.low, "y2": _at(canvas, 30)}]))
        .mark_rule(color=canvas.colour.person, strokeWidth=2).encode(x=canvas.x(), y=canvas.y(), y2="y2")
    )  # fmt: skip
    layers += _side_words(canvas, before, after, _edge(intervention_date, grain), metric, grain, language)
    if pin:
        tag = {"x": _edge(intervention_date, grain), "y": _at(canvas, 10), "t": pin.label, "w": marks.TAG_WIDTH}
        layers += marks.tags(canvas, [tag], outlined=pin.kind == "incident")
    words = description if description is not None else _before_after_words(before, after, expected, metric, language)
    return finish(layers, words, theme=theme, language=language, height=canvas.scale.height)


def _canvas(
    rows: Sequence[marks.Row], expected: Sequence[marks.Row], grain: str, *, theme: Theme, phone: bool
) -> Canvas:
    height = 300 if not phone else 270
    measured = [row["y"] for row in (*rows, *expected) if row["y"] is not None]
    fitted = vertical_scale(measured, height=height - HEADROOM)
    top = fitted.low + (fitted.top - fitted.low) * height / (height - HEADROOM)
    scale = type(fitted)(fitted.low, fitted.high, top, fitted.ticks, height)
    first, last = (dt.date.fromisoformat(rows[i]["x"]) for i in (0, -1))
    half = dt.timedelta(days=max(DAYS[grain] / 2, 1))
    return Canvas(first - half, last + half, last, scale, tokens(theme), phone)


def _at(canvas: Canvas, pixels: float) -> float:
    return canvas.scale.top - pixels * canvas.scale.per_pixel


def _edge(intervention_date: dt.date, grain: str) -> str:
    return iso(intervention_date - dt.timedelta(days=DAYS[grain] / 2)) if grain != "day" else iso(intervention_date)


def _after_field(canvas: Canvas, edge: str) -> alt.Chart:
    row = {"x": edge, "x2": iso(canvas.last), "y": canvas.scale.low, "y2": _at(canvas, HEADROOM)}
    return alt.Chart(data([row])).mark_rect(color=canvas.colour.band, opacity=0.7).encode(
        x=canvas.x(), x2="x2", y=canvas.y(), y2="y2"
    )  # fmt: skip


def _expected(rows: Sequence[marks.Row], start: str, effect: SiteEffect | None) -> list[marks.Row]:
    later = [row for row in rows if row["x"] >= start]
    if effect is None or len(effect.counterfactual) != len(later):
        return []
    pairs = zip(later, effect.counterfactual, strict=True)
    return [{"x": row["x"], "y": float(f"{y:.7g}")} for row, y in pairs if not np.isnan(y)]


def _expected_layers(
    canvas: Canvas, expected: Sequence[marks.Row], metric: Metric, language: Language
) -> list[alt.Chart]:
    if not expected:
        return []
    colour = canvas.colour.soft
    line = alt.Chart(data(expected)).mark_line(color=colour, strokeWidth=1.5, strokeDash=marks.SHORT_DASH)
    form = ".phone" if canvas.phone else ""
    text = say(f"charts.counterfactual{form}", language, value=_bare(_average(expected), metric, language))
    label = [{"x": expected[-1]["x"], "y": expected[-1]["y"], "t": text}]
    return [
        line.encode(x=canvas.x(), y=canvas.y()),
        marks.texts(canvas, label, color=colour, align="right", baseline="bottom", dy=-5),
    ]


def _mean(canvas: Canvas, side: Sequence[marks.Row]) -> alt.Chart:
    row = {"x": side[0]["x"], "x2": side[-1]["x"], "y": _average(side)}
    return alt.Chart(data([row])).mark_rule(color=canvas.colour.ink, strokeWidth=1.8).encode(
        x=canvas.x(), x2="x2", y=canvas.y()
    )  # fmt: skip


def _side_words(
    canvas: Canvas, before: Sequence[marks.Row], after: Sequence[marks.Row], edge: str, metric: Metric, grain: str,
    language: Language,
) -> list[alt.Chart]:  # fmt: skip
    layers = []
    form = ".phone" if canvas.phone else ""
    for name, side, style in (
        ("before", before, {"align": "right", "dx": -8}),
        ("after", after, {"align": "left", "dx": 8}),
    ):
        periods = say(f"charts.periods.{grain}", language, n=len(side))
        text = say(f"charts.{name}{form}", language, periods=periods, value=_bare(_average(side), metric, language))
        row = {"x": edge, "y": _at(canvas, 36), "t": text}
        layers.append(marks.texts(canvas, [row], color=canvas.colour.ink, fontWeight=600, baseline="middle", **style))
    return layers


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


def effect_interval_chart(
    effect: SiteEffect,
    *,
    metric: Metric,
    language: Language,
    theme: Theme,
    worthwhile: float | None = None,
    phone: bool = False,
    description: str | None = None,
) -> alt.LayerChart:
    """Draw an effect on a line with its interval, beside "no effect" and, if promised, "worthwhile from".

    worthwhile: the smallest effect worth having, signed in the metric's unit. A null or a harm is drawn the same way.
    """
    colour = tokens(theme)
    look = _effect_look(effect, metric, colour)
    marked = [effect.lower, effect.upper, effect.estimate, 0.0] + ([] if worthwhile is None else [worthwhile])
    width = max(marked) - min(marked) or 1.0
    x = alt.X(
        "u:Q", scale=alt.Scale(domain=[min(marked) - width * 0.14, max(marked) + width * 0.14], nice=False, zero=False),
        axis=None,
    )  # fmt: skip
    y = alt.Y("y:Q", scale=alt.Scale(domain=[-1, 1], nice=False), axis=None)

    def at(rows: Sequence[dict[str, Any]]) -> alt.Chart:
        return alt.Chart(data([{"y": 0, **row} for row in rows])).encode(x=x, y=y)

    span = [{"u": min(marked) - width * 0.12, "v": max(marked) + width * 0.12}]
    layers = [
        at(span).mark_rule(color=colour.rule, strokeWidth=1).encode(x2="v"),
        _upright(0.0, x, y, color=colour.ink, strokeWidth=1.6),
        at([{"u": effect.lower, "v": effect.upper}])
        .mark_rule(color=look[1], strokeWidth=7, opacity=0.45, strokeCap="round").encode(x2="v"),
        at([{"u": effect.estimate}])
        .mark_point(shape=look[0], size=190, fill=look[2], stroke=look[1], strokeWidth=2, opacity=1),
    ]  # fmt: skip
    if worthwhile is not None:
        layers.append(_upright(worthwhile, x, y, color=colour.target, strokeWidth=2, strokeDash=[5, 3]))
    layers += _effect_words(effect, worthwhile, at, colour, metric, language, width / (358 if phone else 740))
    words = description if description is not None else _interval_words(effect, worthwhile, metric, language)
    return finish(layers, words, theme=theme, language=language, height=104)


def _effect_look(effect: SiteEffect, metric: Metric, colour: Tokens) -> tuple[str, str, str]:
    """Shape, line and fill: the data's verdict, by the interval and the good direction."""
    if effect.lower <= 0 <= effect.upper:
        return "circle", colour.dot, colour.bg
    if metric.direction is Direction.NEUTRAL:
        return "triangle-up", colour.dot, colour.bg
    good = (effect.estimate > 0) == (metric.direction is Direction.UP)
    return ("diamond", colour.better, colour.better) if good else ("square", colour.worse, colour.worse)


def _upright(u: float, x: alt.X, y: alt.Y, **style: Any) -> alt.Chart:
    rows = [{"u": u, "y": -0.42, "y2": 0.42}]
    return alt.Chart(data(rows)).mark_rule(**style).encode(x=x, y=y, y2="y2")


def _effect_words(
    effect: SiteEffect, worthwhile: float | None, at: Any, colour: Tokens, metric: Metric, language: Language,
    per_pixel: float,
) -> list[alt.Chart]:  # fmt: skip
    def written(u: float) -> str:
        return difference(u, metric.model_copy(update={"unit": ""}), language)

    def text(rows: Sequence[dict[str, Any]], **style: Any) -> alt.Chart:
        layer: alt.Chart = at(rows).mark_text(fontSize=12, **style).encode(text="t:N")
        return layer

    bounds = [{"u": u, "t": written(u)} for u in (effect.lower, effect.upper)]
    layers = [
        text([{"u": effect.estimate, "t": difference(effect.estimate, metric, language)}],
             color=colour.ink, fontWeight=600, dy=-31),
        text(bounds, color=colour.soft, dy=19),
    ]  # fmt: skip
    none_below = 36 if worthwhile is None or abs(worthwhile) > 130 * per_pixel else 50
    layers.append(text([{"u": 0.0, "t": say("charts.no_effect", language)}], color=colour.ink, dy=none_below))
    if worthwhile is not None:
        words = say("charts.worthwhile", language, value=written(worthwhile))
        layers.append(text([{"u": worthwhile, "t": words}], color=colour.target, fontWeight=600, dy=36))
    return layers


def _interval_words(effect: SiteEffect, worthwhile: float | None, metric: Metric, language: Language) -> str:
    ends = {
        "estimate": difference(effect.estimate, metric, language),
        "lower": difference(effect.lower, metric, language),
        "upper": difference(effect.upper, metric, language),
    }
    if worthwhile is None:
        return say("charts.effect", language, **ends)
    return say("charts.effect.worthwhile", language, **ends, worthwhile=difference(worthwhile, metric, language))
