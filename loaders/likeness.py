"""Whether some names look like names of metrics or like names of sites, when no heading says which."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from enum import Enum
from functools import cache

from data.sites import name_key
from loaders.checks import Known
from loaders.keys import plain_heading
from loaders.words import heading_means, is_total_word, split_unit

MOSTLY = 0.5
SAMPLE = 400
# Words that stand in the names of measures, in French and English, plain (loaders.keys.plain_heading).
_MEASURE_WORDS = (
    "delai delais duree durees temps time taux rate rates part ratio share nombre number nb count counts erreur"
    " erreurs error errors retard retards delay delays cout couts cost costs prix price prices montant amount"
    " vente ventes sales revenue revenues recette recettes ca chiffre stock stocks volume volumes quantite"
    " quantites quantity satisfaction incident incidents accident accidents panne pannes defaut defauts defect"
    " defects reclamation reclamations plainte plaintes complaint complaints commande commandes order orders"
    " livraison livraisons delivery deliveries appel appels call calls visite visites visit visits admission"
    " admissions attendance attendances breach breaches deces death deaths naissance naissances birth births"
    " absence absences absenteisme absenteeism heures hours effectif effectifs headcount production rendement"
    " yield productivite productivity qualite quality score note index indice moyenne average mean median mediane"
    " marge margin budget depense depenses expense expenses temperature pression pressure consommation consumption"
    " energie energy rebut rebuts scrap waste dechets attente wait waiting backlog encours lead cycle ponctualite"
    " disponibilite availability occupation utilisation conformite compliance nps csat ticket tickets demande"
    " demandes request requests dossier dossiers cases sejours stays consultations appointments infections chutes"
    " falls passages hospitalisations units output input resultat result profit loss income charges tests mesure"
    " value valeur percent percentage pourcentage rows users clients"
)
_MEASURES = frozenset(_MEASURE_WORDS.split())
_SITE_WORDS = (
    "site usine plant factory agence agency branch magasin store shop hopital hospital clinique clinic centre"
    " center depot warehouse entrepot etablissement trust region zone area department departement commune ville"
    " equipe team atelier unite unit facility succursale filiale bureau office ecole school"
)
_SITE_NOUNS = frozenset(_SITE_WORDS.split())
_SITE_CODE = re.compile(r"^[A-Z]{1,4}[-_ ]?\d{2,10}[A-Z]?$|^\d{5,14}$")


class Likeness(Enum):
    """What names look like."""

    METRICS = "metrics"
    SITES = "sites"
    EITHER = "either"


def likeness(names: Collection[str], known: Known | None = None) -> Likeness:
    """Say what names look like: by the record first, then by the words they are made of.

    >>> likeness(["Délai moyen", "Taux d'erreur"]).name, likeness(["E06000001", "E06000002"]).name
    ('METRICS', 'SITES')
    >>> likeness(["Lyon", "Nice"]).name
    'EITHER'
    """
    told = [name for name in list(names)[:SAMPLE] if name.strip() and not is_total_word(name)] or list(names)[:SAMPLE]
    if not told:
        return Likeness.EITHER
    if known is not None:
        sites = sum(name_key(name) in known.sites for name in told)
        metrics = sum(known.metric(split_unit(name)[0]) is not None for name in told) if known.metrics else 0
        if sites != metrics:
            return Likeness.SITES if sites > metrics else Likeness.METRICS
    measures = sum(is_measure(name) for name in told)
    places = sum(is_place_like(name) for name in told)
    if measures > places and measures >= MOSTLY * len(told):
        return Likeness.METRICS
    if places > measures and places >= MOSTLY * len(told):
        return Likeness.SITES
    return Likeness.EITHER


@cache
def is_measure(name: str) -> bool:
    """Say whether a name has a unit, or a word that names of measures have.

    >>> is_measure("Délai (j)"), is_measure("Nombre d'appels"), is_measure("Toulouse")
    (True, True, False)
    """
    heading, unit = split_unit(name)
    means = heading_means(heading)
    return unit is not None or bool(means and means[0] == "value") or bool(_MEASURES & set(_words(heading)))


@cache
def is_place_like(name: str) -> bool:
    """Say whether a name is a code, or opens with a word for a place of work.

    >>> is_place_like("Agence Nord"), is_place_like("RF4"), is_place_like("E12000001"), is_place_like("Retards")
    (True, False, True, False)
    """
    words = _words(name)
    return bool(_SITE_CODE.match(name.strip())) or bool(words and (words[0] in _SITE_NOUNS or words[-1] in _SITE_NOUNS))


def _words(name: str) -> Sequence[str]:
    return re.split(r"[ /$€%]+", plain_heading(name.replace("_", " ").replace("'", " ").replace("’", " ")))
