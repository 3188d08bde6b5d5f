"""The queries of the live tier, as role app, each in one round trip.

It has a small pool of its own, so that a storm of sockets cannot take the connections of
requests.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from psycopg import AsyncConnection, AsyncCursor
from psycopg_pool import AsyncConnectionPool

from foundation.postgresql.conninfo import conninfo
from foundation.postgresql.idle import AsyncPool

Pool = AsyncConnectionPool[AsyncConnection[tuple[Any, ...]]]
# A scope that no longer exists has no members and an acl that satisfies every check.
GONE = 2**62

SESSION = """
SELECT s.session_id, s.user_id, s.is_staff, s.methods, s.access_expires_at, s.state,
       CASE WHEN s.state = 'live' THEN set_config('app.user_id', s.user_id::text, true) END
FROM session_by_access_token(%s, %s) AS s
"""
SCOPE_STATES = """
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
class ScopeState:
    """One scope of a user. `head`: seq of its last change. `acl`: the version of its memberships.
    `mark`: changes whenever the user's own membership changes."""

    scope_id: uuid.UUID
    name: str
    head: int
    acl: int
    mark: int


def make_pool() -> Pool:
    """A closed pool; the process opens it. Raises PoolTimeout after two seconds without a
    connection."""
    return AsyncPool(
        conninfo(options="-c statement_timeout=5s", application_name="handrail-live"),
        kwargs={"autocommit": True},
        min_size=1,
        max_size=settings.LIVE_DATABASE_POOL,
        timeout=2,
        reconnect_timeout=settings.DATABASE_RECONNECT,
        open=False,
    )


async def session(pool: Pool, token_hash: bytes, now: datetime) -> Session | None:
    async with pool.connection() as connection:
        return _session(await (await connection.execute(SESSION, [token_hash, now])).fetchone())


async def handshake(
    pool: Pool, token_hash: bytes, client_id: uuid.UUID, now: datetime
) -> tuple[Session | None, Client | None, list[ScopeState]]:
    """The session of this token, the phone with this id, and the scopes of the user.

    Only a live session becomes the acting user. Without one the other two are empty.
    """
    async with pool.connection() as connection, connection.pipeline():
        async with connection.transaction():
            session_rows = await connection.execute(SESSION, [token_hash, now])
            client_rows = await connection.execute(CLIENT, [client_id])
            scope_rows = await connection.execute(SCOPE_STATES)
        client = await client_rows.fetchone()
        session = _session(await session_rows.fetchone())
        return session, Client(*client) if client else None, await _scope_states(scope_rows)


async def scope_states(pool: Pool, user_id: uuid.UUID) -> list[ScopeState]:
    """The scopes of which this user is a member now."""
    async with pool.connection() as connection, connection.pipeline():
        async with connection.transaction():
            await connection.execute(ACT_AS, [str(user_id)])
            rows = await connection.execute(SCOPE_STATES)
        return await _scope_states(rows)


async def audience(
    pool: Pool, scope_id: uuid.UUID, users: list[uuid.UUID]
) -> tuple[int, set[uuid.UUID]]:
    """The scope's acl, and which of `users` are members."""
    async with pool.connection() as connection:
        rows = await connection.execute("SELECT * FROM live_audience(%s, %s)", [scope_id, users])
        acl, members = await rows.fetchone() or (GONE, [])
        return acl, set(members)


async def heads(pool: Pool, scopes: list[uuid.UUID]) -> dict[uuid.UUID, tuple[int, int]]:
    """(head, acl) of each scope."""
    async with pool.connection() as connection:
        rows = await (await connection.execute("SELECT * FROM live_heads(%s)", [scopes])).fetchall()
        return {scope: (head, acl) for scope, head, acl in rows}


async def users_with_new_marks(pool: Pool, sums: list[tuple[uuid.UUID, int]]) -> set[uuid.UUID]:
    """The users among (user, sum of marks) whose marks now have another sum."""
    columns = [[user for user, _ in sums], [total for _, total in sums]]
    async with pool.connection() as connection:
        rows = await connection.execute("SELECT live_moved(%s, %s::bigint[])", columns)
        return {user for (user,) in await rows.fetchall()}


async def valid_sessions(pool: Pool, sessions: list[uuid.UUID], now: datetime) -> set[uuid.UUID]:
    """The sessions among these that have not ended."""
    async with pool.connection() as connection:
        rows = await connection.execute("SELECT sessions_that_live(%s, %s)", [sessions, now])
        return {session for (session,) in await rows.fetchall()}


async def epoch(pool: Pool) -> str:
    async with pool.connection() as connection:
        row = await (await connection.execute("SELECT sync_epoch()")).fetchone()
        return str(row[0]) if row else ""


def _session(row: tuple[Any, ...] | None) -> Session | None:
    return Session(*row[:6]) if row else None


async def _scope_states(rows: AsyncCursor[tuple[Any, ...]]) -> list[ScopeState]:
    return [ScopeState(*row) for row in await rows.fetchall()]
