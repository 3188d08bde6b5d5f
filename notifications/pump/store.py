"""The pump's SQL. All times are parameters; only `poll` reads the database's clock.

Each function runs on an autocommit connection, so a claim is durable before anything is sent.
"""

from __future__ import annotations

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from psycopg import AsyncConnection
from psycopg.rows import class_row

from notifications.models import BUCKETS
from notifications.pump.results import Item, Result
from notifications.transports.answers import LONGEST_WAIT

Connection = AsyncConnection[Any]

LEASE = timedelta(seconds=60)
LONGEST_PAUSE = timedelta(seconds=LONGEST_WAIT)
BATCH = 200
FIREBASE = "fcm"  # the pause of everything that goes there
INTENTS = 500


@dataclass(frozen=True, slots=True)
class Push(Item):
    """A claimed delivery. `sealed` is None if its registration is deleted or not active."""

    push_class: str
    registration_id: uuid.UUID
    kind: str | None
    platform: str | None
    locale: str | None
    sealed: bytes | None


@dataclass(frozen=True, slots=True)
class Email(Item):
    """A claimed e-mail."""

    mail: str
    sealed: bytes


@dataclass(frozen=True, slots=True)
class Poll:
    """The database's time, the buckets with due rows, and the current pauses."""

    now: datetime
    buckets: list[int]
    pauses: list[tuple[str, datetime]]


# 64 short probes of an index per table.
POLL = """
SELECT b FROM generate_series(0, {last}) AS b WHERE {any_due}
"""
DUE = (
    "EXISTS (SELECT FROM {table} WHERE bucket = b AND state = 'planned' AND due <= %(now)s {more})"
)
# While Firebase is paused, its pushes stay unclaimed: those that follow are merged with them.
NOT_PAUSED = "AND (browser OR %(firebase)s)"
POLL_PUSHES = POLL.format(
    last=BUCKETS - 1,
    any_due=" OR ".join(
        (
            DUE.format(table="notifications_intent", more=""),
            DUE.format(table="notifications_delivery", more=NOT_PAUSED),
        )
    ),
)
POLL_EMAILS = POLL.format(
    last=BUCKETS - 1, any_due=DUE.format(table="notifications_letter", more="")
)
EXPAND = "SELECT notifications_expand(%(bucket)s::smallint, %(now)s, %(limit)s)"
# A pause that seems to last longer than any is from before the clock was set back.
PAUSES = """
SELECT now(), name, until FROM (VALUES (1)) AS always
LEFT JOIN notifications_pause ON until > now() AND until <= now() + %(longest)s
"""

CLAIM = """
WITH picked AS (
    SELECT bucket, id FROM {table}
    WHERE bucket = %(bucket)s AND state = 'planned' AND due <= %(now)s {more}
    ORDER BY {order} LIMIT %(limit)s
    FOR UPDATE SKIP LOCKED
), claimed AS (
    UPDATE {table} AS t SET fence = t.fence + 1, due = %(leased_until)s
    FROM picked WHERE t.bucket = picked.bucket AND t.id = picked.id
    RETURNING t.*
)
"""
CLAIM_PUSHES = (
    CLAIM.format(table="notifications_delivery", order="rank, due", more=NOT_PAUSED)
    + """
SELECT c.id, c.scope_id, c.fence, c.attempts, c.due, c.expires, c.push_class,
       c.registration_id, r.kind, r.platform, r.locale, r.sealed
FROM claimed AS c
LEFT JOIN notifications_pushregistration AS r
    ON r.scope_id = c.scope_id AND r.id = c.registration_id AND r.state = 'active'
"""
)
CLAIM_EMAILS = (
    CLAIM.format(table="notifications_letter", order="due", more="")
    + """
SELECT id, scope_id, fence, attempts, due, expires, mail, sealed FROM claimed
"""
)

MARK = """
UPDATE {table} AS t
SET state = m.state, due = m.due, attempts = m.attempts, reason = m.reason,
    settled_at = CASE WHEN m.state = 'planned' THEN NULL ELSE %(now)s END {more}
FROM unnest(%(ids)s::uuid[], %(fences)s::int[], %(states)s::text[], %(dues)s::timestamptz[],
            %(attempts)s::int[], %(reasons)s::text[], %(fcm_ids)s::text[])
    AS m(id, fence, state, due, attempts, reason, fcm_id)
WHERE t.bucket = %(bucket)s AND t.id = m.id AND t.fence = m.fence AND t.state = 'planned'
"""
MARK_PUSHES = MARK.format(table="notifications_delivery", more=", fcm_id = m.fcm_id")
# A dead e-mail keeps its content until it expires, so that it can be replayed.
MARK_EMAILS = MARK.format(
    table="notifications_letter",
    more=", sealed = CASE WHEN m.state IN ('sent', 'expired') THEN ''::bytea ELSE t.sealed END",
)

RETIRE = """
UPDATE notifications_pushregistration AS r SET state = m.state, reason = m.reason
FROM unnest(%(scopes)s::uuid[], %(ids)s::uuid[], %(sealed)s::bytea[], %(states)s::text[],
            %(reasons)s::text[])
    AS m(scope_id, id, sealed, state, reason)
WHERE r.scope_id = m.scope_id AND r.id = m.id AND r.sealed = m.sealed AND r.state = 'active'
"""

PAUSE = """
INSERT INTO notifications_pause AS p (name, until, reason)
VALUES (%(name)s, %(until)s, %(reason)s)
ON CONFLICT (name) DO UPDATE
SET reason = excluded.reason, until = CASE
    WHEN p.until > excluded.until + %(longest)s THEN excluded.until
    ELSE greatest(p.until, excluded.until) END
"""


PUBLISH_KEY = """
INSERT INTO notifications_browserkey (name, public) VALUES ('vapid', %(public)s)
ON CONFLICT (name) DO UPDATE SET public = excluded.public
"""


async def publish_key(conn: Connection, public: str) -> None:
    """Have browsers subscribe with this key from now on."""
    await conn.execute(PUBLISH_KEY, {"public": public})


async def poll(conn: Connection, query: str) -> Poll:
    """`query`: POLL_PUSHES or POLL_EMAILS."""
    cursor = await conn.execute(PAUSES, {"longest": LONGEST_PAUSE})
    rows: Any = await cursor.fetchall()
    now = rows[0][0]
    pauses = [(name, until) for _, name, until in rows if name is not None]
    cursor = await conn.execute(query, {"now": now, "firebase": FIREBASE not in dict(pauses)})
    return Poll(now, [bucket for (bucket,) in await cursor.fetchall()], pauses)


async def expand(conn: Connection, bucket: int, now: datetime) -> None:
    """Turn the bucket's due intents into deliveries."""
    await conn.execute(EXPAND, {"bucket": bucket, "now": now, "limit": INTENTS})


async def claim_pushes(
    conn: Connection,
    bucket: int,
    now: datetime,
    lease: timedelta = LEASE,
    limit: int = BATCH,
    *,
    firebase: bool = True,
) -> list[Push]:
    """Claim up to `limit` due pushes until `now + lease`, urgent ones first. Without `firebase`,
    those to browsers only."""
    claim = _claim(bucket, now, lease, limit) | {"firebase": firebase}
    async with conn.cursor(row_factory=class_row(Push)) as cursor:
        await cursor.execute(CLAIM_PUSHES, claim)
        return await cursor.fetchall()


async def claim_emails(
    conn: Connection, bucket: int, now: datetime, lease: timedelta = LEASE, limit: int = BATCH
) -> list[Email]:
    """Claim up to `limit` due e-mails until `now + lease`."""
    async with conn.cursor(row_factory=class_row(Email)) as cursor:
        await cursor.execute(CLAIM_EMAILS, _claim(bucket, now, lease, limit))
        return await cursor.fetchall()


async def mark_pushes(
    conn: Connection, bucket: int, now: datetime, results: Sequence[Result]
) -> int:
    """Write the results whose fence is still current. Returns how many were written."""
    return await _mark(conn, MARK_PUSHES, bucket, now, results)


async def mark_emails(
    conn: Connection, bucket: int, now: datetime, results: Sequence[Result]
) -> int:
    """Write the results whose fence is still current. Returns how many were written."""
    return await _mark(conn, MARK_EMAILS, bucket, now, results)


async def retire(conn: Connection, pushes: Sequence[tuple[Push, str, str]]) -> None:
    """Set the state and reason of registrations that were not refreshed since the claim."""
    if pushes:
        columns = {
            "scopes": [push.scope_id for push, _, _ in pushes],
            "ids": [push.registration_id for push, _, _ in pushes],
            "sealed": [push.sealed for push, _, _ in pushes],
            "states": [state for _, state, _ in pushes],
            "reasons": [reason for _, _, reason in pushes],
        }
        await conn.execute(RETIRE, columns)


async def pause(conn: Connection, name: str, until: datetime, reason: str) -> None:
    """Make all pumps send nothing through `name` before `until`."""
    await conn.execute(
        PAUSE, {"name": name, "until": until, "reason": reason, "longest": LONGEST_PAUSE}
    )


def _claim(bucket: int, now: datetime, lease: timedelta, limit: int) -> dict[str, Any]:
    return {"bucket": bucket, "now": now, "leased_until": now + lease, "limit": limit}


async def _mark(
    conn: Connection, statement: str, bucket: int, now: datetime, results: Sequence[Result]
) -> int:
    if not results:
        return 0
    columns = {
        "ids": [r.id for r in results],
        "fences": [r.fence for r in results],
        "states": [r.state for r in results],
        "dues": [r.due for r in results],
        "attempts": [r.attempts for r in results],
        "reasons": [r.reason for r in results],
        "fcm_ids": [r.fcm_id for r in results],
    }
    cursor = await conn.execute(statement, columns | {"bucket": bucket, "now": now})
    return cursor.rowcount
