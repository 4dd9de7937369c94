"""How often trends, alarms, change points and forecasts are wrong, by the product's own functions."""

from __future__ import annotations

import numpy as np
import pandas as pd

from analytics.alarm_p_values import alarm_p_values
from analytics.alarms import MINIMUM_BASELINE, WATCHED_PERIODS, alarm_table
from analytics.autoregression import Mixture, integrated_effects
from analytics.change_points import ChangePoints, change_points
from analytics.forecast import Ahead, predictive_fits
from analytics.measured import Measured
from benchmarks.noise import ar1

Row = tuple[str, tuple[float, float], float, int]

PHIS = (0.0, 0.3, 0.6)
N_TREND = 90
N_HISTORY, N_AHEAD = 60, 10
N_CHANGE = 180
CAUGHT = {0.0: 0.98, 0.3: 0.84, 0.6: 0.51}  # of shifts of 1.5 SD, within the watched periods
PROPOSED = {0.0: 0.02, 0.3: 0.04, 0.6: 0.08}  # at most, of quiet series


def rows(seed: int, n: int) -> list[Row]:
    """Give (name, nominal band, found share, trials) for each claim; an eighth of n where each series is alone."""
    return [row for place, phi in enumerate(PHIS) for row in _at(np.random.default_rng([seed, place]), n, phi)]


def _at(rng: np.random.Generator, n: int, phi: float) -> list[Row]:
    line = np.column_stack([np.ones(N_TREND), np.arange(N_TREND) - (N_TREND - 1) / 2])
    trends = integrated_effects(ar1(rng, n, N_TREND, phi), line, column=1).p_value < 0.05
    quiet = ar1(rng, n, MINIMUM_BASELINE + WATCHED_PERIODS, phi)
    weekdays = np.arange(quiet.shape[1]) % 7
    shifted = quiet + 1.5 * (np.arange(quiet.shape[1]) >= MINIMUM_BASELINE)
    p_values = alarm_p_values(alarm_table(quiet))
    return [
        (f"trend, quiet, 5 %, phi {phi}", (0.04, 0.06), float(trends.mean()), n),
        (f"alarms, quiet 30 days, phi {phi}", (0.0, 0.03), float(alarm_table(quiet).raised.mean()), n),
        (f"alarms by weekday, quiet 30 days, phi {phi}", (0.0, 0.03), _raised(quiet, weekdays), n),
        (f"alarms, p at most 5 %, quiet 30 days, phi {phi}", (0.03, 0.05), float((p_values <= 0.05).mean()), n),
        (f"alarms, p at most 1 %, quiet 30 days, phi {phi}", (0.005, 0.0105), float((p_values <= 0.01).mean()), n),
        (f"alarms, +1.5 SD caught, phi {phi}", (CAUGHT[phi], 1.0), float(alarm_table(shifted).raised.mean()), n),
        (
            f"forecast, 80 % band, phi {phi}",
            (0.78, 0.85),
            _covered(ar1(rng, n // 8, N_HISTORY + N_AHEAD, phi)),
            n // 8,
        ),
        (f"change points, quiet, phi {phi}", (0.0, PROPOSED[phi]), _proposed(ar1(rng, n // 8, N_CHANGE, phi)), n // 8),
    ]


def _raised(values: np.ndarray, weekdays: np.ndarray) -> float:
    return float(alarm_table(values, weekdays=weekdays).raised.mean())


def _covered(values: np.ndarray) -> float:
    weeks = pd.date_range("2024-01-01", periods=values.shape[1], freq="7D")
    to_come = Ahead(weeks[-1:], np.array([values.shape[1] - 1]))
    within = []
    for row in values:
        series = Measured.of(pd.Series(row[:N_HISTORY], index=weeks[:N_HISTORY]))
        mixture = Mixture.of(predictive_fits(series, to_come))
        beyond = series.observed[-1] - row[-1]
        within.append(mixture.quantile(0.1)[0] < beyond < mixture.quantile(0.9)[0])
    return float(np.mean(within))


def _proposed(values: np.ndarray) -> float:
    weeks = pd.date_range("2024-01-01", periods=values.shape[1], freq="7D")
    found = [change_points(pd.Series(row, index=weeks)) for row in values]
    return float(np.mean([isinstance(one, ChangePoints) and bool(one.changes) for one in found]))
