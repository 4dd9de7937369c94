"""A rollout in pictures: sites by weeks since go-live, how many are not at parity yet, and each wave beside the last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from analytics.results_rollout import LearningCurve, MatureBand, Parity
from pages.shared import chart_marks as marks
from pages.shared.chart_layout import Scale, decimals_of, spread, vertical_scale
from pages.shared.chart_marks import Row, data
from pages.shared.charts import finish
from pages.shared.theme import Theme, Tokens, tokens
from wording import Language, say, value

if TYPE_CHECKING:
    from data.types import Metric

HEIGHT = {False: 340, True: 280}  # True on a phone
SMALL_HEIGHT = 230
MOST_LINES = 40  # of sites; those not at parity yet are drawn first
MOST_NAMED = 6
PERIODS_BEFORE, PERIODS_AFTER = 8, 52  # drawn on either side of go-live
_NAME_ROOM = {False: 0.14, True: 0.26}  # share of the width for the names at the end


@dataclass(frozen=True, slots=True, eq=False)
class SiteLine:
    """One site as drawn: its values by periods since go-live, and whether it is at parity."""

    name: str
    values: pd.Series
    reached: bool


def most_telling(lines: Sequence[SiteLine]) -> list[SiteLine]:
    """Choose the lines to draw when there are too many: those not at parity yet, then the newest."""
    return sorted(lines, key=lambda line: (line.reached, len(line.values)))[:MOST_LINES]


def since_go_live_chart(
    lines: Sequence[SiteLine],
    band: MatureBand | None,
    *,
    language: Language,
    theme: Theme,
    description: str,
    grain: str = "week",
    phone: bool = False,
) -> alt.LayerChart:
    """Draw each site over the periods since its go-live (violet line), on the mature sites' band.

    Grey: sites at parity; black, with their names: those not there yet. A bound that is only better is the chart's edge.
    """
    drawn = [(line, _within(line.values)) for line in most_telling(lines)]
    known = [float(y) for _, own in drawn for y in own.dropna()]
    if not known:
        msg = "no value since a go-live"
        raise ValueError(msg)
    edges = [] if band is None else [x for x in (band.lower, band.upper) if x is not None]
    scale = vertical_scale(known + edges, height=HEIGHT[phone])
    colour = tokens(theme)
    places = [int(place) for _, own in drawn for place in own.index]
    first, last = min(*places, 0), max(*places, 1)
    waiting = [int(own.index[-1]) for line, own in drawn if not line.reached and len(own)]
    end = max(last, max(waiting, default=0) + (last - first) * _NAME_ROOM[phone])
    rows = [
        {"u": int(place), "y": None if np.isnan(y) else float(f"{y:.7g}"), "s": nth, "k": line.reached}
        for nth, (line, own) in enumerate(drawn)
        for place, y in own.items()
    ]
    layers = [_frame(first, end, last, scale, say(f"rollout_view.axis.{grain}", language))]
    layers += _mature_layers(band, first, last, scale, colour)
    layers.append(alt.Chart(data([{"u": 0.5}])).mark_rule(color=colour.person, strokeWidth=2).encode(x="u:Q"))
    for reached, style in ((True, {"color": colour.dot, "strokeWidth": 1.2, "opacity": 0.75}),
                           (False, {"color": colour.ink, "strokeWidth": 1.9})):  # fmt: skip
        own_rows = [row for row in rows if row["k"] is reached]
        if own_rows:
            layers.append(_lines(own_rows, **style))
    layers += _names(drawn, scale, colour)
    return finish(layers, description, theme=theme, language=language, height=scale.height)


def _within(values: pd.Series) -> pd.Series:
    kept = values[(values.index > -PERIODS_BEFORE) & (values.index <= PERIODS_AFTER)]
    return kept.loc[kept.first_valid_index() : kept.last_valid_index()] if kept.notna().any() else kept.iloc[:0]


def _frame(first: float, end: float, last: float, scale: Scale, title: str) -> alt.Chart:
    """Two unseen points that set both axes."""
    step = next(s for s in (1, 2, 4, 8, 13, 26) if (last - first) / s <= 9 or s == 26)
    ticks = [tick for tick in range(int(first) // step * step, int(last) + 1, step) if first <= tick <= last]
    decimals = decimals_of(scale.ticks)
    x = alt.X(
        "u:Q", scale=alt.Scale(domain=[first, end], nice=False, zero=False),
        axis=alt.Axis(values=ticks, format="d", title=title, titleFontWeight=400, titleAnchor="start"),
    )  # fmt: skip
    y = alt.Y(
        "y:Q", scale=alt.Scale(domain=[scale.low, scale.top], nice=False, zero=False),
        axis=alt.Axis(values=list(scale.ticks), format=f",.{decimals}f"),
    )  # fmt: skip
    ends = [{"u": first, "y": scale.low}, {"u": end, "y": scale.low}]
    return alt.Chart(data(ends)).mark_point(opacity=0, tooltip=None).encode(x=x, y=y)


def _mature_layers(band: MatureBand | None, first: float, last: float, scale: Scale, colour: Tokens) -> list[alt.Chart]:
    if band is None:
        return []
    lower = scale.low if band.lower is None else band.lower
    upper = scale.top if band.upper is None else band.upper
    row = {"u": first, "v": last, "y": lower, "w": upper}
    layers = [alt.Chart(data([row])).mark_rect(color=colour.band).encode(x="u:Q", x2="v", y="y:Q", y2="w")]
    edges = [{"u": first, "v": last, "y": edge} for edge in (band.lower, band.upper) if edge is not None]
    dashed = {"color": colour.soft, "strokeDash": marks.SHORT_DASH, "strokeWidth": 1}
    layers.append(alt.Chart(data(edges)).mark_rule(**dashed).encode(x="u:Q", x2="v", y="y:Q"))
    middle = [{"u": first, "v": last, "y": band.middle}]
    layers.append(alt.Chart(data(middle)).mark_rule(color=colour.ink, strokeWidth=1.5).encode(x="u:Q", x2="v", y="y:Q"))
    return layers


def _lines(rows: Sequence[Row], **style: Any) -> alt.Chart:
    return (
        alt.Chart(data([{k: row[k] for k in ("u", "y", "s")} for row in rows]))
        .mark_line(strokeJoin="round", invalid="break-paths-filter-domains", **style)
        .encode(x="u:Q", y="y:Q", detail="s:N")
    )


def _names(drawn: Sequence[tuple[SiteLine, pd.Series]], scale: Scale, colour: Tokens) -> list[alt.Chart]:
    """The names of the sites not there yet, at the ends of their lines."""
    ends = [(line.name, own.dropna()) for line, own in drawn if not line.reached and own.notna().any()]
    if not ends or len(ends) > MOST_NAMED:
        return []
    heights = spread([float(own.iloc[-1]) for _, own in ends], marks.LABEL_GAP * scale.per_pixel)
    rows = [{"u": int(own.index[-1]), "y": y, "t": name} for (name, own), y in zip(ends, heights, strict=True)]
    style = {"align": "left", "baseline": "middle", "dx": 6, "fontWeight": 600}
    halo = {"color": colour.bg, "stroke": colour.bg, "strokeWidth": 5, "strokeJoin": "round"}
    return [
        alt.Chart(data(rows)).mark_text(**style, **look).encode(x="u:Q", y="y:Q", text="t:N")
        for look in (halo, {"color": colour.ink})
    ]


def parity_words(lines: Sequence[SiteLine], band: MatureBand | None, metric: Metric, language: Language) -> str:
    """Tell what the picture of sites since go-live shows."""
    if band is None:
        return say("rollout_view.alt.since.plain", language, metric=metric.name(language), n=len(lines))
    bounds = [value(x, metric, language) for x in (band.lower, band.upper) if x is not None]
    code = "between" if len(bounds) > 1 else "most" if band.lower is None else "least"
    edges = say(f"rollout_view.alt.band.{code}", language, **dict(zip(("a", "b"), bounds, strict=False)))
    return say("rollout_view.alt.since", language, metric=metric.name(language), n=len(lines), band=edges)


def waiting_chart(
    found: Parity, *, language: Language, theme: Theme, description: str, grain: str = "week"
) -> alt.LayerChart:
    """Draw the share of new sites that is not at parity yet, by periods since go-live, with its interval.

    Small upright ticks: sites not there yet, at the time up to which they count.
    """
    colour, curve = tokens(theme), found.curve
    last = max([site.periods for site in found.sites] + [1])
    steps = [{"u": 0.0, "y": 1.0, "lo": 1.0, "hi": 1.0}] + [
        {"u": step.time, "y": step.waiting, "lo": step.lower, "hi": step.upper} for step in curve.steps
    ]
    steps.append({**steps[-1], "u": float(last)})
    scale = Scale(0.0, 1.0, 1.08, (0.0, 0.25, 0.5, 0.75, 1.0), SMALL_HEIGHT)
    waits = [
        {"u": site.periods, "y": next(s["y"] for s in reversed(steps) if s["u"] <= site.periods)}
        for site in found.sites
        if not site.reached
    ]
    layers = [_share_frame(last, scale, say(f"rollout_view.axis.{grain}", language))]
    layers.append(
        alt.Chart(data(steps)).mark_area(interpolate="step-after", color=colour.band)
        .encode(x="u:Q", y=alt.Y("lo:Q"), y2="hi")
    )  # fmt: skip
    layers.append(
        alt.Chart(data(steps)).mark_line(interpolate="step-after", color=colour.ink, strokeWidth=2.2)
        .encode(x="u:Q", y="y:Q")
    )  # fmt: skip
    if waits:
        tick = {"shape": "stroke", "angle": 90, "size": 130, "strokeWidth": 1.8, "opacity": 1, "color": colour.ink}
        layers.append(alt.Chart(data(waits)).mark_point(**tick).encode(x="u:Q", y="y:Q"))
    if curve.median is not None:
        half = [{"u": curve.median, "y": 0.5, "v": 0.0}]
        dashed = {"color": colour.soft, "strokeDash": marks.SHORT_DASH, "strokeWidth": 1.2}
        layers.append(alt.Chart(data(half)).mark_rule(**dashed).encode(x="u:Q", y="y:Q", y2="v"))
    return finish(layers, description, theme=theme, language=language, height=scale.height)


def _share_frame(last: float, scale: Scale, title: str) -> alt.Chart:
    frame = _frame(0, last * 1.04 + 0.2, last, scale, title)
    frame.encoding.y.axis = alt.Axis(values=list(scale.ticks), format=".0%")
    return frame


def learning_chart(
    found: LearningCurve,
    parity: Parity,
    waves: dict[str, int],
    *,
    language: Language,
    theme: Theme,
    description: str,
) -> alt.LayerChart:
    """Draw each site's time to parity by wave, and the line over the waves with its interval.

    Filled rings: sites that are there; triangles: not yet, the time they are known to have taken longer than.
    """
    colour = tokens(theme)
    numbers = sorted({row.wave for row in found.waves})
    top = max([row.upper for row in found.waves] + [site.periods for site in parity.sites])
    top = min(top, 2.0 * max(max(site.periods for site in parity.sites), max(row.fitted for row in found.waves)))
    scale = vertical_scale([0.0, top], height=SMALL_HEIGHT)
    line = [{"u": row.wave, "y": row.fitted, "lo": row.lower, "hi": min(row.upper, scale.top)} for row in found.waves]
    dots = _wave_dots(parity, waves)
    x = alt.X(
        "u:Q", scale=alt.Scale(domain=[numbers[0] - 0.4, numbers[-1] + 0.4], nice=False, zero=False),
        axis=alt.Axis(values=numbers, format="d", title=say("rollout_view.axis.wave", language), titleFontWeight=400,
                      titleAnchor="start"),
    )  # fmt: skip
    y = alt.Y(
        "y:Q",
        scale=alt.Scale(domain=[scale.low, scale.top], nice=False),
        axis=alt.Axis(values=list(scale.ticks), format=f",.{decimals_of(scale.ticks)}f"),
    )
    layers = [
        alt.Chart(data(line)).mark_area(color=colour.band).encode(x=x, y=alt.Y("lo:Q"), y2="hi"),
        alt.Chart(data(line)).mark_line(color=colour.ink, strokeWidth=2).encode(x="u:Q", y=y),
    ]
    for reached, shape in ((True, "circle"), (False, "triangle-up")):
        rows = [row for row in dots if row["k"] is reached]
        if rows:
            look = {"shape": shape, "size": 70, "opacity": 1, "strokeWidth": 1.5, "color": colour.dot}
            layers.append(alt.Chart(data(rows)).mark_point(filled=reached, **look).encode(x="u:Q", y="y:Q"))
    return finish(layers, description, theme=theme, language=language, height=scale.height)


def _wave_dots(parity: Parity, waves: dict[str, int]) -> list[Row]:
    """One mark a site, those of one wave and time side by side."""
    seen: dict[tuple[int, int], int] = {}
    rows = []
    for site in parity.sites:
        wave = waves.get(site.site)
        if wave is None or (not site.reached and site.periods == 0):
            continue
        nth = seen[wave, site.periods] = seen.get((wave, site.periods), -1) + 1
        shift = (nth + 1) // 2 * (-1 if nth % 2 else 1) * 0.06
        rows.append({"u": wave + max(-0.36, min(0.36, shift)), "y": site.periods, "k": site.reached})
    return rows
