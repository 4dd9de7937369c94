"""The spread between sites and within them over time, as a picture."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import altair as alt

from analytics.results_between import Block, Dispersion
from pages.shared.chart_layout import Scale, decimals_of, spread, vertical_scale
from pages.shared.chart_marks import Row, data, iso, tick
from pages.shared.charts import finish
from pages.shared.theme import Theme, Tokens, tokens
from wording import Language, say, sentence, spread_words

if TYPE_CHECKING:
    from data.types import Metric

HEIGHT = 260
END_ROOM = {False: 0.22, True: 0.62}  # share of the time shown kept for the words at the end; True on a phone
TICKS = {False: 5, True: 2}
WIDEST = 2.5  # times the largest spread: an interval of few sites may reach far beyond and is cut there
MONTHS = 120  # days from which months are written, not days


def spread_chart(
    found: Dispersion, *, metric: Metric, language: Language, theme: Theme, phone: bool = False,
    description: str | None = None,
) -> alt.LayerChart:  # fmt: skip
    """Draw the spread between sites (ink, with its interval) and within them (grey) over time; each line is named."""
    colour = tokens(theme)
    known = [x for block in found.blocks for x in (block.between, block.within)]
    top = min(max(block.between_upper for block in found.blocks), WIDEST * max(known))
    scale = vertical_scale([0.0, *known, top], height=HEIGHT)
    layers = [_axes(found, scale, phone=phone), *_lines(found, scale, colour, language)]
    layers += _end_words(found.blocks[-1], scale, colour, metric, language)
    text = description if description is not None else sentence(found, language, metric)
    return finish(layers, text, theme=theme, language=language, height=HEIGHT)


def _axes(found: Dispersion, scale: Scale, *, phone: bool) -> alt.Chart:
    first, last = found.blocks[0].start, found.blocks[-1].end
    span = last - first
    middles = [_middle(block) for block in found.blocks]
    shown = middles[:: max(1, round(len(middles) / TICKS[phone]))]
    form = "%b %y" if span.days > MONTHS else "%-d %b"
    axis = alt.Axis(values=[tick(day) for day in shown], format=form, labelOverlap="greedy")
    ends = [{"x": iso(day), "y": scale.low} for day in (first, last + span * END_ROOM[phone])]
    values = alt.Axis(values=list(scale.ticks), format=f",.{decimals_of(scale.ticks)}f")
    return alt.Chart(data(ends)).mark_point(opacity=0, tooltip=None).encode(
        x=alt.X("x:T", scale=alt.Scale(type="utc", nice=False), axis=axis),
        y=alt.Y("y:Q", scale=alt.Scale(domain=[scale.low, scale.top], nice=False, zero=True), axis=values),
    )  # fmt: skip


def _lines(found: Dispersion, scale: Scale, colour: Tokens, language: Language) -> list[alt.Chart]:
    rows: list[Row] = [
        {
            "x": iso(_middle(block)), "between": block.between, "within": block.within, "lower": block.between_lower,
            "upper": min(block.between_upper, scale.top), "n": block.n_sites,
        }
        for block in found.blocks
    ]  # fmt: skip
    base, time = alt.Chart(data(rows)), _time()
    tip = [
        alt.Tooltip("between:Q", title=say("between.spread.between", language), format=",.2~f"),
        alt.Tooltip("within:Q", title=say("between.spread.within", language), format=",.2~f"),
        alt.Tooltip("n:Q", title=say("between.column.sites", language)),
    ]
    dots = {"within": (34, colour.bg, colour.dot), "between": (44, colour.ink, colour.ink)}
    layers = [base.mark_area(color=colour.band).encode(x=time, y=alt.Y("lower:Q"), y2="upper")]
    for name, width in (("within", 1.5), ("between", 2.0)):
        size, fill, stroke = dots[name]
        layers.append(base.mark_line(color=stroke, strokeWidth=width).encode(x=time, y=alt.Y(f"{name}:Q")))
        point = base.mark_point(shape="circle", size=size, filled=False, fill=fill, stroke=stroke, opacity=1)
        layers.append(point.encode(x=time, y=alt.Y(f"{name}:Q"), tooltip=tip))
    return layers


def _end_words(
    last: Block, scale: Scale, colour: Tokens, metric: Metric, language: Language
) -> list[alt.Chart]:  # fmt: skip
    heights = spread([last.between, last.within], 18 * scale.per_pixel)
    layers = []
    for height, name, hue in zip(heights, ("between", "within"), (colour.ink, colour.soft), strict=True):
        text = f"{say(f'between.spread.{name}', language)} {spread_words(getattr(last, name), metric, language)}"
        mark = alt.Chart(data([{"x": iso(_middle(last)), "y": height, "t": text}])).mark_text(
            align="left", dx=10, fontSize=12, fontWeight=600, color=hue
        )
        layers.append(mark.encode(x=_time(), y="y:Q", text="t:N"))
    return layers


def _middle(block: Block) -> dt.date:
    return block.start + (block.end - block.start) / 2


def _time() -> alt.X:
    return alt.X("x:T", scale=alt.Scale(type="utc"))
