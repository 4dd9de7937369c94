"""Take the guides' pictures of the real screens: `python -m tests.e2e.guide_pictures [--language fr|en] [--only NAME]`.

Each is docs/pictures/NAME_LANGUAGE.png, 1440 pixels wide and as tall as PICTURES says, of a new worked example.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import Page, expect, sync_playwright

from data import source_runs
from data.access import actor_for
from data.publications import publications
from data.source_runs import SourceRun
from data.sources import link_source
from data.store import open_store
from data.types import RunOutcome
from tests.e2e.acting import PATIENCE_MS, charts_drawn, opened, settled
from tests.tools.chromium import launch_options
from tests.tools.running import ROOT, running
from tests.tools.worked_example import TODAY, make

FOLDER = ROOT / "docs/pictures"
WIDTH = 1440
PICTURES = {
    "overview": 1480, "metric": 1180, "compare": 1060, "evidence": 1500, "upload": 1300, "check": 1180, "mending": 1240,
    "sources": 900, "quality": 1180, "between": 1500, "rollout": 2300, "key-results": 1300, "experiment": 1900,
    "practices": 1300,
}  # fmt: skip
KEEPER = "demo-lea"
HEADS = {
    "fr": "Site;Semaine du;Incidents critiques;Satisfaction client (/10);Respect du planning (%)",
    "en": "Site;Week of;Critical incidents;Customer satisfaction (/10);Schedule adherence (%)",
}
ROWS = ("Dijon;04/05/2026;1;8,6;89,2", "Dijon;11/05/2026;2;84;9o,1", "Dijon;18/05/2026;0;8,7;91,0", "Total;;3;;")
SOURCES = {
    "fr": (("Mesures de Lyon", "demo-lyon"), ("Planning de Metz", "demo-metz"), ("ERP de Nantes", "demo-nantes")),
    "en": (("Lyon measurements", "demo-lyon"), ("Metz planning", "demo-metz"), ("Nantes ERP", "demo-nantes")),
}
PLACES = (
    {"kind": "s3", "address": "s3://exports-lyon/semaines/", "schedule": "weekly mon 06:30"},
    {"kind": "http", "address": "https://planning.example.org/metz.csv", "schedule": "weekly mon 07:00"},
    {"kind": "sql", "address": "postgresql://lecture@erp.example.org/mesures",
     "query": "SELECT jour, site, delai FROM mesures", "schedule": "weekly tue 06:00"},
)  # fmt: skip
RUNS = (
    {"outcome": RunOutcome.LOADED, "n_files": 1, "n_new": 63},
    {"outcome": RunOutcome.UNCHANGED},
    {"outcome": RunOutcome.FAULT, "code": "unreachable", "details": {"host": "erp.example.org"}},
)


def prepared(folder: Path, language: str) -> tuple[Path, str]:
    """Make the worked example, link three sources as they would be after a run; return the store and a public page."""
    store = folder / "essaim.duckdb"
    make(store, folder=folder, language=language)
    record = open_store(str(store))
    try:
        with record.read() as cursor:
            keeper, slug = actor_for(cursor, KEEPER, TODAY), publications(cursor)[0].slug
        for (name, site_id), place, run in zip(SOURCES[language], PLACES, RUNS, strict=True):
            source = link_source(record, keeper, name=name, site_id=site_id, **place)
            now = record.now()
            source_runs.note_run(record, SourceRun(source.id, now, now, **run))
    finally:
        record.close()
    return store, slug


def bring(page: Page, file: Path) -> None:
    """Give the upload screen a file, and wait for what was understood."""
    page.locator("input[type=file]").set_input_files(file)
    expect(page.locator(".st-key-upload-right button")).to_be_visible(timeout=PATIENCE_MS)


def press(page: Page, key: str) -> None:
    page.locator(f".st-key-{key} button").first.press("Enter")


def shown(page: Page, url: str, name: str, language: str, slug: str, file: Path) -> None:
    """Bring a page to what one picture shows."""
    addresses = {
        "overview": "", "metric": "metric?site=demo-nantes&metric=demo-cycle_time&span=all",
        "compare": "compare?metric=demo-cycle_time", "between": "between?metric=demo-errors",
        "experiment": "experiments?experiment=E-02", "check": "upload", "mending": "upload",
    }  # fmt: skip
    address = addresses.get(name, name)
    if name == "evidence":
        page.goto(f"{url}/evidence/{slug}?lang={language}")
        return
    opened(page, f"{url}/{address}{'&' if '?' in address else '?'}lang={language}")
    if name in ("upload", "check", "mending"):
        bring(page, file)
    if name in ("check", "mending"):
        press(page, "upload-right")
        expect(page.locator(".st-key-upload-mend-first button")).to_be_visible(timeout=PATIENCE_MS)
    if name == "mending":
        press(page, "upload-mend-first")
        expect(page.locator("[class*=st-key-upload-mend-] input").first).to_be_visible(timeout=PATIENCE_MS)
    settled(page)
    charts_drawn(page)
    page.mouse.move(0, 0)
    page.wait_for_timeout(800)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.e2e.guide_pictures", description=__doc__)
    parser.add_argument("--language", action="append", choices=tuple(HEADS))
    parser.add_argument("--only", action="append", choices=tuple(PICTURES))
    asked = parser.parse_args(arguments)
    os.environ["ESSAIM_TODAY"] = TODAY.isoformat()
    with sync_playwright() as play:
        browser = play.chromium.launch(**launch_options())
        for language in asked.language or HEADS:
            with tempfile.TemporaryDirectory() as scratch:
                store, slug = prepared(Path(scratch), language)
                file = Path(scratch) / {"fr": "dijon_mai.csv", "en": "dijon_may.csv"}[language]
                file.write_text("\n".join([HEADS[language], *ROWS]) + "\n", encoding="utf-8")
                with running(folder=Path(scratch), store=store, ESSAIM_PERSON=KEEPER) as app:
                    for name in asked.only or PICTURES:
                        page = browser.new_page(
                            viewport={"width": WIDTH, "height": PICTURES[name]}, color_scheme="light",
                            locale={"fr": "fr-FR", "en": "en-GB"}[language],
                        )  # fmt: skip
                        shown(page, app.url, name, language, slug, file)
                        page.screenshot(path=FOLDER / f"{name}_{language}.png")
                        page.close()
        browser.close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
