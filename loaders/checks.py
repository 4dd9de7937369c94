"""What a table is held against: its own totals, the sites and metrics on record, and the days there can be."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Collection
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from data.sites import name_key
from data.types import Grain, Metric, Severity
from loaders.findings import ExcludedRow, Findings, MetricSeen, SiteSeen
from loaders.grid import Grid
from loaders.keys import look_alikes, nearest, nearly_same
from loaders.labels import Labels
from loaders.layout import Layout
from loaders.rows import RowKind
from loaders.tally import Tally, distinct_days, repeats
from loaders.totals import Total
from loaders.words import same_unit

FEWEST_ALIKE = 3  # dates on the same day of the month that name months
ROOM_LEFT = 180  # near names are looked for among the first unknown sites only


Days = npt.NDArray[np.datetime64]


@dataclass(frozen=True)
class Known:
    """What the record knows: site keys (loaders' name_key -> id), their names, the metrics, and today's date."""

    sites: MappingType[str, str] = field(default_factory=dict)
    site_names: tuple[str, ...] = ()
    metrics: tuple[Metric, ...] = ()
    today: dt.date | None = None

    def metric(self, name: str, metric_id: str | None = None) -> Metric | None:
        """Find the metric that a file means: by id, by name, or by a name spelt nearly so."""
        for metric in self.metrics:
            if metric_id is not None and metric.id == metric_id:
                return metric
        if metric_id is not None:
            return None
        key = name_key(name)
        names = [(written, metric) for metric in self.metrics for written in (metric.name_fr, metric.name_en)]
        for written, metric in names:
            if name_key(written) == key:
                return metric
        near = [metric for written, metric in names if nearly_same(name, written)]
        return near[0] if near and all(metric.id == near[0].id for metric in near) else None


def excluded_by_layout(grid: Grid, layout: Layout) -> list[ExcludedRow]:
    """List the rows that are no data: preamble, headings, sections, notes."""
    found = []
    for row in np.flatnonzero((layout.row_kinds != RowKind.DATA) & (layout.row_kinds != RowKind.BLANK)):
        reason = RowKind(int(layout.row_kinds[row])).name.lower()
        found.append(_excluded(grid, layout, int(row), reason))
    return found


def excluded_totals(grid: Grid, layout: Layout, totals: Collection[Total], findings: Findings) -> list[ExcludedRow]:
    """List the data rows left out as totals; one that no sum quite confirms is a warning, once a group of rows."""
    found = []
    noted: set[int] = set()
    for total in totals:
        row = int(layout.data_rows[total.row])
        reason = _reason_of(total)
        excluded = _excluded(grid, layout, row, reason, total.n_parts)
        if reason.startswith("total_") and total.group not in noted:
            noted.add(total.group)
            findings.add(
                reason, Severity.WARNING, row=grid.row_number(row), found=excluded.text, expected=str(total.n_parts)
            )
        found.append(excluded)
    return found


def _reason_of(total: Total) -> str:
    if total.chosen:
        return "chosen"
    if not total.n_parts:
        return "total_unconfirmed"
    return "total" if total.exact else "total_nearly"


def _excluded(grid: Grid, layout: Layout, row: int, reason: str, n_parts: int = 0) -> ExcludedRow:
    filled = np.flatnonzero(layout.filled[row])
    text = " ".join((grid.text(row, int(column)) or "").strip() for column in filled[:2])
    return ExcludedRow(grid.row_number(row), reason, text[:120], len(filled), n_parts)


def note_rows_without_site(grid: Grid, layout: Layout, without: npt.NDArray[np.bool_], findings: Findings) -> None:
    """Note the data rows that name no site."""
    for position in np.flatnonzero(without).tolist():
        findings.add("site_missing", Severity.ERROR, row=grid.row_number(int(layout.data_rows[position])))


def note_row_faults(
    grid: Grid, layout: Layout, problems: MappingType[int, str], texts: Labels | None, column: str, findings: Findings,
    skip: npt.NDArray[np.bool_],
) -> None:  # fmt: skip
    """Note the data rows whose period cannot be read."""
    for position, code in problems.items():
        if skip[position]:
            continue
        found = texts.texts[texts.codes[position]] if texts is not None and texts.codes[position] >= 0 else ""
        row = grid.row_number(int(layout.data_rows[position]))
        findings.add(code, Severity.ERROR, row=row, column=column, found=found)


def settle_repeats(
    tally: Tally, grid: Grid, layout: Layout, columns: list[str], sites: list[str], findings: Findings
) -> tuple[Tally, int]:
    """Keep each key once: the same value again is noted, different values are faults and none is kept.

    Returns the tally, and how many cells only repeat.
    """
    later, first, torn = repeats(tally)
    if not len(later):
        return tally, 0
    for position, earlier, is_torn in zip(later, first, torn, strict=True):
        code = "duplicate_different" if is_torn else "duplicate_same"
        if not findings.room(code):
            findings.counts[code] += 1
            continue
        own = grid.row_number(int(layout.data_rows[tally.row[position]]))
        other = grid.row_number(int(layout.data_rows[tally.row[earlier]]))
        value, before = tally.value[position], tally.value[earlier]
        where = f"{sites[tally.site[position]]}, {tally.period[position].astype('datetime64[D]')}"
        findings.add(code, Severity.ERROR if is_torn else Severity.INFO, row=own, column=columns[tally.column[position]],
                     found=f"{_shown(value)} ({where})", expected=f"loaders.expected.at_row {json.dumps({'value': _shown(before), 'row': str(other)})}")  # fmt: skip
    dropped = np.zeros(len(tally), np.bool_)
    dropped[later] = True
    faulty = np.zeros(len(tally), np.bool_)
    faulty[later[torn]] = True
    faulty[first[torn]] = True
    return tally.at(~dropped & ~faulty), int((dropped & ~faulty).sum())


def _shown(value: float) -> str:
    """Write a number in full: six digits, as :g has it, would not tell 1234567 from 1234568."""
    return f"{value:.12g}"


def check_sites(sites: list[SiteSeen], known: Known, *, is_new_source: bool, findings: Findings) -> None:
    """Note the sites that the record does not know, with the names nearest to theirs, and look-alikes."""
    if not is_new_source:
        for site in sites:
            if site.site_id is None:
                found = f"{site.code} {site.name}" if site.code else site.name
                near = nearest(site.name, known.site_names) if findings.room("unknown_site") > ROOM_LEFT else ()
                expected = "loaders.expected.no_near_site"
                if near:
                    expected = f"loaders.expected.near_sites {json.dumps({'near': ', '.join(near)})}"
                findings.add("unknown_site", Severity.ERROR, row=site.row, found=found, expected=expected)
    new = [site.name for site in sites if site.site_id is None and not site.name.isascii()]
    if new or not all(name.isascii() for name in known.site_names):
        twins = look_alikes([site.name for site in sites], known.site_names)
        rows = {site.name: site.row for site in sites}
        for name, twin in twins.items():
            findings.add("site_looks_alike", Severity.WARNING, row=rows[name], found=name, expected=twin)


def check_metric(seen: MetricSeen, metric: Metric, column: str | None, example: str, findings: Findings) -> bool:
    """Hold a metric's unit and periods against its definition; False when they do not fit."""
    fits = True
    if seen.unit and not same_unit(seen.unit, metric.unit):
        findings.add(
            "unit_does_not_fit",
            Severity.ERROR,
            column=column,
            found=seen.unit,
            expected="loaders.expected.no_unit"
            if same_unit(metric.unit, "count")
            else f"loaders_values.expected.unit {json.dumps({'unit': metric.unit}, ensure_ascii=False)}",
        )
        fits = False
    if seen.grain is not metric.frequency:
        findings.add(
            "period_does_not_fit", Severity.ERROR, column=column, found=example,
            expected=f"loaders.expected.grain.{metric.frequency.value}",
        )  # fmt: skip
        fits = False
    return fits


def check_share(
    seen: MetricSeen, metric: Metric, values: npt.NDArray[np.float64], column: str | None, findings: Findings
) -> bool:
    """Hold a metric in % against values that look like shares, 0.914 for 91.4; for files that write no % themselves.

    False when they do not fit. A metric whose plausible range ends at 1 or below has such values.
    """
    small = metric.plausible_high is not None and metric.plausible_high <= 1
    if metric.unit != "%" or seen.rate is not None or small or not len(values):
        return True
    shares = bool(((values >= 0) & (values <= 1)).all()) and bool((values % 1 != 0).any())
    if shares:
        first = float(values[values % 1 != 0][0])
        findings.add("share_for_percent", Severity.ERROR, column=column, found=_shown(first), expected=_shown(100 * first),
                     times=len(values))  # fmt: skip
    return not shares


def implausible(
    tally: Tally, metrics: MappingType[int, Metric], grid: Grid, layout: Layout, columns: list[str],
    findings: Findings,
) -> npt.NDArray[np.bool_]:  # fmt: skip
    """Find the values outside their metric's plausible range: let in with a mark."""
    marked = np.zeros(len(tally), np.bool_)
    for index, metric in metrics.items():
        low = -np.inf if metric.plausible_low is None else metric.plausible_low
        high = np.inf if metric.plausible_high is None else metric.plausible_high
        marked |= (tally.metric == index) & ((tally.value < low) | (tally.value > high))
        for position in np.flatnonzero(marked & (tally.metric == index)):
            row = grid.row_number(int(layout.data_rows[tally.row[position]]))
            findings.add("implausible_value", Severity.WARNING, row=row, column=columns[tally.column[position]],
                         found=_shown(tally.value[position]), expected=f"{_shown(low)} … {_shown(high)}")  # fmt: skip
    return marked


def note_future(tally: Tally, today: dt.date | None, grid: Grid, layout: Layout, findings: Findings) -> None:
    """Warn once when periods have not begun yet."""
    if today is None or not len(tally):
        return
    ahead = np.flatnonzero(tally.period > np.datetime64(today, "s"))
    if len(ahead):
        row = grid.row_number(int(layout.data_rows[tally.row[ahead[0]]]))
        found = str(tally.period[ahead[0]].astype("datetime64[D]"))
        findings.add("future_period", Severity.WARNING, row=row, found=found, expected=today.isoformat(),
                     times=len(ahead))  # fmt: skip


def fitting_grain(starts: Days, grain: Grain, wanted: Grain | None, *, written_as_days: bool = False) -> Grain:
    """Take a column of periods for the grain its metric has, when what is written allows it.

    starts: the days themselves when written_as_days, whatever grain they seemed to have; otherwise first days.
    A month in words is never a day or a week; only several that lie three or twelve apart are quarters or years.

    >>> monday = np.array(["2025-12-01"], "datetime64[s]")
    >>> fitting_grain(monday, Grain.MONTH, Grain.WEEK, written_as_days=True).value
    'week'
    >>> fitting_grain(monday, Grain.MONTH, Grain.WEEK).value
    'month'
    """
    if wanted is None or wanted is grain or not len(starts):
        return grain
    days = distinct_days(starts)
    if written_as_days:
        return wanted if _days_name(days, wanted) else grain
    several = len(days) > 1 and grain is Grain.MONTH and wanted in (Grain.QUARTER, Grain.YEAR)
    return wanted if several and _months_name(days, wanted) else grain


def _days_name(days: Days, wanted: Grain) -> bool:
    """Say whether days may stand for periods of a grain: any day, one weekday, or the ends of months."""
    if wanted is Grain.DAY:
        return True
    if wanted is Grain.WEEK:
        return len(np.unique((days.astype(np.int64) + 3) % 7)) == 1
    months = days.astype("datetime64[M]")
    opens = bool((days == months.astype("datetime64[D]")).all())
    closes = bool((days + 1 == (months + 1).astype("datetime64[D]")).all())
    numbered = len(days) >= FEWEST_ALIKE and len(np.unique(days - months.astype("datetime64[D]"))) == 1
    return (opens or closes or numbered) and (wanted is Grain.MONTH or _months_name(days, wanted))


def _months_name(days: Days, wanted: Grain) -> bool:
    """Say whether months are all the first, or all the last, of quarters or years."""
    size = 12 if wanted is Grain.YEAR else 3
    within = days.astype("datetime64[M]").astype(np.int64) % size
    return bool((within == 0).all() or (within == size - 1).all())
