"""Is a site really different, is it becoming one standard, and who stands where?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from analytics.results import NotComputable
from data.access import Permission
from data.store import the_store
from pages.cohort import between_words as words
from pages.cohort.between_export import as_workbook
from pages.cohort.between_view import ALL, LIVE, WINDOWS, BetweenView, between_view
from pages.cohort.catalogue import choose_metric, named_metrics
from pages.shared import frame
from pages.shared.between_charts import funnel_chart
from pages.shared.between_ranks import rank_chart
from pages.shared.between_spread import spread_chart
from pages.shared.bringing import ask_for_file, nothing_measured
from pages.shared.choices import choose_one
from pages.shared.exports import XLSX, offer_file
from pages.shared.links import go
from pages.shared.session import Visit, require
from wording import finding, say, sentence

if TYPE_CHECKING:
    import altair as alt

MOST_LINES = 30  # in the table; the workbook holds every site


def render() -> None:
    """Show one metric between the sites: the funnel, the spread over time, ranks with their intervals."""
    visit = require(Permission.VIEW)
    version = the_store().data_version()
    with frame.page():
        head, body = st.container(), st.container()
        known = named_metrics(version, visit.language)
        if not known:
            with head:
                nothing_measured(visit, "between.nav")
            return
        with body:
            metric, window, who = choose_view(visit, version, known)
        view = between_view(version, metric_id=metric, window=window, who=who)
        if view is None:
            frame.empty_state(say("shared.error.not_found", visit.language))
            return
        with head:
            frame.page_head(visit, eyebrow=words.eyebrow(view, visit.language), title=words.title(view, visit.language),
                            synthetic=view.synthetic)  # fmt: skip
            if view.sites:
                offer_next_step(visit, view)
        with body:
            show(visit, view)


def choose_view(visit: Visit, version: str, known: dict[str, str]) -> tuple[str, str, str]:
    """Let the reader choose metric, window and sites; each stands in the address."""
    language = visit.language
    windows = {name: say(f"between.window.{name}", language) for name in WINDOWS}
    groups = {name: say(f"between.who.{name}", language) for name in (ALL, LIVE)}
    columns = st.columns([1.2, 1.5, 1.2])
    with columns[0]:
        metric = choose_metric(visit, version, known)
    with columns[1]:
        window = choose_one(say("between.window", language), windows, name="window", default="year")
    with columns[2]:
        who = choose_one(say("between.who", language), groups, name="who", default=ALL)
    return metric, window, who


def show(visit: Visit, view: BetweenView) -> None:
    """Show the three questions with their answers, then the numbers."""
    language = visit.language
    if not view.sites:
        ask_for_file(visit, say("between.empty.what", language), say("between.empty.who", language))
        return
    look = {"metric": view.metric, "language": language, "theme": frame.current_theme(), "phone": frame.on_phone()}
    frame.section(say("between.question.funnel", language), finding(view.funnel, language, view.metric))
    if not isinstance(view.funnel, NotComputable):
        picture(funnel_chart(view.funnel, **look), "between-funnel")
        frame.key_line(words.funnel_key(view.funnel, view.metric.direction, language))
        frame.small(words.funnel_detail(view, language))
    frame.section(say("between.question.spread", language), words.spread_answer(view, language))
    if not isinstance(view.dispersion, NotComputable):
        if len(view.dispersion.blocks) > 1:
            picture(spread_chart(view.dispersion, **look), "between-spread")
        frame.key_line(words.spread_key(view.dispersion, language))
    frame.small(words.spread_detail(view, language))
    frame.section(say("between.question.ranks", language), sentence(view.ranks, language, view.metric))
    if not isinstance(view.ranks, NotComputable):
        picture(rank_chart(view.ranks, **look), "between-ranks")
        frame.key_line(words.rank_key(view, language))
    numbers(visit, view)


def picture(chart: alt.LayerChart, key: str) -> None:
    """Show a chart with its words."""
    st.altair_chart(chart, theme=None, width="stretch", key=key)


def numbers(visit: Visit, view: BetweenView) -> None:
    """Show the numbers behind the pictures, and offer all of them as a workbook."""
    language = visit.language
    lines = words.site_lines(view)
    frame.section(say("between.question.numbers", language))
    frame.html(words.site_table(view, lines[:MOST_LINES], language))
    if len(lines) > MOST_LINES:
        frame.small(say("between.shown", language, shown=MOST_LINES, total=len(lines)))
    offer_file(visit, lambda: as_workbook(view, language), name=say("between.nav", language), ending="xlsx", mime=XLSX,
               word=say("between.xlsx", language))  # fmt: skip


def offer_next_step(visit: Visit, view: BetweenView) -> None:
    """Offer the one next step and go there when it is taken."""
    text, act, leads_to = words.next_step(view, visit.language)
    if frame.next_step(visit, text, act):
        go(**leads_to)
