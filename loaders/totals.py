"""Which rows of a table are totals of others: by their words, and by arithmetic at any depth."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loaders.words import is_total_word

# Digits that must agree, over all periods together, before a sum is no coincidence: one chance in 100,000.
DIGITS_OF_PROOF = 5.0
DIGITS_OF_SUSPICION = 3.0  # below the proof but worth a warning: the row is kept
DIGITS_IN_ONE_COLUMN = 2.0  # only ever worth a warning
FEWEST_COLUMNS = 2
NEARLY = 0.01  # a published grand total may hold cases that its parts do not (place unknown, rounding)
MOST_CANDIDATES = 32
FEWEST_ROWS_APART = 4
MOST_KEYINGS = 12
MOST_ROWS_APART = 1_000  # every row is held against every group of rows: the square of this many


@dataclass(frozen=True, slots=True)
class Total:
    """A row that sums others.

    n_parts: how many rows add up to it; 0 when only its words say so and no sum confirms them.
    exact: False when the parts add up only nearly. group: the same for the rows of one total.
    proved: False when the parts add up in so few figures that it may be chance: such a row is kept.
    """

    row: int
    n_parts: int
    by_words: bool
    exact: bool = True
    group: int = 0
    proved: bool = True
    chosen: bool = False  # a person says so


def find_totals(values: npt.NDArray[np.float64], labels: Sequence[str]) -> tuple[Total, ...]:
    """Find the rows that are totals of the rows next to them, above or below, level within level.

    values: shape (n_rows, n_columns), NaN = no value. labels: the name of each row.
    A row is a total when, in every column where all have values, it equals the sum of a contiguous group
    of rows (totals already found stand for their group), and enough digits agree that this is no
    coincidence; or when its label says so. Totals put together, away from their rows, are found too:
    the rows that they sum must still stand next to one another.

    >>> table = np.array([[60.0, 66.0, 71.0], [20, 21, 30], [40, 45, 41], [9, 8, 7]])
    >>> find_totals(table, ["North", "Lille", "Arras", "Nice"])
    (Total(row=0, n_parts=2, by_words=False, exact=True, group=0, proved=True, chosen=False),)
    """
    named = {row for row, label in enumerate(labels) if is_total_word(label)}
    found: dict[int, int] = {}
    nearly: dict[int, int] = {}
    suspected: dict[int, int] = {}
    if values.size and values.shape[0] > 2:
        search = _Search(values, named)
        roots = search.run()
        apart = search.look_apart()
        found, suspected = search.found, search.suspected
        nearly = _nearly(values, roots, found)
        if apart and not nearly:
            left = [row for row in range(len(values)) if row not in found]
            nearly = _nearly(values, left, found, of_totals=False)
    counts = suspected | nearly | found
    return tuple(
        Total(
            row, counts.get(row, 0), row in named, row not in nearly, row, row in named or row in nearly or row in found
        )
        for row in sorted(named | set(counts))
    )


def _nearly(
    values: npt.NDArray[np.float64], roots: list[int], found: dict[int, int], *, of_totals: bool = True
) -> dict[int, int]:
    """Find a grand total that its parts, some of them totals, miss by a little: it opens or closes the table."""
    for row, parts in ((roots[0], roots[1:]), (roots[-1], roots[:-1])):
        if len(parts) < 2 or (of_totals and not any(part in found for part in parts)):
            continue
        total, summed = values[row], np.nansum(values[parts], axis=0)
        compared = ~np.isnan(total) & (total > 0)
        fewest = FEWEST_COLUMNS if of_totals else FEWEST_COLUMNS + 1
        if compared.sum() >= fewest and (np.abs(summed[compared] / total[compared] - 1) <= NEARLY).all():
            return {row: len(parts)}
    return {}


class _Search:
    """The search for rows that sum their neighbours, level within level."""

    def __init__(self, values: npt.NDArray[np.float64], named: set[int]) -> None:
        self.values = values
        self.named = named
        self.found: dict[int, int] = {}
        self.suspected: dict[int, int] = {}
        self.keyings = _keyings(values)
        self.keys = self.keyings[0]
        self.tolerance, self.step = _precision(values)

    def run(self) -> list[int]:
        """Search both ways until nothing more is found; return the rows that are part of no total."""
        roots = list(range(len(self.values)))
        if min(map(min, self.keyings)) < 0:
            return roots  # sums of a group no longer rise row by row
        for _ in range(len(self.values)):
            before = len(roots)
            roots = self._collapse(roots[::-1])[::-1]
            roots = self._collapse(roots)
            if len(roots) == before:
                break
        return roots

    def look_apart(self) -> bool:
        """Find the totals that do not stand next to their group: more chances of coincidence, so more proof.

        Returns whether there are any.
        """
        n_before = len(self.found)
        rows = [row for row in range(len(self.values)) if row not in self.found]
        if not FEWEST_ROWS_APART <= len(rows) <= MOST_ROWS_APART or min(self.keys) < 0:
            return False
        keys = np.array([self.keys[row] for row in rows])
        sums = np.concatenate(([0.0], np.cumsum(keys)))
        proof = DIGITS_OF_PROOF + 2 * float(np.log10(len(rows)))
        self._look_for_grand_total(rows, proof)
        rows = [row for row in rows if row not in self.found]
        keys = np.array([self.keys[row] for row in rows])
        sums = np.concatenate(([0.0], np.cumsum(keys)))
        for at, row in enumerate(rows):
            slack = 0.5 * self.tolerance * self.values.shape[1] + 1e-9 * self.keys[row]
            ends = np.searchsorted(sums, sums[:-1] + self.keys[row] - slack)
            reached = np.flatnonzero((ends <= len(rows)) & (ends - np.arange(len(rows)) >= 2))
            exact = reached[np.abs(sums[ends[reached]] - sums[reached] - self.keys[row]) <= slack * len(rows)]
            for start in exact[:MOST_CANDIDATES].tolist():
                parts = rows[start : ends[start]]
                if (
                    self.keys[row] > 0
                    and at not in range(start, ends[start])
                    and self._agreeing_digits(row, parts) >= proof
                ):
                    self.found[row] = len(parts)
                    break
        return len(self.found) > n_before

    def _look_for_grand_total(self, rows: list[int], proof: float) -> None:
        """Find the one row that sums all the others, wherever it stands."""
        row = max(rows, key=lambda one: self.keys[one])
        parts = [other for other in rows if other != row]
        if self.keys[row] > 0 and self._agreeing_digits(row, parts) >= proof:
            self.found[row] = len(parts)

    def _collapse(self, order: Sequence[int]) -> list[int]:
        """Walk the rows in an order; each one that sums the last rows kept takes their place."""
        kept: list[int] = []
        sums = [[0.0] for _ in self.keyings]  # sums[k][i] = sum of the keys of kept[:i]
        for row in order:
            parts = next((n for at in range(len(sums)) if (n := self._parts(row, kept, at, sums[at]))), 0)
            if parts:
                if row not in self.suspected:
                    self.found[row] = parts
                del kept[-parts:]
                for own in sums:
                    del own[-parts:]
            kept.append(row)
            for keys, own in zip(self.keyings, sums, strict=True):
                own.append(own[-1] + keys[row])
        return kept

    def _parts(self, row: int, kept: list[int], keying: int, sums: list[float]) -> int:
        """Say of how many of the last rows kept this row is the sum, sought by one of the keyings; 0 for none."""
        key = self.keyings[keying][row]
        if key <= 0:
            return 0
        slack = min(self.tolerance * (len(kept) + 1) * self.values.shape[1], 0.01 * key)
        low = bisect_left(sums, sums[-1] - key - slack)
        high = bisect_right(sums, sums[-1] - key + slack, lo=low)
        for start in range(high - 1, max(low - 1, high - 1 - MOST_CANDIDATES), -1):
            n_parts = len(kept) - start
            digits, n_columns = self._agreement(row, kept[start:]) if n_parts >= 2 else (0.0, 0)
            several = n_columns >= FEWEST_COLUMNS
            if several and (digits >= DIGITS_OF_PROOF or (digits and row in self.named)):
                self.suspected.pop(row, None)
                return n_parts
            if digits >= (DIGITS_OF_SUSPICION if several else DIGITS_IN_ONE_COLUMN):
                self.suspected[row] = n_parts
                if not several:
                    return n_parts  # one column proves nothing, but rows that are totals there may have their own
        return 0

    def _agreeing_digits(self, row: int, parts: list[int]) -> float:
        """Count the digits in which a row agrees with its parts; 0 when it differs, or when too few columns tell."""
        digits, n_columns = self._agreement(row, parts)
        return digits if n_columns >= FEWEST_COLUMNS else 0.0

    def _agreement(self, row: int, parts: list[int]) -> tuple[float, int]:
        """Count the digits in which a row agrees with the sum of its parts, and in how many columns; 0 = it differs."""
        total, summed = self.values[row], self.values[parts].sum(axis=0)
        compared = ~np.isnan(total) & ~np.isnan(summed)
        if (np.abs(total - summed)[compared] > self.tolerance * (len(parts) + 1)).any():
            return 0.0, 0
        telling = compared & (total != 0) & ((self.values[parts] != 0).sum(axis=0) >= 2)
        return float(np.log10(1 + np.abs(total[telling]) / self.step).sum()), int(telling.sum())


def _keyings(values: npt.NDArray[np.float64]) -> list[list[float]]:
    """Give the sums by which groups are sought: of the columns that are complete, or else of single columns.

    A group that misses a value in one column is found by another one.
    """
    n_missing = np.isnan(values).sum(axis=0)
    complete = n_missing == 0
    if complete.sum() >= min(FEWEST_COLUMNS, values.shape[1]):
        return [values[:, complete].sum(axis=1).tolist()]
    fullest = np.argsort(n_missing, kind="stable")[:MOST_KEYINGS]
    return [np.nansum(values, axis=1).tolist(), *(np.nan_to_num(values[:, at]).tolist() for at in fullest)]


def _precision(values: npt.NDArray[np.float64]) -> tuple[float, float]:
    """Find by how much rounded parts may miss their total, each, and the last decimal written."""
    known = values[~np.isnan(values)]
    for decimals in range(7):
        if np.allclose(known, np.round(known, decimals), rtol=0, atol=1e-9):
            step = 10.0**-decimals
            return (0.5 * step if decimals else 1e-6), step
    return 1e-6, 1e-6
