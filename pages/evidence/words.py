"""What an evidence page says of its trial, in one language: each line once, for the page and for the register."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from math import isnan

from analytics.results import NotComputable, SiteEffect
from analytics.results_effects import Guard
from data.types import Analysis
from pages.evidence.trial import Trial
from pages.shared.trial_amendments import Called, amendment_lines
from pages.shared.trial_outcome import Effect, TrialOutcome
from pages.shared.trial_window import window_lines
from pages.shared.trial_words import interval_words, method_limits
from wording import (
    Language,
    date_,
    difference,
    effect_method,
    effect_reading,
    finding,
    period,
    reason_sentence,
    say,
    sentence,
    state,
    unit,
    value,
)

MISSING_NAMED = 8  # so many missing periods are named one by one; more are only counted


@dataclass(frozen=True, slots=True)
class TrialWords:
    """A trial in words."""

    trial: Trial
    language: Language

    def _say(self, code: str, **args: object) -> str:
        return say(code, self.language, **args)

    def _free(self, text: str) -> str:
        return self.trial.masks.text(text, self.language)

    @property
    def label(self) -> str:
        """The trial's number."""
        return self.trial.experiment.label

    @property
    def trial_title(self) -> str:
        """The title it was registered under."""
        return self._free(self.trial.experiment.title)

    @property
    def sites(self) -> str:
        """Where it was tried."""
        return self.trial.masks.names(self.trial.plan.site_ids, self.language)

    @property
    def metric(self) -> str:
        """The metric's name."""
        return self._free(self.trial.metric.name(self.language))

    @property
    def unit(self) -> str:
        """The metric's unit."""
        return unit(self.trial.metric, self.language)

    @property
    def title(self) -> str:
        """The finding, as the page's title."""
        result = self.trial.result
        found = not isinstance(result, NotComputable)
        size = difference(result.estimate, self.trial.metric, self.language) if found else ""
        return self._say(
            f"evidence.title.{self.trial.outcome.value}",
            title=self.trial_title,
            metric=_inside_sentence(self.metric),
            size=size,
        )

    @property
    def lead(self) -> str:
        """How sure it is, beside what was worth having."""
        plan, metric = self.trial.plan, self.trial.metric
        smallest = difference(plan.smallest_effect, metric, self.language).lstrip("+")
        worth = self._say("evidence.lead.worthwhile", smallest=smallest)
        if self.trial.outcome is TrialOutcome.ABANDONED:
            reason = self._free(self.trial.experiment.ended_reason)
            return f"{self._say('evidence.lead.abandoned', date=self.trial.over_on, reason=reason)} {worth}"
        if isinstance(self.trial.result, NotComputable):
            return f"{self.not_computable} {worth}"
        low, high = (difference(x, metric, self.language) for x in (self.trial.result.lower, self.trial.result.upper))
        return f"{self._say('evidence.lead.interval', lower=low, upper=high)} {worth}"

    @property
    def outcome(self) -> str:
        """What it came to, in a word or two."""
        return self._say(f"evidence.outcome.{self.trial.outcome.value}")

    @property
    def verdict(self) -> str:
        """The verdict's name, or that there is none."""
        given = self.trial.experiment.verdict
        return (
            self._say("evidence.verdict", verdict=state(given, self.language))
            if given
            else self._say("evidence.no_verdict")
        )

    @property
    def judged(self) -> str:
        """Who put their name to it, and when."""
        experiment = self.trial.experiment
        if self.trial.outcome is TrialOutcome.ABANDONED and experiment.verdict is None:
            return self._say("evidence.judged.abandoned")
        if experiment.verdict is None or experiment.verdict_on is None:
            return self._say("evidence.judged.nobody", outcome=self.outcome)
        day = date_(experiment.verdict_on, self.language)
        if self.trial.judge is None or self.trial.masks.hidden:
            return self._say("evidence.judged.role", outcome=self.outcome, date=day)
        return self._say("evidence.judged.name", outcome=self.outcome, name=self.trial.judge.name, date=day)

    @property
    def hypothesis(self) -> str:
        """What was promised."""
        return self._free(self.trial.plan.hypothesis)

    @property
    def registered(self) -> str:
        """How long before the start the plan was frozen."""
        return self._say("evidence.registered", n=self.trial.days_before)

    @property
    def registered_on(self) -> str:
        """The day the plan was frozen."""
        return date_(self.trial.plans[0].frozen_at.date(), self.language)

    @property
    def promises(self) -> list[tuple[str, str]]:
        """The other points of the plan: what each is called, and what it says."""
        plan, metric = self.trial.plan, self.trial.metric
        smallest = difference(plan.smallest_effect, metric, self.language).lstrip("+")
        points = [
            ("metric", f"{self.metric}, {self.unit}" if self.unit else self.metric),
            ("expected", self._say(f"evidence.expected.{plan.expected_direction.value}", smallest=smallest)),
            ("window", self._say("evidence.window", start=self._day(plan.starts_on), end=self._day(plan.ends_on))),
            ("looks", ", ".join(map(self._day, plan.looks)) or self._say("evidence.looks.end")),
        ]
        points[2:2] = self._sites_promised()
        return [(self._say(f"evidence.plan.{name}"), said) for name, said in points]

    def _sites_promised(self) -> list[tuple[str, str]]:
        """What a plan over several sites says of them: which are compared with, and when each starts."""
        plan, masks = self.trial.plan, self.trial.masks
        points = []
        if plan.comparison_site_ids and plan.analysis is not Analysis.SINGLE_SITE:
            points.append(("comparison", masks.names(plan.comparison_site_ids, self.language)))
        if plan.analysis is Analysis.STAGGERED:
            starts = zip(plan.site_ids, plan.site_starts, strict=True)
            named = (f"{masks.name(site, self.language)} {self._day(day)}" for site, day in starts)
            points.append(("starts", ", ".join(named)))
        return points

    @property
    def rule(self) -> str:
        """What was to follow from which result, in the words of the plan."""
        return self._free(self.trial.plan.decision_rule)

    @property
    def amendments(self) -> list[str]:
        """Each change of the plan: its day, its points, its hash."""
        trial = self.trial
        called = Called(
            trial.metric, trial.metrics, lambda site: trial.masks.name(site, self.language), self._free, self.language
        )
        return amendment_lines(trial.plans, called)

    @property
    def plan_hash(self) -> str:
        """The hash of the plan as first frozen."""
        return self.trial.plans[0].plan_hash

    @property
    def axis(self) -> str:
        """What the picture shows: metric, where, unit, grain, and which way is better."""
        grain = self.trial.series.grain if self.trial.series else self.trial.plan.grain or self.trial.metric.frequency
        return self._say(
            f"evidence.axis.{self.trial.metric.direction.value}",
            metric=_inside_sentence(self.metric), sites=self.sites, grain=state(grain, self.language),
        )  # fmt: skip

    @property
    def picture(self) -> str:
        """The picture in words."""
        if isinstance(self.trial.result, NotComputable):
            return self.not_computable
        return finding(self._result, self.language, self.trial.metric)

    @property
    def size(self) -> str:
        """The effect with its interval, in the metric's unit and in per cent; or why there is none."""
        return self.picture

    @property
    def _result(self) -> Effect | NotComputable:
        return self.trial.result_for(self.language)

    @property
    def reading(self) -> str:
        """What the interval allows one to say."""
        result = self._result
        if self.trial.outcome is TrialOutcome.ABANDONED:
            return self._say("evidence.abandoned_reading")
        return effect_reading(result, self.language, self.trial.metric) if isinstance(result, SiteEffect) else ""

    @property
    def method(self) -> str:
        """How it was found and what the method cannot tell."""
        result = self._result
        if isinstance(result, NotComputable):
            return self._say("evidence.method.none")
        if isinstance(result, SiteEffect):
            return effect_method(result, self.language)
        return sentence(result, self.language, self.trial.metric).removeprefix(self.size).strip()

    @property
    def not_computable(self) -> str:
        """Why no effect could be computed."""
        result = self._result
        return reason_sentence(result, self.language, self.trial.metric) if isinstance(result, NotComputable) else ""

    @property
    def short_effect(self) -> str:
        """The effect and its interval for a cell of the register; empty where there is none."""
        result, metric = self.trial.result, self.trial.metric
        if isinstance(result, NotComputable) or self.trial.outcome is TrialOutcome.ABANDONED:
            return ""
        return interval_words(result.estimate, result.lower, result.upper, metric, self.language)

    @property
    def limits(self) -> list[str]:
        """What this does not prove, line by line."""
        trial = self.trial
        lines = window_lines(trial.experiment, trial.effect, self.language, self._free)
        lines += [self._doubt(guard) for guard in trial.guards_for(self.language)]
        lines += method_limits(trial.plan, self.language)
        if missing := self._missing():
            lines.append(missing)
        if trial.n_held_back:
            lines.append(self._say("evidence.limit.held_back", n=trial.n_held_back))
        return lines

    def _doubt(self, guard: Guard) -> str:
        return self._free(sentence(guard, self.language, self.trial.metric))

    def _missing(self) -> str:
        if self.trial.plan.analysis is not Analysis.SINGLE_SITE:
            return ""  # the sentence of such an effect counts them, site by site
        gaps = [moment.date() for moment in self.trial.values.index[self.trial.values.isna()]]
        grain = self.trial.series.grain if self.trial.series else self.trial.metric.frequency
        if not gaps:
            return ""
        if len(gaps) > MISSING_NAMED:
            return self._say("evidence.limit.missing", n=len(gaps))
        named = ", ".join(period(day, grain, self.language) for day in gaps)
        return self._say("evidence.limit.missing_named", n=len(gaps), periods=named)

    @property
    def values(self) -> list[tuple[str, str, str]]:
        """The analysed window, a line a period: when, how much, before or after, or left out."""
        start, missing = self.trial.plan.starts_on, self._say("evidence.values.missing")
        grain = self.trial.series.grain if self.trial.series else self.trial.metric.frequency
        before, after = self._say("evidence.values.before"), self._say("evidence.values.after")
        left_out = dict.fromkeys(self.trial.effect.data.excluded, self._say("evidence.values.left_out"))
        return [
            (
                period(moment.date(), grain, self.language),
                missing if isnan(y) else value(y, self.trial.metric, self.language),
                left_out.get(moment.date(), after if moment.date() >= start else before),
            )
            for moment, y in self.trial.values.items()
        ]

    @property
    def pinned(self) -> str:
        """The decision that began it, when it is public."""
        made = self.trial.pinned
        if made is None:
            return ""
        return self._say("evidence.pinned", label=made.label, title=self._free(made.title), date=made.applies_on)

    @property
    def synthetic(self) -> bool:
        """Whether the figures are made up."""
        return self.trial.synthetic

    def _day(self, day: dt.date) -> str:
        return date_(day, self.language)


def _inside_sentence(name: str) -> str:
    """Write a name's first letter small, unless it begins with capitals.

    >>> _inside_sentence("Cycle time"), _inside_sentence("OTIF")
    ('cycle time', 'OTIF')
    """
    return name if name[1:2].isupper() else name[:1].lower() + name[1:]
