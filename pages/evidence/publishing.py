"""Which finished trials are not public yet? Publishing them, and withdrawing a page with a notice."""

from __future__ import annotations

import re
import unicodedata

import streamlit as st

from data.access import Forbidden, Permission, Refused
from data.experiments import OPEN_STATES, experiments, plans_in_force
from data.publications import publications, published_on, withdraw
from data.store import the_store
from data.types import Experiment, Publication
from pages.evidence.publishing_act import may_publish, publish_experiment
from pages.shared import frame
from pages.shared.frame import Note
from pages.shared.refusals import refused_words
from pages.shared.session import Visit, require
from wording import date_, say

LONGEST_SLUG = 60


def render() -> None:
    """Show what is public, and publish or withdraw for those who may."""
    visit = require(Permission.VIEW)
    with the_store().read() as cursor:
        registered = experiments(cursor)
        pages = publications(cursor)
        sites = {experiment_id: plan.site_ids for experiment_id, plan in plans_in_force(cursor).items()}
        since = {page.id: published_on(cursor, page.id).date() for page in pages}
    public = {page.experiment_id for page in pages if page.withdrawn_on is None}
    due = [
        trial for trial in registered if trial.state not in OPEN_STATES and trial.id in sites and trial.id not in public
    ]
    mine = [trial for trial in due if may_publish(visit.actor, sites[trial.id])]
    standing = [page for page in pages if page.withdrawn_on is None and page.experiment_id in sites]
    with frame.page():
        frame.page_head(
            visit, eyebrow=say("evidence.publishing.eyebrow", visit.language), title=title(visit, registered, due)
        )
        frame.html(register_link(visit))
        if mine:
            publish_form(visit, mine)
        elif due:
            frame.small(say("evidence.publishing.who", visit.language))
        frame.section(say("evidence.publishing.public", visit.language))
        show_pages(visit, pages, since)
        may_withdraw = [
            page for page in standing if may_publish(visit.actor, sites[page.experiment_id], Permission.WITHDRAW)
        ]
        if may_withdraw:
            withdraw_form(visit, may_withdraw)


def title(visit: Visit, registered: list[Experiment], due: list[Experiment]) -> str:
    """The screen's finding."""
    if not registered:
        return say("evidence.publishing.title.empty", visit.language)
    if not due:
        return say("evidence.publishing.title.none", visit.language)
    return say("evidence.publishing.title.due", visit.language, n=len(due))


def register_link(visit: Visit) -> str:
    """A link to what everyone can read."""
    words = say("evidence.publishing.open_register", visit.language)
    return f'<p class="es"><a href="/evidence?lang={visit.language}" target="_blank">{words}</a></p>'


def publish_form(visit: Visit, due: list[Experiment]) -> None:
    """Ask for the trial, its address and whether names may stand there."""
    frame.next_step(visit, say("evidence.publishing.next", visit.language))
    trials = {trial.id: trial for trial in due}
    chosen = st.selectbox(
        say("evidence.publishing.trial", visit.language),
        list(trials),
        format_func=lambda key: f"{trials[key].label} · {trials[key].title}",
        key="publish-trial",
    )
    with st.form(f"publish-{chosen}", border=False):
        slug = st.text_input(
            say("evidence.publishing.slug", visit.language),
            value=proposed_slug(trials[chosen]),
            max_chars=LONGEST_SLUG,
            key=f"publish-slug-{chosen}",
            help=say("evidence.publishing.slug_help", visit.language),
        )
        named = st.checkbox(
            say("evidence.publishing.named", visit.language),
            key=f"publish-named-{chosen}",
            help=say("evidence.publishing.named_help", visit.language),
        )
        if st.form_submit_button(say("evidence.publishing.publish", visit.language), type="primary"):
            publish_now(visit, chosen, slug, named=named)


def publish_now(visit: Visit, experiment_id: str, slug: str, *, named: bool) -> None:
    """Publish, and say where; or say why not."""
    try:
        page = publish_experiment(the_store(), visit.actor, experiment_id, slug.strip(), masked=not named)
    except (Refused, Forbidden) as refusal:
        st.error(refused_words(refusal, visit.language))
        return
    st.session_state["publishing-said"] = say(
        "evidence.publishing.published", visit.language, address=f"/evidence/{page.slug}"
    )
    st.rerun()


def show_pages(visit: Visit, pages: list[Publication], since: dict[str, object]) -> None:
    """List every page ever published, withdrawn ones too."""
    if said := st.session_state.pop("publishing-said", None):
        st.success(said)
    if not pages:
        frame.empty_state(say("evidence.publishing.nothing", visit.language))
        return
    frame.notes([page_note(visit, page, since[page.id]) for page in reversed(pages)])


def page_note(visit: Visit, page: Publication, day: object) -> Note:
    """One page of the list, leading to what everyone sees."""
    if page.withdrawn_on is not None:
        gone = date_(page.withdrawn_on, visit.language)
        small = say("evidence.publishing.withdrawn", visit.language, date=gone, reason=page.withdrawn_reason)
    else:
        small = say("evidence.publishing.since", visit.language, date=day)
    return Note(
        what=page.title_fr if visit.language == "fr" else page.title_en,
        small=small,
        href=f"/evidence/{page.slug}?lang={visit.language}",
    )


def withdraw_form(visit: Visit, pages: list[Publication]) -> None:
    """Ask which page and why: the reason stands at its address from then on."""
    known = {page.id: page for page in pages}
    with st.expander(say("evidence.publishing.withdraw", visit.language)), st.form("withdraw", border=False):
        chosen = st.selectbox(
            say("evidence.publishing.page", visit.language),
            list(known),
            format_func=lambda key: f"/evidence/{known[key].slug}",
            key="withdraw-page",
        )
        reason = st.text_input(say("evidence.publishing.reason", visit.language), key="withdraw-reason", max_chars=300)
        if st.form_submit_button(say("evidence.publishing.withdraw_button", visit.language)):
            withdraw_now(visit, chosen, reason)


def withdraw_now(visit: Visit, publication_id: str, reason: str) -> None:
    """Withdraw, and say so; or say why not."""
    try:
        withdraw(the_store(), visit.actor, publication_id, reason=reason)
    except (Refused, Forbidden) as refusal:
        st.error(refused_words(refusal, visit.language))
        return
    st.session_state["publishing-said"] = say("evidence.publishing.withdrawn_done", visit.language)
    st.rerun()


def proposed_slug(trial: Experiment) -> str:
    """Make an address from a trial's number and title.

    >>> proposed_slug(Experiment(id="e", number=7, title="Figer le plan à J-2", owner_id="p"))
    'e-07-figer-le-plan-a-j-2'
    """
    plain = unicodedata.normalize("NFKD", f"{trial.label} {trial.title}").encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", plain)[:LONGEST_SLUG].strip("-")
