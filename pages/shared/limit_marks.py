"""The marks of limits that follow each period, of lines alone, of periods to come, and of the days behind a week."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import altair as alt

from pages.shared import chart_marks as marks
from pages.shared.chart_marks import Canvas, Row


def stepped_band(canvas: Canvas, rows: Sequence[Row]) -> list[alt.Chart]:
    """A band whose edges follow each period, in steps; rows: x, lower, upper, g (one a stretch), trial has no fill."""
    steps: dict[str, Any] = {"interpolate": "step-after"}
    filled = [row for row in rows if not row["trial"]]
    layers = []
    if filled:
        layers.append(
            alt.Chart(marks.data(filled)).mark_area(color=canvas.colour.band, opacity=1, **steps)
            .encode(x=canvas.x(), y=canvas.y("lower"), y2="upper", detail="g:N")
        )  # fmt: skip
    for field in ("lower", "upper"):
        chart = alt.Chart(marks.data([{k: row[k] for k in ("x", field, "g")} for row in rows]))
        chart = chart.mark_line(color=canvas.colour.soft, strokeDash=marks.SHORT_DASH, strokeWidth=1, **steps)
        layers.append(chart.encode(x=canvas.x(), y=canvas.y(field), detail="g:N"))
    return layers


def centres(canvas: Canvas, rows: Sequence[Row]) -> alt.Chart:
    """Solid centre lines alone: a median, or the mean of a band with steps; rows: x, x2, mean."""
    return marks.rule(canvas, rows, "mean", color=canvas.colour.ink, strokeWidth=1.5)


def ahead(canvas: Canvas, rows: Sequence[Row]) -> list[alt.Chart]:
    """The lines in force, thin, over periods to come; rows: x, x2, y, centre."""
    soft = {"color": canvas.colour.soft, "strokeWidth": 1}
    edges, middle = ([row for row in rows if row["centre"] is flag] for flag in (False, True))
    layers = [marks.rule(canvas, edges, "y", strokeDash=marks.SHORT_DASH, opacity=0.55, **soft)] if edges else []
    return [*layers, *([marks.rule(canvas, middle, "y", opacity=0.7, **soft)] if middle else [])]


def foot(canvas: Canvas, rows: Sequence[Row]) -> alt.Chart:
    """A line of the people's colour at the foot of the plot: the periods that set frozen limits; rows: x, x2."""
    level = canvas.scale.low + 3 * canvas.scale.per_pixel
    return marks.rule(canvas, [{**row, "y": level} for row in rows], "y", color=canvas.colour.person, strokeWidth=4)


def faint_points(canvas: Canvas, rows: Sequence[Row]) -> alt.Chart:
    """The days behind a weekly point: small, pale, without a line; rows: x, y."""
    chart = alt.Chart(marks.data(rows)).mark_circle(color=canvas.colour.dot, opacity=0.28, size=9, tooltip=None)
    return chart.encode(x=canvas.x(), y=canvas.y())
