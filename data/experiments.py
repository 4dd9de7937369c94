"""Experiments: what was promised beforehand, frozen with its hash, and what became of it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json

import duckdb

from data import records
from data.access import Actor, Permission, Refused
from data.gate import Change
from data.store import Store
from data.types import Analysis, Experiment, ExperimentState, KeyResult, Metric, Person, Plan, Practice, Site, Verdict

OPEN_STATES = (ExperimentState.PLANNED, ExperimentState.RUNNING)
MINIMUM_COMPARISON_SITES = 2  # with one, its own luck is the whole comparison
LOOK_DAYS = (3, 14, 30)  # after the start: 72 hours, a fortnight, a month
LATER_FIELDS = ("site_starts", "drawn_by_lot", "cycle", "seed")  # not hashed as long as they hold their default


def plan_experiment(
    store: Store,
    actor: Actor,
    *,
    title: str,
    owner_id: str,
    practice_id: str | None = None,
    key_result_id: str | None = None,
) -> Experiment:
    """Open an experiment, with the next number. Raises Refused("title_missing"), Refused("owner_unknown")."""
    if not title.strip():
        raise Refused("title_missing")

    def attempt() -> Experiment:
        with store.change(actor, Permission.PLAN_EXPERIMENT, somewhere=True) as tx:
            owner = records.one(tx.cursor, Person, owner_id)
            if owner is None or owner.disabled:
                raise Refused("owner_unknown")
            if practice_id is not None:
                tx.must_know(Practice, practice_id)
            if key_result_id is not None:
                tx.must_know(KeyResult, key_result_id)
            experiment = Experiment(
                id=records.new_id(),
                number=tx.next_number("E"),
                title=title.strip(),
                owner_id=owner_id,
                practice_id=practice_id,
                key_result_id=key_result_id,
            )
            tx.append(experiment, "experiment.plan")
        return experiment

    return store.retrying(attempt)


def freeze_plan(store: Store, actor: Actor, experiment_id: str, plan: Plan) -> Plan:
    """Freeze what an experiment promises, with the moment and its hash; a further plan is a numbered amendment.

    Whoever amends must have the right at the sites of the plan in force, too.
    plan: its id, experiment, amendment, seed, frozen_at and plan_hash are given here.
    Raises Refused("already_started") or Refused("after_data_known") when the first plan comes too late, and
    Refused("plan_incomplete"), Refused("ends_before_it_starts"), Refused("effect_not_positive"),
    Refused("experiment_over").
    """
    check_plan(plan)
    return store.retrying(lambda: _freeze(store, actor, experiment_id, plan))


def plan_hash(plan: Plan) -> str:
    """Hash a plan (SHA-256 of its canonical JSON, all but the hash itself).

    Fields that plans did not always have count only where they say something, so that older hashes hold.
    """
    silent = {name for name in LATER_FIELDS if getattr(plan, name) == Plan.model_fields[name].default}
    promised = plan.model_dump(mode="json", exclude={"plan_hash", *silent})
    text = json.dumps(promised, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def check_plan(plan: Plan) -> None:
    """Check that a plan says what it must. Raises Refused with the first thing missing or contradictory."""
    if not plan.hypothesis.strip() or not plan.site_ids:
        raise Refused("plan_incomplete")
    if plan.ends_on < plan.starts_on:
        raise Refused("ends_before_it_starts", starts_on=plan.starts_on, ends_on=plan.ends_on)
    if plan.baseline_from is not None and plan.baseline_from >= plan.starts_on:
        raise Refused("baseline_after_start", starts_on=plan.starts_on, baseline_from=plan.baseline_from)
    if not 0 < plan.smallest_effect < float("inf"):
        raise Refused("effect_not_positive", found=plan.smallest_effect)
    if set(plan.site_ids) & set(plan.comparison_site_ids):
        raise Refused("site_compared_with_itself")
    if any(not plan.starts_on <= look <= plan.ends_on for look in plan.looks):
        raise Refused("look_outside_plan")
    if plan.metric_id in plan.guardrail_metric_ids:
        raise Refused("guardrail_is_the_metric")
    _check_analysis(plan)


def _check_analysis(plan: Plan) -> None:
    if plan.analysis is Analysis.COMPARISON and len(plan.comparison_site_ids) < MINIMUM_COMPARISON_SITES:
        raise Refused("comparison_sites_missing", found=len(plan.comparison_site_ids), needed=MINIMUM_COMPARISON_SITES)
    if plan.analysis is not Analysis.STAGGERED:
        if plan.site_starts:
            raise Refused("starts_without_stagger")
        return
    if len(plan.site_starts) != len(plan.site_ids):
        raise Refused("site_start_missing", found=len(plan.site_starts), needed=len(plan.site_ids))
    if len(set(plan.site_starts)) < 2:
        raise Refused("starts_all_alike", starts_on=plan.site_starts[0])
    if min(plan.site_starts) != plan.starts_on:
        raise Refused("first_start_not_the_plan_s", starts_on=plan.starts_on, found=min(plan.site_starts))
    if max(plan.site_starts) > plan.ends_on:
        late = plan.site_ids[plan.site_starts.index(max(plan.site_starts))]
        raise Refused("site_starts_after_end", site_id=late, ends_on=plan.ends_on)


def default_looks(starts_on: dt.date, ends_on: dt.date) -> tuple[dt.date, ...]:
    """Propose when to look: after 72 hours, a fortnight and a month, as far as the trial runs.

    >>> [day.isoformat() for day in default_looks(dt.date(2026, 6, 1), dt.date(2026, 6, 20))]
    ['2026-06-04', '2026-06-15']
    """
    days = (starts_on + dt.timedelta(days=after) for after in LOOK_DAYS)
    return tuple(day for day in days if day <= ends_on)


def seed_of(experiment_id: str) -> int:
    """Give the seed of an experiment's permutations: always the same, and nobody's choice."""
    return int(hashlib.sha256(experiment_id.encode()).hexdigest()[:8], 16)


def start_experiment(store: Store, actor: Actor, experiment_id: str) -> Experiment:
    """Say that an experiment runs. Raises Refused("plan_not_frozen"), Refused("experiment_over")."""
    return _move(store, actor, experiment_id, ExperimentState.RUNNING, "")


def end_experiment(store: Store, actor: Actor, experiment_id: str, *, reason: str = "") -> Experiment:
    """Say that an experiment has run its course. Raises Refused("plan_not_frozen"), Refused("experiment_over")."""
    return _move(store, actor, experiment_id, ExperimentState.ENDED, reason)


def abandon_experiment(store: Store, actor: Actor, experiment_id: str, *, reason: str) -> Experiment:
    """Say that an experiment was given up, and why. Raises Refused("reason_missing"), Refused("experiment_over")."""
    if not reason.strip():
        raise Refused("reason_missing")
    return _move(store, actor, experiment_id, ExperimentState.ABANDONED, reason)


def validate_verdict(store: Store, actor: Actor, experiment_id: str, verdict: Verdict) -> Experiment:
    """Put one's name to what the result means. Raises Refused("experiment_not_over"), Refused("plan_not_frozen")."""
    with store.read() as cursor:
        site_ids = planned_sites(cursor, experiment_id)
    with store.change(actor, Permission.VALIDATE_VERDICT, site_ids=site_ids) as tx:
        if tx.must_know(Experiment, experiment_id).state in OPEN_STATES:
            raise Refused("experiment_not_over")
        if not plans(tx.cursor, experiment_id):
            raise Refused("plan_not_frozen")
        signed = {"verdict": verdict, "verdict_by": tx.actor.person_id, "verdict_on": store.today()}
        return tx.revise(Experiment, experiment_id, "experiment.verdict", **signed)


def experiments(cursor: duckdb.DuckDBPyConnection, *, as_known_on: dt.datetime | None = None) -> list[Experiment]:
    """Read the experiments, in the order they were opened."""
    return records.current(cursor, Experiment, as_known_on=as_known_on)


def plans(
    cursor: duckdb.DuckDBPyConnection, experiment_id: str, *, as_known_on: dt.datetime | None = None
) -> list[Plan]:
    """Read an experiment's frozen plan and its amendments, in order."""
    frozen = records.current(cursor, Plan, as_known_on=as_known_on, experiment_id=experiment_id)
    return sorted(frozen, key=lambda plan: plan.amendment)


def plans_in_force(cursor: duckdb.DuckDBPyConnection) -> dict[str, Plan]:
    """Read the newest plan of each experiment that has one, by the experiment's id."""
    frozen = sorted(records.current(cursor, Plan), key=lambda plan: plan.amendment)
    return {plan.experiment_id: plan for plan in frozen}


def _freeze(store: Store, actor: Actor, experiment_id: str, plan: Plan) -> Plan:
    with store.change(actor, Permission.FREEZE_PLAN, site_ids=plan.site_ids) as tx:
        tx.in_turn("plan")
        if tx.must_know(Experiment, experiment_id).state not in OPEN_STATES:
            raise Refused("experiment_over")
        for metric_id in (plan.metric_id, *plan.guardrail_metric_ids):
            tx.must_know(Metric, metric_id)
        for site_id in (*plan.site_ids, *plan.comparison_site_ids):
            tx.must_know(Site, site_id)
        earlier = plans(tx.cursor, experiment_id)
        if earlier:
            tx.require(Permission.FREEZE_PLAN, site_ids=earlier[-1].site_ids)
        else:
            _check_beforehand(tx, plan, store.today())
        given = {
            "id": records.new_id(),
            "experiment_id": experiment_id,
            "amendment": len(earlier),
            "seed": 0 if plan.analysis is Analysis.SINGLE_SITE else seed_of(experiment_id),
            "frozen_at": tx.recorded_at,
        }
        frozen = plan.model_copy(update=given)
        frozen = frozen.model_copy(update={"plan_hash": plan_hash(frozen)})
        tx.append(frozen, "experiment.amend" if earlier else "experiment.freeze")
    return frozen


def _check_beforehand(tx: Change, plan: Plan, today: dt.date) -> None:
    if plan.starts_on <= today:
        raise Refused("already_started", starts_on=plan.starts_on, today=today)
    marks = ", ".join("?" * len(plan.site_ids))
    row = tx.cursor.execute(
        f"SELECT min(period_start) FROM cur WHERE metric_id = ? AND site_id IN ({marks}) AND period_start >= ?",
        [plan.metric_id, *plan.site_ids, plan.starts_on],
    ).fetchone()
    if row is not None and row[0] is not None:
        raise Refused("after_data_known", period_start=row[0])


def _move(store: Store, actor: Actor, experiment_id: str, state: ExperimentState, reason: str) -> Experiment:
    with store.read() as cursor:
        site_ids = planned_sites(cursor, experiment_id)
    with store.change(actor, Permission.PLAN_EXPERIMENT, site_ids=site_ids) as tx:
        if tx.must_know(Experiment, experiment_id).state not in OPEN_STATES:
            raise Refused("experiment_over")
        if state is not ExperimentState.ABANDONED and not plans(tx.cursor, experiment_id):
            raise Refused("plan_not_frozen")
        return tx.revise(Experiment, experiment_id, f"experiment.{state}", state=state, ended_reason=reason)


def planned_sites(cursor: duckdb.DuckDBPyConnection, experiment_id: str) -> tuple[str, ...]:
    """Read at which sites an experiment is tried by the plan in force; none before a plan is frozen."""
    frozen = plans(cursor, experiment_id)
    return frozen[-1].site_ids if frozen else ()
