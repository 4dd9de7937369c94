"""The heading rows of a table: where they stand, and what each one says of the columns below it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from loaders.dates import Period, read_period
from loaders.grid import Grid, Refusal
from loaders.merged import Texts, is_merged_over, spread_texts
from loaders.rows import texts_of
from loaders.shape import Shape
from loaders.words import heading_grain, heading_means, unit_of

HEADER_SEARCH_ROWS = 200  # no real export opens with more lines of preamble
ROWS_OF_A_TABLE = 40  # filled alike, one below the other
MOST_HEADING_ROWS = 3
MOSTLY = 0.5
SOME_LEAP_YEAR = 2000  # completes a month or a week that names no year, to see whether it is one
_GROUP_OF_PERIODS = re.compile(
    r"^\W*(?:(?:[st]|q|h|sem\.?|semestre|semester|half|trim\.?|trimestre|quarter|year|annee|année|exercice|fy)\W*\d{0,4}"
    r"|\d(?:er|e|eme|ème|st|nd|rd|th)?\W*(?:semestre|trimestre|quarter|half|semester)|week number|numero de semaine)"
    r"\W*(?:(?:19|20)\d{2})?\W*$",
    re.IGNORECASE,
)

_NUMBER = re.compile(r"^\d{1,3}(?:\.0)?$")
_YEAR = re.compile(r"^(?:19|20)\d{2}(?:\.0)?$")


@dataclass(frozen=True, slots=True)
class Heading:
    """The headings of a table.

    rows: their grid rows. first: the first row that may hold data. across: the row that names the periods of the
        columns; None when periods do not run across. periods: the text of each column's period, its year included.
    levels: what each other row of names says, by column, merged cells spread over the columns they stand above.
    """

    rows: tuple[int, ...]
    first: int
    across: int | None
    periods: Texts
    levels: tuple[Texts, ...]


def find_heading(grid: Grid, shape: Shape, header_row: int | None, *, across: bool = True) -> Heading:
    """Find the headings of the table on a sheet.

    header_row: the last heading row from 0, when a person chose it; -1 = there is none. across: whether periods may
    run across. Raises Refusal("no_values").
    """
    named = _row_of_periods(grid, shape, header_row) if across and header_row != -1 else None
    if named is not None:
        return _wide_heading(grid, shape, named)
    rows = _long_rows(grid, shape, header_row)
    levels = tuple(spread_texts(grid, shape, row, rows) for row in rows)
    return Heading(rows, rows[-1] + 1 if rows else 0, None, {}, levels)


# --- periods across ---------------------------------------------------------------------------------------------


def _row_of_periods(grid: Grid, shape: Shape, header_row: int | None) -> int | None:
    """Find the row whose cells are the periods of a wide table: the one that names most different periods."""
    best, best_score = None, 0.0
    searched = [header_row] if header_row is not None else range(_rows_to_search(shape))
    holds_numbers = np.array(shape.numeric.any(axis=0), np.bool_)
    for row in searched:
        if not (shape.filled[row] & holds_numbers).any():
            continue
        score = _score_as_periods(grid, shape, row)
        if score > best_score:
            best, best_score = row, score
    return best


def _rows_to_search(shape: Shape) -> int:
    """Say among how many rows the heading is: not below rows of one form, so many that they are the table's own."""
    n_rows = min(len(shape.filled), HEADER_SEARCH_ROWS)
    filled, numeric = shape.filled[:n_rows], shape.numeric[:n_rows]
    alike = 0
    for row in range(1, n_rows):
        same = (filled[row] == filled[row - 1]).all() and (numeric[row] == numeric[row - 1]).all()
        alike = alike + 1 if same and numeric[row].any() else 0
        if alike >= ROWS_OF_A_TABLE:
            return row + 1
    return n_rows


def _score_as_periods(grid: Grid, shape: Shape, row: int) -> float:
    texts = texts_of(grid, row)
    if len(texts) < 2:
        return 0
    named = _period_texts(grid, shape, row)
    read = _periods_in(named)
    if len(read) == 1:
        return _score_of_one(shape, row, texts, named) + 0.5 * _is_dated(list(read.values()))
    if len(read) < 2 or len(read) < MOSTLY * len(_over_numbers(shape, row, texts, named)):
        return 0
    columns = sorted(read)
    grain, n_alike = Counter(period.grain for period in read.values()).most_common(1)[0]
    alike = [column for column in columns if read[column].grain is grain]
    if n_alike < max(2, MOSTLY * len(read)) or not _runs_on(
        [named[column] for column in alike], [read[column] for column in alike]
    ):
        return 0
    filled = np.array(shape.filled[row + 1 :, columns].any(axis=0), np.bool_)  # the months to come are still empty
    numeric = np.array(shape.numeric[row + 1 :, columns].any(axis=0), np.bool_)
    if not numeric.any() or numeric[filled].mean() < MOSTLY:
        return 0
    return (
        2 * len({period.start for period in read.values()})
        + 0.5 * _is_dated(list(read.values()))
        + 0.25 * (named == {column: texts[column] for column in named})
    )


def _over_numbers(shape: Shape, row: int, texts: Texts, named: Texts) -> Texts:
    """Give the texts that stand over numbers, where the periods are in words; otherwise all, for values may be years."""
    if all(text.replace(".", "").isdigit() for text in named.values()):
        return texts
    return {column: text for column, text in texts.items() if shape.numeric[row + 1 :, column].any()}


def _score_of_one(shape: Shape, row: int, texts: Texts, named: Texts) -> float:
    """Score a row that names one period, such as the first month of a year, over the only numbers; -1 = it does not."""
    ((column, text),) = named.items()
    numbers = shape.numeric[row + 1 :].any(axis=0)
    above = shape.filled[:row, column]
    if text.replace(".", "").isdigit() or np.flatnonzero(numbers).tolist() != [column] or len(texts) > 3:
        return -1.0
    numbered = bool(row) and not above[: row - 1].any() and bool(shape.numeric[row - 1, column])  # week numbers above
    labels = shape.filled[row + 1 :].any(axis=0).sum() > 1
    mostly = shape.valued[row + 1 :, column].sum() > MOSTLY * shape.filled[row + 1 :, column].sum()
    completed = text != texts.get(column)
    return 1.0 if labels and mostly and (not above.any() or numbered or completed) else -1.0


def _period_texts(grid: Grid, shape: Shape, row: int) -> Texts:
    """Give the texts of a row that are periods, completed by the year or month that stands above them."""
    texts = texts_of(grid, row)
    own = {column: text for column, text in texts.items() if _is_period(text)}
    label = heading_grain(next(iter(texts.values()), "")) if texts else None
    if label is not None and label.value == "week" and len(own) < MOSTLY * len(texts):
        own = {c: f"W{int(float(t))}" for c, t in texts.items() if _NUMBER.match(t) and 1 <= float(t) <= 53}
    if row == 0 or (own and _is_dated(list(_periods_in(own).values())) and _all_different(own)):
        return own
    columns = sorted(own) if own else [column for column in texts if shape.numeric[row + 1 :, column].any()]
    above = spread_texts(grid, shape, row - 1, (row - 1, row))
    both: Texts = {}
    for column in columns:
        lower, upper = own.get(column, texts[column]), above.get(column, "")
        years = [bool(_YEAR.match(text)) for text in (lower, upper)]
        text = f"{lower} {upper}" if years[1] else f"{upper} {lower}"
        if sum(years) == 1 and isinstance(read_period(text), Period):
            both[column] = text
    if both and len(both) >= MOSTLY * len(columns) and _is_dated(list(_periods_in(both).values())):
        return both
    return own


def _all_different(texts: Texts) -> bool:
    return len(set(texts.values())) == len(texts) or any(not text.isdigit() for text in texts.values())


def _is_period(text: str) -> bool:
    return isinstance(read_period(text, year=SOME_LEAP_YEAR), Period)


def _periods_in(texts: Texts) -> dict[int, Period]:
    read = {column: read_period(text, year=SOME_LEAP_YEAR) for column, text in texts.items()}
    return {column: period for column, period in read.items() if isinstance(period, Period)}


def _runs_on(texts: list[str], periods: list[Period]) -> bool:
    """Say whether periods stand as in a heading, and are not values that look like years."""
    starts = [period.start for period in periods]
    distinct = sorted(set(starts))
    if len(distinct) < 2:
        return False
    in_order = starts in (sorted(starts), sorted(starts, reverse=True)) or 2 * len(distinct) <= len(starts)
    written = not any(text.replace(".", "").isdigit() for text in texts)
    every_year = len(distinct) == len(starts) == distinct[-1].year - distinct[0].year + 1
    return in_order or written or every_year


def _is_dated(periods: list[Period]) -> bool:
    return all(period.start.year != SOME_LEAP_YEAR for period in periods)


def _wide_heading(grid: Grid, shape: Shape, across: int) -> Heading:
    periods = _period_texts(grid, shape, across)
    own = {column for column, text in periods.items() if texts_of(grid, across).get(column) == text}
    completed = not own and _is_dated(list(_periods_in(periods).values()))  # by the row above
    rows = [across]
    columns = sorted(periods)
    for row in range(across - 1, -1, -1):
        inside = int(shape.filled[row, columns].sum())
        years = completed and row == across - 1
        if not years and (inside < 2 or shape.filled[row].sum() < 2) and not is_merged_over(grid, row, columns):
            break
        rows.insert(0, row)
    first = across + 1
    while first < grid.n_rows and not shape.valued[first, columns].any():
        if shape.filled[first, columns[0] :].sum() < MOSTLY * len(columns):
            break
        rows.append(first)
        first += 1
    heading_rows = tuple(rows)
    if len(heading_rows) > 1 and heading_rows[-1] > across:
        spread = spread_texts(grid, shape, across, heading_rows)
        periods = {column: text for column, text in spread.items() if column in periods or _is_period(text)} | periods
    levels = [
        spread_texts(grid, shape, row, heading_rows)
        for row in heading_rows
        if row != across and not (row == across - 1 and completed)
    ]
    named = [level for level in levels if _names_columns(level, periods)]
    return Heading(heading_rows, first, across, dict(sorted(periods.items())), tuple(named))


def _names_columns(level: Texts, periods: Texts) -> bool:
    """Say whether a row of names tells the columns apart by something else than their period."""
    texts = [text for column, text in level.items() if column in periods]
    if not texts or all(_is_period(text) or _NUMBER.match(text) or _GROUP_OF_PERIODS.match(text) for text in texts):
        return False
    return not all(unit_of(text.strip("()[] ")) for text in texts)


# --- one row a site and period ----------------------------------------------------------------------------------


def _long_rows(grid: Grid, shape: Shape, header_row: int | None) -> tuple[int, ...]:
    value_like = shape.value_like()
    if not value_like.any():
        raise Refusal("no_values", domain="loaders", sheet=grid.sheet or "")
    if header_row is not None:
        return tuple(_with_row_spread_above(grid, shape, [header_row], value_like)) if header_row >= 0 else ()
    width = shape.filled.sum(axis=1)
    rows_with_values = (shape.valued[:, value_like].mean(axis=1) >= MOSTLY) & shape.numeric[:, value_like].any(axis=1)
    typical = np.median(width[rows_with_values]) if rows_with_values.any() else 0
    body = np.flatnonzero(rows_with_values & (width >= MOSTLY * typical))
    if not len(body):
        raise Refusal("no_values", domain="loaders", sheet=grid.sheet or "")
    first = next((int(row) for row in body[:2] if not _numbers_columns(grid, shape, int(row))), int(body[0]))
    while first and shape.numeric[first - 1, value_like].any() and not _numbers_columns(grid, shape, first - 1):
        first -= 1  # rows in which little is filled
    rows = _heading_rows_above(grid, shape, first, value_like, float(typical))
    return tuple(_with_row_spread_above(grid, shape, rows, value_like))


def _heading_rows_above(
    grid: Grid, shape: Shape, first: int, value_like: npt.NDArray[np.bool_], typical: float
) -> list[int]:
    rows: list[int] = []
    row = first - 1
    width = shape.filled.sum(axis=1)
    while row >= 0 and (not width[row] or (typical > 2 and width[row] == 1 and not shape.numeric[row].any())):
        row -= 1  # blank lines, and the headings of a first section
    while row >= 0:
        full = shape.filled[row].sum() >= max(min(2, typical), MOSTLY * typical)
        if (
            not full
            or _says_one_thing(grid, row)
            or (shape.numeric[row, value_like].any() and not _numbers_columns(grid, shape, row))
        ):
            break
        rows.insert(0, row)
        row -= 1
    while len(rows) > 1 and (
        _reads_as_data(grid, shape, rows[-1], value_like) or _is_named_above(grid, rows[-2], rows[-1], value_like)
    ):
        rows.pop()
    return rows[-MOST_HEADING_ROWS:]


def _says_one_thing(grid: Grid, row: int) -> bool:
    """Say whether a row is a line such as "Period: | March 2026"."""
    texts = list(texts_of(grid, row).values())
    return len(texts) == 2 and texts[0].endswith(":")


def _numbers_columns(grid: Grid, shape: Shape, row: int) -> bool:
    """Say whether a row names its columns by numbers: a word, then 1, 2, 3 and so on, with no other heading above."""
    texts = texts_of(grid, row)
    if (row and shape.filled[row - 1].sum() > 1) or any(map(_is_period, list(texts.values())[:1])):
        return False
    named = [text for column, text in texts.items() if not shape.numeric[row, column]]
    numbers = [text for column, text in texts.items() if shape.numeric[row, column]]
    return bool(named) and len(numbers) > 2 and numbers == [str(n) for n in range(1, len(numbers) + 1)]


def _with_row_spread_above(grid: Grid, shape: Shape, rows: list[int], value_like: npt.NDArray[np.bool_]) -> list[int]:
    """Add the row of merged headings that stands above headings which come back under each of them."""
    columns = np.flatnonzero(value_like).tolist()
    while rows and rows[0] > 0 and len(rows) < MOST_HEADING_ROWS:
        above = rows[0] - 1
        if shape.numeric[above, value_like].any() or not shape.filled[above, value_like].any():
            break
        spread = [spread_texts(grid, shape, row, tuple(rows)) for row in rows]
        below = [tuple(texts.get(column, "") for texts in spread) for column in columns]
        come_back = len(set(below)) < len(below)
        if not (come_back and shape.filled[above, value_like].sum() >= 2) and not is_merged_over(grid, above, columns):
            break
        rows = [above, *rows]
    return rows


def _is_named_above(grid: Grid, above: int, row: int, value_like: npt.NDArray[np.bool_]) -> bool:
    """Say whether the row above names every column already, and this one, of words alone, is the first row of data."""
    names, texts = texts_of(grid, above), texts_of(grid, row)
    if not set(texts) <= set(names) or len(set(names.values())) < len(names):
        return False
    labels = [column for column in texts if not value_like[column]]
    if not any(_is_heading_word(names[column]) for column in labels):
        return False
    return not any(_is_heading_word(text) or unit_of(text.strip("()[] ")) for text in texts.values())


def _is_heading_word(text: str) -> bool:
    means = heading_means(text)
    return means is not None and means[2] == "synonym"


def _reads_as_data(grid: Grid, shape: Shape, row: int, value_like: npt.NDArray[np.bool_]) -> bool:
    if shape.valued[row, value_like].any():
        return not _numbers_columns(grid, shape, row)
    return any(
        isinstance(read_period(text), Period) for column, text in texts_of(grid, row).items() if not value_like[column]
    )
