"""Does the interval keep its word? Simulated with a fixed seed through the kernel the product uses."""

from __future__ import annotations

import numpy as np
import pytest

from analytics.autoregression import integrated_effects
from benchmarks.noise import ar1
from tests.unit.analytics.test_autoregression import step_design

N_SERIES = 6000  # the standard error of a 5 % share is then 0.28 %
TRUE_STEP = 0.8


@pytest.mark.slow
@pytest.mark.accepts("5.5", "5.22")
@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6])
def test_false_alarms_and_coverage_are_what_the_interval_promises(phi):
    rng = np.random.default_rng(20260105)
    values, design = ar1(rng, N_SERIES, 90, phi), step_design(60, 30, trend=True)

    nothing = integrated_effects(values, design, column=1)
    something = integrated_effects(values + TRUE_STEP * design[:, 1], design, column=1)

    assert 0.04 <= (nothing.p_value < 0.05).mean() <= 0.06
    assert 0.94 <= ((something.lower < TRUE_STEP) & (something.upper > TRUE_STEP)).mean() <= 0.96


@pytest.mark.slow
@pytest.mark.accepts("5.22")
def test_what_a_spreadsheet_would_do_raises_several_times_as_many_false_alarms():
    rng = np.random.default_rng(20260105)
    values, design = ar1(rng, N_SERIES, 90, 0.6), step_design(60, 30)
    before, after = values[:, :60], values[:, 60:]
    spread = np.sqrt(before.var(axis=1, ddof=1) / 60 + after.var(axis=1, ddof=1) / 30)

    spreadsheet = np.abs(after.mean(axis=1) - before.mean(axis=1)) > 2 * spread
    ours = integrated_effects(values, design, column=1).p_value < 0.05

    assert spreadsheet.mean() > 0.25
    assert 0.04 <= ours.mean() <= 0.06
