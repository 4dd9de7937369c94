"""What would treated sites have measured, untreated? Site and period effects from untreated cells, as one set of weights.

An estimate made this way is a weighted sum of all cells. The weights depend on the adoption dates alone, so that
other orders of adoption need no new fit where nothing is missing: the same weights meet the sites in another order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]
# From measured (n_sites, n_periods) and the dates of several orders (n_orders, n_sites) to the weights of every cell
# (n_orders, n_sites, n_periods, ...) and whether there is an estimate (n_orders, ...).
Weighting = Callable[[Flags, Places], tuple[Floats, Flags]]

UNSOLVED = 1e-8  # a site's weights must add up to zero this closely, else its cells cannot be compared
_BLOCK_CELLS = 400_000  # site-periods of several orders weighed at once


def imputation_weights(measured: Flags, dates: Places) -> tuple[Floats, Flags]:
    """Weigh every cell for the mean of treated cells beyond their site's and their period's effects.

    measured: shape (n_sites, n_periods); dates: shape (n_orders, n_sites), place of the first treated period.
    Treated cells of a site never seen untreated, or of a period without an untreated site, are left out.
    Returns weights, shape (n_orders, n_sites, n_periods), and, shape (n_orders,), whether there is an estimate.
    Source: Borusyak, Jaravel and Spiess (2024), the imputation estimator; Gardner (2022), two stages.

    >>> weights, _ = imputation_weights(np.ones((2, 2), dtype=bool), np.array([[1, 2]]))
    >>> weights[0].round(9) + 0.0  # difference in differences
    array([[-1.,  1.],
           [ 1., -1.]])
    """
    treated = np.arange(measured.shape[1]) >= dates[:, :, None]
    free = (measured & ~treated).astype(np.float64)
    known = (free.sum(axis=2) > 0)[:, :, None] & (free.sum(axis=1) > 0)[:, None, :]
    wanted = (measured & treated & known).astype(np.float64)
    n_wanted = wanted.sum(axis=(1, 2))
    wanted /= np.maximum(n_wanted, 1)[:, None, None]
    if measured.shape[0] > measured.shape[1]:  # sites and periods play the same part: solve for the fewer
        weights = _beyond_two_ways(wanted.swapaxes(1, 2), free.swapaxes(1, 2)).swapaxes(1, 2)
    else:
        weights = _beyond_two_ways(wanted, free)
    remainder = np.maximum(np.abs(weights.sum(axis=2)).max(axis=1), np.abs(weights.sum(axis=1)).max(axis=1))
    return weights, (n_wanted > 0) & (remainder < UNSOLVED)


def _beyond_two_ways(wanted: Floats, free: Floats) -> Floats:
    """Subtract from the wanted cells what rows and columns of the free ones foresee; shape (n, n_rows, n_columns)."""
    of_row, of_column = free.sum(axis=2), np.maximum(free.sum(axis=1), 1)
    per_column = free / of_column[:, None, :]
    system = -(per_column @ free.swapaxes(1, 2))
    diagonal = np.arange(free.shape[1])
    system[:, diagonal, diagonal] += of_row
    target = wanted.sum(axis=2) - np.einsum("nit,nt->ni", per_column, wanted.sum(axis=1))
    row = np.einsum("nij,nj->ni", np.linalg.pinv(system, rcond=1e-10, hermitian=True), target)
    column = (wanted.sum(axis=1) - np.einsum("nit,ni->nt", free, row)) / of_column
    weights: Floats = wanted - free * (row[:, :, None] + column[:, None, :])
    return weights


@dataclass(frozen=True, slots=True, eq=False)
class Reordered:
    """Estimates under the true and under other orders of adoption; several estimates stand on the last axis.

    true: (n_series, ...); others: (n_series, n_orders, ...), NaN where an order leaves no estimate.
    exposure: (n_orders, ...), what each order's estimate makes of one unit of effect where the effect truly is.
    """

    true: Floats
    others: Floats
    exposure: Floats


def estimates_by_order(
    values: Floats, dates: Places, orders: Places, weighting: Weighting = imputation_weights
) -> Reordered:
    """Estimate an effect as it is, and as it would be had the sites adopted in other orders.

    values: shape (n_series, n_sites, n_periods), NaN = not measured, the same cells in every series.
    dates: shape (n_sites,), the place of each site's first treated period; n_periods or more = not treated here.
    orders: shape (n_orders, n_sites); orders[k, i] is the site that takes the date of site i.
    """
    measured = ~np.isnan(values[0])
    treated = np.arange(values.shape[2]) >= dates[:, None]
    cells = np.concatenate([np.nan_to_num(values), treated[None].astype(np.float64)])
    weights, _ = weighting(measured, dates[None])
    moved = measured[(orders != np.arange(len(dates))).any(axis=0)]
    if (moved == moved[:1]).all():
        others = _in_other_order(weights[0], cells, orders)
    else:
        blocks = [_weighed_anew(measured, cells, dates, block, weighting) for block in _blocks(orders, measured)]
        others = np.concatenate(blocks, axis=1)
    true = np.einsum("it...,sit->s...", weights[0], cells[:-1])
    return Reordered(true=true, others=others[:-1], exposure=others[-1])


def _in_other_order(weights: Floats, cells: Floats, orders: Places) -> Floats:
    """Row i of the weights meets the site that takes its date."""
    met = np.tensordot(cells, weights, axes=([2], [1]))  # series, site, row of the weights, ...
    total: Floats = np.zeros((len(cells), len(orders), *weights.shape[2:]))
    for row in range(len(weights)):
        total += met[:, orders[:, row], row]
    return total


def _weighed_anew(measured: Flags, cells: Floats, dates: Places, orders: Places, weighting: Weighting) -> Floats:
    other_dates = np.empty_like(orders)
    np.put_along_axis(other_dates, orders, np.broadcast_to(dates, orders.shape), axis=1)
    weights, identified = weighting(measured, other_dates)
    found: Floats = np.einsum("nit...,sit->sn...", weights, cells)
    found[:, ~identified] = np.nan
    return found


def _blocks(orders: Places, measured: Flags) -> Iterator[Places]:
    step = max(1, _BLOCK_CELLS // measured.size)
    for first in range(0, len(orders), step):
        yield orders[first : first + step]
