"""What was decided, by whom, what came of it, and which decisions wait for their review."""

from __future__ import annotations

import streamlit as st

from data.access import Permission
from data.people import person_names
from data.store import the_store
from data.types import DecisionType
from pages.cohort import decisions_words as words
from pages.cohort.decisions_acts import SAVED, acts_allowed, open_act
from pages.cohort.decisions_export import as_csv, as_workbook
from pages.cohort.decisions_view import STATES, Entry, Register, asked_state, edits, filtered, register
from pages.shared import frame
from pages.shared.choices import choose
from pages.shared.exports import XLSX, offer_file
from pages.shared.frame import Act
from pages.shared.links import go
from pages.shared.session import Visit, require
from wording import say, state

EVERY = "every"
MOST_SHOWN = 50


def render() -> None:
    """Show the register: what waits first, then the list, with one decision opened beside it."""
    visit = require(Permission.VIEW)
    found = register(the_store().data_version())
    with frame.page():
        frame.page_head(visit, eyebrow=words.eyebrow(found, visit.language),
                        title=words.title(found, visit.today, visit.language), synthetic=found.synthetic)  # fmt: skip
        if SAVED in st.session_state:
            st.success(st.session_state.pop(SAVED))
        if not found.entries:
            frame.empty_state(say("cohort_more.decisions.empty.what", visit.language),
                              say("cohort_more.decisions.empty.who", visit.language))  # fmt: skip
            return
        offer_next_step(visit, found)
        opened = choose_entry(visit, found)
        if opened is not None:
            show_entry(visit, opened)
        show_list(visit, found)


def offer_next_step(visit: Visit, found: Register) -> None:
    """Offer the longest overdue review, to whoever may make it."""
    late = [entry for entry in found.entries if entry.overdue(visit.today)]
    late.sort(key=lambda entry: entry.decision.review_on or visit.today)
    if not late:
        frame.next_step(visit, say("cohort_more.decisions.next.none", visit.language))
        return
    mine = [entry for entry in late if acts_allowed(visit, entry)]
    entry = (mine or late)[0]
    text = say("cohort_more.decisions.next.review", visit.language, label=entry.decision.label, owner=entry.owner,
               title=entry.decision.title)  # fmt: skip
    acts = acts_allowed(visit, entry)
    act = (
        Act(say(f"cohort_more.decisions.act.{acts[0]}", visit.language), "review-next", icon="event_note")
        if acts
        else None
    )
    if frame.next_step(visit, text, act):
        open_act(visit, entry, acts[0])


def choose_entry(visit: Visit, found: Register) -> Entry | None:
    """Let the reader open one decision by its tag; the address holds it."""
    names = {EVERY: say("cohort_more.decisions.open_none", visit.language)}
    names |= {entry.decision.label: f"{entry.decision.label} · {entry.decision.title}" for entry in found.entries}
    chosen = choose(say("cohort_more.decisions.open_one", visit.language), names, name="decision", default=EVERY)
    return found.labelled(chosen)


def show_entry(visit: Visit, entry: Entry) -> None:
    """Show one decision whole: all its fields, what may be done, its chart, and how its wording changed."""
    language, decision = visit.language, entry.decision
    frame.section(f"{decision.label} · {decision.title}")
    left, right = st.columns([1.4, 1], gap="large")
    with left:
        frame.notes(words.details(entry, visit.today, language))
    with right, st.container(horizontal=True):
        for act in acts_allowed(visit, entry):
            if st.button(say(f"cohort_more.decisions.act.{act}", language), key=f"act-{act}"):
                open_act(visit, entry, act)
        if entry.site is not None and st.button(say("cohort_more.decisions.to_chart", language), key="to-chart"):
            go("metric", site=entry.site.id, metric=decision.metric_id)
    with right:
        frame.section(say("cohort_more.decisions.history", language), level=3, ruled=False)
        frame.notes(words.history(edits(decision.id), _people(), language))


def show_list(visit: Visit, found: Register) -> None:
    """Show the entries that the filters let through, and offer them as files."""
    language = visit.language
    frame.section(say("cohort_more.decisions.question", language))
    entries = filtered(found, choose_filters(visit, found), visit.today, every=EVERY)
    if not entries:
        frame.empty_state(say("cohort_more.decisions.none_found", language))
        return
    frame.notes([words.note(entry, visit.today, language) for entry in entries[:MOST_SHOWN]])
    if len(entries) > MOST_SHOWN:
        frame.small(say("cohort_more.decisions.shown", language, shown=MOST_SHOWN, total=len(entries)))
    name = say("shared.nav.decisions", language)
    with st.container(horizontal=True):
        offer_file(visit, lambda: as_csv(entries, visit.today, language), name=name, ending="csv", mime="text/csv",
                   word=say("cohort_more.decisions.csv", language))  # fmt: skip
        offer_file(visit, lambda: as_workbook(entries, visit.today, language), name=name, ending="xlsx", mime=XLSX,
                   word=say("cohort_more.decisions.xlsx", language))  # fmt: skip


def choose_filters(visit: Visit, found: Register) -> dict[str, str]:
    """Let the reader narrow the list by type, site, metric and state; each stands in the address."""
    language = visit.language
    states = {name: say(f"cohort_more.decisions.state.{name}", language) for name in STATES}
    kinds = {EVERY: say("cohort_more.decisions.every_type", language)} | {
        str(kind): state(kind, language) for kind in DecisionType if any(e.decision.type is kind for e in found.entries)
    }
    places = {EVERY: say("shared.label.all_sites", language), **found.sites}
    metrics = {EVERY: say("shared.label.all_metrics", language)}
    metrics |= {key: metric.name(language) for key, metric in found.metrics.items()}
    first, second, third, fourth = st.columns(4)
    with first:
        shown = choose(say("shared.label.state", language), states, name="state", default=asked_state(found))
    with second:
        kind = choose(say("shared.label.type", language), kinds, name="kind", default=EVERY)
    with third:
        site = choose(say("shared.label.site", language), places, name="site", default=EVERY)
    with fourth:
        metric = choose(say("shared.label.metric", language), metrics, name="metric", default=EVERY)
    return {"state": shown, "kind": kind, "site": site, "metric": metric}


def _people() -> dict[str, str]:
    with the_store().read() as cursor:
        return person_names(cursor)
