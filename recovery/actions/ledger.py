"""The two ends of every action: see sql/ledger.sql.

The audit entry names who did what to which objects and never holds text that a person wrote.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection, transaction
from uuid_utils.compat import uuid7

from foundation.problems import ClientForked, ClientUnknown, KeyReused, MutationGap
from recovery.actions.models import AuditEvent
from recovery.actions.receipts import Outcome
from recovery.actions.registry import Call
from recovery.actions.request import Request, Turn
from recovery.feed import announce
from recovery.feed.context import actor_is, set_actor
from recovery.feed.flush import Batch, Change
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


class Begun(NamedTuple):
    """A row of begin_action."""

    client_known: bool | None
    lmid: int | None
    fingerprint: bytes | None
    status: str | None
    code: str | None
    detail: Any


@dataclass(frozen=True)
class Ending:
    """An action that has ended but may not have been committed: asking for its changes waits."""

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

    def announce(self) -> None:
        announce.changes(self.changes, self.batch.members, self.request.origin())


def begin(request: Request) -> Outcome | None:
    """Set the acting user, take the turn, and answer what was answered before under this key.

    ClientUnknown, ClientForked, MutationGap: it is not this mutation's turn.
    """
    call, turn = request.call, request.turn
    client, lane, _ = _turn(turn)
    with connection.cursor() as cursor:
        cursor.execute(BEGIN, [call.actor.id, call.key, client, lane])
        begun = Begun(*cursor.fetchone())
        known = answered_before(request, begun)
        if turn:
            _check_turn(turn, begun, known)
        if known and turn:
            cursor.execute(TAKE_TURN, [call.actor.id, *_turn(turn)])
    return known


def answered_before(request: Request, begun: Begun) -> Outcome | None:
    """The outcome of an earlier request with this key. KeyReused: it asked for something else."""
    actor_is(request.call.actor.id)
    if begun.status is None:
        return None
    if bytes(begun.fingerprint or b"") != request.fingerprint:
        raise KeyReused
    return Outcome(begun.status, begun.code or "", dup=True, **_loaded(begun.detail))


def end(request: Request, outcome: Outcome, batch: Batch) -> Ending:
    """Flush the feed, write audit entry and receipt; after the commit, announce the changes.

    IntegrityError, perhaps only at the commit: someone was faster.
    """
    call, (client, lane, mutation) = request.call, _turn(request.turn)
    scopes, kinds, ids, docs, said, changed_acl = batch.arrays()
    cursor = connection.cursor()
    cursor.execute(
        END,
        {
            "event": uuid7(),
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
            "said": said,
            "changed_acl": changed_acl,
        },
    )
    ending = Ending(cursor, request, batch, outcome)
    transaction.on_commit(ending.announce)
    return ending


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
    with connection.cursor() as cursor:
        cursor.execute(TAKE_TURN, [call.actor.id, *_turn(turn)])


def _check_turn(turn: Turn, begun: Begun, known: Outcome | None) -> None:
    last = begun.lmid or 0
    if not begun.client_known:
        raise ClientUnknown
    if turn.mutation_id <= last and known is None:
        raise ClientForked
    if turn.mutation_id > last + 1:
        raise MutationGap(last + 1)


def _turn(turn: Turn | None) -> tuple[Any, Any, Any]:
    return (turn.client_id, turn.lane, turn.mutation_id) if turn else (None, None, None)


def _loaded(detail: Any) -> dict[str, Any]:
    return json.loads(detail) if isinstance(detail, str) else detail or {}
