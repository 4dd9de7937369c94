"""Which way a table runs once its columns are mapped: what its headings and its labels name, sites or metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from loaders.checks import Known
from loaders.choices import Choices, ColumnRole, LayoutKind
from loaders.findings import Question
from loaders.keys import tidy
from loaders.labels import ColumnReading
from loaders.layout import Column, Layout
from loaders.likeness import Likeness, likeness
from loaders.mapping import Mapping
from loaders.pairs import with_paired_periods
from loaders.words import is_total_word, split_unit

MOST_ASKED = 4  # names that a question shows
SCALES_APART = 200.0  # metrics may differ this much in size; sites of one metric seldom do
_SITES = (ColumnRole.SITE_CODE, ColumnRole.SITE_NAME)
_DECIDED = ("chosen", "same_as_last_time")


def settle(
    layout: Layout, mapping: Mapping, choices: Choices, known: Known, questions: list[Question]
) -> tuple[Layout, Mapping]:
    """Say which of sites, metrics and periods stand across and which down; ask when it may be either.

    Returns the layout with its kind, its columns with the site that their heading names, and the mapping with them.
    """
    if layout.kind is LayoutKind.WIDE_BY_PERIOD:
        return _labels_under_periods(layout, mapping, known, questions)
    mapping = with_paired_periods(mapping)
    across = _sites_across(layout, mapping, choices, known, questions)
    if across is not None:
        return _with_columns(replace(layout, kind=LayoutKind.WIDE_BY_SITE), mapping, across)
    if not mapping.of(ColumnRole.PERIOD) and mapping.of(*_SITES):
        layout = replace(layout, kind=LayoutKind.WIDE_BY_METRIC)
    return layout, mapping


# --- periods down -----------------------------------------------------------------------------------------------


def _sites_across(
    layout: Layout, mapping: Mapping, choices: Choices, known: Known, questions: list[Question]
) -> list[Column] | None:
    """Give the columns with the site that their headings name; None when they name metrics."""
    columns = mapping.of(ColumnRole.VALUE)
    chosen = choices.layout
    if chosen in (LayoutKind.LONG, LayoutKind.WIDE_BY_METRIC) or choices.rates:
        return None
    forced = chosen is LayoutKind.WIDE_BY_SITE
    if not forced and (
        mapping.of(*_SITES, ColumnRole.NUMERATOR, ColumnRole.DENOMINATOR) or choices.site or not layout.header_rows
    ):
        return None
    if not forced and not mapping.of(ColumnRole.PERIOD, ColumnRole.METRIC):
        return None
    columns = tuple(column for column in columns if not is_total_word(column.heading))
    if len(columns) < 2 and not forced:
        return None
    crossed = _crossed(columns, known)
    if crossed is not None:
        return crossed
    names = [column.heading for column in columns]
    found = likeness([split_unit(name)[0] for name in names], known)
    if not forced and any(column.unit for column in columns):
        found = Likeness.METRICS
    if forced or found is Likeness.SITES or (found is Likeness.EITHER and mapping.of(ColumnRole.METRIC)):
        return [replace(column, site_text=tidy(column.heading)) for column in columns]
    if found is Likeness.METRICS or chosen is not None or _asked_for_headings(layout):
        return None
    options = (LayoutKind.WIDE_BY_SITE.value, LayoutKind.LONG.value)
    questions.append(Question("across", None, _some(names), options))
    return [replace(column, site_text=tidy(column.heading)) for column in columns]


def _asked_for_headings(layout: Layout) -> bool:
    return not layout.header_rows


def _crossed(columns: Sequence[Column], known: Known) -> list[Column] | None:
    """Read headings of two levels that cross: each name of the one with each name of the other."""
    levels = [column.levels[:2] for column in columns]
    if not levels or any(len(level) != 2 for level in levels):
        return None
    uppers, lowers = (list(dict.fromkeys(level[at] for level in levels)) for at in (0, 1))
    if len(uppers) < 2 or len(set(levels)) < len(levels) or len(levels) < 0.75 * len(uppers) * len(lowers):
        return None
    upper, lower = likeness(uppers, known), likeness(lowers, known)
    sites_above = upper is Likeness.SITES or (lower is Likeness.METRICS and upper is not Likeness.METRICS)
    site, metric = (0, 1) if sites_above else (1, 0)
    if len({level[site] for level in levels}) < 2 and upper is lower:
        return None
    return [
        replace(column, site_text=tidy(level[site]), above=level[metric], unit=split_unit(level[metric])[1])
        for column, level in zip(columns, levels, strict=True)
    ]


# --- periods across ---------------------------------------------------------------------------------------------


def _labels_under_periods(
    layout: Layout, mapping: Mapping, known: Known, questions: list[Question]
) -> tuple[Layout, Mapping]:
    """Say whether the labels beside the rows name sites or metrics, and what stands above the periods."""
    sites = mapping.of(*_SITES)
    aboves = list(dict.fromkeys(column.above for column in layout.period_columns if column.above))
    label = sites[0] if sites else None
    reading = next((one for one in mapping.columns if label is not None and one.column.index == label.index), None)
    above = likeness(aboves, known)
    if label is None or reading is None or len(sites) > 1 or reading.reason in ("synonym", "spelling", *_DECIDED):
        is_site = label is None and bool(aboves) and (above is Likeness.SITES or bool(mapping.of(ColumnRole.METRIC)))
        return _sites_above(layout, mapping) if is_site else (layout, mapping)
    labels = [text for text in mapping.labels[label.index].texts if not is_total_word(text)]
    below = likeness(labels, known)
    if below is Likeness.METRICS or (above is Likeness.SITES and below is not Likeness.SITES):
        mapping = with_role(mapping, label, ColumnRole.METRIC, "content")
        return _sites_above(layout, mapping) if aboves and above is not Likeness.METRICS else (layout, mapping)
    doubtful = not aboves and below is Likeness.EITHER and _scales_differ(layout, mapping, label)
    if doubtful or (len(aboves) > 1 and above is below is Likeness.EITHER):
        options = (ColumnRole.SITE_NAME.value, ColumnRole.METRIC.value)
        questions.append(Question("labels", label.shown, _some(labels), options))
    return layout, mapping


def _sites_above(layout: Layout, mapping: Mapping) -> tuple[Layout, Mapping]:
    columns = [
        replace(column, site_text=tidy(column.above), above="") if column.above else column
        for column in layout.period_columns
    ]
    return _with_columns(layout, mapping, columns)


def _scales_differ(layout: Layout, mapping: Mapping, label: Column) -> bool:
    """Say whether rows differ so much in size that they may be of different metrics."""
    del layout, mapping, label
    return False


# --- shared -----------------------------------------------------------------------------------------------------


def with_role(mapping: Mapping, column: Column, role: ColumnRole, reason: str) -> Mapping:
    """Give one column another role."""
    return replace(
        mapping,
        columns=tuple(
            replace(reading, role=role, reason=reason) if reading.column.index == column.index else reading
            for reading in mapping.columns
        ),
    )


def _with_columns(layout: Layout, mapping: Mapping, columns: Sequence[Column]) -> tuple[Layout, Mapping]:
    by_index = {column.index: column for column in columns}
    changed = tuple(by_index.get(column.index, column) for column in layout.columns)
    readings = tuple(
        ColumnReading(by_index[one.column.index], one.role, 0.8, "heading_is_site")
        if one.column.index in by_index and one.reason not in _DECIDED
        else replace(one, column=by_index.get(one.column.index, one.column))
        for one in mapping.columns
    )
    return replace(layout, columns=changed), replace(mapping, columns=readings)


def _some(names: Sequence[str]) -> str:
    shown = ", ".join(dict.fromkeys(names[:MOST_ASKED]))
    return f"{shown}, …" if len(names) > MOST_ASKED else shown
