"""Evidence that may be read as often as one likes: how many times likelier the data are with a change than without.

The noise is AR(1). At each phi of a grid the level, the other terms and the size of the noise are integrated out, and
the change under a normal prior as wide as the noise; with and without a change are then each averaged over phi.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analytics.autoregression import PHI_GRID, grid_shares
from analytics.early import compares_weekdays, seen_periods, seen_weights, signal_word
from analytics.its import SCALES, Scale, Window, design_of, scale_fault
from analytics.measured import weekday_columns
from analytics.results import Direction, NotComputable, Side
from analytics.results_sequential import EValue, SignalWord
from analytics.whitening import whitened_rows

Floats = npt.NDArray[np.float64]
Places = npt.NDArray[np.intp]

PRIOR_SPREAD = 1.0  # c: effects of about one standard deviation of the noise are expected
ALPHA = 0.05
_NEGLIGIBLE = 1e-12  # share of a sum of squares; keeps a matrix positive where a column adds nothing


def e_value(
    values: pd.Series,
    *,
    intervention_date: dt.date,
    direction: Direction,
    alpha: float = ALPHA,
    seen_by: dt.date | None = None,
    trend: bool = True,
    excluded: Collection[dt.date] = (),
    scale: Scale = "identity",
    weights: pd.Series | None = None,
) -> EValue | NotComputable:
    """Follow the evidence for a change since it was made, period by period.

    values, excluded, scale, weights: as for `single_site_effect`; trend: as registered; one point after is enough.
    intervention_date: first day of after, inclusive. seen_by: only periods that ended by the beginning of this day
        count; None = all. A daily series compares each day of the week with itself, as `early_signal` does.
    direction: which way the metric improves; the word of the signal follows it.
    alpha: a quiet series reaches the line 1 / alpha at most this often, however long and often it is read.
    Returns NotComputable "infinite_values", "outside_scale", "too_few_before", "too_few_after", "constant",
        "constant_before" or "no_noise" (the other terms explain every point before).
    Raises ValueError as `single_site_effect` does.
    Source: Robbins (1970) for mixtures; Grünwald, de Heide and Koolen (2024) for level and scale integrated out. Phi is
        averaged over, not bounded: simulated, 0.3 to 2 % of quiet series cross 20 when read daily.

    >>> days = pd.date_range("2026-01-05", periods=40, freq="D")
    >>> late = pd.Series([9.0, 11, 10, 9, 11, 10, 10, 9, 11, 10] * 4, index=days)
    >>> late.iloc[-10:] += 6
    >>> read = e_value(late, intervention_date=dt.date(2026, 2, 4), direction=Direction.DOWN)
    >>> read.signal.value, read.crossed_on.isoformat(), read.n_after
    ('harm', '2026-02-04', 10)
    """
    seen = seen_periods(values, seen_by)
    window = Window.of(seen, intervention_date, excluded, seen_weights(weights, values, seen))
    fault = window.fault(minimum_after=1) or scale_fault(window, scale)
    if fault is not None:
        return fault
    observed = SCALES[scale](window)[0]
    design, terms = _design(window, trend=trend, weekday=compares_weekdays(seen, intervention_date))
    fault = _fault(observed, design, window)
    if fault is not None:
        return fault
    weighting = window.weighting()
    path = e_path(
        observed[window.kept] * weighting,
        design[window.kept] * weighting[:, None],
        (window.after[window.kept] * weighting)[:, None],
        places=window.places[window.kept],
        first=window.n_before,
    )
    return _e_value(window, path, direction=direction, alpha=alpha, terms=terms)


@dataclass(frozen=True, slots=True, eq=False)
class EPath:
    """Shape (n_after,): the e-value after each measured period, the change expected there, phi."""

    e_values: Floats
    change: Floats
    phi: Floats


def e_path(
    observed: Floats,
    others: Floats,
    change: Floats,
    *,
    places: Places,
    first: int,
    phi: Floats = PHI_GRID,
    spread: float = PRIOR_SPREAD,
) -> EPath:
    """Follow the evidence along one series, from a row on.

    observed: shape (n,), nothing missing. others: shape (n, n_terms), of full rank in the rows before `first`, but for
        columns that are zero there. change: shape (n, 1). places: whole numbers of periods, rising.
    first: the first row whose e-value is asked for. spread: c, the prior's, in standard deviations of the noise.
    Per phi, whitened to equal variance, with s, xy, RSS0 what is left of the sums of squares and products of change
        and observed: (1 + g s)^-1/2 (RSS1 / RSS0)^-((n - n_terms) / 2), RSS1 = RSS0 - g xy² / (1 + g s), g = c².
        (Whitened to equal innovations instead, g = c² / (1 - phi²).)

    >>> change = np.repeat([0.0, 1.0], [20, 2])[:, None]
    >>> noise = np.tile([0.5, -0.5], 11)
    >>> path = e_path(noise + 4 * change[:, 0], np.ones((22, 1)), change, places=np.arange(22), first=20)
    >>> [bool(e > 20) for e in path.e_values]
    [True, True]
    """
    products, log_determinant, present = _products(observed, others, change, places, first, phi)
    triangle = np.linalg.cholesky(products)
    n_terms = others.shape[1]
    diagonal = np.diagonal(triangle, axis1=2, axis2=3)
    s, shared = diagonal[..., n_terms] ** 2, triangle[..., n_terms + 1, n_terms] ** 2
    without = shared + diagonal[..., n_terms + 1] ** 2
    g = spread**2
    with_change = without - g * s * shared / (1 + g * s)
    degrees = (np.arange(first + 1, len(observed) + 1) - present) / 2
    log_none = -log_determinant / 2 - np.log(diagonal[..., :n_terms]).sum(axis=2) - degrees * np.log(without)
    log_change = log_none - np.log1p(g * s) / 2 - degrees * np.log(with_change / without)

    spacing = grid_shares(phi)
    highest = np.maximum(log_none, log_change).max(axis=0)
    none, some = (spacing[:, None] * np.exp(logs - highest) for logs in (log_none, log_change))
    expected = g * diagonal[..., n_terms] * triangle[..., n_terms + 1, n_terms] / (1 + g * s)
    total, total_some = none.sum(axis=0), some.sum(axis=0)
    with np.errstate(divide="ignore"):  # beyond what a number can hold, evidence is infinite
        return EPath(
            e_values=total_some / total,
            change=(some * expected).sum(axis=0) / total_some,
            phi=(some * phi[:, None]).sum(axis=0) / total_some,
        )


def _products(
    observed: Floats, others: Floats, change: Floats, places: Places, first: int, phi: Floats
) -> tuple[Floats, Floats, Places]:
    """Sums of squares and products of the whitened rows so far, log determinants, and how many other terms are there.

    Shapes (n_phi, n_after, n_terms + 2, n_terms + 2), (n_phi, n_after), (n_after,). Whitening looks back one row only,
    so that rows added later change nothing before.
    """
    size = np.sqrt((others**2).sum(axis=0))
    scaled = others / np.where(size > 0, size, 1.0)
    residual = observed - scaled @ np.linalg.lstsq(scaled, observed, rcond=None)[0]
    rows = np.column_stack([scaled, change, residual / np.sqrt((residual**2).mean())])
    whitened, r = whitened_rows(rows, places, phi)
    before, after = whitened[:, :first], whitened[:, first:]
    products = np.cumsum(after[..., :, None] * after[..., None, :], axis=1)
    products += (before.swapaxes(1, 2) @ before)[:, None]
    # A day of the week not met yet has no column yet.
    seen = (np.cumsum(others != 0, axis=0) > 0)[first:]
    place = np.arange(others.shape[1])
    products[:, :, place, place] += np.where(seen, 0.0, 1.0)
    place = np.arange(rows.shape[1])
    products[:, :, place, place] *= 1 + _NEGLIGIBLE
    products[:, :, -2, -2] += _NEGLIGIBLE
    log_determinant = np.cumsum(np.log1p(-r * r), axis=1)[:, first - 1 :]
    return products, log_determinant, seen.sum(axis=1)


def _design(window: Window, *, trend: bool, weekday: bool) -> tuple[Floats, tuple[str, ...]]:
    """The terms besides the change, days of the week told apart by what was measured before."""
    design, terms = design_of(window, trend=trend, weekday=False)
    columns = [np.delete(design, 1, axis=1)]
    if weekday:
        days = window.periods.day_of_week.to_numpy(dtype=np.intp)
        before = np.unique(days[window.kept & ~window.after])
        only_after = np.setdiff1d(days[window.kept & window.after], before)
        columns.append(weekday_columns(days, np.concatenate([before, only_after])))
        terms = (*terms, "weekday")
    return np.hstack(columns), terms


def _fault(observed: Floats, design: Floats, window: Window) -> NotComputable | None:
    kept, before = window.kept, window.kept & ~window.after
    if np.ptp(observed[kept]) == 0:
        return NotComputable("constant", {"value": float(window.observed[kept][0])})
    if np.ptp(observed[before]) == 0:
        return NotComputable("constant_before", {"value": float(window.observed[before][0])})
    columns = design[before][:, (design[before] != 0).any(axis=0)]
    residual = observed[before] - columns @ np.linalg.lstsq(columns, observed[before], rcond=None)[0]
    rounding = len(residual) * np.finfo(float).eps * np.abs(observed[before]).max()
    return NotComputable("no_noise") if np.abs(residual).max() <= rounding else None


def _e_value(window: Window, path: EPath, *, direction: Direction, alpha: float, terms: tuple[str, ...]) -> EValue:
    periods = window.periods[window.kept & window.after]
    running, line = np.maximum.accumulate(path.e_values), 1 / alpha
    crossed = np.flatnonzero(path.e_values >= line)
    change = float(path.change[crossed[0] if len(crossed) else -1])
    side = None if change == 0 else (Side.ABOVE if change > 0 else Side.BELOW)
    return EValue(
        periods=periods,
        e_values=path.e_values,
        running_maximum=running,
        line=line,
        alpha=alpha,
        crossed_on=periods[crossed[0]].date() if len(crossed) else None,
        signal=signal_word(change, direction) if len(crossed) else SignalWord.NO_SIGNAL_YET,
        side=side,
        p_value=float(min(1.0, 1 / running[-1])),
        phi=float(path.phi[-1]),
        n_before=window.n_before,
        n_after=window.n_after,
        terms=terms,
    )
