"""Holes of a series, named where nothing else stands: neither a point, nor a tag, nor its stem."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import altair as alt

from pages.shared import chart_marks as marks
from pages.shared.chart_layout import DAYS, runs
from pages.shared.chart_marks import Canvas
from wording import Language, say

ROOM = 34  # pixels that two lines of words need above the data
_WIDE, _APART = 54, 6  # pixels of the words, and between them and a stem
_PLOT = {False: 640, True: 300}  # pixels of the time axis, as a rule; True on a phone
_SHARE = {False: 0.1, True: 0.25}  # of the series, under which two names would touch


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the words stand: the date they are anchored at, the way they run, and the dates they cover."""

    at: dt.date
    align: Literal["center", "left", "right"]
    start: dt.date
    end: dt.date


def holes(rows: Sequence[marks.Row]) -> list[tuple[int, int]]:
    """First and last index of each stretch of periods not measured between two that were, the longest first."""
    found = [(a, b) for a, b in runs([row["y"] is None for row in rows]) if a > 0 and b < len(rows) - 1]
    return sorted(found, key=lambda hole: hole[0] - hole[1])


def gap_labels(
    canvas: Canvas, rows: Sequence[marks.Row], bands: Sequence[marks.Row], stems: Sequence[dt.date], grain: str,
    language: Language,
) -> list[alt.Chart]:  # fmt: skip
    """Name the widest holes, as many as fit beside one another, beside any stem, just above what surrounds them."""
    named: list[tuple[int, int]] = []
    for a, b in holes(rows):
        if all(abs((a + b) - (c + d)) / 2 >= len(rows) * _SHARE[canvas.phone] for c, d in named):
            named.append((a, b))
    labels: dict[str, list[marks.Row]] = {}
    for hole in named:
        place = _place(canvas, rows, hole, stems, grain)
        y = _height(canvas, rows, bands, place) + 20 * canvas.scale.per_pixel
        words = _words(hole[1] - hole[0] + 1, grain, language)
        labels.setdefault(place.align, []).append({"x": marks.iso(place.at), "y": y, "t": words})
    style: dict[str, Any] = {"fontSize": 11, "color": canvas.colour.soft, "baseline": "bottom", "lineHeight": 14}
    return [marks.texts(canvas, labels[align], align=align, **style) for align in labels]


def _words(n: int, grain: str, language: Language) -> list[str]:
    gender = "feminine" if grain == "week" else "masculine"
    return [say(f"charts.missing.{grain}", language, n=n), say(f"charts.missing.{gender}", language, n=n)]


def _place(
    canvas: Canvas, rows: Sequence[marks.Row], hole: tuple[int, int], stems: Sequence[dt.date], grain: str
) -> _Place:
    pixel = (canvas.last - canvas.first) / _PLOT[canvas.phone]
    start, end = (dt.date.fromisoformat(rows[i]["x"]) for i in hole)
    middle = start + dt.timedelta(days=DAYS[grain] * (hole[1] - hole[0]) / 2)
    centred = _Place(middle, "center", middle - pixel * (_WIDE / 2), middle + pixel * (_WIDE / 2))
    crossing = [day for day in stems if centred.start - pixel * _APART <= day <= centred.end + pixel * _APART]
    if not crossing:
        return centred
    left, right = min(*crossing, start) - pixel * _APART, max(*crossing, end) + pixel * _APART
    sides = (
        _Place(left, "right", left - pixel * _WIDE, left),
        _Place(right, "left", right, right + pixel * _WIDE),
    )
    free = [
        side
        for side in sides
        if side.start >= canvas.first
        and side.end <= canvas.last_tick
        and not any(
            side.start - pixel * _APART < day < side.end + pixel * _APART for day in stems if day not in crossing
        )
    ]
    return next(iter(free), centred)


def _height(canvas: Canvas, rows: Sequence[marks.Row], bands: Sequence[marks.Row], place: _Place) -> float:
    """The top of what stands under the words."""
    first, last = marks.iso(place.start - dt.timedelta(days=1)), marks.iso(place.end + dt.timedelta(days=1))
    around = [i for i, row in enumerate(rows) if first <= row["x"] <= last]
    near = rows[max(0, min(around, default=0) - 1) : max(around, default=0) + 2]  # the line reaches the next point
    under = [row["y"] for row in near if row["y"] is not None]
    under += [band["upper"] for band in bands if band["x"] <= last and band["x2"] >= first]
    return max(under, default=canvas.scale.high)
