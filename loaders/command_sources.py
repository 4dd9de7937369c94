"""`python -m loaders sources list|add|run|pause|resume|remove`: linked sources from the command line."""

from __future__ import annotations

import argparse
from typing import Any

from data import source_runs
from data.access import Refused
from data.sites import name_key, processes, site_named
from data.source_runs import SourceStanding
from data.sources import link_source, pause_source, remove_source
from data.store import Store
from data.types import RunOutcome, SourceKind
from loaders.command_endings import READ, REFUSED, BadUsage, in_store, print_lines, sparing
from loaders.sources.running import run_source
from loaders.sources.words import again_words, run_words, schedule_words
from loaders.whom import who_loads
from wording import Language, moment, say, state

ACTS = ("list", "add", "run", "pause", "resume", "remove")
WELL = (RunOutcome.LOADED, RunOutcome.UNCHANGED)


def takes(command: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    command.add_argument("what", choices=ACTS)
    command.add_argument("names", nargs="*", metavar="NAME")
    command.add_argument("--as", dest="person")
    for kind in SourceKind:
        command.add_argument(f"--{kind.value}", metavar="ADDRESS")
    for name in ("pattern", "query", "access-key", "secret-key", "site", "process", "sheet"):
        command.add_argument(f"--{name}")
    command.add_argument("--header", action="append", default=[])
    command.add_argument("--every", default="daily 06:00")
    command.add_argument("--register", action="store_true")
    command.add_argument("--ask-corrections", action="store_true")


def act(wanted: argparse.Namespace, language: Language) -> int:
    """Do one thing to sources, in a store that no app holds."""
    _check(wanted)
    return in_store(language, lambda store: _act_in(store, wanted, language))


def _act_in(store: Store, wanted: argparse.Namespace, language: Language) -> int:
    if wanted.what == "list":
        print_lines(*_list_lines(store, language))
        return READ
    if wanted.what == "add":
        return sparing(wanted.names[0], language, lambda: _add(store, wanted, language))
    return max([READ, *(_one(store, name, wanted, language) for name in wanted.names or _all(store))])


def _check(wanted: argparse.Namespace) -> None:
    """Refuse a line that does not say which source, or where a new one stands. Raises BadUsage."""
    kinds = [kind for kind in SourceKind if getattr(wanted, kind.value) is not None]
    one_new = wanted.what != "add" or (len(wanted.names) == 1 and len(kinds) == 1)
    named = wanted.what in ("list", "run", "add") or wanted.names
    if not one_new or not named or (kinds and wanted.what != "add"):
        raise BadUsage("bad_usage", given=f"sources {wanted.what} {' '.join(wanted.names)}".strip())


def _list_lines(store: Store, language: Language) -> list[str]:
    with store.read() as cursor:
        found = source_runs.standings(cursor)
    return [_line(one, store, language) for one in found] or [say("sources.title.empty", language)]


def _line(one: SourceStanding, store: Store, language: Language) -> str:
    source, last = one.source, one.last
    how = say("sources.state.paused", language) if source.paused else schedule_words(source.schedule, language)
    where = f"{source.address} {source.pattern}".strip()
    parts = [source.name, state(source.kind, language), where, how]
    if last is None:
        parts.append(say("sources.state.new", language))
    else:
        parts += [moment(last.ended_at.astimezone(), language), run_words(last, language)]
    return " · ".join(filter(None, [*parts, again_words(one, store.now(), language)]))


def _add(store: Store, wanted: argparse.Namespace, language: Language) -> None:
    actor, founded = who_loads(store, wanted.person, language)
    if founded is not None:
        print_lines(say("loaders.command.first_person", language, name=founded))
    kind = next(kind for kind in SourceKind if getattr(wanted, kind.value) is not None)
    source = link_source(
        store, actor, name=wanted.names[0], kind=kind, address=getattr(wanted, kind.value),
        pattern=wanted.pattern or "", query=wanted.query or "", headers=tuple(wanted.header),
        access_key=wanted.access_key or "", secret_key=wanted.secret_key or "", schedule=wanted.every,
        sheet=wanted.sheet, register_sites=wanted.register, takes_corrections=not wanted.ask_corrections,
        **_scope(store, wanted),
    )  # fmt: skip
    print_lines(
        say("sources.command.linked", language, name=source.name, how=schedule_words(source.schedule, language))
    )


def _scope(store: Store, wanted: argparse.Namespace) -> dict[str, Any]:
    with store.read() as cursor:
        site = site_named(cursor, wanted.site) if wanted.site else None
        process = next((one for one in processes(cursor) if name_key(one.name) == name_key(wanted.process or "")), None)
    if (wanted.site and site is None) or (wanted.process and process is None):
        raise Refused("source_place_unknown")
    return {"site_id": site.id if site else None, "process_id": process.id if process else None}


def _all(store: Store) -> list[str]:
    """Name every source that is not paused."""
    with store.read() as cursor:
        return [one.source.name for one in source_runs.standings(cursor) if not one.source.paused]


def _one(store: Store, name: str, wanted: argparse.Namespace, language: Language) -> int:
    ended = READ

    def do() -> None:
        nonlocal ended
        one = _named(store, name)
        if wanted.what == "run":
            run = run_source(store, one.source.id)
            if run is not None:
                print_lines(say("sources.in_file", language, file=one.source.name, sentence=run_words(run, language)))
                ended = READ if run.outcome in WELL else REFUSED
            return
        actor, _ = who_loads(store, wanted.person, language)
        if wanted.what == "remove":
            remove_source(store, actor, one.source.id)
            said = "sources.saved.removed"
        else:
            pause_source(store, actor, one.source.id, paused=wanted.what == "pause")
            said = "sources.saved.paused" if wanted.what == "pause" else "sources.saved.resumed"
        print_lines(say(said, language, name=one.source.name))

    return max(sparing(name, language, do), ended)


def _named(store: Store, name: str) -> SourceStanding:
    with store.read() as cursor:
        for one in source_runs.standings(cursor):
            if name_key(one.source.name) == name_key(name) or one.source.id == name:
                return one
    raise Refused("source_unknown")
