"""The worked example as loaded: what came through the loaders is what was drawn, and what was computed lies near the truth."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.results import Direction, SiteEffect
from analytics.results_effects import PooledEffect
from data import records
from data.decisions import all_decisions
from data.lineage import missing_periods, provenance
from data.publications import is_intact, publications
from data.readings import first_verdict, readings
from data.rollout import sites_live
from data.series import metric_series
from data.store import open_store
from data.types import Analysis, DecisionType, Experiment, ExperimentState, Grain, Process, Site
from pages.admin.demo import truth
from pages.admin.demo.cast import identifier
from pages.admin.demo.series import improvement_sign, measurement_sd, metric_named, site_days, site_weeks
from pages.admin.demo.telling import first_go_live
from pages.cohort.practices_view import playbook
from pages.evidence.trial import Trial, gather
from pages.shared.trial_family import registered
from tests.tools.worked_example import TODAY, copied, made_once

BEGIN = first_go_live(TODAY)
SITES = {site.key: site for site in truth.SITES}


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    opened = open_store(str(copied(made_once(tmp_path_factory), tmp_path_factory.mktemp("example"))))
    yield opened
    opened.close()


@pytest.fixture
def cursor(store):
    with store.read() as reading:
        yield reading


@pytest.fixture(scope="module")
def trials(store) -> dict[str, Trial]:
    """The finished trials by their key in the truth."""
    with store.read() as reading:
        finished = [e for e in records.current(reading, Experiment)
                    if e.state in (ExperimentState.ENDED, ExperimentState.ABANDONED)]  # fmt: skip
        first = reversed(finished)  # of a practice tried again elsewhere
        return {e.practice_id.removeprefix("demo-practice-"): gather(reading, e.id, masked=False) for e in first}


@pytest.mark.accepts("5.23")
def test_a_practice_tried_again_elsewhere_says_what_the_next_site_should_expect(store):
    with store.read() as reading:
        found = playbook(reading, registered(reading)).practice(identifier("practice", "order_template"))

    first = next(trial for trial in truth.EXPERIMENTS if trial.key == "order_template")
    assert [set(trial.sites) for trial in found.trials] == [
        {SITES[trial.site].name} for trial in (first, *truth.REPEATS)
    ]
    assert isinstance(found.together, PooledEffect)
    truly = [true_effect(trial) for trial in (first, *truth.REPEATS)]
    assert found.together.next_lower < min(truly) < max(truly) < found.together.next_upper
    assert found.together.lower < np.mean(truly) < found.together.upper


def true_effect(trial: truth.TrueExperiment) -> float:
    """The true change, in the metric's unit, signed as the metric moves."""
    metric = metric_named(trial.metric)
    return improvement_sign(metric) * trial.effect_sd * measurement_sd(SITES[trial.site], metric)


def loaded(cursor, site, metric):
    return metric_series(cursor, site_id=identifier(site), metric_id=identifier(metric)).values.dropna()


@pytest.mark.parametrize("site", ["lyon", "lille", "brest"])
def test_every_day_drawn_is_the_day_loaded_whatever_the_sites_file_looks_like(cursor, site):
    drawn = site_days(SITES[site], BEGIN).set_index("date")

    cycle, on_time = loaded(cursor, site, "cycle_time"), loaded(cursor, site, "on_time")

    assert list(cycle.index) == list(drawn.index) == list(on_time.index)
    np.testing.assert_allclose(cycle.to_numpy(), drawn["cycle_time"].to_numpy())
    np.testing.assert_allclose(on_time.to_numpy(), 100 * (drawn["on_time_orders"] / drawn["orders"]).to_numpy())


def test_every_week_drawn_is_the_week_loaded(cursor):
    drawn = site_weeks(SITES["tours"], BEGIN).set_index("date")

    for metric in ("incidents", "satisfaction", "adherence"):
        np.testing.assert_allclose(loaded(cursor, "tours", metric).to_numpy(), drawn[metric].to_numpy())


@pytest.mark.accepts("1.17")
def test_weeks_without_a_file_stay_missing(cursor):
    for site, _, weeks in truth.GAPS:
        assert len(missing_periods(cursor, site_id=identifier(site), metric_id=identifier("cycle_time"))) == 7 * weeks
        assert len(missing_periods(cursor, site_id=identifier(site), metric_id=identifier("adherence"))) == weeks


@pytest.mark.accepts("1.14")
def test_the_corrected_week_keeps_both_its_values(cursor):
    site, metric, week, change = truth.RESTATED
    monday = BEGIN.fromordinal(BEGIN.toordinal() + 7 * week)

    known = provenance(
        cursor, site_id=identifier(site), metric_id=identifier(metric), period_start=monday, grain=Grain.DAY
    )

    assert len(known) == 2
    assert known[1].value - known[0].value == pytest.approx(change)


def test_the_pilot_held_eight_weeks_before_the_others_followed(cursor):
    pilot = sites_live(cursor, BEGIN)
    last_day = sites_live(cursor, BEGIN.fromordinal(BEGIN.toordinal() + 7 * truth.PILOT_WEEKS))

    assert (pilot.live, last_day.live, pilot.total) == (3, 3, 15)


def test_all_of_it_is_marked_as_synthetic(cursor):
    processes = records.current(cursor, Process)

    assert processes
    assert all(process.synthetic for process in processes)
    assert {site.process_id for site in records.current(cursor, Site)} <= {process.id for process in processes}


def test_every_kind_of_act_was_done(cursor):
    kinds = {decision.type for decision in all_decisions(cursor)}

    assert kinds >= {DecisionType.DECISION, DecisionType.INCIDENT, DecisionType.OBSTACLE, DecisionType.STEP,
                     DecisionType.DATA_QUALITY, DecisionType.TARGET_CHANGE, DecisionType.PROCESS_CHANGE}  # fmt: skip


def test_nobody_wrote_to_the_record_but_through_its_gate(store):
    assert store.verify_audit() is None


@pytest.mark.parametrize("trial", [t for t in truth.EXPERIMENTS if t.state is truth.ENDED], ids=lambda t: t.key)
def test_an_effect_is_estimated_near_the_true_one(trials, trial):
    found = trials[trial.key].result
    if not isinstance(found, SiteEffect):
        assert not trial.detectable
        return

    half = (found.upper - found.lower) / 2

    assert abs(found.estimate - true_effect(trial)) < 1.5 * half  # about three standard errors


@pytest.mark.parametrize(
    "trial", [t for t in truth.EXPERIMENTS if t.state is truth.ENDED and t.detectable], ids=lambda t: t.key
)
def test_an_effect_that_can_be_seen_is_seen_with_its_sign(trials, trial):
    said = trials[trial.key]

    assert said.outcome == ("helped" if trial.effect_sd > 0 else "harmful")
    better = -1 if said.metric.direction is Direction.DOWN else 1
    assert np.sign(said.result.estimate) == better * np.sign(trial.effect_sd)


def test_what_does_nothing_is_not_claimed_and_what_is_too_small_to_be_seen_is_rarely(trials):
    small = [t for t in truth.EXPERIMENTS if t.state is truth.ENDED and not t.detectable]

    claimed = {t.key: trials[t.key].outcome for t in small if trials[t.key].outcome in ("helped", "harmful")}

    assert not any(t.effect_sd == 0 for t in small if t.key in claimed)
    assert set(claimed.values()) <= {"helped"}, "small as they are, they do help: never the wrong sign"
    assert len(claimed) < len(small) / 2


@pytest.mark.accepts("8.3", "8.6")
def test_what_was_published_is_intact_and_was_promised_beforehand(cursor, trials):
    pages = publications(cursor)

    assert len(pages) == sum(trial.published for trial in truth.EXPERIMENTS)
    assert all(is_intact(cursor, page) for page in pages)
    for trial in truth.EXPERIMENTS:
        if trial.key in trials:
            assert trials[trial.key].days_before == trial.registered_days_before


def test_trials_beside_other_sites_and_in_turn_are_told_with_what_was_first_read(store):
    with store.read() as reading:
        trials = registered(reading)
        kept = {trial.experiment.id: readings(reading, trial.experiment.id) for trial in trials}

    by_analysis = {trial.plan.analysis: trial for trial in trials if trial.plan.analysis is not Analysis.SINGLE_SITE}
    assert set(by_analysis) == {Analysis.COMPARISON, Analysis.STAGGERED}
    assert {trial.outcome for trial in by_analysis.values()} == {"no_visible_effect"}, "neither does anything, in truth"
    assert all(trial.effect.result.lower <= 0 <= trial.effect.result.upper for trial in by_analysis.values())
    ended = [trial for trial in trials if trial.experiment.state is ExperimentState.ENDED]
    assert all(first_verdict(kept[trial.experiment.id]).outcome == trial.outcome for trial in ended)
