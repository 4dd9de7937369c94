"""CPU of a whole board: `python -m benchmarks analytics_portfolio`, one JSON line a figure.

Floors are the least that any way of doing it needs: reading each value, or for effects what the usual package takes,
a loop of GLSAR over the same series.
"""

from __future__ import annotations

import math
import tracemalloc

import numpy as np

from analytics.autoregression import integrated_effects
from analytics.portfolio import Portfolio, score_portfolio
from analytics.results import Direction
from benchmarks.figures import cpu_seconds, figure

N_PERIODS = 180
FEW, MANY, MOST = 300, 30_000, 150_000
EXPONENT, TIMES_DATA = 1.05, 3.0
MISSING = 0.1  # share of the cells, scattered
GLSAR_SERIES = 100


def cells(n_series: int, missing: float = 0.03) -> np.ndarray:
    rng = np.random.default_rng(1)
    values = rng.normal(50, 5, (n_series, N_PERIODS))
    if missing:
        values[rng.random(values.shape) < missing] = np.nan
    return values


def scored(values: np.ndarray) -> Portfolio:
    """Everything the board shows, targets among it, and the p values judged together."""
    board = score_portfolio(values, directions=[Direction.DOWN] * len(values), targets=np.full(len(values), 55.0))
    np.sort(board.alarm_q)
    return board


def boards() -> None:
    seconds = {}
    for n_series, goal in ((FEW, 0.15), (MANY, 8.0)):
        values = cells(n_series)
        floor = cpu_seconds(lambda values=values: (np.nanmean(values, axis=1), np.nanstd(values, axis=1)), repeats=3)
        seconds[n_series] = cpu_seconds(lambda values=values: scored(values), repeats=3)
        name = f"board_{n_series}x{N_PERIODS}_cpu_s"
        figure(name, seconds[n_series], floor, most=goal, goal=f"<= {goal} s")
    whole = cells(MOST)
    most = cpu_seconds(lambda: scored(whole), repeats=1, warm=False)
    exponent = math.log(most / seconds[FEW]) / math.log(MOST / FEW)
    figure(f"board_exponent_{FEW}_to_{MOST}", exponent, 1.0, most=EXPONENT, goal=f"<= {EXPONENT}, linear in series")


def memory() -> None:
    values = cells(MANY)
    tracemalloc.start()
    scored(values)
    taken = (tracemalloc.get_traced_memory()[1] + values.nbytes) / values.nbytes
    tracemalloc.stop()
    goal = f"<= {TIMES_DATA} x the data, the data among it"
    figure(f"board_{MANY}x{N_PERIODS}_peak_x_data", taken, 1.0, most=TIMES_DATA, goal=goal)


def effects() -> None:
    """One calendar, then scattered gaps, where no two series have one; beside a loop of GLSAR."""
    from statsmodels.regression.linear_model import GLSAR

    after = np.arange(N_PERIODS) >= N_PERIODS * 2 // 3
    design = np.column_stack([np.ones(N_PERIODS), after, np.arange(N_PERIODS)]).astype(float)
    whole, patchy = cells(MANY, 0.0), cells(MANY, MISSING)
    usual = cpu_seconds(lambda: [GLSAR(row, design, rho=1).iterative_fit(3) for row in whole[:GLSAR_SERIES]], repeats=1)
    loop = usual * MANY / GLSAR_SERIES
    ours = cpu_seconds(lambda: integrated_effects(whole, design, column=1), repeats=2)
    gaps = cpu_seconds(lambda: integrated_effects(patchy, design, column=1), repeats=1, warm=False)
    figure(f"effects_{MANY}x{N_PERIODS}_beside_a_GLSAR_loop_cpu_s", ours, loop, most=5.0, goal="<= 5 s")
    name = f"effects_{MANY}x{N_PERIODS}_{MISSING:.0%}_gaps_beside_a_GLSAR_loop_cpu_s".replace("%", "pc")
    figure(name, gaps, loop, most=5.0, goal="<= 5 s, each series on a calendar of its own")


def main() -> None:
    boards()
    memory()
    effects()
