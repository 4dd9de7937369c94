"""Cuts the lines of a delimited file into records, each with the number of the line on which it starts."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import _csv

UNCLOSED_QUOTES = 20  # a file with more is read as if quotes were ordinary characters


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

    Raises csv.Error at a cell beyond csv.field_size_limit() characters.
    """
    start = 0
    unclosed = 0
    plain = Form(form.delimiter, None)
    while start < len(lines):
        if unclosed > UNCLOSED_QUOTES:
            form = plain
        reader = form.reader(lines[start:])
        before = 0
        last: tuple[int, list[str]] | None = None
        for record in reader:
            if last is not None:
                yield last
            last = (start + before + 1, record)
            before, last_start = reader.line_num, before
        if last is None:
            return
        first_line = start + last_start
        if form.quote is None or not never_closes(lines[first_line:], form):
            yield last
            return
        unclosed += 1
        yield first_line + 1, next(plain.reader([lines[first_line]]), [])
        start = first_line + 1


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
