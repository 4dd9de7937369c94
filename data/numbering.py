"""The numbers under which values are kept: those of series, of loads, and of the texts that a load's values carry."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import duckdb
import numpy as np
import pandas as pd

from data import records
from data.combine import Places

SERIES = ("metric_id", "site_id", "segment", "grain")
UNKNOWN = -1


def series_numbers(cursor: duckdb.DuckDBPyConnection, names: pd.DataFrame) -> Places:
    """Give the number of each series (a row of SERIES each); UNKNOWN where the record has none."""
    cursor.register("asked", names[list(SERIES)].assign(place=np.arange(len(names))))
    found = cursor.execute(
        "SELECT a.place, s.series FROM series s JOIN asked a ON " + " AND ".join(f"s.{n} = a.{n}" for n in SERIES)
    ).fetchnumpy()
    cursor.unregister("asked")
    numbers = np.full(len(names), UNKNOWN, np.int64)
    numbers[np.asarray(found["place"], np.int64)] = np.asarray(found["series"], np.int64)
    return numbers


def number_series(cursor: duckdb.DuckDBPyConnection, names: pd.DataFrame, numbers: Places, *, first: int) -> Places:
    """Give the unknown ones of some series (numbers as `series_numbers` gives them) theirs from `first` on, in order."""
    numbers = numbers.copy()
    unknown = numbers == UNKNOWN
    if unknown.any():
        numbers[unknown] = first + np.arange(unknown.sum())
        cursor.register("numbered", names.loc[unknown, list(SERIES)].assign(series=numbers[unknown]))
        cursor.execute("INSERT INTO series BY NAME SELECT * FROM numbered")
        cursor.unregister("numbered")
    return numbers


def note_load(
    cursor: duckdb.DuckDBPyConnection, load: int, batch_id: str, change_id: str, recorded_at: dt.datetime
) -> None:
    """Note which batch a load's number stands for."""
    cursor.execute(
        "INSERT INTO loaded VALUES (?, ?, ?, ?)", [load, batch_id, change_id, records.stored_time(recorded_at)]
    )


def note_texts(cursor: duckdb.DuckDBPyConnection, load: int, texts: Sequence[str]) -> dict[str, int]:
    """Note the texts that a load's values carry, and give the number of each."""
    numbers = {text: number for number, text in enumerate(dict.fromkeys(texts), start=1)}
    carried = pd.DataFrame({"load": load, "number": list(numbers.values()), "text": list(numbers)})
    cursor.register("carried", carried)
    cursor.execute("INSERT INTO loaded_text BY NAME SELECT * FROM carried")
    cursor.unregister("carried")
    return numbers


def load_of(cursor: duckdb.DuckDBPyConnection, batch_id: str) -> int | None:
    """Give the number of a batch's load; None when it brought no value."""
    row = cursor.execute("SELECT load FROM loaded WHERE batch_id = ?", [batch_id]).fetchone()
    return None if row is None else int(row[0])
