"""What becomes of a table's segments, and the rates made of two of its metrics."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import replace

import numpy as np

from data.types import Aggregation, Grain, MetricKind, Severity
from loaders import tally
from loaders.checks import Known
from loaders.choices import RateChoice, SegmentHandling
from loaders.findings import Findings, MetricSeen
from loaders.grid import Refusal
from loaders.keys import plain_heading
from loaders.layout import Column
from loaders.naming import NamedMetric
from loaders.tally import Tally

PERCENT = 100.0
RATE_DECIMALS = 1


def segmented(
    values: Tally, named: list[NamedMetric], texts: tuple[str, ...], wanted: SegmentHandling | None
) -> tuple[Tally, list[NamedMetric], tuple[str, ...], SegmentHandling | None]:
    """Keep, sum or separate the segments; without a choice they are kept.

    Returns the values, their metrics, the segments' texts and what was done (None: there are no segments).
    """
    nothing = np.zeros(len(values), np.int64)
    if not any(texts):
        return replace(values, segment=nothing), named, ("",), None
    if wanted is SegmentHandling.SUM:
        return tally.summed(values), named, ("",), wanted
    if wanted is not SegmentHandling.SEPARATE:
        return values, named, texts, SegmentHandling.KEEP
    pairs, inverse = np.unique(values.metric * len(texts) + values.segment, return_inverse=True)
    apart = []
    for pair in pairs.tolist():
        metric, segment = divmod(pair, len(texts))
        name = named[metric].name
        apart.append(replace(named[metric], name=f"{name} – {texts[segment]}" if texts[segment] else name))
    return replace(values, metric=inverse, segment=nothing), apart, ("",), wanted


def rates_wanted(
    choices: Sequence[RateChoice], numerators: Sequence[Column], denominators: Sequence[Column]
) -> list[RateChoice]:
    """List the rates to make: those asked for, or each numerator column over the denominator column."""
    if choices or not denominators:
        return list(choices)
    return [RateChoice(numerator=above.heading, denominator=denominators[0].heading) for above in numerators]


def with_rates(
    values: Tally, named: list[NamedMetric], metrics: list[MetricSeen], wanted: Sequence[RateChoice], grain: Grain,
    known: Known, findings: Findings,
) -> tuple[Tally, list[MetricSeen], int]:  # fmt: skip
    """Add a metric a rate wanted: 100 times (for a %) the numerator over the denominator, its weight.

    Returns values and metrics with the rates, and how many have a denominator of 0 and so no value.
    Raises Refusal("no_such_column").
    """
    made, seen, zeros = [values], list(metrics), 0
    for choice in wanted:
        above, below = (_index_of(name, named, findings.sheet) for name in (choice.numerator, choice.denominator))
        scale = PERCENT if choice.unit == "%" else 1.0
        found, n_zeros, unpaired = tally.rate(values, numerator=above, denominator=below, metric=len(seen), scale=scale)
        zeros += n_zeros
        for code, severity, at, times in (
            ("zero_denominator", Severity.INFO, below, n_zeros), ("rate_unpaired", Severity.WARNING, above, unpaired)
        ):  # fmt: skip
            if times:
                findings.add(code, severity, column=named[at].column.shown, times=times)
        name = choice.name or f"{named[above].name} / {named[below].name}"
        metric = known.metric(name, choice.metric_id)
        seen.append(
            MetricSeen(
                metric.name_en if metric else name, choice.unit, grain, MetricKind.RATIO, Aggregation.WEIGHTED_MEAN,
                len(found), RATE_DECIMALS, metric.id if metric else None, choice,
            )
        )  # fmt: skip
        made.append(found)
    return (tally.joined(made) if len(made) > 1 else values), seen, zeros


def without_parts(
    values: Tally, named: list[NamedMetric], metrics: list[MetricSeen], parts: Collection[int]
) -> tuple[Tally, list[MetricSeen]]:
    """Leave out the metrics whose columns only serve a rate. parts: the indices of those columns."""
    kept = [at for at in range(len(metrics)) if at >= len(named) or named[at].column.index not in parts]
    if len(kept) == len(metrics):
        return values, metrics
    renumber = np.full(len(metrics), -1, np.int64)
    renumber[kept] = np.arange(len(kept))
    left = values.at(renumber[values.metric] >= 0)
    return replace(left, metric=renumber[left.metric]), [metrics[at] for at in kept]


def _index_of(wanted: str, named: list[NamedMetric], sheet: str | None) -> int:
    for index, metric in enumerate(named):
        names = (plain_heading(metric.name), plain_heading(metric.column.heading))
        if plain_heading(wanted) in names or wanted == metric.column.letter:
            return index
    headings = ", ".join(metric.name for metric in named)
    raise Refusal("no_such_column", domain="loaders", sheet=sheet or "", name=wanted, headings=headings)
