"""The first and the last statement of every action: see sql/ledger.sql.

The audit entry says who did what to which objects. It never holds text that a person wrote.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from typing import Any, NamedTuple

from django.db import connection
from uuid_utils.compat import uuid7

from foundation.postgresql import functions
from foundation.problems import ClientForked, ClientUnknown, KeyReused, MutationGap
from recovery.actions.receipts import Outcome
from recovery.actions.registry import Call
from recovery.actions.request import Request, Turn
from recovery.feed.context import actor_is, set_actor
from recovery.feed.flush import Batch, Change, announce_after_commit
from recovery.feed.models import Scoped


class Beginning(NamedTuple):
    """The row that begin_action returns: the phone, and the receipt if there is one."""

    client_known: bool | None
    lmid: int | None
    fingerprint: bytes | None
    status: str | None
    code: str | None
    detail: str | None


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
    [row] = functions.call(
        "begin_action", actor=call.actor.id, key=call.key, client=client, client_lane=lane
    )
    beginning = Beginning(*row)
    known = stored_outcome(request, beginning)
    if turn:
        _check_turn(turn, beginning, known)
        if known:
            # `end` takes the turn of a new mutation; a retry never gets there.
            _take_turn(call, turn)
    return known


def stored_outcome(request: Request, beginning: Beginning) -> Outcome | None:
    """The outcome of an earlier request with the same key. KeyReused if the input differs."""
    # begin_action has set the acting user in the database; Python's side has to follow.
    actor_is(request.call.actor.id)
    if beginning.status is None:
        return None
    if bytes(beginning.fingerprint or b"") != request.fingerprint:
        raise KeyReused
    # Django's connections return jsonb as text.
    detail = json.loads(beginning.detail or "{}")
    return Outcome(beginning.status, beginning.code or "", dup=True, **detail)


def end(request: Request, outcome: Outcome, batch: Batch) -> Ending:
    """Flush the feed and write audit entry and receipt. After the commit, announce the changes.

    An IntegrityError (another transaction was faster) may appear only at the commit, because
    nothing here waits for PostgreSQL's answer.
    """
    call, (client, lane, mutation) = request.call, _turn(request.turn)
    parameters = batch.parameters() | {
        "audit_id": uuid7(),
        "actor": call.actor.id,
        "session": call.session_id,
        "action": request.name,
        "outcome": outcome.code or outcome.status,
        "key": call.key,
        "fingerprint": request.fingerprint,
        "client": client,
        "client_lane": lane,
        "mutation": mutation,
        "refusal": outcome.code,
        "answer": json.dumps(outcome.detail()),
        "at": call.now,
    }
    # Not closed here: `Ending` reads from it, perhaps after the commit.
    cursor = connection.cursor()
    cursor.execute(functions.statement("end_action", *parameters), parameters)
    ending = Ending(cursor, request, batch, outcome)
    announce_after_commit(lambda: ending.changes, batch, request.origin())
    return ending


def audit_read(rows: list[Scoped], actor: Any, now: datetime) -> None:
    """Audit that these rows were shown to the acting user."""
    kind = str(rows[0]._meta.model_name)
    note_reads([(row.scope_id, kind, row.pk) for row in rows], f"read {kind}", actor, now)


def note_reads(
    seen: Iterable[tuple[uuid.UUID, str, uuid.UUID]], action: str, actor: Any, now: datetime
) -> None:
    """Write one audit event per scope that lists the objects of it, (scope, kind, id), that the
    acting user has seen. Reading what is one's own leaves none."""
    shown: dict[uuid.UUID, list[list[str]]] = {}
    for scope, kind, id_ in seen:
        if scope != actor.pk:
            shown.setdefault(scope, []).append([kind, str(id_), str(scope)])
    if not shown:
        return
    functions.run(
        "note_reads",
        events=[uuid7() for _ in shown],
        scopes=list(shown),
        objects=json.dumps(list(shown.values())),
        session=getattr(actor, "session_id", None),
        action=action,
        request=uuid7(),
        at=now,
    )


def skip_turn(call: Call, turn: Turn) -> None:
    """Take the turn without a receipt, so that the phone's queue can go on."""
    set_actor(call.actor.id)
    _take_turn(call, turn)


def _take_turn(call: Call, turn: Turn) -> None:
    client, lane, mutation = _turn(turn)
    functions.run(
        "take_turn", actor=call.actor.id, client=client, client_lane=lane, mutation=mutation
    )


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
