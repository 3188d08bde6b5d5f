"""The real simulator in a thread, and the real pump in this process."""

from __future__ import annotations

import asyncio
import json
import os
import random
import threading
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any, TypeVar

from aiohttp import web
from firebase_admin import credentials
from psycopg_pool import AsyncConnectionPool

from notifications.fcm_simulator.answers import Answer
from notifications.fcm_simulator.app import Simulator
from notifications.fcm_simulator.browsers import Browsers
from notifications.fcm_simulator.inbox import Inboxes
from notifications.pump import loop, store
from notifications.pump.emails import Emails
from notifications.pump.pace import Pace
from notifications.pump.process import connections
from notifications.pump.pushes import Pushes
from notifications.transports.credentials import AccessToken
from notifications.transports.email import Mailer
from notifications.transports.fcm import Fcm
from notifications.transports.subscriptions import Subscription
from notifications.transports.vapid import vapid
from notifications.transports.webpush import WebPush
from tools.local.data_directory import free_port

T = TypeVar("T")
EARLIER = "UPDATE {table} SET due = due - %s WHERE state = 'planned'"


class RunningSimulator:
    """A simulator on a loopback port of its own."""

    def __init__(self, endpoint: str) -> None:
        self.endpoint = endpoint
        self.inside = Simulator(endpoint)

    def forget(self) -> None:
        self.inside.script.clear()
        self.inside.inboxes = Inboxes()
        self.inside.browsers = Browsers(self.endpoint)
        self.inside.authority.revoke()
        self.inside.authority.refusing = False

    def answers(self, token: str, *kinds: str | Answer, repeat: bool = False) -> None:
        parsed = [kind if isinstance(kind, Answer) else Answer(kind) for kind in kinds]
        self.inside.script.set(token, parsed, repeat=repeat)

    def requests(self, token: str) -> list[dict[str, Any]]:
        return self.inside.inboxes.of(token)

    def accepted(self, token: str) -> list[dict[str, Any]]:
        """The messages accepted for this phone."""
        return [
            json.loads(request["body"])["message"]
            for request in self.requests(token)
            if request["accepted"]
        ]

    def subscription(self, server_key: str = "") -> dict[str, Any]:
        """A new browser's, as the browser gives it."""
        return self.inside.browsers.subscribe(server_key)

    def browser(self) -> Subscription:
        """A new browser's, as the server keeps it. FCM_ENDPOINT must lead here."""
        made = self.subscription(vapid().public)
        return Subscription(made["endpoint"], **made["keys"])

    def shown(self, browser: Subscription) -> list[dict[str, Any]]:
        """The notifications that this browser decrypted and showed."""
        return [
            json.loads(request["body"])["notification"]
            for request in self.requests(name_of(browser))
            if request["accepted"]
        ]

    def account(self) -> AccessToken:
        return AccessToken(credentials.Certificate(self.inside.authority.credentials()))


def name_of(browser: Subscription) -> str:
    """The simulator's name for a browser."""
    return browser.endpoint.rpartition("/")[2]


PATIENT = 60.0


@contextmanager
def simulator() -> Iterator[RunningSimulator]:
    """Serve the simulator in a thread until the block ends."""
    port = free_port()
    running = RunningSimulator(f"http://127.0.0.1:{port}")
    ready, stop = threading.Event(), asyncio.Event()
    background = asyncio.new_event_loop()

    async def serve() -> None:
        runner = web.AppRunner(running.inside.app(), access_log=None, handler_cancellation=True)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        ready.set()
        await stop.wait()
        await runner.cleanup()

    thread = threading.Thread(target=background.run_until_complete, args=(serve(),))
    thread.start()
    try:
        ready.wait(10)
        yield running
    finally:
        background.call_soon_threadsafe(stop.set)
        thread.join(10)
        background.close()


def deadline_for(answer: Answer) -> float:
    """Seconds for an attempt. A busy machine must not be taken for a service that is too slow."""
    return 3.0 if answer.kind == "slow" else PATIENT


def pump(
    running: RunningSimulator, *, passes: int = 2, deadline: float = PATIENT, **options: Any
) -> Pushes:
    """Run passes as role pump. The first finds the recipients, the second sends to them."""

    async def work(pool: AsyncConnectionPool) -> Pushes:
        async with (
            Fcm(running.endpoint, running.account(), deadline=deadline) as fcm,
            WebPush(vapid(), deadline=deadline) as browsers,
        ):
            channel = Pushes(pool, fcm, browsers, Pace(2000.0), dice=random.Random(1), **options)
            for _ in range(passes):
                await loop.one_pass(channel)
            return channel

    return as_pump(work)


def pump_mail(mailer: Mailer, *, passes: int = 1) -> None:
    async def work(pool: AsyncConnectionPool) -> None:
        channel = Emails(pool, mailer, dice=random.Random(1))
        for _ in range(passes):
            await loop.one_pass(channel)

    as_pump(work)


def as_pump(work: Callable[[AsyncConnectionPool], Awaitable[T]], *, size: int = 4) -> T:
    """Run `work` with connections of role pump."""

    async def run() -> T:
        async with connections(os.environ["DATABASE_URL_PUMP"], size) as pool:
            return await work(pool)

    return asyncio.run(run())


def let_leases_end(by: timedelta = store.LEASE) -> None:
    """Simulate that `by` has passed: everything planned becomes due that much earlier."""
    shift(("notifications_delivery", "notifications_letter", "notifications_intent"), by)


def shift(tables: tuple[str, ...], by: timedelta) -> None:
    async def work(pool: AsyncConnectionPool) -> None:
        async with pool.connection() as conn:
            for table in tables:
                await conn.execute(EARLIER.format(table=table), [by])

    as_pump(work)
