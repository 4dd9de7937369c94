"""What people decided of limits: frozen at a date, points left out with a reason, and lifted by what replaces them."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from data import limits
from data.access import Forbidden, Refused
from data.decisions import pin_decision, supersede_decision
from data.limits import limits_on
from data.types import Decision, DecisionType, Grain, Metric, Role
from tests.data.conftest import url_of
from tests.data.loads import frame, known, load

FIRST = dt.date(2026, 1, 5)
WEEKS = [FIRST + dt.timedelta(weeks=n) for n in range(12)]


@pytest.fixture
def url(tmp_path) -> str:
    """One engine is enough here: nothing but the record's own verbs is asked of it."""
    return url_of("embedded", tmp_path)


@pytest.fixture
def series(store, admin) -> dict[str, str]:
    """Twelve weeks of one metric at Lyon."""
    weekly = Metric(id="delay", name_fr="délai", name_en="delay", unit="d", frequency=Grain.WEEK)
    values = {str(day): 10.0 + n % 3 + n // 6 for n, day in enumerate(WEEKS)}
    load(store, admin, frame(values, grain="week"), new=known("lyon", metrics=[weekly]))
    return {"site_id": "lyon", "metric_id": "delay"}


@pytest.fixture
def decide(store, admin, series):
    """Pin a decision on the series' limits, as the admin unless said otherwise."""

    def pinned(kind: DecisionType, day: dt.date, *, actor=admin, **fields) -> Decision:
        given = {"title": "As it is", "note": "because", "owner_id": admin.person_id} | series | fields
        return pin_decision(store, actor, type=kind, applies_on=day, **given)

    return pinned


@pytest.fixture
def standing(store, series):
    def read() -> limits.LimitDecisions:
        with store.read() as cursor:
            return limits_on(cursor, **series)

    return read


@pytest.mark.parametrize("kind", [DecisionType.BASELINE, DecisionType.EXCLUSION])
def test_what_moves_limits_needs_a_series_a_reason_an_owner_and_its_own_right(series, decide, someone, kind):
    at = {"period_start": WEEKS[8], "grain": Grain.WEEK}
    for missing, code in (
        ({"site_id": None}, f"{kind}_without_series"),
        ({"metric_id": None}, f"{kind}_without_series"),
        ({"note": " "}, f"{kind}_without_reason"),
        ({"owner_id": ""}, "owner_missing"),
    ):
        with pytest.raises(Refused) as refusal:
            decide(kind, WEEKS[8], **(at | missing))
        assert refusal.value.code == code
    with pytest.raises(Forbidden):
        decide(kind, WEEKS[8], actor=someone(Role.MEMBER), **at)

    assert decide(kind, WEEKS[8], actor=someone(Role.METRIC_KEEPER), **at).type is kind


def test_an_exclusion_needs_its_point(decide):
    with pytest.raises(Refused, match="exclusion_without_point"):
        decide(DecisionType.EXCLUSION, WEEKS[3])


def test_limits_are_not_frozen_on_fewer_points_than_set_them(decide, standing):
    with pytest.raises(Refused) as refusal:
        decide(DecisionType.BASELINE, WEEKS[4])

    assert (refusal.value.code, refusal.value.details) == ("baseline_too_short", {"found": 5, "needed": 6})
    decide(DecisionType.BASELINE, WEEKS[5])
    assert standing().baseline_days == [WEEKS[5]]


def test_points_before_a_step_and_points_left_out_do_not_count_for_a_baseline(decide):
    decide(DecisionType.STEP, WEEKS[2])
    decide(DecisionType.EXCLUSION, WEEKS[3], period_start=WEEKS[3], grain=Grain.WEEK)

    with pytest.raises(Refused) as refusal:
        decide(DecisionType.BASELINE, WEEKS[7])

    assert refusal.value.details["found"] == 5


def test_a_series_without_values_has_nothing_to_freeze(store, admin, site, decide):
    site("lille")

    with pytest.raises(Refused) as refusal:
        decide(DecisionType.BASELINE, WEEKS[8], site_id="lille")

    assert refusal.value.details["found"] == 0


@pytest.mark.parametrize("until", [WEEKS[4], WEEKS[4] + dt.timedelta(days=6)])
def test_an_exclusion_covers_its_period_or_all_to_the_one_of_its_end(decide, standing, until):
    decide(DecisionType.EXCLUSION, WEEKS[1], period_start=WEEKS[1], grain=Grain.WEEK)
    decide(DecisionType.EXCLUSION, WEEKS[3], period_start=WEEKS[3], period_end=until, grain=Grain.WEEK)

    assert standing().left_out(pd.DatetimeIndex(WEEKS), Grain.WEEK) == [WEEKS[1], WEEKS[3], WEEKS[4]]


def test_a_week_left_out_leaves_out_its_days_and_no_month(decide, standing):
    decide(DecisionType.EXCLUSION, WEEKS[8], period_start=WEEKS[8], grain=Grain.WEEK)
    days = pd.date_range("2026-02-25", "2026-03-12", freq="D")

    assert [day.day for day in standing().left_out(days, Grain.DAY)] == [2, 3, 4, 5, 6, 7, 8]
    assert standing().left_out(pd.DatetimeIndex(["2026-03-01"]), Grain.MONTH) == []
    assert standing().left_out(pd.DatetimeIndex([]), Grain.WEEK) == []


def test_a_decision_that_stands_in_its_place_lifts_it(store, admin, decide, standing):
    frozen = decide(DecisionType.BASELINE, WEEKS[8])
    left_out = decide(DecisionType.EXCLUSION, WEEKS[3], period_start=WEEKS[3], grain=Grain.WEEK)
    assert (standing().baselines, standing().exclusions) == ((frozen,), (left_out,))

    for made in (frozen, left_out):
        supersede_decision(store, admin, made.id, type=DecisionType.DECISION)

    assert standing() == limits.LimitDecisions()


def test_lifting_needs_the_right_that_pinning_needed(store, decide, someone):
    frozen = decide(DecisionType.BASELINE, WEEKS[8])

    with pytest.raises(Forbidden):
        supersede_decision(store, someone(Role.MEMBER), frozen.id, type=DecisionType.DECISION)


def test_a_step_that_is_lifted_gives_the_scores_their_limits_back(store, admin, series, decide):
    def mean() -> float:
        with store.read() as cursor:
            return cursor.execute("SELECT mean FROM score").fetchone()[0]

    before = mean()
    step = decide(DecisionType.STEP, WEEKS[5])
    after = mean()
    supersede_decision(store, admin, step.id, type=DecisionType.DECISION)

    assert before == mean() != after


def test_what_was_decided_of_one_series_is_not_read_for_another(store, decide, site, series):
    site("lille")
    decide(DecisionType.BASELINE, WEEKS[8])

    with store.read() as cursor:
        assert limits_on(cursor, site_id="lille", metric_id=series["metric_id"]) == limits.LimitDecisions()
        assert limits_on(cursor, **series).step_days == []
