"""A source is known again when its next file comes, and what differs from last time is said."""

from __future__ import annotations

import pytest

from data import sites
from loaders.choices import Choices, MetricChoice, RateChoice
from loaders.ingest import load, understand
from loaders.memory import difference_sentence
from loaders.summary import understood_lines
from tests.loaders.exports import as_xlsx


def table(*rows: str) -> bytes:
    return "\n".join(rows).encode()


def put(store, keeper, data: bytes, name: str = "delais.csv", choices: Choices | None = None):
    return load(understand(data, name, store, keeper, choices), store, keeper)


FIRST = ("mois;site;Délai (j);erreurs", "2026-01;Lyon;4,5;2", "2026-01;Nice;5,5;3")


def told(understanding, language="en"):
    return [difference_sentence(one, language) for one in understanding.differences]


@pytest.mark.accepts("1.3")
def test_the_same_columns_in_another_order_are_the_same_as_last_time(store, keeper):
    put(store, keeper, table(*FIRST))

    again = understand(table("erreurs;Délai (j);site;mois", "2;6,5;Lyon;2026-02"), "delais.csv", store, keeper)

    assert (again.same_as_last_time, again.differences) == (True, ())


@pytest.mark.accepts("1.3")
@pytest.mark.parametrize(
    ("header", "row", "english", "french"),
    [
        (
            "mois;site;Délai (j);erreurs;poste", "2026-02;Lyon;4,5;2;équipe A",
            ["New column: “poste”."], ["Colonne nouvelle\u00a0: «\u00a0poste\u00a0»."],
        ),
        (
            "mois;site;Délai (j)", "2026-02;Lyon;4,5",
            ["Missing column: “erreurs”."], ["Colonne absente\u00a0: «\u00a0erreurs\u00a0»."],
        ),
        (
            "mois;Établissement;Délai (j);erreurs", "2026-02;Lyon;4,5;2",
            ["The column “site” is now called “Établissement”."],
            ["La colonne «\u00a0site\u00a0» s’appelle maintenant «\u00a0Établissement\u00a0»."],
        ),
        (
            "mois;site;Délais (j);erreurs", "2026-02;Lyon;4,5;2",
            ["The column “Délai (j)” is now called “Délais (j)”."],
            ["La colonne «\u00a0Délai (j)\u00a0» s’appelle maintenant «\u00a0Délais (j)\u00a0»."],
        ),
    ],
)  # fmt: skip
def test_a_source_is_known_again_and_exactly_what_differs_is_said(store, keeper, header, row, english, french):
    put(store, keeper, table(*FIRST))

    again = understand(table(header, row), "delais.csv", store, keeper)

    assert not again.same_as_last_time
    assert told(again) == english
    assert told(again, "fr") == french
    assert set(english) <= set(understood_lines(again, "en"))
    assert {site.site_id is not None for site in again.interpretation.sites} == {True}


@pytest.mark.accepts("1.3")
def test_another_unit_than_last_time_is_said_and_is_a_fault(store, keeper):
    named = Choices(metrics={"Délai": MetricChoice(name="Délai", unit="d")})
    put(store, keeper, table(*FIRST), choices=named)

    again = understand(table("mois;site;Délai (h);erreurs", "2026-02;Lyon;108;2"), "delais.csv", store, keeper)

    assert told(again) == ["“Délai (h)”: the unit was d, it is now h."]
    assert [fault.code for fault in again.interpretation.errors] == ["unit_does_not_fit"]


def test_another_sheet_than_last_time_is_said_unless_it_is_named_for_its_period(store, keeper):
    rows = [["mois", "site", "erreurs"], ["2026-01", "Lyon", 4]]
    put(store, keeper, as_xlsx(rows, sheet="Suivi mars 2026"), "suivi.xlsx")
    rows[1] = ["2026-02", "Lyon", 5]

    april = understand(as_xlsx(rows, sheet="Suivi avril 2026"), "suivi.xlsx", store, keeper)
    other = understand(as_xlsx(rows, sheet="Brouillon"), "suivi.xlsx", store, keeper)

    assert april.same_as_last_time
    assert told(other) == ["The sheet was “Suivi mars 2026”, it is now “Brouillon”."]


def test_a_table_that_shares_only_site_and_period_is_another_source(store, keeper):
    put(store, keeper, table("mois;site;délai", "2026-01;Lyon;4"))

    other = understand(table("mois;site;réclamations", "2026-01;Lyon;4"), "delais.csv", store, keeper)

    assert (other.remembered, other.differences) == (None, ())


def test_a_table_most_of_whose_columns_are_others_is_another_source(store, keeper):
    put(store, keeper, table("mois;site;délai;retards;lots", "2026-01;Lyon;4;1;2"))

    other = understand(
        table("mois;site;délai;rebuts;pannes;arrêts", "2026-01;Lyon;4;1;2;3"), "delais.csv", store, keeper
    )

    assert (other.remembered, other.differences) == (None, ())


def test_what_was_chosen_follows_a_renamed_column(store, keeper):
    rate = RateChoice(numerator="erreurs", denominator="commandes", name="Taux d'erreur")
    put(store, keeper, table("mois;site;erreurs;commandes", "2026-01;Lyon;1;10"), choices=Choices(rates=(rate,)))

    again = understand(table("mois;site;erreur;commandes", "2026-02;Lyon;1;20"), "delais.csv", store, keeper)

    assert [metric.name for metric in again.interpretation.metrics] == ["erreurs", "commandes", "Taux d'erreur"]
    assert all(metric.metric_id is not None for metric in again.interpretation.metrics)


def test_a_rate_whose_column_is_gone_is_not_made(store, keeper):
    rate = RateChoice(numerator="C", denominator="commandes", name="Taux d'erreur")
    rows = ("mois;site;erreurs;commandes;colis", "2026-01;Lyon;1;10;4")
    put(store, keeper, table(*rows), choices=Choices(rates=(rate,)))

    again = understand(table("mois;site;commandes;colis", "2026-02;Lyon;20;4"), "delais.csv", store, keeper)

    assert told(again) == ["Missing column: “erreurs”."]
    assert [metric.name for metric in again.interpretation.metrics] == ["commandes", "colis"]


def test_a_remembered_rate_can_be_dropped(store, keeper):
    rate = RateChoice(numerator="erreurs", denominator="commandes", name="Taux d'erreur")
    put(store, keeper, table("mois;site;erreurs;commandes", "2026-01;Lyon;1;10"), choices=Choices(rates=(rate,)))
    new = table("mois;site;erreurs;commandes", "2026-02;Lyon;1;20")

    kept, dropped = (understand(new, "delais.csv", store, keeper, one) for one in (Choices(), Choices(rates=())))

    assert [len(kept.interpretation.metrics), len(dropped.interpretation.metrics)] == [3, 2]
    assert not dropped.same_as_last_time


def test_columns_chosen_by_letter_are_remembered_by_heading(store, keeper):
    rate = RateChoice(numerator="C", denominator="D", name="Taux d'erreur")
    put(store, keeper, table("mois;site;erreurs;commandes", "2026-01;Lyon;1;10"), choices=Choices(rates=(rate,)))

    again = understand(table("commandes;erreurs;mois;site", "20;1;2026-02;Lyon"), "delais.csv", store, keeper)

    assert again.interpretation.observations["value"].tolist() == [20.0, 1.0, 5.0]


@pytest.mark.accepts("1.3")
def test_two_sources_with_the_same_headings_are_told_apart_by_their_files_and_sites(store, keeper):
    for name, metric in (("delais_01.csv", "Délai"), ("erreurs_01.csv", "Erreurs")):
        choices = Choices(site="Lyon", metrics={"valeur": MetricChoice(name=metric)})
        put(store, keeper, table("mois;valeur", "2026-01;4"), name, choices)

    again = [
        understand(table("mois;valeur", "2026-02;5"), name, store, keeper, Choices(site="Lyon"))
        for name in ("delais_02.csv", "erreurs_02.csv")
    ]

    assert [one.interpretation.metrics[0].name for one in again] == ["Délai", "Erreurs"]


def test_a_name_given_to_a_site_on_record_is_that_site_now_and_next_time(store, keeper):
    put(store, keeper, table("mois;site;erreurs", "2026-01;Lyon;4", "2026-01;Nice;5"))
    with store.read() as cursor:
        lyon = sites.site_named(cursor, "Lyon").id
    data = table("mois;site;erreurs", "2026-02;Lyons;6", "2026-02;Nice;7")

    unknown = understand(data, "delais.csv", store, keeper)
    report = put(store, keeper, data, choices=Choices(sites={"Lyons": lyon}))
    later = understand(table("mois;site;erreurs", "2026-03;LYONS;6"), "delais.csv", store, keeper)

    assert [(fault.code, fault.found) for fault in unknown.interpretation.errors] == [("unknown_site", "Lyons")]
    assert "Lyon" in unknown.interpretation.errors[0].expected
    assert (report.batch.n_new, report.new_sites) == (2, ())
    assert later.interpretation.sites[0].site_id == lyon
    assert later.same_as_last_time


def test_two_names_of_one_site_in_a_file_are_one_site(store, keeper):
    put(store, keeper, table("mois;site;erreurs", "2026-01;Lyon;4"))
    with store.read() as cursor:
        lyon = sites.site_named(cursor, "Lyon").id
    data = table("mois;site;erreurs", "2026-02;Lyon;6", "2026-03;Lyons;7", "2026-02;Lyons;8")

    found = understand(data, "delais.csv", store, keeper, Choices(sites={"Lyons": lyon})).interpretation

    assert [site.site_id for site in found.sites] == [lyon]
    assert found.fault_counts == {"duplicate_different": 1}


def test_a_site_that_is_not_on_record_cannot_be_chosen(store, keeper):
    put(store, keeper, table("mois;site;erreurs", "2026-01;Lyon;4"))

    found = understand(
        table("mois;site;erreurs", "2026-02;Lyons;6"), "a.csv", store, keeper, Choices(sites={"Lyons": "nobody"})
    )

    assert [fault.code for fault in found.interpretation.errors] == ["unknown_site"]
