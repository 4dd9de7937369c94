"""The same table written another way gives the same observations, a question or a refusal: never other values."""

from __future__ import annotations

import csv
import io
import random

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from loaders.grid import Refusal
from loaders.ingest import understand
from tests.loaders.exports import as_csv, as_xlsx
from tests.loaders.sheets_to_write import Page
from tests.loaders.written_books import ods

SITES = ("Angers", "Besançon", "Compiègne", "Évreux")
PERIODS = {
    "iso": ("2026-01-01", "2026-02-01", "2026-03-01", "2026-04-01", "2026-05-01"),
    "french": ("janvier 2026", "février 2026", "mars 2026", "avril 2026", "mai 2026"),
    "english": ("Jan-26", "Feb-26", "Mar-26", "Apr-26", "May-26"),
    "european": ("31/01/2026", "28/02/2026", "31/03/2026", "30/04/2026", "31/05/2026"),
    "american": ("01/31/2026", "02/28/2026", "03/31/2026", "04/30/2026", "05/31/2026"),
}
HEADINGS = {
    "site": ("site", "Établissement", "Organisation", "Agence", "Site name", "Nom du site", "Plant"),
    "period": ("mois", "Date", "Période", "Month", "Reporting period"),
}
METRICS = ("Délai moyen (j)", "Colis expédiés")
COMMON = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck), database=None)


def facts(rng):
    """Give the values: mean delays with decimals, parcels by the thousand."""
    return {
        (site, month): (round(rng.uniform(1.5, 28), 1), rng.choice([rng.randint(40, 999), rng.randint(1000, 99_999)]))
        for site in SITES
        for month in range(5)
    }


def written(values, way):
    """Write the values as rows, headings first, in a way that was drawn."""
    rng = random.Random(way["seed"])
    order = rng.sample(range(4), 4) if way["columns"] else [0, 1, 2, 3]
    periods = PERIODS[way["periods"]]
    body = [[site, periods[month], *values[site, month]] for site, month in values]
    if way["rows"]:
        rng.shuffle(body)
    headings = [HEADINGS["site"][way["site"]], HEADINGS["period"][way["period"]], *METRICS]
    table = [[row[at] for at in order] for row in [headings, *body]]
    preamble = [["Suivi des sites", "", "", ""], ["Extrait par le siège", "", "", ""], ["", "", "", ""]][
        : way["preamble"]
    ]
    return preamble + table


def as_text(value, way):
    """Write a number as an office would: with a comma or a point, thousands apart or not."""
    if not isinstance(value, float | int):
        return value
    text = f"{value:,}" if way["thousands"] else str(value)
    swap = {",": "\u202f", ".": ","} if way["comma"] else {",": " ", ".": "."}
    return "".join(swap.get(sign, sign) for sign in text)


def file_of(rows, way):
    kind = way["format"]
    if kind == "xlsx":
        return as_xlsx(rows), "suivi.xlsx"
    if kind == "ods":
        return ods([Page("Suivi", rows)]), "suivi.ods"
    texts = [[as_text(value, way) for value in row] for row in rows]
    return as_csv(texts, delimiter=way["delimiter"], encoding=way["encoding"]), "suivi.csv"


WAYS = st.fixed_dictionaries(
    {
        "seed": st.integers(0, 10_000), "columns": st.booleans(), "rows": st.booleans(), "preamble": st.integers(0, 3),
        "periods": st.sampled_from(sorted(PERIODS)), "site": st.integers(0, 6), "period": st.integers(0, 4),
        "format": st.sampled_from(["csv", "csv", "xlsx", "ods"]), "comma": st.booleans(), "thousands": st.booleans(),
        "delimiter": st.sampled_from([";", "\t", ",", "|"]), "encoding": st.sampled_from(["utf-8", "utf-8-sig", "cp1252-safe", "utf-16"]),
    }
)  # fmt: skip


def read(data, name):
    """Give the observations by site, month and metric; None when the file is asked about or refused."""
    try:
        found = understand(data, name).interpretation
    except Refusal:
        return None
    if found.questions:
        return None
    sites, metrics = [site.name for site in found.sites], [metric.name for metric in found.metrics]
    assert sum(found.cells.values()) == found.n_cells
    return {
        (sites[row.site], row.period_start.month - 1, metrics[row.metric]): row.value
        for row in found.observations.itertuples()
        if row.grain == "month" and row.period_start.year == 2026
    }, dict(found.fault_counts)


@seed(20_260_322)
@COMMON
@given(WAYS)
def test_a_table_written_another_way_holds_the_same_observations(way):
    way = {
        **way,
        "encoding": "utf-8" if way["encoding"] == "cp1252-safe" and way["comma"] else way["encoding"].split("-safe")[0],
    }
    values = facts(random.Random(way["seed"]))
    data, name = file_of(written(values, way), way)

    got = read(data, name)

    if got is not None:
        held, faults = got
        expected = {
            (site, month, metric): value
            for (site, month), pair in values.items()
            for metric, value in zip(("Délai moyen", "Colis expédiés"), pair, strict=True)
        }
        assert {key: value for key, value in held.items() if expected.get(key) != value} == {}
        assert len(held) == len(expected) or sum(faults.values()), "values are missing and nothing says so"


@pytest.mark.parametrize("form", ["csv", "xlsx", "ods"])
def test_the_plainest_way_is_understood_without_a_question(form):
    way = {"seed": 1, "columns": False, "rows": False, "preamble": 2, "periods": "iso", "site": 0, "period": 0, "format": form,
           "comma": True, "thousands": True, "delimiter": ";", "encoding": "utf-8"}  # fmt: skip
    got = read(*file_of(written(facts(random.Random(1)), way), way))

    assert got is not None
    assert len(got[0]) == 40


def turned(values, months):
    """Turn the first metric: sites down, months across."""
    return [["Site", *months], *([site, *(values[site, month][0] for month in range(5))] for site in SITES)]


@seed(5)
@COMMON
@given(WAYS)
def test_a_table_turned_on_its_side_holds_the_same_observations(way):
    way = {**way, "encoding": "utf-8"}
    rng = random.Random(way["seed"])
    values = facts(rng)
    rows = turned(values, PERIODS[way["periods"]])
    order = rng.sample(range(1, 6), 5) if way["columns"] else [1, 2, 3, 4, 5]
    rows = [[row[0], *(row[at] for at in order)] for row in rows]
    body = rows[1:]
    if way["rows"]:
        rng.shuffle(body)
    title = [["Délai moyen (j)", "", "", "", "", ""]]
    data, name = file_of([*title[: way["preamble"]], rows[0], *body], way)

    got = read(data, name)

    if got is not None:
        held = {key[:2]: value for key, value in got[0].items()}
        assert held == {key: pair[0] for key, pair in values.items()} or sum(got[1].values())
        assert all(values[key][0] == value for key, value in held.items())


def test_quoted_cells_change_nothing():
    rows = written(facts(random.Random(2)), {"seed": 2, "columns": False, "rows": False, "preamble": 0, "periods": "iso", "site": 0, "period": 0})  # fmt: skip
    text = io.StringIO()
    csv.writer(text, delimiter=";", quoting=csv.QUOTE_ALL).writerows(rows)

    assert read(text.getvalue().encode(), "a.csv") == read(as_csv(rows, delimiter=";"), "a.csv")
