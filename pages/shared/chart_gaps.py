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

Align = Literal["center", "left", "right"]

ROOM = 34  # pixels that two lines of words need above the data
_WIDE, _APART, _TALL = 48, 5, 30  # pixels of the words, between them and a stem, and of both lines
_PLOT = {False: 660, True: 290}  # pixels of the time axis, as a rule; True on a phone
_ASIDE = 40  # pixels that words rather stand further off than beside the hole
_SHARE = {False: 0.1, True: 0.25}  # of the series, under which two names would touch
_WAYS: tuple[tuple[Align, bool], ...] = (
    ("center", True), ("center", False), ("right", True), ("left", True), ("right", False), ("left", False),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Taken:
    """A part of the plot where something stands: a stem, or words."""

    start: dt.date
    end: dt.date
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class _Place:
    """Where the words stand: the date and height of their anchor, the way they run, and what they cover."""

    at: dt.date
    y: float
    align: Align
    covers: Taken


def holes(rows: Sequence[marks.Row]) -> list[tuple[int, int]]:
    """First and last index of each stretch of periods not measured between two that were, the longest first."""
    found = [(a, b) for a, b in runs([row["y"] is None for row in rows]) if a > 0 and b < len(rows) - 1]
    return sorted(found, key=lambda hole: hole[0] - hole[1])


def words_taken(canvas: Canvas, labels: Sequence[marks.Row], characters: float = 6.5) -> list[Taken]:
    """The parts that words take which begin at x and stand on y; rows: x, y, t."""
    pixel = (canvas.last - canvas.first) / _PLOT[canvas.phone]
    starts = [dt.date.fromisoformat(row["x"]) for row in labels]
    return [
        Taken(start, start + pixel * (len(row["t"]) * characters), row["y"], row["y"] + 18 * canvas.scale.per_pixel)
        for start, row in zip(starts, labels, strict=True)
    ]


def gap_labels(
    canvas: Canvas, rows: Sequence[marks.Row], bands: Sequence[marks.Row], taken: Sequence[Taken], grain: str,
    language: Language,
) -> list[alt.Chart]:  # fmt: skip
    """Name the widest holes, as many as fit beside one another: above, below or beside, where nothing else stands."""
    named: list[tuple[int, int]] = []
    for a, b in holes(rows):
        if all(abs((a + b) - (c + d)) / 2 >= len(rows) * _SHARE[canvas.phone] for c, d in named):
            named.append((a, b))
    labels: dict[str, list[marks.Row]] = {}
    for hole in named:
        place = _free_place(canvas, rows, bands, hole, taken, grain)
        words = _words(hole[1] - hole[0] + 1, grain, language)
        labels.setdefault(place.align, []).append({"x": marks.iso(place.at), "y": place.y, "t": words})
    style: dict[str, Any] = {"fontSize": 11, "color": canvas.colour.soft, "baseline": "bottom", "lineHeight": 14}
    return [marks.texts(canvas, labels[align], align=align, **style) for align in labels]


def _words(n: int, grain: str, language: Language) -> list[str]:
    gender = "feminine" if grain == "week" else "masculine"
    return [say(f"charts.missing.{grain}", language, n=n), say(f"charts.missing.{gender}", language, n=n)]


def _free_place(
    canvas: Canvas, rows: Sequence[marks.Row], bands: Sequence[marks.Row], hole: tuple[int, int],
    taken: Sequence[Taken], grain: str,
) -> _Place:  # fmt: skip
    """The free place nearest to the hole; where none is free, above its middle."""
    places = [_place(canvas, rows, bands, hole, taken, grain, align, above=above) for align, above in _WAYS]
    free = [place for place in places if _inside(place.covers, canvas) and not _met(place, taken)]
    level = (rows[hole[0] - 1]["y"] + rows[hole[1] + 1]["y"]) / 2

    def distance(place: _Place) -> float:
        return abs(place.y - level) + (_ASIDE * canvas.scale.per_pixel if place.align != "center" else 0)

    return min(free, key=distance, default=places[0])


def _inside(covers: Taken, canvas: Canvas) -> bool:
    return covers.start >= canvas.first and covers.end <= canvas.last_tick and covers.low >= canvas.scale.low


def _met(place: _Place, taken: Sequence[Taken]) -> bool:
    own = place.covers
    return any(t.start < own.end and t.end > own.start and t.low < own.high and t.high > own.low for t in taken)


def _place(
    canvas: Canvas, rows: Sequence[marks.Row], bands: Sequence[marks.Row], hole: tuple[int, int],
    taken: Sequence[Taken], grain: str, align: Align, *, above: bool,
) -> _Place:  # fmt: skip
    pixel, unit = (canvas.last - canvas.first) / _PLOT[canvas.phone], canvas.scale.per_pixel
    first, last = (dt.date.fromisoformat(rows[i]["x"]) for i in hole)
    middle = first + dt.timedelta(days=DAYS[grain] * (hole[1] - hole[0]) / 2)
    stems = [t.start for t in taken if first <= t.start == t.end <= last]
    if align == "center":
        at, start = middle, middle - pixel * (_WIDE / 2)
    elif align == "right":
        at = min([first, *stems]) - pixel * _APART
        start = at - pixel * _WIDE
    else:
        at = start = max([last, *stems]) + pixel * _APART
    end = start + pixel * _WIDE
    top, foot = _edges(rows, bands, start, end)
    low = top + 4 * unit if above else foot - (_TALL + 4) * unit
    covers = Taken(start - pixel * 2, end + pixel * 2, low, low + _TALL * unit)
    return _Place(at, low + 16 * unit, align, covers)


def _edges(rows: Sequence[marks.Row], bands: Sequence[marks.Row], start: dt.date, end: dt.date) -> tuple[float, float]:
    """The highest and the lowest of what is measured there, the line to the points beside it included."""
    first, last = marks.iso(start - dt.timedelta(days=1)), marks.iso(end + dt.timedelta(days=1))
    around = [i for i, row in enumerate(rows) if first <= row["x"] <= last] or [0]
    known = [row["y"] for row in rows[max(0, around[0] - 1) : around[-1] + 2] if row["y"] is not None]
    beside = [band for band in bands if band["x"] <= last and band["x2"] >= first]
    known += [band[edge] for band in beside for edge in ("lower", "upper")]
    return max(known, default=0.0), min(known, default=0.0)
