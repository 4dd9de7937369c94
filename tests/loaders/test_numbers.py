"""A cell is read as the number it shows, or named as what it is: missing, an error, or a fault; never guessed."""

from __future__ import annotations

import time

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from loaders.decimal_sign import DecimalSign, decimal_evidence
from loaders.grid import Grid, Kind
from loaders.numbers import Content, Trouble, read_numbers

COMMA, POINT = DecimalSign.COMMA, DecimalSign.POINT
NNBSP, THIN, NBSP = "\u202f", "\u2009", "\u00a0"


def read(*texts, decimal=COMMA, **how):
    return read_numbers(pa.array(texts, pa.string()), decimal=decimal, **how)


def contents(column):
    return [Content(code).name for code in column.content]


@pytest.mark.accepts("1.4")
@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("12", COMMA, 12), ("12,5", COMMA, 12.5), ("12.5", POINT, 12.5), (",5", COMMA, 0.5), ("12,", COMMA, 12),
        (f"1{NBSP}234,5", COMMA, 1234.5), (f"1{NNBSP}234{NNBSP}567", COMMA, 1234567), (f"1{THIN}234", POINT, 1234),
        ("1 234,50", COMMA, 1234.5), ("1'234.50", POINT, 1234.5), ("1\u2019234", POINT, 1234), ("1.234.567,8", COMMA, 1234567.8),
        ("1,234,567.8", POINT, 1234567.8), ("12,34,567.5", POINT, 1234567.5), ("1,23,45,678", POINT, 12345678),
        ("-12", COMMA, -12), ("\u221212,5", COMMA, -12.5), ("12-", COMMA, -12), ("12,5-", COMMA, -12.5), ("(12,5)", COMMA, -12.5),
        ("+3", COMMA, 3), ("- 3", COMMA, -3), ("\u20133", COMMA, -3), ("12.-", POINT, 12), ("1 234,-", COMMA, 1234), ("12,--", COMMA, 12),
        ("1,5E+03", COMMA, 1500), ("1e3", POINT, 1000), ("1.5e-3", POINT, 0.0015), ("007", COMMA, 7), (" 12 ", COMMA, 12),
    ],
)  # fmt: skip
def test_a_number_is_read_as_it_is_written(text, decimal, value):
    column = read(text, decimal=decimal)

    assert column.value.tolist() == [pytest.approx(value, rel=1e-15)]
    assert column.unit is None


@pytest.mark.parametrize(
    ("text", "trouble"),
    [
        ("1/2", "TWO_NUMBERS"), ("3 1/2", "TWO_NUMBERS"), ("12-15", "TWO_NUMBERS"), ("12 – 15", "TWO_NUMBERS"),
        ("12 à 15", "TWO_NUMBERS"), ("12;15", "TWO_NUMBERS"), ("12 ± 3", "TWO_NUMBERS"), ("8/10", "TWO_NUMBERS"),
        ("1e400", "NUMBER_BEYOND"), ("-1e999", "NUMBER_BEYOND"), ("inf", "NUMBER_BEYOND"), ("-Infinity", "NUMBER_BEYOND"),
        ("03/04/2026", "DATE_AMONG_NUMBERS"), ("2026-03-30", "DATE_AMONG_NUMBERS"), ("30.03.26", "DATE_AMONG_NUMBERS"),
        ("douze", "TEXT_AMONG_NUMBERS"), ("12 environ", "TEXT_AMONG_NUMBERS"), ("~12", "TEXT_AMONG_NUMBERS"), (">95", "TEXT_AMONG_NUMBERS"),
        ("12 34", "TEXT_AMONG_NUMBERS"), ("1 23,4", "TEXT_AMONG_NUMBERS"), ("12²", "TEXT_AMONG_NUMBERS"), ("1:75", "TEXT_AMONG_NUMBERS"),
        ("0x1F", "TEXT_AMONG_NUMBERS"), ("1_000", "TEXT_AMONG_NUMBERS"), ("S12", "TEXT_AMONG_NUMBERS"), ("TRUE", "TEXT_AMONG_NUMBERS"),
    ],
)  # fmt: skip
def test_what_is_not_one_number_is_a_fault_that_says_what_it_is(text, trouble):
    column = read(text, "5")

    assert (contents(column)[0], Trouble(column.trouble[0]).name) == ("TEXT", trouble)
    assert np.isnan(column.value[0])


@pytest.mark.accepts("1.17")
@pytest.mark.parametrize(
    "text",
    [
        "n/a",
        "N/A",
        "na",
        "n.a.",
        "nd",
        "n.d.",
        "n.d",
        "NC",
        "n.c.",
        "NR",
        "-",
        "–",
        "—",
        "--",
        ":",
        "..",
        ".",
        "...",
        "…",
        "*",
        "**",
        "/",
        "c",
        "x",
        "z",
        "[x]",
        "[c]",
        "(c)",
        "null",
        "NULL",
        "NaN",
        "none",
        "s.o.",
        "S/O",
        "so",
        "?",
        "<5",
        "< 5",
        "≤5",
        "<10",
        "non disponible",
        "Non communiqué",
        "non renseigné",
        "indisponible",
        "sans objet",
        "not available",
        "suppressed",
        "manquant",
        "no data",
        "tbd",
        "_",
    ],
)
def test_a_mark_of_the_french_and_english_families_is_missing_and_never_zero(text):
    column = read(text, "5")

    assert contents(column) == ["MISSING", "NUMBER"]
    assert np.isnan(column.value[0])


@pytest.mark.parametrize("text", ["#N/A", "#DIV/0!", "#VALEUR!", "#REF!", "#NOM?", "#NUM!"])
def test_an_error_of_a_formula_is_neither_missing_nor_blank(text):
    assert contents(read(text, "", None)) == ["ERROR", "EMPTY", "EMPTY"]


@pytest.mark.parametrize(
    ("texts", "unit", "values"),
    [
        (["12,4 j", "13 jours", "9j"], "d", [12.4, 13, 9]),
        (["95 %", "87,5%", f"100{NBSP}%"], None, [95, 87.5, 100]),
        (["€ 1 200", "€12,50"], "€", [1200, 12.5]), (["1 200 €", "3"], "€", [1200, 3]), (["CHF 1'200", "12 CHF"], "CHF", [1200, 12]),
        (["£12", "£1"], "£", [12, 1]), (["12 kr", "1 234,50 kr"], "kr", [12, 1234.5]), (["12 k€", "3,5 k€"], "k€", [12, 3.5]),
        (["(12 €)", "5 €"], "€", [-12, 5]), (["12 kg", "3 kg"], "kg", [12, 3]), (["5 pts", "3 pts"], "pt", [5, 3]),
        (["90 min", "45 min"], "min", [90, 45]), (["1 h 30", "2h", "1h05"], "h", [1.5, 2, 65 / 60]),
        (["1:30", "01:30:00", "26:15:00"], "h", [1.5, 1.5, 26.25]), (["1j 4h", "2 jours et 6 heures"], "h", [28, 54]),
        (["-1:30", "0:00"], "h", [-1.5, 0]), (["90 min", "2 h"], "h", [1.5, 2]),
    ],
)  # fmt: skip
def test_a_unit_that_every_cell_writes_is_taken_off_and_named(texts, unit, values):
    column = read(*texts)

    assert column.unit == unit
    assert column.value.tolist() == pytest.approx(values)


@pytest.mark.parametrize(
    ("text", "wanted", "value"),
    [("1 h 30", "min", 90), ("01:30:00", "min", 90), ("90 min", "h", 1.5), ("36 h", "d", 1.5), ("1j 12h", "j", 1.5), ("12,4 j", "jours", 12.4)],
)  # fmt: skip
def test_a_duration_is_read_in_the_unit_of_the_metric(text, wanted, value):
    column = read(text, "5", wanted=wanted)

    assert column.value.tolist() == [pytest.approx(value), 5]
    assert column.unit_read.tolist() == [True, False]


@pytest.mark.parametrize(
    ("texts", "wanted", "troubles"),
    [
        (["12", "13", "14 j"], None, {2: "UNIT_IN_CELL"}),
        (["12 j", "13 j", "14"], None, {2: "UNIT_MISSING"}),
        (["12 kg", "13 kg", "14 t"], None, {2: "UNIT_DIFFERS"}),
        (["12 €", "13 €", "14 $"], None, {2: "UNIT_DIFFERS"}),
        (["12 kg", "13"], "h", {0: "UNIT_DIFFERS"}),
        (["95 %", "0,87", "100 %"], None, {1: "PERCENT_OR_SHARE"}),
        (["1:30", "5"], "min", {0: "CLOCK_TWO_WAYS"}),
        (["12,5", "3.141", "2.71"], None, {1: "SIGN_UNSURE"}),
    ],
)
def test_a_unit_at_odds_with_the_column_is_a_fault(texts, wanted, troubles):
    column = read(*texts, wanted=wanted)

    found = {at: Trouble(code).name for at, code in enumerate(column.trouble) if code}

    assert found == troubles
    assert np.isnan(column.value[list(troubles)]).all()


def test_a_percent_format_is_told_from_a_share_and_a_time_cell_is_a_duration():
    grid = Grid.of([[0.914, "TRUE"], [0.95, "01:30:00"]])
    texts, kinds = grid.columns[0], grid.kinds(0)

    shown = read_numbers(texts, kinds=kinds, percent=np.array([True, True]))
    plain = read_numbers(texts, kinds=kinds)
    time_cells = read_numbers(grid.columns[1], kinds=np.array([Kind.BOOL, Kind.TIME], np.uint8))

    assert (shown.value.tolist(), shown.percent.tolist()) == ([91.4, 95.0], [True, True])
    assert (plain.value.tolist(), plain.percent.tolist()) == ([0.914, 0.95], [False, False])
    assert (contents(time_cells), time_cells.value[1]) == (["TEXT", "NUMBER"], 1.5)


def test_letters_that_codes_end_in_are_no_units():
    assert contents(read("12d", "3S", "4M", "15t", "5")) == ["TEXT"] * 4 + ["NUMBER"]


FORMS = {
    "plain": lambda text, comma: text.replace(".", ",") if comma else text,
    "grouped": lambda text, comma: f"{float(text):,.2f}".replace(",", NBSP).replace(".", "," if comma else "."),
    "parentheses": lambda text, comma: f"({text.lstrip('-').replace('.', ',' if comma else '.')})",
    "trailing": lambda text, comma: f"{text.lstrip('-').replace('.', ',' if comma else '.')}-",
    "currency": lambda text, comma: f"{text.replace('.', ',' if comma else '.')} €",
}


@pytest.mark.promises("F8")
@settings(deadline=None)
@given(
    st.decimals(min_value=-(10**9), max_value=10**9, places=2),
    st.sampled_from(sorted(FORMS)),
    st.booleans(),
)
def test_a_number_comes_back_from_every_way_of_writing_it(number, form, comma):
    text = FORMS[form](str(number), comma)
    negated = form in ("parentheses", "trailing")

    value = read(text, decimal=COMMA if comma else POINT).value[0]

    assert value == pytest.approx(-abs(float(number)) if negated else float(number), rel=1e-12)


@pytest.mark.promises("F8")
@settings(deadline=None)
@given(st.text(max_size=12) | st.from_regex(r"[-+(]?[0-9.,  eE]{1,12}[)%€-]?", fullmatch=True))
def test_any_text_is_a_finite_number_or_named_as_none(text):
    for sign in DecimalSign:
        column = read(text, decimal=sign)
        assert np.isfinite(column.value[0]) == (column.content[0] == Content.NUMBER)


@pytest.mark.promises("F8")
@settings(deadline=None)
@given(
    st.lists(st.floats(allow_nan=False, allow_infinity=False).map(repr) | st.sampled_from(["", "n/a", "1e400", "12 j"]))
)
def test_a_cell_reads_alike_alone_and_among_others(texts):
    together = read(*texts, decimal=POINT, wanted="d")

    alone = [read(text, decimal=POINT, wanted="d").value[0] for text in texts]

    assert np.array_equal(together.value, np.array(alone, np.float64), equal_nan=True)


def test_the_sign_is_weighed_alike_for_a_long_column_and_a_short_one():
    texts = ["1.234"] * 120_000 + ["12.5"]

    found = decimal_evidence(pa.array(texts))

    assert found.sign is POINT


@pytest.mark.parametrize("comma", [False, True])
def test_a_million_values_are_read_in_a_fifth_of_a_second(comma):
    values = np.random.default_rng(1).normal(50, 5, 1_000_000).round(2)
    texts = pa.array([str(value).replace(".", ",") if comma else str(value) for value in values])

    started = time.process_time()
    column = read_numbers(texts, decimal=COMMA if comma else POINT)
    spent = time.process_time() - started

    assert np.array_equal(column.value, values)
    assert spent < 0.4  # 0.03 to 0.15 s when the machine is not shared
