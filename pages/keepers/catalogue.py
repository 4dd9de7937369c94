"""What is measured, which way is better, which targets hold, and which sites run the process?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from data.access import Permission, allowed
from data.store import the_store
from pages.keepers import catalogue_words as words
from pages.keepers.catalogue_forms import SAVED, open_metric, open_site, open_target
from pages.keepers.catalogue_view import catalogue_view, sites_found
from pages.shared import frame
from pages.shared.choices import choose
from pages.shared.links import go
from pages.shared.session import Visit, require
from wording import say

if TYPE_CHECKING:
    from pages.keepers.catalogue_view import CatalogueView

MOST_SITES = 15  # shown at once; the search finds the others


def render() -> None:
    """Show what is missing first, then the metrics, the chosen one with its targets, and the sites."""
    visit = require(Permission.VIEW)
    view = catalogue_view(the_store().data_version(), visit.today)
    with frame.page():
        frame.page_head(visit, eyebrow=say("catalogue.eyebrow", visit.language), title=words.title(view, visit.language),
                        synthetic=view.synthetic)  # fmt: skip
        if saved := st.session_state.pop(SAVED, None):
            st.success(saved)
        pressed = frame.next_step(visit, *words.next_step(view, visit))
        if not view.metrics:
            if pressed == words.BRING:
                go("upload")
            return
        frame.section(say("catalogue.metrics.title", visit.language))
        frame.html(words.metrics_table(view, visit.language))
        show_metric(visit, view)
        show_sites(visit, view)
        if pressed == words.DIRECTION:
            open_metric(visit, view.undecided[0])
        elif pressed == words.TARGET:
            open_target(visit, view.without_target[0], view)


def show_metric(visit: Visit, view: CatalogueView) -> None:
    """Show one metric: its definition beside its dated targets, and the ways to change both."""
    language = visit.language
    frame.section(say("catalogue.metric.title", language))
    names = {key: entry.metric.name(language) for key, entry in view.metrics.items()}
    entry = view.metrics[choose(say("shared.label.metric", language), names, name="metric")]
    left, right = st.columns([1, 1.5], gap="large")
    with left:
        frame.notes(words.facts(entry, language))
        if words.may_edit(visit) and st.button(
            say("catalogue.button.edit", language), key="catalogue-edit", icon=":material/edit:"
        ):
            open_metric(visit, entry)
    with right:
        if entry.targets:
            frame.html(words.targets_table(entry, language))
        else:
            frame.empty_state(say("catalogue.targets.none", language))
        if words.may_set_targets(visit) and st.button(
            say("catalogue.button.set", language), key="catalogue-set", icon=":material/flag:"
        ):
            open_target(visit, entry, view)


def show_sites(visit: Visit, view: CatalogueView) -> None:
    """Show the sites, searched where they are many, and the way to change one."""
    language = visit.language
    frame.section(say("catalogue.sites.title", language), say("catalogue.sites.found", language, n=len(view.sites)))
    if not view.sites:
        return
    text = ""
    if len(view.sites) > MOST_SITES:
        text = st.text_input(say("shared.label.search", language), key="catalogue-search", max_chars=100)
    shown, rest = sites_found(view, text, MOST_SITES)
    frame.html(words.sites_table(shown, language))
    if rest:
        frame.small(say("catalogue.sites.more", language, n=rest))
    editable = {key: one.site.name for key, one in view.sites.items()
                if allowed(visit.actor, Permission.MANAGE_CATALOGUE, site_id=key)}  # fmt: skip
    if editable:
        with st.container(horizontal=True, vertical_alignment="bottom"):
            chosen = choose(say("shared.label.site", language), editable, name="site")
            if st.button(say("catalogue.button.site", language), key="catalogue-site", icon=":material/edit:"):
                open_site(visit, view.sites[chosen])
