"""Numbers as French and English write them, without a unit."""

from __future__ import annotations

from functools import cache

from babel.core import Locale

from wording.languages import Language
from wording.typography import MINUS, NBSP

SIGNIFICANT_DIGITS = 3  # when nobody says how many decimals: enough to compare, few enough to read


def number(x: float, language: Language, decimals: int | None = None) -> str:
    """Write a number: "1 234,5" or "1,234.5", with a true minus and no negative zero.

    decimals: how many to show, None = whole numbers whole, others to three significant digits.
    Raises ValueError for NaN and infinity: "not measured" has words of its own.

    >>> number(-1234.5, "en", decimals=1)
    '−1,234.5'
    >>> number(0.05123, "fr")
    '0,0512'
    """
    if x != x or x in (float("inf"), float("-inf")):
        msg = f"{x} is not a number to show"
        raise ValueError(msg)
    places = decimals if decimals is not None else _decimals_needed(x)
    digits = f"{abs(x):,.{places}f}"
    if decimals is None and "." in digits:
        digits = digits.rstrip("0").rstrip(".")
    decimal, group = separators(language)
    text = digits.translate({ord(","): group, ord("."): decimal})
    is_zero = not digits.strip("0.,")
    return text if x >= 0 or is_zero else f"{MINUS}{text}"


def signed(x: float, language: Language, decimals: int | None = None) -> str:
    """Write a difference, always with its sign, except zero.

    >>> signed(1.8, "fr", decimals=1), signed(-0.5, "en", decimals=1), signed(0, "en")
    ('+1,8', '−0.5', '0')
    """
    text = number(x, language, decimals)
    return f"+{text}" if x > 0 and text.strip("0.,") else text


def percent(share: float, language: Language, decimals: int = 1) -> str:
    """Write a share (0.914) in per cent: "91,4 %" or "91.4%".

    >>> percent(0.914, "en")
    '91.4%'
    """
    return percent_sign(number(share * 100, language, decimals), language)


def percent_sign(text: str, language: Language) -> str:
    """Put the per cent sign behind a number: after a no-break space in French, directly in English."""
    return f"{text}{NBSP}%" if language == "fr" else f"{text}%"


@cache
def separators(language: Language) -> tuple[str, str]:
    """Give the language's decimal mark and the mark between thousands (U+202F becomes U+00A0: our fonts lack it)."""
    symbols = Locale.parse(language).number_symbols
    symbols = symbols.get("latn", symbols)
    return symbols["decimal"], symbols["group"].replace("\N{NARROW NO-BREAK SPACE}", NBSP)


def _decimals_needed(x: float) -> int:
    if x == int(x):
        return 0
    exponent = int(f"{abs(x):e}".partition("e")[2])
    return max(SIGNIFICANT_DIGITS - 1 - exponent, 0)
