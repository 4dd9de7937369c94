"""What each practice came to at the sites that tried it, gathered once per state of the record."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

from analytics.results import NotComputable
from analytics.results_effects import PooledEffect
from data.practices import practices
from data.sites import processes
from data.store import the_store
from data.types import Metric, Practice
from pages.shared.pooled_trials import Measured, measured, pooled, worthwhile
from pages.shared.trial_family import Registered, all_registered

if TYPE_CHECKING:
    import duckdb


@dataclass(frozen=True, slots=True, eq=False)
class PracticeView:
    """One practice: its experiments in the order they were opened, those with an effect, and what these say together."""

    practice: Practice
    trials: tuple[Registered, ...]
    known: tuple[Measured, ...]
    together: PooledEffect | NotComputable

    @property
    def metric(self) -> Metric | None:
        """What it is measured by: that of its effects, where they share one."""
        metrics = {trial.metric.id: trial.metric for trial in self.known or self.trials if trial.metric}
        return next(iter(metrics.values())) if len(metrics) == 1 else None

    @property
    def site_names(self) -> tuple[str, ...]:
        """Every site that tried it or is to, each once."""
        return tuple(dict.fromkeys(site for trial in self.trials for site in trial.sites))

    @property
    def worthwhile(self) -> float | None:
        """The smallest effect that was promised to be worth having, signed."""
        return worthwhile(self.known)


@dataclass(frozen=True, slots=True, eq=False)
class PlaybookView:
    """Every practice, those tried at most sites first, and every registered experiment."""

    practices: tuple[PracticeView, ...]
    trials: tuple[Registered, ...]
    synthetic: bool

    def practice(self, practice_id: str) -> PracticeView | None:
        """Return one practice."""
        return next((view for view in self.practices if view.practice.id == practice_id), None)


@st.cache_resource(max_entries=8, show_spinner=False)
def playbook_view(version: str) -> PlaybookView:
    """Gather the playbook once per state of the record; `version` is the record's."""
    trials = all_registered(version)
    with the_store().read() as cursor:
        return playbook(cursor, trials)


def playbook(cursor: duckdb.DuckDBPyConnection, trials: Sequence[Registered]) -> PlaybookView:
    """Put every registered experiment to its practice."""
    made_up = {process.id for process in processes(cursor) if process.synthetic}
    found = [
        _practice(practice, [t for t in trials if t.experiment.practice_id == practice.id])
        for practice in practices(cursor)
    ]
    found.sort(key=lambda view: (-len(view.known), -len(view.trials), view.practice.title.casefold()))
    synthetic = any(trial.metric is not None and trial.metric.process_id in made_up for trial in trials)
    return PlaybookView(tuple(found), tuple(trials), synthetic)


def _practice(practice: Practice, trials: Sequence[Registered]) -> PracticeView:
    known = measured(trials)
    return PracticeView(practice, tuple(trials), known, pooled(known))
