"""What is true in the worked example is worth finding out, and only its writer and these tests can look it up."""

from __future__ import annotations

from pathlib import Path

from data.types import ExperimentState
from pages.admin.demo import truth

ROOT = Path(__file__).parents[3]


def test_one_process_goes_from_three_sites_to_fifteen():
    assert len(truth.SITES) == 15
    assert sum(site.wave == 1 for site in truth.SITES) == 3
    assert sum(site.wave <= 2 for site in truth.SITES) == 7, "the cohort"
    assert len({site.key for site in truth.SITES}) == len({site.code for site in truth.SITES}) == 15


def test_twelve_experiments_do_what_experiments_do():
    effects = [trial.effect_sd for trial in truth.EXPERIMENTS]

    assert len(effects) == 12
    assert sum(effect == 0 for effect in effects) >= 1
    assert sum(effect < 0 for effect in effects) == 1
    assert all(0.3 <= abs(effect) <= 2 for effect in effects if effect)
    assert sum(trial.state is ExperimentState.ABANDONED for trial in truth.EXPERIMENTS) == 1
    assert sum(not trial.detectable for trial in truth.EXPERIMENTS if trial.effect_sd) >= 4


def test_published_are_helps_nothings_harms_and_abandoned_ones():
    public = [trial for trial in truth.EXPERIMENTS if trial.published]

    assert any(trial.effect_sd > 0 and trial.detectable for trial in public)
    assert any(not trial.detectable for trial in public)
    assert any(trial.effect_sd < 0 for trial in public)
    assert any(trial.state is ExperimentState.ABANDONED for trial in public)


def test_every_promise_is_made_before_its_start():
    assert all(trial.registered_days_before > 0 for trial in truth.EXPERIMENTS)
    assert all(trial.start_week < trial.end_week for trial in truth.EXPERIMENTS)


def test_neither_loaders_nor_analytics_nor_data_know_the_truth():
    sources = [path for room in ("loaders", "analytics", "data") for path in (ROOT / room).rglob("*.py")]

    assert sources
    assert [path.name for path in sources if "pages.admin" in path.read_text(encoding="utf-8")] == []
