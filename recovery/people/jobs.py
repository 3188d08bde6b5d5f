"""The nightly clean-up of codes."""

from __future__ import annotations

from datetime import timedelta

from django.utils import timezone
from procrastinate.contrib.django import app

from recovery.people.models import AddressCode, Invitation


@app.periodic(cron="47 2 * * *")
@app.task(name="people.forget", queueing_lock="people.forget")
def forget(timestamp: int) -> None:
    """Erase the hashes of codes that expired a month ago, and the codes that confirm addresses.

    The invitations stay as history."""
    # With the code in hand, the hash of an earlier version would confirm a guessed date of birth.
    old = Invitation.objects.filter(expires_at__lt=timezone.now() - timedelta(days=30))
    old.exclude(code_hash=b"").update(code_hash=b"", used_by=None)
    AddressCode.objects.filter(expires_at__lt=timezone.now() - timedelta(days=1)).delete()
