"""What must hold before the app serves, and the words for when it does not."""

from __future__ import annotations

import os

from pydantic import ValidationError

from data.settings import Settings, settings
from data.store import StoreHeld, StoreNewer, StoreProblem
from pages.web.headers import LOOPBACK
from wording import Language, pick_language, say

EXPLAINED = ("store", "memory_limit")  # the settings whose form is said in so many words


class NotServing(ValueError):
    """The settings would open the app to people it cannot tell apart; the code is worded under `web`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def check_serving(chosen: Settings | None = None, address: str | None = None) -> None:
    """Refuse to serve beyond this machine without the firm's sign-in, or in production with settings missing.

    address: where the server listens; None = Streamlit's own setting. Raises NotServing.
    """
    found = chosen or settings()
    listens = address if address is not None else _address()
    signs_in = bool(found.oidc_client_id and found.oidc_metadata_url and found.oidc_client_secret)
    if not signs_in and listens not in LOOPBACK:
        raise NotServing("no_sign_in")
    if _trusted_headers():
        raise NotServing("trusted_headers")
    if found.production and not (signs_in and found.cookie_secret and found.allowed_hosts):
        raise NotServing("production_incomplete")


def sign_in_secrets(chosen: Settings | None = None) -> dict[str, dict[str, str]]:
    """Give Streamlit what its sign-in needs, from our own settings; nothing without them."""
    try:
        found = chosen or settings()
    except ValueError:
        return {}  # the same settings are read again at the start, which then says what is wrong
    if not (found.oidc_client_id and found.oidc_metadata_url and found.oidc_client_secret and found.cookie_secret):
        return {}
    address = (found.public_address or f"http://localhost:{found.port}").rstrip("/")
    return {
        "auth": {
            "redirect_uri": f"{address}/oauth2callback",
            "cookie_secret": found.cookie_secret.get_secret_value(),
            "client_id": found.oidc_client_id,
            "client_secret": found.oidc_client_secret.get_secret_value(),
            "server_metadata_url": found.oidc_metadata_url,
        }
    }


def problem_words(problem: StoreProblem | ValueError, language: Language | None = None) -> str:
    """Say in one line why the app does not start, and what to do."""
    chosen = language or pick_language(
        asked=os.environ.get("ESSAIM_LANGUAGE"), accept=os.environ.get("LANG", "").partition(".")[0]
    )
    if isinstance(problem, StoreHeld):
        return say("shared.error.store_held", chosen, holder=problem.holder)
    if isinstance(problem, StoreNewer):
        return say("shared.error.store_newer", chosen)
    if isinstance(problem, StoreProblem):
        return say("shared.error.store_damaged", chosen)
    if isinstance(problem, ValidationError):
        return _setting_words(problem, chosen)
    return say(f"web.start.{getattr(problem, 'code', 'settings')}", chosen)


def _setting_words(problem: ValidationError, language: Language) -> str:
    """Name the settings that cannot be read; of some, say how they are written."""
    names = [str(part["loc"][0]) for part in problem.errors() if part["loc"]]
    if len(names) == 1 and names[0] in EXPLAINED:
        return say(f"web.start.{names[0]}", language)
    if not names:
        return say("web.start.settings", language)
    return say("web.start.setting", language, names=", ".join(f"ESSAIM_{name}".upper() for name in names))


def _address() -> str:
    from streamlit import config

    return str(config.get_option("server.address") or "")


def _trusted_headers() -> bool:
    from streamlit import config

    return bool(config.get_option("server.trustedUserHeaders"))
