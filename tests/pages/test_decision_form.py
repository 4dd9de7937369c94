"""The form that pins a decision to a datum: what it refuses, in words, and what it stores."""

from __future__ import annotations

import datetime as dt

import pytest
from streamlit.testing.v1 import AppTest

from data import objectives, records
from data.access import actor_for
from data.decisions import all_decisions
from data.people import assign, end_assignment, people, register_person
from data.types import Decision, DecisionType, Direction, Role
from tests.tools.screen import opened, words
from tests.tools.stores import TODAY

METRIC = "pages.cohort.metric"
LAST_WEEK = dt.date(2026, 5, 11)
BY = dt.date(2026, 9, 1)


@pytest.fixture
def store(visiting):
    return visiting(1)


@pytest.fixture
def admin(store):
    with store.read() as cursor:
        return actor_for(cursor, people(cursor)[0].id, store.today())


@pytest.fixture
def owner(store, admin):
    return register_person(store, admin, name="Ines Caron", language="en")


def _form_alone():
    from data.access import Permission
    from data.store import the_store
    from pages.cohort.decision_form import fill_in
    from pages.cohort.metric_view import metric_view
    from pages.shared.session import require

    view = metric_view(the_store().data_version(), site_id="s000", metric_id="cycle", segment=None)
    fill_in(require(Permission.VIEW), view, None)


def form(language="en"):
    """The form without its dialog: a browser runs a dialog by itself, and only a browser shows that."""
    page = AppTest.from_function(_form_alone, default_timeout=30)
    page.query_params["lang"] = language
    page.run()
    assert not page.exception
    return page


def save(page):
    page.button(key="pin-save").click()
    page.run()
    assert not page.exception
    return page


def stored(store):
    with store.read() as cursor:
        return all_decisions(cursor)


@pytest.mark.accepts("3.5")
@pytest.mark.parametrize(
    ("language", "words_"), [("en", "Choose who answers for it."), ("fr", "Choisissez qui en répond.")]
)
def test_a_decision_without_an_owner_is_refused_and_nothing_is_stored(store, owner, language, words_):
    page = form(language)
    page.text_input(key="pin-title").set_value("Freeze the plan")

    save(page)

    assert [error.value for error in page.error] == [words_]
    assert stored(store) == []


@pytest.mark.parametrize("title", ["", "   "])
def test_a_decision_without_a_title_is_refused_and_nothing_is_stored(store, owner, title):
    page = form()
    page.text_input(key="pin-title").set_value(title)
    page.selectbox(key="pin-owner").select(owner.id)

    save(page)

    assert [error.value for error in page.error] == ["Say in one sentence what was decided."]
    assert stored(store) == []


@pytest.mark.accepts("2.7")
def test_a_step_without_its_reason_is_refused_in_words(store, owner):
    page = form()
    page.selectbox(key="pin-kind").select(DecisionType.STEP).run()
    page.text_input(key="pin-title").set_value("A new line")
    page.selectbox(key="pin-owner").select(owner.id)

    save(page)

    assert [error.value for error in page.error] == ["Say why: a step starts the limits again, and readers will ask."]
    assert stored(store) == []


@pytest.mark.accepts("2.15")
def test_several_points_are_left_out_at_once_with_one_reason(store, owner):
    page = form()
    page.selectbox(key="pin-kind").select(DecisionType.EXCLUSION).run()
    page.text_input(key="pin-title").set_value("The strike says nothing of the process")
    page.selectbox(key="pin-owner").select(owner.id)
    first = LAST_WEEK - dt.timedelta(weeks=2)
    chooser = next(box for box in page.selectbox if box.key.startswith("pin-period"))
    chooser.select(first).run()
    save(page)
    assert [error.value for error in page.error] == [
        "Say why this point is left out: the reason stands under the chart."
    ]

    page.text_area(key="pin-reason").set_value("strike")
    page.selectbox(key=f"pin-until-{first}").select(LAST_WEEK)
    save(page)

    (pinned,) = stored(store)
    assert (pinned.type, pinned.period_start, pinned.period_end) == (DecisionType.EXCLUSION, first, LAST_WEEK)


@pytest.mark.accepts("3.2", "3.3", "3.5", "3.6", "3.7", "3.8")
def test_what_was_filled_in_is_pinned_to_its_datum_with_the_value_decided_on(store, admin, owner):
    page = form()
    page.text_input(key="pin-title").set_value("Freeze the plan at D-2")
    page.selectbox(key="pin-owner").select(owner.id)
    page.text_input(key="pin-effect").set_value("−0.5 d by June")
    page.text_input(key="pin-evidence").set_value("https://example.org/minutes")

    save(page)

    (pinned,) = stored(store)
    assert (pinned.site_id, pinned.metric_id, pinned.period_start) == ("s000", "cycle", LAST_WEEK)
    with store.read() as cursor:
        (decided_on,) = cursor.execute(
            "SELECT value FROM cur WHERE site_id = 's000' AND metric_id = 'cycle' AND period_start = ?", [LAST_WEEK]
        ).fetchone()
        first = records.recorded(cursor, Decision, pinned.id)
    assert pinned.value_when_decided == pytest.approx(decided_on)
    assert (pinned.owner_id, first.recorded_by) == (owner.id, admin.person_id)
    assert pinned.applies_on == LAST_WEEK
    assert pinned.expected_effect == "−0.5 d by June"
    assert pinned.evidence_url == "https://example.org/minutes"
    assert pinned.review_on == TODAY + dt.timedelta(weeks=4)
    assert not pinned.public


@pytest.mark.accepts("3.7", "3.8", "4.10")
@pytest.mark.parametrize(("size", "way"), [(-0.5, Direction.DOWN), (2.0, Direction.UP)])
def test_an_expected_size_and_a_linked_key_result_are_kept_and_shown(store, admin, owner, size, way):
    aim = objectives.set_objective(store, admin, title="Sooner", customer_outcome="cycle_time",
                                   owner_id=owner.id, starts_on=TODAY, ends_on=BY)  # fmt: skip
    result = objectives.set_key_result(
        store, admin, objective_id=aim.id, title="Nine days", metric_id="cycle", baseline_value=12.0,
        baseline_date=TODAY, target_value=9.0, due_date=BY, owner_id=owner.id,
    )  # fmt: skip
    page = form()
    page.text_input(key="pin-title").set_value("Freeze the plan")
    page.selectbox(key="pin-owner").select(owner.id)
    page.number_input(key="pin-size").set_value(size)
    page.date_input(key="pin-by").set_value(BY)
    page.selectbox(key="pin-linked").select(("key_result_id", result.id))

    save(page)

    (pinned,) = stored(store)
    assert (pinned.expected_metric_id, pinned.expected_direction, pinned.expected_size, pinned.expected_by) == (
        "cycle", way, abs(size), BY,
    )  # fmt: skip
    assert (pinned.key_result_id, pinned.experiment_id) == (result.id, None)
    written = "−0.5 d" if size < 0 else "+2.0 d"
    assert f"{written} by 1 Sep 2026" in words(opened(METRIC, site="s000", metric="cycle", lang="en"))


@pytest.mark.accepts("3.5", "3.14")
def test_the_page_says_who_owns_it_and_who_typed_it(store, owner):
    page = form()
    page.text_input(key="pin-title").set_value("Freeze the plan")
    page.selectbox(key="pin-owner").select(owner.id)

    save(page)

    page = opened(METRIC, site="s000", metric="cycle", lang="en")
    said = words(page)
    assert "D-01 Freeze the plan Ines Caron · 11 May 2026" in said
    assert "typed by Ada Keeper on" in said


@pytest.mark.accepts("3.2")
def test_another_period_can_be_chosen_from_the_list(store, owner):
    page = form()
    earlier = LAST_WEEK - dt.timedelta(weeks=3)
    (periods,) = [chosen for chosen in page.selectbox if chosen.key.startswith("pin-period")]
    periods.select(earlier).run()
    page.text_input(key="pin-title").set_value("Freeze the plan")
    page.selectbox(key="pin-owner").select(owner.id)

    save(page)

    (pinned,) = stored(store)
    assert (pinned.period_start, pinned.applies_on) == (earlier, earlier)


@pytest.mark.accepts("3.4")
@pytest.mark.parametrize(
    ("kind", "label"),
    [(DecisionType.INCIDENT, "I-01"), (DecisionType.OBSTACLE, "O-01"), (DecisionType.DATA_QUALITY, "D-01")],
)
def test_each_kind_has_its_label(store, owner, kind, label):
    page = form()
    page.selectbox(key="pin-kind").select(kind).run()
    page.text_input(key="pin-title").set_value("The line stood still")
    page.selectbox(key="pin-owner").select(owner.id)

    save(page)

    assert [pinned.label for pinned in stored(store)] == [label]


@pytest.mark.parametrize("link", ["javascript:alert(1)", "no address"])
def test_a_link_that_is_not_one_is_refused_in_words(store, owner, link):
    page = form()
    page.text_input(key="pin-title").set_value("Freeze the plan")
    page.selectbox(key="pin-owner").select(owner.id)
    page.text_input(key="pin-evidence").set_value(link)

    save(page)

    assert [error.value for error in page.error] == ["Evidence must be a link that starts with https:// or http://."]
    assert stored(store) == []


@pytest.mark.promises("A3")
def test_a_right_that_ends_while_the_form_is_open_refuses_the_save_in_words(store, admin, owner, monkeypatch):
    member = register_person(store, admin, name="Mia", language="en")
    roles = [assign(store, admin, person_id=member.id, role=role) for role in (Role.MEMBER, Role.VIEWER)]
    monkeypatch.setenv("ESSAIM_PERSON", member.id)
    page = form()
    page.text_input(key="pin-title").set_value("Freeze the plan")
    page.selectbox(key="pin-owner").select(owner.id)

    end_assignment(store, admin, roles[0].id, store.today() - dt.timedelta(days=1))
    save(page)

    assert len(page.error) == 1
    assert stored(store) == []
