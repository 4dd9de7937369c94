"""A file enters the record whole, or is refused in a sentence with the record as it was."""

from __future__ import annotations

import datetime as dt
import io

import openpyxl
import pytest

from data import metrics, records, sites
from data.access import Actor, actor_for
from data.observations import metric_series, undo_load
from data.people import assign, first_person, register_person
from data.store import Store, open_store
from data.types import Batch, Role, Severity
from loaders.choices import Choices, RateChoice
from loaders.dates import DateOrder
from loaders.grid import Refusal
from loaders.ingest import LoadReport, load, preview, understand
from loaders.summary import loaded_lines, refused_sentence, understood_lines
from tests.loaders.exports import LONG, WIDE, as_csv, long_rows

WEEKS = ["2026-01-05", "2026-01-12", "2026-01-19", "2026-01-26"]


@pytest.fixture
def store():
    opened = open_store(":memory:", clock=lambda: dt.datetime(2026, 3, 30, 9, tzinfo=dt.UTC))
    yield opened
    opened.close()


@pytest.fixture
def keeper(store):
    person = first_person(store, "Ana")
    return actor(store, person.id)


def actor(store: Store, person_id: str) -> Actor:
    with store.read() as cursor:
        return actor_for(cursor, person_id, store.today())


def table(*rows: str) -> bytes:
    return "\n".join(rows).encode()


def weekly(*values: str, site: str = "Lyon") -> bytes:
    return table("semaine;site;délai (j)", *(f"{w};{site};{v}" for w, v in zip(WEEKS, values, strict=False)))


def put(store, keeper, data: bytes, name: str = "delais.csv", choices: Choices | None = None, **how) -> LoadReport:
    return load(understand(data, name, store, keeper, choices), store, keeper, **how)


def test_a_new_source_registers_its_sites_and_metrics(store, keeper):
    report = put(store, keeper, weekly("4,5", "5,5"))

    with store.read() as cursor:
        metric = metrics.metric_named(cursor, "délai")
        site = sites.site_named(cursor, "lyon")
    assert metric is not None
    assert (metric.unit, metric.frequency.value) == ("d", "week")
    assert site is not None
    assert report.batch.n_new == 2
    assert "1 site enregistré avec ce fichier." in loaded_lines(report, "fr")


@pytest.mark.accepts("1.11")
def test_the_same_file_twice_changes_nothing_and_says_so(store, keeper):
    put(store, keeper, weekly("4,5", "5,5"))
    version = store.data_version()

    again = put(store, keeper, weekly("4,5", "5,5"))

    assert not again.changed
    assert store.data_version() == version
    assert loaded_lines(again, "en") == ["delais.csv: already loaded on 30 Mar 2026, nothing changed."]


@pytest.mark.accepts("1.10", "1.12")
def test_a_changed_value_asks_for_a_reason_and_keeps_old_and_new(store, keeper):
    put(store, keeper, weekly("4,5", "5,5"))
    changed = understand(weekly("4,5", "6,5"), "delais.csv", store, keeper)

    shown = preview(changed, store)
    with pytest.raises(Refusal) as refused:
        load(changed, store, keeper)
    done = load(changed, store, keeper, reason="saisie corrigée")

    assert shown is not None
    assert shown.restated[["old", "new", "difference"]].to_numpy().tolist() == [[5.5, 6.5, 1.0]]
    assert refused_sentence(refused.value, "en") == "1 value already on record would change. Say why: --reason TEXT."
    assert (done.batch.n_same, done.batch.n_restated) == (1, 1)


def test_a_column_that_held_values_holds_values_in_the_next_file_too(store, keeper):
    first = [f"2026-{month:02};Lyon;{month};{20 + month}" for month in range(1, 5)]
    put(store, keeper, table("mois;site;erreurs;commandes", *first), name="avril.csv")

    with pytest.raises(Refusal) as refused:
        put(store, keeper, table("mois;site;erreurs;commandes", *first[:2], "2026-01;Lyon;5;30", "2026-02;Lyon;6;31"))

    assert "already have another value" in refused_sentence(refused.value, "en")


@pytest.mark.accepts("1.3")
def test_the_next_file_of_a_source_is_read_the_same_as_last_time(store, keeper):
    rates = Choices(rates=(RateChoice(numerator="erreurs", denominator="commandes", name="Taux d'erreur"),))
    put(store, keeper, table("mois;site;erreurs;commandes", "2026-01;Lyon;1;10"), choices=rates)

    new = understand(table("commandes;site;mois;erreurs", "20;Lyon;2026-02;1"), "fevrier.csv", store, keeper)

    assert new.same_as_last_time
    assert [metric.name for metric in new.interpretation.metrics] == ["commandes", "erreurs", "Taux d'erreur"]
    assert new.interpretation.metrics[2].metric_id is not None
    assert "Read the same as last time." in understood_lines(new, "en")
    assert {reading.reason for reading in new.interpretation.mapping.columns} == {"same_as_last_time"}


def test_both_real_exports_load_and_load_again_without_change(store, keeper):
    rate = Choices(rates=(RateChoice(numerator="breaches", denominator="attendances"),))

    first = put(store, keeper, LONG.read_bytes(), LONG.name, rate)
    second = put(store, keeper, WIDE.read_bytes(), WIDE.name)
    again = [put(store, keeper, LONG.read_bytes(), LONG.name), put(store, keeper, WIDE.read_bytes(), WIDE.name)]

    assert (first.batch.n_new, len(first.new_sites), len(first.new_metrics)) == (38_295 + 12_765, 274, 4)
    assert (second.batch.n_new, len(second.new_sites)) == (340 * 12, 340)
    assert [report.changed for report in again] == [False, False]


def test_a_loaded_rate_is_the_weighted_mean_of_its_segments(store, keeper):
    rate = Choices(rates=(RateChoice(numerator="breaches", denominator="attendances", name="breach rate"),))
    put(store, keeper, LONG.read_bytes(), LONG.name, rate)
    month = [row for row in long_rows()[1:] if row[:2] == ["2017-03-01", "RF4"]]

    with store.read() as cursor:
        site, metric = sites.site_named(cursor, "RF4"), metrics.metric_named(cursor, "breach rate")
        series = metric_series(cursor, site_id=site.id, metric_id=metric.id)

    expected = 100 * sum(float(row[4]) for row in month) / sum(float(row[3]) for row in month)
    assert series.values.loc["2017-03-01"] == pytest.approx(expected)


def test_an_undone_load_can_be_loaded_again(store, keeper):
    report = put(store, keeper, weekly("4,5", "5,5"))
    undo_load(store, keeper, report.batch.id, "mauvais fichier")

    again = put(store, keeper, weekly("4,5", "5,5"))

    assert (again.changed, again.batch.n_new) == (True, 2)


# --- what must be refused, with the record as it was --------------------------------------------------------------


def refusal(store, keeper, data: bytes, name: str = "f.csv", language: str = "en", **how) -> str:
    version = store.data_version()
    with pytest.raises(Refusal) as refused:
        put(store, keeper, data, name, **how)
    assert store.data_version() == version
    return refused_sentence(refused.value, language)


@pytest.mark.accepts("1.6")
def test_text_among_numbers_is_refused_with_its_place(store, keeper):
    said = refusal(store, keeper, weekly("4,5", "12,5 j ou plus"), language="fr")

    assert said.startswith("C3 « délai (j) » : trouvé « 12,5 j ou plus » ; attendu un nombre")


@pytest.mark.accepts("1.7")
def test_what_is_right_can_be_loaded_without_the_cells_at_fault(store, keeper):
    report = put(store, keeper, weekly("4,5", "oui", "5,5", "-"), leave_out=True)

    found = report.understanding.interpretation
    assert report.batch.n_new == 2
    assert {fault.code: fault.severity for fault in found.faults} == {
        "text_among_numbers": Severity.ERROR,
        "missing_mark": Severity.INFO,
    }
    assert "1 cell at fault left out." in loaded_lines(report, "en")


@pytest.mark.accepts("1.5")
def test_an_ambiguous_date_is_asked_about_once_and_never_guessed(store, keeper):
    data = table("date,site,errors", "03/04/2026,Lyon,4", "04/04/2026,Lyon,5", "05/04/2026,Nice,5")

    said = refusal(store, keeper, data)
    month_first = understand(data, "f.csv", choices=Choices(date_order=DateOrder.MONTH_FIRST)).interpretation

    asked = understand(data, "f.csv").interpretation.questions
    assert [(question.code, question.found) for question in asked] == [("date_order", "03/04/2026")]
    assert "--dates day-first" in said
    assert month_first.periods[0].first == dt.date(2026, 3, 4)


def test_a_site_nobody_knows_is_refused_and_may_be_registered(store, keeper):
    put(store, keeper, weekly("4,5", "5,5"))
    data = weekly("4,5", "5,5", site="Lyonn")

    said = refusal(store, keeper, data)
    report = put(store, keeper, data, register=True)

    assert said.startswith("Row 2: the site “Lyonn” is not registered. Near names: Lyon.")
    assert [site.name for site in report.new_sites] == ["Lyonn"]


def test_a_unit_that_is_not_the_metrics_is_refused(store, keeper):
    put(store, keeper, weekly("4,5", "5,5"))

    said = refusal(store, keeper, table("semaine;site;délai (h)", "2026-02-02;Lyon;96", "2026-02-09;Lyon;90"))

    assert said.startswith("Column C “délai (h)”: the unit “h” is not the metric’s; expected: d.")


def test_a_period_that_is_not_the_metrics_is_refused(store, keeper):
    put(store, keeper, weekly("4,5", "5,5"))

    said = refusal(store, keeper, table("mois;site;délai (j)", "2026-02;Lyon;4", "2026-03;Lyon;5"))

    assert said.startswith("Column C “délai (j)”: the periods (2026-02) are not the metric’s; expected: weeks.")


def test_one_new_week_fits_a_weekly_metric(store, keeper):
    put(store, keeper, weekly("4,5", "5,5"))

    report = put(store, keeper, table("semaine;site;délai (j)", "2026-02-05;Lyon;4"))

    assert report.batch.n_new == 1
    assert str(report.understanding.interpretation.periods[0].first) == "2026-02-02"


def test_two_values_for_one_site_and_period_are_refused(store, keeper):
    said = refusal(store, keeper, table("mois,site,errors", "2026-01,Lyon,4", "2026-02,Lyon,5", "2026-02,Lyon,6"))

    assert said.startswith("C4 “errors”: found 6 (Lyon, 1 Feb 2026); the same site and period already have another")


def test_the_same_value_twice_is_counted_once(store, keeper):
    report = put(store, keeper, table("mois,site,errors", "2026-01,Lyon,4", "2026-02,Lyon,5", "2026-02,Lyon,5"))

    assert report.batch.n_new == 2
    assert report.understanding.interpretation.fault_counts["duplicate_same"] == 1


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "empty"),
        (
            b"2026-01-05,Lyon,4\n2026-01-12,Lyon,5\n2026-01-19,Nice,6\n",
            "without a heading row above them (2026-01-05, Lyon, 4)",
        ),
        (b"site,errors,orders\nLyon,4,100\nNice,5,90\n", "No column and no heading names a period"),
        (b"date,site,note\n2026-01-05,Lyon,bien\n2026-01-12,Nice,mal\n", "No column of numbers"),
        (b"\x89PNG\r\n\x1a\n" + bytes(200), "picture"),
        (b"date,errors\n2026-01-05,4\n2026-01-12,5\n", "No column names the site"),
        (b"week,site,errors\nW12,Lyon,4\nW13,Lyon,5\n", "has no year"),
    ],
)
def test_a_file_that_is_no_table_of_values_is_refused_in_a_sentence(store, keeper, data, words):
    said = refusal(store, keeper, data, "f.xlsx" if data.startswith(b"\x89") else "f.csv")

    assert words in said
    assert "\n" not in said


def test_an_impossible_date_is_refused_with_its_row(store, keeper):
    said = refusal(store, keeper, table("date;site;délai", "30/01/2026;Lyon;4", "30/02/2026;Lyon;5"))

    assert said.startswith("A3 “date”: the date “30/02/2026” does not exist.")


@pytest.mark.promises("A2")
def test_rows_of_another_keepers_site_are_refused_whole(store, keeper):
    put(store, keeper, table("semaine;site;délai (j)", "2026-01-05;Lyon;4", "2026-01-05;Nice;5"))
    with store.read() as cursor:
        lyon = sites.site_named(cursor, "Lyon")
    person = register_person(store, keeper, name="Bo")
    assign(store, keeper, person_id=person.id, role=Role.METRIC_KEEPER, site_id=lyon.id)
    bo = actor(store, person.id)
    mixed = table("semaine;site;délai (j)", "2026-01-12;Lyon;4", "2026-01-12;Nice;5")

    understanding = understand(mixed, "m.csv", store, bo)
    with pytest.raises(Refusal) as refused:
        load(understanding, store, bo)

    assert understanding.not_theirs == ("Nice",)
    assert refused_sentence(refused.value, "en") == "Row 3: you may not load data for Nice. Nothing was loaded."
    with store.read() as cursor:
        assert len(records.current(cursor, Batch)) == 1


def test_names_that_look_alike_are_warned_of(store, keeper):
    put(store, keeper, weekly("4,5", "5,5"))

    found = understand(weekly("4,5", "5,5", site="Lуon"), "f.csv", store, keeper).interpretation

    assert {fault.code for fault in found.faults} == {"unknown_site", "site_looks_alike"}


def test_a_value_outside_the_plausible_range_is_let_in_with_a_mark(store, keeper):
    put(store, keeper, weekly("4,5", "5,5"))
    with store.read() as cursor:
        metric = metrics.metric_named(cursor, "délai")
    metrics.edit_metric(store, keeper, metric.id, plausible_low=0, plausible_high=60)

    report = put(store, keeper, table("semaine;site;délai (j)", "2026-02-02;Lyon;450", "2026-02-09;Lyon;5"))

    assert report.batch.n_new == 2
    assert report.understanding.interpretation.observations["mark"].tolist() == ["implausible", ""]


def test_a_site_for_the_whole_file_may_be_named(store, keeper):
    data = as_csv([["date", "errors"], ["2026-01-05", 4], ["2026-01-12", 5]])

    report = put(store, keeper, data, choices=Choices(site="Lyon"))

    assert [site.name for site in report.new_sites] == ["Lyon"]


def test_a_hidden_sheet_is_mentioned():
    book = openpyxl.Workbook()
    for row in (["mois", "site", "erreurs"], ["2026-01", "Lyon", 4], ["2026-02", "Lyon", 5]):
        book.active.append(row)
    book.create_sheet("Brouillon").sheet_state = "hidden"
    file = io.BytesIO()
    book.save(file)

    found = understand(file.getvalue(), "f.xlsx")

    assert any("“Brouillon” is hidden" in line for line in understood_lines(found, "en"))


def test_the_sheet_with_the_data_is_found_among_others():
    book = openpyxl.Workbook()
    book.active.append(["Sommaire"])
    numbers = book.create_sheet("Budget")
    for line in range(40):
        numbers.append([line, line * 2, line * 3])
    data = book.create_sheet("Suivi")
    for row in (["mois", "site", "erreurs"], ["2026-01", "Lyon", 4], ["2026-02", "Lyon", 5]):
        data.append(row)
    file = io.BytesIO()
    book.save(file)

    assert understand(file.getvalue(), "f.xlsx").interpretation.layout.sheet == "Suivi"
