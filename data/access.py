"""Who may do what, where: dated roles, the rights each gives, and the refusals."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

import duckdb

from data import records
from data.types import Assignment, Cohort, Person, Role


class Permission(StrEnum):
    """A right that the gate checks; each is given by roles and by nothing else."""

    VIEW = "view"
    UPLOAD = "upload"
    REGISTER_SITE = "register_site"
    UNDO_UPLOAD = "undo_upload"
    PIN_DECISION = "pin_decision"
    REVIEW_DECISION = "review_decision"
    STEP_LIMITS = "step_limits"
    EXCLUDE_POINT = "exclude_point"
    SET_TARGET = "set_target"
    MANAGE_KEY_RESULTS = "manage_key_results"
    CHECK_IN = "check_in"
    PLAN_EXPERIMENT = "plan_experiment"
    FREEZE_PLAN = "freeze_plan"
    VALIDATE_VERDICT = "validate_verdict"
    PUBLISH = "publish"
    WITHDRAW = "withdraw"
    EDIT_PLAYBOOK = "edit_playbook"
    RUN_RITUAL = "run_ritual"
    MANAGE_ROLLOUT = "manage_rollout"
    MANAGE_CATALOGUE = "manage_catalogue"
    MANAGE_SOURCES = "manage_sources"
    MANAGE_PEOPLE = "manage_people"
    READ_AUDIT = "read_audit"
    MODERATE = "moderate"
    OPERATE = "operate"


_MEMBER = frozenset(
    {
        Permission.VIEW,
        Permission.PIN_DECISION,
        Permission.REVIEW_DECISION,
        Permission.CHECK_IN,
        Permission.PLAN_EXPERIMENT,
    }
)

RIGHTS: dict[Role, frozenset[Permission]] = {
    Role.VIEWER: frozenset({Permission.VIEW}),
    Role.MEMBER: _MEMBER,
    Role.FACILITATOR: _MEMBER | {Permission.RUN_RITUAL},
    Role.SCRIBE: _MEMBER | {Permission.RUN_RITUAL, Permission.EDIT_PLAYBOOK},
    Role.METRIC_KEEPER: _MEMBER
    | {
        Permission.UPLOAD,
        Permission.UNDO_UPLOAD,
        Permission.REGISTER_SITE,
        Permission.MANAGE_SOURCES,
        Permission.STEP_LIMITS,
        Permission.EXCLUDE_POINT,
        Permission.FREEZE_PLAN,
        Permission.VALIDATE_VERDICT,
    },
    Role.LEADER: frozenset(
        {
            Permission.VIEW,
            Permission.SET_TARGET,
            Permission.MANAGE_KEY_RESULTS,
            Permission.MANAGE_ROLLOUT,
            Permission.PUBLISH,
            Permission.WITHDRAW,
        }
    ),
    Role.ADMIN: frozenset(
        {
            Permission.VIEW,
            Permission.MANAGE_CATALOGUE,
            Permission.MANAGE_PEOPLE,
            Permission.MANAGE_SOURCES,
            Permission.REGISTER_SITE,
            Permission.READ_AUDIT,
            Permission.OPERATE,
            Permission.MODERATE,
        }
    ),
}


@dataclass(frozen=True, slots=True)
class Actor:
    """Who is asking. Its assignments serve screens only: the gate looks them up afresh."""

    person_id: str | None
    name: str = ""
    assignments: tuple[Assignment, ...] = ()
    language: Literal["fr", "en"] | None = None  # the one they chose for themselves
    cohort_sites: tuple[tuple[str, frozenset[str]], ...] = ()  # of the cohorts in its assignments
    only_sites: frozenset[str] | None = None  # it acts at these and nowhere else: a token made for some sites

    @classmethod
    def public(cls) -> Actor:
        """Make the actor of someone who has not signed in."""
        return cls(None)


class Forbidden(Exception):
    """The actor does not hold the right, there. site_ids: the sites at fault, when some are."""

    def __init__(self, permission: Permission, person_id: str | None, site_ids: Collection[str] = ()) -> None:
        super().__init__(f"{person_id or 'nobody'} may not {permission}")
        self.permission = permission
        self.person_id = person_id
        self.site_ids = tuple(sorted(site_ids))


class Refused(ValueError):
    """A change that the record does not accept, with its reason as a code to be worded."""

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details


def actor_for(cursor: duckdb.DuckDBPyConnection, person_id: str | None, today: dt.date) -> Actor:
    """Look a person up as they are today; someone unknown or disabled is the public.

    today: roles count from their first to their last day, both inclusive.
    """
    person = records.one(cursor, Person, person_id) if person_id else None
    if person is None or person.disabled:
        return Actor.public()
    held = tuple(
        role
        for role in records.current(cursor, Assignment, person_id=person.id)
        if role.starts_on <= today and (role.ends_on is None or today <= role.ends_on)
    )
    cohorts = {role.cohort_id for role in held if role.cohort_id}
    known = records.current(cursor, Cohort) if cohorts else []
    sites = tuple((cohort.id, frozenset(cohort.site_ids)) for cohort in known if cohort.id in cohorts)
    return Actor(person.id, person.name, held, person.language, sites)


def allowed(actor: Actor, permission: Permission, *, site_id: str | None = None, cohort_id: str | None = None) -> bool:
    """Tell whether the actor holds a right at a site, for a cohort or, with neither given, everywhere.

    Viewing goes with any role in force, whatever its scope: peers see one another.
    """
    if permission is Permission.VIEW:
        return bool(actor.assignments)
    return any(
        permission in RIGHTS[role.role] and _covers(actor, role, site_id, cohort_id) for role in actor.assignments
    )


def allowed_somewhere(actor: Actor, permission: Permission) -> bool:
    """Tell whether the actor holds a right for at least one site or cohort: enough to be shown its page."""
    return any(permission in RIGHTS[role.role] for role in actor.assignments)


def sites_allowed(actor: Actor, permission: Permission, sites: Collection[str]) -> set[str]:
    """Choose, among sites, those where the actor holds a right."""
    return {site for site in sites if allowed(actor, permission, site_id=site)}


def _covers(actor: Actor, role: Assignment, site_id: str | None, cohort_id: str | None) -> bool:
    if actor.only_sites is not None and site_id not in actor.only_sites:
        return False
    if role.site_id is not None:
        return site_id == role.site_id
    if role.cohort_id is not None:
        if site_id is not None:
            return site_id in dict(actor.cohort_sites).get(role.cohort_id, frozenset())
        return cohort_id == role.cohort_id
    return True
