"""Every write goes through `perform`. Read this page first.

It gives an action its transaction, its acting user, its receipt, validation, authorisation,
audit entry and feed flush. An action happens once however often it is asked for: the receipt
commits with the effect, and a second request with the same key is answered from it.

A refusal rolls everything back and is then stored in a transaction of its own, so that it too is
answered alike for ever.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import DataError, IntegrityError, OperationalError
from rest_framework.exceptions import ValidationError

from foundation.postgresql.base import pipelined_atomic
from foundation.problems import InProgress, Invalid, NotAllowed, Refusal, Refused
from recovery.actions import ledger
from recovery.actions.inputs import checked
from recovery.actions.receipts import Outcome, fingerprint
from recovery.actions.registry import Action, Answer, Call, find, upgraded
from recovery.actions.request import Request, Turn
from recovery.feed.collect import collecting
from recovery.feed.flush import Batch

TRIES = 3
SERIALIZATION_FAILURE, DEADLOCK, LOCK_TIMEOUT = "40001", "40P01", "55P03"
# Unique and foreign keys: it exists already, or what it refers to has gone.
TAKEN = ("23505", "23503")


def perform(name: str, *, data: Any, call: Call) -> Outcome:
    """Do what `name` says, once. Raises a Refusal; the same request again raises it again."""
    return attempt(name, data=data, call=call).raised()


def attempt(
    name: str, *, data: Any, call: Call, turn: Turn | None = None, version: int | None = None
) -> Outcome:
    """The same for a phone's queue: a refusal is an outcome like another. `version` is that of
    the input, where it may be an older one."""
    request = Request(name, data, call, turn, fingerprint(name, data), version)
    for trial in trials():
        with trial.transaction():
            trial.finish(request, ledger.begin(request))
    return trial.outcome


def refuse(name: str, refusal: Refusal, *, data: Any, call: Call, turn: Turn) -> Outcome:
    """Store a refusal without trying, so that the phone's queue goes on."""
    request = Request(name, data, call, turn, fingerprint(name, data))
    for trial in trials(refusal):
        with trial.transaction():
            trial.finish(request, ledger.begin(request))
    return trial.outcome


def trials(refusal: Refusal | None = None) -> Iterator[Trial]:
    """`for trial in trials(): with trial.transaction(): …`, until the request has an outcome.

    Once to act; once more to store a refusal; again where PostgreSQL gave up on a transaction in
    favour of another one. Receipts make that safe.
    """
    trial = Trial(refusal)
    while not trial.is_over:
        yield trial


class Trial:
    """One request to act, a transaction at a time.

    Inside the transaction: find out who asks, begin the action (`ledger.begin`), call `finish`.
    """

    def __init__(self, refusal: Refusal | None) -> None:
        self.is_over = False
        self._refusal = refusal
        self._tries_left = TRIES
        self._known: Outcome | None = None
        self._ending: ledger.Ending | None = None

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Raises what is not a decision about the action: InProgress, OutOfStep, defects."""
        try:
            with pipelined_atomic():
                yield
            self.is_over = True
        except Refusal as refusal:
            self._store(refusal)
        except IntegrityError as error:
            # Someone was faster. Any other broken constraint is a defect of ours, not an answer.
            if sqlstate(error) not in TAKEN:
                raise
            self._store(Refused("conflict", "This has been done already, in another way."), error)
        except DataError as error:
            self._store(Invalid({"body": ["A value that cannot be stored."]}), error)
        except OperationalError as error:
            self._try_again(error)

    def finish(self, request: Request, known: Outcome | None) -> None:
        """Act, or store the refusal, unless the outcome is `known` from an earlier request."""
        self._known = known
        if known is None:
            outcome = Outcome.of(self._refusal) if self._refusal else None
            self._ending = ledger.end(request, outcome, Batch.empty()) if outcome else _act(request)

    @property
    def outcome(self) -> Outcome:
        """What came of it, once the transaction has been committed."""
        if self._known:
            return self._known
        assert self._ending  # noqa: S101  # `finish` was called
        return self._ending.outcome

    def _store(self, refusal: Refusal, cause: Exception | None = None) -> None:
        """In the next transaction."""
        if self._refusal:
            raise refusal from cause
        self._refusal = refusal

    def _try_again(self, error: OperationalError) -> None:
        """InProgress: another transaction holds what this one needs."""
        self._tries_left -= 1
        if sqlstate(error) == LOCK_TIMEOUT:
            raise InProgress from error
        if not self._tries_left or sqlstate(error) not in (SERIALIZATION_FAILURE, DEADLOCK):
            raise error
        time.sleep(random.uniform(0, 0.05))  # noqa: S311  # jitter


def sqlstate(error: Exception) -> str | None:
    """PostgreSQL's code of an error that Django has wrapped."""
    return getattr(error.__cause__, "sqlstate", None)


def _act(request: Request) -> ledger.Ending:
    """The body of the transaction: check, act, flush, and leave the trace."""
    action = find(request.name, request.version)
    data = upgraded(action, request.data, request.version)
    with collecting() as collection:
        answer = _handle(action, data, request.call)
        batch = Batch.of(collection)
    return ledger.end(request, Outcome("applied", data=answer.data, once=answer.once), batch)


def _handle(action: Action, data: Any, call: Call) -> Answer:
    try:
        values = checked(action.input, data, {"actor": call.actor, "now": call.now})
    except ValidationError as error:
        raise Invalid(error.detail) from error
    if not action.allow(call, values):
        raise NotAllowed
    answer = action.run(call, **values)
    return answer if isinstance(answer, Answer) else Answer(answer)
