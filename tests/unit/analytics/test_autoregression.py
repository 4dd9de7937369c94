"""The kernel: generalised least squares at each phi, averaged."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats
from statsmodels.regression.linear_model import GLS

from analytics.autoregression import PHI_GRID, Mixture, fits_at, integrated_effects, terms_told_apart
from benchmarks.noise import ar1


def step_design(n_before: int, n_after: int, *, trend: bool = False) -> np.ndarray:
    n_periods = n_before + n_after
    columns = [np.ones(n_periods), np.arange(n_periods) >= n_before]
    if trend:
        columns.append(np.arange(n_periods) - (n_periods - 1) / 2)
    return np.column_stack(columns).astype(float)


@pytest.mark.accepts("5.5")
def test_each_fit_is_that_of_statsmodels_with_the_same_correlations():
    rng = np.random.default_rng(3)
    design, values = step_design(25, 15, trend=True), 50 + ar1(rng, 1, 40, 0.5)
    places = np.sort(rng.choice(70, 40, replace=False))

    fits = fits_at(values, design, column=1, gaps=np.diff(places))

    for place in (0, 12, 30, -1):
        phi = PHI_GRID[place]
        distance = np.abs(places[:, None] - places[None, :])
        reference = GLS(values[0], design, sigma=np.power(phi, distance)).fit()
        assert fits.coefficients[place, :, 0] == pytest.approx(reference.params, rel=1e-8)
        assert fits.standard_error[place, 0] == pytest.approx(reference.bse[1], rel=1e-8)
        assert fits.degrees_of_freedom == reference.df_resid


def test_the_likelihood_is_the_restricted_one():
    rng = np.random.default_rng(4)
    design, values = step_design(12, 8), ar1(rng, 1, 20, 0.3)
    fits = fits_at(values, design, column=1, phi=np.array([0.1, 0.6]))

    def restricted(phi: float) -> float:
        covariance = np.power(phi, np.abs(np.subtract.outer(np.arange(20), np.arange(20))))
        inverse = np.linalg.inv(covariance)
        cross = design.T @ inverse @ design
        residuals = values[0] - design @ np.linalg.solve(cross, design.T @ inverse @ values[0])
        logs = 18 * np.log(residuals @ inverse @ residuals)
        return -(logs + np.linalg.slogdet(covariance)[1] + np.linalg.slogdet(cross)[1]) / 2

    difference = fits.log_likelihood[1, 0] - fits.log_likelihood[0, 0]
    assert difference == pytest.approx(restricted(0.6) - restricted(0.1))


def test_the_grid_is_finer_near_one():
    assert PHI_GRID[0] == -0.5
    assert PHI_GRID[-1] == 0.99
    assert 0.85 in PHI_GRID
    assert 0.9 in PHI_GRID
    assert len(PHI_GRID) == 28 + 10
    assert np.diff(PHI_GRID) == pytest.approx([0.05] * 28 + [0.01] * 9)


def test_the_interval_leaves_out_equal_shares_of_the_mixture():
    rng = np.random.default_rng(5)
    design, values = step_design(30, 15), ar1(rng, 3, 45, 0.6)
    effects = integrated_effects(values, design, column=1, confidence=0.8)
    mixture = Mixture.of(fits_at(values, design, column=1))

    assert mixture.share_below(effects.lower) == pytest.approx([0.1] * 3, abs=1e-8)
    assert mixture.share_below(effects.upper) == pytest.approx([0.9] * 3, abs=1e-8)
    assert mixture.quantile(0.5) == pytest.approx(effects.estimate, abs=0.2)


def test_with_one_phi_the_mixture_is_a_t_distribution():
    rng = np.random.default_rng(6)
    fits = fits_at(rng.normal(size=(1, 20)), step_design(12, 8), column=1, phi=np.zeros(1))
    student = stats.t(18, loc=fits.effect[0, 0], scale=fits.standard_error[0, 0])

    assert Mixture.of(fits).quantile(0.975)[0] == pytest.approx(student.ppf(0.975))


def test_many_series_with_gaps_of_their_own_are_the_same_as_one_by_one():
    rng = np.random.default_rng(7)
    values, design = ar1(rng, 12, 50, 0.4), step_design(30, 20, trend=True)
    values[rng.random(values.shape) < 0.03] = np.nan
    values[[3, 8]] = values[0]

    together = integrated_effects(values, design, column=1)

    for row in range(12):
        alone = integrated_effects(values[[row]], design, column=1)
        assert together.estimate[row] == pytest.approx(alone.estimate[0])
        assert together.lower[row] == pytest.approx(alone.lower[0])
        assert together.coefficients[row] == pytest.approx(alone.coefficients[0])


def test_a_large_level_costs_no_digits():
    rng = np.random.default_rng(9)
    values, design = ar1(rng, 1, 60, 0.3), step_design(40, 20, trend=True)

    near, far = (integrated_effects(values + level, design, column=1) for level in (0.0, 1e7))

    assert far.estimate == pytest.approx(near.estimate, abs=1e-6)
    assert far.p_value == pytest.approx(near.p_value, abs=1e-6)


def test_phi_at_the_edges_of_the_grid_still_gives_an_interval():
    alternating = np.resize([1.0, -1.0], 60) + 0.01 * np.sin(np.arange(60) ** 2)
    climbing = np.arange(60.0) + 0.01 * np.sin(np.arange(60) ** 2)

    effects = integrated_effects(np.stack([alternating, climbing]), step_design(40, 20), column=1)

    assert effects.phi[0] == pytest.approx(-0.5, abs=0.05)
    assert effects.phi[1] == pytest.approx(0.99, abs=0.05)
    assert (effects.lower < effects.upper).all()


def test_series_without_noise_or_points_are_not_known():
    values = np.stack([np.ones(30), np.full(30, np.nan), np.r_[1.0, 2.0, np.full(28, np.nan)]])

    effects = integrated_effects(values, step_design(20, 10), column=1)

    assert np.isnan(effects.estimate).all()
    assert np.isnan(effects.coefficients).all()


def test_a_series_without_noise_has_no_distribution():
    with pytest.raises(ValueError, match="without noise"):
        Mixture.of(fits_at(np.ones((1, 30)), step_design(20, 10), column=1))


def test_terms_that_repeat_one_another_cannot_be_told_apart():
    design = step_design(20, 10)

    assert terms_told_apart(design).tolist() == [0, 1]
    assert terms_told_apart(np.column_stack([design, 1 - design[:, 1]])).tolist() == []
    assert terms_told_apart(design[:20]).tolist() == [0]
    assert terms_told_apart(design[:0]).tolist() == []
    assert integrated_effects(np.empty((0, 30)), design, column=1).estimate.shape == (0,)


def test_each_phi_weighs_by_likelihood_and_the_stretch_it_stands_for():
    rng = np.random.default_rng(10)
    fits = fits_at(ar1(rng, 1, 30, 0.4), step_design(20, 10), column=1, phi=np.array([0.2, 0.4, 0.8]))
    weights = np.exp(fits.log_likelihood[:, 0] - fits.log_likelihood.max()) * [0.1, 0.3, 0.2]

    assert Mixture.of(fits).weight == pytest.approx(weights / weights.sum())


def test_series_with_scattered_gaps_are_fitted_together_as_each_alone():
    rng = np.random.default_rng(31)
    values = rng.normal(50, 5, (60, 90))
    values[rng.random(values.shape) < 0.1] = np.nan
    values[3, :58] = np.nan
    values[4] = np.nan
    values[5, 10:50] = np.nan
    values[6, ~np.isnan(values[6])] = 7.0
    weekdays = np.eye(7)[np.arange(90) % 7][:, 1:]
    design = np.column_stack([np.ones(90), np.arange(90) >= 60, np.arange(90) - 44.5, weekdays])

    together = integrated_effects(values, design, column=1)

    for place, row in enumerate(values):
        alone = integrated_effects(row[None], design, column=1)
        for name in ("estimate", "lower", "upper", "p_value", "phi", "coefficients"):
            expected = getattr(alone, name)[0]
            assert getattr(together, name)[place] == pytest.approx(expected, rel=1e-9, abs=1e-9, nan_ok=True)
