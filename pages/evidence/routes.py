"""The public addresses: the register, the frozen pages, their files. No account, no script, no cookie."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import io
import json
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from data.publications import content_hash, frozen_files, publication
from data.store import the_store
from data.types import Publication
from pages.evidence.frozen import DOWNLOADS, TEMPLATES
from pages.evidence.register import any_synthetic, counts, heading, register_rows
from pages.web.reading import language_of
from wording import Language, date_, known_language, number, say

HERE = Path(__file__).parent
STATIC = HERE.parent / "static"
KEPT = "public, max-age=60"
CSV_TYPE, SVG_TYPE = "text/csv; charset=utf-8", "image/svg+xml"


def register(request: Request) -> Response:
    """Show every registered trial with the counts of what they came to."""
    store, language = the_store(), language_of(request)
    version = f"{store.data_version()}-{store.today()}"
    tag = _tag(version, language)
    if _known(request, tag):
        return _unchanged(tag)
    with store.read() as cursor:
        rows = register_rows(cursor, language)
        synthetic = any_synthetic(cursor)
    title = heading(rows, language)
    body = _render(
        "register.html", language, title=f"{say('evidence.site', language)}", heading=title, rows=rows,
        counts=counts(rows, language), synthetic=synthetic, today=date_(store.today(), language),
    )  # fmt: skip
    return HTMLResponse(body, headers=_kept(tag))


def page(request: Request) -> Response:
    """Show one page as it was frozen."""
    language = language_of(request)
    return _serve(request, language, lambda found, files: HTMLResponse(_page(request, found, files, language)))


def lone_page(request: Request) -> Response:
    """Give one page as a single file that opens without the app: style, fonts, pictures and data inside."""
    language = known_language(request.path_params["language"])
    if language is None:
        return _missing(language_of(request))

    def answer(found: Publication, files: dict[str, bytes]) -> Response:
        body = _page(request, found, files, language, alone=True)
        return HTMLResponse(body, headers=_attached(f"{found.slug}.{language}.html"))

    return _serve(request, language, answer)


def data_file(request: Request) -> Response:
    """Give the data behind a page."""

    def answer(found: Publication, files: dict[str, bytes]) -> Response:
        return Response(files["data.csv"], headers=_attached(f"{found.slug}.csv"), media_type=CSV_TYPE)

    return _serve(request, language_of(request), answer)


def frozen_archive(request: Request) -> Response:
    """Give the very files that were frozen, so that anyone can compute the hash again (data.publications.content_hash)."""

    def answer(found: Publication, files: dict[str, bytes]) -> Response:
        archive = io.BytesIO()
        with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED) as folder:
            for name in sorted(files):
                folder.writestr(zipfile.ZipInfo(name), files[name])
        return Response(archive.getvalue(), headers=_attached(f"{found.slug}.zip"), media_type="application/zip")

    return _serve(request, language_of(request), answer)


def picture(request: Request) -> Response:
    """Give the picture of a page."""
    language = language_of(request)

    def answer(_: Publication, files: dict[str, bytes]) -> Response:
        content = files.get(f"chart.{request.path_params['language']}.svg")
        return _missing(language) if content is None else Response(content, media_type=SVG_TYPE)

    return _serve(request, language, answer)


def stylesheet(request: Request) -> Response:
    """Give the public pages' one stylesheet."""
    tag = _tag(_shell_version(), "css")
    if _known(request, tag):
        return _unchanged(tag)
    return Response(_style(), media_type="text/css", headers=_kept(tag))


def nothing_here(request: Request) -> Response:
    """Say that nothing stands at an address."""
    return _missing(language_of(request))


def _serve(
    request: Request, language: Language, answer: Callable[[Publication, dict[str, bytes]], Response]
) -> Response:
    with the_store().read() as cursor:
        found = publication(cursor, request.path_params["slug"])
        if found is None:
            return _missing(language)
        if found.withdrawn_on is not None:
            return _withdrawn(found, language)
        files = frozen_files(cursor, found.id)
    if content_hash(files) != found.content_hash:
        return _notice(language, 500, "evidence.notice.damaged", [say("evidence.notice.damaged_why", language)])
    tag = _tag(found.content_hash, language)
    if _known(request, tag):
        return _unchanged(tag)
    response = answer(found, files)
    if response.status_code == 200:
        response.headers.update(_kept(tag))
    return response


def _page(
    request: Request, found: Publication, files: dict[str, bytes], language: Language, *, alone: bool = False
) -> str:
    facts = json.loads(files["facts.json"])
    links = TEMPLATES.get_template("downloads.html").render(
        say=_said(language), slug=found.slug, **_links(found, files, language, alone=alone)
    )
    content = files[f"content.{language}.html"].decode().replace(DOWNLOADS, links)
    return _render(
        "page.html", language, alone=alone,
        title=found.title_fr if language == "fr" else found.title_en,
        content=Markup(content),
        published_on=date_(dt.date.fromisoformat(facts["published_on"]), language),
        data_date=date_(found.data_date, language),
        hash=_grouped(found.content_hash),
        slug=found.slug,
        plan_hash=_grouped(facts["plan_hash"]),
        method=say(f"evidence.facts.method.{found.method_version.split('_')[0].split()[0]}", language,
                   version=found.method_version),
        code=found.code_version,
        address=str(request.url.replace(query="", path=f"/evidence/{found.slug}")),
    )  # fmt: skip


def _links(found: Publication, files: dict[str, bytes], language: Language, *, alone: bool) -> dict[str, str]:
    size = number(max(1, round(len(files["data.csv"]) / 1024)), language)
    drawn = files.get(f"chart.{language}.svg")
    if alone:
        inside = _inside(files["data.csv"], "text/csv")
        return {"size": size, "data": inside, "picture": _inside(drawn, SVG_TYPE) if drawn else "", "alone": ""}
    base = f"/evidence/{found.slug}"
    chart = f"{base}/chart.{language}.svg" if drawn else ""
    return {"size": size, "data": f"{base}/data.csv", "picture": chart, "alone": f"{base}/page.{language}.html"}


def _withdrawn(found: Publication, language: Language) -> Response:
    title = found.title_fr if language == "fr" else found.title_en
    day = date_(found.withdrawn_on, language) if found.withdrawn_on else ""
    lines = [
        say("evidence.notice.withdrawn_on", language, date=day),
        say("evidence.notice.withdrawn_why", language, reason=found.withdrawn_reason),
        title,
    ]
    return _notice(language, 410, "evidence.notice.withdrawn", lines)


def _missing(language: Language) -> Response:
    return _notice(language, 404, "shared.error.not_found", [say("evidence.notice.missing", language)])


def _notice(language: Language, status: int, code: str, lines: list[str]) -> Response:
    body = _render("notice.html", language, title=say(code, language), lines=lines)
    return HTMLResponse(body, status, headers={"Cache-Control": "no-cache", "Vary": "Accept-Language"})


def _render(template: str, language: Language, *, alone: bool = False, **values: object) -> str:
    style = Markup(_style(inside=True)) if alone else ""
    return TEMPLATES.get_template(template).render(say=_said(language), language=language, style=style, **values)


def _said(language: Language) -> Callable[..., str]:
    return lambda code, **args: say(code, language, **args)


@cache
def _style(*, inside: bool = False) -> str:
    text = (HERE / "style.css").read_text(encoding="utf-8")
    if not inside:
        return text
    for font in sorted(STATIC.glob("*-normal.woff2")):
        text = text.replace(f"/app/static/{font.name}", _inside(font.read_bytes(), "font/woff2"))
    return text


@cache
def _shell_version() -> str:
    """Hash what surrounds the frozen content, so that browsers notice when it changes."""
    digest = hashlib.sha256(_style().encode())
    for path in sorted((HERE / "templates").glob("*.html")):
        digest.update(path.read_bytes())
    return digest.hexdigest()[:16]


def _inside(content: bytes, kind: str) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def _grouped(digest: str) -> str:
    return " ".join(digest[start : start + 16] for start in range(0, len(digest), 16))


def _tag(version: str, language: str) -> str:
    return f'"{hashlib.sha256(f"{version}-{language}-{_shell_version()}".encode()).hexdigest()[:32]}"'


def _known(request: Request, tag: str) -> bool:
    return tag in {known.strip().removeprefix("W/") for known in request.headers.get("if-none-match", "").split(",")}


def _unchanged(tag: str) -> Response:
    return Response(status_code=304, headers=_kept(tag))


def _kept(tag: str) -> dict[str, str]:
    return {"ETag": tag, "Cache-Control": KEPT, "Vary": "Accept-Language"}


def _attached(name: str) -> dict[str, str]:
    return {"Content-Disposition": f'attachment; filename="{name}"'}


ROUTES = [
    Route("/evidence", register),
    Route("/evidence/", register),
    Route("/evidence/style.css", stylesheet),
    Route("/evidence/{slug}", page),
    Route("/evidence/{slug}/data.csv", data_file),
    Route("/evidence/{slug}/frozen.zip", frozen_archive),
    Route("/evidence/{slug}/chart.{language}.svg", picture),
    Route("/evidence/{slug}/page.{language}.html", lone_page),
    Route("/evidence/{rest:path}", nothing_here, methods=["GET", "POST", "PUT", "PATCH", "DELETE"]),
]
