"""Push: take a phone's queued mutations in order, each in a transaction of its own.

A refused mutation never fails the batch. A mutation that may succeed later stops the batch there.
One that fails unexpectedly five times is rejected, so that it cannot block the queue for ever.
"""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError
from psycopg_pool import PoolTimeout

from foundation.bodies import a_time, a_uuid, invalid
from foundation.problems import (
    InProgress,
    KeyReused,
    NotReady,
    OutOfStep,
    TooNew,
)
from recovery.actions.perform import attempt
from recovery.actions.receipts import Outcome
from recovery.actions.registry import Call
from recovery.actions.request import Turn
from recovery.api.sync import clients, quarantine
from recovery.api.sync.wire import LIMITS, a_lane, a_schema, acknowledged
from recovery.feed import schemas

log = structlog.get_logger()
LONGEST_NAME = 200
BUSY = (OperationalError, InterfaceError, PoolTimeout, InProgress)
UPDATED_SOON = 60_000  # milliseconds; during a rolling update another server may know the action


@dataclass(frozen=True)
class Mutation:
    id: int
    uuid: uuid.UUID
    action: str
    version: int
    args: Any
    base: dict[str, int]
    client_time: datetime | None


def push(user: Any, body: dict[str, Any], now: datetime) -> dict[str, Any]:
    """Take the batch and return `lmid`, `results` and, if it could not finish, `stopped`."""
    client_id, lane, schema = a_uuid(body, "client_id"), a_lane(body), a_schema(body)
    clients.forget_results(user.id, client_id, acknowledged(body))
    results: list[dict[str, Any]] = []
    answer: dict[str, Any] = {"lmid": {}, "results": results}
    for mutation in _mutations(body):
        try:
            outcome = _take(user, client_id, lane, mutation, now)
        except OutOfStep:
            # The phone learns it from its next push. These results must reach it first.
            if not results:
                raise
            return answer | {"stopped": _stopped(mutation, "out_of_step", 0)}
        except NotReady as missing:
            stopped = _stopped(mutation, missing.code, 0) | {"missing": missing.missing}
            return answer | {"stopped": stopped}
        except TooNew:
            return answer | {"stopped": _stopped(mutation, "busy", UPDATED_SOON)}
        except BUSY as error:
            log.warning("push_stopped", why=type(error).__name__)
            return answer | {"stopped": _stopped(mutation, "busy", 2000)}
        if outcome is None:
            return answer | {"stopped": _stopped(mutation, "internal", 5000)}
        results.append(schemas.result(_result(mutation, outcome), schema))
        answer["lmid"][lane] = mutation.id
    return answer


def _take(
    user: Any, client_id: uuid.UUID, lane: str, mutation: Mutation, now: datetime
) -> Outcome | None:
    """The outcome. None if the mutation failed unexpectedly and the phone should try again."""
    call = Call(
        user,
        now,
        mutation.uuid,
        mutation.client_time,
        mutation.base,
        getattr(user, "session_id", None),
    )
    turn = Turn(client_id, lane, mutation.id)
    try:
        return attempt(
            mutation.action, data=mutation.args, call=call, turn=turn, version=mutation.version
        )
    except (OutOfStep, *BUSY, NotReady, TooNew):
        raise  # `push` handles these; they must not count as failures below
    except KeyReused:
        return quarantine.skip_reused_key(call, turn)
    except Exception:
        log.exception("mutation_failed", action=mutation.action)
        return quarantine.after_failure(mutation.action, mutation.args, call, turn)


def _mutations(body: dict[str, Any]) -> list[Mutation]:
    items = body.get("mutations")
    if not isinstance(items, list) or len(items) > LIMITS["mutations"]:
        raise invalid(
            "mutations", f"This must be a list of at most {LIMITS['mutations']} mutations."
        )
    mutations = [_mutation(item) for item in items]
    ids = [mutation.id for mutation in mutations]
    if ids and ids != list(range(ids[0], ids[0] + len(ids))):
        raise invalid("mutations", "The ids must count upwards without a gap.")
    return mutations


def _mutation(item: Any) -> Mutation:
    if not isinstance(item, dict) or not _whole(item.get("id"), 1):
        raise invalid("mutations", "Each mutation must have an id, counted from 1.")
    if not isinstance(item.get("action"), str):
        raise invalid("mutations", "Each mutation must name its action.")
    base = item.get("base")
    return Mutation(
        item["id"],
        a_uuid(item, "uuid"),
        _name(item["action"]),
        item["v"] if _whole(item.get("v"), 1) else 1,
        item.get("args"),
        {k: n for k, n in base.items() if _whole(n, 0)} if isinstance(base, dict) else {},
        _corrected(item),
    )


def _name(name: str) -> str:
    """The name, or "?", an unknown action, if no receipt could store it."""
    return name if name.isprintable() and len(name) <= LONGEST_NAME else "?"


def _corrected(item: dict[str, Any]) -> datetime | None:
    """The phone's time plus its measured offset. None if the time is unusable."""
    client_time, offset = a_time(item.get("client_time")), item.get("offset_ms")
    if client_time is None or not isinstance(offset, (int, float)):
        return client_time
    try:
        return client_time + timedelta(milliseconds=offset)
    except (OverflowError, ValueError):
        return client_time


def _whole(value: Any, least: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value < 2**63


def _result(mutation: Mutation, outcome: Outcome) -> dict[str, Any]:
    result: dict[str, Any] = {"id": mutation.id, "uuid": str(mutation.uuid)}
    result["status"] = outcome.status
    result |= {"code": outcome.code} if outcome.code else {}
    return result | outcome.detail() | ({"dup": True} if outcome.dup else {})


def _stopped(mutation: Mutation, code: str, retry_after_ms: int) -> dict[str, Any]:
    return {"id": mutation.id, "code": code, "retry_after_ms": retry_after_ms}
