"""Reading an experiment before it is over: declared looks, early signals, evidence that may be read at will."""

from __future__ import annotations

import datetime as dt
from math import inf, nan

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analytics.e_value import e_path, e_value
from analytics.early import period_ends, periods_ahead
from analytics.results import Direction, NotComputable, Side
from analytics.results_sequential import DeclaredLooks, EarlySignal, EValue, LookPlan, SignalWord
from analytics.sequential import LOOKS, compared_looks, declared_looks, early_signal

START = dt.date(2026, 3, 9)  # a Monday
N_BEFORE = 56


def days(n_after: int, step: float = 0.0, *, phi: float = 0.0, seed: int = 1, n_before: int = N_BEFORE) -> pd.Series:
    """Days around the start, the days of the week unlike one another."""
    rng = np.random.default_rng(seed)
    noise = rng.normal(size=n_before + n_after)
    for place in range(1, len(noise)):
        noise[place] = phi * noise[place - 1] + np.sqrt(1 - phi**2) * noise[place]
    index = pd.date_range(pd.Timestamp(START) - pd.Timedelta(days=n_before), periods=n_before + n_after, freq="D")
    weekday = np.array([0, 1, 2, 1, 0, -3, -4])[index.day_of_week.to_numpy()]
    return pd.Series(20 + weekday + noise + step * (index >= pd.Timestamp(START)), index=index)


def signal(values: pd.Series, **arguments) -> EarlySignal:
    said = early_signal(values, **{"intervention_date": START, "direction": Direction.UP, **arguments})
    assert isinstance(said, EarlySignal)
    return said


def looks(values, today=dt.date(2026, 6, 1), **arguments) -> DeclaredLooks:
    return declared_looks(
        values, **{"intervention_date": START, "direction": Direction.UP, "today": today, **arguments}
    )


def evidence(values: pd.Series, **arguments) -> EValue:
    read = e_value(values, **{"intervention_date": START, "direction": Direction.UP, **arguments})
    assert isinstance(read, EValue)
    return read


@pytest.mark.accepts("5.11")
@pytest.mark.parametrize(
    ("step", "direction", "word"),
    [
        (6, Direction.UP, SignalWord.PROMISING), (6, Direction.DOWN, SignalWord.HARM),
        (-6, Direction.UP, SignalWord.HARM), (-6, Direction.DOWN, SignalWord.PROMISING),
        (6, Direction.NEUTRAL, SignalWord.CHANGE), (0, Direction.UP, SignalWord.NO_SIGNAL_YET),
    ],
)  # fmt: skip
def test_after_72_hours_the_word_follows_the_good_direction(step, direction, word):
    said = signal(days(3, step), direction=direction)

    assert said.signal is word
    assert (said.n_before, said.n_after, said.confidence) == (N_BEFORE, 3, 0.99)
    assert said.last_period == dt.date(2026, 3, 11)


@pytest.mark.accepts("5.11")
@pytest.mark.parametrize("n_after", [0, 1, 2])
def test_under_three_points_nothing_is_said(n_after):
    said = early_signal(days(n_after, 6), intervention_date=START, direction=Direction.UP)

    assert said == NotComputable("too_few_at_look", {"found": n_after, "needed": 3})


def test_a_weekend_is_compared_with_weekends():
    """Three points that fall on a weekend are low because weekends are: no signal."""
    saturday = dt.date(2026, 3, 14)

    said = signal(days(9).drop(pd.Timestamp(2026, 3, 16)), intervention_date=saturday - dt.timedelta(days=1))

    assert "weekday" in said.terms
    assert said.signal is SignalWord.NO_SIGNAL_YET


@pytest.mark.accepts("5.9")
def test_each_look_is_computed_only_from_the_data_up_to_it():
    quiet = days(40)
    later = quiet.copy()
    later.iloc[N_BEFORE + 14 :] += 50

    before, after = looks(quiet), looks(later)

    assert [look.date for look in before.looks] == [dt.date(2026, 3, 12), dt.date(2026, 3, 23), dt.date(2026, 4, 8)]
    assert [look.n_after for look in before.looks] == [3, 14, 30]
    assert [look.alpha for look in before.looks] == [0.01, 0.01, 0.03]
    assert before.looks[:2] == after.looks[:2]
    assert before.looks[2] != after.looks[2]
    for look in before.looks:
        own = early_signal(
            quiet[quiet.index < pd.Timestamp(look.date)], intervention_date=START, direction=Direction.UP,
            alpha=look.alpha,
        )  # fmt: skip
        assert look.outcome == own


@pytest.mark.accepts("5.9")
def test_a_look_that_is_not_due_keeps_its_place_and_its_date():
    made = looks(days(40, 6), today=dt.date(2026, 3, 13))

    assert [look.signal for look in made.looks] == [SignalWord.PROMISING, None, None]
    assert made.looks[1].outcome == NotComputable("look_not_due", {"date": dt.date(2026, 3, 23)})
    assert (made.first_signal, made.latest, made.next_date) == (made.looks[0], made.looks[0], dt.date(2026, 3, 23))
    assert made.error_budget == pytest.approx(0.05)


def test_before_the_first_look_nothing_is_known_and_after_the_last_nothing_is_due():
    none, all_ = looks(days(0), today=START), looks(days(40))

    assert (none.first_signal, none.latest, none.next_date) == (None, None, dt.date(2026, 3, 12))
    assert (all_.next_date, all_.latest) == (None, all_.looks[2])


def test_a_week_counts_once_it_is_over():
    weeks = days(35)[::7]

    made = looks(weeks)

    assert [look.n_after for look in made.looks] == [0, 2, 4]
    assert [look.signal for look in made.looks] == [None, None, None]  # eight weeks before are too few
    assert made.looks[1].outcome == NotComputable("too_few_at_look", {"found": 2, "needed": 3})
    assert made.looks[2].outcome == NotComputable("too_few_before", {"found": 8, "needed": 14})


def test_months_end_when_the_next_one_begins():
    months = pd.date_range("2026-01-01", periods=4, freq="MS")

    assert list(period_ends(months)) == list(pd.date_range("2026-02-01", periods=4, freq="MS"))
    assert list(periods_ahead(months, months, dt.date(2026, 6, 29))) == [pd.Timestamp(2026, 5, 1)]


def test_excluded_days_and_days_without_a_denominator_do_not_count():
    values = days(5, 6)
    weights = pd.Series(1.0, index=values.index)
    weights.iloc[-1] = 0

    said = early_signal(
        values, intervention_date=START, direction=Direction.UP, excluded=[START, dt.date(2026, 3, 10)],
        weights=weights,
    )  # fmt: skip
    made = looks(values, excluded=[START], weights=weights)

    assert said == NotComputable("too_few_at_look", {"found": 2, "needed": 3})
    assert [look.n_after for look in made.looks] == [2, 3, 3]


@pytest.mark.parametrize(
    "plan",
    [(), (LookPlan(3, 0.01), LookPlan(3, 0.01)), (LookPlan(14, 0.01), LookPlan(3, 0.01)), (LookPlan(0, 0.01),),
     (LookPlan(3, 0.0),), (LookPlan(3, 0.6), LookPlan(4, 0.6))],
)  # fmt: skip
def test_a_plan_of_looks_that_cannot_be_is_refused(plan):
    with pytest.raises(ValueError, match="looks"):
        looks(days(40), looks=plan)


def test_compared_sites_are_looked_at_at_the_same_dates_and_levels():
    sites = pd.DataFrame({f"S{place}": days(40, 5 * (place < 2), seed=place) for place in range(10)})

    made = compared_looks(
        sites, treated_sites=["S0", "S1"], intervention_date=START, direction=Direction.DOWN,
        today=dt.date(2026, 3, 24), rng=np.random.default_rng(0),
    )  # fmt: skip

    assert [look.signal for look in made.looks] == [SignalWord.HARM, SignalWord.HARM, None]
    outcome = made.looks[1].outcome
    assert isinstance(outcome, EarlySignal)
    assert (outcome.method, outcome.phi, outcome.n_after) == ("collapsed_did", None, 14)
    assert outcome.estimate == pytest.approx(5, abs=1)
    few = compared_looks(
        sites.iloc[: N_BEFORE + 2], treated_sites=["S0"], intervention_date=START, direction=Direction.DOWN,
        today=dt.date(2026, 3, 24), rng=np.random.default_rng(0), looks=LOOKS[:1],
    )  # fmt: skip
    assert few.looks[0].outcome == NotComputable("too_few_at_look", {"found": 2, "needed": 3})


@pytest.mark.accepts("5.9")
def test_evidence_reaches_the_line_when_a_change_is_large_and_says_on_which_day():
    read = evidence(days(20, 4), direction=Direction.DOWN)

    assert read.signal is SignalWord.HARM
    assert read.side is Side.ABOVE
    assert read.line == 20
    first = int(np.argmax(read.e_values >= 20))
    assert read.crossed_on == read.periods[first].date()
    assert (np.diff(read.running_maximum) >= 0).all()
    assert read.p_value == pytest.approx(1 / read.e_values.max())
    assert len(read.e_values) == read.n_after == 20


@pytest.mark.accepts("5.9")
def test_evidence_read_on_a_day_does_not_depend_on_later_days():
    values = days(30, 2, phi=0.3)

    whole = evidence(values)
    part = evidence(values, seen_by=dt.date(2026, 3, 19))

    assert part.n_after == 10
    assert whole.e_values[:10] == pytest.approx(part.e_values, rel=1e-6)


def test_a_quiet_series_shows_no_signal_yet():
    read = evidence(days(30))

    assert (read.signal, read.crossed_on) == (SignalWord.NO_SIGNAL_YET, None)
    assert read.running_maximum.max() < read.line
    assert 0 < read.p_value <= 1


def test_evidence_is_what_integrating_by_hand_gives():
    """The ratio of two marginal likelihoods, one covariance matrix a phi, no recursion."""
    rng = np.random.default_rng(5)
    y, change = rng.normal(10, 2, 30), (np.arange(30) >= 24).astype(float)
    y[24:] += 3
    places = np.delete(np.arange(33), [5, 6, 20])
    phi = np.array([-0.2, 0.0, 0.3, 0.6])
    path = e_path(y, np.ones((30, 1)), change[:, None], places=places, first=24, phi=phi)

    spacing = np.gradient(phi)
    spacing[[0, -1]] /= 2
    for n in (25, 30):
        none, some = np.zeros(4), np.zeros(4)
        for place, one in enumerate(phi):
            apart = np.abs(places[:n, None] - places[None, :n])
            sign = np.where(apart % 2 == 1, np.sign(one), 1.0) if one else (apart == 0).astype(float)
            noise = sign * np.abs(one) ** apart if one else sign
            for out, covariance in ((none, noise), (some, noise + np.outer(change[:n], change[:n]))):
                inverse = np.linalg.inv(covariance)
                level = inverse.sum()
                left = y[:n] @ inverse @ y[:n] - (inverse.sum(axis=0) @ y[:n]) ** 2 / level
                log = -np.linalg.slogdet(covariance)[1] / 2 - np.log(level) / 2 - (n - 1) / 2 * np.log(left)
                out[place] = np.exp(log) * spacing[place]
        assert path.e_values[n - 25] == pytest.approx(some.sum() / none.sum(), rel=1e-8)


@settings(max_examples=25, deadline=None)
@given(
    level=st.floats(-1e3, 1e3), size=st.floats(1e-3, 1e3), seed=st.integers(0, 99), flip=st.booleans(),
    trend=st.booleans(),
)  # fmt: skip
def test_evidence_does_not_depend_on_the_unit(level, size, seed, flip, trend):
    values = days(8, 1.5, seed=seed)
    sign = -1 if flip else 1

    ours, theirs = evidence(values, trend=trend), evidence(level + sign * size * values, trend=trend)

    assert np.log(theirs.e_values) == pytest.approx(np.log(ours.e_values), abs=1e-3)
    assert (theirs.side is ours.side) is not flip


def test_a_day_of_the_week_first_measured_after_the_start_tells_nothing_by_itself():
    values = days(14)
    closed = values[(values.index < pd.Timestamp(START)) & (values.index.day_of_week == 0)].index
    values[closed] = nan
    values[values.index.day_of_week == 0] += 40

    read = evidence(values)

    assert read.e_values[0] == pytest.approx(1, abs=1e-3)  # the first Monday ever
    assert read.crossed_on is None


def fault(values: pd.Series, function=e_value, **arguments) -> str:
    said = function(values, intervention_date=START, direction=Direction.UP, **arguments)
    assert isinstance(said, NotComputable)
    return said.code


def test_evidence_and_signals_say_why_there_are_none():
    values = days(5)
    flat_before = values.where(values.index >= pd.Timestamp(START), 20.0)
    line = pd.Series(np.arange(len(values), dtype=float), index=values.index)

    assert fault(values * 0 + 7) == "constant"
    assert fault(values * nan) == "too_few_before"
    assert fault(values.iloc[-15:]) == "too_few_before"
    assert fault(values.iloc[:N_BEFORE]) == "too_few_after"
    assert fault(values.replace(values.iloc[3], inf)) == "infinite_values"
    assert fault(flat_before) == "constant_before"
    assert fault(line) == "no_noise"
    assert fault(values - 100, scale="log") == "outside_scale"
    assert fault(values * 0 + 7, early_signal) == "constant"
    assert fault(line, early_signal) == "no_noise"
    assert fault(values - 100, early_signal, scale="log") == "outside_scale"


def test_a_wandering_series_gets_no_early_word():
    index = pd.date_range(end=pd.Timestamp(2026, 3, 20), periods=400, freq="D")
    wander = pd.Series(np.cumsum(np.random.default_rng(2).normal(size=400)), index=index)

    assert fault(wander, early_signal, trend=False) == "random_walk_like"


def test_an_index_that_is_no_calendar_is_refused():
    with pytest.raises(ValueError, match="period"):
        e_value(pd.Series([1.0, 2.0]), intervention_date=START, direction=Direction.UP)
    with pytest.raises(ValueError, match="period"):
        early_signal(days(3).iloc[::-1], intervention_date=START, direction=Direction.UP)


def test_weights_of_other_periods_are_refused_and_an_empty_series_says_nothing():
    values = days(5)
    empty = values.iloc[:0]

    for function in (early_signal, e_value, looks):
        with pytest.raises(ValueError, match="weights"):
            function(values, **{"intervention_date": START, "direction": Direction.UP}, weights=values.iloc[1:])
    with pytest.raises(ValueError, match="period"):
        looks(pd.concat([values, values]))
    assert fault(empty) == "too_few_before"
    assert fault(empty, early_signal) == "too_few_at_look"
    assert [look.outcome.code for look in looks(empty).looks] == ["too_few_at_look"] * 3


@pytest.mark.parametrize("function", [early_signal, e_value])
def test_shares_weighed_by_their_denominators_are_read_on_the_logit_scale(function):
    values = (days(10) - 10) / 20
    weights = pd.Series(np.resize([50.0, 80.0], len(values)), index=values.index)
    values.iloc[N_BEFORE:] = 0.95

    said = function(
        values, intervention_date=START, direction=Direction.UP, scale="logit", weights=weights, trend=False
    )

    assert said.signal is SignalWord.PROMISING
