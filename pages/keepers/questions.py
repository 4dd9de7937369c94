"""What a file does not settle, put to its keeper: once a column, and never guessed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import streamlit as st

from loaders.choices import ColumnRole, LayoutKind
from loaders.dates import DateOrder, Period, read_period
from loaders.numbers import DecimalSign
from pages.keepers import words
from pages.keepers.editor import DECIMALS, told
from pages.shared import frame
from wording import Language, date_, say

if TYPE_CHECKING:
    from loaders.findings import Question
    from loaders.ingest import Understanding
    from pages.keepers.desk import Desk


def ask(desk: Desk, understanding: Understanding, language: Language) -> None:
    """Put what the file does not settle to the keeper, once a column."""
    for question in understanding.interpretation.questions:
        match question.code:
            case "date_order":
                _ask_date_order(desk, understanding, question, language)
            case "decimal_sign":
                _ask_decimal(desk, question, language)
            case "year" | "fiscal_year":
                _ask_year(desk, question, language)
            case "site":
                _ask_site(desk, question, language)
            case "period":
                _ask_period(desk, question, language)
            case "header":
                _ask_header(desk, question, language)
            case "across":
                _ask_which(question, language, lambda kind: desk.choose(layout=LayoutKind(kind)))
            case "labels":
                _ask_which(question, language, _role_of(desk, understanding, question))


def _asked(question: Question, language: Language) -> str:
    asked = say(f"loaders.question.{question.code}", language, found=question.found)
    if not question.column:
        return asked
    column = words.column_words(question.column, language)
    return say("keepers.question.column", language, column=column, question=asked)


def _ask_date_order(desk: Desk, understanding: Understanding, question: Question, language: Language) -> None:
    options = {}
    for order in DateOrder:
        read = read_period(question.found, order=order)
        shown = date_(read.start, language, "long") if isinstance(read, Period) else ""
        options[order.value] = f"{shown} ({say(f'loaders.option.{order.name.lower()}', language)})"
    found = understanding.interpretation
    wide = found.layout.kind is LayoutKind.WIDE_BY_PERIOD
    columns = [column for column in found.layout.columns if column.shown == question.column]
    heading = columns[0].heading or columns[0].letter if columns else ""

    def answer(order: str | None) -> None:
        if order and (wide or not heading):
            desk.choose(date_order=DateOrder(order))
        elif order:
            desk.choose(date_orders={**desk.choices.date_orders, heading: DateOrder(order)})

    key = f"upload-question-dates-{question.column}"
    st.radio(words.label(_asked(question, language)), list(options), index=None, format_func=options.get, key=key, on_change=told,
             args=(key, answer))  # fmt: skip


def _ask_decimal(desk: Desk, question: Question, language: Language) -> None:
    options = {sign.value: say(f"loaders.option.{name}", language) for sign, name in DECIMALS.items()}
    key = "upload-question-decimal"

    def answer(sign: str | None) -> None:
        if sign:
            desk.choose(decimal=DecimalSign(sign))

    st.radio(words.label(_asked(question, language)), list(options), index=None, format_func=options.get, key=key, on_change=told,
             args=(key, answer))  # fmt: skip


def _ask_year(desk: Desk, question: Question, language: Language) -> None:
    if question.code == "fiscal_year":
        _ask_fiscal_start(desk, question, language)
        return
    key = "upload-question-year"

    def answer(year: int | None) -> None:
        if year:
            desk.choose(year=int(year))

    st.number_input(words.label(_asked(question, language)), min_value=1900, max_value=2200, value=None, step=1, key=key,
                    on_change=told, args=(key, answer))  # fmt: skip


def _ask_site(desk: Desk, question: Question, language: Language) -> None:
    key = "upload-question-site"

    def answer(name: str) -> None:
        if name.strip():
            desk.choose(site=name.strip())

    st.text_input(words.label(_asked(question, language)), key=key, max_chars=100, on_change=told, args=(key, answer),
                  help=words.label(say("keepers.question.site_help", language, file=question.found)))  # fmt: skip


def _ask_period(desk: Desk, question: Question, language: Language) -> None:
    key = "upload-question-period"

    def answer(period: str) -> None:
        if period.strip():
            desk.choose(period=period.strip())

    st.text_input(words.label(_asked(question, language)), key=key, max_chars=40, on_change=told, args=(key, answer),
                  placeholder=say("keepers_mend.question.period_example", language))  # fmt: skip


def _ask_header(desk: Desk, question: Question, language: Language) -> None:
    frame.notes([frame.Note(rest=_asked(question, language))])
    st.button(say("keepers_mend.question.no_heading", language), key="upload-question-header",
              on_click=lambda: desk.choose(header_row=0))  # fmt: skip


def _ask_which(question: Question, language: Language, answer: Callable[[str], None]) -> None:
    options = {option: say(f"keepers_mend.question.option.{option}", language) for option in question.options}
    key = f"upload-question-{question.code}"

    def take(option: str | None) -> None:
        if option:
            answer(option)

    st.radio(words.label(_asked(question, language)), list(options), index=None, format_func=options.get, key=key,
             on_change=told, args=(key, take))  # fmt: skip


def _ask_fiscal_start(desk: Desk, question: Question, language: Language) -> None:
    options = {month: say(f"loaders_values.fiscal.{month}", language) for month in question.options}
    key = f"upload-question-fiscal-{question.column}"

    def take(month: str | None) -> None:
        if month:
            desk.choose(fiscal_start=int(month))

    st.radio(words.label(_asked(question, language)), list(options), index=None, format_func=options.get, key=key,
             on_change=told, args=(key, take))  # fmt: skip


def _role_of(desk: Desk, understanding: Understanding, question: Question) -> Callable[[str], None]:
    """Make the answer that gives the column of a question its role."""
    columns = [column for column in understanding.interpretation.layout.columns if column.shown == question.column]
    name = (columns[0].heading or columns[0].letter) if columns else ""
    return lambda role: desk.choose(roles={**desk.choices.roles, name: ColumnRole(role)})
