"""Sixty files over the cross of layouts, languages and pollutions, each with its truth."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from tests.loaders.cross import shapes
from tests.loaders.cross.truth import (
    TOTAL,
    Facts,
    Key,
    american,
    comma,
    english_thousands,
    european,
    french_week,
    iso,
    iso_week,
    month_name,
    quarter,
    short_month,
    thin_thousands,
)
from tests.loaders.cross.writing import area, delimited, workbook

French = partial(Facts, "fr")
English = partial(Facts, "en")


@dataclass(frozen=True)
class File:
    """A file, what must be found in it, and whether a question is as good an answer."""

    name: str
    data: bytes
    truth: dict[Key, float]
    may_ask: bool = False
    site: str | None = None  # of the whole file, where only its sender knows


def name_of(language: str, **options: bool) -> Callable[[dt.date], str]:
    return lambda day: month_name(day, language, **options)


def same(value: float) -> float:
    return value


def minus(value: float) -> str:
    return f"−{abs(value)}" if value < 0 else f"{value}"


def _only(
    facts: Facts, *, site: str | None = None, period: dt.date | None = None, metric: str | None = None
) -> dict[Key, float]:
    return {
        key: value
        for key, value in facts.measured.items()
        if site in (None, key[0]) and metric in (None, key[1]) and period in (None, key[2])
    }


def _long_files() -> list[File]:
    f, e = French(n_metrics=2), English(n_metrics=2)
    days = French(n_sites=2, grain="day", n_periods=40)
    weeks = French(n_sites=3, grain="week", n_periods=8)
    holes = French(n_metrics=2, holes=((0, 0, 1), (2, 1, 3)))
    large = French(n_metrics=1, scale=1234.5)
    large_en = English(n_metrics=1, scale=1234.5)
    return [
        File("long_iso.csv", delimited(shapes.long(e, iso, same)), e.measured),
        File("long_fr_decimal_comma.csv", delimited(shapes.long(f, european, comma), ";", "cp1252"), f.measured, may_ask=True),
        File("long_fr_days.csv", delimited(shapes.by_metric(days, european, comma, period="date"), ";"), days.measured),
        File("long_us_days.csv", delimited(shapes.by_metric(English(n_sites=2, grain="day", n_periods=40), american, same,
             period="date")), English(n_sites=2, grain="day", n_periods=40).measured),
        File("long_ambiguous_days.csv", delimited(shapes.by_metric(English(n_sites=2, n_periods=6), american, same,
             period="date")), English(n_sites=2, n_periods=6).measured, may_ask=True),
        File("long_fr_weeks.tsv", delimited(shapes.long(weeks, french_week, comma, period="week"), "\t"), weeks.measured),
        File("long_iso_weeks_utf16.csv", delimited(shapes.long(weeks, iso_week, same, period="week"), "\t", "utf-16"), weeks.measured),
        File("long_missing_marks.csv", delimited(shapes.long(holes, name_of("fr"), comma, "n.d."), ";"), holes.measured),
        File("long_thin_spaces.csv", delimited(shapes.long(large, name_of("fr"), thin_thousands), ";"), large.measured),
        File("long_english_thousands.csv", delimited(shapes.long(large_en, iso, english_thousands)), large_en.measured),
        File("long_quoted_preamble.csv", delimited(shapes.footer(shapes.preamble(shapes.long(f, name_of("fr"), comma),
             f.word("title"), f.word("source")), f.word("note")), ";", quote_all=True), f.measured),
        File("long_heading_again.xlsx", workbook({"Export": shapes.with_heading_again(shapes.long(e, lambda d: d, same), 11)}),
             e.measured),
        File("long_blank_lines.xlsx", workbook({"Export": shapes.with_blank_rows(shapes.shifted(shapes.long(f, lambda d: d, same), 2), 7)}),
             f.measured),
        File("long_negative.csv", delimited(shapes.long(English(scale=-1), iso, minus)), English(scale=-1).measured),
        File("long_1904.xlsx", workbook({"Data": shapes.long(e, lambda d: d, same)}, epoch_1904=True), e.measured),
        File("long_units_in_cells.csv", delimited(shapes.long(f, name_of("fr"), lambda v: comma(v) + " j"), ";"), f.measured),
        File("long_euros.csv", delimited(shapes.long(large, name_of("fr"), lambda v: thin_thousands(v, 1) + "\u00a0€"), ";"), large.measured),
        File("long_trailing_minus.csv", delimited(shapes.long(French(scale=-1), name_of("fr"), lambda v: comma(abs(v)) + ("-" if v < 0 else "")), ";"),
             French(scale=-1).measured),
    ]  # fmt: skip


def _wide_files() -> list[File]:
    f, e = French(n_periods=12), English(n_periods=12)
    quarters = French(grain="quarter", n_periods=5)
    weeks = English(grain="week", n_periods=9)
    years = English(grain="year", n_periods=5, first=dt.date(2019, 1, 1))
    f2 = French(n_metrics=3, n_periods=4)
    big = French(n_periods=6, scale=1000, decimals=0)
    totals = {"fr": TOTAL["fr"], "en": TOTAL["en"]}
    return [
        File("wide_months.csv", delimited(shapes.by_period(f, name_of("fr"), comma), ";"), f.measured),
        File("wide_months_en.xlsx", workbook({"Report": shapes.preamble(shapes.by_period(e, name_of("en"), same), e.word("title"))}),
             e.measured),
        File("wide_short_months.csv", delimited(shapes.by_period(f, lambda d: short_month(d, "fr"), comma), ";", "cp1252"), f.measured),
        File("wide_short_months_en.csv", delimited(shapes.by_period(e, lambda d: short_month(d, "en"), same)), e.measured),
        File("wide_months_no_year.xlsx", workbook({"Suivi": shapes.by_period(f, name_of("fr", year=False), same)}), f.measured,
             may_ask=True),
        File("wide_months_title_year.xlsx", workbook({"Suivi": shapes.preamble(shapes.by_period(f, name_of("fr", year=False), same),
             "Délai moyen par établissement, année 2026")}), f.measured, may_ask=True),
        File("wide_quarters.xlsx", workbook({"Synthèse": shapes.by_period(quarters, lambda d: quarter(d, "fr"), same)}), quarters.measured),
        File("wide_week_dates.xlsx", workbook({"Weeks": shapes.by_period(weeks, lambda d: d, same)}), weeks.measured),
        File("wide_years.csv", delimited(shapes.by_period(years, lambda d: d.year, same)), years.measured),
        File("wide_total_row.xlsx", workbook({"Suivi": shapes.with_total_row(shapes.by_period(big, name_of("fr"), same), totals["fr"],
             same)}), big.measured),
        File("wide_total_first.xlsx", workbook({"Suivi": shapes.with_total_row(shapes.by_period(big, name_of("fr"), same), totals["fr"],
             same, first=True)}), big.measured),
        File("wide_total_column.xlsx", workbook({"Report": shapes.with_total_column(shapes.by_period(e, name_of("en"), same), "Total")}),
             e.measured),
        File("wide_total_unnamed.xlsx", workbook({"Suivi": shapes.with_total_row(shapes.by_period(big, name_of("fr"), same),
             "Région Ouest", same)}), big.measured, may_ask=True),
        File("wide_footnotes.xlsx", workbook({"Report": shapes.footer(shapes.by_period(e, name_of("en"), same), e.word("note"),
             "(1) Exeter opened in March")}), e.measured),
        File("wide_metric_over_month.xlsx", workbook({"Suivi": shapes.metric_over_period(f2, name_of("fr"), same)},
             merged=(area(1, 2, 5), area(1, 6, 9), area(1, 10, 13))), f2.measured),
        File("wide_metric_over_month.csv", delimited(shapes.metric_over_period(f2, name_of("fr"), comma), ";"), f2.measured),
        File("wide_month_over_metric.xlsx", workbook({"Suivi": shapes.period_over_metric(f2, name_of("fr"), same)},
             merged=(area(1, 2, 4), area(1, 5, 7), area(1, 8, 10), area(1, 11, 13))), f2.measured),
        File("wide_month_over_metric.csv", delimited(shapes.period_over_metric(f2, name_of("fr"), comma), ";"), f2.measured),
        File("wide_sections_metric.xlsx", workbook({"Suivi": shapes.sections_of_metrics(f2, name_of("fr"), same)}), f2.measured,
             may_ask=True),
        File("metrics_down.xlsx", workbook({f2.sites[0]: shapes.metrics_down(f2, name_of("fr"), same)}), _only(f2, site=f2.sites[0]), site=f2.sites[0],
             may_ask=True),
    ]  # fmt: skip


def _by_site_files() -> list[File]:
    f = French(n_periods=8)
    days = English(grain="day", n_periods=20)
    f2, e2 = French(n_metrics=2, n_periods=5), English(n_metrics=3, n_periods=5)
    holes = English(n_periods=8, holes=((1, 0, 2), (3, 0, 5)))
    return [
        File("by_site.csv", delimited(shapes.by_site(f, name_of("fr"), comma), ";"), f.measured, may_ask=True),
        File("by_site_days.xlsx", workbook({"Mean delay": shapes.by_site(days, lambda d: d, same, period="date")}), days.measured,
             may_ask=True),
        File("by_site_title.xlsx", workbook({"Feuil1": shapes.preamble(shapes.by_site(f, lambda d: d, same), "Délai moyen par établissement")}),
             f.measured, may_ask=True),
        File("by_site_missing.xlsx", workbook({"Sheet1": shapes.by_site(holes, name_of("en"), same, "..")}), holes.measured, may_ask=True),
        File("site_over_metric.xlsx", workbook({"Suivi": shapes.site_over_metric(f2, name_of("fr"), same)},
             merged=tuple(area(1, 2 + 2 * n, 3 + 2 * n) for n in range(5))), f2.measured, may_ask=True),
        File("site_over_metric.csv", delimited(shapes.site_over_metric(e2, iso, same)), e2.measured, may_ask=True),
        File("sections_site.xlsx", workbook({"Suivi": shapes.sections_of_sites(f2, name_of("fr"), same)}), f2.measured, may_ask=True),
        File("sections_site.csv", delimited(shapes.sections_of_sites(e2, iso, same, period="date")), e2.measured, may_ask=True),
    ]  # fmt: skip


def _by_metric_files() -> list[File]:
    f, e = French(n_metrics=3, n_periods=5), English(n_metrics=3, n_periods=5)
    march = f.periods[2]
    return [
        File("year_and_month.csv", delimited(shapes.year_and_month(f, comma, named=lambda d: d.month), ";"), f.measured),
        File("year_and_month_name.xlsx", workbook({"Données": shapes.year_and_month(f, same, named=name_of("fr", year=False))}),
             f.measured),
        File("by_metric_units.xlsx", workbook({"Data": shapes.with_units_row(shapes.by_metric(e, lambda d: d, same), "", "", "days",
             "count", "count")}), e.measured),
        File("by_metric_units_fr.csv", delimited(shapes.with_units_row(shapes.by_metric(f, name_of("fr"), comma), "", "", "(j)", "(nb)", "(nb)"),
             ";"), f.measured),
        File("one_period_title.xlsx", workbook({"Mars": shapes.preamble(shapes.one_period(f, same, period=2), "Résultats de mars 2026")}),
             _only(f, period=march), may_ask=True),
        File("one_period_2026-03.csv", delimited(shapes.one_period(e, same, period=2)), _only(e, period=e.periods[2]), may_ask=True),
        File("one_site_title.xlsx", workbook({"Feuil1": shapes.preamble(shapes.one_site(f, lambda d: d, same, site=1),
             "Établissement : Besançon")}), _only(f, site="Besançon"), site="Besançon", may_ask=True),
        File("hidden_sheet.xlsx", workbook({"Data": shapes.by_metric(e, lambda d: d, same)},
             hidden={"Archive": shapes.by_metric(English(n_metrics=3, n_periods=40), lambda d: d, same)}), e.measured),
    ]  # fmt: skip


def _several_tables() -> list[File]:
    f, e = French(n_metrics=2, n_periods=5), English(n_metrics=3, n_periods=5)
    first, second = (shapes.by_period(f, name_of("fr"), same, metric=m) for m in (0, 1))
    months = {month_name(p, "fr"): shapes.one_period(f, same, period=n) for n, p in enumerate(f.periods)}
    return [
        File("sheet_a_site.xlsx", workbook({s: shapes.one_site(e, lambda d: d, same, site=n) for n, s in enumerate(e.sites)}), e.measured,
             may_ask=True),
        File("sheet_a_site_fr.xlsx", workbook({s: shapes.one_site(f, name_of("fr"), same, site=n) for n, s in enumerate(f.sites)}),
             f.measured, may_ask=True),
        File("sheet_a_month.xlsx", workbook(months), f.measured, may_ask=True),
        File("stacked_tables.xlsx", workbook({"Suivi": [[f.metrics[0]], *first, [], [], [f.metrics[1]], *second]}),
             f.measured, may_ask=True),
        File("tables_side_by_side.xlsx", workbook({"Suivi": shapes.side_by_side([[f.metrics[0]], *first], [[f.metrics[1]], *second], 2)}),
             _only(f, metric=f.metrics[0]), may_ask=True),
        File("cover_sheet.xlsx", workbook({"Lisez-moi": [["Suivi des sites"], ["Contact : qualité"], ["Version", 3]],
             "Données": shapes.by_metric(f, lambda d: d, same)}), f.measured),
    ]  # fmt: skip


def files() -> list[File]:
    """All of them; each name once."""
    return [*_long_files(), *_wide_files(), *_by_site_files(), *_by_metric_files(), *_several_tables()]
