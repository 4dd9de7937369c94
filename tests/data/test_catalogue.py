"""Sites by all their names, metrics in versions, targets in time, and how sources were read."""

from __future__ import annotations

import datetime as dt

import pytest

from data import mappings, metrics, records, sites, targets
from data.access import Forbidden, Refused
from data.types import Metric, MetricKind, Role, SiteKind


@pytest.fixture
def delay(store, admin) -> Metric:
    return metrics.register_metric(store, admin, Metric(id="", name_fr="délai", name_en="delay", unit="d"))


@pytest.fixture
def leader(someone):
    return someone(Role.LEADER)


def test_a_site_is_found_by_name_code_and_alias_however_they_are_typed(store, admin):
    site = sites.register_site(store, admin, name="Saint-Étienne", code="SE1", kind=SiteKind.PLANT)
    sites.add_alias(store, admin, site.id, "Usine du Forez")

    with store.read() as cursor:
        for text in ("saint-étienne ", "se1", "USINE  du\u00a0Forez", "Saint-E\u0301tienne\u200b"):
            assert sites.site_named(cursor, text) == site
        assert sites.site_named(cursor, "Saint-Etienne-sur-Mer") is None


@pytest.mark.accepts("3.12")
def test_a_renamed_site_is_still_found_under_its_old_name(store, admin):
    site = sites.register_site(store, admin, name="Lyon")
    renamed = sites.edit_site(store, admin, site.id, name="Lyon Sud")

    with store.read() as cursor:
        assert renamed.id == site.id
        assert sites.site_named(cursor, "Lyon") == renamed
        assert sites.site_named(cursor, "Lyon Sud") == renamed


def test_two_sites_cannot_share_a_name(store, admin):
    sites.register_site(store, admin, name="Lyon")
    with pytest.raises(Refused, match="site_name_taken"):
        sites.register_site(store, admin, name=" LYON")
    with pytest.raises(Refused, match="name_missing"):
        sites.register_site(store, admin, name=" \u200b ")


def test_a_cohort_is_formed_of_known_sites(store, admin, site):
    site("lyon")
    cohort = sites.form_cohort(store, admin, name="Une", site_ids=["lyon"])

    with store.read() as cursor:
        assert sites.cohorts_of(cursor, "lyon") == [cohort]
        assert sites.cohorts_of(cursor, "lille") == []
    with pytest.raises(Refused, match="unknown_record"):
        sites.form_cohort(store, admin, name="Deux", site_ids=["nowhere"])


def test_a_process_of_the_worked_example_says_so(store, admin):
    sites.register_process(store, admin, name="Planning", synthetic=True)

    with store.read() as cursor:
        assert [process.synthetic for process in sites.processes(cursor)] == [True]


def test_a_metric_is_found_in_either_language(store, delay):
    with store.read() as cursor:
        assert metrics.metric_named(cursor, "DÉLAI") == delay
        assert metrics.metric_named(cursor, "delay") == delay
        assert metrics.metric_named(cursor, "speed") is None


def test_a_new_unit_is_a_new_version_of_the_definition_and_a_new_name_is_not(store, admin, delay):
    assert metrics.edit_metric(store, admin, delay.id, name_en="lead time").definition_version == 1
    assert metrics.edit_metric(store, admin, delay.id, unit="h", kind=MetricKind.RATIO).definition_version == 2


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"name_fr": " "}, "name_missing"),
        ({"name_fr": "retard", "name_en": "DELAY"}, "metric_name_taken"),
        ({"name_fr": "a", "name_en": "b", "plausible_low": 2.0, "plausible_high": 1.0}, "range_reversed"),
    ],
)
def test_a_metric_that_does_not_hold_is_refused(store, admin, delay, changes, code):
    with pytest.raises(Refused, match=code):
        metrics.register_metric(store, admin, delay.model_copy(update=changes))


@pytest.mark.accepts("2.10")
def test_targets_change_over_time_and_a_site_s_own_come_first(store, leader, site, delay):
    site("lyon")
    site("lille")
    january, april = dt.date(2026, 1, 1), dt.date(2026, 4, 1)
    for value, applies_from in ((10, january), (9, april), (8, april)):
        targets.set_target(store, leader, metric_id=delay.id, value=value, applies_from=applies_from)
    targets.set_target(store, leader, metric_id=delay.id, site_id="lyon", value=12, applies_from=april)

    with store.read() as cursor:
        of_lille = targets.targets_for(cursor, metric_id=delay.id, site_id="lille")
        of_lyon = targets.targets_for(cursor, metric_id=delay.id, site_id="lyon")
    assert [(target.applies_from, target.value) for target in of_lille] == [(january, 10), (april, 8)]
    assert [target.value for target in of_lyon] == [12]
    assert targets.target_on(of_lille, dt.date(2026, 3, 31)).value == 10
    assert targets.target_on(of_lyon, january) is None


def test_a_target_is_a_number_set_by_who_may(store, someone, leader, delay):
    with pytest.raises(Refused, match="not_a_number"):
        targets.set_target(store, leader, metric_id=delay.id, value=float("nan"), applies_from=dt.date(2026, 1, 1))
    with pytest.raises(Forbidden):
        targets.set_target(store, someone(Role.MEMBER), metric_id=delay.id, value=1, applies_from=dt.date(2026, 1, 1))


@pytest.mark.accepts("1.3")
def test_a_source_read_again_is_the_same_record_with_its_newest_reading(store, admin):
    mappings.remember(store, admin, mappings.source_mapping("abc", "weekly", "{}"))
    mappings.remember(store, admin, mappings.source_mapping("abc", "weekly", '{"site": "A"}'))

    with store.read() as cursor:
        found = mappings.remembered(cursor, "abc")
        assert found.mapping == '{"site": "A"}'
        assert mappings.remembered(cursor, "other") is None
        assert mappings.all_remembered(cursor) == [found]
        assert len(records.history(cursor, type(found), found.id)) == 2
