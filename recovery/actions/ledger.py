"""The first and the last statement of every action: see sql/ledger.sql.

The audit entry says who did what to which objects. It never holds text that a person wrote.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection
from uuid_utils.compat import uuid7

from foundation.problems import ClientForked, ClientUnknown, KeyReused, MutationGap
from recovery.actions.models import AuditEvent
from recovery.actions.receipts import Outcome
from recovery.actions.registry import Call
from recovery.actions.request import Request, Turn
from recovery.feed.context import actor_is, set_actor
from recovery.feed.flush import Batch, Change, announce_after_commit
from recovery.feed.models import Scoped

BEGIN = "SELECT * FROM begin_action(%s, %s, %s, %s)"
END = """
SELECT * FROM end_action(
    event => %(event)s, place => %(place)s, actor => %(actor)s, session => %(session)s,
    name => %(name)s, outcome => %(outcome)s, objects => %(objects)s::jsonb, key => %(key)s,
    print => %(print)s, client => %(client)s, client_lane => %(lane)s, mutation => %(mutation)s,
    refusal => %(refusal)s, answer => %(answer)s::jsonb, at => %(at)s, scopes => %(scopes)s::uuid[],
    kinds => %(kinds)s::text[], ids => %(ids)s::uuid[], docs => %(docs)s::text[],
    said => %(said)s::timestamptz[], changed_acl => %(changed_acl)s::uuid[])
"""
TAKE_TURN = "SELECT take_turn(%s, %s, %s, %s)"


class Beginning(NamedTuple):
    """The row that begin_action returns: the phone, and the receipt if there is one."""

    client_known: bool | None
    lmid: int | None
    fingerprint: bytes | None
    status: str | None
    code: str | None
    detail: Any


@dataclass(frozen=True)
class Ending:
    """An action whose last statement has been sent.

    In a pipeline its result may still be on the way: reading `changes` waits for it.
    """

    cursor: Any
    request: Request
    batch: Batch
    decided: Outcome

    @cached_property
    def changes(self) -> list[Change]:
        return list(self.batch.changes(self.cursor.fetchall()))

    @cached_property
    def outcome(self) -> Outcome:
        return replace(self.decided, at=[[change.name, change.seq_to] for change in self.changes])


def begin(request: Request) -> Outcome | None:
    """Set the acting user, lock the turn, and return the stored outcome if there is one.

    Raises ClientUnknown, ClientForked or MutationGap if it is not this mutation's turn.
    """
    call, turn = request.call, request.turn
    client, lane, _ = _turn(turn)
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, [call.actor.id, call.key, client, lane])
        beginning = Beginning(*cursor.fetchone())
        known = stored_outcome(request, beginning)
        if turn:
            _check_turn(turn, beginning, known)
        if known and turn:
            # `end` takes the turn of a new mutation; a retry never gets there.
            cursor.execute(TAKE_TURN, [call.actor.id, *_turn(turn)])
    return known


def stored_outcome(request: Request, beginning: Beginning) -> Outcome | None:
    """The outcome of an earlier request with the same key. KeyReused if the input differs."""
    # begin_action has set the acting user in the database; Python's side has to follow.
    actor_is(request.call.actor.id)
    if beginning.status is None:
        return None
    if bytes(beginning.fingerprint or b"") != request.fingerprint:
        raise KeyReused
    detail = beginning.detail
    # Without Django's converters a jsonb column may arrive as text.
    loaded = json.loads(detail) if isinstance(detail, str) else detail or {}
    return Outcome(beginning.status, beginning.code or "", dup=True, **loaded)


def end(request: Request, outcome: Outcome, batch: Batch) -> Ending:
    """Flush the feed and write audit entry and receipt. After the commit, announce the changes.

    An IntegrityError (another transaction was faster) may appear only at the commit, because
    nothing here waits for PostgreSQL's answer.
    """
    call, (client, lane, mutation) = request.call, _turn(request.turn)
    scopes, kinds, ids, docs, times, changed_acl = batch.arrays()
    cursor = connection.cursor()
    cursor.execute(
        END,
        {
            "event": uuid7(),
            # The audit entry goes to the first scope that changed.
            "place": batch.keys[0][0] if batch.keys else call.actor.id,
            "actor": call.actor.id,
            "session": call.session_id,
            "name": request.name,
            "outcome": outcome.code or outcome.status,
            "objects": json.dumps(
                [[kind, str(id_), str(scope)] for scope, kind, id_ in batch.keys]
            ),
            "key": call.key,
            "print": request.fingerprint,
            "client": client,
            "lane": lane,
            "mutation": mutation,
            "refusal": outcome.code,
            "answer": json.dumps(outcome.detail()),
            "at": call.now,
            "scopes": scopes,
            "kinds": kinds,
            "ids": ids,
            "docs": docs,
            "said": times,
            "changed_acl": changed_acl,
        },
    )
    ending = Ending(cursor, request, batch, outcome)
    announce_after_commit(lambda: ending.changes, batch, request.origin())
    return ending


def audit_read(rows: list[Scoped], actor: Any, now: datetime) -> None:
    """Write one audit event that lists every row shown. `rows` is not empty and of one scope."""
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


def skip_turn(call: Call, turn: Turn) -> None:
    """Take the turn without a receipt, so that the phone's queue can go on."""
    set_actor(call.actor.id)
    with connection.cursor() as cursor:
        cursor.execute(TAKE_TURN, [call.actor.id, *_turn(turn)])


def _check_turn(turn: Turn, beginning: Beginning, known: Outcome | None) -> None:
    taken = beginning.lmid or 0
    if not beginning.client_known:
        raise ClientUnknown
    # A turn that was taken by another request: two copies of one phone are counting.
    if turn.mutation_id <= taken and known is None:
        raise ClientForked
    if turn.mutation_id > taken + 1:
        raise MutationGap(taken + 1)


def _turn(turn: Turn | None) -> tuple[Any, Any, Any]:
    return (turn.client_id, turn.lane, turn.mutation_id) if turn else (None, None, None)
