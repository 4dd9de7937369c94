"""Whether the app is alive and its store answers, for those who watch it."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.routing import Route

from data.store import the_store


def alive(_: Request) -> JSONResponse:
    """Say that the process serves."""
    return JSONResponse({"status": "alive"})


def ready(_: Request) -> JSONResponse:
    """Say whether the store answers; 503 when it does not."""
    try:
        the_store().data_version()
    except Exception:  # noqa: BLE001 whatever is wrong, the watcher gets an answer
        return JSONResponse({"status": "no store"}, status_code=503)
    return JSONResponse({"status": "ready"})


def nothing_here(_: Request) -> JSONResponse:
    """Answer for addresses of the interface that do not exist."""
    return JSONResponse({"error": "not found"}, status_code=404)


ROUTES = [Route("/health/live", alive), Route("/health/ready", ready)]
CATCH_ALL = [Route("/api/{rest:path}", nothing_here, methods=["GET", "POST", "PUT", "PATCH", "DELETE"])]
