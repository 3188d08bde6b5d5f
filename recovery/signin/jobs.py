"""The cleanup of sign-ins."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone
from procrastinate.contrib.django import app

from recovery.signin.models import SignInAttempts

ATTEMPTS_KEPT = timedelta(days=90)


# Every quarter of an hour: strangers can begin as many ceremonies as their networks allow.
@app.periodic(cron="*/15 * * * *")
@app.task(name="signin.forget", queueing_lock="signin.forget")
def forget(timestamp: int) -> None:
    """Delete ceremonies that were not finished, and old counts of attempts.

    Device sessions stay, because a phone that comes back after a year must still get its wipe
    order. They are erased together with their owner.
    """
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    SignInAttempts.objects.filter(hour__lt=now - ATTEMPTS_KEPT).delete()
