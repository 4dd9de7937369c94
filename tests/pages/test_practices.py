"""One practice at several sites and all experiments together: what they bring, what the next site should expect."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import openpyxl
import pytest
import streamlit as st

from analytics.pooling import pooled_effect, standard_error_of
from analytics.results import NotComputable
from analytics.results_effects import PooledEffect
from data.store import close_store, the_store
from data.types import Grain
from pages.cohort import portfolio_words, trial_cells
from pages.cohort import practices_words as words
from pages.cohort.practices_export import as_workbook, rows
from pages.cohort.practices_view import playbook
from pages.shared.pooled_trials import Measured, by_metric, measured, places, pooled, total, weights
from pages.shared.trial_family import cycle_name, families, registered
from pages.shared.trial_outcome import TrialOutcome
from tests.pages.cohort_store import opened, text
from tests.pages.practice_store import PLANNED, Playbook, filled

NBSP = "\N{NO-BREAK SPACE}"


def page():
    from pages.cohort import practices

    practices.render()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A store with four practices' trials, closed, and the playbook as read from it."""
    path = tmp_path_factory.mktemp("playbook") / "essaim.duckdb"
    book = filled(str(path))
    with book.store.read() as cursor:
        view = playbook(cursor, registered(cursor))
    book.store.close()
    return path, view


@pytest.fixture
def view(made):
    return made[1]


@pytest.fixture
def shown(made, monkeypatch):
    """The same store as the one of this process, asked by a leader."""
    monkeypatch.setenv("ESSAIM_STORE", str(made[0]))
    monkeypatch.setenv("ESSAIM_TODAY", "2026-05-18")
    monkeypatch.setenv("ESSAIM_PERSON", "leader")
    close_store()
    st.cache_resource.clear()
    yield the_store()
    close_store()
    st.cache_resource.clear()


def titled(view, title):
    return next(each for each in view.practices if each.practice.title == title)


def plain(markup):
    return re.sub(r"\s+", " ", re.sub("<[^>]+>", " ", markup).replace(NBSP, " "))


@pytest.mark.accepts("5.23")
def test_a_practice_tried_at_four_sites_is_pooled_from_the_effects_its_own_pages_show(view):
    freeze = titled(view, "Freeze the plan")

    effects = [trial.effect.result for trial in freeze.trials]
    errors = [standard_error_of(effect.lower, effect.upper, effect.confidence) for effect in effects]
    names = ["E-01 · Nantes", "E-02 · Metz", "E-03 · Lyon", "E-04 · Lille"]
    assert freeze.together == pooled_effect(
        [effect.estimate for effect in effects], errors, sites=names, at_least_fixed=True
    )
    assert freeze.together.next_lower < freeze.together.lower
    assert freeze.worthwhile == -0.5
    assert freeze.metric.id == "cycle"


def again_at(one, other):
    """The second trial as if it had been made where the first was."""
    trial = replace(other.trial, sites=one.trial.sites)
    return Measured(trial, other.metric, other.plan.model_copy(update={"site_ids": one.plan.site_ids}), other.effect)


def test_two_trials_of_one_site_are_one_site_and_weigh_by_their_precision(view):
    first, elsewhere, third, _ = titled(view, "Freeze the plan").known
    known = [first, elsewhere, again_at(first, third)]
    precise = [each.standard_error**-2 for each in (first, third)]

    together, shares = pooled(known), weights(pooled(known), known)

    assert together.sites == ("E-01, E-03 · Nantes", "E-02 · Metz")
    assert together.estimates[0] == pytest.approx(
        (precise[0] * first.effect.estimate + precise[1] * third.effect.estimate) / sum(precise)
    )
    assert together.standard_errors[0] == pytest.approx(sum(precise) ** -0.5)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares[third.trial.experiment.id] == pytest.approx(together.shares[0] * precise[1] / sum(precise))
    row = places(known)[0].row
    assert row.lower < row.estimate < row.upper
    assert (row.upper - row.lower) < (first.row.upper - first.row.lower)


def test_trials_of_one_site_alone_are_not_several_sites(view):
    first, second, *_ = titled(view, "Freeze the plan").known

    assert pooled([first, again_at(first, second)]) == NotComputable("too_few_sites", {"found": 1, "needed": 2})


def test_an_abandoned_trial_counts_as_far_as_it_went_and_a_running_one_not_yet(view):
    freeze = titled(view, "Freeze the plan")

    assert freeze.trials[3].outcome is TrialOutcome.ABANDONED
    assert len(freeze.known) == 4
    running = next(trial for trial in view.trials if trial.outcome is TrialOutcome.RUNNING)
    assert (running.effect, running.final_p) == (None, None)


@pytest.mark.accepts("5.23")
def test_effects_of_different_metrics_are_not_put_together(view):
    mixed = titled(view, "Call ahead")

    assert mixed.together == NotComputable("different_metrics", {"n": 2})
    assert mixed.metric is None
    assert words.title_of(mixed, "en").startswith("These experiments were judged by 2 different metrics")


def test_counts_over_periods_of_different_lengths_are_not_put_together(tmp_path):
    book = Playbook(str(tmp_path / "essaim.duckdb"))
    practice = book.practice("Call ahead")
    book.trial(practice, "lyon", -1.0, metric="calls")
    book.trial(practice, "lille", -1.0, metric="calls", grain=Grain.MONTH)
    with book.store.read() as cursor:
        trials = registered(cursor)
    known = list(measured(trials[:1]) * 2)
    known[1] = type(known[1])(trials[1], known[0].metric, trials[1].plan, known[0].effect)
    book.store.close()

    assert pooled(known) == NotComputable("different_periods")


def test_a_practice_that_nobody_tried_says_so(view):
    calendar = titled(view, "Shared calendar")

    assert isinstance(calendar.together, NotComputable)
    assert words.title_of(calendar, "en") == "No experiment has tried this practice yet."


@pytest.mark.accepts("5.23")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_next_site_is_told_what_to_expect_and_how_much_sites_differ(view, language):
    freeze = titled(view, "Freeze the plan")
    together = freeze.together

    said = words.next_site(together, freeze, language).replace(NBSP, " ")
    apart = words.differences(together, freeze, language).replace(NBSP, " ")

    lower = f"{together.next_lower:.1f}".replace("-", "−")
    assert (lower if language == "en" else lower.replace(".", ",")) in said
    assert f"{together.i_squared:.0%}".replace("%", " %" if language == "fr" else "%") in apart
    assert "I²" in apart


@pytest.mark.parametrize(
    ("lower", "upper", "meaning"),
    [(-3, -1, "worthwhile"), (-3, -0.1, "better"), (-1, 1, "open"), (0.2, 1, "worse")],
)
def test_what_the_next_site_may_expect_is_read_in_the_metric_s_good_direction(view, lower, upper, meaning):
    assert words._meaning(lower, upper, titled(view, "Freeze the plan")) == meaning


def test_a_practice_still_being_tried_has_a_next_step(view):
    acts = {each.practice.title: words.next_act(each) for each in view.practices}

    assert acts == {"Freeze the plan": None, "Call ahead": "further", "Shared calendar": "first"}


def test_a_metric_without_a_good_direction_makes_it_neither_good_nor_bad(view):
    assert words._meaning(1, 2, titled(view, "Call ahead")) == "undirected"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_practice_leaves_as_a_workbook_with_numbers_as_numbers(view, language):
    freeze = titled(view, "Freeze the plan")

    sheet = openpyxl.load_workbook(io.BytesIO(as_workbook(freeze, language))).active
    cells = [[cell.value for cell in row] for row in sheet.iter_rows()]

    assert [row[0] for row in cells[1:5]] == ["E-01", "E-02", "E-03", "E-04"]
    assert cells[1][8] == pytest.approx(freeze.known[0].effect.estimate)
    assert sum(row[11] for row in cells[1:5]) == pytest.approx(1)
    assert cells[6][9:11] == pytest.approx([freeze.together.next_lower, freeze.together.next_upper])
    refused = rows(titled(view, "Call ahead"), language)
    assert "2" in refused[-1][0]


@pytest.mark.accepts("5.10")
def test_the_final_looks_of_one_cycle_are_judged_together_beside_each_alone(view):
    (family,) = families(view.trials)

    assert family.cycle == "2026-Q1"
    assert len(family.trials) == 7  # none is left out, tested or not
    tested = [trial for trial in family.trials if trial.final_p is not None]
    assert family.judged.n_tested == len(tested) == 5  # neither the abandoned one nor the running one
    for trial in tested:
        alone, together, stands = family.adjusted(trial.experiment.id)
        assert alone == trial.effect.result.p_value
        assert alone <= together
        assert stands == (together <= 0.05)
    assert family.adjusted("nobody") is None
    table = plain(portfolio_words.family_table(family, "en"))
    assert "By luck alone Judged with its cycle" in table
    assert table.count("no final look") == 4
    assert "stands" in table


def test_a_cycle_without_a_final_look_says_so(tmp_path):
    book = Playbook(str(tmp_path / "essaim.duckdb"))
    book.trial(None, "lyon", 0.0, end=PLANNED, cycle="spring")
    with book.store.read() as cursor:
        (family,) = families(registered(cursor))
    book.store.close()

    assert family.cycle == "spring"
    assert cycle_name(family.cycle, "en") == "spring"
    assert portfolio_words.family_sentence(family, "en") == "No effect of this family has been tested yet."
    assert family.adjusted(family.trials[0].experiment.id) is None


@pytest.mark.accepts("5.19")
def test_every_registered_experiment_is_counted_with_the_share_that_worked(view):
    said = portfolio_words.summary(view.trials, "en").replace(NBSP, " ")

    counted = portfolio_words.counts(view.trials, "en")
    assert [count.words for count in counted] == ["worked", "without visible effect", "harmful"]
    assert sum(count.number for count in counted) + 2 == len(view.trials) == 7
    assert said.startswith("7 registered experiments, 6 over; none is left out.")
    assert re.search(r"\d of 6 over worked \(\d+%\)\.", said)
    assert "1 was abandoned. 1 is running." in said
    assert "experiment=E-01" in words.trials_table(titled(view, "Freeze the plan"), "en")


@pytest.mark.accepts("5.19")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_total_of_those_kept_is_drawn_back_by_luck_and_only_within_one_metric(view, language):
    cycle, calls = by_metric(measured(view.trials))

    together = total(cycle)
    assert together.counted == (True, True, True, False, False)
    assert abs(together.total) < abs(together.raw_total)
    said = portfolio_words.total_sentence(together, cycle[0].metric, language)
    assert "3" in said
    assert total(calls) == NotComputable("too_few_experiments", {"found": 1, "needed": 3})
    assert portfolio_words.too_few(calls, total(calls), language)


def test_p_values_are_written_as_people_read_them():
    assert trial_cells.p_words(0.00001, "en") == "below 0.1%"
    assert trial_cells.p_words(0.25, "fr").replace(NBSP, " ").replace("\u202f", " ") == "25,0 %"
    assert cycle_name("2026-Q3", "fr") == "T3 2026"


@pytest.mark.accepts("5.23", "5.19", "5.10")
def test_the_screen_lists_every_practice_and_every_experiment(shown):
    page_ = opened(page)

    said = plain(text(page_))
    assert "3 practices in the playbook: 2 tried at several sites; 1 made standard." in said
    assert "What did all experiments come to?" in said
    assert "Which effects stand when judged together?" in said
    assert all(f"E-0{n}" in said for n in range(1, 8))
    assert len(page_.get("vega_lite_chart")) == 1


@pytest.mark.accepts("5.23")
def test_one_practice_shows_its_forest_with_words_for_whoever_cannot_see_it(shown, view):
    freeze = titled(view, "Freeze the plan")

    page_ = opened(page, language="fr", practice=freeze.practice.id)

    said = plain(text(page_))
    assert "À quoi le prochain site peut-il s’attendre ?" in said
    assert isinstance(freeze.together, PooledEffect)
    assert len(page_.get("vega_lite_chart")) == 1
    assert page_.selectbox(key="choice-practice").value == freeze.practice.id


def test_a_refusal_stands_where_the_forest_would(shown, view):
    page_ = opened(page, practice=titled(view, "Call ahead").practice.id)

    said = plain(text(page_))
    assert "different metrics" in said
    assert "Where was it tried?" in said
    assert not page_.get("vega_lite_chart")
