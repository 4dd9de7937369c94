"""`python -m benchmarks honesty`: every claim of every module, held to its band by the error that chance makes."""

import sys
from types import ModuleType

import pytest

from benchmarks import __main__, honesty, honesty_site


def test_every_module_of_claims_is_found_by_its_name():
    assert {"honesty_site", "honesty_charts", "honesty_effects", "honesty_trend"} <= set(honesty.modules())


def test_a_rate_in_its_band_holds_and_one_beyond_chance_does_not():
    within, near, far = (honesty.Claim.of(("a claim", (0.04, 0.06), found), 400) for found in (0.05, 0.08, 0.15))

    assert (within.in_band, within.holds) == (True, True)
    assert (near.in_band, near.holds) == (False, True)
    assert (far.in_band, far.holds) == (False, False)


def test_a_claim_of_few_trials_is_given_more_room():
    many, few = (honesty.Claim.of(("a claim", (0.04, 0.06), 0.09, trials), 4_000) for trials in (4_000, 50))

    assert (many.holds, few.holds) == (False, True)


@pytest.mark.parametrize(("found", "code"), [(0.05, 0), (0.5, 1)])
def test_the_command_fails_when_a_row_is_out_of_its_band(monkeypatch, capsys, found, code):
    module = ModuleType("benchmarks.honesty_made_up")
    module.rows = lambda seed, n: [("made up", (0.04, 0.06), found)]
    monkeypatch.setitem(sys.modules, "benchmarks.honesty_made_up", module)
    monkeypatch.setattr(honesty, "modules", lambda: ["honesty_made_up"])

    assert __main__.main(["honesty", "--seed", "3", "--n", "400"]) == code
    assert ("OUT OF BAND" in capsys.readouterr().out) == bool(code)


@pytest.mark.accepts("5.22")
def test_one_sites_false_alarms_and_coverage_lie_in_their_bands():
    claims = list(honesty.claims_of("honesty_site", seed=5, n=800))

    assert [claim.name for claim in claims if not claim.holds] == []
    assert len(claims) == 5 * len(honesty_site.PHIS) + 2
