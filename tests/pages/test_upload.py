"""What a keeper meets on the upload screen: the reading shown, questions asked, nothing stored before it is said."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from data.batches import batches, undos
from data.metrics import metrics
from data.observations import metric_series
from data.people import assign, register_person
from data.sites import site_named, sites
from data.types import Role
from tests.pages.upload_screen import given, loaded, markup, opened, press, ran, text, title, weekly

SAMPLES = Path(__file__).parents[1] / "samples"


def counts(store):
    with store.read() as cursor:
        return len(batches(cursor)), len(sites(cursor)), len(metrics(cursor))


# --- step 1 -------------------------------------------------------------------------------------------------------


@pytest.mark.accepts("1.19", "9.5")
@pytest.mark.parametrize(
    ("language", "cap"),
    [
        ("en", "At most 20 MB: XLSX, XLSM, XLS, XLSB, ODS, CSV or other delimited text, also as GZ"),
        ("fr", "20 Mo au plus"),
    ],
)
def test_an_empty_store_asks_for_a_file_and_names_the_cap(keeper, language, cap):
    shown = opened(language)

    assert cap in text(shown)
    assert title(shown) == {"en": "Bring a site’s file", "fr": "Apportez le fichier d’un site"}[language]
    assert {"en": "None yet.", "fr": "Aucun pour le moment."}[language] in text(shown)


@pytest.mark.accepts("10.7")
def test_someone_who_may_not_upload_is_shown_nothing(store, keeper, monkeypatch):
    viewer = register_person(store, keeper, name="Vera", language="en")
    assign(store, keeper, person_id=viewer.id, role=Role.MEMBER)
    monkeypatch.setenv("ESSAIM_PERSON", viewer.id)

    shown = opened()

    assert title(shown).startswith("This page is not open to you.")
    assert not shown.get("file_uploader")


@pytest.mark.parametrize(
    ("data", "name", "said"),
    [
        (b"", "empty.csv", "The file is empty"),
        (b"\x89PNG\r\n\x1a\n" + b"0" * 100, "picture.xlsx", "This is a picture, whatever its name says."),
        (b"site;ville\nA;Lyon\nB;Nice\n", "words.csv", "No column"),
    ],
)
@pytest.mark.accepts("1.6")
def test_a_bad_file_ends_in_a_sentence_and_stores_nothing(store, keeper, data, name, said):
    before = counts(store)

    shown = given(data, name)

    assert title(shown) == "This file cannot be read as it is"
    assert said in text(shown)
    assert "Nothing has been stored." in text(shown)
    assert counts(store) == before
    assert "Bring a site’s file" in title(press(shown, "upload-other"))


# --- step 2 -------------------------------------------------------------------------------------------------------


@pytest.mark.accepts("1.1", "1.2", "1.4")
def test_what_was_understood_is_shown_with_its_reasons_before_anything_is_stored(store, keeper):
    shown = given(weekly("4,5", "5,5"))

    said = text(shown)
    assert title(shown) == "We understood 1 site, 1 metric, 2 weeks: is it right?"
    assert "delimiter: semicolon · encoding: utf-8" in said
    assert "“2026-01-05” is read as: week of 5 Jan 2026" in said
    assert shown.selectbox(key="upload-role-B").value == "site_name"
    assert shown.selectbox(key="upload-decimal").value == ","
    assert shown.number_input(key="upload-header").value == 1
    assert counts(store) == (0, 0, 0)


@pytest.mark.accepts("1.2")
def test_a_column_can_be_given_another_role_and_the_change_undone(keeper):
    data = (
        b"date;site;ligne;retards\n2026-01-05;Lyon;A;4\n2026-01-05;Lyon;B;5\n2026-01-12;Lyon;A;5\n2026-01-12;Lyon;B;5\n"
    )
    shown = given(data)
    before = shown.selectbox(key="upload-role-C").value

    shown.selectbox(key="upload-role-C").select("site_name")
    shown = ran(shown)
    changed = shown.selectbox(key="upload-role-C").value
    shown = press(shown, "upload-back")

    assert (before, changed) == ("segment", "site_name")
    assert shown.selectbox(key="upload-role-C").value == "segment"


@pytest.mark.accepts("1.1")
def test_the_keeper_picks_another_sheet_and_row_of_headings(keeper):
    shown = given((SAMPLES / "ons_monthly_deaths_2018.xls").read_bytes(), "ons.xls")
    assert title(shown) == "We understood 340 sites, 1 metric, 12 months: is it right?"
    assert "46 rows of totals, sums of other rows" in text(shown)

    shown.selectbox(key="upload-sheet").select("Contents")
    shown = ran(shown)

    assert title(shown) == "This file cannot be read as it is"
    assert "Sheet “Contents”" in text(shown)
    assert title(press(shown, "upload-back")).startswith("We understood 340 sites")


@pytest.mark.accepts("1.5")
def test_an_ambiguous_date_is_asked_once_a_column_and_never_guessed(store, keeper):
    shown = given(b"date;site;retards\n03/04/2026;Lyon;4\n04/04/2026;Lyon;5\n05/04/2026;Lyon;6\n")

    assert title(shown) == "1 thing must be settled before this file can be read"
    assert shown.radio[0].options == ["3 April 2026 (day first)", "4 March 2026 (month first)"]
    assert "3 Apr 2026" not in text(shown)
    assert not [button for button in shown.button if button.key in ("upload-right", "upload-load")]

    shown.radio[0].set_value("month-first")
    shown = press(press(ran(shown), "upload-right"), "upload-load")

    with store.read() as cursor:
        found = metric_series(cursor, site_id=sites(cursor)[0].id, metric_id=metrics(cursor)[0].id)
    assert str(found.values.index[0].date()) == "2026-03-04"


@pytest.mark.accepts("1.1")
def test_a_table_without_headings_is_asked_about_and_read_by_its_letters(store, keeper):
    shown = given(b"Lyon;2026-01-05;4\nLyon;2026-01-12;5\n", "bare.csv")
    assert title(shown) == "1 thing must be settled before this file can be read"

    shown = press(shown, "upload-question-header")

    assert title(shown) == "We understood 1 site, 1 metric, 2 days: is it right?"
    assert shown.number_input(key="upload-header").value == 0


@pytest.mark.accepts("1.1")
@pytest.mark.parametrize(("answer", "counted"), [("wide_by_site", "3 sites, 1 metric"), ("long", "1 site, 3 metrics")])
def test_headings_that_may_be_sites_or_metrics_are_asked_about(keeper, answer, counted):
    shown = given(b"mois;Alpha;Beta;Gamma\n2026-01;4;5;6\n2026-02;5;6;7\n", "suivi_lyon.csv")

    shown.radio(key="upload-question-across").set_value(answer)
    shown = ran(shown)
    for field in shown.text_input:
        if field.key == "upload-question-site":
            field.input("Lyon")
            shown = ran(shown)

    assert counted in title(shown)


def test_a_rate_can_be_made_of_two_columns(store, keeper):
    shown = given(b"mois;site;erreurs;commandes\n2026-01;Lyon;1;10\n2026-02;Lyon;3;10\n")

    shown.selectbox(key="upload-rate-above").select("erreurs")
    shown.selectbox(key="upload-rate-below").select("commandes")
    shown.text_input(key="upload-rate-name").input("Taux d’erreur")
    shown = press(shown, "upload-rate-add")
    shown = press(press(shown, "upload-right"), "upload-load")

    with store.read() as cursor:
        metric = next(one for one in metrics(cursor) if one.name_fr == "Taux d’erreur")
        found = metric_series(cursor, site_id=site_named(cursor, "Lyon").id, metric_id=metric.id)
    assert found.values.tolist() == [10.0, 30.0]


def test_a_metric_of_the_file_can_be_said_to_be_one_on_record(store, keeper):
    loaded(store, keeper, weekly("4,5"))
    with store.read() as cursor:
        known = metrics(cursor)[0].id
    shown = given(b"semaine;site;lead (j)\n2026-01-12;Lyon;6\n", "autre.csv")

    shown.selectbox(key="upload-metric-0").select(known)
    shown = press(press(ran(shown), "upload-right"), "upload-load")

    with store.read() as cursor:
        assert [metric.id for metric in metrics(cursor)] == [known]
        found = metric_series(cursor, site_id=sites(cursor)[0].id, metric_id=known)
    assert found.values.tolist() == [4.5, 6.0]


# --- steps 3 and 4 ------------------------------------------------------------------------------------------------


@pytest.mark.accepts("1.10", "1.14")
def test_a_good_file_is_loaded_and_what_became_of_it_is_said(store, keeper):
    shown = press(given(weekly("4,5", "5,5")), "upload-right")
    assert title(shown) == "2 new values are ready to be loaded"

    shown = press(shown, "upload-load")

    said = text(shown)
    assert title(shown) == "2 values entered the record from delais.csv"
    assert "1 site registered with this file." in said
    assert "9 filled cells: 2 observations" in said
    assert re.search(r"SHA-256 of the file: [0-9a-f]{64}", said)
    assert "delais.csv 2 0 0 0 stands" in said
    assert counts(store) == (1, 1, 1)


@pytest.mark.accepts("1.6", "1.7")
def test_faults_are_boxed_and_worded_and_the_rest_can_be_loaded(store, keeper):
    shown = press(given(weekly("4,5", "oui", "5,5", "-")), "upload-right")

    said = text(shown)
    assert title(shown) == "1 error keeps something out. The rest is ready."
    assert "1 error: stays out Found “oui”; expected a number" in said
    assert shown.button(key="upload-fault-error-0").label == r"C3 “délai \(j\)”"
    assert "1 note: changed for you" in said
    assert 'es-i-octagon" aria-hidden="true"></i><span class="es-what">1 error' in markup(shown)
    assert '<td class="es-num es-fault">oui</td>' in markup(shown)

    shown = press(shown, "upload-load")

    assert title(shown) == "2 values entered the record from delais.csv"
    assert "1 cell at fault left out." in text(shown)


@pytest.mark.accepts("1.12")
def test_a_restatement_shows_old_new_and_difference_and_asks_why(store, keeper):
    loaded(store, keeper, weekly("4,5", "5,5"))
    shown = given(weekly("4,5", "6,5"))

    said = text(shown)
    assert title(shown) == "1 value on record would change"  # read as last time: straight to the check
    assert "week of 12 Jan 2026 5.5 d 6.5 d +1.0 d 3" in said
    assert "0 new values, 1 already known, 1 restated" in said

    shown = press(shown, "upload-load")
    assert "Say why these values change" in text(shown)
    assert counts(store)[0] == 1

    shown.text_input(key="upload-reason").input("late orders counted")
    shown = press(shown, "upload-load")

    with store.read() as cursor:
        assert batches(cursor)[-1].reason == "late orders counted"
    assert title(shown) == "1 value entered the record from delais.csv"


@pytest.mark.accepts("1.11")
@pytest.mark.parametrize(
    ("language", "said"),
    [
        ("en", "This file is in the record already: nothing changes"),
        ("fr", "Ce fichier est déjà enregistré : rien ne change"),
    ],
)
def test_the_same_file_again_changes_nothing_and_says_so(store, keeper, language, said):
    loaded(store, keeper, weekly("4,5", "5,5"))
    version = store.data_version()

    shown = given(weekly("4,5", "5,5"), language=language)

    assert title(shown) == said
    assert "Ana" in text(shown)
    assert not [button for button in shown.button if button.key == "upload-load"]
    assert store.data_version() == version


def test_an_unknown_site_is_registered_only_when_the_box_is_ticked(store, keeper):
    loaded(store, keeper, weekly("4,5", "5,5"))
    shown = given(weekly("4,5", "5,5", site="Lyonn"))

    assert title(shown) == "1 site is not registered"
    assert "Near names: Lyon" in text(shown)
    assert shown.selectbox(key="upload-site-2").label == r"“Lyonn”\, row 2\, is"
    assert shown.button(key="upload-load").disabled

    shown.checkbox(key="upload-register").check()
    shown = press(ran(shown), "upload-load")

    assert title(shown) == "2 values entered the record from delais.csv"
    with store.read() as cursor:
        assert {site.name for site in sites(cursor)} == {"Lyon", "Lyonn"}


@pytest.mark.accepts("10.2")
def test_a_keeper_of_one_site_cannot_load_another(store, keeper, monkeypatch):
    loaded(store, keeper, weekly("4,5", "5,5"))
    loaded(store, keeper, weekly("4,5", "5,5", site="Nice"), register=True)
    with store.read() as cursor:
        lyon = site_named(cursor, "Lyon")
    other = register_person(store, keeper, name="Bo", language="en")
    assign(store, keeper, person_id=other.id, role=Role.METRIC_KEEPER, site_id=lyon.id)
    monkeypatch.setenv("ESSAIM_PERSON", other.id)

    shown = given(weekly("7,5", site="Nice"))

    assert title(shown) == "You may not load data for Nice"
    assert not [button for button in shown.button if button.key == "upload-load"]


# --- the loads so far ---------------------------------------------------------------------------------------------


@pytest.mark.accepts("1.13", "9.13")
def test_a_whole_load_is_undone_after_a_question_and_with_a_reason(store, keeper):
    report = loaded(store, keeper, weekly("4,5", "5,5"))
    shown = press(opened(), "upload-undo")

    shown = press(shown, "upload-undo-confirm")
    assert [error.value for error in shown.error] == ["Say why this load is undone: the reason is kept."]

    shown.text_input(key="upload-undo-reason").input("wrong file")
    shown = press(shown, "upload-undo-confirm")

    with store.read() as cursor:
        assert undos(cursor)[report.batch.id].reason == "wrong file"
    assert "delais.csv is undone: its values gave way to those before them." in text(shown)
    assert "undone by Ana" in text(shown)
    assert "wrong file" in text(shown)


@pytest.mark.promises("F6")
def test_bytes_stay_in_the_session_and_nowhere_on_disk(keeper, tmp_path):
    shown = given(weekly("4,5", "5,5"), "secret-name.csv")

    assert shown.session_state["upload-desk"].given.data == weekly("4,5", "5,5")
    assert not list(tmp_path.rglob("*secret-name*"))


@pytest.mark.promises("F4")
def test_a_heading_of_a_file_is_never_read_as_markup(keeper):
    shown = given(b"date;site;![x](https://elsewhere.example/a.png)\n2026-01-05;Lyon;4\n2026-01-12;Lyon;5\n")

    labels = [field.label for field in [*shown.selectbox, *shown.text_input, *shown.radio, *shown.checkbox]]
    assert not [label for label in labels if "](" in label]
