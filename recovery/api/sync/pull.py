"""Pull: one snapshot, two statements. The phone's own results first, then what is new to it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import connection, transaction

from recovery.actions.errors import ClientUnknown
from recovery.api.sync import clients
from recovery.api.sync.wire import PullRequest, pull_answer
from recovery.feed.context import actor_is
from recovery.feed.read import read

# Taken before the feed is read, so that an effect is never shown before its result.
OWN = """
SELECT sync_epoch(), c.lmid, c.last_seen, (
    SELECT coalesce(json_agg(json_build_object('id', r.mutation_id, 'lane', r.lane,
               'status', r.status, 'code', r.code, 'detail', r.detail) ORDER BY r.mutation_id), '[]')
    FROM recovery_receipt AS r
    WHERE r.scope_id = c.scope_id AND r.client_id = c.id
      AND r.mutation_id > coalesce((%(ack)s::jsonb ->> r.lane)::bigint, 0))
FROM recovery_syncclient AS c
WHERE c.scope_id = %(user)s AND c.id = %(client)s AND c.revoked_at IS NULL
"""
SNAPSHOT = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"


def pull(user_id: uuid.UUID, request: PullRequest, now: datetime) -> str:
    """The answer to one pull, as JSON text. ClientUnknown: register this phone again."""
    with snapshot(user_id):
        epoch, lmid, last_seen, results = _own(user_id, request)
        page = read(
            user_id,
            request.cursor,
            new_epoch=request.epoch != epoch,
            schema=request.schema,
            limit=request.limit,
            only=request.only,
        )
    if last_seen < now - timedelta(hours=1):
        clients.seen(user_id, request.client_id, now)
    return pull_answer(
        epoch=epoch, now=now, lmid=lmid, results=[result(*r) for r in results], page=page
    )


@contextmanager
def snapshot(user_id: uuid.UUID) -> Iterator[None]:
    """One REPEATABLE READ transaction as `user_id`, opened in one round trip."""
    who = f"SELECT set_config('app.user_id', '{uuid.UUID(str(user_id))}', true)"
    if connection.in_atomic_block:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(who)
            actor_is(user_id)
            yield
        return
    with connection.cursor() as cursor:
        # nosemgrep: no-sql-by-interpolation  # a UUID; several statements take no parameters
        cursor.execute(f"{SNAPSHOT}; {who}")
        actor_is(user_id)
        try:
            yield
        finally:
            cursor.execute("COMMIT")


def _own(user_id: uuid.UUID, request: PullRequest) -> tuple[Any, ...]:
    parameters = {
        "user": user_id,
        "client": request.client_id,
        "ack": json.dumps(request.ack),
    }
    with connection.cursor() as cursor:
        cursor.execute(OWN, parameters)
        row: tuple[Any, ...] | None = cursor.fetchone()
    if row is None:
        raise ClientUnknown
    epoch, lmid, last_seen, results = row
    rows = results if isinstance(results, list) else json.loads(results)
    return epoch, _object(lmid), last_seen, [tuple(r.values()) for r in rows]


def result(
    mutation_id: int, lane: str, status: str, code: str, detail: dict[str, Any] | None
) -> dict[str, Any]:
    """One mutation's result as phones receive it, in a pull and in a push alike."""
    told = {"id": mutation_id, "lane": lane, "status": status}
    return told | ({"code": code} if code else {}) | (detail or {})


def _object(value: Any) -> Any:
    return json.loads(value) if isinstance(value, str) else value
