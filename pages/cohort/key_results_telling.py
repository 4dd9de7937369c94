"""The parts of the key results' page that look ahead and back: forecasts, flags, sites, calibration, files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from analytics.results import NotComputable, Pace, Progress
from analytics.results_trend import Calibration, Forecast, Outlook
from pages.cohort.key_results_ahead import SiteStanding, forecasts, past_confidence, standings
from pages.cohort.key_results_export import as_csv, as_workbook
from pages.cohort.key_results_words import CHECK_IN_DAYS, FALLS, falling
from pages.shared import frame
from pages.shared.calibration_chart import calibration_chart
from pages.shared.exports import XLSX, offer_file
from pages.shared.markup import Note
from pages.shared.pictures import described
from pages.shared.tables import Cell, Column, Line, html_table
from pages.shared.theme import Theme
from wording import Language, date_, percent, say, sentence, value

if TYPE_CHECKING:
    from pages.cohort.key_results_view import AimsView
    from pages.shared.key_result_view import KeyResultState
    from pages.shared.session import Visit

MOST_SITES = 40
OUTLOOK_ICONS = {Outlook.ON_TRACK: "tick", Outlook.WATCH: "zigzag", Outlook.OFF_TRACK: "miss"}


def forecast_notes(
    states: Sequence[KeyResultState], found: Mapping[str, Forecast | NotComputable], language: Language
) -> list[Note]:
    """Say where each key result is heading, or why that cannot be told."""
    return [
        Note(
            what=state.key_result.title,
            rest=f" · {sentence(ahead, language, state.metric)}",
            icon=OUTLOOK_ICONS[ahead.outlook] if isinstance(ahead, Forecast) else None,
        )
        for state in states
        for ahead in (found[state.key_result.id],)
    ]


def flags(state: KeyResultState, today: dt.date, language: Language) -> list[str]:
    """Say in words what wants a look while there is time: an overdue check-in, confidence that fell twice, behind its line."""
    if state.key_result.due_date < today:
        return []
    said = []
    last = state.check_ins[-1].checked_on if state.check_ins else state.key_result.baseline_date
    overdue = (today - last).days - CHECK_IN_DAYS
    if overdue > 0:
        said.append(say("forecast_view.flag.check_in", language, n=overdue))
    if falling(state):
        first, end = (percent(state.check_ins[place].confidence, language, 0) for place in (-FALLS - 1, -1))
        said.append(say("forecast_view.flag.falling", language, first=first, last=end))
    if isinstance(state.progress, Progress) and state.progress.pace is Pace.BEHIND:
        share = percent(state.progress.share, language, 0)
        expected = percent(state.progress.expected_share, language, 0)
        said.append(say("forecast_view.flag.behind", language, share=share, expected=expected))
    return said


def flag_notes(states: Sequence[KeyResultState], today: dt.date, language: Language) -> list[Note]:
    """List the key results that want a look, each with why."""
    return [
        Note(what=state.key_result.title, rest=f" · {state.owner}", small=why, icon="clock")
        for state in states
        if (why := flags(state, today, language))
    ]


def show_flags(visit: Visit, view: AimsView) -> None:
    """Show what wants a look, if anything does."""
    notes = flag_notes(view.states, visit.today, visit.language)
    if notes:
        frame.section(say("forecast_view.flags", visit.language), level=3, ruled=False)
        frame.notes(notes)


def show_heading(visit: Visit, version: str, states: Sequence[KeyResultState]) -> None:
    """Show where the key results of one objective are heading."""
    found = forecasts(version, visit.today)
    frame.section(say("forecast_view.heading", visit.language), level=3, ruled=False)
    frame.notes(forecast_notes(states, found, visit.language))


def show_sites(visit: Visit, version: str, state: KeyResultState) -> None:
    """Show how each site stands in a key result."""
    language = visit.language
    found = standings(version, visit.today, state.key_result.id)
    if not found:
        return
    frame.section(say("forecast_view.sites", language), level=3, ruled=False)
    frame.html(site_table(found[:MOST_SITES], state, language))
    if len(found) > MOST_SITES:
        frame.small(say("forecast_view.sites.shown", language, shown=MOST_SITES, n=len(found)))


def site_table(found: Sequence[SiteStanding], state: KeyResultState, language: Language) -> str:
    """Write one line a site: its newest value and how far that is on the way."""
    heads = [
        say("forecast_view.column.site", language),
        Column(say("forecast_view.column.value", language), numeric=True),
        Column(say("forecast_view.column.share", language), numeric=True),
    ]
    lines = [
        Line(one.name, [say("shared.not_yet", language), "–"])
        if one.value is None or one.share is None or one.data_date is None
        else Line(
            one.name,
            [
                Cell(value(one.value, state.metric, language), below=(date_(one.data_date, language),)),
                percent(one.share, language, 0),
            ],
        )
        for one in found
    ]
    return html_table(heads, lines, caption=say("forecast_view.sites.caption", language))


def show_calibration(visit: Visit, version: str) -> None:
    """Show how past confidence compares with what happened."""
    language = visit.language
    past = past_confidence(version, visit.today)
    frame.section(say("forecast_view.calibration.question", language), sentence(past.found, language))
    if past.n_key_results:
        frame.small(say("forecast_view.calibration.of", language, n=past.n_key_results, reached=past.n_reached))
    if isinstance(past.found, Calibration):
        spec, alt = calibration_picture(version, visit.today, language, frame.current_theme())
        with st.container(width="stretch" if frame.on_phone() else 460):
            st.vega_lite_chart(spec, theme=None, width="stretch", key="calibration", alt=alt)
        frame.small(say("forecast_view.calibration.key", language))


@st.cache_resource(max_entries=16, show_spinner=False)
def calibration_picture(version: str, today: dt.date, language: Language, theme: Theme) -> tuple[dict[str, Any], str]:
    """Describe stated confidence against what happened, and the same in words."""
    found = past_confidence(version, today).found
    if not isinstance(found, Calibration):
        raise TypeError(found.code)
    words = sentence(found, language)
    return described(calibration_chart(found, language=language, theme=theme, description=words))


def offer_files(visit: Visit, view: AimsView) -> None:
    """Offer the values and check-ins of every key result as files."""
    language, name = visit.language, say("shared.nav.key_results", visit.language)
    with st.container(horizontal=True):
        offer_file(visit, lambda: as_csv(view.states, language), name=name, ending="csv",
                   mime="text/csv", word=say("forecast_view.export.csv", language))  # fmt: skip
        offer_file(visit, lambda: as_workbook(view.states, language), name=name, ending="xlsx",
                   mime=XLSX, word=say("forecast_view.export.xlsx", language))  # fmt: skip
