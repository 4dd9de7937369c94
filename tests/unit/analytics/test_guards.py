"""Reasons to doubt an effect, and what is found where nothing was done."""

from __future__ import annotations

import datetime as dt
from math import nan

import numpy as np
import pandas as pd
import pytest

from analytics.did import comparison_effect
from analytics.guards import (
    definition_changes,
    different_trends_before,
    effect_without_trigger,
    extreme_before_start,
    few_points,
    overlapping_changes,
    refusal_of,
    sites_chosen_extreme,
    uneven_sites,
)
from analytics.its import single_site_effect
from analytics.placebos import placebo_sites, placebo_starts
from analytics.results import NotComputable, SiteEffect
from analytics.results_effects import Guard, GuardLevel, Placebos
from benchmarks.noise import ar1
from tests.unit.analytics.test_its import noise

FIRST = dt.date(2025, 1, 6)


def week(number: int) -> dt.date:
    return FIRST + dt.timedelta(weeks=number)


def weeks(cells) -> pd.Series:
    return pd.Series(np.asarray(cells, dtype=float), index=pd.date_range(FIRST, periods=len(cells), freq="7D"))


def table(**sites) -> pd.DataFrame:
    return pd.DataFrame({site: weeks(cells) for site, cells in sites.items()})


def with_extreme(n_before=30, n_after=20, size=4.0) -> pd.Series:
    values = weeks(10 + noise(n_before + n_after))
    values.iloc[n_before - 1] += size
    return values


def test_a_start_right_after_an_extreme_point_is_warned_of_with_the_point_and_the_usual_level():
    guard = extreme_before_start(with_extreme(), intervention_date=week(30))

    assert (guard.code, guard.level) == ("extreme_before_start", GuardLevel.WARNING)
    assert guard.args["dates"] == (week(29),)
    assert guard.args["value"] > 13
    assert guard.args["usual"] == pytest.approx(10, abs=0.1)


@pytest.mark.parametrize("size", [0.0, nan])
def test_a_quiet_start_is_not_warned_of(size):
    assert extreme_before_start(with_extreme(size=size), intervention_date=week(30)) is None


def test_an_extreme_point_long_before_the_start_did_not_choose_it():
    assert extreme_before_start(with_extreme(), intervention_date=week(36)) is None


@pytest.mark.parametrize(("spreads", "warned"), [(1.9, False), (2.1, True), (-2.1, True)])
def test_a_point_beyond_two_spreads_of_the_earlier_ones_is_extreme(spreads, warned):
    earlier = [9.0, 11.0] * 13  # median 10, robust spread 1.4826
    values = weeks([*earlier, 10, 10, 10, 10 + spreads * 1.4826])

    assert (extreme_before_start(values, intervention_date=week(30)) is not None) == warned


def test_too_few_points_or_no_spread_tell_nothing_extreme():
    assert extreme_before_start(with_extreme(n_before=10), intervention_date=week(10)) is None
    assert extreme_before_start(weeks([7] * 30 + [9]), intervention_date=week(31)) is None


def test_without_its_trigger_an_effect_is_smaller_and_its_interval_wider():
    values = with_extreme()
    naive = single_site_effect(values, intervention_date=week(30))

    guarded = effect_without_trigger(values, intervention_date=week(30), trigger_dates=[week(29)])

    assert abs(guarded.estimate) < abs(naive.estimate)
    assert guarded.lower <= naive.lower
    assert guarded.upper >= naive.upper
    assert guarded.p_value >= naive.p_value
    assert guarded.relative_lower == pytest.approx(guarded.lower / guarded.level_before)


def test_a_trigger_that_hid_an_effect_does_not_make_it_surer():
    values = with_extreme(size=-4.0)
    values.iloc[30:] -= 0.3
    naive = single_site_effect(values, intervention_date=week(30), trend=False)

    guarded = effect_without_trigger(values, intervention_date=week(30), trigger_dates=[week(29)], trend=False)

    alone = single_site_effect(values, intervention_date=week(30), excluded=[week(29)], trend=False)
    assert alone.p_value < naive.p_value
    assert guarded.p_value == naive.p_value
    assert guarded.estimate == alone.estimate


def test_an_effect_that_cannot_be_had_without_its_trigger_says_why():
    gap = effect_without_trigger(with_extreme(14), intervention_date=week(14), trigger_dates=[week(13)])

    assert gap == NotComputable("too_few_before", {"found": 13, "needed": 14})


def test_without_a_positive_level_there_is_no_share():
    effect = effect_without_trigger(with_extreme() - 30, intervention_date=week(30), trigger_dates=[week(29)])

    assert (effect.relative_lower, effect.relative_upper) == (None, None)


def test_a_site_chosen_at_its_worst_is_warned_of():
    sites = {f"site {number}": 10 + noise(40) + 0.2 * np.cos(number + np.arange(40)) for number in range(6)}
    sites["worst"] = 10 + noise(40) + np.where(np.arange(40) >= 26, 3.0, 0.0)

    guards = sites_chosen_extreme(table(**sites), treated_sites=["worst", "site 0"], intervention_date=week(30))

    assert [guard.args["site"] for guard in guards] == ["worst"]
    assert guards[0].args["departure"] == pytest.approx(3, abs=0.3)


def test_one_other_site_cannot_tell_what_is_extreme():
    assert sites_chosen_extreme(table(A=noise(40), B=noise(40)), treated_sites=["A"], intervention_date=week(30)) == ()


PERIODS = weeks(range(40)).index


def test_another_change_close_by_forbids_the_effect_and_one_further_off_is_warned_of():
    others = {"new desk": week(33), "rota": week(10), "old": dt.date(2020, 1, 1), "planned": dt.date(2030, 1, 1)}

    guards = overlapping_changes(PERIODS, intervention_date=week(30), other_changes=others)

    assert [(guard.code, guard.args["change"]) for guard in guards] == [
        ("overlap", "rota"), ("overlap_inseparable", "new desk"),
    ]  # fmt: skip
    assert guards[1].args == {"change": "new desk", "date": week(33), "n": 3, "needed": 8}
    assert refusal_of(guards) is guards[1]
    assert refusal_of(guards[:1]) is None


@pytest.mark.parametrize(
    ("weeks_apart", "code"), [(7, "overlap_inseparable"), (8, "overlap"), (-7, "overlap_inseparable")]
)
def test_eight_periods_part_two_changes(weeks_apart, code):
    others = {"other": week(20 + weeks_apart)}

    (guard,) = overlapping_changes(PERIODS, intervention_date=week(20), other_changes=others)

    assert guard.code == code


def test_a_definition_changed_in_the_window_forbids_the_effect_unless_the_past_was_computed_anew():
    changed = [week(12), week(0), week(40), week(20)]

    guards = definition_changes(PERIODS, changed=changed, restated=[week(20)])

    assert guards == (
        Guard("definition_changed", GuardLevel.REFUSAL, {"date": week(12)}),
        Guard("definition_restated", GuardLevel.WARNING, {"date": week(20)}),
    )
    assert definition_changes(PERIODS[:0], changed=changed) == ()


def test_values_of_two_definitions_in_one_window_forbid_the_effect_whenever_it_was_that_the_metric_changed():
    changed = [week(12), week(12), week(20), week(80)]

    guards = definition_changes(PERIODS, changed=changed, restated=[week(20)], mixed=changed)

    assert [(guard.code, guard.args["date"]) for guard in guards] == [
        ("definition_changed", week(12)),
        ("definition_mixed", week(20)),
        ("definition_mixed", week(80)),
    ]
    assert {guard.level for guard in guards} == {GuardLevel.REFUSAL}
    assert definition_changes(PERIODS, changed=[week(80)], restated=[week(80)]) == ()


@pytest.mark.parametrize(
    ("n_before", "n_after", "codes"),
    [
        (13, 8, ["too_few_before"]),
        (14, 8, ["few_before"]),
        (25, 8, ["few_before"]),
        (26, 7, ["too_few_after"]),
        (26, 8, []),
    ],
)
def test_too_few_points_forbid_and_few_are_warned_of(n_before, n_after, codes):
    assert [guard.code for guard in few_points(n_before, n_after)] == codes


def test_a_site_several_times_as_noisy_is_named():
    values = table(A=noise(40), B=noise(40), C=10 * noise(40))

    (guard,) = uneven_sites(values, intervention_date=week(30))

    assert guard.args["site"] == "C"
    assert guard.args["times"] == pytest.approx(10)


def drifting(n_treated=3) -> pd.DataFrame:
    return table(
        **{
            f"site {number}": noise(40)
            + 0.1 * np.cos(number)
            + np.arange(40) * (0.1 if number < n_treated else 0.001 * number)
            for number in range(8)
        }
    )


def test_sites_that_were_parting_before_are_warned_of():
    treated = ["site 0", "site 1", "site 2"]

    guard = different_trends_before(
        drifting(), treated_sites=treated, intervention_date=week(30), rng=np.random.default_rng(0)
    )

    assert guard.code == "different_trends_before"
    assert guard.args["slope"] == pytest.approx(0.095, abs=0.01)


def test_sites_that_were_not_parting_or_too_few_of_them_are_not_warned_of():
    rng = np.random.default_rng(0)
    alike = drifting(n_treated=0)
    alike.iloc[:, 7] = nan

    assert different_trends_before(alike, treated_sites=["site 3"], intervention_date=week(30), rng=rng) is None
    few = drifting().iloc[:, :4]
    assert different_trends_before(few, treated_sites=few.columns[:3], intervention_date=week(30), rng=rng) is None


def starts_of(values: pd.Series, **arguments) -> Placebos:
    effect = single_site_effect(values, intervention_date=week(60), **arguments)
    assert isinstance(effect, SiteEffect)
    found = placebo_starts(values, intervention_date=week(60), true_estimate=effect.estimate, **arguments)
    assert isinstance(found, Placebos)
    return found


def test_false_starts_before_the_true_one_find_nothing_in_a_quiet_series():
    values = weeks(10 + noise(80) - 3 * (np.arange(80) >= 60))

    placebos = starts_of(values)

    assert placebos.kind == "starts"
    assert placebos.names[0] == week(14).isoformat()
    assert placebos.names[-1] == week(52).isoformat()
    assert placebos.n_as_large == 0
    assert placebos.n_alarms <= 2
    assert placebos.expected_alarms == pytest.approx(0.05 * len(placebos.names))


def test_false_starts_of_a_ratio_keep_the_denominators_of_their_own_weeks():
    values = weeks(10 + noise(80) - 3 * (np.arange(80) >= 60))
    alike, unlike = weeks(np.full(80, 40.0)), weeks(np.linspace(20, 90, 80))

    assert starts_of(values, weights=alike).estimates == pytest.approx(starts_of(values).estimates)
    assert starts_of(values, weights=unlike).names == starts_of(values).names


def test_false_starts_find_the_step_that_came_earlier():
    values = weeks(10 + noise(80) - 3 * (np.arange(80) >= 40))

    placebos = starts_of(values, trend=False)

    assert placebos.n_alarms >= 2 * placebos.expected_alarms
    assert placebos.n_as_large > len(placebos.names) / 2


def test_a_long_series_is_thinned_to_forty_false_starts():
    values = weeks(10 + noise(160))

    placebos = placebo_starts(values, intervention_date=week(140), true_estimate=1.0)

    assert len(placebos.names) == 40


def test_too_short_a_past_has_no_false_starts():
    gap = placebo_starts(weeks(noise(40)), intervention_date=week(24), true_estimate=1.0)

    assert gap == NotComputable("too_few_placebos", {"found": 3, "needed": 5})


def test_untreated_sites_taken_for_treated_find_nothing():
    rng = np.random.default_rng(3)
    values = table(**{f"site {number}": 10 + rng.normal(size=40) for number in range(10)}, pilot=noise(40))
    values.loc[values.index >= pd.Timestamp(week(30)), "pilot"] += 5
    true = comparison_effect(values, treated_sites=["pilot"], intervention_date=week(30), rng=rng)

    placebos = placebo_sites(
        values, treated_sites=["pilot"], intervention_date=week(30), true_estimate=true.estimate, rng=rng
    )

    assert (placebos.kind, len(placebos.names), placebos.n_as_large) == ("sites", 10, 0)
    assert "pilot" not in placebos.names
    assert placebos.n_alarms <= 2


@pytest.mark.parametrize("n_others", [2, 4])
def test_few_untreated_sites_are_too_few_placebos(n_others):
    values = table(**{f"site {number}": noise(40) + np.cos(number * np.arange(40)) for number in range(n_others + 1)})

    gap = placebo_sites(
        values,
        treated_sites=["site 0"],
        intervention_date=week(30),
        true_estimate=1.0,
        rng=np.random.default_rng(0),
    )

    assert gap.code == "too_few_placebos"


@pytest.mark.slow
@pytest.mark.accepts("5.22")
@pytest.mark.parametrize("phi", [0.0, 0.6])
def test_a_start_chosen_on_an_extreme_point_alarms_too_often_until_the_point_is_left_out(phi):
    rng = np.random.default_rng(20260105)
    series = ar1(rng, 30_000, 60, phi)
    series = series[np.abs(series[:, 39]) > 2 * series.std()][:120]

    naive, guarded = [], []
    for cells in series:
        values = weeks(cells)
        naive.append(single_site_effect(values, intervention_date=week(40)))
        guarded.append(effect_without_trigger(values, intervention_date=week(40), trigger_dates=[week(39)]))

    def alarms(effects) -> float:
        return float(np.mean([isinstance(effect, SiteEffect) and effect.p_value < 0.05 for effect in effects]))

    assert alarms(naive) > alarms(guarded)
    assert alarms(guarded) <= 0.06
