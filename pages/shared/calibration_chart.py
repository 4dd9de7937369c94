"""Stated confidence against what happened: one mark a bin, with the interval that luck allows."""

from __future__ import annotations

import altair as alt

from analytics.results_trend import Calibration
from pages.shared import chart_marks as marks
from pages.shared.chart_marks import data
from pages.shared.charts import finish
from pages.shared.theme import Theme, tokens
from wording import Language, say

HEIGHT = 260


def calibration_chart(found: Calibration, *, language: Language, theme: Theme, description: str) -> alt.LayerChart:
    """Draw how often things came true (up) by the confidence stated (right); on the dashed line both are the same.

    Upright grey: the exact interval of a bin. Ring: it holds what was stated; square: it does not.
    """
    colour = tokens(theme)
    rows = [
        {"u": row.stated, "y": row.happened, "lo": row.lower, "hi": row.upper, "k": row.agrees, "t": str(row.n)}
        for row in found.rows
    ]
    ticks = [0.0, 0.25, 0.5, 0.75, 1.0]

    def axis(title: str) -> alt.Axis:
        return alt.Axis(values=ticks, format=".0%", title=title, titleFontWeight=400, titleAnchor="start")

    bounds = alt.Scale(domain=[-0.03, 1.06], nice=False, zero=False)
    x = alt.X("u:Q", scale=bounds, axis=axis(say("forecast_view.axis.stated", language)))
    y = alt.Y("y:Q", scale=bounds, axis=axis(say("forecast_view.axis.happened", language)))
    dashed = {"color": colour.soft, "strokeDash": marks.SHORT_DASH, "strokeWidth": 1.5}
    layers = [
        alt.Chart(data([{"u": 0.0, "y": 0.0}, {"u": 1.0, "y": 1.0}])).mark_line(**dashed).encode(x=x, y=y),
        alt.Chart(data(rows)).mark_rule(color=colour.soft, strokeWidth=5, opacity=0.4)
        .encode(x="u:Q", y=alt.Y("lo:Q"), y2="hi"),
    ]  # fmt: skip
    looks = {True: ("circle", colour.bg, colour.ink), False: ("square", colour.worse, colour.worse)}
    for agrees, (shape, fill, edge) in looks.items():
        own = [row for row in rows if row["k"] is agrees]
        if own:
            look = {"shape": shape, "size": 90, "filled": True, "fill": fill, "stroke": edge, "strokeWidth": 2}
            layers.append(alt.Chart(data(own)).mark_point(opacity=1, **look).encode(x="u:Q", y="y:Q"))
    count = {"align": "left", "dx": 9, "dy": -8, "color": colour.soft}
    layers.append(alt.Chart(data(rows)).mark_text(**count).encode(x="u:Q", y="y:Q", text="t:N"))
    return finish(layers, description, theme=theme, language=language, height=HEIGHT)
