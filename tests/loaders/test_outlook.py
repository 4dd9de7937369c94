"""What a series will look like once a file is loaded, before anything of it is stored."""

from __future__ import annotations

import datetime as dt

import pytest

from data.access import Permission
from data.metrics import metrics
from data.store import open_store
from data.types import Grain
from loaders import ingest
from loaders.outlook import PERIODS_SHOWN, SERIES_SHOWN, PointAhead, PointKind, series_ahead

HEAD = "semaine;site;délai (j)"
WEEKS = ("2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26")


@pytest.fixture
def store(tmp_path):
    opened = open_store(str(tmp_path / "essaim.duckdb"))
    yield opened
    opened.close()


def weekly(*values, site="Lyon"):
    rows = [f"{week};{site};{value}" for week, value in zip(WEEKS, values, strict=False)]
    return "\n".join([HEAD, *rows]).encode()


def ahead(store, keeper, data):
    found = ingest.understand(data, "delais.csv", store, keeper)
    return series_ahead(found, ingest.preview(found, store), store)


def test_a_new_series_is_new_at_every_point_and_stays_missing_where_it_is(store, keeper):
    (seen,) = ahead(store, keeper, weekly("4,5", "-", "5,5"))

    assert (seen.site, seen.metric.name, seen.segment, seen.grain) == ("Lyon", "délai", "", Grain.WEEK)
    assert seen.points == (
        PointAhead(dt.date(2026, 1, 5), 4.5, PointKind.NEW),
        PointAhead(dt.date(2026, 1, 12), None, PointKind.KNOWN),
        PointAhead(dt.date(2026, 1, 19), 5.5, PointKind.NEW),
    )
    assert (seen.n_new, seen.n_restated, seen.n_doubtful) == (2, 0, 0)


@pytest.mark.accepts("1.12")
def test_what_stands_what_changes_and_what_is_new_are_told_apart(store, keeper):
    ingest.load(ingest.understand(weekly("4,5", "5,5"), "delais.csv", store, keeper), store, keeper)

    (seen,) = ahead(store, keeper, weekly("4,5", "6,5", "7"))

    assert [point.kind.value for point in seen.points] == ["known", "restated", "new"]
    assert [point.before for point in seen.points] == [None, 5.5, None]
    assert [point.value for point in seen.points] == [4.5, 6.5, 7.0]


@pytest.mark.accepts("1.16")
def test_a_doubtful_value_is_seen_beside_its_own_history_and_comes_first(store, keeper):
    ingest.load(ingest.understand(weekly("4,5", "5,5"), "delais.csv", store, keeper), store, keeper)
    with store.read() as cursor:
        metric = metrics(cursor)[0]
    with store.change(keeper, Permission.MANAGE_CATALOGUE) as tx:
        tx.append(metric.model_copy(update={"plausible_low": 0.0, "plausible_high": 50.0}))
    others = "\n".join(f"{week};Site {n};5" for n in range(8) for week in WEEKS)

    seen = ahead(store, keeper, weekly("4,5", "5,5", "65") + b"\n" + others.encode())

    assert len(seen) == SERIES_SHOWN
    assert seen[0].site == "Lyon"
    assert [(point.value, point.kind.value) for point in seen[0].points][-1] == (65.0, "doubtful")


def test_a_long_series_shows_its_newest_periods(store, keeper):
    first = dt.date(2020, 1, 6)
    rows = [f"{first + dt.timedelta(weeks=week)};Lyon;{week}" for week in range(100)]

    (seen,) = ahead(store, keeper, "\n".join([HEAD, *rows]).encode())

    assert len(seen.points) == PERIODS_SHOWN
    assert seen.points[-1].value == 99.0
    assert seen.n_new == 100


def test_days_of_rest_are_no_holes_in_a_daily_series(store, keeper):
    days = ("2026-01-02", "2026-01-05", "2026-01-06", "2026-01-07", "2026-01-08", "2026-01-09", "2026-01-12")
    rows = "\n".join(f"{day};Lyon;4" for day in days)

    (seen,) = ahead(store, keeper, f"jour;site;n\n{rows}\n".encode())

    assert [point.start.isoformat() for point in seen.points] == list(days)


def test_a_file_of_which_nothing_can_enter_has_no_outlook(store, keeper):
    ingest.load(ingest.understand(weekly("4,5", "5,5"), "delais.csv", store, keeper), store, keeper)

    assert ahead(store, keeper, weekly("4,5", "5,5").replace(b"(j)", b"(h)")) == ()
