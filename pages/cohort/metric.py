"""Is this site's metric stable, or has something changed, and which decision did it?"""

from __future__ import annotations

from dataclasses import asdict

import streamlit as st

from analytics.results_charts import ChartKind
from data.access import Permission, allowed
from data.store import the_store
from pages.cohort import metric_words as words
from pages.cohort.catalogue import choose_series
from pages.cohort.decision_form import SAVED, open_form, picked_period
from pages.cohort.metric_choice import How, choose_how, how_asked, offer_freeze
from pages.cohort.metric_picture import SPANS, chart_of, key_items, picture, ranges_picture, table_of
from pages.cohort.metric_reading import open_step, show_cautions, show_reading, step_to_answer
from pages.cohort.metric_view import MetricView, metric_view
from pages.cohort.origin import show_origin
from pages.shared import frame
from pages.shared.bringing import ask_for_file, nothing_measured
from pages.shared.chart_tables import table_expander
from pages.shared.choices import choose_one
from pages.shared.exports import offer_picture
from pages.shared.links import go
from pages.shared.session import Visit, require
from wording import say


def render() -> None:
    """Show one metric of one site, what was decided on it, and the form that pins the next decision."""
    visit = require(Permission.VIEW)
    version = the_store().data_version()
    with frame.page():
        head, filters = st.container(), st.container()
        with filters:
            found = choose_series(visit, version, lambda: choose_span(visit))
        if found is None:
            with head:
                nothing_measured(visit, "shared.nav.metric")
            return
        chosen, span = found
        how = how_asked()
        view = metric_view(version, **chosen, **asdict(how))
        if view is None:
            frame.empty_state(say("shared.error.not_found", visit.language))
            return
        with head:
            frame.page_head(visit, eyebrow=words.eyebrow(view, visit.language), title=words.finding(view, visit.language),
                            synthetic=view.synthetic)  # fmt: skip
        show(visit, version, chosen, view, span, how)


def choose_span(visit: Visit) -> str:
    """Let the reader choose how far back the picture goes."""
    options = {name: say(f"cohort.metric.span.{name}", visit.language) for name in SPANS}
    return choose_one(say("cohort.metric.span", visit.language), options, name="span", default="year")


def show(visit: Visit, version: str, chosen: dict[str, str | None], view: MetricView, span: str, how: How) -> None:
    """Show the picture with its list beside it; on a phone they stand below one another."""
    if view.series is None:
        ask_for_file(visit, words.no_value(view, visit.language), words.who_can_bring(visit.language))
        return
    left, right = st.columns([2.35, 1], gap="large")
    may_pin = allowed(visit.actor, Permission.PIN_DECISION, site_id=view.site.id)
    with left:
        key = f"chart-{view.site.id}-{view.metric.id}-{st.session_state.get('pin-round', 0)}"
        spec = picture(version, **chosen, **asdict(how), span=span, language=visit.language, theme=frame.current_theme(),
                       phone=frame.on_phone())  # fmt: skip
        event = st.vega_lite_chart(
            spec, theme=None, width="stretch", key=key,
            on_select="rerun" if may_pin else "ignore", selection_mode=["pick"] if may_pin else None,
        )  # fmt: skip
        frame.key_line(key_items(view, visit.language))
        show_cautions(visit, version, chosen)
        frame.small(words.under_the_picture(view, visit.language))
        choose_how(visit, view)
        freezing = offer_freeze(visit, view)
        if view.kind is ChartKind.XMR:
            show_ranges(visit, version, chosen, span)
        table_expander(visit.language, "metric-table", lambda: table_of(view, span, visit.language))
        show_origin(visit, view, chosen["segment"])
        offer_picture(visit, lambda: chart_of(view, span=span, language=visit.language, theme="light", phone=False, selectable=False),
                      name=f"{view.site.name}-{view.metric.name(visit.language)}")  # fmt: skip
    with right:
        saved = st.session_state.pop(SAVED, None)
        if saved:
            st.success(saved)
        step = step_to_answer(visit, version, chosen, view)
        asked = words.next_step(view, visit, may_pin=may_pin, proposed_on=step.about if step else None)
        pressed = frame.next_step(visit, *asked, narrow=True)
        frame.section(say("cohort.metric.decided", visit.language), level=3, ruled=False)
        frame.notes(words.notes(view, visit))
    show_reading(visit, version, chosen, view)
    if pressed == words.TO_CATALOGUE:
        go("catalogue", metric=view.metric.id)
    if pressed == words.ACCEPT_STEP and step is not None:
        open_step(visit, view, step)
        return
    if freezing is not None:
        open_form(visit, view, *freezing)
        return
    period = picked_period(event) if may_pin else None
    if period is not None or pressed == "pin":
        open_form(visit, view, period)


def show_ranges(visit: Visit, version: str, chosen: dict[str, str | None], span: str) -> None:
    """Show the moving ranges that set the limits, when the reader asks for them."""
    if st.toggle(say("cohort.metric.ranges", visit.language), key="metric-ranges"):
        spec = ranges_picture(version, **chosen, span=span, language=visit.language, theme=frame.current_theme(),
                              phone=frame.on_phone())  # fmt: skip
        if spec is None:
            frame.small(say("cohort.metric.ranges.none", visit.language))
        else:
            st.vega_lite_chart(spec, theme=None, width="stretch", key="ranges-chart")
            frame.small(say("cohort.metric.ranges.read", visit.language))
