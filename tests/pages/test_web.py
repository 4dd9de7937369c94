"""What the server answers beside its screens: headers, closed doors, signing in, and when it refuses to start."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from pydantic import SecretStr, ValidationError

from data.access import actor_for
from data.people import first_person, people, register_person
from data.settings import Settings
from data.store import StoreDamaged, StoreHeld, StoreNewer, close_store, open_store, the_store
from pages.evidence import routes as evidence
from pages.web import health, sign_in, signing
from pages.web.starting import NotServing, check_serving, problem_words, sign_in_secrets
from tests.tools.asking import ask
from tests.tools.running import ROOT
from wording import say

OIDC = {
    "oidc_metadata_url": "https://login.example/.well-known/openid-configuration",
    "oidc_client_id": "essaim",
    "oidc_client_secret": SecretStr("s"),
}


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("ESSAIM_STORE", str(tmp_path / "essaim.duckdb"))
    close_store()
    yield the_store()
    close_store()


class Web:
    """The app's plain routes, without its screens."""

    routes = (*health.ROUTES, *sign_in.ROUTES, *evidence.ROUTES, *health.CATCH_ALL)

    def get(self, path, **headers):
        return ask(self.routes, path, **headers)

    def post(self, path, form=None, **headers):
        return ask(self.routes, path, method="POST", form=form, **headers)


@pytest.fixture
def web(store):
    return Web()


@pytest.mark.parametrize("path", ["/evidence", "/evidence/nothing", "/health/live", "/api/nothing", "/sign-in"])
def test_every_answer_carries_the_security_headers(web, path):
    headers = web.get(path).headers

    assert headers["x-content-type-options"] == "nosniff"
    assert headers["referrer-policy"] == "same-origin"
    assert "frame-ancestors" in headers["content-security-policy"]
    assert "strict-transport-security" not in headers


def test_public_pages_may_run_no_script(web):
    policy = web.get("/evidence").headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "script-src" not in policy
    assert "<script" not in web.get("/evidence").text


def test_in_production_the_browser_is_told_to_stay_with_tls(web, monkeypatch):
    monkeypatch.setenv("ESSAIM_PRODUCTION", "true")

    assert "max-age" in web.get("/health/live").headers["strict-transport-security"]


@pytest.mark.parametrize("host", ["evil.example", "127.0.0.1.evil.example", "", "localhost.evil.example:80"])
def test_a_request_for_another_host_gets_nothing(web, host):
    assert web.get("/evidence", host=host).status == 400


def test_a_host_that_was_allowed_is_answered(web, monkeypatch):
    monkeypatch.setenv("ESSAIM_ALLOWED_HOSTS", '["essaim.example"]')

    assert web.get("/evidence", host="essaim.example").status == 200


@pytest.mark.parametrize("path", ["/_stcore/metrics", "/_stcore/metrics/", "//_stcore/metrics", "/_stcore/./metrics"])
def test_the_servers_own_metrics_are_closed(web, path):
    assert web.get(path).status == 404


@pytest.mark.parametrize("method", ["GET", "POST", "PUT", "DELETE"])
def test_an_interface_that_does_not_exist_is_not_found(web, method):
    assert ask(web.routes, "/api/v1/nothing", method=method).status == 404


def test_health_says_whether_the_store_answers(web):
    assert web.get("/health/ready").text == '{"status":"ready"}'


@pytest.mark.accepts("10.6")
def test_an_empty_register_takes_its_first_person_and_no_second(web, store):
    answer = web.post("/first-person", form={"name": "Ada", "language": "en"})
    second = web.post("/first-person", form={"name": "Eve", "language": "en"})

    assert answer.status == 303
    assert signing.COOKIE in answer.headers["set-cookie"]
    assert second.status == 400
    assert say("refused.already_founded", "en") in second.text
    with store.read() as cursor:
        assert [person.name for person in people(cursor)] == ["Ada"]


@pytest.mark.promises("A1")
def test_with_the_firms_sign_in_nobody_is_picked_and_nobody_founds(web, store, monkeypatch):
    person = first_person(store, "Ada")
    monkeypatch.setenv("ESSAIM_OIDC_CLIENT_ID", "essaim")

    assert web.get("/sign-in").status == 303
    assert web.post("/sign-in", form={"person": person.id}).status == 403
    assert web.post("/first-person", form={"name": "Eve"}).status == 403


def test_picking_a_person_gives_a_cookie_that_scripts_cannot_read(web, store):
    person = first_person(store, "Ada")

    cookie = web.post("/sign-in", form={"person": person.id}).headers["set-cookie"]

    assert "HttpOnly" in cookie
    assert "samesite=strict" in cookie.lower()
    assert person.name not in cookie


@pytest.mark.parametrize("person", ["", "nobody", "<b>", "x" * 9999])
def test_a_person_who_is_not_in_the_register_cannot_be_picked(web, store, person):
    first_person(store, "Ada")

    answer = web.post("/sign-in", form={"person": person})

    assert answer.status == 403
    assert "set-cookie" not in answer.headers


def test_a_form_from_another_site_is_not_taken(web, store):
    person = first_person(store, "Ada")

    answer = web.post("/sign-in", form={"person": person.id}, origin="https://evil.example")

    assert answer.status == 403


@pytest.mark.promises("F4")
def test_a_name_with_markup_in_it_is_shown_as_text(web, store):
    founder = first_person(store, "<script>alert(1)</script>")
    with store.read() as cursor:
        actor = actor_for(cursor, founder.id, store.today())
    register_person(store, actor, name='"><img src=x onerror=alert(1)>')

    page = web.get("/sign-in").text

    assert "<script>alert" not in page
    assert "<img src=x" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page


@pytest.mark.parametrize("address", ["", "0.0.0.0", "192.0.2.7", "::"])
def test_beyond_this_machine_the_app_needs_the_firms_sign_in(address):
    with pytest.raises(NotServing, match="no_sign_in"):
        check_serving(Settings(), address)

    check_serving(Settings(**OIDC), address)


@pytest.mark.parametrize("missing", ["cookie_secret", "allowed_hosts", "oidc_client_id", "oidc_client_secret"])
def test_production_starts_with_all_its_settings_or_not_at_all(missing):
    whole = {**OIDC, "production": True, "cookie_secret": SecretStr("c"), "allowed_hosts": ("essaim.example",)}
    check_serving(Settings(**whole), "127.0.0.1")

    with pytest.raises(NotServing):
        check_serving(Settings(**{name: value for name, value in whole.items() if name != missing}), "127.0.0.1")


def test_streamlit_gets_the_sign_in_from_our_settings():
    secrets = sign_in_secrets(Settings(**OIDC, cookie_secret=SecretStr("c"), public_address="https://essaim.example/"))

    assert secrets["auth"]["redirect_uri"] == "https://essaim.example/oauth2callback"
    assert sign_in_secrets(Settings()) == {}


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize(
    ("problem", "code"),
    [
        (StoreDamaged("f"), "store_damaged"),
        (StoreNewer("f"), "store_newer"),
        (StoreHeld("f", "python 7"), "store_held"),
    ],
)
def test_a_store_that_cannot_be_opened_is_said_in_one_line(problem, code, language):
    assert problem_words(problem, language) == say(f"shared.error.{code}", language, holder="python 7")


@pytest.mark.accepts("11.8")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_damaged_store_is_said_with_the_command_that_mends_it(language):
    assert "python -m pages.admin.commands restore" in problem_words(StoreDamaged("f"), language)


@pytest.mark.parametrize(
    ("setting", "named"),
    [
        ({"store": "ducklake:postgres:host=db;data=/x"}, "ESSAIM_STORE is a file"),
        ({"memory_limit": "lots"}, "ESSAIM_MEMORY_LIMIT is an amount of memory"),
        ({"port": "high", "today": "soon"}, "ESSAIM_TODAY, ESSAIM_PORT cannot be read"),
    ],
)
def test_a_setting_that_cannot_be_read_is_named(setting, named):
    with pytest.raises(ValidationError) as refused:
        Settings(**setting)

    assert named in problem_words(refused.value, "en")


@pytest.mark.promises("S4")
def test_a_second_server_on_the_same_store_names_the_holder_and_ends(tmp_path):
    held = open_store(str(tmp_path / "essaim.duckdb"))
    env = {**os.environ, "ESSAIM_FOLDER": str(tmp_path), "ESSAIM_LANGUAGE": "en"}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", "0"]

    second = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=120)
    held.close()

    assert second.returncode == 3
    assert str(os.getpid()) in second.stderr
    assert "Traceback" not in second.stderr
