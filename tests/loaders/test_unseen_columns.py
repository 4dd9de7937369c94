"""Columns of open data are taken for what they are: numbers of places are no figures, ages are no sites, sums are totals."""

from __future__ import annotations

import itertools

import pytest

from loaders.choices import Choices, ColumnRole
from tests.loaders.exports import read

MONTHS = ("2026-01", "2026-02", "2026-03", "2026-04")


def rows_of(heading, *sites):
    """One row a month and site: the month, what describes the site, and a figure."""
    body = [[month, *site, 10 + 3 * at + n] for n, month in enumerate(MONTHS) for at, site in enumerate(sites)]
    return [["mois", *heading, "incidents"], *body]


def roles(found):
    return {one.column.heading: one.role for one in found.mapping.columns}


@pytest.mark.parametrize(
    "heading", ["departement", "dep", "code_postal", "code insee", "region", "id", "latitude", "annee"]
)
def test_numbers_that_describe_a_site_are_no_figures(heading):
    found = read(rows_of(["site", heading], ("Lyon Nord", 2001), ("Lyon Sud", 2001), ("Brest", 2002))).interpretation

    assert [site.name for site in found.sites] == ["Lyon Nord", "Lyon Sud", "Brest"]
    assert [(metric.name, metric.n_observations) for metric in found.metrics] == [("incidents", 12)]


def test_sites_may_be_known_by_a_number_alone():
    found = read(rows_of(["departement"], (69,), (29,), (13,))).interpretation

    assert [site.name for site in found.sites] == ["69", "29", "13"]


def test_a_site_that_changes_its_name_keeps_its_code():
    rows = rows_of(["code", "site"], ("L1", "Lyon"), ("N1", "Nice"))
    for row in rows[5:]:
        row[2] += " (nouveau)"

    found = read(rows).interpretation

    assert [(site.name, site.code) for site in found.sites] == [("Lyon", "L1"), ("Nice", "N1")]


def test_a_code_that_was_chosen_stays_the_code():
    rows = rows_of(["site", "code_postal"], ("Lyon", 69001), ("Nice", 6000))

    found = read(rows, choices=Choices(roles={"code_postal": ColumnRole.SITE_CODE})).interpretation

    assert roles(found)["code_postal"] is ColumnRole.SITE_CODE


def test_a_count_of_the_rows_is_no_figure_and_a_figure_that_counts_up_is_one():
    pairs = list(itertools.product(MONTHS, ("Lyon", "Nice", "Brest")))
    numbered = [["dossier", "mois", "site", "delai"], *([4500 + at, *pair, at % 5] for at, pair in enumerate(pairs))]
    counted = [["mois", "site", "total cumule"], *([*pair, 1 + at] for at, pair in enumerate(pairs))]

    assert [metric.name for metric in read(numbered).interpretation.metrics] == ["delai"]
    assert read(counted).interpretation.n_observations == 12


def test_ages_are_segments_and_departments_are_sites():
    ages, sexes, places = ("00-04", "05-09", "65-69"), (1, 2), (69, 38, 13)
    rows = [["annee", "cla_age_5", "sexe", "region", "dept", "Ntop"]]
    rows += [
        [year, age, sex, 84, place, 100 + 7 * at + 3 * sex + place + year % 10]
        for year in (2019, 2020) for at, age in enumerate(ages) for sex in sexes for place in places
    ]  # fmt: skip

    found = read(rows).interpretation

    assert [site.name for site in found.sites] == ["69", "38", "13"]
    assert (len(found.metrics), found.n_observations, len(found.segments)) == (1, 36, 6)


@pytest.mark.parametrize(("first", "whole"), [(2020, 0), (1965, 9)])
def test_both_sexes_together_are_a_total_of_the_two(first, whole):
    rows = [["dep", "sexe", "annee", "hosp"]]
    for place, year in itertools.product(("01", "2A", "971"), range(first, first + 6)):
        men, women = 400 + 7 * year % 97 + len(place), 350 + 11 * year % 89
        rows += [[place, whole, year, men + women], [place, 1, year, men], [place, 2, year, women]]

    found = read(rows).interpretation

    assert {row.text.split()[1] for row in found.excluded if row.reason == "total"} == {str(whole)}
    assert found.n_observations == 36
    assert read(rows, choices=Choices(keep_rows=tuple(range(2, 60)))).interpretation.n_observations == 54


def test_a_heading_over_rows_that_are_hardly_filled_is_still_the_heading():
    rows = [["date", "a_fr", "b_fr", "a_cn", "b_cn", "livres", "note"], ["2020-S10", "", "", "", "", "11.6", "x"]]
    rows += [["2020-S11", "", "", "", "", "10", "x"], ["2020-S12", "8", "2.2", "", "", "26.4", "x"]]
    rows += [[f"2020-S{week}", "0.6", "2.2", "19.1", "2", "30.1", "x"] for week in range(13, 20)]

    found = read(rows, choices=Choices(site="France")).interpretation

    assert [one.code for one in found.questions] in ([], ["across"])
    assert found.n_observations == 2 + 3 + 5 * 7


@pytest.mark.parametrize(
    ("values", "delimiter"),
    [
        (["1,234", "2,500"], ","),  # nothing tells thousands from decimals
        (["1,234", "25000"], ","),  # 25000 has no comma: are there thousands apart?
        (["1,234", "12"], ";"),
        (["1,234", "2,500"], "\t"),
        (["1.234", "2.500"], ";"),
    ],
)
def test_a_sign_that_nothing_bears_out_is_asked_about(values, delimiter):
    rows = [
        ["date", "site", "délai"],
        *([f"2026-01-{5 + 7 * at:02}", "Lyon", value] for at, value in enumerate(values)),
    ]

    assert [one.code for one in read(rows, delimiter=delimiter).interpretation.questions] == ["decimal_sign"]
