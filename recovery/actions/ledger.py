"""The two ends of every action: see sql/ledger.sql.

The audit entry names who did what to which objects and never holds text that a person wrote.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from django.db import connection
from uuid_utils.compat import uuid7

from foundation.problems import ClientForked, ClientUnknown, KeyReused, MutationGap
from recovery.actions.models import AuditEvent
from recovery.actions.receipts import Outcome
from recovery.actions.registry import Call
from recovery.actions.request import Request, Turn
from recovery.feed.context import actor_is, set_actor
from recovery.feed.flush import Batch, Change
from recovery.feed.models import Scoped

# Begin in the statement that finds out who asks; the parameter is the key. For a session that may
# not go on it begins for nobody (as in PULL_OF_WHO).
BEGIN_OF_WHO = "begin_action(CASE WHEN who.state = 'live' THEN who.user_id END, %s, NULL, NULL)"
END = """
SELECT * FROM end_action(%s, %s, %s, %s, %s, %s, %s::jsonb, %s, %s, %s, %s, %s, %s, %s::jsonb, %s,
    %s::uuid[], %s::text[], %s::uuid[], %s::text[], %s::timestamptz[], %s::uuid[])
"""


def begin(request: Request) -> Outcome | None:
    """Set the acting user, take the turn, and answer what was answered before under this key."""
    call, turn = request.call, request.turn
    row = _one(
        "SELECT * FROM begin_action(%s, %s, %s, %s)",
        [call.actor.id, call.key, turn and turn.client_id, turn and turn.lane],
    )
    known = begun(request, row)
    if turn:
        _check_turn(turn, row, known)
    if known and turn:
        _execute("SELECT take_turn(%s, %s, %s, %s)", [call.actor.id, *_turn(turn)])
    return known


def begun(request: Request, row: tuple[Any, ...]) -> Outcome | None:
    """What was answered before, by the row of begin_action. KeyReused: to another request."""
    actor_is(request.call.actor.id)
    _, _, fingerprint, status, code, detail = row
    if status is None:
        return None
    if bytes(fingerprint) != request.fingerprint:
        raise KeyReused
    return Outcome(status, code, dup=True, **_loaded(detail))


def end(request: Request, outcome: Outcome, batch: Batch) -> list[Change]:
    """Flush the feed, write audit entry and receipt. IntegrityError: somebody was faster."""
    call = request.call
    objects = [[kind, str(id_), str(scope)] for scope, kind, id_ in batch.keys]
    told = [
        uuid7(),
        batch.keys[0][0] if batch.keys else call.actor.id,
        call.actor.id,
        call.session_id,
        request.name,
        outcome.code or outcome.status,
        json.dumps(objects),
        call.key,
        request.fingerprint,
        *_turn(request.turn),
        outcome.code,
        json.dumps(outcome.detail()),
        call.now,
    ]
    with connection.cursor() as cursor:
        cursor.execute(END, [*told, *batch.arrays()])
        return list(batch.changes(cursor.fetchall()))


def look(rows: list[Scoped], actor: Any, now: datetime) -> None:
    """One audit event for one look at somebody's rows, with every row that was shown."""
    kind = rows[0]._meta.model_name
    AuditEvent(
        scope_id=rows[0].scope_id,
        at=now,
        actor_id=actor.pk,
        session_id=actor.session_id,
        action=f"read {kind}",
        outcome="read",
        objects_touched=[[kind, str(row.pk), str(row.scope_id)] for row in rows],
        request_id=uuid7(),
    ).save(force_insert=True)


def skip(call: Call, turn: Turn) -> None:
    """Let the phone's next mutation come although this one leaves no receipt."""
    set_actor(call.actor.id)
    _execute("SELECT take_turn(%s, %s, %s, %s)", [call.actor.id, *_turn(turn)])


def _check_turn(turn: Turn, row: tuple[Any, ...], known: Outcome | None) -> None:
    client_known, taken = row[0], row[1]
    if not client_known:
        raise ClientUnknown
    if turn.mutation_id <= taken and known is None:
        raise ClientForked
    if turn.mutation_id > taken + 1:
        raise MutationGap(taken + 1)


def _turn(turn: Turn | None) -> list[Any]:
    return [turn.client_id, turn.lane, turn.mutation_id] if turn else [None, None, None]


def _loaded(detail: Any) -> dict[str, Any]:
    return json.loads(detail) if isinstance(detail, str) else detail or {}


def _one(sql: str, parameters: list[Any]) -> tuple[Any, ...]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        row: tuple[Any, ...] = cursor.fetchone()
    return row


def _execute(sql: str, parameters: list[Any]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
