"""Loading over HTTP: the same checks and the same words as the page and the command line, for whoever holds a token."""

from __future__ import annotations

import asyncio
import datetime as dt
import json
import threading
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jsonschema
import openapi_spec_validator
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware

from data import people
from data.access import actor_for
from data.people import assign, register_person
from data.sites import register_site
from data.store import close_store, the_store
from data.tokens import issue_token, revoke_token, tokens
from data.types import Role
from loaders import ingest, summary
from loaders.choices import Choices
from loaders.turns import PATIENCE_SECONDS, reading_turns
from pages.web import health, uploads, uploads_openapi
from pages.web.headers import SecurityHeaders
from pages.web.uploads_body import BODY_SECONDS
from pages.web.uploads_limits import Allowance
from tests.loaders.exports import as_csv, as_xlsx
from wording import say

GOOD = [["mois", "site", "erreurs"], ["2026-01", "Lyon", 1], ["2026-02", "Lyon", 2], ["2026-03", "Lyon", 4]]
FAULTY = [["mois", "site", "erreurs"], ["2026-01", "Lyon", "beaucoup"], ["2026-02", "Lyon", 2], ["2026-03", "Lyon", 4]]
ASKING = [["date", "site", "erreurs"], ["01/02/2026", "Lyon", 1], ["01/03/2026", "Lyon", 2]]


@dataclass(frozen=True)
class Answer:
    status: int
    headers: dict[str, str]
    content: bytes
    taken: int  # how many bytes of the body the server asked for

    @property
    def json(self) -> dict[str, Any]:
        return json.loads(self.content)


class Api:
    """Asks the routes as a program would; every answer is held against the description."""

    routes = (*uploads_openapi.ROUTES, *health.CATCH_ALL)

    def __init__(self, token: str = "") -> None:
        self.token = token
        self.seen: set[tuple[str, str, int]] = set()

    def upload(
        self, data: bytes | None, name: str = "mai.csv", *, headers: dict[str, str] | None = None, **fields: Any
    ):
        mark = "0123456789abcdef"
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="{key}"\r\n\r\n{value}\r\n'.encode()
            for key, value in fields.items()
        ]
        if data is not None:
            head = f'--{mark}\r\nContent-Disposition: form-data; name="file"; filename="{name}"\r\n\r\n'
            parts += [head.encode(), data, b"\r\n"]
        body = b"".join([*parts, f"--{mark}--\r\n".encode()])
        kind = {"content-type": f"multipart/form-data; boundary={mark}"}
        return self.ask("POST", "/api/uploads", body, {**kind, **(headers or {})})

    def undo(self, number: str, **order: Any):
        return self.ask("POST", f"/api/uploads/{number}/undo", json.dumps(order).encode())

    def get(self, number: str, **headers: str):
        return self.ask("GET", f"/api/uploads/{number}", headers=headers)

    def ask(self, method: str, path: str, body: bytes = b"", headers: dict[str, str] | None = None) -> Answer:
        answer = asyncio.run(self._asked(method, path, body, headers or {}))
        if answer.headers.get("content-type") == "application/json" and "openapi" not in path:
            self._as_described(method, path, answer)
        return answer

    async def _asked(self, method: str, path: str, body: bytes, headers: dict[str, str]) -> Answer:
        sent = {"host": "127.0.0.1:8501", "content-length": str(len(body)), "accept-language": "en", **headers}
        if self.token:
            sent.setdefault("authorization", f"Bearer {self.token}")
        path, _, query = path.partition("?")
        scope = {
            "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "method": method, "scheme": "http",
            "path": path, "raw_path": path.encode(), "query_string": query.encode(), "root_path": "",
            "headers": [(key.encode(), value.encode("latin-1")) for key, value in sent.items() if value],
            "server": ("127.0.0.1", 8501), "client": ("127.0.0.1", 50000),
        }  # fmt: skip
        pieces = [body[at : at + 65536] for at in range(0, len(body), 65536)] or [b""]
        taken, messages = 0, []

        async def receive() -> dict:
            nonlocal taken
            if not pieces:
                return {"type": "http.disconnect"}
            piece = pieces.pop(0)
            taken += len(piece)
            return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

        async def send(message: dict) -> None:
            messages.append(message)

        await Starlette(routes=list(self.routes), middleware=[Middleware(SecurityHeaders)])(scope, receive, send)
        start = messages[0]
        found = {key.decode().lower(): value.decode() for key, value in start["headers"]}
        content = b"".join(m.get("body", b"") for m in messages if m["type"] == "http.response.body")
        return Answer(start["status"], found, content, taken)

    def _as_described(self, method: str, path: str, answer: Answer) -> None:
        described = uploads_openapi.described("en")
        place = (
            "/api/uploads/{id}/undo"
            if path.endswith("/undo")
            else "/api/uploads/{id}"
            if method == "GET"
            else "/api/uploads"
        )
        responses = described["paths"][place][method.lower()]["responses"]
        assert str(answer.status) in responses, f"{method} {place} answered {answer.status}: {answer.content!r}"
        schema = responses[str(answer.status)]["content"]["application/json"]["schema"]
        jsonschema.Draft202012Validator({**schema, "components": described["components"]}).validate(answer.json)
        self.seen.add((method.lower(), place, answer.status))


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("ESSAIM_STORE", str(tmp_path / "essaim.duckdb"))
    monkeypatch.setattr(uploads, "requests_allowed", Allowance(1000))
    monkeypatch.setattr(uploads, "failures_allowed", Allowance(1000))
    close_store()
    yield the_store()
    close_store()


@pytest.fixture
def keeper(store, admin):
    """Bo, keeper of Lyon and of nothing else; the record knows Lille too."""
    lyon, _ = register_site(store, admin, name="Lyon"), register_site(store, admin, name="Lille")
    ingest.load(
        ingest.understand(as_csv([GOOD[0], ["2025-12", "Lyon", 7], ["2025-11", "Lyon", 7]]), "a.csv", store),
        store,
        admin,
    )
    bo = register_person(store, admin, name="Bo", language="en")
    assign(store, admin, person_id=bo.id, role=Role.METRIC_KEEPER, site_id=lyon.id)
    with store.read() as cursor:
        return actor_for(cursor, bo.id, store.today())


@pytest.fixture
def api(store, keeper):
    issued = issue_token(store, keeper, name="ERP", expires_on=store.today() + dt.timedelta(days=9))
    return Api(issued.text)


def values_on_record(store) -> int:
    with store.read() as cursor:
        return cursor.execute("SELECT count(*) FROM cur").fetchone()[0]


@pytest.mark.accepts("1.22")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_a_file_is_loaded_with_the_words_of_the_page_and_the_command_line(api, store, keeper, language):
    answer = api.upload(as_csv(GOOD), headers={"accept-language": language})

    understanding = ingest.understand(as_csv(GOOD), "mai.csv", store, keeper)
    assert answer.status == 201
    assert answer.json["outcome"] == "loaded"
    assert set(summary.understood_lines(understanding, language)) >= {answer.json["lines"][0]}
    assert say("loaders.summary.new", language, n=3) in answer.json["lines"][-1]
    assert answer.json["upload"]["new"] == 3
    assert answer.json["upload"]["loaded_by"] == "Bo"
    assert values_on_record(store) == 5


@pytest.mark.accepts("1.11")
@pytest.mark.promises("F9")
def test_the_same_bytes_again_change_nothing_and_say_so(api, store):
    api.upload(as_csv(GOOD))

    again = api.upload(as_csv(GOOD))

    assert (again.status, again.json["outcome"]) == (200, "unchanged")
    assert "already loaded on" in again.json["lines"][0]
    assert values_on_record(store) == 5


def test_a_check_says_what_a_load_would_do_and_stores_nothing(api, store):
    before = store.data_version()

    answer = api.upload(as_csv([*GOOD, ["2025-12", "Lyon", 8]]), check="true")

    assert (answer.status, answer.json["outcome"], answer.json["ready"]) == (200, "checked", True)
    assert answer.json["comparison"] == {"new": 3, "same": 0, "restated": 1}
    assert store.data_version() == before


def test_a_check_of_a_faulty_file_gives_its_faults_and_says_that_it_is_not_ready(api):
    answer = api.upload(as_csv(FAULTY), check="true")

    assert (answer.status, answer.json["ready"]) == (200, False)
    assert answer.json["problem"]["code"] == "faults"
    assert [(fault["row"], fault["found"]) for fault in answer.json["problem"]["faults"]] == [(2, "beaucoup")]


@pytest.mark.accepts("1.6")
@pytest.mark.parametrize(("language", "word"), [("fr", "attendu un nombre"), ("en", "expected a number")])
def test_faults_are_located_and_worded_and_nothing_is_stored(api, store, language, word):
    answer = api.upload(as_xlsx(FAULTY, sheet="Mai"), "mai.xlsx", language=language)

    (fault,) = answer.json["faults"]
    assert answer.status == 422
    assert (fault["sheet"], fault["row"], fault["column"], fault["found"]) == ("Mai", 2, "C “erreurs”", "beaucoup")
    assert word in fault["sentence"]
    assert word in answer.json["sentence"]
    assert values_on_record(store) == 2


def test_what_is_right_of_a_faulty_file_can_be_loaded(api, store):
    answer = api.upload(as_csv(FAULTY), leave_out="true")

    assert (answer.status, answer.json["upload"]["new"]) == (201, 2)


@pytest.mark.accepts("1.5")
def test_an_open_question_is_a_conflict_until_it_is_answered_in_the_choices(api):
    asked = api.upload(as_csv(ASKING))
    answered = api.upload(as_csv(ASKING), choices=Choices(date_order="day-first").to_json())

    assert (asked.status, asked.json["code"]) == (409, "question_date_order")
    assert [question["code"] for question in asked.json["questions"]] == ["date_order"]
    assert answered.status == 201


@pytest.mark.accepts("1.12")
def test_a_restatement_needs_its_reason(api):
    changed = as_csv([GOOD[0], ["2025-12", "Lyon", 9], ["2025-11", "Lyon", 7]])

    refused = api.upload(changed)
    done = api.upload(changed, reason="late count")

    assert (refused.status, refused.json["code"]) == (409, "reason_needed")
    assert (done.status, done.json["upload"]["restated"], done.json["upload"]["reason"]) == (201, 1, "late count")


@pytest.mark.promises("A2")
@pytest.mark.accepts("10.2")
def test_rows_of_another_keepers_site_refuse_the_whole_load_and_are_named(api, store):
    mixed = as_csv([*GOOD, ["2026-01", "Lille", 3], ["2026-02", "Lille", 3]])

    answer = api.upload(mixed)
    checked = api.upload(mixed, check="true")

    assert (answer.status, answer.json["code"]) == (403, "not_your_sites")
    assert "Lille" in answer.json["sentence"]
    assert "5" in answer.json["sentence"]
    assert checked.json["problem"]["code"] == "not_your_sites"
    assert values_on_record(store) == 2
    with store.read() as cursor:
        (noted,) = cursor.execute("SELECT person_name FROM change WHERE actions = 'load.refused'").fetchone()
    assert noted == "Bo"


@pytest.mark.promises("A2")
def test_a_token_made_for_one_site_loads_no_other_even_for_a_keeper_of_all(store, admin, keeper):
    with store.read() as cursor:
        (lyon,) = cursor.execute("SELECT DISTINCT site_id FROM cur").fetchone()
    narrow = Api(issue_token(store, admin, name="x", expires_on=store.today(), site_ids=[lyon]).text)

    own = narrow.upload(as_csv(GOOD))
    other = narrow.upload(as_csv([GOOD[0], ["2026-01", "Lille", 3], ["2026-02", "Lille", 3]]))
    new = narrow.upload(as_csv([GOOD[0], ["2026-01", "Brest", 3], ["2026-02", "Brest", 3]]), register="true")

    assert [own.status, other.status, new.status] == [201, 403, 403]


@pytest.mark.promises("A3", "A6")
def test_a_token_ends_with_its_revocation_its_keepers_role_or_account(api, store, admin, keeper):
    with store.read() as cursor:
        (held,) = people.assignments_of(cursor, keeper.person_id)
        (known,) = tokens(cursor)
    people.end_assignment(store, admin, held.id, store.today() - dt.timedelta(days=1))
    without_role = api.upload(as_csv(GOOD))
    people.disable_person(store, admin, keeper.person_id)
    without_account = api.upload(as_csv(GOOD))
    people.edit_person(store, admin, keeper.person_id, disabled=False)
    revoke_token(store, admin, known.token.id)
    revoked = api.upload(as_csv(GOOD))

    assert [without_role.status, without_account.status, revoked.status] == [403, 401, 401]
    assert "closed" in without_account.json["sentence"]
    assert "revoked" in revoked.json["sentence"]
    assert values_on_record(store) == 2


@pytest.mark.parametrize("given", ["", "Bearer", "Bearer ", "Bearer nonsense", "Basic QTpC", "bearer essaim_0_0"])
def test_without_a_token_that_is_ours_nothing_is_answered_and_no_body_is_read(api, given):
    answer = api.upload(bytes(10_000_000), headers={"authorization": given} if given else {"authorization": ""})

    assert answer.status == 401
    assert answer.headers["www-authenticate"].startswith("Bearer")
    assert answer.taken == 0


@pytest.mark.promises("A5")
def test_the_cookie_of_somebody_signed_in_opens_nothing(store, admin, keeper):
    from pages.web import signing

    cookie = f"{signing.COOKIE}={signing.sign(admin.person_id, store.now())}"

    answer = Api().upload(as_csv(GOOD), headers={"cookie": cookie, "origin": "http://127.0.0.1:8501"})

    assert answer.status == 401


def test_no_other_site_may_ask_from_a_browser(api):
    asked = api.ask("OPTIONS", "/api/uploads", headers={"origin": "https://evil.example",
                    "access-control-request-method": "POST"})  # fmt: skip
    answer = api.upload(as_csv(GOOD), headers={"origin": "https://evil.example"})

    for one in (asked, answer):
        assert not [name for name in one.headers if name.startswith("access-control")]
    assert asked.status in (404, 405)


def test_answers_are_kept_by_nobody_and_carry_the_security_headers(api):
    headers = api.upload(as_csv(GOOD)).headers

    assert headers["cache-control"] == "no-store"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-security-policy"] == "default-src 'none'; frame-ancestors 'none'"
    assert "set-cookie" not in headers


@pytest.mark.accepts("1.19")
@pytest.mark.promises("F1")
@pytest.mark.parametrize("told", [True, False])
def test_a_body_beyond_the_cap_is_refused_before_it_is_held(api, monkeypatch, told):
    from loaders.caps import Caps

    monkeypatch.setattr("pages.web.uploads_body.caps", lambda: Caps(upload_mb=1))

    answer = api.upload(bytes(30_000_000), headers={} if told else {"content-length": ""})

    assert (answer.status, answer.json["code"]) == (413, "too_large")
    assert "1 MB" in answer.json["sentence"]
    assert answer.headers["connection"] == "close"
    assert answer.taken <= (0 if told else 1_500_000)


@pytest.mark.parametrize(
    ("data", "name", "status", "code"),
    [
        (b"", "mai.csv", 415, "empty_file"),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), "mai.xlsx", 415, "not_a_table"),
        (b"PK\x03\x04" + bytes(40), "mai.xlsx", 422, "damaged"),
        (b"mois,site,erreurs\n" + b",,\n" * 1_100_000, "mai.csv", 413, "too_many_rows"),
        (b"bonjour\n", "mai.csv", 422, None),
    ],
)
def test_each_kind_of_bad_file_has_its_status_and_its_sentence(api, data, name, status, code):
    answer = api.upload(data, name)

    assert answer.status == status
    assert code in (None, answer.json["code"])
    assert answer.json["sentence"]


@pytest.mark.parametrize(
    ("fields", "named"),
    [
        ({"chek": "true"}, "chek"),
        ({"check": "perhaps"}, "check"),
        ({"choices": "{"}, "choices"),
        ({"choices": '{"sheets": "Mai"}'}, "choices.sheets"),
        ({"choices": '{"year": "MMXXVI"}'}, "choices.year"),
        ({"language": "de"}, "language"),
        ({"file": "no file at all"}, "file"),
    ],
)
def test_a_field_that_cannot_be_read_is_named(api, store, fields, named):
    answer = api.upload(None if "file" in fields else as_csv(GOOD), **fields)

    assert answer.status == 400
    assert named in answer.json["sentence"]
    assert values_on_record(store) == 2


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "multipart/form-data; boundary=x", 400),
        (b"--x\r\nrubbish", "multipart/form-data; boundary=x", 400),
        (b"", "multipart/form-data", 400),
        (b"{}", "application/json", 415),
        (b"mois,site\n", "text/csv", 415),
        (b"", "", 415),
    ],
)
def test_a_body_that_is_no_form_is_refused(api, body, kind, status):
    assert api.ask("POST", "/api/uploads", body, {"content-type": kind}).status == status


@pytest.mark.promises("F9")
def test_half_a_file_stores_nothing(api, store):
    whole = as_csv(GOOD)
    head = b'--x\r\nContent-Disposition: form-data; name="file"; filename="mai.csv"\r\n\r\n'

    answer = api.ask(
        "POST", "/api/uploads", head + whole[: len(whole) // 2], {"content-type": "multipart/form-data; boundary=x"}
    )

    assert answer.status == 400
    assert values_on_record(store) == 2


@pytest.mark.promises("F6")
@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "C:\\exports\\mai.csv", "a\x00b.csv", "é" * 400, "%s%n", "a'b.csv"]
)
def test_a_file_name_is_shown_and_never_a_path(api, name):
    answer = api.upload(as_csv(GOOD), name)

    assert answer.status == 201
    assert not set("/\\\x00") & set(answer.json["file"])


@pytest.mark.accepts("1.13")
def test_a_load_is_read_again_previewed_and_undone(api, store):
    number = api.upload(as_csv(GOOD)).json["upload"]["id"]

    before = api.get(number)
    previewed = api.undo(number, preview=True)
    unexplained = api.undo(number)
    undone = api.undo(number, reason="wrong month", language="fr")
    after = api.get(number)
    again = api.undo(number, reason="wrong month")

    assert (before.status, before.json["state"], before.json["new"]) == (200, "stands", 3)
    assert (previewed.json["outcome"], "3 values would vanish" in previewed.json["lines"][1]) == ("preview", True)
    assert (unexplained.status, unexplained.json["code"]) == (409, "reason_needed")
    assert (undone.status, undone.json["outcome"]) == (200, "undone")
    assert undone.json["lines"] == [say("keepers.undo.done", "fr", file="mai.csv")]
    assert (after.json["state"], after.json["undone_by"], after.json["undo_reason"]) == ("undone", "Bo", "wrong month")
    assert (again.status, again.json["code"]) == (409, "already_undone")
    assert values_on_record(store) == 2


@pytest.mark.promises("A2")
def test_another_keepers_load_is_not_undone(api, store, admin):
    lille = as_csv([GOOD[0], ["2026-01", "Lille", 3], ["2026-02", "Lille", 3]])
    batch = ingest.load(ingest.understand(lille, "lille.csv", store), store, admin).batch

    answer = api.undo(batch.id, reason="x")

    assert answer.status == 403
    assert api.get(batch.id).json["state"] == "stands"


@pytest.mark.parametrize("number", ["nothing", "x' OR '1'='1", "%2e%2e"])
def test_a_load_that_is_not_there_is_not_found(api, number):
    assert api.get(number).status == 404
    assert api.undo(number, reason="x").status == 404


@pytest.mark.parametrize("body", [b"[]", b"{", b'{"why": "x"}', b'{"preview": "perhaps"}'])
def test_an_order_that_cannot_be_read_undoes_nothing(api, body):
    number = api.upload(as_csv(GOOD)).json["upload"]["id"]

    assert api.ask("POST", f"/api/uploads/{number}/undo", body).status == 400
    assert api.get(number).json["state"] == "stands"


def test_an_order_beyond_its_cap_is_refused(api):
    number = api.upload(as_csv(GOOD)).json["upload"]["id"]

    assert api.ask("POST", f"/api/uploads/{number}/undo", b" " * 20_000).status == 413


@pytest.mark.promises("F1")
def test_one_person_has_one_file_read_at_a_time_and_is_told_when_to_come_back(api, keeper, monkeypatch):
    monkeypatch.setattr(uploads, "PATIENCE_SECONDS", 0.05)

    with reading_turns.taken(keeper.person_id):
        answer = api.upload(as_csv(GOOD))

    assert (answer.status, answer.json["code"]) == (429, "busy")
    assert int(answer.headers["retry-after"]) > 0
    assert api.upload(as_csv(GOOD)).status == 201


def test_two_programs_of_one_keeper_are_served_one_after_the_other(api, store):
    files = [
        as_csv([GOOD[0], [f"2026-{month:02}", "Lyon", month], [f"2027-{month:02}", "Lyon", 1]]) for month in (1, 2, 3)
    ]
    came: list[int] = []

    threads = [threading.Thread(target=lambda data=data: came.append(api.upload(data).status)) for data in files]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]

    assert came == [201, 201, 201]
    assert values_on_record(store) == 8


def test_who_asks_too_often_is_told_when_to_ask_again(api, monkeypatch):
    monkeypatch.setattr(uploads, "requests_allowed", Allowance(2))

    answers = [api.get("nothing") for _ in range(3)]

    assert [answer.status for answer in answers] == [404, 404, 429]
    assert 0 < int(answers[-1].headers["retry-after"]) <= 30


def test_whoever_tries_tokens_is_slowed_down_and_nobody_else(api, monkeypatch):
    monkeypatch.setattr(uploads, "failures_allowed", Allowance(2))
    stranger = Api("essaim_0000000000_" + "a" * 43)

    assert [stranger.get("nothing").status for _ in range(3)] == [401, 401, 429]
    assert api.get("nothing").status == 404


def test_the_load_works_beside_the_event_loop(api, monkeypatch):
    here = threading.current_thread()
    seen = []
    understand = ingest.understand
    monkeypatch.setattr(ingest, "understand", lambda *a: seen.append(threading.current_thread()) or understand(*a))

    assert api.upload(as_csv(GOOD)).status == 201
    assert seen
    assert here not in seen


def test_a_mistake_of_ours_is_a_sentence_and_tells_nothing_else(api, monkeypatch, caplog):
    def broken(*_: object) -> None:
        raise KeyError("the keeper's own value")

    monkeypatch.setattr(ingest, "understand", broken)

    answer = api.upload(as_csv(GOOD))

    assert (answer.status, answer.json["code"]) == (500, "unexpected")
    assert "own value" not in answer.content.decode() + caplog.text
    assert "KeyError" in caplog.text


def test_a_store_that_does_not_answer_is_said(api, monkeypatch):
    def closed(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(ingest, "understand", closed)

    assert api.upload(as_csv(GOOD)).status == 503


def test_a_conflict_may_be_tried_again(api, monkeypatch):
    from data.gate import Conflict

    def late(*_: object) -> None:
        raise Conflict

    monkeypatch.setattr(ingest, "understand", late)

    answer = api.upload(as_csv(GOOD))

    assert (answer.status, answer.headers["retry-after"]) == (409, "1")


@pytest.mark.parametrize("accept", ["fr", "en", "de, fr;q=0.5", "de"])
def test_the_answers_language_is_the_fields_then_the_headers_then_the_persons(api, accept):
    sentence = api.get("nothing", **{"accept-language": accept}).json["sentence"]

    expected = "fr" if "fr" in accept else "en"
    assert sentence == say("api.refusal.no_upload", expected)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_description_is_made_of_the_models_that_answer(api, language):
    answer = api.ask("GET", "/api/openapi.json", headers={"accept-language": language})

    described = answer.json
    assert answer.status == 200
    assert described["openapi"] == "3.1.0"
    assert described["info"]["title"] == say("api.title", language)
    assert set(described["paths"]) == {route.path for route in uploads.ROUTES}
    for path, operations in described["paths"].items():
        (route,) = [route for route in uploads.ROUTES if route.path == path]
        assert {method.upper() for method in operations} == route.methods - {"HEAD"}


def test_each_answer_that_is_described_is_really_given(api, store, admin, keeper, monkeypatch):
    number = api.upload(as_csv(GOOD)).json["upload"]["id"]
    asks = {
        ("post", "/api/uploads"): lambda: api.upload(as_csv([*GOOD, ["2026-04", "Lyon", 5]])),
        ("get", "/api/uploads/{id}"): lambda: api.get(number),
        ("post", "/api/uploads/{id}/undo"): lambda: api.undo(number, preview=True),
    }

    def everywhere(*answers):
        return [ask().status for ask in asks.values()] == list(answers)

    def broken(error):
        def act(*_: object, **__: object):
            raise error

        return act

    assert everywhere(201, 200, 200)
    assert api.upload(as_csv(GOOD)).status == 200
    assert api.upload(as_csv(FAULTY)).status == 422
    assert api.upload(as_csv(ASKING)).status == 409
    assert api.upload(b"\x89PNG\r\n\x1a\n" + bytes(99)).status == 415
    assert api.upload(b"mois,site\n" + b",,\n" * 1_100_000).status == 413
    assert api.upload(None).status == 400
    assert (api.get("nothing").status, api.undo("nothing").status) == (404, 404)
    assert api.undo(number).status == 409
    assert api.ask("POST", f"/api/uploads/{number}/undo", b"[").status == 400
    assert api.ask("POST", f"/api/uploads/{number}/undo", b" " * 20_000).status == 413
    with monkeypatch.context() as patched:
        patched.setattr("pages.web.uploads_body.BODY_SECONDS", -1)
        assert api.upload(as_csv(GOOD)).status == 408
        assert api.undo(number).status == 408
    for error, status in ((KeyError("x"), 500), (OSError("x"), 503)):
        with monkeypatch.context() as patched:
            patched.setattr(uploads, "_taken_in", broken(error))
            patched.setattr(uploads, "_batch", broken(error))
            assert everywhere(status, status, status)
    with monkeypatch.context() as patched:
        patched.setattr(uploads, "requests_allowed", Allowance(1))
        api.get(number)
        assert everywhere(429, 429, 429)
    api.token, token = "essaim_0000000000_" + "a" * 43, api.token
    assert everywhere(401, 401, 401)
    api.token = token
    with store.read() as cursor:
        (held,) = people.assignments_of(cursor, keeper.person_id)
    people.end_assignment(store, admin, held.id, store.today() - dt.timedelta(days=1))
    assert everywhere(403, 403, 403)

    described = {
        (method, path, int(status))
        for path, operations in uploads_openapi.described("en")["paths"].items()
        for method, operation in operations.items()
        for status in operation["responses"]
    }
    assert api.seen == described


def test_the_guide_gives_the_fields_the_statuses_and_the_times_of_the_code():
    page = (Path(__file__).parents[2] / "docs/api.md").read_text(encoding="utf-8")

    fields = set(uploads_openapi.described("en")["components"]["schemas"]["UploadForm"]["properties"])
    statuses = {status for operation in uploads_openapi.OPERATIONS for status in (*operation.done, *operation.refused)}
    assert [field for field in fields if page.count(f"| `{field}") != 2] == []
    assert [status for status in statuses - {404} if page.count(str(status)) < 2] == []
    assert page.count(f" {BODY_SECONDS} s") == 2
    assert page.count(f" {PATIENCE_SECONDS:g} s") == 2


def test_each_reference_of_the_description_leads_somewhere():
    described = uploads_openapi.described("en")

    def references(part):
        if isinstance(part, dict):
            yield from ([part["$ref"]] if "$ref" in part else [])
            for inner in part.values():
                yield from references(inner)
        elif isinstance(part, list):
            for inner in part:
                yield from references(inner)

    names = {reference.removeprefix("#/components/schemas/") for reference in references(described)}
    assert names == set(described["components"]["schemas"]) & names
    for schema in described["components"]["schemas"].values():
        jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("language", ["fr", "en"])
def test_the_description_is_openapi(language):
    described = json.loads(json.dumps(uploads_openapi.described(language)))

    openapi_spec_validator.validate(described, cls=openapi_spec_validator.OpenAPIV31SpecValidator)
