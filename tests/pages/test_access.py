"""Who sees which screen, asked of a running app: by address, by forged clicks, by turns."""

from __future__ import annotations

import re

import pytest

from data.types import Role
from pages.screens import SCREENS, headings_of
from tests.pages.people_of_each_role import CANARY, FOUNDER, make_store
from tests.tools.running import running
from tests.tools.streamlit_client import Visitor, sign_in
from wording import say

SIGN_IN = say("shared.sign_in.title", "en")
CLOSED = say("shared.error.forbidden_page", "en")
ALL = set(Role)
# By hand: who may open each screen.
OPEN_TO = {
    "": ALL,
    "metric": ALL,
    "compare": ALL,
    "between": ALL,
    "decisions": ALL,
    "key-results": ALL,
    "practices": ALL,
    "rollout": ALL,
    "experiments": ALL,
    "upload": {Role.METRIC_KEEPER},
    "quality": {Role.METRIC_KEEPER},
    "sources": {Role.METRIC_KEEPER, Role.ADMIN},
    "catalogue": ALL,
    "publishing": ALL,
    "tokens": {Role.METRIC_KEEPER},
    "all-tokens": {Role.ADMIN},
    "people": {Role.ADMIN},
    "audit": {Role.ADMIN},
}
PATHS = [screen.path for screen in SCREENS]


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    path = tmp_path_factory.mktemp("store") / "essaim.duckdb"
    make_store(path)
    return path


@pytest.fixture(scope="module")
def app(store, tmp_path_factory):
    with running(folder=tmp_path_factory.mktemp("app"), store=store) as server:
        yield server


@pytest.fixture(scope="module")
def cookies(app):
    return {role: sign_in(app.address, role) for role in Role}


def changes_recorded(app, cookies):
    with Visitor(app.address, "audit", cookie=cookies[Role.ADMIN]) as admin:
        return int(re.search(r"(\d+) changes? recorded", admin.run())[1])


def test_every_screen_stands_in_the_matrix():
    assert set(PATHS) == set(OPEN_TO)


@pytest.mark.parametrize("role", [*Role])
def test_what_each_role_opens_most_stands_in_the_open(role):
    listed = [path for path in PATHS if role in OPEN_TO[path]]

    in_the_open = [path for path in listed if path not in headings_of(listed)]

    assert {"", "metric", "decisions", "publishing"} <= set(in_the_open)
    assert ("upload" in in_the_open) == (role is Role.METRIC_KEEPER)
    assert len(in_the_open) <= 8 + (role is Role.METRIC_KEEPER)


@pytest.mark.promises("A1")
@pytest.mark.accepts("10.7")
@pytest.mark.parametrize("path", PATHS)
def test_the_first_request_of_a_fresh_process_shows_a_stranger_only_the_way_in(path, tmp_path):
    make_store(tmp_path / "essaim.duckdb")

    with running(folder=tmp_path, store=tmp_path / "essaim.duckdb") as app, Visitor(app.address, path) as stranger:
        shown = stranger.run()

        assert SIGN_IN in shown
        assert stranger.offered == []
        assert stranger.faults == []
        assert CANARY.encode() not in stranger.received
        assert FOUNDER.encode() not in stranger.received


@pytest.mark.promises("A1")
@pytest.mark.accepts("10.1", "10.7")
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("role", [*Role])
def test_each_role_opens_the_screens_it_has_and_no_other(app, cookies, role, path):
    with Visitor(app.address, path, cookie=cookies[role]) as visitor:
        shown = visitor.run()

        assert SIGN_IN not in shown
        assert (CLOSED not in shown) == (role in OPEN_TO[path])
        assert (path in visitor.offered) == (role in OPEN_TO[path])
        assert visitor.faults == []


@pytest.mark.promises("A1")
def test_somebody_registered_without_a_role_sees_no_screen(app):
    with Visitor(app.address, "metric", cookie=sign_in(app.address, "nobody")) as visitor:
        assert CLOSED in visitor.run()
        assert visitor.offered == []
        assert CANARY.encode() not in visitor.received


@pytest.mark.promises("A5")
@pytest.mark.parametrize("cookie", ["admin", "YWRtaW4.MTc2MDAwMDAwMA.c2lnbmF0dXJl", "..", "é", "a.b.c"])
def test_a_cookie_written_by_hand_is_worth_nothing(app, cookie):
    with Visitor(app.address, "people", cookie=cookie.encode().decode("latin-1")) as visitor:
        assert SIGN_IN in visitor.run()


@pytest.mark.promises("A4")
def test_a_forged_click_changes_nothing_without_the_right(app, cookies):
    with Visitor(app.address, "people", cookie=cookies[Role.ADMIN]) as admin:
        admin.run()
        buttons = [key for name, key in admin.widgets.items() if name.startswith("FormSubmitter")]
        forged = dict.fromkeys(buttons, ("trigger_value", True))
        forged[admin.widgets["person-name"]] = ("string_value", "Mallory")
    before = changes_recorded(app, cookies)

    for cookie in (None, cookies[Role.VIEWER], cookies[Role.METRIC_KEEPER]):
        with Visitor(app.address, "people", cookie=cookie) as forger:
            forger.run(forged)
            forger.run(forged)

    assert len(buttons) >= 4
    assert changes_recorded(app, cookies) == before


@pytest.mark.promises("A4")
def test_the_same_click_with_the_right_does_change_something(app, cookies):
    before = changes_recorded(app, cookies)
    with Visitor(app.address, "people", cookie=cookies[Role.ADMIN]) as admin:
        admin.run()
        button = next(key for name, key in admin.widgets.items() if name.startswith("FormSubmitter:people-add"))

        admin.run({admin.widgets["person-name"]: ("string_value", "Newcomer"), button: ("trigger_value", True)})

    assert changes_recorded(app, cookies) == before + 1


@pytest.mark.promises("A7")
def test_two_people_by_turns_each_see_only_their_own(app, cookies):
    roles = (Role.ADMIN, Role.VIEWER)
    open_pages = [Visitor(app.address, "metric", cookie=cookies[role]) for role in roles]

    for _ in range(50):
        for role, other, visitor in zip(roles, roles[::-1], open_pages, strict=True):
            shown = visitor.run()
            assert f"Pat {role}" in shown
            assert f"Pat {other}" not in shown
            assert ("people" in visitor.offered) == (role is Role.ADMIN)

    for visitor in open_pages:
        visitor.__exit__()
