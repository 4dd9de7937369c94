"""Moments as the reader's own clock shows them."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import streamlit as st

from wording import Language, moment

DATE_FORM = "DD/MM/YYYY"  # of every field that asks for a day


def when(at: dt.datetime, language: Language) -> str:
    """Write a moment by the clock of the reader's own browser, where it tells its zone."""
    try:
        zone: dt.tzinfo = ZoneInfo(st.context.timezone) if st.context.timezone else dt.UTC
    except (ZoneInfoNotFoundError, ValueError):
        zone = dt.UTC
    return moment(at.astimezone(zone), language)
