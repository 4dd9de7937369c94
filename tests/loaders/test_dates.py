"""A period is read as French and English offices write it, asked about when two readings stand, or named as a fault."""

from __future__ import annotations

import datetime as dt
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from data.types import Grain
from loaders.choices import Choices
from loaders.dates import DateOrder, NoPeriod, Period, read_period, read_periods
from loaders.summary import question_sentence
from tests.loaders.exports import read

DAY, WEEK, MONTH, QUARTER, YEAR = Grain.DAY, Grain.WEEK, Grain.MONTH, Grain.QUARTER, Grain.YEAR


@pytest.mark.parametrize(
    ("text", "grain", "start"),
    [
        ("2026-03-30", DAY, "2026-03-30"), ("2026/03/30", DAY, "2026-03-30"), ("20260330", DAY, "2026-03-30"), ("2026.3.30", DAY, "2026-03-30"),
        ("2026-03-30T08:15:00Z", DAY, "2026-03-30"), ("2026-03-30T23:30:00-05:00", DAY, "2026-03-30"), ("2026-03-30 08:15:00.123 +02:00", DAY, "2026-03-30"),
        ("2026-03-29 02:30", DAY, "2026-03-29"), ("30/03/2026 08h15", DAY, "2026-03-30"), ("30/03/2026 à 8h", DAY, "2026-03-30"),
        ("03/30/2026 12:00:00 AM", DAY, "2026-03-30"), ("30/03/2026", DAY, "2026-03-30"), ("30.03.26", DAY, "2026-03-30"), ("99/12/31", DAY, "1999-12-31"),
        ("lundi 30 mars 2026", DAY, "2026-03-30"), ("lun. 30/03/2026", DAY, "2026-03-30"), ("mar. 31/03/2026", DAY, "2026-03-31"),
        ("mar. 31 mars 2026", DAY, "2026-03-31"), ("mar 31 déc. 2019", DAY, "2019-12-31"), ("mer. 1er avril 2026", DAY, "2026-04-01"), ("Mon, 30 Mar 2026", DAY, "2026-03-30"),
        ("Tuesday 31 March 2026", DAY, "2026-03-31"), ("March 31, 2026", DAY, "2026-03-31"), ("31st of March 2026", DAY, "2026-03-31"),
        ("1er août 2026", DAY, "2026-08-01"), ("28 févr. 2026", DAY, "2026-02-28"), ("5-sept.-26", DAY, "2026-09-05"), ("12 déc 2025", DAY, "2025-12-12"),
        ("mars 2026", MONTH, "2026-03-01"), ("mar. 2026", MONTH, "2026-03-01"), ("févr. 2026", MONTH, "2026-02-01"), ("Sept 2026", MONTH, "2026-09-01"),
        ("août-26", MONTH, "2026-08-01"), ("jan-26", MONTH, "2026-01-01"), ("2026 juillet", MONTH, "2026-07-01"), ("03/2026", MONTH, "2026-03-01"),
        ("2026-03", MONTH, "2026-03-01"), ("202603", MONTH, "2026-03-01"), ("2026M03", MONTH, "2026-03-01"), ("May 2026", MONTH, "2026-05-01"),
        ("S12 2026", WEEK, "2026-03-16"), ("W12 2026", WEEK, "2026-03-16"), ("2026-W12", WEEK, "2026-03-16"), ("2026W12", WEEK, "2026-03-16"),
        ("semaine 12 2026", WEEK, "2026-03-16"), ("Sem. 1 2026", WEEK, "2025-12-29"), ("2026-S53", WEEK, "2026-12-28"), ("Week 12, 2026", WEEK, "2026-03-16"),
        ("week ending 5 Jan 2018", WEEK, "2018-01-01"), ("w/e 07/01/2018", WEEK, "2018-01-01"), ("week ending 8 Jan 2018", WEEK, "2018-01-01"),
        ("week commencing 7 Jan 2018", WEEK, "2018-01-08"), ("semaine du 30 mars 2026", WEEK, "2026-03-30"), ("w/c 30 March 2026", WEEK, "2026-03-30"),
        ("T1 2026", QUARTER, "2026-01-01"), ("Q1 2026", QUARTER, "2026-01-01"), ("2026T1", QUARTER, "2026-01-01"), ("2026-Q4", QUARTER, "2026-10-01"),
        ("1er trimestre 2026", QUARTER, "2026-01-01"), ("2e trim. 2026", QUARTER, "2026-04-01"), ("Q3-26", QUARTER, "2026-07-01"),
        ("2026", YEAR, "2026-01-01"), ("2026.0", YEAR, "2026-01-01"), ("2018-19", YEAR, "2018-01-01"), ("2018/2019", YEAR, "2018-01-01"),
    ],
)  # fmt: skip
def test_a_period_is_read_as_offices_write_it(text, grain, start):
    assert read_period(text) == Period(dt.date.fromisoformat(start), grain, read_period(text).other)


@pytest.mark.promises("F8")
@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("29/02/1900", "impossible_date"), ("1900-02-29", "impossible_date"), ("29 février 2025", "impossible_date"), ("31/04/2026", "impossible_date"),
        ("0001-01-01", "impossible_date"), ("9999-12-31", "impossible_date"), ("2026-13", "impossible_date"), ("2025-W53", "impossible_date"),
        ("00/00/2026", "impossible_date"), ("1e400", "not_a_date"), ("NaN", "not_a_date"), ("inf", "not_a_date"), ("12,5", "not_a_date"), ("46112", "not_a_date"),
        ("mars", "year_missing"), ("S12", "year_missing"), ("26-janv", "year_missing"), ("Q3", "year_missing"), ("T1", "year_missing"),
        ("H1 2026", "half_year"), ("2e semestre 2026", "half_year"), ("Q1 FY26", "fiscal_year"), ("FY2026", "fiscal_year"), ("exercice 2026", "fiscal_year"),
        ("", "not_a_date"), ("Lyon", "not_a_date"), ("mer 2026", "not_a_date"),
    ],
)  # fmt: skip
def test_what_names_no_period_says_why(text, code):
    assert read_period(text) == NoPeriod(code)


@pytest.mark.accepts("1.5")
def test_one_date_that_has_one_reading_settles_the_whole_column():
    column = read_periods(["03/04/2026", "04/04/2026", "13/04/2026"])

    assert (column.order, column.ambiguous) == (DateOrder.DAY_FIRST, None)
    assert column.periods[0].start == dt.date(2026, 4, 3)


@pytest.mark.accepts("1.5")
@pytest.mark.parametrize(
    "texts",
    [
        ["03/04/2026", "05/06/2026"],
        ["03/04/2026", "13/04/2026", "04/13/2026"],
        ["03/04/2026", "13/04/2026", "14/04/2026", "04/13/2026"],
        ["03/04/26", "04/04/26"],
    ],
)
def test_dates_that_nothing_settles_or_that_contradict_each_other_are_asked_about(texts):
    column = read_periods(texts)

    assert (column.order, column.ambiguous) == (None, texts[0])


@pytest.mark.accepts("1.5")
def test_a_chosen_order_makes_the_dates_of_the_other_order_faults():
    column = read_periods(["03/04/2026", "04/13/2026"], order=DateOrder.DAY_FIRST)

    assert column.periods == (Period(dt.date(2026, 4, 3), DAY), NoPeriod("impossible_date"))


@pytest.mark.parametrize(
    ("texts", "grain", "starts", "note"),
    [
        (["46112", "46119", "46126"], WEEK, ["2026-03-30", "2026-04-06", "2026-04-13"], "date_serial"),
        (["43101.0"], MONTH, ["2018-01-01"], "date_serial"),
        (["2010-11", "2011-12"], YEAR, ["2010-01-01", "2011-01-01"], "fiscal_year_by_start"),
        (["2018-19"], YEAR, ["2018-01-01"], "fiscal_year_by_start"),
        (["2011-12"], MONTH, ["2011-12-01"], None),
        (["2011-11", "2011-12"], MONTH, ["2011-11-01", "2011-12-01"], None),
        (["S1 2026", "S3 2026"], WEEK, ["2025-12-29", "2026-01-12"], None),
    ],
)  # fmt: skip
def test_what_only_a_whole_column_tells_is_read_from_all_of_it(texts, grain, starts, note):
    column = read_periods(texts)

    assert [period.start.isoformat() for period in column.periods] == starts
    assert (column.grain, column.note) == (grain, note)


def test_a_column_of_s1_and_s2_only_is_half_years_and_not_two_weeks():
    assert read_periods(["S1 2025", "S2 2025", "S1 2026"]).periods == (NoPeriod("half_year"),) * 3


@pytest.mark.parametrize(
    ("text", "fiscal_start", "start"),
    [("Q1 FY26", 4, "2025-04-01"), ("Q4 FY2026", 4, "2026-01-01"), ("Q1 FY26", 1, "2026-01-01"), ("FY26 Q2", 10, "2026-01-01"), ("FY26", 7, "2025-01-01")],
)  # fmt: skip
def test_a_fiscal_year_is_named_for_the_year_in_which_it_ends(text, fiscal_start, start):
    assert read_period(text, fiscal_start=fiscal_start).start == dt.date.fromisoformat(start)


def test_a_fiscal_quarter_is_asked_about_once_and_read_by_the_answer():
    rows = [["période", "site", "délai"], ["Q1 FY26", "Lyon", "4"], ["Q2 FY26", "Lyon", "5"]]

    asked, answered = read(rows), read(rows, choices=Choices(fiscal_start=4))

    [question] = asked.interpretation.questions
    assert (question.code, question.options) == ("fiscal_year", ("1", "4", "7", "10"))
    assert (
        question_sentence(question, "en")
        == "Question, column A “période”: “Q1 FY26”: in which month does the fiscal year begin?"
    )
    assert answered.interpretation.questions == ()
    assert answered.interpretation.periods[0].first == dt.date(2025, 4, 1)


def test_weeks_without_a_year_ask_for_it_once():
    rows = [["semaine", "site", "délai"], ["S12", "Lyon", "4"], ["S13", "Lyon", "5"]]

    asked, answered = read(rows), read(rows, choices=Choices(year=2026))

    assert [question.code for question in asked.interpretation.questions] == ["year"]
    assert answered.interpretation.periods[0].first == dt.date(2026, 3, 16)


def test_a_days_number_of_a_workbook_is_a_date_and_it_is_said():
    found = read([["date", "site", "délai"], ["46112", "Lyon", "4"], ["46119", "Lyon", "5"]]).interpretation

    assert found.periods[0].first == dt.date(2026, 3, 31)
    assert found.fault_counts == {"date_serial": 1}


@settings(deadline=None)
@given(
    st.dates(dt.date(1970, 1, 1), dt.date(2068, 12, 31)),
    st.sampled_from(["%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%Y%m%d", "%d.%m.%y", "%d %B %Y", "%A %d %b %Y"]),
)
def test_a_day_comes_back_from_every_way_of_writing_it_or_carries_its_other_reading(day, form):
    period = read_period(day.strftime(form))

    assert day in (period.start, period.other)


@pytest.mark.promises("F8")
@settings(deadline=None)
@given(st.text(max_size=14) | st.from_regex(r"[0-9]{1,4}[-/. ][0-9]{1,2}[-/. ][0-9]{1,4}", fullmatch=True))
def test_any_text_is_a_day_between_1900_and_2100_or_none(text):
    period = read_period(text)

    assert isinstance(period, NoPeriod) or 1900 <= period.start.year <= 2100


def test_a_column_reads_alike_whatever_stands_first():
    texts = ["2026-03-30T08:15:00", "2026-03-31", "2026-04-01 23:59:59+02:00"]

    assert read_periods(texts).periods == tuple(reversed(read_periods(texts[::-1]).periods))


def test_a_hundred_thousand_different_moments_are_read_as_their_days():
    start = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)
    texts = [(start + dt.timedelta(minutes=at)).isoformat() for at in range(100_000)]

    started = time.process_time()
    column = read_periods(texts)

    assert time.process_time() - started < 1.0  # 0.15 s; read one by one 1.2 s
    assert column.periods[-1] == Period(dt.date(2026, 3, 11), DAY)


@pytest.mark.parametrize(
    ("heading", "first", "start"),
    [
        ("week commencing", "2026-03-29", "2026-03-30"), ("semaine du", "2026-03-30", "2026-03-30"),
        ("week ending", "2026-03-29", "2026-03-23"), ("week ending", "2026-03-30", "2026-03-23"), ("date", "2026-03-29", "2026-03-23"),
    ],
)  # fmt: skip
def test_a_week_is_the_one_that_its_first_or_last_day_lies_in_as_the_heading_says(heading, first, start):
    days = [dt.date.fromisoformat(first) + dt.timedelta(weeks=at) for at in range(2 if "week" in heading else 4)]
    found = read([[heading, "site", "délai"], *([day.isoformat(), "Lyon", "4"] for day in days)]).interpretation

    assert (found.periods[0].grain, found.periods[0].first) == (WEEK, dt.date.fromisoformat(start))
