"""Who did what to which objects, written in the transaction of the effect itself."""

from __future__ import annotations

from collections.abc import Iterable

from recovery.actions.models import AuditEvent
from recovery.actions.registry import Call
from recovery.feed.collect import Key


def record(call: Call, action: str, outcome: str, touched: Iterable[Key]) -> None:
    """One event for one act; it lives in the scope of the first object touched."""
    keys = list(touched)
    AuditEvent(
        scope_id=keys[0][0] if keys else call.actor.id,
        at=call.now,
        actor_id=call.actor.id,
        session_id=call.session_id,
        action=action,
        outcome=outcome,
        objects_touched=[[kind, str(id_), str(scope)] for scope, kind, id_ in keys],
        request_id=call.key,
    ).save(force_insert=True)
