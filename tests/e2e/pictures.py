"""Picture every screen for people to look at: `python -m tests.e2e.pictures FOLDER`, or `make pictures`.

--only NAME      screens by their path, "overview" for the first; also evidence, trial, sign-in
--store NAME     new (nobody registered), empty, 15 (the worked example), 300
--width PIXELS   1440, 390      --scheme light, dark      --language fr, en
Each may be given several times; without it all are made: FOLDER/STORE/SCREEN_WIDTH_SCHEME_LANGUAGE.png
"""

from __future__ import annotations

import argparse
import itertools
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from data.people import people
from data.publications import publications
from data.store import open_store
from pages.screens import SCREENS
from tests.e2e.acting import PHONE, charts_drawn, settled
from tests.tools.chromium import launch_options
from tests.tools.running import running
from tests.tools.stores import filled
from tests.tools.worked_example import READY, TODAY, copied, make

STORES = ("new", "empty", "15", "300")
WIDTHS, SCHEMES, LANGUAGES = ("1440", "390"), ("light", "dark"), ("fr", "en")
HEIGHTS = {"1440": 900, "390": 844}
TALLEST = 12_000
QUERIES = {
    ("15", "metric"): "site=demo-nantes&metric=demo-cycle_time&span=all",
    ("15", "compare"): "metric=demo-cycle_time",
}
PUBLIC = ("evidence", "trial", "sign-in")
OF_NEW = ("overview", "evidence", "sign-in")  # nobody can be signed in there


def screens() -> list[str]:
    return [*(screen.path or "overview" for screen in SCREENS), *PUBLIC]


def fill(name: str, folder: Path) -> Path:
    """Make one of the stores."""
    store = folder / f"{name}.duckdb"
    if name == "15" and os.environ.get(READY):
        return copied(Path(os.environ[READY]), folder)
    if name == "15":
        make(store, folder=folder / "example")
    elif name == "new":
        open_store(str(store)).close()
    else:
        filled(store, 0 if name == "empty" else int(name))
    return store


def read(store: Path) -> tuple[str | None, list[str]]:
    """Return who looks at a store's screens, its first person, and its public pages."""
    opened = open_store(str(store))
    try:
        with opened.read() as cursor:
            return next((p.id for p in people(cursor)), None), [found.slug for found in publications(cursor)]
    finally:
        opened.close()


def addresses(name: str, wanted: list[str], slugs: list[str]) -> Iterator[tuple[str, str]]:
    """Yield the screens of a store with their addresses."""
    for screen in wanted:
        if name == "new" and screen not in OF_NEW:
            continue
        if screen == "trial":
            yield from ((f"trial-{slug}", f"evidence/{slug}?") for slug in slugs)
        else:
            path = "" if screen == "overview" else screen
            yield screen, f"{path}?{QUERIES.get((name, screen), '')}&"


def picture(browser: Browser, url: str, path: Path, *, width: str, scheme: str, language: str) -> None:
    """Open one address and picture the whole of it."""
    page = browser.new_page(
        viewport={"width": int(width), "height": HEIGHTS[width]},
        locale={"fr": "fr-FR", "en": "en-GB"}[language],
        color_scheme=scheme,
        user_agent=PHONE if width == "390" else None,
    )
    try:
        page.goto(url)
        if page.locator("#root").count():
            unrolled(page, int(width))
        path.parent.mkdir(parents=True, exist_ok=True)
        page.screenshot(path=path, full_page=True)
    finally:
        page.close()


def unrolled(page: Page, width: int) -> None:
    """Wait for an app screen and make the window as tall as it is: Streamlit scrolls inside the window."""
    settled(page)
    charts_drawn(page)
    page.wait_for_timeout(400)
    tall = page.locator("[data-testid=stMain]").evaluate("part => part.scrollHeight")
    page.set_viewport_size({"width": width, "height": min(tall, TALLEST)})
    page.wait_for_timeout(400)


def parsed(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m tests.e2e.pictures", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("folder", type=Path)
    for name, choices in (
        ("only", tuple(screens())), ("store", STORES), ("width", WIDTHS), ("scheme", SCHEMES), ("language", LANGUAGES)
    ):  # fmt: skip
        parser.add_argument(f"--{name}", action="append", choices=choices)
    return parser.parse_args(arguments)


def main(arguments: list[str] | None = None) -> int:
    asked = parsed(arguments)
    made = failed = 0
    with tempfile.TemporaryDirectory() as scratch, sync_playwright() as play:
        browser = play.chromium.launch(**launch_options())
        for name in asked.store or STORES:
            folder = Path(scratch) / name
            folder.mkdir()
            store = fill(name, folder)
            person, slugs = read(store)
            known = {"ESSAIM_PERSON": person} if person else {}
            with running(folder=folder, store=store, ESSAIM_TODAY=TODAY.isoformat(), **known) as app:
                for (screen, address), width, scheme, language in itertools.product(
                    addresses(name, asked.only or screens(), slugs),
                    asked.width or WIDTHS, asked.scheme or SCHEMES, asked.language or LANGUAGES,
                ):  # fmt: skip
                    path = asked.folder / name / f"{screen}_{width}_{scheme}_{language}.png"
                    try:
                        picture(
                            browser,
                            f"{app.url}/{address}lang={language}",
                            path,
                            width=width,
                            scheme=scheme,
                            language=language,
                        )
                        made += 1
                    except Exception as problem:  # noqa: BLE001 one screen that fails must not keep the others unseen
                        failed += 1
                        print(f"{path}: {problem}", file=sys.stderr)
        browser.close()
    print(f"{made} pictures in {asked.folder}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
