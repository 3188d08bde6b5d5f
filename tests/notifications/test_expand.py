"""Who hears of it: members at that moment, on the phones they have at that moment."""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from psycopg.errors import InsufficientPrivilege
from psycopg_pool import AsyncConnectionPool
from uuid_utils.compat import uuid7

from notifications import NotificationType, queue
from notifications.models import Intent, Preferences, PushRegistration
from notifications.pump import store
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.factories.devices import make_device, reachable
from tests.factories.people import HOME, make_user
from tests.notifications.kinds import ALARM, HOUR, NEWS, OTHER_NEWS, REMINDER, SCATTERED
from tests.notifications.running import RunningSimulator, as_pump, pump, shift

pytestmark = pytest.mark.usefixtures("committed_db")
PHONE = "device:of-{}".format


def group(*members: User, roles: dict[uuid.UUID, str] | None = None) -> uuid.UUID:
    """A scope with these people in it; the first one opens it."""
    first, *rest = members
    with transaction.atomic(), collecting():
        set_actor(first.id)
        scope_id = scopes.open_scope(
            "group", uuid7(), home_id=HOME, user_id=first.id, role="facilitator"
        )
        for user in rest:
            scopes.grant(scope_id, user.id, (roles or {}).get(user.id, "member"))
    return scope_id


def announce(
    author: User, scope_id: uuid.UUID, kind: NotificationType = NEWS, **options: Any
) -> None:
    with transaction.atomic():
        set_actor(author.id)
        queue.push(kind, scope_id=scope_id, **options)


def heard(fcm: RunningSimulator, *users: str) -> list[str]:
    """Which of these got exactly one push; a second one is an error."""
    counts = {user: len(fcm.accepted(PHONE(user))) for user in users}
    assert set(counts.values()) <= {0, 1}
    return [user for user in users if counts[user]]


@pytest.fixture
def cast() -> tuple[User, User, User]:
    alice, bob, carol = (reachable(PHONE(name)) for name in ("alice", "bob", "carol"))
    return alice, bob, carol


def test_everybody_but_the_author_hears_of_a_message(
    fcm: RunningSimulator, cast: tuple[User, User, User]
) -> None:
    alice, bob, _ = cast
    announce(alice, group(alice, bob), except_user=alice.id)
    pump(fcm)
    assert heard(fcm, "alice", "bob", "carol") == ["bob"]


def test_one_role_alone_can_be_told(fcm: RunningSimulator, cast: tuple[User, User, User]) -> None:
    alice, bob, carol = cast
    room = group(alice, bob, carol, roles={carol.id: "moderator"})
    announce(alice, room, role="moderator")
    pump(fcm)
    assert heard(fcm, "alice", "bob", "carol") == ["carol"]


def test_a_person_has_all_their_phones_told(fcm: RunningSimulator) -> None:
    alice = reachable(PHONE("alice"))
    make_device(alice, PHONE("tablet"), kind="fid", platform="ios")
    announce(alice, alice.id, REMINDER)
    pump(fcm)
    assert heard(fcm, "alice", "tablet") == ["alice", "tablet"]


def test_who_left_before_it_was_due_hears_nothing(
    fcm: RunningSimulator, cast: tuple[User, User, User]
) -> None:
    alice, bob, carol = cast
    room = group(alice, bob, carol)
    announce(alice, room)
    with transaction.atomic(), collecting():
        set_actor(bob.id)
        scopes.revoke(room, bob.id)
    pump(fcm)
    assert heard(fcm, "alice", "bob", "carol") == ["alice", "carol"]


def test_who_has_not_acknowledged_the_notice_hears_nothing(
    fcm: RunningSimulator, cast: tuple[User, User, User]
) -> None:
    alice, bob, _ = cast
    room = group(alice)
    with transaction.atomic(), collecting():
        set_actor(alice.id)
        scopes.grant(room, bob.id, "member", held=True)
    announce(alice, room)
    pump(fcm)
    assert heard(fcm, "alice", "bob") == ["alice"]


def test_who_signed_out_before_it_was_sent_hears_nothing(fcm: RunningSimulator) -> None:
    alice = reachable(PHONE("alice"))
    announce(alice, alice.id, REMINDER)

    def sign_out(point: str) -> None:
        if point == "before_claim":
            with transaction.atomic():
                set_actor(alice.id)
                PushRegistration.objects.filter(scope_id=alice.id).delete()

    as_if_in_between(fcm, sign_out)
    assert heard(fcm, "alice") == []
    assert deliveries() == [("dead", "registration_gone")]


def as_if_in_between(fcm: RunningSimulator, act: Any) -> None:
    """Run `act` in another thread at the points of a pump's pass."""
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as other:
        pump(fcm, at=lambda point: other.submit(act, point).result())


def deliveries() -> list[tuple[str, str]]:
    async def work(pool: AsyncConnectionPool) -> list[tuple[str, str]]:
        async with pool.connection() as conn:
            rows = await conn.execute("SELECT state, reason FROM notifications_delivery")
            return sorted(await rows.fetchall())

    return as_pump(work)


def test_who_opted_out_of_this_type_hears_of_others_only(fcm: RunningSimulator) -> None:
    alice, bob = reachable(PHONE("alice")), reachable(PHONE("bob"))
    with transaction.atomic():
        set_actor(bob.id)
        Preferences(scope_id=bob.id, opt_outs=[NEWS.name]).save(force_insert=True)
    room = group(alice, bob)
    announce(alice, room, NEWS)
    pump(fcm)
    assert heard(fcm, "alice", "bob") == ["alice"]
    announce(alice, room, OTHER_NEWS)
    pump(fcm)
    assert len(fcm.accepted(PHONE("bob"))) == 1


def test_a_token_of_long_ago_is_not_tried(fcm: RunningSimulator) -> None:
    alice = make_user()
    now = datetime.now(UTC)
    make_device(alice, PHONE("old"), now=now - timedelta(days=271))
    make_device(alice, PHONE("new"), now=now - timedelta(days=269))
    announce(alice, alice.id)
    pump(fcm)
    assert heard(fcm, "old", "new") == ["new"]


def test_ten_messages_are_one_push_to_each_phone(
    fcm: RunningSimulator, cast: tuple[User, User, User]
) -> None:
    alice, bob, _ = cast
    room, other_room = group(alice, bob), group(alice, bob)
    for _ in range(5):
        announce(alice, room, NEWS)
        announce(alice, other_room, OTHER_NEWS)
    pump(fcm, passes=2)
    assert heard(fcm, "alice", "bob") == ["alice", "bob"]
    assert deliveries() == [("sent", ""), ("sent", "")]


def test_classes_are_not_mixed(fcm: RunningSimulator) -> None:
    alice = reachable(PHONE("alice"))
    for kind in (NEWS, REMINDER, ALARM):
        announce(alice, alice.id, kind)
    pump(fcm)
    kinds = [message["data"]["k"] for message in fcm.accepted(PHONE("alice"))]
    assert sorted(kinds) == ["reminder", "sync", "urgent"]


def test_what_comes_after_the_claim_is_told_anew(fcm: RunningSimulator) -> None:
    alice = reachable(PHONE("alice"))
    announce(alice, alice.id)
    news = iter([lambda: announce(alice, alice.id)])
    as_if_in_between(
        fcm, lambda point: next(news, lambda: None)() if point == "after_claim" else None
    )
    pump(fcm)
    assert len(fcm.accepted(PHONE("alice"))) == 2


def test_nothing_is_sent_before_it_is_due(fcm: RunningSimulator) -> None:
    alice = reachable(PHONE("alice"))
    announce(alice, alice.id, REMINDER, due=datetime.now(UTC) + HOUR)
    pump(fcm)
    assert heard(fcm, "alice") == []
    shift(("notifications_intent",), HOUR)
    pump(fcm)
    assert heard(fcm, "alice") == ["alice"]


def test_what_is_stale_ends_expired_and_unsent(fcm: RunningSimulator) -> None:
    alice = reachable(PHONE("alice"))
    announce(alice, alice.id, REMINDER, due=datetime.now(UTC) - 2 * HOUR)
    pump(fcm)
    assert heard(fcm, "alice") == []
    with transaction.atomic():
        set_actor(alice.id)
        assert Intent.objects.get(scope_id=alice.id).state == "expired"
    assert deliveries() == []


def test_a_crowd_is_spread_over_the_time_it_may_take(fcm: RunningSimulator) -> None:
    people = [make_user() for _ in range(12)]
    for person in people:
        make_device(person)
    announce(people[0], group(*people), SCATTERED)

    async def work(pool: AsyncConnectionPool) -> list[float]:
        async with pool.connection() as conn:
            view = await store.poll(conn, store.POLL_PUSHES)
            for bucket in view.buckets:
                await store.expand(conn, bucket, view.now)
            rows = await conn.execute("SELECT due FROM notifications_delivery")
            return [(due - view.now).total_seconds() for (due,) in await rows.fetchall()]

    delays = as_pump(work)
    assert len(delays) == 12
    assert all(0 <= delay <= 1800 for delay in delays)
    assert max(delays) - min(delays) > 60


def test_nobody_but_the_pump_may_expand_and_the_pump_sees_no_memberships() -> None:
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT notifications_expand(0::smallint, now(), 1)")

    async def peep(pool: AsyncConnectionPool) -> None:
        async with pool.connection() as conn:
            await conn.execute("SELECT * FROM recovery_membership")

    with pytest.raises(InsufficientPrivilege):
        as_pump(peep)
