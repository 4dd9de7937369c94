"""What goes in and out at `/api/uploads`: the routes answer with these, and the description is made of them."""

from __future__ import annotations

import datetime as dt
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from data.types import Severity
from wording import Language


class _Answer(BaseModel):
    model_config = ConfigDict(extra="forbid")


class FaultSeen(_Answer):
    """One thing to correct, located as the spreadsheet shows it."""

    code: str
    severity: Severity
    sheet: str | None
    row: int | None
    column: str | None
    found: str
    expected: str
    sentence: str


class QuestionOpen(_Answer):
    """What the file does not settle; answer it in `choices`."""

    code: str
    column: str | None
    found: str
    options: list[str]
    sentence: str


class Understood(BaseModel):
    """What a file was understood to hold, as `python -m loaders check --json` gives it."""

    model_config = ConfigDict(extra="allow")

    sheet: str | None
    layout: str
    sites: int
    metrics: int
    periods: int
    observations: int
    first_period: str | None
    last_period: str | None
    metric_names: list[str]
    cells: dict[str, int]
    n_cells: int
    faults: list[FaultSeen]
    fault_counts: dict[str, int]
    excluded: list[dict[str, Any]]
    questions: list[QuestionOpen]


class Upload(_Answer):
    """One load as the record keeps it."""

    id: str
    file: str
    sheet: str | None
    loaded_at: dt.datetime
    loaded_by: str
    reason: str
    observations: int
    new: int
    same: int
    restated: int
    excluded_rows: int
    state: Literal["stands", "undone"]
    undone_at: dt.datetime | None = None
    undone_by: str = ""
    undo_reason: str = ""


class Comparison(_Answer):
    """How a file compares with what the record holds already."""

    new: int
    same: int
    restated: int


class Problem(_Answer):
    """Why something was not done: nothing was changed."""

    outcome: Literal["refused"] = "refused"
    code: str
    sentence: str
    file: str | None = None
    faults: list[FaultSeen] = []
    questions: list[QuestionOpen] = []


class Loaded(_Answer):
    """A load: done, or without effect because the record holds these very bytes."""

    outcome: Literal["loaded", "unchanged"]
    file: str
    lines: list[str]
    upload: Upload
    understood: Understood | None = None


class Checked(_Answer):
    """A check: nothing was stored. ready: whether the file could be loaded as it is; if not, problem says why."""

    outcome: Literal["checked"] = "checked"
    file: str
    lines: list[str]
    ready: bool
    problem: Problem | None
    comparison: Comparison
    understood: Understood


class Undone(_Answer):
    """An undo, or with `preview` what it would do."""

    outcome: Literal["undone", "preview"]
    file: str
    lines: list[str]
    upload: Upload


class UploadForm(BaseModel):
    """The parts of a multipart/form-data body."""

    model_config = ConfigDict(extra="forbid")

    file: bytes
    choices: str = ""
    check: bool = False
    register_sites: bool = Field(False, alias="register")
    leave_out: bool = False
    reason: str = ""
    language: Language | None = None


class UndoOrder(BaseModel):
    """What is asked of an undo."""

    model_config = ConfigDict(extra="forbid")

    reason: str = ""
    preview: bool = False
    language: Language | None = None
