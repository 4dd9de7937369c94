"""Where the table stands and which way it runs: sheet, table, row of headings, layout, section headings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from loaders.choices import LayoutKind, SectionHandling
from pages.keepers import words
from pages.keepers.editor import AUTO, pick, told
from wording import Language, knows, say

if TYPE_CHECKING:
    from loaders.grid import Book
    from loaders.ingest import Understanding
    from pages.keepers.desk import Desk

MOST_TABLES = 40


def edit_place(desk: Desk, book: Book, sheet: str, header_row: int, language: Language) -> None:
    """Choose the sheet and the row of headings."""
    names = {one.name: one.name for one in book.sheets if one.n_rows}
    if len(names) > 1:
        pick(say("shared.label.sheet", language), names, sheet, key="upload-sheet",
             change=lambda name: desk.start_over(sheet=name))  # fmt: skip
    rows = next((one.n_rows for one in book.sheets if one.name == sheet), 1)
    st.session_state["upload-header"] = shown = min(header_row, max(rows, 1))
    st.number_input(say("keepers.edit.header_row", language), min_value=0, max_value=max(rows, 1), step=1,
                    key="upload-header", on_change=told,
                    args=("upload-header", lambda row: desk.choose(header_row=int(row)), shown))  # fmt: skip


def edit_table(desk: Desk, understanding: Understanding, language: Language) -> None:
    """Choose one of the tables of the sheet, where there are several."""
    tables = understanding.tables[:MOST_TABLES]
    if len(tables) < 2:
        return
    names = {
        str(one.number): say("keepers_mend.table", language, n=one.number, place=one.place, title=words.cut(one.title))
        for one in tables
    }
    fullest = max(tables, key=lambda one: one.n_numbers).number
    current = understanding.choices.table or fullest
    pick(say("keepers_mend.edit.table", language, n=len(understanding.tables)), names, str(current),
         key="upload-table", change=lambda number: desk.choose(table=int(number), header_row=None, layout=None))  # fmt: skip


def edit_layout(desk: Desk, understanding: Understanding, language: Language) -> None:
    """Choose which way the table runs, and what its section headings are, where it has any."""
    found = understanding.interpretation
    kinds = {
        kind.value: say(f"loaders.layout.{kind.value}", language)
        for kind in LayoutKind
        if knows(f"loaders.layout.{kind.value}", language)
    }
    pick(say("keepers_mend.edit.layout", language), kinds, found.layout.kind.value, key="upload-layout",
         change=lambda kind: desk.choose(layout=LayoutKind(kind)))  # fmt: skip
    if found.layout.sections:
        uses = {AUTO: say("keepers_mend.sections.auto", language),
                **{use.value: say(f"keepers_mend.sections.{use.value}", language) for use in SectionHandling}}  # fmt: skip
        chosen = understanding.choices.sections
        pick(say("keepers_mend.edit.sections", language, example=words.cut(found.layout.sections[0][1])), uses,
             chosen.value if chosen else AUTO, key="upload-sections",
             change=lambda use: desk.choose(sections=SectionHandling(use) if use else None))  # fmt: skip
