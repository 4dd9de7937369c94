"""Charts of every kind in one language of marks: limits that follow each period, a median, frozen limits, points left out."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from analytics.results import Direction
from analytics.spc import c_chart, g_chart, p_chart, run_chart, t_chart, u_chart, xmr_chart
from data.types import Metric
from pages.shared.chart_layout import LABEL_GAP
from pages.shared.chart_tables import control_table
from pages.shared.charts import PERIODS_AHEAD, control_chart
from tests.tools.screen import plain

METRIC = Metric(id="m", name_fr="retours", name_en="returns", unit="", direction=Direction.DOWN)
WEEKS = pd.date_range("2025-08-11", periods=40, freq="7D")
CASES = pd.Series(np.tile([80.0, 120.0, 60.0, 100.0], 10), index=WEEKS)
EVENTS = pd.Series(np.random.default_rng(3).poisson(8, 40).astype(float), index=WEEKS)
GAPS = pd.Series(np.random.default_rng(5).geometric(0.02, 40).astype(float), index=WEEKS)
DOWN = {"direction": Direction.DOWN}
CHARTS = {
    "xmr": xmr_chart(EVENTS, **DOWN),
    "p": p_chart(EVENTS, CASES, per=100, **DOWN),
    "u": u_chart(EVENTS, CASES, **DOWN),
    "c": c_chart(EVENTS, **DOWN),
    "g": g_chart(GAPS, direction=Direction.UP),
    "t": t_chart(GAPS, direction=Direction.UP),
    "run": run_chart(EVENTS, **DOWN),
}


def week(index):
    return WEEKS[index].date()


def spec_of(chart, **changes):
    given = {"metric": METRIC, "grain": "week", "language": "fr", "theme": "light", **changes}
    return control_chart(chart, **given).to_dict()


def texts(spec):
    return [
        str(row["t"]).replace("\N{NO-BREAK SPACE}", " ")
        for layer in spec["layer"]
        for row in values_of(layer)
        if "t" in row
    ]


def values_of(layer):
    return layer["data"].get("values", [])


def layer_of(spec, **mark):
    return next((la for la in spec["layer"] if mark.items() <= la["mark"].items()), None)


@pytest.mark.accepts("2.2", "2.17")
@pytest.mark.parametrize(
    ("kind", "said"),
    [
        ("xmr", ["Limite haute", "Moyenne", "Limite basse"]),
        ("p", ["Limite haute", "Moyenne", "Limite basse"]),
        ("u", ["Limite haute", "Moyenne", "Limite basse"]),
        ("c", ["Limite haute", "Moyenne", "Limite basse"]),
        ("g", ["Limite haute", "Médiane", "Limite basse"]),
        ("t", ["Limite haute", "Médiane", "Limite basse"]),
        ("run", ["Médiane"]),
    ],
)
@pytest.mark.parametrize("phone", [False, True])
def test_every_line_has_its_value_at_its_right_end_and_no_two_touch(kind, said, phone):
    spec = spec_of(CHARTS[kind], phone=phone, targets=[(week(0), 8.0)])

    ends = next(la for la in spec["layer"] if any(str(row.get("t", "")).startswith("Cible") for row in values_of(la)))
    written = [row["t"].replace("\N{NO-BREAK SPACE}", " ") for row in values_of(ends)]
    short = {"Limite haute": "Haut", "Moyenne": "Moy.", "Limite basse": "Bas", "Médiane": "Méd."}
    for name in said:
        assert any(text.startswith(short[name] if phone else name) and text[-1].isdigit() for text in written), name
    heights = sorted(row["y"] for row in values_of(ends))
    axis = spec["layer"][0]["encoding"]["y"]["scale"]["domain"]
    pixel = (axis[1] - axis[0]) / spec["height"]
    assert min(np.diff(heights)) >= LABEL_GAP * pixel * 0.999


@pytest.mark.accepts("2.2")
def test_limits_follow_each_periods_denominator_in_steps():
    chart = CHARTS["p"]

    band = layer_of(spec_of(chart), type="area")

    assert band["mark"]["interpolate"] == "step-after"
    drawn = [row["upper"] for row in values_of(band)][:4]
    assert drawn == pytest.approx(chart.upper_limits[:4], rel=1e-6)
    assert len(set(drawn)) == 4


@pytest.mark.accepts("2.2")
def test_a_run_chart_has_a_median_and_no_limits():
    spec = spec_of(CHARTS["run"])

    assert layer_of(spec, type="rect") is None
    assert layer_of(spec, type="area") is None
    assert not [text for text in texts(spec) if text.startswith("Limite")]
    assert [text for text in texts(spec) if text.startswith("Médiane")]


@pytest.mark.accepts("2.4")
@pytest.mark.parametrize("kind", ["p", "u"])
def test_trial_limits_that_follow_the_denominator_have_no_band_either(kind):
    draw = {"p": p_chart, "u": u_chart}[kind]

    spec = spec_of(draw(EVENTS[:8], CASES[:8], **DOWN))

    assert layer_of(spec, type="area") is None
    assert layer_of(spec, type="line", interpolate="step-after") is not None
    assert any("provisoire" in text for text in texts(spec))


@pytest.mark.accepts("2.16")
def test_a_gap_cuts_the_steps_of_a_band_too():
    holed = EVENTS.copy()
    holed.iloc[18:20] = np.nan

    band = layer_of(spec_of(p_chart(holed, CASES, per=100, **DOWN)), type="area")

    assert {row["g"] for row in values_of(band)} == {1, 2}


@pytest.mark.accepts("2.5")
def test_frozen_limits_are_underlined_where_they_come_from_and_run_on_to_the_end():
    chart = xmr_chart(EVENTS, baseline_until=week(24), **DOWN)

    spec = spec_of(chart)

    foot = next(la for la in spec["layer"] if la["mark"].get("strokeWidth") == 4)
    (row,) = values_of(foot)
    assert row["x2"] == WEEKS[24].timestamp() * 1000
    (band,) = values_of(layer_of(spec, type="rect"))
    assert band["x2"] > WEEKS[39].timestamp() * 1000


@pytest.mark.accepts("2.15")
def test_a_point_left_out_stays_drawn_with_a_mark_of_its_own():
    spec = spec_of(xmr_chart(EVENTS, excluded=[week(12)], **DOWN))

    points = next(la for la in spec["layer"] if "shape" in la["encoding"])
    shape = dict(zip(*(points["encoding"]["shape"]["scale"][k] for k in ("domain", "range")), strict=True))
    assert shape["excluded"] not in {v for k, v in shape.items() if k != "excluded"}
    drawn = layer_of(spec, type="line")["data"]["values"]
    assert (drawn[12]["y"], drawn[12]["k"]) == (EVENTS.iloc[12], "excluded")


@pytest.mark.accepts("2.10")
def test_targets_run_on_over_periods_to_come_with_their_dated_changes():
    changes = [(week(0), 9.0), (week(39) + dt.timedelta(weeks=6), 7.0), (week(39) + dt.timedelta(weeks=90), 5.0)]

    dashed = values_of(layer_of(spec_of(CHARTS["xmr"], targets=changes), type="rule", strokeDash=[10, 4]))
    alone = values_of(layer_of(spec_of(CHARTS["xmr"], targets=changes[:1]), type="rule", strokeDash=[10, 4]))

    last = pd.Timestamp(WEEKS[39]).timestamp() * 1000
    per_week = 7 * 86400 * 1000
    assert [row["y"] for row in dashed] == [9.0, 7.0]
    assert dashed[1]["x"] == last + 6 * per_week
    assert alone[0]["x2"] >= last + PERIODS_AHEAD * per_week


def test_days_far_from_their_weeks_do_not_flatten_the_picture():
    days = [{"x": week(n).isoformat(), "y": 1000.0 if n == 5 else 8.0} for n in range(40)]

    with_days, without = spec_of(CHARTS["xmr"], days=days), spec_of(CHARTS["xmr"])

    assert with_days["layer"][0] == without["layer"][0]
    assert len(values_of(layer_of(with_days, type="circle"))) == 39


def test_days_stand_faint_behind_their_weeks():
    days = [{"x": (WEEKS[0] + pd.Timedelta(days=n)).date().isoformat(), "y": 7.0 + n % 3} for n in range(280)]

    spec = spec_of(CHARTS["xmr"], days=days, since=week(20))

    faint = layer_of(spec, type="circle")
    assert len(values_of(faint)) == 140
    assert faint["mark"]["opacity"] < 0.4
    assert [la["mark"]["type"] for la in spec["layer"]].index("circle") < [
        la["mark"]["type"] for la in spec["layer"]
    ].index("line"), "drawn before the weeks"


@pytest.mark.parametrize("kind", list(CHARTS))
def test_the_table_under_any_chart_holds_its_values_and_its_lines(kind):
    table = plain(control_table(CHARTS[kind], metric=METRIC, grain="week", language="en"))

    assert ("Median" in table) == (kind in ("run", "g", "t"))
    assert "week of 11 Aug 2025" in table
