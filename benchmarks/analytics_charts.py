"""CPU of charts of counts and short series beside the XmR chart: `python -m benchmarks.analytics_charts`.

Each is measured against XmR of the same shape in the same run; the floor is the least any way needs: one division and one sum.
"""

from __future__ import annotations

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # small matrices: more threads only spin

from collections.abc import Callable

import numpy as np

from analytics.attribute_charts import c_charts, p_charts, u_charts
from analytics.results import Direction
from analytics.run_charts import run_charts
from analytics.spc import xmr_charts
from benchmarks.figures import cpu_seconds, figure

TIMES_XMR = 2.0  # what a chart of counts may cost, beside an XmR chart of the same series
TIMES_XMR_EXACT = 4.0  # where each period's limits are counted out
FEW = 0.02  # events a case, so that the exact limits are taken


def main(n_series: int = 30_000, n_periods: int = 180) -> None:
    rng = np.random.default_rng(7)
    denominators = rng.integers(60, 140, (n_series, n_periods)).astype(float)
    counts = rng.binomial(denominators.astype(int), 0.2).astype(float)
    few = rng.binomial(denominators.astype(int), FEW).astype(float)
    for cells in (counts, few):
        cells[rng.random(cells.shape) < 0.03] = np.nan
    shares = counts / denominators
    measured: dict[str, Callable[[], object]] = {
        "p": lambda: p_charts(counts, denominators, directions=Direction.DOWN),
        "u": lambda: u_charts(counts, denominators, directions=Direction.DOWN),
        "c": lambda: c_charts(counts, directions=Direction.DOWN),
        "run": lambda: run_charts(shares, directions=Direction.DOWN),
        "p_exact": lambda: p_charts(few, denominators, directions=Direction.DOWN),
    }
    xmr = cpu_seconds(lambda: xmr_charts(shares, directions=Direction.DOWN), repeats=3)
    floor = cpu_seconds(lambda: np.nansum(counts / denominators, axis=1), repeats=3)
    for name, work in measured.items():
        ours = cpu_seconds(work, repeats=3)
        times = TIMES_XMR_EXACT if name == "p_exact" else TIMES_XMR
        goal = f"<= {times} x XmR, {xmr:.2f} s here"
        figure(f"{name}_charts_{n_series}x{n_periods}_cpu_s", ours, floor, most=times * xmr, goal=goal)


if __name__ == "__main__":
    main()
