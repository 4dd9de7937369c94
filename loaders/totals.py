"""Which rows of a table are totals of others: by their words, and by arithmetic at any depth."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loaders.words import is_total_word

# Digits that must agree, over all periods together, before a sum is no coincidence: one chance in a million,
# over a table of a thousand rows one false total in a thousand tables.
DIGITS_OF_PROOF = 6.0
FEWEST_COLUMNS = 2
NEARLY = 0.01  # a published grand total may hold cases that its parts do not (place unknown, rounding)
MOST_CANDIDATES = 32


@dataclass(frozen=True, slots=True)
class Total:
    """A row that sums others.

    n_parts: how many rows add up to it; 0 when only its words say so and no sum confirms them.
    exact: False when the parts add up only nearly. group: the same for the rows of one total.
    """

    row: int
    n_parts: int
    by_words: bool
    exact: bool = True
    group: int = 0


def find_totals(values: npt.NDArray[np.float64], labels: Sequence[str]) -> tuple[Total, ...]:
    """Find the rows that are totals of the rows next to them, above or below, level within level.

    values: shape (n_rows, n_columns), NaN = no value. labels: the name of each row.
    A row is a total when, in every column where all have values, it equals the sum of a contiguous group
    of rows (totals already found stand for their group), and enough digits agree that this is no
    coincidence; or when its label says so.

    >>> table = np.array([[60.0, 66.0, 71.0], [20, 21, 30], [40, 45, 41], [9, 8, 7]])
    >>> find_totals(table, ["North", "Lille", "Arras", "Nice"])
    (Total(row=0, n_parts=2, by_words=False, exact=True, group=0),)
    """
    named = {row for row, label in enumerate(labels) if is_total_word(label)}
    found: dict[int, int] = {}
    nearly: dict[int, int] = {}
    if values.size and values.shape[0] > 2:
        found, roots = _by_arithmetic(values, named)
        nearly = _nearly(values, roots, found)
    rows = sorted(named | set(found) | set(nearly))
    counts = nearly | found
    return tuple(Total(row, counts.get(row, 0), row in named, row not in nearly, row) for row in rows)


def _nearly(values: npt.NDArray[np.float64], roots: list[int], found: dict[int, int]) -> dict[int, int]:
    """Find a grand total that its parts miss by a little: it opens or closes a table of totals."""
    for row, parts in ((roots[0], roots[1:]), (roots[-1], roots[:-1])):
        if len(parts) < 2 or not any(part in found for part in parts):
            continue
        total, summed = values[row], np.nansum(values[parts], axis=0)
        compared = ~np.isnan(total) & (total > 0)
        if compared.sum() > FEWEST_COLUMNS and (np.abs(summed[compared] / total[compared] - 1) <= NEARLY).all():
            return {row: len(parts)}
    return {}


def _by_arithmetic(values: npt.NDArray[np.float64], named: set[int]) -> tuple[dict[int, int], list[int]]:
    roots = list(range(len(values)))
    found: dict[int, int] = {}
    for _ in range(len(values)):
        before = len(found)
        roots = _collapse(values, roots[::-1], named, found)[::-1]
        roots = _collapse(values, roots, named, found)
        if len(found) == before:
            break
    return found, roots


def _collapse(
    values: npt.NDArray[np.float64], order: Sequence[int], named: set[int], found: dict[int, int]
) -> list[int]:
    """Walk the rows in an order; each one that sums the last rows kept takes their place."""
    keys = np.nansum(values, axis=1)
    tolerance = _tolerance(values)
    kept: list[int] = []
    sums = [0.0]  # sums[i] = sum of the keys of kept[:i]
    rising = bool((keys >= 0).all())
    for row in order:
        parts = _parts(values, row, kept, sums, keys[row], tolerance, named) if rising else 0
        if parts:
            found[row] = parts
            del kept[-parts:], sums[-parts:]
        kept.append(row)
        sums.append(sums[-1] + float(keys[row]))
    return kept


def _parts(
    values: npt.NDArray[np.float64], row: int, kept: list[int], sums: list[float], key: float, tolerance: float,
    named: set[int],
) -> int:  # fmt: skip
    """Say of how many of the last rows kept this row is the sum; 0 for none."""
    if key <= 0:
        return 0
    slack = tolerance * (len(kept) + 1) * values.shape[1]
    if np.isnan(values[row]).any() or slack > key:
        slack = min(slack, 0.01 * key)
    low = bisect_left(sums, sums[-1] - key - slack)
    high = bisect_right(sums, sums[-1] - key + slack, lo=low)
    for start in range(high - 1, max(low - 1, high - 1 - MOST_CANDIDATES), -1):
        n_parts = len(kept) - start
        if n_parts >= 2 and _adds_up(values, row, kept[start:], tolerance, row in named):
            return n_parts
    return 0


def _adds_up(values: npt.NDArray[np.float64], row: int, parts: list[int], tolerance: float, is_named: bool) -> bool:
    total, summed = values[row], values[parts].sum(axis=0)
    compared = ~np.isnan(total) & ~np.isnan(summed)
    if not compared.any() or (np.abs(total - summed)[compared] > tolerance * (len(parts) + 1)).any():
        return False
    if is_named:
        return True
    telling = compared & (total != 0) & ((values[parts] != 0).sum(axis=0) >= 2)
    digits = float(np.log10(1 + np.abs(total[telling]) / max(2 * tolerance, 1e-9)).sum())
    return bool(int(telling.sum()) >= FEWEST_COLUMNS and digits >= DIGITS_OF_PROOF)


def _tolerance(values: npt.NDArray[np.float64]) -> float:
    """Half of the last decimal written, as rounded parts may miss their total by that much each."""
    known = values[~np.isnan(values)]
    for decimals in range(7):
        if np.allclose(known, np.round(known, decimals), rtol=0, atol=1e-9):
            return 0.5 * 10.0**-decimals if decimals else 1e-6 * 0.5
    return 1e-6
