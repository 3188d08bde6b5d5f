"""The same phone against the real server: every process, real HTTP, a real websocket."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TypeVar

from django.db import transaction

from clients.phone import App, Phone
from clients.phone.errors import Wiped
from recovery.feed.context import set_actor
from recovery.practice.models import CheckIn
from recovery.signin.models import DeviceSession, User
from tests.clients.ana import BORN, Ana, moods
from tests.databases import as_owner

PATIENCE = 60.0  # seconds until the pump has pushed


def sessions(user: User) -> list[DeviceSession]:
    with transaction.atomic():
        set_actor(user.id)
        return list(DeviceSession.objects.in_scope(user.id))


def wait_until_all_is_pushed() -> None:
    planned = "SELECT count(*) FROM notifications_intent WHERE state = 'planned'"
    deadline = time.monotonic() + PATIENCE
    while as_owner().execute(planned).fetchone() != (0,):
        assert time.monotonic() < deadline, "the pump does not push"
        time.sleep(0.05)


T = TypeVar("T")
NOBODYS = "0192d7a0-0000-7000-8000-000000000000"  # a care record


async def enrol_and_sync(ana: Ana, phone: Phone) -> None:
    assert await phone.enrol(ana.code, BORN) == str(ana.user.id)
    await phone.sync()
    assert f"care:{ana.record}" in phone.answers.cache.scopes()


async def check_in_offline_and_lose_the_answer(ana: Ana, phone: Phone) -> None:
    await phone.offline()
    uuid = phone.do("practice.record_check_in", ana.check_in(mood=4))
    assert moods(phone) == [(4, True)]
    phone.online()
    phone.lose_next_answer("/sync/push")
    await phone.sync()
    assert (phone.state(uuid), moods(phone)) == ("sent", [(4, False)])
    assert len([path for path in phone.network.requests if path.endswith("push")]) == 2


async def be_refused(ana: Ana, phone: Phone) -> None:
    lost = ana.check_in(mood=3, success="dear words", record=NOBODYS)
    wrong = phone.do("practice.record_check_in", lost)
    right = phone.do("practice.record_check_in", ana.check_in(mood=3))
    await phone.sync()
    assert (phone.state(wrong), phone.state(right)) == ("needs you", "sent")
    assert phone.not_sent()[0].args["success"] == "dear words"
    assert moods(phone) == [(3, False)]


async def lose_a_document(ana: Ana, phone: Phone) -> None:
    """Simulate a defect of the phone. The next app update detects and repairs it."""
    with phone.store.transaction():
        phone.store.run("DELETE FROM document WHERE kind = 'check_in'")
    assert moods(phone) == []
    phone.syncing.digest_check.app = App(version="1.0.1")
    await phone.sync()
    assert phone.syncing.digest_check.differing == [f"care:{ana.record}"]
    assert moods(phone) == [(3, False)]


async def lose_a_refresh(phone: Phone) -> None:
    old = phone.keystore.get("access_token")
    phone.lose_next_answer("/sessions/refresh")
    await phone.session.refresh(stale=old)
    await phone.session.refresh(stale=phone.keystore.get("access_token"))
    await phone.sync()


def test_a_phone_from_its_code_through_a_bad_network(ana: Ana, tmp_path: Path):
    """Enrolment, a check-in and a refresh with lost answers, a refusal, and a lost document."""

    async def play() -> None:
        async with ana.phone(tmp_path / "phone.db", name="Ana's phone") as phone:
            await enrol_and_sync(ana, phone)
            await check_in_offline_and_lose_the_answer(ana, phone)
            await be_refused(ana, phone)
            await lose_a_document(ana, phone)
            await lose_a_refresh(phone)

    asyncio.run(play())
    with transaction.atomic():
        set_actor(ana.user.id)
        assert CheckIn.objects.in_scope(ana.record).count() == 1
    assert [row.revoked_at for row in sessions(ana.user)] == [None]


async def have(ask: Callable[[], Awaitable[T]]) -> T:
    """Wait until there is something."""
    for _ in range(600):
        if something := await ask():
            return something
        await asyncio.sleep(0.1)
    raise AssertionError("it never came")


def test_another_phone_shows_it_live_and_a_lost_one_is_wiped(ana: Ana, tmp_path: Path):
    """The other one is a browser, and gets a push about it."""
    simulator = ana.stack.fcm

    async def play(one: Phone, lost: Phone) -> None:
        async with one, lost, one.connected(), lost.connected():
            inbox = await have(lambda: one.register_browser(simulator))
            await one.wait_for(lambda: not one.outbox())
            await one.wait_for(lambda: one.live.is_open and moods(one) == [])
            await lost.wait_for(lambda: lost.live.is_open and moods(lost) == [])
            one.do("practice.record_check_in", ana.check_in(mood=5))
            await lost.wait_for(lambda: moods(lost) == [(5, False)])
            await lost.wait_for(lambda: not lost.syncing.pulls_in_flight)
            one.do("people.report_phone_lost", {"session": lost.keystore.get("session")})
            await lost.wait_for(lambda: lost.is_wiped)
            await lost.wait_for(lambda: isinstance(lost.triggers.ended, Wiped))
            assert lost.store.all("SELECT * FROM document") == []
            assert lost.live.closed_with in ([], [4403])
            assert await have(lambda: one.pushes.collect(simulator, inbox)) == 1
            assert [push["k"] for push in one.pushes.received] == ["reminder"]

    one, lost = ana.phone(), ana.phone(tmp_path / "lost.db")
    ana.signed_in(one)
    ana.signed_in(lost)
    wait_until_all_is_pushed()  # else the push about this sign-in might wait for the browser
    asyncio.run(play(one, lost))
    acknowledged = [row.wipe_acked_at is not None for row in sessions(ana.user)]
    assert sorted(acknowledged) == [False, True]
