"""The values of a table as arrays: repeated ones found, segments summed or separated, rates made."""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

import numpy as np
import numpy.typing as npt

MOST_SPAN = 16_000_000  # bytes that a table of what was seen may take
Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tally:
    """One entry a value; site, metric, segment and column are positions in lists kept elsewhere.

    period: datetime64[s]. row: position among the data rows. weight: NaN = none.
    """

    site: Ints
    metric: Ints
    segment: Ints
    period: npt.NDArray[np.datetime64]
    value: Floats
    weight: Floats
    row: Ints
    column: Ints

    def __len__(self) -> int:
        return len(self.value)

    def at(self, which: Ints | npt.NDArray[np.bool_]) -> Tally:
        """Keep some entries."""
        if which.dtype == np.bool_ and which.all():
            return self
        return Tally(*(getattr(self, field.name)[which] for field in fields(self)))

    def key(self, *, with_metric: bool = True, with_segment: bool = True) -> Ints:
        """Number the keys (site, metric, segment, period), so that equal keys have equal numbers."""
        key = self.period.astype("datetime64[D]").astype(np.int64)
        if len(key):
            key -= key.min()
        parts = [(self.site, True), (self.metric, with_metric), (self.segment, with_segment)]
        for part, wanted in parts:
            if wanted and len(part):
                key = key * (int(part.max()) + 1) + part
        return key


def joined(tallies: list[Tally]) -> Tally:
    """Put several tallies behind one another."""
    if len(tallies) == 1:
        return tallies[0]
    return Tally(*(np.concatenate([getattr(tally, field.name) for tally in tallies]) for field in fields(Tally)))


def repeats(tally: Tally) -> tuple[Ints, Ints, npt.NDArray[np.bool_]]:
    """Find the entries whose key came before.

    Returns their positions, the position of the first entry of the key, and whether some entry of the key
    has another value than the first (then none of them can be believed).
    """
    key = tally.key()
    nothing = np.zeros(0, np.int64)
    if all_different(key):
        return nothing, nothing, np.zeros(0, np.bool_)
    order = np.argsort(key, kind="stable")
    again = np.flatnonzero(key[order][1:] == key[order][:-1]) + 1
    if not len(again):
        return nothing, nothing, np.zeros(0, np.bool_)
    starts = np.ones(len(order), np.bool_)
    starts[again] = False
    group = np.cumsum(starts) - 1
    firsts = order[np.flatnonzero(starts)]
    later = order[again]
    first = firsts[group[again]]
    differs = ~np.isclose(tally.value[later], tally.value[first], rtol=1e-9, atol=0)
    torn = np.zeros(len(firsts), np.bool_)
    torn[group[again][differs]] = True
    return later, first, torn[group[again]]


def values_by_metric(tally: Tally, n_metrics: int) -> list[Floats]:
    """Give the values of each metric, by its position."""
    if n_metrics < 2:
        return [tally.value][:n_metrics]
    narrow = tally.metric.astype(
        np.int16 if n_metrics < 2**15 else np.int64
    )  # narrow numbers sort several times faster
    values = tally.value[np.argsort(narrow, kind="stable")]
    ends = np.cumsum(np.bincount(tally.metric, minlength=n_metrics))
    return np.split(values, ends[:-1])


def all_different(key: Ints) -> bool:
    """Say whether no number, from 0 on, comes twice: for numbers that lie close, without sorting them."""
    if not len(key):
        return True
    span = int(key.max()) + 1
    if span > max(MOST_SPAN, 8 * len(key)):
        return len(np.unique(key)) == len(key)
    seen = np.zeros(span, np.bool_)
    seen[key] = True
    return int(seen.sum()) == len(key)


def numbered(key: Ints) -> tuple[Ints, int]:
    """Number the distinct numbers of a key, from 0 on, in their order, from 0; return also how many there are."""
    span = int(key.max()) + 1 if len(key) else 0
    if span > max(MOST_SPAN, 8 * len(key)):
        distinct, at = np.unique(key, return_inverse=True)
        return at, len(distinct)
    seen = np.zeros(span, np.bool_)
    seen[key] = True
    places = np.cumsum(seen) - 1
    return places[key], int(places[-1]) + 1 if span else 0


def distinct_days(starts: npt.NDArray[np.datetime64]) -> npt.NDArray[np.datetime64]:
    """Give the different days among some moments, in order; NaT is none.

    >>> distinct_days(np.array(["2026-03-02", "NaT", "2026-03-01", "2026-03-02"], "datetime64[s]")).tolist()
    [datetime.date(2026, 3, 1), datetime.date(2026, 3, 2)]
    """
    dated = starts[~np.isnat(starts)] if np.isnat(starts).any() else starts
    if not len(dated):
        return np.zeros(0, "datetime64[D]")
    days = dated.astype("datetime64[D]").astype(np.int64)
    first = int(days.min())
    span = int(days.max()) - first + 1
    if span > MOST_SPAN:
        return np.unique(days).astype("datetime64[D]")
    seen = np.zeros(span, np.bool_)
    seen[days - first] = True
    found: npt.NDArray[np.datetime64] = (np.flatnonzero(seen) + first).astype("datetime64[D]")
    return found


def summed(tally: Tally) -> Tally:
    """Sum the segments of each site, metric and period; the first row stands for the sum."""
    key = tally.key(with_segment=False)
    _, first, inverse = np.unique(key, return_index=True, return_inverse=True)
    totals = np.bincount(inverse, weights=tally.value).astype(np.float64)
    return replace(tally.at(first), value=totals, segment=np.zeros(len(first), np.int64))


def rate(tally: Tally, *, numerator: int, denominator: int, metric: int, scale: float) -> tuple[Tally, int, int]:
    """Divide one metric by another, entry by entry of the same site, segment and period.

    Returns the rates with the denominator as weight, how many denominators are 0 (no rate), and how many
    numerators have no denominator or the other way round.
    """
    above, below = tally.at(tally.metric == numerator), tally.at(tally.metric == denominator)
    base = max(int(tally.segment.max(initial=0)), 0) + 1
    span = max(int(tally.site.max(initial=0)), 0) + 1
    keys = [
        (part.period.astype("datetime64[D]").astype(np.int64) * span + part.site) * base + part.segment
        for part in (above, below)
    ]
    common, at_above, at_below = np.intersect1d(keys[0], keys[1], return_indices=True)
    order = np.argsort(at_above)
    at_above, at_below = at_above[order], at_below[order]
    weights = below.value[at_below]
    nonzero = weights > 0
    found = above.at(at_above[nonzero])
    made = replace(
        found,
        value=scale * found.value / weights[nonzero],
        weight=weights[nonzero],
        metric=np.full(len(found), metric, np.int64),
    )
    unpaired = len(above) + len(below) - 2 * len(common)
    return made, int((~nonzero).sum()), unpaired
