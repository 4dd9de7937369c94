"""The values behind a picture as a table, one key away, for whoever cannot or will not read the picture."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from analytics.results import PointType
from analytics.results_charts import RareEventChart, RunChart
from pages.shared import markup
from pages.shared.chart_lines import levels_of
from pages.shared.icons import VARIATION_ICONS
from pages.shared.tables import Cell, Column, Line, html_table
from wording import Language, period, say, state, value

if TYPE_CHECKING:
    from data.charted import Chart
    from data.types import Metric
    from pages.shared.chart_marks import Pin
    from pages.shared.small_multiples import Panel

_ICONS = {
    PointType.IMPROVEMENT: "diamond", PointType.CONCERN: "square", PointType.NEUTRAL: "triangle", PointType.EXCLUDED: "cross",
}  # fmt: skip


def table_expander(language: Language, key: str, table: Callable[[], str]) -> None:
    """Offer the values under a picture; they are computed and sent only once opened, by mouse or keyboard.

    key: the expander's own, one a picture on a page.
    """
    place = st.expander(say("charts.table.open", language), key=key, on_change="rerun")
    if place.open:
        place.html(table())


def control_table(
    chart: Chart,
    *,
    metric: Metric,
    grain: str,
    language: Language,
    pins: Sequence[Pin] = (),
    since: dt.date | None = None,
) -> str:
    """The values of a control chart, newest first, with what the data say of each and what people did; limits below."""
    values = values_table(
        pd.Series(chart.values, index=chart.periods), point_types=chart.point_types, metric=metric, grain=grain,
        language=language, pins=pins, since=since,
    )  # fmt: skip
    return values + _phases(chart, metric, grain, language)


def values_table(
    values: pd.Series,
    *,
    metric: Metric,
    grain: str,
    language: Language,
    point_types: Sequence[PointType] | None = None,
    pins: Sequence[Pin] = (),
    since: dt.date | None = None,
) -> str:
    """The values of a series, newest first; a missing one says so."""
    kinds = point_types or [PointType.COMMON_CAUSE] * len(values)
    labels: dict[dt.date, list[str]] = {}
    for pin in pins:
        labels.setdefault(pin.period, []).append(pin.label)
    lines = [
        Line(period(day, grain, language), _row(y, kind, labels.get(day, []), metric, language))
        for day, y, kind in zip(
            (p.date() for p in pd.DatetimeIndex(values.index)), values.to_numpy(float), kinds, strict=True
        )
        if since is None or day >= since
    ]
    columns = [
        say("charts.table.period", language),
        Column(say("charts.table.value", language), numeric=True),
        say("charts.table.reading", language),
        say("charts.table.pins", language),
    ]
    return html_table(columns, lines[::-1], caption=say("charts.table.caption", language), as_list=False)


def _row(y: float, kind: PointType, labels: Sequence[str], metric: Metric, language: Language) -> list[Cell | str]:
    if np.isnan(y):
        return [say("charts.point.missing", language), "", ", ".join(labels)]
    ordinary = kind is PointType.COMMON_CAUSE
    reading = Cell("" if ordinary else say(f"charts.point.{kind.value}", language), icon=_ICONS.get(kind))
    return [value(y, metric, language), reading, ", ".join(labels)]


def _phases(chart: Chart, metric: Metric, grain: str, language: Language) -> str:
    lines = [
        Line(
            period(level.start, grain, language),
            ["" if x is None else value(x, metric, language) for x in (level.centre, level.lower, level.upper)],
        )
        for level in levels_of(chart)
    ]
    if not lines:
        return ""
    columns = [
        say("charts.table.opened_by", language),
        Column(
            say(
                "charts.table.median" if isinstance(chart, RunChart | RareEventChart) else "charts.table.mean", language
            ),
            numeric=True,
        ),
        Column(say("charts.table.lower", language), numeric=True),
        Column(say("charts.table.upper", language), numeric=True),
    ]
    caption = say("charts.table.limits_caption", language)
    return markup.section(caption, level=3, ruled=False) + html_table(columns, lines, caption=caption, as_list=False)


def facet_table(panels: Sequence[Panel], *, metric: Metric, language: Language) -> str:
    """Each site of a facet with its last value and its variation in words."""
    lines = []
    for panel in panels:
        measured = panel.series[~np.isnan(panel.series)]
        last = value(float(measured[-1]), metric, language) if measured.size else say("charts.facet.no_value", language)
        word = panel.word or (state(panel.variation, language) if panel.variation else "")
        mark = VARIATION_ICONS[panel.variation] if panel.variation and not panel.word else None
        lines.append(Line(panel.name, [last, Cell(word, icon=mark)]))
    columns = [
        say("charts.table.site", language),
        Column(say("charts.table.last", language), numeric=True),
        say("charts.table.variation", language),
    ]
    return html_table(columns, lines, caption=say("charts.table.caption", language), as_list=False)
