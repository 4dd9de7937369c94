"""A cell mended before the load: read by the same rules, re-checked, and known afterwards for what it was."""

from __future__ import annotations

import datetime as dt
import io
import json

import openpyxl
import pytest

from data.batches import batches
from data.lineage import provenance
from data.metrics import metrics
from data.observations import metric_series
from data.sites import sites
from data.store import open_store
from data.types import Grain
from loaders import ingest
from loaders.choices import Choices
from loaders.grid import Grid, Kind, Refusal
from loaders.mended import Mend, cell_text, heading_of, mended_grid, mends_of, place_of
from loaders.summary import refused_sentence

FAULTY = "semaine;site;délai (j)\n2026-01-05;Lyon;4,5\n2026-01-12;Lyon;oui\n2026-01-19;Lyon;5,5\n".encode()


@pytest.fixture
def store(tmp_path):
    opened = open_store(str(tmp_path / "essaim.duckdb"))
    yield opened
    opened.close()


def test_a_text_takes_the_place_of_a_cell_and_the_grid_that_came_stays():
    came = Grid.of([["Site", "Jan", "Feb"], ["Lyon", 12.5, "oui"], ["Nice", None, 3]])

    mended = mended_grid(came, {"C2": "4", "B3": "7", "B2": ""})

    assert mended.rows() == [["Site", "Jan", "Feb"], ["Lyon", None, "4"], ["Nice", "7", "3"]]
    assert [mended.kind(1, 1), mended.kind(1, 2), mended.kind(2, 1)] == [Kind.EMPTY, Kind.TEXT, Kind.TEXT]
    assert came.text(1, 1) == "12.5"
    assert mends_of(came, {"C2": "4"}) == (Mend("C2", "oui", "4"),)


def test_a_cell_that_a_workbook_shows_in_per_cent_is_mended_as_what_it_says():
    book = openpyxl.Workbook()
    for row in (["mois", "site", "taux"], ["2026-01", "Lyon", 0.95], ["2026-02", "Lyon", 0.9]):
        book.active.append(row)
    for cell in ("C2", "C3"):
        book.active[cell].number_format = "0.0%"
    written = io.BytesIO()
    book.save(written)

    found = ingest.understand(written.getvalue(), "taux.xlsx", choices=Choices(mended={"C3": "91,5 %"}))

    assert found.interpretation.observations["value"].tolist() == [95.0, 91.5]


@pytest.mark.parametrize("place", ["D2", "A9", "A0", "a1", "Sheet1!A1", "B", "A1;DROP", "ZZZZ1"])
def test_a_place_that_the_sheet_does_not_have_is_refused_by_name(place):
    with pytest.raises(Refusal) as refused:
        mended_grid(Grid.of([["Site", "Jan", "Feb"], ["Lyon", 1, 2]]), {place: "1"})

    assert refused.value.code == "no_such_cell"
    assert refused_sentence(refused.value, "en").startswith(f"There is no cell {place[:20]} in this sheet")


def test_a_text_longer_than_a_cell_should_be_is_refused():
    with pytest.raises(Refusal) as refused:
        mended_grid(Grid.of([["Site"], ["Lyon"]]), {"A2": "x" * 1001})

    assert "at most 1,000 characters" in refused_sentence(refused.value, "en")


def test_the_line_of_a_delimited_file_is_found_by_its_own_number():
    blank = b"semaine;site;n\n\n2026-01-05;Lyon;4\n\n2026-01-12;Lyon;oui\n"

    found = ingest.understand(blank, "n.csv", choices=Choices(mended={"C5": "6"}))

    assert found.interpretation.observations["value"].tolist() == [4.0, 6.0]
    assert not found.interpretation.errors
    assert found.mends == (Mend("C5", "oui", "6"),)


@pytest.mark.accepts("1.8")
def test_a_mended_cell_is_checked_again_like_any_other():
    before = ingest.understand(FAULTY, "delais.csv")
    still = ingest.understand(FAULTY, "delais.csv", choices=Choices(mended={"C3": "non"}))
    after = ingest.understand(FAULTY, "delais.csv", choices=Choices(mended={"C3": "5,0"}))

    assert [place_of(fault, before.interpretation) for fault in before.interpretation.errors] == ["C3"]
    assert heading_of(before.interpretation, "C3") == "délai (j)"
    assert cell_text(before.grid, "C3") == "oui"
    assert [fault.found for fault in still.interpretation.errors] == ["non"]
    assert not after.interpretation.errors
    assert after.interpretation.observations["value"].tolist() == [4.5, 5.0, 5.5]


def test_a_fault_of_a_site_stands_in_the_column_that_names_sites(store, keeper):
    ingest.load(ingest.understand(FAULTY, "delais.csv", store, keeper), store, keeper, leave_out=True)
    other = FAULTY.replace(b"2026-01-12;Lyon;oui", b"2026-01-12;Lyonn;7")

    found = ingest.understand(other, "delais.csv", store, keeper).interpretation

    assert {fault.code: place_of(fault, found) for fault in found.errors} == {"unknown_site": "B3"}


@pytest.mark.accepts("1.8", "1.14")
def test_a_mend_is_kept_with_its_load_and_named_by_the_value_it_made(store, keeper):
    mended = ingest.understand(FAULTY, "delais.csv", store, keeper, Choices(mended={"C3": "5,0"}))

    report = ingest.load(mended, store, keeper)

    with store.read() as cursor:
        kept = batches(cursor)[-1]
        place = {"site_id": sites(cursor)[0].id, "metric_id": metrics(cursor)[0].id, "grain": Grain.WEEK}
        values = metric_series(cursor, site_id=place["site_id"], metric_id=place["metric_id"]).values.tolist()
        of_mended = provenance(cursor, **place, period_start=dt.date(2026, 1, 12))
        of_another = provenance(cursor, **place, period_start=dt.date(2026, 1, 5))
    assert kept.id == report.batch.id
    assert json.loads(kept.mended) == {"C3": ["oui", "5,0"]}
    assert values == [4.5, 5.0, 5.5]
    assert of_mended[0].mended == {"C3": ("oui", "5,0")}
    assert of_another[0].mended == {}


@pytest.mark.accepts("1.11")
def test_the_same_bytes_mended_otherwise_are_another_load(store, keeper):
    first = ingest.understand(FAULTY, "delais.csv", store, keeper, Choices(mended={"C3": "5,0"}))
    ingest.load(first, store, keeper)

    again = ingest.understand(FAULTY, "delais.csv", store, keeper, Choices(mended={"C3": "5,0"}))
    otherwise = ingest.understand(FAULTY, "delais.csv", store, keeper, Choices(mended={"C3": "5,1"}))
    plain = ingest.understand(FAULTY, "delais.csv", store, keeper)

    assert again.loaded_before is not None
    assert otherwise.loaded_before is None
    assert plain.choices.mended == {}  # a mend is of one file: it is not remembered for the next
