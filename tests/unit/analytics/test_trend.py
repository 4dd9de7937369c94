"""A slope for display, a rank test, and the interval that allows for noise that lingers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.autoregression import integrated_effects
from analytics.results import NotComputable
from analytics.trend import RankTrend, SenSlope, Trend, mann_kendall, theil_sen, trend
from benchmarks.noise import ar1

NAN = float("nan")
NOISE = (0.3, -0.2, -0.4, 0.1, 0.5, -0.1, -0.3, 0.2, 0.4, -0.5, 0.1, -0.1)
ROWS = st.lists(st.integers(-50, 50).map(float), min_size=14, max_size=40).filter(lambda rows: len(set(rows)) > 2)


def in_weeks(values) -> pd.Series:
    index = pd.date_range("2026-01-05", periods=len(values), freq="7D")
    return pd.Series(np.asarray(values, dtype=float), index=index)


def answer(result):
    """The result, sure that it is one."""
    assert not isinstance(result, NotComputable), result
    return result


def test_the_slope_is_that_of_scipy_with_its_interval():
    rows = np.random.default_rng(3).normal(size=40) + np.arange(40) / 20
    expected = stats.theilslopes(rows, np.arange(40), alpha=0.95)

    found = answer(theil_sen(in_weeks(rows)))

    assert (found.slope, found.lower, found.upper) == pytest.approx((expected[0], expected[2], expected[3]))


def test_a_wild_point_does_not_move_the_slope(weekly):
    assert answer(theil_sen(weekly(1, 2, 3, 4, 500, 6, 7))).slope == 1


def test_a_missing_week_counts_as_time_that_passed(weekly):
    assert answer(theil_sen(weekly(1, 2, NAN, NAN, 5, 6))).slope == 1
    assert answer(trend(weekly(*[n + NOISE[n % 12] if n % 5 else NAN for n in range(24)]))).slope == pytest.approx(
        1, abs=0.02
    )


def test_few_points_have_a_slope_without_an_interval(weekly):
    found = answer(theil_sen(weekly(1, 3)))

    assert (found.slope, found.lower, found.upper) == (2, None, None)


def test_the_rank_test_is_kendalls():
    rows = np.random.default_rng(4).integers(0, 9, size=60).astype(float)

    found = answer(mann_kendall(in_weeks(rows)))

    assert found.tau_b == pytest.approx(stats.kendalltau(np.arange(60), rows).statistic)


def test_ties_make_the_rank_test_less_sure(weekly):
    tied = answer(mann_kendall(weekly(1, 1, 2, 2, 3, 3, 4, 4, 5, 5)))
    untied = answer(mann_kendall(weekly(*range(10))))

    assert tied.variance < untied.variance
    assert abs(tied.tau) < tied.tau_b == pytest.approx(40 / np.sqrt(45 * 40))


def test_the_interval_is_that_of_the_kernel(weekly):
    rows = [n / 4 + NOISE[n % 12] for n in range(30)]
    design = np.column_stack([np.ones(30), np.arange(30) - 14.5])
    effects = integrated_effects(np.array([rows]), design, column=1)

    found = answer(trend(weekly(*rows)))

    assert (found.fitted_slope, found.lower, found.upper, found.p_value) == pytest.approx(
        (effects.estimate[0], effects.lower[0], effects.upper[0], effects.p_value[0])
    )
    assert found.terms == ("trend",)
    assert found.is_clear


def test_a_slow_week_end_is_no_trend(daily):
    rows = [10 + NOISE[n % 12] - 5 * (n % 7 >= 5) for n in range(40)]

    found = answer(trend(daily(*rows)))

    assert found.terms == ("trend", "weekday")
    assert not found.is_clear
    assert found.upper - found.lower < 0.1


def test_the_days_of_the_week_wait_for_three_weeks(daily):
    assert answer(trend(daily(*(n + NOISE[n % 12] for n in range(20))))).terms == ("trend",)
    assert answer(trend(daily(*(n + NOISE[n % 12] for n in range(21))))).terms == ("trend", "weekday")


def test_the_trend_tells_what_it_was_made_of(weekly):
    found = answer(trend(weekly(NAN, *NOISE, NAN, *NOISE, NAN)))

    assert (found.n, found.n_missing) == (24, 1)
    assert (found.start.isoformat(), found.end.isoformat()) == ("2026-01-12", "2026-06-29")


@pytest.mark.parametrize(
    ("rows", "compute", "code"),
    [
        ([], theil_sen, "all_missing"),
        ([NAN] * 20, mann_kendall, "all_missing"),
        ([NAN] * 20, trend, "all_missing"),
        ([5], theil_sen, "short_history"),
        (range(9), mann_kendall, "short_history"),
        (range(13), trend, "short_history"),
        ([7] * 20, mann_kendall, "constant"),
        ([7] * 20, trend, "constant"),
        (range(20), trend, "no_noise"),
        ([*range(19), float("inf")], theil_sen, "infinite_values"),
        ([*range(19), float("inf")], trend, "infinite_values"),
    ],
)
def test_what_cannot_be_computed_has_a_reason(rows, compute, code):
    assert compute(in_weeks(list(rows))).code == code


def test_a_constant_series_has_a_slope_of_nothing(weekly):
    assert answer(theil_sen(weekly(*[7] * 12))) == SenSlope(0.0, 0.0, 0.0, 0.95, 7.0, 12)


@pytest.mark.parametrize("compute", [theil_sen, mann_kendall, trend])
def test_an_index_that_is_no_calendar_is_the_callers_mistake(compute):
    rows = pd.Series([1.0, 2, 3])
    days = pd.DatetimeIndex(["2026-01-05", "2026-01-05", "2026-01-06"])

    with pytest.raises(ValueError, match="period start"):
        compute(rows)
    with pytest.raises(ValueError, match="each once"):
        compute(rows.set_axis(days))


@given(rows=ROWS, shift=st.integers(-1000, 1000), scale=st.sampled_from([0.5, 2.0, 16.0]))
@settings(deadline=None, max_examples=25)
def test_shift_and_scale_pass_through(rows, shift, scale):
    before, after = trend(in_weeks(rows)), trend(in_weeks(np.array(rows) * scale + shift))
    if isinstance(before, NotComputable):
        assert isinstance(after, NotComputable)
        return

    assert isinstance(after, Trend)
    size = before.upper - before.lower
    assert after.slope == pytest.approx(scale * before.slope)
    assert after.lower == pytest.approx(scale * before.lower, abs=1e-5 * scale * size)
    assert after.p_value == pytest.approx(before.p_value, abs=1e-5)


@given(rows=ROWS)
@settings(deadline=None, max_examples=25)
def test_told_backwards_a_rise_is_a_fall(rows):
    forwards, backwards = in_weeks(rows), in_weeks(rows[::-1])
    ranks, reversed_ranks = mann_kendall(forwards), mann_kendall(backwards)
    line, reversed_line = trend(forwards), trend(backwards)

    assert isinstance(ranks, RankTrend)
    assert isinstance(reversed_ranks, RankTrend)
    assert reversed_ranks.score == -ranks.score
    assert reversed_ranks.p_value == ranks.p_value
    if isinstance(line, Trend) and isinstance(reversed_line, Trend):
        assert reversed_line.slope == pytest.approx(-line.slope)
        assert reversed_line.p_value == pytest.approx(line.p_value, abs=1e-5)


@given(rows=st.lists(st.floats(0.1, 50), min_size=10, max_size=30))
@settings(deadline=None, max_examples=25)
def test_ranks_do_not_care_for_the_scale_of_the_values(rows):
    plain, cubed = mann_kendall(in_weeks(rows)), mann_kendall(in_weeks(np.array(rows) ** 3))

    assert plain == cubed or isinstance(plain, NotComputable)


@pytest.mark.slow
@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6])
def test_a_quiet_series_has_a_trend_one_time_in_twenty(phi):
    rng = np.random.default_rng(20260105)
    design = np.column_stack([np.ones(90), np.arange(90) - 44.5])

    effects = integrated_effects(ar1(rng, 3000, 90, phi), design, column=1)

    assert 0.04 <= (effects.p_value < 0.05).mean() <= 0.06


def test_the_rank_test_is_not_to_be_believed_when_neighbours_resemble_each_other():
    series = [in_weeks(row) for row in ar1(np.random.default_rng(20260105), 200, 60, 0.6)]

    ranks = np.mean([answer(mann_kendall(one)).p_value < 0.05 for one in series])
    fitted = np.mean([answer(trend(one)).p_value < 0.05 for one in series])

    assert ranks > 0.25
    assert fitted < 0.09
