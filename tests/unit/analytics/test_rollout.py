"""A rollout: time to parity with the sites not there yet, learning, dates to come, sites that are stuck."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import hypothesis.strategies as st
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings

from analytics.results import Direction, NotComputable
from analytics.results_rollout import Completion, LearningCurve, Parity, StageState, Stalled
from analytics.rollout import Passage, completion_forecast, learning_curve, stalled_sites, time_to_parity
from analytics.waiting import kaplan_meier
from benchmarks.honesty import claims_of
from wording import LANGUAGES, sentence

WEEKS = pd.date_range("2026-01-05", periods=30, freq="7D")
TODAY = dt.date(2026, 6, 1)


def table(**sites):
    """Two mature sites at 9 to 11 from the first week on, and the new sites given."""
    steady = np.tile([9.0, 10, 11], 10)
    return pd.DataFrame({"lyon": steady, "lille": steady[::-1].copy(), **sites}, index=WEEKS)


def parity(values, n_points=4, direction=Direction.NEUTRAL, week=10, **more):
    """Lyon and Lille went live and were mature before the data; the others in week 10 of them."""
    live = dict.fromkeys(values.columns, WEEKS[week].date()) | {
        "lyon": dt.date(2025, 1, 1),
        "lille": dt.date(2025, 1, 1),
    }
    mature = {"lyon": dt.date(2025, 6, 1), "lille": dt.date(2025, 6, 1)}
    return time_to_parity(
        values, go_live_dates=live | more, mature_dates=mature, direction=direction, n_points=n_points
    )


def of(site, found):
    return next(one for one in found.sites if one.site == site)


def test_a_site_is_at_parity_from_the_first_of_the_points_that_stay_inside():
    metz = np.array([20.0] * 13 + [10] + [20] + [10] * 15)  # week 4 inside alone, from week 6 on for good

    found = parity(table(metz=metz))

    assert (of("metz", found).reached, of("metz", found).periods) == (True, 6)
    assert (found.band.lower, found.band.upper, found.n_unseen) == (9.0, 11.0, 2)


def test_a_site_not_there_yet_counts_for_as_long_as_a_whole_stay_could_have_been_seen():
    found = parity(table(metz=np.array([20.0] * 14 + [10.0] * 16), tours=np.full(30, 20.0)))

    assert (of("tours", found).reached, of("tours", found).periods, of("tours", found).followed) == (False, 17, 20)
    assert (found.curve.n, found.curve.n_ended, found.curve.median) == (2, 1, 5.0)


def test_a_missing_week_neither_counts_nor_breaks_a_stay():
    metz = np.array([20.0] * 12 + [10, 10, np.nan, 10, 10] + [20] * 13)

    assert of("metz", parity(table(metz=metz))).periods == 3


def test_better_than_the_mature_sites_is_at_parity_where_better_is_known():
    metz = np.array([20.0] * 12 + [2.0] * 18)
    assert isinstance(parity(table(metz=metz)), NotComputable)

    found = parity(table(metz=metz), direction=Direction.DOWN)

    assert (found.band.lower, of("metz", found).periods) == (None, 3)


def test_each_mature_site_counts_the_same_however_long_it_is_measured():
    values = table(metz=np.full(30, 10.0))
    values["lille"] = [np.nan] * 27 + [30.0, 30, 30]

    found = parity(values)

    assert (found.band.lower, found.band.middle, found.band.upper) == (9, 11, 30)


@settings(deadline=None, max_examples=25)
@given(st.floats(-50, 50), st.floats(0.1, 20), st.lists(st.floats(5, 25), min_size=20, max_size=20))
def test_moving_or_stretching_the_values_changes_no_time_and_turning_them_turns_the_direction(move, stretch, new):
    values = table(metz=np.array([20.0] * 10 + new), nice=np.full(30, 10.0))

    plain, turned = parity(values, direction=Direction.UP), parity(-values, direction=Direction.DOWN)
    moved = parity(values.round(1) * stretch + move, direction=Direction.UP)
    rounded = parity(values.round(1), direction=Direction.UP)

    assert [site.periods for site in plain.sites] == [site.periods for site in turned.sites]
    if all(abs(value - rounded.band.lower) > 1e-6 for value in values["metz"].round(1)):
        assert [site.periods for site in moved.sites] == [site.periods for site in rounded.sites]


@pytest.mark.parametrize(
    ("found", "code"),
    [
        (lambda: time_to_parity(table(), go_live_dates={}, mature_dates={"lyon": TODAY}), "few_mature_sites"),
        (lambda: parity(table(metz=np.full(30, 20.0))), "none_at_parity"),
        (lambda: parity(table()), "no_new_sites"),
        (lambda: parity(table().iloc[:4].reindex(WEEKS[:4])), "few_mature_values"),
        (lambda: parity(table().replace(9.0, np.inf)), "infinite_values"),
        (lambda: parity(table(metz=np.full(30, np.nan))), "none_at_parity"),
        (lambda: kaplan_meier([], []), "no_waiting_times"),
        (lambda: learning_curve([3, 4, 5, 6, 7], [True] * 5, [1] * 5), "few_waves"),
        (lambda: learning_curve([3, 4, 5, 6], [True] * 4, [1, 1, 2, 2]), "few_at_parity"),
        (lambda: stalled_sites({"a": 3}, {"a": True}), "nobody_in_stage"),
        (lambda: stalled_sites({"a": 3, "b": 3}, {"a": True, "b": False}), "few_stage_times"),
    ],
)
def test_what_cannot_be_told_says_why_in_both_languages(found, code):
    gap = found()

    assert isinstance(gap, NotComputable)
    assert gap.code == code
    assert all(sentence(gap, language) for language in LANGUAGES)


@pytest.mark.parametrize(
    "mistake",
    [
        lambda: parity(table(metz=np.full(30, 1.0)), n_points=0),
        lambda: kaplan_meier([1], [True, False]),
        lambda: kaplan_meier([-1], [True]),
        lambda: learning_curve([0, 2], [True, True], [1, 2]),
        lambda: learning_curve([1, 2], [True], [1, 2]),
        lambda: stalled_sites({"a": 1}, {}),
        lambda: forecast([Passage("a", live_on=TODAY + dt.timedelta(days=1))]),
    ],
)
def test_a_callers_mistake_is_refused(mistake):
    with pytest.raises(ValueError, match=r".+"):
        mistake()


# Freireich et al. (1963), weeks in remission under 6-mercaptopurine; curve and log-log bounds as survival::survfit and
# SAS PROC LIFETEST print them (Klein and Moeschberger 2003, table 4.1).
REMISSION = [6, 6, 6, 6, 7, 9, 10, 10, 11, 13, 16, 17, 19, 20, 22, 23, 25, 32, 32, 34, 35]
RELAPSED = [place in (0, 1, 2, 4, 6, 9, 10, 14, 15) for place in range(21)]
PUBLISHED = {6: (0.857, 0.0764), 7: (0.807, 0.0869), 10: (0.753, 0.0963), 13: (0.690, 0.1068), 16: (0.627, 0.1141),
             22: (0.538, 0.1282), 23: (0.448, 0.1346)}  # fmt: skip


def test_the_curve_of_the_leukaemia_remissions_is_the_published_one():
    curve = kaplan_meier(REMISSION, RELAPSED)

    found = {int(step.time): (round(step.waiting, 3), round(step.error, 4)) for step in curve.steps}
    assert found == PUBLISHED
    assert (round(curve.steps[0].lower, 3), round(curve.steps[0].upper, 3)) == (0.620, 0.952)
    assert (curve.median, curve.lower, curve.upper, curve.n_ended) == (23, 13, None, 9)


@settings(deadline=None, max_examples=50)
@given(st.lists(st.tuples(st.integers(1, 20), st.booleans()), min_size=3, max_size=25), st.integers(2, 9))
def test_the_curve_only_falls_and_follows_the_unit_of_time(waits, unit):
    times, ended = [w for w, _ in waits], [e for _, e in waits]
    curve = kaplan_meier(times, ended)
    if isinstance(curve, NotComputable):
        return

    shares = [step.waiting for step in curve.steps]
    stretched = kaplan_meier([time * unit for time in times], ended)

    assert shares == sorted(shares, reverse=True)
    assert all(step.lower <= step.waiting <= step.upper + 1e-12 for step in curve.steps)
    assert stretched.median == (None if curve.median is None else curve.median * unit)
    if all(ended):
        assert shares == pytest.approx([sum(t > step.time for t in times) / len(times) for step in curve.steps])


def test_without_censoring_the_learning_curve_is_near_regression_on_the_log():
    durations, waves = [40, 36, 44, 25, 22, 23, 13, 11, 12], [1, 1, 1, 2, 2, 2, 3, 3, 3]
    middle = np.log(np.array(durations) - 0.5)
    slope = np.polyfit(waves, middle, 1)[0]

    found = learning_curve(durations, [True] * 9, waves)

    assert isinstance(found, LearningCurve)
    assert found.factor == pytest.approx(np.exp(slope), abs=0.01)
    assert found.is_clear
    assert [wave.median for wave in found.waves] == [40, 23, 12]


def test_sites_not_there_yet_slow_the_curve_down_instead_of_vanishing():
    durations, waves = [8, 9, 7, 6, 5, 6, 4, 4, 4], [1, 1, 1, 2, 2, 2, 3, 3, 3]
    there = [True] * 6 + [True, False, False]

    honest = learning_curve(durations, there, waves)
    dropped = learning_curve(durations[:7], there[:7], waves[:7])

    assert honest.factor > dropped.factor
    assert honest.upper > dropped.upper


def test_a_line_that_the_order_of_arrival_does_not_bear_out_is_not_claimed():
    found = learning_curve([9, 8, 10, 6, 5, 5, 3, 2, 3], [True] * 9, [1, 1, 1, 2, 2, 2, 3, 3, 3])

    doubtful = replace(found, p_value=0.2)

    assert found.p_value < 0.01
    assert found.is_clear
    assert not doubtful.is_clear
    assert "does not bear it out" in sentence(doubtful, "en")
    assert "ne le confirme pas" in sentence(doubtful, "fr")


def test_times_that_say_next_to_nothing_get_no_numbers():
    wide = learning_curve([1, 1, 1, 2, 1, 1, 2, 1, 2], [True] * 9, [1, 1, 1, 2, 2, 2, 3, 3, 3])

    assert wide.upper > 16 * wide.lower
    assert "next to nothing" in sentence(wide, "en")


def test_one_wave_late_turned_round_is_the_inverse_factor():
    durations, waves = [9, 8, 6, 7, 3, 4], [1, 1, 2, 2, 3, 3]

    there, back = (learning_curve(durations, [True] * 6, w) for w in (waves, [4 - w for w in waves]))

    assert back.factor == pytest.approx(1 / there.factor, rel=0.02)


def passages(n_live=8, slip=7, **more):
    live = [
        Passage(
            f"live {n}", planned_on=dt.date(2026, 1, 5), live_on=dt.date(2026, 1, 5) + dt.timedelta(days=slip + n % 3)
        )
        for n in range(n_live)
    ]
    return [*live, Passage("next", planned_on=dt.date(2026, 7, 6)), *more.get("others", [])]


def forecast(known, **more):
    return completion_forecast(known, today=TODAY, rng=np.random.default_rng(1), **more)


def test_sites_to_come_slip_as_the_others_did_and_the_same_generator_gives_the_same_dates():
    found = forecast(passages(slip=7))

    assert isinstance(found, Completion)
    assert dt.date(2026, 7, 12) <= found.last.lower <= found.last.middle <= found.last.upper <= dt.date(2026, 7, 17)
    assert (found.n_live, found.n_total, found.last.sites) == (8, 9, 9)
    assert forecast(passages(slip=7)) == found


def test_a_site_already_later_than_all_others_moves_the_dates_back():
    late = Passage("late", planned_on=dt.date(2026, 3, 2))

    found = forecast(passages(others=[late]))

    assert all(date.lower > TODAY for date in found.dates)
    assert found.last.upper > forecast(passages()).last.upper


def test_a_site_that_has_begun_takes_a_time_like_the_others_and_one_without_dates_has_none():
    begun = [Passage(f"s{n}", begun_on=dt.date(2026, 1, 5), live_on=dt.date(2026, 2, 5 + n)) for n in range(6)]
    running, unknown = Passage("metz", begun_on=dt.date(2026, 5, 25)), Passage("tours")

    found = forecast([*begun, running, unknown])

    assert dt.date(2026, 6, 20) < found.last.middle < dt.date(2026, 7, 5)
    assert (found.last.sites, found.n_undated, found.planned_last) == (7, 1, None)


def test_the_rest_of_the_way_is_drawn_knowing_how_long_a_site_has_been_on_it():
    begun = [
        Passage(f"s{n}", begun_on=dt.date(2026, 1, 5), live_on=dt.date(2026, 1, 25) + dt.timedelta(days=5 * n))
        for n in range(9)
    ]

    found = forecast([*begun, Passage("metz", begun_on=TODAY - dt.timedelta(days=50))])

    assert found.last.middle > TODAY + dt.timedelta(days=4)


def test_a_site_that_is_late_today_counts_as_later_than_one_that_went_live_today():
    plan = dt.date(2026, 4, 20)
    far = Passage("far", planned_on=dt.date(2026, 12, 7))
    known = [Passage(f"s{n}", planned_on=plan, live_on=plan + dt.timedelta(days=5 * n)) for n in range(9)]

    late = forecast([*known, *(Passage(f"l{n}", planned_on=plan) for n in range(5)), far])
    ended = forecast([*known, *(Passage(f"l{n}", planned_on=plan, live_on=TODAY) for n in range(5)), far])

    assert late.last.middle > ended.last.middle
    assert late.last.upper > ended.last.upper + dt.timedelta(days=10)  # how much later is not known


@pytest.mark.parametrize(
    ("known", "code"),
    [
        ([Passage("a", live_on=TODAY)], "no_sites_to_come"),
        ([Passage("a")], "sites_undated"),
        ([Passage("a", planned_on=TODAY)], "few_stage_times"),
        (passages(others=[Passage("b", begun_on=TODAY)]), "few_stage_times"),
    ],
)
def test_dates_that_nothing_supports_are_not_given(known, code):
    gap = forecast(known)

    assert isinstance(gap, NotComputable)
    assert gap.code == code
    assert all(sentence(gap, language) for language in LANGUAGES)


def test_a_site_is_stalled_beyond_most_others_and_unknown_where_too_few_have_left():
    days = {f"s{n}": 10 + n for n in range(5)} | {"long": 40, "short": 11, "also": 50}
    left = {site: site.startswith("s") and site != "short" for site in days}

    found = stalled_sites(days, left)
    many_waiting = stalled_sites(days | {f"w{n}": 39 for n in range(9)}, left | {f"w{n}": False for n in range(9)})

    assert isinstance(found, Stalled)
    assert {wait.site: wait.state for wait in found.sites} == {
        "also": StageState.STALLED, "long": StageState.STALLED, "short": StageState.AS_OTHERS,
    }  # fmt: skip
    assert next(w for w in many_waiting.sites if w.site == "also").state is StageState.UNKNOWN


def test_every_finding_has_its_sentence_in_both_languages():
    slow = np.array([20.0] * 14 + [10.0] * 16)
    results = [
        parity(table(metz=slow)),
        parity(table(metz=slow, tours=np.full(30, 20.0), brest=np.full(30, 20.0))),
        parity(table(**{f"s{n}": np.roll(slow, n % 3) for n in range(9)})),
        learning_curve([9, 8, 10, 6, 5, 5, 3, 2, 3], [True] * 9, [1, 1, 1, 2, 2, 2, 3, 3, 3]),
        learning_curve([3, 2, 3, 6, 5, 5, 9, 8, 10], [True] * 9, [1, 1, 1, 2, 2, 2, 3, 3, 3]),
        learning_curve([3, 9, 3, 6, 5, 5, 3, 8, 4], [True] * 9, [1, 1, 1, 2, 2, 2, 3, 3, 3]),
        forecast(passages(others=[Passage("tours")])),
        stalled_sites({"a": 9, "b": 8, "c": 7, "d": 9, "e": 30}, {s: s != "e" for s in "abcde"}),
        stalled_sites({"a": 9, "b": 8, "c": 7, "d": 9, "e": 3}, {s: s != "e" for s in "abcde"}),
    ]

    english, french = ([sentence(result, language) for result in results] for language in ("en", "fr"))

    assert isinstance(results[0], Parity)
    assert "Half of the new sites work like the mature ones within 5 weeks" in english[0]
    assert "There: 1 of 3 sites; not yet: 2." in english[1]
    assert "Fewer than half" in english[1]
    assert "the waves get faster" in english[3]
    assert "the waves get slower" in english[4]
    assert "cannot be told" in english[5]
    assert "9 sites live between 13 Jul" in english[6].replace("\u00a0", " ")
    assert english[7].startswith("1 site is stalled")
    assert "plus longtemps" in french[8]
    assert len({*english, *french}) == 18


@pytest.mark.slow
def test_the_rates_that_are_stated_are_kept():
    claims = list(claims_of("honesty_rollout", 20261122, 64))

    assert len(claims) == 9
    assert [claim.line() for claim in claims if not claim.holds] == []
