"""Every write goes through `perform`. Read this page first.

It gives an action its transaction, its acting user, its receipt, validation, authorisation,
audit entry and feed flush. An action happens once however often it is asked for: the receipt
commits with the effect, and a second request with the same key is answered from it.

A refusal rolls everything back and is then stored by itself, so that it too is answered alike.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from django.db import DataError, IntegrityError, OperationalError, transaction
from rest_framework.exceptions import ValidationError

from foundation.problems import (
    InProgress,
    Invalid,
    NotAllowed,
    Refusal,
    Refused,
)
from recovery.actions import ledger
from recovery.actions.inputs import checked
from recovery.actions.receipts import Outcome, fingerprint
from recovery.actions.registry import Action, Answer, Call, find, upgraded
from recovery.actions.request import Request, Turn
from recovery.feed.collect import Collection, collecting
from recovery.feed.flush import Batch, announce_later

TRIES = 3
SERIALIZATION_FAILURE, DEADLOCK, LOCK_TIMEOUT = "40001", "40P01", "55P03"
# Unique and foreign keys: it exists already, or what it refers to has gone.
TAKEN = ("23505", "23503")


# First in each transaction: who asks for what, and what was answered before under this key.
Begin = Callable[[], tuple[Request, Outcome | None]]
# Finds out who asks and begins in one statement: the row is that of BEGIN_OF_WHO.
Who = Callable[[], tuple[Call, tuple[Any, ...]]]


def perform(name: str, *, data: Any, call: Call) -> Outcome:
    """Do what `name` says, once. Raises ActionErrors; a refusal asked for again raises again."""
    return attempt(name, data=data, call=call).raised()


def attempt(
    name: str, *, data: Any, call: Call, turn: Turn | None = None, version: int | None = None
) -> Outcome:
    """The same for a phone's queue: a refusal is an outcome like another. `version`: of the
    input, where it may be an older one."""
    begin = _begun_by(Request(name, data, call, turn, fingerprint(name, data), version))
    return retrying(lambda: _attempt(begin))


def perform_for(who: Who, name: str, *, data: Any) -> Outcome:
    """`perform` for whoever asks, found out within the action's own transaction: one round trip
    to the database less. Raises whatever `who` raises, too."""

    def begin() -> tuple[Request, Outcome | None]:
        call, row = who()
        request = Request(name, data, call, None, fingerprint(name, data))
        return request, ledger.begun(request, row)

    return retrying(lambda: _attempt(begin)).raised()


def refuse(name: str, refusal: Refusal, *, data: Any, call: Call, turn: Turn) -> Outcome:
    """Set a mutation aside without trying it, so that the phone's queue goes on."""
    return _refuse(_begun_by(Request(name, data, call, turn, fingerprint(name, data))), refusal)


def retrying(attempt: Callable[[], Outcome]) -> Outcome:
    """Run `attempt` again when PostgreSQL asked for it; receipts make that safe."""
    for tries_left in reversed(range(TRIES)):
        try:
            return attempt()
        except OperationalError as error:
            state = getattr(error.__cause__, "sqlstate", None)
            if state == LOCK_TIMEOUT:
                raise InProgress from error
            if not tries_left or state not in (SERIALIZATION_FAILURE, DEADLOCK):
                raise
            time.sleep(random.uniform(0, 0.05))  # noqa: S311  # jitter
    raise AssertionError("unreachable")


def _begun_by(request: Request) -> Begin:
    return lambda: (request, ledger.begin(request))


def _attempt(begin: Begin) -> Outcome:
    try:
        with transaction.atomic():
            request, known = begin()
            return known or _run(request)
    except Refusal as refusal:
        return _refuse(begin, refusal)
    except IntegrityError as error:
        # Somebody was faster. Any other broken constraint is a defect of ours, not an answer.
        if getattr(error.__cause__, "sqlstate", None) not in TAKEN:
            raise
        taken = Refused("conflict", "This has been done already, in another way.")
        taken.__cause__ = error
        return _refuse(begin, taken)
    except DataError:
        return _refuse(begin, Invalid({"body": ["A value that cannot be stored."]}))


def _run(request: Request) -> Outcome:
    """The body of the transaction: check, act, flush, and leave the trace."""
    with collecting() as collection:
        action = find(request.name, request.version)
        data = upgraded(action, request.data, request.version)
        answer = _handle(action, data, request.call)
        batch = Batch.of(collection)
    outcome = Outcome("applied", data=answer.data, once=answer.once)
    changes = ledger.end(request, outcome, batch)
    announce_later(changes, batch, request.origin())
    return replace(outcome, at=[[change.name, change.seq_to] for change in changes])


def _handle(action: Action, data: Any, call: Call) -> Answer:
    checked = _validated(action, data, call)
    if not action.allow(call, checked):
        raise NotAllowed
    answer = action.run(call, **checked)
    return answer if isinstance(answer, Answer) else Answer(answer)


def _validated(action: Action, data: Any, call: Call) -> dict[str, Any]:
    try:
        return checked(action.input, data, {"actor": call.actor, "now": call.now})
    except ValidationError as error:
        raise Invalid(error.detail) from error


def _refuse(begin: Begin, refusal: Refusal) -> Outcome:
    """Store the refusal in a transaction of its own, unless somebody was faster."""
    with transaction.atomic():
        request, known = begin()
        if known:
            return known
        outcome = Outcome.of(refusal)
        ledger.end(request, outcome, Batch.of(Collection()))
    return outcome
