"""A push that waits for the morning waits for each person's own, and never past its use."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from notifications import queue
from notifications.models import Delivery, Preferences
from notifications.queue import QuietHours
from recovery.care.rules.reminders import Wishes, quiet_around
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.cast import make_device, make_user
from tests.notifications.kinds import NEWS, PATIENT_NEWS, REMINDER
from tests.roles import as_role

pytestmark = pytest.mark.usefixtures("committed_db")
NEW_YORK = ZoneInfo("America/New_York")
NIGHT = QuietHours("America/New_York", time(22), time(7))
TWO = datetime(2026, 3, 3, 2, 0, tzinfo=NEW_YORK)
SEVEN = datetime(2026, 3, 3, 7, 0, tzinfo=NEW_YORK)


@pytest.fixture
def ana() -> User:
    ana = make_user()
    make_device(ana, now=TWO)
    return ana


def prefers(user: User, start: time | None, end: time | None, zone: str) -> None:
    with transaction.atomic():
        set_actor(user.id)
        Preferences.objects.create(
            id=user.id, scope_id=user.id, time_zone=zone, quiet_start=start, quiet_end=end
        )


def due(user: User, kind: Any = PATIENT_NEWS, at: datetime = TWO, **options: Any) -> datetime:
    """When a push that is queued at this moment goes out."""
    options = {"quiet": NIGHT, "due": at, "expires": at + timedelta(hours=24)} | options
    with transaction.atomic():
        set_actor(user.id)
        queue.push(kind, scope_id=user.id, **options)
    with as_role("pump"), connection.cursor() as cursor:
        cursor.execute(
            "SELECT notifications_expand(%s::smallint, %s, 9)", [user.id.bytes[15] % 64, at]
        )
        return deliveries(user.id)[-1]


def deliveries(user_id: UUID) -> list[datetime]:
    return list(Delivery.objects.filter(scope_id=user_id).values_list("due", flat=True))


def test_it_waits_until_the_night_is_over(ana: User) -> None:
    assert due(ana) == SEVEN


def test_by_day_it_goes_at_once(ana: User) -> None:
    noon = datetime(2026, 3, 3, 12, 0, tzinfo=NEW_YORK)
    assert due(ana, at=noon) == noon


def test_a_person_s_own_quiet_hours_count_wherever_they_are(ana: User) -> None:
    prefers(ana, time(1), time(9, 30), "America/Los_Angeles")
    at = TWO + timedelta(hours=4)  # 03:00 in Los Angeles
    assert due(ana, at=at) == datetime(2026, 3, 3, 9, 30, tzinfo=ZoneInfo("America/Los_Angeles"))


def test_who_wants_no_quiet_hours_has_none(ana: User) -> None:
    prefers(ana, None, None, "America/New_York")
    assert due(ana) == TWO


def test_it_does_not_wait_past_the_moment_for_which_it_is_needed(ana: User) -> None:
    assert due(ana, needed_by=SEVEN - timedelta(minutes=1)) == TWO


def test_what_is_urgent_does_not_wait(ana: User) -> None:
    assert due(ana, at_once=True) == TWO


@pytest.mark.parametrize("kind", [NEWS, REMINDER])
def test_other_types_do_not_wait(ana: User, kind: Any) -> None:
    assert due(ana, kind) == TWO


def test_an_unknown_zone_delays_nobody(ana: User) -> None:
    prefers(ana, time(22), time(7), "Mars/Olympus")
    assert due(ana) == TWO


def test_something_urgent_takes_what_waits_along(ana: User) -> None:
    assert due(ana) == SEVEN
    assert due(ana, REMINDER, at=TWO + timedelta(minutes=5)) == TWO + timedelta(minutes=5)


zones = st.sampled_from(["America/New_York", "America/Los_Angeles", "Asia/Kolkata", "UTC"])
walls = st.times().map(lambda at: at.replace(second=0, microsecond=0))
# Apart from the two days on which clocks change: which of two equal wall times is meant, PostgreSQL
# and Python decide differently.
moments = st.timedeltas(timedelta(0), timedelta(days=230)).map(
    lambda later: datetime(2026, 3, 10, tzinfo=UTC) + later
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=moments, zone=zones, start=walls, end=walls)
def test_postgresql_and_python_know_the_same_nights(
    at: datetime, zone: str, start: time, end: time
) -> None:
    night = quiet_around(at, Wishes(zone, (start, end), ()))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT notifications_quiet_until(%s, %s, %s, %s)", [at, zone, str(start), str(end)]
        )
        assert cursor.fetchone() == (night[1] if night else at,)
