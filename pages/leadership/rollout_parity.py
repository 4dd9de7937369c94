"""How new sites come up to standard: by weeks since go-live, time to parity, learning, and the mature sites meanwhile."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import streamlit as st

from analytics.results import NotComputable, XmrChart
from analytics.results_rollout import LearningCurve, MatureBand, Parity, SiteParity
from pages.leadership.rollout_view import ParityView, choices, parity_view, telling_metric
from pages.shared import frame
from pages.shared.chart_marks import Pin
from pages.shared.charts import control_chart
from pages.shared.choices import asked, choose
from pages.shared.pictures import described
from pages.shared.rollout_charts import (
    MOST_LINES,
    SiteLine,
    learning_chart,
    parity_words,
    since_go_live_chart,
    waiting_chart,
)
from pages.shared.tables import Cell, Column, Line, html_table
from pages.shared.theme import Theme
from wording import Language, date_, rollout_finding, rollout_sentence, say, sentence
from wording.rollout_sentences import periods

if TYPE_CHECKING:
    from pages.shared.session import Visit

MOST_ROWS = 20  # of the table; those not there yet stand first
MOST_NAMED = 8


def show_new_sites(visit: Visit, version: str) -> None:
    """Show one metric of the sites that went live, against the mature ones."""
    language = visit.language
    offered = choices(version)
    if not offered:
        return
    frame.section(say("rollout_view.parity.question", language))
    names = {metric_id: metric.name(language) for metric_id, metric in offered.items()}
    first = None if asked("metric") in names else telling_metric(version, visit.today)
    chosen = choose(say("rollout_view.parity.metric", language), names, name="metric", default=first)
    view = parity_view(version, visit.today, chosen)
    if view is None or not view.new_sites:
        frame.empty_state(say("rollout_view.parity.none", language), say("rollout_view.parity.who", language))
        return
    phone = frame.on_phone()
    spec, alt = since_picture(version, visit.today, chosen, language, frame.current_theme(), phone=phone)
    st.vega_lite_chart(spec, theme=None, width="stretch", key="since-go-live", alt=alt)
    frame.key_line(
        [("golive", say("rollout_view.key.golive", language)), ("line_dot", say("rollout_view.key.reached", language)),
         ("line_ink", say("rollout_view.key.waiting", language)), ("line_dash", say("rollout_view.key.band", language))]
    )  # fmt: skip
    frame.small(mature_words(view, language))
    show_time(visit, version, view)
    show_learning(visit, version, view)
    show_guard(visit, version, view)


def show_time(visit: Visit, version: str, view: ParityView) -> None:
    """Show how long sites take, those not there yet counted as such."""
    language = visit.language
    if isinstance(view.parity, NotComputable):
        frame.section(say("rollout_view.time.question", language), sentence(view.parity, language, view.metric))
        return
    frame.section(say("rollout_view.time.question", language), rollout_finding(view.parity, language, view.grain))
    left, right = st.columns([3, 2], gap="large")
    with left:
        spec, alt = time_picture(version, visit.today, view.metric.id, language, frame.current_theme())
        st.vega_lite_chart(spec, theme=None, width="stretch", key="time-to-parity", alt=alt)
        frame.small(say("rollout_view.time.key", language))
        frame.small(rollout_sentence(view.parity, language, view.grain).partition(". ")[2])
    with right:
        frame.html(time_table(view, view.parity, language))
        if len(view.parity.sites) > MOST_ROWS:
            frame.small(say("rollout_view.time.shown", language, shown=MOST_ROWS, n=len(view.parity.sites)))


def show_learning(visit: Visit, version: str, view: ParityView) -> None:
    """Show whether each wave is faster than the last."""
    language = visit.language
    if isinstance(view.learning, NotComputable):
        if not isinstance(view.parity, NotComputable):
            frame.section(say("rollout_view.learning.question", language), sentence(view.learning, language))
        return
    frame.section(say("rollout_view.learning.question", language), rollout_finding(view.learning, language))
    spec, alt = learning_picture(version, visit.today, view.metric.id, language, frame.current_theme())
    st.vega_lite_chart(spec, theme=None, width="stretch", key="learning-curve", alt=alt)
    grain = say(f"rollout_view.grain.{view.grain}", language)
    frame.small(say("rollout_view.learning.key", language, grain=grain))
    frame.small(rollout_sentence(view.learning, language).partition(". ")[2])


def show_guard(visit: Visit, version: str, view: ParityView) -> None:
    """Show the mature sites' metric while others are added."""
    language = visit.language
    guard = view.guard
    if not guard.site_ids:
        return
    frame.section(say("rollout_view.guard.question", language), sentence(guard.chart, language, view.metric))
    if isinstance(guard.chart, XmrChart):
        phone = frame.on_phone()
        spec, alt = guard_picture(version, visit.today, view.metric.id, language, frame.current_theme(), phone=phone)
        st.vega_lite_chart(spec, theme=None, width="stretch", key="guard", alt=alt)
    since = date_(guard.since, language)
    frame.small(say("rollout_view.guard.who", language, n=len(guard.site_ids), since=since))


def mature_words(view: ParityView, language: Language) -> str:
    """Say which sites are mature, how many are drawn, and why there is no band."""
    said = []
    if len(view.new_sites) > MOST_LINES:
        said.append(say("rollout_view.parity.drawn", language, shown=MOST_LINES, n=len(view.new_sites)))
    names = [site.name for site in view.mature]
    sites = ", ".join(names[:MOST_NAMED]) + (" …" if len(names) > MOST_NAMED else "")
    said.append(
        say("rollout_view.parity.mature", language, sites=sites)
        if names
        else say("rollout_view.parity.no_mature", language)
    )
    if isinstance(view.band, NotComputable) and names:
        said.append(sentence(view.band, language, view.metric))
    return " ".join(said)


def time_table(view: ParityView, found: Parity, language: Language) -> str:
    """Write one line a site: from which week it is at parity, or not yet."""
    heads = [
        say("rollout_view.time.column.site", language),
        say("rollout_view.time.column.parity", language),
        Column(say("rollout_view.time.column.followed", language), numeric=True),
    ]
    ordered = sorted(found.sites, key=lambda site: (site.reached, -site.periods, view.name_of(site.site).casefold()))
    lines = [_time_line(site, view, language) for site in ordered[:MOST_ROWS]]
    return html_table(heads, lines, caption=say("rollout_view.time.caption", language))


def _time_line(site: SiteParity, view: ParityView, language: Language) -> Line:
    wave = view.wave_of(site.site)
    below = (say("leadership.table.wave", language, n=wave),) if wave is not None else ()
    if site.reached:
        words = say(f"rollout_view.time.reached.{view.grain}", language, n=site.periods)
    elif site.periods:
        longer = periods(site.periods, view.grain, language)
        words = say("rollout_view.time.not_yet", language, periods=longer)
    else:
        words = say("rollout_view.time.too_early", language)
    return Line(Cell(view.name_of(site.site), below=below), [words, periods(site.followed, view.grain, language)])


@st.cache_resource(max_entries=32, show_spinner=False)
def since_picture(
    version: str, today: dt.date, metric_id: str, language: Language, theme: Theme, *, phone: bool
) -> tuple[dict[str, Any], str]:
    """Describe every site by periods since its go-live, on the mature sites' band, and the same in words."""
    view = _known(version, today, metric_id)
    reached = {} if isinstance(view.parity, NotComputable) else {s.site: s.reached for s in view.parity.sites}
    lines = [SiteLine(new.site.name, new.values, reached.get(new.site.id, False)) for new in view.new_sites]
    band = view.band if isinstance(view.band, MatureBand) else None
    return described(since_go_live_chart(
        lines, band, language=language, theme=theme, grain=view.grain, phone=phone,
        description=parity_words(lines, band, view.metric, language),
    ))  # fmt: skip


@st.cache_resource(max_entries=32, show_spinner=False)
def time_picture(
    version: str, today: dt.date, metric_id: str, language: Language, theme: Theme
) -> tuple[dict[str, Any], str]:
    """Describe the share of sites not at parity yet, and the same in words."""
    view = _known(version, today, metric_id)
    if not isinstance(view.parity, Parity):
        raise TypeError(metric_id)
    words = rollout_sentence(view.parity, language, view.grain)
    return described(waiting_chart(view.parity, language=language, theme=theme, description=words, grain=view.grain))


@st.cache_resource(max_entries=32, show_spinner=False)
def learning_picture(
    version: str, today: dt.date, metric_id: str, language: Language, theme: Theme
) -> tuple[dict[str, Any], str]:
    """Describe the time to parity by wave, and the same in words."""
    view = _known(version, today, metric_id)
    if not isinstance(view.learning, LearningCurve) or not isinstance(view.parity, Parity):
        raise TypeError(metric_id)
    waves = {new.site.id: new.wave for new in view.new_sites if new.wave is not None}
    words = rollout_sentence(view.learning, language)
    return described(
        learning_chart(view.learning, view.parity, waves, language=language, theme=theme, description=words)
    )


@st.cache_resource(max_entries=32, show_spinner=False)
def guard_picture(
    version: str, today: dt.date, metric_id: str, language: Language, theme: Theme, *, phone: bool
) -> tuple[dict[str, Any], str]:
    """Describe the mature sites' metric while others are added, and the same in words."""
    view = _known(version, today, metric_id)
    if not isinstance(view.guard.chart, XmrChart):
        raise TypeError(metric_id)
    return described(control_chart(
        view.guard.chart, metric=view.metric, grain=view.grain, language=language, theme=theme,
        pins=[Pin(code, "decision", day) for day, code in view.go_lives], phone=phone, height=280,
    ))  # fmt: skip


def _known(version: str, today: dt.date, metric_id: str) -> ParityView:
    view = parity_view(version, today, metric_id)
    if view is None:
        raise LookupError(metric_id)
    return view
