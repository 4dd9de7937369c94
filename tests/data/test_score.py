"""Scores: the same answer as the chart, kept beside the values and refreshed with them."""

import datetime as dt

import numpy as np
import pytest

from analytics.results import Assurance, LimitsKind, Variation
from analytics.spc import assurance, xmr_chart
from data import records, score, score_grid
from data.access import Permission
from data.observations import board, metric_series, undo_load
from data.types import Decision, DecisionType, Grain, Metric, Target
from tests.data.loads import DELAY, ERRORS, frame, known, load

QUIET = [10, 12, 11, 12, 10, 11, 12, 10, 11, 12, 10, 11]


def _months(values, start="2025-01"):
    first = np.datetime64(start, "M")
    return {str(first + place): value for place, value in enumerate(values) if value is not None}


def dated(values, start="2025-01"):
    return {f"{month}-01": value for month, value in _months(values, start).items()}


def row(store, metric="delay", site="lyon"):
    with store.read() as cursor:
        found = board(cursor)
    return found[(found["metric_id"] == metric) & (found["site_id"] == site)].iloc[0]


def change(store, admin, *new):
    with store.change(admin, Permission.UPLOAD, somewhere=True) as tx:
        tx.append_all(new)
        score.refresh_scores(tx.cursor, metric_id="delay")


def step(day):
    return Decision(
        id=f"step-{day}", number=1, type=DecisionType.STEP, title="New line", note="moved", owner_id="ada",
        applies_on=dt.date.fromisoformat(day), site_id="lyon", metric_id="delay",
    )  # fmt: skip


def test_a_score_says_what_the_chart_says(store, admin):
    load(store, admin, frame(dated([*QUIET, None, 12, 30])), new=known("lyon"))

    found = row(store)
    with store.read() as cursor:
        series = metric_series(cursor, site_id="lyon", metric_id="delay")
    chart = xmr_chart(series.values, direction=DELAY.direction)

    assert (found["mean"], found["lower_limit"], found["upper_limit"]) == (
        chart.latest.mean, chart.latest.lower_limit, chart.latest.upper_limit,
    )  # fmt: skip
    assert (found["variation"], found["limits_kind"]) == (chart.variation, LimitsKind.FULL)
    assert (found["variation"], found["signal_rule"], found["signal_side"]) == (
        Variation.CONCERN,
        "outside_limits",
        "above",
    )
    assert (found["signal_start"].date(), found["signal_points"]) == (dt.date(2026, 3, 1), 1)
    assert found["signal_good"] == False  # noqa: E712 a nullable column
    assert (found["n_points"], found["n_missing"], found["last_value"], found["previous_value"]) == (14, 1, 30, 12)
    assert found["last_period"].date() == dt.date(2026, 3, 1)


def test_a_long_run_has_its_rule_its_start_and_its_points(store, admin):
    load(store, admin, frame(dated([*QUIET, *QUIET, *([8] * 8)])), new=known("lyon"))

    found = row(store)

    assert found["variation"] == Variation.IMPROVING
    assert found["signal_start"].date() == dt.date(2027, 1, 1)
    assert found["signal_points"] >= 1
    assert found["signal_good"] == True  # noqa: E712


@pytest.mark.accepts("2.4")
@pytest.mark.parametrize(("n", "kind"), [(5, "none"), (6, "trial"), (11, "trial"), (12, "full")])
def test_limits_are_named_by_the_points_behind_them(store, admin, n, kind):
    load(store, admin, frame(dated(QUIET[:n])), new=known("lyon"))

    found = row(store)

    assert found["limits_kind"] == kind
    assert np.isnan(found["mean"]) == (kind == "none")


@pytest.mark.accepts("2.8")
def test_a_step_starts_new_limits_from_its_date_and_a_late_row_does_not_move_it(store, admin):
    load(store, admin, frame(dated([*QUIET, *(value + 20 for value in QUIET)])), new=known("lyon"))
    change(store, admin, step("2026-01-01"))
    assert (row(store)["mean"], row(store)["phase_start"].date()) == (31, dt.date(2026, 1, 1))
    assert row(store)["steps"] == "step-2026-01-01"

    load(store, admin, frame({"2024-12-01": 11}))

    assert (row(store)["mean"], row(store)["phase_start"].date()) == (31, dt.date(2026, 1, 1))


def test_a_step_after_the_last_value_changes_no_limits(store, admin):
    load(store, admin, frame(dated(QUIET)), new=known("lyon"))
    change(store, admin, step("2026-06-01"))

    assert (row(store)["mean"], row(store)["steps"]) == (11, "")


@pytest.mark.accepts("2.11")
def test_assurance_speaks_of_the_target_in_force_of_the_site_first(store, admin):
    load(store, admin, frame(dated(QUIET)), frame(dated(QUIET), "nice"), new=known("lyon", "nice"))
    assert row(store)["assurance"] is None

    day = dt.date(2025, 6, 1)
    change(
        store, admin,
        Target(id="all", metric_id="delay", applies_from=day, value=30),
        Target(id="later", metric_id="delay", applies_from=dt.date(2027, 1, 1), value=1),
        Target(id="own", metric_id="delay", site_id="nice", applies_from=day, value=1),
    )  # fmt: skip

    assert (row(store)["assurance"], row(store)["target_id"]) == (Assurance.WILL_PASS, "all")
    assert (row(store, site="nice")["assurance"], row(store, site="nice")["target_id"]) == (Assurance.WILL_FAIL, "own")


def test_the_board_shows_several_segments_as_one(store, admin):
    load(store, admin, frame(dated(QUIET), metric="errors", segment="a"), frame(dated(QUIET), metric="errors", segment="b"),
         frame(dated(QUIET)), new=known("lyon", metrics=[DELAY, ERRORS]))  # fmt: skip

    with store.read() as cursor:
        found = board(cursor)

    assert found[["metric_id", "segment", "mean"]].to_numpy().tolist() == [["delay", "", 11], ["errors", "*", 22]]


def test_a_daily_series_is_scored_by_week_as_it_is_charted(store, admin):
    daily = Metric(id="delay", name_fr="délai", name_en="delay", unit="d", direction="down", frequency=Grain.DAY)
    working = np.busday_offset("2026-03-02", np.arange(62))  # twelve weeks, and two days of a thirteenth
    load(store, admin, frame({str(day): QUIET[n // 5 % 12] for n, day in enumerate(working)}, grain="day"),
         new=known("lyon", metrics=[daily]))  # fmt: skip

    found = row(store)

    assert (found["grain"], found["n_points"], found["n_missing"], found["limits_kind"]) == ("week", 12, 0, "full")
    assert found["mean"] == 11
    assert (found["stored_grain"], found["stored_last"].date()) == ("day", dt.date(2026, 5, 26))


def test_only_the_series_a_load_touches_are_scored_again(store, admin):
    load(store, admin, frame(dated(QUIET)), frame(dated(QUIET), "nice"), new=known("lyon", "nice"))
    load(store, admin, frame(dated([13], "2026-01")))

    assert (row(store)["load_number"], row(store, site="nice")["load_number"]) == (2, 1)
    assert row(store, site="nice")["n_points"] == 12


def test_a_series_that_was_undone_has_no_score(store, admin):
    done = load(store, admin, frame(dated(QUIET)), new=known("lyon"))
    undo_load(store, admin, done.id, "wrong file")

    with store.read() as cursor:
        assert board(cursor).empty
        assert records.one(cursor, Metric, "delay") is not None


def test_grids_too_large_for_one_piece_are_charted_in_several(store, admin, monkeypatch):
    load(store, admin, *(frame(dated(QUIET[:n]), site) for n, site in ((12, "lyon"), (7, "nice"), (9, "brest"))),
         new=known("lyon", "nice", "brest"))  # fmt: skip
    with store.read() as cursor:
        whole = board(cursor)

    monkeypatch.setattr(score_grid, "BLOCK_CELLS", 15)
    change(store, admin, Target(id="t", metric_id="other", applies_from=dt.date(2025, 1, 1), value=1))

    with store.read() as cursor:
        assert board(cursor).equals(whole)


def test_assurance_of_a_chart_and_of_a_score_agree(store, admin):
    load(store, admin, frame(dated(QUIET)), new=known("lyon"))
    change(store, admin, Target(id="t", metric_id="delay", applies_from=dt.date(2025, 1, 1), value=12))

    with store.read() as cursor:
        chart = xmr_chart(metric_series(cursor, site_id="lyon", metric_id="delay").values, direction=DELAY.direction)
    assert row(store)["assurance"] == assurance(chart.latest, 12, DELAY.direction)
