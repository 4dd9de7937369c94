"""Between sites: is a site really different, is it becoming one standard, who stands where; at 0, 1, 3, 15 and 300 sites."""

from __future__ import annotations

import io

import numpy as np
import pandas as pd
import pytest
from openpyxl import load_workbook

from analytics.between_sites import funnel
from analytics.results import NotComputable
from analytics.results_between import Dispersion, Funnel, FunnelKind, SiteRanks, Standing
from data import records
from data.observations import commit_load
from data.rollout import plan_stage, plan_wave, reach_stage
from data.types import Batch, Metric, Site, Stage
from pages.cohort.between_export import as_workbook
from pages.cohort.between_view import LIVE, between_view
from pages.cohort.between_words import funnel_detail, next_step, site_lines, spread_answer, title
from pages.shared.between_charts import funnel_chart
from pages.shared.between_ranks import rank_chart
from pages.shared.between_spread import spread_chart
from pages.shared.pictures import to_svg
from tests.pages.cohort_store import TODAY, WEEKS, cohort, load, opened, rows, text
from wording import date_

ERRORS = Metric(
    id="errors", name_fr="erreurs", name_en="errors", unit="%", direction="down", frequency="week", kind="ratio",
    aggregation="weighted_mean",
)  # fmt: skip


@pytest.fixture
def store(own_store):
    return own_store("member", TODAY)


def between_page():
    from pages.cohort import between

    between.render()


def with_errors(store, n_sites):
    """Add a share with denominators: site 0 is tiny and by luck at 25 %, the last is large and truly at 25 %."""
    made = cohort(store, n_sites)
    rng = np.random.default_rng(0)
    frames = []
    for number in range(n_sites):
        cases = np.full(len(WEEKS), 1 if number == 0 else 40 + 10 * number)
        wrong = rng.binomial(cases, 0.1)
        if number in (0, n_sites - 1):
            wrong = np.rint(cases * 0.25) if number else np.arange(len(WEEKS)) % 4 == 0
        frame = rows(f"site-{number}", 100 * np.asarray(wrong, dtype=float) / cases, metric="errors")
        frames.append(frame.assign(weight=cases.astype(float)))
    bring(made, pd.concat(frames, ignore_index=True), ERRORS)
    return made


def bring(made, frame, record):
    """Commit rows together with the metric or the site that they are of."""
    keeper = made.actor("metric_keeper")
    batch = Batch(id=records.new_id(), file_name="new.csv", file_hash=records.new_id(), person_id=keeper.person_id)
    commit_load(made.store, keeper, batch=batch, frame=frame, new_records=[record])


def closer(made, n_sites):
    """Load weeks in which the sites come closer to one another."""
    rng = np.random.default_rng(1)
    level, width = rng.normal(0, 1, n_sites), np.linspace(4, 0.3, len(WEEKS))
    frames = [
        rows(f"site-{number}", 20 + width * level[number] + rng.normal(0, 0.5, len(WEEKS))) for number in range(n_sites)
    ]
    load(made, pd.concat(frames, ignore_index=True), name="closer.csv")


def view_of(store, metric="cycle", window="all", who="all"):
    return between_view(store.data_version(), metric_id=metric, window=window, who=who)


@pytest.mark.accepts("7.13")
def test_the_page_names_the_large_site_and_not_the_small_one_that_has_the_same_share(store):
    with_errors(store, 12)

    shown = opened(between_page, metric="errors", window="all")

    assert "Is a site really different?" in text(shown)
    assert "Site 11 (higher) is out of the ordinary." in text(shown)
    assert "look at Site 11" in text(shown)
    assert shown.button(key="between-next").label == "Open its chart"
    placed = view_of(store, "errors").funnel
    assert placed.kind is FunnelKind.SHARE
    assert placed.standings[placed.sites.index("Site 0")] is Standing.INSIDE
    assert next(line.value for line in site_lines(view_of(store, "errors")) if line.name == "Site 0") == 25


@pytest.mark.parametrize(("unit", "per"), [("%", 100), ("‰", 1000), ("", 1)])
def test_events_are_counted_back_from_a_share_in_any_unit(store, unit, per):
    made = cohort(store, 5)
    cases = np.full(len(WEEKS), 400.0)
    frames = [
        rows(f"site-{number}", np.full(len(WEEKS), 0.01 * per), metric="errors").assign(weight=cases)
        for number in range(5)
    ]
    bring(made, pd.concat(frames, ignore_index=True), ERRORS.model_copy(update={"unit": unit}))

    placed = view_of(store, "errors").funnel

    assert set(placed.standings) == {Standing.INSIDE}
    assert 0.012 * per < placed.limits.outer_upper[0] < 0.02 * per  # of some thousands of cases a site


@pytest.mark.accepts("2.22")
def test_the_page_answers_whether_it_is_becoming_one_standard_with_an_interval_and_a_picture(store):
    made = cohort(store, 9)
    closer(made, 9)

    shown = opened(between_page, metric="cycle", window="all")

    assert "Is it becoming one standard?" in text(shown)
    assert "Yes: the sites are coming closer." in text(shown)
    assert "95% interval" in text(shown)
    assert "coefficient of variation" in text(shown)
    assert len(shown.get("vega_lite_chart")) == 3


@pytest.mark.accepts("9.5")
def test_the_page_is_whole_in_french(store):
    made = cohort(store, 9)
    closer(made, 9)

    shown = opened(between_page, language="fr", metric="cycle", window="all")

    assert "Oui : les sites se rapprochent." in text(shown).replace("\N{NO-BREAK SPACE}", " ")
    assert "Qui se situe où, et avec quelle certitude" in text(shown)


def test_an_empty_store_and_one_site_are_said_in_words(store):
    cohort(store, 0)
    nothing = opened(between_page)

    assert "No site has a value of cycle time in this window." in text(nothing)
    assert "metric keeper" in text(nothing)


def test_one_site_has_nobody_to_be_compared_with(store):
    cohort(store, 1)

    shown = opened(between_page)

    assert "Only Site 0 is measured: there is no other site to compare it with." in text(shown)
    assert "1 site with enough values; to compare sites it takes at least 3." in text(shown)
    assert not shown.get("vega_lite_chart")


def test_three_sites_are_compared_with_what_three_can_tell(store):
    closer(cohort(store, 3), 3)

    view = view_of(store)

    assert isinstance(view.funnel, Funnel)
    assert isinstance(view.dispersion, Dispersion)
    assert isinstance(view.ranks, SiteRanks)
    assert view.by_noise


def test_values_since_go_live_leave_out_what_was_before_and_sites_that_are_not_live(store):
    made = cohort(store, 4)
    leader = made.actor("leader")
    wave = plan_wave(store, leader, number=1, planned_on=WEEKS[0].date())
    for number, week in enumerate((0, 0, 10)):
        site = {"site_id": f"site-{number}", "wave_id": wave.id, "stage": Stage.LIVE}
        plan_stage(store, leader, **site, planned_on=WEEKS[week].date())
        reach_stage(store, leader, **site, actual_on=WEEKS[week].date())

    every, live = view_of(store), view_of(store, who=LIVE)

    assert every.newly_live == 1
    assert "1 site went live within the window" in spread_answer(every, "en")
    assert list(live.sites) == ["Site 0", "Site 1", "Site 2"]
    assert live.newly_live == 0


def test_where_sites_stand_is_read_from_the_newest_third_and_its_days_are_told(store):
    with_errors(store, 12)
    view = view_of(store, "errors")

    assert view.recent == WEEKS[-12].date()
    assert sum(view.funnel.sizes) == sum([12, *(12 * (40 + 10 * number) for number in range(1, 12))])
    assert f"Read from the values since {date_(view.recent, 'en')}" in funnel_detail(view, "en")


def test_a_shorter_window_looks_at_the_newest_weeks_alone(store):
    cohort(store, 3)

    assert view_of(store, window="quarter").first > WEEKS[5].date()
    assert view_of(store).first == WEEKS[0].date()


def test_a_count_without_a_denominator_says_that_it_compares_sizes_too(store):
    made = cohort(store, 3)
    frames = [rows(f"site-{n}", np.arange(len(WEEKS)) % 5 + 10.0 * n, metric="orders") for n in range(3)]
    load(made, pd.concat(frames, ignore_index=True), name="orders.csv")

    shown = opened(between_page, metric="orders", window="all")

    assert "compares how large the sites are" in text(shown)


def test_two_sites_of_one_name_are_told_apart(store):
    made = cohort(store, 3)
    bring(made, rows("other", np.arange(len(WEEKS)) % 3 + 9.0), Site(id="other", name="Site 1"))

    assert {"Site 1", "Site 1 (2)"} <= set(view_of(store).sites)


def test_the_workbook_holds_every_site_and_every_stretch_as_numbers(store):
    with_errors(store, 12)
    view = view_of(store, "errors")

    book = load_workbook(io.BytesIO(as_workbook(view, "en")))

    sites, spread = book["Sites"], book["Spread over time"]
    assert sites.max_row == 13
    assert [cell.value for cell in sites[1]][:2] == ["Site", "Value"]
    assert isinstance(sites["B2"].value, float)
    assert spread.max_row == 1 + len(view.dispersion.blocks)
    assert spread["A2"].value.date() == view.dispersion.blocks[0].start


def test_a_file_of_nothing_has_its_headings(store):
    cohort(store, 0)

    book = load_workbook(io.BytesIO(as_workbook(view_of(store), "fr")))

    assert [sheet.max_row for sheet in book] == [1, 1]


def test_nobody_outside_leads_to_the_comparison_and_an_unknown_metric_is_nothing(store):
    cohort(store, 3)
    view = view_of(store)

    assert next_step(view, "en")[2]["path"] in ("compare", "metric")
    assert view_of(store, "nowhere") is None
    assert isinstance(view_of(store, "orders").funnel, NotComputable)


def test_three_hundred_sites_fit_into_pictures_that_name_few_and_a_table_that_names_thirty(store):
    cohort(store, 300)
    view = view_of(store)
    theme = {"metric": view.metric, "language": "en", "theme": "light"}

    drawn = rank_chart(view.ranks, **theme).to_dict()

    assert drawn["height"] == 320
    assert drawn["description"]
    assert len(site_lines(view)) == 300
    assert title(view, "en")


@pytest.mark.parametrize("phone", [False, True])
@pytest.mark.parametrize("theme", ["light", "dark"])
def test_the_pictures_are_drawn_with_their_sentence_as_text_alternative(store, phone, theme):
    with_errors(store, 12)
    view = view_of(store, "errors")
    look = {"metric": view.metric, "language": "fr", "theme": theme, "phone": phone}
    charts = [
        funnel_chart(view.funnel, **look), spread_chart(view.dispersion, **look), rank_chart(view.ranks, **look)
    ]  # fmt: skip

    pictures = [to_svg(chart, "fr") for chart in charts]

    assert all("<svg" in picture for picture in pictures)
    assert charts[0].to_dict()["description"].startswith("Site 11 (plus haut)")
    assert "Site 11" in pictures[0]
    assert "Site 5" not in pictures[0].replace("Site 5 ", "")
    assert charts[0].to_dict()["height"] == 360


def test_names_in_a_funnel_stand_further_out_than_the_limits_and_not_on_one_another(store):
    cases = [1000] * 37 + [1010, 1020, 1030]
    counts = [100] * 37 + [300, 300, 302]
    found = funnel(counts, cases, sites=[f"Site {n}" for n in range(40)], per=100)

    drawn = funnel_chart(found, metric=ERRORS, language="en", theme="light").to_dict()

    named = [
        row
        for layer in drawn["layer"]
        if layer["mark"]["type"] == "text"
        for row in layer["data"]["values"]
    ]  # fmt: skip
    assert sorted(row["t"] for row in named) == ["Site 37", "Site 38", "Site 39"]
    assert all(row["y"] > 30 > found.limits.outer_upper.max() for row in named)
    assert len({round(row["y"], 3) for row in named}) == 3
