"""The one-metric page's picture and its table, described once per state of the record, language and theme."""

from __future__ import annotations

import dataclasses
import datetime as dt
from typing import Any

import altair as alt
import numpy as np
import streamlit as st

from analytics.results import Direction, LimitsKind, NotComputable, PointType, XmrChart
from analytics.results_charts import ChartKind, RareEventChart
from data.types import Decision, DecisionType, Metric
from pages.cohort.metric_choice import left_out_words
from pages.cohort.metric_rules import DEFAULT_RULES
from pages.cohort.metric_view import MetricView, metric_view
from pages.shared.chart_marks import Pin
from pages.shared.chart_tables import control_table, values_table
from pages.shared.charts import control_chart, points_chart
from pages.shared.theme import Theme
from wording import Language, say, sentence

RANGES_HEIGHT = 220
SPANS = {"half": 183, "year": 366, "all": None}  # days shown; limits are those of the whole series


@st.cache_resource(max_entries=256, show_spinner=False)
def picture(
    version: str, *, site_id: str, metric_id: str, segment: str | None, span: str, language: Language, theme: Theme,
    phone: bool, chart: str | None = None, rules: str = DEFAULT_RULES,
) -> dict[str, Any]:  # fmt: skip
    """Describe the chart; it takes clicks under the name "pick"."""
    view = metric_view(version, site_id=site_id, metric_id=metric_id, segment=segment, chart=chart, rules=rules)
    return chart_of(view, span=span, language=language, theme=theme, phone=phone, selectable=True).to_dict(
        validate=False
    )


def chart_of(
    view: MetricView | None, *, span: str, language: Language, theme: Theme, phone: bool, selectable: bool
) -> alt.LayerChart:
    """Draw the view: with limits where there are any, else the points alone with the reason.

    Raises ValueError for a view without a series: there is nothing to draw.
    """
    if view is None or view.series is None or view.result is None:
        msg = "nothing to draw"
        raise ValueError(msg)
    options: dict[str, Any] = {
        "metric": drawn_metric(view), "grain": view.grain, "language": language, "theme": theme, "phone": phone,
        "pins": pins(view), "selectable": selectable, "targets": drawn_targets(view), "since": since(view, span),
    }  # fmt: skip
    words = " ".join(
        [sentence(view.result, language, view.metric, site=view.site.name), *left_out_words(view, language)]
    )
    if isinstance(view.result, NotComputable):
        return points_chart(view.series.values, description=words, **options)
    return control_chart(view.result, description=words, days=days_behind(view), **options)


def drawn_metric(view: MetricView) -> Metric:
    """The metric as the picture writes its values: gaps between events are whole numbers without its unit."""
    return view.metric.model_copy(update={"unit": "", "decimals": 0}) if _of_gaps(view) else view.metric


def drawn_targets(view: MetricView) -> list[tuple[dt.date, float]]:
    """The dated targets, where the picture's values are in their unit."""
    return [] if _of_gaps(view) else [(target.applies_from, target.value) for target in view.targets]


def days_behind(view: MetricView) -> list[dict[str, Any]]:
    """The days behind weekly points, as the picture takes them."""
    return (
        []
        if view.days is None
        else [{"x": at.date().isoformat(), "y": float(f"{y:.7g}")} for at, y in view.days.items()]
    )


def _of_gaps(view: MetricView) -> bool:
    return isinstance(view.result, RareEventChart)


@st.cache_resource(max_entries=64, show_spinner=False)
def ranges_picture(
    version: str, *, site_id: str, metric_id: str, segment: str | None, span: str, language: Language, theme: Theme,
    phone: bool,
) -> dict[str, Any] | None:  # fmt: skip
    """Describe the moving ranges; None where there are no limits to hold them to."""
    view = metric_view(version, site_id=site_id, metric_id=metric_id, segment=segment, chart=ChartKind.XMR.value)
    if view is None or not isinstance(view.result, XmrChart):
        return None
    ranges = moving_ranges(view.result)
    words = say("cohort.metric.ranges.alt", language, metric=view.metric.name(language), site=view.site.name)
    drawn = control_chart(
        ranges, metric=view.metric, grain=view.grain, language=language, theme=theme, phone=phone,
        since=since(view, span), description=words, height=RANGES_HEIGHT,
    )  # fmt: skip
    return drawn.to_dict(validate=False)


def moving_ranges(chart: XmrChart) -> XmrChart:
    """Turn a chart into that of its moving ranges: from zero to their own upper limit, which alone makes a signal."""
    ranges = np.asarray(chart.moving_ranges, dtype=float)
    phases = tuple(
        dataclasses.replace(phase, mean=phase.mean_moving_range, lower_limit=0.0, upper_limit=phase.moving_range_limit)
        if phase.moving_range_limit is not None
        else dataclasses.replace(phase, mean=None, lower_limit=None, upper_limit=None)
        for phase in chart.phases
    )
    limits = [next((p.upper_limit for p in phases if p.start <= at.date() <= p.end), None) for at in chart.periods]
    types = tuple(
        PointType.MISSING
        if np.isnan(x)
        else PointType.NEUTRAL
        if limit is not None and x > limit
        else PointType.COMMON_CAUSE
        for x, limit in zip(ranges, limits, strict=True)
    )
    return dataclasses.replace(
        chart,
        values=ranges,
        phases=phases,
        point_types=types,
        signals=(),
        missing_periods=(),
        direction=Direction.NEUTRAL,
    )


def marks(view: MetricView) -> list[tuple[dt.date, Decision]]:
    """List what stands on the chart, oldest first; what another decision superseded does not."""
    shown = [(pin.at, pin.decision) for pin in view.pinned if pin.superseded_by is None]
    return sorted(shown, key=lambda mark: (mark[0], mark[1].number))


def since(view: MetricView, span: str) -> dt.date | None:
    """Return the first period to draw; None = from the beginning."""
    days = SPANS[span]
    if days is None or view.series is None:
        return None
    first = view.series.data_date - dt.timedelta(days=days)
    if isinstance(view.result, RareEventChart) and view.result.periods[-1].date() < first:
        return None  # no event since: all of them rather than none
    return first


def key_items(view: MetricView, language: Language) -> list[tuple[str | None, str] | str]:
    """Name what the picture's marks mean: only those that are there."""
    if view.result is None or isinstance(view.result, NotComputable):
        return [("ring", say("cohort.metric.key.common", language))]
    icons = {
        PointType.IMPROVEMENT: ("diamond", "improvement"),
        PointType.CONCERN: ("square", "concern"),
        PointType.NEUTRAL: ("triangle", "neutral"),
        PointType.COMMON_CAUSE: ("ring", "common"),
        PointType.EXCLUDED: ("cross", "excluded"),
    }
    kinds = set(view.result.point_types)
    items: list[tuple[str | None, str] | str] = [
        (icon, say(f"cohort.metric.key.{code}", language)) for kind, (icon, code) in icons.items() if kind in kinds
    ]
    trial = view.limited is not None and view.limited.latest.kind is LimitsKind.TRIAL
    band = "cohort.metric.key.band" if view.kind is ChartKind.XMR else f"chart_choice.key.{view.kind}"
    items.append(say("cohort.metric.key.trial" if trial else band, language))
    if view.days is not None:
        items.append(say("chart_choice.key.days", language))
    if view.result.latest.frozen_until is not None:
        items.append(say("chart_choice.key.frozen", language))
    return items


def pins(view: MetricView) -> list[Pin]:
    """List what people did, as the picture and its table show it."""
    return [_pin(view, at, decision) for at, decision in marks(view)]


def table_of(view: MetricView, span: str, language: Language) -> str:
    """Write the picture's values as a table: the same periods, the same decisions."""
    if view.series is None:
        return ""
    options: dict[str, Any] = {
        "metric": drawn_metric(view), "grain": view.grain, "language": language, "pins": pins(view),
        "since": since(view, span),
    }  # fmt: skip
    if view.result is None or isinstance(view.result, NotComputable):
        return values_table(view.series.values, **options)
    return control_table(view.result, **options)


def _pin(view: MetricView, at: dt.date, decision: Decision) -> Pin:
    kind = "incident" if decision.type is DecisionType.INCIDENT else "decision"
    values = view.series.values if view.series is not None and not _of_gaps(view) else None
    found = None if values is None else values.get(at.isoformat())
    datum = None if found is None or np.isnan(found) else float(found)
    return Pin(decision.label, kind, at, datum, decision.public)
