"""The catalogue: which way is better, which targets hold from when, and which names the sites go by."""

from __future__ import annotations

import datetime as dt

import pytest
from streamlit.testing.v1 import AppTest

from analytics.results import Direction
from data import records
from data.access import actor_for
from data.metrics import edit_metric, undirected_metrics
from data.people import assign, people, register_person
from data.score import board
from data.sites import site_named
from data.types import Aggregation, CustomerOutcome, Metric, Role, Site, Target
from pages.keepers.catalogue import MOST_SITES
from tests.pages.test_metric import measure
from tests.tools.screen import charts, inside, opened, primary_buttons, rows, title, words
from tests.tools.stores import TODAY

CATALOGUE = "pages.keepers.catalogue"
METRIC = "pages.cohort.metric"


def founder(store):
    with store.read() as cursor:
        return actor_for(cursor, people(cursor)[0].id, store.today())


def metric(store, metric_id):
    with store.read() as cursor:
        return records.one(cursor, Metric, metric_id)


def targets(store, metric_id):
    with store.read() as cursor:
        return records.current(cursor, Target, metric_id=metric_id)


def direct(store, metric_id, direction):
    edit_metric(store, founder(store), metric_id, direction=direction)


def someone(store, monkeypatch, role, **where):
    """Sign in somebody who holds one role and no other."""
    person = register_person(store, founder(store), name=f"Pat {role}", language="en")
    assign(store, founder(store), person_id=person.id, role=role, **where)
    monkeypatch.setenv("ESSAIM_PERSON", person.id)


def press(page, key):
    page.button(key=key).click().run()
    assert not page.exception, page.exception
    return page


def _form_alone():
    import streamlit as st

    from data.store import the_store
    from pages.keepers import catalogue_forms as forms
    from pages.keepers.catalogue_view import catalogue_view
    from pages.shared.session import visit

    now = visit()
    view = catalogue_view(the_store().data_version(), now.today)
    if forms.SAVED in st.session_state:
        st.stop()
    asked = st.query_params
    if asked["form"] == "metric":
        forms.open_metric(now, view.metrics[asked["of"]])
    elif asked["form"] == "target":
        forms.open_target(now, view.metrics[asked["of"]], view)
    else:
        forms.open_site(now, view.sites[asked["of"]])


def form(kind, of, language="en"):
    """One form, opened at every run: a browser runs the dialog alone, the test harness runs the page."""
    page = AppTest.from_function(_form_alone, default_timeout=30)
    page.query_params["form"], page.query_params["of"], page.query_params["lang"] = kind, of, language
    page.run()
    assert not page.exception, page.exception
    return page


def keys(page):
    return {button.key for button in page.button}


@pytest.mark.accepts("9.5", "7.11")
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("n_sites", [1, 15, 300])
def test_the_screen_opens_at_any_size_in_both_languages(visiting, n_sites, language):
    visiting(n_sites)

    page = opened(CATALOGUE, lang=language)

    assert not page.exception
    assert len(primary_buttons(page)) == 1
    assert ("Mesurée" if language == "fr" else "Measured") in words(page)
    assert "mars 2025 – " in words(page) or "Mar 2025 to " in words(page)
    assert len(rows(page, "métriques" if language == "fr" else "metrics")) == 4
    assert len(rows(page, "Les sites et" if language == "fr" else "The sites and")) == min(n_sites, MOST_SITES)


def test_an_empty_catalogue_asks_for_a_first_file(visiting):
    visiting(0)

    page = opened(CATALOGUE, lang="en")

    assert title(page) == "No metric in the catalogue yet"
    assert primary_buttons(page) == ["Bring a file"]


@pytest.mark.accepts("2.13")
def test_a_direction_said_on_the_screen_turns_a_signal_into_a_concern(visiting):
    store = visiting(1)
    direct(store, "stock", Direction.NEUTRAL)
    measure(store, [10.0, 11.0] * 12 + [16.0, 16.5] * 4, direction=Direction.NEUTRAL)
    with store.read() as cursor:
        assert board(cursor).set_index("metric_id").loc["extra", "variation"] == "neutral"

    assert title(opened(CATALOGUE, lang="en")) == "1 metric has no better direction yet"
    page = form("metric", "extra")
    page.radio(key="metric-extra-direction").set_value(Direction.DOWN)
    press(page, "catalogue-metric-save")

    assert title(opened(CATALOGUE, lang="en")) == "1 metric has no target yet"
    with store.read() as cursor:
        assert board(cursor).set_index("metric_id").loc["extra", "variation"] == "concern"
    chart = opened(METRIC, site="s000", metric="extra", span="all", lang="en")
    assert title(chart).endswith("in the bad direction.")


@pytest.mark.parametrize(("button", "field"), [("catalogue-direction", "metric-stock-direction"),
                                               ("catalogue-edit", "metric-cycle-unit"),
                                               ("catalogue-set", "target-cycle-value"),
                                               ("catalogue-site", "site-s000-name")])  # fmt: skip
def test_each_button_opens_its_form(visiting, button, field):
    visiting(1)

    page = press(opened(CATALOGUE, lang="en"), button)

    shown = [*page.radio, *page.text_input, *page.number_input]
    assert field in {widget.key for widget in shown}


def test_the_direction_is_asked_for_and_never_guessed(visiting):
    store = visiting(1)

    page = form("metric", "stock")
    assert page.radio(key="metric-stock-direction").value is None
    press(page, "catalogue-metric-save")

    assert [error.value for error in page.error] == ["Say which way is better: higher, lower, or neither."]
    with store.read() as cursor:
        assert [found.id for found in undirected_metrics(cursor)] == ["stock"]


def test_a_metric_that_is_neutral_on_purpose_is_asked_about_once(visiting):
    store = visiting(1)
    page = form("metric", "stock")

    page.radio(key="metric-stock-direction").set_value(Direction.NEUTRAL)
    press(page, "catalogue-metric-save")

    assert title(opened(CATALOGUE, lang="en")) == "The 4 metrics have all that their signals need"
    assert metric(store, "stock").direction is Direction.NEUTRAL


def test_a_new_unit_is_a_new_definition_and_a_new_name_is_not(visiting):
    store = visiting(1)
    page = form("metric", "cycle")

    page.text_input(key="metric-cycle-en").set_value("Lead time")
    press(page, "catalogue-metric-save")
    named = metric(store, "cycle")
    page = form("metric", "cycle")
    page.text_input(key="metric-cycle-unit").set_value("h")
    page.selectbox(key="metric-cycle-how").set_value(Aggregation.SUM)
    page.selectbox(key="metric-cycle-outcome").set_value(CustomerOutcome.CYCLE_TIME)
    page.number_input(key="metric-cycle-high").set_value(400.0)
    press(page, "catalogue-metric-save")

    changed = metric(store, "cycle")
    assert (named.name_en, named.definition_version) == ("Lead time", 1)
    assert (changed.unit, changed.aggregation, changed.definition_version) == ("h", Aggregation.SUM, 2)
    assert (changed.plausible_high, changed.customer_outcome) == (400.0, CustomerOutcome.CYCLE_TIME)
    assert changed.direction is Direction.DOWN


def test_a_reversed_range_is_refused_in_a_sentence(visiting):
    store = visiting(1)
    page = form("metric", "cycle", "fr")

    page.number_input(key="metric-cycle-low").set_value(9.0)
    page.number_input(key="metric-cycle-high").set_value(1.0)
    press(page, "catalogue-metric-save")

    assert len(page.error) == 1
    assert metric(store, "cycle").plausible_low is None


@pytest.mark.accepts("2.10")
def test_targets_change_over_time_and_the_old_ones_stay(visiting):
    visiting(1)
    later = TODAY + dt.timedelta(weeks=8)
    for value, start in ((9.0, TODAY - dt.timedelta(weeks=10)), (8.0, later)):
        page = form("target", "cycle")
        page.number_input(key="target-cycle-value").set_value(value)
        page.date_input(key="target-cycle-from").set_value(start)
        press(page, "catalogue-target-save")

    shown = rows(opened(CATALOGUE, lang="en", metric="cycle"), "The targets of this metric")

    assert [(line[1], line[3]) for line in shown] == [
        ("8.0 d", "to come"), ("9.0 d", "in force"), ("10.0 d", "no longer in force"),
    ]  # fmt: skip
    assert all("Ada Keeper" in line[4] for line in shown)
    chart = charts(opened(METRIC, site="s000", metric="cycle", span="all", lang="en"))[0]
    levels = {part["y"] for part in inside(chart) if part.get("y") in (8.0, 9.0, 10.0)}
    assert levels >= {9.0, 10.0}


def test_one_site_may_have_a_target_of_its_own(visiting):
    store = visiting(15)
    page = form("target", "cycle")

    page.number_input(key="target-cycle-value").set_value(11.0)
    page.selectbox(key="target-cycle-where").set_value("s003")
    press(page, "catalogue-target-save")

    assert [target.value for target in targets(store, "cycle") if target.site_id == "s003"] == [11.0]
    assert "1 site has its own" in words(opened(CATALOGUE, lang="en"))


def test_a_target_without_a_number_is_refused_in_a_sentence(visiting):
    store = visiting(1)
    page = form("target", "cycle")

    press(page, "catalogue-target-save")

    assert [error.value for error in page.error] == ["A number was expected."]
    assert len(targets(store, "cycle")) == 1


def test_a_target_starts_where_the_data_stop_so_that_the_chart_shows_it(visiting):
    visiting(1)

    page = form("target", "cycle")

    assert page.date_input(key="target-cycle-from").value == TODAY - dt.timedelta(weeks=1)


@pytest.mark.accepts("10.1", "10.4")
@pytest.mark.parametrize(
    ("role", "may"),
    [
        (Role.VIEWER, set()),
        (Role.METRIC_KEEPER, set()),
        (Role.LEADER, {"catalogue-set"}),
        (Role.ADMIN, {"catalogue-direction", "catalogue-edit", "catalogue-site"}),
    ],
)
def test_each_role_sees_the_catalogue_and_only_the_buttons_it_has(visiting, monkeypatch, role, may):
    store = visiting(1)
    someone(store, monkeypatch, role)

    page = opened(CATALOGUE, lang="en")

    assert not page.exception
    assert keys(page) == may


def test_a_leader_of_one_site_sets_its_target_and_no_other(visiting, monkeypatch):
    store = visiting(15)
    someone(store, monkeypatch, Role.LEADER, site_id="s004")

    page = form("target", "cycle")

    assert page.selectbox(key="target-cycle-where").options == ["Site 004"]


@pytest.mark.accepts("3.12")
def test_a_renamed_site_is_still_known_by_its_former_and_other_names(visiting):
    store = visiting(1)
    page = form("site", "s000")

    page.text_input(key="site-s000-name").set_value("Nantes")
    page.text_input(key="site-s000-alias").set_value("NTE plant")
    press(page, "catalogue-site-save")

    with store.read() as cursor:
        found = {site_named(cursor, name) for name in ("Nantes", "Site 000", "NTE plant", "S000")}
        assert found == {records.one(cursor, Site, "s000")}
    assert "Site 000 · NTE plant" in words(opened(CATALOGUE, lang="en"))


def test_a_name_of_another_site_is_refused_in_a_sentence(visiting):
    visiting(15)
    page = form("site", "s000")

    page.text_input(key="site-s000-name").set_value("Site 001")
    press(page, "catalogue-site-save")

    assert [error.value for error in page.error] == ["Another site already has this name or alias."]


def test_a_site_among_three_hundred_is_found_by_name(visiting):
    visiting(300)
    page = opened(CATALOGUE, lang="en")

    page.text_input(key="catalogue-search").set_value("site 29").run()

    assert [line[0] for line in rows(page, "The sites and")] == [f"Site {n}" for n in range(290, 300)]


def test_the_chart_of_an_undecided_metric_leads_to_the_catalogue(visiting):
    visiting(1)

    page = opened(METRIC, site="s000", metric="stock", lang="en")

    assert "say which way is better for Average stock" in words(page)
    assert primary_buttons(page) == ["Open the catalogue"]
    assert "pin" in keys(page)


def test_the_chart_of_a_metric_without_a_target_leads_to_the_catalogue(visiting):
    store = visiting(1)
    measure(store, [10.0, 11.0] * 12)

    page = opened(METRIC, site="s000", metric="extra", lang="en")

    assert "set a target for Delays" in words(page)
    assert primary_buttons(page) == ["Open the catalogue"]


def test_somebody_who_may_change_neither_is_led_to_pin(visiting, monkeypatch):
    store = visiting(1)
    someone(store, monkeypatch, Role.MEMBER)

    page = opened(METRIC, site="s000", metric="stock", lang="en")

    assert primary_buttons(page) == ["Pin…"]
