"""Run jobs until stopped by a signal. Run as role `jobs`. Several can run at the same time."""

from __future__ import annotations

import time
from typing import Any

import structlog
from django.core.management.base import BaseCommand
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.exceptions import ConnectorException
from psycopg import OperationalError

EVERY_SECONDS = 1.0
GRACE_SECONDS = 20.0

log = structlog.get_logger()


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        while not run_until_stopped():
            time.sleep(EVERY_SECONDS)


def run_until_stopped() -> bool:
    """False: PostgreSQL was away for longer than procrastinate waits. The caller tries again."""
    try:
        with app.replace_connector(DjangoConnector().get_worker_connector()) as worker:
            worker.run_worker(
                listen_notify=False,
                fetch_job_polling_interval=EVERY_SECONDS,
                shutdown_graceful_timeout=GRACE_SECONDS,
                delete_jobs="never",
            )
    except (ConnectorException, OperationalError) as error:
        log.warning("worker.database_away", error=type(error).__name__)
        return False
    return True
