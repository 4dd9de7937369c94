"""A file made to hurt ends as a refusal that says why, soon and small, and whoever serves goes on serving."""

import datetime as dt
import gzip
import json
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders import limited, workbook
from loaders.caps import Caps
from loaders.files import read_book
from loaders.grid import Refusal
from loaders.ingest import understand
from loaders.kinds import Refused
from tests.loaders.hostile_files import HOSTILE, PAGE
from tests.loaders.sheets_to_write import Page
from tests.loaders.written_books import WRITERS, xlsx

SECONDS, MIB = 2, 300
NAMING_THE_SHEET = {"far_cell", "long_text", "too_many_cells"}


@pytest.fixture(scope="module")
def outcomes():
    root = Path(__file__).parents[2]
    run = subprocess.run(
        [sys.executable, "-m", "tests.loaders.hostile_run"], capture_output=True, check=True, cwd=root, text=True
    )
    return {found["name"]: found for found in map(json.loads, run.stdout.splitlines())}


@pytest.mark.promises("F1")
@pytest.mark.accepts("1.19")
@pytest.mark.parametrize("name", list(HOSTILE))
def test_a_hostile_file_is_refused_within_two_seconds_and_300_mib(outcomes, name):
    found = outcomes[name]
    wanted = HOSTILE[name][1]

    assert found["code"] == wanted
    assert found["seconds"] < SECONDS
    assert found["mib"] < MIB
    assert len(found["fr"].split()) > 8
    assert len(found["en"].split()) > 8
    if wanted in NAMING_THE_SHEET:
        assert "“Mars”" in found["en"]
        assert "« Mars »" in found["fr"].replace("\xa0", " ")


@pytest.mark.promises("F1")
@pytest.mark.parametrize("name", ["a cell far away (xls)", "a cell far away (xlsb)", "a cell far away (xlsx)"])
def test_the_cell_far_away_is_named(outcomes, name):
    last = "IV65536" if "xls)" in name else "XFD1048576"

    assert outcomes[name]["details"]["cell"] == last
    assert last in outcomes[name]["fr"]


@pytest.mark.promises("F1")
def test_a_process_that_refused_a_file_reads_the_next_one():
    for make in (HOSTILE["a cell far away (xlsx)"][0], HOSTILE["one long text in every cell"][0]):
        with pytest.raises(Refusal):
            read_book(make(), limits=Caps())

    assert read_book(xlsx([PAGE]), limits=Caps()).grid.rows() == [["site", "value"], ["Lyon", "1.5"]]


@pytest.mark.promises("F1")
@pytest.mark.parametrize(
    ("name", "code"),
    [
        (name, code)
        for name, (_, code) in HOSTILE.items()
        if code
        in {"far_cell", "xml_entity", "damaged", "long_text", "too_many_parts", "too_many_sheets", "too_many_cells"}
    ],
)
def test_the_reader_itself_gives_the_same_reason(name, code):
    """In this process, where coverage sees it; the searches that bound memory come before anything is opened."""
    data = HOSTILE[name][0]()
    if not data.startswith((b"PK", b"\xd0\xcf")):
        return
    with pytest.raises(Refused) as caught:
        workbook.read(data, {**Caps().model_dump(), "careful": True})

    assert caught.value.code == code


@pytest.mark.promises("F9")
@pytest.mark.parametrize("form", list(WRITERS))
def test_half_a_workbook_is_refused_wherever_it_was_cut(form):
    whole = WRITERS[form]([Page("Data", [[f"site {n}", float(n)] for n in range(300)])])

    for share in range(1, 20):
        with pytest.raises(Refusal) as caught:
            read_book(whole[: len(whole) * share // 20], f"a.{form}", limits=Caps())
        assert caught.value.code in {"damaged", "empty_file"}


@pytest.mark.promises("F9")
def test_half_a_gz_is_refused_wherever_it_was_cut():
    whole = gzip.compress(b"".join(b"2026-01-%02d,Lyon,%d\n" % (n % 28 + 1, n) for n in range(2_000)))

    for share in range(1, 20):
        with pytest.raises(Refusal) as caught:
            read_book(whole[: len(whole) * share // 20], "a.csv.gz", limits=Caps())
        assert caught.value.code == "damaged"


@pytest.mark.promises("F9")
def test_several_gz_members_are_one_file_and_half_the_last_one_is_refused():
    joined = gzip.compress(b"date,site,value\n") + gzip.compress(b"2026-01-01,Lyon,1\n")

    assert read_book(joined, "a.gz", limits=Caps()).grid.n_rows == 2
    with pytest.raises(Refusal, match="damaged"):
        read_book(joined[:-4], "a.gz", limits=Caps())


@pytest.mark.promises("F9")
def test_a_reader_killed_in_the_middle_is_a_refusal_and_the_next_one_reads(monkeypatch):
    data = xlsx([Page("Data", [[float(n)] * 20 for n in range(200)])])
    popen = limited.subprocess.Popen

    def killed(*given, **how):
        reader = popen(*given, **how)
        threading.Timer(0.03, reader.kill).start()  # before it has even imported what it needs
        return reader

    monkeypatch.setattr(limited.subprocess, "Popen", killed)
    with pytest.raises(Refusal) as caught:
        read_book(data, limits=Caps())
    monkeypatch.undo()

    assert caught.value.code == "reader_time"
    assert read_book(data, limits=Caps()).grid.n_rows == 200


ROWS = "".join(f"2026-{month:02}-01,{site},{month + 10}\n" for month in range(1, 13) for site in ("Lyon", "Pau"))


@pytest.mark.promises("F8")
@pytest.mark.parametrize("value", ["NaN", "inf", "-inf", "Infinity", "1e400", "-1e400", "1e308", "0x1F", "1_000"])
def test_no_value_that_is_no_number_reaches_the_record(value):
    found = understand(f"date,site,value\n{ROWS}2027-01-01,Lyon,{value}\n".encode()).interpretation

    assert np.isfinite(found.observations["value"]).all()
    read = len(found.observations) == 25
    assert read or found.faults or found.cells.get("missing", 0)
    assert len(found.observations) >= 24


@pytest.mark.promises("F8")
@pytest.mark.parametrize(
    "day", ["0001-01-01", "9999-12-31", "1900-02-29", "2026-02-30", "2026-13-45", "0000-00-00", "12026-01-01"]
)
def test_no_day_outside_the_calendar_of_the_file_is_taken_for_another(day):
    found = understand(f"date,site,value\n{ROWS}{day},Lyon,5\n".encode()).interpretation

    taken = found.observations["period_start"].dt.date
    assert set(taken[taken > dt.date(2026, 12, 1)]) | set(taken[taken < dt.date(2026, 1, 1)]) <= {
        dt.date(1, 1, 1), dt.date(9999, 12, 31)
    }  # fmt: skip
    assert len(found.observations) == 25 or found.faults


@pytest.mark.promises("F8")
def test_days_on_which_clocks_change_are_days_like_others():
    days = ["2026-03-29 02:30:00", "2026-10-25 02:30:00", "2026-03-28 23:59:59"]
    pages = [Page("Data", [["date", "value"], *[[dt.datetime.fromisoformat(day), 1.0] for day in days]])]

    grid = read_book(xlsx(pages), limits=Caps()).grid

    assert [str(day).replace("T", " ") for day in grid.dates(0)[1:]] == days


@pytest.mark.promises("F1")
def test_thousands_of_columns_are_looked_at_together():
    names = ["id", *(f"q{n:05}" for n in range(9_000))]
    rows = [names, *([f"a{row}", *(f"{n * row % 7},{row} ms?" for n in range(9_000))] for row in range(4))]
    data = "\n".join("\t".join(row) for row in rows).encode()

    started = time.process_time()
    with pytest.raises(Refusal) as caught:
        understand(data)

    assert caught.value.code in {"no_header", "no_period", "no_values"}
    assert time.process_time() - started < 4


def test_nul_bytes_in_cells_are_text_like_any_other():
    found = understand(
        b"date,site,value\n2026-01-01,A\0B,1\n2026-02-01,C,2\n2026-03-01,D,\x003\0 kg\0\n"
    ).interpretation

    assert found.n_observations == 2
    assert found.faults


@pytest.mark.promises("F1")
@settings(deadline=None, max_examples=60)
@given(st.binary(max_size=400), st.integers(0, 400), st.sampled_from(list(WRITERS)))
def test_a_workbook_with_some_bytes_replaced_is_read_or_refused(noise, place, form):
    whole = WRITERS[form]([PAGE])
    damaged = whole[: place * 4] + noise + whole[place * 4 + len(noise) :]

    try:
        workbook.read(damaged, {**Caps().model_dump(), "careful": True})
    except Refused:
        return
    except BaseException as panic:  # of calamine: reader.main answers for it
        if type(panic).__name__ != "PanicException":
            raise
