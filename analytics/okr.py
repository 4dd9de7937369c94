"""Key results: how far from baseline to target, and whether that is as far as the calendar."""

from __future__ import annotations

import datetime as dt
import math

from analytics.forecast import key_result_forecast
from analytics.results import NotComputable, Pace, Progress

__all__ = ["key_result_forecast", "key_result_progress"]

# A share of the way within which a key result counts as on pace: about a week and a half of a quarter. Smaller, and
# the words would change with one late load; larger, and half a month's delay would go unsaid.
PACE_TOLERANCE = 0.1
_ROUNDING = 1e-9  # differences below are those of decimal fractions, not of the metric


def key_result_progress(
    *,
    baseline_value: float,
    baseline_date: dt.date,
    target_value: float,
    due_date: dt.date,
    current_value: float | None,
    current_date: dt.date | None,
    today: dt.date,
) -> Progress | NotComputable:
    """Compare a key result with the straight line from its baseline to its target.

    Values in the metric's unit; the target may lie above or below the baseline. current_date: the period the
        current value belongs to; how old it is stands beside the result.
    The line is read today: at the baseline until its date, at the target from the due date on. The share is not
        clipped: below 0 the value moved away from the target, above 1 it went beyond.
    Pace: ahead or behind from PACE_TOLERANCE away from the line; from the due date on, any shortfall is behind.
    Returns NotComputable "no_data", "infinite_values", "baseline_is_target", "due_before_baseline" (on the same day
        too) or "data_before_baseline".

    >>> progress = key_result_progress(
    ...     baseline_value=20, baseline_date=dt.date(2026, 1, 1), target_value=10, due_date=dt.date(2026, 12, 31),
    ...     current_value=18, current_date=dt.date(2026, 6, 25), today=dt.date(2026, 7, 2),
    ... )
    >>> progress.share, progress.expected_share, progress.pace, progress.data_age_days
    (0.2, 0.5, <Pace.BEHIND: 'behind'>, 7)
    """
    if current_value is None or current_date is None or math.isnan(current_value):
        return NotComputable("no_data")
    if not all(math.isfinite(value) for value in (baseline_value, target_value, current_value)):
        return NotComputable("infinite_values", {"found": 1})
    if math.isclose(baseline_value, target_value, rel_tol=_ROUNDING):
        return NotComputable("baseline_is_target", {"value": target_value})
    if due_date <= baseline_date:
        return NotComputable("due_before_baseline", {"due": due_date, "baseline": baseline_date})
    if current_date < baseline_date:
        return NotComputable("data_before_baseline", {"data": current_date, "baseline": baseline_date})
    way = target_value - baseline_value
    share = (current_value - baseline_value) / way
    expected = min(1.0, max(0.0, (today - baseline_date) / (due_date - baseline_date)))
    return Progress(
        share=share,
        expected_share=expected,
        current_value=current_value,
        expected_value=baseline_value + expected * way,
        data_date=current_date,
        data_age_days=(today - current_date).days,
        days_left=(due_date - today).days,
        pace=_pace(share, expected),
    )


def _pace(share: float, expected: float) -> Pace:
    """Name the pace; a difference of exactly the tolerance is no longer on pace."""
    difference = share - expected
    if expected >= 1.0 and difference < -_ROUNDING:
        return Pace.BEHIND
    if difference >= PACE_TOLERANCE - _ROUNDING:
        return Pace.AHEAD
    if difference <= -PACE_TOLERANCE + _ROUNDING:
        return Pace.BEHIND
    return Pace.ON_PACE
