"""What a person may decide about how a file is read; whatever is left open is found from the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from pydantic import BaseModel, ConfigDict, Field

from data.types import Grain
from loaders.dates import DateOrder
from loaders.keys import plain_heading
from loaders.numbers import DecimalSign


class ColumnRole(StrEnum):
    """What a column holds."""

    SITE_CODE = "site_code"
    SITE_NAME = "site_name"
    PERIOD = "period"
    METRIC = "metric"  # names of metrics, one a row
    VALUE = "value"
    SEGMENT = "segment"
    UNIT = "unit"
    NUMERATOR = "numerator"  # kept only as the rate over the denominator
    DENOMINATOR = "denominator"
    IGNORE = "ignore"


class LayoutKind(StrEnum):
    """Which way a table runs."""

    LONG = "long"  # one row a site and period; each value column is a metric
    WIDE_BY_PERIOD = "wide_by_period"  # periods across; sites, metrics or both down
    WIDE_BY_METRIC = "wide_by_metric"  # sites down, metrics across, all of one period
    WIDE_BY_SITE = "wide_by_site"  # periods down, sites across


class SectionHandling(StrEnum):
    """What the headings between the rows of a table stand for."""

    SITE = "site"
    SEGMENT = "segment"
    METRIC = "metric"
    PERIOD = "period"
    IGNORE = "ignore"  # they only group the rows


class SegmentHandling(StrEnum):
    """What becomes of several values a site and period, such as three types of department."""

    KEEP = "keep"  # one series a segment
    SUM = "sum"
    SEPARATE = "separate"  # one metric a segment


class _Choice(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class MetricChoice(_Choice):
    """What a column, or a metric as the file names it, is called and counted in."""

    name: str | None = None
    unit: str | None = None
    metric_id: str | None = None


class RateChoice(_Choice):
    """A metric made of two columns, by heading or letter. In %, it holds 100 times numerator over denominator."""

    numerator: str
    denominator: str
    name: str | None = None
    unit: str = "%"
    metric_id: str | None = None


class Choices(_Choice):
    """A person's decisions on one file. Columns are named by heading or by letter; rows as the sheet numbers them."""

    sheet: str | None = None
    table: int | None = None  # among the tables of the sheet, from 1
    header_row: int | None = None  # 0: the table has no heading row
    layout: LayoutKind | None = None
    sections: SectionHandling | None = None
    roles: Mapping[str, ColumnRole] = Field(default_factory=dict)
    decimal: DecimalSign | None = None
    date_order: DateOrder | None = None
    date_orders: Mapping[str, DateOrder] = Field(default_factory=dict)
    year: int | None = None
    fiscal_start: int | None = None  # the month, 1 to 12, in which a fiscal year begins
    grain: Grain | None = None
    site: str | None = None  # the site of the whole file, when no column names one
    sites: Mapping[str, str] = Field(default_factory=dict)  # a site as the file names it -> its id on record
    period: str | None = None  # the period of the whole file, when nothing in the table names one
    metrics: Mapping[str, MetricChoice] = Field(default_factory=dict)
    segments: SegmentHandling | None = None
    rates: tuple[RateChoice, ...] = ()
    keep_rows: tuple[int, ...] = ()  # rows that look like totals and are not
    leave_out_rows: tuple[int, ...] = ()  # rows that are totals, or no data at all
    mended: Mapping[str, str] = Field(default_factory=dict)  # a cell's place, B12 -> the text to read instead

    def over(self, remembered: Choices) -> Choices:
        """Lay these choices over remembered ones: what is chosen now wins, column by column.

        A list that was chosen wins whole, an empty one too: a rate that was remembered can be dropped.
        """
        merged = remembered.model_dump()
        for name in self.model_fields_set:
            mine = getattr(self, name)
            if isinstance(mine, Mapping):
                merged[name] = {**merged[name], **self.model_dump()[name]}
            elif mine is not None:
                merged[name] = self.model_dump()[name]
        return Choices.model_validate(merged)

    def to_json(self) -> str:
        """Write the choices so that the same choices always give the same text."""
        return json.dumps(self.model_dump(mode="json", exclude_defaults=True), sort_keys=True, ensure_ascii=False)


_T = TypeVar("_T")


def chosen(choices: Mapping[str, _T], letter: str, heading: str) -> _T | None:
    """Find what was chosen for a column, by its heading or, failing that, its letter."""
    wanted = plain_heading(heading)
    for name, choice in choices.items():
        if wanted and plain_heading(name) == wanted:
            return choice
    return choices.get(letter)
