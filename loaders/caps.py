"""The published limits of what is read: settings, each with a default."""

from __future__ import annotations

from functools import lru_cache

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

MEGABYTE = 1 << 20


class Caps(BaseSettings):
    """Limits on one file; `ESSAIM_MAX_ROWS=50000` in the environment sets `rows`.

    >>> Caps(rows=10).rows
    10
    """

    model_config = SettingsConfigDict(env_prefix="ESSAIM_MAX_", frozen=True)

    upload_mb: int = Field(20, gt=0, description="size of the file")
    unpacked_mb: int = Field(400, gt=0, description="size of a workbook or .gz once unpacked")
    entries: int = Field(10_000, gt=0, description="parts inside a workbook's zip")
    sheets: int = Field(300, gt=0, description="sheets of a workbook")
    rows: int = Field(1_048_576, gt=0, description="rows of a sheet or lines of a file (Excel has no more)")
    columns: int = Field(16_384, gt=0, description="columns of a sheet or file (Excel has no more)")
    cells: int = Field(10_000_000, gt=0, description="rows x columns of a file's sheets")
    read_seconds: int = Field(30, gt=0, description="time to read a workbook, by the clock and of processor")
    read_memory_mb: int = Field(1_024, gt=0, description="memory of the process that reads a workbook")
    source_seconds: int = Field(120, gt=0, description="time to fetch what a linked source holds")
    source_files: int = Field(
        50, gt=0, description="files taken from a linked source in one run; the next takes the rest"
    )
    requests: int = Field(60, gt=0, description="requests to the HTTP API in a minute, with one token")


@lru_cache(maxsize=1)
def caps() -> Caps:
    """Give the limits in force, read from the environment once."""
    return Caps()
