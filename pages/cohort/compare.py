"""Where does each site stand on one metric, beside the others, and which one asks for a decision?"""

from __future__ import annotations

from typing import Any

import streamlit as st

from data.access import Permission
from data.store import the_store
from pages.cohort import compare_words as words
from pages.cohort.catalogue import choose_metric, named_metrics
from pages.cohort.compare_picture import key_items, picture, site_table, values_table
from pages.cohort.compare_view import MOST_PANELS, Compared, CompareView, compare_view, most_needed, ordered_rows
from pages.cohort.metric_picture import SPANS
from pages.shared import frame
from pages.shared.bringing import ask_for_file, nothing_measured
from pages.shared.chart_tables import table_expander
from pages.shared.choices import asked, choose_one
from pages.shared.links import go
from pages.shared.session import Visit, require
from wording import say

ORDERS = ("wave", "need", "name")
AXES = ("shared", "free")


def render() -> None:
    """Show one metric of many sites on the same axes, and where each leads."""
    visit = require(Permission.VIEW)
    version = the_store().data_version()
    with frame.page():
        head, body = st.container(), st.container()
        known = named_metrics(version, visit.language)
        if not known:
            with head:
                nothing_measured(visit, "shared.nav.compare")
            return
        with body:
            chosen = choose_view(visit, version, known)
        view = compare_view(version, visit.today, metric_id=chosen["metric"])
        if view is None:
            frame.empty_state(say("shared.error.not_found", visit.language))
            return
        with head:
            frame.page_head(visit, eyebrow=words.eyebrow(view, visit.language), title=words.finding(view, visit.language),
                            synthetic=view.synthetic)  # fmt: skip
            if view.rows:
                offer_next_step(visit, view)
        with body:
            show(visit, version, view, chosen)


def choose_view(visit: Visit, version: str, known: dict[str, str]) -> dict[str, str]:
    """Let the reader choose metric, order, span and axes on one line; each stands in the address."""
    language = visit.language
    orders = {name: say(f"cohort_more.compare.sort.{name}", language) for name in ORDERS}
    spans = {name: say(f"cohort.metric.span.{name}", language) for name in SPANS}
    axes = {name: say(f"cohort_more.compare.axis.{name}", language) for name in AXES}
    columns = st.columns([1.1, 1.25, 0.95, 1])
    with columns[0]:
        metric = choose_metric(visit, version, known)
    with columns[1]:
        order = choose_one(say("shared.label.sort_by", language), orders, name="sort", default="wave")
    with columns[2]:
        span = choose_one(say("cohort.metric.span", language), spans, name="span", default="year")
    with columns[3]:
        axis = choose_one(say("cohort_more.compare.axis", language), axes, name="axis", default="shared")
    return {"metric": metric, "sort": order, "span": span, "axis": axis}


def show(visit: Visit, version: str, view: CompareView, chosen: dict[str, str]) -> None:
    """Show the facet, its key, where each site stands, and the values as a table."""
    language = visit.language
    if not view.rows:
        ask_for_file(
            visit, say("cohort_more.compare.empty.what", language), say("cohort_more.compare.empty.who", language)
        )
        return
    shown = choose_sites(visit, view)
    if not shown:
        frame.empty_state(say("cohort_more.compare.none_chosen", language))
        return
    rows = ordered_rows(view, chosen["sort"], shown)
    points, spec, alt = picture(
        version, visit.today, metric_id=view.metric.id, shown=shown, order=chosen["sort"], span=chosen["span"],
        free=chosen["axis"] == "free", language=language, theme=frame.current_theme(), phone=frame.on_phone(),
    )  # fmt: skip
    event = st.vega_lite_chart(
        points, spec, theme=None, width="content", key="compare-chart", alt=alt, on_select="rerun",
        selection_mode=["pick"],
    )  # fmt: skip
    open_picked(event, view, rows)
    frame.key_line(key_items(view, rows, chosen["span"], language))
    frame.small(words.under_the_picture(view, len(rows), language))
    table_expander(language, "compare-values", lambda: values_table(view, rows, chosen["span"], language))
    frame.section(say("cohort_more.compare.question", language), say("cohort_more.compare.answer", language))
    frame.html(site_table(view, rows, language))


def choose_sites(visit: Visit, view: CompareView) -> tuple[str, ...]:
    """Return the sites to draw: all of a few; of many, those chosen from a list that can be searched."""
    names = {row.site.id: row.site.name for row in view.rows}
    if len(names) <= MOST_PANELS:
        return tuple(names)
    key = f"compare-sites-{view.metric.id}"
    if key not in st.session_state:
        linked = [site for site in (asked("sites") or "").split(",") if site in names]
        st.session_state[key] = linked[:MOST_PANELS] or most_needed(view.rows)
    picked = st.multiselect(
        say("cohort_more.compare.which", visit.language, n=MOST_PANELS), list(names), format_func=names.get, key=key,
        max_selections=MOST_PANELS, on_change=_remember_sites, args=(key,),
        placeholder=say("cohort_more.compare.which.add", visit.language),
    )  # fmt: skip
    return tuple(picked)


def offer_next_step(visit: Visit, view: CompareView) -> None:
    """Offer the one next step and go there when it is taken."""
    text, act, leads_to = words.next_step(view, (), visit.language)
    if frame.next_step(visit, text, act):
        go(**leads_to)


def open_picked(event: Any, view: CompareView, rows: list[Compared]) -> None:
    """Open the page of the site whose panel was clicked."""
    chosen = event["selection"].get("pick") if event else None
    if chosen and 0 <= int(chosen[0]["s"]) < len(rows):
        go("metric", site=rows[int(chosen[0]["s"])].site.id, metric=view.metric.id)


def _remember_sites(key: str) -> None:
    st.query_params["sites"] = ",".join(st.session_state[key])
