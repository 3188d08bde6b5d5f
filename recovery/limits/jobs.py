"""The nightly cleanup of counters."""

from __future__ import annotations

from django.utils import timezone
from procrastinate.contrib.django import app

from recovery.limits.models import Attempts


@app.periodic(cron="47 2 * * *")
@app.task(name="limits.forget", queueing_lock="limits.forget")
def forget(timestamp: int) -> None:
    """Delete counters whose window has ended."""
    Attempts.objects.filter(until__lt=timezone.now()).delete()
