"""What each practice brings where it was tried, what the next site should expect, and what all experiments brought."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from analytics.results_effects import PooledEffect
from data.access import Permission, allowed_somewhere
from data.store import the_store
from pages.cohort import practices_words as words
from pages.cohort.portfolio import show_portfolio
from pages.cohort.practices_export import as_workbook
from pages.cohort.practices_view import PlaybookView, PracticeView, playbook_view
from pages.shared import frame
from pages.shared.choices import choose
from pages.shared.exports import XLSX, offer_file, offer_picture
from pages.shared.frame import Act
from pages.shared.links import go
from pages.shared.pooled_trials import places
from pages.shared.pooling_charts import forest_chart, forest_key
from pages.shared.session import Visit, require
from wording import say

if TYPE_CHECKING:
    import altair as alt

ALL = "all"


def render() -> None:
    """Show all practices and all experiments, or one practice with its effects side by side."""
    visit = require(Permission.VIEW)
    language = visit.language
    view = playbook_view(the_store().data_version())
    with frame.page():
        head, body = st.container(), st.container()
        with body:
            chosen = choose_practice(visit, view) if view.practices else None
        with head:
            title = words.title_of(chosen, language) if chosen else words.title(view, language)
            eyebrow = words.eyebrow_of(chosen, language) if chosen else say("pooling_view.nav", language)
            frame.page_head(visit, eyebrow=eyebrow, title=title, synthetic=view.synthetic)
            if chosen and (code := words.next_act(chosen)):
                offer_next_step(visit, code)
        with body:
            if chosen:
                show_practice(visit, chosen)
            else:
                show_all(visit, view)


def choose_practice(visit: Visit, view: PlaybookView) -> PracticeView | None:
    """Let the reader choose a practice, or all of them; the choice stands in the address."""
    names = {each.practice.id: each.practice.title for each in view.practices}
    options = {ALL: say("pooling_view.practices.all", visit.language), **names}
    with st.columns(2)[0]:
        picked = choose(say("pooling_view.column.practice", visit.language), options, name="practice", default=ALL)
    return view.practice(picked)


def offer_next_step(visit: Visit, code: str) -> None:
    """Say what to do with a practice, and lead whoever may plan an experiment to where that is done."""
    may = allowed_somewhere(visit.actor, Permission.PLAN_EXPERIMENT)
    act = Act(say("pooling_view.act.plan", visit.language), "practice-plan", icon="science") if may else None
    if frame.next_step(visit, say(f"pooling_view.act.{code}", visit.language), act):
        go("experiments")


def show_all(visit: Visit, view: PlaybookView) -> None:
    """Show every practice, then what all experiments brought."""
    language = visit.language
    if view.practices:
        frame.section(say("pooling_view.practices.question", language), say("pooling_view.practices.answer", language))
        frame.html(words.practices_table(view, language))
    else:
        frame.empty_state(
            say("pooling_view.practices.empty", language), say("pooling_view.practices.empty.who", language)
        )
    show_portfolio(visit, view.trials)


def show_practice(visit: Visit, view: PracticeView) -> None:
    """Show one practice: its forest, what the next site should expect, how sites differ, every experiment."""
    language, together = visit.language, view.together
    if isinstance(together, PooledEffect):
        frame.show_chart(draw(visit, view, together), "forest")
        frame.key_line(forest_key(language))
        frame.section(say("pooling_view.next.question", language), words.next_site(together, view, language))
        frame.section(say("pooling_view.differ.question", language), words.differences(together, view, language))
    elif view.trials:
        several = len(view.known) > 1
        frame.small(say(f"pooling_view.practice.{'refused' if several else 'single'}", language))
    else:
        frame.empty_state(
            say("pooling_view.practice.untried", language), say("pooling_view.practice.untried.who", language)
        )
        return
    frame.section(say("pooling_view.trials.question", language), say("pooling_view.trials.answer", language))
    frame.html(words.trials_table(view, language))
    with st.container(horizontal=True):
        offer_file(visit, lambda: as_workbook(view, language), name=view.practice.title, ending="xlsx", mime=XLSX,
                   word=say("pooling_view.button.xlsx", language))  # fmt: skip
        if isinstance(together, PooledEffect):
            offer_picture(visit, lambda: draw(visit, view, together, paper=True), name=view.practice.title)


def draw(visit: Visit, view: PracticeView, pooled: PooledEffect, *, paper: bool = False) -> alt.LayerChart:
    """Draw the forest for the reader's screen, or for paper."""
    return forest_chart(
        pooled, [place.row for place in places(view.known)], metric=view.known[0].metric, language=visit.language,
        theme="light" if paper else frame.current_theme(), worthwhile=view.worthwhile,
        phone=not paper and frame.on_phone(),
    )  # fmt: skip
