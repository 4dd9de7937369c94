"""Which tokens are there, whose are they, and when was each last used? An administrator may end any of them."""

from __future__ import annotations

from data.access import Permission
from data.sites import sites
from data.store import the_store
from data.tokens import tokens
from pages.shared import frame
from pages.shared.session import require
from pages.shared.token_list import revoke_form, say_what_was_done, token_table
from wording import say


def render() -> None:
    """List everybody's tokens; end one."""
    visit = require(Permission.MANAGE_PEOPLE)
    language = visit.language
    with the_store().read() as cursor:
        known = tokens(cursor)
        names = {site.id: site.name for site in sites(cursor)}
    with frame.page():
        title = say("api.tokens.everybody", language)
        frame.page_head(visit, eyebrow=say("admin.eyebrow", language), title=title)
        say_what_was_done()
        if known:
            frame.html(token_table(visit, known, names, caption=title, with_person=True))
        else:
            frame.small(say("api.tokens.none", language))
        revoke_form(visit, known)
