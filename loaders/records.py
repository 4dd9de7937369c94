"""Cuts the lines of a delimited file into records, each with the number of the line on which it starts."""

from __future__ import annotations

import csv
from collections.abc import Generator, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from loaders.quoting import mended

if TYPE_CHECKING:
    import _csv

LONGEST_CELL = csv.field_size_limit()  # 131,072 characters; Excel holds 32,767
LINES_OF_A_RECORD = 500  # a quoted cell over more lines than these is a quote that never closes
ENDS_TRIED = 50  # lines on which such a cell may end
UNCLOSED_QUOTES = 20  # in a file with more, no cell goes on over the end of its line
MENDED_LINES = 2_000  # in a file with more, quotes in the wrong place are ordinary characters


class LongCell(csv.Error):
    """A line is longer than any cell should be, and does not split."""

    def __init__(self, line: int) -> None:
        super().__init__(line)
        self.line = line


@dataclass(frozen=True, slots=True)
class Form:
    """One way to cut lines into cells. delimiter: of one character or of several."""

    delimiter: str
    quote: str | None
    escape: str | None = None
    spaces_before_quotes: bool = False

    def reader(self, lines: Iterable[str], *, strict: bool = False) -> _csv.Reader:
        """Give Python's reader of these lines; for a delimiter of one character and no escape."""
        return csv.reader(
            lines,
            delimiter=self.delimiter,
            quotechar=self.quote or None,
            quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
            skipinitialspace=self.spaces_before_quotes,
            strict=strict,
        )


def records(lines: Sequence[str], form: Form, width: int | None = None) -> Iterator[tuple[int, list[str]]]:
    """Give each record with the line on which it starts, from 1.

    form: with a delimiter of one character and no escape. width: how many cells lines usually have, which decides
    what a quote in a wrong place means; None = not known.
    Raises LongCell at a line that may hold a cell beyond LONGEST_CELL characters.
    """
    cutter = Cutter(lines, form, width)
    at = 0
    while at < len(lines):
        if cutter.mended < MENDED_LINES:
            at = yield from one_line_records(lines, at, form)
        if at < len(lines):
            cells, n_lines = cutter.record_at(at)
            yield at + 1, cells
            at += n_lines


def one_line_records(lines: Sequence[str], at: int, form: Form) -> Generator[tuple[int, list[str]], None, int]:
    """Give records from a line (from 0) on, up to one that is more than a line, or no record: returns where it starts."""
    reader = form.reader((lines[index] for index in range(at, len(lines))), strict=True)
    start = at
    try:
        for cells in reader:
            if at + reader.line_num > start + 1:
                return start
            start += 1
            yield start, cells
    except csv.Error:
        pass
    return start


class Cutter:
    """Cuts records out of lines, one after the other, and remembers how often quotes were wrong."""

    def __init__(self, lines: Sequence[str], form: Form, width: int | None) -> None:
        self.lines = lines
        self.form = form
        self.width = width
        self.unclosed = 0
        self.mended = 0

    def record_at(self, at: int) -> tuple[list[str], int]:
        """Give the record that starts on a line (from 0), and over how many lines it goes."""
        line = self.lines[at]
        if self.form.quote is None or self.form.quote not in line:
            return self._plain(at), 1
        found = strictly([line], self.form)
        if isinstance(found, list):
            return found, 1
        over = self._over_lines(at) if found == "open" and self.unclosed < UNCLOSED_QUOTES else None
        if over is not None and (self.width is None or len(over[0]) == self.width):
            return over
        if self.mended >= MENDED_LINES:
            return over or (self._plain(at), 1)
        cells = mended(line.rstrip("\r\n"), self.form.delimiter, self.form.quote, self.width)
        if over is not None and len(cells) != self.width:
            return over
        self.mended += 1
        self.unclosed += found == "open"
        return self._short(cells, at), 1

    def _plain(self, at: int) -> list[str]:
        line = self.lines[at].rstrip("\r\n")
        cells = line.split(self.form.delimiter) if line else []
        if self.form.spaces_before_quotes:
            cells = [cell.lstrip(" ") for cell in cells]
        return self._short(cells, at) if len(line) > LONGEST_CELL else cells

    def _short(self, cells: list[str], at: int) -> list[str]:
        if any(len(cell) > LONGEST_CELL for cell in cells):
            raise LongCell(at + 1)
        return cells

    def _over_lines(self, at: int) -> tuple[list[str], int] | None:
        """Give the record that a line opens and a later one closes, if one does."""
        quote = self.form.quote or ""
        length = len(self.lines[at])
        tried = 0
        for end in range(at + 1, min(at + LINES_OF_A_RECORD, len(self.lines))):
            length += len(self.lines[end])
            if length > LONGEST_CELL or tried == ENDS_TRIED:
                return None
            if quote in self.lines[end]:
                tried += 1
                found = strictly(self.lines[at : end + 1], self.form)
                if isinstance(found, list):
                    return found, end + 1 - at
                if found == "broken":
                    return None
        return None


def strictly(lines: Sequence[str], form: Form) -> list[str] | Literal["open", "broken"]:
    """Cut lines that make one record: its cells, "open" when a quote does not close, "broken" when one is misplaced."""
    reader = form.reader(lines, strict=True)
    try:
        cells = next(reader, [])
    except csv.Error as error:
        return "open" if "unexpected end of data" in str(error) else "broken"
    return cells if reader.line_num == len(lines) else "broken"
