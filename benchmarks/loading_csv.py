"""What cleaning a long delimited file costs, against DuckDB's own reading of the same bytes, all text, on one core."""

from __future__ import annotations

import tempfile
from pathlib import Path

import duckdb

from benchmarks.figures import cpu_seconds, figure
from loaders.caps import Caps
from loaders.files import read_book
from loaders.shape import shape_of

ROWS = 1_000_000
SITES, METRICS = 25, 8
CLEANING_TIMES_RAW = 1.6
SHAPED_TIMES_RAW = 1.8
LIMITS = Caps(upload_mb=200)


def load_csv() -> None:
    """Read a million rows bare and quoted, and find the shape of their grid."""
    with tempfile.TemporaryDirectory() as folder:
        for name, quote in (("csv", ""), ("csv_quoted", '"')):
            path = Path(folder) / f"{name}.csv"
            path.write_bytes(long_file(quote))
            floor = raw_seconds(path)
            data = path.read_bytes()
            cleaned = cpu_seconds(lambda data=data: read_book(data, limits=LIMITS))
            most = CLEANING_TIMES_RAW * floor
            figure(f"load_{name}_cleaned_cpu_s", cleaned, floor, most=most, goal="<= 1.6 x floor")
            shaped = cpu_seconds(lambda data=data: shape_of(read_book(data, limits=LIMITS).grid))
            most = SHAPED_TIMES_RAW * floor
            figure(f"load_{name}_cleaned_and_shaped_cpu_s", shaped, floor, most=most, goal="<= 1.8 x floor")


def raw_seconds(path: Path) -> float:
    """Measure DuckDB's reading of a file into a table of text, on one thread."""
    raw = duckdb.connect(config={"threads": 1})
    query = "CREATE OR REPLACE TEMP TABLE raw AS SELECT * FROM read_csv(?, all_varchar = true, header = true)"
    try:
        return cpu_seconds(lambda: raw.execute(query, [str(path)]))
    finally:
        raw.close()


def long_file(quote: str) -> bytes:
    """Write a long file: site, day, metric, value."""
    rows = [["site", "date", "metric", "value"]]
    rows += [
        [
            f"Site {row % SITES}",
            f"20{10 + row // 80_000 % 12}-{row // 2_000 % 12 + 1:02}-{row // 200 % 28 + 1:02}",
            f"metric {row // SITES % METRICS}",
            f"{row * 7919 % 10_007 / 100:.2f}",
        ]
        for row in range(ROWS)
    ]
    return "".join(",".join(f"{quote}{cell}{quote}" for cell in row) + "\n" for row in rows).encode()
