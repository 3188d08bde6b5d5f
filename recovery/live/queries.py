"""What the live tier reads, each question in one round trip, as role app.

A small pool of its own: a storm of sockets cannot take the connections of the requests.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from psycopg import AsyncConnection, AsyncCursor
from psycopg_pool import AsyncConnectionPool

Pool = AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]
# For a deleted scope: more changes of membership than any scope can have.
NEVER = 2**62

SESSION = """
SELECT s.session_id, s.user_id, s.is_staff, s.methods, s.access_expires_at, s.state,
       CASE WHEN s.state = 'live' THEN set_config('app.user_id', s.user_id::text, true) END
FROM session_by_access_token(%s, %s) AS s
"""
PLACES = """
SELECT s.id, s.name, s.seq, s.acl, live_mark(s.id, m."grant")
FROM recovery_membership AS m JOIN recovery_scope AS s ON s.id = m.scope_id
WHERE m.user_id = acting_user() AND NOT m.held AND s.is_open
"""
CLIENT = """
SELECT schema, revoked_at IS NOT NULL FROM recovery_syncclient
WHERE scope_id = acting_user() AND id = %s
"""
ACT_AS = "SELECT set_config('app.user_id', %s, true)"


@dataclass(frozen=True)
class Session:
    """The session behind an access token. `state`: live, expired, ended or wipe."""

    session_id: uuid.UUID
    user_id: uuid.UUID
    is_staff: bool
    methods: list[str]
    expires_at: datetime
    state: str


@dataclass(frozen=True)
class Client:
    """A phone as it registered for sync."""

    schema: int
    revoked: bool


@dataclass(frozen=True)
class Place:
    """A scope that the user is in. `acl` is the version of its memberships; `mark` changes with the
    user's own membership."""

    scope_id: uuid.UUID
    name: str
    head: int
    acl: int
    mark: int


def make_pool() -> Pool:
    """The process opens it. Raises PoolTimeout after two seconds without a free connection."""
    database = settings.DATABASES["default"]
    known = {"dbname": "NAME", "user": "USER", "password": "PASSWORD", "host": "HOST"}
    parts = {ours: database[theirs] for ours, theirs in known.items() if database[theirs]}
    if database["PORT"]:
        parts["port"] = database["PORT"]
    return AsyncConnectionPool(
        kwargs={**parts, "autocommit": True, "options": "-c statement_timeout=5s"},
        min_size=1,
        max_size=settings.LIVE_DATABASE_POOL,
        timeout=2,
        reconnect_timeout=settings.DATABASE_RECONNECT,
        open=False,
    )


async def session(pool: Pool, token_hash: bytes, now: datetime) -> Session | None:
    async with pool.connection() as connection:
        return _session(await (await connection.execute(SESSION, [token_hash, now])).fetchone())


async def greeting(
    pool: Pool, token_hash: bytes, client_id: uuid.UUID, now: datetime
) -> tuple[Session | None, Client | None, list[Place]]:
    """Who holds this token, the phone they name, and their scopes; nothing without the token."""
    async with pool.connection() as connection, connection.pipeline():
        async with connection.transaction():
            who = await connection.execute(SESSION, [token_hash, now])
            which = await connection.execute(CLIENT, [client_id])
            where = await connection.execute(PLACES)
        client = await which.fetchone()
        session = _session(await who.fetchone())
        return session, Client(*client) if client else None, await _places(where)


async def places(pool: Pool, user_id: uuid.UUID) -> list[Place]:
    """The scopes that this person is in now."""
    async with pool.connection() as connection, connection.pipeline():
        async with connection.transaction():
            await connection.execute(ACT_AS, [str(user_id)])
            where = await connection.execute(PLACES)
        return await _places(where)


async def audience(
    pool: Pool, scope_id: uuid.UUID, users: list[uuid.UUID]
) -> tuple[int, set[uuid.UUID]]:
    """The version of the scope's memberships, and who of `users` is in it."""
    async with pool.connection() as connection:
        rows = await connection.execute("SELECT * FROM live_audience(%s, %s)", [scope_id, users])
        acl, members = await rows.fetchone() or (NEVER, [])
        return acl, set(members)


async def heads(pool: Pool, scopes: list[uuid.UUID]) -> dict[uuid.UUID, tuple[int, int]]:
    """(head, acl) of each scope."""
    async with pool.connection() as connection:
        rows = await (await connection.execute("SELECT * FROM live_heads(%s)", [scopes])).fetchall()
        return {scope: (head, acl) for scope, head, acl in rows}


async def moved(pool: Pool, believed: list[tuple[uuid.UUID, int]]) -> set[uuid.UUID]:
    """Of people and the sums of their marks: for whom it is another by now."""
    arrays = [[user for user, _ in believed], [total for _, total in believed]]
    async with pool.connection() as connection:
        rows = await connection.execute("SELECT live_moved(%s, %s::bigint[])", arrays)
        return {user for (user,) in await rows.fetchall()}


async def living(pool: Pool, sessions: list[uuid.UUID], now: datetime) -> set[uuid.UUID]:
    """Which of these sessions have not ended."""
    async with pool.connection() as connection:
        rows = await connection.execute("SELECT sessions_that_live(%s, %s)", [sessions, now])
        return {session for (session,) in await rows.fetchall()}


async def epoch(pool: Pool) -> str:
    async with pool.connection() as connection:
        row = await (await connection.execute("SELECT sync_epoch()")).fetchone()
        return str(row[0]) if row else ""


def _session(row: tuple[Any, ...] | None) -> Session | None:
    return Session(*row[:6]) if row else None


async def _places(rows: AsyncCursor[tuple[Any, ...]]) -> list[Place]:
    return [Place(*row) for row in await rows.fetchall()]
