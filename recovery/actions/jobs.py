"""Background jobs. A job commits with its cause or not at all, and the worker polls for it.

Jobs run as role `jobs` and change things only by performing actions as the system. A job may
run twice or late, so each is idempotent.
"""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone
from procrastinate import JobContext, tasks
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector
from procrastinate.manager import JobManager

from recovery.actions import seals
from recovery.actions.models import FailedMutation, Receipt
from recovery.actions.registry import SYSTEM
from recovery.feed.models import Scope, SyncClient
from recovery.feed.upkeep import RETRY, each

KEEP_HOURS = 14 * 24
# A receipt outlives the longest time a phone may be idle. As long as a phone is known, a retry is
# answered from the receipt and never mistaken for a fork.
IDLE, KEEP = timedelta(days=60), timedelta(days=90)
BATCH = 50  # owners per statement
# Always Django's connection: the worker's own would commit a job before its cause.
_manager = JobManager(DjangoConnector())


def later(task: str, **arguments: Any) -> None:
    """Queue `task` for when this transaction has committed. KeyError: there is no such task."""
    if task not in app.tasks:
        raise KeyError(task)
    tasks.configure_task(name=task, job_manager=_manager).defer(**arguments)


@app.periodic(cron="* * * * *")
@app.task(name="actions.seal_audit", lock="actions.seal_audit", queueing_lock="actions.seal_audit")
def seal_audit(timestamp: int) -> None:
    """Seal the audit events that no link seals yet."""
    seals.seal(timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="actions.retry_stalled", queueing_lock="actions.retry_stalled", pass_context=True)
async def retry_stalled(context: JobContext, timestamp: int) -> None:
    """Requeue the jobs of workers that have died."""
    for job in await context.app.job_manager.get_stalled_jobs():
        await context.app.job_manager.retry_job(job)


@app.periodic(cron="41 3 * * *")
@app.task(name="actions.forget_receipts", queueing_lock="actions.forget_receipts", retry=RETRY)
def forget_receipts(timestamp: int) -> None:
    """Delete phones that stayed away, and receipts that no phone can ask for again."""
    now = timezone.now()
    people = Scope.objects.filter(kind="person").order_by("id").values_list("id", flat=True)
    owners = [SYSTEM.id, *people]
    batches = (owners[n : n + BATCH] for n in range(0, len(owners), BATCH))
    each(batches, lambda batch: _forget(batch, now))


def _forget(owners: list[uuid.UUID], now: datetime) -> int:
    expired = (
        SyncClient.objects.filter(scope_id__in=owners, last_seen__lt=now - IDLE),
        Receipt.objects.filter(scope_id__in=owners, created_at__lt=now - KEEP),
        FailedMutation.objects.filter(scope_id__in=owners, first_at__lt=now - KEEP),
    )
    return sum(rows.delete()[0] for rows in expired)


@app.periodic(cron="17 3 * * *")
@app.task(name="actions.forget_jobs", queueing_lock="actions.forget_jobs", pass_context=True)
async def forget_jobs(context: JobContext, timestamp: int) -> None:
    """Delete finished jobs. Failed ones stay, for an operator to look at."""
    await context.app.job_manager.delete_old_jobs(nb_hours=KEEP_HOURS)
