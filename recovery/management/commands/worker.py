"""Do the jobs that wait, until told to stop. Run as role `jobs`; several may run."""

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
        while not worked_to_the_end():
            time.sleep(EVERY_SECONDS)


def worked_to_the_end() -> bool:
    """False: PostgreSQL went away for longer than a worker waits; another may begin anew."""
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
