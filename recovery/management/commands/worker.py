"""Do the jobs that wait, until told to stop. Run as role `jobs`; several may run."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector

EVERY_SECONDS = 1.0
GRACE_SECONDS = 20.0


class Command(BaseCommand):
    help = __doc__

    def handle(self, *args: Any, **options: Any) -> None:
        with app.replace_connector(DjangoConnector().get_worker_connector()) as worker:
            worker.run_worker(
                listen_notify=False,
                fetch_job_polling_interval=EVERY_SECONDS,
                shutdown_graceful_timeout=GRACE_SECONDS,
                delete_jobs="never",
            )
