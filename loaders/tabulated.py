"""Finds the one table of a delimited file: its header, its records, and why every other line is none of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import groupby, pairwise
from typing import NamedTuple

MOST_HEADER_ROWS = 5
ROWS_LOOKED_AT = 60  # below a header, to see what its columns hold
MOST_OF_A_COLUMN = 0.6  # of the cells are of one kind where a column has a kind
FEWEST_MISMATCHES = 2  # of a second header row with the kinds of its columns
FIRST_TABLE_SHARE = 0.5  # of the longest run of rows of one width, for an earlier run to be the table


COMMENT_MARK = "#"


class Why(StrEnum):
    """Why a line is no record."""

    BLANK = "blank"
    SEPARATOR = "separator"  # Excel's sep=;
    COMMENT = "comment"
    PREAMBLE = "preamble"
    REPEATED_HEADER = "repeated_header"
    OTHER_TABLE = "other_table"
    FOOTER = "footer"


class Row(NamedTuple):
    """One row of a file: the line on which it starts, and its cells."""

    line: int
    cells: list[str]

    @property
    def is_blank(self) -> bool:
        """Whether no cell holds anything."""
        return not "".join(self.cells).strip()

    @property
    def n_filled(self) -> int:
        """How many cells hold something."""
        return sum(bool(cell.strip()) for cell in self.cells)


@dataclass(frozen=True, eq=False)
class Tabulated:
    """A file's table. width: the cells that its records usually have."""

    header: list[Row]  # no row when the first one is a record already
    records: list[Row]
    width: int
    aside: list[tuple[Row, Why]] = field(default_factory=list)

    @property
    def names(self) -> list[str]:
        """Give one name a column, of all header rows; a name above several columns is each one's."""
        widest = max((len(row.cells) for row in self.header), default=0)
        above = [spread(row.cells, widest) for row in self.header[:-1]]
        rows = [*above, *(row.cells for row in self.header[-1:])]
        return [" ".join(row[at].strip() for row in rows if at < len(row) and row[at].strip()) for at in range(widest)]


def spread(cells: Sequence[str], width: int) -> list[str]:
    """Fill the gaps behind the names of an upper header row, as merged cells leave them.

    >>> spread(["", "2023", "", "2024"], 5)
    ['', '2023', '2023', '2024', '2024']
    """
    filled, name = [], ""
    for at in range(width):
        name = (cells[at] if at < len(cells) else "").strip() or name
        filled.append(name)
    return filled


def tabulated(rows: Sequence[Row]) -> Tabulated:
    """Find the table among the rows of a file."""
    aside = [(row, Why.BLANK) for row in rows if row.is_blank]
    blank = {row.line for row, _ in aside}
    held = [row for row in rows if row.line not in blank]
    if held and held[0].line == 1 and held[0].cells[0].casefold().startswith("sep=") and len(held[0].cells) <= 2:
        aside.append((held.pop(0), Why.SEPARATOR))
    width = table_width(held)
    aside += [(row, Why.COMMENT) for row in held if is_comment(row, width)]
    held = [row for row in held if not is_comment(row, width)]
    start = preamble_rows(held, width, blank)
    body = held[start:]
    n_header = header_rows(body, width)
    header, body = body[:n_header], body[n_header:]
    stop = other_table(body, header, width, blank)
    end = stop - footer_rows(body[:stop], width, blank)
    aside += [(row, Why.PREAMBLE) for row in held[:start]]
    aside += [(row, Why.FOOTER) for row in body[end:stop]] + [(row, Why.OTHER_TABLE) for row in body[stop:]]
    last = header[-1].cells if header else []
    repeated = [row for row in body[:end] if row.cells == last]
    aside += [(row, Why.REPEATED_HEADER) for row in repeated]
    records = [row for row in body[:end] if row.cells != last] if repeated else body[:end]
    return Tabulated(header, records, width, sorted(aside, key=lambda item: item[0].line))


def is_comment(row: Row, width: int) -> bool:
    """Say whether a row is a remark between records of a width."""
    return len(row.cells) < width and row.cells[0].startswith(COMMENT_MARK)


# --- where the table stands -------------------------------------------------------------------------------------


def table_width(rows: Sequence[Row]) -> int:
    """Give the width of the longest run of rows that have the same; of two tables, the first one's."""
    runs = [(width, len(list(run))) for width, run in groupby(len(row.cells) for row in rows)]
    longest = max((length for _, length in runs), default=0)
    long = [width for width, length in runs if length >= FIRST_TABLE_SHARE * longest]
    return next((width for width in long if width > 1), min(long, default=0))


def preamble_rows(rows: Sequence[Row], width: int, blank: set[int]) -> int:
    """Count the rows above the table: they fill few cells, and what follows shows that they are no records.

    Rows of another width above a blank line may fill more.
    """
    enough = _enough(width)
    start = next((at for at, row in enumerate(rows) if row.n_filled >= enough), 0)
    gap = next((at for at, row in enumerate(rows) if at and _apart(rows[at - 1], row, blank)), 0)
    other_width = all(len(row.cells) != width for row in rows[: max(start, gap)])
    if gap > start and other_width and header_rows(rows[gap:], width):
        return gap
    if not start:
        return 0
    return start if gap == start or other_width or header_rows(rows[start:], width) else 0


def _apart(above: Row, row: Row, blank: set[int]) -> bool:
    """Say whether a blank line stands between two rows."""
    return row.line > above.line + 1 and any(line in blank for line in range(above.line + 1, row.line))


def footer_rows(rows: Sequence[Row], width: int, blank: set[int]) -> int:
    """Count the rows below the records: they fill few cells, and are apart, of another width, or a single text."""
    last_blank = max(blank, default=0)
    count = 0
    for row in reversed(rows):
        few = row.n_filled < _enough(width)
        apart = row.line > last_blank > rows[0].line
        alone = row.n_filled == 1 and width > 2 and kind(row.cells[0]) == "text"
        if not (few and (apart or len(row.cells) != width or alone)):
            break
        count += 1
    return count


def _enough(width: int) -> int:
    """Cells that a row of the table fills at least."""
    return max(2, (width + 1) // 2) if width > 1 else 1


def other_table(body: Sequence[Row], header: Sequence[Row], width: int, blank: set[int]) -> int:
    """Find the row, below some records, at which another table's header stands; the number of rows if there is none.

    It is apart or of another width, as the rows below it are, and it says of no column what stands in it.
    """
    names = header[-1].cells if header else []
    for at, (above, row) in enumerate(pairwise(body), start=1):
        if len(row.cells) == width and (row.line == above.line + 1 or not _apart(above, row, blank)):
            continue
        below = body[at + 1 : at + 1 + ROWS_LOOKED_AT]
        same_width = bool(below) and len(below[0].cells) == len(row.cells)
        own_names = row.cells != names
        if same_width and own_names and row.n_filled >= _enough(len(row.cells)) and says_no_value(row, below):
            return at
    return len(body)


# --- what is a header -------------------------------------------------------------------------------------------


def header_rows(rows: Sequence[Row], width: int) -> int:
    """Count the header rows at the top of a table; 0 when its first row is a record.

    A second one has the table's width: of another, it may as well be a record whose cells have shifted.
    """
    if len(rows) < 2:
        return len(rows)
    count = 0
    most = min(MOST_HEADER_ROWS, len(rows) - 1)
    while count < most and says_no_value(rows[count], rows[count + 1 : count + 1 + ROWS_LOOKED_AT]):
        if count and len(rows[count].cells) != width:
            break
        count += 1
    if count:
        return count
    if says_no_value(rows[1], rows[2 : 2 + ROWS_LOOKED_AT]) and rows[0].n_filled < len(rows[0].cells):
        return 2  # a row of groups, which may look like values: 2023, , 2024
    matches, mismatches = compared(rows[0], rows[1 : 1 + ROWS_LOOKED_AT])
    if matches or mismatches:
        return int(mismatches > matches)
    below = [row.cells for row in rows[1 : 1 + ROWS_LOOKED_AT]]
    again = any(cell == other[at] for at, cell in enumerate(rows[0].cells) for other in below if at < len(other))
    return int(not again)


def says_no_value(row: Row, below: Sequence[Row]) -> bool:
    """Say whether a row differs in kind from every column that has one, in two columns at least."""
    matches, mismatches = compared(row, below)
    return not matches and mismatches >= FEWEST_MISMATCHES


def compared(row: Row, below: Sequence[Row]) -> tuple[int, int]:
    """Count the cells of a row that are of their column's kind, and those of another, where columns have a kind."""
    matches = mismatches = 0
    for at, cell in enumerate(row.cells):
        kinds = Counter(kind(other.cells[at]) for other in below if at < len(other.cells))
        kinds.pop("nothing", None)
        usual, count = max(kinds.items(), key=lambda item: item[1], default=("text", 0))
        own = kind(cell)
        if usual != "text" and own != "nothing" and count >= MOST_OF_A_COLUMN * kinds.total():
            matches += own == usual
            mismatches += own != usual
    return matches, mismatches


KINDS = (
    ("nothing", r"|-+|\.+|:|n/?[ad]\.?|nan|null|none|nc|nd"),
    ("number", r"[-+(]?[$€£]?[-+]?\d[\d\s\u00a0\u202f.,'’]*[%€$£)]?-?"),
    ("date", r"\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}(?:[T\s]\d{1,2}:\d{2}.*)?"),
    ("time", r"\d{1,2}:\d{2}(?::\d{2}(?:[.,]\d+)?)?(?:\s?[ap]m)?"),
    ("address", r"(?:https?|ftp)://\S+|www\.\S+|[\w.+-]+@[\w-]+\.[\w.-]+"),
    ("code", r"[a-z]{1,6}[-_/]?\d[\w-]*"),
)
_KIND = re.compile("|".join(f"(?P<{name}>{pattern})" for name, pattern in KINDS), re.IGNORECASE)


def kind(cell: str) -> str:
    """Say what a cell looks like: nothing, number, date, time, address, code or text.

    >>> kind("1 234,5 €"), kind("28/01/2018"), kind("MG-8769"), kind("n/a"), kind("Lyon")
    ('number', 'date', 'code', 'nothing', 'text')
    """
    found = _KIND.fullmatch(cell.strip())
    return found.lastgroup or "text" if found else "text"
