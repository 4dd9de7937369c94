"""What every picture of effects shares: the axis of differences, "no effect", "worthwhile from", the verdict's shape."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import altair as alt

from analytics.results import Direction
from pages.shared.chart_layout import decimals_of, vertical_scale
from pages.shared.chart_marks import Row, data
from pages.shared.theme import Tokens
from wording import Language, difference, say

if TYPE_CHECKING:
    from data.types import Metric

INSIDE = {False: 740, True: 358}  # pixels of a picture's plot at the least; True on a phone
CHARACTER = 6.5  # pixels of a character, as a rule
WORTHWHILE_DASH = [5, 3]
LIST_ROOM = 40  # pixels that words at an end keep from the edge


@dataclass(frozen=True, slots=True)
class Look:
    """How the data's verdict is drawn: shape, line and fill."""

    shape: str
    stroke: str
    fill: str


def verdict_look(estimate: float, lower: float, upper: float, metric: Metric, colour: Tokens) -> Look:
    """Choose the shape of an effect by its interval and the good direction; a ring where no effect is possible."""
    if lower <= 0 <= upper:
        return Look("circle", colour.dot, colour.bg)
    if metric.direction is Direction.NEUTRAL:
        return Look("triangle-up", colour.dot, colour.bg)
    good = (estimate > 0) == (metric.direction is Direction.UP)
    return Look("diamond", colour.better, colour.better) if good else Look("square", colour.worse, colour.worse)


@dataclass(frozen=True, slots=True)
class Across:
    """A picture whose effects lie along x, row under row: row 0 on top, the next ones below zero.

    low, high: the whole width with the room for words; first, last: the part in which effects lie.
    """

    low: float
    high: float
    first: float
    last: float
    ticks: tuple[float, ...]
    foot: float
    top: float
    colour: Tokens
    metric: Metric
    language: Language
    phone: bool

    @classmethod
    def of(
        cls,
        effects: Sequence[float],
        *,
        rows: tuple[float, float],
        sides: tuple[float, float],
        colour: Tokens,
        metric: Metric,
        language: Language,
        phone: bool,
    ) -> Across:
        """Fit the axis around effects and zero. rows: foot and top; sides: pixels kept free left and right."""
        first, last = min([*effects, 0.0]), max([*effects, 0.0])
        ticks = tuple(tick for tick in vertical_scale([first, last], height=400).ticks if first <= tick <= last)
        last += first == last
        per_pixel = (last - first) / max(INSIDE[phone] - sum(sides), 1)
        room = [side * per_pixel for side in sides]
        return cls(first - room[0], last + room[1], first, last, ticks, *rows, colour, metric, language, phone)

    @property
    def per_pixel(self) -> float:
        """How much of the metric one pixel is, at the least width."""
        return (self.high - self.low) / INSIDE[self.phone]

    def x(self, field: str = "u") -> alt.X:
        """Differences in the metric's unit, signed; ticks only where effects lie."""
        decimals = decimals_of(self.ticks)
        return alt.X(
            f"{field}:Q",
            scale=alt.Scale(domain=[self.low, self.high], nice=False, zero=False),
            axis=alt.Axis(
                values=list(self.ticks), labelOverlap=True,
                labelExpr=f"datum.value == 0 ? '0' : format(datum.value, '+,.{decimals}f')",
            ),
        )  # fmt: skip

    def y(self, field: str = "y") -> alt.Y:
        """Rows, without an axis: their words stand beside them."""
        return alt.Y(f"{field}:Q", scale=alt.Scale(domain=[self.foot, self.top], nice=False, zero=False), axis=None)

    def at(self, rows: Sequence[Row]) -> alt.Chart:
        """Begin a layer with rows: u (along), y (row)."""
        return alt.Chart(data(rows)).encode(x=self.x(), y=self.y())

    def texts(self, rows: Sequence[Row], **style: Any) -> alt.Chart:
        """Words; rows: u, y, t."""
        return self.at(rows).mark_text(**{"fontSize": 12, "baseline": "middle", **style}).encode(text="t:N")

    def interval(self, row: Row, *, color: str, **style: Any) -> alt.Chart:
        """One interval of a row: u, v, y."""
        return self.at([row]).mark_rule(**{"color": color, "strokeWidth": 2, **style}).encode(x2="v")

    def mark(self, u: float, y: float, look: Look, size: float) -> alt.Chart:
        """One estimate."""
        style: dict[str, Any] = {"shape": look.shape, "fill": look.fill, "stroke": look.stroke, "strokeWidth": 1.8}
        return self.at([{"u": u, "y": y}]).mark_point(size=size, opacity=1, **style)

    def upright(self, u: float, foot: float, top: float, **style: Any) -> alt.Chart:
        """A line through all rows."""
        return self._uprights(u, [(foot, top)], **style)

    def benchmarks(
        self, worthwhile: float | None, stretches: Sequence[tuple[float, float]], top: float
    ) -> list[alt.Chart]:
        """ "No effect" and, if promised, "worthwhile from", as lines with their words above `top`.

        stretches: where the lines are drawn, (foot, top): on a phone words stand between them.
        """
        lines = [self._uprights(0.0, stretches, color=self.colour.ink, strokeWidth=1.6)]
        none = say("charts.no_effect", self.language)
        if worthwhile is None:
            return [*lines, self._on_top(0.0, top, none, 0, color=self.colour.ink)]
        words = say("charts.worthwhile", self.language, value=self.bare(worthwhile))
        aim = {"color": self.colour.target, "strokeWidth": 2, "strokeDash": WORTHWHILE_DASH}
        near = abs(worthwhile) / self.per_pixel < CHARACTER * (len(none) + len(words)) / 2 + 12
        return [
            *lines,
            self._uprights(worthwhile, stretches, **aim),
            self._on_top(0.0, top, none, 16 if near else 0, color=self.colour.ink),
            self._on_top(worthwhile, top, words, 0, color=self.colour.target, fontWeight=600),
        ]

    def _uprights(self, u: float, stretches: Sequence[tuple[float, float]], **style: Any) -> alt.Chart:
        rows = [{"u": u, "y": foot, "y2": top} for foot, top in stretches]
        return self.at(rows).mark_rule(**style).encode(y2="y2")

    def _on_top(self, u: float, top: float, words: str, lift: int, **style: Any) -> alt.Chart:
        half = len(words) * CHARACTER / 2 * self.per_pixel
        align, dx = (
            ("left", -LIST_ROOM)
            if u - half < self.low
            else ("right", LIST_ROOM)
            if u + half > self.high
            else ("center", 0)
        )
        return self.texts([{"u": u, "y": top, "t": words}], align=align, dx=dx, dy=-9 - lift, **style)

    def written(self, u: float) -> str:
        """A difference with its unit."""
        return difference(u, self.metric, self.language)

    def bare(self, u: float) -> str:
        """A difference without its unit."""
        return difference(u, self.metric.model_copy(update={"unit": ""}), self.language)
