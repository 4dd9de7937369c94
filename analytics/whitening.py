"""Sums of products of whitened rows, at every phi at once: of series on one calendar, and of series each on its own.

Whitening a pair of rows is (later - r earlier) / sqrt(1 - r²) with r = phi ** gap, so that its sums of products are those of
later with later, of the two with each other, and of earlier with earlier, in proportions 1, -r and r²: made once, not per phi.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]
Places = npt.NDArray[np.intp]

RANK_TOLERANCE = 1e-9  # share of the largest column below which a column adds nothing to the others


def terms_told_apart(design: Floats) -> Places:
    """Tell which columns can be estimated: those not zero throughout; none if these are not independent.

    >>> terms_told_apart(np.array([[1.0, 0, 0], [1, 0, 1], [1, 0, 1]]))
    array([0, 2])
    """
    terms = np.flatnonzero((design != 0).any(axis=0))
    if len(design) < len(terms) or len(terms) == 0:
        return np.zeros(0, dtype=np.intp)
    scaled = design[:, terms] / np.sqrt((design[:, terms] ** 2).sum(axis=0))
    diagonal = np.abs(np.diag(np.linalg.qr(scaled, mode="r")))
    return terms if diagonal.min() > RANK_TOLERANCE else terms[:0]


def whitened(terms: Floats, noise: Floats, gaps: Places, phi: Floats) -> tuple[Floats, Floats, Floats, Floats]:
    """Whiten at every phi: terms with terms, terms with noise, noise with noise, log determinant of the correlations.

    Shapes (n_phi, k, k), (n_phi, k, n_series), (n_phi, n_series), (n_phi,).
    """
    first, first_noise = terms[:1], noise[:1]
    cross: Floats = np.repeat((first.T @ first)[None], len(phi), axis=0)
    with_noise: Floats = np.repeat((first.T @ first_noise)[None], len(phi), axis=0)
    squares: Floats = np.repeat(first_noise**2, len(phi), axis=0)
    log_determinant: Floats = np.zeros(len(phi))
    for gap in np.unique(gaps):
        pairs = np.flatnonzero(gaps == gap)
        a, b, e, f = terms[pairs + 1], terms[pairs], noise[pairs + 1], noise[pairs]
        r = phi ** int(gap)
        shares = np.stack([np.ones_like(r), -r, r * r]) / (1 - r * r)
        cross += np.einsum("qp,qij->pij", shares, np.stack([a.T @ a, a.T @ b + b.T @ a, b.T @ b]))
        with_noise += np.tensordot(shares.T, np.stack([a.T @ e, a.T @ f + b.T @ e, b.T @ f]), axes=1)
        squares += shares.T @ np.stack([(e * e).sum(axis=0), 2 * (e * f).sum(axis=0), (f * f).sum(axis=0)])
        log_determinant += len(pairs) * np.log1p(-r * r)
    return cross, with_noise, squares, log_determinant


def whitened_rows(rows: Floats, places: Places, phi: Floats) -> tuple[Floats, Floats]:
    """Whiten rows themselves at every phi, and give the correlation of each with the one before it.

    rows: shape (n, k), at strictly rising places. Shapes (n_phi, n, k), (n_phi, n - 1).
    """
    r = phi[:, None] ** np.diff(places)
    found = np.empty((len(phi), *rows.shape))
    found[:, 0] = rows[0]
    found[:, 1:] = (rows[1:] - r[..., None] * rows[:-1]) / np.sqrt(1 - r * r)[..., None]
    return found, r


def same_gaps(values: Floats) -> Iterator[tuple[Places, npt.NDArray[np.bool_]]]:
    """Group the series that are measured at the same periods: their rows, and those periods."""
    measured = ~np.isnan(values)
    if measured.all():
        if len(values):
            yield np.arange(len(values)), measured[0]
        return
    patterns, group = np.unique(np.packbits(measured, axis=1), axis=0, return_inverse=True)
    order = np.argsort(group.ravel(), kind="stable")
    for rows in np.split(order, np.cumsum(np.bincount(group.ravel(), minlength=len(patterns)))[:-1]):
        yield rows, measured[rows[0]]


def whitened_apart(
    terms: Floats, noise: Floats, measured: Flags, places: Places, phi: Floats
) -> tuple[Floats, Floats, Floats, Floats]:
    """Whiten series that are each measured at periods of their own; as `whitened`, the series before the terms.

    terms: shape (n_periods, k); noise, measured: shape (n_series, n_periods), noise 0 where not measured.
    Shapes (n_phi, n_series, k, k), (n_phi, n_series, k), (n_phi, n_series), (n_phi, n_series).
    """
    n_series, k = len(noise), terms.shape[1]
    series, first = np.arange(n_series), measured.argmax(axis=1)
    opening, opening_noise = terms[first], noise[series, first]
    cross = np.repeat((opening[:, :, None] * opening[:, None, :])[None], len(phi), axis=0)
    with_noise = np.repeat((opening * opening_noise[:, None])[None], len(phi), axis=0)
    squares = np.repeat((opening_noise**2)[None], len(phi), axis=0)
    log_determinant = np.zeros((len(phi), n_series))
    for apart, gap, paired in _pairs(measured, places):
        a, b, e, f = terms[apart:], terms[:-apart], noise[:, apart:], noise[:, :-apart]
        r = phi ** int(gap)
        shares = np.stack([np.ones_like(r), -r, r * r]) / (1 - r * r)
        among = np.stack([_products(a, a), _products(a, b) + _products(b, a), _products(b, b)])
        cross += np.einsum("qp,qsc->psc", shares, paired @ among).reshape(len(phi), n_series, k, k)
        later, earlier = paired * e, paired * f
        beside = np.stack([later @ a, earlier @ a + later @ b, earlier @ b])
        with_noise += np.einsum("qp,qsk->psk", shares, beside)
        own = np.stack([(later * e).sum(axis=1), 2 * (later * f).sum(axis=1), (earlier * f).sum(axis=1)])
        squares += shares.T @ own
        log_determinant += np.log1p(-r * r)[:, None] * paired.sum(axis=1)
    return cross, with_noise, squares, log_determinant


def _products(left: Floats, right: Floats) -> Floats:
    """The outer product of each row of one with that of the other, shape (n_periods, k * k)."""
    found: Floats = (left[:, :, None] * right[:, None, :]).reshape(len(left), -1)
    return found


def _pairs(measured: Flags, places: Places) -> Iterator[tuple[int, int, Floats]]:
    """Pair each measured period with the one before it: columns apart, periods apart, and 1 where such a pair ends."""
    n_series, n_periods = measured.shape
    last = np.where(measured, np.arange(n_periods), -1)
    before = np.full((n_series, n_periods), -1)
    before[:, 1:] = np.maximum.accumulate(last, axis=1)[:, :-1]
    apart = np.where(measured & (before >= 0), np.arange(n_periods) - before, 0)
    for columns in np.unique(apart[apart > 0]).tolist():
        ends, gaps = apart[:, columns:] == columns, places[columns:] - places[:-columns]
        for gap in np.unique(gaps[ends.any(axis=0)]).tolist():
            yield columns, gap, (ends & (gaps == gap)).astype(np.float64)
