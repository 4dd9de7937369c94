"""Which chart fits a metric, told from its kind and its data, with the reason why."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from analytics.results_charts import ChartChoice, ChartKind
from analytics.spc_phases import Floats
from analytics.spc_reading import TRIAL_POINTS

RATIO, COUNT = "ratio", "count"  # the metric kinds that are counts of something; others are measured or scored
MOSTLY = 0.5  # share of periods without an event from which a chart of the gaps says more (Benneyan 2001)
FEW = 3.0  # events expected a period: below, chance leaves more than one period in twenty (e^-3) without any
_SLACK = 1e-6  # counts worked back from shown shares are whole numbers but for rounding


def chart_for(
    metric_kind: str, values: npt.ArrayLike, denominators: npt.ArrayLike | None = None, *, per: float = 1.0
) -> ChartChoice:
    """Choose the chart that fits one series.

    metric_kind: "ratio", "count", or any other for a value that is measured or scored.
    values: shape (n_periods,), as the metric shows them; NaN = not measured. denominators: the same shape, NaN = not
        known, None = none at all. per: what a share or rate is shown per, 100 for per cent.
    Returns the kind and the code of its reason: "short" below TRIAL_POINTS points, "no_denominators", "no_counts",
        "rare_events", "rare_exceptions", "share", "rate", "count", "individual_values".

    >>> chart_for("ratio", [0.91] * 24, [120.0] * 24).kind
    <ChartKind.P: 'p'>
    >>> chart_for("measure", [12.0] * 9)
    ChartChoice(kind=<ChartKind.RUN: 'run'>, reason='short', args={'found': 9, 'needed': 12})
    """
    shown, exposure = _measured(metric_kind, values, denominators)
    found = len(shown)
    if found < TRIAL_POINTS:
        return ChartChoice(ChartKind.RUN, "short", {"found": found, "needed": TRIAL_POINTS})
    if metric_kind == RATIO:
        return _for_ratio(shown / per, exposure)
    if metric_kind == COUNT:
        return _for_count(shown, exposure)
    return ChartChoice(ChartKind.XMR, "individual_values")


def charts_that_fit(
    metric_kind: str, values: npt.ArrayLike, denominators: npt.ArrayLike | None = None, *, per: float = 1.0
) -> tuple[ChartKind, ...]:
    """List the charts a reader may choose for one series, its own limits first; arguments as for `chart_for`.

    Individual values and a run chart always fit. Counts of something fit the chart of their kind; the gaps between
    events fit where fewer than FEW events are expected a period.

    >>> [kind.value for kind in charts_that_fit("count", [2, 0, 1, 3])]
    ['c', 't', 'xmr', 'run']
    >>> [kind.value for kind in charts_that_fit("measure", [12.0] * 9)]
    ['xmr', 'run']
    """
    shown, exposure = _measured(metric_kind, values, denominators)
    always = (ChartKind.XMR, ChartKind.RUN)
    if len(shown) == 0 or metric_kind not in (RATIO, COUNT) or (shown < 0).any():
        return always
    if metric_kind == COUNT:
        return (*_of_counts(shown, exposure), *always)
    if not np.isfinite(exposure).all() or (exposure < 0).any():
        return always
    return (*_of_shares(shown / per, exposure), *always)


def _measured(metric_kind: str, values: npt.ArrayLike, denominators: npt.ArrayLike | None) -> tuple[Floats, Floats]:
    shown = np.asarray(values, dtype=np.float64)
    exposure = np.full(shown.shape, np.nan) if denominators is None else np.asarray(denominators, dtype=np.float64)
    measured = np.isfinite(shown)
    if metric_kind == RATIO:
        measured &= exposure != 0
    return shown[measured], exposure[measured]


def _of_counts(counts: Floats, exposure: Floats) -> list[ChartKind]:
    if not _whole(counts):
        return []
    kinds = [ChartKind.C]
    if np.isfinite(exposure).all() and (exposure > 0).all() and np.ptp(exposure) > 0:
        kinds = [ChartKind.U, ChartKind.C]
    return [*kinds, ChartKind.T] if counts.mean() < FEW else kinds


def _of_shares(shares: Floats, exposure: Floats) -> list[ChartKind]:
    events = shares * exposure
    if (shares <= 1 + _SLACK).all() and _whole(exposure):
        few = min(events.mean(), (exposure - events).mean()) < FEW
        return [ChartKind.P, ChartKind.G] if few else [ChartKind.P]
    return [ChartKind.U, ChartKind.T] if events.mean() < FEW and _whole(events) else [ChartKind.U]


def _for_ratio(shares: Floats, exposure: Floats) -> ChartChoice:
    if not np.isfinite(exposure).all() or (exposure < 0).any():
        return ChartChoice(ChartKind.XMR, "no_denominators", {"found": int((~np.isfinite(exposure)).sum())})
    if (shares < 0).any():
        return ChartChoice(ChartKind.XMR, "no_counts")
    of_a_whole = bool((shares <= 1 + _SLACK).all()) and _whole(exposure)
    without = float((shares == 0).mean())
    if without > MOSTLY:
        return ChartChoice(ChartKind.G if of_a_whole else ChartKind.T, "rare_events", {"share": without})
    complete = float((shares >= 1 - _SLACK / exposure).mean())
    if of_a_whole and complete > MOSTLY:
        return ChartChoice(ChartKind.G, "rare_exceptions", {"share": complete})
    return ChartChoice(ChartKind.P, "share") if of_a_whole else ChartChoice(ChartKind.U, "rate")


def _for_count(counts: Floats, exposure: Floats) -> ChartChoice:
    if (counts < 0).any() or not _whole(counts):
        return ChartChoice(ChartKind.XMR, "no_counts")
    without = float((counts == 0).mean())
    if without > MOSTLY:
        return ChartChoice(ChartKind.T, "rare_events", {"share": without})
    if np.isfinite(exposure).all() and (exposure > 0).all() and np.ptp(exposure) > 0:
        return ChartChoice(ChartKind.U, "rate")
    return ChartChoice(ChartKind.C, "count")


def counts_behind(shown: Floats, denominators: Floats, per: float) -> Floats:
    """Work counts back from the shares or rates shown, whole where they are so but for rounding; NaN stays NaN.

    shown, denominators: of one shape; per: what a share is shown per, 100 for per cent.
    """
    counts = shown * denominators / per
    found: Floats = np.where(_close_to_whole(counts), np.rint(counts), counts)
    return found


def _whole(numbers: Floats) -> bool:
    return bool(_close_to_whole(numbers).all())


def _close_to_whole(numbers: Floats) -> npt.NDArray[np.bool_]:
    close: npt.NDArray[np.bool_] = np.abs(numbers - np.rint(numbers)) <= _SLACK * np.maximum(numbers, 1)
    return close
