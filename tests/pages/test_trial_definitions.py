"""A trial is not judged by values that were loaded under two definitions of its metric."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analytics.results import SiteEffect
from data import records
from data.experiments import plan_experiment
from data.metrics import edit_metric
from data.observations import commit_load
from data.types import Batch
from pages.shared.trial_effect import TrialEffect, trial_effect
from tests.pages.trial_panel import WEEKS, plan
from tests.pages.trials import START, Registry, registry

LEVEL = 12 + np.random.default_rng(5).normal(0, 0.5, len(WEEKS))
AFTER = pd.Timestamp(START) <= WEEKS


@pytest.fixture
def made(tmp_path):
    registered = registry(str(tmp_path / "essaim.duckdb"))
    yield registered
    registered.store.close()


def load(made: Registry, day: dt.date, weeks: pd.DatetimeIndex, values: np.ndarray) -> None:
    made.clock.moment = dt.datetime.combine(day, dt.time(9), dt.UTC)
    rows = pd.DataFrame(
        {"site_id": "nantes", "metric_id": "cycle", "segment": "", "period_start": weeks, "grain": "week",
         "value": values.round(3), "weight": np.nan, "source_row": range(len(weeks)), "source_column": "C",
         "mark": ""})  # fmt: skip
    batch = Batch(id=records.new_id(), file_name="w.csv", file_hash=str(day), person_id="keeper")
    commit_load(made.store, made.keeper, batch=batch, frame=rows, new_records=(), reason="computed anew")


def effect(made: Registry) -> TrialEffect:
    experiment = plan_experiment(made.store, made.keeper, title="Ours", owner_id="keeper")
    with made.store.read() as cursor:
        return trial_effect(cursor, experiment, plan(), names={"nantes": "Nantes"})


def test_a_part_loaded_again_after_a_definition_that_came_when_the_trial_was_over_forbids_the_effect(made):
    load(made, dt.date(2026, 5, 19), WEEKS, LEVEL)
    made.clock.moment = dt.datetime(2026, 5, 25, 9, tzinfo=dt.UTC)
    edit_metric(made.store, made.admin, "cycle", definition="counted from the order", definition_version=2)
    assert isinstance(effect(made).result, SiteEffect), "all of it was loaded under the definition before"

    load(made, dt.date(2026, 5, 26), WEEKS[AFTER], LEVEL[AFTER] - 3)
    half = effect(made)
    load(made, dt.date(2026, 5, 27), WEEKS, LEVEL - 3)
    whole = effect(made)

    assert half.result.code == "definition_mixed"
    assert half.result.args["date"] == dt.date(2026, 5, 25)
    assert isinstance(whole.result, SiteEffect)
    assert not any(guard.code.startswith("definition") for guard in whole.guards)
