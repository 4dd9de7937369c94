"""Who changed what, and does the chain of changes still hold?"""

from __future__ import annotations

import csv
import io

import streamlit as st

from data.access import Permission
from data.audit import BadEntry, head
from data.changes import LoggedChange, count_changes, logged_changes
from data.store import the_store
from loaders.outgoing import plain_text
from pages.shared import frame
from pages.shared.exports import own_name
from pages.shared.session import Visit, require
from pages.shared.tables import Line, html_table
from wording import Language, say

SHOWN = 200  # the newest changes on the screen; the download holds them all


def render() -> None:
    """Show the newest changes and the state of the chain; offer the whole log."""
    visit = require(Permission.READ_AUDIT)
    store = the_store()
    broken = store.verify_audit()
    with store.read() as cursor:
        newest, total, link = logged_changes(cursor, limit=SHOWN), count_changes(cursor), head(cursor)
    with frame.page():
        frame.page_head(visit, eyebrow=say("admin.eyebrow", visit.language), title=title(broken, total, visit.language))
        if broken is not None:
            st.error(say(f"admin.audit.bad.{broken.reason}", visit.language, seq=broken.seq or ""))
        frame.small(say("admin.audit.head", visit.language, hash=link.hash or "-"))
        st.download_button(
            say("admin.audit.export", visit.language),
            data=whole_log,
            file_name=own_name(say("admin.audit.export_name", visit.language), "csv"),
            mime="text/csv",
            key="audit-export",
            on_click="ignore",
            type="tertiary",
            icon=":material/download:",
        )
        frame.html(changes_table(newest, visit))


def title(broken: BadEntry | None, total: int, language: Language) -> str:
    """The screen's finding."""
    if broken is not None:
        return say("admin.audit.title.broken", language)
    return say("admin.audit.title.holds", language, n=total)


def changes_table(newest: list[LoggedChange], visit: Visit) -> str:
    """The newest changes as a table."""
    names = ("when", "who", "right", "what", "note")
    columns = [say(f"admin.audit.{name}", visit.language) for name in names]
    nobody = say("admin.audit.nobody", visit.language)
    lines = [
        Line(
            change.recorded_at.strftime("%Y-%m-%d %H:%M:%S"),
            [
                change.person_name or nobody,
                say(f"shared.state.permission.{change.permission}", visit.language),
                ", ".join(change.actions),
                change.note,
            ],
        )
        for change in newest
    ]
    return html_table(columns, lines, caption=say("admin.audit.caption", visit.language), caption_shown=True)


def whole_log() -> bytes:
    """Write every change as CSV; the right is looked up again when the file is asked for."""
    require(Permission.READ_AUDIT)
    with the_store().read() as cursor:
        found = logged_changes(cursor)
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\n")
    table.writerow(["id", "recorded_at", "person_id", "person_name", "permission", "actions", "site_id", "note"])
    for change in found:
        row = [
            change.id, change.recorded_at.isoformat(), change.person_id or "", change.person_name or "",
            change.permission, " ".join(change.actions), change.site_id or "", change.note,
        ]  # fmt: skip
        table.writerow([plain_text(cell) for cell in row])
    return text.getvalue().encode()
