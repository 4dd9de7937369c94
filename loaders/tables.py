"""The tables of a sheet: where each one stands, and which of them is read."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class TableSeen:
    """One table of a sheet.

    number: from 1, from top to bottom and left to right, for `Choices.table`. place: "A5:H20" as the sheet shows it.
    n_numbers: cells that are numbers. sheet: None for a delimited file.
    """

    number: int
    title: str
    place: str
    n_rows: int
    n_numbers: int
    sheet: str | None = None
