"""The words that French and English offices write in headings, totals and notes, and what they stand for."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import cache

from data.types import Grain
from loaders.keys import CLOSE_SPELLING, plain_heading, spelling

# Plain headings (loaders.keys.plain_heading) by what the column holds. None of them names an office or a place.
_HEADINGS: dict[str, str] = {
    "site_code": "code|site code|code site|organisation code|code organisation|etablissement code|code etablissement"
    "|area code|code zone|code unite|unit code|identifiant|id|site id|id site|code postal|finess|matricule|ref site|plant code"
    "|code usine|geography code|dep|dept|code dep|code departement|departement code|reg|code region|region code|code insee"
    "|code commune|codgeo|numero site|site number|store number",
    "site_name": "site|sites|nom|name|site name|nom du site|nom site|etablissement|nom etablissement|organisation|organization"
    "|area|area name|zone|lieu|location|plant|usine|factory|agence|agency|branch|magasin"
    "|store|entity|entite|service|equipe|team|centre|center|hopital|hospital|depot|warehouse|entrepot|geography|region name"
    "|facility|departement|department|unite|commune|ville|city|town|implantation|succursale",
    "period": "period|periode|date|dates|jour|day|semaine|week|mois|month|trimestre|quarter|annee|year|an|date de debut"
    "|start date|week ending|week commencing|reporting period|mois de reference|date mesure|jour de mesure|time"
    "|temps|month year|mois annee|horodatage|timestamp",
    "metric": "metric|metrics|indicateur|indicateurs|indicator|measure|mesure|kpi|variable|metrique|nom indicateur"
    "|metric name|measure name|libelle indicateur|statistic|statistique|series|serie",
    "value": "value|valeur|values|valeurs|resultat|result|obs value|observation|montant|amount|nombre|count|number",
    "segment": "segment|category|categorie|class|classe|group|groupe|kind|genre|sex|sexe|age|age group|tranche d age"
    "|famille|family|product|produit|canal|channel|cause|gamme|ligne|line|breakdown|ventilation",
    "unit": "unit of measure|unite de mesure|uom|unit|units|mesure unite|unites|unite mesure",
    "ignore": "comment|commentaire|comments|commentaires|note|notes|remarque|remarques|remark|source|status|statut|flag"
    "|total|totaux|ensemble|moyenne|average|mean|cumul|sum|somme|total general|grand total|year to date|ytd|variation|evolution"
    "|change|rang|rank|n|no|numero|ligne numero|row|line number|saisi par|entered by|auteur|author",
}  # fmt: skip
_TOTAL = re.compile(
    r"^(?:(?:grand|sous|sub|sub total|grand total)? ?(?:total|totaux|totals|subtotal|soustotal)(?: .*)?|.* (?:sous total|subtotal|total)"
    r"|ensemble|ensemble des .*|ensemble du .*|somme|sum|cumul|moyenne(?: .*)?|average(?: .*)?|mean|overall|all|all sites|all areas|all types"
    r"|tous|toutes|tous sites|tous les sites|toutes les .*|tous types|tous confondus|tout|tous secteurs)$"
)
_NOTE = re.compile(
    r"^(?:footnotes?|notes?|source|sources|legende|legend|lecture|champ|note de lecture|remarques?|symbols?|symboles?"
    r"|avertissement|definitions?|champ|nota)\s*(?::|$|\.)|^\(\d{1,2}\)\s|^[*†]",
    re.IGNORECASE,
)
_SEGMENT = re.compile(
    r"^(?:under|over|below|moins de|plus de|<|>|≥|≤)\s*=?\s*\d|^\d{1,3}\s*(?:[-–]|to|a|à)\s*\d{1,3}\b|^\d{1,3}\s*(?:\+|and|et|ans)"
    r"|^(?:fe)?males?\b|^hommes?\b|^femmes?\b|^persons?\b",
    re.IGNORECASE,
)
_UNITS: dict[str, str] = {
    name: unit
    for unit, names in {
        "d": "d j day days jour jours jr jrs",
        "h": "h hour hours heure heures hr hrs",
        "min": "min minute minutes mn",
        "s": "s sec second seconds seconde secondes",
        "week": "week weeks semaine semaines",
        "%": "% pct percent pourcent pourcentage percentage",
        "pt": "pt pts point points",
        "€": "€ eur euro euros",
        "k€": "k€ keur",
        "$": "$ usd",
        "£": "£ gbp",
        "kg": "kg kilogram kilogrammes",
        "t": "t tonne tonnes ton tons",
        "m": "m metre metres",
        "km": "km",
        "kWh": "kwh",
        "count": "n nb nbr nombre number count counts units unites pieces pcs",
        "/10": "/10",
        "/5": "/5",
        "/100": "/100",
    }.items()
    for name in names.split()
}
_GRAINS = {
    Grain.DAY: {"jour", "day", "daily", "quotidien"},
    Grain.WEEK: {"semaine", "week", "weekly", "hebdo", "hebdomadaire", "sem"},
    Grain.MONTH: {"mois", "month", "monthly", "mensuel"},
    Grain.QUARTER: {"trimestre", "quarter", "quarterly", "trimestriel"},
    Grain.YEAR: {"annee", "year", "annual", "annuel", "an"},
}
HALF_WEEK = 3  # days
_STARTS = ("du", "of", "from", "commencing", "beginning", "starting", "commencant", "debutant", "debut", "start", "w c")
_ENDS = (
    "week ending",
    "week ended",
    "w e",
    "semaine finissant",
    "semaine terminee",
    "fin de semaine",
    "week end",
    "week end date",
)
_HEADING_UNIT = re.compile(r"^(?P<name>.*\S)\s*[(\[](?P<unit>[^()\[\]]{1,12})[)\]]\s*$")
_TRAILING_UNIT = re.compile(r"^(?P<name>.*\S)(?:\s*,\s*|\s+)(?:en|in)\s+(?P<unit>\S{1,12})\s*$")


@cache
def heading_means(heading: str) -> tuple[str, float, str] | None:
    """Say what a heading's words stand for: (role, confidence, "synonym" or "spelling").

    >>> heading_means("Période"), heading_means("Indicatuer")
    (('period', 0.95, 'synonym'), ('metric', 0.72, 'spelling'))
    """
    plain = plain_heading(heading)
    if not plain:
        return None
    exact = _synonyms().get(plain)
    if exact:
        return exact, 0.95, "synonym"
    if len(plain) < 4:
        return None
    score, word = max((spelling(plain, word), word) for word in _synonyms())
    if score < CLOSE_SPELLING:
        return None
    return _synonyms()[word], round(0.8 * score, 2), "spelling"


@cache
def heading_grain(heading: str) -> Grain | None:
    """Say which grain the heading of a column of dates names.

    >>> heading_grain("Semaine du"), heading_grain("date")
    (<Grain.WEEK: 'week'>, None)
    """
    words = set(plain_heading(heading).split())
    found = [grain for grain, names in _GRAINS.items() if words & names]
    return found[0] if len(found) == 1 else None


@cache
def days_to_middle(heading: str) -> int:
    """Say how far the middle of a week is from the day that names it: 3 from its first, -3 from its last, else 0.

    >>> days_to_middle("Week commencing"), days_to_middle("semaine finissant le"), days_to_middle("date")
    (3, -3, 0)
    """
    plain = f" {plain_heading(heading)} "
    if any(f" {word} " in plain for word in _ENDS):
        return -HALF_WEEK
    is_week = any(f" {word} " in plain for word in _GRAINS[Grain.WEEK]) or " w c " in plain
    return HALF_WEEK if is_week and any(f" {word} " in plain for word in _STARTS) else 0


@cache
def _synonyms() -> dict[str, str]:
    return {word: role for role, words in _HEADINGS.items() for word in words.split("|")}


@cache
def is_total_word(text: str) -> bool:
    """Say whether a label announces a total, subtotal or average.

    >>> [is_total_word(text) for text in ("TOTAL", "Sous-total Nord", "Ensemble", "Totnes")]
    [True, True, True, False]
    """
    return bool(_TOTAL.match(plain_heading(text)))


def are_segments(names: Collection[str]) -> bool:
    """Say whether most names are ages or sexes.

    >>> are_segments(["Under 1 year", "01-14", "85+"]), are_segments(["Lyon", "01-14 rue Verte", "Nice"])
    (True, False)
    """
    return bool(names) and 2 * sum(bool(_SEGMENT.match(name)) for name in names) > len(names)


def is_note(text: str) -> bool:
    """Say whether a text opens the notes under a table.

    >>> [is_note(text) for text in ("Footnotes:", "Source: registre", "(1) hors Nord", "Sourceville")]
    [True, True, True, False]
    """
    return bool(_NOTE.match(text.strip()))


def unit_of(text: str) -> str | None:
    """Give the unit that a text writes; None when it writes no unit we know.

    >>> unit_of("jours"), unit_of(" % "), unit_of("Lyon")
    ('d', '%', None)
    """
    return _UNITS.get(plain_heading(text)) or _UNITS.get(text.strip().lower())


def same_unit(left: str, right: str) -> bool:
    """Say whether two ways of writing a unit mean the same one; a count may be written or not.

    >>> same_unit("j", "days"), same_unit("h", "d")
    (True, False)
    """
    first, second = (unit_of(unit) or unit.strip() for unit in (left, right))
    return (first or "count") == (second or "count")


def split_unit(heading: str) -> tuple[str, str | None]:
    """Take the unit out of a heading.

    >>> split_unit("Délai (j)"), split_unit("Délai en heures"), split_unit("Coût (hors Nord)")
    (('Délai', 'd'), ('Délai', 'h'), ('Coût (hors Nord)', None))
    """
    for pattern in (_HEADING_UNIT, _TRAILING_UNIT):
        found = pattern.match(heading)
        if found and unit_of(found["unit"]):
            return found["name"], unit_of(found["unit"])
    if heading.strip().endswith("%") and heading.strip() != "%":
        return heading.strip().rstrip("%").strip(), "%"
    return heading.strip(), None
