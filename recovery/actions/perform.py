"""Every write goes through `perform`. Read this page first.

It gives an action its transaction, its acting user, its receipt, validation, authorisation,
audit entry and feed flush. An action happens once however often it is asked for: the receipt
commits with the effect, and a second request with the same key is answered from it.

A refusal rolls everything back and is then stored by itself, so that it too is answered alike.
"""

from __future__ import annotations

import random
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any, Protocol

from django.db import IntegrityError, OperationalError, transaction
from rest_framework.exceptions import ValidationError

from recovery.actions import audit, receipts
from recovery.actions.errors import (
    ActionError,
    InProgress,
    Invalid,
    NotAllowed,
    NotFound,
    Refused,
)
from recovery.actions.receipts import Outcome
from recovery.actions.registry import Action, Answer, Call, find
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.feed.flush import Change, flush

TRIES = 3
SERIALIZATION_FAILURE, DEADLOCK, LOCK_TIMEOUT = "40001", "40P01", "55P03"


class Turn(Protocol):
    """A queued mutation's place in its phone's order, taken and given up with the transaction."""

    client_id: uuid.UUID
    lane: str
    mutation_id: int

    def take(self, key: uuid.UUID) -> None: ...

    def done(self) -> None: ...


@dataclass(frozen=True)
class Request:
    """One attempt's constants."""

    action: Action
    data: Any
    call: Call
    turn: Turn | None
    fingerprint: bytes


def perform(name: str, *, data: Any, call: Call, turn: Turn | None = None) -> Outcome:
    """Do what `name` says, once. Raises ActionErrors; a refusal asked for again raises again."""
    request = Request(find(name), data, call, turn, receipts.fingerprint(name, data))
    return retrying(lambda: _attempt(request)).raised()


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


def _attempt(request: Request) -> Outcome:
    try:
        with _transaction(request):
            return _known(request) or _run(request)
    except (Invalid, NotFound, NotAllowed, Refused) as refusal:
        return _refuse(request, refusal)
    except IntegrityError as error:
        return _taken(request, error)


@contextmanager
def _transaction(request: Request) -> Iterator[None]:
    with transaction.atomic():
        set_actor(request.call.actor.id)
        if request.turn:
            request.turn.take(request.call.key)
        yield
        if request.turn:
            request.turn.done()


def _known(request: Request) -> Outcome | None:
    return receipts.find(request.call, request.fingerprint)


def _run(request: Request) -> Outcome:
    """The body of the transaction: check, act, audit, keep the receipt, flush last."""
    with collecting() as collection:
        answer = _handle(request.action, request.data, request.call)
        audit.record(request.call, request.action.name, "applied", collection.rows)
        changes = flush(
            collection,
            author_id=request.call.actor.id,
            now=request.call.now,
            origin=_origin(request.turn),
        )
    outcome = Outcome("applied", at=_positions(changes), data=answer.data, once=answer.once)
    receipts.keep(request, outcome)
    return outcome


def _handle(action: Action, data: Any, call: Call) -> Answer:
    checked = _validated(action, data, call)
    if not action.allow(call, checked):
        raise NotAllowed
    answer = action.run(call, checked)
    return answer if isinstance(answer, Answer) else Answer(answer)


def _validated(action: Action, data: Any, call: Call) -> dict[str, Any]:
    given = action.input(data=data, context={"actor": call.actor, "now": call.now})
    try:
        given.is_valid(raise_exception=True)
    except ValidationError as error:
        raise Invalid(error.detail) from error
    return dict(given.validated_data)


def _refuse(request: Request, refusal: ActionError) -> Outcome:
    """Store the refusal in a transaction of its own, unless somebody was faster."""
    with _transaction(request):
        known = _known(request)
        if known:
            return known
        outcome = Outcome.of(refusal)
        audit.record(request.call, request.action.name, outcome.code, {})
        receipts.keep(request, outcome)
    return outcome


def _taken(request: Request, error: IntegrityError) -> Outcome:
    """Another request with this key was faster, or the database refused the impossible."""
    refusal = Refused("conflict", "This has been done already, in another way.")
    refusal.__cause__ = error
    outcome = _refuse(request, refusal)
    return replace(outcome, dup=True) if outcome.status == "applied" else outcome


def _origin(turn: Turn | None) -> list[object]:
    return [str(turn.client_id), turn.mutation_id] if turn else []


def _positions(changes: list[Change]) -> list[list[Any]]:
    return [[change.name, change.seq_to] for change in changes]
