"""Starts the reader process, waits for it no longer than its limits, and takes its grid."""

from __future__ import annotations

import importlib.util
import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import IO, Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from data.progress import stoppable
from loaders.arrays import TEXT, index_array, text_array, text_array_of
from loaders.caps import Caps
from loaders.grid import Area, Format, Grid, Kind, Refusal, SheetInfo, Visibility
from loaders.kinds import number_text
from loaders.limits import memory_for

SEPARATOR = 0x1E
KIND_BITS = 0x0F
PERCENT_BIT = 0x10
NUMBER_BYTES = 8
EXACT_BELOW = (
    1e15  # from here on Arrow writes a power of ten, where whole numbers (ids, for one) are to be read in full
)
PATIENCE_SECONDS = 3  # beyond the processor time that the reader limits itself to


def read_workbook(
    data: bytes, caps: Caps, sheet: str | None
) -> tuple[Format, tuple[SheetInfo, ...], Mapping[str, Grid]]:
    """Read a workbook's bytes in a process of its own.

    Raises Refusal: what the reader found wrong, or that it ran out of time or memory.
    """
    try:
        return read_once(data, caps, {"sheet": sheet})
    except Refusal as refusal:
        if refusal.code != "reader_memory":
            raise
    try:
        return read_once(data, caps, {"sheet": sheet, "careful": True})  # it may say which cell asks for so much
    except Refusal as refusal:
        if refusal.code == "reader_memory":
            raise Refusal("reader_memory", limit=memory_for(data, caps.model_dump())) from refusal
        raise


def read_once(
    data: bytes, caps: Caps, wishes: Mapping[str, Any]
) -> tuple[Format, tuple[SheetInfo, ...], Mapping[str, Grid]]:
    """Read a workbook with one reader. Raises Refusal."""
    limits = json.dumps({**caps.model_dump(), **wishes})
    with tempfile.TemporaryFile(prefix="essaim-") as given, tempfile.TemporaryFile(prefix="essaim-") as taken:
        given.write(data)
        given.seek(0)
        returned = run_reader(limits, given, taken, caps)
        taken.seek(0)
        return taken_over(taken.read(), returned, caps)


def run_reader(limits: str, given: IO[bytes], taken: IO[bytes], caps: Caps) -> int:
    """Run the reader to its end; return how it ended.

    Raises Refusal when it takes too long, Cancelled when the person called it off: either way it is killed.
    """
    command = [sys.executable, "-S", "-P", "-m", f"{__package__}.reader", limits]
    # The closing of stderr wakes us at once; a wait by the clock would cost 50 ms.
    with subprocess.Popen(command, stdin=given, stdout=taken, stderr=subprocess.PIPE, env=environment()) as reader:
        try:
            with stoppable(reader.kill):
                reader.communicate(timeout=caps.read_seconds + PATIENCE_SECONDS)
        except subprocess.TimeoutExpired as late:
            reader.kill()
            raise out_of_limits("reader_time", caps) from late
        except BaseException:
            reader.kill()
            raise
    return reader.returncode


def environment() -> dict[str, str]:
    """Give the reader nothing but where its modules are: no secret, no setting."""
    calamine = importlib.util.find_spec("python_calamine")
    places = [str(Path(__file__).parents[1])]
    if calamine is not None and calamine.origin is not None:
        places.append(str(Path(calamine.origin).parents[1]))
    kept = {name: os.environ[name] for name in ("SYSTEMROOT", "TMPDIR") if name in os.environ}
    return {"PYTHONPATH": os.pathsep.join(places), "PYTHONUTF8": "1", **kept}


def taken_over(written: bytes, returned: int, caps: Caps) -> tuple[Format, tuple[SheetInfo, ...], Mapping[str, Grid]]:
    """Turn what the reader wrote into sheets and grids, believing nothing that does not add up."""
    head, newline, _ = written.partition(b"\n")
    if returned or not newline:
        raise out_of_limits(ended_by(returned), caps)
    answer = json.loads(head)
    if "code" in answer:
        raise out_of_limits(answer["code"], caps, **answer["details"])
    sheets, grids = [], {}
    start = len(head) + 1
    for about in answer["sheets"]:
        grids[about["name"]] = grid_of(about, written, start)
        start += sum(about["n_rows"] + NUMBER_BYTES * numbers + length for numbers, length in about["columns"])
        sheets.append(sheet_info(about, caps))
    if start != len(written):
        raise Refusal("reader_failed")
    return Format(answer["format"]), tuple(sheets), grids


def ended_by(returned: int) -> str:
    """Say why a reader that gave no answer ended: the signal of its time limit, or of its memory limit."""
    reasons = {signal.SIGXCPU: "reader_time", signal.SIGKILL: "reader_time", signal.SIGABRT: "reader_memory"}
    return next((reason for ended, reason in reasons.items() if returned == -ended), "reader_failed")


def out_of_limits(code: str, caps: Caps, **details: Any) -> Refusal:
    """Make the reader's refusal, with the limit that it ran into."""
    limits = {"reader_time": caps.read_seconds, "reader_memory": caps.read_memory_mb}
    if code in limits:
        details["limit"] = limits[code]
    return Refusal(code, **details)


def sheet_info(about: Mapping[str, Any], caps: Caps) -> SheetInfo:
    """Describe one sheet as the reader found it."""
    refused = about["refused"]
    return SheetInfo(
        name=about["name"],
        visibility=Visibility(about["visibility"]),
        n_rows=about["n_rows"],
        n_columns=len(about["columns"]),
        n_numbers=about["n_numbers"],
        n_uncomputed=about["n_uncomputed"],
        refusal=out_of_limits(refused["code"], caps, **refused["details"]) if refused else None,
    )


def grid_of(about: Mapping[str, Any], written: bytes, start: int) -> Grid:
    """Build one sheet's grid from its columns' bytes."""
    n_rows: int = about["n_rows"]
    columns: list[pa.StringArray] = []
    kinds: list[npt.NDArray[np.uint8]] = []
    percents: dict[int, npt.NDArray[np.bool_]] = {}
    for number, (n_numbers, length) in enumerate(about["columns"]):
        flags = np.frombuffer(written, np.uint8, n_rows, start)
        values = np.frombuffer(written, np.float64, n_numbers, start + n_rows)
        text = np.frombuffer(written, np.uint8, length, start + n_rows + NUMBER_BYTES * n_numbers)
        start += n_rows + NUMBER_BYTES * n_numbers + length
        kinds.append(np.bitwise_and(flags, np.uint8(KIND_BITS)))
        columns.append(cells(kinds[-1], values, text))
        percent = (flags & PERCENT_BIT) != 0
        if percent.any():
            percents[number] = percent
    return Grid(
        sheet=about["name"],
        columns=tuple(columns),
        n_rows=n_rows,
        cell_kinds=tuple(kinds),
        percent_cells=percents,
        merged=tuple(Area(*area) for area in about["merged"]),
    )


def cells(
    kinds: npt.NDArray[np.uint8], values: npt.NDArray[np.float64], written: npt.NDArray[np.uint8]
) -> pa.StringArray:
    """Put a column's numbers, as a sheet shows them, among its texts."""
    is_number = kinds == Kind.NUMBER
    count = int(is_number.sum())
    others = texts(written, kinds[~is_number] != 0)
    if count != len(values):
        raise Refusal("reader_failed")
    if not count:
        return others
    numbers = number_texts(values)
    if count == len(kinds):
        return numbers
    order = np.empty(len(kinds), np.int64)
    order[is_number], order[~is_number] = np.arange(count), np.arange(count, len(kinds))
    return pa.concat_arrays([numbers, others]).take(index_array(order))


def number_texts(values: npt.NDArray[np.float64]) -> pa.StringArray:
    """Write numbers without loss and without ".0"."""
    if bool((np.abs(values) >= EXACT_BELOW).any()):
        return text_array([number_text(value) for value in values.tolist()])
    numbers = pa.Array.from_buffers(pa.float64(), len(values), [None, pa.py_buffer(np.ascontiguousarray(values))])
    return numbers.cast(TEXT)


def texts(written: npt.NDArray[np.uint8], held: npt.NDArray[np.bool_]) -> pa.StringArray:
    """Cut a column's bytes at their separators; null where no cell is held."""
    ends = np.flatnonzero(written == SEPARATOR)
    if len(ends) != len(held):
        raise Refusal("reader_failed")
    offsets = np.zeros(len(ends) + 1, np.int32)
    offsets[1:] = ends - np.arange(len(ends))
    characters = np.delete(written, ends)
    return text_array_of(offsets, characters, held)
