"""The ledger and the registrations after each kind of answer."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
import pytest
from django.db import connection, transaction
from psycopg_pool import AsyncConnectionPool
from structlog.testing import capture_logs

from notifications import queue, registrations
from notifications.fcm_simulator.answers import Answer
from notifications.models import Delivery, PushRegistration
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.cast import reachable
from tests.notifications.kinds import ALARM, HOUR, REMINDER
from tests.notifications.running import (
    RunningSimulator,
    as_pump,
    deadline_for,
    let_leases_end,
    pump,
    shift,
)
from tests.servers import owner_url

pytestmark = pytest.mark.usefixtures("committed_db")
PHONE = "device:0123456789"


@pytest.fixture
def ana() -> User:
    user = reachable(PHONE, platform="ios")
    remind(user)
    return user


def remind(user: User, **options: Any) -> None:
    with transaction.atomic():
        set_actor(user.id)
        queue.push(REMINDER, scope_id=user.id, **options)


def ledger(user: User) -> Delivery:
    """The only delivery for `user`."""
    with transaction.atomic():
        set_actor(user.id)
        return Delivery.objects.get(scope_id=user.id)


def registration(user: User) -> tuple[str, str]:
    with transaction.atomic():
        set_actor(user.id)
        row = PushRegistration.objects.get(scope_id=user.id)
        return row.state, row.reason


def pauses() -> dict[str, datetime]:
    """The end of each pause."""

    async def work(pool: AsyncConnectionPool) -> dict[str, datetime]:
        async with pool.connection() as conn:
            rows = await conn.execute("SELECT name, until FROM notifications_pause")
            return dict(await rows.fetchall())

    return as_pump(work)


def end_pauses() -> None:
    async def work(pool: AsyncConnectionPool) -> None:
        async with pool.connection() as conn:
            await conn.execute("UPDATE notifications_pause SET until = until - interval '1 day'")

    as_pump(work)


def test_sent(fcm: RunningSimulator, ana: User) -> None:
    pump(fcm)
    row = ledger(ana)
    assert (row.state, row.attempts, row.reason) == ("sent", 1, "")
    assert row.fcm_id.startswith("projects/")
    assert row.settled_at is not None
    pump(fcm)
    assert len(fcm.requests(PHONE)) == 1


@pytest.mark.parametrize(
    ("kind", "reason", "after"),
    [
        ("unregistered", "unregistered", "dead"),
        ("invalid_registration", "invalid_registration", "dead"),
        ("invalid_token_field", "invalid_registration", "dead"),
        ("sender_id_mismatch", "sender_id_mismatch", "quarantined"),
    ],
)
def test_a_registration_that_is_refused_is_not_used_again(
    fcm: RunningSimulator, ana: User, kind: str, reason: str, after: str
) -> None:
    fcm.answers(PHONE, kind)
    pump(fcm)
    assert (ledger(ana).state, ledger(ana).reason) == ("dead", reason)
    assert registration(ana) == (after, reason)
    remind(ana)
    pump(fcm)
    assert len(fcm.requests(PHONE)) == 1


def test_a_fault_of_ours_costs_no_registration_and_is_logged(
    fcm: RunningSimulator, ana: User
) -> None:
    fcm.answers(PHONE, "invalid_field")
    with capture_logs() as logs:
        pump(fcm)
    assert (ledger(ana).state, ledger(ana).reason) == ("dead", "invalid_request")
    assert registration(ana) == ("active", "")
    [alarm] = [entry for entry in logs if entry["log_level"] == "error"]
    assert alarm["delivery"] == str(ledger(ana).id)


def test_a_registration_refreshed_meanwhile_is_kept(fcm: RunningSimulator, ana: User) -> None:
    from concurrent.futures import ThreadPoolExecutor

    def refresh() -> None:
        with transaction.atomic():
            set_actor(ana.id)
            old = PushRegistration.objects.get(scope_id=ana.id)
            registrations.register(
                user_id=ana.id,
                session_id=old.session_id,
                kind="token",
                value=PHONE,
                platform="ios",
                now=datetime.now(UTC),
            )

    fcm.answers(PHONE, "unregistered")
    with ThreadPoolExecutor(1) as other:
        pump(fcm, at=lambda at: other.submit(refresh).result() if at == "after_claim" else None)
    assert ledger(ana).reason == "unregistered"
    assert registration(ana) == ("active", "")


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (Answer("internal"), "internal"),
        (Answer("unavailable"), "unavailable"),
        (Answer("reset"), "unreachable"),
        (Answer("slow", seconds=9), "timeout"),
    ],
)
def test_a_temporary_failure_is_retried_later(
    fcm: RunningSimulator, ana: User, answer: Answer, reason: str
) -> None:
    fcm.answers(PHONE, answer)
    began = datetime.now(UTC)
    pump(fcm, passes=1, deadline=deadline_for(answer))
    row = ledger(ana)
    assert (row.state, row.attempts, row.reason) == ("planned", 1, reason)
    assert row.due >= began + timedelta(seconds=1)
    assert row.due <= datetime.now(UTC) + timedelta(seconds=10)
    assert registration(ana) == ("active", "")
    assert pauses() == {}
    let_leases_end()
    pump(fcm)
    assert (ledger(ana).state, ledger(ana).attempts) == ("sent", 2)


def test_an_unavailable_service_is_not_retried_before_its_time(
    fcm: RunningSimulator, ana: User
) -> None:
    fcm.answers(PHONE, Answer("unavailable", retry_after=600))
    began = datetime.now(UTC)
    pump(fcm)
    assert ledger(ana).due >= began + timedelta(minutes=10)


def test_a_push_out_of_time_expires_without_an_error(fcm: RunningSimulator, ana: User) -> None:
    fcm.answers(PHONE, "unavailable", repeat=True)
    pump(fcm)
    with capture_logs() as logs:

        async def work(pool: AsyncConnectionPool) -> None:
            async with pool.connection() as conn:
                await conn.execute(
                    "UPDATE notifications_delivery SET due = due - interval '1 day',"
                    " expires = expires - interval '1 day'"
                )

        as_pump(work)
        pump(fcm)
    assert (ledger(ana).state, ledger(ana).reason) == ("expired", "ttl")
    assert registration(ana) == ("active", "")
    assert len(fcm.requests(PHONE)) == 1
    assert {entry["log_level"] for entry in logs} == {"info"}
    assert [entry["expired"] for entry in logs if "expired" in entry] == [1]


@pytest.mark.parametrize("as_date", [False, True])
def test_one_429_pauses_every_pump_until_its_retry_time(
    fcm: RunningSimulator, ana: User, as_date: bool
) -> None:
    ben = reachable("device:of-ben-0123")
    fcm.answers(PHONE, Answer("quota", retry_after=300, as_date=as_date))
    # An HTTP date has whole seconds only.
    named = datetime.now(UTC) + timedelta(seconds=299)
    pump(fcm)
    row = ledger(ana)
    assert (row.state, row.attempts, row.reason) == ("planned", 0, "quota_exceeded")
    [(name, until)] = pauses().items()
    assert name == "fcm"
    assert named <= until <= datetime.now(UTC) + timedelta(seconds=300)
    assert row.due >= until
    remind(ben)
    let_leases_end(timedelta(days=1) - HOUR)
    pump(fcm, passes=3)
    assert fcm.requests("device:of-ben-0123") == []
    assert len(fcm.requests(PHONE)) == 1
    end_pauses()
    unexpire()
    pump(fcm, passes=2)
    assert len(fcm.accepted("device:of-ben-0123")) == len(fcm.accepted(PHONE)) == 1
    assert ledger(ana).attempts == 1


def unexpire() -> None:
    async def work(pool: AsyncConnectionPool) -> None:
        async with pool.connection() as conn:
            await conn.execute("UPDATE notifications_delivery SET expires = now() + interval '1 h'")
            await conn.execute("UPDATE notifications_intent SET expires = now() + interval '1 h'")

    as_pump(work)


def test_429_without_a_time_is_a_minute(fcm: RunningSimulator, ana: User) -> None:
    fcm.answers(PHONE, "quota")
    began = datetime.now(UTC)
    pump(fcm)
    assert began <= pauses()["fcm"] - timedelta(minutes=1) <= datetime.now(UTC)


def test_after_a_429_the_rest_of_the_batch_waits_too(fcm: RunningSimulator) -> None:
    people = [reachable(f"device:number-{number}") for number in range(30)]
    fcm.answers("*", "quota", repeat=True)
    for person in people:
        remind(person)
    pump(fcm, passes=3)
    first = fcm.inside.inboxes.requests
    pump(fcm, passes=3)
    assert fcm.inside.inboxes.requests == first
    assert {ledger(person).attempts for person in people} <= {0}


def test_a_pause_that_cannot_be_shared_delays_no_results(fcm: RunningSimulator, ana: User) -> None:
    fcm.answers(PHONE, Answer("quota", retry_after=300))
    began = datetime.now(UTC)
    with psycopg.connect(owner_url(connection.settings_dict["NAME"]), autocommit=True) as owner:
        owner.execute("REVOKE INSERT ON notifications_pause FROM pump")
        try:
            pump(fcm)
        finally:
            owner.execute("GRANT INSERT ON notifications_pause TO pump")
    assert (ledger(ana).state, ledger(ana).reason) == ("planned", "quota_exceeded")
    assert ledger(ana).due >= began + timedelta(seconds=300)
    assert pauses() == {}


def test_a_broken_apple_key_stops_apple_only(fcm: RunningSimulator, ana: User) -> None:
    ben = reachable("device:of-ben-0123", platform="android")
    fcm.answers(PHONE, "third_party_auth_error")
    with capture_logs() as logs:
        pump(fcm)
    row = ledger(ana)
    assert (row.state, row.attempts, row.reason) == ("planned", 0, "third_party_auth_error")
    assert registration(ana) == ("active", "")
    assert list(pauses()) == ["fcm:ios"]
    assert [entry["name"] for entry in logs if entry["log_level"] == "critical"] == ["fcm:ios"]
    remind(ben)
    shift(("notifications_delivery",), timedelta(minutes=6))
    pump(fcm)
    assert len(fcm.requests(PHONE)) == 1
    assert len(fcm.accepted("device:of-ben-0123")) == 1
    end_pauses()
    shift(("notifications_delivery",), timedelta(minutes=6))
    pump(fcm)
    assert ledger(ana).state == "sent"


@pytest.mark.parametrize("kind", ["unauthenticated", "permission_denied"])
def test_a_refused_credential_stops_all_and_alerts_an_operator(
    fcm: RunningSimulator, ana: User, kind: str
) -> None:
    fcm.answers(PHONE, kind)
    with capture_logs() as logs:
        pump(fcm)
    row = ledger(ana)
    assert (row.state, row.attempts, row.reason) == ("planned", 0, kind)
    assert registration(ana) == ("active", "")
    assert list(pauses()) == ["fcm"]
    assert [entry["reason"] for entry in logs if entry["log_level"] == "critical"] == [kind]


def test_an_account_without_tokens_stops_all(fcm: RunningSimulator, ana: User) -> None:
    fcm.inside.authority.refusing = True
    pump(fcm)
    assert (ledger(ana).state, ledger(ana).attempts) == ("planned", 0)
    assert list(pauses()) == ["fcm"]
    assert fcm.requests(PHONE) == []


def test_an_unreadable_delivery_ends_dead_and_the_others_continue(
    fcm: RunningSimulator, ana: User
) -> None:
    ben = reachable("device:of-ben-0123")
    remind(ben)
    with transaction.atomic():
        set_actor(ana.id)
        PushRegistration.objects.filter(scope_id=ana.id).update(sealed=b"rubbish")
    pump(fcm)
    assert (ledger(ana).state, ledger(ana).reason) == ("dead", "unreadable")
    assert ledger(ben).state == "sent"


def test_logs_never_name_a_device_or_a_person(fcm: RunningSimulator, ana: User) -> None:
    kinds = ("invalid_field", "sender_id_mismatch", "unavailable", "quota", "unregistered")
    with capture_logs() as logs:
        for kind in kinds:
            fcm.answers(PHONE, kind)
            remind(ana)
            pump(fcm)
            end_pauses()
    assert logs
    for entry in logs:
        assert PHONE not in str(entry)
        assert str(ana.id) not in str(entry)
        assert entry.keys() <= {
            *("event", "log_level", "channel", "delivery", "reason", "name", "seconds"),
            *("sent", "planned", "dead", "expired", "stale"),
        }


def test_near_the_end_of_its_lease_nothing_is_started(fcm: RunningSimulator, ana: User) -> None:
    import time

    def dawdle(point: str) -> None:
        if point == "after_claim":
            time.sleep(0.6)

    pump(fcm, lease=timedelta(seconds=1), at=dawdle)
    row = ledger(ana)
    assert (row.state, row.attempts, row.reason) == ("planned", 0, "released")
    assert fcm.requests(PHONE) == []
    pump(fcm)
    assert ledger(ana).state == "sent"


def test_an_urgent_push_has_high_priority(fcm: RunningSimulator) -> None:
    ana = reachable(PHONE)
    with transaction.atomic():
        set_actor(ana.id)
        queue.push(ALARM, scope_id=ana.id)
    pump(fcm)
    [message] = fcm.accepted(PHONE)
    assert message["data"] == {"v": "1", "k": "urgent"}
    assert message["android"]["priority"] == "high"
