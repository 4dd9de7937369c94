"""The form of a source: where it stands, how often it runs, for which sites, and how it treats what is new."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Any

import streamlit as st

from data.schedules import LEAST_MINUTES, MOST_MINUTES, WEEKDAYS, Every, Schedule
from data.sources import edit_source, link_source
from data.store import the_store
from data.types import SourceKind
from pages.shared.saving import pressed, save
from wording import Language, say, state

if TYPE_CHECKING:
    from data.types import Source
    from pages.keepers.sources_view import SourcesView
    from pages.shared.session import Visit

SAVED = "sources-saved"  # what to say after the page has been drawn again
LONGEST_NAME, LONGEST_ADDRESS, LONGEST_QUERY = 100, 2000, 20_000
ALL, SITE, PROCESS = "", "site:", "process:"


def open_source(visit: Visit, view: SourcesView, source: Source | None) -> None:
    """Open the form of a source, or of a new one."""
    title = say("sources.form.edit" if source else "sources.form.link", visit.language)
    st.dialog(title, width="large")(_source)(visit, view, source)


def _source(visit: Visit, view: SourcesView, source: Source | None) -> None:
    language, key = visit.language, f"source-{source.id if source else 'new'}"
    left, right = st.columns(2)
    name = left.text_input(
        say("sources.field.name", language), source.name if source else "", LONGEST_NAME, f"{key}-name"
    )
    kinds = list(SourceKind)
    kind = right.selectbox(say("sources.field.kind", language), kinds, kinds.index(source.kind) if source else 0,
                           format_func=lambda one: state(one, language), key=f"{key}-kind")  # fmt: skip
    fields = {"name": name, "kind": kind, **_where(kind, source, key, language)}
    fields["schedule"] = _schedule(source, key, language)
    fields |= _scope(view, source, key, language)
    fields["takes_corrections"] = st.checkbox(
        say("sources.field.corrections", language), source.takes_corrections if source else True, f"{key}-corrections"
    )
    fields["register_sites"] = st.checkbox(
        say("sources.field.register", language), source.register_sites if source else False, f"{key}-register"
    )
    st.caption(say("sources.form.rights", language, name=visit.actor.name))
    if not pressed(language, key):
        return
    if source is None:
        save(visit, lambda: link_source(the_store(), visit.actor, **fields),
             say("sources.saved.linked", language, name=name), under=SAVED)  # fmt: skip
    else:
        save(visit, lambda: edit_source(the_store(), visit.actor, source.id, **fields),
             say("sources.saved.changed", language, name=name), under=SAVED)  # fmt: skip


def _where(kind: SourceKind, source: Source | None, key: str, language: Language) -> dict[str, Any]:
    """Ask where it stands, as its kind wants it."""
    same = source if source is not None and source.kind is kind else None
    fields: dict[str, Any] = {
        "address": st.text_input(
            say(f"sources.field.address.{kind.value}", language), same.address if same else "", LONGEST_ADDRESS,
            f"{key}-{kind.value}-address", placeholder=say(f"sources.example.{kind.value}", language),
        )
    }  # fmt: skip
    if kind is SourceKind.FOLDER:
        fields["pattern"] = st.text_input(
            say("sources.field.pattern", language), same.pattern if same else "*", 200, f"{key}-pattern"
        )
    elif kind is SourceKind.HTTP:
        fields["headers"] = tuple(
            st.text_area(say("sources.field.headers", language), "\n".join(same.headers) if same else "",
                         key=f"{key}-headers", placeholder="Authorization: Bearer env:NAME").splitlines()
        )  # fmt: skip
    elif kind is SourceKind.S3:
        left, right = st.columns(2)
        fields["access_key"] = left.text_input(
            say("sources.field.access_key", language), same.access_key if same else "", 200, f"{key}-access",
            placeholder="env:NAME",
        )  # fmt: skip
        fields["secret_key"] = right.text_input(
            say("sources.field.secret_key", language), same.secret_key if same else "", 200, f"{key}-secret",
            placeholder="env:NAME",
        )  # fmt: skip
    else:
        fields["query"] = st.text_area(
            say("sources.field.query", language), same.query if same else "", key=f"{key}-query",
            max_chars=LONGEST_QUERY, placeholder="SELECT …",
        )  # fmt: skip
    if kind is not SourceKind.FOLDER:
        st.caption(say("sources.form.secrets", language))
    return fields


def _schedule(source: Source | None, key: str, language: Language) -> str:
    known = Schedule.read(source.schedule) if source else Schedule(Every.DAY)
    left, right = st.columns(2)
    every = left.selectbox(
        say("sources.field.every", language), list(Every), list(Every).index(known.every),
        format_func=lambda one: say(f"sources.choice.{one.value}", language), key=f"{key}-every",
    )  # fmt: skip
    minutes, at, weekday = known.minutes, known.at, known.weekday
    if every is Every.MINUTES:
        minutes = int(right.number_input(say("sources.field.minutes", language), LEAST_MINUTES, MOST_MINUTES, minutes,
                                         key=f"{key}-minutes"))  # fmt: skip
    elif every is not Every.HOUR:
        at = right.time_input(say("sources.field.at", language), at, f"{key}-at", step=dt.timedelta(minutes=15)) or at
    if every is Every.WEEK:
        weekday = left.selectbox(
            say("sources.field.weekday", language), range(7), weekday,
            format_func=lambda day: say(f"sources.weekday.{WEEKDAYS[day]}", language), key=f"{key}-weekday",
        )  # fmt: skip
    return str(Schedule(every, minutes=minutes, at=at, weekday=weekday))


def _scope(view: SourcesView, source: Source | None, key: str, language: Language) -> dict[str, str | None]:
    """Ask for which sites it is: those where the person may load."""
    offered: dict[str, str] = {}
    if view.everywhere:
        offered = {ALL: say("sources.scope.all", language)}
        offered |= {
            PROCESS + one: say("sources.scope.process", language, name=view.processes[one]) for one in view.processes
        }
    offered |= {SITE + one: view.sites[one] for one in view.own_sites}
    held = ALL
    if source is not None:
        held = SITE + source.site_id if source.site_id else PROCESS + source.process_id if source.process_id else ALL
    left, right = st.columns(2)
    chosen = left.selectbox(
        say("sources.field.scope", language), list(offered), list(offered).index(held) if held in offered else 0,
        format_func=lambda one: offered.get(one, one), key=f"{key}-scope", help=say("sources.field.scope.help", language),
    )  # fmt: skip
    sheet = right.text_input(
        say("sources.field.sheet", language), (source.sheet or "") if source else "", 100, f"{key}-sheet"
    )
    return {
        "site_id": chosen.removeprefix(SITE) if chosen.startswith(SITE) else None,
        "process_id": chosen.removeprefix(PROCESS) if chosen.startswith(PROCESS) else None,
        "sheet": sheet.strip() or None,
    }
