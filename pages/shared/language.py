"""The page's own language, for readers' voices and browsers: `<html lang>` follows the reader."""

import streamlit as st

from wording import Language


def follow_reader(language: Language) -> None:
    """Set `<html lang>`; the language is one of two known codes, never text from outside."""
    st.html(
        f"<script>document.documentElement.lang = '{language}'</script>", unsafe_allow_javascript=True, width="content"
    )
