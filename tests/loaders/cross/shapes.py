"""The layouts in which people keep a table, as cells; each shows all of some facts."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Any

from tests.loaders.cross.truth import Cells, Facts

Write = Callable[[float], Any]
Name = Callable[[dt.date], Any]


def _cell(facts: Facts, key: tuple[str, str, dt.date], write: Write, missing: Any = None) -> Any:
    value = facts.values[key]
    return missing if value is None else write(value)


def long(facts: Facts, name: Name, write: Write, missing: Any = None, period: str = "month") -> Cells:
    """One row a site, metric and period."""
    rows: Cells = [[facts.word("site"), facts.word(period), facts.word("metric"), facts.word("value")]]
    rows += [[s, name(p), m, _cell(facts, (s, m, p), write, missing)] for s, m, p in facts.values]
    return rows


def by_metric(facts: Facts, name: Name, write: Write, missing: Any = None, period: str = "month") -> Cells:
    """One row a site and period, a column a metric."""
    rows: Cells = [[facts.word("site"), facts.word(period), *facts.metrics]]
    rows += [
        [s, name(p), *(_cell(facts, (s, m, p), write, missing) for m in facts.metrics)]
        for s in facts.sites
        for p in facts.periods
    ]
    return rows


def by_period(facts: Facts, name: Name, write: Write, missing: Any = None, metric: int = 0) -> Cells:
    """Sites down, periods across, one metric."""
    m = facts.metrics[metric]
    rows: Cells = [[facts.word("site"), *(name(p) for p in facts.periods)]]
    rows += [[s, *(_cell(facts, (s, m, p), write, missing) for p in facts.periods)] for s in facts.sites]
    return rows


def by_site(
    facts: Facts, name: Name, write: Write, missing: Any = None, period: str = "month", metric: int = 0
) -> Cells:
    """Periods down, sites across, one metric."""
    m = facts.metrics[metric]
    rows: Cells = [[facts.word(period), *facts.sites]]
    rows += [[name(p), *(_cell(facts, (s, m, p), write, missing) for s in facts.sites)] for p in facts.periods]
    return rows


def metric_over_period(facts: Facts, name: Name, write: Write, missing: Any = None) -> Cells:
    """Two heading rows: the metric once above its periods."""
    top: list[Any] = [None]
    for m in facts.metrics:
        top += [m, *([None] * (len(facts.periods) - 1))]
    rows: Cells = [top, [facts.word("site"), *(name(p) for _ in facts.metrics for p in facts.periods)]]
    rows += [
        [s, *(_cell(facts, (s, m, p), write, missing) for m in facts.metrics for p in facts.periods)]
        for s in facts.sites
    ]
    return rows


def period_over_metric(facts: Facts, name: Name, write: Write, missing: Any = None) -> Cells:
    """Two heading rows: the period once above its metrics."""
    top: list[Any] = [None]
    for p in facts.periods:
        top += [name(p), *([None] * (len(facts.metrics) - 1))]
    rows: Cells = [top, [facts.word("site"), *(m for _ in facts.periods for m in facts.metrics)]]
    rows += [
        [s, *(_cell(facts, (s, m, p), write, missing) for p in facts.periods for m in facts.metrics)]
        for s in facts.sites
    ]
    return rows


def site_over_metric(facts: Facts, name: Name, write: Write, missing: Any = None, period: str = "month") -> Cells:
    """Two heading rows: the site once above its metrics; periods down."""
    top: list[Any] = [None]
    for s in facts.sites:
        top += [s, *([None] * (len(facts.metrics) - 1))]
    rows: Cells = [top, [facts.word(period), *(m for _ in facts.sites for m in facts.metrics)]]
    rows += [
        [name(p), *(_cell(facts, (s, m, p), write, missing) for s in facts.sites for m in facts.metrics)]
        for p in facts.periods
    ]
    return rows


def metrics_down(facts: Facts, name: Name, write: Write, missing: Any = None, site: int = 0) -> Cells:
    """One site: metrics down, periods across."""
    s = facts.sites[site]
    rows: Cells = [[facts.word("metric"), *(name(p) for p in facts.periods)]]
    rows += [[m, *(_cell(facts, (s, m, p), write, missing) for p in facts.periods)] for m in facts.metrics]
    return rows


def one_period(facts: Facts, write: Write, missing: Any = None, period: int = 0) -> Cells:
    """One period: sites down, metrics across."""
    p = facts.periods[period]
    rows: Cells = [[facts.word("site"), *facts.metrics]]
    rows += [[s, *(_cell(facts, (s, m, p), write, missing) for m in facts.metrics)] for s in facts.sites]
    return rows


def one_site(
    facts: Facts, name: Name, write: Write, missing: Any = None, period: str = "month", site: int = 0
) -> Cells:
    """One site: periods down, metrics across."""
    s = facts.sites[site]
    rows: Cells = [[facts.word(period), *facts.metrics]]
    rows += [[name(p), *(_cell(facts, (s, m, p), write, missing) for m in facts.metrics)] for p in facts.periods]
    return rows


def sections_of_sites(facts: Facts, name: Name, write: Write, missing: Any = None, period: str = "month") -> Cells:
    """A line with the site's name above its rows of periods."""
    rows: Cells = [[facts.word(period), *facts.metrics]]
    for s in facts.sites:
        rows.append([s, *([None] * len(facts.metrics))])
        rows += [[name(p), *(_cell(facts, (s, m, p), write, missing) for m in facts.metrics)] for p in facts.periods]
    return rows


def sections_of_metrics(facts: Facts, name: Name, write: Write, missing: Any = None) -> Cells:
    """A line with the metric's name above its rows of sites, periods across."""
    rows: Cells = [[facts.word("site"), *(name(p) for p in facts.periods)]]
    for m in facts.metrics:
        rows.append([m, *([None] * len(facts.periods))])
        rows += [[s, *(_cell(facts, (s, m, p), write, missing) for p in facts.periods)] for s in facts.sites]
    return rows


def year_and_month(facts: Facts, write: Write, missing: Any = None, *, named: Callable[[dt.date], Any]) -> Cells:
    """The period in two columns."""
    rows: Cells = [[facts.word("site"), facts.word("year"), facts.word("month"), *facts.metrics]]
    rows += [
        [s, p.year, named(p), *(_cell(facts, (s, m, p), write, missing) for m in facts.metrics)]
        for s in facts.sites
        for p in facts.periods
    ]
    return rows


# --- what grows around a table -----------------------------------------------------------------------------------


def preamble(cells: Cells, *lines: str) -> Cells:
    """Lines above, and an empty one."""
    return [*([line] for line in lines), [], *cells]


def footer(cells: Cells, *lines: str) -> Cells:
    """An empty line, and lines below."""
    return [*cells, [], *([line] for line in lines)]


def with_total_row(cells: Cells, label: str, write: Write, *, headings: int = 1, first: bool = False) -> Cells:
    """A row that adds the rows up."""
    sums: list[Any] = []
    width = max(map(len, cells))
    for column in range(1, width):
        found = [row[column] for row in cells[headings:] if column < len(row)]
        sums.append(round(sum(v for v in found if isinstance(v, (int, float))), 6))
    total = [label, *(write(v) for v in sums)]
    return [*cells[:headings], total, *cells[headings:]] if first else [*cells, total]


def with_total_column(cells: Cells, label: str) -> Cells:
    """A column that adds the columns up."""
    rows: Cells = [[*cells[0], label]]
    rows += [[*row, round(sum(v for v in row[1:] if isinstance(v, (int, float))), 6)] for row in cells[1:]]
    return rows


def with_units_row(cells: Cells, *units: str) -> Cells:
    """A row of units below the headings."""
    return [cells[0], list(units), *cells[1:]]


def with_heading_again(cells: Cells, every: int) -> Cells:
    """The heading again at each page break."""
    rows: Cells = [cells[0]]
    for number, row in enumerate(cells[1:]):
        if number and number % every == 0:
            rows.append(list(cells[0]))
        rows.append(row)
    return rows


def with_blank_rows(cells: Cells, every: int) -> Cells:
    """An empty line now and then."""
    rows: Cells = [cells[0]]
    for number, row in enumerate(cells[1:]):
        if number and number % every == 0:
            rows.append([])
        rows.append(row)
    return rows


def shifted(cells: Cells, columns: int) -> Cells:
    """Empty columns on the left."""
    return [[*([None] * columns), *row] for row in cells]


def side_by_side(left: Cells, right: Cells, gap: int = 1) -> Cells:
    """Two tables beside each other."""
    width = max(map(len, left))
    rows: Cells = []
    for n in range(max(len(left), len(right))):
        one = list(left[n]) if n < len(left) else []
        other = list(right[n]) if n < len(right) else []
        rows.append([*one, *([None] * (width - len(one) + gap)), *other])
    return rows
