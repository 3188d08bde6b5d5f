"""The nightly cleanup of sign-ins."""

from __future__ import annotations

from django.contrib.sessions.models import Session
from django.utils import timezone
from procrastinate.contrib.django import app


@app.periodic(cron="47 2 * * *")
@app.task(name="signin.forget", queueing_lock="signin.forget")
def forget(timestamp: int) -> None:
    """Delete ceremonies that were not finished.

    Device sessions stay, because a phone that comes back after a year must still get its wipe
    order. They are erased together with their owner.
    """
    Session.objects.filter(expire_date__lt=timezone.now()).delete()
