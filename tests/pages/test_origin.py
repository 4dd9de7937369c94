"""Where the values of a chart come from: file, place, who and when, what was mended, what stood before."""

from __future__ import annotations

import pytest

from data.metrics import metrics
from data.sites import site_named
from loaders import ingest
from loaders.choices import Choices
from tests.pages.upload_screen import loaded, weekly
from tests.tools.screen import opened, rows, words

METRIC = "pages.cohort.metric"
CAPTION = "The values of this period"


def address(store):
    with store.read() as cursor:
        return {"site": site_named(cursor, "Lyon").id, "metric": metrics(cursor)[0].id, "span": "all", "lang": "en"}


def of_newest_period(store, **query):
    page = opened(METRIC, **{**address(store), **query})
    page.session_state["metric-origin"] = True
    return page.run()


@pytest.mark.accepts("1.14")
def test_a_value_names_its_file_cell_person_and_the_text_that_was_mended(store, keeper):
    mended = ingest.understand(weekly("4,5", "5,5", "6,x"), "delais.csv", store, keeper, Choices(mended={"C4": "6,5"}))
    ingest.load(mended, store, keeper)

    page = of_newest_period(store)

    ((value, file, who, state),) = (row[1:] for row in rows(page, CAPTION))
    assert value == "6.5 d"
    assert file == "delais.csv C4 “délai (j)” · C4: “6,x” is read as “6,5”"
    assert who.startswith("Ana ")
    assert state == "stands"


@pytest.mark.accepts("1.14", "1.12")
def test_a_value_that_changed_shows_the_one_before_it_and_why(store, keeper):
    loaded(store, keeper, weekly("4,5", "5,5"))
    loaded(store, keeper, weekly("4,5", "6,5"), "juste.csv", reason="late orders")

    found = rows(of_newest_period(store), CAPTION)

    assert [(row[1], row[4]) for row in found] == [("6.5 d", "stands late orders"), ("5.5 d", "replaced")]
    assert found[0][2].startswith("juste.csv")


def test_the_origin_is_read_only_once_it_is_opened(store, keeper):
    loaded(store, keeper, weekly("4,5", "5,5"))

    page = opened(METRIC, **address(store))

    assert CAPTION not in words(page)
