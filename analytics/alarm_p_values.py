"""How surprising is a drift alarm? The p value of the strongest sign of a drift in the watched periods of a series."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from scipy import special

from analytics.alarms import AlarmTable

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

SHARES = (0.5, 0.1, 0.01, 0.001, 0.0001)  # of quiet series, those whose largest CUSUM reaches the numbers below
PHIS = (-0.2, 0.0, 0.2, 0.4, 0.6)  # as estimated
BASELINES = (60, 90, 180, 540)  # points
# The largest CUSUM of a quiet series in 30 watched periods, as a share of its limit; beyond the last one the tail goes on
# at its last rate. Simulated through `alarm_table` by benchmarks/alarm_tails.py, 2.7 million series.
LARGEST_SUMS: Floats = np.array([
    [[0.30, 0.54, 0.94, 1.43, 2.00], [0.28, 0.53, 0.94, 1.51, 2.13], [0.28, 0.53, 0.99, 1.64, 2.61], [0.29, 0.55, 1.11, 1.96, 3.25], [0.32, 0.63, 1.28, 2.15, 3.06]],
    [[0.29, 0.50, 0.83, 1.20, 1.53], [0.28, 0.49, 0.83, 1.20, 1.65], [0.28, 0.50, 0.85, 1.29, 1.73], [0.28, 0.51, 0.90, 1.42, 2.33], [0.32, 0.59, 1.09, 1.73, 2.60]],
    [[0.28, 0.47, 0.73, 0.99, 1.26], [0.27, 0.46, 0.72, 0.99, 1.31], [0.27, 0.46, 0.73, 1.04, 1.37], [0.28, 0.47, 0.77, 1.12, 1.49], [0.31, 0.54, 0.90, 1.30, 1.78]],
    [[0.27, 0.45, 0.67, 0.88, 1.12], [0.27, 0.45, 0.68, 0.90, 1.14], [0.27, 0.44, 0.68, 0.89, 1.06], [0.28, 0.46, 0.70, 0.95, 1.28], [0.31, 0.52, 0.79, 1.06, 1.32]],
])  # fmt: skip
SMALLEST_P = 1e-8  # what the tail goes on to; nothing is claimed beyond
N_TERMS = 2  # degrees of freedom that level and correlation take from the baseline


def alarm_p_values(table: AlarmTable) -> Floats:
    """Give the chance that a quiet series shows a sign of drift at least as strong, shape (n_series,).

    Two signs are read, the largest CUSUM and the point furthest out; the p value of the stronger is corrected for there
    being two (Sidak 1967). It stands for windows of up to 30 periods and phi up to 0.6; of fewer periods it is a little
    too large. NaN where a series could not be watched. Never below SMALLEST_P.

    >>> from analytics.alarms import alarm_table
    >>> calm = np.random.default_rng(1).normal(50, 2, size=(2, 120))
    >>> calm[1, 100:] += 4
    >>> (alarm_p_values(alarm_table(calm)) < 0.001).tolist()
    [False, True]
    """
    found = np.full(len(table.phi), np.nan)
    watched = (~np.isnan(table.residuals)).sum(axis=1)
    known = np.flatnonzero(~np.isnan(table.phi) & (watched > 0))
    if not len(known):
        return found
    largest = np.nanmax(np.fmax(table.above[known], table.below[known]), axis=1) / table.limit[known]
    furthest = np.nanmax(np.abs(table.residuals[known]), axis=1)
    degrees = np.maximum(table.n_baseline[known] - N_TERMS, 1)
    one_point = np.minimum(2 * special.stdtr(degrees, -furthest), 1 - 1e-16)
    wild = -np.expm1(watched[known] * np.log1p(-one_point))
    drift = np.exp(_log_share(largest, table.phi[known], table.n_baseline[known]))
    stronger = np.minimum(np.minimum(wild, drift), 1 - 1e-16)
    found[known] = np.maximum(-np.expm1(2 * np.log1p(-stronger)), SMALLEST_P)
    return found


def _log_share(largest: Floats, phi: Floats, n_baseline: Places) -> Floats:
    """The logarithm of the share of quiet series that reach this sum: straight between the table's numbers."""
    knots = _between(LARGEST_SUMS, 1 / np.array(BASELINES), 1 / n_baseline, _PHIS, phi)
    knots = np.column_stack([np.zeros(len(knots)), knots])
    logs = np.log([1.0, *SHARES])
    place = np.clip((largest[:, None] >= knots).sum(axis=1) - 1, 0, len(logs) - 2)
    rows = np.arange(len(knots))
    low, high = knots[rows, place], knots[rows, place + 1]
    share: Floats = logs[place] + (logs[place + 1] - logs[place]) * (largest - low) / (high - low)
    return share


_PHIS: Floats = np.array(PHIS)


def _between(table: Floats, rows: Floats, row: Floats, columns: Floats, column: Floats) -> Floats:
    """Interpolate a table of shape (n_rows, n_columns, k) at each (row, column); beyond its edges, the edge."""
    first, row_share = _place(rows[::-1], row)
    second, column_share = _place(columns, column)
    flipped = table[::-1]
    weight_row, weight_column = row_share[:, None], column_share[:, None]
    near = flipped[first, second] * (1 - weight_column) + flipped[first, second + 1] * weight_column
    far = flipped[first + 1, second] * (1 - weight_column) + flipped[first + 1, second + 1] * weight_column
    found: Floats = near * (1 - weight_row) + far * weight_row
    return found


def _place(grid: Floats, at: Floats) -> tuple[Places, Floats]:
    inside = np.clip(at, grid[0], grid[-1])
    first: Places = np.clip(np.searchsorted(grid, inside, side="right") - 1, 0, len(grid) - 2)
    return first, (inside - grid[first]) / (grid[first + 1] - grid[first])
