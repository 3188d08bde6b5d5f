"""Recipients: the members at the time of sending, on the phones they have then."""

from __future__ import annotations

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from psycopg.errors import InsufficientPrivilege
from psycopg_pool import AsyncConnectionPool

from notifications import NotificationType, queue
from notifications.models import Delivery, Intent, Preferences, PushRegistration
from notifications.pump import store
from recovery.feed import scopes
from recovery.feed.collect import collecting
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.cast import make_device, make_user, open_group, reachable
from tests.notifications.kinds import ALARM, HOUR, NEWS, OTHER_NEWS, REMINDER, SCATTERED
from tests.notifications.running import RunningSimulator, as_pump, pump, shift
from tests.roles import as_role, set_scene

pytestmark = pytest.mark.usefixtures("committed_db")
PHONE = "device:of-{}".format


def announce(
    author: User, scope_id: uuid.UUID, kind: NotificationType = NEWS, **options: Any
) -> None:
    with transaction.atomic():
        set_actor(author.id)
        queue.push(kind, scope_id=scope_id, **options)


def notified(fcm: RunningSimulator, *users: str) -> list[str]:
    """The phones that got exactly one push. A second push is an error."""
    counts = {user: len(fcm.accepted(PHONE(user))) for user in users}
    assert set(counts.values()) <= {0, 1}
    return [user for user in users if counts[user]]


@pytest.fixture
def cast() -> tuple[User, User, User]:
    ana, ben, cleo = (reachable(PHONE(name)) for name in ("ana", "ben", "cleo"))
    return ana, ben, cleo


def test_all_members_but_the_author_are_notified_of_a_message(
    fcm: RunningSimulator, cast: tuple[User, User, User]
) -> None:
    ana, ben, _ = cast
    announce(ana, open_group(ana, ben), except_user=ana.id)
    pump(fcm)
    assert notified(fcm, "ana", "ben", "cleo") == ["ben"]


def test_one_role_alone_can_be_notified(
    fcm: RunningSimulator, cast: tuple[User, User, User]
) -> None:
    ana, ben, cleo = cast
    room = open_group(ana, ben, cleo, roles={cleo.id: "moderator"})
    announce(ana, room, role="moderator")
    pump(fcm)
    assert notified(fcm, "ana", "ben", "cleo") == ["cleo"]


def test_all_phones_of_a_person_are_notified(fcm: RunningSimulator) -> None:
    ana = reachable(PHONE("ana"))
    make_device(ana, PHONE("tablet"), kind="fid", platform="ios")
    announce(ana, ana.id, REMINDER)
    pump(fcm)
    assert notified(fcm, "ana", "tablet") == ["ana", "tablet"]


def test_a_member_who_left_before_it_was_due_is_not_notified(
    fcm: RunningSimulator, cast: tuple[User, User, User]
) -> None:
    ana, ben, cleo = cast
    room = open_group(ana, ben, cleo)
    announce(ana, room)
    with transaction.atomic(), collecting():
        set_actor(ben.id)
        scopes.revoke(room, ben.id)
    pump(fcm)
    assert notified(fcm, "ana", "ben", "cleo") == ["ana", "cleo"]


def test_a_person_without_the_acknowledged_notice_is_not_notified(
    fcm: RunningSimulator, cast: tuple[User, User, User]
) -> None:
    ana, ben, _ = cast
    room = open_group(ana)
    with transaction.atomic(), collecting(), set_scene():
        scopes.grant(room, ben.id, "member", held=True)
    announce(ana, room)
    pump(fcm)
    assert notified(fcm, "ana", "ben") == ["ana"]


def test_a_person_who_signed_out_before_sending_is_not_notified(fcm: RunningSimulator) -> None:
    ana = reachable(PHONE("ana"))
    announce(ana, ana.id, REMINDER)

    def sign_out(point: str) -> None:
        if point == "before_claim":
            with transaction.atomic():
                set_actor(ana.id)
                PushRegistration.objects.filter(scope_id=ana.id).delete()

    pump_and_call(fcm, sign_out)
    assert notified(fcm, "ana") == []
    assert deliveries() == [("dead", "registration_gone")]


def pump_and_call(fcm: RunningSimulator, act: Any) -> None:
    """Run the pump and call `act` with the name of each point of a pass, in another thread."""
    with ThreadPoolExecutor(1) as other:
        pump(fcm, at=lambda point: other.submit(act, point).result())


def deliveries() -> list[tuple[str, str]]:
    with as_role("pump"):
        return sorted(Delivery.objects.values_list("state", "reason"))


def test_opting_out_of_a_type_leaves_the_other_types(fcm: RunningSimulator) -> None:
    ana, ben = reachable(PHONE("ana")), reachable(PHONE("ben"))
    with transaction.atomic():
        set_actor(ben.id)
        Preferences(scope_id=ben.id, opt_outs=[NEWS.name]).save(force_insert=True)
    room = open_group(ana, ben)
    announce(ana, room, NEWS)
    pump(fcm)
    assert notified(fcm, "ana", "ben") == ["ana"]
    announce(ana, room, OTHER_NEWS)
    pump(fcm)
    assert len(fcm.accepted(PHONE("ben"))) == 1


def test_a_stale_token_is_not_used(fcm: RunningSimulator) -> None:
    ana = make_user()
    now = datetime.now(UTC)
    make_device(ana, PHONE("old"), now=now - timedelta(days=271))
    make_device(ana, PHONE("new"), now=now - timedelta(days=269))
    announce(ana, ana.id)
    pump(fcm)
    assert notified(fcm, "old", "new") == ["new"]


def expand_all() -> datetime:
    """Expand every due intent; nothing is sent yet. Returns the database's time."""

    async def work(pool: AsyncConnectionPool) -> datetime:
        async with pool.connection() as conn:
            view = await store.poll(conn, store.POLL_PUSHES)
            for bucket in view.buckets:
                await store.expand(conn, bucket, view.now)
            return view.now

    return as_pump(work)


def test_ten_messages_are_one_push_to_each_phone(
    fcm: RunningSimulator, cast: tuple[User, User, User]
) -> None:
    ana, ben, _ = cast
    room, other_room = open_group(ana, ben), open_group(ana, ben)
    for _ in range(5):
        announce(ana, room, NEWS)
        announce(ana, other_room, OTHER_NEWS)
    # A pass of the pump could send to a phone before it expands the other room.
    expand_all()
    pump(fcm)
    assert notified(fcm, "ana", "ben") == ["ana", "ben"]
    assert deliveries() == [("sent", ""), ("sent", "")]


def test_classes_are_not_mixed(fcm: RunningSimulator) -> None:
    ana = reachable(PHONE("ana"))
    for kind in (NEWS, REMINDER, ALARM):
        announce(ana, ana.id, kind)
    pump(fcm)
    kinds = [message["data"]["k"] for message in fcm.accepted(PHONE("ana"))]
    assert sorted(kinds) == ["reminder", "sync", "urgent"]


def test_a_message_after_the_claim_is_announced_again(fcm: RunningSimulator) -> None:
    ana = reachable(PHONE("ana"))
    announce(ana, ana.id)
    news = iter([lambda: announce(ana, ana.id)])
    pump_and_call(fcm, lambda point: next(news, lambda: None)() if point == "after_claim" else None)
    pump(fcm)
    assert len(fcm.accepted(PHONE("ana"))) == 2


def test_nothing_is_sent_before_it_is_due(fcm: RunningSimulator) -> None:
    ana = reachable(PHONE("ana"))
    announce(ana, ana.id, REMINDER, due=datetime.now(UTC) + HOUR)
    pump(fcm)
    assert notified(fcm, "ana") == []
    shift(("notifications_intent",), HOUR)
    pump(fcm)
    assert notified(fcm, "ana") == ["ana"]


def test_a_stale_push_expires_unsent(fcm: RunningSimulator) -> None:
    ana = reachable(PHONE("ana"))
    announce(ana, ana.id, REMINDER, due=datetime.now(UTC) - 2 * HOUR)
    pump(fcm)
    assert notified(fcm, "ana") == []
    with transaction.atomic():
        set_actor(ana.id)
        assert Intent.objects.get(scope_id=ana.id).state == "expired"
    assert deliveries() == []


def test_pushes_to_a_crowd_are_spread_over_their_allowed_time(fcm: RunningSimulator) -> None:
    people = [make_user() for _ in range(12)]
    for person in people:
        make_device(person)
    announce(people[0], open_group(*people), SCATTERED)
    now = expand_all()
    with as_role("pump"):
        dues = Delivery.objects.values_list("due", flat=True)
        delays = [(due - now).total_seconds() for due in dues]
    assert len(delays) == 12
    assert all(0 <= delay <= 1800 for delay in delays)
    assert max(delays) - min(delays) > 60


def test_nobody_but_the_pump_may_expand_and_the_pump_sees_no_memberships() -> None:
    with pytest.raises(Exception, match="permission denied"), transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT notifications_expand(0::smallint, now(), 1)")

    async def read_memberships(pool: AsyncConnectionPool) -> None:
        async with pool.connection() as conn:
            await conn.execute("SELECT * FROM recovery_membership")

    with pytest.raises(InsufficientPrivilege):
        as_pump(read_memberships)
