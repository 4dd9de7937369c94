"""What the people of the worked example pinned, recorded, agreed and wrote down on the way."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from analytics.results import Direction
from data.access import Permission
from data.decisions import pin_decision
from data.types import (
    Action,
    Artefact,
    CheckIn,
    DecisionType,
    Grain,
    Practice,
    PracticeState,
    Ritual,
    RitualKind,
    Target,
)
from pages.admin.demo import truth
from pages.admin.demo.cast import COHORT, PAST_CONFIDENCE, identifier
from pages.admin.demo.story import Story
from wording import say

STEPPED = ("cycle_time", "on_time", "order_errors", "satisfaction", "adherence")


def decide(story: Story) -> None:
    """Put decisions, incidents, targets, check-ins, playbook and rituals on their days."""
    _go_lives(story)
    _incidents(story)
    _pins(story)
    _target(story)
    _check_ins(story)
    _playbook(story)
    _rituals(story)


def _pin(story: Story, who: str, day: dt.date, key: str, **fields: object) -> None:
    title = say(f"demo.{key}", story.language)
    story.on(day, lambda: pin_decision(story.store, story.actor(who), title=title, **fields))


def _go_lives(story: Story) -> None:
    for site in truth.SITES:
        if site.live_week is not None:
            day = story.week(site.live_week)
            for metric in STEPPED:
                if site.live_week + truth.RAMP_WEEKS + 8 <= truth.LAST_WEEK:
                    begin = story.week(site.live_week + truth.RAMP_WEEKS)
                    _pin(story, "lea", story.week(site.live_week + truth.RAMP_WEEKS + 8, 3), "decision.step",
                         type=DecisionType.STEP, owner_id=identifier("lea"), applies_on=begin,
                         site_id=identifier(site.key), metric_id=identifier(metric), grain=Grain.WEEK,
                         period_start=begin, note=say("demo.decision.step.reason", story.language))  # fmt: skip
            _pin(story, "lea", day, "decision.go_live", type=DecisionType.PROCESS_CHANGE, owner_id=identifier("claire"),
                 applies_on=day, site_id=identifier(site.key), metric_id=None)  # fmt: skip


def _incidents(story: Story) -> None:
    for incident in truth.INCIDENTS:
        happened = story.week(incident.week)
        told = story.week(max(incident.week + 2, 2), 1)
        _pin(story, "lea", told, f"incident.{incident.key}", type=DecisionType.INCIDENT, owner_id=identifier("lea"),
             applies_on=happened, site_id=identifier(incident.site), metric_id=identifier(incident.metric),
             grain=Grain.WEEK, period_start=happened)  # fmt: skip


def _pins(story: Story) -> None:
    site, metric, week, _ = truth.RESTATED
    _pin(story, "paul", story.week(24, 2), "decision.late_shift", type=DecisionType.DECISION,
         owner_id=identifier("ines"), applies_on=story.week(week), site_id=identifier(site),
         metric_id=identifier(metric), grain=Grain.WEEK, period_start=story.week(week),
         review_on=story.week(26), expected_effect=say("demo.decision.effect", story.language),
         expected_metric_id=identifier(metric), expected_direction=Direction.DOWN, expected_size=1.0,
         expected_by=story.week(26))  # fmt: skip
    _pin(story, "lea", story.week(2, 3), "decision.data_gap", type=DecisionType.DATA_QUALITY,
         owner_id=identifier("lea"), applies_on=story.week(-2), site_id=identifier("nantes"), metric_id=None,
         grain=Grain.WEEK, period_start=story.week(-2), period_end=story.week(0, -1))  # fmt: skip
    _pin(story, "paul", story.week(24, 2), "decision.single_queue", type=DecisionType.DECISION,
         owner_id=identifier("elsa"), applies_on=story.week(24), site_id=identifier("lille"),
         metric_id=identifier("cycle_time"), review_on=story.week(28), public=True)  # fmt: skip
    _pin(story, "lea", story.week(24, 3), "decision.obstacle", type=DecisionType.OBSTACLE,
         owner_id=identifier("claire"), applies_on=story.week(24), site_id=identifier("reims"),
         metric_id=None, review_on=story.week(26))  # fmt: skip


def _target(story: Story) -> None:
    day = story.week(20)
    _pin(story, "lea", day, "decision.target", type=DecisionType.TARGET_CHANGE, owner_id=identifier("paul"),
         applies_on=day, site_id=None, metric_id=identifier("cycle_time"), review_on=story.week(30))  # fmt: skip
    lowered = Target(
        id=identifier("cycle_time", "target", 2), metric_id=identifier("cycle_time"), applies_from=day, value=9.0
    )
    story.on(day, lambda: story.record("claire", Permission.SET_TARGET, [lowered]))


def _check_ins(story: Story) -> None:
    confidence = {"cycle_time": (0.6, 0.7, 0.8), "on_time": (0.7, 0.6, 0.5), "order_errors": (0.5, 0.5, 0.6)}
    said = [(key, n, 12 + 6 * n, share) for key, shares in confidence.items() for n, share in enumerate(shares)]
    said += [(key, n, 3 + 4 * n, share) for key, shares in PAST_CONFIDENCE.items() for n, share in enumerate(shares)]
    for key, n, week, share in said:
        day = story.week(week, 2)
        check_in = CheckIn(id=identifier(key, "check", n), key_result_id=identifier("key_result", key),
                           checked_on=day, confidence=share)  # fmt: skip
        story.on(day, _recording(story, "paul", Permission.CHECK_IN, [check_in]))


def _playbook(story: Story) -> None:
    states = {
        "freeze_plan": (24, PracticeState.STANDARD),
        "single_queue": (25, PracticeState.STANDARD),
        "batch_orders": (26, PracticeState.RETIRED),
        "stock_buffer": (23, PracticeState.RETIRED),
    }
    for trial in truth.EXPERIMENTS:
        week, final = states.get(trial.key, (0, PracticeState.TRY))
        tried = Practice(id=identifier("practice", trial.key), title=say(f"demo.experiment.{trial.key}.title", story.language),
                         metric_id=identifier(trial.metric))  # fmt: skip
        begin = story.week(trial.start_week) - dt.timedelta(days=trial.registered_days_before + 1)
        story.on(begin, _recording(story, "ines", Permission.EDIT_PLAYBOOK, [tried]))
        if final is PracticeState.STANDARD:
            words = {name: say(f"demo.practice.{trial.key}.{code}", story.language)
                     for name, code in (("control_points", "control"), ("conditions", "conditions"))}  # fmt: skip
        elif final is PracticeState.RETIRED:
            words = {"reason": say(f"demo.practice.{trial.key}.reason", story.language)}
        else:
            continue
        settled = tried.model_copy(update={"state": final, "version": 2, **words})
        story.on(story.week(week), _recording(story, "ines", Permission.EDIT_PLAYBOOK, [settled]))


def _rituals(story: Story) -> None:
    for n, week in enumerate(range(2, truth.LAST_WEEK + 1, 2)):
        day = story.week(week, 3)
        ritual = Ritual(id=identifier("review", n), cohort_id=COHORT, kind=RitualKind.METRICS_REVIEW, held_on=day,
                        facilitator_id=identifier("paul"), scribe_id=identifier("ines"), metric_keeper_id=identifier("lea"),
                        closed=True)  # fmt: skip
        artefact = Artefact(id=identifier("review", n, "artefact"), ritual_id=ritual.id, kind="checklist",
                            title=say("demo.artefact.agenda", story.language))  # fmt: skip
        story.on(day, _recording(story, "paul", Permission.RUN_RITUAL, [ritual, artefact]))
    for key, owner, week in (("train", "claire", 26), ("explain", "samir", 28)):
        action = Action(id=identifier("action", key), title=say(f"demo.action.{key}", story.language),
                        owner_id=identifier(owner), due_on=story.week(week))  # fmt: skip
        story.on(story.week(24, 3), _recording(story, "paul", Permission.RUN_RITUAL, [action]))


def _recording(story: Story, who: str, permission: Permission, records: list) -> Callable[[], None]:
    return lambda: story.record(who, permission, records)
