"""What asks for somebody's attention: what changed, what waits for a decision, what is late."""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import duckdb
import pandas as pd

from analytics.multiplicity import FALSE_DISCOVERY_RATE
from analytics.results import Direction, Rule, Side
from analytics.results_trend import Alarm, AlarmKind, DriftAlarms
from data import records
from data.decisions import all_decisions
from data.proposals import Proposal, ProposalKind, answers_it
from data.score import board
from data.series import COMBINED
from data.types import (
    Action,
    Assignment,
    Decision,
    DecisionType,
    Experiment,
    ExperimentState,
    Metric,
    Plan,
    ProposalAnswer,
    Role,
    SiteStage,
    Stage,
)
from data.watched import own_alarms

# A decision up to so long before a signal may be what brought it.
DAYS_BEFORE_A_SIGNAL = 42
_SIGNS = {Direction.UP: 1, Direction.DOWN: -1, Direction.NEUTRAL: 0}


class Kind(StrEnum):
    """What waits or is late."""

    REVIEW = "review"  # a decision whose review date has come
    VERDICT = "verdict"  # an experiment that ended without one
    UNOWNED_SIGNAL = "unowned_signal"  # a concern that no decision answers
    DRIFT = "drift"  # a drift the wrong way that nobody answered, its limits not crossed yet
    OBSTACLE = "obstacle"  # raised and not resolved
    GO_LIVE = "go_live"  # a site not live on its date
    DATA = "data"  # a site whose data are late
    ACTION = "action"  # an action past its date


@dataclass(frozen=True, slots=True)
class Shift:
    """A signal that still holds at a series' last period. good is None for a metric without a direction."""

    site_id: str
    metric_id: str
    grain: str
    rule: Rule
    side: Side
    start: dt.date
    n_points: int
    good: bool | None
    decision: str | None  # label of the newest decision that may explain it


@dataclass(frozen=True, slots=True)
class Drift:
    """A drift alarm that nobody answered. since, raised_on: first days of periods of the stored grain.

    adjusted: its p value over the whole board; good is None for a metric without a direction; keeper_id: who keeps
    the metrics of its site, where one person does.
    """

    site_id: str
    metric_id: str
    side: Side
    since: dt.date
    raised_on: dt.date
    adjusted: float
    good: bool | None
    decision: str | None  # label of the newest decision that may explain it
    keeper_id: str | None
    or_before: bool = False  # it was there when watching began, so that it may be older than `since`; see `dated`

    @property
    def stands(self) -> bool:
        """Whether it is clearer than chance makes on a board of this size."""
        return self.adjusted <= FALSE_DISCOVERY_RATE


@dataclass(frozen=True, slots=True)
class Due:
    """Something that waits for somebody; days_late is negative while there is time."""

    kind: Kind
    record_id: str
    label: str
    title: str
    owner_id: str | None
    site_id: str | None
    metric_id: str | None
    due_on: dt.date | None
    days_late: int | None


def shifts(cursor: duckdb.DuckDBPyConnection, since: dt.date | None = None) -> list[Shift]:
    """List the signals in force, concerns first, then the newest first.

    since: leave out those that began before this day, inclusive, unless they are a concern that nobody answers.
    """
    rows = cursor.execute(
        "SELECT site_id, metric_id, grain, signal_rule, signal_side, signal_start, signal_points, signal_good FROM score s "
        "WHERE signal_rule IS NOT NULL AND variation <> 'common_cause' AND (segment = ? OR NOT EXISTS (SELECT 1 FROM score o "
        "WHERE o.site_id = s.site_id AND o.metric_id = s.metric_id AND o.segment = ?)) "
        "ORDER BY signal_good NULLS LAST, signal_start DESC, site_id, metric_id",
        [COMBINED, COMBINED],
    ).fetchall()
    pinned = all_decisions(cursor, with_superseded=False)
    found = [
        Shift(site, metric, grain, Rule(rule), Side(side), start, n, good, _explaining(pinned, site, metric, start))
        for site, metric, grain, rule, side, start, n, good in rows
    ]
    return [s for s in found if since is None or s.start >= since or (s.good is False and s.decision is None)]


def drifts(cursor: duckdb.DuckDBPyConnection, today: dt.date, scores: pd.DataFrame | None = None) -> list[Drift]:
    """List the drift alarms of the board, the least likely to be chance first; those that somebody answered are left out.

    scores: the board, where the caller has read it.
    """
    found = board(cursor) if scores is None else scores
    raised = found[found["alarm_kind"].notna()].sort_values(["alarm_q", "alarm_p", "metric_id", "site_id"])
    if raised.empty:
        return []
    pinned, keepers = all_decisions(cursor, with_superseded=False), _keepers(cursor, today)
    answers = [answer for answer in records.current(cursor, ProposalAnswer) if not answer.segment]
    signs = {metric.id: _SIGNS[metric.direction] for metric in records.current(cursor, Metric)}
    listed = []
    columns = ["site_id", "metric_id", "alarm_kind", "alarm_side", "alarm_since", "alarm_on", "alarm_q"]
    for site, metric, kind, which, begins, raised_at, adjusted in raised[columns].itertuples(index=False, name=None):
        side, since, on = Side(which), begins.date(), raised_at.date()
        proposal = Proposal(ProposalKind.DRIFT, side, since, since, on, Alarm(AlarmKind(kind), side, on, since))
        heard = [answer for answer in answers if (answer.site_id, answer.metric_id) == (site, metric)]
        if any(answers_it(answer, proposal) for answer in heard):
            continue
        good = {1: True, -1: False}.get(signs[metric] * (1 if side is Side.ABOVE else -1))
        explained = _explaining(pinned, site, metric, since)
        listed.append(Drift(site, metric, side, since, on, float(adjusted), good, explained, keepers.get(site)))
    return listed


def dated(cursor: duckdb.DuckDBPyConnection, found: Sequence[Drift], most: int) -> list[Drift]:
    """Tell of the first drifts that stand, at most so many, whether they may be older than the day they are given."""
    told = [drift for drift in found if drift.stands][:most]
    older = set()
    for drift in told:
        alarms = own_alarms(cursor, site_id=drift.site_id, metric_id=drift.metric_id)
        if isinstance(alarms, DriftAlarms):
            same = [a for a in alarms.alarms if (a.side, a.since, a.date) == (drift.side, drift.since, drift.raised_on)]
            older |= {(drift.site_id, drift.metric_id) for alarm in same if alarm.or_before}
    return [dataclasses.replace(drift, or_before=(drift.site_id, drift.metric_id) in older) for drift in found]


def dues_by_date(cursor: duckdb.DuckDBPyConnection, today: dt.date, *, days_ahead: int) -> list[Due]:
    """List the reviews that come within days_ahead and the verdicts that are missing, the longest overdue first."""
    return sorted([*_reviews(cursor, today, days_ahead), *_verdicts(cursor, today)], key=_most_overdue_first)


def awaiting_decision(
    cursor: duckdb.DuckDBPyConnection, today: dt.date, *, days_ahead: int = 7, scores: pd.DataFrame | None = None
) -> list[Due]:
    """List what somebody must decide within days_ahead, the longest overdue first; undated items last.

    scores: the board, where the caller has read it.
    """
    found = dues_by_date(cursor, today, days_ahead=days_ahead)
    unowned = [shift for shift in shifts(cursor) if shift.good is False and shift.decision is None]
    found += [
        Due(Kind.UNOWNED_SIGNAL, f"{shift.site_id}/{shift.metric_id}", "", "", None, shift.site_id, shift.metric_id, shift.start, None)
        for shift in unowned
    ]  # fmt: skip
    crossed = {(shift.site_id, shift.metric_id) for shift in unowned}
    found += [
        Due(Kind.DRIFT, f"{drift.site_id}/{drift.metric_id}", "", "", drift.keeper_id, drift.site_id, drift.metric_id, drift.since, None)
        for drift in drifts(cursor, today, scores)
        if drift.stands and drift.good is False and drift.decision is None and (drift.site_id, drift.metric_id) not in crossed
    ]  # fmt: skip
    return sorted(found, key=_most_overdue_first)


def late(cursor: duckdb.DuckDBPyConnection, today: dt.date) -> list[Due]:
    """List what is past its date: go-lives, actions; the longest overdue first."""
    stages = [stage for stage in records.current(cursor, SiteStage) if stage.stage is Stage.LIVE]
    found = [
        Due(
            Kind.GO_LIVE, stage.id, "", "", None, stage.site_id, None, stage.planned_on, (today - stage.planned_on).days
        )
        for stage in stages
        if stage.actual_on is None and stage.planned_on is not None and stage.planned_on < today
    ]
    found += [
        Due(
            Kind.ACTION,
            action.id,
            "",
            action.title,
            action.owner_id,
            None,
            None,
            action.due_on,
            (today - action.due_on).days,
        )
        for action in records.current(cursor, Action)
        if action.done_on is None and action.due_on < today
    ]
    return sorted(found, key=_most_overdue_first)


def _reviews(cursor: duckdb.DuckDBPyConnection, today: dt.date, days_ahead: int) -> list[Due]:
    kind = {DecisionType.OBSTACLE: Kind.OBSTACLE}
    return [
        Due(kind.get(decision.type, Kind.REVIEW), decision.id, decision.label, decision.title, decision.owner_id,
            decision.site_id, decision.metric_id, decision.review_on, (today - decision.review_on).days)
        for decision in all_decisions(cursor, with_superseded=False)
        if decision.review_on is not None
        and decision.outcome is None
        and decision.resolved_on is None
        and decision.review_on <= today + dt.timedelta(days=days_ahead)
    ]  # fmt: skip


def _verdicts(cursor: duckdb.DuckDBPyConnection, today: dt.date) -> list[Due]:
    plans = {plan.experiment_id: plan for plan in records.current(cursor, Plan)}
    found = []
    for experiment in records.current(cursor, Experiment):
        plan = plans.get(experiment.id)
        if plan is None or experiment.verdict or experiment.state is ExperimentState.ABANDONED or plan.ends_on >= today:
            continue
        site = plan.site_ids[0] if len(plan.site_ids) == 1 else None
        found.append(
            Due(Kind.VERDICT, experiment.id, experiment.label, experiment.title, experiment.owner_id, site, plan.metric_id,
                plan.ends_on, (today - plan.ends_on).days)
        )  # fmt: skip
    return found


def _keepers(cursor: duckdb.DuckDBPyConnection, today: dt.date) -> dict[str, str]:
    """Tell who keeps the metrics of each site today; a site of several keepers, or of none of its own, is left out."""
    found: dict[str, set[str]] = {}
    for held in records.current(cursor, Assignment):
        current = held.starts_on <= today and (held.ends_on is None or today <= held.ends_on)
        if held.role is Role.METRIC_KEEPER and held.site_id is not None and current:
            found.setdefault(held.site_id, set()).add(held.person_id)
    return {site: next(iter(people)) for site, people in found.items() if len(people) == 1}


def may_explain(decision: Decision, *, site_id: str, metric_id: str, start: dt.date) -> bool:
    """Tell whether a decision stands near enough to a signal's start to be about it.

    What was decided for every site explains none of them.
    """
    since = start - dt.timedelta(days=DAYS_BEFORE_A_SIGNAL)
    concerned = decision.site_id == site_id and decision.metric_id in (None, metric_id)
    return concerned and (decision.period_start or decision.applies_on) >= since


def _explaining(pinned: list[Decision], site_id: str, metric_id: str, start: dt.date) -> str | None:
    near = [d for d in pinned if may_explain(d, site_id=site_id, metric_id=metric_id, start=start)]
    return max(near, key=lambda decision: decision.applies_on).label if near else None


def _most_overdue_first(due: Due) -> tuple[bool, int, str]:
    return (due.days_late is None, -(due.days_late or 0), due.record_id)
