"""Before its end, a trial is read with the same care as after it: doubts, weights, and each reason in its own words."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest

from analytics.results import NotComputable
from analytics.results_sequential import DeclaredLooks, EarlySignal, EValue, Look
from analytics.sequential import compared_looks, declared_looks
from data import records
from data.decisions import pin_decision
from data.experiments import plans, start_experiment
from data.types import DecisionType, Experiment
from pages.cohort.experiments_early import looks_table, signal_word
from pages.cohort.experiments_view import Early, early_looks, early_reading, look_plans
from pages.cohort.experiments_words import doubts
from pages.shared.trial_data import trial_data
from tests.pages.trial_panel import COMPARED, NAMES, STAGGERED, load_weeks, promised, sites
from tests.pages.trials import REGISTERED, START

TODAY = START + dt.timedelta(days=60)
LOOKS = tuple(START + dt.timedelta(days=days) for days in (14, 30))


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    made = sites(str(tmp_path_factory.mktemp("early") / "essaim.duckdb"))
    made.clock.moment = REGISTERED
    asked = {
        "plain": {}, "changed": {"site_ids": ("lyon",)}, "extreme": {"site_ids": ("tours",), "metric_id": "errors"},
        "compared": COMPARED | {"metric_id": "errors"}, "staggered": STAGGERED,
    }  # fmt: skip
    made.trials = {name: promised(made, name, looks=LOOKS, **changes) for name, changes in asked.items()}
    made.clock.moment = dt.datetime.combine(START, dt.time(9), dt.UTC)
    for each in made.trials.values():
        start_experiment(made.store, made.keeper, each.id)
    load_weeks(made)
    pin_decision(
        made.store, made.keeper, type=DecisionType.PROCESS_CHANGE, title="New tool", owner_id="keeper",
        applies_on=START + dt.timedelta(weeks=2), site_id="lyon", metric_id="cycle",
    )  # fmt: skip
    yield made
    made.store.close()


def read(known, name):
    with known.store.read() as cursor:
        experiment = records.one(cursor, Experiment, known.trials[name].id)
        (plan,) = plans(cursor, experiment.id)
        data = trial_data(cursor, plan)
        return plan, data, early_reading(cursor, experiment, plan, data, names=NAMES, today=TODAY)


def test_a_trial_under_way_that_nothing_speaks_against_has_its_looks_and_its_evidence(known):
    _, _, early = read(known, "plain")

    assert isinstance(early.looks, DeclaredLooks)
    assert isinstance(early.evidence, EValue)
    assert early.refusal is None


def test_what_forbids_the_effect_forbids_the_early_signal_and_the_evidence(known):
    _, _, early = read(known, "changed")

    assert early.refusal.code == "overlap_inseparable"
    assert early.looks is None
    assert early.evidence == early.refusal
    icon, word = signal_word(early, None, "en")
    assert (icon, "their effects cannot be told apart" in word) == ("ring", True)


def test_the_extreme_point_that_chose_the_start_is_left_out_of_the_early_readings(known):
    plan, data, early = read(known, "extreme")
    naive = early_looks(plan, data, TODAY)

    assert "chosen_after_extreme" in [guard.code for guard in early.doubts]
    assert [look.n_before for look in early.looks.looks] == [look.n_before - 1 for look in naive.looks]
    assert early.evidence.n_before == len(data.values[: str(START)].dropna()) - 2, "the start itself is after"


def test_the_looks_of_a_compared_ratio_weigh_as_its_final_effect_does(known):
    plan, data, _ = read(known, "compared")
    cases = np.random.default_rng(2).integers(5, 90, data.by_site.shape).astype(float)
    uneven = replace(data, site_weights=data.site_weights * 0 + cases)
    asked = {"treated_sites": plan.site_ids, "intervention_date": plan.starts_on, "today": TODAY,
             "direction": data.metric.direction, "looks": look_plans(plan)}  # fmt: skip

    made = early_looks(plan, uneven, TODAY)

    weighed, plain = (
        compared_looks(data.by_site, rng=np.random.default_rng(plan.seed), weights=weights, **asked)
        for weights in (uneven.site_weights, None)
    )
    assert made.looks[-1].outcome.estimate == weighed.looks[-1].outcome.estimate
    assert made.looks[-1].outcome.estimate != plain.looks[-1].outcome.estimate


def test_a_look_that_says_nothing_says_why_in_its_own_words(known):
    plan, data, early = read(known, "plain")
    flat = replace(data, values=data.values * 0 + 12)
    silent = Early((), None, early_looks(plan, flat, TODAY), None)

    said = looks_table(silent.looks, data.metric, "en").replace("\xa0", " ")

    assert silent.looks.looks[-1].outcome.code == "constant"
    assert "too few points" not in said.split("4 Feb 2026")[1]
    assert "no declared look has enough points" not in signal_word(silent, data.metric, "en")[1]
    assert "too few points" in looks_table(
        declared_looks(data.values[: str(START)], intervention_date=START, direction=data.metric.direction, today=TODAY),
        data.metric, "en",
    )  # fmt: skip
    assert isinstance(early.looks.looks[-1], Look)
    assert isinstance(early.looks.looks[-1].outcome, EarlySignal)


def test_that_nothing_speaks_against_it_says_only_what_was_looked_for(known):
    plain, compared, staggered = (read(known, name) for name in ("plain", "compared", "staggered"))

    one, beside, one_by_one = (
        " ".join(doubts((), plan.analysis, data.metric, "en")) for plan, data, _ in (plain, compared, staggered)
    )

    assert "extreme" in one
    assert "sites" in beside
    assert "was not looked for" in one_by_one
    assert isinstance(staggered[2].looks, NotComputable | None)
