"""CPU that early readings and plans take: `python -m benchmarks analytics_sequential`, one JSON line a figure.

Floor: one plain regression of the same rows on the same terms; no reading of a series can do with less.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

import numpy as np
import pandas as pd

from analytics.e_value import e_value
from analytics.its import Window, design_of
from analytics.power import minimum_detectable_effect
from analytics.results import Direction
from analytics.sequential import declared_looks, early_signal
from benchmarks.figures import cpu_seconds, figure

DAYS = pd.date_range("2026-01-05", periods=150, freq="D")
START = DAYS[60].date()
LOOPS = 20


def said(name: str, ours: Callable[[], object], floor: float, goal: float) -> None:
    """The goal is in CPU milliseconds."""
    figure(name, 1000 * cpu_seconds(ours, loops=LOOPS), 1000 * floor, most=goal, goal=f"<= {goal} ms")


def main() -> None:
    """Print every figure, on a daily series with 60 days before the start."""
    values = pd.Series(np.random.default_rng(1).normal(50, 5, len(DAYS)), DAYS)
    design = design_of(Window.of(values, START, (), None), trend=True, weekday=True)[0]
    observed = values.to_numpy()
    floor = cpu_seconds(lambda: np.linalg.lstsq(design, observed, rcond=None), loops=LOOPS)
    start = {"intervention_date": START, "direction": Direction.DOWN}
    end, today = START + dt.timedelta(days=29), DAYS[-1].date()

    said("early_signal_72_hours_cpu_ms", lambda: early_signal(values[:63], **start), floor, 2.5)
    said("declared_looks_cpu_ms", lambda: declared_looks(values, today=today, **start), floor, 15)
    said("e_value_90_days_cpu_ms", lambda: e_value(values, **start), floor, 20)
    said("detectable_cpu_ms", lambda: minimum_detectable_effect(values[:60], start=START, end=end), floor, 10)
