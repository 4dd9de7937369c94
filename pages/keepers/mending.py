"""Mending faulty cells before anything is stored: one in its own field, many in a table, or all in the workbook itself."""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING, Any

import streamlit as st

from data.types import Severity
from loaders.marked import marked_workbook
from loaders.mended import cell_text, column_of, heading_of, place_of
from pages.keepers import words
from pages.keepers.table_view import remark
from pages.keepers.templates import XLSX
from pages.shared import frame
from pages.shared.exports import offer_file
from wording import say

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from pages.keepers.desk import Desk
    from pages.keepers.reading import Held
    from pages.shared.session import Visit
    from wording import Language

MOST_CELLS = 200
ROW_HEIGHT, MOST_ROWS_SEEN = 36, 8
COLUMNS = ("place", "heading", "found", "wrong", "instead")
COLUMNS_ON_PHONE = ("place", "found", "instead")
WIDTHS = {"place": 66, "heading": 120, "found": 130, "wrong": 190, "instead": 190}


def cells_to_mend(held: Held) -> dict[str, str]:
    """List the cells that can be mended, with the code of their fault: errors and mended ones down the sheet, then doubts."""
    found = held.understanding.interpretation
    codes_at: dict[Severity, dict[str, str]] = {
        severity: {place: fault.code for fault in held.faults(severity) if (place := place_of(fault, found))}
        for severity in (Severity.ERROR, Severity.WARNING)
    }
    first = {**{mend.place: "" for mend in held.understanding.mends}, **codes_at[Severity.ERROR]}
    cells = {place: first[place] for place in sorted(first, key=_down_the_sheet)}
    cells |= {place: code for place, code in codes_at[Severity.WARNING].items() if not cells.get(place)}
    return dict(list(cells.items())[:MOST_CELLS])


def _down_the_sheet(place: str) -> tuple[int, int, str]:
    letter = column_of(place)
    return int(place[len(letter) :]), len(letter), letter


def first_at_fault(held: Held) -> str | None:
    """Name the cell to mend first; None when no error stands in a cell, sites nobody knows aside: they are asked about."""
    found = held.understanding.interpretation
    errors = [fault for fault in held.faults(Severity.ERROR) if fault.code != "unknown_site"]
    places = [place for fault in errors if (place := place_of(fault, found))]
    return min(places, key=_down_the_sheet, default=None)


def mend_one(desk: Desk, held: Held, place: str, language: Language) -> None:
    """Ask for the text that one cell should have; it is read again at once."""
    if place not in cells_to_mend(held):
        return
    key = f"upload-mend-{place}"
    stands = cell_text(held.understanding.grid, place)
    st.session_state[key] = stands

    def change() -> None:
        if st.session_state[key] != stands:
            desk.mend(place, st.session_state[key].strip())

    st.text_input(words.label(say("keepers_mend.instead_of", language, found=words.cut(stands), place=place)), key=key,
                  max_chars=200, on_change=change)  # fmt: skip


def show_mending(desk: Desk, held: Held, language: Language) -> None:
    """Show every faulty cell in one table in which what should stand there is typed; and the other way, the workbook."""
    cells = cells_to_mend(held)
    if not cells:
        return
    frame.section(say("keepers_mend.title", language), say("keepers_mend.lead", language))
    rows, shown = _rows(held, cells, language), COLUMNS_ON_PHONE if frame.on_phone() else COLUMNS
    key = f"upload-mend-all-{len(desk.earlier)}-{len(rows)}"
    st.data_editor(
        {name: [row[name] for row in rows] for name in shown},
        key=key, hide_index=True, row_height=ROW_HEIGHT, disabled=list(shown[:-1]),
        column_config={name: _column(name, language) for name in shown},
        height=ROW_HEIGHT * (min(len(rows), MOST_ROWS_SEEN) + 1) + 2,
        on_change=lambda: mend_all(desk, st.session_state[key]["edited_rows"], list(cells)), alt=say("keepers_mend.title", language), placeholder=" ",
    )  # fmt: skip
    _show_mends(desk, held, language)


def _column(name: str, language: Language) -> Any:
    title = say(f"keepers_mend.column.{name}", language)
    return st.column_config.TextColumn(title, width=WIDTHS[name], max_chars=200)


def _rows(held: Held, cells: dict[str, str], language: Language) -> list[dict[str, str | None]]:
    found = held.understanding.interpretation
    mends = {mend.place: mend for mend in held.understanding.mends}
    return [
        {
            "place": place,
            "heading": heading_of(found, place),
            "found": mends[place].before if place in mends else cell_text(held.understanding.grid, place),
            "wrong": remark(code, language) if code else say("keepers_mend.reads_well", language),
            "instead": mends[place].after if place in mends else None,
        }
        for place, code in cells.items()
    ]


def mend_all(desk: Desk, edited: Mapping[int, Mapping[str, str | None]], places: Sequence[str]) -> None:
    """Take over what was typed in the table; None takes a mend back. edited: by row of the table, what changed."""
    changes = {places[int(at)]: row["instead"] for at, row in edited.items() if "instead" in row}
    kept = {place: text for place, text in desk.choices.mended.items() if place not in changes}
    desk.settle(mended={**kept, **{place: text.strip() for place, text in changes.items() if text is not None}})


def _show_mends(desk: Desk, held: Held, language: Language) -> None:
    """List what was mended, each with the way to take it back."""
    for mend in held.understanding.mends:
        with st.container(horizontal=True, vertical_alignment="center"):
            said = say("keepers_mend.mended", language, place=mend.place, before=words.cut(mend.before),
                       after=words.cut(mend.after))  # fmt: skip
            frame.notes([frame.Note(said, icon="done")])
            st.button(say("keepers_mend.take_back", language, place=mend.place), key=f"upload-take-back-{mend.place}",
                      type="tertiary", icon=":material/undo:", on_click=desk.mend, args=(mend.place, None))  # fmt: skip


def offer_marked(visit: Visit, desk: Desk, held: Held) -> None:
    """Offer the workbook with the faults marked in its cells, for those who mend at home."""
    given, understanding = desk.given, held.understanding
    if given is None:
        return
    offer_file(visit, lambda: marked_workbook(given.data, understanding, visit.language), name=PurePath(given.name).stem,
               ending="xlsx",
               mime=XLSX, word=say("keepers_mend.marked.button", visit.language))  # fmt: skip
