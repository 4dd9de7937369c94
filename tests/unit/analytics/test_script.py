"""An effect leaves the app as a script, and the script gives the same number."""

from __future__ import annotations

import datetime as dt
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from analytics.did import ALL_ASSIGNMENTS, comparison_effect
from analytics.its import single_site_effect
from analytics.script import ComparisonInputs, RolloutInputs, SingleSiteInputs, script
from analytics.staggered import rollout_effect
from tests.unit.analytics.test_did import START, several
from tests.unit.analytics.test_its import noise
from tests.unit.analytics.test_staggered import quiet, table

SEED = 11


def run(text: str, folder) -> subprocess.CompletedProcess[str]:
    path = folder / "effect.py"
    path.write_text(text, "utf-8")
    return subprocess.run(
        [sys.executable, "-I", "-W", "error", str(path)], capture_output=True, text=True, check=False, timeout=120
    )


def series(n: int, freq: str = "7D") -> pd.Series:
    index = pd.date_range("2025-01-06", periods=n, freq=freq)
    values = pd.Series(10 + noise(n) - 2 * (np.arange(n) >= n // 2), index=index)
    return values.drop(index=index[[5, n // 2 + 3]])


DAILY = series(80, "D")
SHARES = DAILY.clip(1, 19) / 20
DENOMINATORS = pd.Series(20.0 + np.arange(len(SHARES)) % 5, SHARES.index).mask(np.arange(len(SHARES)) == 9, 0)


@pytest.mark.parametrize(
    ("values", "options"),
    [
        (series(60), {}),
        (series(60), {"trend": False, "excluded": [dt.date(2025, 7, 28)], "confidence": 0.8}),
        (series(60), {"scale": "log"}),
        (DAILY, {}),
        (SHARES, {"scale": "logit", "weights": DENOMINATORS}),
        (SHARES, {"scale": "logit"}),
        (DAILY, {"weights": DENOMINATORS}),
    ],
)
def test_the_script_of_one_site_repeats_the_effect_outside_the_app(values, options, tmp_path):
    date = values.index[len(values) // 2].date()
    effect = single_site_effect(values, intervention_date=date, **options)
    given = {name: options[name] for name in ("excluded", "weights") if name in options}

    ended = run(script(SingleSiteInputs(values, date, **given), effect), tmp_path)

    assert (ended.returncode, ended.stderr) == (0, "")
    assert ended.stdout.splitlines()[-1] == "the same"
    assert f"{effect.estimate:.6g}"[:6] in ended.stdout


def compared(values: pd.DataFrame, treated, **options):
    effect = comparison_effect(
        values, treated_sites=treated, intervention_date=START, rng=np.random.default_rng(SEED), **options
    )
    given = {name: options[name] for name in ("excluded", "weights") if name in options}
    return effect, script(ComparisonInputs(values, START, SEED, **given), effect)


def test_the_script_of_a_comparison_repeats_the_effect_outside_the_app(tmp_path):
    values = several({f"s{number}": np.cos(3.0 * number) for number in range(9)})
    values.iloc[0, 3] = np.nan
    values.iloc[3:, 7] = np.nan
    weights = values.notna() * 2.0 + np.arange(9) % 3

    for options in ({}, {"excluded": [values.index[1].date()]}, {"weights": weights, "confidence": 0.9}):
        _, text = compared(values, ["s0", "s2"], **options)
        ended = run(text, tmp_path)
        assert (ended.returncode, ended.stderr) == (0, "")


def test_the_script_of_a_comparison_repeats_drawn_assignments_too(tmp_path):
    values = several({f"s{number:02}": np.cos(3.0 * number) for number in range(24)})

    effect, text = compared(values, [f"s{number:02}" for number in range(12)])

    assert effect.n_assignments == ALL_ASSIGNMENTS
    assert run(text, tmp_path).returncode == 0


@pytest.mark.parametrize("options", [{}, {"n_orders": 60}, {"confidence": 0.9}])
def test_the_script_of_a_rollout_repeats_the_effect_outside_the_app(options, tmp_path):
    values, dates = table(quiet(20, 6), [6, 9, 12, 15, 18, None], effect=-2)
    values = values.mask(np.random.default_rng(5).random(values.shape) < 0.1).drop(index=values.index[4])

    rng = np.random.default_rng(SEED)
    effect = rollout_effect(values, adoption_dates=dates, drawn_by_lot=True, rng=rng, **options)
    given = {name: options[name] for name in ("n_orders",) if name in options}
    ended = run(script(RolloutInputs(values, dates, SEED, **given), effect), tmp_path)

    assert (ended.returncode, ended.stderr) == (0, "")


def test_a_site_may_be_called_anything(tmp_path):
    names = ['Brest"""', "'); raise SystemExit(0)  #", "line\nbreak", "Pôle 🐝", "\\"]
    values = several(dict(zip(names, [2.0, 0.1, -0.2, 0.3, 0.05], strict=True)))

    _, text = compared(values, names[:1])

    assert run(text, tmp_path).stdout.splitlines()[-1] == "the same"


def test_data_that_do_not_give_the_app_s_number_are_told(tmp_path):
    values = several({f"s{number}": np.cos(3.0 * number) for number in range(9)})
    effect, _ = compared(values, ["s0", "s2"])

    ended = run(script(ComparisonInputs(values * 1.001, START, SEED), effect), tmp_path)

    assert ended.returncode == 1
    assert ended.stdout.splitlines()[-1] == "NOT the same"


def test_inputs_of_another_kind_raise():
    effect, _ = compared(several({f"s{number}": np.cos(3.0 * number) for number in range(9)}), ["s0"])

    with pytest.raises(ValueError, match="not those of such an effect"):
        script(SingleSiteInputs(DAILY, START), effect)
