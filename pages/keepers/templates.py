"""A workbook for a keeper's own site to fill in, offered where a file is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from data.access import Permission, sites_allowed
from data.metrics import metrics
from data.sites import sites
from data.store import the_store
from loaders.template import template
from pages.shared import frame
from pages.shared.exports import XLSX, offer_file
from wording import say

if TYPE_CHECKING:
    from pages.shared.session import Visit


def offer_template(visit: Visit) -> None:
    """Offer the template of one of the sites for which this person may upload, once something is measured."""
    store, language = the_store(), visit.language
    with store.read() as cursor:
        names = {site.id: site.name for site in sites(cursor)}
        measured = bool(metrics(cursor))
    mine = sites_allowed(visit.actor, Permission.UPLOAD, names)
    own = {site_id: name for site_id, name in sorted(names.items(), key=lambda one: one[1]) if site_id in mine}
    if not own or not measured:
        return
    frame.section(say("keepers_mend.template.title", language), say("keepers_mend.template.lead", language))
    with st.container(horizontal=True, vertical_alignment="bottom"):
        site_id = next(iter(own))
        if len(own) > 1:
            site_id = st.selectbox(say("shared.label.site", language), list(own), key="upload-template-site",
                                   format_func=lambda one: own.get(one, one), width=320) or site_id  # fmt: skip
        offer_file(visit, lambda: template(store, site_id, language, visit.today), name=own[site_id], ending="xlsx",
                   mime=XLSX, word=say("keepers_mend.template.button", language))  # fmt: skip
