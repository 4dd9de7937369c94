import pytest

from data.types import Metric
from wording import difference, number, percent, signed, unit, value

NBSP = "\u00a0"


def metric(unit, decimals=1):
    return Metric(id="m", name_fr="Délai", name_en="Delay", unit=unit, decimals=decimals)


@pytest.mark.accepts("9.6")
def test_french_writes_a_decimal_comma_and_binds_thousands():
    assert number(1234567.5, "fr", decimals=1) == f"1{NBSP}234{NBSP}567,5"
    assert number(1234567.5, "en", decimals=1) == "1,234,567.5"


def test_a_negative_number_has_a_true_minus_and_zero_has_none():
    assert number(-0.5, "fr", decimals=1) == "\u22120,5"
    assert number(-0.04, "en", decimals=1) == "0.0"
    assert signed(-0.04, "en", decimals=1) == "0.0"


def test_a_number_shows_three_significant_digits_when_nobody_says_how_many():
    assert [number(x, "en") for x in (12, 12.0, 12.4, 0.05126, 1234.5, 0, 0.5)] == [
        "12", "12", "12.4", "0.0513", "1,234", "0", "0.5",
    ]  # fmt: skip


@pytest.mark.parametrize("x", [float("nan"), float("inf"), float("-inf")])
def test_what_could_not_be_computed_is_never_written_as_a_number(x):
    with pytest.raises(ValueError, match="not a number to show"):
        number(x, "fr")


def test_a_share_is_written_in_per_cent():
    assert percent(0.914, "fr") == f"91,4{NBSP}%"
    assert percent(0.914, "en") == "91.4%"
    assert percent(-0.2, "en", 0) == "\u221220%"


@pytest.mark.parametrize(
    ("written", "french", "english"),
    [
        ("d", f"12,4{NBSP}j", f"12.4{NBSP}d"),
        ("j", f"12,4{NBSP}j", f"12.4{NBSP}d"),
        ("jours", f"12,4{NBSP}j", f"12.4{NBSP}d"),
        ("%", f"12,4{NBSP}%", "12.4%"),
        ("‰", f"12,4{NBSP}‰", f"12.4{NBSP}‰"),
        ("/10", "12,4/10", "12.4/10"),
        ("h", f"12,4{NBSP}h", f"12.4{NBSP}h"),
        ("k€", f"12,4{NBSP}k€", f"12.4{NBSP}k€"),
        ("", "12,4", "12.4"),
        ("count", "12,4", "12.4"),
    ],
)
def test_a_value_carries_its_unit(written, french, english):
    assert value(12.4, metric(written), "fr") == french
    assert value(12.4, metric(written), "en") == english


def test_a_value_shows_the_decimals_of_its_metric():
    assert value(7, metric("d", decimals=2), "fr") == f"7,00{NBSP}j"
    assert value(7, None, "fr") == "7"


def test_a_difference_of_percentages_is_in_points():
    assert difference(-1.8, metric("d"), "fr") == f"\u22121,8{NBSP}j"
    assert difference(2.1, metric("%"), "en") == f"+2.1{NBSP}points"
    assert difference(1.5, metric("%"), "fr") == f"+1,5{NBSP}point"
    assert difference(-2, metric("%"), "fr") == f"\u22122,0{NBSP}points"


def test_a_unit_stands_alone_in_a_heading():
    assert [unit(written, "fr") for written in ("d", "%", "", "colis")] == ["j", "%", "", "colis"]
    assert unit(metric("j"), "en") == "d"
