"""Which way a table runs once its columns are mapped: what its headings and its labels name, sites or metrics."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import prod

from loaders.checks import Known
from loaders.choices import Choices, ColumnRole, LayoutKind
from loaders.findings import Question
from loaders.keys import tidy
from loaders.labels import ColumnReading
from loaders.layout import Column, Layout
from loaders.likeness import Likeness, likeness
from loaders.mapping import Mapping
from loaders.pairs import with_paired_periods, with_years_beside
from loaders.staircase import with_steps_joined
from loaders.words import is_total_word, split_unit, unit_of

MOST_ASKED = 4  # names that a question shows
CROSSED = 0.75  # of the pairs of names that two crossing levels may make
_SITES = (ColumnRole.SITE_CODE, ColumnRole.SITE_NAME)
_DECIDED = ("chosen", "same_as_last_time")


def settle(
    layout: Layout, mapping: Mapping, choices: Choices, known: Known, questions: list[Question]
) -> tuple[Layout, Mapping]:
    """Say which of sites, metrics and periods stand across and which down; ask when it may be either.

    Returns the layout with its kind, its columns with the site that their heading names, and the mapping with them.
    """
    mapping = _units_apart(mapping)
    if layout.kind is LayoutKind.WIDE_BY_PERIOD:
        mapping = with_years_beside(with_steps_joined(mapping))
        return _labels_under_periods(layout, mapping, known, questions)
    mapping = with_paired_periods(mapping)
    across = _sites_across(layout, mapping, choices, known, questions)
    if across is not None:
        return _with_columns(replace(layout, kind=LayoutKind.WIDE_BY_SITE), mapping, across)
    if not mapping.of(ColumnRole.PERIOD) and mapping.of(*_SITES):
        layout = replace(layout, kind=LayoutKind.WIDE_BY_METRIC)
    return layout, mapping


def _units_apart(mapping: Mapping) -> Mapping:
    """Take a column called unit for the unit of measure when units is what it holds."""
    for one in mapping.columns:
        if one.role is ColumnRole.SITE_NAME and one.reason not in _DECIDED:
            texts = mapping.labels[one.column.index].texts
            if texts and all(unit_of(text) for text in texts):
                mapping = with_role(mapping, one.column, ColumnRole.UNIT, "content")
    return mapping


# --- periods down -----------------------------------------------------------------------------------------------


def _sites_across(
    layout: Layout, mapping: Mapping, choices: Choices, known: Known, questions: list[Question]
) -> list[Column] | None:
    """Give the columns with the site that their headings name; None when they name metrics."""
    chosen = choices.layout
    forced = chosen is LayoutKind.WIDE_BY_SITE
    columns = tuple(column for column in mapping.of(ColumnRole.VALUE) if not is_total_word(column.heading))
    if not forced and (len(columns) < 2 or not _could_be_sites(layout, mapping, choices)):
        return None
    crossed = _crossed(columns, known)
    if crossed is not None:
        sites = list(dict.fromkeys(column.site_text or "" for column in crossed))
        if not forced and likeness(sites, known) is not Likeness.SITES:
            options = (LayoutKind.WIDE_BY_SITE.value, LayoutKind.LONG.value)
            questions.append(Question("across", None, _some(sites), options))
        return crossed
    if choices.rates:
        return None
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


def _could_be_sites(layout: Layout, mapping: Mapping, choices: Choices) -> bool:
    """Say whether nothing else tells already what the columns of values are."""
    if choices.layout in (LayoutKind.LONG, LayoutKind.WIDE_BY_METRIC) or choices.site or not layout.header_rows:
        return False
    if mapping.of(*_SITES, ColumnRole.NUMERATOR, ColumnRole.DENOMINATOR):
        return False
    return bool(mapping.of(ColumnRole.PERIOD, ColumnRole.METRIC))


def _asked_for_headings(layout: Layout) -> bool:
    return not layout.header_rows


def _crossed(columns: Sequence[Column], known: Known) -> list[Column] | None:
    """Read headings of several levels that cross: each name of the one with each name of the others.

    One level names sites; the others make the name of the metric.
    """
    levels = [column.levels for column in columns]
    depth = len(levels[0]) if levels else 0
    if depth < 2 or any(len(level) != depth for level in levels) or len(set(levels)) < len(levels):
        return None
    names = [list(dict.fromkeys(level[at] for level in levels)) for at in range(depth)]
    if len(levels) < CROSSED * prod(len(own) for own in names) or max(map(len, names)) == len(levels):
        return None
    looks = [likeness(own, known) for own in names]
    if Likeness.SITES in looks:
        site = looks.index(Likeness.SITES)
    elif Likeness.METRICS in looks:
        site = next((at for at in range(depth) if looks[at] is Likeness.EITHER), -1)
    else:
        site = depth - 1
    if site < 0:
        return None
    return [_of_site(column, site) for column in columns]


def _of_site(column: Column, site: int) -> Column:
    rest = [text for at, text in enumerate(column.levels) if at != site]
    above = f"{rest[0]} – {rest[1]}" if len(rest) == 2 and split_unit(rest[0])[1] is None else " ".join(rest)
    return replace(column, site_text=tidy(column.levels[site]), above=above, unit=split_unit(above)[1])


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
