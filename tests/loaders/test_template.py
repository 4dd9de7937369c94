"""A site's template: filled in, it loads without a question, in either language, whatever its grains."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest

from data.access import Refused, actor_for
from data.lineage import provenance
from data.metrics import register_metric
from data.people import first_person
from data.sites import register_site
from data.store import open_store
from data.targets import set_target
from data.types import Direction, Grain, Metric
from loaders import ingest
from loaders.command import READ, REFUSED, run
from loaders.own_sheets import NOTES_SHEET
from loaders.template import OFFERED, next_periods, template
from loaders.template_book import FIRST_ROW, HEADING_ROW
from tests.loaders.exports import as_csv, as_xlsx
from wording import say

TODAY = dt.date(2026, 5, 4)
GRAINS = (Grain.WEEK, Grain.MONTH, Grain.DAY, Grain.QUARTER, Grain.YEAR)


@pytest.fixture
def store(tmp_path, monkeypatch):
    monkeypatch.setenv("ESSAIM_TODAY", TODAY.isoformat())
    opened = open_store(str(tmp_path / "essaim.duckdb"))
    yield opened
    opened.close()


@pytest.fixture
def actor(store):
    founder = first_person(store, "Ada")
    with store.read() as cursor:
        return actor_for(cursor, founder.id, store.today())


@pytest.fixture
def site(store, actor):
    return register_site(store, actor, name="Saint-Étienne")


def metric(store, actor, name: str, grain: Grain = Grain.MONTH, **more: object) -> Metric:
    given = {"unit": "d", "direction": Direction.DOWN, **more}
    return register_metric(
        store,
        actor,
        Metric(
            id="",
            name_fr=f"{name} (fr)" if more.get("unit") == "" else name,
            name_en=f"{name} EN",
            frequency=grain,
            **given,
        ),
    )


def some(store, actor, n: int) -> list[Metric]:
    units = ("d", "%", "", "h", "k€")
    return [
        metric(store, actor, f"Délai {at}", GRAINS[at % len(GRAINS)], unit=units[at % 5], decimals=at % 3)
        for at in range(n)
    ]


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def data_sheets(book):
    return [sheet for sheet in book.worksheets if sheet.title != NOTES_SHEET and sheet["A5"].value == "Site"]


def cells_to_fill(sheet):
    columns = [cell.column for cell in sheet[HEADING_ROW] if cell.comment is not None]
    return [sheet.cell(row, column) for row in range(FIRST_ROW, sheet.max_row + 1) for column in columns]


def filled(data: bytes, write=lambda at: at + 0.5) -> tuple[bytes, int]:
    book, at = opened(data), 0
    for sheet in data_sheets(book):
        for cell in cells_to_fill(sheet):
            cell.value = write(at)
            at += 1
    file = io.BytesIO()
    book.save(file)
    return file.getvalue(), at


def on_record(store) -> list[tuple]:
    with store.read() as cursor:
        return cursor.execute(
            "SELECT metric_id, grain, period_start, segment, value FROM cur ORDER BY value"
        ).fetchall()


@pytest.mark.accepts("1.15")
@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("n", [1, 5, 30])
def test_a_filled_template_loads_without_a_question(store, actor, site, n, language):
    wanted = some(store, actor, n)
    data, count = filled(template(store, site.id, language, TODAY))

    understanding = ingest.understand(data, "modele.xlsx", store, actor)
    found = understanding.interpretation
    report = ingest.load(understanding, store, actor)

    assert (found.questions, found.errors) == ((), ())
    assert report.changed
    assert report.new_metrics == ()
    assert report.new_sites == ()
    assert report.batch.n_new == count == sum(OFFERED[one.frequency] for one in wanted)
    assert [value for *_, value in on_record(store)] == [at + 0.5 for at in range(count)]
    assert {(key, grain) for key, grain, *_ in on_record(store)} == {(one.id, one.frequency) for one in wanted}


@pytest.mark.accepts("1.15")
@pytest.mark.parametrize(("language", "write"), [("fr", lambda at: f"{at},5"), ("en", lambda at: f"{at}.5")])
def test_numbers_typed_as_text_in_the_languages_own_way_are_numbers(store, actor, site, language, write):
    some(store, actor, 5)
    data, count = filled(template(store, site.id, language, TODAY), write)

    ingest.load(ingest.understand(data, "modele.xlsx", store, actor), store, actor)

    assert [value for *_, value in on_record(store)] == [at + 0.5 for at in range(count)]


@pytest.mark.parametrize("language", ["fr", "en"])
@pytest.mark.parametrize("grain", GRAINS)
def test_each_value_is_of_the_period_and_metric_beside_and_above_it(store, actor, site, grain, language):
    first, second = (metric(store, actor, name, grain) for name in ("Délai", "Coût"))
    data = template(store, site.id, language, TODAY)
    book = opened(data)
    (sheet,) = data_sheets(book)
    starts = next_periods(grain, [], TODAY)
    cells = cells_to_fill(sheet)
    cells[0].value, cells[1].value, cells[-2].value = 10, 20, 30
    file = io.BytesIO()
    book.save(file)

    ingest.load(ingest.understand(file.getvalue(), "m.xlsx", store, actor), store, actor)

    expected = [(first.id, starts[0], 10), (second.id, starts[0], 20), (first.id, starts[-1], 30)]
    assert [(key, start, value) for key, _, start, _, value in on_record(store)] == expected


@pytest.mark.accepts("1.17")
def test_what_is_left_empty_stays_missing_and_empty_sheets_are_passed_over(store, actor, site):
    some(store, actor, 5)
    book = opened(template(store, site.id, "fr", TODAY))
    cells_to_fill(data_sheets(book)[2])[0].value = 7
    file = io.BytesIO()
    book.save(file)

    report = ingest.load(ingest.understand(file.getvalue(), "m.xlsx", store, actor), store, actor)

    assert report.batch.n_observations == 1
    assert [value for *_, value in on_record(store)] == [7]


def test_an_empty_template_is_refused_in_a_sentence(store, actor, site):
    some(store, actor, 3)

    with pytest.raises(ingest.Refusal) as refusal:
        ingest.understand(template(store, site.id, "fr", TODAY), "m.xlsx", store, actor)

    assert refusal.value.code in ingest.NOTHING_FILLED_IN


def test_a_fault_in_any_sheet_is_named_with_its_sheet(store, actor, site):
    some(store, actor, 5)
    data, _ = filled(template(store, site.id, "fr", TODAY))
    book = opened(data)
    for sheet in data_sheets(book):
        cells_to_fill(sheet)[0].value = "beaucoup"
    file = io.BytesIO()
    book.save(file)

    found = ingest.understand(file.getvalue(), "m.xlsx", store, actor).interpretation

    assert {fault.sheet for fault in found.errors} == {sheet.title for sheet in data_sheets(book)}
    assert all(fault.row == FIRST_ROW for fault in found.errors)


@pytest.mark.accepts("1.8")
def test_a_cell_mended_on_one_sheet_leaves_the_same_place_of_the_others_alone(store, actor, site):
    some(store, actor, 5)
    data, _ = filled(template(store, site.id, "fr", TODAY))

    chosen = ingest.Choices(mended={"Mois!C6": "7000"})
    found = ingest.understand(data, "m.xlsx", store, actor, chosen).interpretation

    values = found.observations["value"]
    assert list(found.observations.loc[values == 7000, "source_column"].str.startswith("Mois!")) == [True]


def test_the_same_filled_template_again_changes_nothing(store, actor, site):
    some(store, actor, 5)
    data, _ = filled(template(store, site.id, "fr", TODAY))
    ingest.load(ingest.understand(data, "m.xlsx", store, actor), store, actor)

    again = ingest.load(ingest.understand(data, "m.xlsx", store, actor), store, actor)

    assert not again.changed


def test_a_value_says_from_which_sheet_and_row_it_came(store, actor, site):
    monthly = some(store, actor, 5)[1]
    data, _ = filled(template(store, site.id, "fr", TODAY))
    ingest.load(ingest.understand(data, "m.xlsx", store, actor), store, actor)

    with store.read() as cursor:
        (told,) = provenance(
            cursor, site_id=site.id, metric_id=monthly.id, period_start=dt.date(2026, 6, 1), grain=Grain.MONTH
        )
    assert told.source_row == FIRST_ROW + 1
    assert told.source_column.startswith("Mois!C ")


def test_periods_follow_the_last_one_received_and_never_leave_a_hole(store, actor, site):
    metric(store, actor, "Délai"), metric(store, actor, "Coût")
    rows = [["mois", "site", "Délai", "Coût"]]
    rows += [[f"2026-{month:02}", site.name, month if month < 3 else None, month] for month in range(1, 5)]
    ingest.load(ingest.understand(as_xlsx(rows), "a.xlsx", store), store, actor)

    (sheet,) = data_sheets(opened(template(store, site.id, "fr", TODAY)))

    shown = [sheet.cell(row, 2).value.date() for row in range(FIRST_ROW, sheet.max_row + 1)]
    received = {cell.coordinate for cell in cells_to_fill(sheet) if cell.fill.fgColor.rgb == "00D9D9D9"}
    assert shown[0] == dt.date(2026, 3, 1)
    assert len(shown) == OFFERED[Grain.MONTH]
    assert received == {"D6", "D7"}


def test_segments_have_a_row_each_and_come_back_as_segments(store, actor, site):
    rows = [["mois", "site", "catégorie", "Délai"]]
    rows += [
        [f"2026-0{month}", site.name, kind, month + len(kind)] for month in (1, 2, 3) for kind in ("rouge", "bleu")
    ]
    ingest.load(ingest.understand(as_csv(rows), "a.csv", store, choices=ingest.Choices(segments="keep")), store, actor)
    before = len(on_record(store))

    data, count = filled(template(store, site.id, "fr", TODAY), lambda at: at + 1000)
    understanding = ingest.understand(data, "m.xlsx", store, actor)
    ingest.load(understanding, store, actor, leave_out=True)

    assert understanding.interpretation.questions == ()
    new = on_record(store)[before:]
    assert len(new) == count
    assert {segment for *_, segment, _ in new} == {"rouge", "bleu"}


def test_labels_are_protected_numbers_are_checked_and_paper_is_ready(store, actor, site):
    metric(store, actor, "Taux", unit="%", plausible_low=0, plausible_high=100)
    metric(store, actor, "Délai")

    (sheet,) = data_sheets(opened(template(store, site.id, "fr", TODAY)))

    assert sheet.protection.sheet
    assert sheet.protection.password is None
    assert sheet["A6"].protection.locked
    assert not sheet["C6"].protection.locked
    assert sheet.freeze_panes == "C6"
    rules = {str(rule.sqref): rule for rule in sheet.data_validations.dataValidation}
    assert (rules["C6:C17"].type, rules["C6:C17"].formula1, rules["C6:C17"].formula2) == ("decimal", "0", "100")
    assert (rules["C6:C17"].errorStyle, rules["D6:D17"].errorStyle) == ("warning", "stop")
    assert (rules["A6:A17"].type, rules["A6:A17"].formula1) == ("list", "$A$6:$A$6")
    assert sheet.page_setup.orientation == "landscape"
    assert sheet.page_setup.fitToHeight == 0
    assert sheet.print_title_rows == "$5:$5"


@pytest.mark.parametrize("language", ["fr", "en"])
def test_each_metric_is_explained_where_it_is_filled_in_and_in_the_guide(store, actor, site, language):
    asked = metric(store, actor, "Délai", definition="De la commande à la livraison.")
    set_target(store, actor_with_targets(store, actor), metric_id=asked.id, value=5, applies_from=dt.date(2026, 1, 1))

    book = opened(template(store, site.id, language, TODAY))
    (sheet,) = data_sheets(book)

    told = sheet["C5"].comment.text
    assert told.startswith("De la commande à la livraison.")
    assert {"fr": "Plus bas", "en": "Lower"}[language] in told or "better" in told
    assert {"fr": "Cible", "en": "Target"}[language] in told
    guide = book[say("templates.sheet.guide", language)]
    assert guide["C8"].value == told


def actor_with_targets(store, actor):
    return actor


@pytest.mark.promises("F3")
def test_names_that_look_like_formulas_are_text(store, actor):
    odd = register_site(store, actor, name='=HYPERLINK("http://evil.example","x")')
    metric(store, actor, "+SUM(A1:A9)")
    metric(store, actor, "@cmd|' /C calc'!A0")
    data, count = filled(template(store, odd.id, "fr", TODAY))

    book = opened(data)
    report = ingest.load(ingest.understand(data, "m.xlsx", store, actor), store, actor)

    assert not [cell for sheet in book for row in sheet.iter_rows() for cell in row if cell.data_type == "f"]
    assert book["Mois"]["A6"].quotePrefix
    assert report.batch.n_new == count
    assert report.new_sites == ()


def test_a_site_without_metrics_or_unknown_has_no_template(store, actor, site):
    for wanted, code in ((site.id, "no_metric"), ("nowhere", "unknown_record")):
        with pytest.raises(Refused, match=code):
            template(store, wanted, "fr", TODAY)


def test_notes_that_somebody_changed_are_passed_over(store, actor, site):
    metric(store, actor, "Délai")
    data, count = filled(template(store, site.id, "fr", TODAY))
    for broken in ("{", "[]", '{"sheets": 7, "ignored": []}', '{"sheets": {"Mois": {"roles": 3}}, "ignored": []}'):
        book = opened(data)
        book[NOTES_SHEET]["A2"].value = broken
        file = io.BytesIO()
        book.save(file)

        found = ingest.understand(file.getvalue(), "m.xlsx", store, actor).interpretation

        assert found.n_observations == count


def test_the_command_writes_the_template_of_a_site(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("ESSAIM_TODAY", TODAY.isoformat())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.csv").write_bytes(
        as_csv([["mois", "site", "Délai"], ["2026-01", "Lyon Sud", 1], ["2026-02", "Lyon Sud", 2]])
    )
    run(["load", "a.csv", "--language", "fr"])

    made = run(["template", "lyon sud", "--language", "fr"])
    elsewhere = run(["template", "Lyon Sud", "--out", str(tmp_path / "x.xlsx"), "--language", "en"])
    unknown = run(["template", "Brest", "--language", "fr"])

    assert (made, elsewhere, unknown) == (READ, READ, REFUSED)
    assert [sheet.title for sheet in data_sheets(opened((tmp_path / "modele-Lyon-Sud.xlsx").read_bytes()))] == ["Mois"]
    assert "Brest" in capsys.readouterr().err
    data, count = filled((tmp_path / "x.xlsx").read_bytes())
    (tmp_path / "x.xlsx").write_bytes(data)
    assert run(["load", str(tmp_path / "x.xlsx"), "--language", "en"]) == READ
    assert f"{count} new values" in capsys.readouterr().out
