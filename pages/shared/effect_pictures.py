"""Effects over several sites as pictures: treated beside comparison sites, and period by period around the start."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from analytics.results_effects import ComparisonEffect, EventStudy, EventTime
from pages.shared import chart_marks as marks
from pages.shared.chart_layout import DAYS, Scale, decimals_of, vertical_scale
from pages.shared.chart_marks import Canvas, Label, data, iso
from pages.shared.charts import END_ROOM, finish
from pages.shared.effect_pictures_marks import Look, verdict_look
from pages.shared.theme import CHART_FONT, Theme, Tokens, tokens
from wording import Language, say, sentence, value

if TYPE_CHECKING:
    from data.types import Metric

HEIGHT = {False: 330, True: 290}  # True on a phone
LANE = 26  # pixels above the data, for the words of the start
STUDY_HEIGHT = {False: 300, True: 260}
MOST_TICKS = {False: 13, True: 7}
KeyItems = list[tuple[str | None, str] | str]


def comparison_chart(
    values: pd.DataFrame,
    effect: ComparisonEffect,
    *,
    intervention_date: dt.date,
    metric: Metric,
    grain: str,
    language: Language,
    theme: Theme,
    excluded: Collection[dt.date] = (),
    phone: bool = False,
    description: str | None = None,
) -> alt.LayerChart:
    """Draw the treated sites' mean beside the comparison sites' around the start, and what was expected without it.

    Each line ends with its mean after the start: the treated one's less the expected is the effect. Days are drawn by week.

    values: as for `comparison_effect`, one column a site, called as in the effect.
    Each group is its sites' mean level plus the mean departure of those measured, so that a missing site is no step.
    excluded: periods left out of the means and of the picture.
    """
    kept = values[~pd.DatetimeIndex(values.index).isin(pd.DatetimeIndex(list(excluded)))]
    groups = {
        "treated": _group(kept[list(effect.treated_sites)]),
        "others": _group(kept[list(effect.comparison_sites)]),
    }
    start = iso(intervention_date)
    expected = effect.level_before + _mean_change(effect, effect.comparison_sites)
    canvas = _canvas([row["y"] for side in groups.values() for row in side] + [expected], kept, grain, theme, phone)
    edge = (
        iso(intervention_date - dt.timedelta(days=DAYS[grain] / 2))
        if grain != "day"
        else marks.instant(intervention_date, -1)
    )
    roof = canvas.scale.top - (LANE - 6) * canvas.scale.per_pixel
    after = [row for row in groups["treated"] if row["x"] >= start]
    last = dt.date.fromisoformat(after[-1]["x"])
    colour = canvas.colour
    others_after = [row["y"] for row in groups["others"] if row["x"] >= start and row["y"] is not None]
    levels = {
        "treated": effect.level_before + _mean_change(effect, effect.treated_sites),
        "others": sum(others_after) / len(others_after),
        "expected": expected,
    }
    course = [{"x": edge, "x2": iso(last), "y": expected}]
    layers = [
        marks.bounds(canvas),
        _field(canvas, edge, iso(canvas.last_tick), roof),
        *_course(canvas, groups["others"], grain, intervention_date, color=colour.dot, strokeWidth=1.5),
        *_course(canvas, groups["treated"], grain, intervention_date, color=colour.ink, strokeWidth=2.2),
        alt.Chart(data(course)).mark_rule(color=colour.soft, strokeWidth=1.8, strokeDash=marks.SHORT_DASH)
        .encode(x=canvas.x(), x2="x2", y=canvas.y()),
        alt.Chart(data([{"x": edge, "y": canvas.scale.low, "y2": roof}])).mark_rule(color=colour.person, strokeWidth=2)
        .encode(x=canvas.x(), y=canvas.y(), y2="y2"),
        marks.texts(canvas, [{"x": edge, "y": roof, "t": say("pooling_view.start", language)}],
                    color=colour.person, fontWeight=600, baseline="bottom", dy=-3),
        marks.end_labels(canvas, _labels(canvas, levels, metric, language), canvas.last_tick),
    ]  # fmt: skip
    words = description if description is not None else sentence(effect, language, metric)
    return finish(layers, words, theme=theme, language=language, height=canvas.scale.height)


def comparison_key(effect: ComparisonEffect, language: Language) -> KeyItems:
    """Name the sites of each line, for the key under the picture."""
    treated, others = ", ".join(effect.treated_sites), ", ".join(effect.comparison_sites)
    return [
        ("line_ink", say("pooling_view.key.treated", language, sites=treated)),
        ("line_dot", say("pooling_view.key.others", language, sites=others)),
        ("line_dash", say("pooling_view.key.expected", language)),
        ("golive", say("pooling_view.key.start", language)),
        say("pooling_view.key.means", language),
    ]


def event_study_chart(
    study: EventStudy,
    *,
    metric: Metric,
    grain: str,
    language: Language,
    theme: Theme,
    phone: bool = False,
    description: str | None = None,
) -> alt.LayerChart:
    """Draw the effect by periods since the start with its intervals; the base periods lie on a band.

    A departure before the start is no verdict, only a doubt: it is a triangle. After it, diamond and square as always.
    """
    if not study.points:
        msg = "no point to draw"
        raise ValueError(msg)
    colour, height = tokens(theme), STUDY_HEIGHT[phone]
    ends = [x for point in study.points for x in (point.lower, point.upper)]
    scale = vertical_scale([*ends, 0.0], height=height, room=LANE)
    first, last = min(study.points[0].periods_after, -1), max(study.points[-1].periods_after, 0)
    axes = _study_axes(first, last, scale, grain, colour, language, phone=phone)
    base = [{"u": max(-study.base_periods, first) - 0.5, "v": -0.5, "y": scale.low, "y2": scale.high}]
    start = [{"u": -0.5, "y": scale.low, "y2": scale.high}]
    layers = [
        alt.Chart(data(base)).mark_rect(color=colour.band).encode(**axes, x2="v", y2="y2"),
        alt.Chart(data([{"u": first - 0.5, "v": last + 0.5, "y": 0}]))
        .mark_rule(color=colour.ink, strokeWidth=1.5).encode(**axes, x2="v"),
        alt.Chart(data(start)).mark_rule(color=colour.person, strokeWidth=2).encode(**axes, y2="y2"),
        alt.Chart(data([{"u": p.periods_after, "y": p.lower, "y2": p.upper} for p in study.points]))
        .mark_rule(color=colour.dot, strokeWidth=1.5).encode(**axes, y2="y2"),
        *_study_points(study.points, axes, metric, colour),
        *_study_words(scale.high, axes, colour, language),
    ]  # fmt: skip
    words = description if description is not None else sentence(study, language, metric)
    return finish(layers, words, theme=theme, language=language, height=height)


def event_study_key(language: Language) -> KeyItems:
    """Say what the marks of an event study mean."""
    return [
        ("ring", say("pooling_view.key.study.none", language)),
        ("diamond", say("pooling_view.key.study.better", language)),
        ("square", say("pooling_view.key.study.worse", language)),
        ("triangle", say("pooling_view.key.study.before", language)),
        ("golive", say("pooling_view.key.start", language)),
    ]


def _study_axes(
    first: int, last: int, scale: Scale, grain: str, colour: Tokens, language: Language, *, phone: bool
) -> dict[str, Any]:
    step = max(1, -(-(last - first + 1) // MOST_TICKS[phone]))
    ticks = [n for n in range(first, last + 1) if n % step == 0]
    title = say(f"pooling_view.since.{grain}", language)
    x_axis = alt.Axis(
        values=ticks, format="d", title=title, titleFont=CHART_FONT, titleFontSize=12, titleFontWeight="normal",
        titleColor=colour.soft, titlePadding=8,
    )  # fmt: skip
    y_axis = alt.Axis(
        values=list(scale.ticks), labelOverlap=False,
        labelExpr=f"datum.value == 0 ? '0' : format(datum.value, '+,.{decimals_of(scale.ticks)}f')",
    )  # fmt: skip
    return {
        "x": alt.X("u:Q", scale=alt.Scale(domain=[first - 0.5, last + 0.5], nice=False, zero=False), axis=x_axis),
        "y": alt.Y("y:Q", scale=alt.Scale(domain=[scale.low, scale.top], nice=False, zero=False), axis=y_axis),
    }


def _study_points(points: Sequence[EventTime], axes: dict[str, Any], metric: Metric, colour: Tokens) -> list[alt.Chart]:
    by_look: dict[Look, list[marks.Row]] = {}
    for point in points:
        look = verdict_look(point.estimate, point.lower, point.upper, metric, colour)
        if point.periods_after < 0 and look.shape != "circle":
            look = Look("triangle-up", colour.dot, colour.bg)
        by_look.setdefault(look, []).append({"u": point.periods_after, "y": point.estimate})
    return [
        alt.Chart(data(rows)).mark_point(
            shape=look.shape, size=52, fill=look.fill, stroke=look.stroke, strokeWidth=1.6, opacity=1
        ).encode(**axes)
        for look, rows in by_look.items()
    ]  # fmt: skip


def _study_words(roof: float, axes: dict[str, Any], colour: Tokens, language: Language) -> list[alt.Chart]:
    def words(u: float, text: str, **style: Any) -> alt.Chart:
        row = [{"u": u, "y": roof, "t": text}]
        return alt.Chart(data(row)).mark_text(baseline="bottom", dy=-4, **style).encode(**axes, text="t:N")

    return [
        words(-0.5, say("pooling_view.base", language), align="right", dx=-6, color=colour.soft),
        words(-0.5, say("pooling_view.start", language), align="left", dx=4, color=colour.person, fontWeight=600),
    ]


def _group(sites: pd.DataFrame) -> list[marks.Row]:
    level = sites.mean()
    course = (sites - level).mean(axis=1) + level.mean()
    return [
        {"x": period.date().isoformat(), "y": None if np.isnan(y) else float(f"{y:.7g}")}
        for period, y in zip(pd.DatetimeIndex(course.index), course.to_numpy(float), strict=True)
    ]


def _mean_change(effect: ComparisonEffect, sites: Sequence[str]) -> float:
    return sum(effect.site_changes[site] for site in sites) / len(sites)


def _canvas(ys: Sequence[float | None], values: pd.DataFrame, grain: str, theme: Theme, phone: bool) -> Canvas:
    scale = vertical_scale([y for y in ys if y is not None], height=HEIGHT[phone], room=LANE)
    periods = pd.DatetimeIndex(values.index)
    half = dt.timedelta(days=max(DAYS[grain] / 2, 1))
    first, last = periods[0].date() - half, periods[-1].date() + half
    room = END_ROOM[phone] / (1 - END_ROOM[phone])
    return Canvas(first, last + (last - first) * room, last, scale, tokens(theme), phone)


def _field(canvas: Canvas, edge: str, last: str, roof: float) -> alt.Chart:
    row = {"x": edge, "x2": last, "y": canvas.scale.low, "y2": roof}
    return alt.Chart(data([row])).mark_rect(color=canvas.colour.band, opacity=0.7).encode(
        x=canvas.x(), x2="x2", y=canvas.y(), y2="y2"
    )  # fmt: skip


def _line(canvas: Canvas, rows: Sequence[marks.Row], **style: Any) -> alt.Chart:
    return alt.Chart(data(rows)).mark_line(invalid="break-paths-filter-domains", strokeJoin="round", **style).encode(
        x=canvas.x(), y=canvas.y()
    )  # fmt: skip


def _course(
    canvas: Canvas, rows: Sequence[marks.Row], grain: str, start: dt.date, *, color: str, strokeWidth: float
) -> list[alt.Chart]:
    """A group's line; of days, the weeks counted from the start, with the days faint behind."""
    if grain != "day":
        return [_line(canvas, rows, color=color, strokeWidth=strokeWidth)]
    weeks: dict[int, list[float]] = {}
    for row in rows:
        if row["y"] is not None:
            weeks.setdefault((dt.date.fromisoformat(row["x"]) - start).days // 7, []).append(row["y"])
    found = range(min(weeks), max(weeks) + 1)
    middle = {week: iso(start + dt.timedelta(days=7 * week + 3)) for week in found}
    by_week: list[marks.Row] = [
        {"x": middle[week], "y": sum(weeks[week]) / len(weeks[week]) if week in weeks else None} for week in found
    ]
    return [
        _line(canvas, rows, color=color, strokeWidth=0.8, opacity=0.35),
        _line(canvas, by_week, color=color, strokeWidth=strokeWidth),
    ]


def _labels(canvas: Canvas, levels: Mapping[str, float], metric: Metric, language: Language) -> list[Label]:
    """The means after the start and what was expected: the first less the last is the effect."""
    colour = canvas.colour
    form = ".phone" if canvas.phone else ""
    bare = metric.model_copy(update={"unit": ""})
    return [
        Label(
            levels[name],
            say(f"pooling_view.line.{name}{form}", language, value=value(levels[name], bare, language)),
            ink,
        )
        for name, ink in (("treated", colour.ink), ("others", colour.soft), ("expected", colour.soft))
    ]
