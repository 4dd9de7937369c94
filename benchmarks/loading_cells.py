"""What a workbook's cells cost: read into grids by a process of their own, against calamine's own reading of them."""

from __future__ import annotations

import io
import random
import resource
import time
from collections.abc import Callable

import openpyxl
import python_calamine as calamine

from benchmarks.figures import figure
from loaders.caps import Caps
from loaders.files import read_book

ROWS, NUMBERS = 60_000, 8
TIMES_CALAMINE, MORE_SECONDS = 1.6, 0.1
TRIES = 5


def cells() -> None:
    """Read 720,000 cells, of a plain workbook and of one a quarter of whose numbers are percentages."""
    for name, percent in (("cells_xlsx_cpu_s", False), ("cells_xlsx_percent_cpu_s", True)):
        data = workbook(percent=percent)
        floor, ours = alternately(lambda data=data: by_calamine(data), lambda data=data: read_book(data, limits=Caps()))
        most = TIMES_CALAMINE * floor + MORE_SECONDS
        figure(name, ours, floor, most=most, goal="<= 1.6 x calamine + 0.1 s, the reader process counted")


def workbook(*, percent: bool) -> bytes:
    """Write what a system exports: a date, a site, a code, a department not always, and numbers."""
    drawn = random.Random(1)
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Data")
    sheet.append(["date", "site", "code", "department", *(f"metric {n}" for n in range(NUMBERS))])
    for row in range(ROWS):
        values: list[object] = [
            drawn.randrange(10_000) if n % 2 else round(drawn.random() * 100, 2) for n in range(NUMBERS)
        ]
        if percent:
            values[::4] = [shown_as_percent(sheet, drawn.random()) for _ in values[::4]]
        named = [
            f"2026-{row // 5_000 + 1:02}-01",
            f"Site number {row % 80}",
            f"S{row % 80:03}",
            "Service" if row % 3 else None,
        ]
        sheet.append([*named, *values])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def shown_as_percent(sheet: object, share: float) -> object:
    """Make a cell that shows a share as a percentage."""
    cell = openpyxl.cell.WriteOnlyCell(sheet, share)
    cell.number_format = "0.0%"
    return cell


def by_calamine(data: bytes) -> None:
    """Read every sheet as calamine gives it."""
    book = calamine.CalamineWorkbook.from_filelike(io.BytesIO(data))
    for position in range(len(book.sheet_names)):
        book.get_sheet_by_index(position).to_python()


def alternately(floor: Callable[[], object], ours: Callable[[], object]) -> tuple[float, float]:
    """Give the least CPU of both, by turns, so that a busy machine slows both; children's CPU counts."""
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(TRIES + 1):
        for work, taken in zip((floor, ours), times, strict=True):
            started = processor_seconds()
            work()
            taken.append(processor_seconds() - started)
    return min(times[0][1:]), min(times[1][1:])


def processor_seconds() -> float:
    """Ours and the readers'."""
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    return time.process_time() + children.ru_utime + children.ru_stime
