"""Picking who one is on this machine, where the firm's sign-in is not set up: plain pages, no script."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

from jinja2 import Environment, FileSystemLoader
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from data import records
from data.access import Refused
from data.people import assignments_of, first_person, people
from data.settings import settings
from data.store import the_store
from data.types import Person
from pages.web import signing
from pages.web.reading import language_of
from wording import Language, known_language, say, state

TEMPLATES = Path(__file__).parent / "templates"
PAGES = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True)
LARGEST_FORM = 4096


def choices(request: Request) -> Response:
    """Show the people of the register, or the form for the first of them."""
    if settings().oidc_client_id:
        return RedirectResponse("/", 303)
    language = language_of(request)
    with the_store().read() as cursor:
        known = [person for person in people(cursor) if not person.disabled]
        listed = [(person, _roles(assignments_of(cursor, person.id), language)) for person in known]
    return _page(
        "sign_in.html",
        language,
        people=sorted(listed, key=lambda entry: entry[0].name.casefold()),
        signed_in=signing.COOKIE in request.cookies,
    )


async def pick(request: Request) -> Response:
    """Remember the person picked in a signed cookie of this browser."""
    form = await _form(request)
    return await run_in_threadpool(_pick, request, form)


def _pick(request: Request, form: dict[str, str]) -> Response:
    store = the_store()
    with store.read() as cursor:
        person = records.one(cursor, Person, form.get("person", ""))
    if settings().oidc_client_id or person is None or person.disabled:
        return _page("sign_in.html", language_of(request), status=403, people=[], problem="shared.sign_in.unknown")
    return _signed_in(person)


async def found(request: Request) -> Response:
    """Register the first person of an empty register."""
    form = await _form(request)
    return await run_in_threadpool(_found, request, form)


def _found(request: Request, form: dict[str, str]) -> Response:
    language = known_language(form.get("language")) or language_of(request)
    if settings().oidc_client_id:
        return _page("sign_in.html", language, status=403, people=[], problem="shared.error.forbidden")
    try:
        person = first_person(the_store(), form.get("name", ""), language=language)
    except Refused as refusal:
        return _page("sign_in.html", language, status=400, people=[], problem=f"refused.{refusal.code}")
    return _signed_in(person)


def leave(request: Request) -> Response:
    """Forget who was picked in this browser."""
    answer = RedirectResponse("/sign-in", 303)
    if same_origin(request):
        answer.delete_cookie(signing.COOKIE, httponly=True, samesite="strict")
    return answer


def stylesheet(_: Request) -> Response:
    """Give what this page adds to the public pages' stylesheet."""
    return FileResponse(TEMPLATES / "sign_in.css", media_type="text/css")


def same_origin(request: Request) -> bool:
    """Tell whether a form was sent from our own pages."""
    origin = request.headers.get("origin")
    return origin is None or urlsplit(origin).netloc == request.headers.get("host")


async def _form(request: Request) -> dict[str, str]:
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LARGEST_FORM:
            return {}
    if not same_origin(request):
        return {}
    fields = parse_qs(body.decode("utf-8", "replace"), keep_blank_values=True)
    return {name: values[0] for name, values in fields.items()}


def _signed_in(person: Person) -> Response:
    answer = RedirectResponse("/", 303)
    answer.set_cookie(
        signing.COOKIE,
        signing.sign(person.id, the_store().now()),
        max_age=int(signing.LIFETIME.total_seconds()),
        httponly=True,
        samesite="strict",
        secure=settings().production,
    )
    return answer


def _roles(held: list[Any], language: Language) -> str:
    return ", ".join(dict.fromkeys(state(assignment.role, language) for assignment in held))


def _page(name: str, language: Language, *, status: int = 200, **values: object) -> HTMLResponse:
    def words(code: str, **args: object) -> str:
        return say(code, language, **args)

    body = PAGES.get_template(name).render(
        say=words, language=language, **{"problem": None, "signed_in": False, **values}
    )
    return HTMLResponse(body, status, headers={"Cache-Control": "no-store"})


ROUTES = [
    Route("/sign-in", choices),
    Route("/sign-in/style.css", stylesheet),
    Route("/sign-in", pick, methods=["POST"]),
    Route("/sign-out", leave, methods=["POST"]),
    Route("/first-person", found, methods=["POST"]),
]
