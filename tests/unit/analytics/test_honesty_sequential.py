"""Do early readings, and what is said to be detectable, keep their word? Simulated through the product's functions."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from analytics.results import Direction
from analytics.results_sequential import SignalWord
from analytics.sequential import declared_looks
from benchmarks import honesty_sequential
from benchmarks.honesty_sequential import difference_row, evidence_row, looks_rows, power_rows
from benchmarks.noise import ar1

ERRORS = 3.0  # standard errors that chance may bring


def kept(row) -> bool:
    _, (low, high), found, n = row
    edge = min(max(found, low), high)
    error = np.sqrt(max(edge * (1 - edge), 1 / n) / n)
    return bool(low - ERRORS * error <= found <= high + ERRORS * error)


@pytest.mark.slow
@pytest.mark.accepts("5.9", "5.22")
@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6])
def test_declared_looks_and_evidence_read_daily_raise_few_false_alarms(phi):
    rng = np.random.default_rng(20261122)

    rows = [*looks_rows(rng, 1000, phi), evidence_row(rng, 40, phi)]

    assert all(kept(row) for row in rows), rows


@pytest.mark.slow
@pytest.mark.accepts("5.12", "5.22")
@pytest.mark.parametrize("phi", [0.3])
def test_what_is_said_to_be_detectable_is_seen_four_times_in_five(phi):
    rng = np.random.default_rng(20261122)

    rows = [*power_rows(rng, 60, phi), difference_row(rng, 10, phi)]

    assert all(kept(row) for row in rows), rows


def test_the_looks_that_are_simulated_are_those_that_are_made():
    rng = np.random.default_rng(4)
    values = ar1(rng, 6, len(honesty_sequential.DAYS), 0.3)
    values[:, honesty_sequential.N_BEFORE :] += np.array([0.0, 1.0, 2.0, 3.0, 4.0, 5.0])[:, None]
    made = [
        declared_looks(
            pd.Series(row, honesty_sequential.DAYS), intervention_date=honesty_sequential.START,
            direction=Direction.UP, today=honesty_sequential.END.replace(year=2030),
        )
        for row in values
    ]  # fmt: skip
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(honesty_sequential, "ar1", lambda *_: values)
        rows = looks_rows(rng, 6, 0.3)

    assert rows[0][2] == np.mean([one.first_signal is not None for one in made])
    assert rows[1][2] == np.mean([one.looks[0].signal is SignalWord.PROMISING for one in made])
