"""The sets of rules a reader may judge a chart's points by."""

from collections.abc import Mapping
from types import MappingProxyType

from analytics.results import Rule

DEFAULT_RULES = "nhs"  # all four, as NHS Making Data Count has them
RULE_SETS: Mapping[str, tuple[Rule, ...]] = MappingProxyType(
    {
        DEFAULT_RULES: (Rule.OUTSIDE_LIMITS, Rule.RUN, Rule.TREND, Rule.TWO_OF_THREE),
        "no_trend": (Rule.OUTSIDE_LIMITS, Rule.RUN, Rule.TWO_OF_THREE),
        "limits": (Rule.OUTSIDE_LIMITS,),
    }
)
