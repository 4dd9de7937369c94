"""What every chart promises: its meaning in shapes and words, in the reader's language, light enough to send."""

import dataclasses
import datetime as dt
import json
import re

import numpy as np
import pandas as pd
import pytest

from analytics.results import (
    Direction,
    LimitsKind,
    NotComputable,
    Pace,
    Phase,
    PointType,
    Progress,
    SiteEffect,
    Variation,
    XmrChart,
)
from data.types import Metric
from pages.shared.chart_layout import LABEL_GAP, STACK_GAP, TAG_GAP, spread, tag_rows, time_ticks, vertical_scale
from pages.shared.chart_tables import control_table, facet_table, values_table
from pages.shared.charts import Pin, control_chart, points_chart
from pages.shared.effect_chart import effect_interval_chart
from pages.shared.evidence_charts import before_after_chart
from pages.shared.pictures import to_png, to_svg
from pages.shared.plan_charts import KeyResultLine, RolloutStep, key_result_chart, rollout_chart
from pages.shared.small_multiples import Panel, facet_chart
from wording import say, sentence

METRIC = Metric(id="m", name_fr="délai de cycle", name_en="cycle time", unit="d", direction=Direction.DOWN)
WEEKS = pd.date_range("2025-08-11", periods=40, freq="7D")
nan = float("nan")


def week(index):
    return WEEKS[index].date()


@pytest.fixture
def chart():
    """Two phases, a hole of two weeks, a concern in the first phase and an improvement at the end."""
    values = np.array([12.0 + 0.5 * (i % 3) for i in range(26)] + [10.0 + 0.3 * (i % 3) for i in range(14)])
    values[19:21] = nan
    values[12] = 16.4
    kinds = [PointType.COMMON_CAUSE] * 33 + [PointType.IMPROVEMENT] * 7
    kinds[12] = PointType.CONCERN
    kinds[19] = kinds[20] = PointType.MISSING
    phases = (
        Phase(week(0), week(25), 24, LimitsKind.FULL, 12.56, 10.8, 14.32, 0.66, 2.2),
        Phase(week(26), week(39), 14, LimitsKind.FULL, 10.15, 9.18, 11.13, 0.37, 1.2),
    )
    return XmrChart(
        WEEKS, values, np.abs(np.diff(values, prepend=nan)), tuple(kinds), phases, (), Variation.IMPROVING,
        Direction.DOWN, (week(19), week(20)),
    )  # fmt: skip


@pytest.fixture
def draw(chart):
    def drawn(**changes):
        given = {"metric": METRIC, "grain": "week", "language": "fr", "theme": "light", "description": "x", **changes}
        return control_chart(given.pop("chart", chart), **given)

    return drawn


def rows(spec):
    """Every row of every layer."""
    return [row for layer in spec["layer"] for row in layer["data"].get("values", [])]


def texts(spec):
    found = []
    for row in rows(spec):
        text = row.get("t", [])
        found += text if isinstance(text, list) else [text]
    return found


@pytest.mark.accepts("9.10")
def test_each_reading_of_a_point_has_a_shape_of_its_own_beside_its_colour(draw):
    points = next(layer for layer in draw().to_dict()["layer"] if "shape" in layer["encoding"])

    shape = points["encoding"]["shape"]["scale"]
    assert dict(zip(shape["domain"], shape["range"], strict=True)) == {
        "common_cause": "circle",
        "improvement": "diamond",
        "concern": "square",
    }


def test_the_line_and_the_band_are_cut_where_two_weeks_are_missing(draw):
    spec = draw().to_dict()

    line = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "line")
    assert [row["y"] for row in line["data"]["values"][19:21]] == [None, None]
    assert line["mark"]["invalid"].startswith("break-paths")
    bands = next(layer for layer in spec["layer"] if layer["mark"]["type"] == "rect")
    assert len(bands["data"]["values"]) == 3
    assert {"2 sem.", "absentes"} <= {text.replace("\N{NO-BREAK SPACE}", " ") for text in texts(spec)}


def test_earlier_limits_stay_with_their_words_when_limits_are_recalculated(draw):
    said = [text.replace("\N{NO-BREAK SPACE}", " ") for text in texts(draw().to_dict())]

    assert "Moyenne 12,6 (10,8 – 14,3)" in said
    assert "Limite haute 11,1" in said
    assert "Limite basse 9,2" in said


def test_trial_limits_are_drawn_by_their_edges_alone(chart, draw):
    trial = Phase(week(0), week(39), 9, LimitsKind.TRIAL, 12.0, 10.0, 14.0, 0.6, 2.0)
    given = XmrChart(
        chart.periods, chart.values, chart.moving_ranges, chart.point_types, (trial,), (), chart.variation,
        chart.direction, chart.missing_periods,
    )  # fmt: skip

    spec = draw(chart=given).to_dict()

    assert not [layer for layer in spec["layer"] if layer["mark"]["type"] == "rect"]
    assert any("provisoire" in text for text in texts(spec))


def test_both_levels_of_a_target_that_changed_stay_visible(draw):
    spec = draw(targets=[(dt.date(2025, 1, 1), 10.0), (week(34), 9.0)]).to_dict()

    dashed = next(layer for layer in spec["layer"] if layer["mark"].get("strokeDash") == [10, 4])
    assert [row["y"] for row in dashed["data"]["values"]] == [10.0, 9.0]
    assert any(text.startswith("Cible") and "9,0" in text for text in texts(spec))


@pytest.mark.accepts("3.14")
def test_a_decision_is_named_on_the_chart_itself(draw):
    spec = draw(pins=[Pin("D-12", "decision", week(26)), Pin("I-3", "incident", week(12))]).to_dict()

    assert {"D-12", "I-3"} <= set(texts(spec))


def test_a_decision_on_a_missing_week_still_has_its_tag(draw):
    assert "D-12" in texts(draw(pins=[Pin("D-12", "decision", week(19))]).to_dict())


@pytest.mark.accepts("3.16")
@pytest.mark.parametrize("phone", [False, True])
def test_tags_never_share_a_place_and_a_crowd_is_counted(phone):
    rng = np.random.default_rng(7)
    positions = sorted(rng.uniform(0.3, 0.6, 14))

    placed = tag_rows(positions, phone=phone)

    assert sorted(member for tag in placed for member in tag.members) == list(range(14))
    for a in placed:
        for b in placed:
            if a is not b and a.row == b.row:
                wide = len(a.members) > 1 and len(b.members) > 1
                assert abs(a.x - b.x) >= (STACK_GAP if wide else TAG_GAP)[phone]


def test_a_crowded_chart_shows_the_count_behind_a_tag(draw):
    pins = [Pin(f"D-{i:02d}", "decision", week(20 + i // 3)) for i in range(14)]

    assert any(re.fullmatch(r"D-\d\d \+\d+", text) for text in texts(draw(pins=pins).to_dict()))


def gap_words(spec):
    """The layer that names a hole."""
    return next(la for la in spec["layer"] if any("absentes" in r.get("t", "") for r in la["data"].get("values", [])))


@pytest.mark.parametrize("phone", [False, True])
def test_words_of_a_hole_move_aside_where_a_stem_would_cross_them(draw, phone):
    free = gap_words(draw(phone=phone).to_dict())
    pinned = gap_words(draw(phone=phone, pins=[Pin("D-12", "decision", week(19))]).to_dict())

    assert free["mark"]["align"] == "center"
    assert pinned["mark"]["align"] in {"left", "right"}


def test_end_labels_keep_their_order_and_eighteen_pixels():
    scale = vertical_scale([9.0, 12.0], height=430)

    moved = spread([9.0, 9.1, 9.15, 12.0], LABEL_GAP * scale.per_pixel)

    assert moved == sorted(moved)
    assert min(np.diff(moved)) >= LABEL_GAP * scale.per_pixel * 0.999


@pytest.mark.accepts("9.7")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_text_alternative_is_the_finding(chart, language):
    drawn = control_chart(chart, metric=METRIC, grain="week", language=language, theme="light")

    assert drawn.to_dict()["description"] == sentence(chart, language, METRIC)


@pytest.mark.accepts("9.6")
def test_a_french_picture_has_french_months_and_commas(draw):
    picture = to_svg(draw(targets=[(week(0), 9.5)]), "fr").replace("\N{NO-BREAK SPACE}", " ")

    for expected in ("sept.", "déc.", "Cible 9,5", "Moyenne 10,2"):
        assert expected in picture


def test_an_english_picture_has_english_ones(draw):
    picture = to_svg(draw(language="en", targets=[(week(0), 9.5)]), "en")

    for expected in ("Sep", "Dec", "Target 9.5", "Mean 10.2"):
        assert expected in picture


@pytest.mark.promises("F5")
def test_a_hostile_name_changes_a_charts_data_and_titles_and_nothing_else(draw):
    hostile = "datum['x'] \"}]}</script>{{7*7}} \\u0022 =1+1 [a](javascript:x)"
    drawn = [
        draw(
            metric=METRIC.model_copy(update={"name_fr": name, "name_en": name, "unit": name}), description=name,
            pins=[Pin(name, "decision", week(26))], selectable=True,
        ).to_dict()
        for name in ("délai", hostile)
    ]  # fmt: skip

    plain, odd = (shape_of(spec) for spec in drawn)

    assert json.dumps(hostile, ensure_ascii=False)[1:-1] in json.dumps(drawn[1], ensure_ascii=False)
    assert "datum['x']" not in json.dumps(odd)
    assert odd == plain


def shape_of(spec):
    """A chart's description without its data and what is written on it."""
    if isinstance(spec, dict):
        return {
            key: shape_of(value)
            for key, value in spec.items()
            if key not in ("data", "datasets", "title", "description")
        }
    return [shape_of(value) for value in spec] if isinstance(spec, list) else spec


@pytest.mark.promises("F5")
def test_no_word_stands_in_an_expression(draw):
    spec = draw(selectable=True, pins=[Pin("D-12", "decision", week(26))]).to_dict()

    expressions = [layer["encoding"]["x"]["axis"]["labelExpr"] for layer in spec["layer"]
                   if "axis" in layer["encoding"]["x"]]  # fmt: skip
    quoted = [word for expression in expressions for word in re.findall(r"'([^']*)'", expression)]
    assert quoted
    assert all(re.fullmatch(r"(%-?[a-zA-Z] ?)*", word) for word in quoted)


def test_dates_on_axes_are_never_bare_numbers(draw):
    spec = json.dumps(draw().to_dict()["layer"][0]["encoding"]["x"])

    assert '"utc": true' in spec
    assert '"domain"' not in spec


def test_two_years_of_weeks_with_decisions_stay_light():
    weeks = pd.date_range("2024-01-01", periods=104, freq="7D")
    values = 12 + np.sin(np.arange(104))
    phase = Phase(weeks[0].date(), weeks[-1].date(), 104, LimitsKind.FULL, 12.0, 10.0, 14.0, 0.6, 2.0)
    given = XmrChart(
        weeks, values, values, (PointType.COMMON_CAUSE,) * 104, (phase,), (), Variation.COMMON_CAUSE, Direction.DOWN, ()
    )

    pins = [Pin(f"D-{i}", "decision", weeks[i * 9].date()) for i in range(10)]
    drawn = control_chart(
        given, metric=METRIC, grain="week", language="fr", theme="dark", pins=pins, selectable=True, description="x"
    )

    assert len(drawn.to_json(indent=None)) < 20 * 1024


def test_too_few_points_are_drawn_without_limits_and_say_why():
    reason = sentence(NotComputable("too_few_points", {"found": 4, "needed": 6}), "fr")
    values = pd.Series([12.0, 12.5, nan, 11.0], index=WEEKS[:4])

    drawn = points_chart(values, metric=METRIC, grain="week", language="fr", theme="light", description=reason)

    assert drawn.to_dict()["description"] == reason
    assert not [layer for layer in drawn.to_dict()["layer"] if layer["mark"]["type"] == "rect"]
    assert "NaN" not in to_svg(drawn, "fr")


def test_a_shorter_view_keeps_the_limits_of_the_whole(draw):
    spec = draw(since=week(30)).to_dict()

    assert min(row["x"] for row in rows(spec) if "k" in row) == WEEKS[30].timestamp() * 1000
    assert any("11,1" in text for text in texts(spec))


def panels(n, chart):
    return [
        Panel(f"s{i}", f"Site {i}", chart.values, chart.point_types, Variation.CONCERN if i == 0 else None)
        for i in range(n)
    ]


def test_fifteen_sites_are_one_picture_with_the_state_in_words(chart):
    drawn = facet_chart(panels(15, chart), WEEKS, metric=METRIC, language="fr", theme="light", target=9.0)

    assert drawn.to_dict()["columns"] == 5
    assert "Site 0 · préoccupe" in to_svg(drawn, "fr")
    assert drawn.to_dict()["description"].startswith("15 sites")


@pytest.mark.accepts("9.11")
def test_a_phone_gets_two_columns_that_fit_358_pixels(chart):
    drawn = facet_chart(panels(4, chart), WEEKS, metric=METRIC, language="fr", theme="dark", phone=True)

    width = re.search(r'width="([\d.]+)"', to_svg(drawn, "fr"))
    assert drawn.to_dict()["columns"] == 2
    assert float(width[1]) <= 358


def test_two_sites_of_one_name_keep_a_panel_each(chart):
    twins = [Panel("a", "Metz", chart.values), Panel("b", "Metz", chart.values)]

    picture = to_svg(facet_chart(twins, WEEKS, metric=METRIC, language="en", theme="light"), "en")

    assert "Metz (2)" in picture


def test_a_site_without_any_value_is_a_panel_and_not_an_error(chart):
    blank = Panel("a", "Reims", np.full(40, nan), word="pas en service")

    drawn = facet_chart([*panels(1, chart), blank], WEEKS, metric=METRIC, language="fr", theme="light")

    assert "Reims · pas en service aucune valeur" in drawn.to_dict()["description"]


def progress(share):
    return Progress(share, 0.7, 9.9, 10.2, dt.date(2026, 5, 18), 3, 40, Pace.BEHIND)


@pytest.mark.accepts("4.14")
@pytest.mark.parametrize("share", [-0.4, 1.3])
def test_a_key_result_below_its_start_or_beyond_its_target_is_not_clipped(share):
    line = KeyResultLine("Délai", METRIC, 13.1, 9.0, progress(share))

    spec = key_result_chart([line], language="fr", theme="light").to_dict()

    low, high = spec["layer"][0]["encoding"]["x"]["scale"]["domain"]
    assert low < share < high


@pytest.mark.parametrize(("expected", "lifted"), [(1.0, True), (0.7, False)])
def test_the_targets_words_stand_clear_of_the_wedge_of_a_pace_that_is_due(expected, lifted):
    due = Progress(0.5, expected, 9.9, 10.2, dt.date(2026, 5, 18), 3, -4, Pace.BEHIND)
    spec = key_result_chart([KeyResultLine("Délai", METRIC, 13.1, 9.0, due)], language="fr", theme="light").to_dict()

    words = [layer["mark"]["dy"] for layer in spec["layer"] if layer["mark"]["type"] == "text"]
    assert ((-26 in words), (-20 in words)) == (lifted, not lifted)


def test_a_key_result_without_a_value_is_drawn_without_one():
    line = KeyResultLine("Délai", METRIC, 13.1, 9.0, None)

    assert "Délai" in to_svg(key_result_chart([line], language="fr", theme="light"), "fr")


def test_the_rollout_says_live_and_planned_in_words():
    live = [RolloutStep(dt.date(2025, 9, 1), 3), RolloutStep(dt.date(2026, 4, 13), 9)]
    planned = [RolloutStep(dt.date(2025, 9, 1), 3), RolloutStep(dt.date(2026, 5, 11), 11)]

    drawn = rollout_chart(live, planned, today=dt.date(2026, 5, 18), total=15, language="en", theme="light")

    assert {"9 live", "planned: 11", "today"} <= set(texts(drawn.to_dict()))
    assert drawn.to_dict()["description"] == say("charts.rollout", "en", live=9, planned=11, total=15)


def effect(estimate, lower, upper):
    return SiteEffect(
        estimate, lower, upper, 0.95, None, None, None, 12.5, 9.8, 0.01, 0.2, 24, 14, 2, ("level",), "identity",
        (12.5,) * 14,
    )  # fmt: skip


def test_before_and_after_carry_their_means_and_what_was_expected(chart):
    drawn = before_after_chart(
        pd.Series(chart.values, index=WEEKS), effect(-2.7, -3.4, -2.0), intervention_date=week(26), metric=METRIC,
        grain="week", language="fr", theme="light", pin=Pin("D-12", "decision", week(26)), excluded={week(12)},
    )  # fmt: skip

    said = " ".join(texts(drawn.to_dict())).replace("\N{NO-BREAK SPACE}", " ")
    assert "avant · 23 semaines" in said
    assert "après · 14 semaines" in said
    assert "sans changement 12,5" in said
    assert "D-12" in said


def test_words_of_a_short_after_stand_at_the_edge_and_the_line_leaves_them_room(chart):
    spec = before_after_chart(
        pd.Series(chart.values, index=WEEKS), None, intervention_date=week(37), metric=METRIC, grain="week",
        language="fr", theme="light",
    ).to_dict()  # fmt: skip

    after = next(
        layer for layer in spec["layer"] if any("après" in str(r.get("t")) for r in layer["data"].get("values", []))
    )
    line = next(layer for layer in spec["layer"] if layer["mark"].get("strokeWidth") == 2)
    assert after["mark"]["align"] == "right"
    assert line["data"]["values"][0]["y2"] < after["data"]["values"][0]["y"]


def test_what_was_expected_of_days_is_drawn_by_week_and_said_by_its_true_mean():
    days = pd.date_range("2026-01-05", periods=100, freq="D")
    found = dataclasses.replace(effect(-1.0, -2.0, -0.5), counterfactual=tuple(10.0 + (i % 7) for i in range(50)))
    spec = before_after_chart(
        pd.Series(np.linspace(9, 12, 100), index=days), found, intervention_date=days[50].date(), metric=METRIC,
        grain="day", language="en", theme="light",
    ).to_dict()  # fmt: skip

    dashed = next(la for la in spec["layer"] if la["mark"]["type"] == "line" and la["mark"].get("strokeDash") == [3, 3])
    levels = [row["y"] for row in dashed["data"]["values"]]
    assert len(levels) == 50 // 7 + 2
    assert max(levels) - min(levels) < 0.5, "the days of a week differ by six"
    assert any(f"{np.mean(found.counterfactual):.1f}" in text for text in texts(spec))


@pytest.mark.parametrize(
    ("given", "shape"),
    [((-2.7, -3.4, -2.0), "diamond"), ((-0.1, -0.6, 0.4), "circle"), ((1.4, 0.5, 2.3), "square")],
)
def test_help_null_and_harm_share_one_template_and_differ_by_shape(given, shape):
    spec = effect_interval_chart(effect(*given), metric=METRIC, language="fr", theme="light", worthwhile=-1.0).to_dict()

    assert [layer["mark"]["shape"] for layer in spec["layer"] if "shape" in layer["mark"]] == [shape]
    assert spec["height"] == 104
    assert "aucun effet" in texts(spec)


@pytest.mark.parametrize("width", [760, 430])
def test_a_picture_for_a_page_is_exactly_as_wide_as_asked(chart, draw, width):
    picture = to_svg(draw(phone=width == 430), "fr", width=width)

    assert f'width="{width}"' in picture
    assert "Plex" in picture
    assert "http" not in picture.replace("http://www.w3.org/", "")


def test_a_png_uses_the_shipped_font_and_not_a_stand_in(draw):
    import vl_convert

    drawn = draw()
    ours = to_png(drawn, "fr", width=430)
    spec = json.loads(drawn.to_json().replace("Plex, Essaim Sans, sans-serif", "monospace"))
    spec["width"] = 430

    assert ours.startswith(b"\x89PNG")
    assert ours != vl_convert.vegalite_to_png(spec, scale=2)


@pytest.mark.parametrize(
    ("last", "step"),
    [(dt.date(2025, 9, 20), "day"), (dt.date(2026, 5, 18), "month"), (dt.date(2031, 5, 18), "month")],
)
def test_ticks_stay_few_whatever_the_span(last, step):
    found, said = time_ticks(dt.date(2025, 8, 11), last, at_most=12)

    assert said == step
    assert 1 <= len(found) <= 13


@pytest.mark.accepts("9.9")
def test_the_values_of_a_chart_are_a_table_with_words_for_each_reading():
    series = pd.Series([12.0, nan, 16.4], index=WEEKS[:3])
    kinds = [PointType.COMMON_CAUSE, PointType.MISSING, PointType.CONCERN]
    pins = [Pin("D-12", "decision", week(1))]

    written = values_table(series, metric=METRIC, grain="week", language="fr", point_types=kinds, pins=pins)

    assert written.index("25\N{NO-BREAK SPACE}août") < written.index("11\N{NO-BREAK SPACE}août")
    for expected in ("non mesuré", "signal défavorable", "D-12"):
        assert expected in written


@pytest.mark.accepts("9.9")
def test_the_table_of_a_control_chart_holds_every_value_and_every_limit(chart):
    written = control_table(chart, metric=METRIC, grain="week", language="en")

    assert written.count('<th scope="row"') == 40 + 2
    for limit in ("10.8", "14.3", "9.2", "11.1"):
        assert f"{limit}\N{NO-BREAK SPACE}d" in written


def test_the_table_of_a_facet_says_last_value_and_state(chart):
    written = facet_table(panels(2, chart), metric=METRIC, language="en")

    assert "concern" in written
    assert written.count('<th scope="row"') == 2
