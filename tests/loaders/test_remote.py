"""While the app holds the store, a load from the command line goes through it: with the same words."""

from __future__ import annotations

import datetime as dt
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from data.access import actor_for
from data.people import first_person
from data.settings import settings
from data.store import open_store
from data.tokens import issue_token
from loaders.command import HELD, READ, REFUSED, run
from tests.loaders.exports import as_csv
from tests.tools.running import running

ROWS = [["mois", "site", "délai"], ["2026-01", "Lyon", 1], ["2026-02", "Lyon", 2]]


@pytest.fixture
def small(tmp_path):
    path = tmp_path / 'dé"lai.csv'
    path.write_bytes(as_csv(ROWS))
    return path


def said(capsys) -> tuple[list[str], list[str]]:
    out, err = capsys.readouterr()
    return out.splitlines(), err.splitlines()


@pytest.mark.accepts("1.22")
def test_a_load_an_undo_and_their_refusals_go_through_the_running_app(small, capsys, monkeypatch, tmp_path):
    store = open_store()
    founder = first_person(store, "Ada", language="en")
    with store.read() as cursor:
        actor = actor_for(cursor, founder.id, store.today())
    token = issue_token(store, actor, name="shell", expires_on=store.today() + dt.timedelta(days=1)).text
    store.close()

    with running(folder=tmp_path / "app", store=settings().store_url) as app:
        held = run(["load", str(small), "--language", "en"])
        _, without = said(capsys)
        monkeypatch.setenv("ESSAIM_URL", app.url)
        monkeypatch.setenv("ESSAIM_TOKEN", token)
        loaded = run(["load", str(small), "--language", "en"])
        lines, _ = said(capsys)
        unchanged = run(["load", str(small), "--language", "fr"])
        again, _ = said(capsys)
        batch = lines[-1].rpartition(" ")[2]
        previewed = run(["undo", batch, "--preview", "--language", "en"])
        undone = run(["undo", batch, "--reason", "a test", "--language", "en"])
        unknown = run(["undo", "nothing", "--reason", "a test", "--language", "en"])
        told, errors = said(capsys)
        small.write_bytes(as_csv([*ROWS, ["2026-03", "Lyon", "beaucoup"], ["2026-04", "Lyon", 3]]))
        refused = run(["load", str(small), "--language", "fr"])
        _, faults = said(capsys)
        monkeypatch.setenv("ESSAIM_TOKEN", token[:-1] + "-")
        stranger = run(["load", str(small), "--language", "en"])
        _, closed = said(capsys)

    assert (held, loaded, unchanged, previewed, undone) == (HELD, READ, READ, READ, READ)
    assert "ESSAIM_URL" in without[0]
    assert 'dé"lai.csv: loaded. 2 new values, 0 the same, 0 restated.' in lines
    assert "déjà chargé" in again[0]
    assert told[-1] == 'dé"lai.csv is undone: its values gave way to those before them.'
    assert (unknown, errors) == (REFUSED, ["nothing: refused. No load has this number."])
    assert refused == REFUSED
    assert "trouvé" in faults[0]
    assert "C4" in faults[0]
    assert (stranger, len(closed)) == (REFUSED, 1)
    assert "token is not known" in closed[0]


class Odd(BaseHTTPRequestHandler):
    """Something that is not Essaim; its server's `answer` says what it answers, its `asked` what it was asked."""

    def do_POST(self):
        self.rfile.read(int(self.headers["content-length"]))
        self.server.asked.append((self.path, self.headers.get("authorization")))
        status, headers, body = self.server.answers[min(len(self.server.asked), len(self.server.answers)) - 1]
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_GET(self):
        self.server.asked.append((self.path, self.headers.get("authorization")))
        self.send_error(404)

    def log_message(self, *_):
        pass


@pytest.fixture
def odd(monkeypatch):
    server = ThreadingHTTPServer(("127.0.0.1", 0), Odd)
    server.asked, server.answers = [], [(200, {}, b"hello")]
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.setenv("ESSAIM_URL", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("ESSAIM_TOKEN", "secret")
    yield server
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "answer",
    [
        (200, {}, b"hello"),
        (200, {}, b"[1]"),
        (200, {}, b'{"outcome": "loaded"}'),
        (502, {}, b"<html>"),
        (404, {}, b"{}"),
    ],
)
def test_what_is_not_essaim_is_said_in_one_line(odd, small, capsys, answer):
    odd.answers = [answer]

    code = run(["load", str(small), "--language", "en"])

    _, errors = said(capsys)
    assert (code, len(errors)) == (REFUSED, 1)
    assert "is not Essaim" in errors[0]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_token_follows_no_redirect(odd, small, capsys, status):
    odd.answers = [(status, {"location": f"http://127.0.0.1:{odd.server_port}/elsewhere"}, b"")]

    assert run(["load", str(small), "--language", "en"]) == REFUSED
    assert [path for path, _ in odd.asked] == ["/api/uploads"]


def test_a_busy_app_is_asked_again_when_it_says(odd, small, capsys, monkeypatch):
    pauses = []
    monkeypatch.setattr("loaders.command_remote.time.sleep", pauses.append)
    done = json.dumps({"outcome": "unchanged", "lines": ["unchanged"]}).encode()
    odd.answers = [(429, {"retry-after": "3"}, b"{}"), (429, {"retry-after": "999"}, b"{}"), (200, {}, done)]

    code = run(["load", str(small), "--language", "en"])

    assert (code, pauses) == (READ, [3, 30])
    assert said(capsys)[0] == ["unchanged"]


def test_an_app_that_stays_busy_is_given_up(odd, small, capsys, monkeypatch):
    monkeypatch.setattr("loaders.command_remote.time.sleep", lambda _: None)
    odd.answers = [(429, {}, b'{"sentence": "Others are served."}')]

    assert run(["load", str(small), "--language", "en"]) == REFUSED
    assert "Others are served." in said(capsys)[1][0]
    assert len(odd.asked) == 5


@pytest.mark.parametrize(
    "url", ["http://essaim.example", "ftp://127.0.0.1", "essaim.example", "http://127.0.0.1.evil.example"]
)
def test_a_token_is_never_sent_in_clear_over_a_network(small, capsys, monkeypatch, url):
    monkeypatch.setenv("ESSAIM_URL", url)
    monkeypatch.setenv("ESSAIM_TOKEN", "secret")

    code = run(["load", str(small), "--language", "en"])

    _, errors = said(capsys)
    assert (code, len(errors)) == (REFUSED, 1)
    assert "https://" in errors[0]
    assert "secret" not in errors[0]


def test_an_app_that_is_not_there_is_said_and_nothing_goes_into_a_store_of_ones_own(
    small, capsys, monkeypatch, tmp_path
):
    monkeypatch.setenv("ESSAIM_STORE", str(tmp_path / "own.duckdb"))
    monkeypatch.setenv("ESSAIM_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("ESSAIM_TOKEN", "secret")

    code = run(["load", str(small), "--language", "en"])

    assert code == REFUSED
    assert "does not answer" in said(capsys)[1][0]
    assert not (tmp_path / "own.duckdb").exists()


def test_through_the_app_nobody_is_named_on_the_command_line(odd, small, capsys):
    assert run(["load", str(small), "--as", "Ada", "--language", "en"]) == REFUSED
    assert odd.asked == []
