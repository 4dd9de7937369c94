"""From what a load came to, to the answers of `/api/uploads`: words, statuses and records."""

from __future__ import annotations

from data import records
from data.access import Actor
from data.batches import undos
from data.observations import undo_load
from data.people import person_names
from data.store import Store
from data.types import Batch, BatchUndo
from loaders import summary
from loaders.grid import Refusal
from loaders.ingest import Understanding
from loaders.undoing import undo_lines
from pages.web.uploads_models import FaultSeen, Problem, QuestionOpen, Understood, Undone, UndoOrder, Upload
from wording import Language, say

# What each refusal of a file answers; every other one is 422: a file that was read and is wrong.
STATUSES = {
    **dict.fromkeys(
        ("too_large", "zip_bomb", "too_many_parts", "too_many_rows", "too_many_columns", "too_many_cells", "far_cell",
         "reader_time", "reader_memory"), 413,
    ),
    **dict.fromkeys(("not_a_table", "password", "empty_file"), 415),
    "reason_needed": 409,
    "not_your_sites": 403,
}  # fmt: skip


def status_of(refusal: Refusal) -> int:
    """Give the status that a refusal of a file answers; 409 where a person must decide something first.

    >>> [status_of(Refusal(code)) for code in ("damaged", "too_large", "question_year", "not_a_table")]
    [422, 413, 409, 415]
    """
    if refusal.code.startswith("question_"):
        return 409
    return STATUSES.get(refusal.code, 422)


def refused(
    refusal: Refusal, file_name: str | None, language: Language, understanding: Understanding | None = None
) -> Problem:
    """Say why a file is refused, with every fault and question that its reading located."""
    found = summary.refused_data(file_name or "", refusal, language)
    faults, questions = found["faults"], []
    if understanding is not None:
        seen = summary.as_data(understanding, language)
        faults, questions = seen["faults"], seen["questions"]
    return Problem(
        code=refusal.code, sentence=found["reason"], file=file_name,
        faults=[FaultSeen.model_validate(fault) for fault in faults],
        questions=[QuestionOpen.model_validate(question) for question in questions],
    )  # fmt: skip


def refuse_others_sites(understanding: Understanding) -> None:
    """Raise the refusal that a load would meet for rows of sites that are not the keeper's."""
    names = understanding.not_theirs
    if names:
        rows = [site.row for site in understanding.interpretation.sites if site.name in names]
        raise Refusal("not_your_sites", domain="loaders", names=", ".join(names[:5]), row=str(min(rows)), n=len(names))


def understood(understanding: Understanding, language: Language) -> Understood:
    """Give what was understood, as `check --json` does."""
    return Understood.model_validate(summary.as_data(understanding, language))


def upload(store: Store, batch: Batch) -> Upload:
    """Give one load as the record keeps it, and what became of it."""
    with store.read() as cursor:
        names = person_names(cursor)
        made = records.recorded(cursor, Batch, batch.id)
        undo = undos(cursor).get(batch.id)
        back = records.recorded(cursor, BatchUndo, undo.id) if undo else None
    return Upload(
        id=batch.id, file=batch.file_name, sheet=batch.sheet, loaded_at=made.recorded_at,
        loaded_by=names.get(batch.person_id, ""), reason=batch.reason, observations=batch.n_observations,
        new=batch.n_new, same=batch.n_same, restated=batch.n_restated, excluded_rows=batch.n_excluded_rows,
        state="undone" if undo else "stands", undone_at=back.recorded_at if back else None,
        undone_by=names.get(back.recorded_by or "", "") if back else "", undo_reason=undo.reason if undo else "",
    )  # fmt: skip


def undone(store: Store, actor: Actor, batch: Batch, order: UndoOrder, language: Language) -> Undone:
    """Undo a load, or say what that would do."""
    if order.preview:
        lines = undo_lines(store, batch, language)
        return Undone(outcome="preview", file=batch.file_name, lines=lines, upload=upload(store, batch))
    undo_load(store, actor, batch.id, order.reason)
    line = say("keepers.undo.done", language, file=batch.file_name)
    return Undone(outcome="undone", file=batch.file_name, lines=[line], upload=upload(store, batch))
