"""What undoing a load would do, in the sentences of the page that offers it."""

from __future__ import annotations

from data.lineage import undo_preview
from data.store import Store
from data.types import Batch
from loaders import ingest
from wording import Language, date_, say


def undo_lines(store: Store, batch: Batch, language: Language) -> list[str]:
    """Say which values would vanish or come back, which stay, and which decisions stand on them."""
    with store.read() as cursor:
        told = undo_preview(cursor, batch.id)
    day = date_(ingest.day_loaded(batch, store), language)
    lines = [
        say("quality.undo.what", language, file=batch.file_name, date=day),
        say("quality.undo.vanish", language, n=told.n_vanish),
        say("quality.undo.come_back", language, n=told.n_come_back),
    ]
    between = say("shared.list_separator", language)
    if told.later:
        files = between.join(dict.fromkeys(later.file_name for later in told.later))
        lines.append(say("quality.undo.later", language, n=told.n_overtaken, files=files))
    if told.decisions:
        labels = between.join(decision.label for decision in told.decisions)
        lines.append(say("quality.undo.decisions", language, n=len(told.decisions), labels=labels))
    return lines
