"""The key results' page ahead and back: forecasts, flags, sites, confidence against what happened, files."""

from __future__ import annotations

import datetime as dt
import io

import pytest
from openpyxl import load_workbook

from analytics.forecast import calibration
from analytics.results import NotComputable
from analytics.results_trend import Calibration, Forecast
from data.objectives import check_in
from pages.cohort.key_results_ahead import forecasts, past_confidence, standings
from pages.cohort.key_results_export import as_csv, as_workbook
from pages.cohort.key_results_telling import flags
from pages.cohort.key_results_view import aims_view, picture
from pages.cohort.key_results_words import next_step
from pages.shared.calibration_chart import calibration_chart
from tests.pages.cohort_store import TODAY, WEEKS, cohort, opened
from tests.pages.test_key_results import key_results_page, promise, shown_text

DAY = dt.date(2026, 6, 1)
START = WEEKS[0].date()


@pytest.fixture
def store(own_store):
    return own_store("leader", TODAY)


def stated(made, aim, *shares, first=dt.date(2026, 1, 7), every=14):
    for n, share in enumerate(shares):
        check_in(made.store, made.actor("member"), key_result_id=aim.id, confidence=share,
                 checked_on=first + dt.timedelta(days=n * every))  # fmt: skip


def said_of(store):
    return [flags(state, DAY, "en") for state in aims_view(store.data_version(), DAY).states]


@pytest.mark.accepts("4.7", "4.12", "4.13", "4.15")
def test_the_page_says_where_a_key_result_is_heading_with_its_chance_and_draws_the_band(store):
    made = cohort(store, 3)
    aim = promise(made, site_ids=("site-0",), target_value=8.0)
    short = promise(made, objective_id=aim.objective_id, title="Too long", due_date=dt.date(2028, 1, 1))
    stated(made, aim, 0.8, 0.6, 0.5)

    shown = shown_text(opened(key_results_page))
    version = store.data_version()
    spec, words = picture(version, DAY, aim.objective_id, "en", "light")

    found = forecasts(version, DAY)
    assert isinstance(found[aim.id], Forecast)
    assert found[short.id].code == "horizon_too_long"
    assert "if the current trend holds" in shown
    assert "chance of reaching 8.0 d by 1 Sep 2026" in shown
    assert "80% band from" in shown
    assert "too far to forecast" in shown  # the reason stands where a number would mislead
    bars = [layer for layer in spec["layer"] if layer["mark"].get("strokeWidth") == 9]
    assert len(bars[0]["data"]["values"]) == 1
    assert "Forecasts: Cycle time at nine days" in words
    assert "confidence fell twice running, from 80% to 50%" in shown
    assert "How does each site stand?" in shown
    assert "Value of 1 site, together: mean" in shown


@pytest.mark.accepts("4.9")
def test_past_confidence_is_held_against_what_happened_in_words_and_in_a_picture(store):
    made = cohort(store, 3)
    due = dt.date(2026, 5, 10)
    reached = promise(made, site_ids=("site-0",), due_date=due)  # falls to 8 and 9
    missed = promise(
        made, objective_id=reached.objective_id, title="Nine at site 2", site_ids=("site-2",), due_date=due
    )
    open_still = promise(made, objective_id=reached.objective_id, title="Open")
    stated(made, reached, 0.6, 0.8, 0.8, 0.9, 0.9)
    stated(made, missed, 0.6, 0.4, 0.2, 0.2, 0.1)
    stated(made, open_still, 0.5)
    stated(made, reached, 1.0, first=dt.date(2026, 5, 20))  # after it was due: no forecast

    shown = shown_text(opened(key_results_page))
    past = past_confidence(store.data_version(), DAY)

    assert (past.found.n, past.n_key_results, past.n_reached) == (10, 2, 1)
    assert "Stated chances agree with what happened so far" in shown
    assert "From the check-ins of 2 key results past their due date; reached: 1." in shown
    assert "number: check-ins" in shown


def test_too_few_past_check_ins_are_told_and_not_drawn(store):
    made = cohort(store, 3)
    promise(made)

    past = past_confidence(store.data_version(), DAY)

    assert isinstance(past.found, NotComputable)
    assert past.n_key_results == 0


def test_a_due_date_that_was_never_measured_judges_nobody(store):
    made = cohort(store, 1)
    aim = promise(made, metric_id="orders", due_date=dt.date(2026, 5, 10))
    stated(made, aim, 0.5)

    assert past_confidence(store.data_version(), DAY).n_key_results == 0
    assert forecasts(store.data_version(), DAY)[aim.id].code == "no_data"


def test_the_next_step_sees_to_what_is_past_due_then_to_what_is_flagged(store):
    made = cohort(store, 3)
    losing = promise(made, site_ids=("site-0",))
    stated(made, losing, 0.8, 0.6, 0.5, first=dt.date(2026, 4, 27))
    flagged = next_step(aims_view(store.data_version(), DAY), DAY, "en")
    late = promise(
        made, objective_id=losing.objective_id, title="Past", site_ids=("site-2",), due_date=dt.date(2026, 5, 10)
    )
    view = aims_view(store.data_version(), DAY)

    assert flagged[1] == losing.id
    assert "keeps falling" in flagged[0]
    assert next_step(view, DAY, "en")[1] == late.id
    assert "“Past” was due on 10 May 2026 and is not reached" in next_step(view, DAY, "en")[0].replace("\u00a0", " ")


@pytest.mark.accepts("4.13")
def test_a_check_in_that_is_overdue_and_a_pace_that_is_behind_are_flagged_in_words(store):
    made = cohort(store, 3)
    aim = promise(made, site_ids=("site-2",))
    assert said_of(store)[0][0] == "check-in overdue by 124 days"
    assert "behind its line" in said_of(store)[0][1]

    stated(made, aim, 0.5, 0.4, first=dt.date(2026, 5, 4))

    assert [words.partition(":")[0] for words in said_of(store)[0]] == ["behind its line"]
    (state,) = aims_view(store.data_version(), DAY).states
    assert flags(state, dt.date(2026, 9, 2), "en") == []  # past its due date there is nothing left to do about it


@pytest.mark.accepts("4.12")
def test_each_site_of_a_key_result_stands_with_its_own_value_the_furthest_first(store):
    aim = promise(cohort(store, 3))

    found = standings(store.data_version(), DAY, aim.id)

    assert [one.name for one in found] == ["Site 1", "Site 2", "Site 0"]
    assert found[-1].share > 1 > 0 > found[0].share
    assert {one.data_date for one in found} == {dt.date(2026, 5, 31)}


@pytest.mark.accepts("4.15")
def test_values_and_check_ins_leave_as_csv_and_as_a_workbook_with_numbers_as_numbers(store):
    made = cohort(store, 3)
    stated(made, promise(made, title="=1+1"), 0.6)
    states = aims_view(store.data_version(), DAY).states

    text = as_csv(states, "en").decode("utf-8-sig").splitlines()
    sheet = load_workbook(io.BytesIO(as_workbook(states, "fr"))).active
    rows = list(sheet.values)

    assert len(text) == len(rows) == 1 + len(WEEKS) + 1
    assert text[1].startswith("value,Customers get their order sooner,'=1+1")
    assert rows[0][:3] == ("nature", "objectif", "résultat clé")
    assert rows[-1][0] == "point de confiance"
    assert rows[-1][8] == 0.6
    assert isinstance(rows[1][7], int | float)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_bin_that_luck_does_not_allow_is_a_square(theme):
    found = calibration([0.9] * 12 + [0.5] * 4, [False] * 11 + [True] * 5)
    assert isinstance(found, Calibration)

    spec = calibration_chart(found, language="fr", theme=theme, description="x").to_dict()

    assert [layer["mark"].get("shape") for layer in spec["layer"][2:4]] == ["circle", "square"]
