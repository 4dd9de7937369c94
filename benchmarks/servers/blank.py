"""A server that imports all that the product's does and shows an empty page: where a start cannot be faster."""

import gc
import importlib
import json
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import streamlit as st


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[None]:
    """Import the same packages, as the product does before it serves."""
    for module in json.loads(os.environ["ESSAIM_BENCH_PACKAGES"]):
        with suppress(ImportError):  # a few stand under names that only their own package can import
            importlib.import_module(module)
    gc.collect()
    gc.freeze()
    yield


app = st.App(Path(__file__).with_name("blank_script.py"), lifespan=lifespan)
