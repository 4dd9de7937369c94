"""Small series, written as their values."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd
import pytest

Series = Callable[..., pd.Series]


@pytest.fixture
def weekly() -> Series:
    """Weeks from Monday 5 January 2026."""
    return lambda *values: pd.Series(
        [float(value) for value in values],
        index=pd.DatetimeIndex(pd.date_range("2026-01-05", periods=len(values), freq="7D")),
    )


@pytest.fixture
def daily() -> Series:
    """Days from Monday 5 January 2026."""
    return lambda *values: pd.Series(
        [float(value) for value in values],
        index=pd.DatetimeIndex(pd.date_range("2026-01-05", periods=len(values), freq="D")),
    )
