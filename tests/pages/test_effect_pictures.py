"""Pictures of effects over several sites: the marks mean what they say, and the words are those of the result."""

import numpy as np
import pandas as pd
import pytest

from analytics.did import comparison_effect, differences_by_chance
from analytics.placebos import placebo_sites, placebo_starts
from analytics.results import Direction
from analytics.results_effects import EventStudy, EventTime, Placebos
from data.types import Metric
from pages.shared.effect_pictures import comparison_chart, comparison_key, event_study_chart, event_study_key
from pages.shared.effect_pictures_placebos import permutation_chart, placebo_chart, rank_words
from pages.shared.pictures import to_png
from pages.shared.trial_effect import named
from wording import sentence

METRIC = Metric(id="m", name_fr="délai de cycle", name_en="cycle time", unit="d", direction=Direction.DOWN)
WEEKS = pd.date_range("2025-08-11", periods=40, freq="7D")
START = WEEKS[26].date()
SITES = ("nantes", "metz", "lyon", "lille", "dijon", "tours", "brest", "rouen")
NAMES = {site: site.title() for site in SITES}
TREATED = ("nantes", "metz")
COMMON = {"metric": METRIC, "language": "en", "theme": "light"}


@pytest.fixture(scope="module")
def values():
    rng = np.random.default_rng(3)
    frame = pd.DataFrame(12 + rng.normal(size=(40, 8)) * 0.6 + rng.normal(size=8), WEEKS, list(SITES))
    frame.loc[WEEKS[26] :, list(TREATED)] -= 1.6
    return frame


@pytest.fixture(scope="module")
def effect(values):
    return comparison_effect(values, treated_sites=TREATED, intervention_date=START, rng=np.random.default_rng(0))


@pytest.fixture(scope="module")
def study():
    points = [EventTime(n, -0.1, -0.5, 0.3, 6) for n in range(-10, 0)]
    points[2] = EventTime(-8, 0.6, 0.2, 1.0, 6)
    after = [EventTime(0, -1.0, -1.5, -0.5, 6), EventTime(1, 0.9, 0.4, 1.4, 6), EventTime(2, -0.1, -0.6, 0.4, 5)]
    return EventStudy((*points, *after), 0.95, 8, SITES[:6], True)


def rows(spec):
    return [row for layer in spec["layer"] for row in layer["data"].get("values", [])]


def texts(spec):
    return [row["t"].replace("\N{NO-BREAK SPACE}", " ") for row in rows(spec) if "t" in row]


def layers(spec, mark, **style):
    return [
        layer
        for layer in spec["layer"]
        if layer["mark"]["type"] == mark and all(layer["mark"].get(key) == chosen for key, chosen in style.items())
    ]


@pytest.mark.accepts("5.6")
def test_the_comparison_picture_draws_both_means_and_what_was_expected_and_names_the_sites(values, effect):
    called, by_name = named(effect, NAMES), values.rename(columns=NAMES)
    spec = comparison_chart(by_name, called, intervention_date=START, grain="week", **COMMON).to_dict()

    others, treated = layers(spec, "line")
    assert (others["mark"]["strokeWidth"], treated["mark"]["strokeWidth"]) == (1.5, 2.2)
    assert treated["data"]["values"][0]["y"] == pytest.approx(values.iloc[0][list(TREATED)].mean(), abs=1e-5)
    (expected,) = layers(spec, "rule", strokeDash=[3, 3])
    after = values.loc[WEEKS[26] :, list(TREATED)].to_numpy().mean()
    assert after - expected["data"]["values"][0]["y"] == pytest.approx(effect.estimate)
    last = values.loc[WEEKS[26] :, list(TREATED)].to_numpy().mean()
    assert {"start", f"Treated {last:.1f}", f"Expected {expected['data']['values'][0]['y']:.1f}"} <= set(texts(spec))
    assert spec["description"] == sentence(called, "en", METRIC)
    assert "Nantes, Metz" in spec["description"]
    key = str(comparison_key(called, "fr"))
    assert "Nantes, Metz" in key
    assert "Lyon, Lille, Dijon, Tours, Brest, Rouen" in key


def test_a_site_that_is_missing_for_a_week_makes_no_step_in_the_mean(values, effect):
    holed = values.copy()
    holed.loc[WEEKS[10], "metz"] = np.nan
    spec = comparison_chart(holed, effect, intervention_date=START, grain="week", **COMMON).to_dict()

    drawn = layers(spec, "line")[1]["data"]["values"][10]["y"]
    level = holed[list(TREATED)].mean()
    assert drawn == pytest.approx(level.mean() + holed["nantes"].iloc[10] - level["nantes"], abs=1e-5)


def test_days_are_drawn_by_week_from_the_start_on_with_the_days_faint_behind(effect):
    days = pd.date_range("2026-01-05", periods=70)
    noise = np.random.default_rng(1).normal(12, 0.5, (70, 4))
    daily = pd.DataFrame(noise, days, list("abcd"))
    daily.iloc[17:24] = np.nan
    start = days[31].date()
    found = comparison_effect(daily, treated_sites=["a"], intervention_date=start, rng=np.random.default_rng(0))

    spec = comparison_chart(daily, found, intervention_date=start, grain="day", **COMMON).to_dict()

    faint = layers(spec, "line", opacity=0.35)
    weekly = [layer for layer in layers(spec, "line") if layer not in faint]
    assert len(faint) == len(weekly) == 2
    after = [row for row in weekly[1]["data"]["values"] if row["x"] >= pd.Timestamp(start).value // 10**6]
    assert after[0]["y"] == pytest.approx(daily["a"].iloc[31:38].mean(), abs=1e-5)
    assert None in [row["y"] for row in weekly[1]["data"]["values"]]


@pytest.mark.parametrize(("grain", "phone"), [("quarter", False), ("month", True)])
def test_the_comparison_picture_holds_in_any_grain_and_without_the_excluded_periods(values, effect, grain, phone):
    left_out = [WEEKS[0].date()]
    spec = comparison_chart(
        values, effect, intervention_date=START, grain=grain, excluded=left_out, phone=phone, description="x", **COMMON
    ).to_dict()

    assert len(layers(spec, "line")[0]["data"]["values"]) == len(WEEKS) - 1
    assert spec["description"] == "x"


@pytest.mark.accepts("5.7")
def test_the_event_study_marks_the_base_the_start_and_each_reading_by_its_shape(study):
    spec = event_study_chart(study, grain="week", **COMMON).to_dict()

    (base,) = layers(spec, "rect")
    assert (base["data"]["values"][0]["u"], base["data"]["values"][0]["v"]) == (-8.5, -0.5)
    shapes = {layer["mark"]["shape"]: layer["data"]["values"] for layer in layers(spec, "point")}
    assert {shape: len(found) for shape, found in shapes.items()} == {
        "circle": 10,
        "triangle-up": 1,
        "diamond": 1,
        "square": 1,
    }
    assert shapes["triangle-up"][0]["u"] == -8  # a doubt about the start, not a verdict
    assert len(layers(spec, "rule", strokeWidth=1.5)[-1]["data"]["values"]) == 13
    assert spec["description"] == sentence(study, "en", METRIC)
    assert len(event_study_key("fr")) == 5


def test_an_event_study_without_points_is_a_mistake_of_the_caller():
    with pytest.raises(ValueError, match="no point"):
        event_study_chart(EventStudy((), 0.95, 8, (), True), grain="week", **COMMON)


@pytest.mark.accepts("5.13")
def test_every_false_start_is_a_hollow_circle_beside_the_real_one_and_its_rank(values):
    series = values["nantes"]
    found = placebo_starts(series, intervention_date=START, true_estimate=-1.9, trend=False)

    spec = placebo_chart(found, estimate=-1.9, lower=-2.6, upper=-1.2, **COMMON).to_dict()

    (hollow,) = layers(spec, "point", shape="circle")
    assert len(hollow["data"]["values"]) == len(found.names)
    assert hollow["mark"]["fill"] == "#FCFBF8"
    (real,) = layers(spec, "point", shape="diamond")
    assert real["data"]["values"][0]["u"] == -1.9
    assert rank_words(found, "en").endswith(f"largest of {len(found.names) + 1}")
    assert {"−1.9 d", rank_words(found, "en"), "no effect"} <= set(texts(spec))
    assert spec["description"] == sentence(found, "en", METRIC)


@pytest.mark.accepts("5.13")
def test_untreated_sites_stand_beside_the_treated_ones(values, effect):
    found = placebo_sites(
        values, treated_sites=TREATED, intervention_date=START, true_estimate=effect.estimate,
        rng=np.random.default_rng(0),
    )  # fmt: skip
    spec = placebo_chart(
        found, estimate=effect.estimate, lower=effect.lower, upper=effect.upper, phone=True,
        **{**COMMON, "language": "fr", "theme": "dark"},
    ).to_dict()  # fmt: skip

    assert len(layers(spec, "point", shape="circle")[0]["data"]["values"]) == 6
    assert "les vrais sites : le plus grand des 7" in texts(spec)


def test_a_null_among_placebos_is_filled_with_ink_and_says_its_number():
    found = Placebos("starts", tuple("abcdef"), (0.3, -0.3, 0.5, -0.1, 0.2, 0.4), (0.5,) * 6, 0, 0.3, 3, 0.05)

    spec = placebo_chart(found, estimate=0.25, lower=-0.2, upper=0.7, **COMMON).to_dict()

    real = [layer for layer in layers(spec, "point", shape="circle") if layer["mark"]["fill"] != "#FCFBF8"]
    assert len(real) == 1
    assert "the real start: number 4 of 7 by size" in texts(spec)


def test_the_permutation_picture_holds_every_way_and_darkens_those_as_large(effect):
    found = differences_by_chance(effect, np.random.default_rng(0))
    spec = permutation_chart(effect, rng=np.random.default_rng(0), **COMMON).to_dict()

    pale, dark = layers(spec, "rect")
    drawn = [sum(row["y2"] - row["y"] for row in layer["data"]["values"]) for layer in (pale, dark)]
    assert sum(drawn) == len(found) == effect.n_assignments == 28
    assert drawn[1] == pytest.approx(effect.p_value * 28)
    assert found[0] == pytest.approx(effect.estimate)
    assert "3.6%" in spec["description"]


def test_with_many_sites_the_ways_are_drawn_by_lot():
    rng = np.random.default_rng(1)
    many = pd.DataFrame(rng.normal(size=(12, 24)), WEEKS[:12], [f"s{n}" for n in range(24)])
    start = WEEKS[6].date()
    wide = comparison_effect(many, treated_sites=[f"s{n}" for n in range(8)], intervention_date=start, rng=rng)

    found = differences_by_chance(wide, np.random.default_rng(5))

    assert (wide.all_assignments, len(found)) == (False, wide.n_assignments)
    assert found[0] == pytest.approx(wide.estimate)
    assert (np.abs(found) >= abs(wide.estimate)).mean() == pytest.approx(wide.p_value, abs=0.02)


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_each_picture_can_be_drawn_in_both_themes_and_widths(values, effect, study, phone, theme):
    given = {"metric": METRIC, "language": "fr", "theme": theme, "phone": phone}
    charts = [
        comparison_chart(values, effect, intervention_date=START, grain="week", **given),
        event_study_chart(study, grain="week", **given),
    ]

    for chart in charts:
        assert to_png(chart, "fr", theme=theme, width=390 if phone else 760, scale=1).startswith(b"\x89PNG")
