"""How a site is marked between sites: inside or outside, and whether that is good."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import altair as alt

from analytics.results import Direction
from analytics.results_between import Standing
from pages.shared.chart_marks import Row
from pages.shared.theme import Tokens


@dataclass(frozen=True, slots=True)
class _Look:
    shape: str
    stroke: str
    fill: str


def _looks(colour: Tokens) -> dict[str, _Look]:
    return {
        "inside": _Look("circle", colour.dot, colour.bg),
        "better": _Look("diamond", colour.better, colour.better),
        "worse": _Look("square", colour.worse, colour.worse),
        "neutral": _Look("triangle-up", colour.dot, colour.bg),
    }


def kind_of(at: Standing | None, direction: Direction) -> str:
    """Say what a standing means: "inside", or outside "better", "worse", "neutral"."""
    if at not in (Standing.ABOVE, Standing.BELOW):
        return "inside"
    if direction is Direction.NEUTRAL:
        return "neutral"
    return "better" if (at is Standing.ABOVE) == (direction is Direction.UP) else "worse"


def by_kind(channel: str, rows: Sequence[Row], colour: Tokens) -> Any:
    """Give shape, fill, stroke or color of the kinds that occur: `k` is inside, better, worse or neutral."""
    present = {kind: look for kind, look in _looks(colour).items() if any(row["k"] == kind for row in rows)}
    part = "stroke" if channel == "color" else channel
    scale = alt.Scale(domain=list(present), range=[getattr(look, part) for look in present.values()])
    kinds = {"shape": alt.Shape, "fill": alt.Fill, "stroke": alt.Stroke, "color": alt.Color}
    return kinds[channel]("k:N", scale=scale, legend=None)
