"""The board says of every series what its own page says: the same chart, the same limits, the same alarm."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analytics.alarm_p_values import alarm_p_values
from analytics.alarms import AlarmTable
from analytics.multiplicity import benjamini_hochberg
from analytics.results import NotComputable
from analytics.results_charts import ChartKind
from analytics.results_trend import AlarmKind
from analytics.spc import variation
from data import score
from data.access import Permission
from data.charted import chart_as_asked
from data.limits import limits_on
from data.observations import board, metric_series
from data.periods import chart_grain
from data.types import Decision, DecisionType, Grain, Metric, MetricKind
from data.watched import watch
from tests.data.conftest import url_of
from tests.data.loads import known, load

DAILY = Metric(id="daily", name_fr="d", name_en="d", unit="d", direction="down", frequency=Grain.DAY)
WEEKLY = Metric(id="weekly", name_fr="w", name_en="w", unit="d", direction="up", frequency=Grain.WEEK)
SHARE = Metric(id="share", name_fr="s", name_en="s", unit="%", direction="down", kind=MetricKind.RATIO, frequency=Grain.WEEK,
               aggregation="weighted_mean")  # fmt: skip
COUNT = Metric(id="count", name_fr="c", name_en="c", unit="", direction="down", kind=MetricKind.COUNT, frequency=Grain.WEEK,
               aggregation="sum")  # fmt: skip
RARE = Metric(id="rare", name_fr="r", name_en="r", unit="", direction="down", kind=MetricKind.COUNT, frequency=Grain.WEEK,
              aggregation="sum")  # fmt: skip
METRICS = (DAILY, WEEKLY, SHARE, COUNT, RARE)
WEEKS = pd.date_range("2024-01-01", periods=140, freq="7D")
WORKING = pd.bdate_range("2025-01-06", periods=200)
SITES = ("lyon", "nice")


def rows(site, metric, index, values, weights=np.nan):
    grain = "day" if metric is DAILY else "week"
    return pd.DataFrame({"site_id": site, "metric_id": metric.id, "segment": "", "period_start": [day.date() for day in index],
                         "grain": grain, "value": np.asarray(values, float), "weight": weights})  # fmt: skip


def measured(seed=1):
    """Two sites of five metrics: drifts, gaps, a Saturday worked, shares, counts, rare events."""
    rng = np.random.default_rng(seed)
    parts = []
    for place, site in enumerate(SITES):
        days = WORKING if site == "lyon" else WORKING.append(pd.DatetimeIndex(["2025-03-08"])).sort_values()
        busy = (
            20 + 4 * (days.day_of_week == 0) + rng.normal(size=len(days)) + 2.5 * place * (np.arange(len(days)) > 185)
        )
        parts.append(rows(site, DAILY, days[: -place or None], busy[: -place or None]))
        level = 50 + 3 * rng.normal(size=140) + 7 * (1 - place) * (np.arange(140) >= 128)
        kept = rng.random(140) > 0.05
        parts.append(rows(site, WEEKLY, WEEKS[kept], level[kept]))
        cases = rng.integers(150, 250, 60)
        parts.append(rows(site, SHARE, WEEKS[:60], 100 * rng.binomial(cases, 0.3) / cases, cases.astype(float)))
        parts.append(rows(site, COUNT, WEEKS[:60], rng.poisson(12, 60)))
        parts.append(rows(site, RARE, WEEKS[:80], rng.poisson(0.3, 80)))
    frame = pd.concat(parts, ignore_index=True)
    return frame.assign(source_row=range(len(frame)), source_column="B", mark="")


def decided(number, kind, day, metric, **more):
    return Decision(id=f"{kind}-{metric}-{day}", number=number, type=kind, title="t", note="n", owner_id="ada",
                    applies_on=dt.date.fromisoformat(str(day)), site_id="lyon", metric_id=metric, **more)  # fmt: skip


def decide(store, admin):
    left_out = WEEKS[90].date()
    with store.change(admin, Permission.UPLOAD, somewhere=True) as tx:
        tx.append_all([
            decided(1, DecisionType.STEP, WEEKS[60].date(), "weekly"),
            decided(2, DecisionType.BASELINE, WEEKS[110].date(), "weekly"),
            decided(3, DecisionType.EXCLUSION, left_out, "weekly", period_start=left_out, grain=Grain.WEEK),
            decided(4, DecisionType.BASELINE, WEEKS[40].date(), "share"),
        ])  # fmt: skip
        for metric in ("weekly", "share"):
            score.refresh_scores(tx.cursor, metric_id=metric, site_id="lyon")


@pytest.fixture
def url(tmp_path):
    """One engine does: the same SQL on both is shown elsewhere."""
    return url_of("embedded", tmp_path)


@pytest.fixture
def loaded(store, admin):
    load(store, admin, measured(), new=known(*SITES, metrics=METRICS))
    decide(store, admin)
    return store


def boards(store):
    with store.read() as cursor:
        return board(cursor).set_index(["metric_id", "site_id"])


def test_the_board_draws_every_series_as_its_page_does(loaded):
    found = boards(loaded)

    with loaded.read() as cursor:
        for (metric_id, site), row in found.iterrows():
            metric = next(metric for metric in METRICS if metric.id == metric_id)
            grain = chart_grain(metric.frequency)
            series = metric_series(cursor, site_id=site, metric_id=metric_id, grain=grain)
            finest = metric_series(cursor, site_id=site, metric_id=metric_id)
            limits = limits_on(cursor, site_id=site, metric_id=metric_id)
            kind, chart = chart_as_asked(series, finest, decided=limits)
            assert row["chart"] == kind, metric_id
            assert row["variation"] == variation(chart), metric_id
            assert [row["mean"], row["lower_limit"], row["upper_limit"]] == pytest.approx(
                [chart.latest.mean, chart.latest.lower_limit, chart.latest.upper_limit], nan_ok=True
            ), (metric_id, site)
            assert row["phase_start"].date() == chart.latest.start
    assert set(found["chart"]) == {ChartKind.XMR, ChartKind.P, ChartKind.C, ChartKind.T}
    weekly = found.loc[("weekly", "lyon")]
    assert weekly["steps"].startswith("step-")
    assert weekly["baselines"].startswith("baseline-")
    assert weekly["exclusions"].startswith("exclusion-")


def p_value(alarms):
    if isinstance(alarms, NotComputable):
        return np.nan
    rows = (alarms.expected, alarms.residuals, alarms.above, alarms.below)
    numbers = (np.array([number]) for number in (alarms.phi, alarms.limit, alarms.n_baseline))
    return alarm_p_values(AlarmTable(*(row[None] for row in rows), *numbers))[0]


def test_the_board_raises_the_alarms_that_each_page_raises(loaded):
    found = boards(loaded)

    with loaded.read() as cursor:
        for (metric_id, site), row in found.iterrows():
            metric = next(metric for metric in METRICS if metric.id == metric_id)
            where = {"site_id": site, "metric_id": metric_id}
            charted = metric_series(cursor, **where, grain=chart_grain(metric.frequency))
            page = watch(charted, metric_series(cursor, **where), limits_on(cursor, **where))
            alarms = () if isinstance(page.alarms, NotComputable) else page.alarms.alarms
            newest = max(alarms, key=lambda alarm: (alarm.kind is AlarmKind.DRIFT, alarm.date), default=None)
            assert (None if pd.isna(row["alarm_kind"]) else row["alarm_kind"]) == (newest and newest.kind), (
                metric_id,
                site,
            )
            if newest is not None:
                assert row["alarm_side"] == newest.side
                assert (row["alarm_on"].date(), row["alarm_since"].date()) == (newest.date, newest.since)
            assert row["alarm_p"] == pytest.approx(p_value(page.alarms), nan_ok=True), (metric_id, site)
    assert set(found["alarm_kind"].dropna()) == {AlarmKind.DRIFT}
    assert found.loc[("daily", "nice"), "alarm_kind"] == AlarmKind.DRIFT


def test_alarms_are_judged_over_the_whole_board_when_it_is_read(loaded):
    found = boards(loaded)

    judged = benjamini_hochberg(found["alarm_p"].to_numpy()).benjamini_hochberg
    assert found["alarm_q"].to_numpy() == pytest.approx(judged, nan_ok=True)


def test_scores_after_several_loads_are_those_of_all_series_made_anew(loaded, admin):
    late = measured(2)
    late = late[(late["site_id"] == "nice") & late["metric_id"].isin(["weekly", "share"])]
    load(loaded, admin, late, reason="restated")
    step_by_step = boards(loaded)

    with loaded.change(admin, Permission.UPLOAD, somewhere=True) as tx:
        tx.append(decided(8, DecisionType.DECISION, "2026-05-01", "count"))
        score.refresh_scores(tx.cursor)

    pd.testing.assert_frame_equal(boards(loaded), step_by_step)


def test_scores_of_an_earlier_method_are_made_anew_with_the_next_change(loaded, admin):
    whole = boards(loaded)
    with loaded.change(admin, Permission.UPLOAD, somewhere=True) as tx:
        tx.cursor.execute("UPDATE score SET method = 'xmr/1', alarm_p = NULL, mean = 0 WHERE metric_id = 'weekly'")
        tx.append(decided(8, DecisionType.DECISION, "2026-05-01", "count"))
        score.refresh_scores(tx.cursor, metric_id="count", site_id="nice")

    pd.testing.assert_frame_equal(boards(loaded), whole)
