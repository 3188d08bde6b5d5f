"""Run jobs until stopped by a signal. Run as role `jobs`. Several can run at the same time."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException
from psycopg import OperationalError

EVERY_SECONDS = 1.0
GRACE_SECONDS = 20.0
PERIOD_SECONDS = 60.0

log = structlog.get_logger()


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        asyncio.run(_run_until_stopped())


async def _run_until_stopped() -> None:
    while True:
        if await _run():
            return
        await asyncio.sleep(EVERY_SECONDS)


async def _run() -> bool:
    """False: PostgreSQL was away for longer than procrastinate waits, or the clock was set back.
    The caller starts again."""
    try:
        with app.replace_connector(DjangoConnector().get_worker_connector()) as worker:
            async with worker.open_async():
                return await _run_while_the_clock_goes_on(worker)
    except (ConnectorException, OperationalError) as error:
        log.warning("worker.database_away", error=type(error).__name__)
        return False


async def _run_while_the_clock_goes_on(worker: App) -> bool:
    """Run jobs until stopped by a signal, or (False) until the clock is set back."""
    work = asyncio.create_task(
        worker.run_worker_async(
            listen_notify=False,
            fetch_job_polling_interval=EVERY_SECONDS,
            shutdown_graceful_timeout=GRACE_SECONDS,
            delete_jobs="never",
        )
    )
    watch = asyncio.create_task(_until_the_clock_is_set_back())
    await asyncio.wait({work, watch}, return_when=asyncio.FIRST_COMPLETED)
    if work.done():
        watch.cancel()
        work.result()
        return True
    log.warning("worker.clock_set_back")
    work.cancel()
    await asyncio.wait({work})
    return False


async def _until_the_clock_is_set_back() -> None:
    """procrastinate would plan no periodic job until the clock has caught up with the latest one.
    It plans each minute at most, so a smaller step does no harm."""
    latest = time.time()
    while time.time() > latest - PERIOD_SECONDS:
        latest = max(latest, time.time())
        await asyncio.sleep(EVERY_SECONDS)
