"""Many sites on the same axes: one faceted picture, not one picture a site."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import altair as alt
import numpy as np
import pandas as pd

from analytics.results import PointType, Variation
from pages.shared.chart_layout import Scale, time_ticks, vertical_scale
from pages.shared.chart_marks import LONG_DASH, Row, point_look, tick
from pages.shared.theme import Theme, chart_config, tokens
from wording import Language, say, state, value

if TYPE_CHECKING:
    from data.types import Metric

DESKTOP_COLUMNS, PHONE_COLUMNS = 5, 2
DESKTOP_PANEL, PHONE_PANEL = (190, 104), (152, 84)  # width and height in pixels
END_ROOM = 0.28  # share of the panel kept for the last value
_SERIES, _EDGE, _GO_LIVE, _TARGET, _LAST = range(5)  # what a row is, its column n
_EPOCH = dt.date(1970, 1, 1).toordinal()
_DAY = 86_400_000  # milliseconds
_SIGNALS = (PointType.IMPROVEMENT, PointType.CONCERN, PointType.NEUTRAL)


@dataclass(frozen=True, slots=True)
class Panel:
    """One site of a facet; arrays on the facet's own periods, NaN = not measured."""

    site_id: str
    name: str
    series: np.ndarray
    point_types: Sequence[PointType] | None = None
    variation: Variation | None = None
    live_on: dt.date | None = None
    word: str = ""  # stands in the title instead of the variation, for example "not live"


def facet_chart(
    panels: Sequence[Panel],
    periods: pd.DatetimeIndex,
    *,
    metric: Metric,
    language: Language,
    theme: Theme,
    target: float | None = None,
    phone: bool = False,
    columns: int | None = None,
    selectable: bool = False,
    description: str | None = None,
) -> alt.FacetChart:
    """Draw each site's line on the same axes, in the given order; signals by their shapes, the last value at the end.

    More than fifteen panels are drawn as they come: the caller chooses which sites need to be seen.
    selectable: `event["selection"]["pick"][0]` holds x in epoch milliseconds and s, the panel's index.
    """
    if not panels or not len(periods):
        msg = "no panel to draw"
        raise ValueError(msg)
    width, height = PHONE_PANEL if phone else DESKTOP_PANEL
    known = [float(y) for panel in panels for y in panel.series if not np.isnan(y)]
    scale = vertical_scale(known + ([] if target is None else [target]), height=height)
    rows = [
        row
        for index, panel in enumerate(panels)
        for row in _panel_rows(index, panel, periods, scale, metric, language, target)
    ]
    titles = _titles(panels, language)
    layers = _layers(rows, periods, scale, theme=theme, phone=phone)
    if selectable:
        layers.append(_pick(metric, language))
    words = description if description is not None else _description(panels, metric, language)
    return (
        alt.layer(*layers, data=_table(rows, titles))
        .transform_calculate(x=f"datum.d * {_DAY}", x2=f"datum.e * {_DAY}")
        .properties(width=width, height=height)
        .facet(
            facet=alt.Facet("p:N", sort=titles, title=None),
            columns=columns or (PHONE_COLUMNS if phone else DESKTOP_COLUMNS),
            spacing={"row": 12, "column": 8 if phone else 24},
        )
        .properties(description=words)
        .configure(**chart_config(theme, language))
    )


def _panel_rows(
    index: int, panel: Panel, periods: pd.DatetimeIndex, scale: Scale, metric: Metric, language: Language,
    target: float | None,
) -> list[Row]:  # fmt: skip
    first, last = _day(periods[0]), _day(periods[-1])
    kinds = panel.point_types or [PointType.COMMON_CAUSE] * len(periods)
    rows: list[Row] = [
        {"d": _day(period), "y": y, "k": str(kind) if kind in _SIGNALS else ""}
        for period, y, kind in zip(periods, panel.series, kinds, strict=True)
    ]
    right = round(last + (last - first) * (END_ROOM / (1 - END_ROOM)))
    rows += [{"n": _EDGE, "d": first, "y": scale.low}, {"n": _EDGE, "d": right, "y": scale.low}]
    if target is not None:
        rows.append({"n": _TARGET, "d": first, "e": last, "y": target})
    if panel.live_on and first <= _day(panel.live_on) <= last:
        rows.append({"n": _GO_LIVE, "d": _day(panel.live_on)})
    measured = np.flatnonzero(~np.isnan(panel.series))
    if measured.size:
        y = float(panel.series[measured[-1]])
        text = value(y, metric.model_copy(update={"unit": ""}), language)
        rows.append({"n": _LAST, "d": _day(periods[measured[-1]]), "y": y, "t": text})
    return [{"n": _SERIES, "s": index, **row} for row in rows]


def _table(rows: Sequence[Row], titles: Sequence[str]) -> pd.DataFrame:
    """Rows in the smallest types that hold them: they travel as Arrow."""
    return pd.DataFrame(
        {
            "s": np.array([row["s"] for row in rows], dtype=np.int16),
            "p": pd.Categorical.from_codes([row["s"] for row in rows], categories=list(titles)),
            "n": np.array([row["n"] for row in rows], dtype=np.int8),
            "d": np.array([row["d"] for row in rows], dtype=np.int32),
            "e": np.array([row.get("e", row["d"]) for row in rows], dtype=np.int32),
            "y": np.array([row.get("y", np.nan) for row in rows], dtype=np.float32),
            "k": pd.Categorical([row.get("k", "") for row in rows]),
            "t": pd.Categorical([row.get("t", "") for row in rows]),
        }
    )


def _layers(
    rows: Sequence[Row], periods: pd.DatetimeIndex, scale: Scale, *, theme: Theme, phone: bool
) -> list[alt.Chart]:
    colour = tokens(theme)
    present = {row["n"] for row in rows}
    signals = [row for row in rows if row.get("k")]

    def of(kind: int) -> alt.Chart:
        return alt.Chart().transform_filter(f"datum.n == {kind}").encode(x="x:T", y="y:Q")

    layers = [of(_EDGE).mark_point(opacity=0, tooltip=None).encode(x=_time(periods, phone), y=_values(scale))]
    if _TARGET in present:
        green = of(_TARGET).mark_rule(color=colour.target, strokeDash=LONG_DASH, strokeWidth=1.6)
        layers.append(green.encode(x2="x2"))
    layers.append(
        of(_SERIES).mark_line(
            color=colour.dot, strokeWidth=1.3, strokeJoin="round", invalid="break-paths-filter-domains"
        )
    )
    if _GO_LIVE in present:
        line = alt.Chart().transform_filter(f"datum.n == {_GO_LIVE}").mark_rule(color=colour.person, strokeWidth=1.6)
        layers.append(line.encode(x="x:T"))
    if signals:
        dots = of(_SERIES).transform_filter("datum.k").mark_point(filled=False, opacity=1, strokeWidth=1)
        layers.append(dots.encode(**point_look(colour, signals, 0.42)))
    bold = {"align": "left", "fontWeight": 600, "color": colour.ink}
    layers.append(of(_LAST).mark_text(baseline="middle", dx=5, **bold).encode(text="t:N"))
    return layers


def _time(periods: pd.DatetimeIndex, phone: bool) -> alt.X:
    ticks, step = time_ticks(periods[0].date(), periods[-1].date(), at_most=2 if phone else 4)
    form = {"day": "%-d %b", "year": "%Y"}.get(step, "%b %y")
    axis = alt.Axis(values=[tick(day) for day in ticks], format=form, labelOverlap="greedy", labelSeparation=10)
    return alt.X("x:T", scale=alt.Scale(type="utc", nice=False), axis=axis)


def _values(scale: Scale) -> alt.Y:
    ticks = scale.ticks[:: 1 if len(scale.ticks) <= 3 else 2]
    bounds = alt.Scale(domain=[scale.low, scale.top], nice=False, zero=False)
    return alt.Y("y:Q", scale=bounds, axis=alt.Axis(values=list(ticks), format=",~r"))


def _pick(metric: Metric, language: Language) -> alt.Chart:
    pick = alt.selection_point(name="pick", fields=["x", "s"], on="click", nearest=True, toggle=False, clear=False)
    tooltip = [
        alt.Tooltip(
            "x:T", timeUnit="utcyearmonthdate", format="%-d %B %Y", title=say("charts.tooltip.period", language)
        ),
        alt.Tooltip("y:Q", format=f",.{metric.decimals}f", title=say("charts.tooltip.value", language)),
    ]
    return (
        alt.Chart()
        .transform_filter(f"datum.n == {_SERIES} && isValid(datum.y)")
        .mark_point(opacity=0.01, size=160, filled=True, cursor="pointer")
        .encode(x="x:T", y="y:Q", tooltip=tooltip)
        .add_params(pick)
    )


def _titles(panels: Sequence[Panel], language: Language) -> list[str]:
    """The panels' titles; of two sites with one name the second carries its number, or they would share a panel."""
    titles: list[str] = []
    for panel in panels:
        title = _title(panel, language)
        titles.append(title if title not in titles else f"{title} ({len(titles) + 1})")
    return titles


def _title(panel: Panel, language: Language) -> str:
    noted = panel.variation in (Variation.IMPROVING, Variation.CONCERN, Variation.NEUTRAL)
    word = panel.word or (state(panel.variation, language) if noted and panel.variation else "")
    return f"{panel.name} · {word}" if word else panel.name


def _description(panels: Sequence[Panel], metric: Metric, language: Language) -> str:
    items = []
    for panel in panels:
        measured = panel.series[~np.isnan(panel.series)]
        last = value(float(measured[-1]), metric, language) if measured.size else say("charts.facet.no_value", language)
        items.append(f"{_title(panel, language)} {last}")
    return say("charts.facet", language, n=len(panels), items=say("charts.separator", language).join(items))


def _day(moment: dt.date) -> int:
    return moment.toordinal() - _EPOCH
