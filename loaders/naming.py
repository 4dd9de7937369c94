"""What the metrics of a table are called, and what they are counted in."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from data.types import Aggregation, Grain, MetricKind
from loaders.checks import Known
from loaders.choices import Choices, MetricChoice, chosen
from loaders.findings import MetricSeen
from loaders.grid import Book, Grid
from loaders.keys import tidy
from loaders.layout import Column, Layout, LayoutKind
from loaders.wholes import says_nothing
from loaders.words import heading_means, split_unit

LONGEST_NAME = 100
MOST_DECIMALS = 3
FEW_COLUMNS = 50
_YEARS = re.compile(r"[\s,;:–-]*(?:\(?(?:19|20)\d{2}(?:\s*[-/–]\s*(?:19|20)?\d{2})?\)?)[\s,;:]*$")


@dataclass(frozen=True, slots=True)
class NamedMetric:
    """A metric of the table: its name, its unit where one is known, and the column where it stands first.

    written: the unit that the file itself writes, whatever a person chose.
    """

    name: str
    unit: str | None
    column: Column
    is_percent: bool = False
    written: str | None = None


@dataclass(frozen=True, eq=False)
class Naming:
    """Names metrics from headings, labels, the title, a person's choices and the record."""

    book: Book
    grid: Grid
    layout: Layout
    columns: tuple[Column, ...]
    choices: Choices
    known: Known

    def named(self, column: Column, label: str) -> NamedMetric:
        """Name the metric of one column, and of the label its rows have where a column names metrics."""
        several = len({one.metric_text for one in self.columns}) > 1
        heading, unit = split_unit(column.metric_text)
        means = heading_means(heading)
        if label and not several:
            name, own = split_unit(label)
            unit = own or unit
        elif label:
            name = f"{label} – {heading}"
        elif heading and not (means and means[0] == "value" and not several):
            name = heading
        else:
            name = self._title()
        choice = chosen(self.choices.metrics, column.letter, label or heading) or chosen(self.choices.metrics, "", name)
        choice = choice or MetricChoice()
        metric = self.known.metric(choice.name or name, choice.metric_id)
        called = metric.name_en if metric is not None else choice.name or name
        return NamedMetric(called, choice.unit or unit, column, written=unit)

    def wanted_unit(self, column: Column, labels: Sequence[str]) -> tuple[str, str | None]:
        """Name the metric of a column, with its unit as a person, the heading or the record gives it."""
        names = [label for label in labels if label] or [""]
        if len(names) > 1:
            return column.heading, split_unit(column.heading)[1]
        metric = self.named(column, names[0])
        known = self.known.metric(metric.name)
        return metric.name, metric.unit or (known.unit or "count" if known else None)

    def known_frequency(self, labels: Sequence[str]) -> Grain | None:
        """Give the frequency on record of the table's metrics, when they share one."""
        names = [label for label in labels if label] or [""]
        found = {
            metric.frequency
            for column in self.columns[: FEW_COLUMNS if self.layout.kind is LayoutKind.LONG else 1]
            for label in names[:FEW_COLUMNS]
            if (metric := self.known.metric(self.named(column, label).name)) is not None
        }
        return found.pop() if len(found) == 1 else None

    def seen(self, metric: NamedMetric, values: npt.NDArray[np.float64], grain: Grain) -> MetricSeen:
        """Describe a metric by its values: whole numbers without a unit are counts, and add up."""
        is_percent = metric.unit == "%" or metric.is_percent
        whole = bool((values == np.floor(values)).all())
        with np.errstate(over="ignore", invalid="ignore"):  # 1e308 times ten
            exact = [n for n in range(MOST_DECIMALS) if np.allclose(values, np.round(values, n), rtol=0, atol=1e-9)]
        counted = whole and not is_percent and metric.unit in (None, "count") and bool((values >= 0).all())
        known = self.known.metric(metric.name)
        return MetricSeen(
            name=metric.name,
            unit="%" if is_percent else metric.unit or "",
            grain=grain,
            kind=MetricKind.RATIO if is_percent else MetricKind.COUNT if counted else MetricKind.MEASURE,
            aggregation=Aggregation.SUM if counted else Aggregation.MEAN,
            n_observations=len(values),
            decimals=exact[0] if exact else MOST_DECIMALS,
            metric_id=known.id if known else None,
            heading=metric.column.heading,
        )

    def _title(self) -> str:
        sheet = "" if says_nothing(self.grid.sheet) else self.grid.sheet
        title = tidy(self.layout.title or sheet or Path(self.book.file_name).stem)
        return (_YEARS.sub("", title).strip(" .,;:–-") or title)[:LONGEST_NAME]


def with_unit(metric: NamedMetric, unit: str | None, *, is_percent: bool) -> NamedMetric:
    """Give a metric the unit that its rows write, unless its name or a person says one."""
    percent = metric.is_percent or is_percent
    return replace(metric, unit=metric.unit or unit, is_percent=percent, written=metric.written or unit)
