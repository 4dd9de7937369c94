"""A frozen plan and the record give one effect, by the analysis that was declared, with everything that speaks against it."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from analytics.results import NotComputable, SiteEffect
from analytics.results_effects import ComparisonEffect, EventStudy, Placebos, RolloutEffect
from data import records
from data.decisions import pin_decision
from data.experiments import plan_experiment
from data.metrics import edit_metric
from data.observations import commit_load
from data.types import Analysis, Batch, DecisionType, ExperimentState, Grain
from pages.shared.trial_effect import placebos_of, script_of, study_of, trial_effect
from pages.shared.trial_family import Registered, families
from pages.shared.trial_guards import chosen_after_extreme
from tests.pages.trial_panel import COMPARED, NAMES, SITES, STAGGERED, STARTS, WEEKS, load_weeks, plan, sites
from tests.pages.trials import REGISTERED, START


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """What every test reads and none changes."""
    yield from lived(tmp_path_factory.mktemp("effects"))


@pytest.fixture
def own(tmp_path):
    """The same for one test alone, which may change it."""
    yield from lived(tmp_path)


def lived(folder):
    made = sites(str(folder / "essaim.duckdb"))
    load_weeks(made)
    made.clock.moment = REGISTERED
    yield made
    made.store.close()


def read(known, **changes):
    """Compute the effect of a plan, at nantes alone unless it says otherwise."""
    experiment = plan_experiment(known.store, known.keeper, title="A trial", owner_id="keeper")
    with known.store.read() as cursor:
        return trial_effect(cursor, experiment, plan(**changes), names=NAMES)


@pytest.mark.accepts("5.4")
def test_one_site_is_judged_by_its_own_series(known):
    effect = read(known)

    assert isinstance(effect.result, SiteEffect)
    assert effect.outcome == "helped"
    assert effect.result.lower < -2 < effect.result.upper < 0
    assert isinstance(placebos_of(effect), Placebos)
    assert effect.method == "ar1_gls_phi_integrated 1"


def test_a_ratio_at_one_site_is_compared_with_false_starts_too(known):
    placebos = placebos_of(read(known, metric_id="errors"))

    assert isinstance(placebos, Placebos)
    assert placebos.kind == "starts"
    assert max(placebos.names) < START.isoformat()


def test_a_trial_beside_comparison_sites_calls_them_by_name(known):
    effect = read(known, **COMPARED)

    assert isinstance(effect.result, ComparisonEffect)
    assert effect.result.treated_sites == ("Nantes",)
    assert set(effect.result.comparison_sites) == {NAMES[site] for site in SITES[1:6]}
    assert -2.5 < effect.result.lower < effect.result.upper < -1.5
    placebos = placebos_of(effect)
    assert isinstance(placebos, Placebos)
    assert set(placebos.names) == {NAMES[site] for site in SITES[1:6]}


def test_in_its_family_a_comparison_of_few_sites_is_judged_by_t_as_no_assignment_could_stand(known):
    effect = read(known, **COMPARED | {"comparison_site_ids": SITES[1:5]})
    ended = plan_experiment(known.store, known.keeper, title="Over", owner_id="keeper").model_copy(
        update={"state": ExperimentState.ENDED}
    )
    few = Registered(ended, effect.plan, effect.data.metric, effect, ("Nantes",))
    many = replace(few, effect=replace(effect, result=replace(effect.result, smallest_p=0.01)))

    assert effect.result.smallest_p > 0.05
    assert (few.judged_by_t, few.final_p) == (True, effect.result.t_p_value)
    assert (many.judged_by_t, many.final_p) == (False, effect.result.p_value)
    (family,) = families([few])
    assert family.adjusted(ended.id)[2], "an effect of four standard deviations stands"


def test_sites_that_start_one_after_another_still_answer_when_all_are_treated(known):
    some, everyone = (read(known, **{**STAGGERED, "comparison_site_ids": others}) for others in (SITES[5:], ()))

    for effect in (some, everyone):
        assert isinstance(effect.result, RolloutEffect)
        assert effect.result.lower < -1.5 < effect.result.upper < 0
        assert isinstance(study_of(effect), EventStudy)
    assert everyone.result.horizon < STARTS[-1]
    assert everyone.result.n_beyond_horizon > 0


@pytest.mark.parametrize("changes", [{}, COMPARED, STAGGERED], ids=["single", "comparison", "staggered"])
def test_the_script_repeats_the_number_outside_the_app(known, tmp_path, changes):
    path = tmp_path / "effect.py"
    path.write_text(script_of(read(known, **changes)), encoding="utf-8")

    done = subprocess.run([sys.executable, str(path)], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stdout + done.stderr


def test_one_comparison_site_is_too_few(known):
    effect = read(known, analysis=Analysis.COMPARISON, comparison_site_ids=("metz",))

    assert effect.outcome == "not_computable"
    assert effect.result.code == "too_few_comparison_sites"
    assert (placebos_of(effect), script_of(effect)) == (None, None)


def test_a_start_chosen_on_an_extreme_point_is_warned_of():
    steady = pd.Series(np.tile([12.0, 12.4, 11.6, 12.2], 6), pd.date_range("2025-06-02", periods=24, freq="7D"))
    steady.iloc[-3] = 16.0
    chosen_on = steady.index[-1].date() + dt.timedelta(days=8)

    guard = chosen_after_extreme(steady, Grain.WEEK, chosen_on)

    assert guard.code == "chosen_after_extreme"
    assert chosen_after_extreme(steady, Grain.WEEK, steady.index[-3].date() + dt.timedelta(days=6)) is None


@pytest.mark.accepts("5.14")
def test_an_effect_after_such_a_start_leaves_the_point_out_and_is_wider(known):
    effect = read(known, metric_id="errors", site_ids=("tours",))

    assert "chosen_after_extreme" in [guard.code for guard in effect.guards]
    assert effect.widened
    assert effect.declared.estimate < effect.result.estimate, "the extreme point falls back by itself"
    assert effect.result.lower <= effect.declared.lower
    assert effect.result.upper >= effect.declared.upper
    assert effect.result.n_before == effect.declared.n_before - 1


def test_another_change_of_the_process_too_close_forbids_the_effect_and_a_far_one_warns(own):
    def changed_on(day):
        pin_decision(
            own.store, own.keeper, type=DecisionType.PROCESS_CHANGE, title="New tool", owner_id="keeper",
            applies_on=day, site_id="lyon", metric_id="cycle",
        )  # fmt: skip
        return read(own, site_ids=("lyon",))

    far = changed_on(START - dt.timedelta(weeks=15))
    close = changed_on(START + dt.timedelta(weeks=2))

    assert isinstance(far.result, SiteEffect)
    assert "overlap" in [guard.code for guard in far.guards]
    assert isinstance(close.result, NotComputable)
    assert close.result.code == "overlap_inseparable"
    assert isinstance(close.declared, SiteEffect)


def test_a_metric_defined_anew_within_the_window_forbids_the_effect_until_all_is_loaded_again(own):
    own.clock.moment = dt.datetime(2026, 2, 2, 9, tzinfo=dt.UTC)
    edit_metric(own.store, own.admin, "errors", unit="per 100", definition_version=2)

    effect = read(own, metric_id="errors", site_ids=("tours",))

    assert effect.result.code == "definition_changed"
    assert effect.outcome == "not_computable"

    again = pd.DataFrame(
        {"site_id": "tours", "metric_id": "errors", "segment": "", "period_start": WEEKS, "grain": "week",
         "value": np.linspace(10, 12, len(WEEKS)) + np.tile([0.1, -0.2], len(WEEKS) // 2), "weight": 40.0,
         "source_row": range(len(WEEKS)), "source_column": "C", "mark": ""})  # fmt: skip
    batch = Batch(id=records.new_id(), file_name="again.csv", file_hash="again", person_id="keeper")
    own.clock.moment += dt.timedelta(days=1)
    commit_load(own.store, own.keeper, batch=batch, frame=again, new_records=(), reason="computed anew")
    restated = read(own, metric_id="errors", site_ids=("tours",))
    assert "definition_restated" in [guard.code for guard in restated.guards]
    assert "definition_changed" not in [guard.code for guard in restated.guards]
