"""What the app proposes of a series, and what becomes of it once somebody has answered."""

# ruff: noqa: PD011 (a series of ours, not of pandas)

from __future__ import annotations

import dataclasses
import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analytics.results import Direction, NotComputable, Side
from analytics.results_trend import CautionKind
from analytics.spc import xmr_chart
from data import proposals, records
from data.access import Forbidden, Refused
from data.decisions import pin_decision, supersede_decision
from data.limits import LimitDecisions, limits_on
from data.proposals import ProposalKind
from data.series import MetricSeries, metric_series
from data.types import Decision, DecisionType, Grain, Metric, ProposalAnswer, Role
from data.watched import watch
from tests.data.loads import frame, load

CYCLE = Metric(
    id="cycle", name_fr="délai", name_en="delay", unit="d", direction=Direction.DOWN, frequency=Grain.WEEK
)  # fmt: skip
FIRST = pd.Timestamp("2025-01-06")
NOISE = np.random.default_rng(5).normal(0, 1, 400)


def series(values, freq="7D", grain=Grain.WEEK) -> MetricSeries:
    index = pd.date_range(FIRST, periods=len(values), freq=freq)
    measured = pd.Series(np.asarray(values, dtype=float), index=index)
    return MetricSeries(CYCLE, None, None, grain, measured, measured * np.nan, index[-1].date())


def shifted(n=60, at=40, by=-6.0):
    return 20 + NOISE[:n] + by * (np.arange(n) >= at)


def step(on: dt.date, name="step") -> Decision:
    return Decision(
        id=name, number=1, type=DecisionType.STEP, title="A new line", owner_id="p", applies_on=on, site_id="lyon",
        metric_id="cycle",
    )  # fmt: skip


def waiting(measured: MetricSeries, *, answers=(), steps=()):
    limits = LimitDecisions(steps=tuple(steps))
    chart = xmr_chart(measured.values, direction=Direction.DOWN, steps=limits.step_days)
    return proposals.open_proposals(watch(measured, measured, limits), chart, answers, limits)


def waiting_of_record(cursor, *, site_id):
    where = {"site_id": site_id, "metric_id": CYCLE.id}
    measured, heard = metric_series(cursor, **where), proposals.answers_on(cursor, **where)
    given, limits = [each.answer for each in heard], limits_on(cursor, **where)
    return () if measured is None else waiting(measured, answers=given, steps=limits.steps)


def answer(proposal, **said) -> ProposalAnswer:
    what = {name: getattr(proposal, name) for name in ("kind", "side", "about", "earliest", "latest")}
    given = {"id": "a", "site_id": "lyon", "metric_id": "cycle", "reply": "dismissed", "reason": "holidays"}
    return ProposalAnswer(**{**given, **what, **said})


DAY_OF_CHANGE = (FIRST + pd.Timedelta(weeks=40)).date()


def test_a_change_of_level_is_proposed_once_with_its_date_and_where_that_may_lie():
    (found,) = waiting(series(shifted()))

    assert (found.kind, found.side, found.about) == (ProposalKind.CHANGE, Side.BELOW, DAY_OF_CHANGE)
    assert found.earliest <= found.about <= found.latest
    assert waiting(series(20 + NOISE[:60])) == ()


def test_a_run_too_slight_for_a_change_point_is_proposed_as_a_shift():
    values = np.tile([10.0, 12.0], 20)
    values[-8:] = 11.6

    (found,) = waiting(series(values))

    assert (found.kind, found.side) == (ProposalKind.SHIFT, Side.ABOVE)
    earlier = dataclasses.replace(found, about=found.about - dt.timedelta(weeks=1))
    assert proposals.answers_it(answer(found), earlier)
    later = dataclasses.replace(found, **dict.fromkeys(("about", "earliest", "latest"), dt.date(2027, 1, 4)))
    assert not proposals.answers_it(answer(found), later)


def test_a_trend_is_no_level():
    values = np.concatenate([np.tile([10.0, 12.0], 10), 11 + 0.1 * np.arange(8)])
    chart = xmr_chart(series(values).values, direction=Direction.DOWN)
    rising = dataclasses.replace(chart, signals=tuple(each for each in chart.signals if each.rule == "trend"))

    assert rising.signals[-1].n_points >= proposals.SUSTAINED_POINTS
    assert proposals.sustained_signal(rising) is None
    assert proposals.sustained_signal(NotComputable("all_missing")) is None


def test_an_alarm_that_is_the_newest_change_seen_again_is_not_asked_about_twice():
    days = 50 + 2 * NOISE[:280] - 4 * (np.arange(280) >= 224)
    daily, weekly = series(days, "D", Grain.DAY), series(days.reshape(-1, 7).mean(axis=1))

    read = watch(weekly, daily, LimitDecisions())

    assert read.alarms.alarms[-1].since > read.changes.changes[-1].latest
    asked = proposals.open_proposals(read, None, [], LimitDecisions())
    assert [found.kind for found in asked] == [ProposalKind.CHANGE]
    assert asked[0].covers.kind is ProposalKind.DRIFT
    (alone,) = proposals.open_proposals(read, None, [answer(asked[0])], LimitDecisions())
    assert alone == asked[0].covers


def test_what_was_dismissed_stays_away_until_the_data_move_it():
    measured = series(shifted())
    (found,) = waiting(measured)
    given = answer(found)

    assert waiting(measured, answers=[given]) == ()
    late = measured.values.copy()
    late.iloc[20] = np.nan
    assert waiting(dataclasses.replace(measured, values=late), answers=[given]) == ()
    (moved,) = waiting(series(shifted(at=30)), answers=[given])
    assert moved.about < found.about
    (other_way,) = waiting(series(shifted(by=6.0)), answers=[given])
    assert other_way.side is Side.ABOVE


def test_a_dismissed_drift_says_nothing_of_a_step():
    measured = series(shifted())
    (found,) = waiting(measured)

    assert waiting(measured, answers=[answer(found, kind="drift")]) == (found,)


def test_a_step_near_the_date_answers_and_an_accepted_one_lives_as_long_as_its_step():
    measured = series(shifted())
    (found,) = waiting(measured)
    near, early = step(DAY_OF_CHANGE), step(DAY_OF_CHANGE - dt.timedelta(weeks=6))

    assert waiting(measured, steps=[near]) == ()
    assert found in proposals.unanswered([found], [], [early], Grain.WEEK)
    accepted = answer(found, reply="accepted", decision_id="step")
    assert proposals.unanswered([found], [accepted], [early], Grain.WEEK) == ()
    assert proposals.unanswered([found], [accepted], [], Grain.WEEK) == (found,)


def test_days_are_watched_where_the_chart_shows_weeks():
    days = 50 + 2 * NOISE[:280] + 3.2 * (np.arange(280) >= 266)
    daily, weekly = series(days, "D", Grain.DAY), series(days.reshape(-1, 7).mean(axis=1))

    read = watch(weekly, daily, LimitDecisions())

    assert (read.alarm_grain, read.grain) == (Grain.DAY, Grain.WEEK)
    assert read.alarms.weekday
    assert [found.kind for found in proposals.proposed(read.changes, None, read.alarms)] == [ProposalKind.DRIFT]


def test_a_small_shift_raises_an_alarm_before_any_point_is_outside_the_limits():
    weeks = np.arange(100)
    measured = series(50 + np.clip(NOISE[:100], -1.5, 1.5) + 1.2 * (weeks >= 80))
    chart = xmr_chart(measured.values, direction=Direction.DOWN)

    found = watch(measured, measured, LimitDecisions()).alarms

    assert [alarm.side for alarm in found.alarms] == [Side.ABOVE]
    assert found.alarms[0].since >= measured.values.index[75].date()
    assert np.nanmax(chart.values) < chart.latest.upper_limit


def test_a_known_step_makes_no_trend_no_alarm_and_no_caution():
    measured = series(np.concatenate([20 + NOISE[:100], 12 + NOISE[100:200]]))
    on = measured.values.index[100].date()

    before, after = watch(measured, measured, LimitDecisions()), watch(measured, measured, LimitDecisions((step(on),)))

    assert before.trend.is_clear
    assert not after.trend.is_clear
    assert after.since == on
    assert len(before.cautions) > len(after.cautions)
    assert after.alarms.alarms == ()
    assert after.alarms.baseline_start == on


def test_a_season_is_warned_of_where_two_years_show_it():
    weeks = np.arange(120)
    measured = series(50 + 5 * np.cos(2 * np.pi * weeks / 52.18) + NOISE[:120])

    kinds = {caution.kind for caution in watch(measured, measured, LimitDecisions()).cautions}

    assert CautionKind.SEASON in kinds


def test_a_short_history_is_a_reason_everywhere():
    measured = series([10.0, 12, 11])

    read = watch(measured, measured, LimitDecisions())

    assert {type(part) for part in (read.trend, read.alarms, read.changes, read.cautions)} == {NotComputable}
    assert proposals.proposed(read.changes, None, read.alarms) == ()


def test_an_excluded_period_is_left_out_of_every_reading():
    values = 20 + NOISE[:80]
    values[70] = 400
    measured = series(values)
    on = measured.values.index[70].date()
    left_out = step(on).model_copy(
        update={"type": DecisionType.EXCLUSION, "period_start": on, "grain": Grain.WEEK}
    )  # fmt: skip

    read = watch(measured, measured, LimitDecisions(exclusions=(left_out,)))

    assert np.isnan(read.values.iloc[70])
    assert read.alarms.alarms == ()


def test_an_answer_is_kept_with_who_gave_it_and_may_be_taken_back(store, admin, site, someone, clock):
    site("lyon")
    weeks = {str(day.date()): y for day, y in series(shifted()).values.items()}
    load(store, admin, frame(weeks, metric="cycle", grain="week"), new=[CYCLE])
    where = {"site_id": "lyon", "metric_id": "cycle"}
    with store.read() as cursor:
        (found,) = waiting_of_record(cursor, site_id="lyon")
    with pytest.raises(Refused, match="dismissal_without_reason"):
        proposals.dismiss(store, admin, found, **where, reason="  ")
    with pytest.raises(Forbidden):
        proposals.dismiss(store, someone(Role.MEMBER), found, **where, reason="holidays")

    given = proposals.dismiss(store, admin, found, **where, reason="holidays")

    with store.read() as cursor:
        (kept, *_) = proposals.answers_on(cursor, **where)
        assert (kept.answer, kept.by, kept.on) == (given, "Ada", clock().date())
        assert waiting_of_record(cursor, site_id="lyon") == ()
        assert waiting_of_record(cursor, site_id="nowhere") == ()
    proposals.take_back(store, admin, given)
    with store.read() as cursor:
        assert waiting_of_record(cursor, site_id="lyon") == (found,)
        assert len(records.history(cursor, ProposalAnswer, given.id)) == 2
    pinned = pin_decision(store, admin, type=DecisionType.STEP, title="A new line", note="since then", **where,
                          owner_id=admin.person_id, applies_on=found.about)  # fmt: skip
    proposals.accept(store, admin, found, pinned)
    with store.read() as cursor:
        assert waiting_of_record(cursor, site_id="lyon") == ()
        assert proposals.answers_on(cursor, **where)[0].answer.decision_id == pinned.id
    supersede_decision(store, admin, pinned.id, type=DecisionType.DECISION)
    with store.read() as cursor:
        assert waiting_of_record(cursor, site_id="lyon") == (found,)
    with pytest.raises(Refused, match="step_without_series"):
        proposals.accept(store, admin, found, pinned.model_copy(update={"site_id": None}))
