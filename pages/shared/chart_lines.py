"""The lines of every kind of chart: its centre, its limits that stand or follow each period, and their words."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import altair as alt
import numpy as np

from analytics.results import LimitsKind
from analytics.results_charts import AttributeChart, RareEventChart, RunChart
from pages.shared import chart_marks as marks
from pages.shared import limit_marks
from pages.shared.chart_layout import DAYS, runs
from pages.shared.chart_marks import Canvas, Label, Row
from wording import Language, say, value

if TYPE_CHECKING:
    from analytics.results_charts import ControlChart
    from data.charted import Chart
    from data.types import Metric

_WHOLE_WORDS, _ANY_WORDS = 0.25, {False: 0.12, True: 0.2}  # shares of the width that an earlier phase's words need


@dataclass(frozen=True, slots=True)
class Level:
    """One stretch between two steps: its centre, and its limits at its end where there are any.

    steady: the limits are the same all along; top: the highest they reach; frozen_until: the last period that sets them.
    """

    start: dt.date
    end: dt.date
    centre: float
    lower: float | None
    upper: float | None
    top: float
    steady: bool
    trial: bool
    frozen_until: dt.date | None


def levels_of(chart: Chart, since: dt.date | None = None) -> list[Level]:
    """Every stretch that is drawn and has a centre, oldest first."""
    if isinstance(chart, RunChart):
        return [
            Level(p.start, p.end, p.median, None, None, p.median, True, False, p.frozen_until)
            for p in chart.phases
            if p.median is not None and (since is None or p.end >= since)
        ]
    varying = isinstance(chart, AttributeChart)
    return [
        Level(p.start, p.end, p.mean, p.lower_limit, p.upper_limit, _top(chart, p.start, p.end, p.upper_limit),
              not varying, p.kind is LimitsKind.TRIAL, p.frozen_until)
        for p in chart.phases
        if p.mean is not None and p.upper_limit is not None and (since is None or p.end >= since)
    ]  # fmt: skip


def heights(chart: Chart, levels: Sequence[Level]) -> list[float]:
    """Every height that a line reaches, for the axis to hold."""
    found = [y for level in levels for y in (level.centre, level.lower, level.upper) if y is not None]
    for level in levels:
        found += [y for _, lower, upper in _following(chart, level) for y in (lower, upper)]
    return found


def bands(rows: Sequence[Row], levels: Sequence[Level], grain: str) -> list[Row]:
    """Stretches of measured periods between their limits, cut at gaps: x, x2, lower, upper, mean, trial."""
    half_days = max(round(DAYS[grain]), 1)
    return [
        {
            "x": marks.instant(dt.date.fromisoformat(rows[a]["x"][:10]), -half_days),
            "x2": marks.instant(dt.date.fromisoformat(rows[b]["x"][:10]), half_days),
            "lower": level.lower if level.lower is not None else level.centre,
            "upper": level.top if level.upper is not None else level.centre,
            "mean": level.centre,
            "trial": level.trial,
            "bare": level.upper is None,
            "steady": level.steady,
        }
        for level in levels
        for a, b in _stretches(rows, level)
    ]


def layers(
    canvas: Canvas, rows: Sequence[Row], chart: Chart, levels: Sequence[Level], grain: str, until: dt.date
) -> list[alt.Chart]:
    """Draw bands, edges and centres; the last ones run on, without a band, to `until`."""
    found = bands(rows, levels, grain)
    drawn: list[alt.Chart] = []
    limited = [band for band in found if band["steady"] and not band["bare"]]
    if limited:
        drawn += marks.band(canvas, limited)
    if isinstance(chart, AttributeChart):
        edges = list(_edges(rows, chart, levels, grain))
        drawn += limit_marks.stepped_band(canvas, edges) if edges else []
    centres = [band for band in found if band["bare"] or not band["steady"]]
    if centres:
        drawn.append(limit_marks.centres(canvas, centres))
    last = dt.date.fromisoformat(rows[-1]["x"][:10])
    if levels and until > last + dt.timedelta(days=DAYS[grain]):
        drawn += limit_marks.ahead(canvas, _ahead(levels[-1], found, until))
    frozen = [level for level in levels if level.frozen_until is not None]
    if frozen:
        drawn.append(limit_marks.foot(canvas, [_baseline(canvas, level) for level in frozen]))
    return drawn


def phase_labels(canvas: Canvas, levels: Sequence[Level], metric: Metric, language: Language) -> list[Row]:
    """Centre and limits of the earlier stretches, above their bands where there is room for the words."""
    width, rows = canvas.last - canvas.first, []
    for level in levels[:-1]:
        share = (min(level.end, canvas.last) - max(level.start, canvas.first)) / width
        if share < _ANY_WORDS[canvas.phone]:
            continue
        whole = not canvas.phone and share > _WHOLE_WORDS and level.steady and level.upper is not None
        name = "median" if level.upper is None else "mean"
        words = (
            say("charts.phase", language, mean=bare(level.centre, metric, language),
                lower=bare(level.lower, metric, language), upper=bare(level.upper, metric, language))
            if whole
            else say(f"charts.{name}{'.phone' if canvas.phone else ''}", language, value=bare(level.centre, metric, language))
        )  # fmt: skip
        rows.append({"x": marks.iso(max(level.start, canvas.first)), "y": level.top, "t": words})
    return rows


def end_labels(
    canvas: Canvas, chart: Chart, levels: Sequence[Level], metric: Metric, language: Language
) -> list[Label]:
    """The values of the lines in force, for their right end: in full, or shortened on a phone."""
    if not levels or (not isinstance(chart, RunChart) and levels[-1].end < chart.latest.start):
        return []
    level, form = levels[-1], ".phone" if canvas.phone else ""
    trial = ".trial" if level.trial and not canvas.phone else form
    centre = "median" if isinstance(chart, RunChart | RareEventChart) else "mean"
    named = [
        ("upper", level.upper, canvas.colour.soft, trial),
        (centre, level.centre, canvas.colour.ink, form),
        ("lower", level.lower, canvas.colour.soft, trial),
    ]
    return [
        Label(y, say(f"charts.{name}{suffix}", language, value=bare(y, metric, language)), ink)
        for name, y, ink, suffix in named
        if y is not None
    ]


def bare(x: float | None, metric: Metric, language: Language) -> str:
    """Write a value without its unit."""
    return "" if x is None else value(x, metric.model_copy(update={"unit": ""}), language)


def _top(chart: ControlChart, start: dt.date, end: dt.date, upper: float | None) -> float:
    if not isinstance(chart, AttributeChart):
        return upper or 0.0
    known = [y for day, _, y in _limits(chart) if start <= day <= end]
    return max(known, default=upper or 0.0)


def _following(chart: Chart, level: Level) -> list[tuple[dt.date, float, float]]:
    """The limits of each period of a stretch, where they follow the periods."""
    if not isinstance(chart, AttributeChart):
        return []
    return [limits for limits in _limits(chart) if level.start <= limits[0] <= level.end]


def _limits(chart: AttributeChart) -> Iterator[tuple[dt.date, float, float]]:
    for at, lower, upper in zip(chart.periods, chart.lower_limits, chart.upper_limits, strict=True):
        if not (np.isnan(lower) or np.isnan(upper)):
            yield at.date(), float(f"{lower:.7g}"), float(f"{upper:.7g}")


def _stretches(rows: Sequence[Row], level: Level) -> list[tuple[int, int]]:
    """First and last row of each stretch of a level that is measured without a gap."""
    inside = [i for i, row in enumerate(rows) if level.start.isoformat() <= row["x"][:10] <= level.end.isoformat()]
    return [(inside[a], inside[b]) for a, b in runs([rows[i]["y"] is not None for i in inside])]


def _edges(rows: Sequence[Row], chart: AttributeChart, levels: Sequence[Level], grain: str) -> Iterator[Row]:
    """Limits that follow each period, as steps: x, lower, upper, g (the stretch), trial."""
    half_days = max(round(DAYS[grain]), 1)
    limits = {day.isoformat(): (lower, upper) for day, lower, upper in _limits(chart)}
    stretch = 0
    for level in levels:
        for a, b in _stretches(rows, level):
            known = [row["x"] for row in rows[a : b + 1] if row["x"] in limits]
            stretch += 1
            for x in [*known, *known[-1:]]:
                own = {"lower": limits[x][0], "upper": limits[x][1], "g": stretch, "trial": level.trial}
                yield {"x": marks.instant(dt.date.fromisoformat(x), -half_days), **own}
            if known:
                yield {"x": marks.instant(dt.date.fromisoformat(known[-1]), half_days), **own}


def _ahead(level: Level, found: Sequence[Row], until: dt.date) -> list[Row]:
    """The last lines, from the end of their band on."""
    start = max(band["x2"] for band in found)
    return [
        {"x": start, "x2": marks.iso(until), "y": y, "centre": y == level.centre}
        for y in (level.lower, level.centre, level.upper)
        if y is not None
    ]


def _baseline(canvas: Canvas, level: Level) -> Row:
    assert level.frozen_until is not None
    return {"x": marks.iso(max(level.start, canvas.first)), "x2": marks.iso(max(level.frozen_until, canvas.first))}
