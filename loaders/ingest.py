"""From a file to the record: understood, shown, and loaded whole or not at all; page and command line both come here."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb

from data import mappings, metrics, progress, records, sites
from data.access import Actor, Permission, Refused, sites_allowed
from data.batches import AlreadyLoaded, already_loaded
from data.observations import ForbiddenRows, LoadPreview, commit_load, preview_load
from data.progress import Stage
from data.store import Store
from data.types import Batch, Fault, Metric, Record, Site
from loaders import memory
from loaders.checks import Known
from loaders.choices import Choices
from loaders.files import read_book
from loaders.findings import Interpretation
from loaders.grid import Book, Grid, Refusal
from loaders.interpret import layout_of
from loaders.joined import joined
from loaders.memory import Difference
from loaders.mended import Mend, mended_grid, mends_of, to_text
from loaders.own_sheets import for_sheet, own_notes, without_own
from loaders.plausibility import with_suspicions
from loaders.register import frame_of, new_aliases, new_metrics, new_sites, reading_hash, to_remember
from loaders.spare_memory import give_back
from loaders.tables import TableSeen
from loaders.together import interpret_sheets

NOTHING_FILLED_IN = ("no_values", "empty")  # why a sheet of a template may be passed over


@dataclass(frozen=True, eq=False)
class Understanding:
    """A file understood, with nothing stored yet.

    choices: those made now, over those remembered. same_as_last_time: read just as the last load of this source.
    loaded_before: the load that already brought these bytes, read this way.
    """

    book: Book
    grid: Grid
    interpretation: Interpretation
    choices: Choices
    remembered: Choices | None
    same_as_last_time: bool
    reading_hash: str
    loaded_before: Batch | None = None
    differences: tuple[Difference, ...] = ()  # from the last load of this source, when it was recognised
    not_theirs: tuple[str, ...] = ()  # names of known sites for which the actor may not upload
    tables: tuple[TableSeen, ...] = ()  # of the sheet that was read; the others are exclusions
    sheets_together: tuple[str, ...] = ()  # the sheets read as one table, when each is of one site or period
    laid_out: bool = False  # Essaim wrote the workbook, and its notes say how it is read: nothing is left to confirm

    @property
    def mends(self) -> tuple[Mend, ...]:
        """The cells that were mended, with what stood there."""
        came = self.book.grids.get(self.grid.sheet or "", self.grid)
        return mends_of(came, self.choices.mended)

    def __len__(self) -> int:
        """How many observations were found."""
        return self.interpretation.n_observations

    def __bool__(self) -> bool:
        """Say yes: a file without observations is understood too."""
        return True

    @property
    def unknown_sites(self) -> int:
        """How many of the file's sites the record does not know."""
        return sum(site.site_id is None for site in self.interpretation.sites)

    @property
    def is_new_source(self) -> bool:
        """Whether neither its sites nor its metrics are on record: all are registered with it."""
        known = [
            *(site.site_id for site in self.interpretation.sites),
            *(m.metric_id for m in self.interpretation.metrics),
        ]
        return not any(known)

    def stopping_faults(self, *, register: bool = False) -> tuple[Fault, ...]:
        """Give the errors that keep the file from being loaded; sites to be registered are none."""
        errors = self.interpretation.errors
        return tuple(fault for fault in errors if not (register and fault.code == "unknown_site"))


@dataclass(frozen=True, eq=False)
class LoadReport:
    """What a load did. changed is False when the same bytes were in the record already, since loaded_on."""

    understanding: Understanding
    batch: Batch
    changed: bool
    loaded_on: dt.date
    new_sites: tuple[Site, ...] = ()
    new_metrics: tuple[Metric, ...] = ()


def understand(
    given: Path | str | bytes,
    file_name: str = "",
    store: Store | None = None,
    actor: Actor | None = None,
    choices: Choices | None = None,
) -> Understanding:
    """Understand a file: its sheet, layout, columns, values, faults and questions.

    store: the record to hold it against: its sites, metrics and the way this source was read last time; None = none.
    Raises Refusal when there is nothing to load in it.
    """
    wanted = choices or Choices()
    progress.at(Stage.READING)
    return understand_book(read_book(given, file_name, sheet=wanted.sheet), store, actor, wanted)


def understand_book(
    book: Book, store: Store | None = None, actor: Actor | None = None, choices: Choices | None = None
) -> Understanding:
    """Understand cells that were read before, or that never were in a file; otherwise as `understand`.

    book: its `data_sheet` is the sheet that is looked at first, and the only one when the choices name a sheet.
    """
    wanted = choices or Choices()
    book = without_own(book, own_notes(book))
    progress.at(Stage.UNDERSTANDING)
    if store is None:
        return _understood(book, wanted, Known(), None)
    with store.read() as cursor:
        known = _known(cursor, store)
        found = _understood(book, wanted, known, cursor)
    give_back(sum(column.nbytes for column in found.grid.columns))
    return found if actor is None else replace(found, not_theirs=_sites_not_theirs(found.interpretation, actor))


def load(
    understanding: Understanding,
    store: Store,
    actor: Actor,
    *,
    register: bool = False,
    reason: str = "",
    leave_out: bool = False,
    source_id: str = "",
) -> LoadReport:
    """Load a file that was understood, whole or not at all.

    register: register the sites that the record does not know. reason: why values change, when some do.
    leave_out: load what is right and leave the cells at fault out. source_id: the linked source that brought it.
    Raises Refusal: a question open, faults, a reason missing, rows of sites that are not the actor's; Forbidden.
    """
    found = understanding.interpretation
    if understanding.loaded_before is not None:
        return _unchanged(understanding, understanding.loaded_before, store)
    refuse_unready(understanding, register=register, leave_out=leave_out)
    came, registered = new_sites(found, _only_process(store)), new_metrics(found)
    frame = frame_of(found, came, registered)
    if frame.empty:
        raise Refusal("no_values", domain="loaders", sheet=found.layout.sheet or "")
    remembered = to_remember(found, understanding.choices, registered)
    mapping = memory.source_mapping(found, understanding.choices, remembered, understanding.book.file_name)
    with store.read() as cursor:
        aliases = new_aliases(found, understanding.choices, sites.site_keys(cursor))
    new_records: list[Record] = [*came.values(), *aliases, *registered.values(), mapping]
    batch = _batch(understanding, actor, reason, source_id)
    progress.at(Stage.STORING)
    try:
        done = commit_load(store, actor, batch=batch, frame=frame, new_records=new_records, reason=reason)
    except AlreadyLoaded as already:
        return _unchanged(understanding, already.batch, store)
    except ForbiddenRows as forbidden:
        raise _not_theirs(found, forbidden, came) from forbidden
    except Refused as refused:
        if refused.code != "reason_needed":
            raise
        raise Refusal("reason_needed", domain="loaders", n=refused.details.get("restated", 0)) from refused
    return LoadReport(understanding, done, True, store.today(), tuple(came.values()), tuple(registered.values()))


def _batch(understanding: Understanding, actor: Actor, reason: str, source_id: str) -> Batch:
    book, found = understanding.book, understanding.interpretation
    return Batch(
        id=records.new_id(), file_name=book.file_name, file_hash=book.sha256, sheet=found.layout.sheet,
        source_fingerprint=found.mapping.fingerprint, reading_hash=understanding.reading_hash,
        person_id=actor.person_id or "", reason=reason, n_excluded_rows=len(found.excluded),
        mended=to_text(understanding.mends), n_rejected=found.cells.get("fault", 0),
        n_marked=int((found.observations["mark"] != "").sum()), source_id=source_id,
    )  # fmt: skip


def _unchanged(understanding: Understanding, batch: Batch, store: Store) -> LoadReport:
    return LoadReport(understanding, batch, False, day_loaded(batch, store))


def day_loaded(batch: Batch, store: Store) -> dt.date:
    """Say on which day a load was committed."""
    with store.read() as cursor:
        recorded = records.recorded(cursor, Batch, batch.id)
    return recorded.recorded_at.date()


def _sites_not_theirs(found: Interpretation, actor: Actor) -> tuple[str, ...]:
    names = {site.site_id: site.name for site in found.sites if site.site_id is not None}
    allowed = sites_allowed(actor, Permission.UPLOAD, names)
    return tuple(name for site_id, name in names.items() if site_id not in allowed)


def preview(understanding: Understanding, store: Store) -> LoadPreview | None:
    """Compare a file with the record: how many values are new, the same, restated; None when all would be new."""
    progress.at(Stage.COMPARING)
    found = understanding.interpretation
    if not any(site.site_id for site in found.sites) or not any(metric.metric_id for metric in found.metrics):
        return None
    frame = frame_of(found, {}, {})
    return preview_load(store, frame) if len(frame) else None


def seen_before(store: Store, file_hash: str) -> Batch | None:
    """Find the standing load of these very bytes, however they were read, without reading them."""
    with store.read() as cursor:
        for batch in reversed(records.current(cursor, Batch, file_hash=file_hash)):
            standing = already_loaded(cursor, file_hash=file_hash, reading_hash=batch.reading_hash)
            if standing is not None:
                return standing
    return None


def _known(cursor: duckdb.DuckDBPyConnection, store: Store) -> Known:
    registered = sites.sites(cursor)
    names = tuple(site.name for site in registered)
    return Known(sites.site_keys(cursor), names, tuple(metrics.metrics(cursor)), store.today())


def _understood(book: Book, wanted: Choices, known: Known, cursor: duckdb.DuckDBPyConnection | None) -> Understanding:
    written = own_notes(book).sheets if wanted.sheet is None else {}
    if any(name in book.grids for name in written):
        return replace(_understood_together(book, written, wanted, known, cursor), laid_out=True, differences=())
    refusals = []
    for name in _sheets(book, wanted):
        grid = book.grids[name]
        try:
            return _understood_sheet(book, grid, wanted, known, cursor)
        except Refusal as refusal:
            refusals.append(refusal)
    raise refusals[0]


def _understood_together(
    book: Book, written: Mapping[str, Choices], wanted: Choices, known: Known, cursor: duckdb.DuckDBPyConnection | None
) -> Understanding:
    """Understand a workbook that Essaim laid out, each of its sheets as it was laid out; empty ones are passed over."""
    found: list[Understanding] = []
    refusals: list[Refusal] = []
    for name in (name for name in written if name in book.grids):
        try:
            choices = for_sheet(wanted, name, first=not found).over(written[name]).model_copy(update={"sheet": name})
            found.append(_understood_sheet(book, book.grids[name], choices, known, cursor))
        except Refusal as refusal:
            if refusal.code not in NOTHING_FILLED_IN:
                raise
            refusals.append(refusal)
    if not found:
        raise refusals[0]
    names = tuple(one.interpretation.layout.sheet or "" for one in found)
    if len(found) == 1:
        return found[0]
    reading = hash_of("\n".join(one.reading_hash for one in found).encode())
    before = already_loaded(cursor, file_hash=book.sha256, reading_hash=reading) if cursor is not None else None
    return replace(
        found[0], interpretation=joined([one.interpretation for one in found], names, known), reading_hash=reading,
        loaded_before=before, same_as_last_time=all(one.same_as_last_time for one in found),
        differences=tuple(difference for one in found for difference in one.differences),
        sheets_together=names,
    )  # fmt: skip


def _sheets(book: Book, wanted: Choices) -> list[str]:
    """List the sheets to try: the one chosen, or the visible ones, from the one with most numbers down."""
    if wanted.sheet is not None or len(book.grids) < 2:
        return [book.data_sheet]
    shown = sorted((sheet for sheet in book.sheets if not sheet.hidden), key=lambda sheet: -sheet.n_numbers)
    others = [sheet.name for sheet in shown if sheet.name in book.grids and sheet.name != book.data_sheet]
    return [book.data_sheet, *others]


def _understood_sheet(
    book: Book, grid: Grid, wanted: Choices, known: Known, cursor: duckdb.DuckDBPyConnection | None
) -> Understanding:
    grid = mended_grid(grid, wanted.mended)
    layout = layout_of(grid, wanted)
    stored = mappings.all_remembered(cursor) if cursor is not None else []
    recalled = memory.recall(stored, layout, book.file_name, wanted.site)
    remembered = recalled.choices if recalled is not None else None
    choices = wanted.over(remembered) if remembered is not None else wanted
    headings = set(remembered.roles) - set(wanted.roles) if remembered is not None else set()
    if (choices.table, choices.layout) != (wanted.table, wanted.layout):
        layout = layout_of(grid, choices)
    together = interpret_sheets(book, grid, choices, known, layout=layout, remembered=headings)
    found = together.interpretation
    reading = reading_hash(found, choices)
    before = already_loaded(cursor, file_hash=book.sha256, reading_hash=reading) if cursor is not None else None
    if cursor is not None and before is None:
        found = with_suspicions(found, cursor, known.metrics)
    differences = memory.differences(recalled, found) if recalled is not None else ()
    same = remembered is not None and choices == remembered and not differences
    return Understanding(
        book, grid, found, choices, remembered, same, reading, before, differences=differences,
        tables=layout.tables, sheets_together=together.sheets,
    )  # fmt: skip


def refuse_unready(understanding: Understanding, *, register: bool = False, leave_out: bool = False) -> None:
    """Refuse a file that cannot be loaded as it is: a question open, a site unknown, faults not left out."""
    found = understanding.interpretation
    if found.questions:
        question = found.questions[0]
        raise Refusal(
            f"question_{question.code}", domain="loaders", column=question.column or "", found=question.found,
            n=len(found.questions),
        )  # fmt: skip
    faults = understanding.stopping_faults(register=register)
    unknown = [fault for fault in faults if fault.code == "unknown_site"]
    if unknown:
        raise FaultsRefusal(unknown[0], found.fault_counts["unknown_site"])
    if faults and not leave_out:
        n_errors = sum(found.fault_counts[code] for code in {fault.code for fault in faults})
        raise FaultsRefusal(faults[0], n_errors)


class FaultsRefusal(Refusal):
    """A file refused for its faults. fault: the first one; n: how many there are."""

    def __init__(self, fault: Fault, n: int) -> None:
        super().__init__("faults", domain="loaders", n=n)
        self.fault = fault
        self.n = n


def _only_process(store: Store) -> str | None:
    with store.read() as cursor:
        known = sites.processes(cursor)
    return known[0].id if len(known) == 1 else None


def _not_theirs(found: Interpretation, forbidden: ForbiddenRows, came: dict[int, Site]) -> Refusal:
    ids = {seen.site_id: seen.name for seen in found.sites if seen.site_id} | {
        site.id: site.name for site in came.values()
    }
    names = [ids.get(site_id, site_id) for site_id in forbidden.site_ids]
    rows = [row for row in forbidden.rows.values() if row is not None]
    return Refusal(
        "not_your_sites", domain="loaders", names=", ".join(names[:5]), row=str(min(rows, default=0)), n=len(names)
    )


def hash_of(data: bytes) -> str:
    """Name a file's bytes."""
    return hashlib.sha256(data).hexdigest()
