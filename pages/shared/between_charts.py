"""The funnel as a picture: each site beside what chance, and ordinary differences between sites, make of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import altair as alt
import numpy as np

from analytics.between_sites import funnel_limits
from analytics.results_between import Funnel, FunnelKind
from pages.shared.between_looks import by_kind, kind_of
from pages.shared.chart_layout import Scale, decimals_of, vertical_scale
from pages.shared.chart_marks import SHORT_DASH, Row, data
from pages.shared.charts import finish
from pages.shared.theme import Theme, Tokens, tokens
from wording import Language, say, sentence, value

if TYPE_CHECKING:
    from data.types import Metric

FUNNEL_HEIGHT = 360
DOTS = [1, 3]
MOST_NAMES, MOST_STACKED = 8, 3  # names in a funnel, and of these above one another
STEPS = 90  # points of a funnel's line
LOG_FROM = 20.0  # largest over smallest size from which sizes stand on a log scale
WIDTH = {False: 700, True: 300}  # of the plot, in pixels, as far as the server can know; True on a phone
LETTER, LINE = 7.0, 15.0  # pixels of a letter and of a line of words
_EDGES = ("inner_lower", "inner_upper", "outer_lower", "outer_upper")


def funnel_chart(
    found: Funnel, *, metric: Metric, language: Language, theme: Theme, phone: bool = False,
    description: str | None = None,
) -> alt.LayerChart:  # fmt: skip
    """Draw a funnel: outer limits as the pale band, inner ones dotted, the centre solid; only what is outside is named."""
    colour = tokens(theme)
    scale = _funnel_scale(found)
    x = _size_axis(found, language, phone=phone, soft=colour.soft)
    y = alt.Y(
        "y:Q", scale=alt.Scale(domain=[scale.low, scale.top], nice=False, zero=False),
        axis=alt.Axis(values=list(scale.ticks), format=f",.{decimals_of(scale.ticks)}f"),
    )  # fmt: skip
    layers = _limit_layers(found, scale, x, y, colour)
    layers.append(_site_points(found, metric, colour, language))
    layers += _name_layers(_funnel_names(found, scale.low, scale.top, phone=phone), colour)
    words = description if description is not None else sentence(found, language, metric)
    return finish(layers, words, theme=theme, language=language, height=FUNNEL_HEIGHT)


def _limit_layers(found: Funnel, scale: Scale, x: alt.X, y: alt.Y, colour: Tokens) -> list[alt.Chart]:
    """The band, its edges and the centre; a line ends where it leaves the picture."""
    sizes = _line_sizes(found)
    lines = funnel_limits(found, sizes)
    rows: list[Row] = []
    for place, size in enumerate(sizes):
        limits = {name: float(getattr(lines, name)[place]) for name in _EDGES}
        inside = {name: limit if scale.low <= limit <= scale.top else None for name, limit in limits.items()}
        ends = {"foot": max(limits["outer_lower"], scale.low), "head": min(limits["outer_upper"], scale.top)}
        rows.append({"u": float(size), **inside, **ends})
    base = alt.Chart(data(rows))
    layers = [base.mark_area(color=colour.band).encode(x=x, y=alt.Y("foot:Q"), y2="head")]
    for name in _EDGES:
        dash = SHORT_DASH if name.startswith("outer") else DOTS
        line = base.mark_line(color=colour.soft, strokeDash=dash, strokeWidth=1, invalid="break-paths-filter-domains")
        layers.append(line.encode(x="u:Q", y=alt.Y(f"{name}:Q")))
    centre = [{"u": float(size), "y": found.centre} for size in (sizes[0], sizes[-1])]
    layers.append(alt.Chart(data(centre)).mark_line(color=colour.ink, strokeWidth=1.5).encode(x="u:Q", y=y))
    return layers


def _funnel_scale(found: Funnel) -> Scale:
    """Room for every site; limits that open beyond it are cut at the edge of the picture."""
    low, high = float(found.values.min()), float(found.values.max())
    room = 0.45 * (max(high, found.centre) - min(low, found.centre)) or abs(found.centre) * 0.2 or 1.0
    widest = int(np.argmax(found.sizes))  # where the limits are closest they are always seen
    closest = float(found.limits.outer_lower[widest]), float(found.limits.outer_upper[widest])
    least = min(closest[0], max(float(found.limits.outer_lower.min()), low - room))
    most = max(closest[1], min(float(found.limits.outer_upper.max()), high + room))
    stacked = min(len(found.outside), MOST_STACKED)
    return vertical_scale([low, high, least, most], height=FUNNEL_HEIGHT, room=round(LINE * (1 + stacked)))


def _line_sizes(found: Funnel) -> np.ndarray:
    low, high = float(found.sizes.min()), float(found.sizes.max())
    if high / low < 1.1:
        low, high = low * 0.9, high * 1.1
    sizes = np.geomspace(low, high, STEPS)
    return np.unique(np.rint(sizes)) if found.kind is FunnelKind.SHARE and high - low > STEPS else sizes


def _size_axis(found: Funnel, language: Language, *, phone: bool, soft: str = "") -> alt.X:
    sizes = _line_sizes(found)
    form = "log" if sizes[-1] / sizes[0] > LOG_FROM else "linear"
    title = say(f"between.axis.{found.kind}", language)
    axis = alt.Axis(
        title=title, titleAnchor="end", titleFontWeight="normal", titleColor=soft, titlePadding=8, tickCount=3 if phone else 6,
        format=",~r" if sizes[0] >= 1 else ",.2~r", labelOverlap="greedy", labelSeparation=8,
    )  # fmt: skip
    reach = (sizes[-1] / sizes[0]) ** 0.04
    wide = (sizes[-1] - sizes[0]) * 0.04
    domain = [sizes[0] / reach, sizes[-1] * reach] if form == "log" else [sizes[0] - wide, sizes[-1] + wide]
    return alt.X("u:Q", scale=alt.Scale(type=form, domain=domain, nice=False, zero=False), axis=axis)


def _site_points(found: Funnel, metric: Metric, colour: Tokens, language: Language) -> alt.Chart:
    rows = [
        {
            "u": float(size), "y": float(y), "s": site, "k": kind_of(at, metric.direction),
            "v": value(float(y), metric, language),
        }
        for site, size, y, at in zip(found.sites, found.sizes, found.values, found.standings, strict=True)
    ]  # fmt: skip
    rows.sort(key=lambda row: row["k"] != "inside")
    tip = [
        alt.Tooltip("s:N", title=say("shared.label.site", language)),
        alt.Tooltip("v:N", title=say("between.column.value", language)),
        alt.Tooltip("u:Q", title=say(f"between.axis.{found.kind}", language), format=",.0f"),
    ]
    return (
        alt.Chart(data(rows)).mark_point(opacity=1, strokeWidth=1.4)
        .encode(
            x="u:Q", y="y:Q", shape=by_kind("shape", rows, colour), fill=by_kind("fill", rows, colour),
            stroke=by_kind("stroke", rows, colour), tooltip=tip,
            size=alt.condition("datum.k == 'inside'", alt.value(38), alt.value(90)),
        )
    )  # fmt: skip


def _funnel_names(found: Funnel, low: float, top: float, *, phone: bool) -> list[Row]:
    """Place the names of what is outside, further out than their points, so that none stands on a limit or another."""
    axis = _size_axis(found, "en", phone=phone).to_dict()["scale"]
    first, last = axis["domain"]
    log = axis["type"] == "log"
    where = {site: place for place, site in enumerate(found.sites)}
    taken: list[tuple[float, float, float]] = []  # left, right, height, in pixels
    labels = []
    for site in found.outside[:MOST_NAMES]:
        place = where[site]
        size, y, above = float(found.sizes[place]), float(found.values[place]), found.values[place] > found.centre
        share = np.log(size / first) / np.log(last / first) if log else (size - first) / (last - first)
        align = "left" if share < 0.12 else "right" if share > 0.88 else "center"
        width, middle = LETTER * len(site), share * WIDTH[phone]
        left = middle - {"left": 0.0, "center": width / 2, "right": width}[align]
        height = (top - y) / (top - low) * FUNNEL_HEIGHT + (-LINE if above else LINE)
        while any(left < other[1] and other[0] < left + width and abs(height - other[2]) < LINE for other in taken):
            height += -LINE if above else LINE
        taken.append((left, left + width, height))
        labels.append({"u": size, "y": top - height * (top - low) / FUNNEL_HEIGHT, "t": site, "a": align})
    return [row for row in labels if low <= row["y"] <= top]


def _name_layers(labels: Sequence[Row], colour: Tokens) -> list[alt.Chart]:
    return [
        alt.Chart(data([row for row in labels if row["a"] == align]))
        .mark_text(align=align, baseline="middle", fontSize=12, fontWeight=600, color=colour.ink)
        .encode(x="u:Q", y="y:Q", text="t:N")
        for align in sorted({row["a"] for row in labels})
    ]
