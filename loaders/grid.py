"""What a file says, cell by cell and as it is written, before anyone asks what it means.

`loaders.files.read_book(path_or_bytes, file_name, sheet=None)` gives a Book, or raises a Refusal.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from loaders.arrays import index_array, text_array
from loaders.kinds import Format, Kind, Visibility, column_letter, duration_text, number_text

__all__ = ["Area", "Book", "Dialect", "Format", "Grid", "Kind", "Refusal", "SheetInfo", "Visibility", "column_letter"]


class Refusal(Exception):
    """Why a file cannot be read at all: a code and what it was found to be, worded by `wording`.

    `word` is the message's name in the catalogues; `details` are its placeholders.
    (Not `args`: every exception already has those.)
    """

    def __init__(self, code: str, *, domain: str = "loaders_reading", **details: object) -> None:
        super().__init__(code, details)
        self.code = code
        self.domain = domain
        self.details: Mapping[str, object] = details

    @property
    def word(self) -> str:
        """Name of the message in the catalogues."""
        return f"{self.domain}.refusal.{self.code}"


@dataclass(frozen=True, slots=True)
class Dialect:
    """How a delimited file is written, found from its content."""

    delimiter: str
    quote: str | None
    escape: str | None
    encoding: str  # Python's name: utf-8, utf-8-sig, utf-16, cp1252, ...
    replaced: int = 0  # undecodable bytes, shown as U+FFFD


@dataclass(frozen=True, slots=True)
class SheetInfo:
    """One sheet of a workbook, read or not."""

    name: str
    visibility: Visibility
    n_rows: int  # last used row, counted from row 1
    n_columns: int  # last used column, counted from column A
    n_numbers: int  # cells that are numbers or dates' numbers
    refusal: Refusal | None = None  # this sheet alone is beyond a limit; the others were read
    n_uncomputed: int = 0  # formulas whose value the file does not hold: error cells that show the formula

    @property
    def hidden(self) -> bool:
        """Whether a person who opens the workbook does not see it."""
        return self.visibility is not Visibility.VISIBLE


@dataclass(frozen=True, slots=True)
class Area:
    """A merged area: grid indices from 0, both ends inclusive; its text is in the first cell."""

    first_row: int
    first_column: int
    last_row: int
    last_column: int


@dataclass(frozen=True, eq=False)
class Grid:
    """The cells of one sheet, column by column.

    columns: for column A, B, C ... (nothing skipped) one string array of n_rows: the text that the cell shows.
        null = no cell there (an empty workbook cell; a line of a delimited file that ends earlier);
        "" = a delimited file's cell without text.
    Row i of a workbook is row i + 1 of the sheet. Row i of a delimited file is its i-th record, blank lines
    included; `row_number(i)` is the line on which it starts.

    >>> grid = Grid.of([["Site", "Jan"], ["Lyon", 12.5]])
    >>> grid.text(1, 1), grid.kind(1, 1).name, grid.place(1, 1)
    ('12.5', 'NUMBER', 'B2')
    """

    sheet: str | None  # None for a delimited file
    columns: tuple[pa.StringArray, ...]
    n_rows: int
    cell_kinds: tuple[npt.NDArray[np.uint8], ...] | None = None  # None: text only
    percent_cells: Mapping[int, npt.NDArray[np.bool_]] = field(default_factory=dict)  # by column, where any
    line_numbers: npt.NDArray[np.int64] | None = None  # None: row i is line i + 1
    merged: tuple[Area, ...] = ()
    _encoded: dict[int, tuple[pa.StringArray, npt.NDArray[np.int32]]] = field(default_factory=dict, init=False)

    @property
    def n_columns(self) -> int:
        """Columns from A to the last used one."""
        return len(self.columns)

    def text(self, row: int, column: int) -> str | None:
        """Give the text of one cell; None where there is no cell, also outside the grid."""
        if 0 <= row < self.n_rows and 0 <= column < self.n_columns:
            found = self.columns[column][row].as_py()
            return None if found is None else str(found)
        return None

    def kind(self, row: int, column: int) -> Kind:
        """Say what the file says one cell is."""
        if self.cell_kinds is not None:
            return Kind(int(self.cell_kinds[column][row]))
        return Kind.TEXT if self.text(row, column) else Kind.EMPTY

    def kinds(self, column: int) -> npt.NDArray[np.uint8]:
        """Say what the file says each cell of a column is: `Kind` values, shape (n_rows,)."""
        if self.cell_kinds is not None:
            return self.cell_kinds[column]
        if not self.n_rows:
            return np.zeros(0, np.uint8)
        texts = self.columns[column]
        ends = np.frombuffer(texts.buffers()[1], np.int32)[texts.offset : texts.offset + self.n_rows + 1]
        return (np.diff(ends) > 0).view(np.uint8)  # False = EMPTY, True = TEXT

    def encoded(self, column: int) -> tuple[pa.StringArray, npt.NDArray[np.int32]]:
        """Give a column's different texts, and for each row the place of its text among them, -1 where there is no cell.

        Found once a grid: what must be asked of every cell of a long file is asked of its different texts only.

        >>> texts, places = Grid.of([["Lyon"], ["Lille"], ["Lyon"]]).encoded(0)
        >>> texts.to_pylist(), places.tolist()
        (['Lyon', 'Lille'], [0, 1, 0])
        """
        if column not in self._encoded:
            found = self.columns[column].dictionary_encode()
            places = found.indices.fill_null(-1) if found.null_count else found.indices
            indices = np.frombuffer(places.buffers()[1], np.int32)[places.offset : places.offset + len(places)]
            self._encoded[column] = found.dictionary, indices
        return self._encoded[column]

    def percent(self, column: int) -> npt.NDArray[np.bool_]:
        """Say which cells of a column the workbook shows as a percentage: 0.95 shown as 95 %."""
        return self.percent_cells.get(column, np.zeros(self.n_rows, dtype=np.bool_))

    def numbers(self, column: int) -> npt.NDArray[np.float64]:
        """Give a column's NUMBER cells, NaN elsewhere (a delimited file has none: its numbers are text)."""
        found = np.full(self.n_rows, np.nan)
        here = self._cells_of(column, Kind.NUMBER)
        found[here] = self.columns[column].take(index_array(here)).cast(pa.float64()).to_numpy(zero_copy_only=False)
        return found

    def dates(self, column: int) -> npt.NDArray[np.datetime64]:
        """Give a column's DATE cells to the second, NaT elsewhere."""
        found = np.full(self.n_rows, "NaT", "datetime64[s]")
        here = self._cells_of(column, Kind.DATE)
        found[here] = (
            self.columns[column].take(index_array(here)).cast(pa.timestamp("s")).to_numpy(zero_copy_only=False)
        )
        return found

    def hours(self, column: int) -> npt.NDArray[np.float64]:
        """Give how many hours a column's TIME and DURATION cells last, NaN elsewhere: 26:15:00 is 26.25."""
        found = np.full(self.n_rows, np.nan)
        here = np.sort(np.concatenate([self._cells_of(column, Kind.TIME), self._cells_of(column, Kind.DURATION)]))
        if len(here):
            texts = self.columns[column].take(index_array(here)).to_pylist()
            found[here] = [hours_of(text) for text in texts]
        return found

    def row_number(self, row: int) -> int:
        """Give the number that the sheet, or a text editor, shows beside a row, from 1."""
        return row + 1 if self.line_numbers is None else int(self.line_numbers[row])

    @cached_property
    def row_numbers(self) -> npt.NDArray[np.int64]:
        """The number of every row, as `row_number`; shape (n_rows,)."""
        return np.arange(1, self.n_rows + 1) if self.line_numbers is None else self.line_numbers

    def place(self, row: int, column: int) -> str:
        """Name a cell as the sheet shows it: B2."""
        return f"{column_letter(column)}{self.row_number(row)}"

    def rows(self, start: int = 0, stop: int | None = None) -> list[list[str | None]]:
        """Give some rows as lists of n_columns texts; for small pieces, columns are the quick way."""
        stop = self.n_rows if stop is None else min(stop, self.n_rows)
        if not self.columns:
            return [[] for _ in range(start, stop)]
        pieces = [column.slice(start, max(stop - start, 0)).to_pylist() for column in self.columns]
        return [list(row) for row in zip(*pieces, strict=True)]

    def __iter__(self) -> Iterator[list[str | None]]:
        for start in range(0, self.n_rows, 4096):
            yield from self.rows(start, start + 4096)

    def _cells_of(self, column: int, kind: Kind) -> npt.NDArray[np.int64]:
        if self.cell_kinds is None:
            return np.zeros(0, np.int64)
        return np.flatnonzero(self.cell_kinds[column] == kind)

    @classmethod
    def of(cls, rows: Iterable[Sequence[object]], *, sheet: str | None = "Sheet1") -> Grid:
        """Make a grid of literal values, for tests and previews; None = no cell."""
        held = [list(row) for row in rows]
        width = max(map(len, held), default=0)
        full = [[*row, *[None] * (width - len(row))] for row in held]
        shown = [[shown_as(value) for value in column] for column in zip(*full, strict=True)]
        columns = tuple(text_array([text for text, _ in column]) for column in shown)
        kinds = tuple(np.array([kind for _, kind in column], np.uint8) for column in shown)
        return cls(sheet=sheet, columns=columns, n_rows=len(held), cell_kinds=None if sheet is None else kinds)


@dataclass(frozen=True, eq=False)
class Book:
    """A file that could be read: its sheets, and the grid of each; a delimited file has one, named ""."""

    file_name: str
    format: Format
    sha256: str
    sheets: tuple[SheetInfo, ...]
    grids: Mapping[str, Grid]
    data_sheet: str  # the sheet asked for, otherwise the visible one with most numbers
    dialect: Dialect | None = None  # of a delimited file

    @property
    def grid(self) -> Grid:
        """The grid of the data sheet."""
        return self.grids[self.data_sheet]

    @property
    def hidden_sheets(self) -> tuple[str, ...]:
        """Names of the sheets that are not shown; mention them to the keeper."""
        return tuple(sheet.name for sheet in self.sheets if sheet.hidden)


def hours_of(text: str) -> float:
    """Read hours:minutes:seconds as hours.

    >>> hours_of("26:15:00"), hours_of("-00:30:00")
    (26.25, -0.5)
    """
    hours, minutes, seconds = text.removeprefix("-").split(":")
    length = int(hours) + int(minutes) / 60 + int(seconds) / 3600
    return -length if text.startswith("-") else length


def shown_as(value: object) -> tuple[str | None, Kind]:
    """Give the text that a literal value shows in a sheet, and its kind."""
    match value:
        case None:
            return None, Kind.EMPTY
        case bool():
            return str(value).upper(), Kind.BOOL
        case int() | float():
            return number_text(value), Kind.NUMBER
        case dt.datetime():
            return value.isoformat(" ", "seconds"), Kind.DATE
        case dt.date():
            return value.isoformat(), Kind.DATE
        case dt.time():
            return value.isoformat("seconds"), Kind.TIME
        case dt.timedelta():
            return duration_text(value), Kind.DURATION
        case _:
            return str(value), Kind.TEXT
