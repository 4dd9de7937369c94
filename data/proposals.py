"""What the app proposes of a series and never does by itself: a step where the level moved, a look where it drifts.

A proposal is found anew from the data each time; what is kept is what people answered. A dismissed one stays away
unless the data move it: while its date lies where the answer said it may lie, or its run overlaps the one answered, and
it goes the same way.
"""

from __future__ import annotations

import dataclasses
import datetime as dt
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import duckdb

from analytics.change_points import MINIMUM_SEGMENT
from analytics.results import NotComputable, PointType, Side, Signal, XmrChart
from analytics.results_charts import AttributeChart
from analytics.results_trend import Alarm, AlarmKind, ChangePoint, ChangePoints, DriftAlarms
from data import periods, records
from data.access import Actor, Permission, Refused
from data.limits import LimitDecisions
from data.store import Store
from data.types import Decision, Grain, Person, ProposalAnswer
from data.watched import Watched

SUSTAINED_POINTS = 7  # a signal this long on one side is a level, not an accident: the chart's rule of a run
_SIDES = (Side.ABOVE, Side.BELOW)


class ProposalKind(StrEnum):
    """What was found."""

    CHANGE = "change"  # a change of level somewhere in the history
    SHIFT = "shift"  # the newest points stay on one side of the mean
    DRIFT = "drift"  # an alarm: the newest points leave what was expected


@dataclass(frozen=True, slots=True)
class Proposal:
    """One thing to answer. about: the day it is about; earliest, latest: where that may truly lie, all inclusive."""

    kind: ProposalKind
    side: Side  # ABOVE or BELOW what stood before
    about: dt.date
    earliest: dt.date
    latest: dt.date
    found: ChangePoint | Signal | Alarm
    covers: Proposal | None = None  # the alarm that this step answers too

    @property
    def is_step(self) -> bool:
        """Whether it proposes to start the limits again."""
        return self.kind is not ProposalKind.DRIFT


@dataclass(frozen=True, slots=True)
class Answered:
    """An answer, who gave it and when."""

    answer: ProposalAnswer
    by: str
    on: dt.date


def proposed(
    changes: ChangePoints | NotComputable, signal: Signal | None, alarms: DriftAlarms | NotComputable
) -> tuple[Proposal, ...]:
    """Gather what is found of one series, oldest first; a run that a change of level explains is left out.

    signal: the sustained one of its chart (see `sustained_signal`).
    """
    found = [] if isinstance(changes, NotComputable) else [_of_change(each) for each in _settled(changes)]
    newest = (
        []
        if signal is None
        else [Proposal(ProposalKind.SHIFT, signal.side, signal.start, signal.start, signal.end, signal)]
    )
    found += [proposal for proposal in newest if not any(_same_move(proposal, other) for other in found)]
    if not isinstance(alarms, NotComputable) and alarms.alarms:
        found.append(_of_alarm(alarms.alarms))
    return tuple(sorted(found, key=lambda proposal: proposal.about))


def sustained_signal(chart: object) -> Signal | None:
    """Find the signal in force that has lasted long enough to be a level of its own; None for a chart without one."""
    if not isinstance(chart, XmrChart | AttributeChart):
        return None
    counted = [kind not in (PointType.MISSING, PointType.EXCLUDED) for kind in chart.point_types]
    last = max(chart.periods[counted], default=None)
    standing = [
        signal for signal in chart.signals
        if last is not None and signal.side in _SIDES
        and signal.start >= chart.latest.start and signal.end >= last.date() and signal.n_points >= SUSTAINED_POINTS
    ]  # fmt: skip
    return max(standing, key=lambda signal: signal.n_points, default=None)


def unanswered(
    proposals: Iterable[Proposal], answers: Collection[ProposalAnswer], steps: Sequence[Decision], grain: Grain
) -> tuple[Proposal, ...]:
    """Leave out what a step stands for already and what somebody answered.

    steps: those of the series that stand. An accepted proposal comes back once the step that accepted it is gone.
    """
    standing = {step.id for step in steps}
    heard = [a for a in answers if a.reply == "dismissed" or a.kind == "drift" or a.decision_id in standing]
    return tuple(
        proposal
        for proposal in proposals
        if not (proposal.is_step and any(_stands_for(step.applies_on, proposal, grain) for step in steps))
        and not any(answers_it(answer, proposal) for answer in heard)
    )


def answers_it(answer: ProposalAnswer, proposal: Proposal) -> bool:
    """Tell whether an answer is about this proposal: the same kind of thing, the same way, a date it allowed for.

    Runs and drifts begin where the mean of the day lets them: those that overlap are the same one.
    """
    same = (answer.kind != "drift") is proposal.is_step and Side(answer.side) is proposal.side
    if answer.kind == "change" and proposal.kind is ProposalKind.CHANGE:
        return same and answer.earliest <= proposal.about <= answer.latest
    return same and answer.earliest <= proposal.latest and proposal.earliest <= answer.latest


def answers_on(
    cursor: duckdb.DuckDBPyConnection, *, site_id: str, metric_id: str, segment: str | None = None
) -> tuple[Answered, ...]:
    """Read what was answered about one series and stands, newest first."""
    found = records.current(cursor, ProposalAnswer, site_id=site_id, metric_id=metric_id, segment=segment or "")
    return tuple(_answered(cursor, answer) for answer in reversed(found))


def dismiss(
    store: Store, actor: Actor, proposal: Proposal, *, site_id: str, metric_id: str, reason: str, segment: str | None = None
) -> ProposalAnswer:  # fmt: skip
    """Say that a proposal, with the alarm that it covers, is not one, and why. Raises Refused("dismissal_without_reason")."""
    if not reason.strip():
        raise Refused("dismissal_without_reason")
    answers = [
        _answer(each, site_id, metric_id, segment, reply="dismissed", reason=reason.strip())
        for each in (proposal.covers, proposal)
        if each is not None
    ]
    with store.change(actor, Permission.STEP_LIMITS, site_id=site_id) as tx:
        tx.append_all(answers, "proposal.dismiss")
    return answers[-1]


def accept(
    store: Store, actor: Actor, proposal: Proposal, decision: Decision, *, segment: str | None = None
) -> ProposalAnswer:
    """Note which step accepted a proposal, or which decision answered an alarm. Raises Refused("step_without_series")."""
    site_id, metric_id = decision.site_id, decision.metric_id
    if site_id is None or metric_id is None:
        raise Refused("step_without_series")
    answer = _answer(proposal, site_id, metric_id, segment, reply="accepted", decision_id=decision.id)
    with store.change(actor, Permission.STEP_LIMITS, site_id=site_id) as tx:
        tx.must_know(Decision, decision.id)
        tx.append(answer, "proposal.accept")
    return answer


def take_back(store: Store, actor: Actor, answer: ProposalAnswer) -> None:
    """Take an answer back: what it was about is proposed again, if the data still say so."""
    with store.change(actor, Permission.STEP_LIMITS, site_id=answer.site_id) as tx:
        tx.retract(tx.must_know(ProposalAnswer, answer.id), "proposal.take_back")


def open_proposals(
    watched: Watched, chart: object, answers: Collection[ProposalAnswer], limits: LimitDecisions
) -> tuple[Proposal, ...]:
    """Tell what waits for an answer about one series, oldest first; chart: its own, with the limits decided on."""
    found = proposed(watched.changes, sustained_signal(chart), watched.alarms)
    return _asked_once(unanswered(found, answers, limits.steps, watched.grain), watched.alarms)


def _settled(changes: ChangePoints) -> list[ChangePoint]:
    """The changes whose date the search was free to choose: not a last stretch as short as it allows."""
    return [each for each in changes.changes if each.n_after > MINIMUM_SEGMENT or each is not changes.changes[-1]]


def _of_change(change: ChangePoint) -> Proposal:
    side = Side.ABOVE if change.change > 0 else Side.BELOW
    return Proposal(ProposalKind.CHANGE, side, change.date, change.earliest, change.latest, change)


def _of_alarm(alarms: Sequence[Alarm]) -> Proposal:
    """The drift, if there is one: points far out while a series drifts are the drift's."""
    newest = max(alarms, key=lambda alarm: (alarm.kind is AlarmKind.DRIFT, alarm.date))
    return Proposal(ProposalKind.DRIFT, newest.side, newest.since, newest.since, newest.date, newest)


def _same_move(proposal: Proposal, other: Proposal) -> bool:
    return proposal.side is other.side and proposal.earliest <= other.latest and other.earliest <= proposal.latest


def _asked_once(waiting: Sequence[Proposal], alarms: DriftAlarms | NotComputable) -> tuple[Proposal, ...]:
    """Leave an alarm to the newest step that waits, where it is that move seen again."""
    steps = [proposal for proposal in waiting if proposal.is_step]
    alarm = next((proposal for proposal in waiting if not proposal.is_step), None)
    if (
        alarm is None
        or not steps
        or isinstance(alarms, NotComputable)
        or not _still_that_move(alarm, steps[-1], alarms)
    ):
        return tuple(waiting)
    return (*steps[:-1], dataclasses.replace(steps[-1], covers=alarm))


def _still_that_move(alarm: Proposal, step: Proposal, alarms: DriftAlarms) -> bool:
    """Tell whether an alarm is a change of level seen again: the same way, no longer before than one watch."""
    one_watch = alarms.periods[-1] - alarms.periods[0]
    return step.side is alarm.side and step.latest >= alarm.earliest - one_watch.to_pytimedelta()


def _stands_for(step: dt.date, proposal: Proposal, grain: Grain) -> bool:
    """Tell whether a step lies where the change may lie, the period before and after counted."""
    before = periods.period_start(proposal.earliest, grain) - dt.timedelta(days=1)
    return periods.period_start(before, grain) <= step <= periods.period_end(proposal.latest, grain)


def _answer(
    proposal: Proposal, site_id: str, metric_id: str, segment: str | None, **said: object
) -> ProposalAnswer:  # fmt: skip
    where = {"site_id": site_id, "metric_id": metric_id, "segment": segment or ""}
    what = {name: getattr(proposal, name) for name in ("kind", "side", "about", "earliest", "latest")}
    return ProposalAnswer.model_validate({"id": records.new_id(), **where, **what, **said})


def _answered(cursor: duckdb.DuckDBPyConnection, answer: ProposalAnswer) -> Answered:
    first = records.recorded(cursor, ProposalAnswer, answer.id)
    person = records.one(cursor, Person, first.recorded_by) if first.recorded_by else None
    return Answered(answer, person.name if person else "", first.recorded_at.date())
