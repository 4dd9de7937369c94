"""The upload screen as tests drive it: a file given, buttons pressed, words read; long work is waited for."""

from __future__ import annotations

import re
import time

from streamlit.testing.v1 import AppTest

from data.access import actor_for
from loaders import ingest

PATIENCE_SECONDS = 30
HEAD = "semaine;site;délai (j)"
WEEKS = ("2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26")


def actor(store, person_id):
    with store.read() as cursor:
        return actor_for(cursor, person_id, store.today())


def weekly(*values, site="Lyon"):
    return "\n".join([HEAD, *(f"{w};{site};{v}" for w, v in zip(WEEKS, values, strict=False))]).encode()


def loaded(store, keeper, data, name="delais.csv", **how):
    return ingest.load(ingest.understand(data, name, store, keeper), store, keeper, **how)


def screen():
    from pages.keepers import upload

    upload.render()


def opened(language="en", **query) -> AppTest:
    shown = AppTest.from_function(screen, default_timeout=PATIENCE_SECONDS)
    shown.query_params["lang"] = language
    for name, value in query.items():
        shown.query_params[name] = value
    return ran(shown)


def ran(shown):
    """Run the page until no work is under way."""
    until = time.monotonic() + PATIENCE_SECONDS
    run(shown)
    while at_work(shown) and time.monotonic() < until:
        run(shown)
    return shown


def run(shown):
    """Run the page once, as it is seen while work goes on."""
    shown.run()
    assert not shown.exception, shown.exception
    return shown


def at_work(shown):
    return "upload-cancel" in {button.key for button in shown.button}


def given(data, name="delais.csv", *, language="en", shown=None):
    shown = shown or opened(language)
    shown.get("file_uploader")[0].upload(name, data)
    return ran(shown)


def press(shown, key):
    shown.button(key=key).click()
    return ran(shown)


def keys(shown):
    return {button.key for button in shown.button}


def markup(shown):
    return " ".join(element.proto.body for element in shown.get("html"))


def text(shown):
    """What the page says, its markup and no-break spaces apart."""
    plain = re.sub(r"<style>.*?</style>|<[^>]+>", " ", markup(shown), flags=re.DOTALL)
    return " ".join(plain.replace("\xa0", " ").split())


def title(shown):
    return re.search(r"<h1[^>]*>(.*?)</h1>", markup(shown))[1].replace("\xa0", " ")
