"""One experiment whole: what was promised, what the data say early and at the end, and what speaks against it."""

from __future__ import annotations

from collections.abc import Callable
from html import escape
from typing import Any

import altair as alt
import numpy as np
import streamlit as st

from analytics.results import NotComputable, SiteEffect
from analytics.results_effects import ComparisonEffect, EventStudy, Placebos
from analytics.results_sequential import EValue
from data.types import Analysis, ExperimentState
from pages.cohort import experiment_form as form
from pages.cohort import experiments_early as early
from pages.cohort import experiments_words as words
from pages.cohort.experiment_acts import SAVED, acts_allowed, open_act
from pages.cohort.experiments_view import TrialView
from pages.shared import frame
from pages.shared.effect_chart import effect_interval_chart
from pages.shared.effect_pictures import comparison_chart, comparison_key, event_study_chart, event_study_key
from pages.shared.effect_pictures_placebos import permutation_chart, placebo_chart
from pages.shared.evidence_charts import before_after_chart
from pages.shared.exports import offer_file
from pages.shared.frame import Act
from pages.shared.links import go
from pages.shared.look_charts import detectable_chart, evidence_chart, looks_chart
from pages.shared.session import Visit
from pages.shared.trial_effect import TrialEffect, named, script_of
from pages.shared.trial_window import window_lines
from pages.shared.trial_words import method_limits, worthwhile
from wording import reason_sentence, say, sentence


def show_trial(visit: Visit, version: str, view: TrialView, choose_another: Callable[[], None]) -> None:
    """Show one experiment; a null and a harm take the same places as a help."""
    language, trial = visit.language, view.registered
    frame.page_head(visit, eyebrow=words.trial_eyebrow(view, language), title=words.trial_title(view, language),
                    synthetic=view.synthetic)  # fmt: skip
    if SAVED in st.session_state:
        st.success(st.session_state.pop(SAVED))
    offer_acts(visit, version, view)
    choose_another()
    if trial.experiment.state is ExperimentState.RUNNING:
        show_early(visit, view)
    if trial.effect is not None:
        show_effect(visit, view, trial.effect)
    if trial.plan is not None:
        frame.section(say("experiments.promise.question", language))
        frame.html(words.promise_table(view, language))
    if trial.experiment.state is ExperimentState.PLANNED and trial.plan is not None:
        show_beforehand(visit, view)
    if trial.effect is not None:
        show_doubts(visit, view, trial.effect)


def offer_acts(visit: Visit, version: str, view: TrialView) -> None:
    """Offer the next step to whoever may take it, and the other acts below."""
    language, allowed = visit.language, acts_allowed(visit, view)
    text, act = words.next_step(view, visit.today, language)
    mine = act in allowed or act == "publish" or (act == "freeze" and form.may_freeze(visit))
    button = (
        Act(say(f"experiments.act.{act}", language), f"experiment-{act}", icon="play_arrow") if act and mine else None
    )
    if frame.next_step(visit, text, button) and act:
        if act == "freeze":
            form.open_plan(visit, version, view.registered.experiment)
        elif act == "publish":
            go("publishing")
        else:
            open_act(visit, view, act)
    others = [each for each in allowed if each != act]
    if others:
        with st.container(horizontal=True):
            for each in others:
                if st.button(say(f"experiments.act.{each}", language), key=f"experiment-{each}"):
                    open_act(visit, view, each)


def show_beforehand(visit: Visit, view: TrialView) -> None:
    """Say how small an effect could be seen, and whether the start was chosen on an extreme point."""
    plan, metric, language = view.registered.plan, view.registered.metric, visit.language
    if plan is None or metric is None:
        return
    frame.section(say("experiments.detectable.question", language))
    for line in early.detectable_words(view.detectable, plan.smallest_effect, metric, language):
        frame.small(line)
    if view.curve is not None:
        curve = detectable_chart(
            view.curve, metric=metric, language=language, theme=frame.current_theme(), phone=frame.on_phone(),
            worthwhile=plan.smallest_effect,
        )  # fmt: skip
        frame.show_chart(curve, "experiment-detectable")
    if view.chosen_on_extreme is not None:
        st.warning(sentence(view.chosen_on_extreme, language, metric))


def show_early(visit: Visit, view: TrialView) -> None:
    """Show the early signal in its own words: never a result."""
    language, metric = visit.language, view.registered.metric
    found, plan = view.early, view.registered.plan
    if found is None or plan is None or metric is None:
        return
    icon, word = early.signal_word(found, metric, language)
    frame.section(say("experiments.early.question", language), say("experiments.early.answer", language))
    frame.notes([frame.Note(what=word, small=say("experiments.early.not_a_result", language), icon=icon)])
    look: dict[str, Any] = {"language": language, "theme": frame.current_theme(), "phone": frame.on_phone()}
    if found.looks is not None:
        if found.looks.latest is not None:
            frame.show_chart(looks_chart(found.looks, metric=metric, **look), "experiment-looks")
        frame.html(early.looks_table(found.looks, metric, language))
    elif plan.analysis is Analysis.STAGGERED:
        frame.small(say("experiments.early.staggered", language))
    for kept in view.looks_kept:
        frame.small(say("experiments.early.kept", language, date=kept.read_on))
    if isinstance(found.evidence, EValue):
        frame.section(
            say("experiments.any_day.question", language), sentence(found.evidence, language, metric), level=3
        )
        frame.show_chart(evidence_chart(found.evidence, **look), "experiment-evidence")
    frame.section(say("experiments.doubts.question", language), level=3)
    frame.notes([frame.Note(rest=line) for line in words.doubts(found.doubts, plan.analysis, metric, language)])


def show_effect(visit: Visit, view: TrialView, effect: TrialEffect) -> None:
    """Show the effect in unit and per cent with its interval, its pictures, and the first verdict beside today's."""
    language, metric, result = visit.language, effect.data.metric, effect.result
    frame.section(say("experiments.effect.question", language), words.verdict_words(view, language))
    if view.registered.experiment.state is ExperimentState.ABANDONED:
        frame.small(say("evidence.abandoned_reading", language))
    for line in window_lines(view.registered.experiment, effect, language):
        frame.small(line)
    if isinstance(result, NotComputable):
        frame.empty_state(reason_sentence(result, language, metric))
    else:
        said = sentence(result, language, metric)
        interval = effect_interval_chart(
            result, metric=metric, language=language, theme=frame.current_theme(),
            worthwhile=worthwhile(effect.plan), phone=frame.on_phone(), description=said,
        )  # fmt: skip
        frame.show_chart(interval, "experiment-interval")
        frame.html(f'<p class="es">{escape(said)}</p>')
    picture = effect_picture(visit, view, effect)
    if picture is not None:
        frame.show_chart(picture, "experiment-picture")
        if isinstance(result, ComparisonEffect):
            frame.key_line(comparison_key(result, language))
        elif isinstance(view.study, EventStudy):
            frame.key_line(event_study_key(language))
    if judged := words.judged_words(view, language):
        frame.small(judged)
    frame.section(say("experiments.then.question", language), words.then_sentence(view.then, effect, language), level=3)
    if view.then is not None:
        frame.html(words.then_and_now(view.then, effect, language))
    if view.guardrails:
        frame.section(say("experiments.guardrails", language), level=3)
        frame.html(words.guardrail_table(view, language))


def effect_picture(visit: Visit, view: TrialView, effect: TrialEffect) -> alt.TopLevelMixin | None:
    """Draw the data as the declared analysis reads them; None where there is too little to draw."""
    data, plan = effect.data, effect.plan
    look: dict[str, Any] = {
        "metric": data.metric, "language": visit.language, "theme": frame.current_theme(), "phone": frame.on_phone(),
        "grain": data.grain,
    }  # fmt: skip
    if plan.analysis is Analysis.STAGGERED:
        study = view.study
        if not isinstance(study, EventStudy) or not study.points:
            return None
        return event_study_chart(named(study, view.names), **look)
    days: dict[str, Any] = {"intervention_date": plan.starts_on, "excluded": data.excluded}
    if isinstance(effect.declared, ComparisonEffect) and not isinstance(effect.result, NotComputable):
        by_site = data.by_site.rename(columns=view.names)
        return comparison_chart(by_site, effect.declared, **days, **look)
    if plan.analysis is Analysis.COMPARISON or not data.on_both_sides(plan.starts_on):
        return None
    found = effect.result if isinstance(effect.result, SiteEffect) else None
    return before_after_chart(data.values, found, **days, **look)


def show_doubts(visit: Visit, view: TrialView, effect: TrialEffect) -> None:
    """Show what speaks against the effect: other changes, placebos, what the method cannot tell; then the script."""
    language, metric = visit.language, effect.data.metric
    frame.section(say("experiments.doubts.question", language))
    frame.notes([frame.Note(rest=line) for line in words.doubts(effect.guards, effect.plan.analysis, metric, language)])
    frame.section(say("experiments.placebo.question", language), placebo_words(view, visit), level=3)
    if isinstance(view.placebos, Placebos) and not isinstance(effect.declared, NotComputable):
        ends = effect.declared
        drawn = placebo_chart(
            view.placebos, estimate=ends.estimate, lower=ends.lower, upper=ends.upper, metric=metric, language=language,
            theme=frame.current_theme(), phone=frame.on_phone(),
        )  # fmt: skip
        frame.show_chart(drawn, "experiment-placebos")
    if isinstance(effect.result, ComparisonEffect):
        ways = permutation_chart(
            effect.result, metric=metric, language=language, rng=np.random.default_rng(effect.plan.seed),
            theme=frame.current_theme(), phone=frame.on_phone(),
        )  # fmt: skip
        frame.show_chart(ways, "experiment-permutation")
    frame.section(say("experiments.limits.question", language), level=3)
    frame.notes([frame.Note(rest=line) for line in method_limits(effect.plan, language)])
    text = script_of(effect)
    if text is not None:
        frame.section(say("experiments.script.question", language), say("experiments.script.answer", language), level=3)
        if effect.widened:
            frame.small(say("experiments.script.widened", language))
        label = view.registered.experiment.label
        offer_file(visit, text.encode, name=label, ending="py", mime="text/x-python",
                   word=say("experiments.script.download", language))  # fmt: skip


def placebo_words(view: TrialView, visit: Visit) -> str:
    """What is found where nothing was done; or why that cannot be asked here."""
    language = visit.language
    metric = view.registered.metric
    if isinstance(view.placebos, NotComputable):
        return reason_sentence(view.placebos, language, metric)
    if isinstance(view.placebos, Placebos):
        return sentence(view.placebos, language, metric)
    if isinstance(view.study, EventStudy):
        return sentence(view.study, language, metric)
    return say("experiments.placebo.none", language)
