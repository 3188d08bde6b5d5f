"""Statements are pipelined, so a violated constraint may be reported as late as COMMIT.

The refusal, the stored rows and the answer do not depend on where the violation occurs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.db import IntegrityError, ProgrammingError, connection, transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from foundation.postgresql import functions
from foundation.postgresql.base import pipelined_atomic
from foundation.problems import Invalid, Refused
from recovery.actions import ActionInput, Call, action, perform
from recovery.actions.models import AuditEvent, Receipt
from recovery.actions.registry import ACTIONS
from recovery.actions.rules import anyone_signed_in
from recovery.conversations.models import MessageVersion, ReadMarker
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.cast import make_user

pytestmark = pytest.mark.usefixtures("committed_db")
NAME = "testing.break"
Break = Callable[[Call], None]


def insert(call: Call, **columns: Any) -> None:
    own = {"id": uuid7(), "scope_id": call.actor.id, "read_scope_id": call.actor.id, "seq": 1}
    ReadMarker(**own | columns).save(force_insert=True)


def twice(call: Call) -> None:
    """unique_violation"""
    marker = uuid7()
    insert(call, id=marker)
    insert(call, id=marker)


def dangling(call: Call) -> None:
    """foreign_key_violation: the message does not exist."""
    MessageVersion(scope_id=call.actor.id, message_id=uuid7(), text="", replaced_at=call.now).save(
        force_insert=True
    )


def out_of_range(call: Call) -> None:
    """numeric_value_out_of_range, which only the server detects."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT (9223372036854775807 + %s)::int", [len(str(call.key))])


def absent(call: Call) -> None:
    """not_null_violation: a server defect, never a result."""
    insert(call, seq=None)


def last(call: Call, broken: Break) -> None:
    insert(call)
    broken(call)


def before_an_insert(call: Call, broken: Break) -> None:
    broken(call)
    insert(call)


def before_a_read(call: Call, broken: Break) -> None:
    broken(call)
    ReadMarker.objects.in_scope(call.actor.id).first()


def before_an_update(call: Call, broken: Break) -> None:
    broken(call)
    ReadMarker.objects.in_scope(call.actor.id).update(seq=2)


def before_a_refusal(call: Call, broken: Break) -> None:
    """The database's error came first, so it wins over the refusal."""
    broken(call)
    raise Refused("too_late", "This is never said.")


def in_a_savepoint(call: Call, broken: Break) -> None:
    with transaction.atomic():
        broken(call)
    raise Refused("too_late", "This is never said.")


PLACES = (last, before_an_insert, before_a_read, before_an_update, before_a_refusal, in_a_savepoint)


@pytest.fixture
def ana() -> User:
    return make_user()


@pytest.fixture(params=PLACES, ids=lambda place: place.__name__)
def breaking(request: pytest.FixtureRequest) -> Iterator[Callable[[Break], None]]:
    """Registers an action that violates a constraint at one of these points."""

    def register(broken: Break) -> None:
        @action(NAME, input=ActionInput, allow=anyone_signed_in)
        def handler(call: Call) -> None:
            request.param(call, broken)

    yield register
    del ACTIONS[NAME]


def break_in_a_savepoint(call: Call, *, noticed_inside: bool) -> None:
    with transaction.atomic():
        twice(call)
        if noticed_inside:
            ReadMarker.objects.in_scope(call.actor.id).first()


@pytest.mark.parametrize("noticed_inside", [True, False])
def test_work_goes_on_after_a_savepoint_is_rolled_back(ana: User, noticed_inside: bool) -> None:
    """PostgreSQL skips everything after an error, the rollback to the savepoint too, until the
    pipeline is synchronised."""
    call = Call(actor=ana, now=timezone.now())
    with pipelined_atomic():
        set_actor(ana.id)
        insert(call)
        with pytest.raises(IntegrityError):
            break_in_a_savepoint(call, noticed_inside=noticed_inside)
        insert(call)
    assert left_behind(ana)["rows"] == 2


def test_an_error_that_commit_reports_is_the_one_of_its_statement(ana: User) -> None:
    """And not that COMMIT was skipped, which says nothing of what went wrong. Which of the two
    arrives first is a matter of moments, so it is tried often."""

    def fail_at_commit() -> None:
        with pipelined_atomic():
            set_actor(ana.id)
            ReadMarker.objects.in_scope(ana.id).first()
            functions.run("revoke_membership", scope=uuid7(), member=uuid7())

    for _ in range(100):
        with pytest.raises(ProgrammingError, match="may not end"):
            fail_at_commit()


def left_behind(person: User) -> dict[str, Any]:
    with transaction.atomic():
        set_actor(person.id)
        receipts = Receipt.objects.in_scope(person.id).filter(action=NAME)
        events = AuditEvent.objects.in_scope(person.id).filter(action=NAME)
        return {
            "rows": ReadMarker.objects.in_scope(person.id).count(),
            "receipts": list(receipts.values_list("status", "code")),
            "audit": list(events.values_list("outcome", flat=True)),
        }


@pytest.mark.parametrize("broken", [twice, dangling], ids=lambda kind: kind.__name__)
def test_an_existing_or_deleted_row_is_a_conflict(
    ana: User, breaking: Callable[[Break], None], broken: Break
) -> None:
    breaking(broken)
    call = Call(actor=ana, now=timezone.now())
    for _ in range(2):
        with pytest.raises(Refused) as refusal:
            perform(NAME, data={}, call=call)
        assert refusal.value.code == "conflict"
    refused_once = {"rows": 0, "receipts": [("rejected", "conflict")], "audit": ["conflict"]}
    assert left_behind(ana) == refused_once


def test_a_value_that_cannot_be_stored_is_invalid(
    ana: User, breaking: Callable[[Break], None]
) -> None:
    breaking(out_of_range)
    call = Call(actor=ana, now=timezone.now())
    for _ in range(2):
        with pytest.raises(Invalid):
            perform(NAME, data={}, call=call)
    refused_once = {"rows": 0, "receipts": [("rejected", "invalid")], "audit": ["invalid"]}
    assert left_behind(ana) == refused_once


def test_any_other_violation_is_a_defect_and_stores_nothing(
    ana: User, breaking: Callable[[Break], None]
) -> None:
    breaking(absent)
    with pytest.raises(IntegrityError):
        perform(NAME, data={}, call=Call(actor=ana, now=timezone.now()))
    assert left_behind(ana) == {"rows": 0, "receipts": [], "audit": []}
    assert connection.is_usable()
