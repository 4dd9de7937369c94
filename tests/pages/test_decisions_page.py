"""The register of decisions: read, filtered, reviewed, corrected, replaced, taken away as a file; never deleted."""

from __future__ import annotations

import csv
import datetime as dt
import io

import openpyxl
import pytest

from data.decisions import pin_decision, review_decision
from data.experiments import plan_experiment
from data.limits import limits_on
from data.objectives import set_key_result, set_objective
from data.types import DecisionType, Outcome
from pages.cohort.decisions_export import as_csv, as_workbook
from pages.cohort.decisions_view import edits, filtered, register
from tests.pages.cohort_store import STEADY, TODAY, WEEKS, cohort, load, opened, pressed, rows, text

DAY = dt.date(2026, 6, 1)
EVERY = {"kind": "every", "site": "every", "metric": "every", "state": "every"}


@pytest.fixture
def store(own_store):
    return own_store("member", TODAY)


def decisions_page():
    from pages.cohort import decisions

    decisions.render()


def form_page():
    """One form, opened at every run: a browser runs the dialog alone, the test harness runs the page."""
    import streamlit as st

    from data.store import the_store
    from pages.cohort.decisions_acts import acts_allowed, open_act
    from pages.cohort.decisions_view import register
    from pages.shared.session import visit

    entry = register(the_store().data_version()).labelled(st.query_params["decision"])
    if st.query_params["act"] in acts_allowed(visit(), entry) and "decisions-saved" not in st.session_state:
        open_act(visit(), entry, st.query_params["act"])


def pin(made, title="Work in pairs", **fields):
    """Pin a decision of site 2 on its week of 2 March, typed by the keeper, owned by the member."""
    chosen = {
        "type": DecisionType.DECISION, "owner_id": "member", "applies_on": dt.date(2026, 3, 9), "site_id": "site-2",
        "metric_id": "cycle", "period_start": WEEKS[9].date(), "grain": "week", **fields,
    }  # fmt: skip
    return pin_decision(made.store, made.actor("metric_keeper"), title=title, **chosen)


def entry_of(store, label):
    return register(store.data_version()).labelled(label)


def test_an_empty_register_says_where_decisions_are_made(store):
    cohort(store, 1)

    shown = opened(decisions_page)

    assert "Nothing has been decided yet." in text(shown)
    assert "Any member of a cohort can pin it" in text(shown)


@pytest.mark.accepts("3.6", "3.5")
def test_the_day_it_applies_and_the_day_it_was_typed_both_stand_with_owner_and_writer(store):
    pin(cohort(store, 3))
    typed = dt.datetime.now(dt.UTC).date()

    shown = text(opened(decisions_page, decision="D-01"))

    assert "Pat member" in shown
    assert "applies on 9 Mar 2026" in shown.replace("\u00a0", " ")
    assert f"typed by Pat metric_keeper, on {typed.day} " in shown.replace("\u00a0", " ")


@pytest.mark.accepts("3.12")
def test_a_restated_value_is_told_beside_the_one_decided_on(store):
    made = cohort(store, 3)
    pin(made)
    changed = STEADY.copy()
    changed[9] = 9.8
    load(made, rows("site-2", changed))

    assert "value then 12.0 d, now 9.8 d" in text(opened(decisions_page)).replace("\u00a0", " ")


@pytest.mark.accepts("3.7")
def test_its_evidence_its_experiment_and_its_key_result_are_shown(store):
    made = cohort(store, 3)
    experiment = plan_experiment(store, made.actor("member"), title="Pairs", owner_id="member")
    aim = set_objective(store, made.actor("leader"), title="Sooner", customer_outcome="cycle_time", owner_id="leader",
                        starts_on=DAY, ends_on=DAY)  # fmt: skip
    key_result = set_key_result(
        store, made.actor("leader"), objective_id=aim.id, title="Nine days", metric_id="cycle", baseline_value=12.0,
        baseline_date=DAY, target_value=9.0, due_date=dt.date(2026, 12, 1), owner_id="leader",
    )  # fmt: skip
    pin(made, evidence_url="https://example.org/note", experiment_id=experiment.id, key_result_id=key_result.id)

    shown = text(opened(decisions_page, decision="D-01"))

    assert 'href="https://example.org/note"' in shown
    assert "E-01 Pairs" in shown
    assert "Nine days" in shown


def test_a_link_of_another_kind_than_the_web_never_becomes_one(store):
    pin(cohort(store, 3), title="<script>alert(1)</script>")

    assert "<script>alert" not in text(opened(decisions_page, decision="D-01"))


@pytest.mark.accepts("3.9")
def test_an_overdue_decision_is_the_next_step_and_its_outcome_is_kept(store):
    pin(cohort(store, 3), review_on=dt.date(2026, 4, 6))

    shown = opened(decisions_page)
    assert "1 decision is waiting for its review." in text(shown)
    assert pressed(shown, "review-next").radio(key="review-outcome").value is None
    form = opened(form_page, decision="D-01", act="review")
    form.radio(key="review-outcome").set_value(Outcome.REVERSED)
    form = pressed(form, "review-save")

    assert form.session_state["decisions-saved"] == "D-01: reversed. Saved."
    assert "The one decision made has its outcome." in text(opened(decisions_page))
    assert entry_of(store, "D-01").decision.outcome is Outcome.REVERSED


def test_a_review_without_an_outcome_is_asked_for_one(store):
    pin(cohort(store, 3), review_on=dt.date(2026, 4, 6))

    shown = pressed(opened(form_page, decision="D-01", act="review"), "review-save")

    assert shown.error[0].value == "Choose what became of it."
    assert entry_of(store, "D-01").decision.outcome is None


@pytest.mark.accepts("3.10")
def test_a_correction_leaves_the_earlier_wording_in_its_history(store):
    pin(cohort(store, 3))

    shown = opened(form_page, decision="D-01", act="edit")
    shown.text_input(key="edit-title").set_value("Work in pairs until June")
    pressed(shown, "edit-save")

    shown = opened(decisions_page, decision="D-01")
    assert "title: Work in pairs, then Work in pairs until June" in text(shown)
    assert len(edits(entry_of(store, "D-01").decision.id)) == 2


@pytest.mark.accepts("3.10")
def test_a_replaced_decision_stays_in_the_register_and_names_its_successor(store):
    pin(cohort(store, 3))

    shown = opened(form_page, decision="D-01", act="supersede")
    shown.text_input(key="supersede-title").set_value("Work alone again")
    pressed(shown, "supersede-save")

    shown = opened(decisions_page, decision="D-01")
    assert "superseded by D-02" in text(shown).replace("replaced by", "superseded by")
    assert entry_of(store, "D-02").supersedes == "D-01"
    assert not [button for button in shown.button if button.key and button.key.startswith("act-")]


def test_what_moves_limits_is_lifted_by_a_decision_in_its_place(store, monkeypatch):
    monkeypatch.setenv("ESSAIM_PERSON", "metric_keeper")
    pin(cohort(store, 3), type=DecisionType.EXCLUSION, note="a strike")

    shown = opened(form_page, decision="D-01", act="supersede")
    shown.checkbox(key="supersede-lift").check()
    pressed(shown, "supersede-save")

    assert entry_of(store, "D-02").decision.type is DecisionType.DECISION
    with store.read() as cursor:
        assert limits_on(cursor, site_id="site-2", metric_id="cycle").exclusions == ()


def test_what_the_record_refuses_is_told_in_words_and_changes_nothing(store):
    pin(cohort(store, 3))

    shown = opened(form_page, decision="D-01", act="edit")
    shown.text_input(key="edit-title").set_value("  ")
    shown = pressed(shown, "edit-save")

    assert len(shown.error) == 1
    assert entry_of(store, "D-01").decision.title == "Work in pairs"


def test_an_incident_is_said_to_be_over(store):
    pin(cohort(store, 3), type=DecisionType.INCIDENT, title="Line down")

    shown = opened(form_page, decision="I-01", act="resolve")
    pressed(shown, "resolve-save")

    assert entry_of(store, "I-01").decision.resolved_on == DAY
    assert "over on 1 Jun 2026" in text(opened(decisions_page, decision="I-01")).replace("\u00a0", " ")


def test_a_viewer_reads_and_changes_nothing(store, monkeypatch):
    pin(cohort(store, 3), review_on=dt.date(2026, 4, 6))
    monkeypatch.setenv("ESSAIM_PERSON", "viewer")

    shown = opened(decisions_page, decision="D-01")

    assert "Work in pairs" in text(shown)
    assert not [button for button in shown.button if button.key and button.key.startswith(("act-", "review"))]


@pytest.mark.accepts("3.15", "3.11")
def test_the_register_is_filtered_by_type_site_metric_and_state(store):
    made = cohort(store, 3)
    pin(made, title="One")
    pin(made, title="Two", type=DecisionType.INCIDENT)
    pin(made, title="Three", site_id="site-1", period_start=None, grain=None)
    late = pin(
        made, title="Four", site_id=None, metric_id=None, period_start=None, grain=None, review_on=dt.date(2026, 4, 6)
    )
    done = pin(made, title="Five", site_id="site-1", metric_id=None, period_start=None, grain=None)
    review_decision(store, made.actor("member"), done.id, outcome=Outcome.KEPT)
    found = register(store.data_version())

    def titles(**wanted):
        return {e.decision.title for e in filtered(found, {**EVERY, **wanted}, DAY, every="every")}

    assert titles(kind="incident") == {"Two"}
    assert titles(site="site-1") == {"Three", "Four", "Five"}
    assert titles(state="overdue") == {late.title}
    assert titles(state="done") == {"Five"}
    assert titles(state="open") == {"One", "Two", "Three", "Four"}
    assert titles(metric="orders") == {"Four", "Five"}


def test_the_address_holds_the_filters(store):
    made = cohort(store, 3)
    pin(made, title="One")
    pin(made, title="Two", type=DecisionType.INCIDENT)

    shown = opened(decisions_page, kind="incident", site="site-2", state="every")

    assert "Two" in text(shown)
    assert ">One<" not in text(shown)


def test_three_hundred_decisions_are_shown_fifty_at_a_time(store):
    made = cohort(store, 1)
    for n in range(60):
        pin(made, title=f"Number {n}", site_id="site-0", period_start=None, grain=None)

    shown = text(opened(decisions_page))

    assert "50 of 60 decisions shown" in shown
    assert shown.count('class="es-tag"') == 50


@pytest.mark.promises("F3")
@pytest.mark.accepts("3.15", "9.4")
def test_what_a_spreadsheet_would_run_leaves_as_text_and_numbers_stay_numbers(store):
    made = cohort(store, 3)
    pin(made, title='=HYPERLINK("http://bad.example")', note="+1 then @home")
    entries = register(store.data_version()).entries

    lines = list(csv.reader(io.StringIO(as_csv(entries, DAY, "en").decode("utf-8-sig"))))
    sheet = openpyxl.load_workbook(io.BytesIO(as_workbook(entries, DAY, "en"))).active

    assert lines[1][2] == '\'=HYPERLINK("http://bad.example")'
    row = dict(zip([cell.value for cell in sheet[1]], sheet[2], strict=True))
    assert row["Title"].data_type == "s"
    assert row["Note"].value == "'+1 then @home"
    assert row["Value when decided"].value == 12
    assert row["Applies on"].value == dt.datetime(2026, 3, 9)  # noqa: DTZ001 as openpyxl reads a day


def test_the_file_holds_what_the_filters_show(store):
    made = cohort(store, 3)
    pin(made)

    shown = opened(decisions_page)

    assert len(shown.get("download_button")) == 2


def test_a_decision_leads_to_its_chart(store, monkeypatch):
    pin(cohort(store, 3))
    went = []
    monkeypatch.setattr("pages.cohort.decisions.go", lambda path, **query: went.append((path, query)))

    pressed(opened(decisions_page, decision="D-01"), "to-chart")

    assert went == [("metric", {"site": "site-2", "metric": "cycle"})]


@pytest.mark.accepts("9.5")
def test_the_register_speaks_french(store):
    pin(cohort(store, 3), review_on=dt.date(2026, 4, 6))

    shown = text(opened(decisions_page, language="fr", decision="D-01")).replace("\u00a0", " ")

    assert "1 décision attend sa revue." in shown
    assert "saisie par Pat metric_keeper" in shown
