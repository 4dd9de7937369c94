"""Under the chart: levels proposed and answered, drift, warnings about limits, and reasons where nothing can be read."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from analytics.results_trend import Caution, CautionKind
from data import records
from data.access import actor_for
from data.decisions import all_decisions
from data.observations import commit_load
from data.people import assign, people, register_person
from data.proposals import answers_on
from data.types import Batch, DecisionType, Direction, Grain, Metric, MetricKind, Role
from pages.cohort.metric_reading_words import cautions
from tests.tools.screen import charts, opened, primary_buttons, title, words
from tests.tools.stores import TODAY

METRIC = "pages.cohort.metric"
EXTRA = Metric(id="extra", name_fr="Retards", name_en="Delays", unit="d", direction=Direction.DOWN,
               kind=MetricKind.MEASURE, frequency=Grain.WEEK, process_id="process", decimals=1)  # fmt: skip
NOISE = np.clip(np.random.default_rng(5).normal(0, 1, 120), -1.5, 1.5)
SHIFTED = 20 + NOISE[:60] - 6 * (np.arange(60) >= 40)
CHANGED_ON = TODAY - dt.timedelta(weeks=20)


@pytest.fixture
def store(visiting):
    return visiting(1)


@pytest.fixture
def keeper(store):
    with store.read() as cursor:
        return actor_for(cursor, people(cursor)[0].id, store.today())


@pytest.fixture
def measured(store, keeper):
    """Give the first site a value a week, or a day, of a further metric, up to now."""

    def load(values, grain=Grain.WEEK):
        days = {Grain.WEEK: 7, Grain.DAY: 1}[grain]
        start = TODAY - dt.timedelta(weeks=-(-len(values) * days // 7))
        weeks = [start + dt.timedelta(days=days * n) for n in range(len(values))]
        frame = pd.DataFrame(
            {
                "site_id": "s000", "metric_id": "extra", "segment": "", "period_start": weeks, "grain": str(grain),
                "value": values, "weight": np.nan, "source_row": range(len(weeks)), "source_column": "B", "mark": "",
            }
        )  # fmt: skip
        batch = Batch(id=records.new_id(), file_name="e.csv", file_hash="1" * 64, person_id=keeper.person_id)
        commit_load(
            store, keeper, batch=batch, frame=frame, new_records=[EXTRA.model_copy(update={"frequency": grain})]
        )

    return load


def shown(language="en"):
    page = opened(METRIC, site="s000", metric="extra", span="all", lang=language)
    assert not page.exception
    return page


def answers(store):
    with store.read() as cursor:
        return answers_on(cursor, site_id="s000", metric_id="extra")


def _asking():
    from data.store import the_store
    from pages.cohort.metric_reading import ask_why
    from pages.cohort.metric_reading_view import reading
    from pages.cohort.metric_view import metric_view
    from pages.shared.session import visit

    where = {"site_id": "s000", "metric_id": "extra", "segment": None}
    version = the_store().data_version()
    found = reading(version, **where)
    if found.waiting:
        ask_why(visit(), metric_view(version, **where), found.waiting[0])


def _accepting():
    import streamlit as st

    from data.store import the_store
    from pages.cohort import decision_form, metric_reading
    from pages.cohort.metric_reading_view import reading
    from pages.cohort.metric_view import metric_view
    from pages.shared.session import visit

    where = {"site_id": "s000", "metric_id": "extra", "segment": None}
    version = the_store().data_version()
    found = reading(version, **where)
    if found.waiting:
        given = st.session_state.setdefault("given", {})
        metric_reading.open_form = lambda *asked: given.update(asked=asked)
        try:
            metric_reading.open_step(visit(), metric_view(version, **where), found.waiting[0])
        finally:
            metric_reading.open_form = decision_form.open_form
        decision_form.fill_in(*given["asked"])


def alone(part, language="en"):
    """A dialog's inside, on a page of its own: only a browser opens a dialog."""
    page = AppTest.from_function(part, default_timeout=30)
    page.query_params["lang"] = language
    return page.run()


@pytest.mark.accepts("2.9", "2.19", "2.23")
def test_a_change_is_proposed_with_its_date_and_only_a_person_moves_the_limits(store, keeper, measured):
    measured(SHIFTED)

    page = shown()

    assert "Has the level changed?" in words(page)
    assert "Since 29 Dec 2025 the level seems to be 14" in words(page)
    assert "a person decides: the limits never move by themselves" in words(page)
    assert "Read the limits with care. Neighbouring points resemble each other" in words(page)
    assert [b.label for b in page.button if b.key.startswith(("accept-", "dismiss-"))] == [
        "Accept as a step…", "Dismiss…",
    ]  # fmt: skip
    assert primary_buttons(page) == ["Accept as a step…"]
    assert "Next step: propose a new step? The limits would start again from 29 Dec 2025." in words(page)
    assert len(charts(page)) == 1
    with store.read() as cursor:
        assert all_decisions(cursor) == []
    page.toggle(key="reading-levels").set_value(True)
    page.toggle(key="reading-trend").set_value(True).run()
    assert not page.exception
    assert len(charts(page)) == 3


@pytest.mark.accepts("2.23")
def test_a_dismissed_change_needs_a_reason_stays_away_and_says_who_dismissed_it_when_and_why(store, measured):
    measured(SHIFTED)
    page = alone(_asking)

    page.button(key="dismiss-confirm").click().run()
    assert [error.value for error in page.error] == [
        "Say why: whoever reads this chart next will ask why nothing was done."
    ]
    assert answers(store) == ()
    page.text_area(key="dismiss-why").set_value("three weeks of holidays")
    page.button(key="dismiss-confirm").click().run()

    assert not page.exception
    (kept,) = answers(store)
    assert (kept.answer.about, kept.answer.reason) == (CHANGED_ON, "three weeks of holidays")
    page = shown()
    assert "Has the level changed?" not in words(page)
    assert "Change of level of 29 Dec 2025: dismissed. three weeks of holidays By Ada Keeper" in words(page)
    page.button(key=f"again-{kept.answer.id}").click().run()
    assert "Has the level changed?" in words(page)


@pytest.mark.accepts("2.9", "2.23")
def test_an_accepted_change_opens_the_form_of_a_step_on_its_date_and_the_limits_start_again(store, keeper, measured):
    measured(SHIFTED)
    owner = register_person(store, keeper, name="Ines Caron", language="en")

    page = alone(_accepting)
    assert page.selectbox(key="pin-kind").value is DecisionType.STEP
    assert page.date_input(key=f"pin-applies-{CHANGED_ON}").value == CHANGED_ON
    page.selectbox(key="pin-owner").select(owner.id)
    page.text_area(key="pin-reason").set_value("a second shift")
    page.button(key="pin-save").click().run()

    assert not page.exception
    with store.read() as cursor:
        (pinned,) = all_decisions(cursor)
    assert (pinned.type, pinned.applies_on, pinned.note) == (DecisionType.STEP, CHANGED_ON, "a second shift")
    (kept,) = answers(store)
    assert (kept.answer.reply, kept.answer.decision_id) == ("accepted", pinned.id)
    page = shown()
    assert "Has the level changed?" not in words(page)
    assert "Read the limits with care" not in words(page)
    assert "Only what came since the step of 29 Dec 2025 counts." in words(page)
    assert f"accepted as {pinned.label}" in words(page)


def test_who_may_not_pin_a_step_sees_what_is_proposed_and_who_answers(store, keeper, measured, monkeypatch):
    measured(SHIFTED)
    member = register_person(store, keeper, name="Bo", language="fr")
    assign(store, keeper, person_id=member.id, role=Role.MEMBER, site_id="s000", starts_on=TODAY)
    monkeypatch.setenv("ESSAIM_PERSON", member.id)

    page = shown("fr")

    assert "Le niveau a-t-il changé ?" in words(page)
    assert "Un gardien des métriques de ce site l’accepte comme étape ou l’écarte." in words(page)
    assert [b.key for b in page.button if b.key.startswith(("accept-", "dismiss-"))] == []


@pytest.mark.accepts("2.24")
def test_a_drift_of_days_reaches_the_keeper_before_any_week_crosses_a_limit(store, measured):
    days = 50 + np.random.default_rng(12).normal(0, 2, 283) + 2.4 * (np.arange(283) >= 266)
    measured(days, Grain.DAY)

    page = shown()
    page.toggle(key="reading-drift").set_value(True).run()

    assert not page.exception
    assert title(page).startswith("Nothing unusual at Site 000")
    assert "Is it drifting? Drifting upwards, it seems since 27 Apr 2026" in words(page)
    assert [b.label for b in page.button if b.key.startswith("accept-drift")] == ["Pin what happened…"]
    assert "What it misses: of lasting shifts by 1.5 standard deviations" in words(page)
    assert len(charts(page)) == 2


@pytest.mark.accepts("2.19")
@pytest.mark.parametrize("kind", list(CautionKind))
def test_each_caution_says_why_the_limits_mislead_and_what_to_do_instead(kind):
    for language in ("en", "fr"):
        (note,) = cautions([Caution(kind, phi=0.5, p_value=0.001)], language)

        assert note.icon == "warning"
        assert len(note.rest) > 30
        assert len(note.small) > 30


def test_a_short_history_is_one_sentence_and_no_picture(store, measured):
    measured([10.0, 12, 11, 12, 10])

    page = shown()

    assert "Too early to tell. A trend and changes of level need 14 values" in words(page)
    assert [t.key for t in page.toggle if t.key.startswith("reading-")] == []
    assert len(charts(page)) == 1
