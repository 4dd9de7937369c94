"""Which trials are under way, what did they come to, and may one believe it? The list, and one trial by its address."""

from __future__ import annotations

import streamlit as st

from data.access import Permission
from data.store import the_store
from pages.cohort import experiment_form as form
from pages.cohort import experiments_words as words
from pages.cohort.experiment_acts import SAVED
from pages.cohort.experiment_detail import show_trial
from pages.cohort.experiments_view import any_synthetic, trial_view
from pages.cohort.trial_cells import trial_link
from pages.shared import frame
from pages.shared.choices import choose
from pages.shared.frame import Act, Count
from pages.shared.session import Visit, require
from pages.shared.trial_family import Registered, all_registered, cycle_name, families
from pages.shared.trial_outcome import TrialOutcome
from wording import say, sentence

EVERY = "every"
COUNTED = (TrialOutcome.HELPED, TrialOutcome.NO_VISIBLE_EFFECT, TrialOutcome.HARMFUL)


def render() -> None:
    """Show every experiment by cycle, or the one in the address whole."""
    visit = require(Permission.VIEW)
    version = the_store().data_version()
    trials = all_registered(version)
    with frame.page():
        chosen = st.query_params.get("experiment", "")
        view = trial_view(version, visit.today, chosen) if chosen not in ("", EVERY) else None
        if view is not None:
            show_trial(visit, version, view, lambda: choose_trial(visit, trials))
            return
        frame.page_head(visit, eyebrow=words.eyebrow(trials, visit.language), title=words.title(trials, visit.language),
                        synthetic=any_synthetic(version))  # fmt: skip
        if SAVED in st.session_state:
            st.success(st.session_state.pop(SAVED))
        show_list(visit, trials)


def show_list(visit: Visit, trials: tuple[Registered, ...]) -> None:
    """Show the counts, then each cycle with its trials judged together."""
    language = visit.language
    act = Act(say("experiments.act.new", language), "new-experiment", icon="add") if form.may_plan(visit) else None
    if not trials:
        if frame.empty_state(say("experiments.empty.what", language), say("experiments.empty.who", language), act):
            form.open_new(visit)
        return
    if frame.next_step(visit, say("experiments.next.new", language), act):
        form.open_new(visit)
    frame.counts([
        Count(sum(trial.outcome is kind for trial in trials), say(f"evidence.outcome.{kind.value}", language))
        for kind in COUNTED
    ])  # fmt: skip
    choose_trial(visit, trials)
    for family in families(trials):
        frame.section(
            say("experiments.cycle", language, cycle=cycle_name(family.cycle, language)),
            sentence(family.judged, language),
        )
        frame.html(words.family_table(family, language))
    drafts = [trial for trial in trials if trial.plan is None]
    if drafts:
        frame.section(say("experiments.drafts", language))
        frame.notes([
            frame.Note(what=trial.experiment.title, tag=trial.experiment.label,
                       href=trial_link(trial, language))
            for trial in drafts
        ])  # fmt: skip


def choose_trial(visit: Visit, trials: tuple[Registered, ...]) -> None:
    """Let the reader open one trial by its number; the address holds it."""
    names = {EVERY: say("experiments.open_none", visit.language)}
    names |= {trial.experiment.label: f"{trial.experiment.label} · {trial.experiment.title}" for trial in trials}
    choose(say("experiments.open_one", visit.language), names, name="experiment", default=EVERY)
