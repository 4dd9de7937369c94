"""One metric of one site on its screen: the finding, the picture, its table, what was decided; at any size, in both languages."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from data import records
from data.access import actor_for
from data.decisions import pin_decision, supersede_decision
from data.observations import commit_load
from data.people import assign, people, register_person
from data.types import Aggregation, Batch, DecisionType, Direction, Grain, Metric, MetricKind, Role
from pages.cohort.metric_picture import table_of
from pages.cohort.metric_view import metric_view
from tests.tools.screen import charts, inside, markup, opened, plain, primary_buttons, title, words
from tests.tools.stores import TODAY

METRIC = "pages.cohort.metric"
FIRST = TODAY - dt.timedelta(weeks=40)


def founder(store):
    with store.read() as cursor:
        return actor_for(cursor, people(cursor)[0].id, store.today())


def measure(store, values, *, direction=Direction.DOWN):
    """Give the first site a further metric, "extra", with one value a week."""
    actor = founder(store)
    weeks = [FIRST + dt.timedelta(weeks=week) for week, y in enumerate(values) if not np.isnan(y)]
    frame = pd.DataFrame(
        {
            "site_id": "s000", "metric_id": "extra", "segment": "", "period_start": weeks, "grain": "week",
            "value": [y for y in values if not np.isnan(y)], "weight": np.nan, "source_row": range(len(weeks)),
            "source_column": "B", "mark": "",
        }
    )  # fmt: skip
    metric = Metric(
        id="extra", name_fr="Retards", name_en="Delays", unit="d", direction=direction, kind=MetricKind.MEASURE,
        frequency=Grain.WEEK, aggregation=Aggregation.MEAN, process_id="process", decimals=1,
    )  # fmt: skip
    batch = Batch(id=records.new_id(), file_name="extra.csv", file_hash="1" * 64, person_id=actor.person_id)
    commit_load(store, actor, batch=batch, frame=frame, new_records=[metric])


def of_extra(**query):
    return opened(METRIC, site="s000", metric="extra", span="all", **{"lang": "en", **query})


@pytest.mark.accepts("9.5", "7.11")
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("n_sites", [1, 15, 300])
def test_the_screen_opens_at_any_size_in_both_languages(visiting, n_sites, language):
    visiting(n_sites)

    page = opened(METRIC, lang=language)

    assert not page.exception
    assert title(page)
    assert len(charts(page)) == 1
    assert len(primary_buttons(page)) == 1
    assert len(page.selectbox(key="choice-site").options) == n_sites
    assert ("Prochain pas" if language == "fr" else "Next step") in words(page)
    assert ("moins est mieux" if language == "fr" else "less is better") in words(page)


@pytest.mark.parametrize(
    ("language", "finding", "who"),
    [
        ("en", "Nothing is measured yet.", "A metric keeper brings the first site’s spreadsheet"),
        ("fr", "Rien n’est encore mesuré.", "métriques"),
    ],
)
def test_an_empty_store_says_what_is_missing_and_who_can_bring_it(visiting, language, finding, who):
    visiting(0)

    page = opened(METRIC, lang=language)

    assert not page.exception
    assert title(page) == finding
    assert who in words(page)
    assert charts(page) == []


@pytest.mark.accepts("9.1")
def test_the_address_holds_the_view(visiting):
    visiting(15)

    page = opened(METRIC, site="s003", metric="errors", span="half", lang="en")

    assert "Site 003 · Order errors, in %, by week" in words(page)
    page.selectbox(key="choice-site").select("s004").run()
    assert page.query_params["site"] == "s004"
    assert page.query_params["metric"] == "errors"
    assert "Site 004" in words(page)


def test_an_address_with_a_site_that_does_not_exist_opens_another(visiting):
    visiting(1)

    page = opened(METRIC, site="<script>", metric="nothing", lang="en")

    assert not page.exception
    assert "Site 000" in words(page)


@pytest.mark.accepts("2.1", "2.3")
def test_limits_and_rules_are_named_on_the_screen(visiting):
    visiting(1)

    said = words(opened(METRIC, lang="en"))

    assert "natural limits (XmR, 2.66)" in said
    assert "a point outside the limits; 7 on one side; 7 in a row rising or falling; 2 of 3 beyond 2 sigma" in said


@pytest.mark.accepts("2.4")
@pytest.mark.parametrize(("n_points", "kind"), [(5, "none"), (8, "trial"), (14, "natural")])
def test_few_points_have_trial_limits_or_none_and_say_so(visiting, n_points, kind):
    measure(visiting(1), [10.0, 12.0] * (n_points // 2) + [11.0] * (n_points % 2))

    page = of_extra()

    assert not page.exception
    assert ("trial limits, fewer than 12 points" in words(page)) == (kind == "trial")
    assert ("natural limits" in words(page)) == (kind == "natural")
    rules = [
        mark for mark in inside(charts(page)[0]) if mark.get("type") == "rule" and mark.get("strokeDash") == [3, 3]
    ]
    assert bool(rules) == (kind != "none")
    bands = [mark for mark in inside(charts(page)[0]) if mark.get("type") == "rect"]
    assert bool(bands) == (kind == "natural")


@pytest.mark.accepts("2.21")
@pytest.mark.parametrize(
    ("values", "finding"),
    [
        ([100.0] * 20, "Nothing unusual at Site 000 since 11 August."),
        ([7.0], "Too few points to set limits: 1 measured, at least 6 needed."),
        ([7.0, 7.0], "Too few points to set limits: 2 measured, at least 6 needed."),
        ([7.0] * 5, "Too few points to set limits: 5 measured, at least 6 needed."),
    ],
)
def test_a_series_without_limits_says_why_and_still_shows_its_points(visiting, values, finding):
    measure(visiting(1), values)

    page = of_extra()

    assert not page.exception
    assert title(page) == finding
    drawn = next(
        part["values"] for part in inside(charts(page)[0]) if part.get("name") == "series" and "values" in part
    )
    assert [row["y"] for row in drawn] == values


@pytest.mark.accepts("2.16", "1.17")
def test_a_gap_is_named_and_no_line_crosses_it(visiting):
    values = [10.0, 11.0] * 10
    values[7] = values[8] = float("nan")
    measure(visiting(1), values)

    page = of_extra()

    assert "Missing: " in words(page)
    line = next(mark for mark in inside(charts(page)[0]) if mark.get("type") == "line")
    assert line["invalid"] == "break-paths-filter-domains"
    drawn = next(d["values"] for d in inside(charts(page)[0]) if d.get("name") == "series" and "values" in d)
    assert [row["y"] for row in drawn[7:9]] == [None, None]


@pytest.mark.accepts("2.13")
@pytest.mark.parametrize(
    ("direction", "reading"),
    [
        (Direction.DOWN, "a real change, in the good direction."),
        (Direction.UP, "a real change, in the bad direction."),
        (Direction.NEUTRAL, "a real change."),
    ],
)
def test_the_same_fall_reads_by_the_metrics_good_direction(visiting, direction, reading):
    measure(visiting(1), [10.0, 11.0] * 12 + [6.0, 6.5] * 4, direction=direction)

    page = of_extra()

    assert title(page) == f"Eight weeks below the lower limit at Site 000 since 26 January: {reading}"


def test_a_site_without_this_metric_says_who_can_bring_it(visiting):
    store = visiting(15)
    measure(store, [10.0] * 8)

    page = opened(METRIC, site="s004", metric="extra", lang="en")

    assert title(page) == "No value of Delays from Site 004 yet."
    assert "A metric keeper of this site can bring the first file." in words(page)
    assert charts(page) == []


@pytest.mark.accepts("3.10")
def test_a_superseded_decision_stays_to_be_read_and_leaves_the_chart(visiting):
    store = visiting(1)
    actor = founder(store)
    first = pin_decision(store, actor, type=DecisionType.DECISION, title="Freeze the plan", owner_id=actor.person_id,
                         applies_on=TODAY - dt.timedelta(weeks=5), site_id="s000", metric_id="cycle")  # fmt: skip
    second = supersede_decision(store, actor, first.id, title="Freeze the plan at D-2")

    page = opened(METRIC, site="s000", metric="cycle", lang="en")

    assert f"superseded by {second.label}" in words(page)
    described = [part for part in inside(charts(page)[0]) if "t" in part and "w" in part]
    assert {part["t"] for part in described} == {second.label}


@pytest.mark.accepts("3.11")
def test_decisions_show_by_their_scope(visiting):
    store = visiting(15)
    actor = founder(store)
    day = TODAY - dt.timedelta(weeks=5)

    def pin(name, **scope):
        pin_decision(
            store, actor, type=DecisionType.DECISION, title=name, owner_id=actor.person_id, applies_on=day, **scope
        )

    pin("for everyone")
    pin("for one metric", metric_id="cycle")
    pin("for another site", site_id="s001", metric_id="cycle")

    said = words(opened(METRIC, site="s000", metric="cycle", lang="en"))

    assert "for everyone" in said
    assert "for one metric" in said
    assert "for another site" not in said


def test_titles_are_shown_as_they_were_written(visiting):
    store = visiting(1)
    actor = founder(store)
    pin_decision(store, actor, type=DecisionType.DECISION, title="<b>Bold & brave</b>", owner_id=actor.person_id,
                 applies_on=TODAY, site_id="s000", metric_id="cycle")  # fmt: skip

    page = opened(METRIC, site="s000", metric="cycle", lang="en")

    assert "&lt;b&gt;Bold &amp; brave&lt;/b&gt;" in markup(page)


def test_a_viewer_reads_without_a_button_to_pin(visiting, monkeypatch):
    store = visiting(1)
    viewer = register_person(store, founder(store), name="Vera", language="en")
    assign(store, founder(store), person_id=viewer.id, role=Role.VIEWER)
    monkeypatch.setenv("ESSAIM_PERSON", viewer.id)

    page = opened(METRIC, lang="en")

    assert not page.exception
    assert [button.key for button in page.button] == []
    assert "choose a point" not in words(page)
    assert "params" not in str(charts(page)[0].get("params", ""))


def test_limits_that_have_just_started_again_can_be_read_as_a_table(visiting):
    store = visiting(1)
    measure(store, [10.0, 11.0] * 10 + [6.0, 7.0, 6.5])
    actor = founder(store)
    pin_decision(
        store, actor, type=DecisionType.STEP, title="A new line", note="The line was moved.", owner_id=actor.person_id,
        applies_on=FIRST + dt.timedelta(weeks=20), site_id="s000", metric_id="extra", grain=Grain.WEEK,
        period_start=FIRST + dt.timedelta(weeks=20),
    )  # fmt: skip

    page = of_extra()
    assert not page.exception
    view = metric_view(store.data_version(), site_id="s000", metric_id="extra", segment=None)
    table = plain(table_of(view, "all", "en"))

    assert title(page) == "Too early to judge at Site 000: three weeks measured so far, too few for limits."
    assert "week of 29 Dec 2025 6.0 d D-01" in table
    assert table.endswith("week of 11 Aug 2025 10.5 d 7.8 d 13.2 d"), "the limits before the step"
