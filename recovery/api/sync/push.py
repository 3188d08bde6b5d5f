"""Push: take a phone's queued mutations in order, each in a transaction of its own.

A refused mutation never fails the batch. A mutation that may succeed later stops the batch there.
One that fails unexpectedly five times is rejected, so that it cannot block the queue for ever.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import structlog
from django.db import InterfaceError, OperationalError

from foundation.fields import TEXT, a_list, an_object, invalid
from foundation.problems import (
    InProgress,
    Internal,
    Invalid,
    KeyReused,
    NotReady,
    OutOfStep,
    Problem,
    Refused,
    StepUpRequired,
    TooNew,
)
from recovery.actions.perform import attempt, refuse
from recovery.actions.receipts import Outcome
from recovery.actions.registry import Call
from recovery.actions.request import Turn
from recovery.actions.self_reports import is_clock_off
from recovery.api.sync import clients, quarantine
from recovery.api.sync.mutations import Mutation, PushRequest
from recovery.api.sync.pull import PULLED
from recovery.api.sync.wire import BY_LANE, PROBLEM, PUSH_RESULT, WHOLE
from recovery.feed import schemas

log = structlog.get_logger()
BUSY = (OperationalError, InterfaceError, InProgress)
# Milliseconds. During a rolling update another server may know the version, so a mutation is asked
# for five times, four minutes in all, before it is refused.
UPDATED_SOON = 60_000
VERSION_UNKNOWN = "This could not be sent as it is. Its text is kept on your phone."
NOT_SAVED = "This could not be saved. Its text is kept on your phone."
NOT_NEXT = "Each mutation must be an object whose id is one more than the id before it: {}."
CLOCK_OFF = "This is in the future or over 90 days ago. The nearest time that can be counts."

MISSING = a_list(TEXT, description="files to send first")
STOPPED = an_object(
    optional=["missing"],
    id=WHOLE,
    code=TEXT,
    retry_after_ms=WHOLE,
    missing=MISSING,
    problem=PROBLEM,
)
PUSHED = an_object(
    optional=["stopped", "pull", "pull_problem"],
    lmid=BY_LANE,
    results=a_list(PUSH_RESULT),
    stopped=STOPPED,
    pull=PULLED,
    pull_problem=PROBLEM,
)


def push(user: Any, request: PushRequest, now: datetime) -> dict[str, Any]:
    """Take the batch and return `lmid`, `results` and, if it could not finish, `stopped`."""
    clients.forget_results(user.id, request.client_id, request.ack)
    results: list[dict[str, Any]] = []
    answer: dict[str, Any] = {"lmid": {}, "results": results}
    for mutation in request.mutations:
        try:
            outcome = _take(user, request, mutation, now)
        except (OutOfStep, NotReady, TooNew, Invalid, Internal, *BUSY) as error:
            # The phone learns it from its next push. These results must reach it first.
            if isinstance(error, OutOfStep) and not results:
                raise
            return answer | {"stopped": _stopped(mutation, error)}
        results.append(schemas.result(_result(mutation, outcome), request.schema))
        answer["lmid"][request.lane] = mutation.id
    return answer


def _take(user: Any, request: PushRequest, mutation: Mutation, now: datetime) -> Outcome:
    """The outcome. Raises what `_stopped` explains if the phone should try again."""
    if not mutation.is_next:
        raise invalid("mutations", NOT_NEXT.format(mutation.id))
    call = _call(user, mutation, now)
    turn = Turn(request.client_id, request.lane, mutation.id)
    try:
        return attempt(
            mutation.action, data=mutation.args, call=call, turn=turn, version=mutation.version
        )
    except (OutOfStep, *BUSY, NotReady):
        raise  # these must not count as failures below
    except StepUpRequired as problem:
        # No proof can be given for what waits in a queue. The person repeats it online.
        refused = Refused(problem.code, problem.title)
        return refuse(mutation.action, refused, data=mutation.args, call=call, turn=turn)
    except KeyReused:
        return quarantine.skip_reused_key(call, turn)
    except TooNew as error:
        failure: Exception = error
        refusal = Refused("version_unknown", VERSION_UNKNOWN)
    except Exception as error:
        log.exception("mutation_failed", action=mutation.action)
        failure, refusal = Internal(), Refused("internal", NOT_SAVED)
        failure.__cause__ = error
    outcome = quarantine.after_failure(mutation.action, mutation.args, call, turn, refusal)
    if outcome is None:
        raise failure
    return outcome


def _call(user: Any, mutation: Mutation, now: datetime) -> Call:
    call = Call(
        user,
        now,
        mutation.uuid,
        mutation.time,
        mutation.base,
        getattr(user, "session_id", None),
        "base" in mutation.ignored,
        mutation.unread,
    )
    if is_clock_off(call):
        mutation.ignored["client_time"] = [CLOCK_OFF]
    return call


def _result(mutation: Mutation, outcome: Outcome) -> dict[str, Any]:
    # A text that is no uuid comes back as it was sent, by which the phone knows it.
    uuid = mutation.sent_uuid if isinstance(mutation.sent_uuid, str) else str(mutation.uuid)
    result: dict[str, Any] = {"id": mutation.id, "uuid": uuid, "status": outcome.status}
    result |= {"code": outcome.code} if outcome.code else {}
    result |= {"ignored": mutation.ignored} if mutation.ignored else {}
    return result | outcome.detail() | ({"dup": True} if outcome.dup else {})


def _stopped(mutation: Mutation, error: Exception) -> dict[str, Any]:
    """`code` is what the phone goes by, `problem` says why."""
    match error:
        case OutOfStep():
            code, wait = "out_of_step", 0
        case NotReady() | Invalid():
            code, wait = error.code, 0
        case TooNew():
            code, wait = "busy", UPDATED_SOON
        case Internal():
            code, wait = error.code, 5000
        case _:
            log.warning("push_stopped", why=type(error).__name__)
            code, wait = "busy", 2000
    problem = error if isinstance(error, Problem) else InProgress()
    stopped = {"id": mutation.id, "code": code, "retry_after_ms": wait}
    missing = {"missing": error.missing} if isinstance(error, NotReady) else {}
    return stopped | missing | {"problem": problem.document()}
