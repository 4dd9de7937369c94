"""What charts of shares, rates and counts set their limits from, and what they say."""

from __future__ import annotations

from math import inf, nan, sqrt

import numpy as np
import pandas as pd
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from scipy import stats

from analytics.attribute_lines import OVER_DISPERSED, RANGE_VARIANCE
from analytics.results import Assurance, Direction, LimitsKind, NotComputable, PointType, Rule, Variation
from analytics.results_charts import AttributeChart, ChartKind, LimitsForm
from analytics.spc import (
    VARIATIONS,
    assurance,
    c_chart,
    c_charts,
    chart_for,
    p_chart,
    p_charts,
    u_chart,
    u_charts,
    variation,
)
from analytics.spc_discrete import LINES, binomial_lines, poisson_lines, tail

DOWN = Direction.DOWN
ALTERNATING = [18, 22] * 6  # of 100 each: their neighbours differ no more than chance makes them


def weeks(*values: float) -> pd.Series:
    return pd.Series(
        [float(value) for value in values], index=pd.date_range("2026-01-05", periods=len(values), freq="7D")
    )


def shares(counts, denominators=100, **choices) -> AttributeChart | NotComputable:
    exposure = denominators if isinstance(denominators, list) else [denominators] * len(counts)
    return p_chart(weeks(*counts), weeks(*exposure), direction=DOWN, **choices)


def drawn(chart) -> AttributeChart:
    assert isinstance(chart, AttributeChart)
    return chart


def test_the_limits_of_a_share_follow_each_period_s_number_of_cases():
    chart = drawn(shares([20, 20, 20, 20, 20, 80], [100, 100, 100, 100, 100, 400]))

    assert chart.latest.mean == pytest.approx(0.2)
    assert chart.upper_limits[0] == pytest.approx(0.2 + 3 * sqrt(0.16 / 100))
    assert chart.upper_limits[5] == pytest.approx(0.2 + 3 * sqrt(0.16 / 400))
    assert chart.latest.upper_limit == chart.upper_limits[5]
    assert chart.kind is ChartKind.P


def test_a_rate_is_shown_per_what_people_say_and_its_limits_with_it():
    chart = drawn(u_chart(weeks(*[10, 14] * 6), weeks(*[500] * 12), direction=DOWN, per=50))

    assert list(chart.values)[:2] == pytest.approx([1.0, 1.4])
    assert chart.latest.mean == pytest.approx(1.2)
    assert chart.latest.upper_limit == pytest.approx(1.2 + 3 * sqrt(1.2 / 10))


def test_a_count_varies_by_its_own_square_root():
    chart = drawn(c_chart(weeks(*[14, 18] * 6), direction=DOWN))

    assert (chart.latest.lower_limit, chart.latest.mean, chart.latest.upper_limit) == (4, 16, 28)
    assert chart.kind is ChartKind.C


def test_limits_stay_within_what_can_be():
    low = drawn(shares([3, 5] * 6, limits=LimitsForm.THREE_SIGMA))
    high = drawn(shares([97, 95] * 6, limits=LimitsForm.THREE_SIGMA))

    assert low.latest.lower_limit == 0
    assert high.latest.upper_limit == 1


def test_limits_cut_at_zero_do_not_bring_the_warning_zone_nearer():
    chart = drawn(shares([*[4] * 10, 1, 1, 3], limits=LimitsForm.THREE_SIGMA, rules=[Rule.TWO_OF_THREE]))

    assert chart.latest.lower_limit == 0
    assert chart.latest.mean / 3 > 0.01  # two thirds of the way to 0 lies above the two points
    assert chart.signals == ()


def test_an_over_dispersed_series_has_its_limits_widened_by_sigma_z():
    counts = [300, 380, 290, 400, 310, 390, 280, 410, 305, 385, 295, 395]
    widened, textbook = (
        drawn(shares(counts, 1000)).latest,
        drawn(shares(counts, 1000, limits=LimitsForm.THREE_SIGMA)).latest,
    )

    z = np.diff((np.array(counts) / 1000 - 0.345) / sqrt(0.345 * 0.655 / 1000))
    assert widened.sigma_z == pytest.approx(np.abs(z).mean() / (2 / sqrt(np.pi)), rel=1e-3)
    assert (widened.widened, textbook.widened) == (True, False)
    assert widened.upper_limit - widened.mean == pytest.approx(widened.sigma_z * (textbook.upper_limit - textbook.mean))


def test_a_step_in_the_level_is_not_taken_for_over_dispersion():
    chart = drawn(shares([18, 22, 19, 21, 20, 18, 22, 20, 48, 52, 49, 51, 50, 48, 52, 50]))

    assert not chart.latest.widened
    assert {signal.rule for signal in chart.signals} >= {Rule.RUN, Rule.OUTSIDE_LIMITS}


def test_laney_narrows_too_only_when_asked():
    assert not drawn(shares(ALTERNATING * 2)).latest.widened
    asked = drawn(shares([20, 21] * 12, limits=LimitsForm.LANEY)).latest

    assert asked.widened
    assert asked.sigma_z < 1


def test_chance_alone_widens_the_limits_of_one_series_in_twenty():
    rng = np.random.default_rng(20)
    denominators = rng.integers(200, 400, (4000, 30)).astype(float)
    counts = rng.binomial(denominators.astype(int), 0.3).astype(float)

    table = p_charts(counts, denominators, directions=DOWN)

    assert 0.035 < table.phase_widened.mean() < 0.065
    assert np.nanvar(table.phase_sigma_z) * 29 == pytest.approx(RANGE_VARIANCE, rel=0.1)
    assert pytest.approx(stats.norm.ppf(0.95), abs=0.001) == OVER_DISPERSED


def test_limits_are_counted_out_exactly_where_events_are_few():
    chart = drawn(shares([2, 1] * 6, 20))

    assert chart.latest.exact
    assert chart.latest.upper_limit == stats.binom.ppf(stats.norm.cdf(3), 20, 0.075) / 20
    assert drawn(shares([18, 19] * 6, 20)).latest.lower_limit == stats.binom.ppf(stats.norm.cdf(-3), 20, 0.925) / 20
    assert not drawn(shares([4, 6] * 6, 20)).latest.exact


def test_limits_are_exact_below_three_expected_events():
    assert drawn(shares([2, 3] * 6)).latest.exact
    assert not drawn(shares([3] * 12)).latest.exact
    assert not drawn(shares([97] * 12)).latest.exact


def test_exact_limits_are_passed_by_chance_no_more_often_than_they_say():
    rng = np.random.default_rng(4)
    ones = np.ones((4000, 40))
    counts = rng.poisson(1.2, ones.shape).astype(float)

    exact = c_charts(counts, directions=DOWN, rules=[Rule.OUTSIDE_LIMITS])
    textbook = c_charts(counts, directions=DOWN, rules=[Rule.OUTSIDE_LIMITS], limits=LimitsForm.THREE_SIGMA)

    assert (exact.marks != 0).mean() < 0.002
    assert (textbook.marks != 0).mean() > 0.004


@settings(deadline=None, max_examples=60)
@given(st.integers(1, 400), st.floats(0.001, 0.999), st.floats(0.01, 120))
def test_exact_lines_are_the_quantiles_of_their_distributions(trials, share, expected):
    binomial = binomial_lines(np.array([float(trials)]), np.array([share]))
    poisson = poisson_lines(np.array([expected]))

    for line, counts, events in zip(LINES, binomial, poisson, strict=True):
        assert counts[0] == stats.binom.ppf(tail(line), trials, share)
        assert events[0] == stats.poisson.ppf(tail(line), expected)


@pytest.mark.accepts("2.16")
def test_a_gap_is_not_spanned_and_a_period_without_cases_is_not_measured():
    chart = drawn(shares([*ALTERNATING, nan, 0, *[20] * 8], [*[100] * 13, 0, *[100] * 8]))

    assert chart.point_types[12:14] == (PointType.MISSING, PointType.MISSING)
    assert len(chart.missing_periods) == 2
    parted = drawn(shares([*ALTERNATING, *[21] * 4, nan, *[21] * 4]))
    joined = drawn(shares([*ALTERNATING, *[21] * 8]))
    assert {s.rule for s in parted.signals} == set()
    assert {s.rule for s in joined.signals} == {Rule.RUN}


@pytest.mark.accepts("2.6", "2.8")
def test_baseline_steps_and_excluded_points_hang_on_dates():
    counts = [*[20, 22, 18] * 4, *[50, 52, 48] * 4]
    days = [stamp.date() for stamp in weeks(*counts).index]

    frozen = drawn(shares(counts, baseline_until=days[11]))
    stepped = drawn(shares(counts, steps=[days[12]]))
    without = drawn(shares([*counts[:12], 90], excluded=[days[12]]))

    assert (frozen.latest.mean, frozen.latest.frozen_until) == (pytest.approx(0.2), days[11])
    assert [phase.mean for phase in stepped.phases] == [pytest.approx(0.2), pytest.approx(0.5)]
    assert stepped.upper_limits[0] == pytest.approx(0.2 + 3 * 0.04)
    assert without.latest.mean == pytest.approx(0.2)
    assert without.point_types[12] is PointType.EXCLUDED
    assert without.upper_limits[12] == pytest.approx(0.32)  # it stays drawn between its limits
    late = drawn(shares([nan, *counts], [nan, *[100] * 24]))
    assert late.latest.mean == pytest.approx(0.35)


@pytest.mark.accepts("2.21")
@pytest.mark.parametrize(
    ("counts", "denominators", "reason"),
    [
        ([100] * 12, 100, NotComputable("all_events", {"found": 12})),
        ([0] * 12, 100, NotComputable("no_events", {"found": 12})),
        ([0] * 8, [0] * 8, NotComputable("no_denominators", {"found": 8})),
        ([nan] * 8, [nan] * 8, NotComputable("all_missing")),
        ([7], [10], NotComputable("too_few_points", {"found": 1, "needed": 6})),
        ([7, 7], [10, 10], NotComputable("too_few_points", {"found": 2, "needed": 6})),
        ([5] * 7 + [11], [10] * 8, NotComputable("impossible_counts", {"found": 1})),
        ([5] * 7 + [-1], [10] * 8, NotComputable("impossible_counts", {"found": 1})),
        ([5] * 7 + [1], [10] * 7 + [0], NotComputable("impossible_counts", {"found": 1})),
        ([5] * 7 + [inf], [10] * 7 + [inf], NotComputable("infinite_values", {"found": 1})),
        ([], [], NotComputable("all_missing")),
    ],
)
def test_a_share_without_limits_says_why(counts, denominators, reason):
    assert shares(counts, denominators) == reason


@pytest.mark.accepts("2.21")
def test_a_constant_share_with_room_to_vary_has_limits_and_no_signal():
    chart = drawn(shares([50] * 12))

    assert chart.latest.upper_limit == pytest.approx(0.65)
    assert chart.signals == ()
    assert drawn(shares([50] * 12, limits=LimitsForm.LANEY)).signals == ()


def test_a_count_may_exceed_its_denominator_on_a_rate_only():
    counts, exposure = weeks(*[3, 4] * 6), weeks(*[2] * 12)

    assert isinstance(u_chart(counts, exposure, direction=DOWN), AttributeChart)
    assert p_chart(counts, exposure, direction=DOWN) == NotComputable("impossible_counts", {"found": 12})


def test_an_event_without_any_exposure_is_impossible():
    counts, exposure = weeks(*[3] * 8, 1), weeks(*[2] * 8, 0)

    assert u_chart(counts, exposure, direction=DOWN) == NotComputable("impossible_counts", {"found": 1})


def test_a_count_worked_back_from_a_share_is_not_called_impossible():
    share = 0.1 * 3 / 0.3  # 1.0000000000000002

    assert isinstance(shares([*[50] * 11, 100 * share]), AttributeChart)


@pytest.mark.accepts("2.4")
def test_limits_of_fewer_than_twelve_points_are_trial_limits():
    assert drawn(shares(ALTERNATING[:11])).latest.kind is LimitsKind.TRIAL
    assert drawn(shares(ALTERNATING)).latest.kind is LimitsKind.FULL


@pytest.mark.accepts("2.11")
def test_icons_read_the_last_point_and_the_limits_there():
    chart = drawn(shares([*ALTERNATING, 40]))

    assert variation(chart) is Variation.CONCERN
    assert assurance(chart.latest, 0.5, DOWN) is Assurance.WILL_PASS
    assert assurance(chart.latest, 0.2, DOWN) is Assurance.HIT_AND_MISS


def test_the_callers_mistakes_raise():
    with pytest.raises(ValueError, match="one index"):
        p_chart(weeks(1, 2), weeks(1, 2, 3), direction=DOWN)
    with pytest.raises(ValueError, match="one shape"):
        p_charts(np.ones((2, 3)), np.ones((3, 2)), directions=DOWN)


@st.composite
def counted(draw):
    n_series, n_periods = draw(st.integers(1, 4)), draw(st.integers(0, 26))
    cells = st.tuples(st.integers(0, 30), st.integers(0, 40))
    rows = draw(st.lists(st.lists(cells, min_size=n_periods, max_size=n_periods), min_size=n_series, max_size=n_series))
    counts = np.array([[min(a, b) for a, b in row] for row in rows], dtype=float).reshape(n_series, n_periods)
    exposure = np.array([[b for _, b in row] for row in rows], dtype=float).reshape(n_series, n_periods)
    counts[counts == 7] = nan
    return counts, exposure


@settings(deadline=None, max_examples=60)
@given(counted(), st.sampled_from(LimitsForm), st.data())
def test_many_series_at_once_are_the_same_charts_as_one_by_one(table, form, data):
    counts, exposure = table
    periods = pd.date_range("2026-01-05", periods=counts.shape[1], freq="7D")
    days = [stamp.date() for stamp in periods] or [pd.Timestamp("2026-01-05").date()]
    rows = range(len(counts))
    steps = {row: data.draw(st.lists(st.sampled_from(days), max_size=2)) for row in rows}
    excluded = {row: data.draw(st.lists(st.sampled_from(days), max_size=2)) for row in rows}

    for many, single in ((p_charts, p_chart), (u_charts, u_chart)):
        found = many(counts, exposure, directions=DOWN, periods=periods, steps=steps, excluded=excluded, limits=form)
        for row in rows:
            series = (pd.Series(cells[row], index=periods) for cells in (counts, exposure))
            one = single(*series, direction=DOWN, steps=steps[row], excluded=excluded[row], limits=form)
            if isinstance(one, NotComputable):
                assert found.reasons[row] == one
                continue
            assert np.array_equal(found.upper_limits[row], one.upper_limits, equal_nan=True)
            known = variation(one)
            assert VARIATIONS[found.variation[row]] is (None if isinstance(known, NotComputable) else known)


lines = st.lists(st.integers(1, 39), min_size=6, max_size=30)


@settings(deadline=None, max_examples=60)
@given(lines, st.floats(0.01, 1000))
def test_the_unit_changes_the_numbers_and_no_finding(counts, per):
    plain, scaled = drawn(shares(counts, 40)), drawn(shares(counts, 40, per=per))

    assert scaled.upper_limits == pytest.approx(plain.upper_limits * per)
    assert scaled.point_types == plain.point_types


@settings(deadline=None, max_examples=60)
@given(lines)
@example([1, 1, 1, 1, 1, 13])  # three events expected, to the dot
def test_failures_and_successes_are_the_same_chart_upside_down(counts):
    chart, turned = drawn(shares(counts, 40)), drawn(shares([40 - count for count in counts], 40))

    assert turned.lower_limits == pytest.approx(1 - chart.upper_limits, abs=1e-12)
    opposite = {PointType.IMPROVEMENT: PointType.CONCERN, PointType.CONCERN: PointType.IMPROVEMENT}
    assert turned.point_types == tuple(opposite.get(kind, kind) for kind in chart.point_types)


@settings(deadline=None, max_examples=60)
@given(lines)
def test_limits_do_not_know_which_way_time_runs(counts):
    assert drawn(shares(counts[::-1], 40)).upper_limits == pytest.approx(drawn(shares(counts, 40)).upper_limits)


def test_the_values_given_are_not_changed():
    counts, exposure = np.array([[5, 6, 7, 5, 6, 12.0]]), np.full((1, 6), 10.0)

    p_charts(counts, exposure, directions=DOWN)

    assert counts[0, 5] == 12


@pytest.mark.parametrize(
    ("metric_kind", "values", "denominators", "kind", "reason"),
    [
        ("measure", [12.5] * 20, None, ChartKind.XMR, "individual_values"),
        ("score", [4] * 20, None, ChartKind.XMR, "individual_values"),
        ("measure", [12.5] * 11, None, ChartKind.RUN, "short"),
        ("ratio", [0.9] * 20, None, ChartKind.XMR, "no_denominators"),
        ("ratio", [0.9] * 20, [*[100.0] * 19, nan], ChartKind.XMR, "no_denominators"),
        ("ratio", [0.9] * 20, [100.0] * 20, ChartKind.P, "share"),
        ("ratio", [1.9] * 20, [100.0] * 20, ChartKind.U, "rate"),
        ("ratio", [0.9] * 20, [37.5] * 20, ChartKind.U, "rate"),
        ("ratio", [-0.1] * 20, [100.0] * 20, ChartKind.XMR, "no_counts"),
        ("ratio", [*[0] * 14, *[0.01] * 6], [100.0] * 20, ChartKind.G, "rare_events"),
        ("ratio", [*[0] * 14, *[1.01] * 6], [100.5] * 20, ChartKind.T, "rare_events"),
        ("ratio", [*[1] * 14, *[0.99] * 6], [100.0] * 20, ChartKind.G, "rare_exceptions"),
        ("ratio", [0.9] * 20, [*[100.0] * 10, *[0.0] * 10], ChartKind.RUN, "short"),
        ("count", [3, 4] * 10, None, ChartKind.C, "count"),
        ("count", [3, 4] * 10, [50.0] * 20, ChartKind.C, "count"),
        ("count", [3, 4] * 10, [50.0, 60.0] * 10, ChartKind.U, "rate"),
        ("count", [3, 4.5] * 10, None, ChartKind.XMR, "no_counts"),
        ("count", [*[0] * 14, *[1] * 6], None, ChartKind.T, "rare_events"),
        ("count", [nan] * 20, None, ChartKind.RUN, "short"),
    ],
)
def test_the_chart_follows_from_the_metric_s_kind_and_its_data(metric_kind, values, denominators, kind, reason):
    choice = chart_for(metric_kind, values, denominators)

    assert (choice.kind, choice.reason) == (kind, reason)


def test_per_cent_is_a_share_of_a_hundred():
    assert chart_for("ratio", [91.0] * 20, [100.0] * 20, per=100).kind is ChartKind.P
