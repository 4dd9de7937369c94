"""The charts as they would be: a few of the series that a file touches, what it brings marked on them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import altair as alt
import pandas as pd
import streamlit as st

from loaders.letter import signal_line
from loaders.outlook import PointKind
from pages.keepers import words
from pages.shared import frame
from pages.shared.chart_layout import time_ticks
from pages.shared.chart_marks import tick
from pages.shared.icons import VARIATION_ICONS
from pages.shared.theme import Theme, chart_config, tokens
from wording import say, unit

if TYPE_CHECKING:
    from collections.abc import Sequence

    from data.signals import SignalChange
    from loaders.outlook import PointAhead, SeriesAhead
    from pages.keepers.reading import Held
    from wording import Language

SIGNALS_SHOWN = 8
DESKTOP_COLUMNS, PHONE_COLUMNS = 3, 1
DESKTOP_PANEL, PHONE_PANEL = (316, 104), (300, 92)  # with its axis, a phone's panel fits 358
_SHAPES = {PointKind.NEW: "circle", PointKind.RESTATED: "diamond", PointKind.DOUBTFUL: "square"}


def show_ahead(held: Held, language: Language) -> None:
    """Show the small pictures of the series that most need a look, and what is on them in words."""
    if not held.ahead:
        return
    frame.section(say("keepers_mend.ahead.title", language), say("keepers_mend.ahead.lead", language))
    chart = ahead_chart(held.ahead, held, language, frame.current_theme(), phone=frame.on_phone())
    st.altair_chart(chart, key="upload-ahead", theme=None)
    kinds = dict.fromkeys(point.kind for series in held.ahead for point in series.points)
    frame.small(" · ".join(say(f"keepers_mend.ahead.{kind.value}", language) for kind in _SHAPES if kind in kinds))


def show_signals(held: Held, language: Language) -> None:
    """Name the signals that the load would cause in the charts, concerns first."""
    if held.preview is None:
        return
    caused = [change for change in held.signals if change.is_new]
    if not caused:
        frame.section(say("keepers_mend.signals.none", language), level=3)
        return
    frame.section(say("keepers_mend.signals.title", language, n=len(caused)))
    frame.notes([_signal(change, held, language) for change in caused[:SIGNALS_SHOWN]])
    if len(caused) > SIGNALS_SHOWN:
        frame.small(say("loaders.summary.more_faults", language, n=len(caused) - SIGNALS_SHOWN))


def _signal(change: SignalChange, held: Held, language: Language) -> frame.Note:
    metric = held.metrics.get(change.metric_id)
    site = held.site_names.get(change.site_id, change.site_id)
    series = say("quality.letter.series", language, site=site, metric=metric.name(language) if metric else "")
    return frame.Note(
        rest=signal_line(change, series, language), icon=VARIATION_ICONS[change.after] if change.after else None
    )


def ahead_chart(
    ahead: Sequence[SeriesAhead], held: Held, language: Language, theme: Theme, *, phone: bool = False
) -> alt.FacetChart:
    """Draw each series on its own axis: a grey line of what will stand, marks on what the file brings."""
    titles = _titles(ahead, held, language)
    rows = _rows(ahead, titles)
    layers = _layers(rows, theme, ahead, phone=phone)
    width, height = PHONE_PANEL if phone else DESKTOP_PANEL
    return (
        alt.layer(*layers, data=rows)
        .properties(width=width, height=height)
        .facet(facet=alt.Facet("panel:N", sort=titles, title=None), columns=PHONE_COLUMNS if phone else DESKTOP_COLUMNS,
               spacing={"row": 14, "column": 28}, align="all")
        .resolve_scale(x="shared" if _has_a_lone_point(ahead) else "independent", y="independent")
        .properties(description=described(ahead, held, language))
        .configure(**chart_config(theme, language))
    )  # fmt: skip


def described(ahead: Sequence[SeriesAhead], held: Held, language: Language) -> str:
    """Say in words what the pictures show."""
    parts = [
        f"{title}: " + say("shared.list_separator", language).join(
            say(f"keepers_mend.ahead.count.{kind}", language, n=n)
            for kind, n in (("new", one.n_new), ("restated", one.n_restated), ("doubtful", one.n_doubtful)) if n
        )
        for one, title in zip(ahead, _titles(ahead, held, language), strict=True)
    ]  # fmt: skip
    return " · ".join(parts)


def _titles(ahead: Sequence[SeriesAhead], held: Held, language: Language) -> list[str]:
    titles: list[str] = []
    for one in ahead:
        known = held.metrics.get(one.metric.metric_id or "")
        name = known.name(language) if known else one.metric.name
        counted = unit(one.metric.unit, language)
        parts = [one.site, f"{name}, {counted}" if counted else name, one.segment]
        title = words.cut(" · ".join(part for part in parts if part), 44)
        titles.append(title if title not in titles else f"{title} ({len(titles) + 1})")
    return titles


def _rows(ahead: Sequence[SeriesAhead], titles: Sequence[str]) -> pd.DataFrame:
    points = [(title, point) for one, title in zip(ahead, titles, strict=True) for point in one.points]
    return pd.DataFrame(
        {
            "panel": pd.Categorical([title for title, _ in points], categories=list(titles)),
            "start": [point.start.isoformat() for _, point in points],
            "y": [point.value for _, point in points],
            "before": [_before(point) for _, point in points],
            "kind": pd.Categorical([point.kind.value for _, point in points]),
        }
    )


def _has_a_lone_point(ahead: Sequence[SeriesAhead]) -> bool:
    """Say whether a series is one point only: an axis of its own would have no length."""
    return any(len({point.start for point in one.points}) == 1 for one in ahead)


def _before(point: PointAhead) -> float | None:
    return point.before if point.before != point.value else None


def _layers(rows: pd.DataFrame, theme: Theme, ahead: Sequence[SeriesAhead], *, phone: bool) -> list[alt.Chart]:
    colour = tokens(theme)
    days = [point.start for one in ahead for point in one.points]
    ticks, step = time_ticks(min(days), max(days), at_most=4)
    form = {"day": "%-d %b", "year": "%Y"}.get(step, "%b %y")
    axis = alt.Axis(values=[tick(day) for day in ticks], format=form, labelOverlap="greedy", title=None)
    x = alt.X("start:T", scale=alt.Scale(type="utc", nice=False), axis=axis)
    y = alt.Y(
        "y:Q",
        scale=alt.Scale(zero=False),
        axis=alt.Axis(tickCount=3, format=",.5~r", title=None, minExtent=30, maxExtent=30),
    )
    fills = {PointKind.NEW: colour.ink, PointKind.RESTATED: colour.ink, PointKind.DOUBTFUL: colour.worse}
    base = alt.Chart()
    line = base.mark_line(color=colour.dot, strokeWidth=1.4, invalid="break-paths-filter-domains").encode(x=x, y=y)
    layers = [line]
    if rows["before"].notna().any():
        old = base.transform_filter("isValid(datum.before)")
        layers.append(old.mark_rule(color=colour.soft, strokeDash=[3, 3]).encode(x=x, y=y, y2="before:Q"))
        layers.append(old.mark_point(color=colour.dot, size=34).encode(x=x, y=alt.Y("before:Q", title=None)))
    kinds = [kind.value for kind in _SHAPES]
    brought = base.transform_filter("datum.kind != 'known' && isValid(datum.y)")
    layers.append(
        brought.mark_point(filled=True, opacity=1, size=46 if phone else 38).encode(
            x=x, y=y,
            shape=alt.Shape("kind:N", scale=alt.Scale(domain=kinds, range=list(_SHAPES.values())), legend=None),
            color=alt.Color("kind:N", scale=alt.Scale(domain=kinds, range=[fills[kind] for kind in _SHAPES]), legend=None),
        )
    )  # fmt: skip
    return layers
