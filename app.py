"""Essaim: the server, put together from its rooms. `streamlit run app.py` finds `app`."""

import gc
import importlib
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy: on matrices as small as ours more threads only spin

import streamlit as st
from starlette.concurrency import run_in_threadpool
from starlette.middleware import Middleware

from data.store import StoreProblem, close_store, the_store
from pages.admin.jobs import Jobs
from pages.evidence import routes as evidence
from pages.screens import SCREENS
from pages.shared.errors import show_failure
from pages.web import health, sign_in, uploads_openapi
from pages.web.headers import SecurityHeaders
from pages.web.starting import check_serving, problem_words, sign_in_secrets

HELD = 3  # the exit code when the store cannot be opened
HEAVY = ("altair", "duckdb", "numpy", "pandas", "pyarrow", "scipy.special", "streamlit.elements.vega_charts")


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Open the store and import what screens need, then leave all that out of the collector's rounds."""
    try:
        check_serving()
        the_store()
    except (StoreProblem, ValueError) as problem:
        sys.stderr.write(f"{problem_words(problem)}\n")
        sys.stderr.flush()
        os._exit(HELD)
    for module in (*HEAVY, *(screen.module for screen in SCREENS)):
        importlib.import_module(module)
    gc.collect()
    gc.freeze()
    jobs = Jobs(the_store())
    jobs.start()
    try:
        yield
    finally:
        await run_in_threadpool(jobs.stop)
        close_store()


app = st.App(
    "pages/navigation.py",
    secrets=sign_in_secrets(),
    lifespan=lifespan,
    routes=[*health.ROUTES, *sign_in.ROUTES, *evidence.ROUTES, *uploads_openapi.ROUTES, *health.CATCH_ALL],
    middleware=[Middleware(SecurityHeaders)],
    on_script_error=show_failure,
)
