"""Objectives and key results: set with a customer outcome, measured from the record, checked in, never clipped."""

from __future__ import annotations

import datetime as dt

import pytest

from data import records
from data.decisions import pin_decision
from data.experiments import plan_experiment
from data.objectives import check_in, edit_key_result, objectives, set_key_result, set_objective
from data.store import close_store
from data.types import CustomerOutcome, Decision, DecisionType, KeyResult
from pages.cohort.key_results_view import aims_view, picture, suggested_baseline
from tests.pages.cohort_store import STEADY, TODAY, WEEKS, cohort, load, opened, pressed, rows, text

DAY = dt.date(2026, 6, 1)
START = WEEKS[0].date()


@pytest.fixture
def store(own_store):
    return own_store("leader", TODAY)


def key_results_page():
    from pages.cohort import key_results

    key_results.render()


def form_page():
    """One form, opened at every run: a browser runs the dialog alone, the test harness runs the page."""
    import streamlit as st

    from data.store import the_store
    from pages.cohort import key_results_forms as forms
    from pages.cohort.key_results_view import aims_view
    from pages.shared.session import visit

    now, version = visit(), the_store().data_version()
    view = aims_view(version, now.today)
    if "key-results-saved" in st.session_state:
        st.stop()
    match st.query_params["form"]:
        case "objective":
            forms.open_objective(now)
        case "key_result":
            forms.open_key_result(now, view, version)
        case "check_in":
            forms.open_check_in(now, view.states[0])
        case _:
            forms.open_target(now, view.states[0])


def set_aim(made, title="Customers get their order sooner"):
    return set_objective(made.store, made.actor("leader"), title=title, customer_outcome=CustomerOutcome.CYCLE_TIME,
                         owner_id="leader", starts_on=START, ends_on=dt.date(2026, 12, 31))  # fmt: skip


def promise(made, **fields):
    """Promise nine days by September, from twelve and a half."""
    chosen = {
        "objective_id": fields.pop("objective_id", None) or set_aim(made).id, "title": "Cycle time at nine days",
        "metric_id": "cycle", "baseline_value": 12.5, "baseline_date": START, "target_value": 9.0,
        "due_date": dt.date(2026, 9, 1), "owner_id": "member", **fields,
    }  # fmt: skip
    return set_key_result(made.store, made.actor("leader"), **chosen)


def shown_text(shown):
    return text(shown).replace("\u00a0", " ")


def test_an_empty_store_says_who_sets_the_first_objective(store, monkeypatch):
    cohort(store, 0)
    monkeypatch.setenv("ESSAIM_PERSON", "viewer")

    shown = opened(key_results_page)

    assert "No objective is set yet." in text(shown)
    assert "A leader can set the first." in text(shown)
    assert not shown.button


@pytest.mark.accepts("4.2")
def test_an_objective_is_refused_until_it_names_what_the_customer_gets(store):
    cohort(store, 1)
    shown = opened(form_page, form="objective")
    shown.text_input(key="objective-title").set_value("Sooner")
    shown.selectbox(key="objective-owner").set_value("leader")

    shown = pressed(shown, "objective-save")
    assert len(shown.error) == 1
    shown.selectbox(key="objective-outcome").set_value(CustomerOutcome.RELIABILITY)
    pressed(shown, "objective-save")

    assert "For the customer: reliability · Pat leader" in text(opened(key_results_page))


@pytest.mark.accepts("4.1", "4.3", "4.4")
def test_a_key_result_stands_under_its_objective_with_owner_baseline_target_and_its_own_due_date(store):
    promise(cohort(store, 3))

    shown = shown_text(opened(key_results_page))

    for words in ("Customers get their order sooner", "Cycle time at nine days", "Pat member", "12.5 d", "29 Dec 2025", "9.0 d", "1 Sep 2026"):  # fmt: skip
        assert words in shown


@pytest.mark.accepts("4.3", "4.5")
def test_the_form_suggests_the_baseline_from_the_stored_metric(store):
    made = cohort(store, 3)
    aim = set_aim(made)
    shown = opened(form_page, form="key_result")
    baseline = next(field for field in shown.number_input if field.key.startswith("kr-baseline"))
    assert baseline.value == pytest.approx(13.0 if STEADY[-1] == 13 else 12.0, abs=0.01)

    shown.text_input(key="kr-title").set_value("Nine days")
    shown.number_input(key="kr-target").set_value(9.0)
    shown.selectbox(key="kr-owner").set_value("member")
    pressed(shown, "kr-save")

    with store.read() as cursor:
        (made_one,) = records.current(cursor, KeyResult)
    assert (made_one.objective_id, made_one.title, made_one.target_value) == (aim.id, "Nine days", 9.0)


def test_no_baseline_is_suggested_before_the_first_value(store):
    cohort(store, 1)

    assert suggested_baseline(store.data_version(), metric_id="cycle", site_ids=(), on=dt.date(2025, 1, 1)) is None


@pytest.mark.accepts("4.5")
def test_the_value_of_today_is_read_from_the_record_and_follows_a_load(store):
    made = cohort(store, 1)
    promise(made, site_ids=("site-0",))
    assert "8.0 d" in shown_text(opened(key_results_page))

    changed = STEADY.copy()
    changed[-1] = 10.4
    load(made, rows("site-0", changed))

    assert "10.4 d" in shown_text(opened(key_results_page))


@pytest.mark.accepts("4.6")
def test_pace_stands_beside_what_was_expected_today_and_the_age_of_the_data(store):
    promise(cohort(store, 3))

    shown = shown_text(opened(key_results_page))

    assert "1 of 1 key results is behind its line." in shown
    assert "Expected today" in shown
    assert "to 31 May 2026, 1 day old" in shown
    assert "92 days left" in shown


@pytest.mark.accepts("4.6")
def test_old_data_are_said_to_be_old(store, monkeypatch):
    promise(cohort(store, 1))
    close_store()
    monkeypatch.setenv("ESSAIM_TODAY", "2026-07-01")

    assert "old data: 31 May 2026, 31 days" in shown_text(opened(key_results_page))


@pytest.mark.accepts("4.14")
@pytest.mark.parametrize(("site", "written"), [("site-0", "129%"), ("site-1", "-100%")])
def test_progress_below_the_start_or_beyond_the_target_is_told_as_it_is(store, site, written):
    made = cohort(store, 2)
    aim = promise(
        made,
        site_ids=(site,),
        baseline_value=12.5 if site == "site-0" else 14.5,
        target_value=9.0 if site == "site-0" else 13.0,
    )

    spec, _ = picture(store.data_version(), DAY, aim.objective_id, "en", "light")
    (state,) = aims_view(store.data_version(), DAY).states

    assert written in shown_text(opened(key_results_page)).replace("\u2212", "-")
    low, high = spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert low < state.progress.share < high


def test_a_key_result_without_any_value_says_so(store):
    promise(cohort(store, 1), metric_id="orders")

    assert "No key result is measured yet." in text(opened(key_results_page))


@pytest.mark.accepts("4.8")
def test_each_check_in_keeps_its_confidence(store, monkeypatch):
    made = cohort(store, 1)
    aim = promise(made)
    check_in(
        store,
        made.actor("member"),
        key_result_id=aim.id,
        confidence=0.6,
        note="waiting for parts",
        checked_on=dt.date(2026, 5, 4),
    )
    monkeypatch.setenv("ESSAIM_PERSON", "member")

    shown = opened(form_page, form="check_in")
    shown.slider(key="check-confidence").set_value(40)
    shown = pressed(shown, "check-save")

    assert shown.session_state["key-results-saved"] == "Checked in: confidence 40%."
    shown = opened(key_results_page)
    assert "40%" in shown_text(shown)
    assert "60%" in shown_text(shown)
    assert "waiting for parts" in text(shown)


@pytest.mark.accepts("4.10")
def test_the_experiments_and_decisions_that_hang_on_a_key_result_are_listed(store):
    made = cohort(store, 1)
    aim = promise(made)
    plan_experiment(store, made.actor("member"), title="Pairs", owner_id="member", key_result_id=aim.id)
    pin_decision(store, made.actor("metric_keeper"), type=DecisionType.DECISION, title="Start at six", owner_id="member",
                 applies_on=DAY, key_result_id=aim.id)  # fmt: skip

    shown = text(opened(key_results_page))

    assert "E-01" in shown
    assert "Start at six" in shown
    assert "/decisions?decision=D-01" in shown


@pytest.mark.accepts("4.11")
def test_a_target_changes_for_a_reason_and_the_earlier_one_stays(store):
    promise(cohort(store, 1))
    shown = opened(form_page, form="target")
    shown.number_input(key="target-value").set_value(10.0)
    shown = pressed(shown, "target-save")
    assert len(shown.error) == 1  # without a reason

    shown.text_area(key="target-reason").set_value("two lines closed")
    pressed(shown, "target-save")

    shown = opened(key_results_page)
    assert "was 9.0 d" in shown_text(shown)
    assert "9.0 d, then 10.0 d" in shown_text(shown)
    assert "changed by Pat leader" in shown_text(shown)
    assert "two lines closed" in text(shown)


@pytest.mark.accepts("4.11")
def test_whoever_may_pin_decisions_makes_a_changed_target_one(store, monkeypatch):
    from data.access import Permission
    from data.types import Assignment, Role

    made = cohort(store, 1)
    promise(made)
    with store.read() as cursor:
        founder = next(a.person_id for a in records.current(cursor, Assignment) if a.role is Role.ADMIN)
    with store.change(made.actor(founder), Permission.MANAGE_PEOPLE) as tx:
        tx.append(Assignment(id="also", person_id="leader", role=Role.MEMBER, starts_on=dt.date(2026, 1, 1)))

    shown = opened(form_page, form="target")
    shown.number_input(key="target-value").set_value(10.0)
    shown.text_area(key="target-reason").set_value("two lines closed")
    pressed(shown, "target-save")

    with store.read() as cursor:
        (pinned,) = records.current(cursor, Decision)
    assert (pinned.type, pinned.note, pinned.applies_on) == (DecisionType.TARGET_CHANGE, "two lines closed", DAY)


def test_an_unchanged_target_is_not_a_change(store):
    promise(cohort(store, 1))

    shown = pressed(opened(form_page, form="target"), "target-save")

    assert "Nothing has changed" in shown.error[0].value


def test_a_viewer_reads_and_sets_nothing(store, monkeypatch):
    promise(cohort(store, 3))
    monkeypatch.setenv("ESSAIM_PERSON", "viewer")

    shown = opened(key_results_page)

    assert "Cycle time at nine days" in text(shown)
    assert {button.key for button in shown.button} == {"to-compare"}


@pytest.mark.parametrize("n_sites", [15, 300])
def test_many_sites_together_are_one_value(store, n_sites):
    promise(cohort(store, n_sites))

    shown = shown_text(opened(key_results_page))

    assert "Value of all sites, together: mean." in shown or "together: mean" in shown


@pytest.mark.accepts("9.5")
def test_the_page_speaks_french(store):
    made = cohort(store, 3)
    aim = promise(made)
    edit_key_result(store, made.actor("leader"), aim.id, reason="two lines closed", target_value=10.0)

    shown = shown_text(opened(key_results_page, language="fr"))

    assert "1 résultat clé sur 1 est en retard sur sa ligne." in shown
    assert "était 9,0 j" in shown
    with store.read() as cursor:
        assert len(objectives(cursor)) == 1
