"""Comparing sites: one picture of up to fifteen on the same axes, and what it says in words."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from data.decisions import pin_decision
from data.rollout import plan_stage, plan_wave, reach_stage
from data.targets import set_target
from data.types import DecisionType, Stage
from pages.cohort.compare_picture import picture, values_table
from pages.cohort.compare_view import compare_view, most_needed, ordered_rows
from pages.cohort.metric_view import metric_view
from tests.pages.cohort_store import ORDERS, STEADY, TODAY, WEEKS, cohort, load, opened, pressed, rows, text

DAY = dt.date(2026, 6, 1)


@pytest.fixture
def store(own_store):
    return own_store("member", TODAY)


def compare_page():
    from pages.cohort import compare

    compare.render()


def view_of(store, metric="cycle"):
    return compare_view(store.data_version(), store.today(), metric_id=metric)


def drawn(store, *, shown=None, free=False, phone=False, language="en", order="wave", span="year"):
    sites = shown or tuple(row.site.id for row in view_of(store).rows)
    rows, spec, words = picture(
        store.data_version(), store.today(), metric_id="cycle", shown=sites, order=order, span=span, free=free,
        language=language, theme="light", phone=phone,
    )  # fmt: skip
    return rows.to_pandas(), spec, words


def test_an_empty_store_says_who_can_bring_the_first_file(store, monkeypatch):
    cohort(store, 0)

    shown = opened(compare_page)

    assert "No site has a value of cycle time yet." in text(shown)
    assert "metric keeper" in text(shown)
    assert not shown.button, "a member cannot bring it"

    monkeypatch.setenv("ESSAIM_PERSON", "metric_keeper")
    assert [button.label for button in opened(compare_page).button] == ["Bring a file"]


def test_one_site_is_told_as_one_site(store):
    cohort(store, 1)

    shown = opened(compare_page)

    assert "Site 0 is improving; no other site is measured." in text(shown)


@pytest.mark.accepts("2.14")
def test_fifteen_sites_stand_in_one_picture_on_the_same_axes_with_their_states_in_the_titles(store):
    cohort(store, 15)

    points, spec, words = drawn(store)

    titles = list(points["p"].cat.categories)
    assert len(titles) == 15
    assert {"Site 0 · improving", "Site 1 · concern", "Site 2"} <= set(titles)
    assert "resolve" not in spec
    assert spec["spec"]["layer"][0]["encoding"]["y"]["scale"]["domain"]
    assert words.startswith("15 sites")


@pytest.mark.accepts("2.14")
def test_each_site_may_have_an_axis_of_its_own(store):
    made = cohort(store, 3)
    load(made, rows("site-2", STEADY * 100))

    points, spec, _ = drawn(store, free=True)

    assert spec["resolve"] == {"scale": {"y": "independent"}}
    assert all(
        "domain" not in layer["encoding"]["y"].get("scale", {})
        for layer in spec["spec"]["layer"]
        if "y" in layer["encoding"]
    )
    assert points.groupby("s")["y"].min().tolist() == [8.0, 12.0, 1200.0]


def test_the_target_stays_where_it_is_on_an_axis_of_ones_own(store):
    made = cohort(store, 3)
    set_target(store, made.actor("leader"), metric_id="cycle", value=7.5, applies_from=WEEKS[0].date())

    points, _, _ = drawn(store, free=True)

    assert points.groupby("s")["y"].min().tolist() == [7.5, 7.5, 7.5]


def test_the_page_shows_the_finding_the_picture_and_a_next_step(store):
    cohort(store, 15)

    shown = opened(compare_page)

    assert "1 site is improving, 1 is a concern and 13 are steady." in text(shown)
    assert "look at Site 1: no decision there answers the unfavourable signal." in text(shown)
    assert len(shown.get("vega_lite_chart")) == 1


@pytest.mark.accepts("9.5")
def test_the_page_is_whole_in_french(store):
    cohort(store, 15)

    shown = opened(compare_page, language="fr")

    assert "1 site s’améliore, 1 préoccupe et 13 sont stables." in text(shown).replace("'", "’")
    assert "signal sans décision" in text(shown)


def test_a_decision_near_the_signal_answers_it(store):
    made = cohort(store, 3)
    keeper = made.actor("metric_keeper")
    pin_decision(store, keeper, type=DecisionType.DECISION, title="Work in pairs", owner_id="member",
                 applies_on=WEEKS[14].date(), site_id="site-1", metric_id="cycle")  # fmt: skip

    row = next(row for row in view_of(store).rows if row.site.id == "site-1")

    assert not row.unanswered


def test_a_signal_is_dated_as_on_the_page_of_its_site(store):
    cohort(store, 3)

    improving = next(row for row in view_of(store).rows if row.site.id == "site-0")

    assert improving.signal_start == WEEKS[13].date()


def test_a_step_begins_new_limits_and_takes_the_signal_away(store):
    made = cohort(store, 3)
    pin_decision(store, made.actor("metric_keeper"), type=DecisionType.STEP, title="New line", note="the line was rebuilt",
                 owner_id="member", applies_on=WEEKS[13].date(), site_id="site-1", metric_id="cycle")  # fmt: skip

    row = next(row for row in view_of(store).rows if row.site.id == "site-1")

    assert row.variation == "common_cause"


@pytest.mark.accepts("2.5", "2.15")
def test_frozen_limits_and_points_left_out_hold_here_as_on_the_sites_own_page(store):
    made = cohort(store, 3)
    keeper, of_site = made.actor("metric_keeper"), {"site_id": "site-0", "metric_id": "cycle", "owner_id": "member"}
    last = WEEKS[len(view_of(store).rows[0].series) - 1].date()
    pin_decision(store, keeper, type=DecisionType.EXCLUSION, title="Not this week", note="a strike", applies_on=last,
                 period_start=last, grain="week", **of_site)  # fmt: skip
    pin_decision(store, keeper, type=DecisionType.BASELINE, title="Frozen", note="steady", applies_on=WEEKS[9].date(),
                 **of_site)  # fmt: skip

    row = next(row for row in view_of(store).rows if row.site.id == "site-0")
    own = metric_view(store.data_version(), site_id="site-0", metric_id="cycle", segment=None)

    assert row.point_types == own.result.point_types
    assert row.point_types[-1] == "excluded"
    assert own.result.latest.frozen_until == WEEKS[9].date()


@pytest.mark.accepts("2.2")
@pytest.mark.parametrize(("events", "kind"), [([4, 6, 5, 3, 7, 5, 4] * 3 + [30], "c"), ([0, 0, 1] * 7, "t")])
def test_counts_read_here_as_on_the_sites_own_page(store, events, kind):
    load(cohort(store, 2), rows("site-0", np.array(events, dtype=float), ORDERS.id))

    row = next(row for row in view_of(store, ORDERS.id).rows if row.site.id == "site-0")
    own = metric_view(store.data_version(), site_id="site-0", metric_id=ORDERS.id, segment=None)

    assert own.kind.value == kind
    assert row.variation is own.result.variation
    assert (row.point_types == own.result.point_types) == (kind == "c")
    assert row.signal_start == (WEEKS[21].date() if kind == "c" else None)


def test_gaps_between_rare_events_are_counted_in_days_here_as_on_the_sites_own_page(store):
    events = np.zeros(308)
    happened = [20, 28, 74, 89, 104, 160, 166, 167, 186, 202, 210, 225, 258, 280, 293, 295, 299, 304, 307]
    events[happened] = 1  # by the weeks' sums alone this would be a signal
    frame = pd.concat([rows("site-0", events[:1], ORDERS.id)] * len(events), ignore_index=True)
    days = pd.date_range(WEEKS[0], periods=len(events))
    load(cohort(store, 2), frame.assign(value=events, period_start=days, grain="day", source_row=range(len(days))))

    row = next(row for row in view_of(store, ORDERS.id).rows if row.site.id == "site-0")
    own = metric_view(store.data_version(), site_id="site-0", metric_id=ORDERS.id, segment=None)

    assert own.kind.value == "t"
    assert row.variation is own.result.variation


def test_of_three_hundred_sites_those_that_wait_for_a_decision_come_first_then_the_largest(store):
    made = cohort(store, 300)
    load(made, rows("site-299", STEADY * 50, "orders"))
    load(made, rows("site-298", STEADY, "orders"))

    cycle, orders = view_of(store), view_of(store, ORDERS.id)

    assert most_needed(cycle.rows)[0] == "site-1"
    assert len(most_needed(cycle.rows)) == 15
    assert most_needed(orders.rows) == ["site-299", "site-298"]


def test_three_hundred_sites_are_one_picture_of_fifteen_that_the_reader_chooses(store):
    cohort(store, 300)

    shown = opened(compare_page)
    chooser = shown.multiselect[0]
    chooser.set_value(["site-7", "site-8"]).run()

    assert len(chooser.options) == 300
    assert "15 of 300 sites shown" not in text(shown)
    assert "2 of 300 sites shown" in text(shown)
    assert shown.query_params["sites"] == "site-7,site-8"


@pytest.mark.accepts("9.1")
def test_the_address_holds_the_sites_the_order_and_the_span(store):
    cohort(store, 20)

    shown = opened(compare_page, sites="site-3,site-4", sort="name", span="half", axis="free")

    assert shown.multiselect[0].value == ["site-3", "site-4"]
    assert [shown.segmented_control(key=f"choice-{name}").value for name in ("sort", "span", "axis")] == [
        "name",
        "half",
        "free",
    ]


@pytest.mark.parametrize(("order", "first"), [("name", "site-0"), ("need", "site-1")])
def test_sites_are_sorted_by_name_or_by_need_of_a_decision(store, order, first):
    cohort(store, 4)
    view = view_of(store)

    assert ordered_rows(view, order, [row.site.id for row in view.rows])[0].site.id == first


def test_go_live_lines_the_target_and_the_sites_to_come_are_drawn(store):
    made = cohort(store, 4)
    leader = made.actor("leader")
    wave = plan_wave(store, leader, number=1, planned_on=WEEKS[10].date())
    reach_stage(store, leader, site_id="site-2", wave_id=wave.id, stage=Stage.LIVE, actual_on=WEEKS[10].date())
    plan_stage(store, leader, site_id="site-3", wave_id=wave.id, stage=Stage.LIVE, planned_on=dt.date(2026, 9, 7))
    set_target(store, leader, metric_id="cycle", value=9.0, applies_from=WEEKS[0].date())

    shown = opened(compare_page)
    points, _, _ = drawn(store)

    assert "target 9.0 d" in text(shown).replace("\u00a0", " ")
    assert "go-live" in text(shown)
    assert "Site 3 · not live" in points["p"].cat.categories
    assert [row.site.id for row in view_of(store).rows][:2] == ["site-2", "site-3"]


@pytest.mark.accepts("9.9")
def test_the_values_of_the_picture_stand_in_a_table_a_row_a_period(store):
    made = cohort(store, 2)
    late = STEADY.copy()
    late[3] = np.nan
    load(made, rows("site-1", late).dropna(subset="value"))
    view = view_of(store)

    table = values_table(view, view.rows, "all", "en")

    assert table.count('<th scope="row"') == len(WEEKS)
    assert "12.0" in table


@pytest.mark.accepts("9.8")
def test_every_site_of_the_picture_is_reached_by_a_link_too(store):
    cohort(store, 3)

    shown = opened(compare_page)

    for n in range(3):
        assert f"/metric?site=site-{n}&amp;metric=cycle" in text(shown)


def test_the_next_step_opens_the_page_of_the_site_it_names(store, monkeypatch):
    cohort(store, 3)
    went = []
    monkeypatch.setattr("pages.cohort.compare.go", lambda path, **query: went.append((path, query)))

    pressed(opened(compare_page), "compare-next")

    assert went == [("metric", {"metric": "cycle", "site": "site-1"})]


@pytest.mark.accepts("9.11")
def test_a_phone_gets_one_or_two_columns(store):
    cohort(store, 15)

    assert drawn(store, phone=True)[1]["columns"] == 2
    assert drawn(store, phone=True, free=True)[1]["columns"] == 1


def test_a_viewer_sees_the_comparison(store, monkeypatch):
    cohort(store, 2)
    monkeypatch.setenv("ESSAIM_PERSON", "viewer")

    assert "1 site is improving and 1 is a concern." in text(opened(compare_page))


def test_a_metric_that_nobody_knows_is_passed_over(store):
    cohort(store, 2)

    shown = opened(compare_page, metric="nothing")

    assert shown.selectbox(key="choice-metric").value == "cycle"
