"""What each file of the cross holds: values of sites, metrics and periods, and how people write them down."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

Key = tuple[str, str, dt.date]  # site, metric, first day of the period
Cells = list[list[Any]]

FRENCH_MONTHS = ("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre",
                 "novembre", "décembre")  # fmt: skip
ENGLISH_MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
                  "November", "December")  # fmt: skip
SITES = {"fr": ("Angers", "Besançon", "Compiègne", "Évreux", "Lyon"),
         "en": ("Ashford", "Bolton", "Crewe", "Durham", "Exeter")}  # fmt: skip
METRICS = {"fr": ("Délai moyen", "Erreurs de saisie", "Colis expédiés"),
           "en": ("Mean delay", "Entry errors", "Parcels sent")}  # fmt: skip
TOTAL = {"fr": "Total général", "en": "Grand total"}
WORDS = {
    "fr": {"site": "Établissement", "date": "Date", "month": "Mois", "week": "Semaine", "metric": "Indicateur",
           "value": "Valeur", "year": "Année", "quarter": "Trimestre", "total": "Total", "note": "Note : chiffres provisoires.",
           "source": "Source : extraction du 3 mai 2026", "title": "Suivi mensuel des sites"},
    "en": {"site": "Site", "date": "Date", "month": "Month", "week": "Week", "metric": "Metric", "value": "Value",
           "year": "Year", "quarter": "Quarter", "total": "Total", "note": "Note: figures are provisional.",
           "source": "Source: extract of 3 May 2026", "title": "Monthly site report"},
}  # fmt: skip


@dataclass
class Facts:
    """Sites x metrics x periods, each with a value; None = not measured."""

    language: str
    n_sites: int = 5
    n_metrics: int = 1
    grain: str = "month"
    n_periods: int = 6
    first: dt.date = dt.date(2026, 1, 1)
    decimals: int = 1
    holes: tuple[tuple[int, int, int], ...] = ()  # (site, metric, period)
    scale: float = 1.0
    values: dict[Key, float | None] = field(init=False)

    def __post_init__(self) -> None:
        self.sites = SITES[self.language][: self.n_sites]
        self.metrics = METRICS[self.language][: self.n_metrics]
        self.periods = [self._period(number) for number in range(self.n_periods)]
        self.values = {}
        for s, site in enumerate(self.sites):
            for m, metric in enumerate(self.metrics):
                for p, period in enumerate(self.periods):
                    value = round((11.3 + 7.7 * s + 31.9 * m + (((p * 37 + s * 11 + m * 5) % 23) - 11) * 0.6) * self.scale,
                                  self.decimals)  # fmt: skip
                    self.values[site, metric, period] = None if (s, m, p) in self.holes else value

    def _period(self, number: int) -> dt.date:
        if self.grain == "day":
            return self.first + dt.timedelta(days=number)
        if self.grain == "week":
            return self.first - dt.timedelta(days=self.first.weekday()) + dt.timedelta(weeks=number)
        months = {"month": 1, "quarter": 3, "year": 12}[self.grain] * number
        at = self.first.year * 12 + self.first.month - 1 + months
        return dt.date(at // 12, at % 12 + 1, 1)

    @property
    def measured(self) -> dict[Key, float]:
        """The values that must be found."""
        return {key: value for key, value in self.values.items() if value is not None}

    def word(self, name: str) -> str:
        return WORDS[self.language][name]


def month_name(day: dt.date, language: str, *, year: bool = True) -> str:
    """janvier 2026, January 2026."""
    name = (FRENCH_MONTHS if language == "fr" else ENGLISH_MONTHS)[day.month - 1]
    return f"{name} {day.year}" if year else name


def short_month(day: dt.date, language: str) -> str:
    """janv. 26, Jan-26."""
    if language == "fr":
        short = ("janv.", "févr.", "mars", "avr.", "mai", "juin", "juil.", "août", "sept.", "oct.", "nov.", "déc.")
        return f"{short[day.month - 1]} {day.year % 100:02d}"
    return f"{ENGLISH_MONTHS[day.month - 1][:3]}-{day.year % 100:02d}"


def iso(day: dt.date) -> str:
    """2026-01-01."""
    return day.isoformat()


def european(day: dt.date) -> str:
    """31/01/2026."""
    return f"{day.day:02d}/{day.month:02d}/{day.year}"


def american(day: dt.date) -> str:
    """01/31/2026."""
    return f"{day.month:02d}/{day.day:02d}/{day.year}"


def iso_week(day: dt.date) -> str:
    """2026-W05."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02d}"


def french_week(day: dt.date) -> str:
    """S05 2026."""
    year, week, _ = day.isocalendar()
    return f"S{week:02d} {year}"


def quarter(day: dt.date, language: str) -> str:
    """T1 2026, Q1 2026."""
    return f"{'T' if language == 'fr' else 'Q'}{(day.month - 1) // 3 + 1} {day.year}"


def comma(value: float, decimals: int = 1) -> str:
    """12,4."""
    return f"{value:.{decimals}f}".replace(".", ",")


def thin_thousands(value: float, decimals: int = 1) -> str:
    """12 345,6 with a narrow no-break space."""
    whole, _, rest = f"{value:,.{decimals}f}".partition(".")
    return whole.replace(",", "\u202f") + ("," + rest if rest else "")


def english_thousands(value: float, decimals: int = 1) -> str:
    """12,345.6."""
    return f"{value:,.{decimals}f}"


def trailing_minus(value: float) -> str:
    """12.4-."""
    return f"{abs(value)}-" if value < 0 else f"{value}"


Writer = Callable[[float], Any]
