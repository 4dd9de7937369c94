"""Results of analytics as pictures: one metric of one site, with what people did about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from analytics.results import PointType
from pages.shared import chart_lines as lines
from pages.shared import chart_marks as marks
from pages.shared import limit_marks
from pages.shared.chart_gaps import ROOM, Taken, gap_labels, holes, words_taken
from pages.shared.chart_layout import DAYS, Scale, tag_rows, vertical_scale
from pages.shared.chart_marks import Canvas, Label, Pin
from pages.shared.theme import Theme, chart_config, tokens
from wording import Language, say, sentence

if TYPE_CHECKING:
    from data.charted import Chart
    from data.types import Metric

HEIGHT = {False: 430, True: 360}  # True on a phone
END_ROOM = {False: 0.165, True: 0.27}  # share of the width kept for the labels at the end
PERIODS_AHEAD = 4  # periods over which a target is drawn past the last value, or past its last change
MOST_AHEAD = 0.35  # share of the drawn past that periods to come may take
PADDING = {"left": 5, "right": 5, "top": 5, "bottom": 5}  # stated whole, or Streamlit leaves 20 pixels below
PHASE_STYLE: dict[str, Any] = {"align": "left", "baseline": "bottom", "dy": -3, "dx": 3, "fontWeight": 600}
DatedTarget = tuple[dt.date, float]  # in force from this date until the next


def control_chart(
    chart: Chart,
    *,
    metric: Metric,
    grain: str,
    language: Language,
    theme: Theme,
    pins: Sequence[Pin] = (),
    targets: Sequence[DatedTarget] = (),
    days: Sequence[marks.Row] = (),
    since: dt.date | None = None,
    phone: bool = False,
    selectable: bool = False,
    description: str | None = None,
    height: int | None = None,
) -> alt.LayerChart:
    """Draw a chart of any kind: limits or median, line cut at gaps, points by what they say, targets, tags.

    days: faint points behind those of weeks, drawn where they fit in the frame of the weeks; rows: x, y.
    since: draw from this period on; limits stay those of the whole series.
    selectable: add the layer that takes a click, read as `event["selection"]["pick"][0]["x"]` in epoch milliseconds.
    description: the text alternative; by default the chart's own sentence.
    """
    rows = _rows(chart.periods, chart.values, chart.point_types, since)
    levels = lines.levels_of(chart, since)
    until = _until(rows, targets, grain)
    seen = lines.heights(chart, levels)
    canvas, placed = _canvas(
        rows, seen, targets, pins, theme=theme, phone=phone, height=height, grain=grain, until=until
    )
    layers: list[alt.Chart] = [marks.bounds(canvas), *lines.layers(canvas, rows, chart, levels, grain, until)]
    layers += _target_layers(canvas, rows, targets, grain, until)
    behind = [row for row in days if row["x"] >= rows[0]["x"] and canvas.scale.low <= row["y"] <= canvas.scale.high]
    if behind:
        layers.append(limit_marks.faint_points(canvas, behind))
    layers += [marks.line(canvas, rows), marks.points(canvas, rows)]
    earlier = lines.phase_labels(canvas, levels, metric, language)
    taken = _stems_taken(canvas, rows, placed) + words_taken(canvas, earlier)
    layers += gap_labels(canvas, rows, lines.bands(rows, levels, grain), taken, grain, language)
    if earlier:
        layers.append(marks.texts(canvas, earlier, color=canvas.colour.ink, **PHASE_STYLE))
    labels = lines.end_labels(canvas, chart, levels, metric, language)
    layers += _end_layers(canvas, labels, targets, until, metric, language)
    layers += _pin_layers(canvas, rows, placed)
    if selectable:
        layers.append(_pick(canvas, metric, language))
    words = description if description is not None else sentence(chart, language, metric)
    return finish(layers, words, theme=theme, language=language, height=canvas.scale.height)


def points_chart(
    values: pd.Series,
    *,
    metric: Metric,
    grain: str,
    language: Language,
    theme: Theme,
    description: str,
    pins: Sequence[Pin] = (),
    targets: Sequence[DatedTarget] = (),
    since: dt.date | None = None,
    phone: bool = False,
    selectable: bool = False,
    height: int | None = None,
) -> alt.LayerChart:
    """Draw values without limits, where none can be computed; `description` is the reason, in words."""
    kinds = [PointType.MISSING if np.isnan(v) else PointType.COMMON_CAUSE for v in values.to_numpy(float)]
    rows = _rows(pd.DatetimeIndex(values.index), values.to_numpy(float), kinds, since)
    until = _until(rows, targets, grain)
    canvas, placed = _canvas(rows, [], targets, pins, theme=theme, phone=phone, height=height, grain=grain, until=until)
    layers = [marks.bounds(canvas), *_target_layers(canvas, rows, targets, grain, until)]
    layers += [marks.line(canvas, rows), marks.points(canvas, rows)]
    layers += gap_labels(canvas, rows, [], _stems_taken(canvas, rows, placed), grain, language)
    layers += _end_layers(canvas, [], targets, until, metric, language)
    layers += _pin_layers(canvas, rows, placed)
    if selectable:
        layers.append(_pick(canvas, metric, language))
    return finish(layers, description, theme=theme, language=language, height=canvas.scale.height)


def finish(
    layers: Sequence[alt.Chart], description: str, *, theme: Theme, language: Language, height: int
) -> alt.LayerChart:
    """Put layers together with the theme, the language's numbers and months, and the text alternative."""
    return (
        alt.layer(*layers)
        .properties(height=height, width="container", description=description, padding=PADDING)
        .configure(**chart_config(theme, language))
    )


def _rows(
    periods: pd.DatetimeIndex, values: np.ndarray, kinds: Sequence[PointType], since: dt.date | None
) -> list[marks.Row]:
    rows = [
        {"x": period.date().isoformat(), "y": None if np.isnan(y) else float(f"{y:.7g}"), "k": str(kind)}
        for period, y, kind in zip(periods, values, kinds, strict=True)
    ]
    kept = [row for row in rows if since is None or row["x"] >= since.isoformat()]
    if not kept:
        msg = "no period to draw"
        raise ValueError(msg)
    return kept


def _canvas(
    rows: list[marks.Row],
    limits: Sequence[float],
    targets: Sequence[DatedTarget],
    pins: Sequence[Pin],
    *,
    theme: Theme,
    phone: bool,
    height: int | None,
    grain: str,
    until: dt.date,
) -> tuple[Canvas, list[tuple[Pin, int, list[Pin]]]]:
    first, last = (dt.date.fromisoformat(rows[i]["x"]) for i in (0, -1))
    half = dt.timedelta(days=max(DAYS[grain] / 2, 1))
    start, span = first - half, until - (first - half)
    end = until + span * (END_ROOM[phone] / (1 - END_ROOM[phone]))
    shown = [pin for pin in pins if first - half <= pin.period <= last + half]
    tags = tag_rows([(pin.period - start) / (end - start) for pin in shown], phone=phone)
    placed = [(shown[tag.members[0]], tag.row, [shown[i] for i in tag.members]) for tag in tags]
    in_force = [v for _, v in _in_force(targets, first, until)]
    scale = vertical_scale(
        [row["y"] for row in rows if row["y"] is not None] + list(limits) + in_force,
        height=height or HEIGHT[phone],
        rows=max((tag.row + 1 for tag in tags), default=0),
        room=ROOM if holes(rows) else 0,
    )
    return Canvas(start, end, until, scale, tokens(theme), phone), placed


def _in_force(targets: Sequence[DatedTarget], first: dt.date, last: dt.date) -> list[DatedTarget]:
    ordered = sorted(targets)
    ends = [start for start, _ in ordered[1:]] + [dt.date.max]
    return [t for t, end in zip(ordered, ends, strict=False) if t[0] <= last and end > first]


def _until(rows: list[marks.Row], targets: Sequence[DatedTarget], grain: str) -> dt.date:
    """How far the time axis is drawn: past the last period, and with targets over those to come and their changes."""
    first, last = (dt.date.fromisoformat(rows[i]["x"]) for i in (0, -1))
    half, period = dt.timedelta(days=max(DAYS[grain] / 2, 1)), dt.timedelta(days=DAYS[grain])
    if not _in_force(targets, first, dt.date.max):
        return last + half
    least, most = last + half + PERIODS_AHEAD * period, last + half + max((last - first) * MOST_AHEAD, 12 * period)
    changes = [start + PERIODS_AHEAD * period for start, _ in targets if start > last]
    return min(max([least, *(change for change in changes if change <= most)]), max(most, least))


def _target_layers(
    canvas: Canvas, rows: list[marks.Row], targets: Sequence[DatedTarget], grain: str, until: dt.date
) -> list[alt.Chart]:
    first = dt.date.fromisoformat(rows[0]["x"])
    half = dt.timedelta(days=max(DAYS[grain] / 2, 1))
    shown = _in_force(targets, first, until)
    ends = [start for start, _ in shown[1:]] + [until]
    stretches = [
        {"x": marks.iso(max(start, first - half)), "x2": marks.iso(end), "y": level}
        for (start, level), end in zip(shown, ends, strict=False)
    ]
    return [marks.targets(canvas, stretches)] if stretches else []


def _end_layers(
    canvas: Canvas, labels: Sequence[Label], targets: Sequence[DatedTarget], until: dt.date, metric: Metric,
    language: Language,
) -> list[alt.Chart]:  # fmt: skip
    """The words at the right end of every line, the target's among them, kept apart."""
    aims = [
        Label(level, say(f"charts.target{'.phone' if canvas.phone else ''}", language, value=lines.bare(level, metric, language)),
              canvas.colour.target)
        for _, level in _in_force(targets, until, until)[-1:]
    ]  # fmt: skip
    both = [*labels, *aims]
    return [marks.end_labels(canvas, both, until)] if both else []


def _pin_layers(canvas: Canvas, rows: list[marks.Row], placed: list[tuple[Pin, int, list[Pin]]]) -> list[alt.Chart]:
    by_kind: dict[bool, list[marks.Row]] = {False: [], True: []}
    held: dict[bool, list[marks.Row]] = {False: [], True: []}
    measured = {r["x"]: r["y"] for r in rows}
    for pin, row, members in placed:
        y = _lane(canvas.scale, row)
        label = pin.label if len(members) == 1 else f"{pin.label} +{len(members) - 1}"
        width = marks.TAG_WIDTH if len(members) == 1 else marks.STACK_WIDTH
        by_kind[pin.kind == "incident"].append({"x": marks.iso(pin.period), "y": y, "t": label, "w": width})
        for member in members:
            datum = member.value if member.value is not None else measured.get(marks.iso(member.period))
            held[member.kind == "incident"].append({"x": marks.iso(member.period), "y": y, "y2": datum})
    layers: list[alt.Chart] = []
    for outlined, ends in held.items():
        colour = canvas.colour.ink if outlined else canvas.colour.person
        if ends:
            layers.append(marks.stems(canvas, [_stem(canvas, end) for end in ends], colour))
        on_data = [{"x": end["x"], "y": end["y2"]} for end in ends if end["y2"] is not None]
        if on_data:
            layers.append(marks.rings(canvas, on_data, colour))
    for outlined, lane in by_kind.items():
        if lane:
            layers += marks.tags(canvas, lane, outlined=outlined)
    return layers


def _stems_taken(canvas: Canvas, rows: list[marks.Row], placed: list[tuple[Pin, int, list[Pin]]]) -> list[Taken]:
    measured = {row["x"]: row["y"] for row in rows}
    stems = [(pin.period, pin.value, measured.get(marks.iso(pin.period))) for _, _, pins in placed for pin in pins]
    return [
        Taken(day, day, next((y for y in (own, datum) if y is not None), canvas.scale.low), canvas.scale.top)
        for day, own, datum in stems
    ]


def _stem(canvas: Canvas, end: marks.Row) -> marks.Row:
    down_to = canvas.scale.low if end["y2"] is None else end["y2"] + 7 * canvas.scale.per_pixel
    return {"x": end["x"], "y": end["y"], "y2": down_to}


def _lane(scale: Scale, row: int) -> float:
    return scale.top - (10 + row * 31) * scale.per_pixel


def _pick(canvas: Canvas, metric: Metric, language: Language) -> alt.Chart:
    titles = (say("charts.tooltip.period", language), say("charts.tooltip.value", language))
    return marks.pick_layer(canvas, titles, f",.{metric.decimals}f")
