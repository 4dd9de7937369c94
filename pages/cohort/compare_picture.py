"""The comparison's picture and tables, described once per state of the record, choice, language and theme."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import streamlit as st

from analytics.results import PointType, Variation
from pages.cohort.compare_view import Compared, CompareView, compare_view, ordered_rows
from pages.cohort.metric_picture import SPANS
from pages.shared.icons import VARIATION_ICONS
from pages.shared.links import metric_link
from pages.shared.pictures import described
from pages.shared.small_multiples import Panel, facet_chart
from pages.shared.tables import Cell, Column, Line, html_table
from pages.shared.theme import Theme
from wording import NBSP, Language, date_, period, say, state, value

FREE_COLUMNS = {False: 4, True: 1}  # each panel carries its own axis: fewer fit beside one another; True on a phone
TINTS = {Variation.IMPROVING: "better", Variation.CONCERN: "worse"}


@st.cache_resource(max_entries=64, show_spinner=False)
def picture(
    version: str, today: dt.date, *, metric_id: str, shown: tuple[str, ...], order: str, span: str, free: bool,
    language: Language, theme: Theme, phone: bool,
) -> tuple[pa.Table, dict[str, Any], str]:  # fmt: skip
    """Describe the facet: its rows, the specification without them, its text alternative; clicks are named "pick"."""
    view = compare_view(version, today, metric_id=metric_id)
    if view is None or not shown:
        msg = "nothing to draw"
        raise ValueError(msg)
    rows, first = ordered_rows(view, order, shown), first_place(view, span)
    panels = [panel(row, first, language) for row in rows]
    chart = facet_chart(
        panels, view.periods[first:], metric=view.metric, language=language, theme=theme, target=view.target,
        phone=phone, selectable=True, columns=FREE_COLUMNS[phone] if free else None,
    )  # fmt: skip
    points: pd.DataFrame = chart.data
    chart.data = pd.DataFrame()
    spec, words = described(chart)
    spec.pop("data"), spec.pop("datasets", None)
    if free:
        points, spec = _on_own_axes(points, spec, panels, view.target)
    return pa.Table.from_pandas(points, preserve_index=False), spec, words  # as it travels: written once, not each run


def panel(row: Compared, first: int, language: Language) -> Panel:
    """Turn a site into a panel that begins at a place of the calendar."""
    coming = row.to_come and row.variation is not Variation.CONCERN
    return Panel(
        site_id=row.site.id, name=row.site.name, series=row.series[first:], point_types=row.point_types[first:],
        variation=row.variation, live_on=row.live_on,
        word=say("cohort_more.compare.not_live", language) if coming else "",
    )  # fmt: skip


def first_place(view: CompareView, span: str) -> int:
    """Return the place in the calendar of the first period to draw."""
    days = SPANS[span]
    if days is None or not len(view.periods):
        return 0
    since = view.periods[-1] - pd.Timedelta(days=days)
    return int(np.searchsorted(view.periods.to_numpy(), since.to_numpy()))


def key_items(
    view: CompareView, rows: Sequence[Compared], span: str, language: Language
) -> list[tuple[str | None, str] | str]:
    """Name the marks that stand in the picture."""
    first = first_place(view, span)
    kinds = {kind for row in rows for kind in row.point_types[first:]}
    names = {PointType.IMPROVEMENT: "improvement", PointType.CONCERN: "concern", PointType.NEUTRAL: "neutral"}
    icons = {PointType.IMPROVEMENT: "diamond", PointType.CONCERN: "square", PointType.NEUTRAL: "triangle"}
    items: list[tuple[str | None, str] | str] = [
        (icons[kind], say(f"cohort.metric.key.{name}", language)) for kind, name in names.items() if kind in kinds
    ]
    if view.target is not None:
        target = value(view.target, view.metric, language)
        items.append(("target", say("cohort_more.compare.key.target", language, target=target)))
    if any(row.live_on and row.live_on >= view.periods[first].date() for row in rows):
        items.append(("golive", say("cohort_more.compare.key.live", language)))
    return [*items, say("cohort_more.compare.key.gap", language)]


def site_table(view: CompareView, rows: Sequence[Compared], language: Language) -> str:
    """Write where each shown site stands; its name leads to its own page."""
    heads = [
        say("shared.label.site", language),
        Column(say("cohort_more.compare.column.last", language), numeric=True),
        say("cohort_more.compare.column.reading", language),
        say("cohort_more.compare.column.decide", language),
    ]
    lines = [_site_line(view, row, language) for row in rows]
    return html_table(heads, lines, caption=say("cohort_more.compare.caption", language))


def values_table(view: CompareView, rows: Sequence[Compared], span: str, language: Language) -> str:
    """Write the values of the picture, newest first: a row a period, a column a site."""
    first = first_place(view, span)
    heads: list[Column | str] = [say("shared.label.period", language)]
    heads += [Column(row.site.name, numeric=True) for row in rows]
    lines = [
        Line(period(view.periods[place].date(), view.grain, language).replace(" ", NBSP), [_bare(row.series[place], view, language) for row in rows])
        for place in range(len(view.periods) - 1, first - 1, -1)
    ]  # fmt: skip
    table = html_table(heads, lines, caption=say("cohort_more.compare.values_caption", language), as_list=False)
    return f'<div style="overflow-x:auto" tabindex="0">{table}</div>'


def _site_line(view: CompareView, row: Compared, language: Language) -> Line:
    below = (say("leadership.table.wave", language, n=row.wave),) if row.wave is not None else ()
    link = metric_link(row.site.id, view.metric.id, language)
    measured = row.series[np.isfinite(row.series)]
    last = value(float(measured[-1]), view.metric, language) if measured.size else ""
    return Line(Cell(row.site.name, below=below, href=link), [last, _reading(row, language), _to_decide(row, language)])


def _reading(row: Compared, language: Language) -> Cell:
    if row.variation is None:
        return Cell(say("cohort_more.compare.no_limits", language))
    since = (say("shared.label.since", language, date=date_(row.signal_start, language)),) if row.signal_start else ()
    tint: Any = TINTS.get(row.variation)
    return Cell(state(row.variation, language), icon=VARIATION_ICONS[row.variation], below=since, tint=tint)


def _to_decide(row: Compared, language: Language) -> Cell:
    parts = [say("cohort_more.compare.unanswered", language)] if row.unanswered else []
    parts += [say("cohort_more.compare.to_review", language, label=due.label) for due in row.reviews]
    return Cell(", ".join(parts) or "–", quiet=not parts)


def _bare(x: float, view: CompareView, language: Language) -> str:
    if np.isnan(x):
        return "–"
    return value(float(x), view.metric.model_copy(update={"unit": ""}), language)


def _on_own_axes(
    points: pd.DataFrame, spec: dict[str, Any], panels: Sequence[Panel], target: float | None
) -> tuple[pd.DataFrame, dict[str, Any]]:
    """Let each panel choose its own axis; what only held the shared one moves to the lowest that the panel shows."""
    aims = [] if target is None else [target]
    lowest = [min([*panel.series[np.isfinite(panel.series)], *aims], default=np.nan) for panel in panels]
    floor = np.array(lowest)[points["s"].to_numpy()]
    heights = points["y"].to_numpy()
    own = points.assign(y=np.where(heights < floor, floor, heights))
    for layer in spec["spec"]["layer"]:
        vertical = layer.get("encoding", {}).get("y", {})
        if "scale" in vertical:
            vertical["scale"] = {"nice": True, "zero": False}
            vertical["axis"] = {"tickCount": 3, "format": vertical["axis"]["format"]}
    return own, {**spec, "resolve": {"scale": {"y": "independent"}}}
