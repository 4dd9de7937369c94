"""Reads a line whose quotes are not all where they should be: the reading that needs the fewest excuses.

RFC 4180 (2005, section 2) knows two kinds of cells: bare, without a quote, and quoted, in which a quote is doubled.
Here a bare cell may hold quotes and a quoted one single quotes, each at a cost, and so may a line have another number
of cells than usual; the cheapest way to cut the line is taken.
"""

from __future__ import annotations

from collections.abc import Iterator

SINGLE_QUOTE_INSIDE = 1  # "Table, 48" wide"
QUOTE_IN_BARE_CELL = 1  # 5" pipe
BARE_CELL_BEGINS_WITH_QUOTE = 2  # "2,next
END_PASSED_OVER = 2  # a quote before a delimiter that is taken for text
CELL_TOO_MANY_OR_TOO_FEW = 3
MOST_QUOTES, MOST_DELIMITERS = 60, 400  # beyond these a line is only split

Piece = tuple[int, str, int]  # where the next cell begins, the cell, its cost


def mended(line: str, delimiter: str, quote: str, width: int | None) -> list[str]:
    """Cut a line, without its ending, into cells.

    delimiter, quote: one character each. width: how many cells lines usually have; None = not known.

    >>> mended('18/02,"2,"Table, 48"","all of it"', ",", '"', 4)
    ['18/02', '"2', 'Table, 48"', 'all of it']
    """
    if line.count(quote) > MOST_QUOTES or line.count(delimiter) > MOST_DELIMITERS:
        return line.split(delimiter)
    most_cells = line.count(delimiter) + 1
    best: dict[int, dict[int, tuple[int, list[str]]]] = {0: {0: (0, [])}}
    over = len(line) + 1
    while (start := min(best)) < over:
        for n_cells, (cost, cells) in best.pop(start).items():
            for following, cell, price in pieces(line, start, delimiter, quote):
                held = best.setdefault(following, {})
                n = n_cells + 1 if width is not None else 0
                if n <= most_cells and (n not in held or cost + price < held[n][0]):
                    held[n] = (cost + price, [*cells, cell])
    ends = best[over].values()
    return min(ends, key=lambda end: end[0] + _wrong_width(len(end[1]), width))[1]


def _wrong_width(n_cells: int, width: int | None) -> int:
    return 0 if width is None else CELL_TOO_MANY_OR_TOO_FEW * abs(n_cells - width)


def pieces(line: str, start: int, delimiter: str, quote: str) -> Iterator[Piece]:
    """Give every cell that could begin at a place; after the last one, the next begins behind the line's end + 1."""
    end = line.find(delimiter, start)
    end = len(line) if end < 0 else end
    cell = line[start:end]
    if cell.startswith(quote):
        yield end + 1, cell, BARE_CELL_BEGINS_WITH_QUOTE
    else:
        yield end + 1, cell, QUOTE_IN_BARE_CELL * (quote in cell)
    if not cell.startswith(quote):
        return
    passed_over = 0
    at = line.find(quote, start + 1)
    while at >= 0:
        if at + 1 == len(line) or line[at + 1] == delimiter:
            inside = line[start + 1 : at]
            single = inside.replace(quote * 2, "").count(quote)
            yield at + 2, inside.replace(quote * 2, quote), SINGLE_QUOTE_INSIDE * single + END_PASSED_OVER * passed_over
            passed_over += 1
        at = line.find(quote, at + 1)
