"""What a plain page knows of its reader: the language."""

from __future__ import annotations

from starlette.requests import Request

from wording import Language, pick_language


def language_of(request: Request) -> Language:
    """Return the reader's language: the address, then the browser's."""
    return pick_language(asked=request.query_params.get("lang"), accept=request.headers.get("accept-language"))
