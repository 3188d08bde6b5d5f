"""Browsers beside other phones: what they get, and what becomes of their registrations."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from psycopg_pool import AsyncConnectionPool
from structlog.testing import capture_logs

import recovery.catalog  # noqa: F401  # every domain's types
from notifications import NotificationType, queue, registrations
from notifications.fcm_simulator.answers import Answer
from notifications.models import Delivery, Intent, PushRegistration
from notifications.pump import store
from notifications.transports.subscriptions import Subscription
from notifications.transports.vapid import vapid
from notifications.types import PUSH_CLASSES, all_types
from recovery.feed.context import set_actor
from recovery.signin.models import User
from tests.cast import make_device, make_user, reachable
from tests.notifications.kinds import ALARM, NEWS, PATIENT_NEWS, REMINDER
from tests.notifications.running import (
    RunningSimulator,
    as_pump,
    let_leases_end,
    name_of,
    pump,
)

pytestmark = pytest.mark.usefixtures("committed_db")
PHONE = "device:0123456789"
PUSHED = [kind for kind in all_types() if kind.push_class]


@pytest.fixture
def ana() -> User:
    return make_user()


@pytest.fixture
def browser(web: RunningSimulator, ana: User) -> Subscription:
    """Ana's."""
    browser = web.browser()
    make_device(ana, browser.text(), kind="web", platform="web")
    return browser


def announce(user: User, kind: NotificationType = REMINDER, **options: Any) -> None:
    with transaction.atomic():
        set_actor(user.id)
        queue.push(kind, scope_id=user.id, **options)
        Intent.objects.filter(scope_id=user.id).update(jitter=0)


def ledger(user: User) -> list[tuple[str, str]]:
    with transaction.atomic():
        set_actor(user.id)
        return list(Delivery.objects.filter(scope_id=user.id).values_list("state", "reason"))


def registration(user: User) -> tuple[str, str]:
    with transaction.atomic():
        set_actor(user.id)
        row = PushRegistration.objects.get(scope_id=user.id)
        return row.state, row.reason


def test_a_person_is_reached_on_phone_and_browser(
    web: RunningSimulator, ana: User, browser: Subscription
) -> None:
    make_device(ana, PHONE)
    announce(ana)
    pump(web)
    assert len(web.accepted(PHONE)) == 1
    [shown] = web.shown(browser)
    with transaction.atomic():
        set_actor(ana.id)
        of_browser = PushRegistration.objects.get(scope_id=ana.id, kind="web").id
        [delivery] = Delivery.objects.filter(scope_id=ana.id, registration_id=of_browser)
    assert shown["data"]["id"] == str(delivery.id)
    assert (delivery.state, delivery.attempts) == ("sent", 1)


def test_the_language_is_that_of_the_registration(web: RunningSimulator, ana: User) -> None:
    browser = web.browser()
    make_device(ana, browser.text(), kind="web", platform="web", locale="es")
    announce(ana)
    pump(web)
    assert [shown["title"] for shown in web.shown(browser)] == ["Tienes algo nuevo"]


@pytest.mark.parametrize("kind", PUSHED, ids=lambda kind: kind.name)
def test_a_browser_gets_what_it_shows_and_nothing_else(
    web: RunningSimulator, ana: User, browser: Subscription, kind: NotificationType
) -> None:
    """Of every type. A phone gets it either way, so that silence here means something."""
    make_device(ana, PHONE)
    announce(ana, kind)
    pump(web)
    assert len(web.accepted(PHONE)) == 1
    known = PUSH_CLASSES[str(kind.push_class)]
    assert [shown["tag"] for shown in web.shown(browser)] == [known.name] * known.shown
    assert len(ledger(ana)) == 1 + known.shown


def test_a_firebase_token_of_a_web_app_wakes_nothing_either(
    web: RunningSimulator, ana: User
) -> None:
    make_device(ana, PHONE, platform="web")
    announce(ana, NEWS)
    announce(ana, REMINDER)
    pump(web)
    assert [message["data"]["k"] for message in web.accepted(PHONE)] == ["reminder"]


def test_what_waits_for_the_morning_waits_for_browsers_too(
    web: RunningSimulator, ana: User, browser: Subscription
) -> None:
    start, end = (datetime.now(UTC) + timedelta(hours=hours) for hours in (-1, 1))
    announce(ana, PATIENT_NEWS, quiet=queue.QuietHours("UTC", start.time(), end.time()))
    pump(web)
    assert ledger(ana) == [("planned", "")]
    assert web.shown(browser) == []
    let_leases_end(timedelta(hours=1))
    pump(web)
    assert len(web.shown(browser)) == 1


@pytest.mark.parametrize("kind", ["unregistered", "gone"])
def test_a_browser_that_is_gone_is_not_tried_again(
    web: RunningSimulator, ana: User, browser: Subscription, kind: str
) -> None:
    web.answers(name_of(browser), kind)
    announce(ana)
    pump(web)
    assert ledger(ana) == [("dead", "unregistered")]
    assert registration(ana) == ("dead", "unregistered")
    announce(ana)
    pump(web)
    assert len(web.requests(name_of(browser))) == 1


@pytest.mark.parametrize("kind", ["quota", "unavailable", "vapid_refused", "redirect"])
def test_no_trouble_with_one_browser_holds_up_anybody_else(
    web: RunningSimulator, ana: User, browser: Subscription, kind: str
) -> None:
    ben, other = make_user(), web.browser()
    make_device(ben, other.text(), kind="web", platform="web")
    make_device(ben, PHONE)
    began = datetime.now(UTC)
    web.answers(name_of(browser), Answer(kind, retry_after=600), repeat=True)
    for user in (ana, ben):
        announce(user)
    pump(web, passes=3)
    [(state, _)] = ledger(ana)
    assert (state, registration(ana)) == ("planned", ("active", ""))
    with transaction.atomic():
        set_actor(ana.id)
        assert Delivery.objects.get(scope_id=ana.id).due >= began + timedelta(minutes=10)
    assert len(web.shown(other)) == len(web.accepted(PHONE)) == 1
    assert ledger(ben) == [("sent", ""), ("sent", "")]


def test_while_firebase_is_paused_browsers_are_reached(
    web: RunningSimulator, ana: User, browser: Subscription
) -> None:
    ben = reachable(PHONE)
    web.answers(PHONE, Answer("quota", retry_after=300))
    announce(ben)
    pump(web)
    for times in (1, 2):
        announce(ben, ALARM)
        announce(ana, ALARM)
        pump(web)
        assert len(web.shown(browser)) == times
    assert web.accepted(PHONE) == []
    # What waits for Firebase is merged, as ever: no flood when it is back.
    assert ledger(ben) == [("planned", "quota_exceeded"), ("planned", "")]


def test_a_refused_key_is_reported_to_the_operator(
    web: RunningSimulator, ana: User, browser: Subscription
) -> None:
    web.answers(name_of(browser), "vapid_refused")
    announce(ana)
    with capture_logs() as logs:
        pump(web)
    [alarm] = [entry for entry in logs if entry["log_level"] == "error"]
    assert (alarm["event"], alarm["reason"]) == ("push.retried", "vapid_refused")
    for entry in logs:
        assert name_of(browser) not in str(entry)
        assert str(ana.id) not in str(entry)


def test_a_browser_off_the_list_is_retired(
    web: RunningSimulator, ana: User, browser: Subscription, settings: Any
) -> None:
    announce(ana)
    settings.FCM_ENDPOINT = "https://fcm.googleapis.com"
    pump(web)
    assert registration(ana) == ("dead", "endpoint_not_allowed")
    assert web.requests(name_of(browser)) == []


def test_a_browser_is_recognised_by_its_endpoint(
    web: RunningSimulator, ana: User, browser: Subscription
) -> None:
    """With new keys it is the same browser, and it may be another person's now."""
    ben = make_user()
    changed = Subscription(browser.endpoint, web.browser().p256dh, browser.auth)
    make_device(ben, changed.text(), kind="web", platform="web")
    with transaction.atomic():
        set_actor(ana.id)
        assert not PushRegistration.objects.filter(scope_id=ana.id).exists()
        set_actor(ben.id)
        row = PushRegistration.objects.get(scope_id=ben.id)
    assert registrations.value_of(row) == changed.text()
    assert browser.endpoint.encode() not in bytes(row.sealed)


@pytest.fixture
def no_key() -> Iterator[None]:
    def forget() -> None:
        as_pump(_delete)

    async def _delete(pool: AsyncConnectionPool) -> None:
        async with pool.connection() as conn:
            await conn.execute("DELETE FROM notifications_browserkey")

    forget()
    yield
    forget()


@pytest.mark.usefixtures("no_key")
def test_browsers_subscribe_with_the_key_that_the_pump_has_now() -> None:
    assert registrations.browser_key() is None
    for key in ("an earlier one", vapid().public):

        async def work(pool: AsyncConnectionPool, key: str = key) -> None:
            async with pool.connection() as conn:
                await store.publish_key(conn, key)

        as_pump(work)
        assert registrations.browser_key() == key
