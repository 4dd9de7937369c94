"""A file at an http(s) address: asked for only if it changed, never from where a source may not go, no secret told."""

from __future__ import annotations

import gzip
import ipaddress
import json
import logging

import pytest

from data import source_runs
from data.access import Refused
from data.sources import link_source
from data.types import RunOutcome
from loaders.sources import web
from loaders.sources.fetching import environment
from loaders.sources.job import Trouble
from loaders.sources.words import run_words
from tests.loaders.linked import batches, here, keeper, link, run, store, values, weekly
from tests.tools.web_server import changing, web_server

__all__ = ["here", "keeper", "link", "store"]
CANARY = "t0ken-canary/9+"


@pytest.fixture
def site_web(monkeypatch, store):
    monkeypatch.setenv("ESSAIM_SOURCE_PRIVATE_HOSTS", '["127.0.0.1"]')
    with web_server() as served:
        yield served


@pytest.fixture
def source(link, site_web):
    return link("http", site_web.url("/delais.csv"))


@pytest.mark.accepts("1.21")
@pytest.mark.usefixtures("here")
def test_a_file_on_the_web_loads_itself_and_is_not_sent_again_until_it_changes(store, source, site_web):
    site_web.pages["/delais.csv"] = changing(weekly("4,5", "5,5"), '"v1"')
    first, second = run(store, source), run(store, source)
    site_web.pages["/delais.csv"] = changing(weekly("4,5", "5,5", "6,5"), '"v2"')
    third = run(store, source)

    assert [one.outcome for one in (first, second, third)] == [
        RunOutcome.LOADED, RunOutcome.UNCHANGED, RunOutcome.LOADED
    ]  # fmt: skip
    assert [headers.get("if-none-match") for _, headers in site_web.asked] == [None, '"v1"', '"v1"']
    assert (second.n_files, values(store)) == (0, [4.5, 5.5, 6.5])
    assert {batch.file_name for batch in batches(store)} == {"delais.csv"}


@pytest.mark.usefixtures("here")
def test_the_same_bytes_from_a_server_without_marks_are_nothing_new(store, source, site_web):
    site_web.pages["/delais.csv"] = weekly("4,5")

    assert [run(store, source).outcome for _ in range(2)] == [RunOutcome.LOADED, RunOutcome.UNCHANGED]
    assert len(batches(store)) == 1


def test_a_server_that_stumbles_is_asked_again_at_once(store, source, site_web):
    answers = [(503, {}, b""), (429, {}, b""), (200, {}, weekly("4,5"))]
    site_web.pages["/delais.csv"] = lambda _: answers.pop(0)

    assert run(store, source).outcome is RunOutcome.LOADED


@pytest.mark.usefixtures("here")
def test_a_server_that_stays_unwell_is_a_fault_tried_again_later_and_later(store, source, site_web):
    site_web.pages["/delais.csv"] = (500, {}, b"")

    waits = []
    for _ in range(4):
        done = run(store, source)
        waits.append((done.again_at - done.ended_at).total_seconds() / 60)

    assert len(site_web.asked) == 12
    assert [low <= wait <= high for wait, (low, high) in zip(
        waits, [(3.7, 6.3), (7.5, 12.5), (15, 25), (30, 50)], strict=True)] == [True] * 4  # fmt: skip
    assert run_words(done, "en") == "The server is busy or unwell (500). It is tried again soon."


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ((404, {}, b""), "http_missing"),
        ((403, {}, b""), "http_denied"),
        ((204, {}, b""), "http_status"),
        ((302, {}, b""), "redirect_elsewhere"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "redirect_elsewhere"),
        ((302, {"Location": "/delais.csv"}, b""), "redirects"),
        ((302, {"Location": "http://169.254.169.254/latest/meta-data/"}, b""), "private_host"),
        ((302, {"Location": "http://[::1]:9/x"}, b""), "private_host"),
        ((200, {"Content-Length": "100000000"}, b""), "too_large"),
    ],
)
@pytest.mark.promises("F6")
@pytest.mark.usefixtures("here")
def test_what_is_no_file_or_lies_where_a_source_may_not_go_is_a_fault(store, source, site_web, answer, code):
    site_web.pages["/delais.csv"] = answer

    done = run(store, source)

    assert (done.outcome, done.code, values(store)) == (RunOutcome.FAULT, code, [])
    assert run_words(done, "fr")
    assert run_words(done, "en")


@pytest.mark.usefixtures("here")
def test_a_file_moved_elsewhere_is_followed(store, source, site_web):
    site_web.pages["/delais.csv"] = (302, {"Location": "/new/place.csv"}, b"")
    site_web.pages["/new/place.csv"] = weekly("4,5")

    assert run(store, source).outcome is RunOutcome.LOADED


@pytest.mark.promises("F1")
def test_a_small_answer_that_unpacks_into_a_huge_one_is_stopped(store, source, site_web):
    site_web.pages["/delais.csv"] = (200, {"Content-Encoding": "gzip"}, gzip.compress(b"0" * 60_000_000))

    done = run(store, source)

    assert (done.outcome, done.code) == (RunOutcome.FAULT, "too_large")


@pytest.mark.promises("F6")
@pytest.mark.parametrize(
    "host", ["127.0.0.1", "localhost", "0.0.0.0", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1", "[::1]"]
)
@pytest.mark.usefixtures("here")
def test_no_way_of_writing_a_private_address_is_let_through(store, link, site_web, monkeypatch, host):
    monkeypatch.delenv("ESSAIM_SOURCE_PRIVATE_HOSTS")
    site_web.pages["/delais.csv"] = weekly("4,5")
    source = link("http", site_web.url("/delais.csv", host))

    done = run(store, source)

    assert (done.outcome, done.code) == (RunOutcome.FAULT, "private_host")
    assert site_web.asked == []
    assert "ESSAIM_SOURCE_PRIVATE_HOSTS" in run_words(done, "en")


@pytest.mark.promises("F6")
@pytest.mark.parametrize(
    ("number", "private"),
    [("10.1.2.3", True), ("192.168.0.1", True), ("100.64.0.1", True), ("169.254.169.254", True), ("224.0.0.1", True),
     ("fe80::1", True), ("fd00::1", True), ("64:ff9b::a00:1", True), ("2002:0a00:0001::", True),
     ("93.184.215.14", False), ("2606:2800:21f:cb07:6820:80da:af6b:8b2c", False)],
)  # fmt: skip
def test_private_addresses_are_told_from_public_ones(number, private):
    assert web.is_private(ipaddress.ip_address(number)) == private


def test_a_name_with_one_private_address_among_public_ones_is_refused(monkeypatch):
    found = [(2, 1, 6, "", ("93.184.215.14", 80)), (2, 1, 6, "", ("10.0.0.1", 80))]
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: found)

    with pytest.raises(Trouble) as refused:
        web.looked_up("mixed.example", 80, ())

    assert refused.value.code == "private_host"
    assert len(web.looked_up("mixed.example", 80, ("mixed.example",))) == 2


@pytest.mark.usefixtures("here")
def test_a_host_that_nobody_knows_or_that_is_down_is_said_so(store, link, site_web, monkeypatch):
    monkeypatch.setenv("ESSAIM_SOURCE_PRIVATE_HOSTS", '["127.0.0.1", "nobody.invalid"]')

    down = run(store, link("http", "http://127.0.0.1:9/x.csv", name="Down"))
    unknown = run(store, link("http", "http://nobody.invalid/x.csv", name="Unknown"))

    assert (down.code, unknown.code) == ("unreachable", "unknown_host")
    assert "127.0.0.1 does not answer" in run_words(down, "en")


def test_a_server_that_never_ends_is_left_after_its_time(store, link, site_web, monkeypatch):
    import time

    from loaders.caps import caps

    limits = caps().model_copy(update={"source_seconds": 1})
    monkeypatch.setattr("loaders.sources.fetching.caps", lambda: limits)
    monkeypatch.setattr("loaders.sources.running.TRIES", 1)
    site_web.pages["/slow.csv"] = lambda _: (time.sleep(4), (200, {}, b"x"))[1]

    done = run(store, link("http", site_web.url("/slow.csv")))

    assert done.code == "timeout"
    assert run_words(done, "en") == "It did not answer within 1 seconds. It is tried again soon."


# --- secrets ------------------------------------------------------------------------------------------------------


@pytest.fixture
def secret(monkeypatch, site_web):
    monkeypatch.setenv("API_TOKEN", CANARY)
    monkeypatch.setenv("ESSAIM_SOURCE_SECRETS", json.dumps({"API_TOKEN": ["127.0.0.1"]}))


@pytest.mark.accepts("1.21")
def test_a_secret_reaches_the_server_it_is_for_and_no_place_that_anybody_reads(
    store, keeper, site_web, secret, caplog, tmp_path
):
    caplog.set_level(logging.DEBUG)
    site_web.pages["/delais.csv?key=" + "t0ken-canary%2F9%2B"] = weekly("4,5")
    good = link_source(store, keeper, name="API", kind="http", address=site_web.url("/delais.csv?key=env:API_TOKEN"),
                       headers=("Authorization: Bearer env:API_TOKEN",), schedule="hourly")  # fmt: skip
    bad = link_source(store, keeper, name="Bad", kind="http", address=site_web.url("/no?key=env:API_TOKEN"),
                      schedule="hourly")  # fmt: skip

    loaded, missed = run(store, good), run(store, bad)

    assert (loaded.outcome, missed.code) == (RunOutcome.LOADED, "http_missing")
    assert site_web.asked[0][1]["authorization"] == f"Bearer {CANARY}"
    store.seal()
    kept = store.backup(tmp_path / "backup.duckdb").read_bytes()
    for secret_form in (CANARY, "t0ken-canary%2F9%2B", "t0ken-canary"):
        assert secret_form.encode() not in kept
        assert secret_form not in caplog.text
        assert secret_form not in run_words(missed, "en")


@pytest.mark.promises("F6")
@pytest.mark.usefixtures("here")
def test_a_secret_in_the_path_of_an_address_names_no_file(store, link, site_web, secret, tmp_path):
    site_web.pages["/t0ken-canary%2F9%2B"] = changing(weekly("4,5"), '"v1"')
    source = link("http", site_web.url("/env:API_TOKEN"))

    first, second = run(store, source), run(store, source)

    assert (first.outcome, second.n_files) == (RunOutcome.LOADED, 0)
    assert [batch.file_name for batch in batches(store)] == ["env:API_TOKEN"]
    store.seal()
    assert b"t0ken-canary" not in store.backup(tmp_path / "backup.duckdb").read_bytes()


@pytest.mark.usefixtures("here")
def test_a_secret_is_not_carried_on_to_another_origin(store, link, site_web, secret, monkeypatch):
    with web_server() as other:
        site_web.pages["/delais.csv"] = (302, {"Location": other.url("/x.csv")}, b"")
        other.pages["/x.csv"] = weekly("4,5")

        done = run(store, link("http", site_web.url("/delais.csv"), headers=("X-Key: env:API_TOKEN",)))

        assert done.outcome is RunOutcome.LOADED
        assert "x-key" in site_web.asked[0][1]
        assert "x-key" not in other.asked[0][1]


def test_a_secret_taken_off_the_list_stops_the_source_before_anything_is_sent(
    store, link, site_web, secret, monkeypatch
):
    source = link("http", site_web.url("/delais.csv"), headers=("X-Key: env:API_TOKEN",))
    monkeypatch.setenv("ESSAIM_SOURCE_SECRETS", "{}")

    done = run(store, source)

    assert (done.code, site_web.asked) == ("secret_not_allowed", [])
    assert "API_TOKEN" in run_words(done, "en")


def test_the_fetching_process_is_given_no_secret_and_no_setting_of_the_servers(monkeypatch):
    monkeypatch.setenv("ESSAIM_COOKIE_SECRET", CANARY)

    assert CANARY not in str(environment())
    assert not [name for name in environment() if name.startswith("ESSAIM")]


def test_a_header_of_another_sources_secret_is_refused_when_it_is_linked(link, site_web, secret):
    with pytest.raises(Refused) as refused:
        link("http", "https://example.org/x", headers=("X-Key: env:ESSAIM_COOKIE_SECRET",))

    assert refused.value.code == "source_secret_not_allowed"


def test_every_trouble_has_words_in_both_languages_that_are_given_all_they_need():
    import ast
    from pathlib import Path

    from wording import say

    folder = Path(web.__file__).parent
    calls = [
        node for path in folder.glob("*.py") for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and getattr(node.func, "id", "") == "Trouble" and node.args
    ]  # fmt: skip
    told = [
        (node.args[0].value, {word.arg for word in node.keywords})
        for node in calls
        if isinstance(node.args[0], ast.Constant)
    ]

    assert len(told) > 25
    for code, given in told:
        for language in ("fr", "en"):
            assert say(f"sources.fault.{code}", language, **{name: "1" for name in given if name})


def test_runs_of_other_sources_go_on_when_one_fails(store, link, site_web):
    site_web.pages["/good.csv"] = weekly("4,5")
    bad, good = link("http", site_web.url("/bad"), name="Bad"), link("http", site_web.url("/good.csv"), name="Good")

    outcomes = {source.name: run(store, source).outcome for source in (bad, good)}

    assert outcomes == {"Bad": RunOutcome.FAULT, "Good": RunOutcome.LOADED}
    with store.read() as cursor:
        assert len(source_runs.standings(cursor)) == 2
