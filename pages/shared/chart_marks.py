"""The marks of every chart, each with one meaning: bands, lines, points, targets, tags, labels at the end."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt

from analytics.results import PointType
from pages.shared.chart_layout import LABEL_GAP, Scale, decimals_of, spread, time_ticks
from pages.shared.theme import Tokens

Row = dict[str, Any]
PinKind = Literal["decision", "incident"]

TAG_SIZE = 980  # of a custom shape: with less the renderer clips the text
TAG_WIDTH, STACK_WIDTH, TAG_HEIGHT = 37, 58, 18
SHORT_DASH, LONG_DASH = [3, 3], [10, 4]
ORDINARY_SIZE, SIGNAL_SIZE = 30, 66  # areas in square pixels
POINT_SHAPES = {
    PointType.COMMON_CAUSE: "circle",
    PointType.IMPROVEMENT: "diamond",
    PointType.CONCERN: "square",
    PointType.NEUTRAL: "triangle-up",
    PointType.EXCLUDED: "M-1.2-1.2L1.2 1.2M1.2-1.2L-1.2 1.2",
}
# Year under these months, and always under the first tick.
_MONTH_LABEL = (
    "[utcFormat(datum.value,'%b'), (datum.index==0 || utcmonth(datum.value)%8==0) ? utcFormat(datum.value,'%Y') : '']"
)
_PHONE_LABEL = "utcFormat(datum.value,'%b %y')"


@dataclass(frozen=True, slots=True)
class Pin:
    """What people did, on the datum it concerns; `value` None where that period was not measured."""

    label: str
    kind: PinKind
    period: dt.date
    value: float | None = None
    public: bool = False


@dataclass(frozen=True, slots=True)
class Label:
    """A value written at the right end of its line, in the line's colour."""

    y: float
    text: str
    colour: str


def data(rows: Sequence[Row]) -> alt.Data:
    """Rows inside the picture's own description, typed by the encodings: nothing is fetched, no date is parsed."""
    return alt.Data(values=[{k: _epoch(v) if k in ("x", "x2") else v for k, v in row.items()} for row in rows])


def series_data(rows: Sequence[Row] | None = None) -> alt.Data:
    """The series, written once in the layer that draws first and named by the others: it is most of what is sent."""
    return alt.Data(name="series") if rows is None else alt.Data(name="series", values=data(rows).values)


def _epoch(moment: str) -> int:
    read = dt.datetime.fromisoformat(moment)
    return int((read if read.tzinfo else read.replace(tzinfo=dt.UTC)).timestamp() * 1000)


def iso(day: dt.date) -> str:
    """A date as the chart reads it."""
    return day.isoformat()


def instant(day: dt.date, half_days: int = 0) -> str:
    """A date moved by half days, for edges between two periods."""
    moment = dt.datetime.combine(day, dt.time(), dt.UTC) + dt.timedelta(hours=12 * half_days)
    return moment.strftime("%Y-%m-%dT%H:%MZ") if moment.hour else moment.date().isoformat()


def tick(day: dt.date) -> alt.DateTime:
    """A date as an axis value. Never a bare number: the browser's renderer reads it as a year and draws nothing."""
    return alt.DateTime(year=day.year, month=day.month, date=day.day, utc=True)


@dataclass(frozen=True, slots=True)
class Canvas:
    """The two axes that every layer of a chart shares."""

    first: dt.date
    last: dt.date  # the right edge, with room for the labels
    last_tick: dt.date
    scale: Scale
    colour: Tokens
    phone: bool

    def x(self, field: str = "x") -> alt.X:
        """Time, in UTC; its bounds and ticks stand once, in the layer of `bounds`."""
        return alt.X(f"{field}:T", scale=alt.Scale(type="utc"))

    def time_axis(self, field: str = "x") -> alt.X:
        """Time with its bounds, and month or year ticks in the reader's language."""
        ticks, step = time_ticks(self.first, self.last_tick, at_most=4 if self.phone else 12)
        expression = {"day": "utcFormat(datum.value,'%-d %b')", "year": "utcFormat(datum.value,'%Y')"}.get(
            step, _PHONE_LABEL if self.phone else _MONTH_LABEL
        )
        return alt.X(
            f"{field}:T",
            scale=alt.Scale(type="utc", nice=False),
            axis=alt.Axis(
                values=[tick(day) for day in ticks], labelExpr=expression, labelFlush=False,
                labelAlign="left" if step == "month" and not self.phone else "center", labelOverlap="greedy",
            ),
        )  # fmt: skip

    def y(self, field: str = "y") -> alt.Y:
        """The metric's own unit; its bounds and ticks stand once, in the layer of `bounds`."""
        return alt.Y(f"{field}:Q")

    def value_axis(self, field: str = "y") -> alt.Y:
        """The metric's own unit, from the scale's foot to the top of the lane."""
        decimals = decimals_of(self.scale.ticks)
        return alt.Y(
            f"{field}:Q",
            scale=alt.Scale(domain=[self.scale.low, self.scale.top], nice=False, zero=False),
            axis=alt.Axis(values=list(self.scale.ticks), format=f",.{decimals}f", labelOverlap=False),
        )


def bounds(canvas: Canvas) -> alt.Chart:
    """Two unseen points that set the time axis: a domain given in numbers collapses in the browser."""
    ends = [{"x": iso(day), "y": canvas.scale.low} for day in (canvas.first, canvas.last)]
    return alt.Chart(data(ends)).mark_point(opacity=0, tooltip=None).encode(
        x=canvas.time_axis(), y=canvas.value_axis()
    )  # fmt: skip


def band(canvas: Canvas, rows: Sequence[Row]) -> list[alt.Chart]:
    """Pale bands with short-dashed edges and a solid mean; rows: x, x2, lower, upper, mean; `trial` has no fill."""
    filled = [row for row in rows if not row["trial"]]
    layers = []
    if filled:
        layers.append(
            alt.Chart(data(filled)).mark_rect(color=canvas.colour.band)
            .encode(x=canvas.x(), x2="x2", y=canvas.y("lower"), y2="upper")
        )  # fmt: skip
    for field in ("lower", "upper"):
        layers.append(rule(canvas, rows, field, color=canvas.colour.soft, strokeDash=SHORT_DASH, strokeWidth=1))
    layers.append(rule(canvas, rows, "mean", color=canvas.colour.ink, strokeWidth=1.5))
    return layers


def rule(canvas: Canvas, rows: Sequence[Row], field: str, **style: Any) -> alt.Chart:
    """Level lines, one a stretch; rows: x, x2 and the field."""
    return alt.Chart(data([{k: r[k] for k in ("x", "x2", field)} for r in rows])).mark_rule(**style).encode(
        x=canvas.x(), x2="x2", y=canvas.y(field)
    )  # fmt: skip


def targets(canvas: Canvas, rows: Sequence[Row]) -> alt.Chart:
    """Long green dashes, one stretch a target; rows: x, x2, y."""
    return rule(canvas, rows, "y", color=canvas.colour.target, strokeDash=LONG_DASH, strokeWidth=2)


def line(canvas: Canvas, rows: Sequence[Row]) -> alt.Chart:
    """The series: grey, cut wherever a value is null; rows: x, y, k. It carries the data for points and clicks."""
    style = {"color": canvas.colour.dot, "strokeWidth": 1.5, "strokeJoin": "round"}
    chart = alt.Chart(series_data(rows)).mark_line(invalid="break-paths-filter-domains", **style)
    return chart.encode(x=canvas.x(), y=canvas.y())


def points(canvas: Canvas, rows: Sequence[Row], *, scale: float = 1.0) -> alt.Chart:
    """One mark a value, its shape what the data say of it; rows: those of the line, k a PointType's value."""
    measured = [row for row in rows if row["y"] is not None]
    chart = alt.Chart(series_data()).transform_filter("isValid(datum.y)")
    return chart.mark_point(filled=False, opacity=1, strokeWidth=1.4).encode(
        x=canvas.x(), y=canvas.y(), **point_look(canvas.colour, measured, scale)
    )


def point_look(colour: Tokens, rows: Sequence[Row], scale: float = 1.0) -> dict[str, Any]:
    """Shape, fill, stroke and size of points by their kind, for the kinds that occur."""
    kinds = [kind for kind in POINT_SHAPES if any(row.get("k") == kind.value for row in rows)]
    strokes = {PointType.IMPROVEMENT: colour.better, PointType.CONCERN: colour.worse}
    domain = [kind.value for kind in kinds]

    def by_kind(channel: Any, values: list[Any]) -> Any:
        return channel(
            "k:O" if channel is alt.Size else "k:N", scale=alt.Scale(domain=domain, range=values), legend=None
        )

    return {
        "shape": by_kind(alt.Shape, [POINT_SHAPES[kind] for kind in kinds]),
        "size": alt.condition(
            f"datum.k == '{PointType.COMMON_CAUSE}'", alt.value(ORDINARY_SIZE * scale), alt.value(SIGNAL_SIZE * scale)
        ),
        "fill": by_kind(alt.Fill, [strokes.get(kind, colour.bg) for kind in kinds]),
        "stroke": by_kind(alt.Stroke, [strokes.get(kind, colour.dot) for kind in kinds]),
    }


def end_labels(canvas: Canvas, labels: Sequence[Label], day: dt.date) -> alt.Chart:
    """Values at the right end of their lines, kept apart."""
    heights = spread([label.y for label in labels], LABEL_GAP * canvas.scale.per_pixel)
    rows = [
        {"x": iso(day), "y": round(y, 6), "t": label.text, "c": label.colour}
        for y, label in zip(heights, labels, strict=True)
    ]
    return alt.Chart(data(rows)).mark_text(
        align="left", baseline="middle", dx=7, fontSize=12, fontWeight=600
    ).encode(x=canvas.x(), y=canvas.y(), text="t:N", color=alt.Color("c:N", scale=None, legend=None))  # fmt: skip


def texts(canvas: Canvas, rows: Sequence[Row], **style: Any) -> alt.Chart:
    """Words on the plot; rows: x, y, t (a list breaks the line)."""
    return alt.Chart(data(rows)).mark_text(**{"fontSize": 12, **style}).encode(
        x=canvas.x(), y=canvas.y(), text="t:N"
    )  # fmt: skip


def stems(canvas: Canvas, rows: Sequence[Row], colour: str) -> alt.Chart:
    """From a tag down to its datum; rows: x, y, y2."""
    return alt.Chart(data(rows)).mark_rule(color=colour, strokeWidth=1.2).encode(
        x=canvas.x(), y=canvas.y(), y2="y2"
    )  # fmt: skip


def rings(canvas: Canvas, rows: Sequence[Row], colour: str) -> alt.Chart:
    """A ring around the datum a tag belongs to; rows: x, y."""
    return alt.Chart(data(rows)).mark_point(
        shape="circle", size=230, filled=False, stroke=colour, strokeWidth=1.6, opacity=1
    ).encode(x=canvas.x(), y=canvas.y())  # fmt: skip


def tags(canvas: Canvas, rows: Sequence[Row], *, outlined: bool) -> list[alt.Chart]:
    """Filled tags for what people decided, outlined ones for incidents; rows: x, y, t, w (width in pixels)."""
    colour = canvas.colour
    layers = []
    for width in sorted({row["w"] for row in rows}):
        mine = data([row for row in rows if row["w"] == width])
        layers.append(
            alt.Chart(mine).mark_point(
                shape=tag_path(width, TAG_HEIGHT), size=TAG_SIZE, filled=True, opacity=1, strokeWidth=1.5,
                fill=colour.bg if outlined else colour.person, stroke=colour.ink if outlined else colour.person,
            ).encode(x=canvas.x(), y=canvas.y())
        )  # fmt: skip
        layers.append(
            alt.Chart(mine).mark_text(
                fontSize=12, fontWeight=600, baseline="middle", dy=0.5,
                color=colour.ink if outlined else colour.onperson,
            ).encode(x=canvas.x(), y=canvas.y(), text="t:N")
        )  # fmt: skip
    return layers


def tag_path(width: float, height: float, radius: float = 3.5) -> str:
    """A rounded box as a custom shape of TAG_SIZE."""
    unit = math.sqrt(TAG_SIZE) / 2
    w, h, r = width / 2 / unit, height / 2 / unit, radius / unit

    def at(x: float, y: float) -> str:
        return f"{x:.3f},{y:.3f}"

    return (
        f"M{at(-w + r, -h)}L{at(w - r, -h)}Q{at(w, -h)} {at(w, -h + r)}L{at(w, h - r)}Q{at(w, h)} {at(w - r, h)}"
        f"L{at(-w + r, h)}Q{at(-w, h)} {at(-w, h - r)}L{at(-w, -h + r)}Q{at(-w, -h)} {at(-w + r, -h)}Z"
    )


def pick_layer(canvas: Canvas, titles: tuple[str, str], format_: str) -> alt.Chart:
    """A nearly transparent layer that takes the click: `event["selection"]["pick"]` gives x as epoch milliseconds."""
    pick = alt.selection_point(name="pick", fields=["x"], on="click", nearest=True, toggle=False, clear=False)
    tooltip = [
        alt.Tooltip("x:T", timeUnit="utcyearmonthdate", format="%-d %B %Y", title=titles[0]),
        alt.Tooltip("y:Q", format=format_, title=titles[1]),
    ]
    chart = alt.Chart(series_data()).transform_filter("isValid(datum.y)")
    chart = chart.mark_point(opacity=0.01, size=320, filled=True, cursor="pointer")
    return chart.encode(x=canvas.x(), y=canvas.y(), tooltip=tooltip).add_params(pick)
