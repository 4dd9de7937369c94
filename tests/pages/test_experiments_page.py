"""The experiments on screen: what was promised, what the data say early and at the end, and what speaks against it."""

from __future__ import annotations

import shutil

import pytest

from data.store import close_store, the_store
from tests.pages.trial_panel import TODAY, load_weeks, one_of_each
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


@pytest.mark.accepts("5.10")
def test_the_list_shows_each_effect_raw_and_judged_with_its_cycle(known):
    page = shown()

    assert title(page) == "3 experiments are over: 2 helped."
    first, second, third, runs, *_ = rows(page, "2026-Q1")
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


@pytest.mark.accepts("5.20", "5.3")
def test_the_first_verdict_stays_beside_what_corrected_data_say(known):
    from tests.pages.trials import Registry

    first = shown(experiment="E-01")
    assert "The data say today what they said then." in words(first)
    store = the_store()
    from data.access import actor_for

    with store.read() as cursor:
        keeper = actor_for(cursor, "keeper", store.today())
    load_weeks(Registry(store, None, keeper, keeper, keeper), reason="the clock was slow", shift=-2.0)

    page = shown(experiment="E-01")

    then, now = rows(page, "First verdict and today")
    assert (then[1], now[1]) == ("helped", "no visible effect")
    assert then[2] != now[2]
    assert "The data have been corrected since: both are shown." in words(page)
    assert title(page).startswith("Freeze the plan: no visible effect")
