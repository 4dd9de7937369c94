"""Which sites are live, which are late, when the others come, and how new ones come up to standard."""

from __future__ import annotations

import streamlit as st

from data.access import Forbidden, Permission, Refused, allowed
from data.rollout import reach_stage
from data.store import the_store
from data.types import Stage
from pages.leadership import rollout_words as words
from pages.leadership.overview_view import Overview, overview
from pages.leadership.overview_words import chosen_rows, rollout_answer, shown_of, stage_key
from pages.leadership.pictures import rollout_picture, wave_table
from pages.leadership.rollout_parity import show_new_sites
from pages.leadership.rollout_view import outlook, waiting_for
from pages.shared import frame
from pages.shared.moments import DATE_FORM
from pages.shared.refusals import refused_words
from pages.shared.session import Visit, require
from wording import date_, say, sentence, state

TOLD = (Stage.LIVE, Stage.PREPARING, Stage.MATURE)


def render() -> None:
    """Show the rollout: sites live against the plan, each wave, each site."""
    visit = require(Permission.VIEW)
    version = the_store().data_version()
    view = overview(version, visit.today)
    language = visit.language
    with frame.page():
        eyebrow = say("leadership.rollout_page.eyebrow", language, date=date_(visit.today, language))
        frame.page_head(visit, eyebrow=eyebrow, title=words.title(view, language), synthetic=view.synthetic)
        if not view.waves:
            frame.empty_state(say("leadership.rollout.none", language), say("leadership.rollout_page.who", language))
            return
        may_tell = any(allowed(visit.actor, Permission.MANAGE_ROLLOUT, site_id=site_id) for site_id in view.sites)
        frame.next_step(visit, words.next_step(view, language, may_tell=may_tell))
        if may_tell:
            stage_form(visit, view)
        left, right = st.columns([3, 2], gap="large")
        ahead = outlook(version, visit.today)
        with left:
            spec = rollout_picture(version, visit.today, language, frame.current_theme(), ahead=True)
            st.vega_lite_chart(spec, theme=None, width="stretch", key="rollout-chart")
            frame.key_line(words.plan_key(ahead, language))
            frame.small(rollout_answer(view, language))
            frame.section(
                say("rollout_view.when", language), sentence(ahead.completion, language), level=3, ruled=False
            )
        with right:
            frame.html(wave_table(view, language))
            frame.key_line(stage_key(language))
        frame.section(say("leadership.rollout_page.sites", language))
        rows = chosen_rows(view, visit)
        frame.notes(words.stage_notes(ahead, language))
        frame.html(words.site_table(rows, view, visit, ahead))
        frame.small(shown_of(len(rows), view, language))
        show_new_sites(visit, version)


def stage_form(visit: Visit, view: Overview) -> None:
    """Let leadership say which stage a site came to, and when: live first, for that is what is mostly told."""
    language = visit.language
    with st.expander(say("rollout_view.form", language), key="go-live"):
        stage_field, site_field, day_field, act = st.columns([1, 2, 1, 1], vertical_alignment="bottom")
        stage = stage_field.selectbox(
            say("leadership.rollout_page.column.stage", language), TOLD, format_func=lambda one: state(one, language),
            key="go-live-stage",
        )  # fmt: skip
        waiting = waiting_for(view, stage)
        chosen = site_field.selectbox(
            say("shared.label.site", language), list(waiting), format_func=lambda i: view.sites[i].name,
            key="go-live-site", placeholder=say("rollout_view.form.none", language), disabled=not waiting,
        )  # fmt: skip
        on = day_field.date_input(
            say("shared.label.date", language), value=visit.today, key="go-live-date", format=DATE_FORM
        )
        pressed = act.button(
            say("shared.button.save", language), key="go-live-save", type="primary", disabled=chosen is None
        )
        if pressed and chosen is not None:
            try:
                reach_stage(
                    the_store(), visit.actor, site_id=chosen, wave_id=waiting[chosen], stage=stage, actual_on=on
                )
            except (Refused, Forbidden) as refusal:
                st.error(refused_words(refusal, language))
            else:
                st.rerun()
