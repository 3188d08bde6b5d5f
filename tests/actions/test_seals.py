"""The chain over the audit log identifies every tampered event."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any
from uuid import UUID

import hypothesis
import psycopg
import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, connection, transaction
from hypothesis import strategies as st
from psycopg import sql

from foundation.problems import NotAllowed
from recovery.actions import seals
from recovery.actions.jobs import seal_audit
from recovery.actions.models import AuditEvent, AuditSeal
from tests.cast import NOW, act, load_programme, make_user, preset, sign_in
from tests.roles import as_role
from tests.servers import owner_url

pytestmark = pytest.mark.usefixtures("committed_db")

EVENTS = 4
TAMPERED: dict[str, Any] = {
    "id": UUID(int=7),
    "scope_id": UUID(int=7),
    "at": NOW + timedelta(microseconds=1),
    "actor_id": UUID(int=7),
    "session_id": UUID(int=7),
    "action": "people.sign_out",
    "outcome": "Applied",
    "objects_touched": "[]",
    "request_id": UUID(int=7),
}


def as_vandal(statement: str, *parameters: object) -> None:
    """Run the statement as the owner of the tables, who can drop the trigger."""
    table = "recovery_auditevent" if "auditevent" in statement else "recovery_auditseal"
    with psycopg.connect(owner_url(settings.DATABASES["default"]["NAME"])) as connection:
        connection.execute(
            sql.SQL("ALTER TABLE {} DISABLE TRIGGER ALL").format(sql.Identifier(table))
        )
        connection.execute(statement, parameters)
        connection.execute(
            sql.SQL("ALTER TABLE {} ENABLE TRIGGER ALL").format(sql.Identifier(table))
        )


def leave_trace() -> None:
    user = make_user()
    for _ in range(EVENTS):
        sign_in(user)


def seal(minutes: int = 1) -> int:
    with as_role("jobs"):
        return seals.seal(NOW + timedelta(minutes=minutes))


def broken() -> list[tuple[int, str]]:
    with as_role("jobs"):
        return [(flaw.position, flaw.what) for flaw in seals.broken()]


@pytest.fixture
def sealed() -> list[UUID]:
    leave_trace()
    assert seal() == EVENTS
    return list(AuditSeal.objects.order_by("position").values_list("event_id", flat=True))


def test_every_event_is_sealed_once_in_order_of_creation() -> None:
    leave_trace()
    assert (seal(), seal(), AuditSeal.objects.count()) == (EVENTS, 0, EVENTS)
    leave_trace()
    assert seal() == EVENTS
    assert list(AuditSeal.objects.order_by("position").values_list("position", flat=True)) == [
        *range(1, 2 * EVENTS + 1)
    ]
    assert broken() == []


def test_events_are_sealed_after_the_clock_was_two_days_ahead() -> None:
    leave_trace()
    ahead = datetime.now(UTC) + timedelta(days=2)
    with as_role("jobs"):
        assert seals.seal(ahead) == EVENTS
        leave_trace()
        assert seals.seal(datetime.now(UTC)) == EVENTS
    assert broken() == []


def test_an_event_that_committed_late_is_sealed_too() -> None:
    leave_trace()
    with as_role("jobs"):
        late = AuditEvent.objects.earliest("id")
        AuditSeal.objects.bulk_create(
            seals._links(seals.head(), AuditEvent.objects.exclude(id=late.id).order_by("id"), NOW)
        )
    assert seal() == 1
    assert broken() == []


@pytest.mark.parametrize("column", sorted(field.attname for field in AuditEvent._meta.fields))
def test_changing_any_column_names_the_event(sealed: list[UUID], column: str) -> None:
    statement = f"UPDATE recovery_auditevent SET {column} = %s WHERE id = %s"  # noqa: S608
    as_vandal(statement, TAMPERED[column], sealed[1])
    assert broken() == [(2, "is gone" if column == "id" else "was changed")]


@hypothesis.given(data=st.data())
@hypothesis.settings(
    max_examples=25, suppress_health_check=[hypothesis.HealthCheck.function_scoped_fixture]
)
def test_any_changed_byte_of_any_event_is_found(sealed: list[UUID], data: st.DataObject) -> None:
    number = data.draw(st.integers(0, EVENTS - 1), "event")
    column = data.draw(st.sampled_from(sorted(TAMPERED)), "column")
    before = value_of(sealed[number], column)
    at = data.draw(st.integers(0, max(len(before) - 1, 0)), "byte")
    after = before[:at] + changed(before[at : at + 1]) + before[at + 1 :]
    try:
        as_vandal(set_text(column), after, sealed[number])
    except psycopg.Error:
        return  # no value of this type, so it cannot be stored
    errors = broken()
    if value_of(sealed[number], column) == before:  # the same value, written in another way
        assert errors == []
        return
    assert errors == [(number + 1, "is gone" if column == "id" else "was changed")]
    back = UUID(after) if column == "id" else sealed[number]
    as_vandal(set_text(column), before, back)
    assert broken() == []


def changed(byte: str) -> str:
    """Another digit for a digit, another letter for a letter."""
    return chr(ord(byte) ^ 1) if byte else "x"


def set_text(column: str) -> str:
    kind = AuditEvent._meta.get_field(column).db_type(connection)
    return f"UPDATE recovery_auditevent SET {column} = %s::text::{kind} WHERE id = %s"  # noqa: S608


def value_of(event: UUID, column: str) -> str:
    with as_role("jobs"), connection.cursor() as cursor:
        cursor.execute(
            f"SELECT coalesce({column}::text, '') FROM recovery_auditevent WHERE id = %s",  # noqa: S608
            [event],
        )
        row = cursor.fetchone()
    return row[0] if row else ""


def test_a_removed_event_is_named(sealed: list[UUID]) -> None:
    as_vandal("DELETE FROM recovery_auditevent WHERE id = %s", sealed[2])
    assert broken() == [(3, "is gone")]


@pytest.mark.parametrize(
    "change",
    [
        "hash = set_byte(hash, 31, get_byte(hash, 31) # 1)",
        "sealed_at = sealed_at + interval '1 us'",
    ],
)
def test_a_changed_link_is_named(sealed: list[UUID], change: str) -> None:
    as_vandal(f"UPDATE recovery_auditseal SET {change} WHERE position = 2")  # noqa: S608
    assert (2, "was changed") in broken()


def test_a_removed_link_is_detected_with_or_without_its_event(sealed: list[UUID]) -> None:
    as_vandal("DELETE FROM recovery_auditseal WHERE position = 2")
    as_vandal("DELETE FROM recovery_auditevent WHERE id = %s", sealed[1])
    assert broken() == [(3, "the 1 links before it are gone")]


def test_the_command_names_the_broken_event_and_fails(sealed: list[UUID]) -> None:
    as_vandal("UPDATE recovery_auditevent SET outcome = 'x' WHERE id = %s", sealed[0])
    output = StringIO()
    with as_role("jobs"), pytest.raises(CommandError, match="1 problems"):
        call_command("verify_audit", stderr=output)
    assert str(sealed[0]) in output.getvalue()


def test_an_external_head_reveals_a_truncated_chain(sealed: list[UUID]) -> None:
    output = StringIO()
    with as_role("jobs"):
        call_command("verify_audit", stdout=output)
    head = output.getvalue().splitlines()[-1]
    with as_role("jobs"):
        call_command("verify_audit", "--head", head, stdout=StringIO())
    as_vandal("DELETE FROM recovery_auditseal WHERE position = %s", EVENTS)
    as_vandal("DELETE FROM recovery_auditevent WHERE id = %s", sealed[-1])
    assert broken() == []
    with as_role("jobs"), pytest.raises(CommandError, match="1 problems"):
        call_command("verify_audit", "--head", head, stderr=StringIO())


@pytest.mark.parametrize("table", ["recovery_auditevent", "recovery_auditseal"])
@pytest.mark.parametrize("statement", ["UPDATE {} SET {} = {}", "DELETE FROM {}", "TRUNCATE {}"])
def test_serving_roles_cannot_change_the_audit(
    sealed: list[UUID], table: str, statement: str
) -> None:
    column = "outcome" if table.endswith("event") else "hash"
    attempt = statement.format(table, column, column)
    for role in ("app", "jobs", "owner"):
        with as_role(role), pytest.raises(DatabaseError, match=r"permission denied|append-only"):
            _run(attempt)
    assert broken() == []


def test_two_sealers_do_not_fork_the_chain(sealed: list[UUID]) -> None:
    leave_trace()
    with as_role("jobs"):
        stale = seals.head()
        links = list(seals._links(stale, seals.waiting(), NOW))
        seals.seal(NOW)
        with pytest.raises(IntegrityError), transaction.atomic():
            AuditSeal.objects.bulk_create(links)
    assert broken() == []


def test_the_job_also_seals_events_of_jobs() -> None:
    load_programme()
    load_programme(preset())
    with as_role("jobs"):
        seal_audit.func(0)
        assert seals.head().position == AuditEvent.objects.count() == 2


def test_a_refused_action_is_audited_and_sealed() -> None:
    user = make_user()
    with pytest.raises(NotAllowed):
        act(user, "care.load_programme", preset=preset())
    assert seal() == 1
    with as_role("jobs"):
        assert AuditEvent.objects.get().outcome == "not_allowed"


def _run(statement: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
