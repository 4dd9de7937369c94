"""The whole board at once says of each series what its own chart and its own alarm say."""

import numpy as np
import pandas as pd
import pytest

from analytics.alarm_p_values import alarm_p_values
from analytics.alarms import alarm_table, drift_alarms
from analytics.multiplicity import benjamini_hochberg
from analytics.portfolio import ALARM_KINDS, LIMITS_KINDS, Decided, Watch, adjusted, score_portfolio
from analytics.results import Direction
from analytics.results_charts import ChartKind
from analytics.results_trend import AlarmKind
from analytics.spc import VARIATIONS, c_chart, p_chart, u_chart, variation, xmr_chart
from benchmarks.noise import ar1

WEEKS = pd.date_range("2024-01-01", periods=130, freq="7D")
UP, DOWN = Direction.UP, Direction.DOWN


@pytest.fixture
def board():
    """Twelve series, some with gaps, steps of level and short histories."""
    values = 50 + 5 * ar1(np.random.default_rng(3), 12, len(WEEKS), 0.3)
    values[1, 118:] += 20
    values[2, 100:] -= 12
    values[3, 40:44] = np.nan
    values[4, :105] = np.nan
    values[5, :40] = np.nan
    values[6] = np.nan
    values[7] = 12.0
    return values


def alone(values, place, decided):
    return xmr_chart(
        pd.Series(values[place], index=WEEKS), direction=UP, steps=decided.steps.get(place, ()),
        baseline_until=decided.baselines.get(place), excluded=decided.excluded.get(place, ()),
    )  # fmt: skip


def test_many_series_at_once_say_what_each_says_alone(board):
    decided = Decided(
        WEEKS, steps={2: [WEEKS[100].date()]}, baselines={3: WEEKS[60].date(), 0: [WEEKS[50].date()]},
        excluded={1: [WEEKS[120].date()], 8: [WEEKS[3].date()]},
    )  # fmt: skip

    found = score_portfolio(board, directions=[UP] * 12, decided=decided)

    for place in (0, 1, 2, 3, 4, 5, 7, 8):
        chart = alone(board, place, decided)
        last = chart.latest
        assert (found.mean[place], found.lower_limit[place], found.upper_limit[place]) == pytest.approx(
            (last.mean, last.lower_limit, last.upper_limit)
        )
        assert VARIATIONS[found.variation[place]] is variation(chart)
        assert LIMITS_KINDS[found.limits_kind[place]] is last.kind
    assert VARIATIONS[found.variation[6]] is None


def test_alarms_are_those_of_each_series_alone(board):
    found = score_portfolio(board, directions=[UP] * 12)

    for place in (0, 1, 2, 3, 5, 8, 9, 10, 11):
        single = drift_alarms(pd.Series(board[place], index=WEEKS))
        newest = max(single.alarms, key=lambda alarm: (alarm.kind is AlarmKind.DRIFT, alarm.date), default=None)
        assert ALARM_KINDS[found.alarm_kind[place]] is (newest.kind if newest else None)
        if newest:
            assert WEEKS[len(WEEKS) - 1 - found.alarm_at[place]].date() == newest.date
            assert WEEKS[len(WEEKS) - 1 - found.alarm_since[place]].date() == newest.since
            assert (found.alarm_side[place] > 0) == (newest.side == "above")
    assert found.alarm_kind[1] > 0
    assert np.isnan(found.alarm_p[[4, 6, 7]]).all()


def test_counts_and_shares_are_charted_by_their_own_kind():
    rng = np.random.default_rng(8)
    cases = rng.integers(80, 120, (4, 40)).astype(float)
    events = rng.binomial(cases.astype(int), 0.2).astype(float)
    shares = 100 * events / cases
    values = np.stack([shares[0], shares[1], events[2], events[3]])
    kinds = [ChartKind.P, ChartKind.U, ChartKind.C, ChartKind.XMR]
    weeks = WEEKS[:40]

    found = score_portfolio(
        values, directions=[DOWN] * 4, kinds=kinds, denominators=cases, per=np.array([100.0, 100, 1, 1])
    )

    counted, exposure = (lambda place: pd.Series(events[place], weeks)), (lambda place: pd.Series(cases[place], weeks))
    charts = [
        p_chart(counted(0), exposure(0), direction=DOWN, per=100),
        u_chart(counted(1), exposure(1), direction=DOWN, per=100),
        c_chart(counted(2), direction=DOWN),
        xmr_chart(counted(3), direction=DOWN),
    ]
    assert found.kinds == tuple(kinds)
    for place, chart in enumerate(charts):
        assert found.mean[place] == pytest.approx(chart.latest.mean)
        assert VARIATIONS[found.variation[place]] is variation(chart)


def test_what_has_no_limits_by_its_kind_is_charted_as_individual_values():
    values = np.array([[-1.0, 2, 3, 2, 1, 3, 2, 4]])

    found = score_portfolio(values, directions=[UP], kinds=[ChartKind.C])

    assert found.kinds == (ChartKind.XMR,)
    assert found.mean[0] == pytest.approx(values.mean())


def test_the_order_of_the_series_changes_nothing(board):
    order = np.random.default_rng(1).permutation(len(board))

    found, mixed = (score_portfolio(rows, directions=[UP] * 12) for rows in (board, board[order]))

    for name in ("mean", "variation", "signal_start", "alarm_kind", "alarm_p", "alarm_q", "phi"):
        assert getattr(mixed, name) == pytest.approx(getattr(found, name)[order], nan_ok=True)


def test_daily_series_that_end_on_other_weekdays_are_watched_by_their_own():
    days = pd.date_range("2026-01-05", periods=140, freq="D")
    busy = np.where(days.day_of_week < 5, 40.0, 10.0) + np.random.default_rng(2).normal(size=140)
    short = np.concatenate([[np.nan, np.nan, np.nan], busy[:-3]])  # the same series, three days earlier
    weekdays = days.day_of_week.to_numpy()
    calendars = np.stack([weekdays, np.roll(weekdays, 3)])
    watch = Watch(np.stack([busy, short]), np.array([0, 1]), np.tile(np.arange(140), (2, 1)), calendars)

    found = score_portfolio(np.stack([busy, short]), directions=[UP, UP], watch=watch)

    first = alarm_p_values(alarm_table(busy[None], weekdays=days.day_of_week.to_numpy()))
    second = alarm_p_values(alarm_table(busy[None, :-3], weekdays=days[:-3].day_of_week.to_numpy()))
    assert found.alarm_p == pytest.approx([first[0], second[0]])


def test_a_series_just_long_enough_has_its_few_newest_periods_watched():
    calm = ar1(np.random.default_rng(6), 1, 70, 0.0)

    found = score_portfolio(calm, directions=[UP])

    assert found.alarm_p[0] == pytest.approx(alarm_p_values(alarm_table(calm, watched=10))[0])
    assert np.isnan(score_portfolio(calm[:, :60], directions=[UP]).alarm_p[0])


def test_alarms_are_ranked_and_judged_over_the_whole_board():
    rng = np.random.default_rng(9)
    values = rng.normal(size=(200, 150))
    values[:5, 130:] += np.array([1.5, 2, 2.5, 3, 4])[:, None]

    found = score_portfolio(values, directions=[UP] * 200)

    assert set(found.alarms_ranked.tolist()) >= {1, 2, 3, 4}
    assert (np.diff(found.alarm_p[found.alarms_ranked]) >= 0).all()
    assert found.alarm_q == pytest.approx(benjamini_hochberg(found.alarm_p).benjamini_hochberg, nan_ok=True)
    assert (found.alarm_q <= 0.05).sum() <= 7
    assert np.isnan(adjusted(np.full(3, np.nan))).all()


def test_charts_whose_neighbours_resemble_each_other_are_told_apart():
    calm = ar1(np.random.default_rng(12), 3, 120, 0.0)
    calm[1] = ar1(np.random.default_rng(13), 1, 120, 0.7)[0]
    calm[2, 60:] += 6
    weeks = WEEKS[:120]

    found = score_portfolio(calm, directions=[UP] * 3, decided=Decided(weeks, steps={2: [weeks[60].date()]}))

    assert found.limits_mislead.tolist() == [False, True, False]
    assert score_portfolio(calm, directions=[UP] * 3).limits_mislead[2]
    assert np.isnan(score_portfolio(calm[:, :19], directions=[UP] * 3).phi).all()


def test_a_callers_mistake_is_said():
    with pytest.raises(ValueError, match="directions"):
        score_portfolio(np.ones((2, 8)), directions=[UP])
    with pytest.raises(ValueError, match="denominators"):
        score_portfolio(np.ones((1, 8)), directions=[UP], kinds=[ChartKind.P])
    with pytest.raises(ValueError, match="kind"):
        score_portfolio(np.ones((1, 8)), directions=[UP], kinds=[ChartKind.G])
    assert score_portfolio(np.empty((0, 8)), directions=[]).mean.shape == (0,)
