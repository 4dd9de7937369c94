"""What offices write where there is no value: marks that stand for a missing one, and the errors of formulas."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

# The errors of Excel, in English and French; #N/A is one too: a formula looked something up and did not find it.
ERRORS = (
    r"(?i)^#\s?(DIV/0\s?!|REF\s?!|VALUE\s?!|VALEUR\s?!|NAME\s?\?|NOM\s?\?|NULL\s?!|NUL\s?!|NUM\s?!|NOMBRE\s?!|N/A|SPILL!"
    r"|EPARS!|CALC!|GETTING_DATA|FIELD!|BUSY!|CONNECT!|BLOCKED!|UNKNOWN!|PROPAGATION!)$"
)
# How tables write that there is no value: ":", "..", "z", "[x]" are the usual symbols of official statistics
# (GSS, Analysis Function, 2023; Eurostat); "<5" and "≤ 5" are small counts held back.
MISSING = (
    r"(?i)^(-{1,3}|–|—|‐|‑|−|_{1,3}|:|\.{1,3}|…|\*{1,3}|/|\?{1,3}|[<≤]\s?=?\s?\d{1,3}"
    r"|n/?a|n\.\s?a\.?|n/?d|n\.\s?d\.?|n/?c|n\.\s?c\.?|n/?r|n\.\s?r\.?|n\.?s\.?|n/?k|s\.?\s?o\.?|s/o|null|nul|none|nan|nil|tbd|tbc"
    r"|missing|manquante?s?|absente?|vide|empty|unknown|inconnue?|pending|en attente|suppressed|secret|confidential|confidentiel(le)?"
    r"|not (available|applicable|known|recorded|reported|collected)|no data|pas de donn[ée]es?|aucune donn[ée]e"
    r"|non (disponible|communiqu[ée]e?|renseign[ée]e?|connue?|calcul[ée]e?|applicable|significatif|significative|mesur[ée]e?|re[çc]ue?)"
    r"|indisponible|sans objet|[zxc]|[\[(]\s?(x|c|z|u|low|:|s)\s?[\])])$"
)


def is_missing_mark(texts: pa.StringArray) -> npt.NDArray[np.bool_]:
    """Say which texts stand for a missing value.

    >>> is_missing_mark(pa.array(["n.d.", "<5", "non renseigné", "[c]", "0", "5"])).tolist()
    [True, True, True, True, False, False]
    """
    return matches(pc.utf8_trim_whitespace(texts), MISSING)


def matches(texts: pa.StringArray, pattern: str) -> npt.NDArray[np.bool_]:
    """Say which texts match a pattern; nulls do not."""
    found: npt.NDArray[np.bool_] = pc.fill_null(pc.match_substring_regex(texts, pattern), False).to_numpy(
        zero_copy_only=False
    )
    return found
