"""A script that shows one word."""

import streamlit as st

st.write("–")
