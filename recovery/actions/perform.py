"""Every write goes through `perform`. Read this module first.

It gives an action its transaction, acting user, receipt, validation, authorisation, audit entry
and feed flush. An action takes effect once, however often the request is sent: the receipt commits
together with the effect, and a retry with the same idempotency key is answered from the receipt.

A refusal rolls everything back and is then stored in a transaction of its own, so that a retry
gets the same refusal.
"""

from __future__ import annotations

import random
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import structlog
from django.db import DataError, IntegrityError, OperationalError, ProgrammingError
from rest_framework.exceptions import ValidationError

from foundation.postgresql.base import pipelined_atomic
from foundation.problems import InProgress, Invalid, NotAllowed, Refusal, Refused
from recovery.actions import ledger
from recovery.actions.inputs import checked
from recovery.actions.receipts import Outcome, entry_of, fingerprint
from recovery.actions.registry import Answer, Call, find, upgraded
from recovery.actions.request import Request, Turn
from recovery.actions.self_reports import CLOCK_FIELDS, SelfReport, note_clock
from recovery.feed.collect import collecting
from recovery.feed.flush import Batch

TRIES = 3
SERIALIZATION_FAILURE, DEADLOCK, LOCK_TIMEOUT = "40001", "40P01", "55P03"
# Unique and foreign keys: the row exists already, or the row it refers to has been deleted.
UNIQUE, FOREIGN = "23505", "23503"
RACE_LOST = (UNIQUE, FOREIGN)
NO_PRIVILEGE = "42501"
DONE = "This has been done already, in another way."

log = structlog.get_logger()


def perform(name: str, *, data: Any, call: Call) -> Outcome:
    """Perform the action once and return its outcome. Raises a Refusal, and again on a retry."""
    return attempt(name, data=data, call=call).raised()


def attempt(
    name: str, *, data: Any, call: Call, turn: Turn | None = None, version: int | None = None
) -> Outcome:
    """Like `perform`, but a refusal is returned as an outcome, so that a phone's queue can go on.

    `version` is the version of the input, because a queue may hold inputs of an older app.
    """
    return _tried(Request(name, data, call, turn, fingerprint(name, data), version))


def refuse(name: str, refusal: Refusal, *, data: Any, call: Call, turn: Turn) -> Outcome:
    """Store a refusal without running the action, so that the phone's queue can go on."""
    return _tried(Request(name, data, call, turn, fingerprint(name, data)), refusal)


def _tried(request: Request, refusal: Refusal | None = None) -> Outcome:
    for trial in trials(refusal):
        with trial.transaction():
            trial.finish(request, ledger.begin(request))
    return trial.outcome


def trials(refusal: Refusal | None = None) -> Iterator[Trial]:
    """`for trial in trials(): with trial.transaction(): …`, until the request has an outcome.

    The loop body runs once to act, once more to store a refusal, and again if PostgreSQL aborted
    the transaction in favour of another one. Receipts make the repetition safe.
    """
    trial = Trial(refusal)
    while not trial.is_over:
        yield trial


class Trial:
    """One request, tried in one transaction after another.

    Inside each transaction, the caller begins the action (`ledger.begin`, or the statement that
    also authenticates the request) and then calls `finish`.
    """

    def __init__(self, refusal: Refusal | None) -> None:
        self.is_over = False
        self._refusal = refusal
        self._tries_left = TRIES
        self._known: Outcome | None = None
        self._ending: ledger.Ending | None = None
        self._id_is_taken = False

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Run one transaction, and keep a refusal for the next transaction to store.

        Raises errors that decide nothing about the action: NotStored, OutOfStep, and our defects.
        """
        try:
            with pipelined_atomic():
                yield
            self.is_over = True
        except Refusal as refusal:
            self._store(refusal)
        except (IntegrityError, DataError, ProgrammingError) as error:
            meaning = _refusal_of(error)
            if meaning is None:
                raise
            if _is_about_id(error) and not self._id_is_taken:
                self._id_is_taken = True  # a self-report may do without its id
            else:
                self._store(meaning, error)
        except OperationalError as error:
            self._tries_left -= 1
            code = sqlstate(error)
            if code == LOCK_TIMEOUT:
                raise InProgress from error
            if not self._tries_left or code not in (SERIALIZATION_FAILURE, DEADLOCK):
                raise
            time.sleep(random.uniform(0, 0.05))  # noqa: S311  # so that they do not meet again

    def finish(self, request: Request, known: Outcome | None) -> None:
        """Act, or store the refusal. Do neither if a receipt holds the outcome (`known`)."""
        self._known = known
        if known is None:
            if self._refusal:
                self._ending = ledger.end(request, Outcome.of(self._refusal), Batch.empty())
            else:
                self._ending = _act(request, id_is_taken=self._id_is_taken)

    @property
    def outcome(self) -> Outcome:
        """The outcome, once a transaction has committed."""
        if self._known:
            return self._known
        assert self._ending  # noqa: S101  # the transaction called `finish`
        return self._ending.outcome

    def _store(self, refusal: Refusal, cause: Exception | None = None) -> None:
        if self._refusal:  # this transaction was to store a refusal, and could not
            raise refusal from cause
        self._refusal = refusal


def sqlstate(error: Exception) -> str | None:
    """PostgreSQL's code of an error that Django has wrapped. See appendix A of its manual."""
    return getattr(error.__cause__, "sqlstate", None)


def _is_about_id(error: Exception) -> bool:
    """Whether another row, which the actor may not see, has the id that the phone made."""
    return sqlstate(error) == UNIQUE and _constraint(error).endswith("_pkey")


def _constraint(error: Exception) -> str:
    return getattr(getattr(error.__cause__, "diag", None), "constraint_name", None) or ""


def _refusal_of(error: Exception) -> Refusal | None:
    """What the database's refusal means for the request. None: a defect of ours."""
    code = sqlstate(error)
    if isinstance(error, DataError):
        return Invalid({"body": ["A value that cannot be stored."]})
    if code in RACE_LOST:
        # Another transaction was faster. Any other broken constraint is a defect of ours.
        log.info("race_lost", constraint=_constraint(error))
        return Refused("conflict", DONE)
    if code == NO_PRIVILEGE:
        # Our own rules should have refused it.
        log.error("wall_held", reason=str(error.__cause__).partition("\n")[0])
        return NotAllowed()
    return None


@contextmanager
def _showing_entries() -> Iterator[None]:
    """Turn the row that a refusal shows into its entry."""
    try:
        yield
    except Refused as refusal:
        # Now, because the transaction that stores the refusal may see a later seq.
        refusal.current = refusal.current and entry_of(refusal.current)
        raise


def _act(request: Request, *, id_is_taken: bool) -> ledger.Ending:
    """Validate the input, check the rule, run the handler, and store what it did.

    `id_is_taken`: a self-report gets another id, unless the row that has it says the same.
    """
    # Fresh in each try. A clock that is far off is noticed before the input is read.
    call = replace(request.call, unread=dict(request.call.unread))
    note_clock(call)
    action = find(request.name, request.version)
    data = upgraded(action, request.data, request.version)
    with collecting() as collection, _showing_entries():
        try:
            values = checked(action.input, data, _context(call) | {"id_is_taken": id_is_taken})
        except ValidationError as error:
            raise Invalid(error.detail) from error
        if not action.allow(call, values):
            raise NotAllowed
        if id_is_taken and not (
            issubclass(action.input, SelfReport) and action.input.is_new(values, call)
        ):
            raise Refused("conflict", DONE)
        returned = action.run(call, **values)
        # Documents are rendered last: the handler may publish a row and change it afterwards.
        batch = Batch.of(collection)
    answer = returned if isinstance(returned, Answer) else Answer(returned)
    data = answer.data
    # Of the clock, the answer to a push says it itself.
    unread = sorted(call.unread.keys() - set(CLOCK_FIELDS))
    if issubclass(action.input, SelfReport) and unread:
        data = (data or {}) | {"unread": unread}
    return ledger.end(request, Outcome("applied", data=data, once=answer.once), batch)


def _context(call: Call) -> dict[str, Any]:
    at = call.occurred_at
    return {"actor": call.actor, "now": call.now, "at": at, "unread": call.unread}
