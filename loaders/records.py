"""Cuts the lines of a delimited file into records, each with the number of the line on which it starts."""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import _csv

LONGEST_CELL = csv.field_size_limit()  # 131,072 characters; Excel holds 32,767
UNCLOSED_QUOTES = 20  # a file with more is read as if quotes were ordinary characters


class LongCell(csv.Error):
    """A line is longer than any cell should be, and does not split."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


@dataclass(frozen=True, slots=True)
class Form:
    """One way to cut lines into cells."""

    delimiter: str
    quote: str | None
    escape: str | None = None
    spaces_before_quotes: bool = False

    def reader(self, lines: Sequence[str]) -> _csv.Reader:
        """Give Python's reader of these lines."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            escapechar=self.escape,
            skipinitialspace=self.spaces_before_quotes,
        )


def records(lines: Sequence[str], form: Form) -> Iterator[tuple[int, list[str]]]:
    """Give each record with the line on which it starts, from 1; a quote that never closes is an ordinary character.

    Raises LongCell at a line that may hold a cell beyond LONGEST_CELL characters.
    """
    plain = Form(form.delimiter, None)
    start = 0
    for attempt in range(len(lines) + 1):
        stopped = yield from closed_records(lines, start, form if attempt <= UNCLOSED_QUOTES else plain)
        if stopped is None:
            return
        yield stopped + 1, next(plain.reader([lines[stopped]]), [])
        start = stopped + 1


def closed_records(lines: Sequence[str], start: int, form: Form) -> Generator[tuple[int, list[str]], None, int | None]:
    """Give records from a line on, until a quote does not close: returns the index of that line, None at the end."""
    reader = form.reader(lines[start:])
    next_line = first_line = start
    last: tuple[int, list[str]] | None = None
    try:
        for record in reader:
            if last is not None:
                yield last
            first_line, next_line = next_line, start + reader.line_num
            last = (first_line + 1, record)
    except csv.Error:  # a cell longer than any is: over several lines, if a quote opens it
        if len(lines[next_line]) > LONGEST_CELL:
            raise LongCell(next_line + 1) from None
        if last is not None:
            yield last
        return next_line
    if last is not None and form.quote is not None and never_closes(lines[first_line:], form):
        return first_line
    if last is not None:
        yield last
    return None


def never_closes(lines: Sequence[str], form: Form) -> bool:
    """Say whether the record that these lines make ends inside a quoted cell."""
    strict = csv.reader(
        lines,
        delimiter=form.delimiter,
        quotechar=form.quote,
        escapechar=form.escape,
        skipinitialspace=form.spaces_before_quotes,
        strict=True,
    )
    try:
        next(strict, None)
    except csv.Error as error:
        return "unexpected end of data" in str(error)
    return False
