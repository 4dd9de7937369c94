"""Forests and the picture of all experiments: a row each, what they say together, and lines that mean something."""

import pytest

from analytics.pooling import pooled_effect, portfolio_total
from analytics.results import Direction
from data.types import Metric
from pages.shared.pictures import to_png
from pages.shared.pooling_charts import EffectRow, forest_chart, forest_key, portfolio_chart, portfolio_key
from wording import sentence

METRIC = Metric(id="m", name_fr="délai de cycle", name_en="cycle time", unit="d", direction=Direction.DOWN)
ESTIMATES, ERRORS = (-1.9, -0.6, -1.4, 0.3, -2.6), (0.35, 0.4, 0.6, 0.5, 0.9)
NAMES = ("E-01 · Nantes", "E-07 · Lyon", "E-09 · Metz", "E-13 · Dijon", "E-15 · Saint-Maur-des-Fossés-Centre")
ROWS = [EffectRow(n, e, e - 2 * s, e + 2 * s) for n, e, s in zip(NAMES, ESTIMATES, ERRORS, strict=True)]
COMMON = {"metric": METRIC, "language": "en", "theme": "light"}


@pytest.fixture(scope="module")
def pooled():
    return pooled_effect(ESTIMATES, ERRORS, sites=NAMES)


@pytest.fixture(scope="module")
def total():
    return portfolio_total(ESTIMATES, ERRORS, names=NAMES)


def layers(spec, mark, **style):
    return [
        layer
        for layer in spec["layer"]
        if layer["mark"]["type"] == mark and all(layer["mark"].get(key) == chosen for key, chosen in style.items())
    ]


def texts(spec):
    rows = [row for layer in spec["layer"] for row in layer["data"].get("values", [])]
    return [row["t"].replace("\N{NO-BREAK SPACE}", " ") for row in rows if "t" in row]


@pytest.mark.accepts("5.23")
def test_a_forest_has_a_row_an_experiment_the_pooled_diamond_and_the_next_site(pooled):
    spec = forest_chart(pooled, ROWS, worthwhile=-1.0, **COMMON).to_dict()

    intervals = [layer["data"]["values"][0] for layer in layers(spec, "rule", strokeWidth=1.8)]
    assert [(row["u"], row["v"]) for row in intervals[:5]] == [(row.lower, row.upper) for row in ROWS]
    shapes = [layer["mark"]["shape"] for layer in layers(spec, "point")]
    assert shapes == ["diamond", "circle", "diamond", "circle", "diamond", "circle"]  # the last one: all together
    (lozenge,) = layers(spec, "area")
    ends = [row["u"] for row in lozenge["data"]["values"]]
    assert ends == [pooled.lower, pooled.estimate, pooled.upper]
    (ahead,) = layers(spec, "rule", strokeWidth=9)
    assert ahead["data"]["values"][0]["u"] == pooled.next_lower
    assert ahead["data"]["values"][0]["v"] == pooled.next_upper
    assert {"no effect", "worthwhile from −1.0", "All together", "Next site", "24%"} <= set(texts(spec))
    assert spec["description"] == sentence(pooled, "en", METRIC)


def test_the_mark_of_an_estimate_grows_with_its_weight(pooled):
    spec = forest_chart(pooled, ROWS, **COMMON).to_dict()

    areas = [layer["mark"]["size"] for layer in layers(spec, "point")][:5]
    by_weight = sorted(range(5), key=lambda n: pooled.shares[n])
    assert sorted(areas) == [areas[n] for n in by_weight]


def test_two_experiments_say_that_the_next_site_is_not_known_yet():
    two = pooled_effect(ESTIMATES[:2], ERRORS[:2], sites=NAMES[:2])

    spec = forest_chart(two, ROWS[:2], **{**COMMON, "language": "fr"}).to_dict()

    assert "pas encore connu" in texts(spec)
    assert not layers(spec, "rule", strokeWidth=9)
    assert "−1,9 (−2,6 à −1,2)" in texts(spec)


def test_on_a_phone_words_stand_above_their_marks_and_lines_between_them(pooled):
    spec = forest_chart(pooled, ROWS, worthwhile=-1.0, phone=True, **COMMON).to_dict()

    (none,) = layers(spec, "rule", strokeWidth=1.6)
    assert len(none["data"]["values"]) == 7
    assert "−1.9 (−2.6 to −1.2) · 24%" in texts(spec)
    assert any(text.startswith("E-15") and text.endswith("…") for text in texts(spec))


@pytest.mark.accepts("5.19")
def test_every_experiment_stands_as_measured_and_less_luck(total):
    spec = portfolio_chart(total, ROWS, **COMMON).to_dict()

    points = layers(spec, "point")
    raw, shrunk = points[::2], points[1::2]
    assert [layer["data"]["values"][0]["u"] for layer in raw] == list(ESTIMATES)
    assert [layer["data"]["values"][0]["u"] for layer in shrunk] == list(total.shrunk)
    assert len(layers(spec, "rule", strokeWidth=8)) == 5
    assert {"as measured", "less luck"} <= set(texts(spec))
    assert spec["description"] == sentence(total, "en", METRIC)


@pytest.mark.parametrize("draw", [forest_chart, portfolio_chart])
def test_rows_must_be_those_of_the_result(pooled, total, draw):
    with pytest.raises(ValueError, match="as many rows"):
        draw(pooled if draw is forest_chart else total, ROWS[:2], **COMMON)


def test_an_experiment_with_the_same_ends_and_no_effect_can_still_be_drawn():
    flat = [EffectRow(name, 0.0, 0.0, 0.0) for name in NAMES[:3]]
    same = pooled_effect([0.0] * 3, [0.1] * 3, sites=NAMES[:3])

    assert forest_chart(same, flat, **COMMON).to_dict()["layer"]


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("language", ["fr", "en"])
def test_pictures_are_drawn_in_both_languages_and_widths(pooled, total, phone, language):
    given = {"metric": METRIC, "language": language, "theme": "dark", "phone": phone}

    for chart in (forest_chart(pooled, ROWS, **given), portfolio_chart(total, ROWS, **given)):
        assert to_png(chart, language, theme="dark", width=390 if phone else 760, scale=1).startswith(b"\x89PNG")
    assert len(forest_key(language)) == 5
    assert [icon for icon, _ in portfolio_key(language)] == ["ring", "dot"]


@pytest.mark.parametrize("phone", [False, True])
def test_figures_stand_on_a_ground_of_their_own_free_of_the_rule(pooled, phone):
    spec = forest_chart(pooled, ROWS, worthwhile=-1.0, phone=phone, **COMMON).to_dict()

    figures = [
        layer["mark"] for layer in spec["layer"] if layer["mark"].get("align") == "right" and layer["mark"]["dy"] != -9
    ]
    assert [mark.get("strokeWidth") for mark in figures[::2]] == [6] * (len(figures) // 2)
    assert not any("stroke" in mark for mark in figures[1::2])
