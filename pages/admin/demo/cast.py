"""Who lives in the worked example, what they answer for, and what they measure: its first records."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from data.types import (
    Assignment,
    Cohort,
    CustomerOutcome,
    KeyResult,
    Metric,
    Objective,
    Person,
    Process,
    Record,
    Role,
    Site,
    SiteStage,
    Stage,
    Target,
    Wave,
)
from pages.admin.demo import truth
from pages.admin.demo.series import week_start
from wording import Language, say

PROCESS, COHORT = "demo-process", "demo-cohort"
COHORT_WAVES = (1, 2)
# How long each site was prepared before it went live; Reims and Nancy, not live yet, began 4 weeks before their plan.
PREPARING_WEEKS = {
    "lyon": 5,
    "nantes": 5,
    "lille": 6,
    "metz": 4,
    "dijon": 4,
    "tours": 5,
    "brest": 4,
    "rouen": 6,
    "angers": 4,
}
PREPARING_BEFORE_PLAN = 4
PAST_DUE_WEEK = 22
# What people said of the key results that are past, every four weeks from the third.
PAST_CONFIDENCE = {"satisfaction": (0.5, 0.6, 0.7, 0.8, 0.9), "adherence": (0.7, 0.7, 0.6, 0.4, 0.3)}
MATURE_AFTER = 12  # weeks live


@dataclass(frozen=True, slots=True)
class Player:
    """A person of the example; sites empty = everywhere, cohort = whether the role is for the cohort."""

    key: str
    name: str
    role: Role
    sites: tuple[str, ...] = ()
    cohort: bool = False


PLAYERS = (
    Player("lea", "Léa Roux", Role.METRIC_KEEPER),
    Player("paul", "Paul Meyer", Role.FACILITATOR, cohort=True),
    Player("ines", "Inès Caron", Role.SCRIBE, cohort=True),
    Player("claire", "Claire Dumas", Role.LEADER),
    Player("samir", "Samir Haddad", Role.METRIC_KEEPER, ("metz", "dijon")),
    Player("nora", "Nora Weiss", Role.MEMBER, ("metz",)),
    Player("hugo", "Hugo Martin", Role.MEMBER, ("brest",)),
    Player("elsa", "Elsa Petit", Role.MEMBER, ("tours",)),
    Player("marc", "Marc Olivier", Role.VIEWER),
)
FOUNDER_NAME = "Alice Bernard"


def players(first: dt.date) -> list[Record]:
    """Write the people and their dated roles."""
    people: list[Record] = [Person(id=identifier(player.key), name=player.name) for player in PLAYERS]
    for player in PLAYERS:
        places = (
            [{"cohort_id": COHORT}]
            if player.cohort
            else [{"site_id": identifier(site)} for site in player.sites] or [{}]
        )
        people += [
            Assignment(
                id=identifier(player.key, "role", n),
                person_id=identifier(player.key),
                role=player.role,
                starts_on=first,
                **place,
            )
            for n, place in enumerate(places)
        ]
    everyone = [player for player in PLAYERS if player.cohort or player.sites]
    return people + [
        Assignment(
            id=identifier(player.key, "view"), person_id=identifier(player.key), role=Role.VIEWER, starts_on=first
        )
        for player in everyone
    ]


def sites(first_go_live: dt.date, language: Language) -> list[Record]:
    """Write the sites, the waves as they were planned, and the cohort."""
    waves = sorted({site.wave: site for site in truth.SITES}.items())
    found: list[Record] = [
        Site(
            id=identifier(site.key),
            name=site.name,
            code=site.code,
            kind=site.kind,
            process_id=PROCESS,
            group=str(site.wave),
        )
        for site in truth.SITES
    ]
    found += [
        Wave(id=identifier("wave", number), number=number, process_id=PROCESS,
             planned_on=week_start(first_go_live, min(s.planned_week for s in truth.SITES if s.wave == number)))
        for number, _ in waves
    ]  # fmt: skip
    found += [planned_stage(site, first_go_live) for site in truth.SITES]
    members = tuple(identifier(site.key) for site in truth.SITES if site.wave in COHORT_WAVES)
    return [*found, Cohort(id=COHORT, name=say("demo.cohort.name", language), process_id=PROCESS, site_ids=members)]


def planned_stage(site: truth.TrueSite, first_go_live: dt.date) -> SiteStage:
    """Write when a site was planned to go live."""
    return SiteStage(
        id=identifier(site.key, "live"), site_id=identifier(site.key), wave_id=identifier("wave", site.wave), stage=Stage.LIVE,
        planned_on=week_start(first_go_live, site.planned_week),
    )  # fmt: skip


def passages(site: truth.TrueSite, first_go_live: dt.date) -> list[tuple[int, SiteStage]]:
    """Write the stages that a site came to by the end of the story, each with its week; none for sites of the last wave."""
    last_wave = max(other.wave for other in truth.SITES)
    if site.live_week is None and site.wave == last_wave:
        return []
    begun = site.planned_week - PREPARING_BEFORE_PLAN
    if site.live_week is None:
        return [(begun, _passage(site, Stage.PREPARING, begun, first_go_live, planned=begun))]
    begun, mature = site.live_week - PREPARING_WEEKS[site.key], site.live_week + MATURE_AFTER
    live = planned_stage(site, first_go_live).model_copy(
        update={"actual_on": week_start(first_go_live, site.live_week)}
    )
    found = [(begun, _passage(site, Stage.PREPARING, begun, first_go_live)), (site.live_week, live)]
    if mature <= truth.LAST_WEEK:
        found.append((mature, _passage(site, Stage.MATURE, mature, first_go_live)))
    return found


def _passage(
    site: truth.TrueSite, stage: Stage, week: int, first_go_live: dt.date, *, planned: int | None = None
) -> SiteStage:
    return SiteStage(
        id=identifier(site.key, stage.value), site_id=identifier(site.key), wave_id=identifier("wave", site.wave),
        stage=stage, actual_on=week_start(first_go_live, week),
        planned_on=None if planned is None else week_start(first_go_live, planned),
    )  # fmt: skip


def process(language: Language) -> Process:
    """Write the process, marked as synthetic: every screen says so."""
    return Process(
        id=PROCESS,
        name=say("demo.process.name", language),
        description=say("demo.process.description", language),
        synthetic=True,
    )


def metrics(first_go_live: dt.date) -> list[Record]:
    """Write the metrics' definitions and their first targets."""
    found: list[Record] = [
        Metric(
            id=identifier(true.key), name_fr=say(f"demo.metric.{true.key}", "fr"), name_en=say(f"demo.metric.{true.key}", "en"),
            unit=true.unit, direction=true.direction, kind=true.kind, frequency=true.frequency,
            aggregation=true.aggregation, plausible_low=true.low, plausible_high=true.high, decimals=true.decimals,
            customer_outcome=true.outcome, process_id=PROCESS,
        )
        for true in truth.METRICS
    ]  # fmt: skip
    start = week_start(first_go_live, truth.FIRST_WEEK)
    return found + [
        Target(id=identifier(true.key, "target"), metric_id=identifier(true.key), applies_from=start, value=true.target)
        for true in truth.METRICS
        if true.target is not None
    ]


def objectives(first_go_live: dt.date, language: Language) -> list[Record]:
    """Write three objectives that name what customers get, and five key results; two of them are past their due date."""
    start, end = week_start(first_go_live, 0), week_start(first_go_live, 34)
    middle = week_start(first_go_live, PAST_DUE_WEEK)
    aims = {
        "speed": (CustomerOutcome.CYCLE_TIME, "claire"),
        "trust": (CustomerOutcome.RELIABILITY, "paul"),
        "first_sites": (CustomerOutcome.RELIABILITY, "claire"),
    }
    found: list[Record] = [
        Objective(id=identifier("objective", key), title=say(f"demo.objective.{key}", language), customer_outcome=outcome,
                  owner_id=identifier(owner), cohort_id=COHORT, starts_on=start, ends_on=middle if key == "first_sites" else end)
        for key, (outcome, owner) in aims.items()
    ]  # fmt: skip
    live = tuple(identifier(site.key) for site in truth.SITES if site.live_week is not None)
    for metric, objective, owner, baseline, target, due_week in (
        ("cycle_time", "speed", "claire", 13.1, 9.0, 34),
        ("on_time", "trust", "paul", 88.5, 95.0, 34),
        ("order_errors", "trust", "ines", 6.2, 4.0, 30),
        ("satisfaction", "first_sites", "paul", 7.6, 8.0, PAST_DUE_WEEK),
        ("adherence", "first_sites", "ines", 84.0, 90.0, PAST_DUE_WEEK),
    ):
        found.append(
            KeyResult(id=identifier("key_result", metric), objective_id=identifier("objective", objective),
                      title=say(f"demo.key_result.{metric}", language), metric_id=identifier(metric), site_ids=live,
                      baseline_value=baseline, baseline_date=start, target_value=target,
                      due_date=week_start(first_go_live, due_week), owner_id=identifier(owner))
        )  # fmt: skip
    return found


def identifier(*parts: object) -> str:
    """Name a record of the example."""
    return "-".join(["demo", *map(str, parts)])
