"""Control charts of counts: shares (p), rates (u) and plain counts (c), with the limits their denominators allow."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Unpack

import numpy as np
import pandas as pd

from analytics.attribute_lines import AttributeTable, Model, attribute_table, usable_counts
from analytics.results import Direction, NotComputable, Rule
from analytics.results_charts import AttributeChart, AttributePhase, ChartKind, LimitsForm
from analytics.spc_choices import Choices, ManyChoices, for_many
from analytics.spc_phases import Floats, PhasePlan
from analytics.spc_single import calendar, phase_numbers, single_points
from analytics.spc_table import direction_signs


def p_chart(
    counts: pd.Series, denominators: pd.Series, *, direction: Direction, per: float = 1.0, **choices: Unpack[Choices]
) -> AttributeChart | NotComputable:
    """Chart one series of shares: so many of so many.

    counts, denominators: shape (n_periods,), on one index of period starts, oldest first, each once. NaN in either, or a
        denominator of 0 = not measured. per: 1 for shares, 100 for per cent.
    Limits follow each period's denominator. AUTOMATIC takes exact binomial limits where fewer than EXACT_BELOW events
        (or non-events) are expected, and Laney's p' where neighbours differ more than chance makes them.
    Returns NotComputable "all_missing", "no_denominators", "too_few_points", "no_events", "all_events" (nothing varies),
        "impossible_counts" (below 0, or above the denominator) or "infinite_values".
    Raises ValueError if the two indexes differ or are not dates in order.
    Source: Montgomery, Introduction to Statistical Quality Control, ch. 7; Laney (2002).

    >>> weeks = pd.date_range("2026-01-05", periods=6, freq="7D")
    >>> counts, cases = pd.Series([12, 8, 10, 9, 11, 10.0], index=weeks), pd.Series([100.0] * 6, index=weeks)
    >>> round(p_chart(counts, cases, direction=Direction.DOWN).latest.upper_limit, 4)
    0.19
    """
    return _single(ChartKind.P, counts, denominators, direction, per, choices)


def u_chart(
    counts: pd.Series, denominators: pd.Series, *, direction: Direction, per: float = 1.0, **choices: Unpack[Choices]
) -> AttributeChart | NotComputable:
    """Chart one series of rates: events for each unit of exposure (patient days, metres, parcels).

    As `p_chart`, with Poisson limits; a count may exceed its denominator. per: 1,000 for a rate per thousand.
    """
    return _single(ChartKind.U, counts, denominators, direction, per, choices)


def c_chart(counts: pd.Series, *, direction: Direction, **choices: Unpack[Choices]) -> AttributeChart | NotComputable:
    """Chart one series of counts whose periods all have the same exposure: a u chart with denominators of 1."""
    ones = pd.Series(np.where(counts.isna(), np.nan, 1.0), index=counts.index)
    return _single(ChartKind.C, counts, ones, direction, 1.0, choices)


def p_charts(
    counts: Floats,
    denominators: Floats,
    *,
    directions: Direction | Sequence[Direction],
    per: float = 1.0,
    **choices: Unpack[ManyChoices],
) -> AttributeTable:
    """Chart many series of shares on one calendar; counts, denominators: shape (n_series, n_periods), oldest first.

    >>> p_charts(np.array([[1, 2, 3, 2, 1, 3.0]]), np.full((1, 6), 10.0), directions=Direction.UP).mean
    array([0.2])
    """
    return _many(ChartKind.P, counts, denominators, directions, per, choices)


def u_charts(
    counts: Floats,
    denominators: Floats,
    *,
    directions: Direction | Sequence[Direction],
    per: float = 1.0,
    **choices: Unpack[ManyChoices],
) -> AttributeTable:
    """Chart many series of rates on one calendar; as `p_charts`."""
    return _many(ChartKind.U, counts, denominators, directions, per, choices)


def c_charts(
    counts: Floats, *, directions: Direction | Sequence[Direction], **choices: Unpack[ManyChoices]
) -> AttributeTable:
    """Chart many series of counts on one calendar; as `p_charts`."""
    return _many(ChartKind.C, counts, np.ones_like(counts), directions, 1.0, choices)


def _many(
    kind: ChartKind,
    counts: Floats,
    denominators: Floats,
    directions: Direction | Sequence[Direction],
    per: float,
    choices: ManyChoices,
) -> AttributeTable:
    counts, denominators = np.asarray(counts, dtype=np.float64), np.asarray(denominators, dtype=np.float64)
    if counts.ndim != 2 or counts.shape != denominators.shape:
        raise ValueError("counts and denominators must have one shape, (n_series, n_periods)")
    usable = usable_counts(counts, denominators, per, shares=kind is ChartKind.P)
    plan = PhasePlan.of(
        usable.values,
        choices.get("periods"),
        choices.get("steps", {}),
        choices.get("baselines", {}),
        choices.get("excluded", {}),
    )
    model = Model(
        shares=kind is ChartKind.P, per=per, form=choices.get("limits", LimitsForm.AUTOMATIC),
        rules=choices.get("rules", tuple(Rule)),
    )  # fmt: skip
    return attribute_table(usable, plan, model, direction_signs(directions, len(counts)))


def _single(
    kind: ChartKind,
    counts: pd.Series,
    denominators: pd.Series,
    direction: Direction,
    per: float,
    choices: Choices,
) -> AttributeChart | NotComputable:
    periods = calendar(counts)
    if not periods.equals(denominators.index):
        raise ValueError("counts and denominators must stand on one index")
    found, exposure = (series.to_numpy(dtype=np.float64, na_value=np.nan) for series in (counts, denominators))
    table = _many(kind, found[None, :], exposure[None, :], direction, per, for_many(choices, periods))
    reason = table.reasons[0]
    if reason is not None and np.isnan(table.phase_mean).all():
        return reason
    [values], days = np.asarray(table.values), [stamp.date() for stamp in periods]
    return AttributeChart(
        kind=kind,
        periods=periods,
        values=values,
        counts=found,
        denominators=exposure,
        per=per,
        lower_limits=table.lower_limits[0],
        upper_limits=table.upper_limits[0],
        phases=tuple(_phase(table, place, days) for place in range(len(table.phase_series))),
        **single_points(table, values, days, direction),
    )


def _phase(table: AttributeTable, place: int, days: list[dt.date]) -> AttributePhase:
    sigma_z = float(table.phase_sigma_z[place])
    return AttributePhase(
        **phase_numbers(table, place, days),
        sigma_z=None if np.isnan(sigma_z) else sigma_z,
        widened=bool(table.phase_widened[place]),
        exact=bool(table.phase_exact[place]),
    )
