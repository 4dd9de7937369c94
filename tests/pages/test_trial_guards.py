"""Other changes at a trial's sites speak against its effect where, when and in what they truly happened."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analytics.results_effects import GuardLevel
from data import records
from data.access import Permission
from data.decisions import pin_decision, supersede_decision
from data.experiments import freeze_plan, plan_experiment, start_experiment
from data.types import Analysis, Cohort, DecisionType, Metric, Site
from pages.shared.trial_data import TrialData
from pages.shared.trial_guards import trial_guards
from tests.pages.trial_panel import WEEKS, plan
from tests.pages.trials import START, registry

SITES = tuple(f"site {number}" for number in range(1, 20))


@pytest.fixture(scope="module")
def known(tmp_path_factory):
    """Sites without a value: every test has its own ones, so that no change of another test touches them."""
    made = registry(str(tmp_path_factory.mktemp("guards") / "essaim.duckdb"))
    with made.store.change(made.admin, Permission.MANAGE_CATALOGUE) as tx:
        tx.append_all([Site(id=site, name=site.title()) for site in SITES])
    yield made
    made.store.close()


def overlaps(known, metric="cycle", **changes):
    """The other changes that speak against a plan's effect on a metric: code, level, label, date."""
    promised = plan(**changes)
    experiment = plan_experiment(known.store, known.keeper, title="Ours", owner_id="keeper")
    sites = [*promised.site_ids, *promised.comparison_site_ids]
    several = sites if promised.analysis is not Analysis.SINGLE_SITE else []
    noise = np.random.default_rng(2).normal(12, 0.5, (len(WEEKS), len(several) + 1))
    values, nothing = pd.Series(noise[:, 0], WEEKS), pd.Series(np.nan, WEEKS)
    by_site = pd.DataFrame(noise[:, 1:], WEEKS, several) if several else pd.DataFrame(index=pd.DatetimeIndex([]))
    with known.store.read() as cursor:
        judged = records.one(cursor, Metric, metric)
        data = TrialData(judged, None, values, nothing, by_site, by_site * np.nan, 0)
        found = trial_guards(cursor, experiment, promised, data)
    return [guard for guard in found if guard.code.startswith("overlap")]


def codes(found):
    return [(guard.code, guard.level) for guard in found]


FORBIDDEN = [("overlap_inseparable", GuardLevel.REFUSAL)]
WARNED = [("overlap", GuardLevel.WARNING)]
BESIDE = [("overlap_elsewhere", GuardLevel.WARNING)]


def changed(known, weeks=2, **scope):
    return pin_decision(
        known.store, known.keeper, type=DecisionType.PROCESS_CHANGE, title="New tool", owner_id="keeper",
        applies_on=START + dt.timedelta(weeks=weeks), **scope,
    )  # fmt: skip


def other_trial(known, **changes):
    made = plan_experiment(known.store, known.keeper, title="Theirs", owner_id="keeper")
    freeze_plan(known.store, known.keeper, made.id, plan(**changes))
    start_experiment(known.store, known.keeper, made.id)
    return made


def test_a_change_in_every_metric_is_one_in_the_trial_s_own(known):
    changed(known, site_id="site 1")
    changed(known, weeks=-15, site_id="site 2")
    changed(known, weeks=-40, site_id="site 3")

    assert codes(overlaps(known, site_ids=("site 1",))) == FORBIDDEN
    assert codes(overlaps(known, site_ids=("site 2",))) == WARNED
    assert overlaps(known, site_ids=("site 3",)) == [], "long before the window"


def test_a_change_of_a_cohort_concerns_its_sites_only(known):
    with known.store.change(known.admin, Permission.MANAGE_CATALOGUE) as tx:
        tx.append(Cohort(id="north", name="North", site_ids=("site 4",)))
    changed(known, cohort_id="north", metric_id="cycle")

    (found,) = overlaps(known, site_ids=("site 4",))

    assert codes([found]) == FORBIDDEN
    assert "Site 4" in found.args["change"]
    assert overlaps(known, site_ids=("site 5",)) == []


def test_a_change_that_another_one_stands_in_for_forbids_nothing(known):
    first = changed(known, site_id="site 6", metric_id="cycle")
    assert codes(overlaps(known, site_ids=("site 6",))) == FORBIDDEN

    supersede_decision(known.store, known.keeper, first.id, applies_on=START - dt.timedelta(weeks=15))

    assert codes(overlaps(known, site_ids=("site 6",))) == WARNED


def test_a_trial_in_turn_counts_at_each_site_from_the_day_it_starts_there(known):
    starts = (START - dt.timedelta(weeks=20), START + dt.timedelta(weeks=1), START + dt.timedelta(weeks=30))
    sites = ("site 7", "site 8", "site 9")
    other_trial(known, analysis=Analysis.STAGGERED, site_ids=sites, site_starts=starts, starts_on=starts[0],
                ends_on=starts[-1] + dt.timedelta(weeks=8))  # fmt: skip

    early, close, late = (overlaps(known, site_ids=(site,)) for site in sites)

    assert (codes(early), codes(close), late) == (WARNED, FORBIDDEN, [])
    assert close[0].args["date"] == starts[1]
    beside = overlaps(
        known, site_ids=sites[:2], analysis=Analysis.COMPARISON, comparison_site_ids=("site 10", "site 11")
    )
    assert codes(beside) == WARNED * 2, "one of the two treated sites is touched too close, and both are named"
    assert [guard.args["date"] for guard in beside] == list(starts[:2])


def test_a_trial_in_turn_too_close_at_every_treated_site_forbids_the_effect(known):
    starts = (START - dt.timedelta(weeks=2), START + dt.timedelta(weeks=3))
    sites = ("site 12", "site 13")
    other_trial(known, analysis=Analysis.STAGGERED, site_ids=sites, site_starts=starts, starts_on=starts[0])

    found = overlaps(known, site_ids=sites, analysis=Analysis.COMPARISON, comparison_site_ids=("site 14", "site 15"))

    assert codes(found) == FORBIDDEN


def test_a_guardrail_is_judged_by_the_changes_of_its_own_metric(known):
    other_trial(known, site_ids=("site 16",), metric_id="errors")
    other_trial(known, site_ids=("site 17",), metric_id="cycle")

    assert codes(overlaps(known, site_ids=("site 16",))) == BESIDE
    assert codes(overlaps(known, metric="errors", site_ids=("site 16",))) == FORBIDDEN
    assert codes(overlaps(known, metric="errors", site_ids=("site 17",))) == BESIDE
