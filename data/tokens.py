"""The tokens with which a program acts for a keeper: shown once, kept as a digest, revocable, dated."""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import re
import secrets
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import duckdb

from data import records
from data.access import Actor, Permission, Refused, actor_for
from data.store import Store
from data.types import Person, Record

SECRET_BYTES = 32  # 256 random bits cannot be guessed, so a plain SHA-256 of them is enough
HANDLE_BYTES = 5
LONGEST_DAYS = 366
LONGEST_NAME = 100
NOTED_EVERY = dt.timedelta(minutes=1)  # a program that asks often must not write often
FORM = re.compile(r"essaim_(?P<handle>[0-9a-f]{10})_(?P<secret>[\w-]{43})", re.ASCII)


class Token(Record):
    """What is known of a token; its secret is not. site_ids: the only sites it serves; none = all of its keeper's."""

    table: ClassVar[str] = "token"
    person_id: str
    name: str
    handle: str  # the part of the token that may be shown again
    site_ids: tuple[str, ...] = ()
    expires_on: dt.date  # its last day, inclusive
    revoked: bool = False


@dataclass(frozen=True, slots=True)
class IssuedToken:
    """A token just made. text: what is shown once and never again."""

    token: Token
    text: str


@dataclass(frozen=True, slots=True)
class KnownToken:
    """A token with its story: whose it is, when it was made and last used (UTC; to the minute)."""

    token: Token
    person: str
    made_at: dt.datetime
    used_at: dt.datetime | None


class TokenRefused(Exception):
    """A token that opens nothing. code: unknown, revoked, expired or disabled; the secret was right for all but one."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def issue_token(
    store: Store, actor: Actor, *, name: str, expires_on: dt.date, site_ids: Collection[str] = ()
) -> IssuedToken:
    """Make a token for oneself.

    expires_on: its last day, inclusive. site_ids: the only sites that it may serve; none = all of the keeper's.
    Raises Refused("name_missing"), Refused("token_expiry"), Forbidden without the right to upload there.
    """
    if not name.strip():
        raise Refused("name_missing")
    if not store.today() <= expires_on <= store.today() + dt.timedelta(days=LONGEST_DAYS):
        raise Refused("token_expiry", days=LONGEST_DAYS)
    handle, secret = secrets.token_hex(HANDLE_BYTES), secrets.token_urlsafe(SECRET_BYTES)
    text = f"essaim_{handle}_{secret}"
    with store.change(actor, Permission.UPLOAD, somewhere=True) as tx:
        tx.require(Permission.UPLOAD, site_ids=site_ids)
        token = Token(
            id=records.new_id(), person_id=tx.actor.person_id or "", name=name.strip()[:LONGEST_NAME], handle=handle,
            site_ids=tuple(sorted(site_ids)), expires_on=expires_on,
        )  # fmt: skip
        tx.append(token, "token.issue")
        tx.cursor.execute("INSERT INTO token_key VALUES (?, ?, NULL)", [token.id, digest_of(text)])
    return IssuedToken(token, text)


def revoke_token(store: Store, actor: Actor, token_id: str) -> Token:
    """End a token at once: one's own, or anybody's with the right to manage people.

    Raises Refused("unknown_record"), Forbidden.
    """
    with store.change(actor, Permission.VIEW) as tx:
        token = tx.must_know(Token, token_id)
        if token.person_id != tx.actor.person_id:
            tx.require(Permission.MANAGE_PEOPLE)
        return tx.revise(Token, token_id, "token.revoke", revoked=True)


def tokens(cursor: duckdb.DuckDBPyConnection, person_id: str | None = None) -> list[KnownToken]:
    """Read the tokens, newest first: a person's, or (None) everybody's."""
    wanted: dict[str, Any] = {} if person_id is None else {"person_id": person_id}
    names = {person.id: person.name for person in records.current(cursor, Person)}
    used = dict(cursor.execute("SELECT token_id, max(used_at) FROM token_key GROUP BY token_id").fetchall())
    return [
        KnownToken(
            token, names.get(token.person_id, ""), records.recorded(cursor, Token, token.id).recorded_at,
            used[token.id].replace(tzinfo=dt.UTC) if used.get(token.id) else None,
        )
        for token in reversed(records.current(cursor, Token, **wanted))
    ]  # fmt: skip


def bearer(store: Store, text: str) -> tuple[Token, Actor]:
    """Find the token that a text is, and its keeper as they are at this moment; note the use.

    The actor holds what the keeper holds now, at the token's sites only when it names some. Raises TokenRefused.
    """
    found = FORM.fullmatch(text)
    with store.read() as cursor:
        token = _matching(cursor, found["handle"] if found else "", digest_of(text))
        if token is None:
            raise TokenRefused("unknown")
        if token.revoked:
            raise TokenRefused("revoked")
        if token.expires_on < store.today():
            raise TokenRefused("expired")
        actor = actor_for(cursor, token.person_id, store.today())
        if actor.person_id is None:
            raise TokenRefused("disabled")
        _note_use(cursor, token, store.now())
    return token, replace(actor, only_sites=frozenset(token.site_ids) if token.site_ids else None)


def digest_of(text: str) -> str:
    """Give what is kept of a token in place of itself."""
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _matching(cursor: duckdb.DuckDBPyConnection, handle: str, digest: str) -> Token | None:
    """Find a token by its handle; the digests are compared in a time that tells nothing, also where there is none."""
    matching = None
    for token in [*records.current(cursor, Token, handle=handle), None]:
        kept = cursor.execute(
            "SELECT digest FROM token_key WHERE token_id = ?", [token.id if token is not None else ""]
        ).fetchone()
        if hmac.compare_digest(kept[0] if kept else "", digest) and token is not None:
            matching = token
    return matching


def _note_use(cursor: duckdb.DuckDBPyConnection, token: Token, now: dt.datetime) -> None:
    moment = records.stored_time(now)
    try:
        cursor.execute(
            "UPDATE token_key SET used_at = ? WHERE token_id = ? AND (used_at IS NULL OR used_at < ?)",
            [moment, token.id, moment - NOTED_EVERY],
        )
    except duckdb.TransactionException:
        return  # another request with the same token has just noted its own
