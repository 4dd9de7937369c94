"""The form that pins a decision to a datum: opened by a click on the chart, or from lists without a mouse."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import streamlit as st

from data.access import Forbidden, Refused
from data.decisions import pin_decision
from data.experiments import experiments
from data.limits import LIMIT_TYPES
from data.objectives import key_results
from data.people import people
from data.periods import period_start
from data.store import the_store
from data.types import Decision, DecisionType, Direction
from pages.shared import frame
from pages.shared.moments import DATE_FORM
from pages.shared.refusals import refused_words
from wording import Language, period, say, state, unit, value

if TYPE_CHECKING:
    from pages.cohort.metric_view import MetricView
    from pages.shared.session import Visit

KINDS = (
    DecisionType.DECISION, DecisionType.HYPOTHESIS, DecisionType.OBSTACLE, DecisionType.INCIDENT,
    DecisionType.PROCESS_CHANGE, DecisionType.DATA_QUALITY, DecisionType.TARGET_CHANGE, DecisionType.STEP,
    DecisionType.BASELINE, DecisionType.EXCLUSION,
)  # fmt: skip
WEEKS_TO_REVIEW = 4
SAVED = "pin-saved"  # what the page says once the form is closed
ROUND = "pin-round"  # counts openings: a new key for the chart lets the same point be clicked again


@dataclass(frozen=True, slots=True)
class Suggested:
    """What the form opens with where the app proposed something, and what to do with the decision once it is pinned."""

    kind: DecisionType
    title: str
    pinned: Callable[[Decision], object]


def picked_period(event: Any) -> dt.date | None:
    """Read which period was clicked, None when none was. Dates come back as epoch milliseconds."""
    chosen = event["selection"].get("pick") if event else None
    if not chosen:
        return None
    return dt.datetime.fromtimestamp(chosen[0]["x"] / 1000, tz=dt.UTC).date()


def open_form(visit: Visit, view: MetricView, at: dt.date | None, suggested: Suggested | None = None) -> None:
    """Open the form on a datum; `at` None = the last period, to be changed in the list."""
    title = say("cohort.pin.title", visit.language)
    st.dialog(title, width="medium", on_dismiss=_next_round)(fill_in)(visit, view, at, suggested)


def fill_in(visit: Visit, view: MetricView, at: dt.date | None, suggested: Suggested | None = None) -> None:
    """Show the fields, and pin what they say when it is asked; what is wrong stands above the buttons."""
    language = visit.language
    anchor = _choose_period(view, at, language)
    frame.small(_where(view, anchor, language))
    kind = st.selectbox(say("cohort.pin.kind", language), KINDS, format_func=lambda k: state(k, language),
                        index=KINDS.index(suggested.kind) if suggested else 0, key="pin-kind")  # fmt: skip
    title = st.text_input(say("cohort.pin.what", language), value=suggested.title if suggested else "",
                          placeholder=say("cohort.pin.what.help", language), max_chars=200, key="pin-title")  # fmt: skip
    left, right = st.columns(2)
    owner = left.selectbox(say("cohort.pin.owner", language), list(_owners()), index=None, format_func=_owners().get,
                           placeholder=say("cohort.pin.owner.choose", language), key="pin-owner")  # fmt: skip
    until = kind is DecisionType.BASELINE
    applies = right.date_input(say("chart_choice.last_day" if until else "cohort.pin.applies", language), value=anchor, key=f"pin-applies-{anchor}",
                               format=DATE_FORM)  # fmt: skip
    effect = left.text_input(say("cohort.pin.effect", language), placeholder=say("cohort.pin.effect.help", language),
                             max_chars=200, key="pin-effect")  # fmt: skip
    review = right.date_input(say("cohort.pin.review", language), value=visit.today + dt.timedelta(weeks=WEEKS_TO_REVIEW),
                              key="pin-review", format=DATE_FORM)  # fmt: skip
    expected = _expect(visit, view)
    evidence = st.text_input(say("cohort.pin.evidence", language), max_chars=500, key="pin-evidence")
    linked = _link(language)
    reason, last = "", None
    if kind is DecisionType.EXCLUSION:
        last = _choose_end(view, anchor, language)
    if kind in LIMIT_TYPES:
        reason = st.text_area(say("cohort.pin.reason", language), max_chars=1000, key="pin-reason")
    public = st.checkbox(say("cohort.pin.public", language), key="pin-public")
    problem = st.container()
    with st.container(horizontal=True, horizontal_alignment="right"):
        if st.button(say("cohort.pin.cancel", language), key="pin-cancel"):
            _next_round()
            st.rerun()
        saving = st.button(say("cohort.pin.save", language), key="pin-save", type="primary", icon=":material/push_pin:")
    if saving:
        fields = {
            "type": kind, "title": title, "owner_id": owner, "applies_on": applies, "review_on": review, "note": reason,
            "expected_effect": effect, "evidence_url": evidence or None, "public": public, "period_end": last, **expected, **linked,
        }  # fmt: skip
        with problem:
            _save(visit, view, anchor, fields, suggested)


def _expect(visit: Visit, view: MetricView) -> dict[str, Any]:
    """Ask how far the metric should move, with its sign, and by when; nothing when no size is given."""
    language, written = visit.language, unit(view.metric, visit.language)
    left, right = st.columns(2)
    size = left.number_input(say("cohort.pin.size", language, unit=written or view.metric.name(language)), value=None,
                             key="pin-size", placeholder=say("cohort.pin.size.help", language))  # fmt: skip
    by = right.date_input(say("cohort.pin.by", language), value=visit.today + dt.timedelta(weeks=WEEKS_TO_REVIEW),
                          key="pin-by", format=DATE_FORM)  # fmt: skip
    if not size:
        return {}
    direction = Direction.UP if size > 0 else Direction.DOWN
    return {
        "expected_metric_id": view.metric.id, "expected_direction": direction, "expected_size": abs(size), "expected_by": by,
    }  # fmt: skip


def _link(language: Language) -> dict[str, str]:
    """Ask which experiment or key result this belongs to; nothing when none is chosen."""
    with the_store().read() as cursor:
        named = {("experiment_id", each.id): f"{each.label} · {each.title}" for each in experiments(cursor)}
        named |= {("key_result_id", each.id): each.title for each in key_results(cursor)}
    if not named:
        return {}
    chosen = st.selectbox(say("cohort.pin.linked", language), list(named), index=None, format_func=named.get,
                          placeholder=say("cohort.pin.linked.choose", language), key="pin-linked")  # fmt: skip
    return dict([chosen]) if chosen else {}


def _save(
    visit: Visit, view: MetricView, anchor: dt.date, fields: dict[str, Any], suggested: Suggested | None
) -> None:  # fmt: skip
    language = visit.language
    if not fields["title"].strip():
        st.error(say("cohort.pin.no_title", language))
        return
    if fields["owner_id"] is None:
        st.error(say("cohort.pin.nobody", language))
        return
    segment = view.series.segment if view.series is not None else None
    try:
        decision = pin_decision(
            the_store(), visit.actor, **fields, site_id=view.site.id, metric_id=view.metric.id,
            segment=segment or "", period_start=anchor, grain=view.grain,
        )  # fmt: skip
        if suggested:
            suggested.pinned(decision)
    except (Refused, Forbidden) as refusal:
        st.error(refused_words(refusal, language))
        return
    at = period(anchor, view.grain, language)
    st.session_state[SAVED] = say("cohort.pin.saved", language, label=decision.label, period=at)
    _next_round()
    st.rerun()


def _choose_period(view: MetricView, at: dt.date | None, language: Language) -> dt.date:
    measured = _measured(view, language)
    days = list(measured)
    start = period_start(at, view.grain) if at is not None else days[0]
    return st.selectbox(
        say("cohort.pin.point", language),
        days,
        index=days.index(start) if start in measured else 0,
        format_func=lambda day: f"{period(day, view.grain, language)} · {measured[day]}",
        key=f"pin-period-{st.session_state.get(ROUND, 0)}-{at}",
    )


def _choose_end(view: MetricView, anchor: dt.date, language: Language) -> dt.date | None:
    """Let more periods than one be left out: up to which, None = the one alone."""
    later = {day: words for day, words in _measured(view, language).items() if day > anchor}
    return st.selectbox(
        say("chart_choice.last_point", language), sorted(later), index=None, key=f"pin-until-{anchor}",
        placeholder=say("chart_choice.last_point.none", language),
        format_func=lambda day: f"{period(day, view.grain, language)} · {later[day]}",
    )  # fmt: skip


def _measured(view: MetricView, language: Language) -> dict[dt.date, str]:
    """Return every period of the chart, newest first, with its value in words."""
    if view.series is None:
        return {}
    return {
        start.date(): say("shared.not_measured", language) if np.isnan(x) else value(x, view.metric, language)
        for start, x in reversed(list(view.series.values.items()))
    }


def _where(view: MetricView, anchor: dt.date, language: Language) -> str:
    found = None if view.series is None else view.series.values.get(anchor.isoformat())
    names = {
        "site": view.site.name,
        "metric": view.metric.name(language),
        "period": period(anchor, view.grain, language),
    }
    if found is None or np.isnan(found):
        return say("cohort.pin.where.no_value", language, **names)
    return say("cohort.pin.where", language, value=value(float(found), view.metric, language), **names)


def _owners() -> dict[str, str]:
    with the_store().read() as cursor:
        return {person.id: person.name for person in people(cursor) if not person.disabled}


def _next_round() -> None:
    st.session_state[ROUND] = st.session_state.get(ROUND, 0) + 1
