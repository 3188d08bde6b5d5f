"""The suite's foundation: the database role of the tests, and what a test leaves behind."""

import uuid
from datetime import UTC, datetime

import psycopg
import pytest
from django.db import connection, transaction
from psycopg import sql

from recovery.actions.models import AuditSeal
from recovery.signin.models import User
from tests.roles import set_scene
from tests.servers import owner_url


def _leave_rows() -> None:
    with transaction.atomic(), set_scene():
        assert (User.objects.count(), AuditSeal.objects.count()) == (0, 0)
        User.objects.create(email="left@example.org", created_at=datetime(2026, 1, 1, tzinfo=UTC))
        AuditSeal.objects.create(position=1, event_id=uuid.uuid4(), hash=b"")


def _committed(table: str) -> int:
    with psycopg.connect(owner_url(connection.settings_dict["NAME"])) as other:
        count = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
        row = other.execute(count).fetchone()
    assert row is not None
    return row[0]


def test_tests_run_as_app_and_own_nothing(db: None):
    with connection.cursor() as cursor:
        cursor.execute("SELECT current_user, count(*) FROM pg_tables WHERE tableowner = 'app'")
        assert cursor.fetchone() == ("app", 0)


@pytest.mark.parametrize("run", ["first", "second"])
def test_a_transaction_is_rolled_back_after_its_test(db: None, run: str):
    _leave_rows()
    assert _committed("recovery_user") == 0


@pytest.mark.parametrize("run", ["first", "second"])
def test_commits_are_real_and_removed_after_their_test(committed_db: None, run: str):
    """Also in an append-only table, whose trigger refuses every role while a test runs."""
    _leave_rows()
    assert _committed("recovery_user") == 1


@pytest.mark.parametrize("run", ["first", "second"])
def test_rows_of_migrations_survive_a_committed_test(committed_db: None, run: str):
    assert _committed("django_content_type")
