"""How a series is charted: the list of charts that fit, the sets of rules, and freezing the limits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from analytics.results import Rule
from analytics.results_charts import AttributeChart, ChartKind
from data.access import Permission, allowed
from data.types import DecisionType
from pages.cohort.decision_form import Suggested
from pages.cohort.metric_rules import DEFAULT_RULES, RULE_SETS
from pages.shared import frame
from pages.shared.choices import asked, choose
from wording import Language, date_, period, say, sentence
from wording import limits_words as counts_words

if TYPE_CHECKING:
    from pages.cohort.metric_view import MetricView
    from pages.shared.session import Visit

CHART, RULES, UNASKED = "chart", "rules", "auto"  # names of the choices in the address
BASELINE_POINTS = 24  # points that set limits, from which freezing them is proposed (methods, XmR)


@dataclass(frozen=True, slots=True)
class How:
    """How a reader wants the series charted; chart None = as fits it best."""

    chart: str | None = None
    rules: str = DEFAULT_RULES


def how_asked() -> How:
    """Read from the address how the series is to be charted; what is unknown there is passed over."""
    chart, rules = asked(CHART), asked(RULES)
    known = {kind.value for kind in ChartKind}
    return How(chart if chart in known else None, rules if rules in RULE_SETS else DEFAULT_RULES)


def choose_how(visit: Visit, view: MetricView) -> None:
    """Offer the charts that fit this series and the sets of rules; the choice stands in the address."""
    language = visit.language
    if view.fitting is None:
        return
    left, right = st.columns(2)
    with left:
        choose(say("chart_choice.chart", language), charts_offered(view, language), name=CHART, default=UNASKED)
    if view.kind is not ChartKind.RUN:
        with right:
            sets = {name: say(f"chart_choice.set.{name}", language) for name in RULE_SETS}
            choose(say("chart_choice.rules.label", language), sets, name=RULES, default=DEFAULT_RULES)
    frame.small(suggestion(view, language))


def charts_offered(view: MetricView, language: Language) -> Mapping[str, str]:
    """Name the charts that fit, the one drawn unasked first."""
    assert view.fitting is not None
    unasked = say(f"chart_choice.kind.{view.unasked}", language)
    offered = {UNASKED: say("chart_choice.unasked", language, chart=unasked)}
    kinds = [kind for kind in view.fitting.kinds if kind is not view.unasked]
    return MappingProxyType(offered | {kind.value: say(f"chart_choice.kind.{kind}", language) for kind in kinds})


def suggestion(view: MetricView, language: Language) -> str:
    """Say which chart fits and why, and by which the overview judges where that is another one."""
    assert view.fitting is not None
    parts = [say("chart_choice.suggested", language, why=sentence(view.fitting.choice, language))]
    if view.kind is not view.unasked or view.rules != DEFAULT_RULES:
        parts.append(say("chart_choice.overview", language))
    return " ".join(parts)


def rules_words(view: MetricView, language: Language) -> str:
    """Name the rules by which points are judged."""
    if view.kind is ChartKind.RUN:
        return say("chart_choice.rules.run", language)
    chosen: tuple[Rule, ...] = RULE_SETS[view.rules]
    said = say("charts.separator", language).join(say(f"chart_choice.rule.{rule}", language) for rule in chosen)
    return say("chart_choice.rules", language, name=say(f"chart_choice.set.{view.rules}", language), rules=said)


def offer_freeze(visit: Visit, view: MetricView) -> tuple[dt.date, Suggested] | None:
    """Propose to freeze limits that enough points set; pressed, what the form opens with, and a person decides."""
    day, language = freeze_day(view), visit.language
    if day is None or view.limited is None or not allowed(visit.actor, Permission.STEP_LIMITS, site_id=view.site.id):
        return None
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = st.button(say("chart_choice.freeze", language), key="freeze-limits", icon=":material/lock:")
        frame.small(say("chart_choice.freeze.why", language, n=view.limited.latest.n_points))
    if not pressed:
        return None
    title = say("chart_choice.freeze.title", language, date=date_(day, language))
    return day, Suggested(DecisionType.BASELINE, title, lambda _: None)


def freeze_day(view: MetricView) -> dt.date | None:
    """Tell at which period limits could be frozen: the last measured one, once enough points set them; None = not yet."""
    chart = view.limited
    if chart is None or chart.latest.mean is None or chart.latest.n_points < BASELINE_POINTS or view.frozen is not None:
        return None
    places = np.flatnonzero(~np.isnan(chart.values))
    return chart.periods[int(places[-1])].date() if len(places) else None


def limits_words(view: MetricView, language: Language) -> list[str]:
    """Say what the limits rest on: what was frozen, what was left out and why, and what the counts allow."""
    parts = []
    if view.frozen is not None:
        parts.append(
            say("chart_choice.frozen", language, label=view.frozen.label, period=period(view.frozen.applies_on, view.grain, language))
        )  # fmt: skip
    parts += left_out_words(view, language)
    return [*parts, *counts_words(view.result, language)] if isinstance(view.result, AttributeChart) else parts


def left_out_words(view: MetricView, language: Language) -> list[str]:
    """Count the points left out of the limits, each with its reason and its decision."""
    if not view.left_out:
        return []
    named = [
        say("chart_choice.left_out.one", language, period=period(day, view.grain, language), reason=decision.note.strip().rstrip("."),
            label=decision.label)
        for day, decision in view.left_out
    ]  # fmt: skip
    return [say("chart_choice.left_out", language, n=len(named), points=say("charts.separator", language).join(named))]
