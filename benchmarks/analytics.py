"""CPU that charts and effects take: `python -m benchmarks.analytics` prints one JSON line a figure.

Floors are the least that any way of doing it needs: reading each value, or one least-squares fit.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: more threads only spin

import datetime as dt

import numpy as np
import pandas as pd

from analytics.autoregression import integrated_effects
from analytics.its import single_site_effect
from analytics.results import Direction
from analytics.spc import assurances, xmr_chart, xmr_charts
from benchmarks.figures import cpu_seconds, figure


def said(name: str, ours: float, floor: float, goal: float) -> None:
    """The goal is in CPU seconds."""
    figure(name, ours, floor, most=goal, goal=f"<= {goal} s")


def charts_of(n_series: int, n_periods: int, goal: float) -> None:
    rng = np.random.default_rng(1)
    values = rng.normal(50, 5, (n_series, n_periods))
    values[rng.random(values.shape) < 0.03] = np.nan
    targets = np.full(n_series, 55.0)

    def ours() -> None:
        table = xmr_charts(values, directions=Direction.DOWN)
        assurances(table.lower_limit, table.upper_limit, targets, Direction.DOWN)

    floor = cpu_seconds(lambda: (np.nanmean(values, axis=1), np.nanmean(np.abs(np.diff(values, axis=1)), axis=1)))
    said(f"xmr_charts_{n_series}x{n_periods}_cpu_s", cpu_seconds(ours), floor, goal)


def effects_of(n_series: int, n_periods: int, goal: float) -> None:
    after = np.arange(n_periods) >= n_periods * 2 // 3
    design = np.column_stack([np.ones(n_periods), after, np.arange(n_periods)]).astype(float)
    values = np.random.default_rng(2).normal(50, 5, (n_series, n_periods))
    floor = cpu_seconds(lambda: np.linalg.lstsq(design, values.T, rcond=None))
    ours = cpu_seconds(lambda: integrated_effects(values, design, column=1))
    said(f"effects_{n_series}x{n_periods}_cpu_s", ours, floor, goal)


def one_of_each() -> None:
    days = pd.date_range("2026-01-05", periods=90, freq="D")
    series = pd.Series(np.random.default_rng(3).normal(50, 5, 90), index=days)
    floor = cpu_seconds(lambda: (series.mean(), series.diff().abs().mean()), loops=50)
    chart = cpu_seconds(lambda: xmr_chart(series, direction=Direction.DOWN), loops=50)
    effect = cpu_seconds(lambda: single_site_effect(series, intervention_date=dt.date(2026, 3, 6)), loops=50)
    said("xmr_chart_90_cpu_s", chart, floor, 0.002)
    said("single_site_effect_90_cpu_s", effect, floor, 0.002)


def main() -> None:
    charts_of(2_466, 36, 0.05)
    charts_of(30_000, 180, 1.6)
    one_of_each()
    effects_of(300, 180, 0.02)
    effects_of(30_000, 180, 4.0)


if __name__ == "__main__":
    main()
