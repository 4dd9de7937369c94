"""Results of analytics as pictures: one metric of one site, with what people did about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import altair as alt
import numpy as np
import pandas as pd

from analytics.results import LimitsKind, Phase, PointType, XmrChart
from pages.shared import chart_marks as marks
from pages.shared.chart_gaps import ROOM, Taken, gap_labels, holes, words_taken
from pages.shared.chart_layout import DAYS, Scale, runs, tag_rows, vertical_scale
from pages.shared.chart_marks import Canvas, Label, Pin
from pages.shared.theme import Theme, chart_config, tokens
from wording import Language, say, sentence, value

if TYPE_CHECKING:
    from data.types import Metric

HEIGHT = {False: 430, True: 360}  # True on a phone
END_ROOM = {False: 0.165, True: 0.27}  # share of the width kept for the labels at the end
PADDING = {"left": 5, "right": 5, "top": 5, "bottom": 5}  # stated whole, or Streamlit leaves 20 pixels below
PHASE_STYLE: dict[str, Any] = {"align": "left", "baseline": "bottom", "dy": -3, "dx": 3, "fontWeight": 600}
DatedTarget = tuple[dt.date, float]  # in force from this date until the next


def control_chart(
    chart: XmrChart,
    *,
    metric: Metric,
    grain: str,
    language: Language,
    theme: Theme,
    pins: Sequence[Pin] = (),
    targets: Sequence[DatedTarget] = (),
    since: dt.date | None = None,
    phone: bool = False,
    selectable: bool = False,
    description: str | None = None,
    height: int | None = None,
) -> alt.LayerChart:
    """Draw an individuals chart: band, mean, line cut at gaps, points by what they say, targets, tags.

    since: draw from this period on; limits stay those of the whole series.
    selectable: add the layer that takes a click, read as `event["selection"]["pick"][0]["x"]` in epoch milliseconds.
    description: the text alternative; by default the chart's own sentence.
    """
    rows = _rows(chart.periods, chart.values, chart.point_types, since)
    phases = [p for p in chart.phases if since is None or p.end >= since]
    limits = [x for p in phases for x in (p.lower_limit, p.upper_limit) if x is not None]
    canvas, placed = _canvas(rows, limits, targets, pins, theme=theme, phone=phone, height=height, grain=grain)
    layers: list[alt.Chart] = [marks.bounds(canvas)]
    bands = [row for phase in phases for row in _bands(rows, phase, grain)]
    if bands:
        layers += marks.band(canvas, bands)
    layers += _target_layers(canvas, rows, targets, grain)
    layers += [marks.line(canvas, rows), marks.points(canvas, rows)]
    earlier = _phase_labels(canvas, phases, metric, language)
    taken = _stems_taken(canvas, rows, placed) + words_taken(canvas, earlier)
    layers += gap_labels(canvas, rows, bands, taken, grain, language)
    if earlier:
        layers.append(marks.texts(canvas, earlier, color=canvas.colour.ink, **PHASE_STYLE))
    last = dt.date.fromisoformat(rows[-1]["x"])
    labels = _end_labels(canvas, phases, targets, last, metric, language)
    if labels:
        layers.append(marks.end_labels(canvas, labels, last + dt.timedelta(days=DAYS[grain] / 2)))
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
    canvas, placed = _canvas(rows, [], targets, pins, theme=theme, phone=phone, height=height, grain=grain)
    layers = [marks.bounds(canvas), *_target_layers(canvas, rows, targets, grain)]
    layers += [marks.line(canvas, rows), marks.points(canvas, rows)]
    layers += gap_labels(canvas, rows, [], _stems_taken(canvas, rows, placed), grain, language)
    last = dt.date.fromisoformat(rows[-1]["x"])
    labels = _end_labels(canvas, [], targets, last, metric, language)
    if labels:
        layers.append(marks.end_labels(canvas, labels, last + dt.timedelta(days=DAYS[grain] / 2)))
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
) -> tuple[Canvas, list[tuple[Pin, int, list[Pin]]]]:
    first, last = (dt.date.fromisoformat(rows[i]["x"]) for i in (0, -1))
    half = dt.timedelta(days=max(DAYS[grain] / 2, 1))
    start, span = first - half, (last + half) - (first - half)
    end = last + half + span * (END_ROOM[phone] / (1 - END_ROOM[phone]))
    shown = [pin for pin in pins if first - half <= pin.period <= last + half]
    tags = tag_rows([(pin.period - start) / (end - start) for pin in shown], phone=phone)
    placed = [(shown[tag.members[0]], tag.row, [shown[i] for i in tag.members]) for tag in tags]
    in_force = [v for _, v in _in_force(targets, first, last)]
    scale = vertical_scale(
        [row["y"] for row in rows if row["y"] is not None] + list(limits) + in_force,
        height=height or HEIGHT[phone],
        rows=max((tag.row + 1 for tag in tags), default=0),
        room=ROOM if holes(rows) else 0,
    )
    return Canvas(start, end, last, scale, tokens(theme), phone), placed


def _in_force(targets: Sequence[DatedTarget], first: dt.date, last: dt.date) -> list[DatedTarget]:
    ordered = sorted(targets)
    ends = [start for start, _ in ordered[1:]] + [dt.date.max]
    return [t for t, end in zip(ordered, ends, strict=False) if t[0] <= last and end > first]


def _bands(rows: list[marks.Row], phase: Phase, grain: str) -> list[marks.Row]:
    if phase.mean is None:
        return []
    inside = [r for r in rows if phase.start.isoformat() <= r["x"] <= phase.end.isoformat()]
    half_days = max(round(DAYS[grain]), 1)
    return [
        {
            "x": marks.instant(dt.date.fromisoformat(inside[a]["x"]), -half_days),
            "x2": marks.instant(dt.date.fromisoformat(inside[b]["x"]), half_days),
            "lower": phase.lower_limit,
            "upper": phase.upper_limit,
            "mean": phase.mean,
            "trial": phase.kind is LimitsKind.TRIAL,
        }
        for a, b in runs([r["y"] is not None for r in inside])
    ]


def _target_layers(
    canvas: Canvas, rows: list[marks.Row], targets: Sequence[DatedTarget], grain: str
) -> list[alt.Chart]:
    first, last = (dt.date.fromisoformat(rows[i]["x"]) for i in (0, -1))
    half = dt.timedelta(days=max(DAYS[grain] / 2, 1))
    shown = _in_force(targets, first, last)
    ends = [start for start, _ in shown[1:]] + [last + half]
    stretches = [
        {"x": marks.iso(max(start, first - half)), "x2": marks.iso(end), "y": level}
        for (start, level), end in zip(shown, ends, strict=False)
    ]
    return [marks.targets(canvas, stretches)] if stretches else []


def _phase_labels(canvas: Canvas, phases: Sequence[Phase], metric: Metric, language: Language) -> list[marks.Row]:
    """Mean and limits of the earlier phases, above their bands where there is room for the words."""
    width = canvas.last - canvas.first
    rows = []
    for phase in phases[:-1]:
        share = (min(phase.end, canvas.last) - max(phase.start, canvas.first)) / width
        if phase.mean is None or phase.upper_limit is None or share < (0.2 if canvas.phone else 0.12):
            continue
        whole = not canvas.phone and share > 0.25
        mean = value(phase.mean, metric, language) if not whole else _bare(phase.mean, metric, language)
        words = (
            say("charts.phase", language, mean=mean, lower=_bare(phase.lower_limit, metric, language),
                upper=_bare(phase.upper_limit, metric, language))
            if whole
            else say(f"charts.mean{'.phone' if canvas.phone else ''}", language, value=_bare(phase.mean, metric, language))
        )  # fmt: skip
        rows.append({"x": marks.iso(max(phase.start, canvas.first)), "y": phase.upper_limit, "t": words})
    return rows


def _end_labels(
    canvas: Canvas, phases: Sequence[Phase], targets: Sequence[DatedTarget], last: dt.date, metric: Metric,
    language: Language,
) -> list[Label]:  # fmt: skip
    colour, form = canvas.colour, ".phone" if canvas.phone else ""
    labels = []
    phase = phases[-1] if phases else None
    if phase and phase.mean is not None and phase.lower_limit is not None and phase.upper_limit is not None:
        trial = ".trial" if phase.kind is LimitsKind.TRIAL and not canvas.phone else form
        for name, y, ink, suffix in (
            ("upper", phase.upper_limit, colour.soft, trial),
            ("mean", phase.mean, colour.ink, form),
            ("lower", phase.lower_limit, colour.soft, trial),
        ):
            words = say(f"charts.{name}{suffix}", language, value=_bare(y, metric, language))
            labels.append(Label(y, words, ink))
    for _, level in _in_force(targets, last, last)[-1:]:
        words = say(f"charts.target{form}", language, value=_bare(level, metric, language))
        labels.append(Label(level, words, colour.target))
    return labels


def _bare(x: float | None, metric: Metric, language: Language) -> str:
    return "" if x is None else value(x, metric.model_copy(update={"unit": ""}), language)


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
