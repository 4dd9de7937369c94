"""How a series is charted on its page: the chart and the rules chosen, limits frozen, points left out with a reason."""

from __future__ import annotations

import datetime as dt
import itertools

import numpy as np
import pytest

from analytics.results import NotComputable, PointType, XmrChart
from analytics.results_charts import AttributeChart, ChartKind, RunChart
from data.decisions import pin_decision
from data.targets import set_target
from data.types import Aggregation, DecisionType, Direction, Grain, Metric, MetricKind
from pages.cohort.metric_choice import BASELINE_POINTS, charts_offered, freeze_day, rules_words, suggestion
from pages.cohort.metric_picture import chart_of, key_items, moving_ranges, table_of
from pages.cohort.metric_view import MetricView, metric_view
from pages.cohort.metric_words import under_the_picture
from tests.data.loads import frame, load
from tests.pages.test_metric import FIRST, METRIC, founder, measure, of_extra
from tests.tools.screen import opened, plain, title, words

STEADY = [10.0, 12.0, 11.0, 12.0, 10.0, 11.0, 13.0]


def shown(store, metric_id="extra", **how) -> MetricView:
    view = metric_view(store.data_version(), site_id="s000", metric_id=metric_id, segment=None, **how)
    assert view is not None
    return view


def decide(store, kind, week, **fields):
    actor, day = founder(store), FIRST + dt.timedelta(weeks=week)
    given = {"title": "As it is", "note": "the line was moved.", "owner_id": actor.person_id, "site_id": "s000"}
    at = {"metric_id": "extra", "period_start": day, "grain": Grain.WEEK}
    return pin_decision(store, actor, type=kind, applies_on=day, **(given | at | fields))


def shares(store, *, days=False, values=None):
    """Give the first site shares of cases, by week or by day."""
    metric = Metric(id="share", name_fr="Retours", name_en="Returns", unit="%", direction=Direction.DOWN,
                    kind=MetricKind.RATIO, frequency=Grain.DAY if days else Grain.WEEK,
                    aggregation=Aggregation.WEIGHTED_MEAN)  # fmt: skip
    draw = np.random.default_rng(2)
    step = dt.timedelta(days=1 if days else 7)
    at = [(FIRST + n * step).isoformat() for n in range(280 if days else 40)]
    cases = dict(zip(at, (150.0, 80.0, 220.0, 120.0) * 70, strict=False))
    found = {day: 100 * draw.binomial(int(n), 0.06) / n for day, n in cases.items()} if values is None else values
    rows = frame(found, site="s000", metric="share", grain="day" if days else "week", weights=cases)
    load(store, founder(store), rows, new=[metric])


@pytest.mark.accepts("2.2", "2.3", "9.1")
def test_the_reader_takes_another_chart_and_other_rules_and_the_address_keeps_them(visiting):
    measure(visiting(1), STEADY * 5)

    page = of_extra()
    page.selectbox(key="choice-chart").select("run").run()

    assert not page.exception
    assert "run" in page.query_params["chart"]
    assert "Nothing unusual at Site 000: the longest run on one side of the median" in title(page)
    assert "Rules (Anhøj)" in words(page)
    page.selectbox(key="choice-chart").select("auto").run()
    page.selectbox(key="choice-rules").select("limits").run()
    assert "Rules (Limits alone (Shewhart)): a point outside the limits. " in words(page)
    assert "The overview judges every series by the chart that fits it and all four rules." in words(page)


@pytest.mark.accepts("2.5", "2.15")
def test_frozen_limits_and_points_left_out_are_said_and_counted_on_the_page(visiting):
    store = visiting(1)
    measure(store, [*STEADY * 5, 19.0, 19.0])
    left_out = decide(store, DecisionType.EXCLUSION, 3)
    frozen = decide(store, DecisionType.BASELINE, 34)

    page = of_extra(lang="en")

    said = words(page)
    assert not page.exception
    assert f"1 point left out of the limits: week of 1 Sep 2025, the line was moved ({left_out.label})." in said
    assert f"Limits frozen ({frozen.label}), last period week of 6 Apr 2026" in said
    assert "left out of the limits" in said
    assert "the points that set the frozen limits" in said
    assert "two weeks above the upper limit" in title(page).lower()
    assert "freeze-limits" not in {button.key for button in page.button}


@pytest.mark.accepts("2.5")
def test_limits_are_frozen_in_the_form_that_the_page_proposes(visiting):
    store = visiting(1)
    measure(store, STEADY * 5)

    page = of_extra()
    page.button(key="freeze-limits").click().run()

    assert not page.exception
    assert page.selectbox(key="pin-kind").value is DecisionType.BASELINE
    assert page.text_input(key="pin-title").value == "Limits frozen on 6 Apr 2026"


@pytest.mark.accepts("2.5")
@pytest.mark.parametrize(("points", "proposed"), [(BASELINE_POINTS - 1, False), (BASELINE_POINTS, True)])
def test_freezing_is_proposed_from_twenty_four_points(visiting, points, proposed):
    store = visiting(1)
    measure(store, (STEADY * 5)[:points])

    day = freeze_day(shown(store))

    assert day == (FIRST + dt.timedelta(weeks=points - 1) if proposed else None)


@pytest.mark.accepts("2.5")
def test_points_after_a_frozen_baseline_neither_move_its_limits_nor_escape_them(visiting):
    store = visiting(1)
    measure(store, [*STEADY * 4, *[15.0, 16.0] * 4])
    before = shown(store).result.latest
    decide(store, DecisionType.BASELINE, 27)

    chart = shown(store).result

    assert chart.latest.frozen_until == FIRST + dt.timedelta(weeks=27)
    assert chart.latest.mean == pytest.approx(np.mean(STEADY)) != before.mean
    assert set(chart.point_types[28:]) == {PointType.CONCERN}


@pytest.mark.accepts("2.15", "2.1")
def test_a_point_left_out_stays_drawn_with_its_word_and_in_the_table_and_sets_no_moving_range(visiting):
    store = visiting(1)
    measure(store, [*STEADY * 2, 40.0, *STEADY * 2])
    wide = shown(store).result.latest
    decide(store, DecisionType.EXCLUSION, 14)

    view = shown(store)

    narrow = view.result.latest
    assert view.result.values[14] == 40
    assert view.result.point_types[14] is PointType.EXCLUDED
    assert narrow.upper_limit < wide.upper_limit
    assert ("cross", "left out of the limits") in key_items(view, "en")
    assert "week of 17 Nov 2025 40.0 d left out of the limits D-01" in plain(table_of(view, "all", "en"))
    ranges = moving_ranges(view.result)
    assert np.isnan(ranges.values[14:16]).all()
    drawn = chart_of(view, span="all", language="fr", theme="light", phone=False, selectable=False).to_dict()
    assert "1 point laissé hors des limites" in drawn["description"].replace("\xa0", " ")


@pytest.mark.accepts("2.2")
@pytest.mark.parametrize(("language", "key"), [("en", "band: limits for each number of cases (p)"),
                                               ("fr", "bande : limites selon le nombre de cas (p)")])  # fmt: skip
def test_shares_of_cases_take_a_p_chart_and_may_have_any_that_fits(visiting, language, key):
    store = visiting(1)
    shares(store)

    view = shown(store, "share")

    assert isinstance(view.result, AttributeChart)
    assert list(charts_offered(view, language)) == ["auto", "xmr", "run"]
    assert key in [item.replace("\xa0", " ") for item in key_items(view, language) if isinstance(item, str)]
    assert isinstance(shown(store, "share", chart="xmr").result, XmrChart)
    assert isinstance(shown(store, "share", chart="run").result, RunChart)
    assert shown(store, "share", chart="<script>").kind is ChartKind.P


@pytest.mark.accepts("2.2")
def test_a_short_series_suggests_the_run_chart_beside_its_trial_limits(visiting):
    store = visiting(1)
    measure(store, STEADY)

    view = shown(store)

    assert view.kind is ChartKind.XMR
    assert suggestion(view, "en").startswith("Run chart: 7 points measured, fewer than 12;")
    assert "This is the chart suggested." in suggestion(view, "en")
    assert shown(store, chart="run").kind is ChartKind.RUN


@pytest.mark.accepts("2.2", "2.18")
def test_every_chart_is_drawn_with_its_sentence_its_key_its_rules_and_its_table(visiting):
    store = visiting(1)
    values = {(FIRST + dt.timedelta(weeks=n)).isoformat(): 0.0 if n % 3 else 100 / 120 for n in range(40)}
    shares(store, values=values)

    for kind, language in itertools.product(("p", "g", "xmr", "run"), ("en", "fr")):
        view = shown(store, "share", chart=kind)

        drawn = chart_of(view, span="year", language=language, theme="dark", phone=True, selectable=True).to_dict()
        assert view.kind.value == kind
        assert not isinstance(view.result, NotComputable)
        assert drawn["description"]
        assert key_items(view, language)
        assert rules_words(view, language) in under_the_picture(view, language)
        assert table_of(view, "year", language)


def test_limits_frozen_on_the_last_point_wait_for_later_ones_and_are_said(visiting):
    store = visiting(1)
    measure(store, STEADY * 5)
    decide(store, DecisionType.BASELINE, 34)

    view = shown(store)

    assert "Limits frozen (D-01)" in under_the_picture(view, "en")
    assert not [item for item in key_items(view, "en") if "violet" in item]
    assert freeze_day(view) is None


def test_days_stand_behind_the_weeks_of_a_share_and_not_behind_sums(visiting):
    store = visiting(1)
    shares(store, days=True)

    view = shown(store, "share")

    assert (view.grain, len(view.days)) == (Grain.WEEK, 280)
    assert "pale points: the days that fit in the frame" in key_items(view, "en")
    spec = chart_of(view, span="half", language="en", theme="light", phone=False, selectable=False).to_dict()
    (faint,) = [layer for layer in spec["layer"] if layer["mark"]["type"] == "circle"]
    low, high = spec["layer"][0]["encoding"]["y"]["scale"]["domain"]
    drawn = [row["y"] for row in faint["data"]["values"]]
    assert 100 < len(drawn) <= 190
    assert low <= min(drawn) < max(drawn) <= high
    counts = Metric(id="n", name_fr="n", name_en="n", unit="", kind=MetricKind.COUNT, frequency=Grain.DAY,
                    aggregation=Aggregation.SUM)  # fmt: skip
    days = {(FIRST + dt.timedelta(days=n)).isoformat(): float(n % 4) for n in range(90)}
    load(store, founder(store), frame(days, site="s000", metric="n", grain="day"), new=[counts])
    assert shown(store, "n").days is None


@pytest.mark.accepts("2.10")
def test_a_target_that_begins_later_is_drawn_ahead_and_said(visiting):
    store = visiting(1)
    measure(store, STEADY * 5)
    last = FIRST + dt.timedelta(weeks=34)
    set_target(store, founder(store), metric_id="extra", value=12.0, applies_from=FIRST)
    set_target(store, founder(store), metric_id="extra", value=9.0, applies_from=last + dt.timedelta(weeks=5))

    view = shown(store)

    assert "Target 9.0 d from 11 May 2026." in plain(under_the_picture(view, "en"))
    spec = chart_of(view, span="all", language="en", theme="light", phone=False, selectable=False).to_dict()
    (dashed,) = [layer for layer in spec["layer"] if layer["mark"].get("strokeDash") == [10, 4]]
    assert [row["y"] for row in dashed["data"]["values"]] == [12.0, 9.0]


def test_an_unknown_chart_or_set_of_rules_in_the_address_is_passed_over(visiting):
    visiting(1)

    page = opened(METRIC, lang="en", chart="pie", rules="none")

    assert not page.exception
    assert "Rules (NHS, all four)" in words(page)
