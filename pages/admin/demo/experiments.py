"""The worked example's experiments: promised, frozen, run, judged, and published whatever came out."""

from __future__ import annotations

import datetime as dt
from typing import Any

from analytics.results import Direction
from data.experiments import (
    abandon_experiment,
    end_experiment,
    experiments,
    freeze_plan,
    plan_experiment,
    start_experiment,
)
from data.experiments import validate_verdict as sign
from data.types import Analysis, Plan, ReadingKind, Verdict
from pages.admin.demo import truth
from pages.admin.demo.cast import identifier
from pages.admin.demo.files import LOADS_AT_WEEK
from pages.admin.demo.series import measurement_sd, metric_named
from pages.admin.demo.story import Story
from pages.evidence.publishing_act import publish_experiment
from pages.shared.trial_readings import keep_now
from wording import say

VERDICTS = {
    "freeze_plan": Verdict.STANDARDISE,
    "supplier_check": Verdict.RETIRE,
    "single_queue": Verdict.AMPLIFY,
    "daily_call": Verdict.RETIRE,
    "batch_orders": Verdict.RETIRE,
    "call_back": Verdict.CORRECT,
}
OWNERS = ("ines", "paul", "lea", "elsa", "samir", "hugo")
KEY_RESULTS = ("cycle_time", "on_time", "order_errors")


def experiment(story: Story) -> None:
    """Put every experiment on its days: promise, start, end, verdict, publication."""
    for trial in truth.TRIALS:
        _Trial(story, trial).schedule()


class _Trial:
    """One experiment under way; its id comes with its promise."""

    def __init__(self, story: Story, trial: truth.TrueExperiment) -> None:
        self.story, self.trial = story, trial
        self.id = self.label = ""

    def schedule(self) -> None:
        story, trial = self.story, self.trial
        start, ended = story.week(trial.start_week), story.week(trial.end_week + 1)
        story.on(start - dt.timedelta(days=trial.registered_days_before), self.promise)
        if trial.start_week <= truth.LAST_WEEK:
            story.on(start, lambda: start_experiment(story.store, story.actor("lea"), self.id))
        if trial.state is truth.ABANDONED:
            story.on(ended, self.abandon)
        elif trial.state is truth.ENDED:
            story.on(ended, lambda: end_experiment(story.store, story.actor("lea"), self.id))
        if trial.state in (truth.ENDED, truth.ABANDONED):
            known = next(week for week in LOADS_AT_WEEK if week > trial.end_week)
            story.on(story.week(known), self.judge)

    def promise(self) -> None:
        story, trial = self.story, self.trial
        words = f"demo.experiment.{trial.key}"
        opened = plan_experiment(
            story.store, story.actor("paul"), title=say(f"{words}.title", story.language),
            owner_id=identifier(OWNERS[trial.number % len(OWNERS)]), practice_id=identifier("practice", trial.key),
            key_result_id=identifier("key_result", trial.metric) if trial.metric in KEY_RESULTS else None,
        )  # fmt: skip
        self.id, self.label = opened.id, opened.label
        freeze_plan(story.store, story.actor("lea"), self.id, self.plan())

    def plan(self) -> Plan:
        story, trial = self.story, self.trial
        metric = metric_named(trial.metric)
        site = next(site for site in truth.SITES if site.key == trial.site)
        settled = (site.live_week or 0) + truth.RAMP_WEEKS
        better = 1 if metric.direction is Direction.UP else -1
        return Plan(
            id=identifier("plan", trial.number), experiment_id=self.id,
            hypothesis=say(f"demo.experiment.{trial.key}.hypothesis", story.language),
            metric_id=identifier(trial.metric), **self.sites(),
            expected_direction=Direction.UP if better > 0 else Direction.DOWN,
            smallest_effect=round(trial.smallest_sd * measurement_sd(site, metric), 1),
            starts_on=story.week(trial.start_week), ends_on=story.week(trial.end_week + 1, -1),
            baseline_from=story.week(settled), grain=metric.frequency, trend_term=False,
            looks=(story.week(trial.start_week, 3), story.week(trial.start_week + 2), story.week(trial.end_week + 1, -1)),
            decision_rule=say("demo.experiment.rule", story.language), frozen_at=story.clock(),
        )  # fmt: skip

    def sites(self) -> dict[str, Any]:
        """Where it is tried, beside which sites, and when each starts."""
        trial, week = self.trial, self.story.week
        treated = ((trial.site, trial.start_week), *trial.in_turn)
        staggered = Analysis.STAGGERED if trial.in_turn else None
        alone = Analysis.COMPARISON if trial.beside else Analysis.SINGLE_SITE
        return {
            "site_ids": tuple(identifier(site) for site, _ in treated),
            "comparison_site_ids": tuple(identifier(site) for site in trial.beside),
            "site_starts": tuple(week(start) for _, start in treated) if trial.in_turn else (),
            "analysis": staggered or alone,
        }

    def abandon(self) -> None:
        reason = say(f"demo.experiment.{self.trial.key}.abandoned", self.story.language)
        abandon_experiment(self.story.store, self.story.actor("lea"), self.id, reason=reason)

    def keep(self, kind: ReadingKind) -> None:
        """Keep what the data say on this day."""
        with self.story.store.read() as cursor:
            (found,) = (e for e in experiments(cursor) if e.id == self.id)
        keep_now(self.story.store, self.story.actor("lea"), found, kind)

    def judge(self) -> None:
        story, trial = self.story, self.trial
        verdict = VERDICTS.get(trial.key)
        if verdict is not None:
            sign(story.store, story.actor("lea"), self.id, verdict)
        if trial.state is truth.ENDED:
            self.keep(ReadingKind.END if verdict is None else ReadingKind.VERDICT)
        if trial.published:
            slug = f"{self.label.lower()}-{trial.key.replace('_', '-')}"
            publish_experiment(story.store, story.actor("claire"), self.id, slug=slug)
