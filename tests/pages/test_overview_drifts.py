"""Drift alarms on the first screen: ranked over the whole board, with who looks into them, gone when answered."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from data import records
from data.access import Permission
from data.attention import Kind, awaiting_decision, drifts
from data.observations import board
from data.people import assign, register_person
from data.types import Grain, Metric, ProposalAnswer, Role, Site
from pages.leadership.overview_drifts import lines
from pages.leadership.overview_view import overview
from tests.data.loads import load
from tests.tools.screen import markup, opened, words

OVERVIEW = "pages.leadership.overview"
WEEKS = pd.date_range(end="2026-03-23", periods=250, freq="7D")
TODAY = dt.date(2026, 3, 30)
METRIC = Metric(id="delay", name_fr="délai", name_en="delay", unit="d", direction="down", frequency=Grain.WEEK)
RISES = {7: 1.7, 11: 1.9, 20: -1.8}  # of these sites, by so many standard deviations, in the last weeks
SHAPE = np.array([1, 1, 1, 1, 1, -0.2, 1, 1, 1, 1, 1, -0.2, 1, 1, 1])  # no run of seven, none near a limit


def filled(store, keeper, n_sites, rises=RISES):
    rng = np.random.default_rng(1)
    values = 20 + rng.normal(size=(n_sites, len(WEEKS)))
    for site, rise in rises.items():
        values[site, -len(SHAPE) :] = 20 + rise * SHAPE + 0.1 * rng.normal(size=len(SHAPE))
    frame = pd.DataFrame({
        "site_id": np.repeat([f"s{n:03d}" for n in range(n_sites)], len(WEEKS)), "metric_id": "delay", "segment": "",
        "period_start": [day.date() for day in WEEKS] * n_sites, "grain": "week", "value": values.ravel(), "weight": np.nan,
        "source_row": range(values.size), "source_column": "B", "mark": "",
    })  # fmt: skip
    sites = [Site(id=f"s{n:03d}", name=f"Site {n:03d}") for n in range(n_sites)]
    load(store, keeper, frame, new=[*sites, METRIC])


@pytest.fixture
def drifting(store, keeper):
    filled(store, keeper, 30)
    return store


def listed(store):
    with store.read() as cursor:
        return drifts(cursor, TODAY)


def test_alarms_are_ranked_by_how_little_chance_explains_them(drifting):
    found = listed(drifting)

    adjusted = [drift.adjusted for drift in found]
    assert adjusted == sorted(adjusted)
    assert found[0].site_id == "s011"
    assert {drift.site_id for drift in found if drift.stands} == {"s007", "s011", "s020"}
    assert {drift.site_id: drift.good for drift in found if drift.stands}["s020"] is True


@pytest.mark.accepts("2.24")
@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_drift_reaches_the_keeper_of_its_metrics_before_a_limit_is_crossed(drifting, keeper, language):
    person = register_person(drifting, keeper, name="Lea Keeper")
    assign(
        drifting, keeper, person_id=person.id, role=Role.METRIC_KEEPER, site_id="s007", starts_on=dt.date(2026, 1, 1)
    )
    with drifting.read() as cursor:
        waiting = {due.site_id: due for due in awaiting_decision(cursor, TODAY) if due.kind is Kind.DRIFT}
        inside = board(cursor).set_index("site_id").loc[list(waiting), "signal_rule"]

    page = opened(OVERVIEW, lang=language)

    assert not page.exception
    assert inside.isna().all()
    assert waiting["s007"].owner_id == person.id
    assert "s020" not in waiting
    said = words(page)
    assert {"en": "What begins to drift?", "fr": "Qu’est-ce qui commence à dériver"}[language] in said
    assert {"en": "for Lea Keeper to look into", "fr": "à regarder par Lea Keeper"}[language] in said
    assert said.index("Site 011") < said.index("Site 000")
    assert "/metric?site=s011" in markup(page)


def test_a_drift_there_when_watching_began_is_said_to_be_since_then_or_before(store, keeper, monkeypatch):
    monkeypatch.setitem(globals(), "SHAPE", np.tile(SHAPE, 4))
    filled(store, keeper, 30)

    view = overview(store.data_version(), TODAY)

    assert {drift.or_before for drift in view.drifts if drift.stands} == {True}
    assert [str(note.rest).rsplit(" ", 2)[1:] for note in lines(view, "en")] == [["or", "before"]] * len(
        lines(view, "en")
    )
    assert " ou avant" in str(lines(view, "fr")[0].rest)


def test_an_answered_alarm_is_gone_from_the_list(drifting, keeper):
    first = listed(drifting)[0]
    answer = ProposalAnswer(
        id=records.new_id(), kind="drift", site_id=first.site_id, metric_id=first.metric_id, side=str(first.side),
        about=first.since, earliest=first.since, latest=first.raised_on, reply="dismissed", reason="known works",
    )  # fmt: skip
    with drifting.change(keeper, Permission.STEP_LIMITS, site_id=first.site_id) as tx:
        tx.append(answer, "proposal.dismiss")

    assert first.site_id not in {drift.site_id for drift in listed(drifting)}


def test_three_hundred_quiet_sites_show_no_drift(store, keeper):
    filled(store, keeper, 300, rises={})

    raised = listed(store)
    assert raised != []
    assert [drift.site_id for drift in raised if drift.stands] == []
    with store.read() as cursor:
        assert Kind.DRIFT not in {due.kind for due in awaiting_decision(cursor, TODAY)}
    page = opened(OVERVIEW, lang="en")
    assert not page.exception
    assert "begins to drift" not in words(page)
