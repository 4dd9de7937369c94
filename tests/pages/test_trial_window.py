"""Only whole periods before and after count, and only as long as the trial ran: both are said."""

from __future__ import annotations

import dataclasses
import datetime as dt
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from analytics.results import SiteEffect
from analytics.results_effects import ComparisonEffect, RolloutEffect
from data import records
from data.experiments import end_experiment, plan_experiment, start_experiment
from data.observations import commit_load
from data.types import Analysis, Batch, Experiment
from pages.cohort.experiment_detail import effect_picture
from pages.cohort.experiments_view import guardrail_effects
from pages.evidence.frozen import PICTURES
from pages.evidence.trial import gather
from pages.evidence.words import TrialWords
from pages.shared.trial_effect import trial_effect
from pages.shared.trial_family import over_on, registered
from pages.shared.trial_window import window_lines
from tests.pages.trial_panel import NAMES, SITES, WEEKS, plan, promised, sites
from tests.pages.trials import REGISTERED, START

TUESDAY = START + dt.timedelta(days=1)
TUESDAYS = tuple(TUESDAY + dt.timedelta(weeks=3 * place) for place in range(4))
ENDED_ON = START + dt.timedelta(weeks=12)  # a Monday
TRUE = -2.0
LATE = {"starts_on": TUESDAY, "ends_on": WEEKS[-1].date() + dt.timedelta(days=6)}
COMPARED = {**LATE, "analysis": Analysis.COMPARISON, "comparison_site_ids": SITES[4:6], "site_ids": ("metz",),
            "starts_on": TUESDAYS[1]}  # fmt: skip
STAGGERED = {**LATE, "analysis": Analysis.STAGGERED, "site_ids": SITES[:4], "site_starts": TUESDAYS,
             "comparison_site_ids": SITES[4:6]}  # fmt: skip
CUT = {"starts_on": TUESDAYS[2], "ends_on": ENDED_ON, "site_ids": ("far",)}


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """Weeks whose days are treated from a Tuesday on, at Nantes alone, and errors that turn bad after the end."""
    made = sites(str(tmp_path_factory.mktemp("window") / "essaim.duckdb"))
    made.clock.moment = REGISTERED
    asked = {
        "single": {**LATE, "guardrail_metric_ids": ("errors",)},
        "early": {**LATE, "starts_on": START, "guardrail_metric_ids": ("errors",), "site_ids": ("tours",)},
    }  # fmt: skip
    made.trials = {name: promised(made, name, **changes) for name, changes in asked.items()}
    made.clock.moment = dt.datetime.combine(TUESDAY, dt.time(9), dt.UTC)
    for each in made.trials.values():
        start_experiment(made.store, made.keeper, each.id)
    _load(made)
    made.clock.moment = dt.datetime.combine(ENDED_ON, dt.time(9), dt.UTC)
    end_experiment(made.store, made.keeper, made.trials["early"].id, reason="The tool was switched off.")
    made.clock.moment = dt.datetime(2026, 6, 1, 9, tzinfo=dt.UTC)
    end_experiment(made.store, made.keeper, made.trials["single"].id)
    yield made
    made.store.close()


def _load(made):
    noise = np.random.default_rng(4).normal(0, 0.3, (len(WEEKS), len(SITES)))
    frames = []
    for place, site in enumerate(SITES):
        start = pd.Timestamp(TUESDAYS[place] if place < 4 else dt.date(2030, 1, 1))
        share = np.clip(((WEEKS + pd.Timedelta(days=7)) - start).days / 7, 0, 1)
        fall = 8.0 * ((site == "tours") & (pd.Timestamp(ENDED_ON) <= WEEKS))
        for metric, y in (("cycle", 12 + noise[:, place] + TRUE * share - fall), ("errors", 12 + noise[:, -1] - fall)):
            frames.append(pd.DataFrame(
                {"site_id": site, "metric_id": metric, "segment": "", "period_start": WEEKS, "grain": "week",
                 "value": y.round(3), "weight": 40.0 if metric == "errors" else np.nan,
                 "source_row": range(len(WEEKS)), "source_column": "C", "mark": ""}))  # fmt: skip
    batch = Batch(id=records.new_id(), file_name="w.csv", file_hash="w", person_id="keeper")
    commit_load(
        made.store, made.keeper, batch=batch, frame=pd.concat(frames, ignore_index=True), new_records=(), reason=""
    )


def read(known, name):
    with known.store.read() as cursor:
        (found,) = registered(cursor, [records.one(cursor, Experiment, known.trials[name].id)])
    return found


def beside_the_register(known, names=NAMES, **changes):
    """The effect of a plan that is not registered, so that it forbids no other."""
    experiment = plan_experiment(known.store, known.keeper, title="A trial", owner_id="keeper")
    with known.store.read() as cursor:
        return experiment, trial_effect(cursor, experiment, plan(**changes), names=names)


def test_the_week_in_which_the_trial_starts_is_neither_before_nor_after(known):
    effect = read(known, "single").effect

    assert isinstance(effect.result, SiteEffect)
    assert effect.data.excluded == (START,)
    assert (effect.result.n_before, effect.result.n_after, effect.result.n_missing) == (30, 19, 0)
    assert effect.result.lower < TRUE < effect.result.upper


def test_nor_is_it_beside_comparison_sites(known):
    _, effect = beside_the_register(known, **COMPARED)

    assert isinstance(effect.result, ComparisonEffect)
    assert effect.data.excluded == (TUESDAYS[1] - dt.timedelta(days=1),)
    assert (effect.result.n_before, effect.result.n_after) == (33, 16)
    assert effect.result.lower < TRUE < effect.result.upper
    assert effect.result.estimate == pytest.approx(TRUE, abs=0.25)


def test_sites_that_start_within_a_week_each_lose_that_week_alone(known):
    _, effect = beside_the_register(known, **STAGGERED)

    assert isinstance(effect.result, RolloutEffect)
    assert effect.data.excluded == ()
    assert effect.data.partial == tuple(WEEKS[30 + 3 * place].date() for place in range(4))
    assert effect.data.by_site.isna().sum().tolist() == [1, 1, 1, 1, 0, 0]
    assert effect.result.lower < TRUE < effect.result.upper
    assert effect.result.estimate == pytest.approx(TRUE, abs=0.25)


def test_a_last_week_that_lies_partly_past_the_last_day_does_not_count(known):
    experiment, effect = beside_the_register(known, **CUT)

    cut = TUESDAYS[2] - dt.timedelta(days=1)
    assert effect.data.excluded == (cut, ENDED_ON)
    assert effect.data.counted.n_measured == effect.data.n_measured - 2
    said = window_lines(experiment, effect, "en")
    assert [line.replace("\xa0", " ") for line in said] == [
        "Left out, because the trial began or ended within them: the periods from 16 Feb 2026, 30 Mar 2026."
    ]


def test_a_trial_ended_before_its_plan_counts_only_what_was_measured_until_then(known):
    found = read(known, "early")

    assert found.effect.until == ENDED_ON
    assert ENDED_ON in found.effect.data.excluded, "the week that begins on its last day"
    assert found.outcome == "no_visible_effect", "what fell after its end is not its effect"
    said = [line.replace("\xa0", " ") for line in window_lines(found.experiment, found.effect, "en")]
    assert said[0] == "Ended on 30 Mar 2026 instead of 24 May 2026: The tool was switched off."


def test_its_guardrails_end_on_the_same_day(known):
    found = read(known, "early")
    with known.store.read() as cursor:
        ((metric, effect),) = guardrail_effects(cursor, found, NAMES)

    assert metric.id == "errors"
    assert effect.until == ENDED_ON
    assert effect.outcome == "no_visible_effect"


def test_the_public_page_says_both_too(known):
    with known.store.read() as cursor:
        early, single = (
            TrialWords(gather(cursor, known.trials[name].id, masked=False), "fr") for name in ("early", "single")
        )
        assert over_on(cursor, single.trial.experiment) == dt.date(2026, 6, 1)

    assert "au lieu du" in " ".join(early.limits)
    assert "The tool was switched off." in " ".join(early.limits)
    assert any(line.startswith("Laissée de côté") for line in single.limits)
    assert {part for _, _, part in single.values}  # noqa: PD011 - a property of ours == {"avant", "après", "laissée de côté"}


def on_the_screen(known, effect):
    view = SimpleNamespace(names={}, study=None)
    return effect_picture(SimpleNamespace(language="en"), view, effect).to_dict()


def on_the_public_page(known, effect):
    with known.store.read() as cursor:
        trial = gather(cursor, known.trials["single"].id, masked=False)
    trial = dataclasses.replace(trial, plans=(effect.plan,), effect=effect)
    return PICTURES["before_after"](trial, TrialWords(trial, "en"), "en", False).to_dict()


@pytest.mark.parametrize("drawn", [on_the_screen, on_the_public_page])
def test_the_means_of_the_picture_leave_out_the_week_that_the_effect_leaves_out(known, drawn):
    effect = read(known, "single").effect
    counted = effect.data.counted.values  # noqa: PD011 - a field of ours
    before, after = counted[counted.index < str(TUESDAY)], counted[counted.index >= str(TUESDAY)]

    means = [
        layer["data"]["values"][0]["y"]
        for layer in drawn(known, effect)["layer"]
        if layer["mark"]["type"] == "rule" and layer["mark"].get("strokeWidth") == 1.8
    ]

    assert (len(before), len(after)) == (30, 19)
    assert means == pytest.approx([before.mean(), after.mean()], rel=1e-6)


@pytest.mark.parametrize("drawn", [on_the_screen, on_the_public_page])
def test_nor_is_that_week_drawn_beside_comparison_sites(known, drawn):
    _, effect = beside_the_register(known, names={}, **COMPARED)

    lines = [layer["data"]["values"] for layer in drawn(known, effect)["layer"] if layer["mark"]["type"] == "line"]

    assert [len(line) for line in lines] == [33 + 16, 33 + 16]
