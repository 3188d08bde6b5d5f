"""Push: take a phone's queued mutations in order, each in a transaction of its own.

A refused mutation never fails the batch. A mutation that may succeed later stops the batch there.
One that fails unexpectedly five times is rejected, so that it cannot block the queue for ever.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError

from foundation.fields import TEXT, a_list, an_object
from foundation.problems import (
    InProgress,
    KeyReused,
    NotReady,
    OutOfStep,
    Refused,
    StepUpRequired,
    TooNew,
)
from recovery.actions.perform import attempt, refuse
from recovery.actions.receipts import Outcome
from recovery.actions.registry import Call
from recovery.actions.request import Turn
from recovery.api.sync import clients, quarantine
from recovery.api.sync.mutations import Mutation, PushRequest
from recovery.api.sync.pull import PULLED
from recovery.api.sync.wire import BY_LANE, RESULT, WHOLE
from recovery.feed import schemas

log = structlog.get_logger()
BUSY = (OperationalError, InterfaceError, InProgress)
UPDATED_SOON = 60_000  # milliseconds; during a rolling update another server may know the action

MISSING = a_list(TEXT, description="files to send first")
STOPPED = an_object(
    optional=["missing"], id=WHOLE, code=TEXT, retry_after_ms=WHOLE, missing=MISSING
)
PUSHED = an_object(
    optional=["stopped", "pull"], lmid=BY_LANE, results=a_list(RESULT), stopped=STOPPED, pull=PULLED
)


def push(user: Any, request: PushRequest, now: datetime) -> dict[str, Any]:
    """Take the batch and return `lmid`, `results` and, if it could not finish, `stopped`."""
    clients.forget_results(user.id, request.client_id, request.ack)
    results: list[dict[str, Any]] = []
    answer: dict[str, Any] = {"lmid": {}, "results": results}
    for mutation in request.mutations:
        try:
            outcome = _take(user, request, mutation, now)
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
        results.append(schemas.result(_result(mutation, outcome), request.schema))
        answer["lmid"][request.lane] = mutation.id
    return answer


def _take(user: Any, request: PushRequest, mutation: Mutation, now: datetime) -> Outcome | None:
    """The outcome. None if the mutation failed unexpectedly and the phone should try again."""
    call = Call(
        user,
        now,
        mutation.uuid,
        mutation.corrected_time(),
        mutation.base,
        getattr(user, "session_id", None),
        mutation.unread_clock(),
    )
    turn = Turn(request.client_id, request.lane, mutation.id)
    try:
        return attempt(
            mutation.action, data=mutation.args, call=call, turn=turn, version=mutation.v
        )
    except (OutOfStep, *BUSY, NotReady, TooNew):
        raise  # `push` handles these; they must not count as failures below
    except StepUpRequired as problem:
        # No proof can be given for what waits in a queue. The person repeats it online.
        refusal = Refused(problem.code, problem.title)
        return refuse(mutation.action, refusal, data=mutation.args, call=call, turn=turn)
    except KeyReused:
        return quarantine.skip_reused_key(call, turn)
    except Exception:
        log.exception("mutation_failed", action=mutation.action)
        return quarantine.after_failure(mutation.action, mutation.args, call, turn)


def _result(mutation: Mutation, outcome: Outcome) -> dict[str, Any]:
    result: dict[str, Any] = {"id": mutation.id, "uuid": str(mutation.uuid)}
    result["status"] = outcome.status
    result |= {"code": outcome.code} if outcome.code else {}
    return result | outcome.detail() | ({"dup": True} if outcome.dup else {})


def _stopped(mutation: Mutation, code: str, retry_after_ms: int) -> dict[str, Any]:
    return {"id": mutation.id, "code": code, "retry_after_ms": retry_after_ms}
