"""The workbook to mend: what was sent, each fault where it stands, and a way back in."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest

from data.access import actor_for
from data.metrics import metrics
from data.people import first_person
from data.store import open_store
from loaders import ingest
from loaders.choices import Choices
from loaders.marked import COLOURS, LIST_HEADING_ROW, marked_workbook
from loaders.own_sheets import NOTES_SHEET
from loaders.template import template
from tests.loaders.exports import LONG, WIDE, as_csv, as_xlsx
from wording import fault, say

ROWS = [
    ["mois", "site", "délai", "taux"],
    [dt.date(2026, 1, 1), "Lyon", 12.5, 0.95],
    [dt.date(2026, 2, 1), "Lyon", "beaucoup", 0.9],
    [dt.date(2026, 3, 1), "Lyon", 14, 0.85],
    [dt.date(2026, 4, 1), "Lyon", "n/a", 0.8],
]


def sent(rows=ROWS) -> bytes:
    """A workbook whose last column shows percentages."""
    book = openpyxl.load_workbook(io.BytesIO(as_xlsx(rows, sheet="Mai")))
    for cell in book["Mai"]["D"][1:]:
        cell.number_format = "0%"
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def marked(data: bytes, name: str = "mai.xlsx", language: str = "fr", **choices: object):
    understanding = ingest.understand(data, name, choices=Choices(**choices))
    return openpyxl.load_workbook(io.BytesIO(marked_workbook(data, understanding, language)))


def saved(book) -> bytes:
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def values_of(understanding) -> list[tuple]:
    found = understanding.interpretation
    return [
        (found.sites[row.site].name, found.metrics[row.metric].name, row.segment, row.period_start, row.value)
        for row in found.observations.sort_values(["site", "metric", "segment", "period_start"]).itertuples()
    ]


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("ESSAIM_TODAY", "2026-05-04")
    opened = open_store(str(tmp_path / "essaim.duckdb"))
    yield opened
    opened.close()


@pytest.mark.accepts("1.9")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_fault_is_coloured_and_commented_with_its_very_sentence(language):
    data = sent()
    book = marked(data, language=language)

    faults = ingest.understand(data, "mai.xlsx").interpretation.faults
    (error,) = [one for one in faults if one.code == "text_among_numbers"]
    (missing,) = [one for one in faults if one.code == "missing_mark"]
    cell = book["Mai"]["C3"]
    assert cell.value == "beaucoup"
    assert cell.fill.fgColor.rgb == "00" + COLOURS[error.severity]
    assert cell.comment.text == fault(error, language)
    assert book["Mai"]["C5"].fill.fgColor.rgb == "00" + COLOURS[missing.severity]
    assert book["Mai"]["C2"].comment is None
    assert book["Mai"]["C2"].fill.fill_type is None


@pytest.mark.accepts("1.9")
def test_the_first_sheet_lists_every_fault_with_a_link_to_its_cell():
    data = sent()
    book = marked(data)

    listing = book.worksheets[0]
    rows = list(listing.iter_rows(min_row=LIST_HEADING_ROW + 1))
    faults = ingest.understand(data, "mai.xlsx").interpretation.faults
    assert listing.title == say("templates.marked.sheet", "fr")
    assert [row[3].value for row in rows] == [fault(one, "fr") for one in faults]
    assert rows[0][1].hyperlink.location == "'Mai'!C3"
    assert say("templates.marked.values_only", "fr") in [cell.value for cell in listing["A"]]


def test_numbers_dates_and_percentages_come_back_as_they_were():
    sheet = marked(sent())["Mai"]

    assert (sheet["A2"].value.isoformat(), sheet["A2"].number_format) == ("2026-01-01T00:00:00", "yyyy-mm-dd")
    assert (sheet["C2"].value, sheet["D2"].value) == (12.5, 0.95)
    assert "%" in sheet["D2"].number_format


@pytest.mark.accepts("1.9")
@pytest.mark.parametrize(("data", "name"), [(sent(), "mai.xlsx"), (as_csv(ROWS), "mai.csv")])
def test_mended_it_is_loaded_and_the_list_is_not_read(store, data, name):
    founder = first_person(store, "Ada")
    with store.read() as cursor:
        actor = actor_for(cursor, founder.id, store.today())
    book = marked(data, name)
    book.worksheets[1]["C3"].value = 13

    understanding = ingest.understand(saved(book), "corrigé.xlsx", store, actor)
    report = ingest.load(understanding, store, actor)

    assert understanding.interpretation.errors == ()
    assert NOTES_SHEET not in [sheet.name for sheet in understanding.book.sheets]
    assert "hidden_sheet" not in understanding.interpretation.fault_counts
    assert report.batch.n_new == 7
    with store.read() as cursor:
        assert len(metrics(cursor)) == 2


@pytest.mark.parametrize("rows", [2, 3])
def test_a_list_longer_than_the_data_is_still_not_read(rows):
    data = as_xlsx([ROWS[0], *[[f"2026-0{at + 1}-01", "Lyon", "beaucoup", at] for at in range(8)]], sheet="Fautes")
    book = marked(data)

    assert book.sheetnames[:2] == ["Fautes 2", "Fautes"]
    understanding = ingest.understand(saved(book), "x.xlsx")
    assert understanding.interpretation.layout.sheet == "Fautes"


@pytest.mark.parametrize("path", [LONG, WIDE], ids=["long csv", "wide xls"])
def test_a_real_export_reads_the_same_from_the_marked_workbook(path):
    before = ingest.understand(path, path.name)

    after = ingest.understand(marked_workbook(path.read_bytes(), before, "fr"), "x.xlsx")

    assert values_of(after) == values_of(before)
    assert {k: n for k, n in after.interpretation.fault_counts.items() if n} == {
        k: n for k, n in before.interpretation.fault_counts.items() if n
    }


def test_a_template_marked_is_a_template_still(store):
    founder = first_person(store, "Ada")
    with store.read() as cursor:
        actor = actor_for(cursor, founder.id, store.today())
    ingest.load(
        ingest.understand(
            as_csv([["mois", "site", "délai"], ["2026-01", "Lyon", 1], ["2026-02", "Lyon", 2]]), "a.csv", store
        ),
        store,
        actor,
    )
    with store.read() as cursor:
        (lyon,) = cursor.execute("SELECT DISTINCT site_id FROM cur").fetchone()
    book = openpyxl.load_workbook(io.BytesIO(template(store, lyon, "fr", store.today())))
    book["Mois"]["C6"].value, book["Mois"]["C7"].value = "beaucoup", "13,5"
    data = saved(book)
    understanding = ingest.understand(data, "m.xlsx", store, actor)

    back = openpyxl.load_workbook(io.BytesIO(marked_workbook(data, understanding, "fr")))
    back["Mois"]["C6"].value = "12,5"
    again = ingest.understand(saved(back), "m.xlsx", store, actor)

    assert "C6" in back.worksheets[0]["B7"].value
    assert (again.interpretation.errors, again.interpretation.questions) == ((), ())
    assert sorted(again.interpretation.observations["value"]) == [12.5, 13.5]


def test_faults_of_a_csv_stand_at_the_lines_of_the_file():
    data = b'mois,site,d\xc3\xa9lai\n2026-01,"Lyon\nSud",1\n2026-02,"Lyon\nSud",beaucoup\n2026-03,"Lyon\nSud",3\n'
    book = marked(data, "mai.csv")

    (error,) = ingest.understand(data, "mai.csv").interpretation.errors
    assert book["mai"][f"C{error.row}"].value == "beaucoup"
    assert book["mai"][f"C{error.row}"].comment is not None


@pytest.mark.promises("F3")
@pytest.mark.parametrize(
    "text", ["=1+1", '=HYPERLINK("http://evil.example")', "+1", "-x", "@SUM(A1)", "\tx", "=cmd|'/C calc'!A0"]
)
def test_a_text_that_looks_like_a_formula_stays_text_to_the_letter(text):
    data = as_csv(
        [["mois", "site", "délai"], ["2026-01", text, 1], ["2026-02", text, "beaucoup"], ["2026-03", text, 3]]
    )
    book = marked(data, "=mai.csv")

    every = [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell for cell in every if cell.data_type == "f"]
    shown = [cell for cell in book.worksheets[1]["B"][1:] if isinstance(cell.value, str)]
    assert [cell.value.strip() for cell in shown] == [text.strip()] * 3
    assert all(cell.quotePrefix for cell in shown if cell.value.startswith(("=", "+", "-", "@", "\t")))


@pytest.mark.promises("F2")
def test_macros_and_formulas_do_not_come_back():
    book = openpyxl.load_workbook(io.BytesIO(sent()))
    book["Mai"]["F1"].value = '=WEBSERVICE("http://evil.example")'
    data = saved(book)

    back = marked(data)

    assert not [cell for sheet in back for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]


def test_odd_cells_come_back_as_they_can(monkeypatch):
    odd = [
        ["mois", "site", "délai", "note"],
        ["2026-01", "Lyon", "x", dt.datetime.fromisoformat("2026-01-02T03:04:05")], ["2026-02", "Lyon", 2, dt.time(1, 2, 3)],
        ["2026-03", "Lyon", 3, True], ["2026-04", "Lyon", 4, dt.timedelta(hours=30)], ["2026-05", "Lyon", 5, "#DIV/0!"],
        ["2026-06", "Lyon", 1e300, "bel\x07"], ["2026-07", "Lyon", -0.5, "x" * 40_000],
    ]  # fmt: skip
    rows = [
        [str(value)[:32_000].replace("\x07", "") if isinstance(value, str) else value for value in row] for row in odd
    ]

    sheet = marked(as_xlsx(rows, sheet="Mai"))["Mai"]

    assert sheet["D2"].value.isoformat() == "2026-01-02T03:04:05"
    assert sheet["D3"].value == dt.time(1, 2, 3)
    assert sheet["D4"].value is True
    assert (sheet["D6"].value, sheet["D6"].data_type) == ("#DIV/0!", "e")
    assert (sheet["C7"].value, sheet["C8"].value) == (1e300, -0.5)


def test_hidden_sheets_stay_hidden():
    book = openpyxl.load_workbook(io.BytesIO(sent()))
    book.create_sheet("Paie")["A1"].value = 7
    book["Paie"].sheet_state = "hidden"
    data = saved(book)

    back = marked(data)

    states = {sheet.title: sheet.sheet_state for sheet in back}
    assert states.get("Paie", "hidden") == "hidden"


def test_a_file_too_large_to_copy_gives_its_list_and_says_so(monkeypatch):
    monkeypatch.setattr("loaders.marked.MOST_CELLS", 10)
    book = marked(sent())

    assert [sheet.title for sheet in book] == ["Fautes", NOTES_SHEET]
    texts = [cell.value for cell in book["Fautes"]["A"]]
    assert say("templates.marked.list_only", "fr") in texts
    assert book["Fautes"]["B7"].value.startswith("Mai!C3")


def test_more_faults_than_are_listed_are_counted():
    rows = [
        ["mois", "site", "délai"],
        *[[f"{2000 + at // 12}-{at % 12 + 1:02}", "Lyon", "beaucoup" if at % 3 == 0 else at] for at in range(900)],
    ]
    data = as_csv(rows)

    listing = marked(data, "mai.csv").worksheets[0]

    n = ingest.understand(data, "mai.csv").interpretation.fault_counts["text_among_numbers"]
    assert say("templates.marked.more", "fr", n=n - 200) in [cell.value for cell in listing["D"]]


def test_bytes_of_another_file_are_a_mistake():
    with pytest.raises(ValueError, match="not the bytes"):
        marked_workbook(b"other", ingest.understand(sent(), "mai.xlsx"), "fr")
