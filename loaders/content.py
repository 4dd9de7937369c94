"""What columns hold when their headings do not say: found from their labels and from what tells rows apart."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np

from data.sites import name_key
from loaders.choices import ColumnRole
from loaders.keys import plain_heading
from loaders.labels import Codes, ColumnReading, LabelBook, Labels
from loaders.layout import Column, Layout, LayoutKind
from loaders.words import are_segments, heading_means, unit_of

MOST_SEGMENTS = 60
UNIQUE_ROWS = 10  # in a table this small every row may be another site
CODE_SAMPLE = 400
NOT_ONLY_UNITS = ("jour", "jours", "day", "days", "semaine", "week", "d", "h", "m", "n", "s", "t")
_PLACE_WORDS = (  # numbers under these words say where or who, not how much
    "region canton district arrondissement latitude longitude lat lon lng zip postcode cp siret siren finess id code"
    " telephone"
)
_PLACES = frozenset(_PLACE_WORDS.split())
_CODE = re.compile(r"^(?=.*\d)[\w./-]{1,14}$")


def read_by_content(layout: Layout, labels: LabelBook, readings: dict[int, ColumnReading]) -> None:
    """Give a role to every column that has none yet."""
    left = [column for column in layout.label_columns if column.index not in readings and column.n_filled]
    texts = [column for column in left if not column.is_numeric]
    numbers = [column for column in left if column not in texts]
    for column in numbers:
        apart = layout.kind is not LayoutKind.LONG or _names_rows(layout, column, labels)
        role, reason = (ColumnRole.IGNORE, "not_needed") if apart else (ColumnRole.VALUE, "numbers")
        readings[column.index] = ColumnReading(column, role, 0.8, reason)
    for column in list(texts):
        if _are_units(column, labels[column.index]):
            readings[column.index] = ColumnReading(column, ColumnRole.UNIT, 0.8, "content")
            texts.remove(column)
    if layout.kind is LayoutKind.LONG:
        _promote_a_value(readings)
    if not _sites(readings):
        _read_site(layout, texts, labels, readings)
    _read_twins(texts, labels, readings)
    _leave_out_shared_code(labels, readings)
    _read_segments(layout, texts, labels, readings)


def _names_rows(layout: Layout, column: Column, labels: LabelBook) -> bool:
    """Say whether numbers only tell rows apart: a second name of site or period, or a count of the rows at the left."""
    means = heading_means(column.heading)
    if means is not None and means[2] == "synonym" and means[0] in ("site_code", "site_name", "period"):
        return True
    if _PLACES & set(plain_heading(column.heading.replace("_", " ")).split()):
        return True
    texts = labels[column.index].texts
    if column.index != layout.columns[0].index or len(texts) < max(UNIQUE_ROWS, len(layout.data_rows)):
        return False
    return all(text.isdigit() for text in texts) and {int(b) - int(a) for a, b in pairwise(texts)} == {1}


def _are_units(column: Column, labels: Labels) -> bool:
    """Say whether all labels are units; words such as "jour", which also names a shift, do not say so by themselves."""
    if not labels.texts or not all(unit_of(text) for text in labels.texts):
        return False
    return "unit" in plain_heading(column.heading) or any(text.lower() not in NOT_ONLY_UNITS for text in labels.texts)


def _promote_a_value(readings: dict[int, ColumnReading]) -> None:
    """Take a column called total or number for the value when no other column holds one."""
    if any(reading.role in (ColumnRole.VALUE, ColumnRole.NUMERATOR) for reading in readings.values()):
        return
    for index, reading in readings.items():
        if reading.role is ColumnRole.IGNORE and reading.reason != "chosen" and reading.column.is_numeric:
            readings[index] = replace(reading, role=ColumnRole.VALUE, confidence=0.6, reason="numbers")
            return


def _sites(readings: dict[int, ColumnReading]) -> list[Column]:
    roles = (ColumnRole.SITE_CODE, ColumnRole.SITE_NAME)
    return [reading.column for reading in readings.values() if reading.role in roles]


def _read_site(layout: Layout, texts: list[Column], labels: LabelBook, readings: dict[int, ColumnReading]) -> None:
    """Take the text column with most different labels for the site: a site comes back every period."""
    dated = any(reading.role is ColumnRole.PERIOD for reading in readings.values())
    wide = layout.kind is not LayoutKind.LONG or not dated  # each site has one row
    n_rows = len(layout.data_rows)
    fit = [
        column
        for column in texts
        if labels[column.index].texts and not are_segments(labels[column.index].texts) and (wide or len(labels[column.index].texts) <= max(1, 0.7 * n_rows) or n_rows < UNIQUE_ROWS)
    ]  # fmt: skip
    if not fit:
        return
    site = max(fit, key=lambda column: (len(labels[column.index].texts), -column.index))
    role = ColumnRole.SITE_CODE if _is_coded(labels[site.index]) else ColumnRole.SITE_NAME
    readings[site.index] = ColumnReading(site, role, 0.7, "content")
    texts.remove(site)


def _is_coded(labels: Labels) -> bool:
    sample = labels.texts[:CODE_SAMPLE]
    return sum(bool(_CODE.match(text)) for text in sample) > 0.7 * len(sample)


def _read_twins(texts: list[Column], labels: LabelBook, readings: dict[int, ColumnReading]) -> None:
    """Find the name that goes with a code, or the code that goes with a name: one for one, row after row."""
    sites = _sites(readings)
    if len(sites) != 1:
        return
    site = sites[0]
    had = readings[site.index]
    site_is_coded = had.role is ColumnRole.SITE_CODE and had.reason != "content"
    if had.reason not in ("chosen", "same_as_last_time"):  # one heading may stand over the code and the name
        site_is_coded = site_is_coded or _is_coded(labels[site.index])
    for column in list(texts):
        own = labels[column.index]
        twins = _determines(labels[site.index], own) and _determines(own, labels[site.index])
        if not twins or _is_coded(own) == site_is_coded:
            continue
        name, code = (column, site) if site_is_coded else (site, column)
        for one, role in ((name, ColumnRole.SITE_NAME), (code, ColumnRole.SITE_CODE)):
            before = readings.get(one.index)
            readings[one.index] = replace(before, role=role) if before else ColumnReading(one, role, 0.7, "content")
        texts.remove(column)
        return


def _leave_out_shared_code(labels: LabelBook, readings: dict[int, ColumnReading]) -> None:
    """Leave a code out that two sites share in one period, such as that of their town: it names neither."""
    by_role = {reading.role: reading for reading in readings.values()}
    code, name = by_role.get(ColumnRole.SITE_CODE), by_role.get(ColumnRole.SITE_NAME)
    if code is None or name is None or code.reason in ("chosen", "same_as_last_time"):
        return
    period = by_role.get(ColumnRole.PERIOD)
    keys = [labels[code.column.index], *([labels[period.column.index]] if period else [])]
    own = labels[name.column.index]
    both = (keys[0].codes >= 0) & (own.codes >= 0)
    written = Labels(own.texts, np.array([*_same_names(own.texts), -1], np.int64)[own.codes])
    kept = [Labels(one.texts, one.codes[both]) for one in (*keys, written)]
    if both.any() and _n_distinct(kept) > _n_distinct(kept[:-1]):
        readings[code.column.index] = replace(code, role=ColumnRole.IGNORE, reason="follows_site")


def _same_names(texts: Sequence[str]) -> list[int]:
    places: dict[str, int] = {}
    return [places.setdefault(name_key(text), len(places)) for text in texts]


def _determines(one: Labels, other: Labels) -> bool:
    """Say whether each label of one column always stands beside the same label of another."""
    both = (one.codes >= 0) & (other.codes >= 0)
    if not both.any():
        return False
    pairs = np.unique(one.codes[both] * (len(other.texts) + 1) + other.codes[both])
    return len(pairs) == len(np.unique(one.codes[both]))


def _read_segments(layout: Layout, texts: list[Column], labels: LabelBook, readings: dict[int, ColumnReading]) -> None:
    """Take for segments the columns that tell apart rows of one site and period; the others are not needed."""
    roles = (ColumnRole.SITE_CODE, ColumnRole.SITE_NAME, ColumnRole.PERIOD, ColumnRole.METRIC, ColumnRole.SEGMENT)
    keys = [labels[index] for index, reading in readings.items() if reading.role in roles]
    keys += _section_of_each_row(layout)
    sites = [labels[site.index] for site in _sites(readings)]
    numeric = [reading.column for reading in readings.values() if reading.reason == "numbers"]
    for column in [*texts, *(numeric if len(numeric) > 1 else [])]:
        if column in numeric and (not keys or _n_distinct(keys) == len(keys[0].codes)):
            continue
        own = labels[column.index]
        few = 1 < len(own.texts) <= (MOST_SEGMENTS if column in texts else MOST_SEGMENTS // 4)
        few = few and 2 * own.n_filled >= len(own.codes)  # else they are remarks on some rows
        if few and _n_distinct([*keys, own]) > _n_distinct(keys) and len(own.codes) > _n_distinct(keys):
            is_number = column in numeric
            if is_number and (_n_distinct([*keys, own]) < len(own.codes) or 2 * _n_once(keys) > len(own.codes)):
                continue
            readings[column.index] = ColumnReading(column, ColumnRole.SEGMENT, 0.6, "distinguishes_rows")
            keys.append(own)
        elif column in texts:
            follows = any(_determines(site, own) for site in sites)
            reason = "follows_site" if follows else "not_needed"
            readings[column.index] = ColumnReading(column, ColumnRole.IGNORE, 0.6, reason)


def _section_of_each_row(layout: Layout) -> list[Labels]:
    """Give the number of the section that each row stands in, when headings between the rows part them."""
    if not layout.sections:
        return []
    above = np.searchsorted([row for row, _ in layout.sections], layout.data_rows)
    return [Labels(("", *(text for _, text in layout.sections)), above.astype(np.int64))]


def _n_distinct(keys: Sequence[Labels]) -> int:
    if not keys:
        return 1
    combined = _numbered(keys)
    return int(combined.max()) + 1 if len(combined) else 0


def _n_once(keys: Sequence[Labels]) -> int:
    """Count the rows whose key no other row has: where most do, the others are repeats, not segments."""
    return int((np.bincount(_numbered(keys)) == 1).sum())


def _numbered(keys: Sequence[Labels]) -> Codes:
    combined = np.zeros(len(keys[0].codes), np.int64)
    for labels in keys:
        combined = combined * (len(labels.texts) + 1) + labels.codes + 1
        combined = np.unique(combined, return_inverse=True)[1]
    return combined
