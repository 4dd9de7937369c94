"""Every word the product says, in French and in English."""

from wording.attribute_sentences import limits_words
from wording.between_sentences import spread_words
from wording.catalogue import UnknownWord, codes, domains, knows
from wording.chart_sentences import current_signal, signal_sentence
from wording.charts import vega_locale
from wording.dates import date_, moment, period
from wording.faults import fault, place, refusal
from wording.languages import LANGUAGES, Language, known_language, pick_language
from wording.numbers import number, percent, signed
from wording.phrases import say, state
from wording.rollout_sentences import rollout_finding, rollout_sentence
from wording.sentences import (
    effect_method,
    effect_reading,
    finding,
    reason_sentence,
    sentence,
)
from wording.sequential_sentences import look_name, signal_name
from wording.typography import NBSP, french_spaces
from wording.values import difference, unit, value, with_unit

__all__ = [
    "LANGUAGES",
    "NBSP",
    "Language",
    "UnknownWord",
    "codes",
    "current_signal",
    "date_",
    "difference",
    "domains",
    "effect_method",
    "effect_reading",
    "fault",
    "finding",
    "french_spaces",
    "known_language",
    "knows",
    "limits_words",
    "look_name",
    "moment",
    "number",
    "percent",
    "period",
    "pick_language",
    "place",
    "reason_sentence",
    "refusal",
    "rollout_finding",
    "rollout_sentence",
    "say",
    "sentence",
    "signal_name",
    "signal_sentence",
    "signed",
    "spread_words",
    "state",
    "unit",
    "value",
    "vega_locale",
    "with_unit",
]
