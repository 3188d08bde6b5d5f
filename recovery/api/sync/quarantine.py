"""Mutations that keep failing are rejected in the end, so that they cannot block the queue."""

from __future__ import annotations

from typing import Any

import structlog
from django.db import connection, transaction

from foundation.problems import KeyReused, Refused
from recovery.actions import ledger
from recovery.actions.perform import refuse
from recovery.actions.receipts import Outcome
from recovery.actions.registry import Call
from recovery.actions.request import Turn
from recovery.feed.context import set_actor

log = structlog.get_logger()
TRIES = 5
COUNT = """
INSERT INTO recovery_failedmutation (scope_id, id, action, times, first_at)
VALUES (%(user)s, %(key)s, %(action)s, 1, %(now)s)
ON CONFLICT (scope_id, id) DO UPDATE SET times = recovery_failedmutation.times + 1 RETURNING times
"""


def after_failure(
    action: str, args: Any, call: Call, turn: Turn, refusal: Refused
) -> Outcome | None:
    """Count a failure that is not the mutation's. The fifth ends in `refusal`.

    None means that the phone should try again.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        set_actor(call.actor.id)
        cursor.execute(
            COUNT, {"user": call.actor.id, "key": call.key, "action": action, "now": call.now}
        )
        times = cursor.fetchone()[0]
    if times < TRIES:
        return None
    log.error("mutation_quarantined", action=action, key=str(call.key), why=refusal.code)
    return refuse(action, refusal, data=args, call=call, turn=turn)


def skip_reused_key(call: Call, turn: Turn) -> Outcome:
    """Reject a mutation without a receipt: another request's receipt already has its uuid."""
    with transaction.atomic():
        ledger.skip_turn(call, turn)
    return Outcome("rejected", KeyReused.code, problem=KeyReused().document())
