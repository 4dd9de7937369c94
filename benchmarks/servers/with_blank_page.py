"""The product's own server with one page more, on which nothing stands: what any page of it costs at least."""

from pathlib import Path

import streamlit as st
from starlette.middleware import Middleware

from data.access import Permission
from pages import screens
from pages.web.headers import SecurityHeaders

ROOT = Path(__file__).resolve().parent.parent.parent
screens.SCREENS = (
    *screens.SCREENS,
    screens.Screen("blank", "shared.app.name", "benchmarks.servers.blank_page", Permission.VIEW),
)

import app as product  # noqa: E402 it takes the list of screens as it then is

app = st.App(ROOT / "pages/navigation.py", lifespan=product.lifespan, middleware=[Middleware(SecurityHeaders)])
