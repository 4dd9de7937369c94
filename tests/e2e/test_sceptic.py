"""Act 5: a sceptic opens the evidence without an account and without script, and finds it as it was published."""

import re
from urllib.request import urlopen

import pytest
from playwright.sync_api import expect

from data.access import actor_for
from data.publications import frozen_files, publications
from data.store import open_store
from pages.admin.demo import truth
from tests.e2e.acting import fits, words_of
from tests.tools.running import running
from tests.tools.worked_example import TODAY, copied

pytestmark = pytest.mark.e2e

SLUG = "e-02-freeze-plan"
SAID = {
    "fr": {
        "before": r"12 jours avant le départ",
        "effect": r"−\d,\d j, soit −\d+,\d %",
        "interval": "intervalle à 95 %",
    },
    "en": {"before": r"12 days before the start", "effect": r"−\d\.\d d, or −\d+\.\d%", "interval": "95% interval"},
}


def frozen(store) -> dict[str, dict[str, bytes]]:
    """The files of every public page, as the record holds them."""
    opened = open_store(str(store))
    try:
        with opened.read() as cursor:
            return {page.slug: frozen_files(cursor, page.id) for page in publications(cursor)}
    finally:
        opened.close()


@pytest.mark.accepts("8.1", "8.5")
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("width", ["desk", "phone"])
def test_the_register_lists_every_trial_whatever_came_out(app, open_page, width, language):
    page = open_page(width, language=language, javascript=False)

    page.goto(f"{app.url}/evidence?lang={language}")

    rows = page.locator("tbody tr")
    expect(rows).to_have_count(len(truth.TRIALS))
    told = words_of(page.locator("main"))
    for word in {"fr": ("a aidé", "nuisible", "abandonné", "sans effet visible", "en cours"),
                 "en": ("helped", "harmful", "abandoned", "no visible effect", "running")}[language]:  # fmt: skip
        assert word in told
    expect(page.locator("html")).to_have_attribute("lang", language)
    assert fits(page)
    assert page.context.cookies() == []


@pytest.mark.accepts("8.1", "8.6", "8.7", "8.9", "5.3")
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("width", ["desk", "phone"])
def test_a_page_opens_without_account_and_script_with_promise_picture_effect_and_data(app, open_page, width, language):
    said = SAID[language]
    page = open_page(width, language=language, javascript=False)
    page.goto(f"{app.url}/evidence?lang={language}")

    page.locator(f"a[href*='{SLUG}']").first.click()

    text = words_of(page.locator("main"))
    assert re.search(said["before"], text)
    assert re.search(said["effect"], text)
    assert said["interval"] in text
    seen = [picture for picture in page.locator("figure svg").all() if picture.is_visible()]
    assert len(seen) == 2, "the series and the effect, each at this width only"
    assert all(picture.bounding_box()["width"] <= page.viewport_size["width"] for picture in seen)
    assert fits(page)
    assert page.locator("script").count() == 0


@pytest.mark.accepts("8.7", "8.3")
def test_the_data_downloaded_are_the_bytes_that_were_frozen(app, open_page, example, tmp_path):
    kept = frozen(copied(example, tmp_path))[SLUG]["data.csv"]
    page = open_page("desk", language="en", javascript=False)
    page.goto(f"{app.url}/evidence/{SLUG}")

    with page.expect_download() as download:
        page.locator("a[href$='data.csv']").first.click()

    assert download.value.path().read_bytes() == kept


@pytest.mark.accepts("8.3")
def test_a_restatement_after_publication_changes_nothing_on_the_page(example, tmp_path, tmp_path_factory):
    store = copied(example, tmp_path)
    before = read_all(store, tmp_path)

    restate(store)

    assert read_all(store, tmp_path) == before


def read_all(store, folder) -> dict[str, bytes]:
    with running(folder=folder, store=store, ESSAIM_TODAY=TODAY.isoformat()) as server:
        names = (f"{SLUG}?lang=fr", f"{SLUG}?lang=en", f"{SLUG}/data.csv", f"{SLUG}/chart.fr.svg")
        found = {}
        for name in names:
            with urlopen(f"{server.url}/evidence/{name}", timeout=30) as answer:
                found[name] = answer.read().replace(server.address.encode(), b"")
        return found


def restate(store) -> None:
    """Load every cycle time of Nantes again, half a day higher."""
    from data import records
    from data.observations import commit_load
    from data.types import Batch

    opened = open_store(str(store))
    try:
        with opened.read() as cursor:
            keeper = actor_for(cursor, "demo-lea", TODAY)
            frame = cursor.execute(
                "SELECT site_id, metric_id, segment, period_start, grain, value + 0.5 AS value, weight "
                "FROM cur WHERE site_id = 'demo-nantes' AND metric_id = 'demo-cycle_time'"
            ).df()
        frame = frame.assign(source_row=range(len(frame)), source_column="B", mark="")
        batch = Batch(id=records.new_id(), file_name="again.csv", file_hash="2" * 64, person_id="demo-lea")
        done = commit_load(opened, keeper, batch=batch, frame=frame, reason="The clock was half a day slow.")
        assert done.n_restated == len(frame)
    finally:
        opened.close()


@pytest.mark.accepts("8.1")
def test_what_is_not_public_stays_behind_the_sign_in(app, open_page):
    page = open_page("desk", language="en")

    page.goto(f"{app.url}/metric?site=demo-nantes&metric=demo-cycle_time&lang=en")

    link = page.locator("a.es-button")
    expect(link).to_be_visible(timeout=30_000)
    assert "/sign-in" in link.get_attribute("href")
    assert "Nantes" not in page.locator("[data-testid=stMain]").inner_text()
