"""Units beside numbers in a cell, and durations: "12,4 j", "€ 1 200", "1 h 30", "01:30:00"."""

from __future__ import annotations

import re
from functools import lru_cache

from loaders.words import unit_of

# Hours in one unit of time; a day is 24 hours, as in "1 j 4 h".
HOURS = {"s": 1 / 3600, "min": 1 / 60, "h": 1.0, "d": 24.0, "week": 168.0}
CLOCK_UNIT = "h"  # a duration without another unit to go by is read in hours
_CURRENCIES = {
    "€": "€", "eur": "€", "euro": "€", "euros": "€", "$": "$", "usd": "$", "us$": "$", "£": "£", "gbp": "£",
    "¥": "¥", "jpy": "¥", "chf": "CHF", "fr.": "CHF", "kr": "kr", "kr.": "kr", "sek": "SEK", "nok": "NOK", "dkk": "DKK",
    "zł": "PLN", "pln": "PLN", "cad": "CAD", "c$": "CAD", "$ca": "CAD", "xof": "XOF", "xaf": "XAF", "fcfa": "FCFA",
    "mad": "MAD", "dh": "MAD", "k€": "k€", "keur": "k€", "m€": "M€", "meur": "M€",
}  # fmt: skip
CURRENCIES = frozenset(_CURRENCIES.values())
_PERCENTS = ("%", "\uff05", "\u066a", "\ufe6a", "pct", "pour cent", "percent", "per cent")
# Letters that codes end in: they are units only behind a blank.
_NEEDS_BLANK = ("d", "s", "m", "t", "n", "pt")
_CLOCK = re.compile(r"([+-]?)(\d{1,5}):([0-5]\d)(?::([0-5]\d)(?:[.,](\d+))?)?")
_DAYS = r"(?:(?P<d>\d+) ?(?:j|jrs?|jours?|d|days?)\.?[ ,]*(?:et |and )?)?"
_HOURS = r"(?:(?P<h>\d+) ?(?:h|hrs?|hours?|heures?)\.?[ ,]*(?:et |and )?)?"
_MINUTES = r"(?:(?P<m>\d+) ?(?:m|mn|mins?|minutes?|')?\.?[ ,]*(?:et |and )?)?"
_SECONDS = r"(?:(?P<s>\d+) ?(?:s|secs?|seconds?|secondes?|\")\.?)?"
_PARTS = re.compile(rf"(?P<sign>-?) ?{_DAYS}{_HOURS}{_MINUTES}{_SECONDS}")


def cell_unit(before: str, after: str) -> str | None:
    """Give the unit that stands before or after a number in its cell; None when it is none we know.

    >>> cell_unit("", " j"), cell_unit("CHF ", ""), cell_unit("", "%"), cell_unit("", "d"), cell_unit("", "/10")
    ('d', 'CHF', '%', None, None)
    """
    if bool(before.strip()) == bool(after.strip()):
        return None
    written = (before.strip() or after.strip()).lower().replace("\u00a0", " ")
    if written in _PERCENTS:
        return "%"
    if written in _CURRENCIES:
        return _CURRENCIES[written]
    if before.strip() or written.startswith("/") or (after == after.lstrip() and written in _NEEDS_BLANK):
        return None
    return unit_of(written.rstrip("."))


@lru_cache(maxsize=8192)
def read_duration(text: str) -> float | None:
    """Read a duration of several parts, or one written as a clock, in hours; None when it is none.

    1:30 is an hour and a half; a day has 24 hours.

    >>> [read_duration(text) for text in ("1:30", "01:30:00", "1 h 30", "1j 4h", "90 min", "1:75", "5 h 80")]
    [1.5, 1.5, 1.5, 28.0, None, None, None]
    """
    plain = " ".join(text.lower().split())
    clock = _CLOCK.fullmatch(plain)
    if clock:
        fraction = float(f"0.{clock[5]}") if clock[5] else 0.0
        hours = int(clock[2]) + int(clock[3]) / 60 + (int(clock[4] or 0) + fraction) / 3600
        return -hours if clock[1] == "-" else hours
    parts = _PARTS.fullmatch(plain)
    if parts is None or sum(parts[name] is not None for name in "dhms") < 2:
        return None
    days, hours, minutes, seconds = (int(parts[name] or 0) for name in "dhms")
    if parts["m"] is not None and parts["h"] is None and not re.search(r"\d ?(?:m|')", plain):
        return None  # "2 j 30": of what?
    too_many = (
        (days and hours > 23) or ((days or hours) and minutes > 59) or ((days or hours or minutes) and seconds > 59)
    )
    if too_many:
        return None
    total = 24 * days + hours + minutes / 60 + seconds / 3600
    return -total if parts["sign"] else float(total)


def is_short_clock(text: str) -> bool:
    """Say whether a text is a clock of two parts, which may be hours and minutes or minutes and seconds.

    >>> is_short_clock("1:30"), is_short_clock("01:30:00")
    (True, False)
    """
    found = _CLOCK.fullmatch(text.strip())
    return found is not None and found[4] is None
