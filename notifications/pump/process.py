"""The pump process: two channels, each with a few connections of its own, until SIGTERM."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import timedelta

import structlog
from django.conf import settings
from psycopg_pool import AsyncConnectionPool

from foundation.postgresql.conninfo import conninfo
from foundation.postgresql.idle import AsyncPool
from notifications.pump import cleanup, loop, store
from notifications.pump.emails import Emails
from notifications.pump.pace import Pace
from notifications.pump.pushes import Pushes, no_op
from notifications.transports.credentials import AccessToken, service_account
from notifications.transports.email import mailer
from notifications.transports.fcm import Fcm
from notifications.transports.vapid import vapid
from notifications.transports.webpush import WebPush

PUSH_CONNECTIONS = 6
MAIL_CONNECTIONS = 2
OPTIONS = "-c statement_timeout=30s -c idle_in_transaction_session_timeout=30s"

log = structlog.get_logger()


async def main(*, lease: timedelta = store.LEASE, at: Callable[[str], None] = no_op) -> None:
    """Run both channels until SIGTERM or SIGINT. Raises Misconfigured.

    `at`: a hook for crash tests; see `Pushes`.
    """
    stop = asyncio.Event()
    for signalled in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(signalled, stop.set)
    url = conninfo(options=OPTIONS, application_name="handrail-pump")
    async with AsyncExitStack() as stack:
        mail_pool = await stack.enter_async_context(connections(url, MAIL_CONNECTIONS))
        emails = Emails(mail_pool, mailer())
        key = vapid()
        token = AccessToken(await service_account())
        fcm = await stack.enter_async_context(Fcm(settings.FCM_ENDPOINT, token))
        browsers = await stack.enter_async_context(WebPush(key))
        pool = await stack.enter_async_context(connections(url, PUSH_CONNECTIONS))
        async with pool.connection() as conn:
            await store.publish_key(conn, key.public)
        pushes = Pushes(pool, fcm, browsers, Pace(settings.FCM_RATE), lease=lease, at=at)
        log.info("pump.started")
        await asyncio.gather(
            loop.run(pushes, stop), loop.run(emails, stop), cleanup.run(mail_pool, stop)
        )
    log.info("pump.stopped")


@asynccontextmanager
async def connections(url: str, size: int) -> AsyncIterator[AsyncConnectionPool]:
    """A pool of up to `size` connections in autocommit mode."""
    pool = AsyncPool(
        url,
        min_size=1,
        max_size=size,
        timeout=5,
        reconnect_timeout=settings.DATABASE_RECONNECT,
        open=False,
        kwargs={"autocommit": True},
    )
    async with pool:
        yield pool
