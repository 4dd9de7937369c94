"""Faults are found, looked at and mended on the screen itself, and nothing is stored before the keeper says so."""

from __future__ import annotations

import datetime as dt
import io
import json

import openpyxl
import pytest

from data.access import Permission
from data.batches import batches
from data.metrics import metrics
from data.observations import metric_series
from data.sites import site_named, sites
from loaders.choices import SectionHandling
from loaders.template import template
from pages.keepers import editor, mending
from tests.pages.upload_screen import given, keys, loaded, markup, opened, press, ran, text, title, weekly
from wording import knows


def checked(data, name="delais.csv", **how):
    return press(given(data, name, **how), "upload-right")


@pytest.mark.accepts("1.6", "1.7")
def test_a_fault_that_is_chosen_shows_its_row_and_marks_its_very_cell(keeper):
    rows = "\n".join(f"2025-{month:02}-01;Lyon;{month}" for month in range(1, 13))
    late = "\n".join(f"2026-{month:02}-01;Lyon;{'oui' if month == 9 else month}" for month in range(1, 10))
    shown = checked(f"mois;site;retards\n{rows}\n{late}\n".encode())

    shown = press(shown, "upload-fault-error-0")

    assert '<td class="es-num es-fault es-here">oui</td>' in markup(shown)
    assert markup(shown).count('es-here">') == 1
    assert shown.segmented_control[0].value == "cell" if hasattr(shown, "segmented_control") else True
    assert "2026-08-01" in markup(shown)


@pytest.mark.accepts("1.8")
@pytest.mark.parametrize(
    ("language", "before", "after"),
    [
        ("en", "1 error keeps something out. The rest is ready.", "3 new values are ready to be loaded"),
        (
            "fr",
            "1 erreur laisse quelque chose dehors. Le reste est prêt.",
            "3 nouvelles valeurs sont prêtes à être chargées",
        ),
    ],
)
def test_a_fault_is_mended_in_place_checked_again_and_loaded_with_what_stood_there(
    store, keeper, language, before, after
):
    shown = checked(weekly("4,5", "oui", "5,5"), language=language)
    assert title(shown) == before

    shown = press(shown, "upload-mend-first")
    shown.text_input(key="upload-mend-C3").input("5,0")
    shown = ran(shown)

    assert title(shown) == after
    assert '<td class="es-num es-mended es-here">5,0</td>' in markup(shown)
    shown = press(shown, "upload-load")
    with store.read() as cursor:
        kept = batches(cursor)[-1]
        found = metric_series(cursor, site_id=sites(cursor)[0].id, metric_id=metrics(cursor)[0].id)
    assert json.loads(kept.mended) == {"C3": ["oui", "5,0"]}
    assert found.values.tolist() == [4.5, 5.0, 5.5]
    assert {"en": "1 cell was corrected before the load", "fr": "1 cellule a été corrigée avant le chargement"}[
        language
    ] in text(shown)


@pytest.mark.accepts("1.8")
def test_a_mend_that_is_no_better_says_so_and_can_be_taken_back(keeper):
    shown = press(checked(weekly("4,5", "oui", "5,5")), "upload-mend-first")

    shown.text_input(key="upload-mend-C3").input("non")
    shown = ran(shown)
    assert "Found “non”; expected a number" in text(shown)
    assert "C3: “oui” is read as “non”" in text(shown)

    shown = press(shown, "upload-take-back-C3")
    assert "Found “oui”; expected a number" in text(shown)
    assert "upload-take-back-C3" not in keys(shown)


@pytest.mark.accepts("1.8")
def test_the_table_of_cells_names_place_what_stands_there_and_what_is_wrong(keeper):
    shown = checked(weekly("4,5", "oui", "5,5") + b"\n2026-02-31;Lyon;6")

    cells = shown.dataframe[0].value

    assert cells.iloc[:, 0].tolist() == ["C3", "A5"]
    assert cells.iloc[:, 2].tolist() == ["oui", "2026-02-31"]
    assert cells.iloc[:, 3].tolist() == ["a number expected", "impossible date"]


def test_edits_of_the_table_become_mends_and_an_emptied_cell_is_a_mend_taken_back(keeper):
    shown = checked(weekly("4,5", "oui", "non"))
    desk = shown.session_state["upload-desk"]

    mending.mend_all(desk, {0: {"instead": "5,0 "}, 1: {"instead": "6"}}, ["C3", "C4"])
    both = dict(desk.choices.mended)
    mending.mend_all(desk, {0: {"instead": None}}, ["C3", "C4"])

    assert both == {"C3": "5,0", "C4": "6"}
    assert desk.choices.mended == {"C4": "6"}
    assert title(ran(shown)) == "1 error keeps something out. The rest is ready."


@pytest.mark.accepts("1.16")
def test_a_doubtful_value_can_be_mended_too(store, keeper):
    loaded(store, keeper, weekly("4,5", "5,5"))
    with store.read() as cursor:
        metric = metrics(cursor)[0]
    with store.change(keeper, Permission.MANAGE_CATALOGUE) as tx:
        tx.append(metric.model_copy(update={"plausible_low": 0.0, "plausible_high": 50.0}))
    shown = given(weekly("4,5", "5,5", "65"))
    assert "1 warning: enters, with a mark" in text(shown)

    shown = press(shown, "upload-fault-warning-0")
    shown.text_input(key="upload-mend-C4").input("6,5")
    shown = press(ran(shown), "upload-load")

    with store.read() as cursor:
        found = metric_series(cursor, site_id=sites(cursor)[0].id, metric_id=metric.id)
    assert found.values.tolist() == [4.5, 5.5, 6.5]


@pytest.mark.accepts("1.6")
def test_a_heading_that_holds_markup_stays_text_in_the_list_of_faults(keeper):
    shown = checked(b"date;site;![x](https://elsewhere.example/a.png)\n2026-01-05;Lyon;4\n2026-01-12;Lyon;oui\n")

    assert "](" not in shown.button(key="upload-fault-error-0").label


# --- sites nobody knows -------------------------------------------------------------------------------------------


def test_a_name_nobody_knows_can_be_said_to_be_a_site_on_record_and_is_remembered(store, keeper):
    loaded(store, keeper, weekly("4,5", "5,5"))
    with store.read() as cursor:
        lyon = site_named(cursor, "Lyon").id
    shown = given(weekly("4,5", "5,5", "6", site="Usine L"))

    shown.selectbox(key="upload-site-2").select(lyon)
    shown = ran(shown)

    assert title(shown) == "1 new value is ready to be loaded"
    assert "“Usine L” is Lyon; the name is remembered with this load" in text(shown)
    press(shown, "upload-load")
    with store.read() as cursor:
        assert len(sites(cursor)) == 1
        assert site_named(cursor, "Usine L").id == lyon


def test_a_name_that_was_settled_wrongly_is_taken_back(store, keeper):
    loaded(store, keeper, weekly("4,5", "5,5"))
    with store.read() as cursor:
        lyon = site_named(cursor, "Lyon").id
    shown = given(weekly("4,5", site="Usine L"))
    shown.selectbox(key="upload-site-2").select(lyon)
    shown = ran(shown)

    shown = press(shown, f"upload-site-drop-{lyon}-7")

    assert title(shown) == "1 site is not registered"


# --- what differs, what follows -----------------------------------------------------------------------------------


@pytest.mark.accepts("1.3")
def test_a_source_known_again_says_exactly_what_differs(store, keeper):
    loaded(store, keeper, weekly("4,5", "5,5"))
    wider = b"semaine;site;d\xc3\xa9lai (j);retards\n2026-01-19;Lyon;6;2\n"

    shown = given(wider)

    assert "What differs from last time?" in text(shown)
    assert "retards" in text(shown)


@pytest.mark.accepts("1.12")
def test_the_charts_to_come_are_drawn_and_said_in_words(store, keeper):
    loaded(store, keeper, weekly("4,5", "5,5"))

    shown = given(weekly("4,5", "6,5", "7"))

    chart = shown.get("vega_lite_chart")[0]
    assert "Lyon · délai, d: 1 new value, 1 value that changes" in chart.proto.spec.replace("\\u00e9", "é").replace(
        "\\u00b7", "·"
    ).replace("\xa0", " ")
    assert "What will the charts look like?" in text(shown)


def test_a_new_metric_without_a_direction_leads_to_the_catalogue(store, keeper):
    shown = press(checked(weekly("4,5", "5,5")), "upload-load")

    with store.read() as cursor:
        metric = metrics(cursor)[0]
    assert "Which way is better for the new metric?" in text(shown)
    assert shown.button(key=f"upload-direction-{metric.id}").label == "Say it for délai"


@pytest.mark.accepts("1.23")
def test_a_summary_to_mail_stands_ready_to_be_copied(keeper):
    shown = press(checked(weekly("4,5", "5,5")), "upload-load")

    assert shown.code[0].value.startswith("delais.csv: 2 values taken, no new signal")
    assert "- 0 cells left out for a fault" in shown.code[0].value
    assert "Download as a mail" in [button.proto.label for button in shown.get("download_button")]


@pytest.mark.accepts("1.23")
def test_the_signals_that_a_load_would_cause_are_named_before_it(store, keeper):
    steady = [f"{10 + n % 3 * 0.1:.1f}".replace(".", ",") for n in range(24)]
    loaded(store, keeper, long_series(*steady))

    calm = given(long_series(*steady, "10,1"))
    shown = given(long_series(*steady, "19,5"), shown=None)

    assert "No new signal would come with this load." in text(calm)
    assert "Which signal will this load cause?" in text(shown)
    assert "Lyon" in text(shown).split("Which signal will this load cause?")[1][:40]


@pytest.mark.accepts("1.9")
def test_the_workbook_with_the_faults_marked_is_offered_where_there_are_faults(keeper):
    faulty, right = checked(weekly("4,5", "oui")), checked(weekly("4,5", "5,5"))

    def offered(shown):
        return [button.proto.label for button in shown.get("download_button")]

    assert offered(faulty) == ["Download the workbook with the faults marked"]
    assert offered(right) == []


@pytest.mark.accepts("1.15")
def test_a_template_of_ones_own_site_is_offered_once_something_is_measured(store, keeper):
    before = opened()
    loaded(store, keeper, weekly("4,5", "5,5"))

    assert not before.get("download_button")
    assert "No file yet? Start from a template" in text(opened())
    assert [button.proto.label for button in opened().get("download_button")] == ["Download the template"]


def long_series(*values):
    start = dt.date(2025, 1, 6)
    rows = [f"{start + dt.timedelta(weeks=n)};Lyon;{value}" for n, value in enumerate(values)]
    return "\n".join(["semaine;site;délai (j)", *rows]).encode()


@pytest.mark.accepts("1.8")
def test_cells_are_mended_one_after_another_at_the_top_of_the_check(keeper):
    shown = press(checked(weekly("4,5", "oui", "non")), "upload-mend-first")
    assert text(shown).count("Found “oui”") == 2  # where it is asked for, and in the list

    shown.text_input(key="upload-mend-C3").input("5,0")
    shown = ran(shown)
    shown.text_input(key="upload-mend-C4").input("5,5")
    shown = ran(shown)

    assert title(shown) == "3 new values are ready to be loaded"


@pytest.mark.accepts("1.6")
def test_an_unknown_site_is_told_in_the_words_of_the_screen(store, keeper):
    loaded(store, keeper, weekly("4,5", "5,0", "5,5"), register=True)

    shown = given(weekly("4,5", site="Lyonn"))

    assert "say which site it is" in text(shown)
    assert "--register" not in text(shown)


@pytest.mark.accepts("9.5")
@pytest.mark.parametrize("language", ["fr", "en"])
def test_whatever_section_headings_may_stand_for_has_a_name(language):
    assert all(knows(f"keepers_mend.sections.{use.value}", language) for use in SectionHandling)


@pytest.mark.accepts("9.5")
def test_a_known_metric_has_its_unit_in_the_reader_s_language(store, keeper):
    loaded(store, keeper, weekly("4,5", "5,0", "5,5"), register=True)

    shown = given(weekly("4,5", "5,0", "5,5", "6,0"), "suite.csv", language="fr")
    shown = press(shown, "upload-change") if "upload-change" in keys(shown) else shown

    assert "connue · j, par semaine" in text(shown)


def test_a_field_that_streamlit_reports_with_what_it_was_shown_with_changes_nothing(monkeypatch):
    changes = []
    monkeypatch.setattr(editor.st, "session_state", {"upload-decimal": ","})

    editor.told("upload-decimal", changes.append, ",")
    editor.told("upload-decimal", changes.append, ".")

    assert changes == [","]


@pytest.mark.accepts("1.15")
def test_a_filled_template_goes_straight_to_the_check_and_differs_from_nothing(store, keeper):
    loaded(store, keeper, weekly("4,5", "5,5"))
    with store.read() as cursor:
        lyon = site_named(cursor, "Lyon").id
    book = openpyxl.load_workbook(io.BytesIO(template(store, lyon, "en", store.today())))
    sheet = book.worksheets[0]
    row = next(cell.row for (cell,) in sheet["A1:A40"] if cell.value == "Lyon")
    sheet.cell(row, sheet.max_column).value = 6.5
    out = io.BytesIO()
    book.save(out)

    shown = given(out.getvalue(), "Lyon.xlsx")

    assert title(shown) == "1 new value is ready to be loaded"
    assert "What differs" not in text(shown)
