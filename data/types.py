"""The records Essaim keeps, and the faults it finds: frozen values that every room may pass on."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import ClassVar, Literal

from pydantic import BaseModel, ConfigDict

from analytics.results import Direction


class Severity(StrEnum):
    ERROR = "error"  # stops the row
    WARNING = "warning"  # lets it in with a mark
    INFO = "info"  # explains an automatic change


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing to correct, located as the spreadsheet shows it."""

    code: str  # worded by wording.fault(), in the reader's language
    severity: Severity
    sheet: str | None
    row: int | None  # as the sheet numbers it, from 1
    column: str | None  # its letter and heading, for example "D “délai (j)”"
    found: str
    expected: str


class Role(StrEnum):
    VIEWER = "viewer"
    MEMBER = "member"
    FACILITATOR = "facilitator"
    SCRIBE = "scribe"
    METRIC_KEEPER = "metric_keeper"
    LEADER = "leader"
    ADMIN = "admin"


class SiteKind(StrEnum):
    PLANT = "plant"
    SUPPLY = "supply"
    CUSTOMER_SERVICE = "customer_service"
    BACK_OFFICE = "back_office"
    OTHER = "other"


class MetricKind(StrEnum):
    MEASURE = "measure"
    RATIO = "ratio"  # keeps its denominator as weight
    COUNT = "count"
    SCORE = "score"


class Grain(StrEnum):
    DAY = "day"
    WEEK = "week"  # starts on Monday
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Aggregation(StrEnum):
    MEAN = "mean"
    WEIGHTED_MEAN = "weighted_mean"
    SUM = "sum"
    LAST = "last"


class CustomerOutcome(StrEnum):
    CYCLE_TIME = "cycle_time"
    RELIABILITY = "reliability"
    ERRORS = "errors"


class DecisionType(StrEnum):
    DECISION = "decision"
    HYPOTHESIS = "hypothesis"
    OBSTACLE = "obstacle"
    INCIDENT = "incident"
    PROCESS_CHANGE = "process_change"
    DATA_QUALITY = "data_quality"
    TARGET_CHANGE = "target_change"
    STEP = "step"
    BASELINE = "baseline"  # limits frozen: applies_on is the last day that sets them
    EXCLUSION = "exclusion"  # points left out of the limits: from period_start to period_end


class Outcome(StrEnum):
    """What a decision or an experiment came to."""

    KEPT = "kept"
    REVERSED = "reversed"
    UNCLEAR = "unclear"


class ExperimentState(StrEnum):
    PLANNED = "planned"
    RUNNING = "running"
    ENDED = "ended"
    ABANDONED = "abandoned"


class Analysis(StrEnum):
    """How an experiment's effect is found; declared beforehand."""

    SINGLE_SITE = "single_site"  # one series before and after
    COMPARISON = "comparison"  # beside sites that did not change
    STAGGERED = "staggered"  # sites that start one after another


class ReadingKind(StrEnum):
    """When an effect was read."""

    LOOK = "look"  # on the way
    END = "end"  # what the promise is held to
    VERDICT = "verdict"  # what the keeper put their name to


class Verdict(StrEnum):
    """What the named keeper made of the computed result."""

    STANDARDISE = "standardise"
    AMPLIFY = "amplify"
    CORRECT = "correct"
    RETIRE = "retire"


class PracticeState(StrEnum):
    TRY = "try"
    STANDARD = "standard"
    RETIRED = "retired"


class Stage(StrEnum):
    PLANNED = "planned"
    PREPARING = "preparing"
    LIVE = "live"
    MATURE = "mature"


class RitualKind(StrEnum):
    STAND_UP = "stand_up"
    METRICS_REVIEW = "metrics_review"
    RETRO = "retro"


class SourceKind(StrEnum):
    """Where a linked source stands."""

    FOLDER = "folder"
    HTTP = "http"
    S3 = "s3"
    SQL = "sql"


class RunOutcome(StrEnum):
    """What one run of a source came to."""

    LOADED = "loaded"
    UNCHANGED = "unchanged"
    QUESTION = "question"  # waits for a person's answer
    FAULT = "fault"
    STOPPED = "stopped"  # its owner no longer holds the right


class Record(BaseModel):
    """A revisioned record: each change appends a revision under the same id; nothing is overwritten."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    table: ClassVar[str]
    id: str


class Process(Record):
    """The perimeter everything hangs on."""

    table: ClassVar[str] = "process"
    name: str
    description: str = ""
    synthetic: bool = False  # the worked example; labelled on every screen


class Site(Record):
    table: ClassVar[str] = "site"
    name: str
    code: str | None = None
    kind: SiteKind = SiteKind.OTHER
    process_id: str | None = None
    group: str | None = None


class SiteAlias(Record):
    table: ClassVar[str] = "site_alias"
    site_id: str
    alias: str


class Person(Record):
    table: ClassVar[str] = "person"
    name: str
    email: str | None = None
    issuer: str | None = None  # identity is issuer + subject, never the e-mail
    subject: str | None = None
    language: Literal["fr", "en"] | None = None
    disabled: bool = False
    session_valid_after: dt.datetime | None = None


class Assignment(Record):
    """A role held by a person, for a cohort, a site or (both None) everywhere, between two dates."""

    table: ClassVar[str] = "assignment"
    person_id: str
    role: Role
    cohort_id: str | None = None
    site_id: str | None = None
    starts_on: dt.date
    ends_on: dt.date | None = None  # last day, inclusive


class Cohort(Record):
    table: ClassVar[str] = "cohort"
    name: str
    process_id: str | None = None
    site_ids: tuple[str, ...] = ()


class Metric(Record):
    """A metric's definition; a new definition_version whenever unit, kind or calculation changes."""

    table: ClassVar[str] = "metric"
    name_fr: str
    name_en: str
    unit: str  # "d", "%", "" ...; shown by wording.unit()
    direction: Direction = Direction.NEUTRAL
    kind: MetricKind = MetricKind.MEASURE
    frequency: Grain = Grain.MONTH
    aggregation: Aggregation = Aggregation.MEAN
    plausible_low: float | None = None
    plausible_high: float | None = None
    decimals: int = 1
    customer_outcome: CustomerOutcome | None = None
    process_id: str | None = None
    definition: str = ""
    definition_version: int = 1

    def name(self, language: str) -> str:
        return self.name_fr if language == "fr" else self.name_en


class Target(Record):
    """A dated target; site_id None = every site. In force from applies_from until the next one starts."""

    table: ClassVar[str] = "target"
    metric_id: str
    site_id: str | None = None
    applies_from: dt.date
    value: float
    decision_id: str | None = None


class Decision(Record):
    """Anything people pin: decisions, incidents, obstacles... anchored to a datum and scoped.

    Scope: site_id, metric_id, cohort_id, each None = all. Anchor: segment, period_start, grain.
    """

    table: ClassVar[str] = "decision"
    number: int  # with the type's letter: D-12, I-3
    type: DecisionType
    title: str
    note: str = ""
    owner_id: str
    applies_on: dt.date
    site_id: str | None = None
    metric_id: str | None = None
    cohort_id: str | None = None
    segment: str = ""
    period_start: dt.date | None = None
    period_end: dt.date | None = None
    grain: Grain | None = None
    value_when_decided: float | None = None
    expected_metric_id: str | None = None
    expected_direction: Direction | None = None
    expected_size: float | None = None
    expected_by: dt.date | None = None
    expected_effect: str = ""
    review_on: dt.date | None = None
    outcome: Outcome | None = None
    outcome_on: dt.date | None = None
    evidence_url: str | None = None
    experiment_id: str | None = None
    key_result_id: str | None = None
    supersedes_id: str | None = None
    resolved_on: dt.date | None = None
    public: bool = False

    @property
    def label(self) -> str:
        letter = {DecisionType.INCIDENT: "I", DecisionType.OBSTACLE: "O"}.get(self.type, "D")
        return f"{letter}-{self.number:02d}"


class Objective(Record):
    table: ClassVar[str] = "objective"
    title: str
    customer_outcome: CustomerOutcome  # required: an objective names what the customer gets
    owner_id: str
    cohort_id: str | None = None
    starts_on: dt.date
    ends_on: dt.date


class KeyResult(Record):
    table: ClassVar[str] = "key_result"
    objective_id: str
    title: str
    metric_id: str
    site_ids: tuple[str, ...] = ()  # empty = every site with data
    baseline_value: float
    baseline_date: dt.date
    target_value: float
    due_date: dt.date
    owner_id: str


class CheckIn(Record):
    table: ClassVar[str] = "check_in"
    key_result_id: str
    checked_on: dt.date
    confidence: float  # share, 0 to 1
    note: str = ""


class Experiment(Record):
    table: ClassVar[str] = "experiment"
    number: int  # E-07
    title: str
    state: ExperimentState = ExperimentState.PLANNED
    owner_id: str
    practice_id: str | None = None
    key_result_id: str | None = None
    verdict: Verdict | None = None
    verdict_by: str | None = None
    verdict_on: dt.date | None = None
    ended_reason: str = ""

    @property
    def label(self) -> str:
        return f"E-{self.number:02d}"


class Plan(Record):
    """What was promised beforehand. Frozen with its hash; a later change is a visible amendment."""

    table: ClassVar[str] = "experiment_plan"
    experiment_id: str
    amendment: int = 0
    hypothesis: str
    metric_id: str
    site_ids: tuple[str, ...]
    comparison_site_ids: tuple[str, ...] = ()
    expected_direction: Direction
    smallest_effect: float  # in the metric's unit, positive
    starts_on: dt.date  # first day of after, inclusive
    ends_on: dt.date
    baseline_from: dt.date | None = None  # first day of before; None = all earlier periods
    grain: Grain | None = None  # of the analysis; None = the metric's own frequency
    looks: tuple[dt.date, ...] = ()
    analysis: Analysis = Analysis.SINGLE_SITE
    trend_term: bool = True
    decision_rule: str = ""
    guardrail_metric_ids: tuple[str, ...] = ()
    site_starts: tuple[dt.date, ...] = ()  # of a staggered trial: the first day of each of site_ids, in their order
    drawn_by_lot: bool = False  # the treated sites, or the order of their starts
    cycle: str = ""  # trials of one cycle are judged together; "" = the quarter of the start
    seed: int = 0  # draws permutations; given at freezing, never chosen
    frozen_at: dt.datetime
    plan_hash: str = ""

    @property
    def family(self) -> str:
        """The cycle that its p value is judged in."""
        return self.cycle or f"{self.starts_on.year}-Q{(self.starts_on.month + 2) // 3}"


class ExperimentReading(Record):
    """What was computed of an experiment on a day, kept as it was whatever the data become."""

    table: ClassVar[str] = "experiment_reading"
    experiment_id: str
    plan_id: str
    kind: ReadingKind
    read_at: dt.datetime
    data_date: dt.date | None  # last day of the newest value; None = nothing measured
    data_version: str
    outcome: str
    result: str  # JSON: the numbers of the result, or why there are none
    method: str
    code_version: str


class Practice(Record):
    table: ClassVar[str] = "practice"
    title: str
    version: int = 1
    state: PracticeState = PracticeState.TRY
    metric_id: str | None = None
    control_points: str = ""
    conditions: str = ""
    evidence: str = ""
    reason: str = ""


class Ritual(Record):
    table: ClassVar[str] = "ritual"
    cohort_id: str
    kind: RitualKind
    held_on: dt.date
    facilitator_id: str | None = None
    scribe_id: str | None = None
    metric_keeper_id: str | None = None
    closed: bool = False
    no_artefact_because: str = ""


class Artefact(Record):
    table: ClassVar[str] = "artefact"
    ritual_id: str
    kind: Literal["decision", "playbook_change", "checklist", "experiment"]
    title: str
    reference_id: str | None = None


class Action(Record):
    table: ClassVar[str] = "action"
    ritual_id: str | None = None
    title: str
    owner_id: str
    due_on: dt.date
    done_on: dt.date | None = None


class Wave(Record):
    table: ClassVar[str] = "wave"
    number: int
    process_id: str | None = None
    planned_on: dt.date
    actual_on: dt.date | None = None


class SiteStage(Record):
    """A site's passage into a stage: one record a site and stage; actual_on None = not yet."""

    table: ClassVar[str] = "site_stage"
    site_id: str
    wave_id: str
    stage: Stage
    planned_on: dt.date | None = None
    actual_on: dt.date | None = None


class SourceMapping(Record):
    """How a source was read last time, so that it can be read the same way again."""

    table: ClassVar[str] = "source_mapping"
    fingerprint: str  # of the headings, whatever their order
    name: str
    mapping: str  # JSON of loaders.mapping.Mapping


class Source(Record):
    """A source of truth that loads itself, with the rights of its owner. Secrets stand in it as "env:NAME" only."""

    table: ClassVar[str] = "source"
    name: str
    kind: SourceKind
    address: str  # a folder, an http(s) or s3 address, or that of a database
    pattern: str = ""  # which files of a folder: *.csv
    query: str = ""  # one SELECT
    headers: tuple[str, ...] = ()  # of an http request: "Authorization: Bearer env:NAME"
    access_key: str = ""  # of S3: env:NAME
    secret_key: str = ""
    schedule: str  # see data.schedules
    site_id: str | None = None  # its values are of this site only
    process_id: str | None = None  # its values are of this process's sites only
    sheet: str | None = None
    register_sites: bool = False  # sites that nobody knows are registered
    takes_corrections: bool = True  # values that differ from those on record replace them
    owner_id: str
    paused: bool = False


class Batch(Record):
    """One committed load."""

    table: ClassVar[str] = "batch"
    file_name: str
    file_hash: str  # SHA-256 of the bytes
    sheet: str | None = None
    source_fingerprint: str = ""
    reading_hash: str = ""  # how the bytes were read: the same file read otherwise is another load
    person_id: str
    reason: str = ""
    n_observations: int = 0
    n_new: int = 0
    n_same: int = 0
    n_restated: int = 0
    n_excluded_rows: int = 0
    n_rejected: int = 0  # cells at fault, left out
    n_marked: int = 0  # values that entered with a mark
    source_id: str = ""  # of the linked source that brought it; "" = a person did
    mended: str = ""  # JSON of the cells mended before the load: place -> [what stood there, what was read instead]


class BatchUndo(Record):
    table: ClassVar[str] = "batch_undo"
    batch_id: str
    reason: str = ""


class ProposalAnswer(Record):
    """What somebody answered to a change that the app proposed; about, earliest and latest as they were proposed."""

    table: ClassVar[str] = "proposal_answer"
    kind: Literal["change", "shift", "drift"]
    site_id: str
    metric_id: str
    segment: str = ""
    side: Literal["above", "below"]
    about: dt.date
    earliest: dt.date
    latest: dt.date
    reply: Literal["accepted", "dismissed"]
    reason: str = ""
    decision_id: str | None = None  # the step that accepts it


class Publication(Record):
    """A page as published; its files stand in publication_file and never change."""

    table: ClassVar[str] = "publication"
    slug: str
    experiment_id: str
    title_fr: str
    title_en: str
    data_date: dt.date
    content_hash: str  # SHA-256 over its files in name order
    method_version: str
    code_version: str
    withdrawn_on: dt.date | None = None
    withdrawn_reason: str = ""


RECORDS: tuple[type[Record], ...] = (
    Process, Site, SiteAlias, Person, Assignment, Cohort, Metric, Target, Decision, Objective, KeyResult, CheckIn,
    Experiment, Plan, ExperimentReading, Practice, Ritual, Artefact, Action, Wave, SiteStage, SourceMapping, Source,
    Batch, BatchUndo, Publication, ProposalAnswer,
)  # fmt: skip
