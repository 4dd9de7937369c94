"""Where things stand on a chart: ticks, the lane of tags, labels kept apart. Plain numbers, no drawing."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

TAG_GAP = {False: 0.055, True: 0.155}  # share of the width under which two tags share no row; True on a phone
STACK_GAP = {False: 0.078, True: 0.215}  # the same where one of them carries a count
LABEL_GAP = 18  # pixels between two end labels
ROW_HEIGHT = 31  # pixels of one row of tags, the space under it included
MAX_TICKS = 5
DAYS = {"day": 1, "week": 7, "month": 30.4, "quarter": 91.3, "year": 365.25}
_MONTH_STEPS = (1, 2, 3, 6, 12, 24, 60, 120)


@dataclass(frozen=True, slots=True)
class Scale:
    """A vertical axis: the room for data from low to high, the lane of tags above it, up to top."""

    low: float
    high: float
    top: float
    ticks: tuple[float, ...]
    height: int  # pixels

    @property
    def per_pixel(self) -> float:
        """How much of the metric one pixel is."""
        return (self.top - self.low) / self.height


@dataclass(frozen=True, slots=True)
class Placed:
    """A tag on the lane; `members` index the pins it stands for, more than one where the chart is crowded."""

    x: float
    row: int
    members: tuple[int, ...]


def vertical_scale(values: Sequence[float], *, height: int, rows: int = 0, room: int = 0) -> Scale:
    """Fit round ticks around the values and leave a lane of `rows` tag rows above them, and `room` pixels more.

    values: NaN allowed and ignored; none at all gives 0 to 1.

    >>> vertical_scale([9.0, 16.4], height=400).ticks
    (8.0, 10.0, 12.0, 14.0, 16.0)
    """
    known = np.asarray([v for v in values if v is not None and math.isfinite(v)], dtype=float)
    least, most = (float(known.min()), float(known.max())) if known.size else (0.0, 1.0)
    if most == least:
        least, most = least - abs(least or 1) * 0.1, most + abs(most or 1) * 0.1
    step = _round_step((most - least) / (MAX_TICKS - 1))
    low = math.floor(least / step + 1e-9) * step
    n_ticks = math.floor((most - low) / step + 1e-9) + 1
    ticks = tuple(float(round(low + i * step, 10)) for i in range(n_ticks))
    high = max(most + (most - low) * 0.04, ticks[-1])
    lane = rows * ROW_HEIGHT + room
    return Scale(low, high, low + (high - low) * height / max(height - lane, 1), ticks, height)


def _round_step(step: float) -> float:
    power = 10 ** math.floor(math.log10(step))
    return next(round(m * power, 12) for m in (1, 2, 2.5, 5, 10, 20) if m * power * (1 + 1e-9) >= step)


def spread(positions: Sequence[float], gap: float) -> list[float]:
    """Move positions apart to at least `gap`, keeping their order and their middle.

    >>> spread([10.0, 10.0], 2.0)
    [9.0, 11.0]
    """
    if not positions:
        return []
    order = sorted(range(len(positions)), key=lambda i: positions[i])
    groups: list[list[int]] = []
    for index in order:
        groups.append([index])
        while len(groups) > 1 and _start(groups[-1], positions, gap) < _end(groups[-2], positions, gap) + gap:
            groups[-2:] = [groups[-2] + groups[-1]]
    moved = [0.0] * len(positions)
    for group in groups:
        for rank, index in enumerate(group):
            moved[index] = _start(group, positions, gap) + rank * gap
    return moved


def _start(group: list[int], positions: Sequence[float], gap: float) -> float:
    return sum(positions[i] for i in group) / len(group) - gap * (len(group) - 1) / 2


def _end(group: list[int], positions: Sequence[float], gap: float) -> float:
    return _start(group, positions, gap) + gap * (len(group) - 1)


def tag_rows(positions: Sequence[float], *, phone: bool, max_rows: int = 3) -> list[Placed]:
    """Give each tag a row so that none touches another; where all rows are full, tags stack with a count.

    positions: share of the width, 0 to 1, in any order.

    >>> [(p.row, p.members) for p in tag_rows([0.30, 0.32], phone=False)]
    [(0, (0,)), (1, (1,))]
    """
    placed: list[Placed] = []
    for index in sorted(range(len(positions)), key=lambda i: (positions[i], i)):
        x = positions[index]
        free = next((row for row in range(max_rows) if all(_apart(p, x, phone) for p in placed if p.row == row)), None)
        if free is None:
            nearest = max(range(len(placed)), key=lambda i: (_may_stack(placed[i], placed, phone), placed[i].x))
            stack = placed[nearest]
            placed[nearest] = Placed(stack.x, stack.row, (*stack.members, index))
        else:
            placed.append(Placed(x, free, (index,)))
    return placed


def _apart(placed: Placed, x: float, phone: bool) -> bool:
    gap = TAG_GAP if len(placed.members) == 1 else STACK_GAP
    return abs(placed.x - x) >= gap[phone]


def _may_stack(tag: Placed, placed: Sequence[Placed], phone: bool) -> bool:
    """A stack is wider than a tag: it needs more room from what stands beside it."""
    beside = (p for p in placed if p is not tag and p.row == tag.row)
    return all(abs(p.x - tag.x) >= STACK_GAP[phone] for p in beside)


def runs(measured: Sequence[bool]) -> list[tuple[int, int]]:
    """First and last index of each stretch of measured periods, both inclusive.

    >>> runs([True, True, False, True])
    [(0, 1), (3, 3)]
    """
    found: list[tuple[int, int]] = []
    for index, here in enumerate(measured):
        if here and found and found[-1][1] == index - 1:
            found[-1] = (found[-1][0], index)
        elif here:
            found.append((index, index))
    return found


def decimals_of(ticks: Sequence[float]) -> int:
    """Tell how many decimals write every tick in full.

    >>> decimals_of((5, 7.5, 10)), decimals_of((0, 2, 4)), decimals_of((0.25, 0.5))
    (1, 0, 2)
    """
    return next((n for n in range(6) if all(abs(round(tick, n) - tick) < 1e-9 for tick in ticks)), 6)


def time_ticks(first: dt.date, last: dt.date, *, at_most: int) -> tuple[list[dt.date], str]:
    """Month starts, or days where the stretch is short, and the step between them: "day", "month" or "year".

    >>> time_ticks(dt.date(2025, 8, 11), dt.date(2026, 5, 18), at_most=12)[0][0]
    datetime.date(2025, 9, 1)
    """
    span_days = (last - first).days
    if span_days < 75:
        step = max(7, 7 * math.ceil(span_days / 7 / at_most))
        return [first + dt.timedelta(days=d) for d in range(0, span_days + 1, step)], "day"
    months = span_days / DAYS["month"]
    step = next((s for s in _MONTH_STEPS if months / s <= at_most), _MONTH_STEPS[-1])
    start = first.year * 12 + first.month - 1 + (first.day > 1)
    start = math.ceil(start / step) * step if step > 3 else start
    found = [dt.date(m // 12, m % 12 + 1, 1) for m in range(start, last.year * 12 + last.month, step)]
    return found, "year" if step >= 12 else "month"
