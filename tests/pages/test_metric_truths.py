"""What the one-metric page says is what the record, the board and the picture say."""

from __future__ import annotations

import datetime as dt

import pytest

from data.decisions import pin_decision
from data.metrics import register_metric
from data.score import board
from data.targets import set_target
from data.types import Aggregation, DecisionType, Direction, Grain, Metric, MetricKind
from pages.cohort.metric_view import MetricView, metric_view
from pages.cohort.metric_words import under_the_picture
from tests.data.loads import frame, load
from tests.pages.test_metric import FIRST, METRIC, founder, measure, of_extra
from tests.tools.screen import opened, words
from tests.tools.stores import TODAY


def shown(store) -> MetricView:
    view = metric_view(store.data_version(), site_id="s000", metric_id="extra", segment=None)
    assert view is not None
    return view


@pytest.mark.accepts("2.6", "2.8")
def test_limits_start_again_on_the_day_a_step_applies_here_as_on_the_board(visiting):
    store = visiting(1)
    measure(store, [10.0, 11.0] * 10 + [6.0, 7.0] * 10)
    week = FIRST + dt.timedelta(weeks=20)
    actor = founder(store)
    pin_decision(
        store, actor, type=DecisionType.STEP, title="A new line", note="It was moved.", owner_id=actor.person_id,
        applies_on=week + dt.timedelta(days=2), site_id="s000", metric_id="extra", period_start=week, grain=Grain.WEEK,
    )  # fmt: skip

    with store.read() as cursor:
        scores = board(cursor).set_index("metric_id")

    latest = shown(store).result.latest
    assert latest.start == week + dt.timedelta(weeks=1) == scores.loc["extra", "phase_start"].date()
    assert latest.mean == pytest.approx(scores.loc["extra", "mean"])


@pytest.mark.accepts("2.11")
def test_what_is_said_of_a_target_is_said_of_the_one_in_force(visiting):
    store = visiting(1)
    measure(store, [10.0, 11.0, 10.5] * 10)
    set_target(store, founder(store), metric_id="extra", value=20.0, applies_from=FIRST)
    set_target(store, founder(store), metric_id="extra", value=3.0, applies_from=TODAY + dt.timedelta(weeks=9))

    assert "Target 20.0 d:" in words(of_extra())


@pytest.mark.parametrize(
    ("how", "said"),
    [
        (Aggregation.SUM, "the sum of each week’s days"),
        (Aggregation.MEAN, "the mean of each week’s days"),
        (Aggregation.WEIGHTED_MEAN, "the mean of each week’s days, weighted by their denominators"),
        (Aggregation.LAST, "the last day of each week"),
    ],
)
def test_what_a_week_makes_of_its_days_is_said_as_it_is_done(visiting, how, said):
    store = visiting(1)
    kind = MetricKind.RATIO if how is Aggregation.WEIGHTED_MEAN else MetricKind.COUNT
    daily = Metric(id="", name_fr="Commandes", name_en="Orders", unit="", direction=Direction.UP, kind=kind,
                   frequency=Grain.DAY, aggregation=how)  # fmt: skip
    metric = register_metric(store, founder(store), daily)
    days = {(FIRST + dt.timedelta(days=n)).isoformat(): 10 + n % 3 for n in range(90)}
    load(store, founder(store), frame(days, site="s000", metric=metric.id, grain="day", weights=dict.fromkeys(days, 5)))

    page = opened(METRIC, site="s000", metric=metric.id, lang="en")

    assert f"charted by week: {said}." in words(page)
    assert said in under_the_picture(
        metric_view(store.data_version(), site_id="s000", metric_id=metric.id, segment=None), "en"
    )


@pytest.mark.parametrize(("weeks", "proposed"), [(6, False), (7, True)])
def test_a_new_step_is_proposed_after_seven_points_and_not_before(visiting, weeks, proposed):
    measure(visiting(1), [10.0, 11.0] * 15 + [6.0, 7.0, 6.5, 7.0, 6.0, 7.5, 6.5][:weeks])

    assert ("propose a new step" in words(of_extra())) is proposed


@pytest.mark.parametrize(("days", "due"), [(1, False), (0, True)])
def test_a_decision_is_due_on_its_review_day(visiting, days, due):
    store = visiting(1)
    measure(store, [10.0, 11.0] * 15)
    actor = founder(store)
    pin_decision(
        store, actor, type=DecisionType.DECISION, title="Freeze", owner_id=actor.person_id, applies_on=FIRST,
        site_id="s000", metric_id="extra", review_on=TODAY + dt.timedelta(days=days),
    )  # fmt: skip

    said = words(of_extra())

    assert ("D-01 is due for review" in said, "review due since" in said) == (due, due)


def test_the_page_opens_on_the_first_metric_of_the_catalogue_that_the_site_measures(visiting):
    store = visiting(1)
    measure(store, [10.0, 11.0] * 15)
    extra = Metric(id="a-first-id", name_fr="Autre", name_en="Other", unit="", direction=Direction.UP)
    load(store, founder(store), frame({"2026-03-01": 1}, site="s000", metric=extra.id), new=[extra])

    assert "Site 000 · Cycle time" in words(opened(METRIC, lang="en"))
