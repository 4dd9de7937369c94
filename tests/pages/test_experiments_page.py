"""The experiments on screen: what was promised, what the data say early and at the end, and what speaks against it."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import replace

import pytest

from data.access import Refused, actor_for
from data.decisions import pin_decision
from data.store import close_store, the_store
from data.types import DecisionType, Verdict
from pages.cohort.experiment_acts import acts_allowed, amend, end_and_read, judge, keep_look
from pages.cohort.experiment_form import may_freeze, may_plan
from pages.cohort.experiments_view import trial_view
from pages.cohort.experiments_words import verdict_words
from pages.shared.session import Visit
from tests.pages.trial_panel import TODAY, load_weeks, one_of_each
from tests.pages.trials import Registry
from tests.tools.screen import charts, opened, rows, title, words

PAGE = "pages.cohort.experiments"


@pytest.fixture(scope="module")
def lived(tmp_path_factory):
    """The path of a store with one trial of each kind; nobody writes to it."""
    path = tmp_path_factory.mktemp("trials") / "essaim.duckdb"
    made = one_of_each(str(path))
    made.store.close()
    return path


@pytest.fixture
def known(lived, tmp_path, monkeypatch):
    """A copy of it as the process's own store, opened by its keeper."""
    for path in lived.parent.glob(f"{lived.name}*"):
        shutil.copy(path, tmp_path / path.name)
    close_store()
    monkeypatch.setenv("ESSAIM_STORE", str(tmp_path / lived.name))
    monkeypatch.setenv("ESSAIM_TODAY", TODAY)
    monkeypatch.setenv("ESSAIM_PERSON", "keeper")
    yield tmp_path / lived.name
    close_store()


def shown(**address):
    page = opened(PAGE, lang="en", **address)
    assert not page.exception, page.exception
    return page


def person(name):
    with the_store().read() as cursor:
        return actor_for(cursor, name, the_store().today())


def keeper_s_visit():
    return Visit(person("keeper"), "en", the_store().today())


def view_of(label):
    return trial_view(the_store().data_version(), the_store().today(), label)


@pytest.mark.accepts("5.10")
def test_the_list_shows_each_effect_raw_and_judged_with_its_cycle(known):
    page = shown()

    assert title(page) == "3 experiments are over: 2 helped."
    first, second, third, runs, *_ = rows(page, "Q1 2026")
    assert first[0].startswith("E-01 Freeze the plan")
    assert [line[1] for line in (first, second, third)] == ["helped", "no visible effect", "helped"]
    assert all("(" in line[2] and "%" in line[3] and "%" in line[4] for line in (first, second, third))
    assert second[4].endswith("may be luck")
    assert runs[1:] == ["running", "", "", ""]


@pytest.mark.accepts("5.6", "5.13", "5.17", "5.18", "5.21")
def test_a_trial_beside_comparison_sites_names_them_and_a_null_is_a_full_result(known):
    page = shown(experiment="E-02")

    said = words(page)
    assert title(page) == "Second check: no visible effect on cycle time."
    assert dict(rows(page, "What the plan promised"))["Compared with"] == "Canaryville, Lyon, Lille, Dijon"
    assert "compared with Canaryville" in said or "Canaryville, Lyon" in said
    assert "What does this not prove?" in said
    assert len(charts(page)) >= 2, "the effect on its line, and the treated site beside the others"
    assert len(page.get("download_button")) == 1


@pytest.mark.accepts("5.15")
def test_another_change_too_close_takes_the_effect_s_place(known):
    visit = keeper_s_visit()
    for day in (dt.date(2026, 1, 12), dt.date(2026, 4, 13)):
        pin_decision(the_store(), visit.actor, type=DecisionType.PROCESS_CHANGE, title="New tool", owner_id="keeper",
                     applies_on=day, site_id="metz", metric_id="cycle")  # fmt: skip

    page = shown(experiment="E-02")

    said = words(page)
    assert title(page) == "Second check: the effect on cycle time cannot be computed."
    assert "their effects cannot be told apart" in said
    assert "Another change falls into the same window: D-02 (Metz), from 13 Apr 2026." in said
    assert not page.get("download_button"), "no script for a number that is not shown"


@pytest.mark.accepts("5.7", "5.8")
def test_sites_one_after_another_have_their_own_starts_and_their_picture(known):
    page = shown(experiment="E-03")

    promise = dict(rows(page, "What the plan promised"))
    assert promise["Start by site"].startswith("Nantes 5 Jan 2026, Metz 26 Jan 2026")
    assert title(page).startswith("Daily call: errors −1")
    assert len(charts(page)) == 2


@pytest.mark.accepts("5.9", "5.11")
def test_a_trial_under_way_has_an_early_signal_by_declared_looks_and_no_result(known):
    page = shown(experiment="E-04")

    said = words(page)
    assert title(page).startswith("Evening shift: running until 28 Jun 2026")
    assert "An early signal is never a result" in said
    assert [line[0] for line in rows(page, "Declared looks")] == ["8 Jan 2026", "19 Jan 2026", "4 Feb 2026"]
    assert rows(page, "Declared looks")[0][1] == "too few points to say anything"
    assert "What came of it?" not in said
    assert "What may be read on any day?" in said
    assert len(charts(page)) == 2, "the looks, and the evidence day by day"
    assert "effect" not in title(page)


@pytest.mark.accepts("5.12", "5.14", "5.16")
def test_before_the_start_it_says_how_small_an_effect_could_be_seen_and_warns_of_an_extreme_start(known):
    page = shown(experiment="E-05")

    promise = dict(rows(page, "What the plan promised"))
    assert promise["Decision rule"] == "Keep it if the whole interval is better."
    assert promise["Guardrails"] == "errors"
    said = words(page)
    assert "would be seen four times in five" in said
    assert "would often be missed" in said
    assert len(charts(page)) == 1, "what could be seen by when"
    assert "chosen right after 1 unusual point" in page.warning[0].value.replace("\xa0", " ")


def test_ending_and_judging_keep_what_the_data_said_and_who_signed(known):
    visit = keeper_s_visit()
    running = view_of("E-04")
    assert acts_allowed(visit, running) == ["end", "keep", "amend", "abandon"]

    keep_look(visit, running)
    end_and_read(visit, running.registered.experiment, "")
    assert acts_allowed(visit, view_of("E-04")) == ["verdict"]
    judge(visit, running.registered.experiment, Verdict.RETIRE)

    judged = view_of("E-04")
    assert [kept.outcome for kept in judged.looks_kept] == ["no_signal_yet"]
    assert (judged.then.kind, judged.then.outcome) == ("verdict", "no_visible_effect")
    assert not judged.then.differs_from(judged.registered.effect)
    assert verdict_words(judged, "en").replace("\xa0", " ").startswith("Verdict: retire, signed by Léa Roux on")


@pytest.mark.accepts("5.2")
def test_an_amendment_shows_each_point_as_it_was_and_as_it_is(known):
    visit, plan = keeper_s_visit(), view_of("E-04").registered.plan

    with pytest.raises(Refused, match="nothing_changed"):
        amend(visit, plan, plan)
    amend(visit, plan, plan.model_copy(update={"ends_on": dt.date(2026, 7, 12)}))

    said = dict(rows(shown(experiment="E-04"), "What the plan promised"))["Changed since"]
    assert said.startswith("amendment 1, ")
    assert "after the start: end “28 Jun 2026”, now “12 Jul 2026” (hash " in said


def test_who_may_not_plan_is_offered_nothing(known):
    leader = replace(keeper_s_visit(), actor=person("leader"))

    assert [acts_allowed(leader, view_of(label)) for label in ("E-01", "E-04", "E-05")] == [[], [], []]
    assert not may_plan(leader)
    assert not may_freeze(leader)


@pytest.mark.accepts("5.20", "5.3")
def test_the_first_verdict_stays_beside_what_corrected_data_say(known):
    first = shown(experiment="E-01")
    assert "The data say today what they said then." in words(first)
    store, keeper = the_store(), person("keeper")
    load_weeks(Registry(store, None, keeper, keeper, keeper), reason="the clock was slow", shift=-2.0)

    page = shown(experiment="E-01")

    then, now = rows(page, "First verdict and today")
    assert (then[1], now[1]) == ("helped", "no visible effect")
    assert then[2] != now[2]
    assert "The data have been corrected since: both are shown." in words(page)
    assert title(page).startswith("Freeze the plan: no visible effect")
