"""Where each key result is heading, how far past confidence came true, and how each site stands in it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import streamlit as st

from analytics.forecast import MINIMUM_POINTS, calibration
from analytics.okr import key_result_forecast
from analytics.results import NotComputable
from analytics.results_trend import Calibration, Forecast
from data.periods import period_end
from data.series import many_series
from data.sites import sites
from data.store import the_store
from pages.shared.grain import chart_grain
from pages.shared.key_result_view import KeyResultState, key_result_states


@dataclass(frozen=True, slots=True)
class Past:
    """Every check-in of the key results whose due date is past and measured, against what happened."""

    found: Calibration | NotComputable
    n_key_results: int
    n_reached: int


@dataclass(frozen=True, slots=True)
class SiteStanding:
    """The newest value of one site; None where it has none."""

    name: str
    value: float | None
    share: float | None  # of the way from baseline to target
    data_date: dt.date | None  # the last day of that period


@st.cache_resource(max_entries=16, show_spinner=False)
def forecasts(version: str, today: dt.date) -> dict[str, Forecast | NotComputable]:
    """Forecast each key result at its due date, by its id.

    The trend is the one since the baseline; where that is too short for one, all that was measured.
    """
    return {state.key_result.id: _forecast(state, today) for state in key_result_states(version, today)}


@st.cache_resource(max_entries=16, show_spinner=False)
def past_confidence(version: str, today: dt.date) -> Past:
    """Compare the confidence stated at check-ins with what happened, where the due date is past and was measured."""
    stated: list[float] = []
    happened: list[bool] = []
    outcomes = []
    for state in key_result_states(version, today):
        reached = _reached(state, today)
        if reached is None:
            continue
        outcomes.append(reached)
        made = [check for check in state.check_ins if check.checked_on <= state.key_result.due_date]
        stated += [check.confidence for check in made]
        happened += [reached] * len(made)
    return Past(calibration(stated, happened), len(outcomes), sum(outcomes))


@st.cache_resource(max_entries=32, show_spinner=False)
def standings(version: str, today: dt.date, key_result_id: str) -> tuple[SiteStanding, ...]:
    """Read how each site of a key result stands, the furthest from the target first; those without a value last."""
    state = next(s for s in key_result_states(version, today) if s.key_result.id == key_result_id)
    aim = state.key_result
    with the_store().read() as cursor:
        names = {site.id: site.name for site in sites(cursor)}
        table = many_series(
            cursor, metric_id=aim.metric_id, site_ids=aim.site_ids or None, grain=chart_grain(state.metric)
        )
    if table is None:
        return ()
    found = []
    for site_id, row in zip(table.site_ids, table.values, strict=True):
        measured = [(day, value) for day, value in zip(table.periods, row.tolist(), strict=True) if value == value]
        day, value = measured[-1] if measured else (None, None)
        share = None if value is None else (value - aim.baseline_value) / (aim.target_value - aim.baseline_value)
        found.append(
            SiteStanding(names.get(site_id, site_id), value, share, day and period_end(day.date(), table.grain))
        )
    return tuple(sorted(found, key=lambda one: (one.share is None, one.share or 0.0, one.name.casefold())))


def _forecast(state: KeyResultState, today: dt.date) -> Forecast | NotComputable:
    values = state.values
    if values is None or values.isna().all():
        return NotComputable("no_data")
    aim = state.key_result
    if aim.due_date < today:
        return NotComputable("due_reached", {"due": aim.due_date, "data": values.dropna().index[-1].date()})
    since = values[values.index >= aim.baseline_date.isoformat()]
    enough = since.notna().sum() >= MINIMUM_POINTS
    return key_result_forecast(
        since if enough else values,
        baseline_value=aim.baseline_value,
        target_value=aim.target_value,
        due_date=aim.due_date,
    )


def _reached(state: KeyResultState, today: dt.date) -> bool | None:
    """Whether a key result stood at its target when it was due; None = not due yet, or not measured then."""
    aim = state.key_result
    if aim.due_date >= today:
        return None
    values = state.values
    if values is None:
        return None
    by_due = values[values.index <= aim.due_date.isoformat()]
    later = values[values.index > aim.due_date.isoformat()]
    if by_due.empty or (by_due.iloc[-1] != by_due.iloc[-1]):
        return None
    if later.empty and period_end(by_due.index[-1].date(), chart_grain(state.metric)) < aim.due_date:
        return None  # the due date's own period is not measured yet
    value = float(by_due.iloc[-1])
    return value >= aim.target_value if aim.target_value > aim.baseline_value else value <= aim.target_value
