"""Loading, checking and undoing over HTTP with a keeper's token: the checks and the words of the upload page."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import duckdb
from pydantic import BaseModel, ValidationError
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from data import records
from data.access import Actor, Forbidden, Permission, Refused, allowed_somewhere
from data.gate import Conflict
from data.store import Store, the_store
from data.tokens import TokenRefused, bearer
from data.types import Batch
from loaders import ingest, summary
from loaders.caps import caps
from loaders.choices import Choices
from loaders.files import refuse_large
from loaders.grid import Refusal
from loaders.ingest import LoadReport, Understanding
from loaders.site_choices import with_site_ids
from loaders.turns import PATIENCE_SECONDS, Busy, reading_turns
from pages.web import uploads_answers as answers
from pages.web.uploads_body import BadBody, Sent, order_sent, upload_sent
from pages.web.uploads_limits import Allowance
from pages.web.uploads_models import Checked, Comparison, Loaded, Problem, UndoOrder
from wording import Language, known_language, pick_language, say

HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
    "Vary": "Authorization, Accept-Language",
}
requests_allowed = Allowance(caps().requests)
failures_allowed = Allowance(caps().requests)
_log = logging.getLogger("essaim.api")


@dataclass(frozen=True, slots=True)
class Caller:
    """Who is asking, by their token, and in which language they are answered."""

    actor: Actor
    language: Language

    def speaking(self, asked: Language | None) -> Caller:
        """Answer in the language that a field asks for, when one does."""
        return Caller(self.actor, asked) if asked else self


class Unauthorised(Exception):
    """No token, or one that opens nothing. code: missing, unknown, revoked, expired or disabled."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class TooOften(Exception):
    """More requests than one may make: come back in `seconds`."""

    def __init__(self, seconds: int) -> None:
        super().__init__(seconds)
        self.seconds = seconds


class NoSuchUpload(Exception):
    """No load has this number."""


class RefusedFile(Exception):
    """A file that was not loaded. understanding: what it was understood to hold, when it could be read."""

    def __init__(self, refusal: Refusal, file_name: str, understanding: Understanding | None = None) -> None:
        super().__init__(refusal.code)
        self.refusal = refusal
        self.file_name = file_name
        self.understanding = understanding


Act = Callable[[Request], Awaitable[tuple[int, BaseModel]]]


def answering(act: Act) -> Callable[[Request], Awaitable[Response]]:
    """Turn what a request comes to, and whatever goes wrong, into JSON; only a sentence leaves the server."""

    async def answer(request: Request) -> Response:
        headers = dict(HEADERS)
        try:
            status, body = await act(request)
        except Exception as error:  # noqa: BLE001 the caller gets a sentence; the log names the kind of error
            status, body, more = _problem(error, _language(request))
            headers |= more
            if status == 500:
                _log.error("api.unexpected kind=%s", type(error).__name__)
        return JSONResponse(body.model_dump(mode="json"), status, headers)

    return answer


async def post_upload(request: Request) -> tuple[int, BaseModel]:
    """Load a file, or only check it."""
    caller = await _caller(request)
    if not allowed_somewhere(caller.actor, Permission.UPLOAD):
        raise Forbidden(Permission.UPLOAD, caller.actor.person_id)
    sent = await upload_sent(request)
    request.state.language = sent.form.language or caller.language
    return await run_in_threadpool(_in_turn, caller.speaking(sent.form.language), sent)


async def get_upload(request: Request) -> tuple[int, BaseModel]:
    """Say what became of a load."""
    caller = await _caller(request)
    if not allowed_somewhere(caller.actor, Permission.VIEW):
        raise Forbidden(Permission.VIEW, caller.actor.person_id)
    return await run_in_threadpool(lambda: (200, answers.upload(the_store(), _batch(the_store(), request))))


async def post_undo(request: Request) -> tuple[int, BaseModel]:
    """Undo a load, or say what that would do."""
    caller = await _caller(request)
    if not allowed_somewhere(caller.actor, Permission.UNDO_UPLOAD):
        raise Forbidden(Permission.UNDO_UPLOAD, caller.actor.person_id)
    order = await order_sent(request)
    request.state.language = order.language or caller.language
    return await run_in_threadpool(_undo, request, caller.speaking(order.language), order)


# --- who is asking ----------------------------------------------------------------------------------------------


async def _caller(request: Request) -> Caller:
    """Find whose token a request carries. Cookies count for nothing here: no other site can borrow them."""
    scheme, _, rest = request.headers.get("authorization", "").partition(" ")
    text = rest.strip() if scheme.lower() == "bearer" else ""
    try:
        token, actor = await run_in_threadpool(bearer, the_store(), text)
    except TokenRefused as refused:
        if wait := failures_allowed.wait(request.client.host if request.client else ""):
            raise TooOften(wait) from refused
        raise Unauthorised(refused.code if text else "missing") from refused
    if wait := requests_allowed.wait(token.id):
        raise TooOften(wait)
    accept = request.headers.get("accept-language")
    asked = known_language(request.query_params.get("lang"))
    request.state.language = pick_language(asked=asked or _accepted(accept), person=actor.language)
    return Caller(actor, request.state.language)


def _accepted(accept: str | None) -> Language | None:
    """Give the language of an Accept-Language header, when it names one of ours."""
    in_french, in_english = pick_language(accept=accept), pick_language(accept=f"{accept or ''},en;q=0.001")
    return in_french if in_french == in_english else None


def _language(request: Request) -> Language:
    known: Language | None = getattr(request.state, "language", None)
    return known or pick_language(asked=request.query_params.get("lang"), accept=request.headers.get("accept-language"))


# --- loading ----------------------------------------------------------------------------------------------------


def _in_turn(caller: Caller, sent: Sent) -> tuple[int, BaseModel]:
    with reading_turns.taken(caller.actor.person_id or "", patience=PATIENCE_SECONDS):
        return _taken_in(the_store(), caller, sent)


def _taken_in(store: Store, caller: Caller, sent: Sent) -> tuple[int, BaseModel]:
    form, language = sent.form, caller.language
    choices = _choices(form.choices)
    refuse_large(len(form.file), caps())
    if choices == Choices() and not form.check:
        before = ingest.seen_before(store, ingest.hash_of(form.file))
        if before is not None:
            line = summary.unchanged_line(sent.file_name, ingest.day_loaded(before, store), language)
            upload = answers.upload(store, before)
            return 200, Loaded(outcome="unchanged", file=sent.file_name, lines=[line], upload=upload)
    try:
        with store.read() as cursor:
            choices = with_site_ids(choices, cursor)
        understanding = ingest.understand(form.file, sent.file_name, store, caller.actor, choices)
    except Refusal as refusal:
        raise RefusedFile(refusal, sent.file_name) from refusal
    if form.check:
        return 200, _checked(store, understanding, sent, language)
    try:
        report = ingest.load(
            understanding,
            store,
            caller.actor,
            register=form.register_sites,
            reason=form.reason,
            leave_out=form.leave_out,
        )
    except Refusal as refusal:
        raise RefusedFile(refusal, sent.file_name, understanding) from refusal
    return _loaded(store, report, sent, language)


def _loaded(store: Store, report: LoadReport, sent: Sent, language: Language) -> tuple[int, BaseModel]:
    lines = summary.understood_lines(report.understanding, language) if report.changed else []
    body = Loaded(
        outcome="loaded" if report.changed else "unchanged", file=sent.file_name,
        lines=[*lines, *summary.loaded_lines(report, language)], upload=answers.upload(store, report.batch),
        understood=answers.understood(report.understanding, language),
    )  # fmt: skip
    return (201 if report.changed else 200), body


def _checked(store: Store, understanding: Understanding, sent: Sent, language: Language) -> BaseModel:
    problem = None
    try:
        ingest.refuse_unready(understanding, register=sent.form.register_sites, leave_out=sent.form.leave_out)
        answers.refuse_others_sites(understanding)
    except Refusal as refusal:
        problem = answers.refused(refusal, sent.file_name, language, understanding)
    seen = ingest.preview(understanding, store)
    same, restated = (seen.same, len(seen.restated)) if seen else (0, 0)
    new = understanding.interpretation.n_observations - same - restated
    return Checked(
        file=sent.file_name, lines=summary.understood_lines(understanding, language), ready=problem is None,
        problem=problem, comparison=Comparison(new=new, same=same, restated=restated),
        understood=answers.understood(understanding, language),
    )  # fmt: skip


def _choices(text: str) -> Choices:
    try:
        return Choices.model_validate_json(text or "{}")
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(["choices", *map(str, first["loc"])])
        raise BadBody(400, "bad_field", field=place, found=str(first.get("input", ""))[:80]) from error


def _undo(request: Request, caller: Caller, order: UndoOrder) -> tuple[int, BaseModel]:
    store = the_store()
    batch = _batch(store, request)
    return 200, answers.undone(store, caller.actor, batch, order, caller.language)


def _batch(store: Store, request: Request) -> Batch:
    with store.read() as cursor:
        batch = records.one(cursor, Batch, request.path_params["id"])
    if batch is None:
        raise NoSuchUpload
    return batch


# --- what goes wrong --------------------------------------------------------------------------------------------


def _problem(error: Exception, language: Language) -> tuple[int, Problem, dict[str, str]]:
    """Give the status, the words and the headers of whatever went wrong."""
    match error:
        case RefusedFile():
            body = answers.refused(error.refusal, error.file_name, language, error.understanding)
            return answers.status_of(error.refusal), body, {}
        case Refusal():
            return answers.status_of(error), answers.refused(error, None, language), {}
        case BadBody():
            closing = {"Connection": "close"} if error.status in (408, 413) else {}
            return error.status, _said(error.code, language, **error.details), closing
        case Unauthorised():
            return 401, _said(error.code, language), {"WWW-Authenticate": 'Bearer realm="essaim"'}
        case TooOften() | Busy():
            code = "too_often" if isinstance(error, TooOften) else "busy"
            return 429, _said(code, language, seconds=error.seconds), {"Retry-After": str(error.seconds)}
        case NoSuchUpload():
            return 404, _said("no_upload", language), {}
        case _:
            return _refused_by_record(error, language)


def _refused_by_record(error: Exception, language: Language) -> tuple[int, Problem, dict[str, str]]:
    match error:
        case Forbidden():
            sentence = say("shared.error.forbidden_act", language, permission=error.permission)
            return 403, Problem(code="forbidden", sentence=sentence), {}
        case Refused():
            sentence = say(f"refused.{error.code}", language, **error.details)
            return 409, Problem(code=error.code, sentence=sentence), {}
        case Conflict():
            return 409, Problem(code="conflict", sentence=say("shared.error.conflict", language)), {"Retry-After": "1"}
        case OSError() | duckdb.Error():
            return 503, _said("store", language), {"Retry-After": "30"}
        case _:
            return 500, _said("unexpected", language), {}


def _said(code: str, language: Language, **details: Any) -> Problem:
    return Problem(code=code, sentence=say(f"api.refusal.{code}", language, **details))


ROUTES = [
    Route("/api/uploads", answering(post_upload), methods=["POST"]),
    Route("/api/uploads/{id}", answering(get_upload), methods=["GET"]),
    Route("/api/uploads/{id}/undo", answering(post_undo), methods=["POST"]),
]
