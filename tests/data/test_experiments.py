"""A promise made beforehand is frozen with its hash, amended in sight, and published for ever."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import pytest

from data import experiments, publications, readings, records
from data.access import Forbidden, Permission, Refused
from data.metrics import register_metric
from data.types import (
    Analysis,
    Direction,
    ExperimentReading,
    ExperimentState,
    Metric,
    Plan,
    Publication,
    ReadingKind,
    Role,
    Verdict,
)
from tests.data.loads import put
from wording import say

FILES = {"page.fr.html": b"<p>8 semaines</p>", "chart.svg": b"<svg/>", "data.csv": b"a;b\n1;2\n"}


@pytest.fixture
def leader(someone):
    return someone(Role.LEADER)


@pytest.fixture
def experiment(store, admin):
    return experiments.plan_experiment(store, admin, title="Plan on Thursday", owner_id=admin.person_id)


@pytest.fixture
def plan(store, admin, site) -> Plan:
    """The draft of a plan whose sites and metric are registered. The clock stands at 4 May."""
    site("lyon")
    site("lille")
    metric = register_metric(store, admin, Metric(id="", name_fr="délai", name_en="delay", unit="d"))
    return draft().model_copy(update={"metric_id": metric.id})


def draft() -> Plan:
    """Four weeks at Lyon from 1 June 2026."""
    return Plan(
        id="",
        experiment_id="",
        hypothesis="The delay falls by a day",
        metric_id="delay",
        site_ids=("lyon",),
        comparison_site_ids=("lille",),
        expected_direction=Direction.DOWN,
        smallest_effect=1.0,
        starts_on=dt.date(2026, 6, 1),
        ends_on=dt.date(2026, 6, 28),
        frozen_at=dt.datetime(2020, 1, 1, tzinfo=dt.UTC),
    )


def page(experiment, slug: str = "plan-on-thursday") -> Publication:
    return Publication(
        id="",
        slug=slug,
        experiment_id=experiment.id,
        title_fr="Planifier le jeudi",
        title_en="Plan on Thursday",
        data_date=dt.date(2026, 6, 28),
        content_hash="",
        method_version="1",
        code_version="1",
    )


@pytest.mark.accepts("5.2")
def test_a_plan_is_frozen_with_its_moment_and_its_hash(store, admin, experiment, plan, clock):
    frozen = experiments.freeze_plan(store, admin, experiment.id, plan)

    assert (frozen.amendment, frozen.frozen_at, frozen.experiment_id) == (0, clock.moment, experiment.id)
    assert frozen.plan_hash == experiments.plan_hash(frozen)
    with store.read() as cursor:
        assert experiments.plans(cursor, experiment.id) == [frozen]


def test_the_hash_tells_any_change_of_the_promise(plan):
    assert experiments.plan_hash(plan) == experiments.plan_hash(plan.model_copy(update={"plan_hash": "x"}))
    assert experiments.plan_hash(plan) != experiments.plan_hash(plan.model_copy(update={"smallest_effect": 1.1}))


@pytest.mark.accepts("5.2")
@pytest.mark.parametrize("days", [28, 40])
def test_a_first_plan_is_refused_from_its_first_day_on(store, admin, experiment, plan, clock, days):
    clock.pass_(days=days)

    with pytest.raises(Refused, match="already_started"):
        experiments.freeze_plan(store, admin, experiment.id, plan)


@pytest.mark.accepts("5.2")
def test_a_first_plan_is_refused_once_after_data_are_known(store, admin, experiment, plan):
    with store.change(admin, Permission.UPLOAD) as tx:
        put(tx.cursor, "lyon", plan.metric_id, dt.date(2026, 6, 1), 9, grain="week")
        tx.say("test.load")

    with pytest.raises(Refused, match="after_data_known"):
        experiments.freeze_plan(store, admin, experiment.id, plan)


@pytest.mark.accepts("5.2")
def test_a_later_change_is_a_numbered_amendment_and_the_first_promise_stays(store, admin, experiment, plan, clock):
    first = experiments.freeze_plan(store, admin, experiment.id, plan)
    clock.pass_(days=40)
    second = experiments.freeze_plan(
        store, admin, experiment.id, plan.model_copy(update={"ends_on": dt.date(2026, 7, 5)})
    )

    with store.read() as cursor:
        assert experiments.plans(cursor, experiment.id) == [first, second]
    assert second.amendment == 1
    assert second.plan_hash != first.plan_hash


@pytest.mark.accepts("5.1")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"hypothesis": " "}, "plan_incomplete"),
        ({"site_ids": ()}, "plan_incomplete"),
        ({"ends_on": dt.date(2026, 5, 31)}, "ends_before_it_starts"),
        ({"baseline_from": dt.date(2026, 6, 1)}, "baseline_after_start"),
        ({"smallest_effect": 0.0}, "effect_not_positive"),
        ({"smallest_effect": float("nan")}, "effect_not_positive"),
        ({"comparison_site_ids": ("lyon",)}, "site_compared_with_itself"),
        ({"looks": (dt.date(2026, 7, 1),)}, "look_outside_plan"),
        ({"metric_id": "none"}, "unknown_record"),
        ({"comparison_site_ids": ("nowhere",)}, "unknown_record"),
    ],
)
def test_a_plan_that_does_not_hold_is_refused(store, admin, experiment, plan, changes, code):
    with pytest.raises(Refused, match=code):
        experiments.freeze_plan(store, admin, experiment.id, plan.model_copy(update=changes))


def test_only_the_keeper_of_the_plan_s_sites_freezes_it(store, someone, experiment, plan):
    elsewhere = someone(Role.METRIC_KEEPER, site_id="lille")
    here = someone(Role.METRIC_KEEPER, site_id="lyon")

    with pytest.raises(Forbidden):
        experiments.freeze_plan(store, elsewhere, experiment.id, plan)
    assert experiments.freeze_plan(store, here, experiment.id, plan).amendment == 0


def test_an_amendment_takes_no_trial_from_the_sites_it_was_promised_at(store, someone, experiment, plan):
    elsewhere = someone(Role.METRIC_KEEPER, site_id="lille")
    here = someone(Role.METRIC_KEEPER, site_id="lyon")
    first = experiments.freeze_plan(store, here, experiment.id, plan)
    moved = plan.model_copy(update={"site_ids": ("lille",), "comparison_site_ids": ()})

    for one_of_them in (elsewhere, here):
        with pytest.raises(Forbidden):
            experiments.freeze_plan(store, one_of_them, experiment.id, moved)
    with store.read() as cursor:
        assert experiments.plans(cursor, experiment.id) == [first]


def test_the_keeper_of_both_amends_where_a_trial_takes_place(store, admin, experiment, plan):
    experiments.freeze_plan(store, admin, experiment.id, plan)
    moved = plan.model_copy(update={"site_ids": ("lille",), "comparison_site_ids": ()})

    assert experiments.freeze_plan(store, admin, experiment.id, moved).amendment == 1


def test_an_experiment_runs_ends_and_gets_a_verdict_with_a_name(store, admin, experiment, plan):
    with pytest.raises(Refused, match="plan_not_frozen"):
        experiments.start_experiment(store, admin, experiment.id)
    experiments.freeze_plan(store, admin, experiment.id, plan)
    experiments.start_experiment(store, admin, experiment.id)
    with pytest.raises(Refused, match="experiment_not_over"):
        experiments.validate_verdict(store, admin, experiment.id, Verdict.STANDARDISE)
    experiments.end_experiment(store, admin, experiment.id)

    judged = experiments.validate_verdict(store, admin, experiment.id, Verdict.CORRECT)

    assert (judged.verdict, judged.verdict_by, judged.verdict_on) == (Verdict.CORRECT, admin.person_id, store.today())
    with pytest.raises(Refused, match="experiment_over"):
        experiments.start_experiment(store, admin, experiment.id)
    with pytest.raises(Refused, match="experiment_over"):
        experiments.freeze_plan(store, admin, experiment.id, plan)


def test_an_experiment_given_up_says_why(store, admin, experiment):
    with pytest.raises(Refused, match="reason_missing"):
        experiments.abandon_experiment(store, admin, experiment.id, reason="")

    abandoned = experiments.abandon_experiment(store, admin, experiment.id, reason="line closed")

    assert (abandoned.state, abandoned.ended_reason) == (ExperimentState.ABANDONED, "line closed")


def test_experiments_are_numbered(store, admin, experiment):
    second = experiments.plan_experiment(store, admin, title="Another", owner_id=admin.person_id)

    assert [experiment.label, second.label] == ["E-01", "E-02"]
    with pytest.raises(Refused, match="title_missing"):
        experiments.plan_experiment(store, admin, title=" ", owner_id=admin.person_id)


@pytest.mark.accepts("10.3")
@pytest.mark.promises("A9")
def test_a_page_is_served_as_it_was_frozen_and_to_anyone(store, admin, leader, experiment, plan, clock):
    experiments.freeze_plan(store, admin, experiment.id, plan)
    made = publications.publish(store, leader, page(experiment), FILES)

    with store.read() as cursor:
        assert publications.publication(cursor, "plan-on-thursday") == made
        assert publications.publication_file(cursor, made.slug, "data.csv") == FILES["data.csv"]
        assert publications.publication_file(cursor, made.slug, "../etc/passwd") is None
        assert publications.publication_file(cursor, "other", "data.csv") is None
        assert publications.published_on(cursor, made.id) == clock.moment
        assert publications.is_intact(cursor, made)
    assert made.content_hash == publications.content_hash(FILES)


def test_a_frozen_page_that_someone_changes_is_no_longer_intact(store, admin, leader, experiment, plan):
    experiments.freeze_plan(store, admin, experiment.id, plan)
    made = publications.publish(store, leader, page(experiment), FILES)

    with store.read() as cursor:
        cursor.execute("UPDATE publication_file SET content = 'other'::BLOB WHERE name = 'data.csv'")
        assert not publications.is_intact(cursor, made)


def test_large_files_come_back_byte_for_byte(store, admin, leader, experiment, plan):
    experiments.freeze_plan(store, admin, experiment.id, plan)
    picture = bytes(range(256)) * 8192
    publications.publish(store, leader, page(experiment), {"chart.png": picture})

    with store.read() as cursor:
        assert publications.publication_file(cursor, "plan-on-thursday", "chart.png") == picture


def test_a_withdrawn_page_leaves_its_notice_and_its_slug(store, admin, leader, experiment, plan):
    experiments.freeze_plan(store, admin, experiment.id, plan)
    made = publications.publish(store, leader, page(experiment), FILES)
    with pytest.raises(Refused, match="reason_missing"):
        publications.withdraw(store, leader, made.id, reason="")
    publications.withdraw(store, leader, made.id, reason="wrong site named")

    with store.read() as cursor:
        notice = publications.publication(cursor, made.slug)
        assert (notice.withdrawn_on, notice.withdrawn_reason) == (store.today(), "wrong site named")
        assert publications.publication_file(cursor, made.slug, "data.csv") is None
        assert publications.publications(cursor) == [notice]
        assert len(records.history(cursor, Publication, made.id)) == 2
    with pytest.raises(Refused, match="slug_taken"):
        publications.publish(store, leader, page(experiment), FILES)
    with pytest.raises(Refused, match="already_withdrawn"):
        publications.withdraw(store, leader, made.id, reason="again")


@pytest.mark.parametrize(
    ("slug", "files", "code"),
    [
        ("Not A Slug", FILES, "slug_unfit"),
        ("../up", FILES, "slug_unfit"),
        ("fine", {}, "files_missing"),
        ("fine", {"../up.csv": b""}, "file_name_unfit"),
        ("fine", FILES, "plan_not_frozen"),
    ],
)
def test_a_page_that_does_not_hold_is_not_published(store, leader, experiment, slug, files, code):
    with pytest.raises(Refused, match=code):
        publications.publish(store, leader, page(experiment, slug), files)


def test_who_may_not_publish_does_not(store, admin, someone, experiment, plan):
    experiments.freeze_plan(store, admin, experiment.id, plan)

    with pytest.raises(Forbidden):
        publications.publish(store, someone(Role.METRIC_KEEPER), page(experiment), FILES)


def test_what_plans_did_not_always_say_changes_a_hash_only_once_it_is_said():
    plan = draft()
    old = plan.model_dump(mode="json", exclude={"plan_hash", "site_starts", "drawn_by_lot", "cycle", "seed"})
    text = json.dumps(old, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    assert experiments.plan_hash(plan) == hashlib.sha256(text.encode()).hexdigest()
    for said in ({"cycle": "Q2"}, {"seed": 7}, {"drawn_by_lot": True}, {"site_starts": (plan.starts_on,)}):
        assert experiments.plan_hash(plan.model_copy(update=said)) != experiments.plan_hash(plan)


@pytest.mark.accepts("5.1")
@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"analysis": "comparison"}, "comparison_sites_missing"),
        ({"site_starts": (dt.date(2026, 6, 1),)}, "starts_without_stagger"),
        ({"analysis": "staggered"}, "site_start_missing"),
        ({"analysis": "staggered", "site_starts": (dt.date(2026, 6, 1),)}, "starts_all_alike"),
        ({"analysis": "staggered", "comparison_site_ids": (), "site_ids": ("lyon", "lille"),
          "site_starts": (dt.date(2026, 6, 2), dt.date(2026, 6, 8))}, "first_start_not_the_plan_s"),
        ({"analysis": "staggered", "comparison_site_ids": (), "site_ids": ("lyon", "lille"),
          "site_starts": (dt.date(2026, 6, 1), dt.date(2026, 7, 8))}, "site_starts_after_end"),
        ({"guardrail_metric_ids": ("itself",), "metric_id": "itself"}, "guardrail_is_the_metric"),
    ],
)  # fmt: skip
def test_a_plan_that_its_method_cannot_hold_is_refused_in_words(changes, code):
    drafted = Plan.model_validate({**draft().model_dump(), **changes})

    with pytest.raises(Refused, match=code) as refusal:
        experiments.check_plan(drafted)
    assert all(say(f"refused.{refusal.value.code}", language) for language in ("fr", "en"))


def test_a_staggered_plan_comes_back_as_frozen_with_a_seed_that_nobody_chose(store, admin, experiment, plan):
    starts = (dt.date(2026, 6, 1), dt.date(2026, 6, 15))
    sites = {"comparison_site_ids": (), "site_ids": ("lyon", "lille"), "site_starts": starts}
    drafted = plan.model_copy(update={"analysis": Analysis.STAGGERED, "seed": 5, **sites})

    frozen = experiments.freeze_plan(store, admin, experiment.id, drafted)

    with store.read() as cursor:
        assert experiments.plans(cursor, experiment.id) == [frozen]
    assert frozen.seed == experiments.seed_of(experiment.id)
    assert (frozen.family, frozen.model_copy(update={"cycle": "spring"}).family) == ("2026-Q2", "spring")


@pytest.mark.accepts("5.20")
def test_the_first_reading_of_a_verdict_stays_the_first(store, admin, experiment, plan, clock):
    frozen = experiments.freeze_plan(store, admin, experiment.id, plan)
    read = ExperimentReading(
        id="", experiment_id=experiment.id, plan_id=frozen.id, kind=ReadingKind.END, read_at=clock.moment,
        data_date=None, data_version="1", outcome="helped", result="{}", method="m", code_version="c",
    )  # fmt: skip

    at_end = readings.keep_reading(store, admin, read)
    clock.pass_(days=1)
    signed = readings.keep_reading(store, admin, read.model_copy(update={"kind": ReadingKind.VERDICT}))
    clock.pass_(days=1)
    readings.keep_reading(store, admin, signed.model_copy(update={"outcome": "harmful"}))

    with store.read() as cursor:
        kept = readings.readings(cursor, experiment.id)
    assert [reading.outcome for reading in kept] == ["helped", "helped", "harmful"]
    assert (readings.first_verdict(kept), readings.first_verdict(kept[:1])) == (signed, at_end)
    assert readings.first_verdict([]) is None
    assert signed.read_at < clock.moment
