"""Send the worked example's files through the loaders, round by round, as its keepers would."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from loaders import ingest
from loaders.choices import Choices, ColumnRole, MetricChoice, RateChoice
from loaders.dates import DateOrder
from pages.admin.demo import truth, workbooks
from pages.admin.demo.cast import identifier
from pages.admin.demo.series import site_days, site_weeks, week_start
from pages.admin.demo.story import Story
from wording import Language, say, unit

LOADS_AT_WEEK = (0, 10, 24, truth.LAST_WEEK + 1)
COUNTED = ("orders", "on_time_orders", "wrong_orders")  # columns that only serve the rates


def send(story: Story) -> None:
    """Put each round of files on its day, and the corrected file on its own."""
    before = truth.FIRST_WEEK
    for week in LOADS_AT_WEEK:
        for site in truth.SITES:
            if site.measured:
                story.on(story.week(week), _sending(story, site, before, week))
        before = week
    story.on(story.week(25, 1), lambda: _send_correction(story))


def headings(columns: tuple[str, ...], language: Language) -> dict[str, str]:
    """Return the heading of each column: its name, with the unit of a metric that has one."""
    units = {metric.key: unit(metric.unit, language) for metric in truth.METRICS}
    return {
        column: say(f"demo.column.{column}", language)
        if column in ("date", *COUNTED)
        else say(f"demo.metric.{column}", language) + (f" ({units[column]})" if units[column] else "")
        for column in columns
    }


def choices(columns: dict[str, str]) -> Choices:
    """Say once how the sites' files are read: which column is which metric, and the two rates."""
    known = {metric.key for metric in truth.METRICS}
    measured = {head: MetricChoice(metric_id=identifier(key)) for key, head in columns.items() if key in known}
    rates = ()
    if "orders" in columns:
        rates = tuple(
            RateChoice(numerator=columns[part], denominator=columns["orders"], metric_id=identifier(metric))
            for part, metric in (("on_time_orders", "on_time"), ("wrong_orders", "order_errors"))
        )
    roles = {
        columns[part]: ColumnRole.DENOMINATOR if part == "orders" else ColumnRole.NUMERATOR
        for part in COUNTED
        if part in columns
    }
    return Choices(metrics=measured, rates=rates, roles=roles, date_order=DateOrder.DAY_FIRST)


def _sending(story: Story, site: truth.TrueSite, first: int, until: int) -> Callable[[], None]:
    def send_files() -> None:
        stem = f"{story.week(until):%Y%m%d}"
        days = _between(site_days(site, story.first_go_live), story, first, until)
        weeks = _between(site_weeks(site, story.first_go_live), story, first, until)
        _load(story, site, days, ("date", "cycle_time", *COUNTED), f"{say('demo.sheet.days', story.language)}_{stem}")
        _load(story, site, weeks, ("date", "incidents", "satisfaction", "adherence"),
              f"{say('demo.sheet.weeks', story.language)}_{stem}")  # fmt: skip

    return send_files


def _send_correction(story: Story) -> None:
    key, metric, week, change = truth.RESTATED
    site = next(site for site in truth.SITES if site.key == key)
    days = _between(site_days(site, story.first_go_live), story, week, week + 1)
    days[metric] = (days[metric] + change).round(2)
    _load(story, site, days, ("date", metric, *COUNTED), "correction", say("demo.reason.correction", story.language))


def _between(table: pd.DataFrame, story: Story, first: int, until: int) -> pd.DataFrame:
    start, end = (pd.Timestamp(week_start(story.first_go_live, week)) for week in (first, until))
    return table[(table["date"] >= start) & (table["date"] < end)].reset_index(drop=True)


def _load(
    story: Story, site: truth.TrueSite, table: pd.DataFrame, columns: tuple[str, ...], stem: str, reason: str = ""
) -> None:
    if table.empty:
        return
    heads = headings(columns, story.language)
    file = workbooks.site_file(site, table, stem=stem, headings=heads, language=story.language,
                              sheet=say(f"demo.sheet.{'weeks' if 'orders' not in columns else 'days'}", story.language))  # fmt: skip
    keeper = story.actor("lea")
    read = ingest.understand(file.content, file.name, story.store, keeper, choices(heads))
    ingest.load(read, story.store, keeper, reason=reason)
