"""What is queued, by whom, and in which scope."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from notifications import NotificationType, queue
from notifications.models import BUCKETS, Intent, Letter, bucket_of
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.cast import make_user
from tests.notifications.kinds import CODE, HOUR, NEWS, OPEN_APP, REMINDER, SCATTERED

DUE = datetime(2026, 3, 2, 18, 0, tzinfo=UTC)
pytestmark = pytest.mark.django_db


def waiting(scope_id: uuid.UUID) -> list[str | None]:
    rows = Intent.objects.filter(scope_id=scope_id, state="planned")
    return list(rows.order_by("dedupe").values_list("dedupe", flat=True))


@pytest.fixture
def ana() -> User:
    user = make_user()
    set_actor(user.id)
    return user


def test_a_push_is_valid_from_its_due_time_for_its_lifetime(ana: User) -> None:
    queue.push(REMINDER, scope_id=ana.id, due=DUE, role="patient", except_user=ana.id)
    row = Intent.objects.get(scope_id=ana.id)
    assert (row.due, row.expires) == (DUE, DUE + HOUR)
    assert (row.type, row.push_class) == ("tests.reminder", "reminder")
    assert (row.role, row.except_user, row.state) == ("patient", ana.id, "planned")


@pytest.mark.parametrize(("share", "seconds"), [(1.0, 1800.0), (0.5, 900.0), (0.0, 0.0)])
def test_a_small_house_spreads_its_pushes_less(
    ana: User, settings: Any, share: float, seconds: float
) -> None:
    settings.PUSH_SPREAD = share
    queue.push(SCATTERED, scope_id=ana.id)
    assert Intent.objects.get(scope_id=ana.id).jitter == seconds


def test_immediate_pushes_use_the_databases_clock(ana: User) -> None:
    queue.push(NEWS, scope_id=ana.id)
    row = Intent.objects.get(scope_id=ana.id)
    with connection.cursor() as cursor:
        cursor.execute("SELECT now()")
        started = cursor.fetchone()[0]
    assert timedelta(0) <= row.due - started < timedelta(minutes=1)
    assert row.expires == row.due + HOUR


def test_an_explicit_expiry_wins(ana: User) -> None:
    queue.push(REMINDER, scope_id=ana.id, due=DUE, expires=DUE + HOUR / 4)
    assert Intent.objects.get(scope_id=ana.id).expires == DUE + HOUR / 4


def test_one_key_is_one_row_even_after_sending(ana: User) -> None:
    queue.push(REMINDER, scope_id=ana.id, due=DUE, dedupe="a")
    queue.push(REMINDER, scope_id=ana.id, due=DUE + HOUR, dedupe="a")
    assert Intent.objects.get(scope_id=ana.id).due == DUE
    Intent.objects.filter(scope_id=ana.id).update(state="expanded")
    queue.push(REMINDER, scope_id=ana.id, due=DUE, dedupe="a")
    assert waiting(ana.id) == []


def test_a_key_belongs_to_its_scope(ana: User) -> None:
    queue.push(NEWS, scope_id=ana.id, dedupe="a")
    ben = make_user()
    set_actor(ben.id)
    queue.push(NEWS, scope_id=ben.id, dedupe="a")
    assert waiting(ben.id) == ["a"]


def test_cancelling_a_key_cancels_the_keys_below_it(ana: User) -> None:
    for key in ("s:1", "s:1:60", "s:1:15", "s:10", "s:10:60", None):
        queue.push(REMINDER, scope_id=ana.id, due=DUE, dedupe=key)
    assert queue.cancel(ana.id, dedupe="s:1") == 3
    assert waiting(ana.id) == ["s:10", "s:10:60", None]
    assert queue.cancel(ana.id, dedupe="s:10:") == 2
    queue.push(REMINDER, scope_id=ana.id, due=DUE, dedupe="s:1")
    assert waiting(ana.id) == ["s:1", None]


def test_a_sent_notification_cannot_be_cancelled(ana: User) -> None:
    queue.push(REMINDER, scope_id=ana.id, due=DUE, dedupe="a")
    Intent.objects.filter(scope_id=ana.id).update(state="expanded")
    assert queue.cancel(ana.id, dedupe="a") == 0
    assert Intent.objects.get(scope_id=ana.id).dedupe == "a"


def test_a_non_member_cannot_announce_in_a_scope(ana: User) -> None:
    stranger = make_user()
    set_actor(stranger.id)
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        queue.push(NEWS, scope_id=ana.id)
    with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
        queue.email(OPEN_APP, scope_id=ana.id, address="ana@example.org")
    assert queue.cancel(ana.id, dedupe="a") == 0
    set_actor(ana.id)
    assert not Intent.objects.filter(scope_id=ana.id).exists()
    assert not Letter.objects.filter(scope_id=ana.id).exists()


@pytest.mark.parametrize(("kind", "way"), [(CODE, "push"), (NEWS, "email")])
def test_a_type_uses_only_its_own_channel(ana: User, kind: NotificationType, way: str) -> None:
    options = {"address": "ana@example.org"} if way == "email" else {}
    with pytest.raises(ValueError, match=kind.name):
        getattr(queue, way)(kind, scope_id=ana.id, **options)


def test_each_push_is_one_statement(
    ana: User, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    with django_assert_num_queries(1):
        queue.push(NEWS, scope_id=ana.id, dedupe="a")


def test_a_letter_reveals_nothing_to_the_database(ana: User) -> None:
    queue.email(CODE, address="canary@example.org", scope_id=ana.id, context={"code": "CANARY"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT l::text, l.sealed FROM notifications_letter AS l")
        shown, sealed = cursor.fetchone()
    for text in (shown.lower().encode(), bytes(sealed).lower(), bytes.fromhex(bytes(sealed).hex())):
        assert b"canary" not in text
    assert b"canary".hex() not in shown.lower()


@pytest.mark.parametrize(
    "context",
    [
        {},
        {"code": ""},
        {"code": "come to the meeting"},
        {"code": "1234", "name": "Ana"},
        {"x": "1234"},
    ],
)
def test_a_letter_carries_a_code_and_nothing_else(ana: User, context: dict[str, str]) -> None:
    with pytest.raises(ValueError, match="cannot carry"):
        queue.email(CODE, address="a@example.org", scope_id=ana.id, context=context)
    with pytest.raises(ValueError, match="cannot carry"):
        queue.email(OPEN_APP, address="a@example.org", scope_id=ana.id, context={"code": "1234"})
    assert not Letter.objects.filter(scope_id=ana.id).exists()


@given(st.uuids())
def test_both_languages_agree_on_the_bucket(scope_id: uuid.UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT notifications_bucket(%s)", [scope_id])
        assert cursor.fetchone()[0] == bucket_of(scope_id) < BUCKETS
