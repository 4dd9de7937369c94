"""How good the data are: late and missing by site and metric, and what loads came to by week and month."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from data.batches import past_loads
from data.observations import undo_load
from data.quality import Measure, load_counts, load_trend, loads_of_sites, most_affected, recent, site_qualities
from data.types import Grain
from tests.data.loads import DELAY, ERRORS, frame, known, load

JANUARY, FEBRUARY, MARCH, APRIL = "2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01"


def qualities(store, *sites, today=dt.date(2026, 5, 4)):
    with store.read() as cursor:
        return site_qualities(cursor, today, site_ids=sites)


def loads(store):
    with store.read() as cursor:
        return past_loads(cursor)


@pytest.mark.accepts("1.18")
def test_lateness_is_told_by_site_and_metric_the_latest_first(store, admin):
    load(
        store, admin, frame({MARCH: 1, APRIL: 1}), frame({JANUARY: 1}, metric="errors"), frame({APRIL: 1}, site="nice"),
        new=known("lyon", "nice", "metz", metrics=(DELAY, ERRORS)),
    )  # fmt: skip

    lyon, metz, nice = qualities(store, "lyon", "nice", "metz")

    assert (lyon.site_id, lyon.days_late, lyon.n_late, str(lyon.last_period)) == ("lyon", 64, 1, APRIL)
    assert [(one.fresh.metric_id, one.fresh.days_late) for one in lyon.series] == [("errors", 64), ("delay", 0)]
    assert (nice.days_late, nice.n_late) == (0, 0)
    assert (metz.series, metz.last_period, metz.days_late) == ((), None, 0)


@pytest.mark.accepts("1.17")
def test_missing_periods_are_counted_and_late_ones_are_not_among_them(store, admin):
    load(store, admin, frame({JANUARY: 1, APRIL: 1}), new=known("lyon"))

    (lyon,) = qualities(store, "lyon", today=dt.date(2026, 8, 1))

    assert lyon.n_missing == 2
    assert lyon.days_late > 0


def test_only_the_sites_asked_for_are_told(store, admin):
    load(store, admin, frame({JANUARY: 1}), frame({JANUARY: 1}, site="nice"), new=known("lyon", "nice"))

    assert [one.site_id for one in qualities(store, "nice")] == ["nice"]


def test_loads_are_counted_by_week_with_a_hole_where_nothing_came(store, admin, clock):
    load(store, admin, frame({JANUARY: 1, FEBRUARY: 2}), new=known("lyon"), name="a.csv")
    clock.pass_(days=14)
    load(store, admin, frame({FEBRUARY: 3, MARCH: 4, APRIL: 5}), name="b.csv")

    weeks = load_trend(loads(store), Measure.RESTATED, Grain.WEEK)

    assert [str(day.date()) for day in weeks.index] == ["2026-05-04", "2026-05-11", "2026-05-18"]
    assert weeks.iloc[0] == 0
    assert np.isnan(weeks.iloc[1])
    assert weeks.iloc[2] == pytest.approx(100 / 3)


def test_by_month_both_loads_are_one_point(store, admin, clock):
    load(store, admin, frame({JANUARY: 1, FEBRUARY: 2}), new=known("lyon"))
    clock.pass_(days=14)
    load(store, admin, frame({FEBRUARY: 3, MARCH: 4, APRIL: 5}))

    months = load_trend(loads(store), Measure.RESTATED, Grain.MONTH)

    assert months.to_list() == [20.0]


def test_undone_loads_are_counted_where_they_were_made(store, admin):
    done = load(store, admin, frame({JANUARY: 1}), new=known("lyon"), name="wrong.csv")
    undo_load(store, admin, done.id, "wrong file")

    found = loads(store)

    assert load_counts(found).n_undone == 1
    assert load_trend(found, Measure.UNDONE, Grain.WEEK).to_list() == [1.0]
    assert most_affected(found, Measure.UNDONE) == "wrong.csv"
    assert most_affected(found, Measure.REJECTED) is None


def test_rejected_and_marked_cells_are_shares_of_what_should_be_values(store, admin):
    load(store, admin, frame({JANUARY: 1, FEBRUARY: 2}), new=known("lyon"))
    (made,) = loads(store)
    with_faults = made.batch.model_copy(update={"n_rejected": 2, "n_marked": 1})

    counts = load_counts([type(made)(with_faults, made.loaded_at, made.person)])

    assert (counts.of(Measure.REJECTED), counts.of(Measure.MARKED)) == (50, 50)
    assert np.isnan(load_counts([]).of(Measure.RESTATED))


def test_no_load_has_no_trend(store):
    assert load_trend([], Measure.RESTATED, Grain.WEEK).empty


def test_recent_loads_are_those_of_the_last_quarter(store, admin, clock):
    load(store, admin, frame({JANUARY: 1}), new=known("lyon"), name="old.csv")
    clock.pass_(days=100)
    load(store, admin, frame({FEBRUARY: 1}), name="new.csv")

    assert [one.batch.file_name for one in recent(loads(store), clock().date())] == ["new.csv"]


def test_a_keeper_of_one_site_sees_the_loads_that_touched_it(store, admin):
    load(store, admin, frame({JANUARY: 1}), new=known("lyon", "nice"), name="lyon.csv")
    load(store, admin, frame({JANUARY: 1}, site="nice"), name="nice.csv")

    with store.read() as cursor:
        assert [one.batch.file_name for one in loads_of_sites(cursor, ["nice"])] == ["nice.csv"]
