"""Are the data themselves good: what is late, what is missing, and do the loads get better?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from analytics.results import XmrChart
from data.access import Permission, allowed_somewhere, sites_allowed
from data.quality import Measure
from data.sites import sites
from data.store import the_store
from data.types import Grain
from pages.keepers import quality_words as words
from pages.keepers.quality_view import QualityView, missing_of, quality_view, trend
from pages.shared import frame
from pages.shared.chart_tables import control_table, table_expander, values_table
from pages.shared.charts import control_chart, points_chart
from pages.shared.choices import choose, choose_one
from pages.shared.links import go
from pages.shared.session import Visit, require
from wording import say, sentence

if TYPE_CHECKING:
    from pages.keepers.quality_view import Trend

FEW = 20  # sites listed at first
CHART_HEIGHT = 260
FEWEST_DRAWN = 2
GRAINS = (Grain.WEEK, Grain.MONTH)


def render() -> None:
    """Show what is late and missing, and how the loads change over time."""
    visit = require(Permission.UPLOAD, somewhere=True)
    version = the_store().data_version()
    with frame.page():
        head, filters, body = st.container(), st.container(), st.container()
        with filters:
            site_ids = choose_sites(visit)
        view = quality_view(version, visit.today, site_ids)
        language = visit.language
        with head:
            frame.page_head(visit, eyebrow=words.eyebrow(view, visit.today, language), title=words.title(view, language),
                            synthetic=view.synthetic)  # fmt: skip
        with body:
            if view.measured:
                show(visit, version, view)
            else:
                empty(visit)


def choose_sites(visit: Visit) -> tuple[str, ...] | None:
    """Let the keeper of some sites choose between these and all; None = every site."""
    with the_store().read() as cursor:
        every = [site.id for site in sites(cursor)]
    own = tuple(sorted(sites_allowed(visit.actor, Permission.UPLOAD, every)))
    if len(own) == len(every):
        return None
    options = {which: say(f"quality.which.{which}", visit.language) for which in ("own", "all")}
    which = choose_one(say("shared.label.sites", visit.language), options, name="which", default="own")
    return own if which == "own" else None


def empty(visit: Visit) -> None:
    """Say what is missing and who can bring it."""
    language = visit.language
    may_bring = allowed_somewhere(visit.actor, Permission.UPLOAD)
    act = frame.Act(say("quality.next.button", language), "quality-upload", icon="upload") if may_bring else None
    if frame.empty_state(say("quality.empty.what", language), say("quality.empty.who", language), act):
        go("upload")


def show(visit: Visit, version: str, view: QualityView) -> None:
    """Show the counts, the next step, the sites, one of them in detail, and the loads over time."""
    language = visit.language
    text, act = words.next_step(view, language)
    if frame.next_step(visit, text, act):
        go("upload")
    frame.counts(words.counts(view, language))
    show_sites(visit, view)
    show_site(visit, version, view)
    show_loads(visit, view)


def show_sites(visit: Visit, view: QualityView) -> None:
    """List the sites, of many only those of which something is late or missing."""
    language = visit.language
    frame.section(say("quality.sites.question", language), say("quality.sites.answer", language))
    shown, total = view.qualities, len(view.qualities)
    narrowed = total > FEW or (frame.on_phone() and bool(view.to_look_at))
    if narrowed and not st.session_state.get("quality-every", False):
        shown = view.to_look_at[:FEW]
    if shown:
        frame.html(words.site_table(view, shown, language))
    if narrowed:
        frame.small(say("quality.sites.shown", language, n=len(shown), total=total))
        st.checkbox(say("quality.sites.every", language, n=total), key="quality-every")


def show_site(visit: Visit, version: str, view: QualityView) -> None:
    """Show each metric of one site: the first of the list, or the one in the address."""
    language = visit.language
    frame.html(f'<div id="{words.DETAIL}"></div>')
    frame.section(say("quality.site.question", language))
    names = {one.site_id: view.sites[one.site_id].name for one in view.measured}
    site_id = choose(say("shared.label.site", language), names, name="site", default=next(iter(names)))
    one = next(quality for quality in view.measured if quality.site_id == site_id)
    frame.html(words.metric_table(view, one, missing_of(version, site_id), language))
    frame.small(say("quality.site.read", language))


def show_loads(visit: Visit, view: QualityView) -> None:
    """Show one measure of the loads over time, and what the recent ones came to."""
    language = visit.language
    frame.section(say("quality.loads.question", language), say("quality.loads.answer", language))
    names = {measure.value: say(f"quality.measure.{measure.value}", language) for measure in Measure}
    grains = {grain.value: say(f"quality.by.{grain.value}", language) for grain in GRAINS}
    left, right = st.columns([1.6, 1])
    with left:
        measure = Measure(choose(say("quality.loads.measure", language), names, name="measure", default="restated"))
    with right:
        grain = Grain(choose_one(say("shared.label.period", language), grains, name="by", default=Grain.WEEK.value))
    found = trend(view, measure, grain)
    if found is None:
        frame.small(say("quality.loads.none", language))
    else:
        show_trend(visit, found)
    frame.html(words.loads_table(view, language))


def show_trend(visit: Visit, found: Trend) -> None:
    """Draw the measure with its natural limits, or alone with the reason; one value alone draws nothing."""
    language = visit.language
    if found.values.count() < FEWEST_DRAWN:
        frame.small(sentence(found.result, language, found.metric))
        return
    if isinstance(found.result, XmrChart):
        chart = control_chart(
            found.result, metric=found.metric, grain=found.grain, language=language, theme=frame.current_theme(),
            phone=frame.on_phone(), height=CHART_HEIGHT,
        )  # fmt: skip
        table = control_table(found.result, metric=found.metric, grain=found.grain, language=language)
    else:
        chart = points_chart(
            found.values, metric=found.metric, grain=found.grain, language=language, theme=frame.current_theme(),
            description=sentence(found.result, language), phone=frame.on_phone(), height=CHART_HEIGHT,
        )  # fmt: skip
        table = values_table(found.values, metric=found.metric, grain=found.grain, language=language)
    st.vega_lite_chart(chart.to_dict(validate=False), theme=None, width="stretch", key="quality-chart")
    frame.key_line(words.trend_key(found, language))
    frame.small(sentence(found.result, language, found.metric))
    table_expander(language, "quality-table", lambda: table)
