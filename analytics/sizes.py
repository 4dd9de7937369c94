"""What every effect says of its size, in the metric's unit and as a share of the level before."""

from __future__ import annotations

from typing import TypedDict


class Size(TypedDict):
    """An estimate with its interval, in the unit and relative; relative: None where the level is not positive."""

    estimate: float
    lower: float
    upper: float
    relative: float | None
    relative_lower: float | None
    relative_upper: float | None
    level_before: float


def size(estimate: float, lower: float, upper: float, *, level_before: float) -> Size:
    """Put an effect beside the level before it.

    >>> size(-2.0, -3.0, -1.0, level_before=8.0)["relative"]
    -0.25
    """
    shares = [change / level_before if level_before > 0 else None for change in (estimate, lower, upper)]
    return {
        "estimate": estimate,
        "lower": lower,
        "upper": upper,
        "relative": shares[0],
        "relative_lower": shares[1],
        "relative_upper": shares[2],
        "level_before": level_before,
    }
