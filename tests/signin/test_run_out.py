"""A session that has run out is not over: its phone still holds data, and someone may find it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
import time_machine
from django.db import connection, transaction
from django.utils import timezone
from uuid_utils.compat import uuid7

from notifications import queue
from notifications.models import Delivery, PushRegistration
from recovery.actions import Call
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.people.actions.accounts import end_sessions
from recovery.signin import jobs
from recovery.signin.models import DeviceSession, User
from recovery.signin.notification_types import DEVICE_ALERT
from recovery.signin.rules import PATIENT
from tests.cast import NOW, FakePhone, act, make_user, sign_in
from tests.roles import as_role

LATER = NOW + PATIENT.idle + timedelta(days=1)


def register_push(user: User, session: str) -> None:
    facts = {"kind": "token", "value": f"device:{uuid7()}", "platform": "android"}
    act(user, "people.register_push", session_id=session, **facts)


def signed_out(user: User, *, wipe: bool) -> DeviceSession:
    with transaction.atomic(), collecting():
        set_actor(user.id)
        end_sessions(Call(actor=user, now=LATER), user.id, why="by_staff", wipe=wipe)
    set_actor(user.id)
    session: DeviceSession = DeviceSession.objects.in_scope(user.id).get()
    return session


@pytest.mark.django_db
def test_it_is_signed_out_and_wiped_with_the_others() -> None:
    user = make_user()
    sign_in(user, now=NOW)
    session = signed_out(user, wipe=True)
    assert (session.revoked_why, session.revoked_at) == ("by_staff", LATER)
    assert session.wipe_requested_at == LATER


@pytest.mark.django_db
def test_signing_in_again_on_the_same_install_continues_it() -> None:
    user = make_user()
    first = sign_in(user, now=NOW, install="the same install's secret")
    again = sign_in(user, now=LATER, install="the same install's secret")
    assert again["session"] == first["session"]
    set_actor(user.id)
    session = DeviceSession.objects.in_scope(user.id).get()
    assert session.idle_expires_at == LATER + PATIENT.idle


@pytest.mark.usefixtures("committed_db")
@pytest.mark.parametrize(("at", "deliveries"), [(NOW, 1), (LATER, 0)])
def test_it_gets_no_push(at: datetime, deliveries: int) -> None:
    user = make_user()
    register_push(user, sign_in(user, now=NOW)["session"])
    with transaction.atomic():
        set_actor(user.id)
        queue.push(DEVICE_ALERT, scope_id=user.id, due=NOW, expires=LATER + timedelta(days=1))
    with as_role("pump"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT notifications_expand(notifications_bucket(%s), %s, 100)", [user.id, at]
        )
    with transaction.atomic():
        set_actor(user.id)
        assert Delivery.objects.filter(scope_id=user.id).count() == deliveries


@pytest.mark.usefixtures("committed_db")
def test_its_push_registration_is_deleted_a_month_later() -> None:
    gone, kept = make_user(), make_user()
    register_push(gone, sign_in(gone, now=NOW)["session"])
    register_push(kept, sign_in(kept, now=LATER)["session"])
    with time_machine.travel(LATER + jobs.RUN_OUT_KEPT), as_role("jobs"):
        jobs.forget_registrations(0)
        left = set(PushRegistration.objects.values_list("scope_id", flat=True))
    assert gone.id not in left
    assert kept.id in left


@pytest.mark.django_db
def test_the_owner_sees_that_it_has_run_out() -> None:
    user = make_user()
    old = sign_in(user, now=timezone.now() - PATIENT.idle - timedelta(days=1))["session"]
    rows = {row["id"]: row for row in FakePhone(user).get("sessions").json()}
    assert datetime.fromisoformat(rows.pop(old)["lives_until"]) < timezone.now()
    assert [
        datetime.fromisoformat(row["lives_until"]) > timezone.now() for row in rows.values()
    ] == [True]
