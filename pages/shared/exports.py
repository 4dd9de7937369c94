"""Files that leave a page: made when asked for, each under a name of its own."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import secrets
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING

import streamlit as st

from loaders.outgoing import plain_text
from pages.shared.pictures import to_png
from wording import say

if TYPE_CHECKING:
    import altair as alt

    from pages.shared.session import Visit

Exported = str | float | dt.date | None
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def csv_file(rows: Iterable[Sequence[Exported]]) -> bytes:
    """Write rows as CSV: UTF-8, commas, decimal points, ISO dates, and no cell that a spreadsheet would run."""
    text = io.StringIO(newline="")
    csv.writer(text).writerows(_safe(row) for row in rows)
    return text.getvalue().encode("utf-8-sig")


def workbook(sheets: Mapping[str, Iterable[Sequence[Exported]]]) -> bytes:
    """Write rows as an Excel workbook, a sheet a name, the heading in sight, and no cell that would be run."""
    from openpyxl import Workbook  # only whoever asks for a workbook waits for it

    book = Workbook(write_only=True)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        sheet.freeze_panes = "A2"
        for row in rows:
            sheet.append(_safe(row))
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _safe(row: Sequence[Exported]) -> list[Exported]:
    return [plain_text(cell) if isinstance(cell, str) else cell for cell in row]


def own_name(name: str, ending: str) -> str:
    """Give a download a name that no other download has: two of one name and size would share an address.

    >>> own_name("Nantes · délai", "csv").startswith("Nantes-délai-")
    True
    """
    plain = re.sub(r"[^\w]+", "-", name).strip("-")[:80]
    return f"{plain or 'essaim'}-{secrets.token_hex(4)}.{ending}"


def offer_file(visit: Visit, make: Callable[[], bytes], *, name: str, ending: str, mime: str, word: str) -> None:  # noqa: ARG001
    """Offer a file; it is made only when somebody asks for it."""
    st.download_button(
        word, data=make, file_name=own_name(name, ending), mime=mime, key=f"download-{ending}", on_click="ignore",
        type="tertiary", icon=":material/download:",
    )  # fmt: skip


def offer_picture(visit: Visit, draw: Callable[[], alt.TopLevelMixin], *, name: str) -> None:
    """Offer a chart as PNG, with the decisions on it, on paper's colours."""
    offer_file(
        visit, lambda: to_png(draw(), visit.language), name=name, ending="png", mime="image/png",
        word=say("shared.button.download_png", visit.language),
    )  # fmt: skip
