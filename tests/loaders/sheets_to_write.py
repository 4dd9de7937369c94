"""What a sheet to be written holds, whatever the format: values, errors, percentages, raw numbers, merged areas."""

from __future__ import annotations

import datetime as dt
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

DAY_0 = dt.datetime(1899, 12, 30)  # noqa: DTZ001  # of the calendar that Excel counts in, from 1 March 1900 on
DAY_0_FROM_1904 = dt.datetime(1904, 1, 1)  # noqa: DTZ001
FORMATS = ("General", "0.0%", "yyyy-mm-dd", "[h]:mm:ss", "h:mm:ss")
ERRORS = {"#DIV/0!": 0x07, "#N/A": 0x2A, "#REF!": 0x17}


@dataclass(frozen=True)
class Percent:
    """A share shown as a percentage."""

    share: float


@dataclass(frozen=True)
class Shown:
    """A raw number under a format."""

    number: float
    form: str


@dataclass(frozen=True)
class Fault:
    """An error cell; formula: computed, not typed."""

    text: str
    formula: bool = False


@dataclass(frozen=True)
class Page:
    """A sheet to write. merged: (first row, first column, last row, last column), from 0."""

    name: str
    rows: Sequence[Sequence[object]]
    hidden: int = 0  # 1 hidden, 2 very hidden
    merged: Sequence[tuple[int, int, int, int]] = field(default=())


def number_and_style(value: object, *, from_1904: bool) -> tuple[float, int]:
    """Give the number that a sheet holds for a value, and the style it is shown in."""
    start = DAY_0_FROM_1904 if from_1904 else DAY_0
    match value:
        case Percent():
            return value.share, 1
        case Shown():
            return value.number, FORMATS.index(value.form)
        case dt.datetime():
            return (value - start) / dt.timedelta(days=1), 2
        case dt.date():
            return (dt.datetime.combine(value, dt.time()) - start).days, 2
        case dt.timedelta():
            return value / dt.timedelta(days=1), 3
        case dt.time():
            return (value.hour * 3600 + value.minute * 60 + value.second) / 86_400, 4
        case _:
            return float(value), 0  # type: ignore[arg-type]


def cells_of(page: Page) -> Iterator[tuple[int, int, object]]:
    """Give the filled cells of a page."""
    for row, values in enumerate(page.rows):
        yield from ((row, column, value) for column, value in enumerate(values) if value is not None)


def letters(column: int) -> str:
    """Name one of the first 26 columns."""
    return chr(65 + column)


def iso_duration(value: dt.timedelta | dt.time) -> str:
    """Write a duration as OpenDocument does."""
    if isinstance(value, dt.time):
        value = dt.timedelta(hours=value.hour, minutes=value.minute, seconds=value.second)
    seconds = round(abs(value.total_seconds()))
    sign = "-" if value < dt.timedelta() else ""
    return f"{sign}PT{seconds // 3600:02}H{seconds // 60 % 60:02}M{seconds % 60:02}S"


def relations(links: dict[str, str], kind: str = "worksheet") -> bytes:
    """Write which parts a book names."""
    kind = f"http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"
    written = "".join(f'<Relationship Id="{link}" Type="{kind}" Target="{target}"/>' for link, target in links.items())
    return f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{written}</Relationships>'.encode()


def zipped(parts: dict[str, bytes]) -> bytes:
    """Pack parts."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as package:
        for name, content in parts.items():
            package.writestr(name, content)
    return out.getvalue()
