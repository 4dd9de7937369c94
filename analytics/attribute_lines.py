"""The lines of p, u and c charts over many series: what chance alone allows each period's denominator."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from analytics.results import NotComputable, Rule
from analytics.results_charts import LimitsForm
from analytics.spc_discrete import LINES, SIGMAS, binomial_lines, poisson_lines
from analytics.spc_phases import Flags, Floats, PhasePlan, Places
from analytics.spc_reading import MINIMUM_POINTS, Codes, ControlTable, Drawn, Lines, drawn
from analytics.spc_rules import ROUNDING, Limits
from analytics.spc_table import MINIMUM_RANGES

# Mean range of two points in standard deviations, 1.128 (Laney, Quality Engineering 14(4), 2002).
D2 = 2 / np.sqrt(np.pi)
# Variance of a mean moving range of independent points times their number, over d2^2 (Cryer and Ryan, Journal of
# Quality Technology 22(3), 1990): .8264.
RANGE_VARIANCE = 2 * np.pi / 3 + np.sqrt(3) - 3
OVER_DISPERSED = 1.645  # standard errors above 1: chance alone takes sigma_z there one time in twenty
EXACT_BELOW = 3.0  # expected events: below, chance leaves more than one period in twenty (e^-3) without any
_SLACK = 1e-9  # a count worked back from a share may miss its denominator by this much of it


@dataclass(frozen=True, slots=True, eq=False)
class AttributeTable(ControlTable):
    """p, u or c charts of many series on one calendar; limits of shape (n_series, n_periods), within what can be.

    phase_sigma_z: NaN where too few neighbours tell; phase_widened, phase_exact: as AttributePhase has them.
    """

    lower_limits: Floats
    upper_limits: Floats
    phase_sigma_z: Floats
    phase_widened: Flags
    phase_exact: Flags


@dataclass(frozen=True, slots=True)
class Model:
    """How counts come about (shares: binomial, else Poisson), the unit they are shown in, and what was chosen."""

    shares: bool
    per: float
    form: LimitsForm
    rules: Collection[Rule]


@dataclass(frozen=True, slots=True, eq=False)
class Counts:
    """Counts and denominators that can be, NaN where not measured, and how many of a series cannot be."""

    values: Floats  # counts / denominators * per
    counts: Floats
    denominators: Floats
    impossible: Places
    without: Places  # periods with a denominator of 0


def usable_counts(counts: Floats, denominators: Floats, per: float, *, shares: bool) -> Counts:
    """Divide; a series with an impossible count is left out whole, a period without denominator is not measured."""
    zero = denominators == 0
    wrong = (counts < 0) | (denominators < 0) | (zero & (counts > 0))
    if shares and (above := counts > denominators).any():
        wrong |= above & (counts > denominators * (1 + _SLACK))
        counts = np.minimum(counts, denominators)
    impossible = wrong.sum(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):  # 0 of 0, and infinite by infinite, are no numbers
        values = counts / denominators
    if per != 1:
        values *= per
    values[impossible > 0] = np.nan
    infinite = np.isinf(counts) | np.isinf(denominators)
    if infinite.any():
        values[infinite] = np.inf
    return Counts(values, counts, denominators, impossible, zero.sum(axis=1))


def attribute_table(given: Counts, plan: PhasePlan, model: Model, direction: Codes) -> AttributeTable:
    """Chart many series of counts; plan: of the values given."""
    found = drawn(plan, _LinesOf(given, plan, model), model.rules)
    return AttributeTable.read(
        given.values,
        plan,
        found,
        direction,
        phase_mean=found.phase["mean"],
        phase_lower=found.phase["lower"],
        phase_upper=found.phase["upper"],
        phase_sigma_z=found.phase["sigma_z"],
        phase_widened=found.phase["widened"],
        phase_exact=found.phase["exact"],
        lower_limits=found.point["lower"],
        upper_limits=found.point["upper"],
        reasons=_reasons(given, plan, found),
    )


@dataclass(frozen=True, slots=True)
class _LinesOf:
    given: Counts
    plan: PhasePlan
    model: Model

    def __call__(self, rows: Floats, block: slice) -> Lines:
        denominators = self.plan.of_phases(self.given.denominators, block)
        setting = ~np.isnan(self.plan.setting_limits(rows, block))
        points = setting.sum(axis=1)
        exposure = np.where(setting, denominators, 0.0).sum(axis=1)
        events = np.where(setting, self.plan.of_phases(self.given.counts, block), 0.0).sum(axis=1)
        centre = np.divide(events, exposure, out=np.full(len(rows), np.nan), where=exposure > 0)
        variance = centre * (1 - centre) if self.model.shares else centre
        centre[(points < MINIMUM_POINTS) | ~(variance > 0)] = np.nan
        sigma = np.sqrt(np.divide(variance[:, None], denominators, where=denominators > 0, out=_blank(rows)))
        sigma_z, n_ranges = self._sigma_z((rows / self.model.per - centre[:, None]) / sigma, block)
        widened = self._widened(sigma_z, n_ranges) & ~np.isnan(centre)
        rarer = np.minimum(events, exposure - events) if self.model.shares else events
        exact = self._exact(rarer / np.maximum(points, 1)) & ~np.isnan(centre)
        stretch = np.where(widened, sigma_z, 1.0)
        limits = self._limits(rows, centre, sigma * stretch[:, None], denominators, exact, stretch)
        lower, upper = np.maximum(limits.lower, 0.0), limits.upper
        if self.model.shares:
            upper = np.minimum(upper, self.model.per)
        numbers = {
            "mean": centre * self.model.per,
            "lower": _at_last(lower, rows),
            "upper": _at_last(upper, rows),
            "sigma_z": np.where(np.isnan(centre), np.nan, sigma_z),
            "widened": widened,
            "exact": exact,
            "events": events,
        }
        return Lines(points, limits, numbers, {"lower": lower, "upper": upper})

    def _sigma_z(self, z: Floats, block: slice) -> tuple[Floats, Places]:
        """Laney's sigma_z of each phase and the number of ranges it rests on; a gap is never spanned."""
        ranges = np.abs(np.diff(self.plan.setting_limits(z, block), axis=1))
        known = ~np.isnan(ranges)
        n_ranges = known.sum(axis=1)
        sigma_z = np.where(known, ranges, 0.0).sum(axis=1) / np.maximum(n_ranges, 1) / D2
        return np.where(n_ranges >= MINIMUM_RANGES, sigma_z, np.nan), n_ranges

    def _widened(self, sigma_z: Floats, n_ranges: Places) -> Flags:
        match self.model.form:
            case LimitsForm.LANEY:
                return ~np.isnan(sigma_z)
            case LimitsForm.AUTOMATIC:
                widest = 1 + OVER_DISPERSED * np.sqrt(RANGE_VARIANCE / np.maximum(n_ranges, 1))
                return np.asarray(sigma_z > widest)
        return np.zeros(len(sigma_z), dtype=np.bool_)

    def _exact(self, expected: Floats) -> Flags:
        match self.model.form:
            case LimitsForm.EXACT:
                return np.ones(len(expected), dtype=np.bool_)
            case LimitsForm.AUTOMATIC:
                return expected < EXACT_BELOW
        return np.zeros(len(expected), dtype=np.bool_)

    def _limits(
        self, rows: Floats, centre: Floats, sigma: Floats, denominators: Floats, exact: Flags, stretch: Floats
    ) -> Limits:
        per, mean = self.model.per, centre[:, None] * self.model.per
        rounding = ROUNDING * np.nanmax(np.abs(rows), axis=1, initial=0.0)[:, None]
        if not exact.any():
            spread = SIGMAS * per * sigma
            return Limits(mean, mean - spread, mean + spread, rounding)
        lines = [mean + line * per * sigma for line in LINES]
        usable = denominators[exact]
        known = usable > 0
        share = np.broadcast_to(centre[exact, None], usable.shape)[known]
        exposure = usable[known]
        found = binomial_lines(exposure, share) if self.model.shares else poisson_lines(exposure * share)
        for line, counts in zip(lines, found, strict=True):
            at = np.full(usable.shape, np.nan)
            at[known] = counts / exposure * per
            line[exact] = mean[exact] + stretch[exact, None] * (at - mean[exact])
        return Limits(mean, lines[0], lines[3], rounding, lines[1], lines[2])


def _blank(rows: Floats) -> Floats:
    return np.full(rows.shape, np.nan)


def _at_last(lines: Floats, rows: Floats) -> Floats:
    """Each phase's line at its last measured point; NaN where nothing is measured."""
    if rows.shape[1] == 0:
        return np.full(len(rows), np.nan)
    measured = ~np.isnan(rows)
    last = rows.shape[1] - 1 - measured[:, ::-1].argmax(axis=1)
    return np.where(measured.any(axis=1), lines[np.arange(len(rows)), last], np.nan)


def _reasons(given: Counts, plan: PhasePlan, found: Drawn) -> tuple[NotComputable | None, ...]:
    last_phase = plan.last_phase
    reasons: list[NotComputable | None] = [None] * len(last_phase)
    for series in np.flatnonzero(np.isnan(found.phase["mean"][last_phase])):
        n_points = int(found.points[last_phase[series]])
        if given.impossible[series]:
            reasons[series] = NotComputable("impossible_counts", {"found": int(given.impossible[series])})
        elif plan.infinite[series]:
            reasons[series] = NotComputable("infinite_values", {"found": int(plan.infinite[series])})
        elif np.isnan(plan.clean[series]).all():
            without = int(given.without[series])
            reasons[series] = (
                NotComputable("no_denominators", {"found": without}) if without else NotComputable("all_missing")
            )
        elif n_points < MINIMUM_POINTS:
            reasons[series] = NotComputable("too_few_points", {"found": n_points, "needed": MINIMUM_POINTS})
        elif found.phase["events"][last_phase[series]] > 0:
            reasons[series] = NotComputable("all_events", {"found": n_points})
        else:
            reasons[series] = NotComputable("no_events", {"found": n_points})
    return tuple(reasons)
