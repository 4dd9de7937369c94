"""Where the values behind a point come from: file, place, who and when; what was mended; what stood before."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING

import pandas as pd
import streamlit as st

from data.lineage import provenance, stored_within
from data.people import person_names
from data.periods import period_end
from data.store import the_store
from data.types import Fault, Severity
from pages.shared import frame
from pages.shared.moments import when
from pages.shared.tables import Cell, Column, Line, html_table
from wording import Language, knows, period, place, say, value

if TYPE_CHECKING:
    from collections.abc import Mapping

    from data.lineage import KnownValue
    from pages.cohort.metric_view import MetricView
    from pages.shared.session import Visit

MOST_KEYS = 60  # a week of days in eight segments


def show_origin(visit: Visit, view: MetricView, segment: str | None) -> None:
    """Offer the origin of the values of one period; it is read only once opened."""
    if view.series is None:
        return
    opened = st.expander(say("origin.open", visit.language), key="metric-origin", on_change="rerun")
    if not opened.open:
        return
    measured = pd.Series(view.series.values).dropna()
    days = [day.date() for day in pd.DatetimeIndex(measured.index)][::-1]
    with opened:
        chosen = st.selectbox(
            say("shared.label.period", visit.language), days, key=f"origin-{view.site.id}-{view.metric.id}",
            format_func=lambda day: period(day, view.grain, visit.language),
        )  # fmt: skip
        if chosen is not None:
            frame.html(origin_table(view, segment, chosen, visit.language))


def origin_table(view: MetricView, segment: str | None, start: dt.date, language: Language) -> str:
    """Write every value that was ever known within a period of the chart, those that stand first."""
    place_of_series = {"site_id": view.site.id, "metric_id": view.metric.id}
    with the_store().read() as cursor:
        keys = stored_within(
            cursor, **place_of_series, segment=segment, first=start, last=period_end(start, view.grain)
        )
        names = person_names(cursor)
        lines = []
        for of_segment, day, grain in keys[:MOST_KEYS]:
            known = provenance(cursor, **place_of_series, segment=of_segment, period_start=day, grain=grain)
            head = Cell(period(day, grain, language), below=(of_segment,) if of_segment else ())
            lines += [Line(head, _cells(one, view, names, language)) for one in known[::-1]]
    heads = [
        say("shared.label.period", language),
        Column(say("shared.label.value", language), numeric=True),
        say("shared.label.file", language),
        say("origin.who", language),
        say("shared.label.state", language),
    ]
    return html_table(heads, lines, caption=say("origin.caption", language))


def _cells(known: KnownValue, view: MetricView, names: Mapping[str, str], language: Language) -> list[Cell]:
    at = Fault(
        code="", severity=Severity.INFO, sheet=known.sheet, row=known.source_row, column=known.source_column,
        found="", expected="",
    )  # fmt: skip
    mends = [
        say("keepers_mend.mended", language, place=cell, before=before, after=after)
        for cell, (before, after) in known.mended.items()
    ]
    return [
        Cell(value(known.value, view.metric, language)),
        Cell(known.file_name, below=tuple(part for part in (place(at, language), *mends) if part)),
        Cell(names.get(known.person_id, ""), below=(when(known.recorded_at, language),)),
        Cell(say(f"origin.state.{_state(known)}", language), below=tuple(_remarks(known, language))),
    ]


def _state(known: KnownValue) -> str:
    if known.undone:
        return "undone"
    return "stands" if known.stands else "replaced"


def _remarks(known: KnownValue, language: Language) -> list[str]:
    doubt = f"keepers.remark.{known.mark}"
    said = (
        [say("origin.marked", language, remark=say(doubt, language))] if known.mark and knows(doubt, language) else []
    )
    return [*said, *([known.reason] if known.reason else [])]
