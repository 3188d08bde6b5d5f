"""What is forgotten about accounts, every night."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.sessions.models import Session
from django.utils import timezone
from procrastinate.contrib.django import app

from recovery.people.models import Attempts, Invitation


@app.periodic(cron="47 2 * * *")
@app.task(name="people.forget", queueing_lock="people.forget")
def forget(timestamp: int) -> None:
    """Ceremonies that were not finished, counters that ran out, and codes past any use.

    Sessions stay, for a phone that comes back after a year must still be told to wipe; they are
    erased with their owner.
    """
    now = timezone.now()
    Session.objects.filter(expire_date__lt=now).delete()
    Attempts.objects.filter(until__lt=now).delete()
    old = Invitation.objects.filter(expires_at__lt=now - timedelta(days=30))
    old.exclude(code_hash=b"").update(code_hash=b"", used_by=None)
