"""An experiment before it is over, and before it begins: its declared looks, its evidence, what could be seen by when."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np

from analytics.results import NotComputable
from analytics.results_sequential import (
    DeclaredLooks,
    DetectableByDate,
    DetectableEffect,
    EarlySignal,
    EValue,
    Look,
    SignalWord,
)
from pages.shared import chart_marks as marks
from pages.shared.chart_layout import Scale, vertical_scale
from pages.shared.chart_marks import Canvas, Label, data, iso
from pages.shared.charts import END_ROOM, finish
from pages.shared.theme import Theme, Tokens, tokens
from wording import Language, difference, look_name, number, say, sentence, value

if TYPE_CHECKING:
    from data.types import Metric

HEIGHT = {False: 240, True: 240}  # True on a phone
LANE = 52  # pixels above the intervals, for a line of words and two below it
CHARACTER = 7.4  # pixels of a heavy character, as a rule
PLOT = {False: 690, True: 300}  # pixels between the axis and the right edge; True on a phone
LEAST_EVIDENCE, MOST_EVIDENCE = -2, 6  # powers of ten between which evidence is drawn
_SHAPES = {
    SignalWord.NO_SIGNAL_YET: "circle",
    SignalWord.PROMISING: "diamond",
    SignalWord.HARM: "square",
    SignalWord.CHANGE: "triangle-up",
}


def looks_chart(
    looks: DeclaredLooks,
    *,
    metric: Metric,
    language: Language,
    theme: Theme,
    phone: bool = False,
    description: str | None = None,
) -> alt.LayerChart:
    """Draw each declared look at its date with its interval; those to come as rings on the line of no change."""
    made = [(look, look.outcome) for look in looks.looks if isinstance(look.outcome, EarlySignal)]
    limits = [0.0, *(end for _, outcome in made for end in (outcome.lower, outcome.upper))]
    last = looks.looks[-1].date
    label = say("analytics_sequential.chart.no_change", language)
    scale = vertical_scale(limits, height=HEIGHT[phone], room=LANE) if made else Scale(-1, 1, 1, (0.0,), HEIGHT[phone])
    day_before = looks.intervention_date - dt.timedelta(days=1)
    canvas = _canvas(day_before, last, scale, [label], theme=theme, phone=phone)
    colour = canvas.colour
    layers = [marks.bounds(canvas), _level(canvas, 0.0, last, color=colour.ink, strokeWidth=1.4)]
    layers += _start(canvas, looks.intervention_date, language)
    layers += [
        alt.Chart(data([{"x": iso(look.date), "y": outcome.lower, "y2": outcome.upper}]))
        .mark_rule(color=_look(outcome.signal, colour)[1], strokeWidth=7, opacity=0.45, strokeCap="round")
        .encode(x=canvas.x(), y=canvas.y(), y2="y2")
        for look, outcome in made
    ]
    layers += [_point(canvas, look.date, outcome.estimate, outcome.signal) for look, outcome in made]
    silent = [{"x": iso(look.date), "y": 0.0} for look in looks.looks if isinstance(look.outcome, NotComputable)]
    if silent:
        layers.append(
            alt.Chart(data(silent))
            .mark_point(shape="circle", size=70, filled=True, fill=colour.bg, stroke=colour.soft, strokeDash=[2, 2])
            .encode(x=canvas.x(), y=canvas.y())
        )
    layers += _look_words(canvas, looks.looks, metric, language)
    layers.append(marks.end_labels(canvas, [Label(0.0, label, colour.ink)], last))
    words = description if description is not None else sentence(looks, language, metric)
    return finish(layers, words, theme=theme, language=language, height=HEIGHT[phone])


def evidence_chart(
    read: EValue, *, language: Language, theme: Theme, phone: bool = False, description: str | None = None
) -> alt.LayerChart:
    """Draw the evidence day by day, each step of the axis ten times the one below, beside the line of a signal."""
    powers = np.log10(np.clip(read.e_values, 10.0**LEAST_EVIDENCE, 10.0**MOST_EVIDENCE))
    line = math.log10(read.line)
    scale = _power_scale(powers, line, HEIGHT[phone])
    days = [period.date() for period in read.periods]
    colour = tokens(theme)
    labels = [
        Label(line, say("analytics_sequential.chart.line", language, line=number(read.line, language, 0)), colour.ink),
        Label(0.0, say("analytics_sequential.chart.neutral", language), colour.soft),
    ]
    canvas = _canvas(days[0], days[-1], scale, [label.text for label in labels], theme=theme, phone=phone)
    rows = [{"x": iso(day), "y": round(float(power), 4)} for day, power in zip(days, powers, strict=True)]
    layers = [
        _power_bounds(canvas),
        _level(canvas, 0.0, days[-1], color=colour.rule, strokeWidth=1),
        _level(canvas, line, days[-1], color=colour.ink, strokeWidth=1.4, strokeDash=marks.SHORT_DASH),
        alt.Chart(data(rows)).mark_line(color=colour.dot, strokeWidth=1.5).encode(x=canvas.x(), y=canvas.y()),
        alt.Chart(data(rows))
        .mark_point(shape="circle", size=marks.ORDINARY_SIZE, filled=True, fill=colour.bg, stroke=colour.dot, opacity=1)
        .encode(x=canvas.x(), y=canvas.y()),
    ]
    if read.crossed_on is not None:
        crossed = float(powers[days.index(read.crossed_on)])
        layers.append(_point(canvas, read.crossed_on, crossed, read.signal))
    layers.append(marks.end_labels(canvas, labels, days[-1]))
    words = description if description is not None else sentence(read, language)
    return finish(layers, words, theme=theme, language=language, height=HEIGHT[phone])


def detectable_chart(
    curve: DetectableByDate,
    *,
    metric: Metric,
    language: Language,
    theme: Theme,
    worthwhile: float | None = None,
    phone: bool = False,
    description: str | None = None,
) -> alt.LayerChart:
    """Draw the smallest effect that would be seen against the end date, beside the smallest one worth having.

    worthwhile: its size, signed or not. End dates for which nothing can be told are left out.
    """
    known = [outcome for outcome in curve.outcomes if isinstance(outcome, DetectableEffect)]
    wanted = None if worthwhile is None else abs(worthwhile)
    levels = [0.0, *(outcome.effect for outcome in known), *([] if wanted is None else [wanted])]
    scale = vertical_scale(levels, height=HEIGHT[phone], room=LANE // 2)
    colour = tokens(theme)
    labels = [Label(known[-1].effect, value(known[-1].effect, metric, language), colour.ink)] if known else []
    if wanted is not None:
        said = say("charts.worthwhile", language, value=value(wanted, metric, language))
        labels.append(Label(wanted, said, colour.target))
    canvas = _canvas(curve.start, curve.ends[-1], scale, [each.text for each in labels], theme=theme, phone=phone)
    rows = [{"x": iso(outcome.end), "y": round(outcome.effect, 6)} for outcome in known]
    layers = [marks.bounds(canvas), *_start(canvas, curve.start, language)]
    layers += [
        alt.Chart(data(rows)).mark_line(color=colour.ink, strokeWidth=1.6).encode(x=canvas.x(), y=canvas.y()),
        alt.Chart(data(rows))
        .mark_point(shape="circle", size=marks.SIGNAL_SIZE, filled=True, fill=colour.bg, stroke=colour.ink, opacity=1)
        .encode(x=canvas.x(), y=canvas.y()),
    ]
    if wanted is not None:
        style = {"color": colour.target, "strokeWidth": 2, "strokeDash": marks.LONG_DASH}
        layers.append(_level(canvas, wanted, curve.ends[-1], **style))
    if labels:
        layers.append(marks.end_labels(canvas, labels, curve.ends[-1]))
    words = description if description is not None else sentence(curve, language, metric)
    return finish(layers, words, theme=theme, language=language, height=HEIGHT[phone])


def _canvas(first: dt.date, last: dt.date, scale: Scale, labels: Sequence[str], *, theme: Theme, phone: bool) -> Canvas:
    """Leave room at the right for the longest label."""
    longest = CHARACTER * max((len(label) for label in labels), default=0) + 12
    share = max(END_ROOM[phone] / 2, longest / PLOT[phone])
    room = share / (1 - share) * max((last - first).days, 7)
    return Canvas(first, last + dt.timedelta(days=math.ceil(room)), last, scale, tokens(theme), phone)


def _look(signal: SignalWord, colour: Tokens) -> tuple[str, str, str]:
    """Shape, line and fill of a word."""
    line = {SignalWord.PROMISING: colour.better, SignalWord.HARM: colour.worse}.get(signal, colour.dot)
    return _SHAPES[signal], line, colour.bg if line == colour.dot else line


def _point(canvas: Canvas, day: dt.date, y: float, signal: SignalWord) -> alt.Chart:
    shape, line, fill = _look(signal, canvas.colour)
    return (
        alt.Chart(data([{"x": iso(day), "y": round(y, 6)}]))
        .mark_point(shape=shape, size=150, filled=True, fill=fill, stroke=line, strokeWidth=2, opacity=1)
        .encode(x=canvas.x(), y=canvas.y())
    )


def _level(canvas: Canvas, y: float, last: dt.date, **style: Any) -> alt.Chart:
    rows = [{"x": iso(canvas.first), "x2": iso(last), "y": y}]
    return alt.Chart(data(rows)).mark_rule(**style).encode(x=canvas.x(), x2="x2", y=canvas.y())


def _start(canvas: Canvas, day: dt.date, language: Language) -> list[alt.Chart]:
    """The violet upright where people began."""
    at = {"x": iso(day), "y": canvas.scale.low, "y2": canvas.scale.top}
    words = {"x": iso(day), "y": canvas.scale.top, "t": say("analytics_sequential.chart.start", language)}
    style = {"color": canvas.colour.person, "align": "left", "baseline": "top", "dx": 5, "fontWeight": 600}
    upright = alt.Chart(data([at])).mark_rule(color=canvas.colour.person, strokeWidth=1.6)
    return [upright.encode(x=canvas.x(), y=canvas.y(), y2="y2"), marks.texts(canvas, [words], **style)]


def _look_words(canvas: Canvas, looks: Sequence[Look], metric: Metric, language: Language) -> list[alt.Chart]:
    """Above each look: when it is, and under that what it estimates or why it says nothing."""
    top = canvas.scale.top
    # The first look stands three days from the start: its words run to the right of it, like those of the start.
    names, below = [], []
    for look in looks:
        names.append({"x": iso(look.date), "y": top, "t": look_name(look.days, language)})
        if isinstance(look.outcome, EarlySignal):
            said = difference(look.outcome.estimate, metric, language)
        else:
            due = look.outcome.code == "look_not_due"
            said = say(f"analytics_sequential.chart.{'look_due' if due else 'silent'}", language)
        below.append({"x": iso(look.date), "y": top, "t": said})
    shift = {"baseline": "top", "align": "left", "dx": -6}
    return [
        marks.texts(canvas, names, color=canvas.colour.soft, dy=15, **shift),
        marks.texts(canvas, below, color=canvas.colour.ink, fontWeight=600, dy=29, **shift),
    ]


def _power_scale(powers: np.ndarray, line: float, height: int) -> Scale:
    low = math.floor(min(float(powers.min()), 0.0))
    high = math.ceil(max(float(powers.max()), line))
    return Scale(low - 0.15, high, high + 0.15, tuple(float(power) for power in range(low, high + 1)), height)


def _power_bounds(canvas: Canvas) -> alt.Chart:
    """As `chart_marks.bounds`, the axis labelled by the numbers whose powers of ten are drawn."""
    ends = [{"x": iso(day), "y": canvas.scale.low} for day in (canvas.first, canvas.last)]
    axis = alt.Axis(values=list(canvas.scale.ticks), labelExpr="format(pow(10, datum.value), ',.2~r')")
    domain = alt.Scale(domain=[canvas.scale.low, canvas.scale.top], nice=False, zero=False)
    return alt.Chart(data(ends)).mark_point(opacity=0, tooltip=None).encode(
        x=canvas.time_axis(), y=alt.Y("y:Q", scale=domain, axis=axis)
    )  # fmt: skip
