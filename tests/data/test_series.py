"""Series: complete calendars with their gaps, coarser grains, segments and sites together."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from data import records
from data.access import Permission
from data.observations import freshness, many_series, metric_series, missing_periods, whole_metric
from data.types import Aggregation, Grain, Metric, MetricKind
from tests.data.loads import BREACHES, DELAY, ERRORS, frame, known, load

NAN = float("nan")
DAILY = Metric(id="daily", name_fr="délai", name_en="delay", unit="d", frequency="day")
DAILY_COUNT = DAILY.model_copy(update={"id": "daily_count", "kind": MetricKind.COUNT, "aggregation": Aggregation.SUM})
LEVEL = DAILY.model_copy(update={"id": "level", "kind": MetricKind.COUNT, "aggregation": Aggregation.LAST})


def listed(series):
    return None if series is None else series.values.to_list()  # noqa: PD011


def read(store, metric="delay", site="lyon", **choices):
    with store.read() as cursor:
        return metric_series(cursor, site_id=site, metric_id=metric, **choices)


def absent(series):
    values = series.values  # noqa: PD011
    return [day.date().isoformat() for day in values.index[values.isna()]]


def equal(found, expected):
    np.testing.assert_array_equal(np.asarray(found), np.asarray(expected, dtype=float))


def days(first, last, weekdays=range(5)):
    return [f"{day:%Y-%m-%d}" for day in pd.date_range(first, last) if day.weekday() in weekdays]


@pytest.mark.accepts("1.17", "2.16")
def test_a_missing_month_stays_missing_and_is_listed(store, admin):
    load(store, admin, frame({"2026-01-01": 5, "2026-03-01": 7}), new=known("lyon"))

    series = read(store)

    equal(series.values, [5, NAN, 7])
    assert series.data_date == dt.date(2026, 3, 31)
    with store.read() as cursor:
        assert missing_periods(cursor, site_id="lyon", metric_id="delay") == [dt.date(2026, 2, 1)]


def test_nothing_is_known_of_a_site_or_metric_without_values(store, admin):
    load(store, admin, frame({"2026-01-01": 5}), new=known("lyon", "nice"))

    assert read(store, site="nice") is None
    assert read(store, metric="nothing") is None
    assert read(store, grain=Grain.DAY) is None
    assert read(store, segment="night") is None


def test_a_plant_that_closes_at_weekends_has_no_missing_saturdays(store, admin):
    worked = days("2026-03-02", "2026-03-27")
    worked.remove("2026-03-11")
    load(store, admin, frame(dict.fromkeys([*worked, "2026-03-21"], 4), metric="daily", grain="day"),
         new=known("lyon", metrics=[DAILY]))  # fmt: skip

    series = read(store, "daily")

    assert len(series.values) == 21  # 20 working days and one Saturday that was worked
    assert absent(series) == ["2026-03-11"]


def test_a_mean_needs_half_of_the_usual_days_of_a_week(store, admin):
    full = days("2026-03-02", "2026-03-22")
    enough, too_few = days("2026-03-23", "2026-03-25"), days("2026-03-30", "2026-03-31")
    values = dict.fromkeys(full, 4.0) | dict.fromkeys(enough, 6.0) | dict.fromkeys(too_few, 9.0)
    load(store, admin, frame(values, metric="daily", grain="day"), new=known("lyon", metrics=[DAILY]))

    equal(read(store, "daily", grain=Grain.WEEK).values, [4, 4, 4, 6])


@pytest.mark.accepts("1.17")
def test_a_sum_needs_every_usual_day(store, admin):
    worked = days("2026-03-02", "2026-03-29")
    worked.remove("2026-03-11")
    load(store, admin, frame(dict.fromkeys(worked, 2), metric="daily_count", grain="day"),
         new=known("lyon", metrics=[DAILY_COUNT]))  # fmt: skip

    equal(read(store, "daily_count", grain=Grain.WEEK).values, [10, NAN, 10, 10])


def test_a_level_is_its_last_value_once_its_period_is_over(store, admin):
    worked = days("2026-03-02", "2026-03-18")
    values = {day: place for place, day in enumerate(worked)}
    load(store, admin, frame(values, metric="level", grain="day"), new=known("lyon", metrics=[LEVEL]))

    equal(read(store, "level", grain=Grain.WEEK).values, [4, 9])


def test_weeks_belong_to_the_month_of_their_thursday(store, admin):
    weekly = DAILY.model_copy(update={"id": "weekly", "frequency": Grain.WEEK})
    mondays = {"2026-02-23": 1, "2026-03-02": 2, "2026-03-09": 2, "2026-03-16": 2, "2026-03-23": 2, "2026-03-30": 9}
    load(store, admin, frame(mondays, metric="weekly", grain="week"), new=known("lyon", metrics=[weekly]))

    series = read(store, "weekly", grain=Grain.MONTH)

    equal(series.values, [2])  # one week of February and one of April are not half of their months
    assert list(series.values.index) == [pd.Timestamp("2026-03-01")]  # noqa: PD011


def test_segments_are_added_for_counts_and_weighted_for_ratios(store, admin):
    month = "2026-01-01"
    load(
        store, admin,
        frame({month: 3}, metric="errors", segment="a"), frame({month: 4}, metric="errors", segment="b"),
        frame({month: 10}, metric="breaches", segment="a", weights={month: 300}),
        frame({month: 50}, metric="breaches", segment="b", weights={month: 100}),
        frame({month: 1}, segment="a"), frame({month: 4}, segment="b"),
        new=known("lyon", metrics=[DELAY, ERRORS, BREACHES]),
    )  # fmt: skip

    equal(read(store, "errors").values, [7])
    equal(read(store, "breaches").values, [20])
    equal(read(store, "breaches").weights, [400])
    equal(read(store).values, [2.5])
    equal(read(store, "errors", segment="b").values, [4])


@pytest.mark.accepts("1.17")
def test_a_combination_waits_for_a_late_segment_and_goes_on_without_an_ended_one(store, admin):
    both = {"2026-01-01": 1, "2026-02-01": 1}
    load(store, admin, frame(both | {"2026-03-01": 1}, metric="errors", segment="a"),
         frame(both, metric="errors", segment="b"), new=known("lyon", metrics=[ERRORS]))  # fmt: skip
    equal(read(store, "errors").values, [2, 2])

    load(store, admin, frame({"2026-04-01": 1}, metric="errors", segment="a"))

    equal(read(store, "errors").values, [2, 2, 1, 1])


def test_months_weigh_by_their_denominators_in_a_quarter(store, admin):
    weights = {"2026-01-01": 100, "2026-02-01": 100, "2026-03-01": 200}
    values = {"2026-01-01": 10, "2026-02-01": 20, "2026-03-01": 5}
    load(store, admin, frame(values, metric="breaches", weights=weights), new=known("lyon", metrics=[BREACHES]))

    equal(read(store, "breaches", grain=Grain.QUARTER).values, [10])


def test_many_sites_stand_on_one_calendar(store, admin):
    load(store, admin, frame({"2026-01-01": 1, "2026-02-01": 2}), frame({"2026-03-01": 3}, "nice"),
         new=known("lyon", "nice", "brest"))  # fmt: skip

    with store.read() as cursor:
        table = many_series(cursor, metric_id="delay")
        asked = many_series(cursor, metric_id="delay", site_ids=["brest", "nice"])

    assert (table.site_ids, asked.site_ids) == (("lyon", "nice"), ("brest", "nice"))
    equal(table.values, [[1, 2, NAN], [NAN, NAN, 3]])
    equal(asked.values, [[NAN], [3]])


def test_all_sites_together_need_half_for_a_mean_and_all_for_a_sum(store, admin):
    months = ("2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01")
    parts = []
    for metric in ("delay", "errors"):
        parts += [
            frame(dict.fromkeys(months, 2), metric=metric),
            frame(dict.fromkeys([months[0], months[2], months[3]], 4), "nice", metric),
            frame(dict.fromkeys([months[0], months[3]], 6), "brest", metric),
        ]
    load(store, admin, *parts, new=known("lyon", "nice", "brest", metrics=[DELAY, ERRORS]))

    with store.read() as cursor:
        mean = whole_metric(cursor, metric_id="delay")
        total = whole_metric(cursor, metric_id="errors")
        two = whole_metric(cursor, metric_id="errors", site_ids=["lyon", "nice"])

    equal(mean.values, [4, NAN, 3, 4])
    equal(total.values, [12, NAN, NAN, 12])
    equal(two.values, [6, NAN, 6, 6])
    assert mean.site is None


def test_a_series_with_two_grains_is_read_at_its_metric_s_own(store, admin):
    load(store, admin, frame({"2026-01-01": 5}), frame({"2026-01-05": 7}, grain="day"), new=known("lyon"))

    assert (read(store).grain, listed(read(store))) == (Grain.MONTH, [5])
    assert listed(read(store, grain=Grain.DAY)) == [7]


@pytest.mark.accepts("1.18")
def test_a_series_is_late_once_the_period_after_its_last_one_is_over(store, admin):
    load(store, admin, frame({"2026-03-01": 5}), new=known("lyon"))

    def late(day):
        with store.read() as cursor:
            (row,) = freshness(cursor, dt.date.fromisoformat(day))
        return row.last_period, row.days_late

    assert late("2026-05-01") == (dt.date(2026, 3, 1), 0)
    assert late("2026-05-04") == (dt.date(2026, 3, 1), 3)


@pytest.mark.accepts("1.18")
def test_a_plant_that_closes_at_weekends_is_not_late_on_monday(store, admin):
    worked = dict.fromkeys(days("2026-03-02", "2026-03-13"), 4)
    load(store, admin, frame(worked, metric="daily", grain="day"), new=known("lyon", metrics=[DAILY]))

    with store.read() as cursor:
        monday, wednesday = (freshness(cursor, dt.date(2026, 3, day))[0].days_late for day in (16, 18))
    assert (monday, wednesday) == (0, 1)


def test_a_renamed_site_keeps_its_series(store, admin):
    load(store, admin, frame({"2026-01-01": 5}), new=known("lyon"))
    with store.change(admin, Permission.REGISTER_SITE) as tx:
        tx.append(records.one(tx.cursor, known("lyon")[0].__class__, "lyon").model_copy(update={"name": "Lyon Sud"}))

    assert (read(store).site.name, listed(read(store))) == ("Lyon Sud", [5])
