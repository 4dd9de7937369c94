"""The first screen: what changed, what needs a decision, what is late, at 0, 1, 15 and 300 sites, in both languages."""

from __future__ import annotations

import re

import pytest

from data.rollout import stages
from data.types import Stage
from tests.tools.screen import charts, markup, opened, primary_buttons, rows, title, words
from tests.tools.stores import TODAY

OVERVIEW = "pages.leadership.overview"
TABLE = {"en": "Sites and metrics", "fr": "Sites et métriques"}
QUESTIONS = {
    "en": ("recent change", "decision", "late item"),
    "fr": ("changement", "décision", "retard"),
}


@pytest.mark.accepts("9.5", "9.15", "7.11")
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("n_sites", [15, 300])
def test_the_first_screen_answers_what_changed_what_waits_and_what_is_late(visiting, n_sites, language):
    visiting(n_sites)

    page = opened(OVERVIEW, lang=language)

    assert not page.exception
    said = words(page)
    counts = said[said.index(title(page)) + len(title(page)) :]
    places = [counts.index(question) for question in QUESTIONS[language]]
    assert places == sorted(places)
    assert max(places) < counts.index(TABLE[language])
    assert len(primary_buttons(page)) == 1


@pytest.mark.parametrize(("language", "finding"), [("en", "Nothing has been brought yet."), ("fr", "Rien n’a encore")])
def test_an_empty_store_says_what_is_missing_and_who_can_bring_it(visiting, language, finding):
    visiting(0)

    page = opened(OVERVIEW, lang=language)

    assert not page.exception
    assert title(page).startswith(finding)
    assert charts(page) == []
    assert "es-empty" in markup(page)
    assert primary_buttons(page) == [{"en": "Bring a file", "fr": "Apporter un fichier"}[language]]


def test_one_site_is_told_in_the_singular(visiting):
    visiting(1)

    page = opened(OVERVIEW, lang="en")

    assert not page.exception
    assert "from 1 of 1 site" in words(page)
    assert len(rows(page, TABLE["en"])) == 1


@pytest.mark.accepts("7.1")
def test_the_finding_is_the_sites_live_against_the_plan(visiting):
    store = visiting(15)
    with store.read() as cursor:
        passages = [p for p in stages(cursor) if p.stage is Stage.LIVE]
    live = sum(p.actual_on is not None and p.actual_on <= TODAY for p in passages)
    late = sum(p.actual_on is None and p.planned_on < TODAY for p in passages)

    page = opened(OVERVIEW, lang="en")

    assert title(page) == f"{live} of 15 sites are live; {late} are late."


@pytest.mark.accepts("2.12", "2.11")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_one_table_of_sites_and_metrics_begins_with_those_in_need_of_a_decision(visiting, language):
    visiting(15)

    table = rows(opened(OVERVIEW, lang=language), TABLE[language])

    assert len(table) == 15
    assert all(len(line) >= 2 + 4 for line in table)  # a quiet row says so once more, for a phone
    in_need = [line[1] != "–" for line in table]
    assert in_need == sorted(in_need, reverse=True)
    assert any(in_need)
    variation, assurance = {
        "en": ("improving|concern|steady|no direction", "will meet|sometimes|will miss"),
        "fr": ("s’améliore|préoccupe|stable|sans sens", "atteindra|parfois|n’atteindra pas"),
    }[language]
    for line in table:
        assert all(re.fullmatch(rf"[\d., −]+ ({variation}) · ({assurance})", cell) for cell in line[2:5])
        assert re.fullmatch(rf"[\d., −]+ ({variation})", line[5]), "the metric without a target has no assurance"


@pytest.mark.accepts("9.10")
def test_a_tinted_cell_always_says_its_state_in_words(visiting):
    visiting(15)

    cells = re.findall(r'<td[^>]*es-(better|worse)"[^>]*>(.*?)</td>', markup(opened(OVERVIEW, lang="en")), re.DOTALL)

    assert cells
    for tint, cell in cells:
        assert {"better": "improving", "worse": "concern"}[tint] in cell


@pytest.mark.accepts("7.11")
def test_three_hundred_sites_are_first_narrowed_to_those_in_need_and_can_be_searched(visiting):
    visiting(300)

    page = opened(OVERVIEW, lang="en")

    shown = rows(page, TABLE["en"])
    assert 0 < len(shown) <= 60
    assert f"{len(shown)} of 300 sites" in words(page)
    page.text_input(key="board-search").set_value("site 123").run()
    assert [line[0].split(" wave")[0] for line in rows(page, TABLE["en"])] == ["Site 123"]
    page.text_input(key="board-search").set_value("nowhere").run()
    assert not page.exception
    assert "0 of 300 sites" in words(page)


@pytest.mark.accepts("9.7")
def test_the_rollout_picture_says_its_finding_in_words(visiting):
    visiting(15)

    page = opened(OVERVIEW, lang="en")

    (rollout,) = charts(page)
    assert re.search(r"\d+ live today, \d+ planned by now", rollout["description"])
    assert rollout["description"] in words(page)


def test_many_sites_of_a_wave_are_counted_by_stage(visiting):
    visiting(300)

    waves = rows(opened(OVERVIEW, lang="en"), "Waves of the rollout")

    assert len(waves) == 3
    assert all(re.match(r"Wave \d \d+ live · \d+ planned", line[0]) for line in waves)


def test_few_sites_of_a_wave_are_named(visiting):
    visiting(15)

    waves = rows(opened(OVERVIEW, lang="en"), "Waves of the rollout")

    assert waves[0][0] == "Wave 1 Site 000 · Site 003 · Site 006 · Site 009 · Site 012"
